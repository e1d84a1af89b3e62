/**
 * yarn.lock of Yarn 1: no YAML, but a form of its own, in which an entry answers for all the patterns (name and range) that were resolved
 * to it. It does not say who asked: that is in the package.json beside it, and in those of the workspace's members, which the file
 * does not hold at all.
 * https://classic.yarnpkg.com/lang/en/docs/yarn-lock/
 */
import { Fault, type InputFile, type Listing, type Origin, type Place, type ReadContext } from "../../model/index.ts";
import { type ListingBuilder, listingBuilder } from "../listing.ts";
import { type Ask, type Manifest, manifestBeside } from "./manifest.ts";
import { readResolutions, resolutionFor } from "./resolutions.ts";
import { aliasOf, gitOrigin, hashesOf, hexHash, originOf } from "./spec.ts";
import { expandWorkspaces } from "./workspaces.ts";

interface Pattern {
  readonly text: string;
  /** The name under which it is asked for. */
  readonly name: string;
  readonly range: string;
}

interface Entry {
  readonly line: number;
  readonly key: string;
  readonly patterns: readonly Pattern[];
  readonly fields: ReadonlyMap<string, string>;
  readonly asks: readonly Ask[];
}

/**
 * @throws Fault `inventory/syntax` with the line that does not fit the form
 */
export function readYarnV1(format: string, file: InputFile, context: ReadContext): Listing {
  const build = listingBuilder();
  const entries = parseYarnV1(file);
  const nodes: (number | undefined)[] = [];
  const byPattern = new Map<string, number>();
  for (const entry of entries) {
    const node = entryNode(build, file, entry);
    nodes.push(node);
    if (node === undefined) continue;
    for (const pattern of entry.patterns) {
      if (byPattern.has(pattern.text))
        build.remark({ file: file.path, line: entry.line, key: entry.key }, `${pattern.text} stands in two entries; the first counts`);
      else byPattern.set(pattern.text, node);
    }
  }

  const top = manifestBeside(context);
  const members =
    top === null
      ? []
      : expandWorkspaces(top.workspaces, context).flatMap((folder) => withManifest(folder, manifestBeside(context, folder)));
  const rootsByName = new Map<string, number>();
  const root = build.root({ name: top?.name ?? "", version: top?.version ?? "", place: { file: file.path, line: 1 }, path: "" });
  const memberRoots = members.map(({ folder, manifest }) => {
    const index = build.root({ name: manifest.name, version: manifest.version, place: { file: manifest.path, line: 1 }, path: folder });
    rootsByName.set(manifest.name, index);
    return index;
  });
  const resolutions = readResolutions(top?.resolutions ?? new Map());
  const ask = (from: number, asker: string, asks: readonly Ask[], place: Place): void => {
    for (const one of asks) {
      const range = resolutionFor(resolutions, asker, one.name) ?? one.range;
      // A peer is never installed for its own sake: whoever asks for the asker has to bring it.
      const found = byPattern.get(`${one.name}@${range}`) ?? byPattern.get(`${one.name}@${one.range}`);
      const to = one.kind === "peer" ? -1 : (found ?? rootsByName.get(one.name) ?? -1);
      build.edge(from, { to, name: one.name, range: one.range, kind: one.kind, ...(one.optionalPeer ? { optionalPeer: true } : {}) });
      const fromDisk = /^(?:link|file):/.test(one.range);
      if (to === -1 && (one.kind === "prod" || one.kind === "dev") && !fromDisk) {
        build.remark(place, `${asker === "" ? "package.json" : asker} asks for ${one.name}@${one.range}, which the file does not hold`);
      }
    }
  };
  if (top !== null) {
    ask(root, "", top.asks, { file: file.path, line: 1 });
    for (const [position, { manifest }] of members.entries()) {
      const from = memberRoots[position];
      if (from !== undefined) ask(from, manifest.name, manifest.asks, { file: manifest.path, line: 1 });
    }
  }
  for (const [position, entry] of entries.entries()) {
    const from = nodes[position];
    if (from !== undefined) ask(from, entry.patterns[0]?.name ?? "", entry.asks, { file: file.path, line: entry.line, key: entry.key });
  }
  return build.finish({
    format,
    formatVersion: "1",
    ecosystem: "npm",
    name: top?.name ?? "",
    version: top?.version ?? "",
    graph: top === null ? "partial" : "full",
    knowsDirect: top !== null,
  });
}

