/**
 * File by file: where in the source is it? By the id that git gives its bytes, computed here, and then by the bytes themselves, since
 * ids of SHA-1 can be made to agree by who spends enough.
 *
 *     same bytes at the same place ─> in-tree          else remade by our build ─> reproduced
 *     place is tracked, bytes differ ─> line ends? packing? ─> derived, else unexplained (a rebuild may still explain it)
 *     place is not tracked ─> same bytes elsewhere ─> copied; the source expects a build to make it ─> generated; else unexplained
 */
import { posix } from "node:path";
import { installedPath, openArchive } from "../../artifacts/index.ts";
import { type ArchiveHazard, Fault, type FileState, type TracedFile } from "../../model/index.ts";
import { type ObjectFormat, gitBlobId } from "../../sources/git-objects.ts";
import { type Ignore, parseIgnore } from "../../inventory/tree/ignore.ts";
import { type Packer, npmPacker } from "./packers.ts";
import { covers } from "./packlist.ts";

export interface PublishedFile {
  /** As it is installed, within the package. */
  readonly path: string;
  readonly bytes: Buffer;
  readonly executable: boolean;
}

export interface Published {
  /** By path; of two entries with one path the later, as npm installs it. */
  readonly files: ReadonlyMap<string, PublishedFile>;
  readonly hazards: readonly ArchiveHazard[];
  readonly complete: boolean;
}

export interface SourceEntry {
  readonly path: string;
  readonly kind: "file" | "executable" | "symlink" | "submodule";
  readonly id: string;
}

/** A tree of files whose ids are proved; contents are read when they are asked for. */
export interface SourceTree {
  readonly format: ObjectFormat;
  readonly entries: readonly SourceEntry[];
  readonly read: (ids: Iterable<string>) => Promise<ReadonlyMap<string, Buffer>>;
  /** Which of these ids any other commit has, with a path there. Absent where the source has no history. */
  readonly history?: (ids: ReadonlySet<string>) => Promise<ReadonlyMap<string, string>>;
}

/** Packages are held whole while they are looked at; the largest with prebuilt programs have some hundred megabytes. */
export const PUBLISHED_BYTES: number = 512 * 1024 * 1024;

/** Reads a package's tarball (or any tar, gzipped or not) as npm would install it. */
export async function readPublished(tarball: Uint8Array): Promise<Published> {
  const files = new Map<string, PublishedFile>();
  const reading = openArchive(tarball, tarball[0] === 0x1f && tarball[1] === 0x8b ? "tgz" : "tar");
  const more: ArchiveHazard[] = [];
  let total = 0;
  try {
    for await (const entry of reading) {
      if (entry.kind !== "file") continue;
      total += entry.size;
      if (total > PUBLISHED_BYTES) throw new Fault("input/too-large", `The package holds more than ${PUBLISHED_BYTES} bytes.`);
      const path = installedPath(entry.path);
      if (path === "") continue;
      files.set(path, { path, bytes: await entry.bytes(PUBLISHED_BYTES), executable: (entry.mode & 0o100) !== 0 });
    }
  } catch (error) {
    // What is no archive is an outcome here: nothing of it can be traced.
    if (!(error instanceof Fault) || error.code === "input/too-large") throw error;
    more.push({ kind: "bad-header", path: "", detail: error.message });
  }
  return { files, hazards: [...reading.hazards(), ...more], complete: reading.complete() && more.length === 0 };
}

export interface ClassifyOptions {
  /** The package's folder in the source, without slashes at its ends; "" for the root. */
  readonly directory: string;
  /** What our own build of that source packed, by path. */
  readonly rebuilt?: ReadonlyMap<string, PublishedFile>;
  /** How the release was packed: as npm does unless said. */
  readonly packer?: Packer;
  /** The commit that the source is, where it is one. */
  readonly commit?: string;
}

