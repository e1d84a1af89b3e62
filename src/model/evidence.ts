/**
 * Evidence is one observation about a subject by one source at one time. Its address is the SHA-256 of its canonical form, so
 * that two who saw the same thing have the same evidence. How much it weighs is part of it:
 * `verified` (a signature or hash proves it), `observed` (we read the bytes ourselves), `asserted` (somebody said so).
 */
import { type Json, canonicalJson, sha256 } from "./canonical.ts";
import type { ReleaseHistory } from "./continuity.ts";
import type { Place } from "./fault.ts";
import type { AttestationClaim, RegistrySignatureClaim } from "./provenance.ts";

export type Strength = "verified" | "observed" | "asserted";

/** A lockfile names a component. */
export interface LockfileEntryClaim {
  readonly kind: "lockfile-entry";
  readonly place: Place;
  readonly integrity: readonly string[];
  readonly resolved: string;
}

/** The parts of a package.json that decide what is installed and what runs; both the registry's copy and the tarball's are read into it. */
export interface PackageManifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly bundleDependencies: readonly string[];
  /** Lifecycle scripts only: preinstall, install, postinstall, prepare and the like. */
  readonly scripts: Readonly<Record<string, string>>;
  readonly bin: Readonly<Record<string, string>>;
  /** Has a `binding.gyp` without an install script of its own: npm then runs node-gyp. Known for tarballs only. */
  readonly gypfile?: boolean;
  readonly licence?: string;
  readonly repository?: string;
  readonly homepage?: string;
  readonly description?: string;
}

/** One of the files of a release, where a release is several: Python's wheels and source distributions. */
export interface ReleaseFile {
  readonly name: string;
  readonly url: string;
  /** Subresource Integrity, several divided by blanks; "" where the index gives none. */
  readonly integrity: string;
  /** Bytes. */
  readonly size?: number;
  /** ISO 8601. */
  readonly uploaded?: string;
  /** Why it was yanked (PEP 592), "" where it was without a reason; absent where it was not. */
  readonly yanked?: string;
  /** Where its attestations are (PEP 740); "" where the index says that there are none, absent where it does not say. */
  readonly attestationsUrl?: string;
  /** The index serves its metadata beside it (PEP 658): Subresource Integrity of that, "" where it gives none. */
  readonly metadata?: string;
}

/** What a registry's document says of one release. */
export interface RegistryReleaseClaim {
  readonly kind: "registry-release";
  readonly manifest: PackageManifest;
  /** The document's own word on scripts at install, where it has one. */
  readonly hasInstallScript?: boolean;
  /** Address of the tarball. */
  readonly tarball: string;
  /** Subresource Integrity as the document gives it, "" where it has none. */
  readonly integrity: string;
  /** Hexadecimal SHA-1, "" where there is none. */
  readonly shasum: string;
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
  readonly attestationsUrl?: string;
  /** Where a release is several files: all of them, by name. `tarball` is then "", and `integrity` holds the hashes of all. */
  readonly files?: readonly ReleaseFile[];
  /** Why all of it was yanked (PEP 592), "" where no reason is given; absent where it was not. */
  readonly yanked?: string;
  readonly deprecated?: string;
  /** ISO 8601, where the registry says when. */
  readonly published?: string;
  /** Who published it, where the registry says so (mirrors often do not). */
  readonly publisher?: PublisherClaim;
  /** Who may publish, at that time. */
  readonly maintainers?: readonly PublisherClaim[];
  /** The service whose identity it was published with, instead of a token's: `github`, `gitlab`. */
  readonly trustedPublisher?: string;
  /** The commit that the publisher's machine stood on; nobody checks it. */
  readonly commit?: string;
  /** What came before it, as far as the document it was read from tells. */
  readonly history?: ReleaseHistory;
}

/** An account as a registry names it; "" for what it does not say. */
export interface PublisherClaim {
  readonly name: string;
  readonly email: string;
}

/** What we saw in the bytes of an artifact. */
export interface ArtifactClaim {
  readonly kind: "artifact";
  readonly url: string;
  /** Compressed size in bytes. */
  readonly size: number;
  /** Hexadecimal. */
  readonly sha1: string;
  readonly sha256: string;
  readonly sha512: string;
  readonly files: number;
  /** Uncompressed size in bytes. */
  readonly unpackedSize: number;
  /** null where the artifact has no readable package.json. */
  readonly manifest: PackageManifest | null;
  /** What an honest archive does not have: absolute paths, links out of it, duplicate names, device files, two package.json. */
  readonly hazards: readonly ArchiveHazard[];
}

export interface ArchiveHazard {
  readonly kind:
    | "path-escapes"
    | "absolute-path"
    | "link"
    | "link-escapes"
    | "device"
    | "duplicate-entry"
    | "case-collision"
    | "setuid"
    | "bad-header"
    | "trailing-data"
    | "truncated"
    | "too-large"
    | "too-many-entries"
    | "too-dense"
    | "manifest-unreadable"
    | "manifest-missing"
    | "manifest-duplicate";
  readonly path: string;
  readonly detail: string;
}

