/**
 * What expressions mean, as far as it can be known without running them: which module or global a name stands for, which text is pieced
 * together, which function is called. It is worked out on demand and without regard to order (every assignment of a variable counts), so
 * that moving, renaming and splitting statements changes nothing. Every step is bounded; what is not known is the empty list.
 */
import { word } from "./names.ts";
import { op } from "./tokens.ts";
import { type Tree, flag, node } from "./tree.ts";
import { globalNames, globalRoots, moduleName } from "./vocabulary.ts";

export type Meaning =
  | { readonly kind: "text"; readonly text: string; readonly built: boolean }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "ref"; readonly path: string; readonly concealed: boolean }
  | { readonly kind: "list"; readonly items: readonly Value[] }
  /** An array, object, function or class of the source. */
  | { readonly kind: "node"; readonly node: number };

/** All that an expression may be; empty where nothing is known. */
export type Value = readonly Meaning[];

const UNKNOWN: Value = [];
/** Alternatives that are followed: `a ? b : c`, several assignments. */
const MOST_MEANINGS = 4;
/** Expressions within expressions, calls within calls. */
const DEEPEST_VALUE = 60;
const DEEPEST_CALL = 4;
/** Characters of a text that is pieced together; names and addresses are shorter, payloads are recognised without being unpacked whole. */
const LONGEST_TEXT = 16 * 1024;
/** Steps per file that are not remembered: enough for every honest file, and the end of what is made to take for ever. */
const MOST_STEPS = 400_000;
const MOST_ITEMS = 4_096;

/** Names for one and the same thing, one after the other. */
const MOST_ALIASES = 100_000;

type Arguments = ReadonlyMap<number, Value>;

const PLUS = op("+");
const ASSIGN = op("=");
const NOT = op("!");
const MINUS = op("-");

const text = (value: string, built: boolean): Value => (value.length > LONGEST_TEXT ? UNKNOWN : [{ kind: "text", text: value, built }]);
const ref = (path: string, concealed = false): Value => [{ kind: "ref", path, concealed }];
const number = (value: number): Value => (Number.isFinite(value) ? [{ kind: "number", value }] : UNKNOWN);

export interface Source {
  readonly node: number;
  /** Members on the way from the node's value to the variable's, joined by dots; "" where it is the value itself. */
  readonly path: string;
  readonly kind: "value" | "import" | "element" | "parameter" | "append";
}

export class Meanings {
  readonly tree: Tree;
  /** By variable. */
  readonly sources: (Source[] | undefined)[] = [];
  /** By function node: the calls that name it. */
  readonly callers: Map<number, number[]> = new Map();
  readonly #memory: (Value | undefined)[] = [];
  /** By name. */
  readonly #globals: (Value | undefined)[] = [];
  readonly #ofVariables: (Value | undefined)[] = [];
  readonly #members = new Map<string, number[]>();
  readonly #open = new Set<number>();
  #steps = 0;

  constructor(tree: Tree) {
    this.tree = tree;
    this.#link();
  }

  get exhausted(): boolean {
    return this.#steps > MOST_STEPS;
  }

  // ---- who gets what from where

