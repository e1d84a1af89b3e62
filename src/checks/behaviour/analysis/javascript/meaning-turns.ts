/**
 * Tables of texts that turn before they are used: an obfuscator moves a program's texts into one list, fetches them by number, and puts the list
 * into its right order only when the program starts, by `list.push(list.shift())` until a sum over some of its texts is right. The order is worked out
 * here, so that everything that goes through the table means what it will mean. Nothing is run: the sum is a sum, and there are as many orders as texts.
 *
 *     (function (list, wanted) { while (true) { … if (sum === wanted) break; else list.push(list.shift()) … } })(table, 0x1f4)
 */
import { applied } from "./meaning-calls.ts";
import { itemsOf } from "./meaning-members.ts";
import type { Meanings } from "./meaning.ts";
import { knownName } from "./names.ts";
import { op } from "./tokens.ts";
import { node } from "./tree.ts";
import { type Meaning, type Value, number, text } from "./values.ts";

export interface Turn {
  /** Where it is done. */
  readonly node: number;
  readonly texts: number;
  /** Whether the order was worked out. */
  readonly undone: boolean;
}

/** Texts from which on a list that is turned is a table: the smallest that an obfuscator makes of a program with a module and a call. */
const LEAST_TEXTS = 3;
/** Parts of one function that are looked at: what turns a table is short. */
const MOST_PARTS = 800;
/** Nodes from `push` up to the call: a loop, a try, a few blocks. */
const MOST_UP = 24;
const PUSH = knownName("push");
const SHIFT = knownName("shift");
const PARSE_INT = knownName("parseInt");
const [EQUAL, SAME, ADD, SUBTRACT, TIMES, DIVIDED, REST] = ["==", "===", "+", "-", "*", "/", "%"].map(op);

/** Finds them, and puts the tables of which the order can be worked out into it. To be asked before anything else is. */
export function undoTurns(meanings: Meanings): readonly Turn[] {
  const { tree } = meanings;
  if (!tree.text.includes("shift")) return [];
  const calls = new Set<number>();
  for (let n = 1; n < tree.count; n++)
    if (tree.kind[n] === node.call && isTurn(meanings, n)) for (const call of callsAround(meanings, n)) calls.add(call);
  const turns: Turn[] = [];
  for (const n of calls) {
    const callee = tree.kid[n]!;
    const table = tableOf(meanings, tree.next[callee]!);
    if (table !== null) turns.push({ node: n, texts: table.texts.length, undone: undo(meanings, n, table, partsOf(meanings, callee)) });
  }
  if (turns.length > 0) meanings.forget();
  return turns;
}

/** Calls of functions where they stand, with arguments, that are around a node. */
function* callsAround({ tree }: Meanings, n: number): Generator<number> {
  for (let [at, hops] = [tree.up[n]!, 0]; at !== 0 && hops < MOST_UP; at = tree.up[at]!, hops++) {
    const callee = tree.kid[at]!;
    if (tree.kind[at] === node.call && tree.kind[callee] === node.function && tree.next[callee] !== 0) yield at;
  }
}

interface Table {
  readonly array: number;
  readonly texts: readonly string[];
}

function tableOf(meanings: Meanings, argument: number): Table | null {
  const { tree } = meanings;
  const given = meanings.of(argument);
  const all: readonly Meaning[] = [
    ...given,
    ...given.flatMap((meaning) => (meaning.kind === "node" ? applied(meanings, meaning, [], 0) : [])),
  ];
  for (const meaning of all) {
    if (meaning.kind !== "node" || tree.kind[meaning.node] !== node.array) continue;
    const texts = itemsOf(meanings, [meaning]).map((item) => (item[0]?.kind === "text" ? item[0].text : null));
    if (texts.length >= LEAST_TEXTS && texts.every((one) => one !== null)) return { array: meaning.node, texts };
  }
  return null;
}

function partsOf({ tree }: Meanings, root: number): readonly number[] {
  const parts = [root];
  for (let at = 0; at < parts.length && parts.length < MOST_PARTS; at++)
    for (let kid = tree.kid[parts[at]!]!; kid !== 0; kid = tree.next[kid]!) parts.push(kid);
  return parts;
}

/** The name of the method that is called, 0 where it is none. */
function methodOf(meanings: Meanings, call: number): number {
  const { tree } = meanings;
  const callee = tree.kid[call]!;
  if (tree.kind[call] !== node.call) return 0;
  if (tree.kind[callee] === node.member) return tree.aux[callee]!;
  if (tree.kind[callee] !== node.index) return 0;
  const name = meanings.textOf(meanings.of(tree.kidAt(callee, 1)));
  return name === "push" ? PUSH : name === "shift" ? SHIFT : 0;
}