const withManifest = (folder: string, manifest: Manifest | null): readonly { readonly folder: string; readonly manifest: Manifest }[] =>
  manifest === null ? [] : [{ folder, manifest }];

function entryNode(build: ListingBuilder, file: InputFile, entry: Entry): number | undefined {
  const place: Place = { file: file.path, line: entry.line, key: entry.key };
  const version = entry.fields.get("version");
  if (version === undefined) {
    build.lost(place, `the entry ${entry.key} has no version`);
    return undefined;
  }
  // Yarn joins an alias and the package's own name in one entry; the package's own name is then what it is called.
  const plain = entry.patterns.find((pattern) => aliasOf(pattern.range) === null);
  const aliased = entry.patterns.map((pattern) => aliasOf(pattern.range)).find((alias) => alias !== null);
  const installedAs = (plain ?? entry.patterns[0])?.name ?? "";
  const resolved = entry.fields.get("resolved") ?? "";
  const hash = resolved.indexOf("#");
  const stated = hashesOf(entry.fields.get("integrity"));
  const fragment = hash === -1 ? [] : hexHash("sha1", resolved.slice(hash + 1));
  const origin = originOfEntry(entry, resolved);
  try {
    const component = build.component({ ecosystem: "npm", name: aliased?.name ?? installedAs, version, origin });
    // The fragment of git's address is a commit, not a hash of bytes.
    const integrity = stated.length > 0 || origin.kind === "git" ? stated : fragment;
    return build.node({ component, name: installedAs, version, place, path: entry.key, integrity, resolved });
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    build.lost(place, `the entry ${entry.key} has a name that no package can have: ${cause.message}`);
    return undefined;
  }
}

function originOfEntry(entry: Entry, resolved: string): Origin {
  if (/^git\+|^git:|^ssh:|^git@/.test(resolved)) return gitOrigin(resolved);
  for (const { range } of entry.patterns) {
    const asked = originOf(range);
    if (asked === null) continue;
    const bare = resolved.split("#")[0] ?? "";
    if (asked.kind === "git") return originOf(bare) ?? gitOrigin(resolved === "" ? range : resolved);
    if (asked.kind === "url") return originOf(bare) ?? asked;
    return asked;
  }
  return { kind: "registry" };
}

/** The entries of the file, in its order. */
function parseYarnV1(file: InputFile): readonly Entry[] {
  const entries: Entry[] = [];
  let entry: { line: number; key: string; patterns: readonly Pattern[]; fields: Map<string, string>; asks: Ask[] } | null = null;
  let section = "";
  let line = 0;
  const bad = (what: string): Fault =>
    new Fault("inventory/syntax", `${file.path} is no lockfile of Yarn 1: ${what}`, {
      place: { file: file.path, line },
      hint: "write the file again with Yarn, or take it from version control",
    });
  for (const raw of lines(file.text)) {
    line += 1;
    if (raw.startsWith("<<<<<<< ") || raw.startsWith(">>>>>>> ")) throw bad("it holds an unresolved merge conflict");
    const text = raw.trimEnd();
    const indent = text.length - text.trimStart().length;
    if (text === "" || text[indent] === "#") continue;
    if (indent === 0) {
      if (!text.endsWith(":")) throw bad(`"${shown(text)}" is neither a comment nor the head of an entry`);
      const patterns = splitPatterns(text.slice(0, -1));
      if (patterns === null) throw bad(`"${shown(text)}" is no list of names with ranges`);
      entry = { line, key: patterns.map((pattern) => pattern.text).join(", "), patterns, fields: new Map(), asks: [] };
      entries.push(entry);
      section = "";
    } else if (entry === null) {
      throw bad(`"${shown(text.trim())}" belongs to no entry`);
    } else if (indent === 2) {
      section = "";
      if (text.endsWith(":") && !text.includes(" ", 2)) {
        section = text.slice(2, -1);
        continue;
      }
      const pair = splitPair(text.slice(2));
      if (pair === null) throw bad(`"${shown(text.trim())}" is no field with a value`);
      entry.fields.set(pair[0], pair[1]);
    } else if (indent === 4 && section !== "") {
      const pair = splitPair(text.slice(4));
      if (pair === null) throw bad(`"${shown(text.trim())}" is no name with a range`);
      if (section === "dependencies" || section === "optionalDependencies") {
        entry.asks.push({ name: pair[0], range: pair[1], kind: section === "dependencies" ? "prod" : "optional", optionalPeer: false });
      }
    } else throw bad(`"${shown(text.trim())}" is indented as nothing is there`);
  }
  return entries;
}

