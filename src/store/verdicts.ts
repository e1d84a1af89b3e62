/**
 * What was verified before, under the same roots, about the same bytes: a signature that held yesterday holds today, so it need not be
 * calculated again. Only what held is kept; what was refused is looked at anew each time. Can be thrown away at any moment.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Store, openDatabase } from "./database.ts";

export interface Verdicts {
  /** The kept claim (JSON), by a key that names all that the verdict depends on; null where there is none. */
  readonly look: (key: string) => string | null;
  readonly keep: (key: string, claim: string) => void;
  /** Writes what is new and closes. Never throws for a full or damaged disk: it was only kept for speed. */
  readonly close: () => void;
}

/** Some ten projects with a thousand attestations each; then the file is begun anew. */
const MOST_VERDICTS = 20_000;

const migrations: readonly string[] = ["CREATE TABLE verdict (key TEXT NOT NULL PRIMARY KEY, claim TEXT NOT NULL) WITHOUT ROWID, STRICT"];

/** The verdicts in the user's cache folder. The file is opened when it is first needed. */
export function openVerdicts(folder: string): Verdicts {
  const file = join(folder, "verdicts.db");
  const news = new Map<string, string>();
  let store: Store | null | undefined;
  let select: ReturnType<Store["db"]["prepare"]> | null = null;

  const opened = (create: boolean): Store | null => {
    if (store !== undefined && (store !== null || !create)) return store;
    if (!create && !existsSync(file)) return (store = null);
    try {
      store = openDatabase(file, migrations);
      select = store.db.prepare("SELECT claim FROM verdict WHERE key = ?");
    } catch {
      // A cache that cannot be opened costs time and nothing else.
      store = null;
    }
    return store;
  };

  return {
    look: (key) => {
      const fresh = news.get(key);
      if (fresh !== undefined) return fresh;
      if (opened(false) === null || select === null) return null;
      try {
        const row = select.get(key);
        return row === undefined ? null : String(row["claim"]);
      } catch {
        store?.suspect();
        return null;
      }
    },
    keep: (key, claim) => void news.set(key, claim),
    close: () => {
      const open = news.size === 0 ? store : opened(true);
      if (open === null || open === undefined) return;
      try {
        open.transaction(() => {
          const count = Number(open.db.prepare("SELECT count(*) AS n FROM verdict").get()?.["n"] ?? 0);
          if (news.size > 0 && count + news.size > MOST_VERDICTS) open.db.exec("DELETE FROM verdict");
          const insert = open.db.prepare("INSERT OR REPLACE INTO verdict (key, claim) VALUES (?, ?)");
          for (const [key, claim] of news) insert.run(key, claim);
        });
      } catch {
        open.suspect();
      }
      open.close();
      store = null;
    },
  };
}
