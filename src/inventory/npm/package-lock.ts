/**
 * package-lock.json and npm-shrinkwrap.json, formats 1, 2 and 3.
 * https://docs.npmjs.com/cli/v11/configuring-npm/package-lock-json
 *
 * Formats 2 and 3 hold the installed tree as a flat map from path to package: "" is the project, `packages/web` a member of its
 * workspace or a folder it depends on, `node_modules/a/node_modules/b` an installed package. Who needs whom is not written but follows
 * from Node's own rule: look in the nearest node_modules, then in the one above. Format 1 nests instead, and is brought into the same
 * form first. A `link` is no package of its own; whatever asks for it gets the folder it points to.
 */
import { Fault, type Format, type InputFile, type Listing, type Origin, type Place, type ReadContext } from "../../model/index.ts";
import { parseJson } from "../lines.ts";
import { type ListingBuilder, type NewNode, listingBuilder } from "../listing.ts";
import {
  type Ask,
  type Manifest,
  type PlainObject,
  asksOf,
  isObject,
  manifestBeside,
  member,
  textEntries,
  textMember,
  workspaceGlobs,
} from "./manifest.ts";
import { compareWithManifest } from "./mismatch.ts";
import { type EntryLines, entryLines } from "./package-lock-lines.ts";
import { MODULES, installedName, isFolderPath, isOverlong, resolver } from "./installed-tree.ts";
import { aliasOf, gitOrigin, hashesOf, isGit, originOf } from "./spec.ts";
import { matchesWorkspace } from "./workspaces.ts";

export const packageLock: Format = {
  id: "npm/package-lock",
  title: "package-lock.json",
  role: "lockfile",
  matches: (path) => path === "package-lock.json" || path.endsWith("/package-lock.json"),
  read: (file, context) => readLock("npm/package-lock", file, context),
};

export const shrinkwrap: Format = {
  id: "npm/shrinkwrap",
  title: "npm-shrinkwrap.json",
  role: "lockfile",
  matches: (path) => path === "npm-shrinkwrap.json" || path.endsWith("/npm-shrinkwrap.json"),
  read: (file, context) => readLock("npm/shrinkwrap", file, context),
};

/** An entry in the form of formats 2 and 3, whichever format it came from. */
interface Entry {
  readonly path: string;
  /** The name under which it is installed. */
  readonly installedAs: string;
  readonly line: number | undefined;
  readonly about: PlainObject;
  readonly asks: readonly Ask[];
}

const NONE: readonly (string | undefined)[] = [];

/** What the file is made of before any of it is resolved. */
interface Parts {
  readonly entries: readonly Entry[];
  /** From the path of a link to the folder it points to. */
  readonly links: ReadonlyMap<string, string>;
  readonly rootAsks: readonly Ask[] | null;
  readonly globs: readonly string[];
}

