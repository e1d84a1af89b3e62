/**
 * The smallest change that cures a component, found by walking from it towards the roots:
 *
 *     root ──^4.17.0──> express ──6.7.0──> qs            (affected, cured in 6.7.3)
 *
 *   1. Every dependent's range admits a cured release: update it, nothing else changes.
 *   2. The project itself asks for it: raise that range.
 *   3. A dependent's range does not admit one, but a newer release of the dependent does (or needs it no more): the same question is
 *      asked of the dependent, up to the direct dependency, which is taken to its smallest release that leads there.
 *   4. Some dependent has no such release: an override, with a word of caution.
 *   5. No release cures it: say so.
 *
 * A version below the installed one is never proposed. The walk follows the releases' own documents; it is no resolver, so it does not
 * know what else a new release of a direct dependency would bring.
 */
import type { AdvisoryClaim, CheckInput, Component, Edge, PackageDocument, Remedy } from "../../model/index.ts";
import { byCodeUnit, isUnavailable } from "../../model/index.ts";
import { orderOf } from "../../versions/index.ts";
import { indexOf } from "../subjects.ts";
import { type DirectUpgrade, type Manager, managerOf, overrideCommand, overrideField, updateCommand, upgradeCommand } from "./commands.ts";
import { admits, isCured, isRange, pick, releasesAbove } from "./ranges.ts";

/** Chains of dependents are seldom longer than a dozen; beyond that an override is the honest advice. */
const MAX_CHAIN = 24;

/**
 * The remedy for one advisory of a component. `all` are the advisories of the component that have a cure: a release that cures all of
 * them is preferred, so that one command does. `wishes` are the releases to which direct dependencies are taken for the sake of other
 * findings (see `wishesOf`): they are kept to where they cure this one as well.
 */
export function cureOf(
  input: CheckInput,
  number: number,
  claim: AdvisoryClaim,
  all: readonly AdvisoryClaim[],
  wishes: Wishes = new Map(),
): Remedy {
  const component = input.project.components[number];
  if (component === undefined) return { text: "" };
  const targets = targetsOf(input, component, claim, all);
  if (targets === null) return noCure(component, claim);
  if (component.ecosystem !== "npm")
    return {
      text: `Move ${component.name} from ${component.version} to ${targets.smallest} or later.`,
      change: changeTo("update", component, targets.smallest),
    };
  const index = indexOf(input.project);
  const numbers = index.nodeNumbersOf[number] ?? [];
  const [first] = numbers;
  const node = input.project.nodes[first ?? -1];
  const manager = managerOf(input.project, node?.file ?? -1);
  if (numbers.some((each) => input.project.nodes[each]?.bundled === true)) return bundledIn(component, targets.smallest);
  const plan: Plan = { wishes, updates: new Set(), upgrades: new Map(), seen: new Set(), fails: false };
  const asked = numbers.filter((each) => (index.askersOf[each] ?? []).length > 0);
  for (const each of asked) lift(input, each, targets, plan, 0);
  if (asked.length === 0)
    return {
      text: `Move ${component.name} from ${component.version} to ${targets.smallest} or later.`,
      change: changeTo("update", component, targets.smallest),
    };
  if (plan.fails) return override(component, targets, manager, index.names.has(component.name) && severalMajors(input, component.name));
  if (plan.upgrades.size > 0) return upgrade(input, component, plan, manager);
  return update(component, plan, manager, isDirect(input, asked), targets.smallest);
}

/** By direct dependency, its version and the major version it is taken to: the highest release that some finding needs. */
export type Wishes = ReadonlyMap<string, string>;

const wishKey = (name: string, from: string, to: string): string => JSON.stringify([name, from, to.split(".", 1)[0]]);

/**
 * Ten findings under one direct dependency may need four releases of it, of which the highest mostly cures all ten: one command
 * instead of four. Never across a major version: that is no smallest change.
 */
export function wishesOf(remedies: readonly Remedy[]): Wishes {
  const wishes = new Map<string, string>();
  const order = orderOf("npm");
  for (const { change } of remedies) {
    if (change?.kind !== "upgrade-direct" || order === null) continue;
    const key = wishKey(change.name, change.from, change.to);
    const known = wishes.get(key);
    if (known === undefined || order.compare(change.to, known) > 0) wishes.set(key, change.to);
  }
  return wishes;
}

