/**
 * Reach: how many packages stand on each one, and on how many each one stands, transitively and exactly.
 *
 * Three ways lead there, and the cheapest is chosen by estimate:
 *
 * - *search*: one breadth-first search a node, counting the visited in place. Costs the edges inside the closures; dependency graphs of
 *   run-time relations have small closures, so this nearly always wins.
 * - *core*: build graphs have one giant strongly connected core on which nearly everything stands. All of its members have one closure;
 *   a search that comes upon the core adds that closure's size as a whole and goes on outside of it.
 * - *bits*: Tarjan's condensation and one bit set a component, in blocks of columns. Costs edges x nodes / 32 whatever the closures are.
 */
import { type Components, components } from "./components.ts";
import { type Graph, graphOf, reversed } from "./csr.ts";

/** Reach of every node; a node does not count itself. In the terms of Zimmermann et al. (USENIX Security 2019): PR and ITP. */
export interface Reach {
  /** By node: how many others depend on it, at whatever distance. */
  readonly dependents: Int32Array;
  /** By node: on how many others it depends. */
  readonly dependencies: Int32Array;
  readonly by: "search" | "core" | "bits";
}

/** Searches that are made to estimate the cost of all: enough for an error of some tens of percent, which is all that a choice needs. */
const SAMPLE = 200;
/** Work on one bit-set word, in units of one visited edge of a search: measured, both are memory reads, but words come in sequence. */
const WORD_COST = 0.12;
/** A component is a core worth the detour when at least one node in this many belongs to it. */
const CORE_SHARE = 50;

/** Exact reach of every node. `force` takes one way whatever it costs: for tests, and to let the ways check each other. */
export function reach(graph: Graph, force?: Reach["by"]): Reach {
  if (force === "search") return bySearch(graph);
  if (force !== undefined) return force === "core" ? byCore(graph, components(graph)) : byBits(graph, components(graph));
  const { by, parts } = planReach(graph);
  return by === "search" ? bySearch(graph) : by === "core" ? byCore(graph, parts) : byBits(graph, parts);
}

/** The cheapest way by estimate; `visits` is what searching from every node would take, in edges; 0 where that was not estimated. */
export function planReach(graph: Graph): { readonly by: Reach["by"]; readonly visits: number; readonly parts: Components } {
  const parts = components(graph);
  const core = largest(parts);
  if (graph.n > 0 && parts.size[core]! * CORE_SHARE >= graph.n && parts.size[core]! > 1) return { by: "core", visits: 0, parts };
  const visits = estimatedVisits(graph);
  const bits = WORD_COST * 2 * graph.targets.length * Math.ceil(graph.n / 32);
  return { by: visits <= bits ? "search" : "bits", visits, parts };
}

/**
 * Edges that one search from each node would visit, from an evenly spread sample. Stops once that is certainly more than `enough` (a single
 * closure of a graph of millions may take a second), and says so by Infinity.
 */
export function estimatedVisits(graph: Graph, enough: number = Infinity): number {
  const { n } = graph;
  if (n === 0) return 0;
  const search = searcher(graph);
  const step = Math.max(1, Math.floor(n / SAMPLE));
  const planned = Math.ceil(n / step);
  let visited = 0;
  let samples = 0;
  for (let node = 0; node < n; node += step) {
    visited += search.edges(node);
    samples++;
    if ((visited / planned) * n > enough) return Infinity;
  }
  return (visited / samples) * n;
}

function searcher(graph: Graph): { readonly edges: (start: number) => number } {
  const { n, offsets, targets } = graph;
  const stamp = new Int32Array(n);
  const queue = new Int32Array(n);
  let generation = 0;
  return {
    edges: (start) => {
      generation++;
      let tail = 1;
      let edges = 0;
      queue[0] = start;
      stamp[start] = generation;
      for (let head = 0; head < tail; head++) {
        const u = queue[head]!;
        const end = offsets[u + 1]!;
        edges += end - offsets[u]!;
        for (let at = offsets[u]!; at < end; at++) {
          const v = targets[at]!;
          if (stamp[v] !== generation) {
            stamp[v] = generation;
            queue[tail++] = v;
          }
        }
      }
      return edges;
    },
  };
}

/**
 * Searches from the nodes `from` to below `to`, writes on how many others each depends, and adds one to `dependents` of whatever a search
 * comes upon. What several threads added is summed by whoever started them.
 */
export function rangeSearcher(graph: Graph): (from: number, to: number, dependents: Int32Array, dependencies: Int32Array) => void {
  const { n, offsets, targets } = graph;
  const stamp = new Int32Array(n).fill(-1);
  const queue = new Int32Array(n);
  return (from, to, dependents, dependencies) => {
    for (let start = from; start < to; start++) {
      let tail = 1;
      queue[0] = start;
      stamp[start] = start;
      for (let head = 0; head < tail; head++) {
        const u = queue[head]!;
        const end = offsets[u + 1]!;
        for (let at = offsets[u]!; at < end; at++) {
          const v = targets[at]!;
          if (stamp[v] !== start) {
            stamp[v] = start;
            queue[tail++] = v;
            dependents[v]!++;
          }
        }
      }
      dependencies[start] = tail - 1;
    }
  };
}

function bySearch(graph: Graph): Reach {
  const dependents = new Int32Array(graph.n);
  const dependencies = new Int32Array(graph.n);
  rangeSearcher(graph)(0, graph.n, dependents, dependencies);
  return { dependents, dependencies, by: "search" };
}

const largest = (parts: Components): number => parts.size.reduce((best, size, part) => (size > parts.size[best]! ? part : best), 0);

/**
 * Let C be the largest component, D what it reaches outside itself, U what reaches it. For u in U the closure is C, D and what a search
 * finds outside both; for u in C it is C and D; for all others it is what a search finds (it cannot come upon C).
 */
