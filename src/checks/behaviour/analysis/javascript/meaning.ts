/**
 * What expressions mean, as far as it can be known without running them: which module or global a name stands for, which text is pieced
 * together, which function is called. It is worked out on demand and without regard to order (every assignment of a variable counts), so
 * that moving, renaming and splitting statements changes nothing. Every step is bounded; what is not known is the empty list.
 */
import { compute } from "./meaning-expressions.ts";
import { link } from "./meaning-links.ts";
import { itemsOf, memberAt, moduleValue } from "./meaning-members.ts";
import { type Turn, undoTurns } from "./meaning-turns.ts";
import { knownName, knownNames } from "./names.ts";
import { type Tree, flag as flags, node as nodes } from "./tree.ts";
import { MOST_MEANINGS, UNKNOWN, type Value, either, ref } from "./values.ts";
import { globalNames, globalRoots } from "./vocabulary.ts";

const flag = flags;
const node = nodes;

/** Expressions within expressions, calls within calls. */
export const DEEPEST_VALUE = 60;
/** Steps per file that are not remembered: enough for every honest file, and the end of what is made to take for ever. */
const MOST_STEPS = 400_000;
const OPEN = -1;
/** Names for one and the same thing, one after the other. */
const MOST_ALIASES = 100_000;

/** By the number of a known name: what it means where nobody declares it. */
const globals: readonly Value[] = knownNames.map((name) =>
  globalNames.has(name) ? ref("globalThis") : globalRoots.has(name) ? ref(name) : UNKNOWN,
);
const THEN = knownName("then");
/** Methods that hand the items of a list on to a function. */
const handingOn: ReadonlySet<number> = new Set(["map", "forEach", "filter", "some", "every"].map(knownName));

