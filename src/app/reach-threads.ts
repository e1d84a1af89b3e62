/** Exact reach of large graphs on several threads: each searches from a part of the nodes, and the counts are summed. */
import { boundedReach, mayBeExact } from "../graph/bounded-reach.ts";
import type { Graph } from "../graph/csr.ts";
import type { ExposureGraph } from "../graph/exposure-graph.ts";
import { type Measures, measure } from "../graph/measure.ts";
import { planReach, rangeSearcher } from "../graph/reach.ts";
import { mapOnThreads } from "./threads.ts";

/** Edge visits below which a thread's start (some forty milliseconds, and a copy of the graph) is not worth its while: about a third of a second. */
const WORTH_THREADS = 3e7;
/** Edges below which nothing is estimated: all of them are counted in the time that the estimate takes. */
const SMALL = 300_000;
/** Parts of the nodes: as many that the threads end together, as few that their answers (a count a node and batch) do not matter. */
const PIECES = 256;

export interface Piece {
  readonly from: number;
  readonly to: number;
}

export interface PieceReach {
  /** By node of the piece. */
  readonly dependencies: Int32Array;
  /** By node of the graph: how often a search of this batch came upon it; null for all pieces of a batch but one. */
  readonly dependents: Int32Array | null;
}

type Counted = ReturnType<typeof boundedReach>;

/** All figures of a graph; reach is counted on `threads` threads beside this one (as many as there are cores for, unless given) where that pays. */
export async function measuresOf(graph: ExposureGraph, threads?: number): Promise<Measures> {
  const counted = new Map<Graph, Counted>();
  for (const one of new Set([graph.first, graph.all])) counted.set(one, await threadedReach(one, threads));
  return measure(graph, { reach: (one) => counted.get(one) ?? boundedReach(one) });
}

/** What `boundedReach` gives, on several threads where searching from every node is both the cheapest way and long. */
export async function threadedReach(graph: Graph, threads?: number): Promise<Counted> {
  // An estimate costs a walk over the graph: a small one is counted before that is done.
  if (graph.targets.length < SMALL || !mayBeExact(graph)) return boundedReach(graph);
  const { by, visits } = planReach(graph);
  return by === "search" && visits >= WORTH_THREADS ? reachOnThreads(graph, threads) : boundedReach(graph);
}

/** Searches from every node, shared between threads; the same figures whatever their number. */
export async function reachOnThreads(graph: Graph, threads?: number): Promise<Counted> {
  const { n } = graph;
  const size = Math.max(1, Math.ceil(n / PIECES));
  const pieces = Array.from({ length: Math.ceil(n / size) }, (_, piece): Piece => ({
    from: piece * size,
    to: Math.min(n, (piece + 1) * size),
  }));
  const dependents = new Int32Array(n);
  const dependencies = new Int32Array(n);
  const search = rangeSearcher(graph);
  const here = ({ from, to }: Piece): PieceReach | null => {
    search(from, to, dependents, dependencies);
    return null;
  };
  const data: Graph = { n, offsets: shared(graph.offsets), targets: shared(graph.targets) };
  const results = await mapOnThreads(pieces, here, { worker: "reach.worker", data, threads });
  results.forEach((result, piece) => {
    if (result === null) return;
    dependencies.set(result.dependencies, pieces[piece]!.from);
    if (result.dependents !== null) for (let node = 0; node < n; node++) dependents[node]! += result.dependents[node]!;
  });
  return { dependents, dependencies, relativeError: 0 };
}

function shared(values: Int32Array): Int32Array {
  const copy = new Int32Array(new SharedArrayBuffer(values.byteLength));
  copy.set(values);
  return copy;
}
