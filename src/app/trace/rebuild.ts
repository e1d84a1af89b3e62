/**
 * Builds the package again from its source, and packs it. In two parts, so that no code of the package ever sees a network:
 *
 *     1. fetch   npm installs what the lockfile names, from the configured registry, running none of it
 *     2. build   in a sandbox without a network: the package's own scripts, and `npm pack`
 *
 * npm and Node are those that the release was made with, where that is recorded. Without a sandbox nothing is built.
 */
import { spawn } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, posix } from "node:path";
import { Fault, type TraceRebuild, sha256 } from "../../model/index.ts";
import { compareTarballs } from "./compare.ts";
import type { SourceTree } from "./files.ts";
import { findSandbox, runBoxed } from "./sandbox.ts";

export interface RebuildInput {
  readonly tree: SourceTree;
  /** The package's folder in the tree. */
  readonly directory: string;
  readonly published: Uint8Array;
  /** The package holds files that the source has not: then its build script is run as well. */
  readonly builds: boolean;
  /** Versions, and where each comes from; absent: the ones that run this program. */
  readonly node?: { readonly version: string; readonly from: string };
  readonly npm?: { readonly version: string; readonly from: string };
  /** A shell command in place of the package's build script; "" for none. */
  readonly build?: string;
  /** ISO 8601: dependencies without a lockfile are taken as they were then. */
  readonly publishedAt?: string;
  /** ISO 8601, for SOURCE_DATE_EPOCH. */
  readonly committed?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly onProgress?: (what: string) => void;
  readonly signal?: AbortSignal;
}

export interface Rebuilt {
  readonly result: TraceRebuild;
  /** null where nothing was built. */
  readonly tarball: Buffer | null;
}

const FETCH_MILLISECONDS = 600_000;
const BUILD_MILLISECONDS = 900_000;
/** As for any package that is looked at. */
const TARBALL_BYTES = 512 * 1024 * 1024;
const LOG_CHARACTERS = 4_000;

/** Scripts that `npm pack` runs by itself. */
const PACK_SCRIPTS = ["prepack", "prepare", "postpack"];

type Manifest = Readonly<Record<string, unknown>>;