  #link(): void {
    const { tree } = this;
    const calls: number[] = [];
    for (let n = 1; n < tree.count; n++) {
      switch (tree.kind[n]) {
        case node.declarator: {
          const target = tree.kid[n]!;
          const init = tree.next[target]!;
          if (init !== 0) this.#bind(target, init, "", "value");
          else if (tree.kind[tree.up[tree.up[n]!]!] === node.forIn) this.#bind(target, tree.next[tree.up[n]!]!, "", "element");
          break;
        }
        case node.assign: {
          const target = tree.kid[n]!;
          const value = tree.next[target]!;
          const kind = tree.kind[target]!;
          if (kind === node.member) this.#bindMember(target, value);
          else this.#bind(target, value, "", tree.aux[n] === ASSIGN ? "value" : "append");
          break;
        }
        case node.function:
        case node.class: {
          if ((tree.aux[n]! & flag.static) !== 0) this.#bind(tree.kid[n]!, n, "", "value");
          if (tree.kind[n] !== node.function) break;
          let parameters = tree.kid[n]!;
          if (tree.kind[parameters] !== node.parameters) parameters = tree.next[parameters]!;
          let i = 0;
          for (let kid = tree.kid[parameters]!; kid !== 0; kid = tree.next[kid]!, i++) this.#bind(kid, n, String(i), "parameter");
          break;
        }
        case node.specifier: {
          if (tree.kind[tree.up[n]!] !== node.import) break;
          const name = tree.aux[n]!;
          this.#bind(tree.kid[n]!, tree.kid[tree.up[n]!]!, name === 0 || name === word.default ? "" : tree.names.textOf(name), "import");
          break;
        }
        case node.call:
        case node.new:
          calls.push(n);
          break;
        default:
      }
    }
    for (const call of calls) {
      const callee = tree.kid[call]!;
      if (tree.kind[callee] === node.function) this.#calls(callee, call);
      else if (tree.kind[callee] === node.identifier) {
        const binding = tree.resolve(tree.scope[callee]!, tree.aux[callee]!);
        for (const source of this.sources[binding] ?? [])
          if (source.path === "" && tree.kind[source.node] === node.function && source.kind === "value") this.#calls(source.node, call);
      }
    }
  }

  #calls(callee: number, call: number): void {
    const known = this.callers.get(callee);
    if (known === undefined) this.callers.set(callee, [call]);
    else known.push(call);
  }

  #bindMember(target: number, value: number): void {
    const { tree } = this;
    const object = tree.kid[target]!;
    if (tree.kind[object] !== node.identifier) return;
    const binding = tree.resolve(tree.scope[object]!, tree.aux[object]!);
    if (binding === 0) return;
    const key = `${binding}.${tree.aux[target]!}`;
    const known = this.#members.get(key);
    if (known === undefined) this.#members.set(key, [value]);
    else if (known.length < MOST_MEANINGS) known.push(value);
  }

  #bind(pattern: number, value: number, path: string, kind: Source["kind"]): void {
    const { tree } = this;
    const join = (name: string): string => (path === "" ? name : `${path}.${name}`);
    switch (tree.kind[pattern]) {
      case node.identifier: {
        const binding = tree.resolve(tree.scope[pattern]!, tree.aux[pattern]!);
        if (binding === 0) return;
        const source: Source = { node: value, path, kind };
        const known = this.sources[binding];
        if (known === undefined) this.sources[binding] = [source];
        else known.push(source);
        return;
      }
      case node.assign:
        this.#bind(tree.kid[pattern]!, value, path, kind);
        return;
      case node.spread:
        this.#bind(tree.kid[pattern]!, value, path, kind);
        return;
      case node.array: {
        let i = 0;
        for (let kid = tree.kid[pattern]!; kid !== 0; kid = tree.next[kid]!, i++) this.#bind(kid, value, join(String(i)), kind);
        return;
      }
      case node.object:
        for (let kid = tree.kid[pattern]!; kid !== 0; kid = tree.next[kid]!) {
          if (tree.kind[kid] === node.spread) this.#bind(tree.kid[kid]!, value, path, kind);
          else this.#bind(tree.kidAt(kid, 1), value, join(this.keyOf(kid)), kind);
        }
        return;
      default:
    }
  }

  /** The name of a property; "?" where it is made at run time. */
  keyOf(property: number): string {
    const { tree } = this;
    const key = tree.kid[property]!;
    if ((tree.aux[property]! & flag.computed) !== 0) return this.textOf(this.of(key)) ?? "?";
    if (tree.kind[key] === node.name) return tree.nameOf(key);
    return this.textOf(this.of(key)) ?? "?";
  }

  // ---- values

  textOf(value: Value): string | null {
    for (const meaning of value) {
      if (meaning.kind === "text") return meaning.text;
      if (meaning.kind === "number") return String(meaning.value);
    }
    return null;
  }

  of(n: number, given?: Arguments, depth = 0): Value {
    if (n === 0 || depth > DEEPEST_VALUE) return UNKNOWN;
    const { tree } = this;
    const kind = tree.kind[n]!;
    if (kind === node.identifier) return this.#variable(n, given, depth);
    if (given !== undefined) {
      if (++this.#steps > MOST_STEPS) return UNKNOWN;
      return this.#compute(n, kind, given, depth);
    }
    const known = this.#memory[n];
    if (known !== undefined) return known;
    if (this.#open.has(n) || ++this.#steps > MOST_STEPS) return UNKNOWN;
    this.#open.add(n);
    const value = this.#compute(n, kind, given, depth);
    this.#open.delete(n);
    this.#memory[n] = value;
    return value;
  }

  #variable(n: number, given: Arguments | undefined, depth: number): Value {
    const { tree } = this;
    const binding = tree.resolve(tree.scope[n]!, tree.aux[n]!);
    if (binding === 0) {
      const id = tree.aux[n]!;
      const known = this.#globals[id];
      if (known !== undefined) return known;
      const name = tree.nameOf(n);
      return (this.#globals[id] = globalNames.has(name) ? ref("globalThis") : globalRoots.has(name) ? ref(name) : UNKNOWN);
    }
    const own = given?.get(binding);
    if (own !== undefined) return own;
    return this.ofBinding(binding, depth);
  }

  /** Goes through variables that are only other names of one another, in a loop: a chain of them may be as long as it likes. */
  #unalias(first: number): number {
    const { tree } = this;
    let binding = first;
    for (let hops = 0; hops < MOST_ALIASES; hops++) {
      const [only, other] = this.sources[binding] ?? [];
      if (
        only === undefined ||
        other !== undefined ||
        only.kind !== "value" ||
        only.path !== "" ||
        tree.kind[only.node] !== node.identifier
      )
        break;
      const next = tree.resolve(tree.scope[only.node]!, tree.aux[only.node]!);
      if (next === 0 || next === first || this.#ofVariables[binding] !== undefined) break;
      binding = next;
    }
    return binding;
  }

  ofBinding(alias: number, depth = 0): Value {
    const binding = this.#unalias(alias);
    const sources = this.sources[binding];
    if (sources === undefined) return UNKNOWN;
    const known = this.#ofVariables[binding];
    if (known !== undefined) return known;
    if (this.#open.has(-binding)) return UNKNOWN;
    this.#open.add(-binding);
    let value: Value = UNKNOWN;
    for (const source of sources.length > 16 ? sources.slice(0, 16) : sources) value = either(value, this.#source(source, depth + 1));
    this.#open.delete(-binding);
    this.#ofVariables[binding] = value;
    return value;
  }

  ofPath(source: Source): Value {
    return this.#path(this.of(source.node), source.path);
  }

  /** A path, address or command as far as it is known: what is not is `*`, the home folder `~`. Null where nothing of it is known. */
  pathOf(n: number, depth = 0): string | null {
    const { tree } = this;
    if (n === 0 || depth > 8) return null;
    const value = this.of(n);
    const plain = this.textOf(value);
    if (plain !== null) return plain;
    for (const meaning of value) {
      if (meaning.kind !== "ref") continue;
      if (meaning.path === "node:os.homedir()" || meaning.path === "process.env.HOME" || meaning.path === "process.env.USERPROFILE")
        return "~";
      if (meaning.path === "__dirname" || meaning.path === "process.cwd()") return ".";
    }
    const join = (parts: readonly number[], separator: string): string | null => {
      const known = parts.map((part) => this.pathOf(part, depth + 1));
      return known.every((part) => part === null) ? null : known.map((part) => part ?? "*").join(separator);
    };
    const kids: number[] = [];
    for (let kid = tree.kid[n]!; kid !== 0 && kids.length < 32; kid = tree.next[kid]!) kids.push(kid);
    switch (tree.kind[n]) {
      case node.identifier: {
        const [source] = this.sources[tree.resolve(tree.scope[n]!, tree.aux[n]!)] ?? [];
        return source?.kind === "value" && source.path === "" ? this.pathOf(source.node, depth + 1) : null;
      }
      case node.template:
        return join(kids, "");
      case node.quasi:
        return unescape_(tree.text.slice(tree.start[n]!, tree.end[n]!));
      case node.binary:
        return tree.aux[n] === PLUS ? join(kids, "") : null;
      case node.logical:
      case node.conditional:
        return this.pathOf(kids.at(-1)!, depth + 1) ?? this.pathOf(kids[kids.length - 2]!, depth + 1);
      case node.call:
        for (const meaning of this.of(kids[0]!))
          if (meaning.kind === "ref" && /^node:path\.(?:posix\.|win32\.)?(?:join|resolve|normalize)$/.test(meaning.path))
            return join(kids.slice(1), "/");
        return null;
      case node.new:
        return kids.length > 1 ? this.pathOf(kids[1]!, depth + 1) : null;
      case node.object: {
        // Of options: the host, the address, the path.
        for (const wanted of ["hostname", "host", "url", "href", "uri"])
          for (const kid of kids)
            if (tree.kind[kid] === node.property && this.keyOf(kid) === wanted) {
              const found = this.pathOf(tree.kidAt(kid, 1), depth + 1);
              if (found !== null) return found;
            }
        return null;
      }
      default:
        return null;
    }
  }

  #source(source: Source, depth: number): Value {
    const { tree } = this;
    switch (source.kind) {
      case "import": {
        const specifier = this.textOf(this.of(source.node, undefined, depth));
        return specifier === null ? UNKNOWN : this.#path(this.module(specifier, false), source.path);
      }
      case "value":
        return this.#path(this.of(source.node, undefined, depth), source.path);
      case "parameter": {
        const [index, ...rest] = source.path.split(".");
        let value: Value = UNKNOWN;
        for (const call of (this.callers.get(source.node) ?? []).slice(0, MOST_MEANINGS)) {
          const argument = tree.kidAt(call, Number(index) + 1);
          if (argument !== 0 && tree.kind[argument] !== node.spread)
            value = either(value, this.#path(this.of(argument, undefined, depth), rest.join(".")));
        }
        // import("a").then((m) => …), and arguments that a list hands on: [require].map((r) => …)
        const call = tree.up[source.node]!;
        const callee = tree.kid[call]!;
        if (tree.kind[call] === node.call && callee !== source.node && tree.kind[callee] === node.member) {
          const method = tree.nameOf(callee);
          const object = this.of(tree.kid[callee]!, undefined, depth);
          if (method === "then" && index === "0") value = either(value, this.#path(object, rest.join(".")));
          else if (
            index === "0" &&
            (method === "map" || method === "forEach" || method === "filter" || method === "some" || method === "every")
          )
            for (const item of this.items(object).slice(0, MOST_MEANINGS)) value = either(value, item);
        }
        return value;
      }
      case "element": {
        let value: Value = UNKNOWN;
        for (const item of this.items(this.of(source.node, undefined, depth)).slice(0, MOST_MEANINGS)) value = either(value, item);
        return this.#path(value, source.path);
      }
      default:
        return UNKNOWN;
    }
  }

  #path(value: Value, path: string): Value {
    if (path === "") return value;
    let at = value;
    for (const name of path.split(".")) at = this.member(at, name, false);
    return at;
  }

  module(specifier: string, concealed: boolean): Value {
    return ref(moduleName(specifier), concealed);
  }

  /** The elements of an array, as far as it is written down. */
  items(value: Value): readonly Value[] {
    const { tree } = this;
    for (const meaning of value) {
      if (meaning.kind === "list") return meaning.items;
      if (meaning.kind !== "node" || tree.kind[meaning.node] !== node.array) continue;
      const items: Value[] = [];
      for (let kid = tree.kid[meaning.node]!; kid !== 0 && items.length < MOST_ITEMS; kid = tree.next[kid]!)
        items.push(tree.kind[kid] === node.spread ? UNKNOWN : this.of(kid));
      return items;
    }
    return [];
  }

  member(value: Value, name: string, built: boolean): Value {
    let result: Value = UNKNOWN;
    for (const meaning of value) result = either(result, this.#memberOf(meaning, name, built));
    if (result.length === 0 && name === "constructor") return ref("?.constructor", built);
    return result;
  }

  #memberOf(meaning: Meaning, name: string, built: boolean): Value {
    const { tree } = this;
    switch (meaning.kind) {
      case "ref":
        return this.#memberOfRef(meaning.path, name, meaning.concealed || built);
      case "text":
        if (/^\d+$/.test(name)) return text(meaning.text[Number(name)] ?? "", true);
        return name === "length" ? number(meaning.text.length) : ref(`"".${name}`, built);
      case "number":
        return ref(`"".${name}`, built);
      case "list":
        return /^\d+$/.test(name) ? (meaning.items[Number(name)] ?? UNKNOWN) : ref(`[].${name}`, built);
      case "node": {
        const kind = tree.kind[meaning.node]!;
        if (kind === node.array) {
          if (/^\d+$/.test(name)) return this.of(tree.kidAt(meaning.node, Math.min(Number(name), MOST_ITEMS)));
          return ref(`[].${name}`, built);
        }
        if (kind === node.function)
          return name === "constructor"
            ? ref("Function", true)
            : name === "call" || name === "apply" || name === "bind"
              ? [meaning]
              : UNKNOWN;
        for (let kid = tree.kid[meaning.node]!; kid !== 0; kid = tree.next[kid]!)
          if (tree.kind[kid] === node.property && tree.kid[kid] !== 0 && this.keyOf(kid) === name) return this.of(tree.kidAt(kid, 1));
        return UNKNOWN;
      }
      default:
        return UNKNOWN;
    }
  }

  #memberOfRef(path: string, name: string, concealed: boolean): Value {
    if (path === "globalThis") return globalNames.has(name) ? ref("globalThis", concealed) : ref(name, concealed);
    if (name === "default" && !path.endsWith("default")) return ref(path, concealed);
    if (path === "node:fs" && name === "promises") return ref(path, concealed);
    if (name === "constructor") {
      if (path.endsWith(".constructor") || path.startsWith("[].") || path.startsWith('"".') || /^(?:eval|fetch|atob|require)$/.test(path))
        return ref("Function", true);
      if (path === "module") return ref("node:module", true);
      return ref(`${path}.constructor`, concealed);
    }
    if (path === "process.mainModule" && name === "require") return ref("require", true);
    if (path === "node:module" && (name === "_load" || name === "require")) return ref("require", true);
    if ((path === "module" || path === "module.parent" || path === "require.main") && name === "require") return ref("require", concealed);
    if (name === "call" || name === "apply" || name === "bind") return ref(path, concealed);
    if (path === "node:module" && name === "createRequire") return ref("createRequire", concealed);
    if (path.length > 160) return UNKNOWN;
    return ref(`${path}.${name}`, concealed);
  }

  #compute(n: number, kind: number, given: Arguments | undefined, depth: number): Value {
    const { tree } = this;
    const next = depth + 1;
    switch (kind) {
      case node.text:
        return text(unescape_(tree.text.slice(tree.start[n]! + 1, Math.min(tree.end[n]! - 1, tree.start[n]! + LONGEST_TEXT))), false);
      case node.number: {
        const source = tree.text.slice(tree.start[n]!, tree.end[n]!).replaceAll("_", "");
        return number(Number(source.endsWith("n") ? source.slice(0, -1) : source));
      }
      case node.literal:
        return tree.aux[n] === word.null ? UNKNOWN : text(tree.nameOf(n), true);
      case node.template: {
        let built = "";
        for (let kid = tree.kid[n]!; kid !== 0; kid = tree.next[kid]!) {
          const part =
            tree.kind[kid] === node.quasi
              ? unescape_(tree.text.slice(tree.start[kid]!, tree.end[kid]!))
              : this.textOf(this.of(kid, given, next));
          if (part === null || built.length > LONGEST_TEXT) return UNKNOWN;
          built += part;
        }
        return text(built, tree.next[tree.kid[n]!] !== 0);
      }
      case node.array:
      case node.object:
      case node.function:
      case node.class:
        return [{ kind: "node", node: n }];
      case node.member:
        return this.#memberNode(n, tree.nameOf(n), false, given, next);
      case node.index: {
        const key = this.of(tree.kidAt(n, 1), given, next);
        const name = this.textOf(key);
        return name === null
          ? UNKNOWN
          : this.#memberNode(
              n,
              name,
              key.some((m) => m.kind === "text" && m.built),
              given,
              next,
            );
      }
      case node.this:
        return tree.scopeUp[tree.scope[n]!] === 0 ? ref("globalThis") : UNKNOWN;
      case node.metaProperty:
        return ref("import.meta");
      case node.await:
      case node.spread:
        return this.of(tree.kid[n]!, given, next);
      case node.assign:
        return this.of(tree.kidAt(n, 1), given, next);
      case node.sequence: {
        let last = tree.kid[n]!;
        while (tree.next[last] !== 0) last = tree.next[last]!;
        return this.of(last, given, next);
      }
      case node.conditional:
        return either(this.of(tree.kidAt(n, 1), given, next), this.of(tree.kidAt(n, 2), given, next));
      case node.logical:
        return either(this.of(tree.kid[n]!, given, next), this.of(tree.kidAt(n, 1), given, next));
      case node.unary:
        return this.#unary(n, given, next);
      case node.binary:
        return this.#binary(n, given, next);
      case node.importCall: {
        const specifier = this.of(tree.kid[n]!, given, next);
        const name = this.textOf(specifier);
        return name === null ? UNKNOWN : this.module(name, isBuilt(specifier));
      }
      case node.call:
        return this.#call(n, given, next);
      case node.new: {
        let value: Value = UNKNOWN;
        for (const meaning of this.of(tree.kid[n]!, given, next)) {
          if (meaning.kind !== "ref") continue;
          if (meaning.path === "Function") value = either(value, this.#codeResult(n, given, next));
          else value = either(value, ref(`${meaning.path}#`, meaning.concealed));
        }
        return value;
      }
      default:
        return UNKNOWN;
    }
  }

  #memberNode(n: number, name: string, built: boolean, given: Arguments | undefined, depth: number): Value {
    const { tree } = this;
    const object = tree.kid[n]!;
    let value = this.member(this.of(object, given, depth), name, built);
    if (tree.kind[object] === node.identifier) {
      const binding = tree.resolve(tree.scope[object]!, tree.aux[object]!);
      if (binding !== 0)
        for (const source of this.#members.get(`${binding}.${tree.names.internText(name)}`) ?? [])
          value = either(value, this.of(source, undefined, depth));
    }
    return value;
  }

  #unary(n: number, given: Arguments | undefined, depth: number): Value {
    const { tree } = this;
    const value = this.of(tree.kid[n]!, given, depth);
    if (value.length === 0) return UNKNOWN;
    const [first] = value;
    const aux = tree.aux[n]!;
    if (aux === NOT) {
      const isFalse =
        first!.kind === "text"
          ? first!.text === "" || (first!.built && first!.text === "false")
          : first!.kind === "number" && first!.value === 0;
      return text(isFalse ? "true" : "false", true);
    }
    const plain = first!.kind === "node" && tree.kid[first!.node] === 0 && tree.kind[first!.node] === node.array ? "0" : this.textOf(value);
    if (plain === null) return UNKNOWN;
    const amount = plain === "true" ? 1 : plain === "false" ? 0 : Number(plain);
    return aux === PLUS ? number(amount) : aux === MINUS ? number(-amount) : UNKNOWN;
  }

  #binary(n: number, given: Arguments | undefined, depth: number): Value {
    const { tree } = this;
    if (tree.aux[n] !== PLUS) {
      const [a, b] = [this.#amount(tree.kid[n]!, given, depth), this.#amount(tree.kidAt(n, 1), given, depth)];
      return a === null || b === null ? UNKNOWN : number(calculate(tree.aux[n]!, a, b));
    }
    // Sums lean to the left and may be thousands long: a loop, not a descent.
    const operands: number[] = [];
    let at = n;
    while (tree.kind[at] === node.binary && tree.aux[at] === PLUS && operands.length < MOST_ITEMS) {
      operands.push(tree.kidAt(at, 1));
      at = tree.kid[at]!;
    }
    operands.push(at);
    operands.reverse();
    let sum: Value = UNKNOWN;
    for (const [i, operand] of operands.entries()) {
      const value = this.of(operand, given, depth);
      if (i === 0) {
        sum = value;
        continue;
      }
      const [left] = sum;
      const [right] = value;
      if (left?.kind === "number" && right?.kind === "number") sum = number(left.value + right.value);
      else {
        const [a, b] = [this.#asText(sum), this.#asText(value)];
        if (a === null || b === null) return UNKNOWN;
        sum = text(a + b, true);
      }
      if (sum.length === 0) return UNKNOWN;
    }
    return sum;
  }

  #asText(value: Value): string | null {
    const plain = this.textOf(value);
    if (plain !== null) return plain;
    const { tree } = this;
    for (const meaning of value) {
      if (meaning.kind === "node" && tree.kind[meaning.node] === node.array && tree.kid[meaning.node] === 0) return "";
      if (meaning.kind === "list" && meaning.items.length === 0) return "";
    }
    return null;
  }

  #amount(n: number, given: Arguments | undefined, depth: number): number | null {
    for (const meaning of this.of(n, given, depth)) {
      if (meaning.kind === "number") return meaning.value;
      if (meaning.kind === "text" && /^(?:0x)?\d+$/i.test(meaning.text)) return Number(meaning.text);
    }
    return null;
  }

  /** The argument that the called function gets at this place: `f.call(x, a)` and `f.apply(x, [a])` give it another. 0 where there is none. */
  argument(call: number, at: number): number {
    const { tree } = this;
    if (tree.kind[call] === node.importCall) return tree.kidAt(call, at);
    const callee = tree.kid[call]!;
    if (tree.kind[callee] === node.member) {
      const method = tree.nameOf(callee);
      if (method === "call") return tree.kidAt(call, at + 2);
      if (method === "apply") {
        const list = tree.kidAt(call, 2);
        return tree.kind[list] === node.array ? tree.kidAt(list, at) : 0;
      }
    }
    return tree.kidAt(call, at + 1);
  }

  #call(n: number, given: Arguments | undefined, depth: number): Value {
    const { tree } = this;
    const callee = tree.kid[n]!;
    const kind = tree.kind[callee]!;
    let result: Value = UNKNOWN;
    if (kind === node.member || kind === node.index) {
      const object = this.of(tree.kid[callee]!, given, depth);
      const method = kind === node.member ? tree.nameOf(callee) : (this.textOf(this.of(tree.kidAt(callee, 1), given, depth)) ?? "");
      if (method !== "") for (const meaning of object) result = either(result, this.#method(n, meaning, method, given, depth));
      if (result.length > 0) return result;
      // f.call(x, a), f.apply(x, [a]), f.bind(x)
      if (method === "bind") return object;
    }
    for (const meaning of this.of(callee, given, depth)) {
      if (meaning.kind === "ref") result = either(result, this.#callRef(n, meaning.path, meaning.concealed, given, depth));
      else if (meaning.kind === "node" && tree.kind[meaning.node] === node.function)
        result = either(result, this.#callFunction(n, meaning.node, given, depth));
    }
    return result;
  }

  #callFunction(call: number, callee: number, given: Arguments | undefined, depth: number): Value {
    const { tree } = this;
    if (depth > DEEPEST_CALL * 12) return UNKNOWN;
    const own = new Map<number, Value>(given);
    let parameters = tree.kid[callee]!;
    if (tree.kind[parameters] !== node.parameters) parameters = tree.next[parameters]!;
    let at = 0;
    for (let kid = tree.kid[parameters]!; kid !== 0; kid = tree.next[kid]!, at++)
      if (tree.kind[kid] === node.identifier)
        own.set(tree.resolve(tree.scope[kid]!, tree.aux[kid]!), this.of(this.argument(call, at), given, depth));
    return this.#results(callee, own, depth + 12);
  }

  #results(callee: number, own: Arguments, depth: number): Value {
    const { tree } = this;
    const body = this.bodyOf(callee);
    if (tree.kind[body] !== node.block) return this.of(body, own, depth);
    let value: Value = UNKNOWN;
    let seen = 0;
    for (let kid = tree.kid[body]!; kid !== 0 && seen < MOST_MEANINGS; kid = tree.next[kid]!)
      if (tree.kind[kid] === node.return) {
        value = either(value, this.of(tree.kid[kid]!, own, depth));
        seen++;
      }
    return value;
  }

  bodyOf(callee: number): number {
    const { tree } = this;
    let body = tree.kid[callee]!;
    while (tree.next[body] !== 0) body = tree.next[body]!;
    return body;
  }

  /** `Function("return this")` and its like: a function whose result is known. */
  #codeResult(n: number, given: Arguments | undefined, depth: number): Value {
    const code = this.textOf(this.of(this.argument(n, 0), given, depth));
    const match = code === null ? null : /^\s*return\s+(this|globalThis|global|window|self|process|require)\s*;?\s*$/.exec(code);
    return match === null ? UNKNOWN : ref(`returns ${match[1] === "this" ? "globalThis" : match[1]!}`, true);
  }

  #callRef(n: number, path: string, concealed: boolean, given: Arguments | undefined, depth: number): Value {
    const argument = (at: number): Value => this.of(this.argument(n, at), given, depth);
    if (path.startsWith("returns ")) return ref(globalNames.has(path.slice(8)) ? "globalThis" : path.slice(8), concealed);
    switch (path) {
      case "require":
      case "process.getBuiltinModule": {
        const value = argument(0);
        const specifier = this.textOf(value);
        return specifier === null ? UNKNOWN : this.module(specifier, concealed || isBuilt(value));
      }
      case "createRequire":
        return ref("require", concealed);
      case "process.binding":
      case "process._linkedBinding":
        return ref(`node:${this.textOf(argument(0)) ?? "binding"}`, true);
      case "Function":
        return this.#codeResult(n, given, depth);
      case "eval": {
        const code = this.textOf(argument(0));
        return code !== null && /^\s*(?:this|globalThis|global|window|process|require)\s*;?\s*$/.test(code)
          ? this.#named(code.replace(";", "").trim())
          : UNKNOWN;
      }
      case "Reflect.get":
        return this.member(argument(0), this.textOf(argument(1)) ?? "?", isBuilt(argument(1)));
      case "Object.assign":
      case "Object.freeze":
      case "Promise.resolve":
      case "Object":
        return argument(0);
      case "String":
      case "decodeURIComponent":
      case "decodeURI":
      case "unescape":
      case "encodeURIComponent": {
        const value = this.textOf(argument(0));
        return value === null ? UNKNOWN : text(path === "String" || path === "encodeURIComponent" ? value : percent(value), true);
      }
      case "atob": {
        const value = this.textOf(argument(0));
        return value === null ? UNKNOWN : text(Buffer.from(value, "base64").toString("latin1"), true);
      }
      case "Buffer.from": {
        const value = this.textOf(argument(0));
        if (value !== null) {
          const encoding = this.textOf(argument(1)) ?? "utf8";
          return text(Buffer.isEncoding(encoding) ? Buffer.from(value, encoding).toString("utf8") : value, true);
        }
        return this.#characters(this.items(argument(0)));
      }
      case "String.fromCharCode":
      case "String.fromCodePoint":
        return this.#characters(this.#list(n, given, depth));
      case "parseInt":
      case "Number": {
        const value = this.textOf(argument(0));
        if (value === null) return UNKNOWN;
        return number(path === "Number" ? Number(value) : Number.parseInt(value, Number(this.textOf(argument(1)) ?? "10") || 10));
      }
      case "Array.from":
        return argument(0);
      default:
        return path.endsWith(")") && path.length > 80 ? UNKNOWN : ref(`${path}()`, concealed);
    }
  }

  #named(name: string): Value {
    return ref(name === "this" || globalNames.has(name) ? "globalThis" : name, true);
  }

  /** The arguments of a call, those of a spread or of `apply` as well. */
  #list(n: number, given: Arguments | undefined, depth: number): readonly Value[] {
    const { tree } = this;
    const values: Value[] = [];
    const callee = tree.kid[n]!;
    const method = tree.kind[callee] === node.member ? tree.nameOf(callee) : "";
    if (method === "apply") return this.items(this.of(tree.kidAt(n, 2), given, depth));
    for (let kid = tree.next[callee]!; kid !== 0 && values.length < MOST_ITEMS; kid = tree.next[kid]!) {
      if (tree.kind[kid] === node.spread) values.push(...this.items(this.of(tree.kid[kid]!, given, depth)));
      else values.push(this.of(kid, given, depth));
    }
    return method === "call" ? values.slice(1) : values;
  }

  #characters(values: readonly Value[]): Value {
    let built = "";
    for (const value of values) {
      const [first] = value;
      if (first?.kind !== "number") return UNKNOWN;
      built += String.fromCharCode(first.value);
    }
    return built === "" ? UNKNOWN : text(built, true);
  }

  #method(n: number, object: Meaning, method: string, given: Arguments | undefined, depth: number): Value {
    const argument = (at: number): Value => this.of(this.argument(n, at), given, depth);
    if (object.kind === "text") {
      const a = this.textOf(argument(0));
      const b = this.textOf(argument(1));
      const own = object.text;
      switch (method) {
        case "toString":
        case "valueOf":
        case "normalize":
          return text(own, true);
        case "concat":
          return a === null ? UNKNOWN : text(own + a + (b ?? ""), true);
        case "slice":
        case "substring":
          return a === null
            ? UNKNOWN
            : text(
                method === "slice"
                  ? own.slice(Number(a), b === null ? undefined : Number(b))
                  : own.substring(Number(a), b === null ? undefined : Number(b)),
                true,
              );
        case "substr":
          // oxlint-disable-next-line no-deprecated -- what the code under review calls
          return a === null ? UNKNOWN : text(own.substr(Number(a), b === null ? undefined : Number(b)), true);
        case "charAt":
        case "at":
          return a === null ? UNKNOWN : text(own.at(Number(a)) ?? "", true);
        case "charCodeAt":
        case "codePointAt":
          return number(own.charCodeAt(Number(a ?? 0)));
        case "toLowerCase":
          return text(own.toLowerCase(), true);
        case "toUpperCase":
          return text(own.toUpperCase(), true);
        case "trim":
          return text(own.trim(), true);
        case "split":
          return a === null
            ? UNKNOWN
            : [
                {
                  kind: "list",
                  items: own
                    .split(a)
                    .slice(0, MOST_ITEMS)
                    .map((part) => text(part, true)),
                },
              ];
        case "replace":
        case "replaceAll":
          return this.#replace(own, method, this.argument(n, 0), a, b);
        default:
          return UNKNOWN;
      }
    }
    if (object.kind !== "list" && !(object.kind === "node" && this.tree.kind[object.node] === node.array)) return UNKNOWN;
    const items = this.items([object]);
    switch (method) {
      case "join": {
        const separator = this.textOf(argument(0)) ?? ",";
        let built = "";
        for (const [i, item] of items.entries()) {
          const part = this.textOf(item);
          if (part === null || built.length > LONGEST_TEXT) return UNKNOWN;
          built += (i === 0 ? "" : separator) + part;
        }
        return text(built, true);
      }
      case "reverse":
        return [{ kind: "list", items: items.toReversed() }];
      case "concat":
        return [{ kind: "list", items: [...items, ...this.items(argument(0))] }];
      case "slice":
        return [
          { kind: "list", items: items.slice(Number(this.textOf(argument(0)) ?? 0), Number(this.textOf(argument(1)) ?? items.length)) },
        ];
      case "map": {
        const [mapper] = argument(0);
        if (mapper === undefined) return UNKNOWN;
        return [{ kind: "list", items: items.map((item, i) => this.#apply(mapper, [item, number(i)], depth)) }];
      }
      case "pop":
        return items.at(-1) ?? UNKNOWN;
      case "shift":
        return items[0] ?? UNKNOWN;
      default:
        return UNKNOWN;
    }
  }

  #apply(callee: Meaning, values: readonly Value[], depth: number): Value {
    const { tree } = this;
    if (callee.kind === "ref")
      return callee.path === "String.fromCharCode" || callee.path === "String.fromCodePoint"
        ? this.#characters(values.slice(0, 1))
        : UNKNOWN;
    if (callee.kind !== "node" || tree.kind[callee.node] !== node.function || depth > DEEPEST_VALUE - 12) return UNKNOWN;
    const own = new Map<number, Value>();
    let parameters = tree.kid[callee.node]!;
    if (tree.kind[parameters] !== node.parameters) parameters = tree.next[parameters]!;
    let i = 0;
    for (let kid = tree.kid[parameters]!; kid !== 0; kid = tree.next[kid]!, i++)
      if (tree.kind[kid] === node.identifier) own.set(tree.resolve(tree.scope[kid]!, tree.aux[kid]!), values[i] ?? UNKNOWN);
    return this.#results(callee.node, own, depth + 12);
  }

  /** Only patterns without any operator: no regular expression of the code under review is ever run. */
  #replace(own: string, method: string, pattern: number, a: string | null, b: string | null): Value {
    const { tree } = this;
    if (b === null) return UNKNOWN;
    if (tree.kind[pattern] === node.regex) {
      const match = /^\/((?:[\w -]|\\[.$-])+)\/(g?)i?$/.exec(tree.text.slice(tree.start[pattern]!, tree.end[pattern]!));
      if (match === null) return UNKNOWN;
      const plain = match[1]!.replaceAll("\\", "");
      if (/\\[a-z]/.test(match[1]!)) return UNKNOWN;
      return text(match[2] === "g" ? own.replaceAll(plain, () => b) : own.replace(plain, () => b), true);
    }
    if (a === null || a === "") return UNKNOWN;
    return text(method === "replaceAll" ? own.replaceAll(a, () => b) : own.replace(a, () => b), true);
  }
}