function* lines(text: string): Generator<string> {
  let at = 0;
  while (at < text.length) {
    let end = text.indexOf("\n", at);
    if (end === -1) end = text.length;
    yield text.slice(at, end);
    at = end + 1;
  }
}

const shown = (text: string): string =>
  (text.length > 80 ? `${text.slice(0, 80)}…` : text).replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, " ");

/** `a@^1, "@s/b@^2 || ^3"`: null where one of them has no name. */
function splitPatterns(head: string): readonly Pattern[] | null {
  const patterns: Pattern[] = [];
  let at = 0;
  while (at < head.length) {
    const taken = head[at] === '"' ? quoted(head, at) : plainPattern(head, at);
    if (taken === null) return null;
    const pattern = patternOf(taken.text);
    if (pattern === null) return null;
    patterns.push(pattern);
    at = taken.next;
    if (at < head.length) {
      if (head[at] !== ",") return null;
      at += 1;
      while (head[at] === " ") at += 1;
    }
  }
  return patterns.length === 0 ? null : patterns;
}

function plainPattern(head: string, at: number): { readonly text: string; readonly next: number } {
  const comma = head.indexOf(",", at);
  const end = comma === -1 ? head.length : comma;
  return { text: head.slice(at, end), next: end };
}

function quoted(text: string, at: number): { readonly text: string; readonly next: number } | null {
  for (let end = at + 1; end < text.length; end++) {
    if (text[end] === "\\") end += 1;
    else if (text[end] === '"') {
      try {
        return { text: JSON.parse(text.slice(at, end + 1)) as string, next: end + 1 };
      } catch {
        return null;
      }
    }
  }
  return null;
}

/** A pattern's name ends at the first "@" after its first character; without one the range is empty. */
function patternOf(text: string): Pattern | null {
  const at = text.indexOf("@", 1);
  const name = at === -1 ? text : text.slice(0, at);
  return name === "" || name.includes(" ")
    ? null
    : { text: at === -1 ? `${text}@` : text, name, range: at === -1 ? "" : text.slice(at + 1) };
}

/** `name "value"`, `name value`, `"name" "value"`. */
function splitPair(text: string): readonly [string, string] | null {
  let key: string;
  let at: number;
  if (text[0] === '"') {
    const taken = quoted(text, 0);
    if (taken === null) return null;
    key = taken.text;
    at = taken.next;
  } else {
    at = text.indexOf(" ");
    if (at === -1) return null;
    key = text.slice(0, at);
  }
  if (text[at] !== " " || key === "") return null;
  const rest = text.slice(at + 1);
  if (rest[0] !== '"') return rest === "" ? null : [key, rest];
  const value = quoted(rest, 0);
  return value === null || value.next !== rest.length ? null : [key, value.text];
}
