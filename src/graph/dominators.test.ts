import assert from "node:assert/strict";
import { test } from "node:test";
import type { Graph } from "./csr.ts";
import { graphOf } from "./csr.ts";
import { dominators, singlePoints } from "./dominators.ts";
import { random, randomGraph, testGraph } from "./testing.ts";

/** What the roots reach when one node may not be passed. */
function reachedWithout(graph: Graph, roots: readonly number[], without: number): ReadonlySet<number> {
  const seen = new Set<number>();
  const open = roots.filter((root) => root !== without);
  while (open.length > 0) {
    const node = open.pop()!;
    if (seen.has(node)) continue;
    seen.add(node);
    for (const target of graph.targets.subarray(graph.offsets[node], graph.offsets[node + 1])) if (target !== without) open.push(target);
  }
  return seen;
}

test("a node dominates what its removal cuts off, on random graphs with several roots", () => {
  const next = random(31);
  for (let round = 0; round < 200; round++) {
    const n = 1 + next(30);
    const graph = randomGraph(next, n, next(3 * n));
    const roots = Array.from({ length: 1 + next(3) }, () => next(n));
    const { dominated } = dominators(graph, roots);
    const all = reachedWithout(graph, roots, -1);
    for (let node = 0; node < n; node++) {
      const cut = all.has(node) ? all.size - 1 - reachedWithout(graph, roots, node).size : 0;
      assert.equal(dominated[node], cut, `round ${round}, node ${node}`);
    }
  }
});

test("a chain of half a million packages overflows no stack, and the roots are no single points", () => {
  const n = 500_000;
  const from = Int32Array.from({ length: n - 1 }, (_, at) => at);
  const chain = graphOf(
    n,
    from,
    from.map((at) => at + 1),
  );
  assert.equal(dominators(chain, [0]).dominated[0], n - 1);
  const small = testGraph(graphOf(3, [0, 1], [1, 2]), { roots: Int32Array.of(0) });
  assert.deepEqual(singlePoints(small, 5), [{ name: "p1", dominates: 1 }]);
});
