/**
 * Cascades: a failure travels from a package to each one that depends on it with a probability, one try an edge (the independent cascade of
 * Kempe, Kleinberg and Tardos 2003). With probability 1 that is exact reach; with 0 nothing is hit.
 *
 * Independence is too kind: who depends on a package in the same way fails in the same way. So a share of the chance, the *correlation*
 * c, is common: in each run a coin with probability q is tossed for everybody at once, and every edge takes its answer from that coin with
 * probability c, and from a coin of its own otherwise. Each edge alone still transmits with probability q; c = 1 makes a run all or nothing.
 */
import type { Estimate } from "../model/exposure.ts";
import { type Graph, reversed } from "./csr.ts";

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
  return cascadeUp(reversed(graph), starts, options);
}

/** The same, of a graph that was turned round already: edges lead to dependents. */
function cascadeUp(up: Graph, starts: ArrayLike<number>, options: CascadeOptions): CascadeRuns {
  const { transmission: q, runs } = options;
  const correlation = options.correlation ?? 0;
  for (const [name, value] of [["transmission", q] as const, ["correlation", correlation] as const]) {
    if (!(value >= 0 && value <= 1)) throw new RangeError(`${name} is a probability, from 0 to 1, not ${value}`);
  }
  if (!(Number.isInteger(runs) && runs > 0)) throw new RangeError(`runs are counted, from 1, not ${runs}`);
  const counts = new Int32Array(runs);
  const next = generator(options.seed ?? 1);
  const run = runner(up);
  for (let at = 0; at < runs; at++) {
    // Within a run every edge's chance is the same once the common coin has fallen.
    const common = next() < q * WHOLE;
    const chance = correlation === 0 ? q : correlation * (common ? 1 : 0) + (1 - correlation) * q;
    counts[at] = run(starts, chance, next);
  }
  return { hit: estimateOf(counts), counts };
}

const WHOLE = 2 ** 32;

/** Between the tries that succeed lie geometrically many that fail: below this chance it is cheaper to draw those gaps than every try. */
const SKIP_BELOW = 0.2;

function runner(up: Graph): (starts: ArrayLike<number>, chance: number, next: () => number) => number {
  const { n, offsets, targets } = up;
  const stamp = new Int32Array(n);
  const queue = new Int32Array(n);
  let question = 0;
  return (starts, chance, next) => {
    question++;
    let tail = 0;
    for (let at = 0; at < starts.length; at++) {
      const start = starts[at]!;
      if (stamp[start] === question) continue;
      stamp[start] = question;
      queue[tail++] = start;
    }
    const begun = tail;
    if (chance === 0) return 0;
    const below = chance >= 1 ? Infinity : Math.floor(chance * WHOLE);
    const skipping = chance < SKIP_BELOW;
    const scale = 1 / Math.log1p(-chance);
    let gap = skipping ? Math.floor(Math.log((next() + 1) / WHOLE) * scale) : 0;
    for (let head = 0; head < tail; head++) {
      const node = queue[head]!;
      const end = offsets[node + 1]!;
      let at = offsets[node]!;
      if (skipping) {
        for (at += gap; at < end; at += 1 + gap) {
          const target = targets[at]!;
          if (stamp[target] !== question) {
            stamp[target] = question;
            queue[tail++] = target;
          }
          gap = Math.floor(Math.log((next() + 1) / WHOLE) * scale);
        }
        gap = at - end;
        continue;
      }
      for (; at < end; at++) {
        const target = targets[at]!;
        if (stamp[target] === question || next() >= below) continue;
        stamp[target] = question;
        queue[tail++] = target;
      }
    }
    return tail - begun;
  };
}

/** xorshift128 (Marsaglia, J. Stat. Software 8(14), 2003), seeded through splitmix32: 32 bits a call. */
function generator(seed: number): () => number {
  let mix = seed | 0;
  const split = (): number => {
    mix = (mix + 0x9e3779b9) | 0;
    let z = mix;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return z ^ (z >>> 15);
  };
  let [x, y, z, w] = [split(), split(), split(), split() | 1];
  return () => {
    const t = x ^ (x << 11);
    x = y;
    y = z;
    z = w;
    w = w ^ (w >>> 19) ^ t ^ (t >>> 8);
    return w >>> 0;
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