function readLock(format: string, file: InputFile, context: ReadContext): Listing {
  const lines = entryLines(file);
  const lock = parseJson(file.text, file.path);
  if (!isObject(lock)) {
    throw new Fault("inventory/format", `${file.path} holds ${lock === null ? "null" : "no object"}, not a lockfile of npm`, {
      place: { file: file.path, line: 1 },
    });
  }
  const packages = member(lock, "packages");
  const dependencies = member(lock, "dependencies");
  const stated = member(lock, "lockfileVersion");
  if (stated === undefined && packages === undefined && dependencies === undefined) {
    throw new Fault("inventory/format", `${file.path} is no lockfile of npm: it has no lockfileVersion, no packages and no dependencies`, {
      place: { file: file.path, line: 1 },
    });
  }
  for (const [key, value] of [
    ["packages", packages],
    ["dependencies", dependencies],
  ] as const) {
    if (value !== undefined && !isObject(value)) {
      throw new Fault("inventory/format", `${file.path}: "${key}" is no object`, {
        place: { file: file.path, line: lines.of("", key) ?? 1, key },
      });
    }
  }
  const version = typeof stated === "number" ? stated : isObject(packages) ? 3 : 1;
  const build = listingBuilder();
  if (version > 3)
    build.remark(
      { file: file.path, line: lines.of("", "lockfileVersion") ?? 1, key: "lockfileVersion" },
      `lockfileVersion ${version} is newer than what is known; it was read as version 3`,
    );

  const root = isObject(packages) ? member(packages, "") : undefined;
  const rootObject = isObject(root) ? root : lock;
  const manifest = manifestBeside(context);
  const name = textMember(lock, "name") || textMember(rootObject, "name");
  const projectVersion = textMember(lock, "version") || textMember(rootObject, "version");
  const parts = isObject(packages)
    ? flatParts(file, packages, lines, build)
    : nestedParts(file, isObject(dependencies) ? dependencies : {}, lines, build, manifest);
  const knowsDirect = assemble(file, build, parts, {
    name,
    version: projectVersion,
    line: lines.of("packages", "") ?? lines.of("", "name") ?? 1,
  });
  if (isObject(root) && manifest !== null) {
    compareWithManifest(build, { file: file.path, line: lines.of("packages", "") ?? 1, key: "packages/" }, manifest, asksOf(root, true));
  }
  for (const repeated of lines.repeated) {
    build.lost({ file: file.path, line: repeated.line, key: repeated.key }, `${shown(repeated.key)} stands twice; npm reads only the last`);
  }
  return build.finish({
    format,
    formatVersion: String(version),
    ecosystem: "npm",
    name,
    version: projectVersion,
    graph: knowsDirect ? "full" : "partial",
    knowsDirect,
  });
}

const shown = (key: string): string => (key === "" ? 'the entry ""' : key);

/** Formats 2 and 3. */
function flatParts(file: InputFile, packages: PlainObject, lines: EntryLines, build: ListingBuilder): Parts {
  const entries: Entry[] = [];
  const links = new Map<string, string>();
  let rootAsks: readonly Ask[] | null = null;
  let globs: readonly string[] = [];
  for (const path of Object.keys(packages)) {
    const about = packages[path];
    const line = lines.of("packages", path);
    if (!isObject(about)) {
      build.lost(placeOf(file, line, path), `the entry ${shown(path)} is no object`);
    } else if (isOverlong(path)) {
      build.lost(
        placeOf(file, line, path.slice(0, 100)),
        `the entry ${path.slice(0, 100)}… stands at a path that no installation can have`,
      );
    } else if (path === "") {
      rootAsks = asksOf(about, true);
      globs = workspaceGlobs(member(about, "workspaces"));
    } else if (member(about, "link") === true) {
      links.set(path, textMember(about, "resolved"));
    } else {
      const installed = installedName(path);
      const installedAs = installed ?? (textMember(about, "name") || path.slice(path.lastIndexOf("/") + 1));
      entries.push({ path, installedAs, line, about, asks: asksOf(about, installed === null) });
    }
  }
  return { entries, links, rootAsks: rootAsks ?? [], globs };
}

/** Format 1: a walk over the nested form, with a stack of its own so that no depth can exhaust ours. */
function nestedParts(
  file: InputFile,
  dependencies: PlainObject,
  lines: EntryLines,
  build: ListingBuilder,
  manifest: Manifest | null,
): Parts {
  const entries: Entry[] = [];
  const links = new Map<string, string>();
  const stack: { readonly parent: string; readonly dependencies: PlainObject }[] = [{ parent: "", dependencies }];
  for (let level = stack.pop(); level !== undefined; level = stack.pop()) {
    for (const name of Object.keys(level.dependencies)) {
      const path = `${level.parent === "" ? "" : `${level.parent}/`}${MODULES}${name}`;
      const line = lines.of("dependencies", path);
      const about = level.dependencies[name];
      if (!isObject(about)) {
        build.lost(placeOf(file, line, path), `the entry ${name} is no object`);
        continue;
      }
      if (isOverlong(path)) {
        const count = countBelow(about);
        build.lost(
          placeOf(file, line, path.slice(0, 100)),
          `the entry ${path.slice(0, 100)}… and ${count - 1} in it stand at paths that no installation can have`,
          count,
        );
        continue;
      }
      entries.push({ path, installedAs: name, line, about: nestedEntry(about), asks: requiresOf(about) });
      const below = member(about, "dependencies");
      if (isObject(below)) stack.push({ parent: path, dependencies: below });
      else if (below !== undefined) build.remark(placeOf(file, line, path), `"dependencies" of ${name} is no object`);
    }
  }
  return { entries, links, rootAsks: manifest === null ? null : manifest.asks, globs: [] };
}

