/**
 * Reads from a git repository: files as they were at another revision, and the repository's root. git runs without a shell, a pager, hooks or
 * a program of the repository's own choice, and what the user gives can never become an option.
 */
import { spawn } from "node:child_process";
import { Fault } from "../model/index.ts";

/** Local work of milliseconds; a network disk may take seconds. */
const GIT_MILLISECONDS = 30_000;
/** The largest lockfiles have some tens of megabytes. */
const FILE_BYTES = 256 * 1024 * 1024;
const ERROR_BYTES = 64 * 1024;

export interface GitOptions {
  readonly signal?: AbortSignal;
  readonly maxBytes?: number;
}

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
function checkRevision(revision: string): void {
  if (revision === "" || revision.startsWith("-") || /[\u0000-\u001f\u007f]/.test(revision))
    throw new Fault("git/failed", `"${revision.replace(/[\u0000-\u001f\u007f]/g, "?")}" is no revision.`, {
      hint: "Name a branch, a tag or a commit.",
    });
}

interface GitResult {
  readonly status: number;
  readonly out: Buffer;
  readonly error: string;
}

function git(folder: string, args: readonly string[], options: GitOptions): Promise<GitResult> {
  const maxBytes = options.maxBytes ?? FILE_BYTES;
  // A repository's configuration may name programs to run (fsmonitor, hooks, textconv, pagers): none of them is wanted here.
  const safe = [
    "--no-pager",
    "--literal-pathspecs",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "protocol.allow=never",
  ];
  return new Promise((resolve, reject) => {
    const child = spawn("git", [...safe, ...args], {
      cwd: folder,
      shell: false,
      windowsHide: true,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: GIT_MILLISECONDS,
      env: { ...process.env, LC_ALL: "C", GIT_TERMINAL_PROMPT: "0", GIT_OPTIONAL_LOCKS: "0", GIT_NO_LAZY_FETCH: "1", GIT_PAGER: "cat" },
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    const out: Buffer[] = [];
    let size = 0;
    let error = "";
    child.stdout.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) {
        child.kill();
        reject(new Fault("input/too-large", `git gives more than ${maxBytes} bytes.`));
      } else out.push(chunk);
    });
    child.stderr.on("data", (chunk: Buffer) => {
      if (error.length < ERROR_BYTES) error += chunk.toString("utf8");
    });
    child.on("error", (cause) => {
      if (options.signal?.aborted) reject(options.signal.reason);
      else reject(new Fault("git/failed", "git could not be started.", { hint: "Install git, or leave --since out.", cause }));
    });
    child.on("close", (status) => resolve({ status: status ?? -1, out: Buffer.concat(out), error }));
  });
}

const failed = (what: string, error: string): Fault => {
  const line = error.split("\n").find((text) => text.trim() !== "") ?? "";
  const hint = 'Tell git that the folder is yours: git config --global --add safe.directory "$PWD"';
  const message = `${what}${line === "" ? "" : `: ${line.replace(/^fatal: /, "").trim()}`}.`;
  return new Fault("git/failed", message, /dubious ownership/.test(error) ? { hint } : {});
};
