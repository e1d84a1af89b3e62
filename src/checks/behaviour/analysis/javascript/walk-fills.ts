/** Polyfills: what is put in place only where nothing is replaces nothing on which others rely. */
import { word } from "./names.ts";
import { op } from "./tokens.ts";
import { type Tree, node as nodes } from "./tree.ts";
import type { Value } from "./values.ts";
import type { Walk } from "./walk.ts";

/** See `tree.ts` for why it has a name of its own here. */
const node = nodes;

const NOT = op("!");
const AND = op("&&");
const FILLS_IN: ReadonlySet<number> = new Set([op("??="), op("||=")]);
const ELSE: ReadonlySet<number> = new Set([op("??"), op("||")]);
const SAME: ReadonlySet<number> = new Set([op("=="), op("===")]);
const OTHER: ReadonlySet<number> = new Set([op("!="), op("!==")]);

/** What is spoken of, as one text: "" where that is not known. */
const pathsOf = (value: Value): string => value.map((meaning) => (meaning.kind === "ref" ? meaning.path : "")).join(" ");

/** `a.b ??= c`, `a.b = a.b || c`, or an assignment that is only reached where there is no `a.b`: what is there stays, and nobody is robbed of it. */
export function onlyFillsIn(walk: Walk, n: number, target: number): boolean {
  const { tree, meanings } = walk;
  if (FILLS_IN.has(tree.aux[n]!)) return true;
  const wanted = pathsOf(meanings.of(target));
  if (wanted === "") return false;
  const value = tree.next[target]!;
  if (tree.kind[value] === node.logical && ELSE.has(tree.aux[value]!) && pathsOf(meanings.of(tree.kid[value]!)) === wanted) return true;
  return isReachedWithout(walk, n, wanted);
}

/** Whether what is put in place of `replaced` by the call `n` is so only where there is none. */
export const fillsIn = (walk: Walk, n: number, replaced: Value): boolean => {
  const wanted = pathsOf(replaced);
  return wanted !== "" && isReachedWithout(walk, n, wanted);
};

/** `if (!a.b) …`, `a.b || (…)`, `(t = a.b) != null ? t : …`: by the test that is nearest around. */
function isReachedWithout(walk: Walk, n: number, wanted: string): boolean {
  const { tree, meanings } = walk;
  let at = tree.up[n]!;
  while (tree.kind[at] === node.expression || tree.kind[at] === node.block) at = tree.up[at]!;
  const test = tree.kid[at]!;
  switch (tree.kind[at]) {
    case node.conditional:
      return isIn(tree, n, tree.kidAt(at, 2)) && pathsOf(meanings.of(tree.kind[test] === node.binary ? tree.kid[test]! : test)) === wanted;
    case node.if:
      // Only what is done where the test holds.
      return isIn(tree, n, tree.next[test]!) && saysMissing(walk, test, wanted);
    case node.logical:
      return ELSE.has(tree.aux[at]!) ? pathsOf(meanings.of(test)) === wanted : saysMissing(walk, test, wanted);
    default:
      return false;
  }
}

const isIn = (tree: Tree, n: number, outer: number): boolean => tree.start[n]! >= tree.start[outer]! && tree.end[n]! <= tree.end[outer]!;

/** `!a.b`, `typeof a.b === "undefined"`, `typeof a.b !== "function"`, `a.b == null`, and either side of an `&&`. */
function saysMissing(walk: Walk, test: number, wanted: string): boolean {
  const { tree, meanings } = walk;
  const [left, right] = [tree.kid[test]!, tree.kidAt(test, 1)];
  const isWanted = (at: number): boolean =>
    (tree.kind[at] === node.identifier || tree.kind[at] === node.member || tree.kind[at] === node.index) &&
    pathsOf(meanings.of(at)) === wanted;
  switch (tree.kind[test]) {
    case node.unary:
      return tree.aux[test] === NOT && isWanted(left);
    case node.logical:
      return tree.aux[test] === AND && (saysMissing(walk, left, wanted) || saysMissing(walk, right, wanted));
    case node.binary: {
      const [same, other] = [SAME.has(tree.aux[test]!), OTHER.has(tree.aux[test]!)];
      if (!same && !other) return false;
      return (
        [
          [left, right],
          [right, left],
        ] as const
      ).some(([asked, told]) => {
        if (tree.kind[asked] !== node.unary || tree.aux[asked] !== -word.typeof) return same && isNothing(tree, told) && isWanted(asked);
        const type = tree.kind[told] === node.text ? tree.text.slice(tree.start[told]! + 1, tree.end[told]! - 1) : "";
        return isWanted(tree.kid[asked]!) && (same ? type === "undefined" : type === "function" || type === "object");
      });
    }
    default:
      return false;
  }
}

/** `undefined`, `null`, `void 0`. */
const isNothing = (tree: Tree, n: number): boolean =>
  /^(?:undefined|null|void\s*0)$/.test(tree.end[n]! - tree.start[n]! < 12 ? tree.text.slice(tree.start[n], tree.end[n]) : "");
