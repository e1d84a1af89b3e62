import type { JudgedFinding, Unanswered, VerdictWord } from "../model/index.ts";
import { byCodeUnit, grouped, parsePurl } from "../model/index.ts";
import type { Policy } from "./policy.ts";

/** One sentence that says why the verdict is what it is. */
export function because(
  verdict: VerdictWord,
  findings: readonly JudgedFinding[],
  unanswered: readonly Unanswered[],
  policy: Policy,
): string {
  const gaps =
    unanswered.length === 0 ? "" : `${count(unanswered.length, "thing")} could not be answered (${questionsOf(unanswered).join(", ")})`;
  const deciding = findings.filter(({ effect }) => effect === verdict);
  if (deciding.length > 0) {
    const asks =
      verdict === "block" ? (deciding.length === 1 ? "blocks" : "block") : deciding.length === 1 ? "asks for a review" : "ask for a review";
    return `${count(deciding.length, "finding")} in ${subjectsOf(deciding)} ${asks}: ${byRule(deciding)}${gaps === "" ? "" : `; ${gaps}`}.`;
  }
  if (verdict !== "pass") {
    return `${capital(gaps)}, and ${policy.file === "" ? "the standard policy" : policy.file} lets that ${verdict === "block" ? "block" : "ask for a review"}.`;
  }
  const notes = findings.filter(({ effect }) => effect === "note").length;
  const ignored = findings.filter(({ effect }) => effect === "ignored").length;
  const rest = [...(notes === 0 ? [] : [count(notes, "note")]), ...(ignored === 0 ? [] : [`${grouped(ignored)} ignored`])];
  const found = rest.length === 0 ? "Nothing was found in what was asked" : `Nothing was found that asks for anything (${rest.join(", ")})`;
  return `${found}${gaps === "" ? "" : `, but ${gaps}`}.`;
}

/** `known vulnerability (12), weak hash (1)`: most first. */
function byRule(findings: readonly JudgedFinding[]): string {
  const counts = new Map<string, number>();
  for (const { rule } of findings) counts.set(rule, (counts.get(rule) ?? 0) + 1);
  return [...counts]
    .toSorted(([a, n], [b, m]) => m - n || byCodeUnit(a, b))
    .map(([rule, n]) => `${rule.slice(rule.indexOf("/") + 1).replaceAll("-", " ")} (${grouped(n)})`)
    .join(", ");
}

/** Names of this many are read in passing; more are a count. */
const NAMED = 2;

/** `lodash@4.17.4 and form-data@2.3.3`, or how many there are. */
function subjectsOf(findings: readonly JudgedFinding[]): string {
  const subjects = [...new Set(findings.map(({ subject }) => subject))];
  if (subjects.length > NAMED) return count(subjects.length, "package");
  return subjects.map(inWords).join(" and ");
}

/** A subject that is no purl (a project without a name) is shown as it is. */
function inWords(subject: string): string {
  try {
    const { namespace, name, version } = parsePurl(subject);
    return `${namespace === "" ? "" : `${namespace}/`}${name}${version === "" ? "" : `@${version}`}`;
  } catch {
    return subject;
  }
}

const questionsOf = (unanswered: readonly Unanswered[]): readonly string[] => [...new Set(unanswered.map(({ question }) => question))];

/** `1 finding`, `1,601 packages`. */
export const count = (n: number, noun: string): string => `${grouped(n)} ${noun}${n === 1 ? "" : "s"}`;

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
