import type { Graph } from "./csr.ts";
import type { World } from "./world.ts";

/** A search that can be asked many times without clearing anything in between. */
export interface Searching {
  /** The starts, and all that they lead to, nearest first; the answer is the caller's to keep. In another `world` some nodes stand for others. */
  readonly from: (starts: ArrayLike<number>, world?: World) => Int32Array;
  /** After `from`, by place in its answer: how many edges away. */
  readonly distances: () => Int32Array;
  /** After `from`, by place in its answer: from which node it was come upon; -1 for the starts. */
  readonly parents: () => Int32Array;
}

/** Searches along the edges of `graph`; `reversed(graph)` leads to dependents. */
export function searching(graph: Graph): Searching {
  const { n, offsets, targets } = graph;
  const stamp = new Int32Array(n);
  const differs = new Int32Array(n);
  const queue = new Int32Array(n);
  const away = new Int32Array(n);
  const parent = new Int32Array(n);
  let question = 0;
  let head = 0;
  let tail = 0;
  const push = (node: number, from: number, distance: number): void => {
    if (stamp[node] === question) return;
    stamp[node] = question;
    away[tail] = distance;
    parent[tail] = from;
    queue[tail++] = node;
  };
  const spread = (row: number, node: number): void => {
    const next = away[head]! + 1;
    for (let at = offsets[row]!; at < offsets[row + 1]!; at++) {
      const target = targets[at]!;
      if (stamp[target] === question) continue;
      stamp[target] = question;
      away[tail] = next;
      parent[tail] = node;
      queue[tail++] = target;
    }
  };
  const from: Searching["from"] = (starts, world) => {
    question++;
    tail = 0;
    for (let i = 0; i < starts.length; i++) push(starts[i]!, -1, 0);
    if (world !== undefined) {
      // Nearly all nodes are as they were: only the few that are not are looked up.
      for (const node of world.together.keys()) differs[node] = question;
      for (const node of world.standsFor.keys()) differs[node] = question;
      if (world.spare !== null) differs[world.spare.by] = question;
    }
    for (head = 0; head < tail; head++) {
      const node = queue[head]!;
      if (world === undefined || differs[node] !== question) {
        spread(node, node);
        continue;
      }
      for (const other of world.together.get(node) ?? []) push(other, node, away[head]! + 1);
      for (const row of world.standsFor.get(node) ?? [node]) spread(row, node);
      if (world.spare?.by === node) spread(world.spare.of, node);
    }
    return queue.slice(0, tail);
  };
  return { from, distances: () => away.slice(0, tail), parents: () => parent.slice(0, tail) };
}
