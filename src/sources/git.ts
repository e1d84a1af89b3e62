/**
 * Reads from a git repository: files as they were at another revision, and the repository's root. What the user gives can never become an option.
 */
import { Fault } from "../model/index.ts";
import { type GitOptions, failed, git } from "./git-run.ts";

export type { GitOptions } from "./git-run.ts";

/** The root of the working tree that `folder` is in; null where it is in none. Throws `git/failed` where git is missing or refuses. */
export async function gitRoot(folder: string, options: GitOptions = {}): Promise<string | null> {
  const result = await git(folder, ["rev-parse", "--show-toplevel"], options);
  if (result.status === 0) return result.out.toString("utf8").replace(/\r?\n$/, "");
  if (/not a git repository/i.test(result.error)) return null;
  throw failed("git could not find the repository", result.error);
}

/** The commit that a revision names (`main`, `HEAD~3`, `v1.0`, a hash). Throws `git/failed` where it names none. */
export async function gitCommit(folder: string, revision: string, options: GitOptions = {}): Promise<string> {
  checkRevision(revision);
  const result = await git(folder, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`], options);
  const commit = result.out.toString("latin1").trim();
  if (result.status === 0 && /^[0-9a-f]{40,64}$/.test(commit)) return commit;
  throw new Fault("git/failed", `"${revision}" names no commit of this repository.`, {
    hint: "A shallow clone has few commits: git fetch --deepen=100, or in GitHub Actions: fetch-depth: 0",
  });
}

/**
 * A file as it was at a commit; `path` is relative to the repository's root, with `/`. Null where the commit does not have it. Throws
 * `git/failed`, and `input/too-large` beyond `maxBytes`.
 */
export async function gitFile(folder: string, commit: string, path: string, options: GitOptions = {}): Promise<Buffer | null> {
  if (!/^[0-9a-f]{40,64}$/.test(commit)) throw new Fault("git/failed", `"${commit}" is no commit.`);
  // Asked first by itself, because git's words for "not there" depend on its language and version.
  const listed = await git(folder, ["ls-tree", "-z", "--full-tree", commit, "--", path], options);
  if (listed.status !== 0) throw failed(`git could not read ${path}`, listed.error);
  // "<mode> blob <id>\t<path>\0"
  const entry = /^\d+ blob ([0-9a-f]{40,64})\t([^\0]*)\0$/.exec(listed.out.toString("utf8"));
  if (entry === null || entry[2] !== path) return null;
  const result = await git(folder, ["cat-file", "blob", entry[1] ?? ""], options);
  if (result.status !== 0) throw failed(`git could not read ${path}`, result.error);
  return result.out;
}

/** The paths of all files of a commit, relative to the repository's root, with `/`. */
export async function gitFiles(folder: string, commit: string, options: GitOptions = {}): Promise<readonly string[]> {
  if (!/^[0-9a-f]{40,64}$/.test(commit)) throw new Fault("git/failed", `"${commit}" is no commit.`);
  const result = await git(folder, ["ls-tree", "-r", "-z", "--name-only", "--full-tree", commit], options);
  if (result.status !== 0) throw failed("git could not list the files", result.error);
  return result.out
    .toString("utf8")
    .split("\0")
    .filter((path) => path !== "");
}

/** git itself takes care of options with --end-of-options; what no revision can hold is refused before. */
export function checkRevision(revision: string): void {
  if (revision === "" || revision.startsWith("-") || /[\u0000-\u001f\u007f]/.test(revision))
    throw new Fault("git/failed", `"${revision.replace(/[\u0000-\u001f\u007f]/g, "?")}" is no revision.`, {
      hint: "Name a branch, a tag or a commit.",
    });
}
