/**
 * Single points of failure of a project: a package dominates another where every way from the project's roots to it leads through the
 * first. Without it the other is not reached at all: it leaves with it, and whoever controls it decides what else comes in.
 */
import type { SinglePoint } from "../model/exposure.ts";
import type { Graph } from "./csr.ts";
import type { ExposureGraph } from "./exposure-graph.ts";
import { largestBy } from "./measure.ts";

export interface Dominators {
  /** By node: its immediate dominator; n where only the roots themselves dominate it, -1 where nothing leads to it. */
  readonly immediate: Int32Array;
  /** By node: how many others it dominates. */
  readonly dominated: Int32Array;
}

/**
 * Lengauer and Tarjan (ACM TOPLAS 1(1), 1979), the variant with path compression alone: O(m log n), without recursion. Several roots are
 * joined under a node of their own, which has the number n.
 */
export function dominators(graph: Graph, roots: ArrayLike<number>): Dominators {
  const { n, offsets, targets } = graph;
  const size = n + 1;
  const parent = new Int32Array(size).fill(-1);
  // Numbers of the depth-first search, from 1; 0 is "not seen".
  const order = new Int32Array(size);
  const vertex = new Int32Array(size + 1);
  const at = new Int32Array(size);
  const path = new Int32Array(size);
  const rootList = Int32Array.from(new Set(Array.from(roots)));
  const degree = (node: number): number => (node === n ? rootList.length : offsets[node + 1]! - offsets[node]!);
  const target = (node: number, index: number): number => (node === n ? rootList[index]! : targets[offsets[node]! + index]!);
  let clock = 1;
  let depth = 0;
  path[0] = n;
  order[n] = 1;
  vertex[1] = n;
  while (depth >= 0) {
    const node = path[depth]!;
    if (at[node]! < degree(node)) {
      const next = target(node, at[node]!++);
      if (order[next] !== 0) continue;
      order[next] = ++clock;
      vertex[clock] = next;
      parent[next] = node;
      path[++depth] = next;
    } else depth--;
  }

  // Predecessors among what was reached, in rows by node.
  const back = new Int32Array(size + 1);
  const each = (visit: (from: number, to: number) => void): void => {
    for (let number = 1; number <= clock; number++) {
      const node = vertex[number]!;
      for (let index = 0; index < degree(node); index++) visit(node, target(node, index));
    }
  };
  each((_, to) => back[to + 1]!++);
  for (let node = 0; node < size; node++) back[node + 1]! += back[node]!;
  const sources = new Int32Array(back[size]!);
  const fill = back.slice();
  each((from, to) => (sources[fill[to]!++] = from));

  const semi = order.slice();
  const label = Int32Array.from({ length: size }, (_, node) => node);
  const ancestor = new Int32Array(size).fill(-1);
  const immediate = new Int32Array(size).fill(-1);
  const bucketHead = new Int32Array(size).fill(-1);
  const bucketNext = new Int32Array(size).fill(-1);
  const evaluate = (node: number): number => {
    if (ancestor[node] === -1) return node;
    let top = 0;
    let current = node;
    while (ancestor[ancestor[current]!] !== -1) {
      path[top++] = current;
      current = ancestor[current]!;
    }
    while (top > 0) {
      const below = path[--top]!;
      const above = ancestor[below]!;
      if (semi[label[above]!]! < semi[label[below]!]!) label[below] = label[above]!;
      ancestor[below] = ancestor[above]!;
    }
    return label[node]!;
  };
  for (let number = clock; number >= 2; number--) {
    const node = vertex[number]!;
    for (let index = back[node]!; index < back[node + 1]!; index++) {
      const best = evaluate(sources[index]!);
      if (semi[best]! < semi[node]!) semi[node] = semi[best]!;
    }
    const semiNode = vertex[semi[node]!]!;
    bucketNext[node] = bucketHead[semiNode]!;
    bucketHead[semiNode] = node;
    const above = parent[node]!;
    ancestor[node] = above;
    for (let one = bucketHead[above]!; one !== -1; one = bucketNext[one]!) {
      const best = evaluate(one);
      immediate[one] = semi[best]! < semi[one]! ? best : above;
    }
    bucketHead[above] = -1;
  }
  for (let number = 2; number <= clock; number++) {
    const node = vertex[number]!;
    if (immediate[node] !== vertex[semi[node]!]) immediate[node] = immediate[immediate[node]!]!;
  }
  const dominated = new Int32Array(size);
  for (let number = clock; number >= 2; number--) {
    const node = vertex[number]!;
    dominated[immediate[node]!]! += dominated[node]! + 1;
  }
  return { immediate: immediate.subarray(0, n), dominated: dominated.subarray(0, n) };
}

/** The packages of a project through which most others come in, largest first. Empty where the graph has no roots. */
export function singlePoints(graph: ExposureGraph, most: number): readonly SinglePoint[] {
  if (graph.roots.length === 0) return [];
  const { dominated } = dominators(graph.first, graph.roots);
  const isRoot = new Uint8Array(graph.first.n);
  for (const root of graph.roots) isRoot[root] = 1;
  return largestBy(graph.names, (node) => (isRoot[node] === 1 ? 0 : dominated[node]!), most, graph.first.n).map((node) => ({
    name: graph.names[node]!,
    dominates: dominated[node]!,
  }));
}
