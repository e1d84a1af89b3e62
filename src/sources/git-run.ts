/** Runs git without a shell, a pager, hooks, replaced objects or a program of the repository's own choice. */
import { spawn } from "node:child_process";
import { Fault } from "../model/index.ts";

/** Local work of milliseconds; a network disk may take seconds. */
const GIT_MILLISECONDS = 30_000;
/** The largest lockfiles have some tens of megabytes. */
const OUT_BYTES = 256 * 1024 * 1024;
const ERROR_BYTES = 64 * 1024;

export interface GitOptions {
  readonly signal?: AbortSignal;
  readonly maxBytes?: number;
}

export interface GitRunOptions extends GitOptions {
  /** Given to git on its standard input. */
  readonly input?: Buffer;
  readonly milliseconds?: number;
  /** Transports that this one run may use; none unless said. */
  readonly protocols?: readonly ("https" | "ssh" | "git" | "file")[];
}

export interface GitResult {
  readonly status: number;
  readonly out: Buffer;
  readonly error: string;
}

/** A repository's configuration may name programs to run (fsmonitor, hooks, textconv, pagers): none of them is wanted here. */
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

/** Variables that would point git at another repository or other objects than those of the folder that it is started in. */
const elsewhere =
  /^GIT_(?:DIR|WORK_TREE|INDEX_FILE|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|COMMON_DIR|NAMESPACE|GRAFT_FILE|SHALLOW_FILE|REPLACE_REF_BASE)$/;

/** Runs one git command in a folder; a status other than 0 is the caller's to read. Throws `git/failed`, `input/too-large`, and what the signal says. */
export function git(folder: string, args: readonly string[], options: GitRunOptions = {}): Promise<GitResult> {
  const maxBytes = options.maxBytes ?? OUT_BYTES;
  const protocols = (options.protocols ?? []).flatMap((name) => ["-c", `protocol.${name}.allow=always`]);
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !elsewhere.test(name)));
  return new Promise((resolve, reject) => {
    const child = spawn("git", [...safe, ...protocols, ...args], {
      cwd: folder,
      shell: false,
      windowsHide: true,
      stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
      timeout: options.milliseconds ?? GIT_MILLISECONDS,
      env: {
        ...inherited,
        LC_ALL: "C",
        GIT_TERMINAL_PROMPT: "0",
        GIT_OPTIONAL_LOCKS: "0",
        GIT_NO_LAZY_FETCH: "1",
        GIT_NO_REPLACE_OBJECTS: "1",
        GIT_PAGER: "cat",
      },
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    const out: Buffer[] = [];
    let size = 0;
    let error = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) {
        child.kill();
        reject(new Fault("input/too-large", `git gives more than ${maxBytes} bytes.`));
      } else out.push(chunk);
    });
    child.stderr?.on("data", (chunk: Buffer) => {
      if (error.length < ERROR_BYTES) error += chunk.toString("utf8");
    });
    child.on("error", (cause) => {
      if (options.signal?.aborted) reject(options.signal.reason);
      else reject(new Fault("git/failed", "git could not be started.", { hint: "Install git, or leave out what needs it.", cause }));
    });
    child.on("close", (status) => resolve({ status: status ?? -1, out: Buffer.concat(out), error }));
    if (options.input !== undefined) {
      // git may end before it has read all of it; its status says why.
      child.stdin?.on("error", () => undefined);
      child.stdin?.end(options.input);
    }
  });
}

/** A fault with the first line of what git said. */
export function failed(what: string, error: string): Fault {
  const line = error.split("\n").find((text) => text.trim() !== "") ?? "";
  const hint = 'Tell git that the folder is yours: git config --global --add safe.directory "$PWD"';
  const message = `${what}${line === "" ? "" : `: ${line.replace(/^fatal: /, "").trim()}`}.`;
  return new Fault("git/failed", message, /dubious ownership/.test(error) ? { hint } : {});
}
