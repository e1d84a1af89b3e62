import type { Graph } from "./csr.ts";

/** The strongly connected components of a graph. */
export interface Components {
  /** How many there are. */
  readonly count: number;
  /** By node. Numbered so that every edge between two components leads from the higher number to the lower. */
  readonly of: Int32Array;
  /** Number of nodes, by component. */
  readonly size: Int32Array;
}

/** Tarjan's algorithm (SIAM J. Comput. 1(2), 1972) without recursion: a dependency chain may be longer than any stack. */
export function components(graph: Graph): Components {
  const { n, offsets, targets } = graph;
  const of = new Int32Array(n).fill(-1);
  const index = new Int32Array(n);
  const low = new Int32Array(n);
  const at = new Int32Array(n);
  const path = new Int32Array(n);
  const open = new Int32Array(n);
  const sizes: number[] = [];
  let openCount = 0;
  let clock = 0;
  for (let root = 0; root < n; root++) {
    if (index[root] !== 0) continue;
    let depth = 0;
    path[0] = root;
    index[root] = low[root] = ++clock;
    at[root] = offsets[root]!;
    open[openCount++] = root;
    while (depth >= 0) {
      const u = path[depth]!;
      if (at[u]! < offsets[u + 1]!) {
        const v = targets[at[u]!++]!;
        if (index[v] === 0) {
          index[v] = low[v] = ++clock;
          at[v] = offsets[v]!;
          open[openCount++] = v;
          path[++depth] = v;
        } else if (of[v] === -1 && index[v]! < low[u]!) low[u] = index[v]!;
        continue;
      }
      if (low[u] === index[u]) {
        const component = sizes.length;
        let size = 0;
        for (;;) {
          const v = open[--openCount]!;
          of[v] = component;
          size++;
          if (v === u) break;
        }
        sizes.push(size);
      }
      depth--;
      if (depth >= 0) {
        const parent = path[depth]!;
        if (low[u]! < low[parent]!) low[parent] = low[u]!;
      }
    }
  }
  return { count: sizes.length, of, size: Int32Array.from(sizes) };
}