/** Never throws for what goes wrong in the building: that is the outcome. Throws where the disk does, and what the signal says. */
export async function rebuild(input: RebuildInput): Promise<Rebuilt> {
  const scratch = mkdtempSync(join(tmpdir(), "tributary-rebuild-"));
  try {
    return await rebuildIn(scratch, input);
  } finally {
    rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function rebuildIn(scratch: string, input: RebuildInput): Promise<Rebuilt> {
  const done: { tools: TraceRebuild["tools"]; commands: string[]; sandbox: string } = { tools: [], commands: [], sandbox: "" };
  const stop = (outcome: TraceRebuild["outcome"], because: string, log: string = ""): Rebuilt => ({
    result: { outcome, because, ...done, sha256: "", comparison: null, log: log.slice(-LOG_CHARACTERS) },
    tarball: null,
  });
  const sandbox = await findSandbox(scratch);
  if (sandbox === null)
    return stop("no-sandbox", "there is no sandbox on this machine: bubblewrap, or unshare and setpriv with user namespaces, on Linux");
  const [work, tools] = [join(scratch, "work"), join(scratch, "tools")];
  const source = join(work, "source");
  mkdirSync(source, { recursive: true });
  mkdirSync(join(work, "out"));
  mkdirSync(tools, { recursive: true });

  input.onProgress?.("laying out the source");
  const left = await layOut(input.tree, source);
  const folder = join(source, input.directory);
  const manifest = readJson(join(folder, "package.json"));
  if (manifest === null)
    return stop("refused", `the source has no package.json in ${input.directory === "" ? "its root" : input.directory}`);

  const script = buildScript(manifest, input);
  const needs = needsDependencies(manifest, script);
  const toolBox = await fetchTools(tools, input);
  if (typeof toolBox === "string") return stop("failed", toolBox);
  done.tools = toolBox.tools;

  if (needs) {
    input.onProgress?.("fetching what the build needs");
    const plan = fetchPlan(source, folder, manifest, input);
    if (typeof plan === "string") return stop("refused", plan);
    done.commands.push(`npm ${plan.args.join(" ")}`);
    const fetched = await runNpm(plan.args, plan.folder, input, FETCH_MILLISECONDS);
    if (fetched.status !== 0) return stop("failed", "what the build needs could not be fetched", fetched.log);
  }

  input.onProgress?.("building");
  done.sandbox = sandbox;
  const cwd = posix.join("/build/source", input.directory);
  const epoch = Date.parse(input.committed ?? "");
  const env = {
    PATH: `/tools/bin:${posix.join(cwd, "node_modules/.bin")}:/build/source/node_modules/.bin:/usr/local/bin:/usr/bin:/bin`,
    HOME: "/build",
    LANG: "C.UTF-8",
    TZ: "UTC",
    CI: "true",
    npm_config_cache: "/tmp/npm",
    npm_config_offline: "true",
    npm_config_update_notifier: "false",
    ...(Number.isNaN(epoch) ? {} : { SOURCE_DATE_EPOCH: String(Math.floor(epoch / 1000)) }),
  };
  // What `prepare` has made is not made a second time, without what comes before and after it.
  const packs = ["prepack", "postpack"].some((name) => typeof members(manifest["scripts"])[name] === "string");
  // From beside the source: npm before version 7 knows no other way to say where the package goes.
  const pack = `cd /build/out && npm pack ${quoted(cwd)}${script === "" || packs ? "" : " --ignore-scripts"}`;
  const commands = [...(script === "" ? [] : [script]), pack];
  for (const command of commands) {
    done.commands.push(command);
    const boxed = { command: ["/bin/sh", "-c", command], work, tools, cwd, env, milliseconds: BUILD_MILLISECONDS };
    const ran = await runBoxed(sandbox, { ...boxed, ...(input.signal === undefined ? {} : { signal: input.signal }) }, scratch);
    input.signal?.throwIfAborted();
    if (ran.timedOut) return stop("failed", `${command} took more than ${BUILD_MILLISECONDS / 60_000} minutes`, ran.log);
    if (ran.status !== 0) return stop("failed", `${command} ended with status ${ran.status}`, ran.log);
  }
  const packed = readdirSync(join(work, "out")).filter((name) => name.endsWith(".tgz"));
  const file = join(work, "out", packed[0] ?? "");
  if (packed.length !== 1 || !statSync(file).isFile() || statSync(file).size > TARBALL_BYTES)
    return stop("failed", `the build made ${packed.length} packages where one was expected`);
  const tarball = readFileSync(file);
  const comparison = await compareTarballs(input.published, tarball);
  const because = `${comparison.equal === "no" ? "built, and not the same" : `built, and the same (${wordsFor[comparison.equal]})`}${left}`;
  return { result: { outcome: "done", because, ...done, sha256: sha256(tarball), comparison, log: "" }, tarball };
}

/** For the shell: the folder's name is the repository's choice. */
const quoted = (text: string): string => (/^[\w./@+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

const wordsFor = { bits: "bit for bit", tar: "the unpacked archive, bit for bit", stable: "after the stabilisers" } as const;

/**
 * Writes the tree out. Settings of npm are left behind: they could name programs to run or another registry. Links come last, and only those
 * stay that lead to something within the source, whatever way they take: npm will follow them while it is outside of the sandbox.
 * Returns what was left out, as words.
 */
export async function layOut(tree: SourceTree, into: string): Promise<string> {
  const files = tree.entries.filter(({ kind }) => kind === "file" || kind === "executable" || kind === "symlink");
  const left: string[] = [];
  const links: { readonly path: string; readonly target: string }[] = [];
  const contents = await tree.read(files.map(({ id }) => id));
  for (const { path, kind, id } of files) {
    const bytes = contents.get(id);
    const parts = path.split("/");
    const strange = parts.some(
      (part) => part === ".." || part === "." || part === "" || part.includes("\0") || part.toLowerCase() === ".git",
    );
    if (bytes === undefined || strange || parts.at(-1) === ".npmrc") left.push(path);
    else if (kind === "symlink") links.push({ path, target: bytes.toString("utf8") });
    else if (!writeNew(join(into, ...parts), bytes, kind === "executable")) left.push(path);
  }
  const root = `${realpathSync(into)}/`;
  for (const { path } of links) if (!makeFolder(dirname(join(into, path)))) left.push(path);
  const made = links.filter(({ path, target }) => {
    // A folder that is itself a link by now leads who knows where.
    const inside = `${realOf(dirname(join(into, path)))}/`.startsWith(root);
    const there = inside && !target.includes("\0") && makeLink(join(into, path), target);
    if (!there && !left.includes(path)) left.push(path);
    return there;
  });
  // Taking one link away can make another lead nowhere, so this is done until none goes.
  for (let standing = made, before = -1; standing.length !== before;) {
    before = standing.length;
    standing = standing.filter(({ path }) => {
      if (`${realOf(join(into, path))}/`.startsWith(root)) return true;
      rmSync(join(into, path), { force: true });
      left.push(path);
      return false;
    });
  }
  return left.length === 0 ? "" : `; left out of the build: ${left.slice(0, 5).join(", ")}${left.length > 5 ? " and more" : ""}`;
}

/** False where something is in the way: a file where a folder should be, two names that the disk takes for one. */
function writeNew(target: string, bytes: Buffer, executable: boolean): boolean {
  try {
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, bytes, { mode: executable ? 0o755 : 0o644, flag: "wx" });
    return true;
  } catch (error) {
    if (isInTheWay(error)) return false;
    throw error;
  }
}

/** Made before any link is, so that none lies on the way to another. */
function makeFolder(place: string): boolean {
  try {
    mkdirSync(place, { recursive: true });
    return true;
  } catch (error) {
    if (isInTheWay(error)) return false;
    throw error;
  }
}

function makeLink(place: string, target: string): boolean {
  try {
    symlinkSync(target, place);
    return true;
  } catch (error) {
    if (isInTheWay(error)) return false;
    throw error;
  }
}

const isInTheWay = (error: unknown): boolean =>
  error instanceof Error &&
  "code" in error &&
  ["EEXIST", "ENOTDIR", "EISDIR", "ENAMETOOLONG", "ENOENT", "EINVAL", "ELOOP"].includes(String(error.code));

/** Where a path really leads; "" where to nothing. */
function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return "";
  }
}

function readJson(path: string): Manifest | null {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Manifest) : null;
  } catch {
    return null;
  }
}

