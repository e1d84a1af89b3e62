/** Tables of texts that are fetched by number, and loops without an end. */
import { itemsOf } from "./meaning-members.ts";
import { type Tree, node as nodes } from "./tree.ts";
import type { Walk } from "./walk.ts";

const node = nodes;

/** Calls of one function that fetches a text by number, from which on it is no table but a disguise. */
export const TABLE_CALLS = 20;
const TABLE_TEXTS = 10;

/** A function that is called with numbers and fetches from a table of texts. */
export function seeTableCall(walk: Walk, n: number, callee: number): void {
  const { tree, meanings } = walk;
  const argument = tree.next[callee]!;
  if (argument === 0 || (tree.kind[argument] !== node.number && tree.kind[argument] !== node.text)) return;
  const binding = tree.bindingOf(callee);
  if (binding === 0) return;
  const known = walk.tables.get(binding);
  if (known !== undefined) {
    known.calls++;
    return;
  }
  const fetches = meanings
    .ofBinding(binding)
    .some((meaning) => meaning.kind === "node" && tree.kind[meaning.node] === node.function && fetchesText(walk, meaning.node));
  walk.tables.set(binding, { calls: fetches ? 1 : Number.NEGATIVE_INFINITY, first: n });
}

function fetchesText(walk: Walk, callee: number): boolean {
  const { tree, meanings } = walk;
  const open = [callee];
  for (let parts = 0; open.length > 0 && parts < 400; parts++) {
    const n = open.pop()!;
    if (tree.kind[n] === node.index) {
      const items = itemsOf(meanings, meanings.of(tree.kid[n]!));
      if (items.length >= TABLE_TEXTS && items.filter((item) => item.some(({ kind }) => kind === "text")).length >= items.length / 2)
        return true;
    }
    for (let kid = tree.kid[n]!; kid !== 0; kid = tree.next[kid]!) open.push(kid);
  }
  return false;
}

/** `while (true)` and `for (;;)` with nothing within that could leave it. */
/** Whether a `debugger` statement comes again and again, so that nobody gets past it: one that stands in a failing assertion is left over from work. */
export function isTrap(tree: Tree, n: number): boolean {
  for (let at = tree.up[n]!; at !== 0; at = tree.up[at]!) {
    const kind = tree.kind[at]!;
    if (kind === node.while || kind === node.for || kind === node.doWhile) return true;
    if (kind !== node.function) continue;
    const call = tree.up[at]!;
    const callee = tree.kid[call]!;
    return tree.kind[call] === node.call && tree.kind[callee] === node.identifier && tree.nameOf(callee) === "setInterval";
  }
  return false;
}

export function seeLoop(walk: Walk, n: number): void {
  const { tree } = walk;
  if (tree.up[n] === 0) return;
  const kind = tree.kind[n]!;
  const test = kind === node.for ? tree.kidAt(n, 1) : kind === node.doWhile ? tree.kidAt(n, 1) : tree.kid[n]!;
  const body = kind === node.for ? tree.kidAt(n, 3) : kind === node.doWhile ? tree.kid[n]! : tree.kidAt(n, 1);
  const source = walk.source(test);
  const endless =
    tree.kind[test] === node.empty ||
    source === "true" ||
    source === "!0" ||
    (tree.kind[test] === node.number && Number(source) !== 0) ||
    // A bound that no counter reaches.
    (kind === node.for && /[<>]=?\s*(?:Infinity|1\s*\/\s*0|Number\.POSITIVE_INFINITY)$/.test(source));
  if (!endless) return;
  const open = [body];
  while (open.length > 0) {
    const at = open.pop()!;
    const inner = tree.kind[at]!;
    if (inner === node.break || inner === node.return || inner === node.throw || inner === node.yield || inner === node.await) return;
    if (inner === node.function || inner === node.class) continue;
    for (let kid = tree.kid[at]!; kid !== 0; kid = tree.next[kid]!) open.push(kid);
  }
  // Something within may throw or end the process; without any call there is nothing that could.
  walk.see("endless-loop", "", n, "loop");
}
