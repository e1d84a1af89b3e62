/**
 * What the npm registry says about a release, signed: the registry signature (over name, version and integrity) and the publish attestation
 * (over the bytes' digest). Both rest on the registry's keys, which have a time in which they count. A registry signature is no provenance:
 * it proves that the registry accepted these bytes under this name, and nothing about where they were made.
 */
import { Fault } from "../model/index.ts";
import { npmKeys, npmKeysOrigin } from "./embedded-roots.ts";
import { holds, loadPublicKey, type VerificationKey, verifies } from "./key.ts";
import { outcome, reject, type Rejected } from "./reject.ts";
import type { RootOrigin } from "./trust-root.ts";

export type KeyUsage = "npm:signatures" | "npm:attestations";

export interface RegistryKey extends VerificationKey {
  readonly keyId: string;
  /** What the key is for; undefined where its source does not say (the registry's own `/-/npm/v1/keys`). */
  readonly usage: KeyUsage | undefined;
}

export interface RegistryKeys {
  readonly origin: RootOrigin;
  readonly keys: readonly RegistryKey[];
}

/** Keys of one registry that we are ready to read; npm has had two. */
const MAX_KEYS = 1000;

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);
const text = (value: unknown): string => (typeof value === "string" ? value : "");

/**
 * Reads keys in either of their two forms: `keys.json` of the TUF repository (with usage and validity), or the registry's own answer
 * to `/-/npm/v1/keys` (`{keyid, key, expires}`). Keys of a type that is not supported are left out; signatures that need them will say so.
 * Throws `Fault` input/not-understood where it is neither form.
 */
export function loadRegistryKeys(document: unknown, origin: RootOrigin = { source: "given" }): RegistryKeys {
  const list = isFields(document) ? document["keys"] : undefined;
  if (!Array.isArray(list) || list.length > MAX_KEYS)
    throw new Fault("input/not-understood", `the registry keys from ${origin.source} are not a list of keys`);
  return { origin, keys: list.flatMap((entry: unknown) => readKeyEntry(entry, origin)) };
}

function readKeyEntry(entry: unknown, origin: RootOrigin): readonly RegistryKey[] {
  const fields = isFields(entry) ? entry : {};
  const inner = isFields(fields["publicKey"]) ? fields["publicKey"] : undefined;
  const window = isFields(inner?.["validFor"]) ? inner["validFor"] : {};
  const keyId = text(inner === undefined ? fields["keyid"] : fields["keyId"]);
  const bytes = text(inner === undefined ? fields["key"] : inner["rawBytes"]);
  if (keyId === "" || bytes === "") throw new Fault("input/not-understood", `a registry key from ${origin.source} has no id or no bytes`);
  const type = text(inner === undefined ? fields["keytype"] : inner["keyDetails"]);
  if (type !== "PKIX_ECDSA_P256_SHA_256" && type !== "ecdsa-sha2-nistp256") return [];
  const usage = fields["keyUsage"];
  if (usage !== undefined && usage !== "npm:signatures" && usage !== "npm:attestations") return [];
  const validFor = { start: moment(window["start"], origin), end: moment(inner === undefined ? fields["expires"] : window["end"], origin) };
  return [{ ...loadPublicKey(Buffer.from(bytes, "base64"), { keyId, validFor }), keyId, usage }];
}

function moment(value: unknown, origin: RootOrigin): number | undefined {
  if (value === undefined || value === null) return undefined;
  const time = Date.parse(text(value));
  // Unreadable must not mean "for ever".
  if (Number.isNaN(time)) throw new Fault("input/not-understood", `a registry key from ${origin.source} has a validity that is no date`);
  return time;
}

let embedded: RegistryKeys | undefined;

/** The npm registry's keys as shipped with this release; `origin` says how old they are. */
export function embeddedRegistryKeys(): RegistryKeys {
  embedded ??= loadRegistryKeys(npmKeys, npmKeysOrigin);
  return embedded;
}

/** For `verifyBundle`: finds the key that a publish attestation's hint names. */
export const attestationKey =
  (keys: RegistryKeys) =>
  (hint: string): VerificationKey | undefined =>
    keys.keys.find((key) => key.keyId === hint && key.usage !== "npm:signatures");

export interface SignedRelease {
  readonly name: string;
  readonly version: string;
  /** Subresource Integrity as the registry's document gives it: `sha512-…`. */
  readonly integrity: string;
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
  /** When the release was published, where it is known: the key is held to its time. */
  readonly published?: Date;
}

export interface VerifiedRegistrySignature {
  readonly ok: true;
  readonly keyId: string;
  /** What was signed. */
  readonly message: string;
}

/**
 * Verifies a registry signature (ECDSA P-256 over `name@version:integrity`). All signatures whose key is known must be right and at least one key
 * must be known. Without `published` the key's time is not asked, since an old release is rightly signed with a key of its day.
 */
export function verifyRegistrySignature(release: SignedRelease, keys: RegistryKeys): VerifiedRegistrySignature | Rejected {
  return outcome((at) => {
    const { name, version, integrity, signatures, published } = release;
    if (signatures.length === 0) reject("signature-invalid", "the registry did not sign the release");
    if (integrity === "") reject("artifact-undecidable", "the registry gives no integrity that a signature could cover");
    const message = `${name}@${version}:${integrity}`;
    at("signature");
    let keyId: string | undefined;
    for (const { keyid, sig } of signatures) {
      const key = keys.keys.find((one) => one.keyId === keyid && one.usage !== "npm:attestations");
      if (key === undefined) continue;
      if (published !== undefined && !holds(key.validFor, published.getTime()))
        reject("key-expired", `the registry's key ${keyid} did not count when the release was published`);
      if (!verifies(key.key, Buffer.from(message), Buffer.from(sig, "base64"), "sha256"))
        reject("signature-invalid", `the registry's signature with the key ${keyid} is wrong`);
      keyId ??= keyid;
    }
    if (keyId === undefined)
      return reject("key-missing", `the registry signed with a key that is not known: ${signatures[0]?.keyid ?? ""}`);
    return { ok: true, keyId, message };
  });
}
