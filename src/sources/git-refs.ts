/** Tags, branches, notes and the line of history of a repository: what its names point at, and whether a commit is behind any of them. */
import { Fault } from "../model/index.ts";
import { readBlobs } from "./git-objects.ts";
import { checkRevision } from "./git.ts";
import { type GitOptions, failed, git } from "./git-run.ts";

export interface GitTag {
  /** Without `refs/tags/`. */
  readonly name: string;
  /** The commit that it leads to; "" where it leads to none. */
  readonly commit: string;
  /** ISO 8601: when an annotated tag was made, by its maker's clock; "" for a lightweight one. */
  readonly made: string;
  readonly annotated: boolean;
}

/** The line in a format of fields; a tag's name can hold none of the separators (git-check-ref-format). */
const TAG_FORMAT = "%(refname:strip=2)%09%(objecttype)%09%(objectname)%09%(*objecttype)%09%(*objectname)%09%(taggerdate:unix)";

/** All tags, in git's order. */
export async function gitTags(folder: string, options: GitOptions = {}): Promise<readonly GitTag[]> {
  const result = await git(folder, ["for-each-ref", `--format=${TAG_FORMAT}`, "refs/tags"], options);
  if (result.status !== 0) throw failed("git could not list the tags", result.error);
  return lines(result.out).map((line) => {
    const [name = "", type, id = "", innerType, inner = "", seconds = ""] = line.split("\t");
    const annotated = type === "tag";
    return {
      name,
      commit: annotated ? (innerType === "commit" ? inner : "") : type === "commit" ? id : "",
      made: /^\d{1,12}$/.test(seconds) ? new Date(Number(seconds) * 1000).toISOString() : "",
      annotated,
    };
  });
}

/** Branches (of the repository and of its remotes) that a commit is on, without `refs/`. Empty: it is behind none of them. */
export async function gitBranchesWith(folder: string, commit: string, options: GitOptions = {}): Promise<readonly string[]> {
  return await refsWith(folder, commit, ["refs/heads", "refs/remotes"], options);
}

/** Tags that a commit is behind. */
export async function gitTagsWith(folder: string, commit: string, options: GitOptions = {}): Promise<readonly string[]> {
  return await refsWith(folder, commit, ["refs/tags"], options);
}

