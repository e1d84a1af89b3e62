/**
 * pnpm-lock.yaml, formats 5, 6 and 9, in one document or two.
 * https://github.com/pnpm/spec/tree/master/lockfile and https://pnpm.io/lockfile
 *
 * `importers` are the members of the workspace (older files of a single project have their dependencies at the top). `packages` holds
 * what is installed, by dependency path; format 9 keeps there only what is true of the release and puts each of its instances, which
 * differ by the peers they see, into `snapshots`. Since pnpm 11 a first document may come before the project's own: it holds pnpm
 * itself and what its configuration loads. Both are read, and what belongs to the tool carries a group that says so.
 */
import { Fault, type Format, type InputFile, type Listing, type Origin, type Place, type ReadContext } from "../../model/index.ts";
import { type ListingBuilder, listingBuilder } from "../listing.ts";
import { type Manifest, manifestBeside } from "./manifest.ts";
import { compareWithManifest } from "./mismatch.ts";
import { type DependencyPath, readDependencyPath, targetOf } from "./pnpm-path.ts";
import type { YamlMap } from "./quick-yaml.ts";
import { mapIn, parseYaml, textIn } from "./yaml.ts";
import { commitOfArchive, fileOrigin, gitOrigin, hashesOf } from "./spec.ts";

export const pnpmLock: Format = {
  id: "npm/pnpm-lock",
  title: "pnpm-lock.yaml",
  role: "lockfile",
  matches: (path) => path === "pnpm-lock.yaml" || path.endsWith("/pnpm-lock.yaml"),
  read,
};

/** The sections of an importer, and what asking there means. */
const SECTIONS = [
  { key: "dependencies", kind: "prod", group: "" },
  { key: "devDependencies", kind: "dev", group: "" },
  { key: "optionalDependencies", kind: "optional", group: "" },
  { key: "configDependencies", kind: "dev", group: "config" },
  { key: "packageManagerDependencies", kind: "dev", group: "package-manager" },
] as const;

interface State {
  readonly file: InputFile;
  readonly build: ListingBuilder;
  readonly major: number;
  /** Roots by their importer's path, over all documents: both speak of the same project. */
  readonly roots: Map<string, number>;
  readonly manifests: Map<string, Manifest | null>;
  readonly context: ReadContext;
}

function read(file: InputFile, context: ReadContext): Listing {
  const documents = parseYaml(file.text, file.path);
  const filled = documents.filter((document) => document.size > 0);
  const project = filled.at(-1);
  if (project === undefined) {
    throw new Fault("inventory/format", `${file.path} is empty, which no lockfile of pnpm is`, { place: { file: file.path, line: 1 } });
  }
  const version = textIn(project, "lockfileVersion");
  const build = listingBuilder();
  const state: State = { file, build, major: majorOf(project, file), roots: new Map(), manifests: new Map(), context };
  rootFor(state, ".", 1);
  if (state.major > 9) {
    build.remark(
      { file: file.path, line: project.get("lockfileVersion")?.line ?? 1, key: "lockfileVersion" },
      `lockfileVersion ${version} is newer than what is known; it was read as version 9`,
    );
  }
  for (const document of filled) readDocument({ ...state, major: majorOf(document, file) }, document, document === project);
  const own = state.manifests.get(".");
  return build.finish({
    format: pnpmLock.id,
    formatVersion: version,
    ecosystem: "npm",
    name: own?.name ?? "",
    version: own?.version ?? "",
    graph: "full",
  });
}

/** 5 for `5.4` and `5.4-inlineSpecifiers`; before 5 pnpm called the file by another name (shrinkwrap.yaml). */
function majorOf(document: YamlMap, file: InputFile): number {
  const version = textIn(document, "lockfileVersion");
  const major = Number.parseInt(version, 10);
  if (Number.isNaN(major)) {
    const line = document.get("lockfileVersion")?.line ?? 1;
    throw new Fault("inventory/format", `${file.path} has no lockfileVersion, which every lockfile of pnpm has`, {
      place: { file: file.path, line },
    });
  }
  if (major < 5) {
    throw new Fault("inventory/format", `${file.path} is of lockfileVersion ${version}; pnpm 3 (2019) and later write 5 and later`, {
      place: { file: file.path, line: document.get("lockfileVersion")?.line ?? 1 },
      hint: "write the file again with a current pnpm",
    });
  }
  return major;
}