function byCore(graph: Graph, parts: Components): Reach {
  const { n, offsets, targets } = graph;
  if (n === 0) return { dependents: new Int32Array(0), dependencies: new Int32Array(0), by: "core" };
  const core = largest(parts);
  const coreSize = parts.size[core]!;
  const seed = parts.of.indexOf(core);
  // 1: in C or D; 2: in U.
  const region = new Uint8Array(n);
  const below = closureOf(graph, seed);
  for (const node of below) region[node] = 1;
  const above = closureOf(reversed(graph), seed).filter((node) => region[node] === 0);
  for (const node of above) region[node] = 2;

  const dependents = new Int32Array(n);
  const dependencies = new Int32Array(n);
  const stamp = new Int32Array(n).fill(-1);
  const queue = new Int32Array(n);
  for (let start = 0; start < n; start++) {
    if (parts.of[start] === core) continue;
    const skipsBelow = region[start] === 2;
    let tail = 1;
    queue[0] = start;
    stamp[start] = start;
    for (let head = 0; head < tail; head++) {
      const u = queue[head]!;
      const end = offsets[u + 1]!;
      for (let at = offsets[u]!; at < end; at++) {
        const v = targets[at]!;
        if (stamp[v] === start || (skipsBelow && region[v] === 1)) continue;
        stamp[v] = start;
        queue[tail++] = v;
        dependents[v]!++;
      }
    }
    dependencies[start] = tail - 1 + (skipsBelow ? below.length : 0);
  }
  for (const node of below) {
    const inCore = parts.of[node] === core;
    // All of U and of C stand on it; those of D and of neither that do were counted by their own searches.
    dependents[node]! += above.length + coreSize - (inCore ? 1 : 0);
    if (inCore) dependencies[node] = below.length - 1;
  }
  return { dependents, dependencies, by: "core" };
}

/** The node and all that it reaches. */
function closureOf(graph: Graph, start: number): Int32Array {
  const { n, offsets, targets } = graph;
  const seen = new Uint8Array(n);
  const queue = new Int32Array(n);
  let tail = 1;
  queue[0] = start;
  seen[start] = 1;
  for (let head = 0; head < tail; head++) {
    const u = queue[head]!;
    for (let at = offsets[u]!; at < offsets[u + 1]!; at++) {
      const v = targets[at]!;
      if (seen[v] === 0) {
        seen[v] = 1;
        queue[tail++] = v;
      }
    }
  }
  return queue.slice(0, tail);
}

/** Words of a block of columns: 8 words x 100,000 components stay within a processor's second cache. */
const BLOCK_WORDS = 8;

function byBits(graph: Graph, parts: Components): Reach {
  const dependencies = closureSizes(graph, parts);
  // Against the edges the same components come in the opposite order.
  const last = parts.count - 1;
  const flipped: Components = { count: parts.count, of: parts.of.map((part) => last - part), size: parts.size.toReversed() };
  return { dependents: closureSizes(reversed(graph), flipped), dependencies, by: "bits" };
}

function closureSizes(graph: Graph, parts: Components): Int32Array {
  const { n } = graph;
  const { count, of } = parts;
  const down = condensed(graph, parts);
  // One bit a node; a component's nodes stand side by side, so that it sets a run of bits.
  const first = new Int32Array(count + 1);
  for (let part = 0; part < count; part++) first[part + 1] = first[part]! + parts.size[part]!;
  const sizes = new Int32Array(count);
  const rows = new Int32Array(count * BLOCK_WORDS);
  const columns = BLOCK_WORDS * 32;
  for (let left = 0; left < n; left += columns) {
    const right = Math.min(n, left + columns);
    rows.fill(0);
    // Edges lead to lower numbers, and bits stand in the same order: components below the block cannot reach into it.
    for (let part = lowestAt(first, left); part < count; part++) {
      const row = part * BLOCK_WORDS;
      for (let bit = Math.max(first[part]!, left); bit < Math.min(first[part + 1]!, right); bit++) {
        rows[row + ((bit - left) >> 5)]! |= 1 << (bit & 31);
      }
      for (let at = down.offsets[part]!; at < down.offsets[part + 1]!; at++) {
        const other = down.targets[at]! * BLOCK_WORDS;
        for (let word = 0; word < BLOCK_WORDS; word++) rows[row + word]! |= rows[other + word]!;
      }
      let ones = 0;
      for (let word = 0; word < BLOCK_WORDS; word++) ones += population(rows[row + word]!);
      sizes[part]! += ones;
    }
  }
  return Int32Array.from({ length: n }, (_, node) => sizes[of[node]!]! - 1);
}

function lowestAt(first: Int32Array, bit: number): number {
  let low = 0;
  let high = first.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (first[middle]! <= bit) low = middle;
    else high = middle;
  }
  return low;
}

function condensed(graph: Graph, parts: Components): Graph {
  const { offsets, targets, n } = graph;
  const { of } = parts;
  const between = (visit: (from: number, to: number) => void): void => {
    for (let u = 0; u < n; u++) {
      for (let at = offsets[u]!; at < offsets[u + 1]!; at++) if (of[u] !== of[targets[at]!]) visit(of[u]!, of[targets[at]!]!);
    }
  };
  let count = 0;
  between(() => count++);
  const from = new Int32Array(count);
  const to = new Int32Array(count);
  let filled = 0;
  between((a, b) => {
    from[filled] = a;
    to[filled++] = b;
  });
  return graphOf(parts.count, from, to);
}

/** Number of ones in 32 bits (Warren, Hacker's Delight, 5-1). */
function population(word: number): number {
  let x = word - ((word >>> 1) & 0x55555555);
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  return (((x + (x >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}
