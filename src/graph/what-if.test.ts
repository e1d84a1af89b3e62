import assert from "node:assert/strict";
import { test } from "node:test";
import type { ExposureGraph } from "./exposure-graph.ts";
import { hardReach } from "./hard.ts";
import { exposureOfClauses, random, testGraph } from "./testing.ts";
import { whatIfs } from "./what-if.ts";
import { graphOf } from "./csr.ts";
import { reach } from "./reach.ts";

type List = readonly (readonly [number, readonly number[]])[];

const randomList = (next: (n: number) => number, n: number, m: number): List =>
  Array.from({ length: m }, () => {
    const who = next(n);
    return [who, Array.from({ length: 1 + next(3) }, () => next(n))] as const;
  });

const sum = (values: Int32Array): number => values.reduce((total, value) => total + value, 0);

/** The same change made to the clauses themselves: slow, and another way. */
function rebuilt(n: number, list: List, alter: (satisfiers: readonly number[]) => readonly number[]): ExposureGraph {
  return exposureOfClauses(
    n,
    list.map(([who, satisfiers]) => [who, alter(satisfiers)] as const),
  );
}

test("replacing a package equals a graph in which everyone asks for the other", () => {
  const next = random(21);
  for (let round = 0; round < 120; round++) {
    const n = 3 + next(20);
    const list = randomList(next, n, next(2 * n));
    const [of, by] = [next(n), next(n)];
    if (of === by) continue;
    // A clause that its owner satisfies itself is no clause for us, but becomes one in the rebuilt graph.
    if (list.some(([who, satisfiers]) => who === of && satisfiers.includes(of))) continue;
    const answer = whatIfs(exposureOfClauses(n, list))(
      { kind: "replace", package: `p${of}`, by: `p${by}` },
      { changes: 1000, names: 1000 },
    );
    const other = rebuilt(n, list, (satisfiers) => satisfiers.map((one) => (one === of ? by : one)));
    const hard = hardReach(other.clauses);
    assert.equal(answer.expectedDamage?.after, sum(hard), `round ${round}`);
    assert.equal(answer.breaks.count, hard[by]);
    const first = reach(other.first).dependents;
    const direct = new Int32Array(n);
    for (const target of other.first.targets) direct[target]!++;
    const touched = new Map(answer.changes.map((change) => [change.name, change.after]));
    for (const change of answer.changes) {
      const node = Number(change.name.slice(1));
      assert.equal(change.after?.hard, hard[node]);
      assert.equal(change.after?.first, first[node]);
      if (node === by || node === of) assert.equal(change.after?.direct, direct[node]);
    }
    assert.equal(touched.get(`p${by}`)?.first ?? first[by], first[by]);
  }
});

test("an alternative equals a graph in which every clause that names the one names the other as well", () => {
  const next = random(22);
  for (let round = 0; round < 120; round++) {
    const n = 3 + next(20);
    const list = randomList(next, n, next(2 * n));
    const [of, by] = [next(n), next(n)];
    if (of === by) continue;
    const answer = whatIfs(exposureOfClauses(n, list))({ kind: "add-alternative", package: `p${of}`, by: `p${by}` });
    const hard = hardReach(rebuilt(n, list, (satisfiers) => (satisfiers.includes(of) ? [...satisfiers, by] : satisfiers)).clauses);
    // The owner that is itself the new alternative is content with itself: the rebuilt graph drops its clause, we keep it falling with both.
    if (list.some(([who, satisfiers]) => who === by && satisfiers.includes(of))) continue;
    assert.equal(answer.expectedDamage?.after, sum(hard), `round ${round}`);
    assert.equal(answer.breaks.count, hard[of]);
  }
});

test("removing two that cover for each other takes down what neither alone would", () => {
  const ask = whatIfs(
    exposureOfClauses(5, [
      [0, [1, 2]],
      [3, [0]],
    ]),
  );
  assert.equal(ask({ kind: "remove", packages: ["p1"] }).breaks.count, 0);
  const both = ask({ kind: "remove", packages: ["p1", "p2"] });
  assert.deepEqual(both.breaks.names, ["p0", "p3"]);
  assert.deepEqual(both.breaks.waves, [1, 1]);
  assert.deepEqual(both.paths[0], ["p0", "p1"]);
  assert.equal(ask({ kind: "merge", packages: ["p1", "p2"] }).breaks.count, 2);
});

test("a pin keeps a new release from those behind it, and from those only", () => {
  // 0 -> 1 -> 3, 2 -> 3
  const ask = whatIfs(testGraph(graphOf(4, [0, 1, 2], [1, 3, 3])));
  assert.equal(ask({ kind: "pin", package: "p3", by: ["p1"] }).exposed.count, 1);
  assert.equal(ask({ kind: "pin", package: "p3", by: [] }).exposed.count, 0);
  assert.deepEqual(ask({ kind: "pin", package: "p3", by: ["p2"] }).exposed.waves, [1, 1]);
});

test("a name that is not there is a fault with the nearest ones", () => {
  const ask = whatIfs(testGraph(graphOf(2, [0], [1])));
  assert.throws(() => ask({ kind: "remove", packages: ["p"] }), { code: "cli/usage", hint: "there is p0, p1" });
  assert.throws(() => ask({ kind: "lose-account", account: "x" }), { code: "cli/usage" });
});