function rootFor(state: State, path: string, line: number): number {
  const known = state.roots.get(path);
  if (known !== undefined) return known;
  const manifest = manifestBeside(state.context, path);
  state.manifests.set(path, manifest);
  const shown = path === "." ? "" : path;
  const root = state.build.root({
    name: manifest?.name || shown,
    version: manifest?.version ?? "",
    place: { file: state.file.path, line, key: path === "." ? "importers/." : `importers/${path}` },
    path: shown,
  });
  state.roots.set(path, root);
  return root;
}

function readDocument(state: State, document: YamlMap, isProject: boolean): void {
  const { file, build } = state;
  for (const section of ["packages", "snapshots", "importers"]) {
    const entry = document.get(section);
    if (entry !== undefined && typeof entry.value === "string" ? entry.value !== "" : Array.isArray(entry?.value)) {
      throw new Fault("inventory/format", `${file.path}: "${section}" is no mapping`, {
        place: { file: file.path, line: entry?.line ?? 1, key: section },
      });
    }
  }
  const importers = mapIn(document, "importers") ?? new Map([[".", { line: 1, value: document }]]);
  const roots: { readonly path: string; readonly importer: YamlMap; readonly root: number; readonly line: number }[] = [];
  for (const [path, { line, value }] of importers) {
    if (value instanceof Map) roots.push({ path, importer: value, root: rootFor(state, path, line), line });
    else if (value !== "") build.remark({ file: file.path, line, key: `importers/${path}` }, `the importer ${path} is no mapping`);
    else rootFor(state, path, line);
  }

  const toolsOwn = isProject
    ? null
    : groupsOfTool(
        state,
        roots.map(({ importer }) => importer),
        document,
      );
  const nodes = readPackages(state, document, toolsOwn);

  const overridden = overrideNames(document);
  for (const { path, importer, root, line } of roots) {
    const specifiers = mapIn(importer, "specifiers");
    const asked: { name: string; range: string; kind: "prod" | "dev" | "optional"; optionalPeer: boolean }[] = [];
    for (const { key, kind } of SECTIONS) {
      for (const [name, entry] of mapIn(importer, key) ?? []) {
        const inline = entry.value instanceof Map ? entry.value : undefined;
        const reference = inline === undefined ? (typeof entry.value === "string" ? entry.value : "") : textIn(inline, "version");
        const range = inline === undefined ? (specifiers === undefined ? "" : textIn(specifiers, name)) : textIn(inline, "specifier");
        const to = resolve(state, nodes, path, name, reference);
        build.edge(root, { to, name, range, kind });
        if (to === -1 && !isOutsideLink(reference)) {
          build.remark(
            { file: file.path, line: entry.line, key: name },
            `${path} asks for ${name} (${reference}), which the file does not hold`,
          );
        }
        if (isProject && !overridden.has(name)) asked.push({ name, range, kind, optionalPeer: false });
      }
    }
    const manifest = state.manifests.get(path);
    if (isProject && manifest !== null && manifest !== undefined) {
      // What an override governs is written here as the override has it, so it says nothing about package.json.
      const comparable = { ...manifest, asks: manifest.asks.filter((ask) => !overridden.has(ask.name)) };
      compareWithManifest(build, { file: file.path, line, key: `importers/${path}` }, comparable, asked);
    }
  }
}

/** A `link:` to a folder that is no importer: installed from disk, with nothing in the file. */
const isOutsideLink = (reference: string): boolean => reference.startsWith("link:");

/** Names whose version an override sets: `foo`, `foo@^1`, `parent>foo`. */
function overrideNames(document: YamlMap): ReadonlySet<string> {
  const names = new Set<string>();
  for (const selector of mapIn(document, "overrides")?.keys() ?? []) {
    const last = selector.slice(selector.lastIndexOf(">") + 1).trim();
    const at = last.indexOf("@", 1);
    names.add(at === -1 ? last : last.slice(0, at));
  }
  return names;
}

