/**
 * bun.lock: JSON with comments and trailing commas. `workspaces` are the members of the project; `packages` maps the place of a package
 * in the installed tree (`a/b` is b inside of a's node_modules) to a tuple that begins with its name and what it was resolved to.
 * https://bun.com/docs/pm/lockfile
 */
import { Fault, type Format, type InputFile, type Listing, type Origin, type Place, type ReadContext } from "../../model/index.ts";
import { keyLines, parseJson, relaxJson } from "../lines.ts";
import { type ListingBuilder, listingBuilder } from "../listing.ts";
import { type Ask, type PlainObject, asksOf, isObject, manifestBeside, member, textMember } from "./manifest.ts";
import { isOverlong } from "./installed-tree.ts";
import { compareWithManifest } from "./mismatch.ts";
import { commitOfArchive, fileOrigin, gitOrigin, hashesOf } from "./spec.ts";

export const bunLock: Format = {
  id: "npm/bun-lock",
  title: "bun.lock",
  role: "lockfile",
  matches: (path) => path === "bun.lock" || path.endsWith("/bun.lock"),
  read,
};

interface Entry {
  /** The key cut into names: `["a", "@s/b"]`. */
  readonly path: readonly string[];
  readonly node: number;
  readonly asks: readonly Ask[];
  readonly place: Place;
}

function read(file: InputFile, context: ReadContext): Listing {
  const text = relaxJson(file.text);
  const lines = keyLines(text, file.path, ["workspaces", "packages"]);
  const lock = parseJson(text, file.path);
  if (!isObject(lock))
    throw new Fault("inventory/format", `${file.path} holds no object, so it is no lockfile of Bun`, {
      place: { file: file.path, line: 1 },
    });
  const workspaces = section(file, lock, "workspaces", lines.line("", "workspaces"));
  const packages = section(file, lock, "packages", lines.line("", "packages"));
  const build = listingBuilder();

  const roots = new Map<string, { readonly node: number; readonly name: string; readonly asks: readonly Ask[]; readonly place: Place }>();
  const nodeOf = new Map<string, number>();
  for (const folder of Object.keys(workspaces)) {
    const about = workspaces[folder];
    const place: Place = { file: file.path, line: lines.line("workspaces", folder) ?? 1, key: `workspaces/${folder}` };
    if (!isObject(about)) {
      build.remark(place, `the workspace "${folder}" is no object`);
      continue;
    }
    const name = textMember(about, "name");
    const node = build.root({ name, version: textMember(about, "version"), place, path: folder });
    roots.set(folder, { node, name, asks: asksWithOptionalPeers(about, true), place });
  }

  const entries: Entry[] = [];
  for (const key of Object.keys(packages)) {
    const place: Place = { file: file.path, line: lines.line("packages", key) ?? 1, key };
    const tuple = packages[key];
    const id = Array.isArray(tuple) && typeof tuple[0] === "string" ? tuple[0] : "";
    const at = id.indexOf("@", 1);
    if (!Array.isArray(tuple) || at === -1) {
      build.lost(place, `the entry ${key} does not begin with a name and a version`);
      continue;
    }
    if (isOverlong(key)) {
      build.lost({ ...place, key: key.slice(0, 100) }, `the entry ${key.slice(0, 100)}… stands at a path that no installation can have`);
      continue;
    }
    const reference = id.slice(at + 1);
    if (reference.startsWith("workspace:") || reference.startsWith("root:")) {
      const folder = reference.slice(reference.indexOf(":") + 1);
      const root = roots.get(folder);
      if (root === undefined) build.lost(place, `the entry ${key} is the member ${folder} of the workspace, which the file does not hold`);
      else nodeOf.set(key, root.node);
      continue;
    }
    const about = tuple.find((part): part is PlainObject => isObject(part)) ?? {};
    const node = packageNode(build, place, id.slice(0, at), reference, tuple);
    if (node === undefined) continue;
    nodeOf.set(key, node);
    entries.push({ path: namesOf(key), node, asks: asksWithOptionalPeers(about, false), place });
  }
  for (const repeated of lines.repeated) {
    const place = { file: file.path, line: repeated.line, key: repeated.key };
    if (repeated.section === "packages") build.lost(place, `${repeated.key} stands twice; only the last was read`);
    else build.remark(place, `${repeated.key} stands twice; only the last was read`);
  }

  const ask = (from: number, path: readonly string[], asks: readonly Ask[], place: Place): void => {
    for (const one of asks) {
      const to = resolve(nodeOf, path, one.name);
      build.edge(from, { to, name: one.name, range: one.range, kind: one.kind, ...(one.optionalPeer ? { optionalPeer: true } : {}) });
      if (to === -1 && (one.kind === "prod" || one.kind === "dev")) {
        build.remark(place, `${path.join("/") || "the project"} asks for ${one.name}@${one.range}, which the file does not hold`);
      }
    }
  };
  for (const [folder, root] of roots) {
    ask(root.node, folder === "" ? [] : [root.name], root.asks, root.place);
    const manifest = manifestBeside(context, folder);
    if (manifest !== null) compareWithManifest(build, root.place, manifest, root.asks);
  }
  for (const entry of entries) ask(entry.node, entry.path, entry.asks, entry.place);

  const top = roots.get("");
  const version = member(lock, "lockfileVersion");
  return build.finish({
    format: bunLock.id,
    formatVersion: typeof version === "number" ? String(version) : "",
    ecosystem: "npm",
    name: top?.name ?? "",
    graph: roots.size > 0 ? "full" : "partial",
    knowsDirect: roots.size > 0,
  });
}

