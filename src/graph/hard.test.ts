import assert from "node:assert/strict";
import { test } from "node:test";
import { graphOf } from "./csr.ts";
import { clausesOf, failing, hardReach } from "./hard.ts";
import { reach } from "./reach.ts";

test("an alternative takes the weight off both, and losing both takes all down", () => {
  // 0 asks for 1 or 2; 3 asks for 0.
  const clauses = clausesOf(4, [
    [0, [1, 2]],
    [3, [0]],
  ]);
  assert.deepEqual([...hardReach(clauses)], [1, 0, 0, 0]);
  const question = failing(clauses);
  assert.equal(question.fail([1, 2]), 2);
  assert.deepEqual([...question.order()], [1, 2, 0, 3]);
  assert.equal(question.fail([1]), 0, "an earlier question leaves nothing behind");
});

test("without alternatives hard reach is reach", () => {
  let state = 5;
  const next = (n: number): number => (state = (Math.imul(state, 48_271) >>> 0) % 2_147_483_647) % n;
  for (let round = 0; round < 50; round++) {
    const n = 2 + next(40);
    const edges = Array.from({ length: next(90) }, () => [next(n), next(n)] as const);
    const graph = graphOf(
      n,
      edges.map(([u]) => u),
      edges.map(([, v]) => v),
    );
    const clauses = clausesOf(
      n,
      edges.map(([u, v]) => [u, [v]] as const),
    );
    assert.deepEqual(hardReach(clauses), reach(graph).dependents);
  }
});

test("a clause that its owner satisfies always holds, one that nobody satisfies is counted", () => {
  const clauses = clausesOf(3, [
    [0, [0, 1]],
    [1, []],
    [2, [1, 1]],
  ]);
  assert.equal(clauses.unsatisfiable, 1);
  assert.deepEqual([...hardReach(clauses)], [0, 1, 0]);
});
