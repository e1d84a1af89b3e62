/**
 * Runs the rules over gathered evidence. Nothing here fetches, and nothing that a rule does can end the run: a rule that throws
 * becomes something unanswered, because a report that is missing one rule and says so is worth more than no report.
 */
import type { Check, CheckInput, CheckResult, Finding, Need, QuestionId, Severity, Unanswered } from "../model/index.ts";
import { byCodeUnit, formatPlace, questions, severities } from "../model/index.ts";
import { checks } from "./list.ts";

export interface CheckRun {
  /** What each rule found, by rule, in the order of the list. A rule that threw has `answered: 0`. */
  readonly results: ReadonlyMap<string, CheckResult>;
  /** Of all rules: worst first, then by subject, rule and key (code units). Severities are those that the policy sets. */
  readonly findings: readonly Finding[];
  /** Of all rules and of the inventory, merged where question, reason and cure are the same. */
  readonly unanswered: readonly Unanswered[];
}

/** Runs `enabled` (default: all) rules. Never throws because of a rule; the same input gives the same output. */
export function runChecks(input: CheckInput, enabled: readonly Check[] = checks): CheckRun {
  const results = new Map<string, CheckResult>();
  for (const check of enabled) results.set(check.id, runOne(check, input));
  const findings: Finding[] = [];
  const unanswered: Unanswered[] = [...inventoryGaps(input)];
  for (const result of results.values()) {
    for (const finding of result.findings) findings.push(finding);
    for (const gap of result.unanswered) unanswered.push(gap);
  }
  return { results, findings: findings.toSorted(worstFirst), unanswered: mergeUnanswered(unanswered) };
}

/** What `enabled` rules may ask for: the core gathers this and no more. Sorted. */
export function needsOf(enabled: readonly Check[] = checks): readonly Need[] {
  return [...new Set(enabled.flatMap((check) => check.needs))].toSorted(byCodeUnit);
}

function runOne(check: Check, input: CheckInput): CheckResult {
  try {
    const result = check.run(input);
    const severity = input.settings(check.id).severity;
    return severity === undefined ? result : { ...result, findings: result.findings.map((finding) => weighed(finding, severity)) };
  } catch (error) {
    const because = `the rule itself failed: ${error instanceof Error ? error.message : String(error)}`;
    return {
      findings: [],
      unanswered: [{ question: check.question, rule: check.id, subjects: [], because }],
      asked: input.project.components.length,
      answered: 0,
    };
  }
}

const weighed = (finding: Finding, severity: Severity): Finding => ({ ...finding, severity });

/** Entries of the user's files that were not understood: what they bring in was asked about, and nobody can answer. */
function inventoryGaps(input: CheckInput): readonly Unanswered[] {
  return input.project.files.flatMap((file) =>
    file.problems
      .filter((problem) => problem.entry)
      .map((problem) => ({
        question: "identity" as const,
        rule: "",
        subjects: [],
        because: `${formatPlace(problem.place)}: ${problem.message}${(problem.count ?? 1) > 1 ? ` (${problem.count} entries)` : ""}`,
      })),
  );
}

function worstFirst(a: Finding, b: Finding): number {
  return (
    severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
    byCodeUnit(a.subject, b.subject) ||
    byCodeUnit(a.rule, b.rule) ||
    byCodeUnit(a.key, b.key)
  );
}

/** One line for one reason: "the registry could not be reached" once, with all its subjects, not once a rule and package. */
function mergeUnanswered(gaps: readonly Unanswered[]): readonly Unanswered[] {
  const groups = new Map<string, { first: Unanswered; rules: Set<string>; subjects: Set<string>; all: boolean }>();
  for (const gap of gaps) {
    const key = JSON.stringify([gap.question, gap.because, gap.cure ?? ""]);
    let group = groups.get(key);
    if (group === undefined) groups.set(key, (group = { first: gap, rules: new Set(), subjects: new Set(), all: false }));
    group.rules.add(gap.rule);
    if (gap.subjects.length === 0) group.all = true;
    for (const subject of gap.subjects) group.subjects.add(subject);
  }
  const merged = [...groups.values()].map(({ first, rules, subjects, all }): Unanswered => {
    const [only = ""] = rules;
    const gap = { question: first.question, rule: rules.size === 1 ? only : "", because: first.because };
    const whom = { subjects: all ? [] : [...subjects].toSorted(byCodeUnit) };
    return first.cure === undefined ? Object.assign(gap, whom) : Object.assign(gap, whom, { cure: first.cure });
  });
  return merged.toSorted(
    (a, b) =>
      rank(a.question) - rank(b.question) ||
      (a.subjects.length === 0 ? 0 : 1) - (b.subjects.length === 0 ? 0 : 1) ||
      b.subjects.length - a.subjects.length ||
      byCodeUnit(a.rule, b.rule) ||
      byCodeUnit(a.because, b.because),
  );
}

const rank = (question: QuestionId): number => questions.findIndex(({ id }) => id === question);