const isBuilt = (value: Value): boolean => value.some((meaning) => meaning.kind === "text" && meaning.built);

function either(a: Value, b: Value): Value {
  if (a.length === 0) return b;
  if (b.length === 0 || a === b) return a;
  return [...a, ...b].slice(0, MOST_MEANINGS);
}

function calculate(operator: number, a: number, b: number): number {
  switch (operator) {
    case op("-"):
      return a - b;
    case op("*"):
      return a * b;
    case op("/"):
      return a / b;
    case op("%"):
      return a % b;
    case op("^"):
      return a ^ b;
    case op("&"):
      return a & b;
    case op("|"):
      return a | b;
    case op("<<"):
      return a << b;
    case op(">>"):
      return a >> b;
    default:
      return Number.NaN;
  }
}

function percent(value: string): string {
  return value.replace(/%u([0-9a-f]{4})|%([0-9a-f]{2})/gi, (_, wide: string | undefined, narrow: string | undefined) =>
    String.fromCharCode(Number.parseInt(wide ?? narrow ?? "20", 16)),
  );
}

const simple: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f", v: "\v", "0": "\0" };

/** The characters that a text's source stands for. */
function unescape_(source: string): string {
  if (!source.includes("\\")) return source;
  return source.replace(
    /\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([0-3]?[0-7]{1,2})|(\r\n|[^]))/g,
    (
      _,
      point: string | undefined,
      unit: string | undefined,
      byte: string | undefined,
      octal: string | undefined,
      other: string | undefined,
    ) => {
      if (other !== undefined) return other === "\n" || other === "\r\n" || other === "\r" ? "" : (simple[other] ?? other);
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
      const code = Number.parseInt(point ?? unit ?? byte ?? "0", 16);
      return code > 0x10ffff ? "" : String.fromCodePoint(code);
    },
  );
}

/** The characters of a text node. */
export const textOfSource: (source: string) => string = unescape_;
