/**
 * How much accounts reach: an account that is taken over changes its packages, and with them all that depend on these. Counts only:
 * nothing here says which person it is, and nothing orders persons. Teams may be named, because they are roles.
 */
import type { PeopleExposure } from "../model/exposure.ts";
import { byCodeUnit } from "../model/canonical.ts";
import { concentration } from "./concentration.ts";
import { coverGreedily } from "./cover.ts";
import { reversed } from "./csr.ts";
import { type Accounts, type ExposureGraph, rowOf } from "./exposure-graph.ts";
import { searching } from "./search.ts";

/** Thresholds that the literature on npm uses (Zimmermann et al. 2019), and a tenth and a hundredth of them. */
const THRESHOLDS: readonly number[] = [100, 1_000, 10_000];
/** Accounts taken together. */
const TOGETHER: readonly number[] = [1, 5, 20];
/** Teams that are shown. */
const TEAMS = 10;

/** null where the graph does not know its accounts. */
export function peopleExposure(graph: ExposureGraph): PeopleExposure | null {
  const { accounts, first } = graph;
  if (accounts === null) return null;
  const n = first.n;
  const dependents = searching(reversed(first));
  const owning = Array.from({ length: accounts.count }, (_, account) => account).filter(
    (account) => rowOf(accounts.owns, account).length > 0,
  );
  const reach = Int32Array.from(owning, (account) => dependents.from(rowOf(accounts.owns, account)).length);
  const { mean, median, p95, max } = concentration(reach);
  const most = Math.max(...TOGETHER);
  const together = coverGreedily(
    owning.length,
    (index) => dependents.from(rowOf(accounts.owns, owning[index]!)),
    n,
    Math.min(most, owning.length),
    reach,
  );
  const byNode = ownersOf(accounts, n);
  const individual = (index: number): number => 1 - accounts.isTeam[owning[index]!]!;
  return {
    accounts: owning.length,
    teams: owning.reduce((count, account) => count + accounts.isTeam[account]!, 0),
    reach: { mean, median, p95, max },
    atLeast: THRESHOLDS.map((packages) => ({
      packages,
      accounts: reach.reduce((count, value) => count + (value >= packages ? 1 : 0), 0),
      individuals: reach.reduce((count, value, index) => count + (value >= packages ? individual(index) : 0), 0),
    })),
    reachHalf: reach.reduce((count, value) => count + (value >= n / 2 ? 1 : 0), 0),
    together: TOGETHER.flatMap((accountCount) => {
      const step = together.steps[accountCount - 1];
      return step === undefined ? [] : [{ accounts: accountCount, packages: step.total }];
    }),
    trusted: trusted(graph, byNode, accounts.count),
    single: byNode.reduce((count, owners) => count + (owners.length === 1 ? 1 : 0), 0),
    teamsByReach: owning
      .flatMap((account, index) => {
        const team = accounts.teams[account] ?? "";
        return team === "" ? [] : [{ team, packages: rowOf(accounts.owns, account).length, reach: reach[index]! }];
      })
      .toSorted((a, b) => b.reach - a.reach || byCodeUnit(a.team, b.team))
      .slice(0, TEAMS),
  };
}

function ownersOf(accounts: Accounts, n: number): readonly number[][] {
  const owners: number[][] = Array.from({ length: n }, () => []);
  for (let account = 0; account < accounts.count; account++) for (const node of rowOf(accounts.owns, account)) owners[node]!.push(account);
  return owners;
}

/** Distinct accounts behind what each package trusts; its own accounts count only where they own something of that, too. */
function trusted(graph: ExposureGraph, owners: readonly (readonly number[])[], count: number): PeopleExposure["trusted"] {
  const { first } = graph;
  const below = searching(first);
  const seen = new Int32Array(count).fill(-1);
  const start = new Int32Array(1);
  const counts = new Int32Array(first.n);
  for (let node = 0; node < first.n; node++) {
    start[0] = node;
    const closure = below.from(start);
    for (let at = 1; at < closure.length; at++) {
      for (const account of owners[closure[at]!]!) {
        if (seen[account] === node) continue;
        seen[account] = node;
        counts[node]!++;
      }
    }
  }
  const { mean, median, max } = concentration(counts);
  return { mean, median, max };
}
