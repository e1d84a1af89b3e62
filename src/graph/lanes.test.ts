import assert from "node:assert/strict";
import { test } from "node:test";
import { reversed } from "./csr.ts";
import { clausesOfEdges } from "./exposure-graph.ts";
import { failing } from "./hard.ts";
import { type Shift, laneCounter, lanesOf } from "./lanes.ts";
import { searching } from "./search.ts";
import { random, randomExposure, randomGraph } from "./testing.ts";
import { type World, merged, replaced, withAlternative } from "./world.ts";

function randomShift(next: (n: number) => number, n: number): readonly [Shift, World, readonly number[]] {
  const [of, by] = [next(n), next(n)];
  const other = by === of ? (by + 1) % n : by;
  switch (next(3)) {
    case 0:
      return [{ kind: "alternative", of, by: other }, withAlternative(of, other), [of, other]];
    case 1:
      return [{ kind: "replaced", of, by: other }, replaced(of, other), [of, other]];
    default: {
      const parts = [...new Set([of, other, next(n)])];
      return [{ kind: "merged", parts }, merged(parts), parts];
    }
  }
}

test("what changes for every package is what one question after the other gives, with cycles, alternatives and more starts than lanes", () => {
  const next = random(71);
  for (let round = 0; round < 400; round++) {
    const n = 3 + next(round % 10 === 0 ? 120 : 25);
    const graph = randomExposure(next, n, next(1 + (round % 4) * n));
    const [shift, world] = randomShift(next, n);
    const lanes = lanesOf(graph.clauses, graph.all);
    const falling = failing(graph.clauses);
    const starts = Int32Array.from({ length: n }, (_, node) => node);
    const expected = starts.map((node) => falling.fail([node, ...(world.together.get(node) ?? [])], world) - falling.fail([node]));
    assert.deepEqual(lanes.differences(starts, shift), expected, `round ${round}`);
    // The same again: nothing is left behind, and the order of the starts is the caller's.
    assert.deepEqual(lanes.differences(starts.toReversed(), shift), expected.toReversed(), `round ${round}, again`);
  }
});

test("where every edge is a must it counts who is reached", () => {
  const next = random(72);
  for (let round = 0; round < 200; round++) {
    const n = 3 + next(60);
    const graph = randomGraph(next, n, next(3 * n));
    const [shift, world] = randomShift(next, n);
    if (shift.kind === "alternative") continue;
    const up = searching(reversed(graph));
    const starts = Int32Array.from({ length: n }, (_, node) => node);
    const expected = starts.map((node) => {
      const others = world.together.get(node) ?? [];
      return up.from([node, ...others], world).length - 1 - others.length - (up.from([node]).length - 1);
    });
    assert.deepEqual(lanesOf(clausesOfEdges(graph), graph).differences(starts, shift), expected, `round ${round}`);
  }
});

test("a counter of lanes counts each lane by itself, past every carry", () => {
  const next = random(73);
  const counter = laneCounter();
  const expected = new Int32Array(32);
  for (let word = 0; word < 3000; word++) {
    const bits = next(2 ** 32) | 0;
    counter.add(bits);
    for (let lane = 0; lane < 32; lane++) expected[lane]! += (bits >>> lane) & 1;
  }
  assert.deepEqual(counter.counts(), expected);
});
