/**
 * What flows into an expression: walks the expression, the variables in it and everything that was ever put into them, back to where it
 * came from. Order does not matter here either, and a variable is followed once.
 */
import type { Capability, Flow } from "../../../../model/index.ts";
import { pathCapability, variableCapability } from "../script-sensitive.ts";
import type { Meanings, Source } from "./meaning.ts";
import { argumentOf, bodyOf, calledValue } from "./meaning-calls.ts";
import { itemsOf } from "./meaning-members.ts";
import { pathOf } from "./meaning-paths.ts";
import { knownName } from "./names.ts";
import { node as nodes } from "./tree.ts";
import type { Value } from "./values.ts";
import { callMeaning, referenceMeaning } from "./vocabulary.ts";

const node = nodes;

export type Origin = Flow["from"];
/** What flows, and its name where it has one: `NPM_TOKEN`. */
export type Origins = ReadonlyMap<Origin, string>;

/** Parts of one expression that are looked at: an argument that is larger is data. */
const MOST_PARTS = 4_000;
/** Parts that one question looks at in all: a compiler in one file has a million that hang together, and hundreds of places that are asked about. */
const MOST_PARTS_IN_ALL = 100_000;
/** Members of one variable that are followed where all of it is asked about. */
const MOST_MEMBERS = 64;
/** Variables and results on the way from an origin. */
const DEEPEST_ORIGIN = 40;
/** A text that is decoded before use is a payload from this length on; shorter ones are names and images of one pixel. */
const ENCODED_LENGTH = 64;

/** Methods whose result is made of what the function that they are given returns. */
const mapping: ReadonlySet<number> = new Set(["then", "map", "flatMap", "replace", "replaceAll", "reduce"].map(knownName));

const decoders =
  /^(?:atob|Buffer\.from|unescape|decodeURIComponent|node:zlib\.(?:inflate|gunzip|unzip|brotliDecompress|zstdDecompress)\w*|String\.from(?:CharCode|CodePoint)|node:crypto\.createDecipher(?:iv)?\(\)\.(?:update|final))$/;

const yields: ReadonlySet<Capability> = new Set<Capability>([
  "network",
  "process",
  "file-read",
  "system",
  "clipboard",
  "browser-data",
  "wallet",
  "dns",
  "user-input",
]);

/** An expression that is looked into, and over how many variables and results the way to it led. */
interface Step {
  readonly root: number;
  readonly depth: number;
}

/** One question: what was found, what is still to be looked into, and what was met before. */
interface Search {
  readonly found: Map<Origin, string>;
  readonly open: Step[];
  readonly variables: Set<number>;
  readonly functions: Set<number>;
  /** Variable and member. */
  readonly parts: Set<string>;
  /** Whether what is decoded at run time is asked for, whatever it is. */
  readonly decoded: boolean;
  /** By function that nobody in the file calls: the places of its parameters that are in it. */
  readonly asked: Map<number, Set<number>>;
}

const newSearch = (root: number, decoded: boolean): Search => ({
  found: new Map(),
  open: root === 0 ? [] : [{ root, depth: 0 }],
  variables: new Set(),
  functions: new Set(),
  parts: new Set(),
  decoded,
  asked: new Map(),
});

export class Flows {
  readonly meanings: Meanings;

  constructor(meanings: Meanings) {
    this.meanings = meanings;
  }

  /** The nearest first, each variable and each function's results once: what lies in a circle costs no more than what does not. */
  into(expression: number, decoded = false): Origins {
    return this.#search(expression, decoded).found;
  }

  /** Parameters that are in an expression, of functions that nobody in the file calls: by function, their places from 0. */
  parametersIn(expression: number): ReadonlyMap<number, ReadonlySet<number>> {
    return this.#search(expression, false).asked;
  }

  /** What a function answers with: the expressions behind its `return`s. */
  answersOf(callee: number): readonly number[] {
    const search = newSearch(0, false);
    this.#results(callee, search, 0);
    return search.open.map(({ root }) => root).filter((root) => root !== 0);
  }

