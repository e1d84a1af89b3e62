/**
 * A dependency graph as three typed arrays (compressed sparse rows): the targets of node u stand in `targets` from `offsets[u]` to
 * `offsets[u + 1]`. An edge u -> v says "u depends on v". Millions of nodes cost four bytes each and four bytes an edge.
 */
export interface Graph {
  /** Number of nodes; they are 0 to n - 1. */
  readonly n: number;
  /** n + 1 numbers. */
  readonly offsets: Int32Array;
  /** Sorted and without repetition within a node; no node is its own target. */
  readonly targets: Int32Array;
}

/**
 * Builds a graph from edges in any order. Self-loops and repetitions are dropped; edges that name no node are a RangeError.
 * Two passes of counting sort: time and memory linear in nodes and edges.
 */
export function graphOf(n: number, from: ArrayLike<number>, to: ArrayLike<number>): Graph {
  const m = from.length;
  // Sorting by target first and then, stably, by source leaves each row sorted.
  const byTarget = new Int32Array(n + 1);
  for (let edge = 0; edge < m; edge++) {
    const u = from[edge] as number;
    const v = to[edge] as number;
    if (!(u >= 0 && u < n && v >= 0 && v < n)) throw new RangeError(`edge ${edge} (${u} -> ${v}) names no node of ${n}`);
    if (u !== v) byTarget[v + 1]!++;
  }
  for (let node = 0; node < n; node++) byTarget[node + 1]! += byTarget[node]!;
  const count = byTarget[n]!;
  const sources = new Int32Array(count);
  const next = byTarget.slice();
  const outDegree = new Int32Array(n + 1);
  for (let edge = 0; edge < m; edge++) {
    const u = from[edge] as number;
    const v = to[edge] as number;
    if (u === v) continue;
    sources[next[v]!++] = u;
    outDegree[u + 1]!++;
  }
  for (let node = 0; node < n; node++) outDegree[node + 1]! += outDegree[node]!;
  const rows = new Int32Array(count);
  const fill = outDegree.slice();
  for (let v = 0; v < n; v++) for (let at = byTarget[v]!; at < byTarget[v + 1]!; at++) rows[fill[sources[at]!]!++] = v;

  const offsets = new Int32Array(n + 1);
  let kept = 0;
  for (let u = 0; u < n; u++) {
    let last = -1;
    for (let at = outDegree[u]!; at < outDegree[u + 1]!; at++) {
      const v = rows[at]!;
      if (v !== last) rows[kept++] = v;
      last = v;
    }
    offsets[u + 1] = kept;
  }
  return { n, offsets, targets: kept === rows.length ? rows : rows.slice(0, kept) };
}

/** The same edges the other way round. */
export function reversed(graph: Graph): Graph {
  const { n, offsets, targets } = graph;
  const back = new Int32Array(n + 1);
  for (const v of targets) back[v + 1]!++;
  for (let node = 0; node < n; node++) back[node + 1]! += back[node]!;
  const next = back.slice();
  const sources = new Int32Array(targets.length);
  for (let u = 0; u < n; u++) for (let at = offsets[u]!; at < offsets[u + 1]!; at++) sources[next[targets[at]!]!++] = u;
  return { n, offsets: back, targets: sources };
}

/** Number of edges. */
export const edgeCount = (graph: Graph): number => graph.targets.length;
