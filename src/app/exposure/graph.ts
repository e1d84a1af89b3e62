/**
 * Graphs from anywhere: a project, a portfolio of them, Debian's indexes, a folder of package documents, edge lists, GraphML; or one that was
 * kept under a name. What a thing is, is told by looking at it; `kind` says it where looking is not enough.
 */
import { createHash } from "node:crypto";
import { closeSync, openSync, readSync, readdirSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { type DebianSuite, debianSuite } from "../../graph/debian.ts";
import { edgeReader, exposureOfEdges, memoryOfGraph } from "../../graph/edge-list.ts";
import { type ExposureGraph, exposureOfDebian } from "../../graph/exposure-graph.ts";
import { type GraphNode, exposureOfNodes, isGraphJson, nodeOfDocument, nodesOfJson } from "../../graph/package-exposure.ts";
import { exposureOfProjects, type ProjectOfGraph } from "../../graph/project-exposure.ts";
import { readInputFile, readProject } from "../../inventory/index.ts";
import { walk } from "../../inventory/tree/walk.ts";
import { formatOf } from "../../inventory/formats.ts";
import { Fault, type GraphDescription, type GraphInput, sha256 } from "../../model/index.ts";
import { APT_LISTS, findAptLists, readDebianIndex } from "../../sources/debian.ts";
import { userFolders } from "../../store/folders.ts";
import { forgetGraph, graphFolder, isGraphName, keepGraph, keptGraph, keptGraphs } from "../../store/graphs.ts";
import { compareVersions } from "../../versions/index.ts";
import { graphFromSections, sectionsOf } from "./graph-sections.ts";
import { readGraphml } from "./graphml.ts";

type Kind = GraphDescription["kind"];

export interface GraphOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly kind?: Kind;
  /** Debian's index of sources, beside the one of packages. */
  readonly sources?: string;
  /** Let everything depend on Debian's essential packages. */
  readonly essential?: boolean;
  /** Read Debian's version relations, Conflicts and Breaks. */
  readonly versions?: boolean;
  /** For apt's lists. */
  readonly suite?: string;
  readonly architecture?: string;
}

/** Files in a folder of package documents: npm had three million in 2026, which is more than one graph is asked for. */
const MAX_DOCUMENTS = 1_000_000;
/** Projects of a portfolio. */
const MAX_PROJECTS = 100_000;
const PIECE_BYTES = 4 * 1024 * 1024;
/** The word that stands for apt's own lists. */
const APT = "apt";

/**
 * The graph that a word means: a kept one, or what lies at that path (this folder unless given).
 * @throws Fault for what cannot be read, and `input/too-large` where the graph would not fit into the memory that there is
 */
export async function openGraph(wanted: string | undefined, options: GraphOptions): Promise<ExposureGraph> {
  if (wanted !== undefined && isGraphName(wanted) && options.kind === undefined && options.sources === undefined) {
    const kept = keptGraph(graphFolder(userFolders(options.env).data), wanted);
    if (kept !== null) return asAsked(graphFromSections(kept, wanted), wanted, options);
  }
  return readGraph([wanted ?? "."], options);
}

/** A graph that was kept is as it was read: what is asked for now and was not then would be missing without a word. */
function asAsked(graph: ExposureGraph, name: string, { versions, essential }: GraphOptions): ExposureGraph {
  const missing = [
    ...(versions === true && graph.constraints === null ? ["--versions"] : []),
    ...(essential === true && !graph.about.essential.asEdges ? ["--essential"] : []),
  ].join(" ");
  if (missing === "") return graph;
  throw new Fault("cli/usage", `${name} was kept without ${missing}`, {
    hint: `load it again: tributary graph load SOURCE ${missing} --as ${name}`,
  });
}