const members = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};

/**
 * What is run before packing, where the release holds what the source has not: `prepare` as `npm install` runs it in the working copy of
 * whoever publishes (with what comes before and after it), else the package's own `build`, where packing alone would not build.
 */
function buildScript(manifest: Manifest, input: RebuildInput): string {
  if (input.build !== undefined) return input.build;
  const scripts = members(manifest["scripts"]);
  const has = (name: string): boolean => typeof scripts[name] === "string";
  if (!input.builds) return "";
  if (has("prepare")) return "npm run prepare";
  return has("build") && !has("prepack") ? "npm run build" : "";
}

function needsDependencies(manifest: Manifest, script: string): boolean {
  const scripts = members(manifest["scripts"]);
  const bundled = manifest["bundleDependencies"] ?? manifest["bundledDependencies"];
  return script !== "" || PACK_SCRIPTS.some((name) => typeof scripts[name] === "string") || (bundled !== undefined && bundled !== false);
}

/** How npm fetches what the build needs; or why it must not. */
function fetchPlan(source: string, folder: string, manifest: Manifest, input: RebuildInput): { args: string[]; folder: string } | string {
  const all = [manifest, readJson(join(source, "package.json"))];
  if (all.some((one) => JSON.stringify(one?.["workspaces"] ?? "").includes(".."))) return "its workspaces lead out of the source";
  // Older versions of npm do not know --allow-git, and say no more than that.
  const common = ["--ignore-scripts", "--allow-git=none", "--no-audit", "--no-fund", "--replace-registry-host=always", "--include=dev"];
  for (const place of folder === source ? [source] : [folder, source]) {
    const lock = ["npm-shrinkwrap.json", "package-lock.json"].map((name) => readJson(join(place, name))).find((value) => value !== null);
    if (lock === undefined || lock === null) continue;
    const strange = strangeEntry(lock);
    if (strange !== "") return `its lockfile wants ${strange}, which does not come from a registry`;
    return { args: ["ci", ...common], folder: place };
  }
  const outside = Object.entries({ ...members(manifest["dependencies"]), ...members(manifest["devDependencies"]) }).find(
    ([, range]) => typeof range === "string" && /[:/]/.test(range) && !range.startsWith("npm:"),
  );
  if (outside !== undefined) return `it depends on ${outside[0]} from ${String(outside[1]).slice(0, 100)}, which is no registry`;
  const before = input.publishedAt ?? input.committed ?? "";
  if (Number.isNaN(Date.parse(before))) return "it has no lockfile of npm, and the date of the release is not known";
  return { args: ["install", ...common, "--no-package-lock", "--legacy-peer-deps", `--before=${before}`], folder };
}

/** npm installs into what a link or a workspace leads to, so that must lie within. */
const isOutside = (path: string): boolean => path.startsWith("/") || path.split(/[/\\]/).includes("..") || /^[A-Za-z]:/.test(path);

/** An entry that npm would fetch by git or read from the disk; "" where there is none. */
function strangeEntry(lock: Manifest): string {
  const packages = members(lock["packages"]);
  const stack: [string, unknown][] = [...Object.entries(packages), ...Object.entries(members(lock["dependencies"]))];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const entry = members(next[1]);
    const leaves = [next[0], ...(entry["link"] === true ? [entry["resolved"]] : [])].find(
      (path) => typeof path === "string" && isOutside(path),
    );
    if (leaves !== undefined) return `${next[0]} from outside of the source`;
    if (entry["link"] === true) continue;
    const places = [entry["resolved"], entry["version"], entry["from"]].filter((place): place is string => typeof place === "string");
    const place = places.find((text) => /^(?:git|github|gitlab|bitbucket|file|ssh|link)[+:@]/.test(text));
    if (place !== undefined) return `${next[0]} from ${place.slice(0, 100)}`;
    stack.push(...Object.entries(members(entry["dependencies"])).filter(([, value]) => typeof value === "object"));
  }
  return "";
}

