import type { Installability, NodeExposure, Uninstallable } from "../model/exposure.ts";
import { byCodeUnit } from "../model/canonical.ts";
import type { ExposureGraph } from "./exposure-graph.ts";
import { installing } from "./installing.ts";
import type { Measures } from "./measure.ts";

/** Names that an answer lists unless asked for another number. */
const DEFAULT_NAMES = 20;

export interface Removing {
  /** What cannot be installed any more without these packages, which have to be in the graph. */
  readonly without: (gone: readonly string[], names?: number) => Uninstallable;
  /** The graph as it stands, and without each of these. */
  readonly picture: (top: readonly NodeExposure[]) => Installability;
}

/** Exact answers for removals; null where the graph knows clauses only, and hard reach is the answer. */
export function removing(graph: ExposureGraph, measures: Measures): Removing | null {
  if (graph.constraints === null) return null;
  const { names } = graph;
  const ids = new Map(names.map((name, id) => [name, id]));
  const { without } = installing(graph, graph.constraints);
  const asIs = without([]);
  const wasBroken = new Set(asIs.broken);
  const byWeight = (a: number, b: number): number => measures.first[b]! - measures.first[a]! || byCodeUnit(names[a]!, names[b]!);
  const answer: Removing["without"] = (gone, most = DEFAULT_NAMES) => {
    const nodes = gone.flatMap((name) => ids.get(name) ?? []);
    const { broken, byRequirements, essential, undecided } = without(nodes);
    const more = broken.filter((node) => !wasBroken.has(node));
    return {
      count: more.length,
      share: more.length / names.length,
      names: Array.from(more.toSorted(byWeight).subarray(0, most), (node) => names[node]!),
      byRequirements: byRequirements.filter((node) => !wasBroken.has(node)).length,
      essential: essential === -1 ? null : names[essential]!,
      before: wasBroken.size,
      undecided: undecided.length,
    };
  };
  return {
    without: answer,
    picture: (top) => ({
      broken: Array.from(asIs.broken, (node) => names[node]!),
      undecided: asIs.undecided.length,
      top: top.map(({ name, hard }) => {
        const { names: _, ...gone } = answer([name], 0);
        return { name, hard, gone };
      }),
    }),
  };
}
