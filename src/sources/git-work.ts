/** What commits touched: who made them, when, and in which files. */
import { type GitOptions, failed, git } from "./git-run.ts";
import { isBot } from "./git-tags.ts";

export interface CommitWork {
  /** Mail address, lower case. */
  readonly author: string;
  /** Seconds since 1970. */
  readonly at: number;
  readonly paths: readonly string[];
}

/** Commits between two releases whose files are listed: the busiest projects make some ten thousand; beyond, the newest count. */
const MOST_COMMITS = 20_000;
/** The newest commits of one person that are looked at. */
const MOST_OF_ONE = 5_000;
/** Git holds each commit against its parent for that: ten thousand a second or two, more from a cold disk. */
const MILLISECONDS = 120_000;

/** The commits of `before..after` (both by full id), without merges and bots. Throws `git/failed`. */
export async function workBetween(folder: string, before: string, after: string, options: GitOptions = {}): Promise<readonly CommitWork[]> {
  for (const id of [before, after]) checkId(id);
  return await log(folder, [`--max-count=${MOST_COMMITS}`, after, `^${before}`], options);
}

/** What one person did in all that leads to a commit (by full id). `author`: a mail address. Throws `git/failed`. */
export async function workOf(folder: string, author: string, until: string, options: GitOptions = {}): Promise<readonly CommitWork[]> {
  checkId(until);
  const found = await log(folder, [`--max-count=${MOST_OF_ONE}`, "--fixed-strings", "-i", `--author=<${author}>`, until], options);
  return found.filter((work) => work.author === author);
}

/** The paths of all files of a commit (by full id). Throws `git/failed`. */
export async function filesAt(folder: string, commit: string, options: GitOptions = {}): Promise<readonly string[]> {
  checkId(commit);
  const result = await git(folder, ["ls-tree", "-r", "-z", "--full-tree", "--name-only", commit], options);
  if (result.status !== 0) throw failed("git could not list the files", result.error);
  return result.out
    .toString("utf8")
    .split("\0")
    .filter((path) => path !== "");
}

function checkId(id: string): void {
  if (!/^[0-9a-f]{40,64}$/.test(id)) throw failed("git could not read the commits", `${id} is no commit`);
}

async function log(folder: string, args: readonly string[], options: GitOptions): Promise<readonly CommitWork[]> {
  const format = ["--no-merges", "--no-renames", "--name-only", "-z", "--format=%x00%ae%x09%at"];
  const result = await git(folder, ["log", ...format, ...args, "--"], { milliseconds: MILLISECONDS, ...options });
  if (result.status !== 0) throw failed("git could not read the commits", result.error);
  // A commit is an empty record, its heading, and its paths; the first path follows a line's end.
  const works: { author: string; at: number; paths: string[] }[] = [];
  const records = result.out.toString("utf8").split("\0");
  for (let at = 0; at < records.length; at++) {
    const record = records[at] ?? "";
    const heading = record === "" ? /^([^\t\n]*)\t(\d+)$/.exec(records[at + 1] ?? "") : null;
    if (heading !== null) {
      works.push({ author: (heading[1] ?? "").toLowerCase(), at: Number(heading[2]), paths: [] });
      at++;
      continue;
    }
    const path = record.replace(/^\n/, "");
    if (path !== "") works.at(-1)?.paths.push(path);
  }
  return works.filter(({ author }) => !isBot(author));
}
