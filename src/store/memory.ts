/**
 * What this user's projects were promised when a component was first seen here. A registry never gives other bytes for a version
 * that it has published; so when a lockfile promises other bytes than one that was checked before, on whatever project, that is news.
 * Unlike the cache this cannot be fetched again: it lies among the user's data.
 */
import { join } from "node:path";
import { type Store, openDatabase } from "./database.ts";

export interface Memory {
  /** The promise that was seen first, or null. `integrity`: Subresource Integrity strings, sorted. `seenAt`: ISO 8601. */
  readonly first: (purl: string) => { readonly integrity: readonly string[]; readonly seenAt: string; readonly file: string } | null;
  /** Keeps what was not known before; never changes what was. Returns how many were new. */
  readonly remember: (entries: readonly MemoryEntry[]) => number;
  readonly notes: readonly string[];
  readonly close: () => void;
}

export interface MemoryEntry {
  readonly purl: string;
  readonly integrity: readonly string[];
  /** ISO 8601, UTC. */
  readonly seenAt: string;
  /** The file that promised it, as it was shown to the user. */
  readonly file: string;
}

const migrations: readonly string[] = [
  "CREATE TABLE promise (purl TEXT PRIMARY KEY, integrity TEXT NOT NULL, seen_at TEXT NOT NULL, file TEXT NOT NULL) WITHOUT ROWID, STRICT",
];

/** Opens (and makes, if need be) the memory in the user's data folder. Throws the faults of `openDatabase`. */
export function openMemory(folder: string): Memory {
  const store: Store = openDatabase(join(folder, "memory.db"), migrations, {
    lost: "what was promised first for the releases seen so far",
  });
  const select = store.db.prepare("SELECT integrity, seen_at, file FROM promise WHERE purl = ?");
  const insert = store.db.prepare("INSERT INTO promise (purl, integrity, seen_at, file) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING");
  const first: Memory["first"] = (purl) => {
    const row = select.get(purl);
    if (row === undefined) return null;
    return { integrity: String(row["integrity"]).split(" "), seenAt: String(row["seen_at"]), file: String(row["file"]) };
  };
  return {
    first,
    remember: (entries) => {
      const unknown = entries.filter(({ purl, integrity }) => integrity.length > 0 && first(purl) === null);
      if (unknown.length === 0) return 0;
      store.transaction(() => {
        for (const { purl, integrity, seenAt, file } of unknown) insert.run(purl, integrity.toSorted().join(" "), seenAt, file);
      });
      return unknown.length;
    },
    notes: store.notes,
    close: () => store.close(),
  };
}