  #search(expression: number, decoded: boolean): Search {
    const search = newSearch(expression, decoded);
    let parts = 0;
    for (let at = 0; at < search.open.length && parts < MOST_PARTS_IN_ALL; at++) parts += this.#gather(search.open[at]!, search);
    return search;
  }

  /** How many parts it looked at. */
  #gather({ root, depth }: Step, search: Search): number {
    if (depth > DEEPEST_ORIGIN || root === 0) return 1;
    const { tree } = this.meanings;
    const open = [root];
    let parts = 0;
    for (; open.length > 0 && parts < MOST_PARTS; parts++) {
      const n = open.pop()!;
      const kind = tree.kind[n]!;
      switch (kind) {
        case node.identifier: {
          const binding = tree.bindingOf(n);
          if (binding === 0) continue;
          this.#variable(binding, search, depth);
          this.#parts(binding, this.#askedFor(n), search, depth);
          continue;
        }
        case node.function:
          // Its own matter, unless it is what makes a promise, or what it returns is what comes of the call that it is given to.
          if (n !== root && this.#isMapping(n)) this.#results(n, search, depth + 1);
          if (n !== root && tree.kind[tree.up[n]!] !== node.new) continue;
          break;
        case node.class:
          continue;
        case node.member:
        case node.index:
          // What is known by its name needs no look at its parts: `process.env.X` is not the whole of `process.env`.
          if (this.#reference(n, search.found)) continue;
          break;
        case node.call:
        case node.new:
          if (this.#call(n, search, depth)) continue;
          break;
        default:
      }
      for (let kid = tree.kid[n]!; kid !== 0; kid = tree.next[kid]!) open.push(kid);
    }
    return parts;
  }

  /** `list.map(f)`, `promise.then(f)`, `text.replace(pattern, f)`. */
  #isMapping(n: number): boolean {
    const { tree } = this.meanings;
    const callee = tree.kid[tree.up[n]!]!;
    return tree.kind[tree.up[n]!] === node.call && callee !== n && tree.kind[callee] === node.member && mapping.has(tree.aux[callee]!);
  }

  #variable(binding: number, search: Search, depth: number): void {
    if (search.variables.has(binding)) return;
    search.variables.add(binding);
    for (const source of (this.meanings.sources[binding] ?? []).slice(0, 64)) this.#source(source, search, depth + 1);
  }

  /** The name of the member that is taken of `n`; 0 where all of it is taken, or one whose name is made at run time. */
  #askedFor(n: number): number {
    const { tree } = this.meanings;
    const up = tree.up[n]!;
    return tree.kind[up] === node.member && tree.kid[up] === n ? tree.aux[up]! : 0;
  }

  /** What was put into it piece by piece: `all[key] = value`, `body.token = value`. */
  #parts(binding: number, name: number, search: Search, depth: number): void {
    const places = this.meanings.places.get(binding);
    const members = this.meanings.members.get(binding);
    if (places === undefined && members === undefined) return;
    const key = `${binding} ${name}`;
    if (search.parts.has(key)) return;
    search.parts.add(key);
    const put = [
      ...(places ?? []),
      ...(name === 0 ? [...(members?.values() ?? [])].slice(0, MOST_MEMBERS).flat() : (members?.get(name) ?? [])),
    ];
    for (const root of put) if (this.meanings.tree.kind[root] !== node.function) search.open.push({ root, depth: depth + 1 });
  }

  #source(source: Source, search: Search, depth: number): void {
    const { tree } = this.meanings;
    const { open, found } = search;
    if (source.kind === "import") return;
    if (source.kind !== "parameter") {
      if (tree.kind[source.node] !== node.function) {
        open.push({ root: source.node, depth });
        // const { NPM_TOKEN } = process.env
        if (source.path !== "") this.#value(this.meanings.ofPath(source), found);
      }
      return;
    }
    const index = Number(source.path.split(".")[0]);
    const callers = this.meanings.callers.get(source.node) ?? [];
    for (const call of callers.slice(0, 16)) open.push({ root: argumentOf(this.meanings, call, index), depth });
    // A callback gets what the call is about: get(url, (response) => …), promise.then((text) => …), stream.on("data", (part) => …)
    const call = tree.up[source.node]!;
    if ((tree.kind[call] !== node.call && tree.kind[call] !== node.new) || tree.kid[call] === source.node) {
      if (callers.length === 0) search.asked.set(source.node, (search.asked.get(source.node) ?? new Set<number>()).add(index));
      return;
    }
    this.#call(call, search, depth);
    const callee = tree.kid[call]!;
    if (tree.kind[callee] === node.member || tree.kind[callee] === node.index) open.push({ root: tree.kid[callee]!, depth });
  }

  /** True where the parts of the call need no look of their own. */
  #call(n: number, search: Search, depth: number): boolean {
    const { tree } = this.meanings;
    const { found } = search;
    for (const meaning of calledValue(this.meanings, n)) {
      if (meaning.kind === "node" && tree.kind[meaning.node] === node.function) {
        if (search.functions.has(meaning.node)) continue;
        search.functions.add(meaning.node);
        this.#results(meaning.node, search, depth + 1);
      }
      if (meaning.kind !== "ref") continue;
      const { path } = meaning;
      if (path === "require" || path === "createRequire") return true;
      const does = callMeaning(path);
      if (does !== null && yields.has(does.capability)) {
        const subject = does.subject < 0 ? "" : (pathOf(this.meanings, argumentOf(this.meanings, n, does.subject)) ?? "");
        const sensitive = does.capability === "file-read" ? pathCapability(subject) : null;
        put(found, sensitive ?? does.capability, subject);
        if (does.capability === "network") return true;
      } else if (decoders.test(path)) {
        const argument = argumentOf(this.meanings, n, 0);
        const value = this.meanings.of(argument);
        const length = Math.max(this.#length(argument), this.meanings.textOf(value)?.length ?? 0);
        const written = value.some(({ kind }) => kind !== "ref");
        if (length >= ENCODED_LENGTH || (search.decoded && !written && this.#isDecoding(n, path))) put(found, "encoded-text", "");
      } else if (/^Object\.(?:keys|values|entries|assign)$|^JSON\.stringify$/.test(path)) {
        for (const argument of this.meanings.of(argumentOf(this.meanings, n, path === "Object.assign" ? 1 : 0)))
          if (argument.kind === "ref" && argument.path === "process.env") put(found, "environment-whole", "");
      }
    }
    return false;
  }

  /** Whether a call takes apart what nobody can read, of a text that is only known at run time. */
  #isDecoding(n: number, path: string): boolean {
    const { tree } = this.meanings;
    const argument = argumentOf(this.meanings, n, 0);
    if (path === "Buffer.from")
      return /^(?:hex|base64(?:url)?)$/.test(this.meanings.textOf(this.meanings.of(argumentOf(this.meanings, n, 1))) ?? "");
    // Numbers that are put together with a key.
    if (path.startsWith("String.")) return tree.text.slice(tree.start[argument]!, tree.end[argument]!).includes("^");
    return path !== "decodeURIComponent" && argument !== 0;
  }

  /** Characters of a literal, or of the items of a literal list. */
  #length(n: number): number {
    const { tree } = this.meanings;
    let longest = 0;
    for (const meaning of this.meanings.of(n)) {
      if (meaning.kind === "text") longest = Math.max(longest, meaning.text.length);
      else if (meaning.kind === "node" && tree.kind[meaning.node] === node.array)
        longest = Math.max(longest, itemsOf(this.meanings, [meaning]).length);
    }
    return longest === 0 && tree.kind[n] === node.text ? tree.end[n]! - tree.start[n]! - 2 : longest;
  }

  #results(callee: number, search: Search, depth: number): void {
    const { tree } = this.meanings;
    const body = bodyOf(this.meanings, callee);
    if (tree.kind[body] !== node.block) {
      search.open.push({ root: body, depth });
      return;
    }
    const open = [body];
    for (let parts = 0; open.length > 0 && parts < MOST_PARTS; parts++) {
      const n = open.pop()!;
      if (tree.kind[n] === node.return) search.open.push({ root: tree.kid[n]!, depth });
      else if (tree.kind[n] !== node.function) for (let kid = tree.kid[n]!; kid !== 0; kid = tree.next[kid]!) open.push(kid);
    }
  }

  #reference(n: number, found: Map<Origin, string>): boolean {
    const value = this.meanings.of(n);
    const named = this.#value(value, found);
    return named || value.some((meaning) => meaning.kind === "ref" && meaning.path.startsWith("process.env"));
  }

  /** True where any of it is an origin. */
  #value(value: Value, found: Map<Origin, string>): boolean {
    let named = false;
    const met = (origin: Origin, name: string): void => {
      named = true;
      put(found, origin, name);
    };
    for (const meaning of value) {
      if (meaning.kind !== "ref") continue;
      if (meaning.path.startsWith("process.env.")) {
        const name = meaning.path.slice(12);
        met(variableCapability(name), name);
      } else if (meaning.path === "process.env") met("environment-whole", "");
      else if (meaning.path.startsWith("process.argv")) met("argument", "process.argv");
      else {
        const capability = referenceMeaning(meaning.path);
        if (capability !== null && yields.has(capability)) met(capability, meaning.path);
      }
    }
    return named;
  }
}

function put(found: Map<Origin, string>, origin: Origin, name: string): void {
  const known = found.get(origin);
  // The alphabetically first name, whatever the order in which they are met.
  if (known === undefined || (name !== "" && (known === "" || name < known))) found.set(origin, name);
}
