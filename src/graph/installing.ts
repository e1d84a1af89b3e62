/**
 * What can be installed, exactly: requirements with their alternatives, pairs that exclude each other, and essential packages, which stand in
 * every installation. A package *cannot be installed* when no set of packages holds it and all essential ones, meets every requirement of its
 * members and has no excluded pair among them. In general that is as hard as any puzzle (Di Cosmo and others, EDOS 2006); distributions are
 * kind, and solver.ts needs milliseconds where it is asked about few.
 *
 *     gone ──> who could reach one of them by any alternative?   all others stand as before
 *          ──> what falls by requirements alone                  the solver's own first step
 *          ──> one installation, grown as long as it can be      shows most of the rest to stand
 *          ──> a search for each that is left                    proves the others
 */
import { type Graph, reversed } from "./csr.ts";
import type { Rows } from "./exposure-graph.ts";

import type { Clauses } from "./hard.ts";
import { searching } from "./search.ts";
import { solverOf } from "./solver.ts";

/** What a graph knows beyond its clauses. */
export interface Constraints {
  /** By package: those that cannot stand beside it. Both ways, ascending, without itself. */
  readonly conflicts: Rows;
  /** Packages with a requirement that nothing satisfies. Ascending. */
  readonly unsatisfied: Int32Array;
  /** Packages that stand in every installation. Ascending. */
  readonly essential: Int32Array;
}

export interface Installability {
  /** Who cannot be installed, those that are gone left out. Ascending. */
  readonly broken: Int32Array;
  /** Those of `broken` that fall by requirements alone; the others by what excludes what, or with an essential package. Ascending. */
  readonly byRequirements: Int32Array;
  /** The essential package that cannot stand, or -1. Where one falls, nothing can be installed. */
  readonly essential: number;
  /** The essential packages exclude each other, or cannot all be had at once, though each could alone. */
  readonly essentialsClash: boolean;
  /** For whom the search was given up: neither "can" nor "cannot". Ascending. */
  readonly undecided: Int32Array;
}

/** Prepares a graph for questions; `without([])` says what cannot be installed as it is. `all` is the graph of every alternative. */
export function installing(
  graph: { readonly first: Graph; readonly all: Graph; readonly clauses: Clauses },
  constraints: Constraints,
  limits: { readonly mostConflicts?: number } = {},
): { readonly without: (gone: ArrayLike<number>) => Installability } {
  const { n } = graph.all;
  const solver = solverOf({
    variables: n,
    owner: graph.clauses.owner,
    offsets: graph.clauses.offsets,
    satisfiers: preferred(graph.clauses, graph.first),
    conflicts: constraints.conflicts,
    never: constraints.unsatisfied,
    ...limits,
  });
  const up = searching(reversed(graph.all));
  const isEssential = new Uint8Array(n);
  for (const node of constraints.essential) isEssential[node] = 1;
  /** Who could not be shown to stand as it is. */
  let doubtful: readonly number[] | null = null;

  const everything = (isGone: Uint8Array, essential: number, byRequirements: readonly number[]): Installability => ({
    broken: Int32Array.from({ length: n }, (_, node) => node).filter((node) => isGone[node] === 0),
    byRequirements: Int32Array.from(byRequirements),
    essential,
    essentialsClash: essential === -1,
    undecided: EMPTY,
  });

  /** Decides about `open`, given that all that is gone and all essential packages were assumed. */
  const decide = (open: readonly number[], base: number, goneLevel: number): Installability => {
    const broken: number[] = [];
    const undecided: number[] = [];
    const byRequirements: number[] = [];
    let pending = open;
    while (pending.length > 0) {
      solver.back(base);
      const later: number[] = [];
      let grown = false;
      for (const node of pending) {
        const value = solver.value(node);
        if (value === 1) continue;
        if (value === -1 && solver.levelOf(node) <= base) {
          broken.push(node);
          // What essential packages exclude is settled here as well, one assumption later.
          if (solver.levelOf(node) <= goneLevel) byRequirements.push(node);
        } else if (grown) {
          if (!solver.add(node)) later.push(node);
        } else {
          const found = solver.assume(node, true) ? solver.search(solver.level()) : "no";
          if (found === "yes") {
            grown = true;
            continue;
          }
          (found === "no" ? broken : undecided).push(node);
          solver.back(base);
        }
      }
      pending = later;
    }
    return { ...NOTHING, broken: ascending(broken), byRequirements: ascending(byRequirements), undecided: ascending(undecided) };
  };

  const without = (gone: ArrayLike<number>): Installability => {
    const isGone = new Uint8Array(n);
    for (let i = 0; i < gone.length; i++) isGone[gone[i]!] = 1;
    const reach = up.from(gone);
    // An essential package that may fall may take everything along; one that is gone itself is not asked for any more, which may even help.
    const wide = doubtful === null || reach.some((node) => isEssential[node] === 1);
    const open = wide
      ? Array.from({ length: n }, (_, node) => node)
      : [...new Set([...reach, ...(doubtful ?? [])])].toSorted((a, b) => a - b);

    solver.reset();
    for (let i = 0; i < gone.length; i++) solver.assume(gone[i]!, false);
    const goneLevel = solver.level();
    for (const node of constraints.essential) {
      if (isGone[node] === 1 || solver.value(node) !== -1) continue;
      const fallen: number[] = [];
      for (let one = 0; one < n; one++) if (isGone[one] === 0 && solver.value(one) === -1) fallen.push(one);
      return everything(isGone, node, fallen);
    }
    for (const node of constraints.essential) {
      if (isGone[node] === 0 && !solver.assume(node, true)) return everything(isGone, -1, []);
    }
    const base = solver.level();
    const found = solver.search(base);
    if (found === "no") return everything(isGone, -1, []);
    const remaining = open.filter((node) => isGone[node] === 0);
    if (found === "gave-up") return { ...NOTHING, undecided: Int32Array.from(remaining) };
    return decide(remaining, base, goneLevel);
  };
  const asIs = without([]);
  doubtful = [...asIs.broken, ...asIs.undecided];
  return { without };
}

const EMPTY = new Int32Array(0);
const NOTHING: Installability = { broken: EMPTY, byRequirements: EMPTY, essential: -1, essentialsClash: false, undecided: EMPTY };

const ascending = (nodes: readonly number[]): Int32Array => Int32Array.from(nodes).toSorted();

/** The satisfiers of each clause with the one first that a fresh installation would take. */
function preferred({ owner, offsets, satisfiers }: Clauses, first: Graph): Int32Array {
  const ordered = satisfiers.slice();
  for (let clause = 0; clause < owner.length; clause++) {
    const who = owner[clause]!;
    const row = first.targets.subarray(first.offsets[who], first.offsets[who + 1]);
    for (let at = offsets[clause]! + 1; at < offsets[clause + 1]!; at++) {
      if (!row.includes(ordered[at]!)) continue;
      const one = ordered[at]!;
      ordered.copyWithin(offsets[clause]! + 1, offsets[clause]!, at);
      ordered[offsets[clause]!] = one;
      break;
    }
  }
  return ordered;
}
