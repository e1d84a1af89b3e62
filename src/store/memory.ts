/**
 * What this user's projects were promised when a component was first seen here. A registry never gives other bytes for a version
 * that it has published; so when a lockfile promises other bytes than one that was checked before, on whatever project, that is news.
 * Unlike the cache this cannot be fetched again: it lies among the user's data.
 */
import { join } from "node:path";
import type { TagSeen } from "../model/index.ts";
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
  /**
   * What the names for releases (dist-tags) in a registry's document stood for before what they stand for now, by name. `at`: when the registry gave the
   * document, ISO 8601. Names that were only seen in this same answer, or in a later one, are left out.
   */
  readonly tagsBefore: (document: string, now: ReadonlyMap<string, string>, at: string) => ReadonlyMap<string, TagSeen>;
  /** Takes note of what names stand for. What a doubted one stands for now does not become what the next look is held to. */
  readonly keepTags: (looks: readonly TagLook[]) => void;
  readonly notes: readonly string[];
  readonly close: () => void;
}

export interface TagLook {
  /** Address of the registry's document. */
  readonly document: string;
  /** ISO 8601: when the registry gave it. */
  readonly at: string;
  /** Version by name. */
  readonly tags: ReadonlyMap<string, string>;
  readonly doubted: ReadonlySet<string>;
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
  // `first_at`, `seen_at`: when it was first and last seen to stand for `version`; `before`: what it stood for until then, "" where nobody saw that.
  `CREATE TABLE tag (
     document TEXT NOT NULL, name TEXT NOT NULL, version TEXT NOT NULL, first_at TEXT NOT NULL, seen_at TEXT NOT NULL,
     before TEXT NOT NULL, before_at TEXT NOT NULL, doubted INTEGER NOT NULL,
     PRIMARY KEY (document, name)
   ) WITHOUT ROWID, STRICT`,
];

/** Names that are remembered, some 40 MB: a hundred times what the largest projects rely on. What was not seen for longest goes first. */
const MOST_TAGS = 200_000;
/** That a name still stands for the same is written down once in this time: what is told of it is a day. */
const TAG_AGAIN_MILLISECONDS = 24 * 3_600_000;

/** Opens (and makes, if need be) the memory in the user's data folder. Throws the faults of `openDatabase`. */
export function openMemory(folder: string): Memory {
  const store: Store = openDatabase(join(folder, "memory.db"), migrations, {
    lost: "what was promised first for the releases seen so far",
  });
  const select = store.db.prepare("SELECT integrity, seen_at, file FROM promise WHERE purl = ?");
  const insert = store.db.prepare("INSERT INTO promise (purl, integrity, seen_at, file) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING");
  /** A check asks twice of every release: what it was promised, and whether that is to be kept. What is kept once never changes. */
  const known = new Map<string, NonNullable<ReturnType<Memory["first"]>>>();
  const first: Memory["first"] = (purl) => {
    const seen = known.get(purl);
    if (seen !== undefined) return seen;
    const row = select.get(purl);
    if (row === undefined) return null;
    const promise = { integrity: String(row["integrity"]).split(" "), seenAt: String(row["seen_at"]), file: String(row["file"]) };
    known.set(purl, promise);
    return promise;
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
  const selectTag = store.db.prepare(
    "SELECT version, first_at, seen_at, before, before_at, doubted FROM tag WHERE document = ? AND name = ?",
  );
  const putTag = store.db.prepare(
    `INSERT OR REPLACE INTO tag (document, name, version, first_at, seen_at, before, before_at, doubted) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const countTags = store.db.prepare("SELECT count(*) AS count FROM tag");
  const dropTags = store.db.prepare(
    "DELETE FROM tag WHERE (document, name) IN (SELECT document, name FROM tag ORDER BY seen_at, document, name LIMIT ?)",
  );
  const tagOf = (document: string, name: string): HeldTag | null => {
    const row = selectTag.get(document, name);
    return row === undefined ? null : heldTag(row);
  };
  /** By document and name: a check asks what a name stood for, and at its end whether there is anything to keep. */
  const asked = new Map<string, Map<string, HeldTag | null>>();
  const askedTag = (document: string, name: string): HeldTag | null => {
    const ofDocument = asked.get(document) ?? new Map<string, HeldTag | null>();
    asked.set(document, ofDocument);
    const known = ofDocument.get(name);
    if (known !== undefined) return known;
    const held = tagOf(document, name);
    ofDocument.set(name, held);
    return held;
  };
  return {
    first,
    tagsBefore: (document, now, at) =>
      new Map(
        [...now].flatMap(([name, version]) => {
          const before = tagBefore(askedTag(document, name), version, at);
          return before === null ? [] : [[name, before] as const];
        }),
      ),
    keepTags: (looks) => {
      const news = (of: typeof tagOf): readonly { document: string; name: string; next: HeldTag }[] =>
        looks.flatMap(({ document, at, tags, doubted }) =>
          [...tags].flatMap(([name, version]) => {
            const next = nextTag(of(document, name), version, at, doubted.has(name));
            return next === null ? [] : [{ document, name, next }];
          }),
        );
      if (news(askedTag).length === 0) return;
      asked.clear();
      store.transaction(() => {
        // Asked for again under the lock: another process may have looked later, and then its word stands.
        for (const { document, name, next } of news(tagOf))
          putTag.run(document, name, next.version, next.firstAt, next.seenAt, next.before, next.beforeAt, Number(next.doubted));
        const over = Number(countTags.get()?.["count"]) - MOST_TAGS;
        if (over > 0) dropTags.run(over);
      });
    },
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

interface HeldTag {
  readonly version: string;
  readonly firstAt: string;
  readonly seenAt: string;
  readonly before: string;
  readonly beforeAt: string;
  readonly doubted: boolean;
}

const heldTag = (row: Readonly<Record<string, unknown>>): HeldTag => ({
  version: String(row["version"]),
  firstAt: String(row["first_at"]),
  seenAt: String(row["seen_at"]),
  before: String(row["before"]),
  beforeAt: String(row["before_at"]),
  doubted: row["doubted"] === 1,
});

/** What a name stood for before `now`; null where nobody saw that, or where this answer is no newer than what was seen. */
function tagBefore(held: HeldTag | null, now: string, at: string): TagSeen | null {
  if (held === null) return null;
  const last: TagSeen = { version: held.version, seenAt: held.seenAt };
  const earlier: TagSeen | null = held.before === "" ? null : { version: held.before, seenAt: held.beforeAt };
  if (held.version === now) return earlier ?? (held.firstAt < at ? last : null);
  if (at <= held.seenAt) return null;
  return held.doubted ? (earlier ?? last) : last;
}

/** What is to be kept after a look; null where nothing of it is new. */
function nextTag(held: HeldTag | null, version: string, at: string, doubted: boolean): HeldTag | null {
  if (held === null) return { version, firstAt: at, seenAt: at, before: "", beforeAt: "", doubted };
  if (held.version === version) {
    const later = Date.parse(at) - Date.parse(held.seenAt) >= TAG_AGAIN_MILLISECONDS;
    return later || held.doubted !== doubted ? { ...held, seenAt: at > held.seenAt ? at : held.seenAt, doubted } : null;
  }
  const before = tagBefore(held, version, at);
  return before === null ? null : { version, firstAt: at, seenAt: at, before: before.version, beforeAt: before.seenAt, doubted };
}