/** Reads a graph from what it is made of. Several paths are the files of one graph: more indexes of one suite, more projects of a portfolio. */
export async function readGraph(paths: readonly string[], options: GraphOptions): Promise<ExposureGraph> {
  const [path = "."] = paths;
  if (path === APT) return fromApt(options);
  const absolute = resolve(options.cwd, path);
  const stat = statSync(absolute, { throwIfNoEntry: false });
  if (stat === undefined) {
    const known = keptGraphs(graphFolder(userFolders(options.env).data)).map(({ name }) => name);
    throw new Fault("input/not-found", `${path} is neither a path nor a graph that is kept`, {
      place: { file: path },
      hint: known.length === 0 ? "tributary graph load SOURCE --as NAME keeps one" : `kept are: ${known.slice(0, 8).join(", ")}`,
    });
  }
  const kind = options.kind ?? (stat.isDirectory() ? "project" : kindOfFile(absolute, path));
  if (options.versions === true && kind !== "debian")
    throw new Fault("cli/usage", `--versions is for Debian's indexes, and ${path} is none`, { place: { file: path } });
  switch (kind) {
    case "debian":
      return fromDebian(paths, options.sources === undefined ? [] : [options.sources], options, basename(path));
    case "portfolio":
      return fromPortfolio(paths, options);
    case "packages":
      return fromDocuments(absolute, path);
    case "edges":
      return fromEdges(absolute, path);
    case "project": {
      const project = await readProject(path, { cwd: options.cwd });
      const name = project.name === "" ? basename(absolute) : project.name;
      return fromProjects([{ project, label: name }], "project", name);
    }
  }
}

/** Keeps a graph under a name. Returns how many bytes of it lie on the disk. */
export function keep(graph: ExposureGraph, name: string, env: GraphOptions["env"]): void {
  const { about, sections } = sectionsOf({ ...graph, about: { ...graph.about, name } });
  keepGraph(graphFolder(userFolders(env).data), name, about, sections);
}

export interface KeptGraph {
  readonly name: string;
  readonly bytes: number;
  /** null where the file is damaged. */
  readonly about: GraphDescription | null;
}

export function listKept(env: GraphOptions["env"]): readonly KeptGraph[] {
  return keptGraphs(graphFolder(userFolders(env).data)).map(({ name, bytes, about }) => ({
    name,
    bytes,
    about: typeof about === "object" && about !== null && "description" in about ? (about.description as GraphDescription) : null,
  }));
}

export const forget = (name: string, env: GraphOptions["env"]): boolean => forgetGraph(graphFolder(userFolders(env).data), name);

const gibibytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;

/** Throws where a graph of this size would not fit: a message before, not a crash after. */
function assertFits(nodes: number, edges: number, path: string): void {
  const needed = memoryOfGraph(nodes, edges);
  const there = process.availableMemory();
  if (needed <= there) return;
  throw new Fault(
    "input/too-large",
    `${path} would take about ${gibibytes(needed)} of memory (${edges} edges), and ${gibibytes(there)} are free`,
    {
      place: { file: path },
      hint: "take a part of the graph, or a machine with more memory",
    },
  );
}

const DEBIAN_NAME = /(?:^|[-_])(?:Packages|Sources)(?:\.[a-z0-9]+)?$/;
/** Of the beginning of a file, to tell what it is. */
const HEAD_BYTES = 65_536;

function headOf(file: string): Buffer {
  const handle = openSync(file, "r");
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    return head.subarray(0, readSync(handle, head, 0, HEAD_BYTES, 0));
  } finally {
    closeSync(handle);
  }
}

function kindOfFile(absolute: string, path: string): Kind {
  const name = basename(path);
  const head = headOf(absolute).toString("latin1");
  if (DEBIAN_NAME.test(name) || head.startsWith("Package: ")) return "debian";
  if (/\.(?:csv|tsv|edges|graphml)$/i.test(name)) return "edges";
  if (/\.json$/i.test(name) && /^\s*\{[^]*?"edges"\s*:/.test(head) && formatOf(path, () => head) === undefined) return "edges";
  if (formatOf(path, () => head) !== undefined) return "project";
  if (/\.txt$/i.test(name)) return "edges";
  if (/\.json$/i.test(name)) {
    const value = parseJson(readInputFile(absolute, path).text, path);
    if (isGraphJson(value)) return "edges";
  }
  return "project";
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new Fault("inventory/syntax", `${file} is no JSON: ${cause instanceof Error ? cause.message : "?"}`, { place: { file }, cause });
  }
}

function fromApt(options: GraphOptions): ExposureGraph {
  const architecture = options.architecture ?? "amd64";
  const lists = findAptLists(APT_LISTS, architecture, options.suite);
  const packages = lists.filter(({ kind }) => kind === "packages").map(({ file }) => file);
  if (packages.length === 0) {
    throw new Fault("input/not-found", `apt has no lists${options.suite === undefined ? "" : ` of ${options.suite}`} for ${architecture}`, {
      hint: "apt-get update fills them; deb-src lines in its sources bring the index of sources",
    });
  }
  const sources = lists.filter(({ kind }) => kind === "sources").map(({ file }) => file);
  return fromDebian(packages, sources, options, options.suite ?? APT);
}

