/**
 * Facts of files, kept by what the bytes are: a file that did not change between two releases, or lies in a hundred packages, is read once. They
 * can be made again from the bytes at any time, so whatever is damaged counts as missing.
 */
import { join } from "node:path";
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { type FileFacts, Fault, type PackageChange } from "../model/index.ts";
import { openDatabase } from "./database.ts";

/** The n-th entry leads from version n to n+1: entries are added at the end and never changed. */
const migrations: readonly string[] = [
  `CREATE TABLE facts (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, zstd BLOB NOT NULL) STRICT;`,
  `CREATE TABLE change (id INTEGER PRIMARY KEY, pair TEXT NOT NULL UNIQUE, form TEXT NOT NULL, zstd BLOB NOT NULL) STRICT;`,
];

/** Facts that are written together. */
const BATCH = 256;
/** Facts of a file pack to a few hundred bytes: this many are some hundred megabytes, and cover ten large projects. */
const MOST = 500_000;
/** Changes of one release against another pack to some kilobytes. */
const MOST_CHANGES = 50_000;
/** Facts of the largest bundles have some megabytes; nothing that unpacks to more is ours. */
const MOST_BYTES = 64 * 1024 * 1024;

export interface FactsStore {
  /** null where they are not kept or are damaged. */
  readonly look: (key: string) => FileFacts | null;
  readonly keep: (key: string, facts: FileFacts) => void;
  /** What one release changes against another: `outdated` where they were compared by an analysis of another form, null where never. */
  readonly lookChange: (pair: string, form: string) => PackageChange | "outdated" | null;
  readonly keepChange: (pair: string, form: string, change: PackageChange) => void;
  /** What a user should be told. */
  readonly notes: readonly string[];
  /** Writes what is waiting and lets go. */
  readonly close: () => void;
}

/** Opens the facts in `folder`, which is made if need be. Keys are those of `factsKey`. Throws the faults of `openDatabase`. */
export function openFacts(folder: string, most: number = MOST): FactsStore {
  const store = openDatabase(join(folder, "facts.db"), migrations);
  const select = store.db.prepare("SELECT zstd FROM facts WHERE key = ?");
  const insert = store.db.prepare("INSERT OR REPLACE INTO facts (key, zstd) VALUES (?, ?)");
  const notes: string[] = [...store.notes];
  let waiting = new Map<string, FileFacts>();
  let keeping = true;
  const selectChange = store.db.prepare("SELECT form, zstd FROM change WHERE pair = ?");
  const insertChange = store.db.prepare("INSERT OR REPLACE INTO change (pair, form, zstd) VALUES (?, ?, ?)");
  const writing = (write: () => void): void => {
    if (!keeping) return;
    try {
      store.transaction(write);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      // The run goes on without keeping: what it found out is right all the same.
      keeping = false;
      notes.push(`What was read in packages is not kept: ${error.message}`);
    }
  };

  const flush = (): void => {
    const batch = waiting;
    waiting = new Map();
    if (batch.size === 0) return;
    writing(() => {
      for (const [key, facts] of batch) insert.run(key, zstdCompressSync(JSON.stringify(facts)));
    });
  };

  return {
    notes,
    look: (key) => {
      const fresh = waiting.get(key);
      if (fresh !== undefined) return fresh;
      try {
        const zstd = select.get(key)?.["zstd"];
        if (!(zstd instanceof Uint8Array)) return null;
        const facts: unknown = JSON.parse(zstdDecompressSync(zstd, { maxOutputLength: MOST_BYTES }).toString("utf8"));
        // A row under another's key would speak of other bytes.
        return isFacts(facts) && key.endsWith(`/${facts.sha256}`) ? facts : null;
      } catch {
        return null;
      }
    },
    keep: (key, facts) => {
      waiting.set(key, facts);
      if (waiting.size >= BATCH) flush();
    },
    lookChange: (pair, form) => {
      try {
        const row = selectChange.get(pair);
        if (row === undefined) return null;
        if (row["form"] !== form || !(row["zstd"] instanceof Uint8Array)) return "outdated";
        return JSON.parse(zstdDecompressSync(row["zstd"], { maxOutputLength: MOST_BYTES }).toString("utf8")) as PackageChange;
      } catch {
        return "outdated";
      }
    },
    keepChange: (pair, form, change) => writing(() => insertChange.run(pair, form, zstdCompressSync(JSON.stringify(change)))),
    close: () => {
      flush();
      if (keeping) store.db.prepare("DELETE FROM facts WHERE id <= (SELECT max(id) FROM facts) - ?").run(most);
      if (keeping) store.db.prepare("DELETE FROM change WHERE id <= (SELECT max(id) FROM change) - ?").run(MOST_CHANGES);
      store.close();
    },
  };
}

const isFacts = (value: unknown): value is FileFacts =>
  typeof value === "object" &&
  value !== null &&
  "sha256" in value &&
  typeof value.sha256 === "string" &&
  "sightings" in value &&
  Array.isArray(value.sightings);