/** What a component may be moved to. */
interface Targets {
  readonly name: string;
  readonly ecosystem: string;
  /** null where the registry's document is not here: then the fixed releases stand for all. */
  readonly document: PackageDocument | null;
  /** Ascending, above the installed one. */
  readonly versions: readonly string[];
  readonly smallest: string;
  readonly good: (version: string) => boolean;
}

function targetsOf(input: CheckInput, component: Component, claim: AdvisoryClaim, all: readonly AdvisoryClaim[]): Targets | null {
  const { name, ecosystem, version, purl } = component;
  const evidence = input.evidence.document(purl);
  const document = isUnavailable(evidence) ? null : evidence;
  const order = orderOf(ecosystem);
  const above =
    document === null
      ? [...new Set(all.flatMap(({ fixed }) => fixed))].filter(
          (fix) => order === null || !order.valid(fix) || order.compare(fix, version) > 0,
        )
      : releasesAbove(document, version, ecosystem);
  const ascending =
    order === null ? above : document === null ? above.filter((fix) => order.valid(fix)).toSorted((a, b) => order.compare(a, b)) : above;
  for (const claims of [all, [claim]]) {
    const good = (candidate: string): boolean => claims.every((each) => isCured(each, ecosystem, candidate));
    const versions = ascending.filter(good);
    const [smallest] = versions;
    if (smallest !== undefined) return { name, ecosystem, document, versions, smallest, good: (candidate) => versions.includes(candidate) };
  }
  return null;
}

interface Plan {
  readonly wishes: Wishes;
  /** Names whose dependents' ranges already admit what is needed. */
  readonly updates: Set<string>;
  readonly upgrades: Map<string, DirectUpgrade & { readonly from: string }>;
  readonly seen: Set<number>;
  fails: boolean;
}

/** Can every dependent of this node live with one of the targets? Adds to the plan what has to change for it. */
function lift(input: CheckInput, number: number, targets: Targets, plan: Plan, depth: number): void {
  if (plan.fails || plan.seen.has(number)) return;
  plan.seen.add(number);
  const { nodes, components } = input.project;
  for (const { from, edge } of indexOf(input.project).askersOf[number] ?? []) {
    const asker = nodes[from];
    if (asker === undefined) continue;
    if (leadsToGood(edge.range, targets)) {
      plan.updates.add(targets.name);
    } else if (asker.kind === "root") {
      const installed = nodes[number]?.version ?? "";
      const key = JSON.stringify([asker.path, edge.name]);
      const wish = plan.wishes.get(wishKey(edge.name, installed, targets.smallest));
      const to = wish !== undefined && targets.good(wish) ? wish : targets.smallest;
      plan.upgrades.set(key, { name: edge.name, from: installed, to, kind: edge.kind, workspace: asker.path });
    } else {
      const parent = components[asker.component];
      const next = parent === undefined || depth >= MAX_CHAIN ? null : newerParents(input, parent, edge, targets);
      if (next === null) plan.fails = true;
      else lift(input, from, next, plan, depth + 1);
    }
    if (plan.fails) return;
  }
}

/** Would the package manager, asked anew for this range, install a cured release? */
function leadsToGood(range: string, targets: Targets): boolean {
  if (!isRange(range)) return false;
  if (targets.document === null) return targets.versions.some((version) => admits(range, version));
  const chosen = pick(targets.document, range, targets.ecosystem);
  return chosen !== null && targets.good(chosen);
}

/** The newer releases of a dependent that admit a cured release, or that need the package no more. */
function newerParents(input: CheckInput, parent: Component, edge: Edge, targets: Targets): Targets | null {
  const document = input.evidence.document(parent.purl);
  if (isUnavailable(document)) return null;
  const versions = releasesAbove(document, parent.version, parent.ecosystem).filter((version) => {
    const manifest = document.release(version)?.manifest;
    if (manifest === undefined) return false;
    const range =
      own(manifest.dependencies, edge.name) ?? own(manifest.optionalDependencies, edge.name) ?? own(manifest.peerDependencies, edge.name);
    return range === undefined || leadsToGood(range, targets);
  });
  const [smallest] = versions;
  if (smallest === undefined) return null;
  const good = new Set(versions);
  return { name: parent.name, ecosystem: parent.ecosystem, document, versions, smallest, good: (version) => good.has(version) };
}

const own = (record: Readonly<Record<string, string>>, name: string): string | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;