/** One step of the derivation that a version is affected: replayable by hand. */
export interface MatchReason {
  /** The record that it speaks of, where several were merged. */
  readonly record?: string;
  /** Index into the record's `affected`. */
  readonly affected: number;
  readonly by:
    | { readonly kind: "versions" }
    | {
        readonly kind: "range";
        readonly type: "SEMVER" | "ECOSYSTEM";
        readonly introduced: string;
        readonly fixed?: string;
        readonly lastAffected?: string;
        /** A range without an end, of which the source says no more than this: `<= 1.2.1`. */
        readonly lastKnown?: string;
      };
}

export type SeverityLevel = "critical" | "high" | "moderate" | "low" | "none" | "unknown";

export interface AdvisoryClaim {
  readonly kind: "advisory";
  /** The id under which it is shown (the record's own, or the preferred one of the merged group). */
  readonly id: string;
  /** All ids of the alias-closed group, sorted; `id` is among them. */
  readonly ids: readonly string[];
  /** `malware` for MAL- reports (and records that say so), `vulnerability` otherwise, `notice` for unmaintained and the like. */
  readonly type: "vulnerability" | "malware" | "notice";
  readonly summary: string;
  readonly details: string;
  readonly severity: {
    readonly level: SeverityLevel;
    /** 0 to 10, from the highest CVSS version that is given. */
    readonly score?: number;
    readonly vector?: string;
    /** Where the level comes from: `CVSS:4.0`, `CVSS:3.1`, `CVSS:2.0`, `database`. */
    readonly from?: string;
  };
  readonly cwes: readonly string[];
  /** Releases that cure it, ascending; of every branch that has one. */
  readonly fixed: readonly string[];
  readonly reasons: readonly MatchReason[];
  /** True where the affected range ends in `last_affected`: later releases may be affected as well. */
  readonly openEnded: boolean;
  readonly published: string;
  readonly modified: string;
  readonly references: readonly string[];
  /** The records merged into it: source (`GHSA`, `OSV`, `PYSEC` …), id and licence where the base knows it. */
  readonly records: readonly { readonly id: string; readonly modified: string; readonly source: string }[];
}

/** Somebody's verdict about these bytes that the policy lets stand in for ours (SLSA Verification Summary). */
export interface SummaryClaim {
  readonly kind: "verification-summary";
  /** `verifier.id`: by whose word. */
  readonly verifier: string;
  /** What it says, and what of that the policy lets count. */
  readonly states: 0 | 1 | 2 | 3;
  readonly level: 0 | 1 | 2 | 3;
  readonly resource: string;
  /** ISO 8601, "" where it does not say. */
  readonly verifiedAt: string;
  /** Who signed: an identity, or the key's file. */
  readonly signer: string;
  /** `sha256:` and the hash of the attestation as it was received. */
  readonly content: string;
}

export type Claim =
  | SummaryClaim
  | LockfileEntryClaim
  | RegistryReleaseClaim
  | ArtifactClaim
  | AdvisoryClaim
  | AttestationClaim
  | RegistrySignatureClaim;

export interface Subject {
  readonly purl: string;
  /** Hexadecimal digests by algorithm, where the observation is about given bytes. */
  readonly digest?: Readonly<Record<string, string>>;
}

export interface Evidence<C extends Claim = Claim> {
  readonly subject: Subject;
  readonly claim: C;
  /** Who says it: an address, a file, the name of an advisory base. */
  readonly source: string;
  /** ISO 8601, UTC: when it was observed. From the cache entry, so the same cache gives the same report. */
  readonly observedAt: string;
  readonly strength: Strength;
}

/** Why evidence is not there. It is data, not an error: the question stays unanswered for this subject. */
export interface Unavailable {
  readonly unavailable: true;
  /** A fault's code, or `not-applicable` where the thing cannot exist (a git dependency has no registry release). */
  readonly code: string;
  readonly because: string;
  /** A command that would cure it. */
  readonly cure?: string;
}

export const isUnavailable = (value: Evidence | Unavailable | readonly unknown[] | object): value is Unavailable =>
  "unavailable" in value && value.unavailable === true;

/** `sha256:` and the hash of the canonical form (RFC 8785) of the evidence. */
export function evidenceId(evidence: Evidence): string {
  return `sha256:${sha256(canonicalJson(evidence as unknown as Json))}`;
}

const IN_TOTO_STATEMENT = "https://in-toto.io/Statement/v1";
export const EVIDENCE_PREDICATE = "https://tributary.example/evidence/v1";

/**
 * The evidence as an in-toto Statement v1 (https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md). A subject has to have
 * a digest there; where the observation is about no bytes it is that of the purl, under a name that nobody takes for an artifact's hash.
 */
export function toStatement(evidence: Evidence): Json {
  const { subject, ...predicate } = evidence;
  return {
    _type: IN_TOTO_STATEMENT,
    subject: [{ uri: subject.purl, digest: (subject.digest ?? { "purl-sha256": sha256(subject.purl) }) as Json }],
    predicateType: EVIDENCE_PREDICATE,
    predicate: predicate as unknown as Json,
  };
}
