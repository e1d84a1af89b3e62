/** Members that are looked for among all of an object: `os[Object.keys(os).find((name) => name === "hostname")]`. Nobody who means one by its name asks so. */
import { argumentOf, bodyOf } from "./meaning-calls.ts";
import { memberOf } from "./meaning-members.ts";
import type { Arguments, Meanings } from "./meaning.ts";
import { op } from "./tokens.ts";
import { node as nodes } from "./tree.ts";
import { UNKNOWN, type Value, text } from "./values.ts";

const node = nodes;

const SAME: ReadonlySet<number> = new Set([op("=="), op("===")]);
const names: ReadonlySet<string> = new Set(["Object.keys()", "Object.getOwnPropertyNames()", "Reflect.ownKeys()"]);
const entries = "Object.entries()";
const methods: ReadonlySet<string> = new Set(["find", "findLast", "filter"]);

/** What the call `n` of `method` finds in what `Object.keys(a)`, `Object.entries(a)` and the like give; `path`: which of them. */
export function foundIn(meanings: Meanings, n: number, path: string, method: string, given: Arguments | undefined, depth: number): Value {
  if ((path !== entries && !names.has(path)) || !methods.has(method)) return UNKNOWN;
  const { tree } = meanings;
  const listing = tree.kid[tree.kid[n]!]!;
  const name = comparedWith(meanings, argumentOf(meanings, n, 0), depth);
  if (name === null || tree.kind[listing] !== node.call) return UNKNOWN;
  const member = memberOf(meanings, meanings.of(argumentOf(meanings, listing, 0), given, depth), name, true);
  const found: Value = path === entries ? [{ kind: "list", items: [text(name, true), member] }] : text(name, true);
  return method === "filter" ? [{ kind: "list", items: [found] }] : found;
}

/** `(name) => name === "a"`, `function ([name]) { return "a" == name }`: the text. */
function comparedWith(meanings: Meanings, callback: number, depth: number): string | null {
  const { tree } = meanings;
  if (tree.kind[callback] !== node.function) return null;
  let body = bodyOf(meanings, callback);
  if (tree.kind[body] === node.block) body = tree.kid[body]!;
  if (tree.kind[body] === node.return) body = tree.kid[body]!;
  if (tree.kind[body] !== node.binary || !SAME.has(tree.aux[body]!)) return null;
  for (const side of [tree.kid[body]!, tree.kidAt(body, 1)])
    if (tree.kind[side] !== node.identifier || tree.bindingOf(side) === 0) {
      const value = meanings.textOf(meanings.of(side, undefined, depth));
      if (value !== null) return value;
    }
  return null;
}
