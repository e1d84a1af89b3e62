/** Statements of provenance as the rules' tests need them: one that holds, to be bent in one place. */
import type {
  AttestationClaim,
  BuildFacts,
  Check,
  CheckResult,
  Evidence,
  ProvenanceEvidence,
  ProvenanceExpectation,
  RegistrySignatureClaim,
  Signer,
  Unavailable,
} from "../../model/index.ts";
import { type EvidenceFixture, inputOf, npmPurl, type ProjectFixture } from "../testing.ts";
import { compareClaims } from "./agreement.ts";
import { expectationOf } from "./expectations.ts";

const REPOSITORY = "https://github.com/owner/thing";
const WORKFLOW = `${REPOSITORY}/.github/workflows/release.yml@refs/tags/v1.0.0`;
const RUN = `${REPOSITORY}/actions/runs/7/attempts/1`;

const signer = (more: Partial<Signer> = {}): Signer => ({
  by: "certificate",
  identity: WORKFLOW,
  issuer: "https://token.actions.githubusercontent.com",
  workflow: WORKFLOW,
  workflowDigest: "c0ffee",
  runner: "github-hosted",
  source: REPOSITORY,
  commit: "c0ffee",
  ref: "refs/tags/v1.0.0",
  sourceId: "11",
  owner: "https://github.com/owner",
  ownerId: "22",
  config: WORKFLOW,
  configDigest: "c0ffee",
  trigger: "release",
  run: RUN,
  visibility: "public",
  ...more,
});

/** npm's own, from a workflow on GitHub. */
const build = (more: Partial<BuildFacts> = {}): BuildFacts => ({
  version: "1",
  buildType: "https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1",
  builder: "https://github.com/actions/runner/github-hosted",
  source: REPOSITORY,
  ref: "refs/tags/v1.0.0",
  commit: "c0ffee",
  workflow: ".github/workflows/release.yml",
  trigger: "release",
  sourceId: "11",
  ownerId: "22",
  runner: "github-hosted",
  run: RUN,
  inputs: {},
  unknownParameters: [],
  contradictions: [],
  ...more,
});

export function claim(who: Partial<Signer> = {}, how: Partial<BuildFacts> = {}, more: Partial<AttestationClaim> = {}): AttestationClaim {
  const by = signer(who);
  const built = build(how);
  return {
    kind: "attestation",
    states: "build",
    predicateType: "https://slsa.dev/provenance/v1",
    signer: by,
    build: built,
    publish: null,
    subjects: [{ name: "pkg:npm/a@1.0.0", digest: { sha512: "00" } }],
    disagreements: compareClaims(by, built).disagreements,
    signedAt: "2026-11-01T00:00:00Z",
    timeFrom: "log.example",
    content: "sha256:00",
    ...more,
  };
}

/** A workflow of slsa-github-generator that was called by the project's own. */
export const GENERATOR =
  "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/generator_generic_slsa3.yml@refs/tags/v2.1.0";

const seen = { source: "https://registry.example/", observedAt: "2026-11-02T00:00:00Z" };

export const attested = (one: AttestationClaim, name = "a", version = "1.0.0"): Evidence<AttestationClaim> => ({
  subject: { purl: npmPurl(name, version) },
  claim: one,
  ...seen,
  strength: one.refusal === undefined ? "verified" : "observed",
});

export const registrySigned = (refusal?: RegistrySignatureClaim["refusal"]): Evidence<RegistrySignatureClaim> => ({
  subject: { purl: npmPurl("a", "1.0.0") },
  claim: {
    kind: "registry-signature",
    keyid: "SHA256:k",
    integrity: "sha512-x",
    keyFrom: "test",
    ...(refusal === undefined ? {} : { refusal }),
  },
  ...seen,
  strength: refusal === undefined ? "verified" : "observed",
});

/** What an earlier release taught. */
export function learnt(version: string, who: Partial<Signer> = {}, how: Partial<BuildFacts> = {}): ProvenanceExpectation {
  const lesson = expectationOf(npmPurl("a", version), version, claim(who, how), "2026-10-01T00:00:00Z");
  if (lesson === null) throw new Error("the claim teaches nothing");
  return lesson;
}

export const origin = (more: Partial<ProvenanceEvidence> = {}): ProvenanceEvidence => ({
  signatures: [],
  attestations: [],
  expectations: [],
  ...more,
});

/** Asks one rule about a project of `a@VERSION` with what is known of its origin. */
export function askOrigin(
  check: Check,
  known: ProvenanceEvidence | Unavailable | Readonly<Record<string, ProvenanceEvidence | Unavailable>>,
  options: Readonly<Record<string, unknown>> = {},
  project: ProjectFixture = { packages: { "node_modules/a": {} } },
  evidence: EvidenceFixture = {},
): CheckResult {
  const input = inputOf(project, evidence, { "provenance/build-level": { options } });
  const single = "signatures" in known || "unavailable" in known ? (known as ProvenanceEvidence | Unavailable) : null;
  const byTitle = single === null ? (known as Readonly<Record<string, ProvenanceEvidence | Unavailable>>) : {};
  const provenance = (purl: string): ProvenanceEvidence | Unavailable => {
    const component = input.project.components.find((one) => one.purl === purl);
    return single ?? byTitle[`${component?.name ?? ""}@${component?.version ?? ""}`] ?? origin();
  };
  return check.run({ ...input, evidence: { ...input.evidence, provenance } });
}
