/**
 * Where bytes come from, as evidence: what the registry signed, what an attestation states, who signed it, and how far up the SLSA
 * Build track (https://slsa.dev/spec/v1.2/build-track-basics) that leads, requirement by requirement. An attestation that was looked at and
 * refused is evidence as well: it says why.
 */
import type { Evidence } from "./evidence.ts";

export type BuildLevel = 0 | 1 | 2 | 3;

/** What the signing certificate (or key) says of the signer. "" stands for what it does not say. */
export interface Signer {
  readonly by: "certificate" | "key";
  /** The certificate's subject alternative name; a key's id. */
  readonly identity: string;
  /** Who vouched for the identity: the address of the OIDC issuer. */
  readonly issuer: string;
  /** The workflow whose steps asked for the certificate, with its ref (1.3.6.1.4.1.57264.1.9). */
  readonly workflow: string;
  readonly workflowDigest: string;
  /** `github-hosted`, `self-hosted`, `gitlab-hosted` (.1.11). */
  readonly runner: string;
  /** Repository as an https address (.1.12), its commit (.1.13), ref (.1.14), and the ids that stay when names change (.1.15, .1.17). */
  readonly source: string;
  readonly commit: string;
  readonly ref: string;
  readonly sourceId: string;
  readonly owner: string;
  readonly ownerId: string;
  /** The workflow that was started, which may have called the signing one (.1.18). */
  readonly config: string;
  readonly configDigest: string;
  /** The event that started it (.1.20), and the run (.1.21). */
  readonly trigger: string;
  readonly run: string;
  /** `public`, `private` at the time of signing (.1.22). */
  readonly visibility: string;
}

/** What a SLSA provenance predicate says, whichever version and build type it is written in. "" stands for what it does not say. */
export interface BuildFacts {
  readonly version: "0.2" | "1";
  readonly buildType: string;
  readonly builder: string;
  /** Repository as an https address, without `git+`, `.git` and ref. */
  readonly source: string;
  readonly ref: string;
  readonly commit: string;
  /** Path of the workflow file inside its repository. */
  readonly workflow: string;
  readonly trigger: string;
  readonly sourceId: string;
  readonly ownerId: string;
  readonly runner: string;
  /** Address of the run. */
  readonly run: string;
  /** What the user of the builder gave in, as text. */
  readonly inputs: Readonly<Record<string, string>>;
  /** External parameters that the build type does not define, by name: what they do to the build is not known. */
  readonly unknownParameters: readonly string[];
  /** The repository that each place of the predicate names, when they are not all the same. */
  readonly contradictions: readonly string[];
}

export interface AttestationSubject {
  readonly name: string;
  /** Hexadecimal, by algorithm. */
  readonly digest: Readonly<Record<string, string>>;
}

/** Two who should say the same and do not. */
export interface Disagreement {
  readonly about: string;
  readonly certificate: string;
  readonly statement: string;
}

/** An attestation, looked at. `refusal` is absent where everything that can be checked of it holds. */
export interface AttestationClaim {
  readonly kind: "attestation";
  /** `build`: SLSA provenance. `publish`: the registry's or index's word that it took these bytes in. `summary`: a VSA. */
  readonly states: "build" | "publish" | "summary" | "other";
  readonly predicateType: string;
  readonly refusal?: { readonly code: string; readonly message: string };
  readonly signer: Signer | null;
  readonly build: BuildFacts | null;
  readonly publish: { readonly name: string; readonly version: string; readonly registry: string } | null;
  readonly subjects: readonly AttestationSubject[];
  readonly disagreements: readonly Disagreement[];
  /** ISO 8601: the trusted time of the signature, "" where there is none; and who vouches for it, in words. */
  readonly signedAt: string;
  readonly timeFrom: string;
  /** `sha256:` and the hash of the attestation as it was received. */
  readonly content: string;
}

/** The registry's own signature on `name@version:integrity`, looked at. */
export interface RegistrySignatureClaim {
  readonly kind: "registry-signature";
  readonly keyid: string;
  readonly integrity: string;
  readonly refusal?: { readonly code: string; readonly message: string };
  /** Where the key comes from, in words. */
  readonly keyFrom: string;
}

/** Where releases of a package came from before, on one release line. */
export interface ProvenanceExpectation {
  /** Purl without version. */
  readonly package: string;
  /** `4`, `0.3`: releases that continue each other. */
  readonly line: string;
  /** The releases that it was learnt from, oldest first. */
  readonly versions: readonly string[];
  readonly source: string;
  readonly sourceId: string;
  readonly owner: string;
  readonly ownerId: string;
  readonly issuer: string;
  /** Path of the workflow. */
  readonly workflow: string;
  readonly builder: string;
  readonly runner: string;
  /** `tag`, `branch` or `other`. */
  readonly refKind: "tag" | "branch" | "other";
  /** ISO 8601: when the last of them was seen. */
  readonly seenAt: string;
}

/** One file of a release whose origin was asked about. */
export interface ProvedFile {
  /** "" where only its hash is known. */
  readonly name: string;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** All that was gathered about the origin of one component. */
export interface ProvenanceEvidence {
  readonly signatures: readonly Evidence<RegistrySignatureClaim>[];
  readonly attestations: readonly Evidence<AttestationClaim>[];
  /** Where a release is several files: those that may be installed. Each has to be proved by itself; `subject.digest` of an attestation says which one it is of. */
  readonly files?: readonly ProvedFile[];
  /** Of this package, all release lines, newest line first. */
  readonly expectations: readonly ProvenanceExpectation[];
}

/** One thing that a level asks for. `unknown` is not met. */
export interface LevelRequirement {
  readonly id: string;
  /** The level that asks for it. */
  readonly level: 1 | 2 | 3;
  readonly met: boolean | "unknown";
  /** One sentence with the facts in it. */
  readonly because: string;
}

export interface LevelVerdict {
  readonly level: BuildLevel;
  readonly requirements: readonly LevelRequirement[];
  /** The verifier by whose word it is so, where it is not by a verification of ours. */
  readonly word?: string;
  /** Which row of the table of builders held it up or let it through, and the table's version. */
  readonly row: string;
  readonly table: string;
}
