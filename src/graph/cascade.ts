/**
 * Cascades: a failure travels from a package to each one that depends on it with a probability, one try an edge (the independent cascade of
 * Kempe, Kleinberg and Tardos 2003). With probability 1 that is exact reach; with 0 nothing is hit.
 *
 * Independence is too kind: who depends on a package in the same way fails in the same way. So a share of the chance, the *correlation*
 * c, is common: in each run a coin with probability q is tossed for everybody at once, and every edge takes its answer from that coin with
 * probability c, and from a coin of its own otherwise. Each edge alone still transmits with probability q; c = 1 makes a run all or nothing.
 *
 * Thirty-two runs go at once, one bit a run: who was hit is a word, an edge's tries are a word of coins (coins.ts), and as one try an edge is
 * the same as edges that are there or not from the start (the live-edge view of the same paper), the packages are settled in one walk,
 * dependencies first. Only inside a cycle are an edge's coins kept, to be looked at again. Each such batch has a seed of its own made from the
 * seed and its number: a run's outcome does not depend on how many runs there are, or who computes them.
 */
import type { Estimate } from "../model/exposure.ts";
import { coinsFor } from "./coins.ts";
import { components } from "./components.ts";
import { type Graph, graphOf, reversed } from "./csr.ts";
import { LANES, laneCounter } from "./lanes.ts";
import { searching } from "./search.ts";

export interface CascadeOptions {
  /** Probability that one dependency passes a failure on: 0 to 1. */
  readonly transmission: number;
  /** 0 to 1; 0 unless given. */
  readonly correlation?: number;
  readonly runs: number;
  /** Runs with the same seed are the same. */
  readonly seed?: number;
}

export interface CascadeRuns {
  readonly hit: Estimate;
  /** By run: how many others were hit. */
  readonly counts: Int32Array;
}

/** What a failure of `starts` hits, run by run. Throws a RangeError for probabilities that are none. */
export function cascade(graph: Graph, starts: ArrayLike<number>, options: CascadeOptions): CascadeRuns {
  const { transmission, runs } = options;
  const correlation = options.correlation ?? 0;
  for (const [name, value] of [["transmission", transmission] as const, ["correlation", correlation] as const]) {
    if (!(value >= 0 && value <= 1)) throw new RangeError(`${name} is a probability, from 0 to 1, not ${value}`);
  }
  if (!(Number.isInteger(runs) && runs > 0)) throw new RangeError(`runs are counted, from 1, not ${runs}`);
  const batch = batches(reversed(graph), starts);
  const counts = new Int32Array(runs);
  for (let from = 0; from < runs; from += LANES) {
    const coins = coinsFor(options.seed ?? 1, from / LANES, transmission, correlation);
    counts.set(batch(coins).subarray(0, runs - from), from);
  }
  return { hit: estimateOf(counts), counts };
}

/**
 * Prepares what the starts can reach along `up`, numbered so that edges lead to higher numbers but for cycles, and returns what plays one
 * batch of runs on it: how many others were hit, by lane.
 */
function batches(up: Graph, starts: ArrayLike<number>): (coins: (wanted: number) => number) => Int32Array {
  const reached = searching(up).from(starts);
  const size = reached.length;
  const local = new Int32Array(up.n);
  reached.forEach((node, at) => (local[node] = at));
  const edges = reached.reduce((sum, node) => sum + up.offsets[node + 1]! - up.offsets[node]!, 0);
  const from = new Int32Array(edges);
  const to = new Int32Array(edges);
  let filled = 0;
  reached.forEach((node, at) => {
    for (let edge = up.offsets[node]!; edge < up.offsets[node + 1]!; edge++) {
      from[filled] = at;
      to[filled++] = local[up.targets[edge]!]!;
    }
  });
  const { offsets, targets } = graphOf(size, from, to);
  const { of, count, size: sizes } = components({ n: size, offsets, targets });
  // Edges lead from higher components to lower ones, so the highest come first; members of a component stand side by side.
  const first = new Int32Array(count + 1);
  for (let part = count - 1; part > 0; part--) first[part - 1] = first[part]! + sizes[part]!;
  const order = new Int32Array(size);
  const next = first.slice();
  for (let node = 0; node < size; node++) order[next[of[node]!]!++] = node;

  const begun = new Set(Array.from(starts)).size;
  const hit = new Int32Array(size);
  /** Coins of the edges within a component, for as long as it is being settled. */
  const kept = new Int32Array(targets.length);
  const waiting: number[] = [];
  const settleCycle = (members: Int32Array, coins: (wanted: number) => number): void => {
    const part = of[members[0]!]!;
    // All lanes at once: which of them are wanted is not known before the cycle is settled.
    for (const node of members)
      for (let edge = offsets[node]!; edge < offsets[node + 1]!; edge++) if (of[targets[edge]!] === part) kept[edge] = coins(-1);
    for (const node of members) if (hit[node] !== 0) waiting.push(node);
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      for (let edge = offsets[node]!; edge < offsets[node + 1]!; edge++) {
        const target = targets[edge]!;
        if (of[target] !== part) continue;
        const more = hit[node]! & kept[edge]! & ~hit[target]!;
        if (more === 0) continue;
        hit[target]! |= more;
        waiting.push(target);
      }
    }
  };
  return (coins) => {
    hit.fill(0);
    for (let at = 0; at < begun; at++) hit[at] = -1;
    const counter = laneCounter();
    for (let at = 0; at < size; at++) {
      const node = order[at]!;
      const part = of[node]!;
      if (sizes[part]! > 1 && first[part] === at) settleCycle(order.subarray(at, at + sizes[part]!), coins);
      const own = hit[node]!;
      if (own === 0) continue;
      if (node >= begun) counter.add(own);
      const end = offsets[node + 1]!;
      for (let edge = offsets[node]!; edge < end; edge++) {
        const target = targets[edge]!;
        const open = own & ~hit[target]!;
        if (open !== 0 && of[target] !== part) hit[target]! |= coins(open);
      }
    }
    return counter.counts();
  };
}

