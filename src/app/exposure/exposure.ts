/** The use cases of `tributary exposure`: the whole picture, several side by side, what-if, cascades, and what to work on first. */
import { resolve } from "node:path";
import { boundedReach } from "../../graph/bounded-reach.ts";
import { cascade, stillExposed } from "../../graph/cascade.ts";
import { reversed } from "../../graph/csr.ts";
import type { ExposureGraph } from "../../graph/exposure-graph.ts";
import { type Family, familyExposures, mergeFamilies, readFamilies } from "../../graph/families.ts";
import { type Measures, exposureOf, measure, nodeExposure } from "../../graph/measure.ts";
import { searching } from "../../graph/search.ts";
import { selectToDuplicate, selectToProtect } from "../../graph/select.ts";
import { removing } from "../../graph/uninstallable.ts";
import { whatIfs } from "../../graph/what-if.ts";
import { readInputFile } from "../../inventory/index.ts";
import {
  type Cascade,
  type Change,
  type Exposure,
  type ExposureTrend,
  Fault,
  type NodeExposure,
  type Selection,
  type WhatIf,
  byCodeUnit,
} from "../../model/index.ts";

export interface Exposed {
  readonly exposure: Exposure;
  readonly graph: ExposureGraph;
  readonly measures: Measures;
  /** Where several graphs were given, in their order. */
  readonly trend?: ExposureTrend;
}

export interface ExposeOptions {
  readonly top?: number;
  readonly families?: readonly Family[];
  /** By graph, where they were computed before. */
  readonly measures?: readonly Measures[];
}

/** Changes between the first and the last graph that are shown. */
const CHANGES = 50;

/** Of those leaned on most, and of those that alternatives relieve most: for how many it is said exactly what could not be installed without them. */
const JUDGED = 10;

function judged({ top, alternativesWork }: Exposure): readonly NodeExposure[] {
  const nodes = [...top.slice(0, JUDGED), ...alternativesWork.slice(0, JUDGED)];
  return nodes.filter(({ name }, at) => nodes.findIndex((node) => node.name === name) === at);
}

/** The picture of the last graph, and the trend over all of them where there are several. */
export function expose(graphs: readonly ExposureGraph[], options: ExposeOptions = {}): Exposed {
  if (graphs.length === 0) throw new RangeError("at least one graph is looked at");
  const points = graphs.map((graph, place) => {
    const measures = options.measures?.[place] ?? measure(graph, { reach: boundedReach });
    const families = familyExposures(graph, options.families);
    const exposure = exposureOf(graph, { families, ...(options.top === undefined ? {} : { top: options.top }) }, measures);
    const exact = removing(graph, measures);
    return {
      graph,
      measures,
      exposure: exact === null ? exposure : { ...exposure, installability: exact.picture(judged(exposure)) },
    };
  });
  const last = points.at(-1)!;
  return points.length === 1 ? last : { ...last, trend: trendOf(points) };
}

function trendOf(points: readonly Exposed[]): ExposureTrend {
  const ids = points.map(({ graph }) => new Map(graph.names.map((name, id) => [name, id])));
  const at = (point: number, name: string): NodeExposure | null => {
    const id = ids[point]!.get(name);
    const { graph, measures } = points[point]!;
    return id === undefined ? null : nodeExposure(graph, measures, id);
  };
  const last = points.length - 1;
  const changes = [...new Set([...points[0]!.graph.names, ...points[last]!.graph.names])].map((name) => {
    const [before, after] = [at(0, name), at(last, name)];
    // An alternative is lost where what could be done without it no longer can: hard reach rose by more than reach did.
    const lost =
      before !== null && after !== null && (before.substitutability ?? 0) - (after.substitutability ?? 0) > 0.1 && after.hard > before.hard;
    return { name, weight: Math.abs((after?.share ?? 0) - (before?.share ?? 0)), lost };
  });
  const shown = changes
    .toSorted((a, b) => Number(b.lost) * b.weight - Number(a.lost) * a.weight || b.weight - a.weight || byCodeUnit(a.name, b.name))
    .slice(0, CHANGES);
  return {
    schemaVersion: "1.0",
    points: points.map(({ exposure }) => ({
      graph: exposure.graph,
      concentration: exposure.concentration,
      pImpact: exposure.pImpact,
      core: exposure.core,
    })),
    changes: shown
      .filter(({ weight }) => weight > 0)
      .map(({ name, lost }) => ({ name, points: points.map((_, point) => at(point, name)), lostAlternative: lost })),
  };
}

