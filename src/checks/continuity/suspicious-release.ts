import type { Check, CheckInput, CheckResult, Component, Node, Signal, Unavailable } from "../../model/index.ts";
import { firstReleaseAt, grouped, isUnavailable } from "../../model/index.ts";
import { fuse, youngDependencySignals } from "../fusion.ts";
import { validOrigins } from "../provenance/evidence.ts";
import { type OriginChanges, originChanges } from "../provenance/source-changed.ts";
import { originSignals } from "./signals.ts";
import { rangesOf, tagMoves } from "./tags.ts";
import { eachHistory, reviewAgainst, stayWith } from "./walk.ts";

export const suspiciousRelease: Check = {
  id: "continuity/suspicious-release",
  question: "continuity",
  title: "Does not everything about it change at once?",
  severity: "high",
  needs: ["release", "change", "document", "provenance"],
  tags: ["CWE-506"],
  run,
};

/** Registries say who published; mirrors may not, and then nobody can say whether it was the one who did before. */
const unsaid: Unavailable = {
  unavailable: true,
  code: "source/not-said",
  because: "the registry does not say who published it (mirrors often leave that out), so half of this question stays open",
};

/** Python's indexes never do; a file's attestation of publication does (PEP 740). */
const unattested: Unavailable = {
  unavailable: true,
  code: "source/not-said",
  because:
    "Python's package indexes do not say who published a release, and no attestation of it does, so half of this question stays open",
};

/** An attestation that holds names the workflow that published it. */
function publishedByProof({ evidence }: CheckInput, purl: string): boolean {
  const provenance = evidence.provenance?.(purl);
  return provenance !== undefined && !isUnavailable(provenance) && validOrigins(provenance).length > 0;
}

/** What proofs say of where it was built, against the releases of its line that were seen here. */
function builtOtherwise({ evidence }: CheckInput, component: Component): OriginChanges["changes"] {
  const provenance = evidence.provenance?.(component.purl);
  return provenance === undefined || isUnavailable(provenance) ? [] : (originChanges(provenance, component)?.changes ?? []);
}

function run(input: CheckInput): CheckResult {
  const named = new Map(input.project.components.map((component) => [component.name, component]));
  const born = (name: string): string => {
    const component = named.get(name);
    const document = component === undefined ? undefined : input.evidence.document(component.purl);
    return document === undefined || isUnavailable(document) ? "" : firstReleaseAt(document);
  };
  const ranges = rangesOf(input.project);
  /** Names of the registry that were moved to this very release. */
  const moved = (component: Component, nodes: readonly Node[]): readonly Signal[] => {
    const seen = input.evidence.tagsSeen?.(component.purl) ?? null;
    const document = seen === null ? null : input.evidence.document(component.purl);
    if (seen === null || document === null || isUnavailable(document)) return [];
    return tagMoves(component, ranges(nodes), seen, document).flatMap(({ to, signals }) => (to === component.version ? signals : []));
  };
  let told = 0;
  let timed = 0;
  const result = eachHistory(input, suspiciousRelease, ({ purl, title, component, nodes, history, release, gaps, find }) => {
    if (history.self.publisher !== null || publishedByProof(input, purl)) told++;
    else gaps.add(purl, component.ecosystem === "PyPI" ? unattested : unsaid);
    if (history.gap >= 0) timed++;
    const change = input.evidence.change?.(purl);
    if (change !== undefined && isUnavailable(change) && change.code !== "not-applicable" && change.code !== "not-compared")
      gaps.add(purl, change);
    const compared = change === undefined || isUnavailable(change) ? null : change;
    const more = [
      ...(compared === null ? [] : youngDependencySignals(compared, history.self.at, born)),
      ...originSignals({ changes: builtOtherwise(input, component), refused: [] }),
      ...moved(component, nodes),
    ];
    const { verdict, because, reasons } = fuse(compared, history, more);
    if (verdict === "block" || verdict === "review") {
      find({
        severity: verdict === "block" ? "critical" : "high",
        message: `${title}: ${because} ${reasons
          .slice(0, 4)
          .map(({ message }) => message)
          .join(" ")}`,
        evidence: [release],
        remedy: {
          text: `Stay with ${stayWith(history)} until somebody has read what changed.`,
          ...reviewAgainst(component, history),
          ...(history.before === null
            ? {}
            : { change: { kind: "replace" as const, name: component.name, from: component.version, to: history.before.version } }),
        },
        references: reasons.map(({ id }) => id),
      });
    }
    return true;
  });
  if (result.asked === 0) return result;
  const summary = `Who published is told of ${grouped(told)} of ${grouped(result.asked)} releases, and the rhythm before of ${grouped(timed)}.`;
  return { ...result, summary };
}
