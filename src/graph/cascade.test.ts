import assert from "node:assert/strict";
import { test } from "node:test";
import { cascade, notUpdatedAfter, stillExposed } from "./cascade.ts";
import { type Graph, graphOf } from "./csr.ts";
import { reach } from "./reach.ts";
import { random, randomGraph } from "./testing.ts";

/** Within four standard errors: one seed in fifteen thousand falls outside, and these seeds are fixed. */
function near(graph: Graph, start: number, transmission: number, expected: number, correlation = 0): void {
  const { hit } = cascade(graph, [start], { transmission, correlation, runs: 20_000, seed: 5 });
  assert.ok(
    Math.abs(hit.mean - expected) <= 4 * hit.standardError + 1e-9,
    `q ${transmission}: ${hit.mean} +- ${hit.standardError}, not ${expected}`,
  );
}

test("what always transmits is exact reach, and what never does hits nobody", () => {
  const next = random(51);
  for (let round = 0; round < 30; round++) {
    const graph = randomGraph(next, 40, 80);
    const { dependents } = reach(graph);
    for (let node = 0; node < graph.n; node++) {
      assert.deepEqual(new Set(cascade(graph, [node], { transmission: 1, runs: 2 }).counts), new Set([dependents[node]]));
      assert.equal(cascade(graph, [node], { transmission: 0, runs: 2 }).hit.max, 0);
    }
  }
});

test("chains, stars and diamonds agree with their closed forms, where tries are drawn singly and where gaps are", () => {
  const chain = graphOf(6, [1, 2, 3, 4, 5], [0, 1, 2, 3, 4]);
  const star = graphOf(9, [1, 2, 3, 4, 5, 6, 7, 8], [0, 0, 0, 0, 0, 0, 0, 0]);
  const diamond = graphOf(4, [1, 2, 3, 3], [0, 0, 1, 2]);
  for (const q of [0.05, 0.15, 0.3, 0.5, 0.9]) {
    near(chain, 0, q, q + q ** 2 + q ** 3 + q ** 4 + q ** 5);
    near(star, 0, q, 8 * q);
    near(diamond, 0, q, 2 * q + 1 - (1 - q * q) ** 2);
  }
});

test("a common cause leaves the mean of a star as it is and makes it all or nothing", () => {
  const star = graphOf(9, [1, 2, 3, 4, 5, 6, 7, 8], [0, 0, 0, 0, 0, 0, 0, 0]);
  near(star, 0, 0.4, 3.2, 1);
  near(star, 0, 0.4, 3.2, 0.5);
  const { counts, hit } = cascade(star, [0], { transmission: 0.4, correlation: 1, runs: 1000 });
  assert.deepEqual(new Set(counts), new Set([0, 8]));
  assert.ok(hit.deviation > 2 * cascade(star, [0], { transmission: 0.4, runs: 1000 }).hit.deviation);
});

test("the lag of updates goes through the two shares that were measured, and distance adds up", () => {
  assert.ok(Math.abs(notUpdatedAfter(90) - 0.273) < 1e-5);
  assert.ok(Math.abs(notUpdatedAfter(365) - 0.049) < 1e-5);
  const [direct] = stillExposed([100], [90]);
  assert.equal(direct?.packages, 27);
  const [one, two] = [stillExposed([100], [90, 365]), stillExposed([0, 100], [90, 365])];
  assert.ok(two[0]!.share > one[0]!.share && two[1]!.share > one[1]!.share && two[1]!.share < two[0]!.share);
  assert.deepEqual(stillExposed([], [30]), [{ days: 30, share: 0, packages: 0 }]);
});

test("what is no probability is refused, and the same seed gives the same runs", () => {
  const graph = graphOf(2, [1], [0]);
  assert.throws(() => cascade(graph, [0], { transmission: 1.1, runs: 1 }), RangeError);
  assert.throws(() => cascade(graph, [0], { transmission: 0.5, runs: 0 }), RangeError);
  const options = { transmission: 0.5, runs: 50, seed: 9 };
  assert.deepEqual(cascade(graph, [0], options).counts, cascade(graph, [0], options).counts);
});
