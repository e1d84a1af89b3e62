/**
 * What cannot be fetched again: what the user's lockfiles promised for a release when this computer first saw it. A release never changes its
 * bytes; a lockfile whose hash does is worth a word, and only memory can tell. Kept in the data folder, not in the cache.
 */
import { join } from "node:path";
import type { Evidence, LockfileEntryClaim, Project } from "../model/index.ts";
import { openDatabase } from "./database.ts";

const migrations: readonly string[] = [
  `CREATE TABLE promise (
     purl TEXT NOT NULL,
     integrity TEXT NOT NULL,
     resolved TEXT NOT NULL,
     file TEXT NOT NULL,
     observed_at INTEGER NOT NULL,
     PRIMARY KEY (purl, integrity)
   ) STRICT, WITHOUT ROWID;`,
];

/** More different promises for one release are kept by nobody's honest work; the first ones are what counts. */
const PROMISES_OF_A_RELEASE = 20;

export interface Promises {
  /** What was promised for a release before this run, the first one first. Empty where nothing is known of it. */
  readonly earlier: (purl: string) => readonly Evidence<LockfileEntryClaim>[];
  /** Remembers what the project's files promise now; what is known already stays as it was first seen. `at` in milliseconds. */
  readonly remember: (project: Project, at: number) => void;
  readonly notes: readonly string[];
  readonly close: () => void;
}

/** Opens `evidence.db` in the user's data folder. Throws the faults of `openDatabase`; `remember` throws `store/full` and `store/busy`. */
export function openPromises(folder: string): Promises {
  const store = openDatabase(join(folder, "evidence.db"), migrations, {
    lost: "Which hashes this computer saw first is forgotten; it is learnt again from this run on.",
  });
  const { db } = store;
  const select = db.prepare("SELECT integrity, resolved, file, observed_at FROM promise WHERE purl = ? ORDER BY observed_at, integrity");
  const insert = db.prepare("INSERT OR IGNORE INTO promise (purl, integrity, resolved, file, observed_at) VALUES (?, ?, ?, ?, ?)");
  const count = db.prepare("SELECT count(*) AS n FROM promise WHERE purl = ?");
  const exists = db.prepare("SELECT 1 FROM promise WHERE purl = ? AND integrity = ?");

  return {
    notes: store.notes,
    earlier: (purl) =>
      select.all(purl).map((row) => ({
        subject: { purl },
        claim: {
          kind: "lockfile-entry",
          place: { file: String(row["file"]) },
          integrity: String(row["integrity"]).split(" "),
          resolved: String(row["resolved"]),
        },
        source: "first seen on this computer",
        observedAt: new Date(Number(row["observed_at"])).toISOString(),
        strength: "observed",
      })),
    remember: (project, at) => {
      const news: (() => void)[] = [];
      for (const node of project.nodes) {
        const component = project.components[node.component];
        if (component === undefined || component.version === "" || node.integrity.length === 0) continue;
        const integrity = node.integrity.toSorted().join(" ");
        const { purl } = component;
        if (exists.get(purl, integrity) !== undefined) continue;
        const resolved = URL.canParse(node.resolved) ? withoutSecrets(node.resolved) : "";
        news.push(() => {
          if (Number(count.get(purl)?.["n"] ?? 0) < PROMISES_OF_A_RELEASE) insert.run(purl, integrity, resolved, node.place.file, at);
        });
      }
      // Most runs see nothing new, and then take no lock.
      if (news.length > 0)
        store.transaction(() => {
          for (const write of news) write();
        });
    },
    close: store.close,
  };
}

/** Addresses in lockfiles sometimes carry a token; it has no place in a file that is kept for years. */
function withoutSecrets(address: string): string {
  const url = new URL(address);
  url.username = "";
  url.password = "";
  url.search = "";
  return url.href;
}
