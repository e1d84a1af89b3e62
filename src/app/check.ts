/**
 * The main job, from a path to a report. This file is the whole way at a glance; each step is another room's.
 *
 *     read the project ─> read the policy ─> gather evidence ─> run the rules ─> judge ─> report
 *           └─ with --since: read it at the other revision as well, and speak only of what changed
 */
import { dirname, resolve } from "node:path";
import { statSync } from "node:fs";
import { COMPARE_DAYS, newBehaviour } from "../checks/behaviour/new-behaviour.ts";
import { checks } from "../checks/list.ts";
import { projectLevels } from "../checks/provenance/evidence.ts";
import { needsOf, runChecks } from "../checks/run.ts";
import { userFolders } from "../store/folders.ts";
import { directsThrough, pathsIn, projectGraph } from "../graph/index.ts";
import { readProject } from "../inventory/index.ts";
import type { Component, JudgedFinding, Project, Report, Unanswered } from "../model/index.ts";
import { answersOf, describePolicy, enabledRules, judge, nextSteps, type Policy, settingsOf } from "../policy/index.ts";
import { orderOf } from "../versions/index.ts";
import type { Check, CheckOptions } from "./check-options.ts";
import { gatherEvidence } from "./evidence.ts";
import { findPolicy } from "./policy-file.ts";
import { type Compare, RECENT_DAYS } from "./predecessors.ts";
import { type ProjectChange, compareProjects } from "./since.ts";
import { projectAt } from "./since-git.ts";
import { trustedSummaries } from "./summaries.ts";
import { ownVersion } from "./version.ts";

/** Checks a project. Throws the faults of reading it, of its policy, of the store and of git; whatever cannot be fetched is part of the report. */
export const check: Check = async (options) => {
  const { path, cwd } = options;
  const project = await readProject(path, { cwd });
  const folder = folderOfProject(resolve(cwd, path));
  const policy = await findPolicy(folder, cwd, options.policyFile, checks);
  const before = options.since === undefined ? null : await projectAt(options.since, project, options);
  const change = before === null ? null : compareProjects(before.project, project, byVersion);
  const enabled = enabledRules(policy, checks);

  const settings = settingsOf(policy);
  const compare = comparing(options.behaviour, settings(newBehaviour.id).options[COMPARE_DAYS]);
  const gathered = await gatherEvidence({ project, folder, needs: needsOf(enabled), before, change, compare, options });
  try {
    const now = gathered.newest === "" ? today(options) : gathered.newest;
    const summaries = await trustedSummaries({ policy, project, cwd, data: userFolders(options.env).data, now: today(options) });
    const evidence = summaries === null ? gathered.evidence : { ...gathered.evidence, summaries: summaries.of };
    const asked = { project, evidence, settings, now };
    const run = runChecks(asked, enabled);
    const findings = run.findings.filter((finding) => concerns(change, project, finding.subject));
    const unanswered = [...run.unanswered.flatMap((gap) => narrowed(change, gap)), ...gathered.unanswered];
    const trust = gathered.trust();
    const judgement = judge({ findings, unanswered, policy, now: today(options), scopeOf: scopesOf(project), waysTo: waysIn(project) });
    for (const note of [...gathered.notes(), ...(summaries?.notes ?? []), ...ignoreNotes(policy, judgement.staleIgnores)])
      options.onNote?.(note);
    for (const note of gathered.remember(findings)) options.onNote?.(note);
    return {
      tool: { name: "tributary", version: ownVersion() },
      project,
      verdict: judgement.verdict,
      answers: answersOf({ rules: checks, results: run.results, findings: judgement.findings, unanswered }),
      findings: judgement.findings,
      next: nextSteps(judgement.findings, unanswered),
      basis: {
        policy: describePolicy(policy),
        advisories: gathered.advisories,
        oldest: gathered.oldest,
        newest: gathered.newest,
        offline: options.offline ?? false,
        ...(trust.length === 0 ? {} : { trust }),
      },
      ...(gathered.evidence.provenance === undefined ? {} : { levels: projectLevels(asked) }),
      ...sinceOf(options, change),
    };
  } finally {
    await gathered.close();
  }
};

