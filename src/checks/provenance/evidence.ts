/** What the rules of this question share: getting at a component's origin, and what of it may be believed. */
import type {
  AttestationClaim,
  CheckInput,
  Component,
  Evidence,
  LevelVerdict,
  Node,
  ProvenanceEvidence,
  Report,
  Unavailable,
} from "../../model/index.ts";
import { isUnavailable } from "../../model/index.ts";
import { indexOf } from "../subjects.ts";
import { buildLevel } from "./level.ts";

const notGathered: Unavailable = { unavailable: true, code: "not-applicable", because: "Origins were not asked about in this run." };

export function provenanceOf(input: CheckInput, purl: string): ProvenanceEvidence | Unavailable {
  return input.evidence.provenance?.(purl) ?? notGathered;
}

/** Statements of provenance that hold: signature, bytes, and certificate and statement of one mind. */
export function validBuilds(evidence: ProvenanceEvidence): readonly Evidence<AttestationClaim>[] {
  return evidence.attestations.filter(
    ({ claim }) => claim.states === "build" && claim.refusal === undefined && claim.disagreements.length === 0 && claim.build !== null,
  );
}

/**
 * Refusals that say something about us rather than about the attestation: a form or a key that is newer than what we know. They leave the
 * question open; all others answer it.
 */
const undecidable: ReadonlySet<string> = new Set([
  "bundle-version",
  "key-missing",
  "log-entry-unsupported",
  "log-untrusted",
  "timestamp-untrusted",
]);

export const isUndecidable = (refusal: { readonly code: string }): boolean => undecidable.has(refusal.code);

/** Option of `provenance/build-level`, which every level in a report is judged by. */
function trustedBuilders(input: Pick<CheckInput, "settings">): readonly string[] {
  const value = input.settings(BUILD_LEVEL).options["trusted-builders"];
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];
}

export const BUILD_LEVEL = "provenance/build-level";

/** The level of one component, or why it is not known. Unknown is not level 0: nothing was there to look at. */
export function componentLevel(input: Pick<CheckInput, "settings" | "evidence">, purl: string): LevelVerdict | Unavailable {
  const evidence = input.evidence.provenance?.(purl) ?? notGathered;
  if (isUnavailable(evidence)) return evidence;
  const verdict = buildLevel(
    evidence.attestations.map(({ claim }) => claim),
    { trustedBuilders: trustedBuilders(input) },
  );
  const open = evidence.attestations.find(
    ({ claim }) => claim.states === "build" && claim.refusal !== undefined && isUndecidable(claim.refusal),
  );
  if (verdict.level === 0 && open?.claim.refusal !== undefined)
    return { unavailable: true, code: open.claim.refusal.code, because: open.claim.refusal.message, cure: "tributary trust update" };
  return verdict;
}

/** Whether a component was published by itself: the project's own, and what is delivered inside another package, was not. */
export const isPublished = (component: Component, nodes: readonly Node[]): boolean =>
  component.origin.kind !== "directory" && component.origin.kind !== "file" && !nodes.some(({ bundled }) => bundled === true);

/** The level of every component that has one to be asked about, in the project's order; null where it is not known. */
export function projectLevels(input: CheckInput): NonNullable<Report["levels"]> {
  const { nodesOf } = indexOf(input.project);
  return input.project.components.flatMap((component, number): NonNullable<Report["levels"]> => {
    if (!isPublished(component, nodesOf[number] ?? [])) return [];
    const verdict = componentLevel(input, component.purl);
    if (isUnavailable(verdict)) return verdict.code === "not-applicable" ? [] : [{ purl: component.purl, level: null }];
    return [{ purl: component.purl, level: verdict.level }];
  });
}