/** In the first of two documents: which packages belong to pnpm itself and which to its configuration. */
function groupsOfTool(state: State, importers: readonly YamlMap[], document: YamlMap): (key: string) => readonly string[] {
  const groups = new Map<string, Set<string>>();
  const snapshots = mapIn(document, "snapshots") ?? mapIn(document, "packages");
  const packages = mapIn(document, "packages");
  const has = (key: string): boolean => snapshots?.has(key) === true || packages?.has(key) === true;
  for (const importer of importers) {
    for (const { key, group } of SECTIONS) {
      if (group === "") continue;
      const queue: string[] = [];
      for (const [name, { value }] of mapIn(importer, key) ?? []) {
        const reference = value instanceof Map ? textIn(value, "version") : typeof value === "string" ? value : "";
        const target = targetOf(state.major, name, reference, has);
        if (target !== null) queue.push(target);
      }
      for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
        const known = groups.get(at) ?? new Set<string>();
        if (known.has(group)) continue;
        groups.set(at, known.add(group));
        const entry = snapshots === undefined ? undefined : mapIn(snapshots, at);
        for (const section of ["dependencies", "optionalDependencies"]) {
          for (const [name, { value }] of (entry === undefined ? undefined : mapIn(entry, section)) ?? []) {
            const target = typeof value === "string" ? targetOf(state.major, name, value, has) : null;
            if (target !== null) queue.push(target);
          }
        }
      }
    }
  }
  return (key) => [...(groups.get(key) ?? ["package-manager"])].toSorted();
}

/** Makes the nodes of one document and the edges between them; gives the nodes by their key. */
function readPackages(state: State, document: YamlMap, toolsOwn: ((key: string) => readonly string[]) | null): ReadonlyMap<string, number> {
  const { file, build, major } = state;
  const packages: YamlMap = mapIn(document, "packages") ?? new Map();
  const snapshots = major >= 9 ? mapIn(document, "snapshots") : undefined;
  const nodes = new Map<string, number>();
  const instances: { readonly key: string; readonly node: number; readonly about: YamlMap; readonly instance: YamlMap }[] = [];
  const used = new Set<string>();
  const empty: YamlMap = new Map();

  const take = (key: string, packageKey: string, instanceLine: number, instance: YamlMap): void => {
    const entry = packages.get(packageKey);
    used.add(packageKey);
    const place: Place = { file: file.path, line: entry?.line ?? instanceLine, key };
    if (entry !== undefined && !(entry.value instanceof Map) && entry.value !== "") {
      build.lost(place, `the entry ${key} is no mapping`);
      return;
    }
    const about = entry?.value instanceof Map ? entry.value : empty;
    if (entry === undefined) build.remark(place, `${key} stands in snapshots but not in packages: its hash is not known`);
    const node = packageNode(
      build,
      place,
      readDependencyPath(major, key, textIn(about, "name"), textIn(about, "version")),
      about,
      instance,
      toolsOwn?.(key),
    );
    if (node === undefined) return;
    nodes.set(key, node);
    instances.push({ key, node, about, instance });
  };
  for (const [key, { line, value }] of snapshots ?? []) {
    if (!(value instanceof Map) && value !== "") build.lost({ file: file.path, line, key }, `the entry ${key} in snapshots is no mapping`);
    else take(key, packages.has(key) ? key : withoutPeers(key), line, value instanceof Map ? value : empty);
  }
  for (const [key, { line, value }] of packages) {
    if (!used.has(key)) take(key, key, line, value instanceof Map ? value : empty);
  }

  for (const { key, node, about, instance } of instances) {
    const peers = mapIn(about, "peerDependencies");
    const meta = mapIn(about, "peerDependenciesMeta");
    const filled = new Set<string>();
    for (const [section, kind] of [
      ["dependencies", "prod"],
      ["optionalDependencies", "optional"],
    ] as const) {
      for (const [name, { line, value }] of mapIn(instance, section) ?? []) {
        const reference = typeof value === "string" ? value : "";
        const to = resolve(state, nodes, "", name, reference);
        const peerRange = peers === undefined ? "" : textIn(peers, name);
        if (peers?.has(name) === true) {
          filled.add(name);
          build.edge(node, { to, name, range: peerRange, kind: "peer", ...(isOptionalPeer(meta, name) ? { optionalPeer: true } : {}) });
        } else build.edge(node, { to, name, range: "", kind });
        if (to === -1 && kind === "prod" && !isOutsideLink(reference)) {
          build.remark({ file: file.path, line, key }, `${key} asks for ${name} (${reference}), which the file does not hold`);
        }
      }
    }
    for (const [name, { value }] of peers ?? []) {
      if (filled.has(name)) continue;
      build.edge(node, {
        to: -1,
        name,
        range: typeof value === "string" ? value : "",
        kind: "peer",
        ...(isOptionalPeer(meta, name) ? { optionalPeer: true } : {}),
      });
    }
  }
  return nodes;
}