const VERSION = /^\d{1,5}\.\d{1,5}\.\d{1,5}(?:-[\w.]{1,40})?$/;

/** Puts `/tools/bin/node` and `/tools/bin/npm` together: the recorded ones from the registry, else those that run here. Running none of them. */
async function fetchTools(tools: string, input: RebuildInput): Promise<{ tools: TraceRebuild["tools"] } | string> {
  mkdirSync(join(tools, "bin"));
  const wanted: string[] = [];
  const nodePackage = `node-${process.platform}-${process.arch}`;
  for (const tool of [input.node, input.npm])
    if (tool !== undefined && !VERSION.test(tool.version)) return `"${tool.version.slice(0, 40)}" (${tool.from}) is no version of a tool`;
  const installed = input.npm === undefined ? await installedNpm(input) : null;
  if (input.npm === undefined && installed === null) return "npm is not installed here";
  const npm = input.npm ?? { version: installed?.version ?? "", from: "the npm that is installed here" };
  if (input.node !== undefined) wanted.push(`${nodePackage}@${input.node.version}`);
  if (installed === null) wanted.push(`npm@${npm.version}`);
  if (wanted.length > 0) {
    input.onProgress?.(`fetching ${wanted.join(" and ")}`);
    writeFileSync(join(tools, "package.json"), "{}");
    const args = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--no-save", "--engine-strict=false"];
    const fetched = await runNpm([...args, ...wanted], tools, input, FETCH_MILLISECONDS);
    if (fetched.status !== 0) return `${wanted.join(" and ")} could not be fetched: ${fetched.log.trim().split("\n").at(-1) ?? ""}`;
  }
  if (installed !== null) cpSync(installed.folder, join(tools, "node_modules", "npm"), { recursive: true, dereference: true });
  if (input.node === undefined) copyFileSync(process.execPath, join(tools, "bin", "node"));
  else symlinkSync(`/tools/node_modules/${nodePackage}/bin/node`, join(tools, "bin", "node"));
  for (const name of ["npm", "npx"]) symlinkSync(`/tools/node_modules/npm/bin/${name}-cli.js`, join(tools, "bin", name));
  const node = input.node ?? { version: process.versions.node, from: "the Node that runs this" };
  return {
    tools: [
      { name: "node", ...node },
      { name: "npm", ...npm },
    ],
  };
}

/** Where the user's npm lies, and its version; null where it is not found. */
async function installedNpm(input: RebuildInput): Promise<{ readonly folder: string; readonly version: string } | null> {
  const { status, log } = await runNpm(["root", "--global"], tmpdir(), input, FETCH_MILLISECONDS).catch(() => ({ status: 1, log: "" }));
  const root = log.trim().split("\n").at(-1) ?? "";
  const paths = (input.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, "npm"));
  // The global folder may be another than that of the npm that answers; the program on the path knows its own.
  const own = paths.filter((path) => existsSync(path)).map((path) => join(dirname(realpathSync(path)), ".."));
  for (const folder of [...own, ...(status === 0 ? [join(root, "npm")] : [])]) {
    const manifest = readJson(join(folder, "package.json"));
    const version = manifest?.["name"] === "npm" ? manifest["version"] : undefined;
    if (typeof version === "string" && VERSION.test(version)) return { folder, version };
  }
  return null;
}

/** The user's own npm, with the user's own configuration: it fetches, and runs nothing of what it fetched. */
async function runNpm(
  args: readonly string[],
  cwd: string,
  input: RebuildInput,
  milliseconds: number,
): Promise<{ status: number; log: string }> {
  const env = Object.fromEntries(Object.entries(input.env).filter(([name]) => !/^(?:NODE_OPTIONS|npm_config_ignore_scripts)$/i.test(name)));
  return await new Promise((resolve, reject) => {
    const child = spawn("npm", [...args], {
      cwd,
      shell: process.platform === "win32",
      stdio: ["ignore", "pipe", "pipe"],
      timeout: milliseconds,
      env: { ...env, npm_config_update_notifier: "false" } as NodeJS.ProcessEnv,
      ...(input.signal === undefined ? {} : { signal: input.signal }),
    });
    let log = "";
    const take = (chunk: Buffer): void => {
      log = (log + chunk.toString("utf8")).slice(-4 * LOG_CHARACTERS);
    };
    child.stdout?.on("data", take);
    child.stderr?.on("data", take);
    child.on("error", (cause) =>
      reject(
        input.signal?.aborted === true ? input.signal.reason : new Fault("source/configuration", "npm could not be started.", { cause }),
      ),
    );
    child.on("close", (status) => resolve({ status: status ?? -1, log }));
  });
}