const isDirect = (input: CheckInput, numbers: readonly number[]): boolean =>
  numbers.some((number) => (indexOf(input.project).askersOf[number] ?? []).some(({ from }) => input.project.nodes[from]?.kind === "root"));

function severalMajors(input: CheckInput, name: string): boolean {
  return new Set(input.project.components.filter((each) => each.name === name).map(({ version }) => version.split(".", 1)[0])).size > 1;
}

const changeTo = (kind: "update" | "override", component: Component, to: string): NonNullable<Remedy["change"]> => ({
  kind,
  name: component.name,
  from: component.version,
  to,
});

function update(component: Component, plan: Plan, manager: Manager | null, direct: boolean, to: string): Remedy {
  const names = [...plan.updates].toSorted(byCodeUnit);
  const others = names.filter((name) => name !== component.name);
  const commands = manager === null ? [null] : names.map((name) => updateCommand(manager, name, direct));
  const text = `Whoever asks for ${component.name} already admits ${to}: update it${others.length === 0 ? "" : `, together with ${others.join(", ")}`}.`;
  const change = changeTo("update", component, to);
  if (commands.includes(null)) {
    return {
      text: `${text} Remove its entry from the lockfile and install again; the newest release that the ranges admit is taken.`,
      change,
    };
  }
  // One name: the command ends in it, so that several can be joined into one.
  const stem = commands[0]?.slice(0, -(names[0]?.length ?? 0)) ?? "";
  return { text, command: `${stem}${names.join(" ")}`, change };
}

function upgrade(input: CheckInput, component: Component, plan: Plan, manager: Manager | null): Remedy {
  const upgrades = [...plan.upgrades.values()].toSorted((a, b) => byCodeUnit(a.name, b.name) || byCodeUnit(a.workspace, b.workspace));
  const [first] = upgrades;
  if (first === undefined) return { text: "" };
  const also = [...plan.updates].filter((name) => !upgrades.some((each) => each.name === name)).toSorted(byCodeUnit);
  const what = upgrades
    .map(({ name, from, to }) => `${name} from ${from} to ${to}${isMajor(from, to) ? " (a new major version)" : ""}`)
    .join(" and ");
  const why = upgrades.some(({ name }) => name === component.name) ? "" : `, which leads to a cured ${component.name}`;
  const raise = manager === null ? null : upgradeCommand(manager, upgrades);
  const follow = manager === null ? [] : also.map((name) => updateCommand(manager, name, isDirectName(input, name)));
  const command = raise === null || follow.includes(null) ? null : [raise, ...follow].join(" && ");
  return {
    text: `Take ${what}${why}${also.length === 0 ? "" : `; then update ${also.join(", ")}`}.`,
    ...(command === null ? {} : { command }),
    change: { kind: "upgrade-direct", name: first.name, from: first.from, to: first.to },
  };
}

const isDirectName = (input: CheckInput, name: string): boolean =>
  input.project.roots.some((root) => input.project.nodes[root]?.edges.some((edge) => edge.name === name) ?? false);

function override(component: Component, targets: Targets, manager: Manager | null, several: boolean): Remedy {
  const to = targets.smallest;
  const where = manager === null ? "the package manager's overrides" : overrideField[manager];
  const caution = isMajor(component.version, to)
    ? ` It is a new major version, which its dependents did not ask for: run your tests.`
    : " Its dependents did not ask for it: run your tests.";
  const command = manager === null || several ? null : overrideCommand(manager, component.name, to);
  return {
    text: `No release of its dependents leads to a cured ${component.name}: set ${several ? `${component.name}@${component.version}` : component.name} to ${to} in ${where}.${caution}`,
    ...(command === null ? {} : { command }),
    change: changeTo("override", component, to),
  };
}

function bundledIn(component: Component, to: string): Remedy {
  return {
    text: `${component.name}@${component.version} lies inside another package's archive, so only a newer release of that package can bring ${to} or later.`,
  };
}

function noCure(component: Component, claim: AdvisoryClaim): Remedy {
  const last = claim.openEnded
    ? " The advisory ends at the last release that was known to be affected; later ones may be affected as well."
    : "";
  return {
    text: `No release of ${component.name} above ${component.version} is known to cure it.${last} See whether the flawed part is in use, look for a replacement, or ask how you can help with a fix.`,
  };
}

const isMajor = (from: string, to: string): boolean => from.split(".", 1)[0] !== to.split(".", 1)[0];