/** An index that was read, by the name under which the user knows it. */
interface Index {
  readonly file: string;
  readonly bytes: Uint8Array;
}

function fromDebian(packages: readonly string[], sources: readonly string[], options: GraphOptions, name: string): ExposureGraph {
  const inputs: GraphInput[] = [];
  const read = (file: string): Index => {
    const bytes = readDebianIndex(resolve(options.cwd, file), file);
    inputs.push({ file: basename(file), sha256: sha256(bytes), bytes: bytes.length });
    return { file, bytes };
  };
  const binary = packages.map(read);
  const source = sources.map(read);
  const files = { packages: packages[0] ?? "Packages", sources: sources[0] ?? "Sources" };
  let suite: DebianSuite;
  try {
    suite = debianSuite(joined(binary), source.length === 0 ? null : joined(source), {
      compareVersions: (a, b) => compareVersions("Debian", a, b),
      files,
      essential: options.essential === true,
      versions: options.versions === true,
    });
  } catch (cause) {
    const place = cause instanceof Fault ? cause.place : undefined;
    if (!(cause instanceof Fault) || place?.line === undefined) throw cause;
    throw new Fault(cause.code, cause.message, {
      place: placeIn(place.file === files.packages ? binary : source, place.line),
      ...(cause.hint === undefined ? {} : { hint: cause.hint }),
      cause,
    });
  }
  if (suite.names.length === 0)
    throw new Fault("inventory/syntax", `${files.packages} names no package`, { place: { file: files.packages } });
  return exposureOfDebian(suite, { name, inputs, essential: options.essential === true });
}

const NEWLINE = 10;
/** Between two indexes: a stanza ends with an empty line. */
const BETWEEN = Buffer.from("\n\n");

/** Several indexes as one. Throws `inventory/syntax` where one was cut off: what follows would be read as the rest of its line. */
function joined(parts: readonly Index[]): Uint8Array {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only.bytes;
  for (const { file, bytes } of parts) {
    if (bytes.length > 0 && bytes.at(-1) !== NEWLINE)
      throw new Fault("inventory/syntax", "the file ends in the middle of a line: it was cut off", {
        place: { file },
        hint: "fetch the index again",
      });
  }
  return Buffer.concat(parts.flatMap(({ bytes }) => [bytes, BETWEEN]));
}

/** Where a line of several indexes as one stands: in which file, and on which line of that. */
function placeIn(parts: readonly Index[], line: number): { readonly file: string; readonly line: number } {
  let before = 0;
  for (const { file, bytes } of parts) {
    const lines = bytes.reduce((count, byte) => (byte === NEWLINE ? count + 1 : count), 0) + BETWEEN.length;
    if (line <= before + lines || file === parts.at(-1)?.file) return { file, line: line - before };
    before += lines;
  }
  return { file: "Packages", line };
}

async function fromPortfolio(paths: readonly string[], options: GraphOptions): Promise<ExposureGraph> {
  const projects: ProjectOfGraph[] = [];
  const problems: string[] = [];
  for (const path of paths) {
    const absolute = resolve(options.cwd, path);
    const walked = walk(absolute, { exclude: [], installed: false });
    const folders = new Set<string>();
    for (const file of walked.files) {
      const format = formatOf(file);
      if (format === undefined || format.role === "manifest" || format.role === "installed") continue;
      // An SBOM is a project of its own; a lockfile speaks for its folder.
      const at = file.lastIndexOf("/");
      folders.add(format.role === "sbom" ? file : at === -1 ? "." : file.slice(0, at));
    }
    if (folders.size > MAX_PROJECTS)
      throw new Fault("input/too-large", `${path} holds more than ${MAX_PROJECTS} projects`, { place: { file: path } });
    for (const folder of [...folders].toSorted()) {
      const shown = folder === "." ? path : join(path, folder);
      try {
        projects.push({ project: await readProject(shown, { cwd: options.cwd }), label: folder === "." ? basename(absolute) : folder });
      } catch (cause) {
        if (!(cause instanceof Fault)) throw cause;
        problems.push(`${shown}: ${cause.message}`);
      }
    }
  }
  if (projects.length === 0) {
    throw new Fault(
      "inventory/no-lockfile",
      `no project with a lockfile or an SBOM lies in ${paths.join(", ")}`,
      problems.length === 0 ? {} : { hint: problems[0] ?? "" },
    );
  }
  const graph = fromProjects(projects, "portfolio", paths.map((path) => basename(resolve(options.cwd, path))).join(", "));
  return problems.length === 0
    ? graph
    : {
        ...graph,
        about: { ...graph.about, notModelled: [...graph.about.notModelled, ...problems.map((problem) => `not read: ${problem}`)] },
      };
}