function isOptionalPeer(meta: YamlMap | undefined, name: string): boolean {
  const about = meta === undefined ? undefined : mapIn(meta, name);
  return about !== undefined && textIn(about, "optional") === "true";
}

/** `react-dom@18.2.0` for `react-dom@18.2.0(react@18.2.0)`: brackets stand only at the end, and may nest. */
function withoutPeers(key: string): string {
  const open = key.indexOf("(");
  return open === -1 ? key : key.slice(0, open);
}

/** The node that a reference reaches: an instance, or a member of the workspace through `link:`. -1 where there is none. */
function resolve(state: State, nodes: ReadonlyMap<string, number>, importer: string, name: string, reference: string): number {
  if (reference.startsWith("link:")) {
    const path = joined(importer, reference.slice(5));
    return state.roots.get(path) ?? -1;
  }
  const target = targetOf(state.major, name, reference, (key) => nodes.has(key));
  return target === null ? -1 : (nodes.get(target) ?? -1);
}

/** Where a path from a folder leads, "." for the top; the file always writes `/`. */
function joined(folder: string, path: string): string {
  const out: string[] = [];
  for (const part of `${folder}/${path}`.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === ".." && out.length > 0 && out.at(-1) !== "..") out.pop();
    else out.push(part);
  }
  return out.length === 0 ? "." : out.join("/");
}

function packageNode(
  build: ListingBuilder,
  place: Place,
  path: DependencyPath | null,
  about: YamlMap,
  instance: YamlMap,
  toolGroups: readonly string[] | undefined,
): number | undefined {
  if (path === null) {
    build.lost(place, `${place.key ?? ""} is no dependency path from which a name and a version could be read`);
    return undefined;
  }
  const resolution = mapIn(about, "resolution") ?? new Map();
  const groups = toolGroups ?? [
    ...(flag(about, instance, "dev") ? ["dev"] : []),
    ...(flag(about, instance, "optional") ? ["optional"] : []),
  ];
  try {
    const component = build.component({
      ecosystem: path.runtime ? "" : "npm",
      name: path.name,
      version: path.version,
      origin: originOf(path, resolution),
    });
    return build.node({
      component,
      name: path.name,
      place,
      path: place.key ?? "",
      integrity: hashesOf(textIn(resolution, "integrity")),
      resolved: textIn(resolution, "tarball"),
      installScript: flag(about, instance, "requiresBuild"),
      groups,
      scope: flag(about, instance, "optional") ? "optional" : flag(about, instance, "dev") || toolGroups !== undefined ? "dev" : "prod",
    });
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    build.lost(place, `${place.key ?? ""} has a name that no package can have: ${cause.message}`);
    return undefined;
  }
}

const flag = (about: YamlMap, instance: YamlMap, key: string): boolean => textIn(about, key) === "true" || textIn(instance, key) === "true";

function originOf(path: DependencyPath, resolution: YamlMap): Origin {
  if (path.runtime) return { kind: "unknown" };
  if (textIn(resolution, "type") === "git") return { kind: "git", url: textIn(resolution, "repo"), commit: textIn(resolution, "commit") };
  if (textIn(resolution, "type") === "directory") return { kind: "directory", path: textIn(resolution, "directory") };
  const tarball = textIn(resolution, "tarball");
  if (tarball.startsWith("file:")) return fileOrigin(tarball.slice(5));
  if (path.from.startsWith("file:")) return fileOrigin(withoutPeers(path.from.slice(5)));
  if (path.from === "") return { kind: "registry" };
  const address = tarball === "" ? path.from : tarball;
  const archive = commitOfArchive(address);
  if (archive !== null) return { kind: "git", url: archive.repository, commit: archive.commit };
  if (/^(?:git\+|git:|ssh:|git@)/.test(path.from)) return gitOrigin(path.from);
  return { kind: "url", url: address };
}
