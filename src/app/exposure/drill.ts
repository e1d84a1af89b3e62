/**
 * Writes a tabletop exercise from a graph: `liblzma5 compromised` becomes a morning with a clock, the figures of this very graph, and the
 * questions that the room must answer. Pure but for its name: the same graph and the same event give the same exercise.
 */
import type { ExposureGraph } from "../../graph/exposure-graph.ts";
import { alternativesTo, replaceables, whereWritten } from "../../graph/alternatives.ts";
import { stillExposed } from "../../graph/cascade.ts";
import { type Family, standardFamilies } from "../../graph/families.ts";
import { type Measures, measure } from "../../graph/measure.ts";
import { whatIfs } from "../../graph/what-if.ts";
import type { Drill, DrillEvent, DrillStep, DrillWave } from "../../model/drill.ts";
import type { Exposure, Impact, WhatIf } from "../../model/exposure.ts";
import { Fault } from "../../model/fault.ts";
import { percent } from "../../report/exposure-charts.ts";
import { count, counted } from "../../report/groups.ts";

export interface DrillRequest {
  readonly packages: readonly string[];
  readonly event: DrillEvent;
}

const EVENTS: ReadonlyMap<string, DrillEvent> = new Map([
  ["compromised", "compromised"],
  ["malicious", "compromised"],
  ["hijacked", "compromised"],
  ["gone", "gone"],
  ["unpublished", "gone"],
  ["removed", "gone"],
  ["vulnerable", "vulnerable"],
]);

/** `liblzma5 compromised`, `left-pad is gone`, `log4j-core and log4j-api vulnerable`. Throws `cli/usage` where there is no event in it. */
export function readDrill(text: string): DrillRequest {
  const words = text.trim().split(/[\s,]+/);
  const event = EVENTS.get((words.at(-1) ?? "").toLowerCase());
  const packages = words.slice(0, -1).filter((word) => word !== "is" && word !== "are" && word !== "and");
  if (event === undefined || packages.length === 0)
    throw new Fault("cli/usage", `${JSON.stringify(text)} is no event for a drill`, {
      hint: `a drill is a package and what happens to it: "liblzma5 compromised"; one of ${[...EVENTS.keys()].join(", ")}`,
    });
  return { packages: [...new Set(packages)], event };
}

export interface DrillOptions {
  /** Of the same graph; spares counting everything again. */
  readonly measures?: Measures;
  /** For what builds rest on. */
  readonly builds?: Exposure["builds"];
  readonly families?: readonly Family[];
}

/** Days after the news at which the room is told how far it has gone. */
const DAYS: readonly number[] = [1, 7, 30, 90, 365];
/** Alternatives that are tried out on the graph. */
const MOST_ALTERNATIVES = 3;

/** The exercise. Throws `cli/usage` where the graph has no such package. */
export function drillOf(graph: ExposureGraph, request: DrillRequest, options: DrillOptions = {}): Drill {
  const { packages, event } = request;
  const ask = whatIfs(graph, options.measures ?? measure(graph));
  const loss = ask({ kind: "remove", packages }, { names: 10, paths: 5 });
  const hit = event === "gone" ? loss.breaks : loss.exposed;
  const name = [...new Set(packages.map(plainName))].join(" and ");
  const steps: DrillStep[] = [
    news(name, event, graph),
    first(name, event, loss),
    second(name, event, loss, graph),
    alternatives(packages, loss, ask, graph, options.families ?? standardFamilies),
    builds(packages, options.builds ?? null),
    ...later(name, event, hit, graph.about.kind === "debian"),
  ].filter((step) => step.told.length > 0);
  let soFar = 0;
  return {
    schemaVersion: "1.0",
    title: `${packages.join(" and ")} ${packages.length === 1 ? "is" : "are"} ${event}`,
    graph: graph.about,
    event,
    packages,
    roles: [
      { role: "lead", duty: "decides, keeps the clock, says when a question is answered" },
      { role: "finder", duty: "answers where it is in use, from inventories and lockfiles only" },
      { role: "builder", duty: "stops, pins, rebuilds and releases" },
      { role: "speaker", duty: "tells users, customers and authorities, and thanks those who fix it upstream" },
      { role: "scribe", duty: "writes down each decision with its time and what was not known then" },
    ],
    steps,
    waves: hit.waves.map((wave, at): DrillWave => ({ steps: at + 1, packages: wave, soFar: (soFar += wave) })),
    paths: loss.paths,
    afterwards: [
      "What did we look up that should have been known beforehand, and where will it be next time?",
      "Which decision waited for a person who could not be reached?",
      "Which package of this exercise would we help to keep, and with what?",
      "What do we change this week: one thing, with a name of a role beside it and a date.",
    ],
    assumptions: [
      ...loss.assumptions,
      `Days are those of the dependents of log4j-core (72.7 % updated within three months, 95.1 % within a year, arXiv 2504.09834); ${graph.about.kind === "debian" ? "one new release of a shared library serves everyone who carries it" : "a dependent at distance d waits for d updates"}. Yours may be faster.`,
      ...graph.about.notModelled.map((what) => `Not modelled: ${what}.`),
    ],
  };
}

