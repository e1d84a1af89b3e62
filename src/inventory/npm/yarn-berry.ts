/**
 * yarn.lock of Yarn 2 and later ("Berry"), every `__metadata` version. YAML, in which an entry answers for descriptors (`name@npm:^1.0.0`)
 * and names what they became (`resolution: name@npm:1.2.3`). The members of the workspace are entries too. What the file does not hold
 * is whether a member wants a dependency for development: that is read from its package.json.
 *
 * `checksum` is a hash of Yarn's own zip of a package, made anew by its cache format; nothing that a registry publishes has it, so it is
 * no integrity here.
 */
import { Fault, type InputFile, type Listing, type Origin, type Place, type ReadContext } from "../../model/index.ts";
import { type ListingBuilder, listingBuilder } from "../listing.ts";
import { type Manifest, manifestBeside } from "./manifest.ts";
import type { YamlMap } from "./quick-yaml.ts";
import { mapIn, parseYaml, textIn } from "./yaml.ts";
import { readResolutions, resolutionFor } from "./resolutions.ts";
import { compareWithManifest } from "./mismatch.ts";
import { fileOrigin, gitOrigin, isGit } from "./spec.ts";

interface Entry {
  readonly key: string;
  readonly line: number;
  readonly about: YamlMap;
  readonly descriptors: readonly string[];
  /** Name and reference of the locator in `resolution`. */
  readonly name: string;
  readonly reference: string;
}

/** @throws Fault `inventory/*` as `parseYaml`, and `inventory/format` where there is no `__metadata` */
export function readYarnBerry(format: string, file: InputFile, context: ReadContext): Listing {
  const [document, ...more] = parseYaml(file.text, file.path);
  const metadata = document === undefined ? undefined : mapIn(document, "__metadata");
  if (document === undefined || metadata === undefined || more.length > 0) {
    throw new Fault("inventory/format", `${file.path} has no __metadata, or more than one document: no lockfile of Yarn has`, {
      place: { file: file.path, line: 1 },
    });
  }
  const build = listingBuilder();
  const entries: Entry[] = [];
  const nodes: number[] = [];
  const nodeOf = new Map<string, number>();
  const rootsByName = new Map<string, number>();
  const manifests = new Map<number, Manifest | null>();
  let top: Manifest | null = null;
  for (const [key, { line, value }] of document) {
    if (key === "__metadata") continue;
    const place: Place = { file: file.path, line, key };
    const locator = value instanceof Map ? splitLocator(textIn(value, "resolution")) : null;
    if (!(value instanceof Map) || locator === null) {
      build.lost(place, `the entry ${key} has no resolution that could be read`);
      continue;
    }
    const entry: Entry = { key, line, about: value, descriptors: key.split(/ *, */), name: locator.name, reference: locator.reference };
    let index: number | undefined;
    if (locator.reference.startsWith("workspace:")) {
      const folder = locator.reference.slice("workspace:".length);
      const manifest = manifestBeside(context, folder);
      if (folder === ".") top = manifest;
      index = build.root({
        name: entry.name,
        version: manifest?.version ?? textIn(value, "version"),
        place,
        path: folder === "." ? "" : folder,
      });
      rootsByName.set(entry.name, index);
      manifests.set(index, manifest);
    } else index = packageNode(build, entry, place);
    if (index === undefined) continue;
    entries.push(entry);
    nodes.push(index);
    for (const descriptor of entry.descriptors) nodeOf.set(normal(descriptor), index);
  }
  const patched = builtinPatches(entries, nodes);
  const resolutions = readResolutions((top ?? manifestBeside(context))?.resolutions ?? new Map());

  for (const [position, entry] of entries.entries()) {
    const from = nodes[position];
    if (from === undefined) continue;
    const manifest = manifests.get(from) ?? null;
    const kinds = new Map((manifest?.asks ?? []).map((ask) => [ask.name, ask.kind]));
    const meta = mapIn(entry.about, "dependenciesMeta");
    const dependencies = mapIn(entry.about, "dependencies") ?? new Map();
    const recorded: { name: string; range: string; kind: "prod"; optionalPeer: boolean }[] = [];
    for (const [name, { value }] of dependencies) {
      const range = typeof value === "string" ? value : "";
      const set = resolutionFor(resolutions, entry.name, name, range);
      const found =
        (set === undefined ? undefined : nodeOf.get(normal(`${name}@${set}`))) ??
        nodeOf.get(normal(`${name}@${range}`)) ??
        rootsByName.get(name) ??
        -1;
      // Yarn patches a few packages by itself; whoever asks for one gets the patched form, all but the patch.
      const to = found === -1 || entry.reference.startsWith("patch:") ? found : (patched.get(found) ?? found);
      const optional = meta !== undefined && textIn(mapIn(meta, name) ?? new Map(), "optional") === "true";
      const asked = kinds.get(name);
      const kind = asked === "dev" || asked === "optional" ? asked : optional ? "optional" : "prod";
      // Where a resolution leads nowhere, it is the resolution that the file does not hold.
      build.edge(from, { to, name, range: to === -1 ? (set ?? range) : range, kind });
      recorded.push({ name, range: range.replace(/^npm:(?=[\^~<>=*\d])/, ""), kind: "prod", optionalPeer: false });
      if (to === -1 && kind !== "optional") {
        build.remark(
          { file: file.path, line: entry.line, key: entry.key },
          `${entry.name} asks for ${name}@${range}, which the file does not hold`,
        );
      }
    }
    const peerMeta = mapIn(entry.about, "peerDependenciesMeta");
    for (const [name, { value }] of mapIn(entry.about, "peerDependencies") ?? []) {
      const optionalPeer = peerMeta !== undefined && textIn(mapIn(peerMeta, name) ?? new Map(), "optional") === "true";
      build.edge(from, {
        to: -1,
        name,
        range: typeof value === "string" ? value : "",
        kind: "peer",
        ...(optionalPeer ? { optionalPeer } : {}),
      });
    }
    if (manifest !== null)
      compareWithManifest(build, { file: file.path, line: entry.line, key: entry.key }, withoutDefault(manifest), recorded);
  }
  return build.finish({
    format,
    formatVersion: `berry-${textIn(metadata, "version") || "?"}`,
    ecosystem: "npm",
    name: top?.name ?? "",
    version: top?.version ?? "",
    graph: rootsByName.size > 0 ? "full" : "partial",
    knowsDirect: rootsByName.size > 0,
  });
}

