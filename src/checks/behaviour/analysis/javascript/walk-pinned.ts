/**
 * Whether what is fetched is held against a digest that the source names before it is used: then it is what it was when the release was made, and can be looked
 * at like the rest of it.
 */
import { op } from "./tokens.ts";
import { node } from "./tree.ts";
import { leaves } from "./walk-conditions.ts";
import type { Walk } from "./walk.ts";

const comparisons: ReadonlySet<number> = new Set([op("!=="), op("!=")]);
const digest = /^node:crypto\.(?:createHash\(\)(?:\.update\(\))*\.digest\(\)|hash\(\))/;

/** `if (createHash("sha256").update(bytes).digest("hex") !== expected) throw …`, where `expected` comes from nowhere else. */
export function isPinned(walk: Walk): boolean {
  walk.pinned ??= holdsDigests(walk);
  return walk.pinned;
}

function holdsDigests(walk: Walk): boolean {
  const { tree, meanings, flows } = walk;
  for (let n = 1; n < tree.count; n++) {
    if (tree.kind[n] !== node.binary || !comparisons.has(tree.aux[n]!)) continue;
    const up = tree.up[n]!;
    if (tree.kind[up] !== node.if || tree.kid[up] !== n || !leaves(walk, tree.kidAt(up, 1))) continue;
    const sides = [tree.kid[n]!, tree.kidAt(n, 1)] as const;
    const own = sides.findIndex((side) => meanings.of(side).some((meaning) => meaning.kind === "ref" && digest.test(meaning.path)));
    if (own === -1) continue;
    const from = flows.into(sides[1 - own]!);
    if (!["network", "environment", "file-read", "argument"].some((origin) => (from as ReadonlyMap<string, string>).has(origin)))
      return true;
  }
  return false;
}