const packagesOf = (value: number): string => counted(value, "package");

const NEWS: Readonly<Record<DrillEvent, (name: string) => string>> = {
  compromised: (name) =>
    `A mailing list reports that the latest release of ${name} runs code that is not in its source repository. It has been out for some days.`,
  gone: (name) =>
    `${name} cannot be downloaded any more: releases were withdrawn and the repository answers "not found". Nobody has said why.`,
  vulnerable: (name) => `An advisory for ${name} is published with a working exploit. A fixed release came out an hour ago.`,
};

function news(name: string, event: DrillEvent, graph: ExposureGraph): DrillStep {
  return {
    at: "09:00",
    told: [
      NEWS[event](name),
      `All that is known at this moment is what your own inventory holds: ${graph.about.name}, ${packagesOf(graph.about.nodes)}.`,
    ],
    questions: [
      "Who leads, and who may decide to stop a release or to take a service off the net?",
      `Where is ${name} in use, in which releases? Answer from what is kept, not from memory, and note how long it took.`,
      event === "compromised"
        ? "Which of our machines have installed the bad release since it came out: laptops, build runners, servers?"
        : "What do we still hold of it: caches, mirrors, vendored copies?",
    ],
  };
}

function first(name: string, event: DrillEvent, { exposed, breaks }: WhatIf): DrillStep {
  const direct = exposed.waves[0] ?? 0;
  const deep = exposed.count - direct;
  return {
    at: "09:20",
    told: [
      `${packagesOf(exposed.count)} (${percent(exposed.share)}) carry ${name}: ${count(direct)} ask for it themselves, ${count(deep)} have it without asking.`,
      ...(exposed.roots.length === 0 ? [] : [`Of your own: ${exposed.roots.join(", ")}.`]),
      ...(exposed.names.length === 0 ? [] : [`Those that others lean on most among them: ${exposed.names.join(", ")}.`]),
    ],
    questions: [
      deep > direct
        ? "Most of those have it without asking for it. How would you have found them by a list of direct dependencies?"
        : "Does the list that the finder brought hold all of these?",
      event === "vulnerable"
        ? "Which of them call the part that is vulnerable, and how sure are you?"
        : "What is stopped now: installs, builds, deployments? Who tells everybody that it is?",
      breaks.count === 0
        ? "Nothing here falls without it. Could it be taken out this morning?"
        : "What would you do if it had to be out of everything by noon?",
    ],
  };
}

function second(name: string, event: DrillEvent, { breaks, exposed }: WhatIf, graph: ExposureGraph): DrillStep {
  const spared = exposed.count - breaks.count;
  return {
    at: "09:50",
    told: [
      `${packagesOf(breaks.count)} (${percent(breaks.share)}) cannot stand without ${name}${breaks.names.length === 0 ? "" : `, among them ${breaks.names.slice(0, 5).join(", ")}`}.`,
      ...(spared > 0 ? [`${packagesOf(spared)} could do without: what they ask for names an alternative.`] : []),
      ...(breaks.roots.length === 0 ? [] : [`Of your own ${breaks.roots.join(", ")} would not stand.`]),
    ],
    questions: [
      "Can the last good release be pinned everywhere, and how do you know that it is good?",
      event === "gone"
        ? "Do the builds still work without the network, from what is kept here? Try one now."
        : "Which secrets could have been read on the machines that had it, and in which order are they changed?",
      graph.roots.length > 0
        ? "Which of your products is told to its users first, and by whom?"
        : "Who outside has to be told, and by when does a law or a contract want it?",
    ],
  };
}

/** Without the release: `ms@2.1.3` is `ms`; a scope's `@` stays. */
const plainName = (name: string): string => (name.lastIndexOf("@") > 0 ? name.slice(0, name.lastIndexOf("@")) : name);

