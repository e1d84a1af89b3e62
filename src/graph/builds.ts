/** What builds rest on: environments of one step, and the core of the recursive build graph that can only be built with itself. */
import type { BuildExposure, CoreExposure } from "../model/exposure.ts";
import { byCodeUnit } from "../model/canonical.ts";
import { components, type Components } from "./components.ts";
import { edgeCount, graphOf } from "./csr.ts";
import { type ExposureGraph, rowOf, trustGraphOf } from "./exposure-graph.ts";
import { reach } from "./reach.ts";
import { searching } from "./search.ts";

/** Build tools that are shown. */
const SHOWN = 50;

/** In how many build environments each package stands. null without builds. */
function buildEnvironments(graph: ExposureGraph): { readonly by: Int32Array; readonly sizes: Int32Array } | null {
  const { builds, first } = graph;
  if (builds === null) return null;
  const by = new Int32Array(first.n);
  const sizes = new Int32Array(builds.indexed);
  const closure = searching(first);
  for (let source = 0; source < builds.indexed; source++) {
    const environment = closure.from(rowOf(builds.asks, source));
    sizes[source] = environment.length;
    for (const node of environment) by[node]!++;
  }
  return { by, sizes };
}

export function buildExposure(graph: ExposureGraph): BuildExposure | null {
  const environments = buildEnvironments(graph);
  if (environments === null) return null;
  const { by, sizes } = environments;
  const ordered = Array.from(by.keys())
    .filter((node) => by[node]! > 0)
    .toSorted((a, b) => by[b]! - by[a]! || byCodeUnit(graph.names[a]!, graph.names[b]!));
  const shown = (node: number): { name: string; environments: number } => ({ name: graph.names[node]!, environments: by[node]! });
  const inEvery = sizes.length === 0 ? [] : ordered.filter((node) => by[node] === sizes.length);
  return {
    sources: sizes.length,
    mean: sizes.length === 0 ? 0 : sizes.reduce((sum, size) => sum + size, 0) / sizes.length,
    max: sizes.reduce((max, size) => Math.max(max, size), 0),
    inEvery: inEvery.map((node) => graph.names[node]!),
    most: ordered.slice(inEvery.length, inEvery.length + SHOWN).map(shown),
  };
}

export function coreExposure(graph: ExposureGraph): CoreExposure | null {
  const trust = trustGraphOf(graph);
  const { builds } = graph;
  if (trust === null || builds === null) return null;
  const parts = components(trust);
  const core = largestPart(parts);
  const reached = reach(trust);
  const member = parts.of.indexOf(core);
  const size = parts.size[core] ?? 0;
  const from: number[] = [];
  const to: number[] = [];
  for (let source = 0; source < builds.indexed; source++) {
    for (const node of rowOf(builds.asks, source)) {
      from.push(source);
      to.push(builds.of[node]!);
    }
  }
  const sources = components(graphOf(builds.names.length, from, to));
  return {
    nodes: trust.n,
    edges: edgeCount(trust),
    components: parts.count,
    nontrivialComponents: nontrivial(parts),
    core: size,
    standOnCore: member === -1 ? 0 : reached.dependents[member]! + 1,
    reachSum: reached.dependents.reduce((sum, count) => sum + count, 0),
    sourceCore: sources.size[largestPart(sources)] ?? 0,
  };
}

export const largestPart = (parts: Components): number =>
  parts.size.reduce((best, size, part) => (size > parts.size[best]! ? part : best), 0);
export const nontrivial = (parts: Components): number => parts.size.reduce((count, size) => count + (size > 1 ? 1 : 0), 0);
