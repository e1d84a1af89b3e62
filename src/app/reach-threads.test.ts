import assert from "node:assert/strict";
import { test } from "node:test";
import { reach } from "../graph/reach.ts";
import { random, randomExposure, randomGraph } from "../graph/testing.ts";
import { measure } from "../graph/measure.ts";
import { measuresOf, reachOnThreads, threadedReach } from "./reach-threads.ts";

test("reach is the same on one thread and on several, for graphs of a few nodes and of many", async () => {
  const next = random(91);
  for (const [n, m] of [
    [0, 0],
    [1, 0],
    [40, 80],
    [3000, 7000],
  ] as const) {
    const graph = randomGraph(next, Math.max(1, n), m);
    const { dependents, dependencies } = reach(graph, "search");
    for (const threads of [0, 1, 2]) {
      assert.deepEqual(
        await reachOnThreads(graph, threads),
        { dependents, dependencies, relativeError: 0 },
        `${n} nodes, ${threads} threads`,
      );
    }
  }
});

test("a graph that is counted in no time starts no thread and gives the same measures", async () => {
  const graph = randomExposure(random(92), 200, 400);
  const { dependents } = await threadedReach(graph.first);
  assert.deepEqual(dependents, reach(graph.first).dependents);
  assert.deepEqual(await measuresOf(graph), measure(graph));
});
