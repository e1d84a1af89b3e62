/** The one to three commands that would help most, for the last lines of a report. */
import type { JudgedFinding, NextStep, Unanswered } from "../model/index.ts";
import { byCodeUnit, grouped } from "../model/index.ts";
import { count } from "./sentences.ts";

/** More than three is a list to read, not something to do next. */
const MAX_STEPS = 3;
/** A command that names more than this many packages is no longer read before it is run. */
const MAX_NAMES = 12;

/**
 * Groups what can be cured by one command: `npm update a` and `npm update b` become `npm update a b`, which "cures 12 of 30 findings".
 * Notes and ignored findings ask for nothing, so they do not count. A command that answers an open question comes first where the whole
 * question is open, else last.
 */
export function nextSteps(findings: readonly JudgedFinding[], unanswered: readonly Unanswered[]): readonly NextStep[] {
  const pressing = findings.filter(({ effect }) => effect === "block" || effect === "review");
  const groups = new Map<string, { names: Set<string>; cured: JudgedFinding[] }>();
  for (const finding of pressing) {
    const { command, change } = finding.remedy;
    if (command === undefined) continue;
    const update = change?.kind === "update" ? updateOf(command) : null;
    const key = update === null ? `=${command}` : `+${update.stem}`;
    let group = groups.get(key);
    if (group === undefined) groups.set(key, (group = { names: new Set(), cured: [] }));
    for (const name of update?.names ?? []) group.names.add(name);
    group.cured.push(finding);
  }
  const cures = [...groups].toSorted(
    ([a, x], [b, y]) => blocked(y.cured) - blocked(x.cured) || y.cured.length - x.cured.length || byCodeUnit(a, b),
  );
  // A second release of one direct dependency would undo the first: the next run proposes it, if it is still needed.
  const upgraded = new Set<string>();
  const first = cures.filter(([, { cured }]) => {
    const change = cured[0]?.remedy.change;
    if (change?.kind !== "upgrade-direct") return true;
    const again = upgraded.has(change.name);
    upgraded.add(change.name);
    return !again;
  });
  const steps = first.map(([key, { names, cured }]): NextStep => {
    const sorted = [...names].toSorted(byCodeUnit);
    const shown = sorted.slice(0, MAX_NAMES);
    const covered =
      sorted.length === shown.length
        ? cured
        : cured.filter(({ remedy }) => updateOf(remedy.command ?? "")?.names.every((name) => shown.includes(name)));
    return {
      command: [key.slice(1), ...shown].join(" "),
      why: `cures ${grouped(covered.length)} of ${count(pressing.length, "finding")}`,
    };
  });
  const [open] = answering(unanswered);
  if (open === undefined) return steps.slice(0, MAX_STEPS);
  return open.whole ? [open.step, ...steps.slice(0, MAX_STEPS - 1)] : [...steps.slice(0, MAX_STEPS - 1), open.step];
}

/** `npm update a b`: a command whose names may grow. Several commands in one line may not be joined. */
function updateOf(command: string): { readonly stem: string; readonly names: readonly string[] } | null {
  const match = /^([^&]*? (?:update|upgrade|up -R)) ([^&]+)$/.exec(command);
  return match?.[1] === undefined || match[2] === undefined ? null : { stem: match[1], names: match[2].split(" ") };
}

const blocked = (findings: readonly JudgedFinding[]): number => findings.filter(({ effect }) => effect === "block").length;

function answering(unanswered: readonly Unanswered[]): readonly { readonly step: NextStep; readonly whole: boolean }[] {
  const byCure = new Map<string, Unanswered[]>();
  for (const gap of unanswered) {
    if (gap.cure === undefined) continue;
    const gaps = byCure.get(gap.cure);
    if (gaps === undefined) byCure.set(gap.cure, [gap]);
    else gaps.push(gap);
  }
  return [...byCure]
    .map(([command, gaps]) => {
      const questions = [...new Set(gaps.map(({ question }) => question))];
      return {
        step: { command, why: `answers what is open about ${questions.join(", ")}` },
        whole: gaps.some(({ subjects }) => subjects.length === 0),
        gaps: gaps.length,
      };
    })
    .toSorted((a, b) => Number(b.whole) - Number(a.whole) || b.gaps - a.gaps || byCodeUnit(a.step.command, b.step.command));
}
