import type { Evidence } from "./evidence.ts";
import type { Place } from "./fault.ts";
import type { QuestionId } from "./questions.ts";

/** How bad it is if the finding is right. Malware, and bytes that are not what was published, are critical. */
export type Severity = "critical" | "high" | "moderate" | "low" | "info";
export const severities: readonly Severity[] = ["critical", "high", "moderate", "low", "info"];

/** What the consumer can do; never a demand on a volunteer. */
export interface Remedy {
  readonly text: string;
  /** A command that can be copied as it stands. */
  readonly command?: string;
  /** The change as data: which dependency of which file goes from what to what. */
  readonly change?: {
    readonly kind: "update" | "upgrade-direct" | "override" | "remove" | "replace";
    readonly name: string;
    readonly from: string;
    readonly to: string;
  };
}

/** The way from a root to the subject: names with versions, the root left out, the subject last. */
export type DependencyPath = readonly string[];

export interface Finding {
  /** `integrity/lockfile-mismatch`: question, slash, rule. */
  readonly rule: string;
  readonly question: QuestionId;
  /** purl of the component, or of the project itself. */
  readonly subject: string;
  readonly severity: Severity;
  /** One sentence with the facts in it. */
  readonly message: string;
  readonly evidence: readonly Evidence[];
  /** Where in the user's files; the first is the one to show. */
  readonly places: readonly Place[];
  readonly remedy: Remedy;
  /** Tells two findings of one rule on one subject apart (an advisory's id, a file's name); "" where one is all there can be. */
  readonly key: string;
  /** Advisory ids, CWE ids and the like, to search and group by. */
  readonly references: readonly string[];
}

/** Something that a check was asked and could not answer. */
export interface Unanswered {
  readonly question: QuestionId;
  /** The rule that could not be judged, or "" where the whole question could not. */
  readonly rule: string;
  /** purls; empty where it concerns all. */
  readonly subjects: readonly string[];
  readonly because: string;
  /** A command that cures it. */
  readonly cure?: string;
}

/** A finding's stable name across runs, machines and line numbers: rule, subject and key. */
export function findingKey(finding: Pick<Finding, "rule" | "subject" | "key">): string {
  return `${finding.rule}|${finding.subject}|${finding.key}`;
}
