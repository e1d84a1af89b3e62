/**
 * What flows into an expression: walks the expression, the variables in it and everything that was ever put into them, back to where it
 * came from. Order does not matter here either, and a variable is followed once.
 */
import type { Capability, Flow } from "../../../../model/index.ts";
import { pathCapability, variableCapability } from "../script-sensitive.ts";
import type { Meanings, Source } from "./meaning.ts";
import { argumentOf, bodyOf } from "./meaning-calls.ts";
import { itemsOf } from "./meaning-members.ts";
import { pathOf } from "./meaning-paths.ts";
import { node } from "./tree.ts";
import type { Value } from "./values.ts";
import { callMeaning, referenceMeaning } from "./vocabulary.ts";

export type Origin = Flow["from"];
/** What flows, and its name where it has one: `NPM_TOKEN`. */
export type Origins = ReadonlyMap<Origin, string>;

/** Parts of one expression that are looked at: an argument that is larger is data. */
const MOST_PARTS = 4_000;
/** Variables within variables. */
const DEEPEST_ORIGIN = 40;
/** A text that is decoded before use is a payload from this length on; shorter ones are names and images of one pixel. */
const ENCODED_LENGTH = 64;

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

export class Flows {
  readonly meanings: Meanings;
  readonly #variables = new Map<number, Origins>();
  readonly #open = new Set<number>();

  constructor(meanings: Meanings) {
    this.meanings = meanings;
  }

  into(expression: number): Origins {
    const found = new Map<Origin, string>();
    this.#gather(expression, found, 0);
    return found;
  }

  #gather(root: number, found: Map<Origin, string>, depth: number): void {
    if (depth > DEEPEST_ORIGIN || root === 0) return;
    const { tree } = this.meanings;
    const open = [root];
    for (let parts = 0; open.length > 0 && parts < MOST_PARTS; parts++) {
      const n = open.pop()!;
      const kind = tree.kind[n]!;
      switch (kind) {
        case node.identifier: {
          const binding = tree.bindingOf(n);
          if (binding !== 0) for (const [origin, name] of this.#variable(binding, depth)) put(found, origin, name);
          continue;
        }
        case node.function:
          // Its own matter, unless it is what makes a promise.
          if (n !== root && tree.kind[tree.up[n]!] !== node.new) continue;
          break;
        case node.class:
          continue;
        case node.member:
        case node.index:
          // What is known by its name needs no look at its parts: `process.env.X` is not the whole of `process.env`.
          if (this.#reference(n, found)) continue;
          break;
        case node.call:
        case node.new:
          if (this.#call(n, found, depth)) continue;
          break;
        default:
      }
      for (let kid = tree.kid[n]!; kid !== 0; kid = tree.next[kid]!) open.push(kid);
    }
  }

  #variable(binding: number, depth: number): Origins {
    const known = this.#variables.get(binding);
    if (known !== undefined) return known;
    const found = new Map<Origin, string>();
    if (this.#open.has(binding)) return found;
    this.#open.add(binding);
    for (const source of (this.meanings.sources[binding] ?? []).slice(0, 64)) this.#source(source, found, depth + 1);
    this.#open.delete(binding);
    // Within a circle the answer is incomplete: only the outermost is kept.
    if (this.#open.size === 0 || found.size > 0) this.#variables.set(binding, found);
    return found;
  }

  #source(source: Source, found: Map<Origin, string>, depth: number): void {
    const { tree } = this.meanings;
    if (source.kind === "import") return;
    if (source.kind !== "parameter") {
      if (tree.kind[source.node] !== node.function) {
        this.#gather(source.node, found, depth);
        // const { NPM_TOKEN } = process.env
        if (source.path !== "") this.#value(this.meanings.ofPath(source), found);
      }
      return;
    }
    const index = Number(source.path.split(".")[0]);
    for (const call of (this.meanings.callers.get(source.node) ?? []).slice(0, 16))
      this.#gather(argumentOf(this.meanings, call, index), found, depth);
    // A callback gets what the call is about: get(url, (response) => …), promise.then((text) => …), stream.on("data", (part) => …)
    const call = tree.up[source.node]!;
    if ((tree.kind[call] !== node.call && tree.kind[call] !== node.new) || tree.kid[call] === source.node) return;
    this.#call(call, found, depth);
    const callee = tree.kid[call]!;
    if (tree.kind[callee] === node.member || tree.kind[callee] === node.index) this.#gather(tree.kid[callee]!, found, depth);
  }

  /** True where the parts of the call need no look of their own. */
  #call(n: number, found: Map<Origin, string>, depth: number): boolean {
    const { tree } = this.meanings;
    for (const meaning of this.meanings.of(tree.kid[n]!)) {
      if (meaning.kind === "node" && tree.kind[meaning.node] === node.function) {
        if (this.#open.has(-meaning.node)) continue;
        this.#open.add(-meaning.node);
        this.#results(meaning.node, found, depth + 1);
        this.#open.delete(-meaning.node);
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
      } else if (/^(?:atob|Buffer\.from|unescape|node:zlib\.\w+|JSON\.parse|String\.fromCharCode)$/.test(path)) {
        const value = this.meanings.of(argumentOf(this.meanings, n, 0));
        const length = Math.max(this.#length(argumentOf(this.meanings, n, 0)), this.meanings.textOf(value)?.length ?? 0);
        if (length >= ENCODED_LENGTH && path !== "JSON.parse") put(found, "encoded-text", "");
      } else if (/^Object\.(?:keys|values|entries|assign)$|^JSON\.stringify$/.test(path)) {
        for (const argument of this.meanings.of(argumentOf(this.meanings, n, path === "Object.assign" ? 1 : 0)))
          if (argument.kind === "ref" && argument.path === "process.env") put(found, "environment-whole", "");
      }
    }
    return false;
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

  #results(callee: number, found: Map<Origin, string>, depth: number): void {
    const { tree } = this.meanings;
    const body = bodyOf(this.meanings, callee);
    if (tree.kind[body] !== node.block) {
      this.#gather(body, found, depth);
      return;
    }
    const open = [body];
    for (let parts = 0; open.length > 0 && parts < MOST_PARTS; parts++) {
      const n = open.pop()!;
      if (tree.kind[n] === node.return) this.#gather(tree.kid[n]!, found, depth);
      else if (tree.kind[n] !== node.function) for (let kid = tree.kid[n]!; kid !== 0; kid = tree.next[kid]!) open.push(kid);
    }
  }

  #reference(n: number, found: Map<Origin, string>): boolean {
    const before = found.size;
    const value = this.meanings.of(n);
    this.#value(value, found);
    return found.size > before || value.some((meaning) => meaning.kind === "ref" && meaning.path.startsWith("process.env"));
  }

  #value(value: Value, found: Map<Origin, string>): void {
    for (const meaning of value) {
      if (meaning.kind !== "ref") continue;
      if (meaning.path.startsWith("process.env.")) {
        const name = meaning.path.slice(12);
        put(found, variableCapability(name), name);
      } else if (meaning.path === "process.env") put(found, "environment-whole", "");
      else {
        const capability = referenceMeaning(meaning.path);
        if (capability !== null && yields.has(capability)) put(found, capability, meaning.path);
      }
    }
  }
}

function put(found: Map<Origin, string>, origin: Origin, name: string): void {
  const known = found.get(origin);
  // The alphabetically first name, whatever the order in which they are met.
  if (known === undefined || (name !== "" && (known === "" || name < known))) found.set(origin, name);
}