/** What could stand in: from the table of alternatives, and the members of the same family that this graph has. */
function alternatives(
  packages: readonly string[],
  loss: WhatIf,
  ask: ReturnType<typeof whatIfs>,
  graph: ExposureGraph,
  families: readonly Family[],
): DrillStep {
  const told: string[] = [];
  const known = new Set(graph.names);
  for (const name of packages) {
    const plain = plainName(name);
    // A name alone does not say of which ecosystem it is, so the sentence does.
    const types = graph.about.kind === "debian" ? ["deb"] : [...new Set(replaceables.map((row) => row.type))];
    for (const type of types) {
      const row = alternativesTo(type, plain);
      if (row === undefined) continue;
      told.push(
        `${type === "deb" ? `Others could do the job of ${plain}` : `If it is the package ${plain} of ${type}, others could do its job`}: ${row.instead.map((one) => one.name).join(", ")} (${whereWritten(row)}).${row.mind === "" ? "" : ` ${row.mind}`}`,
      );
      for (const other of row.instead
        .map((one) => one.name)
        .filter((one) => known.has(one))
        .slice(0, MOST_ALTERNATIVES)) {
        const changed = ask({ kind: "add-alternative", package: name, by: other }, { names: 0, paths: 0, changes: 0 });
        told.push(
          `If everyone who asks for ${name} worked with ${other} as well, ${packagesOf(changed.breaks.count)} would fall instead of ${count(loss.breaks.count)}.`,
        );
      }
    }
    const family = families.find(({ members }) => members.some((member) => member.packages.some((pattern) => fits(pattern, plain))));
    if (family !== undefined)
      told.push(`It belongs to the family "${family.title}": ${family.members.map((member) => member.name).join(", ")}.`);
  }
  return {
    at: "10:30",
    told: told.length > 0 ? [...new Set(told)] : ["The table of alternatives knows nothing that could stand in for it."],
    questions: [
      "Is there a way to do without it, to replace it, or to keep a copy of your own? What does each cost, in days?",
      "Would the replacement fail in the same way? Programs for one specification share faults.",
      "Who upstream is working on this now, and what do they need: hands, machines, money, or to be left alone?",
    ],
  };
}

/** The library's number as in `families.ts`; here one name against one word. */
function fits(pattern: string, name: string): boolean {
  const at = pattern.indexOf("#");
  if (at === -1) return pattern === name;
  const [before, after] = [pattern.slice(0, at), pattern.slice(at + 1)];
  return (
    name.startsWith(before) &&
    name.endsWith(after) &&
    name.length > before.length + after.length &&
    /^[0-9][0-9.]*[a-z0-9]{0,3}$/.test(name.slice(before.length, name.length - after.length))
  );
}

function builds(packages: readonly string[], built: Exposure["builds"]): DrillStep {
  if (built === null) return { at: "11:15", told: [], questions: [] };
  const every = new Set(built.inEvery);
  const environments = new Map(built.most.map(({ name, environments: many }) => [name, many]));
  const told = packages.flatMap((name) => {
    if (every.has(name))
      return [
        `${name} stands in every one of ${count(built.sources)} build environments: everything that was built since may carry what it did.`,
      ];
    const many = environments.get(name);
    return many === undefined ? [] : [`${name} stands in ${count(many)} of ${count(built.sources)} build environments.`];
  });
  return {
    at: "11:15",
    told,
    questions: [
      "What was built with it in the days in question, and which of that was released?",
      "Can one of those builds be made again on a machine that never had it, and do the bytes agree?",
    ],
  };
}

/**
 * How far it has gone by when. In a distribution one new release of a shared library serves everyone who carries it, so each waits for one
 * update; elsewhere a dependent at distance d waits for d.
 */
function later(name: string, event: DrillEvent, { waves, count: total }: Impact, shared: boolean): readonly DrillStep[] {
  if (event === "gone" || total === 0) return [];
  return stillExposed(shared ? [total] : waves, DAYS).map(({ days, share, packages }) => {
    const taken = total - packages;
    return {
      at: `day ${days}`,
      told:
        event === "vulnerable"
          ? [`At the pace of Log4j, ${packagesOf(packages)} (${percent(share)} of those exposed) still carry the flaw.`]
          : [
              `Had nobody noticed, ${packagesOf(taken)} (${percent(1 - share)} of those that carry ${name}) would have taken the bad release in by now, at the pace of Log4j's dependents.`,
              ...(days <= RESTING ? ["A rule to let every release rest for a week would have kept all of these out."] : []),
            ],
      questions: LATER.get(days) ?? [],
    };
  });
}

/** Days for which a careful project lets a new release rest: most bad ones are found within. */
const RESTING = 7;

const LATER: ReadonlyMap<number, readonly string[]> = new Map([
  [1, ["What do you tell those who ask whether they are safe, while you do not know?"]],
  [7, ["Who still waits for somebody else's release? What do you do meanwhile?"]],
  [30, ["Which exceptions were made in the first week, and who takes them back?"]],
  [90, ["What of this exercise's list of changes has been done?"]],
  [365, ["Would you notice if it happened again?"]],
]);