function fromProjects(projects: readonly ProjectOfGraph[], kind: "project" | "portfolio", name: string): ExposureGraph {
  const inputs = projects.flatMap(({ project }) =>
    "files" in project
      ? (project as { readonly files: readonly { readonly path: string; readonly sha256: string }[] }).files.map((file) => ({
          file: file.path,
          sha256: file.sha256,
          bytes: 0,
        }))
      : [],
  );
  return exposureOfProjects(projects, { name, kind, inputs });
}

function fromDocuments(folder: string, path: string): ExposureGraph {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".json"))
    .toSorted();
  if (files.length > MAX_DOCUMENTS)
    throw new Fault("input/too-large", `${path} holds more than ${MAX_DOCUMENTS} documents`, { place: { file: path } });
  const nodes = new Map<string, GraphNode>();
  const hash = createHash("sha256");
  let bytes = 0;
  let others = 0;
  for (const file of files) {
    const input = readInputFile(join(folder, file), join(path, file));
    hash.update(input.bytes);
    bytes += input.bytes.length;
    let node: GraphNode | null = null;
    try {
      node = nodeOfDocument(JSON.parse(input.text) as unknown);
    } catch {
      // Counted below with all that is no document.
    }
    if (node === null) others++;
    else nodes.set(node.name, node);
  }
  if (nodes.size === 0)
    throw new Fault("inventory/format", `${path} holds no registry's documents of packages (${files.length} JSON files looked at)`, {
      place: { file: path },
    });
  const graph = exposureOfNodes([...nodes.values()], {
    name: basename(path),
    kind: "packages",
    inputs: [{ file: path, sha256: hash.digest("hex"), bytes }],
  });
  const notes = [
    "the newest release of each package stands for all of them",
    ...(others === 0 ? [] : [`${others} JSON files that are no documents of packages`]),
  ];
  return { ...graph, about: { ...graph.about, notModelled: [...graph.about.notModelled, ...notes] } };
}

function fromEdges(absolute: string, path: string): ExposureGraph {
  const name = basename(path).replace(/\.[^.]+$/, "");
  if (/\.(?:json|graphml)$/i.test(path)) {
    const file = readInputFile(absolute, path);
    const inputs = [{ file: path, sha256: sha256(file.bytes), bytes: file.bytes.length }];
    const nodes = /\.json$/i.test(path) ? nodesOfJson(parseJson(file.text, path), path) : readGraphml(file.text, path);
    return exposureOfNodes(nodes, { name, kind: "edges", inputs }, { open: false });
  }
  const size = statSync(absolute).size;
  const head = headOf(absolute);
  const lines = head.reduce((count, byte) => count + (byte === 10 ? 1 : 0), 0);
  // Nodes are few beside edges until they are known: the second look is after reading.
  assertFits(0, lines === 0 ? 1 : Math.round((size / head.length) * lines), path);
  const reader = edgeReader(path);
  const hash = createHash("sha256");
  const handle = openSync(absolute, "r");
  try {
    for (;;) {
      const piece = Buffer.alloc(Math.min(PIECE_BYTES, Math.max(1, size)));
      const count = readSync(handle, piece, 0, piece.length, null);
      if (count === 0) break;
      hash.update(piece.subarray(0, count));
      reader.push(piece.subarray(0, count));
    }
  } finally {
    closeSync(handle);
  }
  const raw = reader.end();
  assertFits(raw.names.length, raw.from.length, path);
  const graph = exposureOfEdges(raw, { name, kind: "edges", inputs: [{ file: path, sha256: hash.digest("hex"), bytes: size }] });
  if (raw.problemCount === 0) return graph;
  const [first] = raw.problems;
  const notes = [
    `${raw.problemCount === 1 ? "1 line that is no edge:" : `${raw.problemCount} lines that are no edges, the first of them`} line ${first?.line ?? 0}, which ${first?.message ?? ""}`,
  ];
  return { ...graph, about: { ...graph.about, notModelled: [...graph.about.notModelled, ...notes] } };
}
