/**
 * What all families of SBOM can say, in one shape: each family has one reader into it and one writer out of it, so that any of them can
 * be converted into any other, and compared with it. Enumerations are CycloneDX's words where it has one (`library`, `SHA-256`,
 * `website`), relations are SPDX 3's (`dependsOn`, `contains`).
 */
import type { Traced } from "./traced.ts";

export interface Agent {
  readonly kind: "person" | "organization" | "tool";
  readonly name: Traced;
  readonly email?: Traced | undefined;
  readonly version?: Traced | undefined;
  readonly url?: Traced | undefined;
}

export interface LicenceClaim {
  /** `name`: of a licence that has no SPDX id. */
  readonly kind: "expression" | "id" | "name";
  readonly value: Traced;
  readonly text?: Traced | undefined;
  readonly url?: Traced | undefined;
  /** As the author declares it, or as somebody concluded; null where the document does not say. */
  readonly standing: "declared" | "concluded" | null;
  /** The leaf that says the standing, where one does. */
  readonly standingFrom?: Traced | undefined;
}

export interface Hash {
  /** CycloneDX's name: `SHA-256`. */
  readonly algorithm: Traced;
  readonly value: Traced;
}

export interface Reference {
  /** CycloneDX's type (`vcs`, `issue-tracker`), or SPDX's where CycloneDX has none. */
  readonly type: Traced;
  readonly category?: Traced | undefined;
  readonly url: Traced;
  readonly comment?: Traced | undefined;
}

export interface Item {
  /** The document's own name for it (bom-ref, SPDXID, spdxId), or one that was made up. */
  readonly key: Traced;
  readonly form: "package" | "file";
  readonly name: Traced;
  readonly group?: Traced | undefined;
  readonly version?: Traced | undefined;
  /** CycloneDX's word: `library`. */
  readonly type?: Traced | undefined;
  readonly purl?: Traced | undefined;
  readonly cpe?: Traced | undefined;
  readonly description?: Traced | undefined;
  readonly summary?: Traced | undefined;
  readonly comment?: Traced | undefined;
  readonly copyright?: Traced | undefined;
  readonly homepage?: Traced | undefined;
  readonly download?: Traced | undefined;
  readonly fileName?: Traced | undefined;
  readonly supplier?: Agent | undefined;
  readonly originator?: Agent | undefined;
  readonly licences: readonly LicenceClaim[];
  readonly licenceComment?: Traced | undefined;
  readonly hashes: readonly Hash[];
  readonly references: readonly Reference[];
  readonly built?: Traced | undefined;
  readonly released?: Traced | undefined;
  readonly validUntil?: Traced | undefined;
  readonly sourceInfo?: Traced | undefined;
  readonly attribution: readonly Traced[];
  /** CycloneDX's word: `required`, `optional`, `excluded`. */
  readonly scope?: Traced | undefined;
}

export interface Relation {
  readonly from: Traced;
  readonly to: Traced;
  /** `dependsOn`, `contains`, or SPDX 3's word for another; `dependsOn` is from the one that needs to the one that is needed. */
  readonly type: Traced;
}

/** The text of a licence that is on no list. */
export interface LicenceText {
  readonly id: Traced;
  readonly name?: Traced | undefined;
  readonly text?: Traced | undefined;
  readonly seeAlso: readonly Traced[];
  readonly comment?: Traced | undefined;
}

export interface Bill {
  readonly name?: Traced | undefined;
  /** `urn:uuid:…` or a namespace. */
  readonly namespace?: Traced | undefined;
  readonly created?: Traced | undefined;
  readonly comment?: Traced | undefined;
  readonly dataLicence?: Traced | undefined;
  readonly creators: readonly Agent[];
  readonly items: readonly Item[];
  /** Keys of what the document is about. */
  readonly described: readonly Traced[];
  readonly relations: readonly Relation[];
  readonly texts: readonly LicenceText[];
}

/** Hash algorithms: CycloneDX's name, SPDX 2's, SPDX 3's. */
export const ALGORITHMS: readonly (readonly [string, string, string])[] = [
  ["MD5", "MD5", "md5"],
  ["SHA-1", "SHA1", "sha1"],
  ["SHA-256", "SHA256", "sha256"],
  ["SHA-384", "SHA384", "sha384"],
  ["SHA-512", "SHA512", "sha512"],
  ["SHA3-256", "SHA3-256", "sha3_256"],
  ["SHA3-384", "SHA3-384", "sha3_384"],
  ["SHA3-512", "SHA3-512", "sha3_512"],
  ["BLAKE2b-256", "BLAKE2b-256", "blake2b256"],
  ["BLAKE2b-384", "BLAKE2b-384", "blake2b384"],
  ["BLAKE2b-512", "BLAKE2b-512", "blake2b512"],
  ["BLAKE3", "BLAKE3", "blake3"],
];

/** Kinds of things: CycloneDX's type, SPDX 2's purpose, SPDX 3's. */
export const TYPES: readonly (readonly [string, string, string])[] = [
  ["application", "APPLICATION", "application"],
  ["framework", "FRAMEWORK", "framework"],
  ["library", "LIBRARY", "library"],
  ["container", "CONTAINER", "container"],
  ["operating-system", "OPERATING-SYSTEM", "operatingSystem"],
  ["device", "DEVICE", "device"],
  ["firmware", "FIRMWARE", "firmware"],
  ["file", "FILE", "file"],
  ["platform", "", "platform"],
  ["device-driver", "", "deviceDriver"],
  ["machine-learning-model", "", "model"],
  ["data", "", "data"],
  // What only SPDX distinguishes keeps SPDX 3's word.
  ["", "ARCHIVE", "archive"],
  ["", "INSTALL", "install"],
  ["", "SOURCE", "source"],
  ["", "OTHER", "other"],
];

/** CycloneDX's types of external references (1.6). */
export const REFERENCE_TYPES: ReadonlySet<string> = new Set(
  (
    "vcs issue-tracker website advisories bom mailing-list social chat documentation support source-distribution distribution distribution-intake license " +
    "build-meta build-system release-notes security-contact model-card log configuration evidence formulation attestation threat-model adversary-model " +
    "risk-assessment vulnerability-assertion exploitability-statement pentest-report static-analysis-report dynamic-analysis-report runtime-analysis-report " +
    "component-analysis-report maturity-report certification-report codified-infrastructure quality-metrics poam electronic-signature digital-signature " +
    "rfc-9116 other"
  ).split(" "),
);

/** `2020-04-13T20:20:39+02:00` -> `2020-04-13T18:20:39Z`, the only form that SPDX takes; undefined where it is no date. */
export function utcSeconds(text: string): string | undefined {
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : new Date(time).toISOString().replace(/\.\d{3}Z$/u, "Z");
}

/** What may stand as an address in CycloneDX (RFC 3987 reference). */
export function isReference(text: string): boolean {
  return text !== "" && /^(?:[^\s<>"{}|\\^`%\u0000-\u001f]|%[0-9A-Fa-f]{2})+$/u.test(text);
}