/** Ranges as the lockfile writes them, without the protocol that it takes as given. */
const withoutDefault = (manifest: Manifest): Manifest => ({
  ...manifest,
  asks: manifest.asks.map((ask) => ({ ...ask, range: ask.range.replace(/^npm:(?=[\^~<>=*\d])/, "") })),
});

/**
 * Newer files write `name@npm:^1`, older ones `name@^1` for the same, and some keys end in what the descriptor is bound to
 * (`::locator=…`), which who asks does not write: one form for all.
 */
function normal(descriptor: string): string {
  const at = descriptor.indexOf("@", 1);
  const range = descriptor.slice(at + 1).split("::")[0] ?? "";
  return at !== -1 && range.startsWith("npm:") ? `${descriptor.slice(0, at)}@${range.slice(4)}` : descriptor.slice(0, at + 1) + range;
}

function splitLocator(locator: string): { readonly name: string; readonly reference: string } | null {
  const at = locator.indexOf("@", 1);
  return at === -1 ? null : { name: locator.slice(0, at), reference: locator.slice(at + 1) };
}

/** From the node of a package to the node of its built-in patch (`#builtin<compat/…>`, `#optional!builtin<…>`). */
function builtinPatches(entries: readonly Entry[], nodes: readonly number[]): ReadonlyMap<number, number> {
  const byLocator = new Map(entries.map((entry, position) => [normal(`${entry.name}@${entry.reference}`), nodes[position] ?? -1]));
  const patched = new Map<number, number>();
  for (const [position, entry] of entries.entries()) {
    if (!entry.reference.startsWith("patch:") || !/#[^:]*builtin</.test(entry.reference)) continue;
    const source = byLocator.get(normal(patchSource(entry.reference)));
    const node = nodes[position];
    if (source !== undefined && node !== undefined) patched.set(source, node);
  }
  return patched;
}

/** `typescript@npm:4.9.5` in `patch:typescript@npm%3A4.9.5#…`. */
function patchSource(reference: string): string {
  const source = reference.slice("patch:".length).split("#")[0] ?? "";
  try {
    return decodeURIComponent(source);
  } catch {
    return source;
  }
}

function packageNode(build: ListingBuilder, entry: Entry, place: Place): number | undefined {
  const version = textIn(entry.about, "version");
  const first = entry.descriptors[0] ?? entry.name;
  const at = first.indexOf("@", 1);
  try {
    const component = build.component({ ecosystem: "npm", name: entry.name, version, origin: originOf(entry.reference) });
    return build.node({
      component,
      name: at === -1 ? first : first.slice(0, at),
      version,
      place,
      path: entry.key,
      resolved: addressIn(entry.reference),
    });
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    build.lost(place, `the entry ${entry.key} has a name that no package can have: ${cause.message}`);
    return undefined;
  }
}

/** The address that a reference gives, "" for a plain version: `npm:1.0.0::__archiveUrl=https%3A%2F%2F…` names one for its archive. */
function addressIn(reference: string): string {
  const archive = /[:&]__archiveUrl=([^&]+)/.exec(reference)?.[1];
  if (archive !== undefined) {
    try {
      return decodeURIComponent(archive);
    } catch {
      return archive;
    }
  }
  return reference.startsWith("npm:") ? "" : reference;
}

function originOf(reference: string): Origin {
  if (reference.startsWith("npm:")) return { kind: "registry" };
  // A patched package is the registry's with a change from the user's own repository: the bytes start from what it patches.
  if (reference.startsWith("patch:")) return originOf(patchSource(reference).replace(/^@?[^@]+@/, ""));
  const bare = reference.split("::")[0] ?? reference;
  if (bare.startsWith("file:")) return fileOrigin(bare.slice(5).split("#").at(-1) ?? "");
  if (bare.startsWith("link:") || bare.startsWith("portal:")) return { kind: "directory", path: bare.slice(bare.indexOf(":") + 1) };
  if (isGit(bare) || /#commit[=:]/.test(bare)) return gitOrigin(bare);
  if (/^https?:/.test(bare)) return { kind: "url", url: bare };
  return /^[\d^~]/.test(bare) ? { kind: "registry" } : { kind: "unknown" };
}
