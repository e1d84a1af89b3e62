/**
 * A policy says what a finding means for this project: which severities block, which ask a person to look, which rules are off or weigh
 * more or less, and what is ignored, why and until when. It never says what is true: that is the rules' business.
 */
import type { RuleSettings, Severity } from "../model/index.ts";

/** A threshold: this severity and everything worse. */
export type Threshold = Severity | "never";

/** What happens when something could not be answered. There is no word for "treat it as fine": `pass` still lists it in the report. */
export type UnansweredEffect = "block" | "review" | "pass";

/** What a known vulnerability counts for in a component that only development needs. */
export type DevEffect = "same" | "lower" | "note";

export interface RulePolicy {
  readonly off: boolean;
  readonly severity?: Severity;
  readonly options: Readonly<Record<string, boolean | number | readonly string[]>>;
}

export interface Ignore {
  /** A rule's name, or "" for any. */
  readonly rule: string;
  /** A purl, with `*` for any run of characters; without a version it stands for every version. "" for any. */
  readonly package: string;
  /** An advisory's id or one of its aliases; "" for any. */
  readonly advisory: string;
  readonly reason: string;
  /** `YYYY-MM-DD`, the last day (UTC) on which it holds. */
  readonly expires: string;
  /** The line in the policy file. */
  readonly line: number;
}

/** Somebody whose verification stands in for ours: a verifier of SLSA's verification summaries. */
export interface TrustedVerifier {
  /** `verifier.id` of its summaries, to the letter. */
  readonly id: string;
  /** Who signs for it: a public key's file, relative to the policy; or an identity and who vouches for it, to the letter. */
  readonly signer:
    | { readonly kind: "key"; readonly file: string }
    | { readonly kind: "identity"; readonly identity: string; readonly issuer: string };
  /** The highest build level that its word counts for. */
  readonly upTo: 1 | 2 | 3;
  /** For how many days after its verification its word counts; null for ever. */
  readonly days: number | null;
  /** Packages that it may speak of, as patterns of purls; empty for all. */
  readonly packages: readonly string[];
}

export interface Policy {
  /** The file it was read from, or "" for the standard policy. */
  readonly file: string;
  readonly block: Threshold;
  readonly review: Threshold;
  readonly unanswered: UnansweredEffect;
  readonly dev: DevEffect;
  readonly rules: ReadonlyMap<string, RulePolicy>;
  readonly ignores: readonly Ignore[];
  readonly verifiers: readonly TrustedVerifier[];
  /** The folder with their summaries, relative to the policy. */
  readonly summaries: string;
}

/**
 * What a stranger gets who wrote no policy. `critical` blocks: malware, bytes that are not what was published, and the vulnerabilities
 * that their reporters call critical; such a thing is nearly never right to take in, and is rare enough that a stop is not noise.
 * `high` and `moderate` ask for a look. The rest is noted. What could not be answered asks for a look, because unknown is not fine. A
 * vulnerability in a development tool weighs one step less, because most need the running program; malware does not wait for that.
 */
export const defaultPolicy: Policy = {
  file: "",
  block: "critical",
  review: "moderate",
  unanswered: "review",
  dev: "lower",
  rules: new Map(),
  ignores: [],
  verifiers: [],
  summaries: ".tributary/summaries",
};

const noSettings: RuleSettings = { options: {} };

/** What the policy sets for each rule, in the form in which rules take it. */
export function settingsOf(policy: Policy): (rule: string) => RuleSettings {
  return (rule) => policy.rules.get(rule) ?? noSettings;
}

/** Those of the rules that the policy does not turn off. */
export function enabledRules<R extends { readonly id: string }>(policy: Policy, rules: readonly R[]): readonly R[] {
  return rules.filter(({ id }) => policy.rules.get(id)?.off !== true);
}

/** One line that says which policy was applied: for `Report.basis.policy`. */
export function describePolicy(policy: Policy): string {
  if (policy.file === "") return "the standard policy";
  const off = [...policy.rules.values()].filter((rule) => rule.off).length;
  const parts = [
    ...(policy.ignores.length === 0 ? [] : [`${policy.ignores.length} ${policy.ignores.length === 1 ? "ignore" : "ignores"}`]),
    ...(policy.verifiers.length === 0
      ? []
      : [`${policy.verifiers.length} trusted ${policy.verifiers.length === 1 ? "verifier" : "verifiers"}`]),
    ...(off === 0 ? [] : [`${off} ${off === 1 ? "rule" : "rules"} off`]),
  ];
  return parts.length === 0 ? policy.file : `${policy.file} (${parts.join(", ")})`;
}
