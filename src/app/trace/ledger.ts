/** Remembers where the tags of repositories were, so that a tag that was moved is noticed even where no attestation names a commit. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { GitTag } from "../../sources/git-refs.ts";

/** Some hundred bytes a tag; far beyond what anybody traces, and bounded all the same. */
const MAX_TAGS = 100_000;

type Kept = Record<string, Record<string, string>>;

/**
 * Compares tags with what was kept of their repository, and keeps those that are new. Returns the commits of before for those that moved;
 * they are kept as they first were. A folder that cannot be written to remembers nothing, which is no fault.
 */
export function tagLedger(folder: string): (repository: string, tags: readonly GitTag[]) => Readonly<Record<string, string>> {
  const file = join(folder, "tags.json");
  return (repository, tags) => {
    const kept = read(file);
    const known: Record<string, string> = Object.hasOwn(kept, repository) ? (kept[repository] ?? {}) : {};
    const moved: Record<string, string> = {};
    let changed = false;
    for (const { name, commit } of tags) {
      const before = Object.hasOwn(known, name) ? known[name] : undefined;
      if (before === undefined) {
        known[name] = commit;
        changed = true;
      } else if (before !== commit) moved[name] = before;
    }
    const total = Object.values(kept).reduce((sum, one) => sum + Object.keys(one).length, 0);
    if (changed && total < MAX_TAGS) write(folder, file, { ...kept, [repository]: known });
    return moved;
  };
}

function read(file: string): Kept {
  try {
    const value: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof value !== "object" || value === null) return {};
    // Copied member by member, so that no name in it is more than a name.
    return Object.fromEntries(
      Object.entries(value).map(([repository, tags]) => [
        repository,
        Object.fromEntries(Object.entries((tags ?? {}) as object).filter((tag): tag is [string, string] => typeof tag[1] === "string")),
      ]),
    );
  } catch {
    return {};
  }
}

function write(folder: string, file: string, kept: Kept): void {
  try {
    mkdirSync(folder, { recursive: true });
    const unfinished = `${file}.${process.pid}`;
    writeFileSync(unfinished, `${JSON.stringify(kept, null, 1)}\n`);
    renameSync(unfinished, file);
  } catch {
    // Then nothing is remembered.
  }
}
