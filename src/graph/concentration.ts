/** How unequally reach is spread, and how many equal ones that would be. */
import type { Concentration, Hill } from "../model/exposure.ts";

/**
 * Sum, percentiles (nearest rank), Gini, share of the largest hundredth, and Hill numbers of the shares; nodes with nothing count.
 * Of nothing at all, everything is 0.
 */
export function concentration(values: Int32Array | Float64Array): Concentration {
  const n = values.length;
  const sorted = values.toSorted();
  let sum = 0;
  let weighted = 0;
  let zeros = 0;
  sorted.forEach((value, at) => {
    sum += value;
    weighted += (at + 1) * value;
    if (value === 0) zeros++;
  });
  const percentile = (percent: number): number => (n === 0 ? 0 : (sorted[Math.max(0, Math.ceil((percent / 100) * n) - 1)] ?? 0));
  const top = Math.floor(n / 100);
  let held = 0;
  for (let at = n - top; at < n; at++) held += sorted[at]!;
  return {
    sum,
    mean: n === 0 ? 0 : sum / n,
    median: percentile(50),
    p95: percentile(95),
    p99: percentile(99),
    max: percentile(100),
    zeros,
    // Sorted ascending and counted from 1: 2 sum(i x_i) / (n sum(x)) - (n + 1) / n.
    gini: sum === 0 ? 0 : (2 * weighted) / (n * sum) - (n + 1) / n,
    topPercentShare: sum === 0 ? 0 : held / sum,
    hill: hillNumbers(sorted),
  };
}

/** Hill numbers of order 0, 1, 2 and infinity of non-negative weights; all 0 where there is no weight. */
export function hillNumbers(weights: ArrayLike<number>): Hill {
  let sum = 0;
  let richness = 0;
  let largest = 0;
  for (let at = 0; at < weights.length; at++) {
    const weight = weights[at]!;
    sum += weight;
    if (weight > 0) richness++;
    if (weight > largest) largest = weight;
  }
  if (sum === 0) return { q0: 0, q1: 0, q2: 0, qInfinity: 0 };
  let entropy = 0;
  let squares = 0;
  for (let at = 0; at < weights.length; at++) {
    const share = weights[at]! / sum;
    if (share === 0) continue;
    entropy -= share * Math.log(share);
    squares += share * share;
  }
  return { q0: richness, q1: Math.exp(entropy), q2: 1 / squares, qInfinity: sum / largest };
}

/** Largest h such that h of the values are at least h. */
export function hIndex(values: Int32Array): number {
  const descending = values.toSorted().toReversed();
  let h = 0;
  while (h < descending.length && descending[h]! >= h + 1) h++;
  return h;
}

/** How many values are at least this share (in percent) of n. */
export const reachedBy = (values: Int32Array, percent: number, n: number): number =>
  values.reduce((count, value) => count + (value >= (percent / 100) * n ? 1 : 0), 0);
