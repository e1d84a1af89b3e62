/**
 * Which k to work on first. Both questions are NP-hard; both get a greedy answer with a bound that is computed, not quoted.
 *
 * - *protect*: the k packages on whose shoulders most others stand together. A cover: 1 - 1/e at least (cover.ts).
 * - *duplicate*: the k packages for which an independent alternative takes most expected damage away, the damage being hard reach summed
 *   over every package as the one that fails. A package with such an alternative still fails, but nobody falls with it.
 */
import { coverGreedily } from "./cover.ts";
import { reversed } from "./csr.ts";
import type { ExposureGraph } from "./exposure-graph.ts";
import { failing } from "./hard.ts";
import { type Measures, measure } from "./measure.ts";
import { searching } from "./search.ts";
import { immunised } from "./world.ts";
import type { Selection } from "../model/exposure.ts";

/** Chosen packages at most: beyond this nobody reads on, and the bound has long flattened. */
const MOST_CHOSEN = 1000;

export function selectToProtect(graph: ExposureGraph, k: number, measures: Measures = measure(graph)): Selection {
  const up = searching(reversed(graph.first));
  const start = new Int32Array(1);
  const dependents = (node: number): Int32Array => {
    start[0] = node;
    return up.from(start).subarray(1);
  };
  const { steps, atLeastOfBest } = coverGreedily(graph.first.n, dependents, graph.first.n, Math.min(k, MOST_CHOSEN), measures.first);
  return {
    schemaVersion: "1.0",
    graph: graph.about,
    goal: "protect",
    steps: steps.map(({ index, gain, total }) => ({ name: graph.names[index]!, gain, total })),
    atLeastOfBest,
    guarantee: 1 - 1 / Math.E,
    whole: measures.first.reduce((count, _, node) => count + (graph.first.offsets[node + 1]! > graph.first.offsets[node]! ? 1 : 0), 0),
  };
}

/** Candidates that are tried exactly in one step; they come in the order of an upper bound on their gain, so more seldom changes the choice. */
const TRIED = 24;

export function selectToDuplicate(graph: ExposureGraph, k: number, measures: Measures = measure(graph)): Selection {
  const n = graph.first.n;
  const falling = failing(graph.clauses);
  const down = searching(graph.all);
  const immune = new Uint8Array(n);
  const world = immunised(immune);
  const start = new Int32Array(1);
  const hardOf = (node: number): number => {
    start[0] = node;
    return falling.fail(start, world);
  };
  const whole = measures.hard.reduce((sum, value) => sum + value, 0);
  const left = measures.hard.slice();
  /**
   * An alternative to x cuts only pairs (y falls, z falls with it) in which x is y itself or falls in between: at most as many as there
   * are y above x, times those that fall with x.
   */
  const bounds = crossing(graph, measures.hard);
  const allowed = bounds.toSorted().toReversed();
  const steps: { name: string; gain: number; total: number }[] = [];
  let total = 0;
  const chosen = Math.min(k, MOST_CHOSEN, n);
  const optimum = allowed.subarray(0, chosen).reduce((sum, bound) => sum + bound, 0);
  for (let step = 0; step < chosen; step++) {
    const candidates = topCandidates(bounds, immune);
    let best = -1;
    let gain = 0;
    for (const candidate of candidates) {
      if (bounds[candidate]! <= gain) break;
      immune[candidate] = 1;
      let saved = 0;
      start[0] = candidate;
      for (const node of down.from(start))
        if (left[node]! > 0 && immune[node] === (node === candidate ? 1 : 0)) saved += left[node]! - hardOf(node);
      immune[candidate] = 0;
      if (saved > gain) {
        gain = saved;
        best = candidate;
      }
    }
    if (best === -1) break;
    immune[best] = 1;
    start[0] = best;
    for (const node of down.from(start)) left[node] = hardOf(node);
    total += gain;
    steps.push({ name: graph.names[best]!, gain, total });
  }
  return {
    schemaVersion: "1.0",
    graph: graph.about,
    goal: "duplicate",
    steps,
    atLeastOfBest: total === 0 ? (whole === 0 ? 1 : 0) : total / Math.min(whole, optimum),
    guarantee: 0,
    whole,
  };
}

/** By node x: (1 + how many others take x down with them) x hard reach of x. */
function crossing(graph: ExposureGraph, hard: Int32Array): Float64Array {
  const n = graph.first.n;
  const falling = failing(graph.clauses);
  const takenDownBy = new Int32Array(n);
  const start = new Int32Array(1);
  for (let node = 0; node < n; node++) {
    if (hard[node] === 0) continue;
    start[0] = node;
    const count = falling.fail(start);
    const order = falling.order();
    for (let at = 1; at <= count; at++) takenDownBy[order[at]!]!++;
  }
  return Float64Array.from({ length: n }, (_, node) => (1 + takenDownBy[node]!) * hard[node]!);
}

function topCandidates(bounds: Float64Array, immune: Uint8Array): readonly number[] {
  const top: number[] = [];
  for (let node = 0; node < bounds.length; node++) {
    const bound = bounds[node]!;
    if (bound === 0 || immune[node] === 1) continue;
    if (top.length === TRIED && bound <= bounds[top[TRIED - 1]!]!) continue;
    let at = top.length;
    while (at > 0 && bounds[top[at - 1]!]! < bound) at--;
    top.splice(at, 0, node);
    if (top.length > TRIED) top.pop();
  }
  return top;
}