/** `list.push(list.shift())`. */
function isTurn(meanings: Meanings, n: number): boolean {
  const { tree } = meanings;
  const argument = tree.next[tree.kid[n]!]!;
  return tree.kind[argument] === node.call && methodOf(meanings, argument) === SHIFT && methodOf(meanings, n) === PUSH;
}

function undo(meanings: Meanings, call: number, { array, texts }: Table, parts: readonly number[]): boolean {
  const { tree } = meanings;
  const [amount] = meanings.of(tree.kidAt(call, 2));
  if (amount?.kind !== "number") return false;
  // In the place of each text its number: so it is seen which of them the sum asks for.
  meanings.tables.set(
    array,
    texts.map((_, at) => number(at)),
  );
  meanings.forget();
  const comparisons = parts.filter((part) => tree.kind[part] === node.binary && (tree.aux[part] === EQUAL || tree.aux[part] === SAME));
  const sums = comparisons.flatMap((part) => [sumOf(meanings, tree.kid[part]!, 0), sumOf(meanings, tree.kidAt(part, 1), 0)]);
  const asks = sums.filter((sum) => sum?.asks === true);
  const source = tree.text.slice(tree.start[call]!, tree.end[call]!);
  const turned =
    asks.length > 0
      ? texts.findIndex((_, turn) => asks.some((sum) => sum?.of((at) => texts[(at + turn) % texts.length] ?? "") === amount.value))
      : comparisons.length > 0
        ? -1
        : // `while (--count)` makes one turn less, unless it is given one more.
          (amount.value - (source.includes("++") || !/--\s*[\w$]/.test(source) ? 0 : 1)) % texts.length;
  if (turned < 0) meanings.tables.delete(array);
  else
    meanings.tables.set(
      array,
      texts.map((_, at): Value => text(texts[(at + turned) % texts.length] ?? "", true)),
    );
  meanings.forget();
  return turned >= 0;
}

interface Sum {
  readonly of: (textAt: (at: number) => string) => number;
  /** Whether any text of the table is in it. */
  readonly asks: boolean;
}

const DEEPEST_SUM = 200;

/** What is calculated from texts of the table, as a function of them; null where it is more than that. */
function sumOf(meanings: Meanings, n: number, depth: number): Sum | null {
  const { tree } = meanings;
  if (depth > DEEPEST_SUM) return null;
  const inner = (at: number): Sum | null => sumOf(meanings, at, depth + 1);
  switch (tree.kind[n]) {
    case node.identifier: {
      const sources = meanings.sources[tree.bindingOf(n)] ?? [];
      return sources.length === 1 && sources[0]!.kind === "value" && sources[0]!.path === "" ? inner(sources[0]!.node) : null;
    }
    case node.number: {
      const [known] = meanings.of(n);
      return known?.kind === "number" ? { of: () => known.value, asks: false } : null;
    }
    case node.unary: {
      const of = inner(tree.kid[n]!);
      return of === null ? null : tree.aux[n] === SUBTRACT ? { ...of, of: (textAt) => -of.of(textAt) } : tree.aux[n] === ADD ? of : null;
    }
    case node.binary: {
      const [a, b] = [inner(tree.kid[n]!), inner(tree.kidAt(n, 1))];
      const calculate = operators.get(tree.aux[n]!);
      if (a === null || b === null || calculate === undefined) return null;
      return { of: (textAt) => calculate(a.of(textAt), b.of(textAt)), asks: a.asks || b.asks };
    }
    case node.call: {
      const callee = tree.kid[n]!;
      if (tree.kind[callee] !== node.identifier || tree.aux[callee] !== PARSE_INT) return null;
      const [at] = meanings.of(tree.next[callee]!);
      return at?.kind === "number" ? { of: (textAt) => Number.parseInt(textAt(at.value), 10), asks: true } : null;
    }
    default:
      return null;
  }
}

const operators: ReadonlyMap<number, (a: number, b: number) => number> = new Map([
  [ADD!, (a: number, b: number) => a + b],
  [SUBTRACT!, (a: number, b: number) => a - b],
  [TIMES!, (a: number, b: number) => a * b],
  [DIVIDED!, (a: number, b: number) => a / b],
  [REST!, (a: number, b: number) => a % b],
]);
