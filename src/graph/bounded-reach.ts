/** Reach that ends: exact where that takes seconds, estimated where it would take hours. */
import type { Graph } from "./csr.ts";
import { estimatedVisits, reach } from "./reach.ts";
import { sketchReach } from "./sketch.ts";

/** Up to so many nodes one of the exact ways always ends within a minute or so. */
const ALWAYS_EXACT = 1_000_000;
/** Beyond this, even the queue of a search leaves every cache: only sketches are worth their while. */
const NEVER_EXACT = 10_000_000;
/** Edges that are visited in about half a minute. */
const MOST_VISITS = 1e10;

/** Is exact reach counted, in a time that one waits for? */
export const mayBeExact = (graph: Graph): boolean =>
  graph.n <= ALWAYS_EXACT || (graph.n <= NEVER_EXACT && estimatedVisits(graph, MOST_VISITS) <= MOST_VISITS);

/** Exact (`relativeError` 0), or by sketches. */
export function boundedReach(graph: Graph): {
  readonly dependents: Int32Array;
  readonly dependencies: Int32Array;
  readonly relativeError: number;
} {
  return mayBeExact(graph) ? { ...reach(graph), relativeError: 0 } : sketchReach(graph);
}
