/**
 * What if: a package goes, is replaced, gets an alternative, is pinned, merged with others; an account or a build platform is lost. Each
 * answer is one or two searches over the graph as it is, with the change laid over it (world.ts), so that it comes at once.
 */
import type { Change, ExposurePath, Impact, NodeChange, WhatIf } from "../model/exposure.ts";
import { byCodeUnit } from "../model/canonical.ts";
import { grouped } from "../model/count.ts";
import { Fault } from "../model/fault.ts";
import { accountKey } from "./accounts.ts";
import { type Graph, reversed } from "./csr.ts";
import { type ExposureGraph, clausesOfEdges, rowOf } from "./exposure-graph.ts";
import { type Clauses, failing } from "./hard.ts";
import { type Lanes, type Shift, lanesOf } from "./lanes.ts";
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
  const say = (count: number): string => `${grouped(count)} of ${grouped(n)} packages`;
  const ids = new Map(names.map((name, id) => [name, id]));
  const upRows = reversed(first);
  const up = searching(upRows);
  const down = graph.all === first ? searching(first) : searching(graph.all);
  const falling = failing(graph.clauses);
  const total = measures.hard.reduce((sum, value) => sum + value, 0);
  const lanes = lanesIn(graph);
  // Where a node stands in the answer to a search: valid for the nodes of that answer only.
  const place = new Int32Array(n);
  const counted = new Uint8Array(n);
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

  /** The most leaned on, without sorting all: thousands may be hit and twenty are shown. */
  const topOf = (nodes: Int32Array, most: number): number[] => {
    const { first: weights } = measures;
    const top: number[] = [];
    let least = -1;
    for (let i = 0; i < nodes.length; i++) {
      const one = nodes[i]!;
      if (weights[one]! < least || most === 0) continue;
      if (top.length === most && byWeight(one, top[most - 1]!) >= 0) continue;
      let at = top.length;
      while (at > 0 && byWeight(one, top[at - 1]!) < 0) at--;
      top.splice(at, 0, one);
      if (top.length > most) top.pop();
      if (top.length === most) least = weights[top[most - 1]!]!;
    }
    return top;
  };
  const rootsOf = (nodes: Int32Array): Int32Array => (graph.roots.length === 0 ? NONE : nodes.filter((one) => isRoot[one] === 1));

  const impact = (hit: Int32Array, distances: Int32Array, starts: number, most: number): Impact => {
    const others = hit.subarray(starts);
    const waves: number[] = [];
    for (let i = starts; i < distances.length; i++) {
      const distance = distances[i]!;
      while (waves.length < distance) waves.push(0);
      if (distance > 0) waves[distance - 1]!++;
    }
    return {
      count: others.length,
      share: n === 0 ? 0 : others.length / n,
      names: topOf(others, most).map((one) => names[one]!),
      waves,
      roots: Array.from(rootsOf(others), (one) => names[one]!).toSorted(byCodeUnit),
    };
  };
  const breaksFrom = (starts: readonly number[], most: number, world?: World): Impact => {
    falling.fail(starts, world);
    return impact(falling.order(), falling.rounds(), starts.length, most);
  };
  const exposedFrom = (starts: readonly number[], most: number, world?: World): Impact =>
    impact(up.from(starts, world), up.distances(), starts.length, most);

  /** Shortest ways down from those that are hit to what hit them: the roots first, then the most leaned on. After `up.from(starts)`. */
  const waysFrom = (order: Int32Array, starts: number, most: number, beyond: readonly string[] = []): readonly ExposurePath[] => {
    const parents = up.parents();
    for (let at = 0; at < order.length; at++) place[order[at]!] = at;
    const others = order.subarray(starts);
    const own = topOf(rootsOf(others), most);
    const rest = graph.roots.length === 0 ? others : others.filter((one) => isRoot[one] === 0);
    return [...own, ...topOf(rest, most - own.length)].map((one) => {
      const path: string[] = [];
      for (let at: number = one; at !== -1; at = parents[place[at]!]!) path.push(names[at]!);
      path.push(...beyond);
      return path;
    });
  };
  /** Who carries one of `starts`, and the ways: one search for both. */
  const carriedFrom = (starts: readonly number[], most: number, ways: number): Pick<WhatIf, "exposed" | "paths"> => {
    const order = up.from(starts);
    return { exposed: impact(order, up.distances(), starts.length, most), paths: waysFrom(order, starts.length, ways) };
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
  /**
   * Only what the changed packages stand on can be hit less, or more, than before: a failure elsewhere never comes by them. So the sum of
   * hard reach changes by theirs alone, and all of theirs are counted together (lanes.ts). `moves` says whether exposure changes as well.
   */
  const compare = (
    changed: readonly number[],
    shift: Shift,
    world: World,
    moves: boolean,
    most: number,
  ): Pick<WhatIf, "changes" | "expectedDamage"> => {
    const touched = down.from(changed);
    const directs = directsIn(changed, moves ? world : sameWorld);
    const hard = lanes.hard().differences(touched, shift);
    const exposure = moves ? lanes.first().differences(touched, shift) : new Int32Array(touched.length);
    const places = Array.from(touched.keys()).filter((place) => hard[place] !== 0 || exposure[place] !== 0);
    const weight = (place: number): number => Math.abs(hard[place]!) + Math.abs(exposure[place]!);
    const shown = places.toSorted((a, b) => weight(b) - weight(a) || byCodeUnit(names[touched[a]!]!, names[touched[b]!]!)).slice(0, most);
    // Whoever carries a package carries it still when there is another: reach over all alternatives changes only with exposure.
    const possible = moves
      ? lanes.all().differences(
          shown.map((place) => touched[place]!),
          shift,
        )
      : new Int32Array(shown.length);
    return {
      expectedDamage: { before: total, after: total + hard.reduce((sum, delta) => sum + delta, 0) },
      changes: shown.map((place, row) => {
        const one = touched[place]!;
        const was = before(one);
        const now = { first: was.first + exposure[place]!, all: was.all + possible[row]!, hard: was.hard + hard[place]! };
        const after = {
          ...now,
          direct: directs.get(one) ?? was.direct,
          share: now.first / n,
          substitutability: substitutability(now.all, now.hard),
        };
        return { name: names[one]!, before: was, after };
      }),
    };
  };
  const directsIn = (changed: readonly number[], world: World): ReadonlyMap<number, number> =>
    new Map(
      changed.map((one) => {
        const rows = world.standsFor.get(one) ?? [one, ...(world.together.get(one) ?? [])];
        counted.fill(0);
        for (const row of [one, ...rows]) counted[row] = 1;
        let direct = 0;
        for (const row of rows) {
          for (let at = upRows.offsets[row]!; at < upRows.offsets[row + 1]!; at++) {
            const dependent = upRows.targets[at]!;
            direct += 1 - counted[dependent]!;
            counted[dependent] = 1;
          }
        }
        return [one, direct];
      }),
    );

  return (change, options = {}) => {
    const most = options.names ?? DEFAULT_NAMES;
    const ways = options.paths ?? DEFAULT_PATHS;
    const rows = options.changes ?? DEFAULT_CHANGES;
    const base = { schemaVersion: "1.0" as const, graph: graph.about, change, built: null, expectedDamage: null, changes: [] };
    switch (change.kind) {
      case "remove": {
        const starts = [...new Set(change.packages.map(node))];
        const breaks = breaksFrom(starts, most);
        const { exposed, paths } = carriedFrom(starts, most, ways);
        return {
          ...base,
          hit: starts.map((one) => names[one]!),
          answer: `Without ${change.packages.join(", ")}, ${say(breaks.count)} cannot stand; ${say(exposed.count)} carry it.`,
          breaks,
          exposed,
          changes: starts.map((one) => ({ name: names[one]!, before: before(one), after: null })).slice(0, rows),
          paths,
          assumptions: ["Everyone is hit at once, and nobody repairs or replaces anything."],
        };
      }
      case "replace": {
        const [of, by] = [node(change.package), node(change.by)];
        if (of === by) throw new Fault("cli/usage", "a package cannot be replaced by itself");
        const world = replaced(of, by);
        const users = upRows.offsets[of + 1]! - upRows.offsets[of]!;
        const breaks = breaksFrom([by], most, world);
        return {
          ...base,
          hit: [names[of]!, names[by]!],
          answer: `With ${change.by} in the place of ${change.package}, ${say(breaks.count)} stand on it and fall with it; ${change.package} holds up nobody any more.`,
          breaks,
          exposed: exposedFrom([by], most, world),
          ...compare([of, by], { kind: "replaced", of, by }, world, true, rows),
          paths: waysFrom(up.from([of]), 1, ways),
          assumptions: [
            `Every one of the ${users} that ask for ${change.package} can use ${change.by}.`,
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
          answer: `With ${change.by} as an alternative, ${say(breaks.count)} fall when ${change.package} is gone, instead of ${grouped(measures.hard[of]!)}; whoever has it installed stays exposed to it.`,
          breaks,
          ...carriedFrom([of], most, ways),
          // A fresh installation still takes the first alternative: exposure does not change by there being another.
          ...compare([of], { kind: "alternative", of, by }, world, false, rows),
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
          answer: `A new release of ${change.package} reaches ${say(exposed.count)} at once, instead of ${grouped(measures.first[of]!)}; fixes reach as few.`,
          breaks: { count: 0, share: 0, names: [], waves: [], roots: [] },
          exposed,
          changes: [{ name: names[of]!, before: before(of), after }],
          paths: open.length === 0 ? [] : waysFrom(order, open.length, ways, [names[of]!]),
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
          answer: `As one, ${change.packages.join(" and ")} hold up ${say(breaks.count)}; the largest of them alone held ${grouped(parts.reduce((max, one) => Math.max(max, measures.hard[one]!), 0))}.`,
          breaks,
          exposed: exposedFrom(parts, most, world),
          ...compare(parts, { kind: "merged", parts }, world, true, rows),
          paths: waysFrom(up.from(parts), parts.length, ways),
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
        const { exposed, paths } = carriedFrom(owned, most, ways);
        return {
          ...base,
          hit: owned
            .toSorted(byWeight)
            .slice(0, most)
            .map((one) => names[one]!),
          answer: `The account can change ${grouped(owned.length)} packages; with them ${say(owned.length + exposed.count)} are exposed, and ${say(owned.length + breaks.count)} could not stand without them.`,
          breaks,
          exposed,
          paths,
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
    const sorted = topOf(Int32Array.from(built), most);
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
      paths: waysFrom(up.from(sorted), sorted.length, ways),
      assumptions: [
        "Whatever is built there from now on is not trusted. One step of building is counted; what is built with what was built there is not.",
      ],
    };
  }
}

/** For each reading what counts many questions at once, made when it is first asked: many questions need none of them. */
function lanesIn(graph: ExposureGraph): { readonly [Reading in "first" | "all" | "hard"]: () => Lanes } {
  const made = new Map<Clauses, Lanes>();
  const once = (clauses: Clauses, edges: Graph): Lanes => {
    const held = made.get(clauses) ?? lanesOf(clauses, edges);
    made.set(clauses, held);
    return held;
  };
  const sure = graph.clauses.satisfiers === graph.all.targets ? graph.clauses : clausesOfEdges(graph.all);
  const taken = graph.first === graph.all ? sure : clausesOfEdges(graph.first);
  return {
    first: () => once(taken, graph.first),
    all: () => once(sure, graph.all),
    hard: () => once(graph.clauses, graph.all),
  };
}

const NONE = new Int32Array(0);