/** What the command line says counts; else the days that the policy sets. */
function comparing(wanted: CheckOptions["behaviour"], days: unknown): Compare {
  if (wanted === "all" || wanted === "none") return { kind: wanted };
  return { kind: "recent", days: typeof days === "number" ? days : RECENT_DAYS };
}

/** The folder whose npm configuration and policy hold: that of the lockfile where a file was named. */
function folderOfProject(absolute: string): string {
  return statSync(absolute, { throwIfNoEntry: false })?.isDirectory() === true ? absolute : dirname(absolute);
}

/** The day against which an ignore's expiry is held. A reproducible run says which day it is: SOURCE_DATE_EPOCH. */
function today({ env }: CheckOptions): string {
  const epoch = env["SOURCE_DATE_EPOCH"];
  const seconds = epoch !== undefined && /^\d{1,12}$/.test(epoch) ? Number(epoch) : Math.floor(Date.now() / 1000);
  return new Date(seconds * 1000).toISOString();
}

function byVersion(a: Component, b: Component): number {
  const order = orderOf(a.ecosystem);
  if (order === null || !order.valid(a.version) || !order.valid(b.version))
    return a.version < b.version ? -1 : a.version > b.version ? 1 : 0;
  return order.compare(a.version, b.version);
}

/** With --since only what changed is spoken of; what is said of the project as a whole always is. */
function concerns(change: ProjectChange | null, project: Project, subject: string): boolean {
  return change === null || change.touched.has(subject) || !project.components.some(({ purl }) => purl === subject);
}

function narrowed(change: ProjectChange | null, gap: Unanswered): readonly Unanswered[] {
  if (change === null || gap.subjects.length === 0) return [gap];
  const subjects = gap.subjects.filter((subject) => change.touched.has(subject));
  return subjects.length === 0 ? [] : [{ ...gap, subjects }];
}

/** The strongest scope in which a component is installed anywhere: what a production install would bring of it. */
function scopesOf(project: Project): (purl: string) => "prod" | "optional" | "dev" {
  const scopes = new Map<string, "prod" | "optional" | "dev">();
  const strength = { prod: 2, optional: 1, dev: 0 } as const;
  for (const node of project.nodes) {
    const component = project.components[node.component];
    if (component === undefined) continue;
    const known = scopes.get(component.purl);
    if (known === undefined || strength[node.scope] > strength[known]) scopes.set(component.purl, node.scope);
  }
  return (purl) => scopes.get(purl) ?? "prod";
}

/** Ways are looked for only to what has findings, and once each. */
function waysIn(project: Project): (purl: string) => Pick<JudgedFinding, "through" | "paths" | "pathCount"> {
  const numbers = new Map(project.components.map(({ purl }, number) => [purl, number]));
  const known = new Map<string, Pick<JudgedFinding, "through" | "paths" | "pathCount">>();
  let walked: { readonly to: ReturnType<typeof pathsIn>; readonly through: ReturnType<typeof directsThrough> } | undefined;
  return (purl) => {
    const number = numbers.get(purl);
    if (number === undefined) return { through: [], paths: [], pathCount: 0 };
    let ways = known.get(purl);
    if (ways === undefined) {
      if (walked === undefined) {
        const graph = projectGraph(project);
        walked = { to: pathsIn(project, graph), through: directsThrough(project, graph) };
      }
      const { paths, count } = walked.to(purl);
      known.set(purl, (ways = { through: walked.through[number] ?? [], paths, pathCount: count }));
    }
    return ways;
  };
}

function ignoreNotes(policy: Policy, stale: ReturnType<typeof judge>["staleIgnores"]): readonly string[] {
  return stale.map(({ ignore, state }) => {
    const what = [ignore.rule, ignore.package, ignore.advisory].filter((part) => part !== "").join(" ");
    const place = `${policy.file}:${ignore.line}`;
    return state === "expired"
      ? `${place}: the ignore for ${what} ran out on ${ignore.expires} (${ignore.reason}); what it hid counts again`
      : `${place}: the ignore for ${what} hides nothing any more and can be taken out`;
  });
}

function sinceOf({ since }: CheckOptions, change: ProjectChange | null): Pick<Report, "since"> {
  if (since === undefined || change === null) return {};
  return { since: { revision: since, added: change.added, removed: change.removed, changed: change.changed } };
}
