/** What each kind of expression means. */
import { callValue, codeResult } from "./meaning-calls.ts";
import { memberOf, moduleValue } from "./meaning-members.ts";
import type { Arguments, Meanings } from "./meaning.ts";
import { word as words } from "./names.ts";
import { textOfSource } from "./texts.ts";
import { PLUS, op } from "./tokens.ts";
import { type Tree, node as nodes } from "./tree.ts";
import { LONGEST_TEXT, MOST_ITEMS, UNKNOWN, type Value, either, isBuilt, number, ref, text } from "./values.ts";

const word = words;
const node = nodes;

const NOT = op("!");
const MINUS = op("-");

/** Functions that return an object, so that `new` before them changes nothing (ECMA-262, OrdinaryFunction [[Construct]]). */
const givesObject: ReadonlySet<string> = new Set(["require", "process.getBuiltinModule", "createRequire"]);

export function compute(meanings: Meanings, n: number, kind: number, given: Arguments | undefined, depth: number): Value {
  const { tree } = meanings;
  const next = depth + 1;
  switch (kind) {
    case node.text:
      return textNode(tree, n);
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
            ? textOfSource(tree.text.slice(tree.start[kid]!, tree.end[kid]!))
            : meanings.textOf(meanings.of(kid, given, next));
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
      return memberNode(meanings, n, given, next);
    case node.index:
      return indexNode(meanings, n, given, next);
    case node.this:
      return tree.scopeUp[tree.functionScope[tree.scope[n]!]!] === 0 ? ref("globalThis") : UNKNOWN;
    case node.metaProperty:
      return ref("import.meta");
    case node.await:
    case node.spread:
      return meanings.of(tree.kid[n]!, given, next);
    case node.assign:
      return meanings.of(tree.kidAt(n, 1), given, next);
    case node.sequence: {
      let last = tree.kid[n]!;
      while (tree.next[last] !== 0) last = tree.next[last]!;
      return meanings.of(last, given, next);
    }
    case node.conditional:
      return either(meanings.of(tree.kidAt(n, 1), given, next), meanings.of(tree.kidAt(n, 2), given, next));
    case node.logical:
      return either(meanings.of(tree.kid[n]!, given, next), meanings.of(tree.kidAt(n, 1), given, next));
    case node.unary:
      return unary(meanings, n, given, next);
    case node.binary:
      return binary(meanings, n, given, next);
    case node.importCall: {
      const specifier = meanings.of(tree.kid[n]!, given, next);
      const name = meanings.textOf(specifier);
      return name === null ? UNKNOWN : moduleValue(name, isBuilt(specifier));
    }
    case node.call:
      return callValue(meanings, n, given, next);
    case node.new: {
      let value: Value = UNKNOWN;
      for (const meaning of meanings.of(tree.kid[n]!, given, next)) {
        if (meaning.kind !== "ref") continue;
        // `new` gives what the function returns, where that is an object.
        if (givesObject.has(meaning.path)) value = either(value, callValue(meanings, n, given, next));
        else if (meaning.path === "Function") value = either(value, codeResult(meanings, n, given, next));
        else value = either(value, ref(`${meaning.path}#`, meaning.concealed));
      }
      return value;
    }
    default:
      return UNKNOWN;
  }
}

function textNode(tree: Tree, n: number): Value {
  const source = tree.text.slice(tree.start[n]! + 1, Math.min(tree.end[n]! - 1, tree.start[n]! + LONGEST_TEXT));
  return text(tree.aux[n] === 0 ? source : textOfSource(source), false);
}

function memberNode(meanings: Meanings, n: number, given: Arguments | undefined, depth: number): Value {
  const { tree } = meanings;
  const object = meanings.of(tree.kid[n]!, given, depth);
  // Most objects are not known, and the name of the member need not be made for them.
  const value = object.length > 0 || tree.aux[n] === word.constructor ? memberOf(meanings, object, tree.nameOf(n), false) : UNKNOWN;
  return withPut(meanings, n, tree.aux[n]!, value, depth);
}

function indexNode(meanings: Meanings, n: number, given: Arguments | undefined, depth: number): Value {
  const { tree } = meanings;
  const key = meanings.of(tree.kidAt(n, 1), given, depth);
  const name = meanings.textOf(key);
  if (name === null) return UNKNOWN;
  const value = memberOf(meanings, meanings.of(tree.kid[n]!, given, depth), name, isBuilt(key));
  return withPut(meanings, n, tree.names.internText(name), value, depth);
}

/** With what was ever put into this member of a variable. */
function withPut(meanings: Meanings, n: number, name: number, known: Value, depth: number): Value {
  const { tree } = meanings;
  const object = tree.kid[n]!;
  if (tree.kind[object] !== node.identifier) return known;
  const members = meanings.members.get(tree.bindingOf(object));
  let value = known;
  if (members !== undefined) for (const source of members.get(name) ?? []) value = either(value, meanings.of(source, undefined, depth));
  return value;
}

function unary(meanings: Meanings, n: number, given: Arguments | undefined, depth: number): Value {
  const { tree } = meanings;
  const value = meanings.of(tree.kid[n]!, given, depth);
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
  const plain =
    first!.kind === "node" && tree.kid[first!.node] === 0 && tree.kind[first!.node] === node.array ? "0" : meanings.textOf(value);
  if (plain === null) return UNKNOWN;
  const amount = plain === "true" ? 1 : plain === "false" ? 0 : Number(plain);
  return aux === PLUS ? number(amount) : aux === MINUS ? number(-amount) : UNKNOWN;
}

function binary(meanings: Meanings, n: number, given: Arguments | undefined, depth: number): Value {
  const { tree } = meanings;
  if (tree.aux[n] !== PLUS) {
    const [a, b] = [amount(meanings, tree.kid[n]!, given, depth), amount(meanings, tree.kidAt(n, 1), given, depth)];
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
    const value = meanings.of(operand, given, depth);
    if (i === 0) {
      sum = value;
      continue;
    }
    const [left] = sum;
    const [right] = value;
    if (left?.kind === "number" && right?.kind === "number") sum = number(left.value + right.value);
    else {
      const [a, b] = [asText(meanings, sum), asText(meanings, value)];
      if (a === null || b === null) return UNKNOWN;
      sum = text(a + b, true);
    }
    if (sum.length === 0) return UNKNOWN;
  }
  return sum;
}

function asText(meanings: Meanings, value: Value): string | null {
  const plain = meanings.textOf(value);
  if (plain !== null) return plain;
  const { tree } = meanings;
  for (const meaning of value) {
    if (meaning.kind === "node" && tree.kind[meaning.node] === node.array && tree.kid[meaning.node] === 0) return "";
    if (meaning.kind === "list" && meaning.items.length === 0) return "";
  }
  return null;
}

function amount(meanings: Meanings, n: number, given: Arguments | undefined, depth: number): number | null {
  for (const meaning of meanings.of(n, given, depth)) {
    if (meaning.kind === "number") return meaning.value;
    if (meaning.kind === "text" && /^(?:0x)?\d+$/i.test(meaning.text)) return Number(meaning.text);
  }
  return null;
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