/** Classifies every file of the package, and those of the source that the package lacks. Sorted by path. */
export async function classifyFiles(published: Published, source: SourceTree, options: ClassifyOptions): Promise<readonly TracedFile[]> {
  const prefix = options.directory === "" ? "" : `${options.directory}/`;
  const packer = options.packer ?? npmPacker;
  const files = source.entries.filter((entry) => entry.kind === "file" || entry.kind === "executable");
  const byPath = new Map(files.map((entry) => [entry.path, entry]));
  const byId = new Map<string, SourceEntry>();
  for (const entry of files) if (!byId.has(entry.id)) byId.set(entry.id, entry);
  const ids = new Map([...published.files.values()].map((file) => [file.path, gitBlobId(file.bytes, source.format)]));

  const wanted = new Set<string>();
  for (const [path, id] of ids) {
    for (const entry of [byPath.get(prefix + (packer.sourceName(path) || path)), byId.get(id)])
      if (entry !== undefined) wanted.add(entry.id);
  }
  const rulesFiles = files.filter(({ path }) => /(?:^|\/)\.(?:git|npm)ignore$/.test(path) || path === `${prefix}package.json`);
  for (const { id } of rulesFiles) wanted.add(id);
  const contents = await source.read(wanted);
  const text = (path: string): string | undefined => contents.get(byPath.get(path)?.id ?? "")?.toString("utf8");
  const hints = generatedHints(files, text, prefix);

  const traced: TracedFile[] = [];
  for (const file of published.files.values()) {
    const blob = ids.get(file.path) ?? "";
    const found = (state: FileState, at: string, how: string): number =>
      traced.push({ path: file.path, state, size: file.bytes.length, blob, at, how });
    const called = packer.sourceName(file.path);
    const here = byPath.get(prefix + (called || file.path));
    const ours = options.rebuilt?.get(file.path)?.bytes;
    const remade = ours !== undefined && (ours.equals(file.bytes) || sameButLineEnds(ours, file.bytes));
    if (here !== undefined) {
      const content = contents.get(here.id);
      if (content === undefined) found("unexplained", here.path, "the source has it, but not its content: the clone is not whole");
      else if (content.equals(file.bytes) && called !== "") found("copied", here.path, `packing calls ${called} so`);
      else if (content.equals(file.bytes)) found("in-tree", here.path, "the same bytes at the same place");
      else {
        const change = changeOf(file, content, packer);
        if (change.state === "derived") found("derived", here.path, change.how);
        else if (remade) found("reproduced", here.path, "differs from the source, and our build makes the same of it");
        else found(change.state, here.path, change.how);
      }
      continue;
    }
    if (remade) {
      found("reproduced", "", "our build of the source makes the same bytes");
      continue;
    }
    const elsewhere = byId.get(blob);
    if (ours === undefined && elsewhere !== undefined && mayBeCopied(file.path, elsewhere.path)) {
      if (contents.get(elsewhere.id)?.equals(file.bytes) === true) {
        found("copied", elsewhere.path, `the same bytes as ${elsewhere.path}`);
        continue;
      }
    }
    const made = packer.writes(file, { has: (path) => byPath.has(prefix + path), commit: options.commit ?? "" });
    if (made !== null && ours === undefined) {
      found(made.state, made.at === "" ? "" : prefix + made.at, made.how);
      continue;
    }
    const contradicted = ours === undefined ? "" : "; our build makes other bytes";
    const hint = hints(file.path);
    if (hint === null)
      found("unexplained", "", `the source has no such file, and nothing in it says that a build makes one${contradicted}`);
    else found("generated", hint.at, `${hint.how}${contradicted === "" ? "; not made again yet" : contradicted}`);
  }
  const odd = new Set(traced.filter(({ state }) => state === "unexplained").map(({ blob }) => blob));
  const elsewhen = odd.size === 0 ? undefined : await source.history?.(odd);
  const told = traced.map((file) => withHistory(file, elsewhen));
  told.push(...missingFiles(published, byPath, prefix, text, options.rebuilt, packer));
  return told.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

/** It stays unexplained: whoever packs from another state of the source than he names has something to explain. */
function withHistory(file: TracedFile, elsewhen: ReadonlyMap<string, string> | undefined): TracedFile {
  const path = file.state === "unexplained" ? elsewhen?.get(file.blob) : undefined;
  return path === undefined ? file : { ...file, how: `${file.how}; another commit has these bytes as ${path}` };
}

/** What differs between a file and its counterpart in the source. */
function changeOf(file: PublishedFile, content: Buffer, packer: Packer): { readonly state: FileState; readonly how: string } {
  const packed = packer.change(file.path, content, file.bytes);
  if (packed !== null) return packed;
  if (sameButLineEnds(content, file.bytes)) return { state: "derived", how: "the same but for its line ends" };
  return { state: "unexplained", how: "differs from the source" };
}

const sameButLineEnds = (a: Buffer, b: Buffer): boolean => !a.includes(0) && plain(a) === plain(b);

/** What can be loaded or run: under another name it is another thing, however honest its bytes are where they come from. */
const LOADABLE = /\.(?:[cm]?js|jsx|[cm]?ts|tsx|json|node|wasm|sh|bat|cmd|ps1|py|html?|m4|gypi?)$|(?:^|\/)[^.]+$/;
const mayBeCopied = (path: string, from: string): boolean =>
  posix.basename(path) === posix.basename(from) || !LOADABLE.test(path) || /(?:^|\/)(?:licen[sc]e|notice|readme|copying)[^/]*$/i.test(path);

/** Bytes, not text: what is no UTF-8 must not become equal by being read. */
const plain = (bytes: Buffer): string => bytes.toString("latin1").replaceAll("\r\n", "\n");

interface Hint {
  readonly at: string;
  readonly how: string;
}

/** Folders that builds write into: left out when a built file's counterpart is looked for. */
const BUILT: ReadonlySet<string> = new Set(
  "dist build lib out output es esm cjs mjs umd iife amd commonjs module modules browser node bundle bundles types typings dts release prod min".split(
    " ",
  ),
);
const SOURCES = [
  ".ts",
  ".tsx",
  ".mts",
  ".cts",
  ".js",
  ".jsx",
  ".mjs",
  ".cjs",
  ".coffee",
  ".vue",
  ".svelte",
  ".pegjs",
  ".scss",
  ".less",
  ".wat",
  ".jst",
];
const MADE = /(?:\.min)?(?:\.d)?\.(?:[cm]?js|[cm]?ts|css|wasm)(?:\.map)?$/;

/**
 * What in the source says that a path is made by a build: an ignore file that keeps it out of the repository, or a file that it is made
 * from. Neither is proof. The release of xz that opened a door carried a file that the repository's .gitignore named.
 */
function generatedHints(
  files: readonly SourceEntry[],
  text: (path: string) => string | undefined,
  prefix: string,
): (path: string) => Hint | null {
  const ignores: { readonly path: string; readonly folder: string; readonly ignore: Ignore }[] = [];
  const stems = new Map<string, string>();
  for (const { path } of files) {
    if (posix.basename(path) === ".gitignore")
      ignores.push({ path, folder: path.slice(0, -".gitignore".length), ignore: parseIgnore(text(path) ?? "") });
    const extension = SOURCES.find((end) => path.endsWith(end));
    if (extension === undefined || !path.startsWith(prefix)) continue;
    const inPackage = path.slice(prefix.length, -extension.length).split("/");
    for (let from = 0; from < inPackage.length; from++) {
      const stem = inPackage.slice(from).join("/");
      if (!stems.has(stem)) stems.set(stem, path);
    }
  }
  return (path) => {
    const whole = prefix + path;
    for (const { path: where, folder, ignore } of ignores)
      if (whole.startsWith(folder) && covers(ignore, whole.slice(folder.length).split("/")))
        return { at: "", how: `${where} keeps it out of the repository, as one does with what a build makes` };
    if (!MADE.test(path)) return null;
    const parts = path.replace(MADE, "").split("/");
    let start = 0;
    while (start < parts.length - 1 && BUILT.has(parts[start] ?? "")) start++;
    // Without a folder that builds write into, a file of the same name elsewhere says nothing.
    if (start === 0) return null;
    const at = stems.get(parts.slice(start).join("/"));
    return at === undefined ? null : { at, how: `looks like what a build makes of ${at}` };
  };
}

function missingFiles(
  published: Published,
  byPath: ReadonlyMap<string, SourceEntry>,
  prefix: string,
  text: (path: string) => string | undefined,
  rebuilt: ReadonlyMap<string, PublishedFile> | undefined,
  packer: Packer,
): readonly TracedFile[] {
  // Where reading stopped early, what is not there may only not have been reached.
  if (!published.complete) return [];
  const inPackage = [...byPath.keys()].filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length));
  const expected = packer.expected({ paths: inPackage, text: (path) => text(prefix + path) }) ?? [];
  const bySource = expected
    .filter((path) => !published.files.has(path))
    .map((path) => missing(path, prefix + path, "the source says that it is published, and the package lacks it"));
  const known = new Set(expected);
  const byBuild = [...(rebuilt?.keys() ?? [])]
    .filter((path) => !published.files.has(path) && !known.has(path))
    .map((path) => missing(path, "", "our build of the source packs it, and the package lacks it"));
  return [...bySource, ...byBuild];
}

