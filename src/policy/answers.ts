import type { Answer, Check, CheckResult, JudgedFinding, Unanswered } from "../model/index.ts";
import { grouped, questions } from "../model/index.ts";
import { count } from "./sentences.ts";

export interface AnswersInput {
  /** All rules there are. */
  readonly rules: readonly Pick<Check, "id" | "question">[];
  /** What those that ran found, by rule. */
  readonly results: ReadonlyMap<string, CheckResult>;
  readonly findings: readonly JudgedFinding[];
  readonly unanswered: readonly Unanswered[];
}

/**
 * One answer a question, in the questions' order. A subject counts as answered where no rule of the question had to leave it open; the
 * number asked is that of the rule that asked about most. The outcome is the worst effect of the question's findings, `unknown` where
 * there is none but something is open, and `pass` only where nothing blocks, asks for a review or is open.
 */
export function answersOf(input: AnswersInput): readonly Answer[] {
  return questions.map(({ id, title }): Answer => {
    const rules = input.rules.filter(({ question }) => question === id);
    const results = rules.flatMap((rule) => input.results.get(rule.id) ?? []);
    if (results.length === 0) {
      const sentence = rules.length === 0 ? "Not asked yet." : "Not asked: the policy turns its rules off.";
      return { question: id, title, state: "not-asked", outcome: "not-asked", sentence, answered: 0, asked: 0, findings: 0 };
    }
    const gaps = input.unanswered.filter(({ question }) => question === id);
    const findings = input.findings.filter(({ question }) => question === id);
    const asked = Math.max(...results.map((result) => result.asked + (result.notAsked ?? 0)));
    const notAsked = Math.max(...results.map((result) => result.notAsked ?? 0));
    const summaries = results.flatMap(({ summary }) => summary ?? []);
    if (asked === notAsked && findings.length + gaps.length === 0) {
      // Nothing was judged, so nothing may look fine.
      const sentence = summaries.length > 0 ? summaries.join(" ") : "There was nothing to ask about.";
      return { question: id, title, state: "not-asked", outcome: "not-asked", sentence, answered: 0, asked: 0, findings: 0 };
    }
    const answered = Math.max(0, answeredOf(asked, results, gaps) - notAsked);
    const outcome = outcomeOf(findings, gaps);
    return {
      question: id,
      title,
      state: "asked",
      // Fine is what was asked about; of what was not, nobody knows.
      outcome: outcome === "pass" && notAsked > 0 ? "not-asked" : outcome,
      sentence: withSummaries(summaries, sentenceOf(findings, gaps, asked - notAsked, answered), findings.length + gaps.length > 0),
      answered,
      asked,
      findings: findings.length,
    };
  });
}

/** What a rule says of the project as a whole comes first; that nothing was found besides need not be said then. */
function withSummaries(summaries: readonly string[], sentence: string, more: boolean): string {
  return summaries.length === 0 ? sentence : [...summaries, ...(more ? [sentence] : [])].join(" ");
}

function answeredOf(asked: number, results: readonly CheckResult[], gaps: readonly Unanswered[]): number {
  // A rule that could say nothing about anything leaves every subject open.
  if (results.some((result) => result.unanswered.some(({ subjects }) => subjects.length === 0))) return 0;
  return Math.max(0, asked - new Set(gaps.flatMap(({ subjects }) => subjects)).size);
}

function outcomeOf(findings: readonly JudgedFinding[], gaps: readonly Unanswered[]): Answer["outcome"] {
  if (findings.some(({ effect }) => effect === "block")) return "block";
  if (findings.some(({ effect }) => effect === "review")) return "review";
  return gaps.length > 0 ? "unknown" : "pass";
}

const effectWords = [
  ["block", "to block"],
  ["review", "to review"],
  ["note", "to note"],
  ["ignored", "ignored"],
] as const;

function sentenceOf(findings: readonly JudgedFinding[], gaps: readonly Unanswered[], asked: number, answered: number): string {
  const parts: string[] = [];
  if (findings.length > 0) {
    const kinds = effectWords
      .map(([effect, words]) => [findings.filter((finding) => finding.effect === effect).length, words] as const)
      .filter(([n]) => n > 0)
      .map(([n, words]) => `${grouped(n)} ${words}`);
    const subjects = new Set(findings.map(({ subject }) => subject)).size;
    parts.push(`${count(findings.length, "finding")} on ${count(subjects, "package")}: ${kinds.join(", ")}.`);
  }
  const [gap] = gaps;
  if (gap !== undefined) {
    const whom = answered === asked ? "Something" : answered === 0 ? "None" : grouped(asked - answered);
    const open =
      answered === asked
        ? "is open"
        : `of ${count(asked, "package")} could ${answered === 0 ? "be judged in full" : "not be judged in full"}`;
    parts.push(`${whom} ${open}: ${reason(gap.because)}${gaps.length > 1 ? ` (and ${count(gaps.length - 1, "other reason")})` : ""}.`);
  }
  if (parts.length > 0) return parts.join(" ");
  return asked === 0 ? "There was nothing to ask about." : `Nothing found in ${count(asked, "package")}.`;
}

/** Reasons come as sentences or as parts of one. */
const reason = (because: string): string => because.replace(/[.\s]+$/, "");