/** How many entries a nested one holds, itself included. */
function countBelow(entry: PlainObject): number {
  let count = 0;
  const stack = [entry];
  for (let about = stack.pop(); about !== undefined; about = stack.pop()) {
    count += 1;
    const below = member(about, "dependencies");
    for (const value of isObject(below) ? Object.values(below) : []) stack.push(isObject(value) ? value : {});
  }
  return count;
}

function requiresOf(about: PlainObject): readonly Ask[] {
  return textEntries(member(about, "requires")).map(([name, range]) => ({ name, range, kind: "prod", optionalPeer: false }));
}

/** In format 1 `version` may be an alias, an address of git, an archive's address or a path: later formats divide these. */
function nestedEntry(about: PlainObject): PlainObject {
  const version = textMember(about, "version");
  const common = { ...about, inBundle: member(about, "bundled") };
  const alias = aliasOf(version);
  if (alias !== null) return { ...common, name: alias.name, version: alias.range };
  const origin = originOf(version);
  return origin === null ? common : { ...common, version: "", resolved: textMember(about, "resolved") || version, origin };
}

function placeOf(file: InputFile, line: number | undefined, key: string): Place {
  return line === undefined ? { file: file.path, key } : { file: file.path, line, key };
}

/** Makes nodes of entries, then finds for each what it asks for. True where the file (or its manifest) says what the roots ask for. */
function assemble(
  file: InputFile,
  build: ListingBuilder,
  parts: Parts,
  project: { readonly name: string; readonly version: string; readonly line: number },
): boolean {
  const { entries, links, rootAsks, globs } = parts;
  const root = build.root({ name: project.name, version: project.version, place: { file: file.path, line: project.line }, path: "" });
  const resolveFrom = resolver(
    entries.map((entry) => entry.path),
    links,
  );

  // First what is asked for and how: a specifier that is an address makes the package it reaches come from there.
  const targets: (readonly (string | undefined)[])[] = [];
  const askedAs = new Map<string, string>();
  const resolveAll = (from: string, asks: readonly Ask[]): void => {
    if (asks.length === 0) {
      targets.push(NONE);
      return;
    }
    const resolve = resolveFrom(from);
    targets.push(
      asks.map((ask) => {
        const target = resolve(ask.name);
        if (target !== undefined && ask.kind !== "peer" && /[:/]/.test(ask.range) && originOf(ask.range) !== null)
          askedAs.set(target, ask.range);
        return target;
      }),
    );
  };
  resolveAll("", rootAsks ?? []);
  for (const entry of entries) resolveAll(entry.path, entry.asks);

  const nodeOf = new Map<string, number>([["", root]]);
  const linked = new Set(links.values());
  const made: (number | undefined)[] = [];
  for (const entry of entries) {
    const isFolder = isFolderPath(entry.path);
    const place = placeOf(file, entry.line, entry.path);
    if (isFolder && matchesWorkspace(globs, entry.path)) {
      const index = build.root({ name: entry.installedAs, version: textMember(entry.about, "version"), place, path: entry.path });
      nodeOf.set(entry.path, index);
      made.push(index);
      continue;
    }
    const index = entryNode(build, entry, place, isFolder, askedAs.get(entry.path));
    made.push(index);
    if (isFolder && !linked.has(entry.path))
      build.remark(place, `${entry.path} is in no node_modules, no workspace names it and no link leads to it`);
    if (index !== undefined) nodeOf.set(entry.path, index);
  }

  const link = (from: number, path: string, asks: readonly Ask[], found: readonly (string | undefined)[]): void => {
    for (const [position, ask] of asks.entries()) {
      const target = found[position];
      const to = target === undefined ? undefined : nodeOf.get(target);
      build.edge(from, {
        to: to ?? -1,
        name: ask.name,
        range: ask.range,
        kind: ask.kind,
        ...(ask.optionalPeer ? { optionalPeer: true } : {}),
      });
      if (to === undefined && (ask.kind === "prod" || ask.kind === "dev")) {
        const outside = target !== undefined && links.size > 0;
        build.remark(
          placeOf(file, path === "" ? project.line : entryLine(path), path),
          outside
            ? `${askerName(path)} asks for ${ask.name}@${ask.range}, which is a link to ${target}; the file says nothing of that folder`
            : `${askerName(path)} asks for ${ask.name}@${ask.range}, which the file does not hold`,
        );
      }
    }
  };
  const lineOf = new Map(entries.map((entry) => [entry.path, entry.line]));
  const entryLine = (path: string): number | undefined => lineOf.get(path);
  link(root, "", rootAsks ?? [], targets[0] ?? []);
  for (const [position, entry] of entries.entries()) {
    const from = made[position];
    if (from !== undefined) link(from, entry.path, entry.asks, targets[position + 1] ?? []);
  }
  return rootAsks !== null;
}