function estimateOf(counts: Int32Array): Estimate {
  const runs = counts.length;
  const mean = counts.reduce((sum, count) => sum + count, 0) / runs;
  const squares = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0);
  const deviation = runs > 1 ? Math.sqrt(squares / (runs - 1)) : 0;
  const sorted = counts.toSorted();
  const percentile = (percent: number): number => sorted[Math.max(0, Math.ceil((percent / 100) * runs) - 1)]!;
  return { mean, deviation, standardError: deviation / Math.sqrt(runs), median: percentile(50), p95: percentile(95), max: percentile(100) };
}

/**
 * How long dependents take to update: a log-normal lag, put through the two shares that were measured for the dependents of log4j-core
 * (arXiv 2504.09834, MSR 2025: 72.7 % within three months, 95.1 % within a year).
 */
const LAG_POINTS: readonly (readonly [days: number, share: number])[] = [
  [90, 0.727],
  [365, 0.951],
];

/** Share that has not updated yet, so many days after the fix: 1 on the day itself, and falling. */
export function notUpdatedAfter(days: number): number {
  if (days <= 0) return 1;
  const [[d1, s1], [d2, s2]] = LAG_POINTS as readonly [readonly [number, number], readonly [number, number]];
  const [z1, z2] = [normalQuantile(s1), normalQuantile(s2)];
  const deviation = (Math.log(d2) - Math.log(d1)) / (z2 - z1);
  const location = Math.log(d1) - deviation * z1;
  return 1 - normal((Math.log(days) - location) / deviation);
}

/** Cumulative normal distribution (Abramowitz and Stegun 26.2.17): to 7.5e-8. */
function normal(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const tail =
    Math.exp((-z * z) / 2) *
    0.3989422804014327 *
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return z >= 0 ? 1 - tail : tail;
}

/** Its inverse, by halving: sixty steps are exact to the last bit that `normal` has. */
function normalQuantile(share: number): number {
  let low = -10;
  let high = 10;
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (normal(middle) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * Who is still exposed so many days after a fix: a dependent at distance d has to wait for d updates, one after the other, each with the
 * lag above. The chance that all d have happened is taken from the sum of lags, whose distribution is summed on a grid of days.
 * @param waves how many dependents there are at distance 1, 2, 3 …
 */
export function stillExposed(
  waves: readonly number[],
  days: readonly number[],
): readonly { readonly days: number; readonly share: number; readonly packages: number }[] {
  const longest = Math.max(0, ...days);
  // By day: the chance that one update happens on it, and then that the d-th does.
  const step = Float64Array.from({ length: longest + 1 }, (_, day) => (day === 0 ? 0 : notUpdatedAfter(day - 1) - notUpdatedAfter(day)));
  const total = waves.reduce((sum, count) => sum + count, 0);
  const left = new Float64Array(longest + 1);
  let arrival = Float64Array.from({ length: longest + 1 }, (_, day) => (day === 0 ? 1 : 0));
  for (const count of waves) {
    const after = new Float64Array(longest + 1);
    for (let day = 0; day <= longest; day++) {
      const chance = arrival[day]!;
      if (chance === 0) continue;
      for (let wait = 0; day + wait <= longest; wait++) after[day + wait]! += chance * step[wait]!;
    }
    arrival = after;
    let done = 0;
    for (let day = 0; day <= longest; day++) {
      done += arrival[day]!;
      left[day]! += count * (1 - done);
    }
  }
  return days.map((day) => {
    const packages = left[day] ?? 0;
    return { days: day, share: total === 0 ? 0 : packages / total, packages: Math.round(packages) };
  });
}
