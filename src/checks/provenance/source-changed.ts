import type {
  AttestationClaim,
  Check,
  CheckInput,
  CheckResult,
  Component,
  Evidence,
  ProvenanceEvidence,
  ProvenanceExpectation,
  Severity,
} from "../../model/index.ts";
import { isUnavailable } from "../../model/index.ts";
import { orderOf } from "../../versions/index.ts";
import { eachComponent } from "../each.ts";
import { provenanceOf, validOrigins } from "./evidence.ts";
import { type SourceChange, expectationOf, releaseLine, sourceChanges } from "./expectations.ts";

export const sourceChanged: Check = {
  id: "provenance/source-changed",
  question: "provenance",
  title: "Does it come from where the releases of its line came from before?",
  severity: "high",
  needs: ["provenance"],
  tags: ["CWE-345"],
  run,
};

/** Another repository or owner is another project; another workflow or kind of ref is a change of habit. */
const weights: Readonly<Record<SourceChange["about"], Severity>> = {
  repository: "high",
  owner: "high",
  issuer: "high",
  builder: "moderate",
  runner: "moderate",
  workflow: "moderate",
  ref: "low",
};
const worst: readonly Severity[] = ["high", "moderate", "low"];

function run(input: CheckInput): CheckResult {
  return eachComponent(input, sourceChanged, ({ component, purl, title, find }) => {
    const evidence = provenanceOf(input, purl);
    if (isUnavailable(evidence)) return false;
    const found = originChanges(evidence, component);
    if (found === null) return false;
    const { origin, before, changes } = found;
    if (changes.length === 0) return true;
    const severity = worst.find((one) => changes.some(({ about }) => weights[about] === one)) ?? "low";
    find({
      severity,
      message: `${title} does not come from where ${before.versions.at(-1) ?? "earlier releases"} came from: ${changes
        .map((change) => `${change.about} ${change.before} before, ${change.now} now`)
        .join("; ")}.`,
      evidence: [origin],
      remedy: {
        text: "Find the change in the project's own words (a release note, a commit that moves the workflow). Until then stay with the release before; when you know, an ignore with the reason lets it pass.",
      },
      references: changes.map(({ about }) => about),
    });
    return true;
  });
}

export interface OriginChanges {
  readonly origin: Evidence<AttestationClaim>;
  readonly before: ProvenanceExpectation;
  readonly changes: readonly SourceChange[];
}

/** What is not as it was with the releases before it on its line, by statements that hold; null where there is nothing to compare. */
export function originChanges(evidence: ProvenanceEvidence, { purl, version, ecosystem }: Component): OriginChanges | null {
  // One release has one origin; of one that is several files each may have another, and the one that differs is the thing to look at.
  const origins = evidence.files === undefined ? validOrigins(evidence).slice(0, 1) : validOrigins(evidence);
  const told = origins.flatMap((origin) => {
    const now = expectationOf(purl, version, origin.claim, origin.observedAt);
    return now === null ? [] : [{ origin, now }];
  });
  const line = releaseLine(version);
  // A line's own past counts; a line without one is held to the newest other line, by what a project takes along everywhere.
  const own = evidence.expectations.find((expectation) => expectation.line === line);
  const before = own ?? evidence.expectations[0];
  const order = orderOf(ecosystem);
  const isOlder = (one: string): boolean => order === null || !order.valid(one) || !order.valid(version) || order.compare(one, version) < 0;
  if (before === undefined || before.versions.includes(version) || !before.versions.some(isOlder)) return null;
  const compared = told.map(({ origin, now }): OriginChanges => ({
    origin,
    before,
    changes: sourceChanges(before, now).filter(
      ({ about }) => own !== undefined || about === "repository" || about === "owner" || about === "issuer",
    ),
  }));
  return compared.find(({ changes }) => changes.length > 0) ?? compared[0] ?? null;
}
