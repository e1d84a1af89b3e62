/** Findings in, verdict out. What is ignored stays in the report, and what could not be answered is part of the verdict. */
import type { Effect, Finding, JudgedFinding, Node, Severity, Unanswered, Verdict } from "../model/index.ts";
import { byCodeUnit, severities } from "../model/index.ts";
import type { Ignore, Policy, Threshold } from "./policy.ts";
import { matchesPackage } from "./purl-pattern.ts";
import { because } from "./sentences.ts";

export interface JudgeInput {
  /** As `runChecks` gives them: worst first. */
  readonly findings: readonly Finding[];
  readonly unanswered: readonly Unanswered[];
  readonly policy: Policy;
  /** ISO 8601: the day against which an ignore's expiry is held. */
  readonly now: string;
  /** What a production install would bring: the strongest scope of the subject's nodes. `prod` for the project itself. */
  readonly scopeOf: (purl: string) => Node["scope"];
  /** Which direct dependencies bring the subject in, and by which ways. */
  readonly waysTo: (purl: string) => Pick<JudgedFinding, "through" | "paths" | "pathCount">;
}

export interface Judgement {
  /** In the order in which they came. */
  readonly findings: readonly JudgedFinding[];
  readonly verdict: Verdict;
  /** Ignores that have run out, or that no finding needed: to be taken out of the file. */
  readonly staleIgnores: readonly { readonly ignore: Ignore; readonly state: "expired" | "unused" }[];
}

/**
 * A vulnerability needs the running program to be harmful, so it may weigh less in what only development uses. Malware and wrong bytes
 * do their harm on the developer's machine, so nothing else is softened.
 */
const needsRunningProgram: ReadonlySet<string> = new Set(["advisories/known-vulnerability", "advisories/known-notice"]);

/** Applies the policy. Never throws; the same input gives the same output. */
export function judge(input: JudgeInput): Judgement {
  const { policy } = input;
  const used = new Set<Ignore>();
  const findings = input.findings.map((finding): JudgedFinding => {
    const effect = effectOf(finding, input);
    const ways = input.waysTo(finding.subject);
    const matching = policy.ignores.filter((ignore) => ignores(ignore, finding));
    for (const ignore of matching) used.add(ignore);
    const valid = matching.find((ignore) => !hasExpired(ignore, input.now));
    const ignore = valid ?? matching.toSorted((a, b) => byCodeUnit(b.expires, a.expires))[0];
    if (ignore === undefined) return { ...finding, effect, ...ways };
    const { reason, expires } = ignore;
    return {
      ...finding,
      effect: valid === undefined ? effect : "ignored",
      ignore: { reason, expires, expired: valid === undefined },
      ...ways,
    };
  });
  const counts: Record<Effect, number> = { block: 0, review: 0, note: 0, ignored: 0 };
  for (const { effect } of findings) counts[effect]++;
  const gap = input.unanswered.length === 0 ? "pass" : policy.unanswered;
  const verdict = counts.block > 0 || gap === "block" ? "block" : counts.review > 0 || gap === "review" ? "review" : "pass";
  return {
    findings,
    verdict: { verdict, because: because(verdict, findings, input.unanswered, policy), counts, unanswered: input.unanswered },
    staleIgnores: policy.ignores.flatMap((ignore): Judgement["staleIgnores"] => {
      if (hasExpired(ignore, input.now)) return [{ ignore, state: "expired" }];
      return used.has(ignore) ? [] : [{ ignore, state: "unused" }];
    }),
  };
}

function effectOf(finding: Finding, { policy, scopeOf }: JudgeInput): Effect {
  const effect = reaches(finding.severity, policy.block) ? "block" : reaches(finding.severity, policy.review) ? "review" : "note";
  if (policy.dev === "same" || !needsRunningProgram.has(finding.rule) || scopeOf(finding.subject) !== "dev") return effect;
  return policy.dev === "lower" && effect === "block" ? "review" : "note";
}

const reaches = (severity: Severity, threshold: Threshold): boolean =>
  threshold !== "never" && severities.indexOf(severity) <= severities.indexOf(threshold);

function ignores(ignore: Ignore, finding: Finding): boolean {
  return (
    (ignore.rule === "" || ignore.rule === finding.rule) &&
    (ignore.package === "" || matchesPackage(ignore.package, finding.subject)) &&
    (ignore.advisory === "" || finding.key === ignore.advisory || finding.references.includes(ignore.advisory))
  );
}

/** It holds until the end of its last day. */
const hasExpired = (ignore: Ignore, now: string): boolean => byCodeUnit(now.slice(0, "YYYY-MM-DD".length), ignore.expires) > 0;
