/**
 * One graph with all that the exposure questions need: the three readings of "depends on", and beside them the layers that a package
 * manager's own graph does not show: what builds ask for, which accounts can change a package, and on which platform it is built.
 */
import type { GraphDescription } from "../model/exposure.ts";
import { type Graph, edgeCount, graphOf } from "./csr.ts";
import type { DebianSuite } from "./debian.ts";
import type { Clauses } from "./hard.ts";
import type { Constraints } from "./installing.ts";

/** Sources, and what their builds ask for. */
interface Builds {
  /** By source. */
  readonly names: readonly string[];
  /** By package: its source. */
  readonly of: Int32Array;
  /** Packages that a source's build asks for (first rule): rows are sources. */
  readonly asks: Rows;
  /** How many of the sources are known by more than their name. */
  readonly indexed: number;
}

/** Accounts that can change packages. Names are kept for teams only. */
export interface Accounts {
  readonly count: number;
  /** Packages by account. */
  readonly owns: Rows;
  readonly isTeam: Uint8Array;
  /** "" for all that are no lists. */
  readonly teams: readonly string[];
  readonly keys: readonly string[];
}

/** Platforms that build packages. */
export interface Builders {
  readonly names: readonly string[];
  /** By package; -1 where it is not known. */
  readonly of: Int32Array;
}

/** Lists of numbers side by side: row r stands in `values` from `offsets[r]` to `offsets[r + 1]`. */
export interface Rows {
  readonly offsets: Int32Array;
  readonly values: Int32Array;
}

export interface ExposureGraph {
  readonly about: GraphDescription;
  /** By node, in bytewise order where the graph is ours to number. */
  readonly names: readonly string[];
  readonly first: Graph;
  readonly all: Graph;
  readonly clauses: Clauses;
  /** What installing.ts needs to say exactly what cannot be installed; null where only clauses are known. */
  readonly constraints: Constraints | null;
  /** What belongs to the user and is not open source taken in: a project's own packages. Ascending. */
  readonly roots: Int32Array;
  readonly builds: Builds | null;
  readonly accounts: Accounts | null;
  readonly builders: Builders | null;
}

export function rowsOf(lists: readonly ArrayLike<number>[]): Rows {
  const offsets = new Int32Array(lists.length + 1);
  lists.forEach((list, row) => (offsets[row + 1] = offsets[row]! + list.length));
  const values = new Int32Array(offsets[lists.length]!);
  lists.forEach((list, row) => values.set(list, offsets[row]!));
  return { offsets, values };
}

export const rowOf = (rows: Rows, row: number): Int32Array => rows.values.subarray(rows.offsets[row]!, rows.offsets[row + 1]!);

/** Where every edge is a must: a clause for each. */
export function clausesOfEdges(graph: Graph): Clauses {
  const { n, offsets, targets } = graph;
  const owner = new Int32Array(targets.length);
  for (let u = 0; u < n; u++) owner.fill(u, offsets[u]!, offsets[u + 1]!);
  return { n, owner, offsets: Int32Array.from({ length: targets.length + 1 }, (_, at) => at), satisfiers: targets };
}

/** What a Debian graph leaves out, read by name and with versions. */
const DEBIAN_NOT_MODELLED: readonly string[] = [
  "Conflicts and Breaks: two alternatives that exclude each other count as two (--versions reads them)",
  "version relations and versioned Provides: any version satisfies (--versions reads them)",
  "Recommends and Suggests",
];
const VERSIONS_NOT_MODELLED: readonly string[] = [
  "Conflicts and Breaks in first, all and hard reach: only what cannot be installed knows them, and Essential packages",
  "older versions of a name: the highest one stands for it",
  "versions in build relations",
  "Recommends and Suggests",
];

/** The exposure graph of a Debian suite. */
export function exposureOfDebian(
  suite: DebianSuite,
  about: Pick<GraphDescription, "name" | "inputs"> & { readonly essential: boolean },
): ExposureGraph {
  const { sources } = suite;
  const n = suite.names.length;
  return {
    about: {
      name: about.name,
      kind: "debian",
      inputs: about.inputs,
      nodes: n,
      edges: { first: edgeCount(suite.first), all: edgeCount(suite.all) },
      clauses: suite.clauses.owner.length,
      unsatisfiable: suite.unsatisfiable,
      dropped: { selfLoops: 0, duplicates: 0, dangling: suite.badTerms },
      essential: { count: suite.essential.length, asEdges: about.essential },
      ...(suite.constraints === null ? {} : { versions: { conflicts: suite.constraints.conflicts.values.length / 2 } }),
      layers: { builds: sources !== null, accounts: sources !== null, builders: false },
      notModelled: [
        ...(suite.constraints === null ? DEBIAN_NOT_MODELLED : VERSIONS_NOT_MODELLED),
        ...(about.essential || suite.constraints !== null
          ? []
          : ["Essential packages, which everything needs without saying so (--essential makes them edges)"]),
        ...(sources === null ? ["builds and people: the index of sources was not given"] : []),
      ],
    },
    names: suite.names,
    first: suite.first,
    all: suite.all,
    clauses: suite.clauses,
    constraints: suite.constraints,
    roots: new Int32Array(0),
    builds: sources === null ? null : { names: sources.names, of: sources.of, asks: rowsOf(sources.build), indexed: sources.indexed },
    accounts: sources === null ? null : accountsOf(sources.of, sources),
    builders: null,
  };
}

function accountsOf(sourceOf: Int32Array, sources: NonNullable<DebianSuite["sources"]>): Accounts {
  const owns: number[][] = Array.from({ length: sources.people }, () => []);
  sourceOf.forEach((source, binary) => {
    // A source that stands in no index has no known people.
    for (const person of sources.peopleOf[source] ?? []) owns[person]!.push(binary);
  });
  return { count: sources.people, owns: rowsOf(owns), isTeam: sources.isTeam, teams: sources.teams, keys: sources.keys };
}

/**
 * Binaries and sources in one graph: package -> what it asks for (first), package -> its source, source -> what its build asks for.
 * Packages come first. In it "reaches" means "has to be trusted, directly or through somebody's build". null without builds.
 */
export function trustGraphOf(graph: ExposureGraph): Graph | null {
  const { builds, first } = graph;
  if (builds === null) return null;
  const { n, offsets, targets } = first;
  const count = targets.length + n + builds.asks.values.length;
  const from = new Int32Array(count);
  const to = new Int32Array(count);
  let filled = 0;
  for (let u = 0; u < n; u++) {
    for (let at = offsets[u]!; at < offsets[u + 1]!; at++) {
      from[filled] = u;
      to[filled++] = targets[at]!;
    }
    from[filled] = u;
    to[filled++] = n + builds.of[u]!;
  }
  const { asks } = builds;
  for (let source = 0; source + 1 < asks.offsets.length; source++) {
    for (let at = asks.offsets[source]!; at < asks.offsets[source + 1]!; at++) {
      from[filled] = n + source;
      to[filled++] = asks.values[at]!;
    }
  }
  return graphOf(n + builds.names.length, from, to);
}

/** Direct dependents (first), by node. */
export function directDependents(graph: Graph): Int32Array {
  const direct = new Int32Array(graph.n);
  for (const target of graph.targets) direct[target]!++;
  return direct;
}