async function refsWith(folder: string, commit: string, where: readonly string[], options: GitOptions): Promise<readonly string[]> {
  checkRevision(commit);
  const result = await git(folder, ["for-each-ref", "--format=%(refname)%09%(symref)", `--contains=${commit}`, ...where], options);
  if (result.status !== 0) throw failed(`git could not say where ${commit} is`, result.error);
  // `refs/remotes/origin/HEAD` only repeats another branch.
  return lines(result.out).flatMap((line) =>
    line.endsWith("\t") ? [line.slice(0, -1).replace(/^refs\/(?:heads|remotes|tags)\//, "")] : [],
  );
}

/** True where the clone has not all of history: then "on no branch" and "no such commit" prove nothing. */
export async function gitIsShallow(folder: string, options: GitOptions = {}): Promise<boolean> {
  const result = await git(folder, ["rev-parse", "--is-shallow-repository"], options);
  return result.out.toString("latin1").trim() === "true";
}

/** The repository's address, as its remote `origin` has it, without a password; "" where there is none. */
export async function gitOrigin(folder: string, options: GitOptions = {}): Promise<string> {
  const result = await git(folder, ["config", "--get", "remote.origin.url"], options);
  return result.out
    .toString("utf8")
    .trim()
    .replace(/^([a-z+]+:\/\/)[^/@]*@/, "$1");
}

/** The branch that HEAD is, as `refs/heads/main`; "" where it is none. */
export async function gitHeadBranch(folder: string, options: GitOptions = {}): Promise<string> {
  const result = await git(folder, ["symbolic-ref", "--quiet", "HEAD"], options);
  return result.status === 0 ? result.out.toString("utf8").trim() : "";
}

export interface GitNote {
  readonly commit: string;
  readonly text: string;
}

/** One note is some kilobytes; a commit with a thousand attestations some megabytes. */
const NOTE_BYTES = 256 * 1024 * 1024;

/** The notes of a ref (`refs/notes/commits` unless said), by the commit that each is about. Empty where the ref does not exist. */
export async function gitNotes(folder: string, ref: string = "refs/notes/commits", options: GitOptions = {}): Promise<readonly GitNote[]> {
  if (!/^refs\/notes\/[\w./-]+$/.test(ref)) throw new Fault("git/failed", `"${ref}" is no ref of notes.`);
  const exists = await git(folder, ["rev-parse", "--verify", "--quiet", ref], options);
  if (exists.status !== 0) return [];
  const listed = await git(folder, ["ls-tree", "-r", "-z", "--full-tree", ref], options);
  if (listed.status !== 0) throw failed("git could not list the notes", listed.error);
  const notes: { commit: string; blob: string }[] = [];
  for (const line of listed.out.toString("utf8").split("\0")) {
    // Notes fan out into folders by the first digits of the commit.
    const [, blob = "", path = ""] = /^\d+ blob ([0-9a-f]+)\t(.*)$/.exec(line) ?? [];
    const commit = path.replaceAll("/", "");
    if (/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(commit)) notes.push({ commit, blob });
  }
  const blobs = await readBlobs(
    folder,
    notes.map(({ blob }) => blob),
    { maxBytes: NOTE_BYTES, ...options },
  );
  return notes.map(({ commit, blob }) => ({ commit, text: blobs.get(blob)?.toString("utf8") ?? "" }));
}

/** Commits of a branch, newest first, along the first parents: the line that a protected branch moves on. At most `most` of them. */
export async function gitFirstParents(
  folder: string,
  revision: string,
  most: number,
  options: GitOptions = {},
): Promise<readonly string[]> {
  checkRevision(revision);
  const result = await git(folder, ["rev-list", "--first-parent", `--max-count=${most}`, "--end-of-options", revision, "--"], options);
  if (result.status !== 0) throw failed(`git could not walk ${revision}`, result.error);
  return lines(result.out);
}

/** Which of these file ids occur anywhere behind a branch or tag, with a path that they had there. */
export async function gitInHistory(
  folder: string,
  ids: ReadonlySet<string>,
  options: GitOptions = {},
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  if (ids.size === 0) return found;
  const result = await git(folder, ["rev-list", "--objects", "--all"], { milliseconds: HISTORY_MILLISECONDS, ...options });
  if (result.status !== 0) throw failed("git could not go through the history", result.error);
  for (const line of lines(result.out)) {
    const id = line.slice(0, line.indexOf(" "));
    if (ids.has(id) && !found.has(id)) found.set(id, line.slice(id.length + 1));
  }
  return found;
}

/** A million objects take some ten seconds. */
const HISTORY_MILLISECONDS = 120_000;
/** The largest histories take minutes over a good line. */
const CLONE_MILLISECONDS = 600_000;

/** Fetches a repository with all branches, tags and notes into an empty folder; nothing is checked out. https, ssh and git addresses, or a folder. */
export async function gitClone(address: string, into: string, options: GitOptions = {}): Promise<void> {
  const scheme = /^(https|ssh|git|file):\/\//.exec(address)?.[1] ?? (/^[\w.-]+@[\w.-]+:/.test(address) ? "ssh" : undefined);
  if (scheme === undefined || /[\u0000-\u001f\u007f]/.test(address))
    throw new Fault("git/failed", `"${address.slice(0, 200)}" is no address that a repository is fetched from.`, {
      hint: "https://, ssh://, git:// or file://; or a folder with a clone of it.",
    });
  const protocols = [scheme as "https" | "ssh" | "git" | "file"];
  // Pull requests are left behind: what only they hold was never taken into the repository.
  const clone = [
    "clone",
    "--quiet",
    "--bare",
    "--no-hardlinks",
    "--template=",
    "--config",
    "remote.origin.fetch=+refs/notes/*:refs/notes/*",
  ];
  const result = await git(into, [...clone, "--", address, "."], {
    milliseconds: CLONE_MILLISECONDS,
    protocols,
    ...options,
  });
  if (result.status !== 0) throw failed(`git could not fetch ${address}`, result.error);
}

const lines = (out: Buffer): string[] =>
  out
    .toString("utf8")
    .split("\n")
    .filter((line) => line !== "");