const missing = (path: string, at: string, how: string): TracedFile => ({ path, state: "missing", size: 0, blob: "", at, how });

/** A source that lies in an archive: the files below its one top folder. Contents are kept. */
export async function archiveTree(archive: Uint8Array, kind: "tgz" | "tar" | "zip"): Promise<SourceTree & { readonly complete: boolean }> {
  const entries: SourceEntry[] = [];
  const contents = new Map<string, Buffer>();
  const reading = openArchive(archive, kind);
  let total = 0;
  for await (const entry of reading) {
    if (entry.kind !== "file") continue;
    total += entry.size;
    if (total > PUBLISHED_BYTES) throw new Fault("input/too-large", `The archive holds more than ${PUBLISHED_BYTES} bytes.`);
    const path = entry.path.split("/").slice(1).join("/");
    if (path === "" || path.split("/").includes("..")) continue;
    const bytes = await entry.bytes(PUBLISHED_BYTES);
    const id = gitBlobId(bytes);
    entries.push({ path, kind: (entry.mode & 0o100) === 0 ? "file" : "executable", id });
    contents.set(id, bytes);
  }
  return { format: "sha1", entries, read: (ids) => Promise.resolve(pick(contents, ids)), complete: reading.complete() };
}

function pick(contents: ReadonlyMap<string, Buffer>, ids: Iterable<string>): ReadonlyMap<string, Buffer> {
  const picked = new Map<string, Buffer>();
  for (const id of ids) {
    const bytes = contents.get(id);
    if (bytes !== undefined) picked.set(id, bytes);
  }
  return picked;
}
