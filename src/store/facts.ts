/**
 * Facts of files, kept by what the bytes are: a file that did not change between two releases, or lies in a hundred packages, is read once. They
 * can be made again from the bytes at any time, so whatever is damaged counts as missing.
 */
import { join } from "node:path";
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { type FileFacts, Fault } from "../model/index.ts";
import { openDatabase } from "./database.ts";

/** The n-th entry leads from version n to n+1: entries are added at the end and never changed. */
const migrations: readonly string[] = [`CREATE TABLE facts (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, zstd BLOB NOT NULL) STRICT;`];

/** Facts that are written together. */
const BATCH = 256;
/** Facts of a file pack to a few hundred bytes: this many are some hundred megabytes, and cover ten large projects. */
const MOST = 500_000;
/** Facts of the largest bundles have some megabytes; nothing that unpacks to more is ours. */
const MOST_BYTES = 64 * 1024 * 1024;

export interface FactsStore {
  /** null where they are not kept or are damaged. */
  readonly look: (key: string) => FileFacts | null;
  readonly keep: (key: string, facts: FileFacts) => void;
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

  const flush = (): void => {
    const batch = waiting;
    waiting = new Map();
    if (batch.size === 0 || !keeping) return;
    try {
      store.transaction(() => {
        for (const [key, facts] of batch) insert.run(key, zstdCompressSync(JSON.stringify(facts)));
      });
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      // The run goes on without keeping: what it found out is right all the same.
      keeping = false;
      notes.push(`What was read in packages is not kept: ${error.message}`);
    }
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
    close: () => {
      flush();
      if (keeping) store.db.prepare("DELETE FROM facts WHERE id <= (SELECT max(id) FROM facts) - ?").run(most);
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