/** The call that is being followed: of which function, and what its variables are worth there. */
export interface Arguments {
  readonly callee: number;
  /** Grows as variables of the function are asked for. */
  readonly values: Map<number, Value>;
}

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
  /** By the numbers in the tree's column: 0 is not known yet, 1 nothing, `OPEN` being worked out. */
  readonly #values: Value[] = [UNKNOWN, UNKNOWN];
  readonly ofVariables: (Value | undefined)[] = [];
  /** By variable: what was ever put into a member of it, by the member's name. */
  readonly members: Map<number, Map<number, number[]>> = new Map();
  /** By variable: what was ever put into a place of it whose name is made at run time. */
  readonly places: Map<number, number[]> = new Map();
  /** By array: its items, where they are others than those that stand there. */
  readonly tables: Map<number, readonly Value[]> = new Map();
  /** Tables of texts that are turned before they are used. */
  readonly turns: readonly Turn[];
  /** Variables that are being worked out: a circle ends where it meets itself. */
  readonly #open: Uint8Array;
  steps = 0;

  constructor(tree: Tree) {
    this.tree = tree;
    const variables = tree.bindings.count + 1;
    this.sources.length = variables;
    this.ofVariables.length = variables;
    this.#open = new Uint8Array(variables);
    link(this);
    this.turns = undoTurns(this);
  }

  get exhausted(): boolean {
    return this.steps > MOST_STEPS;
  }

  /** The name of a property; "?" where it is made at run time. */
  keyOf(property: number): string {
    const { tree } = this;
    const key = tree.kid[property]!;
    if ((tree.aux[property]! & flag.computed) !== 0) return this.textOf(this.of(key)) ?? "?";
    if (tree.kind[key] === node.name) return tree.nameOf(key);
    return this.textOf(this.of(key)) ?? "?";
  }

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
    if (kind === node.identifier) return this.variable(n, given, depth);
    if (given !== undefined) {
      if (++this.steps > MOST_STEPS) return UNKNOWN;
      return compute(this, n, kind, given, depth);
    }
    const known = tree.value[n]!;
    if (known > 0) return this.#values[known]!;
    if (known === OPEN || ++this.steps > MOST_STEPS) return UNKNOWN;
    tree.value[n] = OPEN;
    const value = compute(this, n, kind, given, depth);
    tree.value[n] = value.length === 0 ? 1 : this.#values.push(value) - 1;
    return value;
  }

  variable(n: number, given: Arguments | undefined, depth: number): Value {
    const { tree } = this;
    const binding = tree.bindingOf(n);
    if (binding === 0) {
      const name = tree.aux[n]!;
      return name < knownNames.length ? globals[name]! : UNKNOWN;
    }
    if (given === undefined) return this.ofBinding(binding, depth);
    const own = given.values.get(binding);
    if (own !== undefined) return own;
    const [source, ...others] = this.sources[binding] ?? [];
    if (
      source === undefined ||
      others.length > 0 ||
      source.kind !== "value" ||
      source.path !== "" ||
      !this.isWithin(source.node, given.callee)
    )
      return this.ofBinding(binding, depth);
    given.values.set(binding, UNKNOWN);
    const value = this.of(source.node, given, depth + 1);
    given.values.set(binding, value);
    return value;
  }

  isWithin(n: number, outer: number): boolean {
    const { start, end } = this.tree;
    return start[n]! >= start[outer]! && end[n]! <= end[outer]!;
  }

  /** Nothing of what was worked out holds any more. */
  forget(): void {
    this.tree.value.fill(0, 0, this.tree.count);
    this.#values.length = 2;
    this.ofVariables.fill(undefined);
  }

  /** Goes through variables that are only other names of one another, in a loop: a chain of them may be as long as it likes. */
  unalias(first: number): number {
    const { tree } = this;
    let binding = first;
    for (let hops = 0; hops < MOST_ALIASES; hops++) {
      const sources = this.sources[binding];
      const only = sources?.[0];
      if (
        only === undefined ||
        sources!.length > 1 ||
        only.kind !== "value" ||
        only.path !== "" ||
        tree.kind[only.node] !== node.identifier
      )
        break;
      const next = tree.bindingOf(only.node);
      if (next === 0 || next === first || this.ofVariables[binding] !== undefined) break;
      binding = next;
    }
    return binding;
  }

  ofBinding(alias: number, depth = 0): Value {
    const remembered = this.ofVariables[alias];
    if (remembered !== undefined) return remembered;
    const binding = this.unalias(alias);
    const sources = this.sources[binding];
    if (sources === undefined) return UNKNOWN;
    const known = this.ofVariables[binding];
    if (known !== undefined) return known;
    if (this.#open[binding] === 1) return UNKNOWN;
    this.#open[binding] = 1;
    let value: Value = UNKNOWN;
    for (const source of sources.length > 16 ? sources.slice(0, 16) : sources) value = either(value, this.source(source, depth + 1));
    this.#open[binding] = 0;
    this.ofVariables[binding] = value;
    return value;
  }

  ofPath(source: Source): Value {
    return memberAt(this, this.of(source.node), source.path);
  }

  source(source: Source, depth: number): Value {
    const { tree } = this;
    switch (source.kind) {
      case "import": {
        const specifier = this.textOf(this.of(source.node, undefined, depth));
        return specifier === null ? UNKNOWN : memberAt(this, moduleValue(specifier, false), source.path);
      }
      case "value":
        return memberAt(this, this.of(source.node, undefined, depth), source.path);
      case "parameter": {
        const [index, ...rest] = source.path.split(".");
        let value: Value = UNKNOWN;
        for (const call of (this.callers.get(source.node) ?? []).slice(0, MOST_MEANINGS)) {
          const argument = tree.kidAt(call, Number(index) + 1);
          if (argument !== 0 && tree.kind[argument] !== node.spread)
            value = either(value, memberAt(this, this.of(argument, undefined, depth), rest.join(".")));
        }
        // import("a").then((m) => …), and arguments that a list hands on: [require].map((r) => …)
        const call = tree.up[source.node]!;
        const callee = tree.kid[call]!;
        if (tree.kind[call] === node.call && callee !== source.node && tree.kind[callee] === node.member) {
          const method = tree.aux[callee]!;
          const object = this.of(tree.kid[callee]!, undefined, depth);
          if (method === THEN && index === "0") value = either(value, memberAt(this, object, rest.join(".")));
          else if (index === "0" && handingOn.has(method))
            for (const item of itemsOf(this, object).slice(0, MOST_MEANINGS)) value = either(value, item);
        }
        return value;
      }
      case "element": {
        let value: Value = UNKNOWN;
        for (const item of itemsOf(this, this.of(source.node, undefined, depth)).slice(0, MOST_MEANINGS)) value = either(value, item);
        return memberAt(this, value, source.path);
      }
      default:
        return UNKNOWN;
    }
  }
}
