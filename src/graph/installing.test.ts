import assert from "node:assert/strict";
import { test } from "node:test";
import { graphOf } from "./csr.ts";
import { rowsOf } from "./exposure-graph.ts";
import { clausesOf } from "./hard.ts";
import { type Constraints, installing } from "./installing.ts";
import { random } from "./testing.ts";

interface Repository {
  readonly n: number;
  /** Requirements: an owner and those that satisfy it. */
  readonly asks: readonly (readonly [number, readonly number[]])[];
  readonly excludes: readonly (readonly [number, number])[];
  readonly essential: readonly number[];
}

function prepared(
  { n, asks, excludes, essential }: Repository,
  limits: { readonly mostConflicts?: number } = {},
): ReturnType<typeof installing> {
  const edges = asks.flatMap(([who, any]) => any.map((one) => [who, one] as const));
  const of = (list: readonly (readonly [number, number])[]): ReturnType<typeof graphOf> =>
    graphOf(
      n,
      list.map(([from]) => from),
      list.map(([, to]) => to),
    );
  const rows: Set<number>[] = Array.from({ length: n }, () => new Set());
  for (const [a, b] of excludes) {
    if (a === b) continue;
    rows[a]!.add(b);
    rows[b]!.add(a);
  }
  const constraints: Constraints = {
    conflicts: rowsOf(rows.map((row) => [...row].toSorted((a, b) => a - b))),
    unsatisfied: Int32Array.from(asks.filter(([, any]) => any.length === 0).map(([who]) => who)),
    essential: Int32Array.from(essential),
  };
  const first = of(asks.flatMap(([who, any]) => any.slice(0, 1).map((one) => [who, one] as const)));
  return installing({ first, all: of(edges), clauses: clausesOf(n, asks) }, constraints, limits);
}

const mask = (nodes: readonly number[]): number => nodes.reduce((bits, node) => bits | (1 << node), 0);

/** Every set of packages is tried: what stands in none of those that are in order cannot be installed. */
function byTrying({ n, asks, excludes, essential }: Repository, gone: readonly number[]): readonly number[] {
  let installable = 0;
  const without = mask(gone);
  const always = mask(essential) & ~without;
  const requirements = asks.map(([who, any]) => [1 << who, mask(any)] as const);
  for (let set = 0; set < 1 << n; set++) {
    if ((set & without) !== 0 || (set & always) !== always) continue;
    if (requirements.some(([who, any]) => (set & who) !== 0 && (set & any) === 0)) continue;
    if (excludes.some(([a, b]) => a !== b && (set & (1 << a)) !== 0 && (set & (1 << b)) !== 0)) continue;
    installable |= set;
  }
  return Array.from({ length: n }, (_, node) => node).filter((node) => (installable & (1 << node)) === 0 && !gone.includes(node));
}

test("what cannot be installed is what stands in no installation, in four thousand small repositories", () => {
  const below = random(2026);
  let conflicted = 0;
  let collapsed = 0;
  for (let round = 0; round < 1000; round++) {
    const n = 3 + below(8);
    const node = (): number => below(n);
    const repository: Repository = {
      n,
      asks: Array.from({ length: below(2 * n) }, () => [node(), Array.from({ length: below(20) === 0 ? 0 : 1 + below(3) }, node)]),
      excludes: Array.from({ length: below(n) }, () => [node(), node()]),
      essential: below(2) === 0 ? [] : [...new Set([node(), node()])].toSorted((a, b) => a - b),
    };
    const { without } = prepared(repository);
    // One prepared graph answers all questions, as the product asks them: what was learnt for one must not spoil the next.
    for (const gone of [[], [node()], [node(), node()], []]) {
      const answer = without(gone);
      assert.deepEqual([...answer.broken], byTrying(repository, gone), JSON.stringify({ repository, gone }));
      assert.equal(answer.undecided.length, 0);
      if (answer.broken.length > answer.byRequirements.length) conflicted++;
      if (answer.essential !== -1 || answer.essentialsClash) collapsed++;
    }
  }
  assert.ok(conflicted > 300 && collapsed > 100, `${conflicted} with conflicts, ${collapsed} where essential packages fall`);
});

test("an alternative that is excluded by what one needs is none", () => {
  // app asks for a | b and for c; b and c exclude each other.
  const { without } = prepared({
    n: 4,
    asks: [
      [0, [1, 2]],
      [0, [3]],
    ],
    excludes: [[2, 3]],
    essential: [],
  });
  assert.deepEqual([...without([]).broken], []);
  const { broken, byRequirements } = without([1]);
  assert.deepEqual([...broken], [0]);
  assert.equal(byRequirements.length, 0);
});

test("packages that need each other stand, and fall, together", () => {
  const { without } = prepared({
    n: 3,
    asks: [
      [0, [1]],
      [1, [0, 2]],
    ],
    excludes: [],
    essential: [],
  });
  assert.deepEqual([...without([2]).broken], []);
  assert.deepEqual([...without([1]).broken], [0]);
});

test("where an essential package falls nothing can be installed, and one that is gone itself is not asked for", () => {
  const { without } = prepared({ n: 4, asks: [[0, [1]]], excludes: [[0, 3]], essential: [0] });
  assert.deepEqual([...without([]).broken], [3], "what an essential package excludes cannot be had");
  const fallen = without([1]);
  assert.deepEqual([...fallen.broken], [0, 2, 3]);
  assert.equal(fallen.essential, 0);
  assert.deepEqual([...without([0]).broken], []);
});

test("essential packages that exclude each other leave nothing to install", () => {
  const answer = prepared({ n: 3, asks: [], excludes: [[0, 1]], essential: [0, 1] }).without([]);
  assert.deepEqual([...answer.broken], [0, 1, 2]);
  assert.equal(answer.essentialsClash, true);
});

/** Seven pigeons, six holes: pigeon p needs one of its six places, and two pigeons exclude each other in one hole. Package 0 needs all pigeons. */
function pigeons(): Repository {
  const [count, holes] = [7, 6];
  const place = (pigeon: number, hole: number): number => 1 + count + pigeon * holes + hole;
  const all = Array.from({ length: count }, (_, pigeon) => pigeon);
  const each = Array.from({ length: holes }, (_, hole) => hole);
  return {
    n: 1 + count + count * holes,
    asks: [
      ...all.map((pigeon): [number, number[]] => [0, [1 + pigeon]]),
      ...all.map((pigeon): [number, number[]] => [1 + pigeon, each.map((hole) => place(pigeon, hole))]),
    ],
    excludes: each.flatMap((hole) => all.flatMap((a) => all.slice(a + 1).map((b): [number, number] => [place(a, hole), place(b, hole)]))),
    essential: [],
  };
}

test("a puzzle with many ways to fail is proven to have none that works", () => {
  const { without } = prepared(pigeons());
  assert.deepEqual([...without([]).broken], [0]);
  assert.deepEqual([...without([1]).broken], [0]);
});

test("where the search is given up a package is undecided: neither fine nor broken, whatever else is asked", () => {
  const { without } = prepared(pigeons(), { mostConflicts: 3 });
  for (const gone of [[], [49]]) {
    const { broken, undecided } = without(gone);
    assert.deepEqual([[...broken], [...undecided]], [[], [0]]);
  }
  assert.deepEqual([...without([1]).broken], [0], "what a requirement shows needs no search");
});
