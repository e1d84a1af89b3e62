/** Verification summaries: somebody else's verdict, or ours for others. https://slsa.dev/spec/v1.2/verification_summary */
import type { Json } from "../model/index.ts";
import type { RejectCode } from "./reject.ts";
import { compareDigests, type Digests, type Statement, STATEMENT_V1 } from "./statement.ts";

export const VSA_V1 = "https://slsa.dev/verification_summary/v1";

export interface ResourceDescriptor {
  readonly uri: string;
  readonly digest?: Digests;
}

export interface VerificationSummary {
  readonly verifier: { readonly id: string; readonly version?: Readonly<Record<string, string>> };
  /** ISO 8601; optional since SLSA 1.1. */
  readonly timeVerified?: string;
  readonly resourceUri: string;
  readonly policy?: ResourceDescriptor;
  readonly inputAttestations?: readonly ResourceDescriptor[];
  readonly verificationResult: "PASSED" | "FAILED";
  /** `SLSA_BUILD_LEVEL_2`, `SLSA_SOURCE_LEVEL_3` and the verifier's own. */
  readonly verifiedLevels: readonly string[];
  /** How many transitive dependencies have which level, each counted once a track, at its highest. */
  readonly dependencyLevels?: Readonly<Record<string, number>>;
  readonly slsaVersion?: string;
}

export interface VsaExpectations {
  /** The seven steps of a consumer; the first, the signature, is `verifyDsse` or `verifyBundle`. */
  readonly digests?: Digests;
  /** The verifier that belongs to the key or identity that signed. */
  readonly verifierId?: string;
  readonly resourceUri?: string;
  /** Every one of these must be reached; a higher SLSA level of the same track reaches a lower one. */
  readonly levels?: readonly string[];
}

export type VsaCode =
  | "vsa-type"
  | "vsa-malformed"
  | "vsa-subject"
  | "vsa-verifier"
  | "vsa-resource"
  | "vsa-result"
  | "vsa-level"
  | Extract<RejectCode, "statement-malformed">;

export type VsaVerdict =
  | { readonly ok: true; readonly summary: VerificationSummary }
  | { readonly ok: false; readonly code: VsaCode; readonly message: string };

const no = (code: VsaCode, message: string): VsaVerdict => ({ ok: false, code, message });

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);
const isTexts = (value: unknown): value is readonly string[] => Array.isArray(value) && value.every((one) => typeof one === "string");

/** Reads a summary out of a statement whose signature was verified. */
export function readVsa(statement: Statement): VsaVerdict {
  if (statement.predicateType !== VSA_V1) return no("vsa-type", `"${statement.predicateType}" is no verification summary`);
  const fields = statement.predicate as unknown;
  if (!isFields(fields)) return no("vsa-malformed", "the summary is no object");
  const { verifier, verificationResult, resourceUri, verifiedLevels } = fields;
  if (!isFields(verifier) || typeof verifier["id"] !== "string") return no("vsa-malformed", "the summary names no verifier");
  if (verificationResult !== "PASSED" && verificationResult !== "FAILED") return no("vsa-malformed", "the summary has no result");
  if (typeof resourceUri !== "string" || resourceUri === "") return no("vsa-malformed", "the summary does not say of what it speaks");
  if (!isTexts(verifiedLevels)) return no("vsa-malformed", "the summary's levels are no list of texts");
  const counts = fields["dependencyLevels"];
  if (
    counts !== undefined &&
    (!isFields(counts) || !Object.values(counts).every((count) => Number.isSafeInteger(count) && Number(count) >= 0))
  )
    return no("vsa-malformed", "the summary's dependencies are not counted in whole numbers");
  return { ok: true, summary: fields as unknown as VerificationSummary };
}

/** The steps of a consumer after the signature (verification_summary, "How to verify"). The first that fails is the answer. */
export function checkVsa(statement: Statement, expected: VsaExpectations): VsaVerdict {
  const read = readVsa(statement);
  if (!read.ok) return read;
  const { summary } = read;
  const { digests, verifierId, resourceUri, levels = [] } = expected;
  if (digests !== undefined && !statement.subject.some((subject) => compareDigests(digests, subject.digest) === "same"))
    return no("vsa-subject", "the summary is about something else");
  if (verifierId !== undefined && summary.verifier.id !== verifierId)
    return no("vsa-verifier", `the summary is by ${summary.verifier.id}, not by ${verifierId}`);
  if (resourceUri !== undefined && summary.resourceUri !== resourceUri)
    return no("vsa-resource", `the summary is for ${summary.resourceUri}, not for ${resourceUri}`);
  if (summary.verificationResult !== "PASSED") return no("vsa-result", "the verification that is summed up did not pass");
  const missing = levels.find((level) => !reaches(summary.verifiedLevels, level));
  if (missing !== undefined)
    return no("vsa-level", `the summary reaches ${summary.verifiedLevels.join(", ") || "no level"}, not ${missing}`);
  return read;
}

const LEVEL = /^(SLSA_[A-Z_]+_LEVEL_)(\d)$/;

function reaches(have: readonly string[], wanted: string): boolean {
  if (have.includes(wanted)) return true;
  const level = LEVEL.exec(wanted);
  if (level === null) return false;
  return have.some((one) => {
    const reached = LEVEL.exec(one);
    return reached !== null && reached[1] === level[1] && Number(reached[2]) >= Number(level[2]);
  });
}

/** A statement that carries a summary, ready for `signDsse`. */
export function vsaStatement(
  subject: readonly { readonly name?: string; readonly uri?: string; readonly digest: Digests }[],
  summary: VerificationSummary,
): Json {
  return { _type: STATEMENT_V1, subject: subject as unknown as Json, predicateType: VSA_V1, predicate: summary as unknown as Json };
}