function section(file: InputFile, lock: PlainObject, key: string, line: number | undefined): PlainObject {
  const value = member(lock, key);
  if (value === undefined) return {};
  if (!isObject(value))
    throw new Fault("inventory/format", `${file.path}: "${key}" is no object`, { place: { file: file.path, line: line ?? 1, key } });
  return value;
}

/** Bun names optional peers in a list of their own instead of `peerDependenciesMeta`. */
function asksWithOptionalPeers(about: PlainObject, withDev: boolean): readonly Ask[] {
  const asks = asksOf(about, withDev);
  const list = member(about, "optionalPeers");
  if (!Array.isArray(list)) return asks;
  const optional = new Set(list);
  return asks.map((one) => (one.kind === "peer" && optional.has(one.name) ? optionalPeer(one) : one));
}

const optionalPeer = (one: Ask): Ask => ({ name: one.name, range: one.range, kind: "peer", optionalPeer: true });

/** `a/@s/b/c` as the names it is made of. */
function namesOf(key: string): readonly string[] {
  const names: string[] = [];
  const parts = key.split("/");
  for (let at = 0; at < parts.length; at++) {
    const part = parts[at] ?? "";
    const next = parts[at + 1];
    if (part.startsWith("@") && next !== undefined) {
      names.push(`${part}/${next}`);
      at += 1;
    } else names.push(part);
  }
  return names;
}

/** Node's rule: the asker's own folder first, then the one above, up to the top. */
function resolve(nodeOf: ReadonlyMap<string, number>, path: readonly string[], name: string): number {
  for (let depth = path.length; depth >= 0; depth--) {
    const found = nodeOf.get(depth === 0 ? name : `${path.slice(0, depth).join("/")}/${name}`);
    if (found !== undefined) return found;
  }
  return -1;
}

function packageNode(build: ListingBuilder, place: Place, name: string, reference: string, tuple: readonly unknown[]): number | undefined {
  const origin = originOf(reference);
  const registry = origin.kind === "registry" && typeof tuple[1] === "string" ? tuple[1] : "";
  const last = tuple.at(-1);
  const key = place.key ?? name;
  try {
    const component = build.component({ ecosystem: "npm", name, version: origin.kind === "registry" ? reference : "", origin });
    return build.node({
      component,
      name: namesOf(key).at(-1) ?? name,
      place,
      path: key,
      integrity: typeof last === "string" && /^sha\d+-/.test(last) ? hashesOf(last) : [],
      resolved: origin.kind === "registry" ? registry : reference,
      bundled: tuple.some((part) => isObject(part) && member(part, "bundled") === true),
    });
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    build.lost(place, `the entry ${key} has a name that no package can have: ${cause.message}`);
    return undefined;
  }
}

function originOf(reference: string): Origin {
  if (/^(?:github|gitlab|bitbucket):|^git[+:@]|^ssh:/.test(reference)) return gitOrigin(reference);
  if (reference.startsWith("file:")) return fileOrigin(reference.slice(5));
  if (reference.startsWith("link:")) return { kind: "directory", path: reference.slice(5) };
  if (/^https?:/.test(reference)) {
    const archive = commitOfArchive(reference);
    return archive === null ? { kind: "url", url: reference } : { kind: "git", url: archive.repository, commit: archive.commit };
  }
  // A local archive is written by its bare path.
  if (/\.(?:tgz|tar\.gz)$/.test(reference) || /^\.{0,2}\//.test(reference)) return fileOrigin(reference);
  return { kind: "registry" };
}
