import assert from "node:assert/strict";
import { test } from "node:test";
import { failing } from "./hard.ts";
import { selectToDuplicate, selectToProtect } from "./select.ts";
import { random, randomExposure } from "./testing.ts";
import type { ExposureGraph } from "./exposure-graph.ts";
import { immunised } from "./world.ts";

function damage(graph: ExposureGraph, duplicated: readonly number[]): number {
  const immune = new Uint8Array(graph.first.n);
  for (const node of duplicated) immune[node] = 1;
  const { fail } = failing(graph.clauses);
  let total = 0;
  for (let node = 0; node < graph.first.n; node++) total += fail([node], immunised(immune));
  return total;
}

test("a selection does what it says, and no pair does better than its bound allows", () => {
  const next = random(71);
  for (let round = 0; round < 40; round++) {
    const graph = randomExposure(next, 4 + next(12), next(30));
    const whole = damage(graph, []);
    const chosen = selectToDuplicate(graph, 2);
    const ids = chosen.steps.map(({ name }) => Number(name.slice(1)));
    const total = chosen.steps.at(-1)?.total ?? 0;
    assert.equal(whole - damage(graph, ids), total, `round ${round}`);
    let best = 0;
    for (let a = 0; a < graph.first.n; a++) for (let b = 0; b < a; b++) best = Math.max(best, whole - damage(graph, [a, b]));
    assert.ok(total >= chosen.atLeastOfBest * best - 1e-9, `round ${round}: ${total}, best ${best}, promised ${chosen.atLeastOfBest}`);
    const cover = selectToProtect(graph, 3);
    assert.ok((cover.steps.at(-1)?.total ?? 0) <= cover.whole);
  }
});
