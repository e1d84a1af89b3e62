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
  /** By package (a purl without version): the releases that a project had before those that it has now, as the checks of it saw them. */
  readonly replaced: (project: string, now: ReadonlyMap<string, readonly string[]>) => ReadonlyMap<string, readonly string[]>;
  /** Takes note of what a project has now. `doubted`: packages whose release now must not become what the next one is held to. */
  readonly keepReleases: (project: string, now: ReadonlyMap<string, readonly string[]>, doubted: ReadonlySet<string>) => void;
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
  // Versions as sorted words. `before` stays as long as `now` does: looking twice must not make news old.
  `CREATE TABLE held (
     project TEXT NOT NULL, package TEXT NOT NULL, now TEXT NOT NULL, before TEXT NOT NULL, doubted INTEGER NOT NULL,
     PRIMARY KEY (project, package)
   ) WITHOUT ROWID, STRICT`,
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
  const selectHeld = store.db.prepare("SELECT package, now, before, doubted FROM held WHERE project = ?");
  const insertHeld = store.db.prepare("INSERT OR REPLACE INTO held (project, package, now, before, doubted) VALUES (?, ?, ?, ?, ?)");
  const dropHeld = store.db.prepare("DELETE FROM held WHERE project = ? AND package = ?");
  const heldBy = (project: string): ReadonlyMap<string, Held> =>
    new Map(
      selectHeld.all(project).map((row) => {
        const [now, before] = [String(row["now"]), String(row["before"])];
        return [String(row["package"]), { now, before, doubted: row["doubted"] === 1 }];
      }),
    );
  return {
    first,
    replaced: (project, now) => {
      const held = heldBy(project);
      return new Map(
        [...now].flatMap(([name, versions]) => {
          const before = beforeNow(held.get(name), wordsOf(versions));
          return before === "" ? [] : [[name, before.split(" ")] as const];
        }),
      );
    },
    keepReleases: (project, now, doubted) => {
      const held = heldBy(project);
      const changed = [...now].flatMap(([name, versions]) => {
        const words = wordsOf(versions);
        const known = held.get(name);
        const doubt = doubted.has(name);
        return known?.now === words && known.doubted === doubt ? [] : [{ name, words, before: beforeNow(known, words), doubt }];
      });
      const gone = [...held.keys()].filter((name) => !now.has(name));
      if (changed.length + gone.length === 0) return;
      store.transaction(() => {
        for (const { name, words, before, doubt } of changed) insertHeld.run(project, name, words, before, Number(doubt));
        for (const name of gone) dropHeld.run(project, name);
      });
    },
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

interface Held {
  readonly now: string;
  readonly before: string;
  readonly doubted: boolean;
}

const wordsOf = (versions: readonly string[]): string => versions.toSorted().join(" ");

/** What came before the releases that a project has now; "" where nobody saw any. A release in doubt is not what the next is held to. */
function beforeNow(held: Held | undefined, now: string): string {
  if (held === undefined) return "";
  return held.now === now || (held.doubted && held.before !== "") ? held.before : held.now;
}
