/**
 * What if: a package goes, is replaced, gets an alternative, is pinned, merged with others; an account or a build platform is lost. Each
 * answer is one or two searches over the graph as it is, with the change laid over it (world.ts), so that it comes at once.
 */
import type { Change, ExposurePath, Impact, NodeChange, WhatIf } from "../model/exposure.ts";
import { byCodeUnit } from "../model/canonical.ts";
import { Fault } from "../model/fault.ts";
import { accountKey } from "./accounts.ts";
import { reversed } from "./csr.ts";
import { type ExposureGraph, rowOf } from "./exposure-graph.ts";
import { failing } from "./hard.ts";
import { type Measures, measure, substitutability } from "./measure.ts";
import { searching } from "./search.ts";
import { type World, merged, replaced, sameWorld, withAlternative } from "./world.ts";

export interface WhatIfOptions {
  /** Names that are listed of those hit. */
  readonly names?: number;
  /** Ways that are shown. */
  readonly paths?: number;
  /** Alterations that are listed. */
  readonly changes?: number;
}

const DEFAULT_NAMES = 20;
const DEFAULT_PATHS = 5;
const DEFAULT_CHANGES = 20;

/**
 * Prepares a graph for questions and returns what answers them. `measures` spares the second count of everything.
 * The answering function throws `cli/usage` where a name is not in the graph, with the nearest ones as hint.
 */
