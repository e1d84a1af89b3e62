/** All figures of one graph, computed once and then read by tables, pages and questions. */
import type { Exposure, FamilyExposure, NodeExposure, PImpact } from "../model/exposure.ts";
import { byCodeUnit } from "../model/canonical.ts";
import { buildExposure, coreExposure, largestPart, nontrivial } from "./builds.ts";
import { components } from "./components.ts";
import { concentration, hIndex, reachedBy } from "./concentration.ts";
import { singlePoints } from "./dominators.ts";
import { type ExposureGraph, directDependents } from "./exposure-graph.ts";
import { hardReach } from "./hard.ts";
import { peopleExposure } from "./people.ts";
import { type Reach, reach } from "./reach.ts";

/** By node. Counts are exact unless `relativeError` is above 0. */
export interface Measures {
  readonly first: Int32Array;
  readonly all: Int32Array;
  readonly hard: Int32Array;
  readonly trusts: Int32Array;
  readonly direct: Int32Array;
  readonly relativeError: number;
}

export interface MeasureWays {
  /** How reach is counted; by default exactly, in this thread. */
  readonly reach?: (graph: ExposureGraph["first"]) => Omit<Reach, "by"> & { readonly relativeError?: number };
}

/** Reach in the three readings. Where every edge is a must and there are no alternatives, the three are one and are computed once. */
export function measure(graph: ExposureGraph, ways: MeasureWays = {}): Measures {
  const count = ways.reach ?? reach;
  const first = count(graph.first);
  const all = graph.all === graph.first ? first : count(graph.all);
  const hard = graph.clauses.satisfiers === graph.all.targets ? all.dependents : hardReach(graph.clauses);
  return {
    first: first.dependents,
    all: all.dependents,
    hard,
    trusts: first.dependencies,
    direct: directDependents(graph.first),
    relativeError: "relativeError" in first ? (first.relativeError ?? 0) : 0,
  };
}

export function nodeExposure(graph: ExposureGraph, measures: Measures, node: number): NodeExposure {
  const { first, all, hard, trusts, direct } = measures;
  return {
    name: graph.names[node]!,
    first: first[node]!,
    all: all[node]!,
    hard: hard[node]!,
    trusts: trusts[node]!,
    direct: direct[node]!,
    share: first[node]! / graph.first.n,
    substitutability: substitutability(all[node]!, hard[node]!),
  };
}

/** 1 - hard/all; null where nobody depends on it. */
export const substitutability = (all: number, hard: number): number | null => (all === 0 ? null : 1 - hard / all);

/** Nodes by a value, largest first, then by name; those with 0 are left out. */
export function largestBy(names: readonly string[], value: (node: number) => number, most: number, n: number): number[] {
  const values = Float64Array.from({ length: n }, (_, node) => value(node));
  if (n === 0 || most === 0) return [];
  // Only what can be among the largest is sorted: a graph may have millions of nodes.
  const floor = values.toSorted()[Math.max(0, n - most)]!;
  const nodes: number[] = [];
  for (let node = 0; node < n; node++) if (values[node]! >= floor && values[node]! > 0) nodes.push(node);
  return nodes.toSorted((a, b) => values[b]! - values[a]! || byCodeUnit(names[a]!, names[b]!)).slice(0, most);
}

export interface ExposureOptions {
  /** Rows of each table. */
  readonly top?: number;
  readonly families?: readonly FamilyExposure[];
}

const DEFAULT_TOP = 20;
/** Shares of all packages, in percent, at which the P-impact index is given. */
const P_IMPACT: readonly number[] = [1, 5, 10, 20, 30, 50];
/** An invisible giant is among this many largest by reach … */
const GIANTS = 500;
/** … and has at most this many direct dependents: nobody would look for it among the popular ones. */
const FEW_DIRECT = 5;

/** The whole answer. Takes `measures` where they were computed before. */
export function exposureOf(graph: ExposureGraph, options: ExposureOptions = {}, measures: Measures = measure(graph)): Exposure {
  const n = graph.first.n;
  const top = options.top ?? DEFAULT_TOP;
  const show = (node: number): NodeExposure => nodeExposure(graph, measures, node);
  const byReach = largestBy(graph.names, (node) => measures.first[node]!, Math.max(top, GIANTS), n);
  const parts = components(graph.first);
  const asking = graph.first.targets.length;
  const asked = measures.direct;
  let isolated = 0;
  for (let node = 0; node < n; node++) {
    if (asked[node] === 0 && graph.first.offsets[node] === graph.first.offsets[node + 1]) isolated++;
  }
  return {
    schemaVersion: "1.0",
    graph: graph.about,
    top: byReach.slice(0, top).map(show),
    invisibleGiants: byReach
      .filter((node) => asked[node]! <= FEW_DIRECT && measures.first[node]! > asked[node]!)
      .slice(0, top)
      .map(show),
    alternativesWork: largestBy(graph.names, (node) => measures.all[node]! - measures.hard[node]!, top, n).map(show),
    concentration: {
      first: concentration(measures.first),
      all: concentration(measures.all),
      hard: concentration(measures.hard),
      trusts: concentration(measures.trusts),
    },
    components: { count: parts.count, nontrivial: nontrivial(parts), largest: n === 0 ? 0 : parts.size[largestPart(parts)]! },
    isolated,
    meanDirectDependencies: n === 0 ? 0 : asking / n,
    reusability: hIndex(asked),
    transitiveReusability: hIndex(measures.first),
    pImpact: P_IMPACT.map((percent): PImpact => ({
      percent,
      first: reachedBy(measures.first, percent, n),
      hard: reachedBy(measures.hard, percent, n),
    })),
    families: options.families ?? [],
    builds: buildExposure(graph),
    core: coreExposure(graph),
    people: peopleExposure(graph),
    singlePoints: singlePoints(graph, top),
    exact: measures.relativeError === 0,
    relativeError: measures.relativeError,
  };
}
