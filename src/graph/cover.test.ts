import assert from "node:assert/strict";
import { test } from "node:test";
import { coverGreedily } from "./cover.ts";
import { random } from "./testing.ts";

test("the bound never promises more than the best choice keeps, and greedy keeps at least 1 - 1/e", () => {
  const next = random(41);
  for (let round = 0; round < 60; round++) {
    const n = 5 + next(20);
    const sets = Array.from({ length: 2 + next(8) }, () => Int32Array.from(new Set(Array.from({ length: next(8) }, () => next(n)))));
    const k = 1 + next(3);
    const { steps, atLeastOfBest } = coverGreedily(
      sets.length,
      (index) => sets[index]!,
      n,
      k,
      sets.map((set) => set.length),
    );
    const got = steps.at(-1)?.total ?? 0;
    let best = 0;
    const choose = (from: number, left: number, held: ReadonlySet<number>): void => {
      best = Math.max(best, held.size);
      if (left > 0) for (let at = from; at < sets.length; at++) choose(at + 1, left - 1, new Set([...held, ...sets[at]!]));
    };
    choose(0, k, new Set());
    assert.ok(
      got >= atLeastOfBest * best - 1e-9 && got >= (1 - 1 / Math.E) * best - 1e-9,
      `round ${round}: ${got} of ${best}, promised ${atLeastOfBest}`,
    );
  }
});