export function whatIfs(graph: ExposureGraph, measures: Measures = measure(graph)): (change: Change, options?: WhatIfOptions) => WhatIf {
  const { names, first } = graph;
  const n = first.n;
  const say = (count: number): string => `${count} of ${n} packages`;
  const ids = new Map(names.map((name, id) => [name, id]));
  const up = searching(reversed(first));
  const upAll = graph.all === first ? up : searching(reversed(graph.all));
  const down = graph.all === first ? searching(first) : searching(graph.all);
  const upRows = reversed(first);
  const falling = failing(graph.clauses);
  const total = measures.hard.reduce((sum, value) => sum + value, 0);
  // Where a node stands in the answer to a search: valid for the nodes of that answer only.
  const place = new Int32Array(n);
  const isRoot = new Uint8Array(n);
  for (const root of graph.roots) isRoot[root] = 1;

  const node = (name: string): number => {
    const id = ids.get(name);
    if (id !== undefined) return id;
    const near = names.filter((other) => other.includes(name)).slice(0, 5);
    throw new Fault(
      "cli/usage",
      `there is no package ${name} in ${graph.about.name}`,
      near.length === 0 ? {} : { hint: `there is ${near.join(", ")}` },
    );
  };
  const byWeight = (a: number, b: number): number => measures.first[b]! - measures.first[a]! || byCodeUnit(names[a]!, names[b]!);

  const impact = (hit: Int32Array, distances: Int32Array, starts: number, most: number): Impact => {
    const others = hit.subarray(starts);
    const waves: number[] = [];
    for (const distance of distances.subarray(starts)) {
      if (distance > 0) waves[distance - 1] = (waves[distance - 1] ?? 0) + 1;
    }
    return {
      count: others.length,
      share: n === 0 ? 0 : others.length / n,
      names: topOf(others, byWeight, most).map((one) => names[one]!),
      waves: Array.from(waves, (count) => count ?? 0),
      roots: Array.from(
        others.filter((one) => isRoot[one] === 1),
        (one) => names[one]!,
      ).toSorted(byCodeUnit),
    };
  };
  const breaksFrom = (starts: readonly number[], most: number, world?: World): Impact => {
    falling.fail(starts, world);
    return impact(falling.order(), falling.rounds(), starts.length, most);
  };
  const exposedFrom = (starts: readonly number[], most: number, world?: World): Impact =>
    impact(up.from(starts, world), up.distances(), starts.length, most);

  /** Shortest ways down from those that are hit to what hit them: the roots first, then the most leaned on. */
  const waysTo = (starts: readonly number[], most: number, beyond: readonly string[] = []): readonly ExposurePath[] => {
    const order = up.from(starts);
    const parents = up.parents();
    order.forEach((one, at) => (place[one] = at));
    const shown = topOf(order.subarray(starts.length), (a, b) => isRoot[b]! - isRoot[a]! || byWeight(a, b), most);
    return shown.map((one) => {
      const path: string[] = [];
      for (let at: number = one; at !== -1; at = parents[place[at]!]!) path.push(names[at]!);
      path.push(...beyond);
      return path;
    });
  };

  type Figures = NodeChange["before"];
  const before = (one: number): Figures => ({
    first: measures.first[one]!,
    all: measures.all[one]!,
    hard: measures.hard[one]!,
    direct: measures.direct[one]!,
    share: measures.first[one]! / n,
    substitutability: substitutability(measures.all[one]!, measures.hard[one]!),
  });
  const countIn = (one: number, world: World, direct: number): Figures => {
    // What has become one counts as one start: none of its parts is another's dependent.
    const starts = [one, ...(world.together.get(one) ?? [])];
    const others = starts.length;
    const reachFirst = up.from(starts, world).length - others;
    const reachAll = upAll.from(starts, world).length - others;
    const hard = falling.fail(starts, world);
    return { first: reachFirst, all: reachAll, hard, direct, share: reachFirst / n, substitutability: substitutability(reachAll, hard) };
  };

  /**
   * Only what the changed packages stand on can be hit less, or more, than before: a failure elsewhere never comes by them. So the sum of
   * hard reach changes by theirs alone.
   */
  const compare = (changed: readonly number[], world: World, inFirst: World, most: number): Pick<WhatIf, "changes" | "expectedDamage"> => {
    const touched = down.from(changed);
    const directs = directsIn(changed, inFirst);
    let delta = 0;
    const changes: NodeChange[] = [];
    for (const one of touched) {
      const hard = falling.fail([one, ...(world.together.get(one) ?? [])], world);
      delta += hard - measures.hard[one]!;
      const was = before(one);
      const others = inFirst.together.get(one) ?? [];
      const reachFirst = inFirst === sameWorld ? was.first : up.from([one, ...others], inFirst).length - 1 - others.length;
      if (hard === was.hard && reachFirst === was.first) continue;
      const figures = countIn(one, world, directs.get(one) ?? was.direct);
      changes.push({ name: names[one]!, before: was, after: { ...figures, first: reachFirst, share: reachFirst / n } });
    }
    return {
      expectedDamage: { before: total, after: total + delta },
      changes: changes.toSorted((a, b) => alteration(b) - alteration(a) || byCodeUnit(a.name, b.name)).slice(0, most),
    };
  };
  const directsIn = (changed: readonly number[], world: World): ReadonlyMap<number, number> => {
    const direct = new Map<number, number>();
    for (const one of changed) {
      const rows = world.standsFor.get(one) ?? [one, ...(world.together.get(one) ?? [])];
      const dependents = new Set<number>();
      for (const row of rows) for (let at = upRows.offsets[row]!; at < upRows.offsets[row + 1]!; at++) dependents.add(upRows.targets[at]!);
      for (const row of [one, ...rows]) dependents.delete(row);
      direct.set(one, dependents.size);
    }
    return direct;
  };

  return (change, options = {}) => {
    const most = options.names ?? DEFAULT_NAMES;
    const ways = options.paths ?? DEFAULT_PATHS;
    const rows = options.changes ?? DEFAULT_CHANGES;
    const base = { schemaVersion: "1.0" as const, graph: graph.about, change, built: null, expectedDamage: null, changes: [] };
    switch (change.kind) {
      case "remove": {
        const starts = [...new Set(change.packages.map(node))];
        const breaks = breaksFrom(starts, most);
        const exposed = exposedFrom(starts, most);
        return {
          ...base,
          hit: starts.map((one) => names[one]!),
          answer: `Without ${change.packages.join(", ")}, ${say(breaks.count)} cannot stand; ${say(exposed.count)} carry it.`,
          breaks,
          exposed,
          changes: starts.map((one) => ({ name: names[one]!, before: before(one), after: null })).slice(0, rows),
          paths: waysTo(starts, ways),
          assumptions: ["Everyone is hit at once, and nobody repairs or replaces anything."],
        };
      }
      case "replace": {
        const [of, by] = [node(change.package), node(change.by)];
        if (of === by) throw new Fault("cli/usage", "a package cannot be replaced by itself");
        const world = replaced(of, by);
        const users = exposedFrom([of], most);
        return {
          ...base,
          hit: [names[of]!, names[by]!],
          answer: `With ${change.by} in the place of ${change.package}, ${say(breaksFrom([by], 0, world).count)} stand on it and fall with it; ${change.package} holds up nobody any more.`,
          breaks: breaksFrom([by], most, world),
          exposed: exposedFrom([by], most, world),
          ...compare([of, by], world, world, rows),
          paths: waysTo([of], ways),
          assumptions: [
            `Every one of the ${users.waves[0] ?? 0} that ask for ${change.package} can use ${change.by}.`,
            "A single point moves by this; it does not go away.",
          ],
        };
      }
      case "add-alternative": {
        const [of, by] = [node(change.package), node(change.by)];
        if (of === by) throw new Fault("cli/usage", "a package is no alternative to itself");
        const world = withAlternative(of, by);
        const breaks = breaksFrom([of], most, world);
        return {
          ...base,
          hit: [names[of]!],
          answer: `With ${change.by} as an alternative, ${say(breaks.count)} fall when ${change.package} is gone, instead of ${measures.hard[of]!}; whoever has it installed stays exposed to it.`,
          breaks,
          exposed: exposedFrom([of], most),
          // A fresh installation still takes the first alternative: exposure does not change by there being another.
          ...compare([of], world, sameWorld, rows),
          paths: waysTo([of], ways),
          assumptions: [
            `Everyone who asks for ${change.package} works with ${change.by} as well.`,
            "The two fail independently. Programs for one specification share faults (Knight and Leveson 1986): the gain is an upper bound.",
          ],
        };
      }
      case "pin": {
        const of = node(change.package);
        const pinned = change.by.length === 0 ? null : new Set(change.by.map(node));
        const direct = Array.from(upRows.targets.subarray(upRows.offsets[of]!, upRows.offsets[of + 1]!));
        const open = pinned === null ? [] : direct.filter((one) => !pinned.has(one));
        const order = up.from(open);
        const others = order.filter((one) => one !== of);
        const distances = up
          .distances()
          .filter((_, at) => order[at] !== of)
          .map((distance) => distance + 1);
        const exposed = impact(others, distances, 0, most);
        const after = { ...before(of), first: exposed.count, share: exposed.count / n, direct: open.length };
        return {
          ...base,
          hit: [names[of]!],
          answer: `A new release of ${change.package} reaches ${say(exposed.count)} at once, instead of ${measures.first[of]!}; fixes reach as few.`,
          breaks: { count: 0, share: 0, names: [], waves: [], roots: [] },
          exposed,
          changes: [{ name: names[of]!, before: before(of), after }],
          paths: open.length === 0 ? [] : waysTo(open, ways, [names[of]!]),
          assumptions: [
            "A pin keeps new releases away until somebody moves it; what is installed already stays as it is, flaws included.",
            pinned === null
              ? "All that ask for it pin it."
              : `${direct.length - open.length} of the ${direct.length} that ask for it pin it.`,
          ],
        };
      }
      case "merge": {
        const parts = [...new Set(change.packages.map(node))];
        if (parts.length < 2) throw new Fault("cli/usage", "merging takes two packages or more");
        const world = merged(parts);
        const breaks = breaksFrom(parts, most, world);
        return {
          ...base,
          hit: parts.map((one) => names[one]!),
          answer: `As one, ${change.packages.join(" and ")} hold up ${say(breaks.count)}; the largest of them alone held ${parts.reduce((max, one) => Math.max(max, measures.hard[one]!), 0)}.`,
          breaks,
          exposed: exposedFrom(parts, most, world),
          ...compare(parts, world, world, rows),
          paths: waysTo(parts, ways),
          assumptions: ["What becomes one fails as one, and clauses that named several of them lose their alternatives."],
        };
      }
      case "lose-account": {
        const { accounts } = graph;
        if (accounts === null) throw new Fault("cli/usage", `${graph.about.name} does not say who looks after its packages`);
        const key = accountKey(change.account);
        const account = accounts.keys.findIndex(
          (one, at) => one === key || (accounts.teams[at] !== "" && accounts.teams[at] === change.account),
        );
        if (account === -1)
          throw new Fault("cli/usage", `no account in ${graph.about.name} is called that`, {
            hint: "give a team's name, or the whole address",
          });
        const owned = Array.from(rowOf(accounts.owns, account));
        const breaks = breaksFrom(owned, most);
        const exposed = exposedFrom(owned, most);
        return {
          ...base,
          hit: owned
            .toSorted(byWeight)
            .slice(0, most)
            .map((one) => names[one]!),
          answer: `The account can change ${owned.length} packages; with them ${say(owned.length + exposed.count)} are exposed, and ${say(owned.length + breaks.count)} could not stand without them.`,
          breaks,
          exposed,
          paths: waysTo(owned, ways),
          assumptions: [
            "The account is taken over and every package it may change is changed. This says how much a role carries, not how likely that is.",
          ],
        };
      }
      case "lose-platform":
        return platform(change, base, most, ways);
    }
  };

  function platform(
    change: Extract<Change, { kind: "lose-platform" }>,
    base: Pick<WhatIf, "schemaVersion" | "graph" | "change" | "built" | "expectedDamage" | "changes">,
    most: number,
    ways: number,
  ): WhatIf {
    const { builders, builds } = graph;
    const builder = builders?.names.indexOf(change.platform) ?? -1;
    let built: number[];
    if (builders !== null && builder !== -1)
      built = Array.from({ length: n }, (_, one) => one).filter((one) => builders.of[one] === builder);
    else if (builds !== null && ids.has(change.platform)) {
      // A package that builds use is a platform as well: all whose build environment holds it.
      const users = new Uint8Array(n);
      for (const one of up.from([node(change.platform)])) users[one] = 1;
      const uses = Array.from({ length: builds.indexed }, (_, source) => rowOf(builds.asks, source).some((one) => users[one] === 1));
      built = Array.from({ length: n }, (_, one) => one).filter((one) => uses[builds.of[one]!] === true);
    } else {
      throw new Fault("cli/usage", `nothing in ${graph.about.name} is built by ${change.platform}`, {
        hint:
          builders === null
            ? "name a package that builds use, in a graph with sources"
            : `there is ${builders.names.slice(0, 5).join(", ")}`,
      });
    }
    const exposed = exposedFrom(built, most);
    const tools = ids.has(change.platform) && builder === -1 ? [node(change.platform)] : [];
    const sorted = topOf(Int32Array.from(built), byWeight, most);
    return {
      ...base,
      hit: tools.length > 0 ? [change.platform] : sorted.map((one) => names[one]!),
      answer: `${say(built.length)} are built with ${change.platform}; with what depends on them ${say(built.length + exposed.count)} are exposed.`,
      breaks: tools.length > 0 ? breaksFrom(tools, most) : { count: 0, share: 0, names: [], waves: [], roots: [] },
      exposed,
      built: {
        count: built.length,
        share: n === 0 ? 0 : built.length / n,
        names: sorted.map((one) => names[one]!),
        waves: [],
        roots: built
          .filter((one) => isRoot[one] === 1)
          .map((one) => names[one]!)
          .toSorted(byCodeUnit),
      },
      paths: waysTo(sorted, ways),
      assumptions: [
        "Whatever is built there from now on is not trusted. One step of building is counted; what is built with what was built there is not.",
      ],
    };
  }
}

const alteration = ({ before, after }: NodeChange): number =>
  Math.abs((after?.hard ?? 0) - before.hard) + Math.abs((after?.first ?? 0) - before.first);

/** The first by an order, without sorting all of them: thousands may be hit and twenty are shown. */
function topOf(nodes: Int32Array, order: (a: number, b: number) => number, most: number): number[] {
  const top: number[] = [];
  for (const node of nodes) {
    if (top.length === most && (most === 0 || order(node, top[most - 1]!) >= 0)) continue;
    let at = top.length;
    while (at > 0 && order(node, top[at - 1]!) < 0) at--;
    top.splice(at, 0, node);
    if (top.length > most) top.pop();
  }
  return top;
}