/** The standard families, and the user's own beside or in place of them. */
export function familiesFrom(file: string | undefined, cwd: string): readonly Family[] | undefined {
  if (file === undefined) return undefined;
  return mergeFamilies(readFamilies(readInputFile(resolve(cwd, file), file).text, file));
}

/**
 * The names that a word means in a graph: the name itself, or all releases of the package (`ms` means `ms@2.0.0` and `ms@2.1.3`). A name that
 * is nowhere stays as it is: the question then says what there is.
 */
export function namesOf(graph: ExposureGraph, word: string): readonly string[] {
  if (graph.names.includes(word)) return [word];
  const releases = graph.names.filter((name) => name.startsWith(`${word}@`) && !name.slice(word.length + 1).includes("@"));
  return releases.length === 0 ? [word] : releases.toSorted(byCodeUnit);
}

function oneName(graph: ExposureGraph, word: string): string {
  const names = namesOf(graph, word);
  if (names.length > 1)
    throw new Fault("cli/usage", `${word} means several releases in ${graph.about.name}`, {
      hint: `name one: ${names.slice(0, 5).join(", ")}`,
    });
  return names[0] ?? word;
}

/** A change with its words made names of the graph. */
function changeIn(graph: ExposureGraph, change: Change): Change {
  switch (change.kind) {
    case "remove":
    case "merge":
      return { ...change, packages: change.packages.flatMap((word) => namesOf(graph, word)) };
    case "replace":
    case "add-alternative":
      return { ...change, package: oneName(graph, change.package), by: oneName(graph, change.by) };
    case "pin":
      return { ...change, package: oneName(graph, change.package), by: change.by.flatMap((word) => namesOf(graph, word)) };
    case "lose-account":
    case "lose-platform":
      return change;
  }
}

/** Answers one change. Throws `cli/usage` for names that are not in the graph. */
export function whatIf(graph: ExposureGraph, change: Change, measures: Measures = measure(graph, { reach: boundedReach })): WhatIf {
  const asked = changeIn(graph, change);
  const answer = whatIfs(graph, measures)(asked);
  const exact = asked.kind === "remove" ? removing(graph, measures) : null;
  return exact === null ? answer : { ...answer, uninstallable: exact.without(answer.hit) };
}

export interface CascadeRequest {
  readonly packages: readonly string[];
  readonly transmission: number;
  readonly correlation: number;
  readonly runs: number;
  readonly seed: number;
}

/** Days after a fix for which the remaining exposure is given. */
const LAG_DAYS: readonly number[] = [7, 30, 90, 180, 365];

export function runCascade(graph: ExposureGraph, request: CascadeRequest): Cascade {
  const names = request.packages.flatMap((word) => namesOf(graph, word));
  const starts = names.map((name) => {
    const id = graph.names.indexOf(name);
    if (id === -1) {
      const near = graph.names.filter((other) => other.includes(name)).slice(0, 5);
      throw new Fault(
        "cli/usage",
        `there is no package ${name} in ${graph.about.name}`,
        near.length === 0 ? {} : { hint: `there is ${near.join(", ")}` },
      );
    }
    return id;
  });
  const { transmission, correlation, runs, seed } = request;
  const { hit } = cascade(graph.first, starts, { transmission, correlation, runs, seed });
  const up = searching(reversed(graph.first));
  const reached = up.from(starts).length - starts.length;
  const waves: number[] = [];
  for (const distance of up.distances()) if (distance > 0) waves[distance - 1] = (waves[distance - 1] ?? 0) + 1;
  return {
    schemaVersion: "1.0",
    graph: graph.about,
    starts: names,
    transmission,
    correlation,
    runs,
    seed,
    hit,
    reach: reached,
    stillExposed: stillExposed(waves, LAG_DAYS),
  };
}

export function choose(
  graph: ExposureGraph,
  goal: Selection["goal"],
  k: number,
  measures: Measures = measure(graph, { reach: boundedReach }),
): Selection {
  return goal === "protect" ? selectToProtect(graph, k, measures) : selectToDuplicate(graph, k, measures);
}
