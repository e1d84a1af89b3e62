import assert from "node:assert/strict";
import { test } from "node:test";
import { components } from "./components.ts";
import { type Graph, graphOf, reversed } from "./csr.ts";
import { type Reach, reach } from "./reach.ts";

/** A small seeded generator, so that a failure can be repeated. */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function randomGraph(next: () => number, n: number, m: number): Graph {
  const from = Array.from({ length: m }, () => Math.floor(next() * n));
  const to = Array.from({ length: m }, () => Math.floor(next() * n));
  return graphOf(n, from, to);
}

const sum = (counts: Int32Array): number => counts.reduce((total, count) => total + count, 0);

/** Reach by Warshall's closure: slow, short, and written in another way. */
function byClosure(graph: Graph): Omit<Reach, "by"> {
  const { n } = graph;
  const has = Array.from({ length: n }, () => new Uint8Array(n));
  for (let u = 0; u < n; u++) for (let at = graph.offsets[u]!; at < graph.offsets[u + 1]!; at++) has[u]![graph.targets[at]!] = 1;
  for (let k = 0; k < n; k++) for (let u = 0; u < n; u++) if (has[u]![k]) for (let v = 0; v < n; v++) if (has[k]![v]) has[u]![v] = 1;
  const dependents = new Int32Array(n);
  const dependencies = new Int32Array(n);
  for (let u = 0; u < n; u++) {
    for (let v = 0; v < n; v++) {
      if (u !== v && has[u]![v]) {
        dependencies[u]!++;
        dependents[v]!++;
      }
    }
  }
  return { dependents, dependencies };
}

test("every way of counting agrees with the plain closure on random graphs, with cycles and without", () => {
  const next = random(7);
  for (let round = 0; round < 150; round++) {
    const n = 1 + Math.floor(next() * 60);
    const graph = randomGraph(next, n, Math.floor(next() * n * (round % 5)));
    const expected = byClosure(graph);
    for (const way of ["search", "core", "bits"] as const) {
      const { dependents, dependencies } = reach(graph, way);
      assert.deepEqual({ dependents, dependencies }, expected, `round ${round}, ${way}`);
    }
  }
});

test("what stands on others and what others stand on are the same sum", () => {
  const graph = randomGraph(random(11), 3000, 5000);
  const { dependents, dependencies } = reach(graph);
  assert.equal(sum(dependents), sum(dependencies));
  assert.ok(sum(dependents) > 0);
});

test("a chain of a million packages overflows no stack", () => {
  const n = 1_000_000;
  const from = Int32Array.from({ length: n - 1 }, (_, i) => i);
  const graph = graphOf(
    n,
    from,
    from.map((i) => i + 1),
  );
  const parts = components(graph);
  assert.equal(parts.count, n);
  assert.ok(parts.of[0]! > parts.of[n - 1]!, "edges lead from higher components to lower ones");
});

test("self-loops and repeated edges change nothing, and an edge to nowhere is refused", () => {
  const graph = graphOf(3, [0, 0, 1, 1, 2], [1, 1, 1, 2, 2]);
  assert.deepEqual(
    [[...graph.offsets], [...graph.targets]],
    [
      [0, 1, 2, 2],
      [1, 2],
    ],
  );
  assert.throws(() => graphOf(2, [0], [2]), RangeError);
});

test("turning a graph round twice gives the graph", () => {
  const graph = randomGraph(random(3), 200, 900);
  assert.deepEqual(reversed(reversed(graph)), graph);
});
