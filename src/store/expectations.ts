/**
 * Where the releases of a package came from so far, per release line: learnt from statements of provenance that were verified, and what
 * the next release is held to. It cannot be fetched again (what a registry says today is not what it said then), so it lies among the
 * user's data.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ProvenanceExpectation } from "../model/index.ts";
import { type Store, openDatabase } from "./database.ts";

export interface Expectations {
  /** Of one package (a purl without version), the most recently confirmed line first. */
  readonly of: (packagePurl: string) => readonly ProvenanceExpectation[];
  /** Takes note of a verified release: what differs from before takes its place, with the release that taught it. */
  readonly learn: (expectations: readonly ProvenanceExpectation[]) => void;
  readonly notes: () => readonly string[];
  readonly close: () => void;
}

/** The versions that a line was learnt from are for the reader; the last ones are enough. */
const MOST_VERSIONS = 8;

const migrations: readonly string[] = [
  `CREATE TABLE expectation (
     package TEXT NOT NULL,
     line TEXT NOT NULL,
     seen_at TEXT NOT NULL,
     facts TEXT NOT NULL,
     PRIMARY KEY (package, line)
   ) WITHOUT ROWID, STRICT`,
];

/**
 * The expectations in the user's data folder. The file is opened when something is in it or is to be written: most runs meet no provenance
 * and should not pay for it. Throws the faults of `openDatabase`.
 */
export function openExpectations(folder: string): Expectations {
  const file = join(folder, "expectations.db");
  let store: Store | null = null;
  let known: Map<string, ProvenanceExpectation[]> | null = null;

  const opened = (): Store => {
    store ??= openDatabase(file, migrations, { lost: "where the releases seen so far were built" });
    return store;
  };
  const all = (): Map<string, ProvenanceExpectation[]> => {
    if (known !== null) return known;
    known = new Map();
    if (store === null && !existsSync(file)) return known;
    for (const row of opened().db.prepare("SELECT package, facts FROM expectation ORDER BY seen_at DESC, line DESC").iterate()) {
      const facts = parse(String(row["facts"]));
      if (facts === null) continue;
      const list = known.get(String(row["package"]));
      if (list === undefined) known.set(String(row["package"]), [facts]);
      else list.push(facts);
    }
    return known;
  };

  return {
    of: (packagePurl) => all().get(packagePurl) ?? [],
    learn: (expectations) => {
      const news = expectations.flatMap((one) => {
        const before = all()
          .get(one.package)
          ?.find(({ line }) => line === one.line);
        if (before !== undefined && one.versions.every((version) => before.versions.includes(version))) return [];
        const versions = [...new Set([...(before?.versions ?? []), ...one.versions])].slice(-MOST_VERSIONS);
        return [{ ...one, versions }];
      });
      if (news.length === 0) return;
      const { db, transaction } = opened();
      const insert = db.prepare("INSERT OR REPLACE INTO expectation (package, line, seen_at, facts) VALUES (?, ?, ?, ?)");
      transaction(() => {
        for (const one of news) insert.run(one.package, one.line, one.seenAt, JSON.stringify(one));
      });
      known = null;
    },
    notes: () => store?.notes ?? [],
    close: () => store?.close(),
  };
}

/** A row that cannot be read teaches nothing: the next verified release writes it anew. */
function parse(text: string): ProvenanceExpectation | null {
  try {
    return JSON.parse(text) as ProvenanceExpectation;
  } catch {
    return null;
  }
}
