/** What the rules of this question share: getting at a component's origin, and what of it may be believed. */
import type {
  AttestationClaim,
  CheckInput,
  Component,
  Evidence,
  LevelVerdict,
  Node,
  ProvedFile,
  ProvenanceEvidence,
  Report,
  Unavailable,
} from "../../model/index.ts";
import { isUnavailable } from "../../model/index.ts";
import { indexOf } from "../subjects.ts";
import { buildLevel, type LevelOptions } from "./level.ts";

const notGathered: Unavailable = { unavailable: true, code: "not-applicable", because: "Origins were not asked about in this run." };

export function provenanceOf(input: CheckInput, purl: string): ProvenanceEvidence | Unavailable {
  return input.evidence.provenance?.(purl) ?? notGathered;
}

/** Statements of provenance that hold: signature, bytes, and certificate and statement of one mind. */
function validBuilds(evidence: ProvenanceEvidence): readonly Evidence<AttestationClaim>[] {
  return evidence.attestations.filter(
    ({ claim }) => claim.states === "build" && claim.refusal === undefined && claim.disagreements.length === 0 && claim.build !== null,
  );
}

/** A certificate names the source of who published the file: whose workflow it was is proved, how it built is not. */
const isPublication = ({ claim }: Evidence<AttestationClaim>): boolean =>
  claim.states === "publish" &&
  claim.refusal === undefined &&
  claim.disagreements.length === 0 &&
  claim.signer?.by === "certificate" &&
  claim.signer.source !== "";

/** Statements that hold and name the source: of how it was built or, where none says that, of whose workflow published it. */
export function validOrigins(evidence: ProvenanceEvidence): readonly Evidence<AttestationClaim>[] {
  const builds = validBuilds(evidence);
  return builds.length > 0 ? builds : evidence.attestations.filter(isPublication);
}

/** The attestations of one file of a release. */
export const attestationsOf = (evidence: ProvenanceEvidence, file: ProvedFile): readonly Evidence<AttestationClaim>[] =>
  evidence.attestations.filter(({ subject }) => subject.digest?.["sha256"] === file.sha256);

/** Files of which no statement that holds names the source. */
export function filesWithoutOrigin(evidence: ProvenanceEvidence): readonly ProvedFile[] {
  const proved = new Set(
    [...validBuilds(evidence), ...evidence.attestations.filter(isPublication)].map(({ subject }) => subject.digest?.["sha256"] ?? ""),
  );
  return (evidence.files ?? []).filter(({ sha256 }) => !proved.has(sha256));
}

/** Whether it is proved whose it is: every file that may be installed, where there are several. */
export const isFromKnownSource = (evidence: ProvenanceEvidence): boolean =>
  validOrigins(evidence).length > 0 && filesWithoutOrigin(evidence).length === 0;

/**
 * Refusals that say something about us rather than about the attestation: a form or a key that is newer than what we know. They leave the
 * question open; all others answer it.
 */
const undecidable: ReadonlySet<string> = new Set([
  "bundle-version",
  "key-missing",
  "log-entry-unsupported",
  "log-untrusted",
  "publisher-unknown",
  "timestamp-untrusted",
]);

export const isUndecidable = (refusal: { readonly code: string }): boolean => undecidable.has(refusal.code);

/** Option of `provenance/build-level`, which every level in a report is judged by. */
function trustedBuilders(input: Pick<CheckInput, "settings">): readonly string[] {
  const value = input.settings(BUILD_LEVEL).options["trusted-builders"];
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];
}

export const BUILD_LEVEL = "provenance/build-level";

/**
 * The level of one component, or why it is not known. Unknown is not level 0: nothing was there to look at. The word of a verifier whom the policy
 * trusts counts where it says more than what we verified ourselves, and never for more than the policy lets it.
 */
export function componentLevel(input: Pick<CheckInput, "settings" | "evidence">, purl: string): LevelVerdict | Unavailable {
  const own = ownLevel(input, purl);
  if (isUnavailable(own) && own.code === "not-applicable") return own;
  const [best] = (input.evidence.summaries?.(purl) ?? []).toSorted((a, b) => b.claim.level - a.claim.level);
  if (best === undefined || best.claim.level <= (isUnavailable(own) ? 0 : own.level)) return own;
  const { verifier, level, resource } = best.claim;
  const because = `${verifier} verified ${resource}, and your policy takes its word for it.`;
  return {
    level,
    requirements: level === 0 ? [] : [{ id: "verified-elsewhere", level, met: true, because }],
    word: verifier,
    row: "verification summary",
    table: isUnavailable(own) ? "none" : own.table,
  };
}

function ownLevel(input: Pick<CheckInput, "settings" | "evidence">, purl: string): LevelVerdict | Unavailable {
  const evidence = input.evidence.provenance?.(purl) ?? notGathered;
  if (isUnavailable(evidence)) return evidence;
  const verdict = releaseLevel(evidence, { trustedBuilders: trustedBuilders(input) });
  const open = evidence.attestations.find(
    ({ claim }) => claim.states === "build" && claim.refusal !== undefined && isUndecidable(claim.refusal),
  );
  if (verdict.level === 0 && open?.claim.refusal !== undefined)
    return { unavailable: true, code: open.claim.refusal.code, because: open.claim.refusal.message, cure: "tributary trust update" };
  return verdict;
}

/** Of a release of several files the level is that of the one that shows least: any of them may be installed. */
function releaseLevel(evidence: ProvenanceEvidence, options: LevelOptions): LevelVerdict {
  const claims = (attestations: readonly Evidence<AttestationClaim>[]): LevelVerdict =>
    buildLevel(
      attestations.map(({ claim }) => claim),
      options,
    );
  let least: LevelVerdict | null = null;
  for (const file of evidence.files ?? []) {
    const verdict = claims(attestationsOf(evidence, file));
    if (least === null || verdict.level < least.level) least = ofFile(verdict, file);
  }
  return least ?? claims(evidence.attestations);
}

const ofFile = (verdict: LevelVerdict, { name, sha256 }: ProvedFile): LevelVerdict => ({
  ...verdict,
  requirements: verdict.requirements.map((requirement) => ({
    ...requirement,
    because: `${requirement.because} (${name === "" ? `the file with the SHA-256 ${sha256.slice(0, 12)}…` : name})`,
  })),
});

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
    return [{ purl: component.purl, level: verdict.level, ...(verdict.word === undefined ? {} : { word: verdict.word }) }];
  });
}