const askerName = (path: string): string => (path === "" ? "the project" : path);

function entryNode(build: ListingBuilder, entry: Entry, place: Place, isFolder: boolean, askedAs: string | undefined): number | undefined {
  const { about } = entry;
  const name = textMember(about, "name") || entry.installedAs;
  const resolved = textMember(about, "resolved");
  const version = textMember(about, "version");
  const licence = textMember(about, "license");
  try {
    const component = build.component({
      ecosystem: "npm",
      name,
      version,
      origin: originOfEntry(entry, resolved, isFolder, askedAs),
      ...(licence === "" ? {} : { licence }),
    });
    const node: NewNode = {
      component,
      name: entry.installedAs,
      version,
      place,
      path: entry.path,
      integrity: hashesOf(member(about, "integrity")),
      resolved,
      bundled: member(about, "inBundle") === true,
      installScript: member(about, "hasInstallScript") === true,
      groups: groupsOf(about),
      scope: scopeOf(about),
    };
    return build.node(node);
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    build.lost(place, `the entry ${shown(entry.path)} has a name that no package can have: ${cause.message}`);
    return undefined;
  }
}

function originOfEntry(entry: Entry, resolved: string, isFolder: boolean, askedAs: string | undefined): Origin {
  const stated = member(entry.about, "origin");
  if (isObject(stated)) {
    const origin = stated as unknown as Origin;
    // Format 1 repeats git's address with the commit in `version`; an archive's own address is in `resolved` where it differs.
    return origin;
  }
  if (isFolder) return { kind: "directory", path: entry.path };
  if (resolved.startsWith("file:")) return originOf(resolved) ?? { kind: "unknown" };
  if (isGit(resolved)) return gitOrigin(resolved);
  if (askedAs !== undefined) {
    const origin = originOf(askedAs);
    if (origin?.kind === "url") return { kind: "url", url: resolved === "" ? askedAs : resolved };
    if (origin?.kind === "git") return originOf(resolved) ?? origin;
    if (origin !== null) return origin;
  }
  return { kind: "registry" };
}

/** npm marks what only development or an optional dependency brings; both marks where each brings it for a part. */
function groupsOf(about: PlainObject): readonly string[] {
  const groups: string[] = [];
  if (member(about, "inBundle") === true) groups.push("bundled");
  if (member(about, "dev") === true || member(about, "devOptional") === true) groups.push("dev");
  if (member(about, "optional") === true || member(about, "devOptional") === true) groups.push("optional");
  return groups;
}

function scopeOf(about: PlainObject): "prod" | "optional" | "dev" {
  if (member(about, "optional") === true || member(about, "devOptional") === true) return "optional";
  return member(about, "dev") === true ? "dev" : "prod";
}
