/** Public keys and what each may be used for. The mathematics is `node:crypto`'s; here is decided which algorithm a key stands for. */
import { createHash, createPublicKey, type KeyObject, verify } from "node:crypto";
import { Fault } from "../model/index.ts";
import { reject, Rejection, type RejectCode } from "./reject.ts";

/** Inclusive at both ends, milliseconds since 1970; an absent end is open. */
export interface Validity {
  readonly start: number | undefined;
  readonly end: number | undefined;
}

export interface VerificationKey {
  readonly key: KeyObject;
  /** The name that signatures use for it: a DSSE `keyid`, npm's `SHA256:…`, a bundle's hint. */
  readonly keyId?: string;
  readonly validFor?: Validity;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Buffer;
}

export type Hash = "sha256" | "sha384" | "sha512";

export const holds = (validity: Validity | undefined, time: number): boolean =>
  (validity?.start === undefined || time >= validity.start) && (validity?.end === undefined || time <= validity.end);

/** Bytes of RSA that are worth trusting (NIST SP 800-57: 112 bits of security). */
const MIN_RSA_BITS = 2048;
/** OpenSSL would calculate with huge exponents and moduli for seconds; nobody signs with more. */
const MAX_RSA_BITS = 8192;

/**
 * A key from SubjectPublicKeyInfo DER, PKCS #1 DER (`pkcs1`) or PEM.
 * Rejects (in this room) with `code` where it cannot be read or is too weak.
 */
export function readKey(source: Buffer | string, code: RejectCode = "key-unsupported", type: "spki" | "pkcs1" = "spki"): KeyObject {
  let key: KeyObject;
  try {
    key = createPublicKey(typeof source === "string" ? { key: source, format: "pem" } : { key: source, format: "der", type });
  } catch (cause) {
    return reject(code, `the public key cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
  const bits = key.asymmetricKeyDetails?.modulusLength;
  if (bits !== undefined && (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS)) reject(code, `an RSA key of ${bits} bits is not accepted`);
  if (!["ec", "rsa", "ed25519"].includes(key.asymmetricKeyType ?? ""))
    reject(code, `keys of type ${key.asymmetricKeyType} are not supported`);
  return key;
}

/**
 * A public key that the user gives, PEM or SubjectPublicKeyInfo DER, for `verifyBundle` and `verifyDsse`.
 * Throws `Fault` input/not-understood where it is none, or too weak.
 */
export function loadPublicKey(
  source: string | Uint8Array,
  about: { readonly keyId?: string; readonly validFor?: Validity } = {},
): VerificationKey {
  try {
    const key = readKey(typeof source === "string" ? source : Buffer.from(source));
    return { key, spki: key.export({ type: "spki", format: "der" }), ...about };
  } catch (cause) {
    if (!(cause instanceof Rejection)) throw cause;
    throw new Fault("input/not-understood", cause.message, {
      hint: "give a public key as PEM (BEGIN PUBLIC KEY): ECDSA, RSA or Ed25519",
      cause,
    });
  }
}

interface Traits {
  readonly ed25519: boolean;
  readonly hash: Hash;
}

/** What a key is, kept beside it: asking OpenSSL costs a third of a signature check each time. */
const traits = new WeakMap<KeyObject, Traits>();

/** To be told by a reader that knows already that a key is on P-256. */
export const isP256 = (key: KeyObject): void => void traits.set(key, { ed25519: false, hash: "sha256" });

function traitsOf(key: KeyObject): Traits {
  let known = traits.get(key);
  if (known === undefined) {
    const curve = key.asymmetricKeyDetails?.namedCurve;
    known = {
      ed25519: key.asymmetricKeyType === "ed25519",
      hash: curve === "secp384r1" ? "sha384" : curve === "secp521r1" ? "sha512" : "sha256",
    };
    traits.set(key, known);
  }
  return known;
}

/** The hash that goes with a key where nothing else says so: SHA-256, but the longer ones for P-384 and P-521 (Sigstore's algorithm registry). */
export const usualHash = (key: KeyObject): Hash => traitsOf(key).hash;

/** True where the signature is right. A malformed signature is a wrong one. ECDSA signatures are DER, RSA is PKCS #1 v1.5. */
export function verifies(key: KeyObject, data: Uint8Array, signature: Uint8Array, hash: Hash = usualHash(key)): boolean {
  try {
    return verify(traitsOf(key).ed25519 ? null : hash, data, key, signature);
  } catch {
    return false;
  }
}

/** Bytes of each of the two numbers of an ECDSA signature. */
const numberBytes: Readonly<Record<string, number>> = { prime256v1: 32, secp384r1: 48, secp521r1: 66 };

/**
 * The same for ECDSA signatures that are the two bare numbers one after the other (IEEE P1363), as Google's key stores write them.
 * False for other keys and lengths.
 */
export function verifiesBare(key: KeyObject, data: Uint8Array, signature: Uint8Array): boolean {
  const size = numberBytes[key.asymmetricKeyDetails?.namedCurve ?? ""];
  if (size === undefined || signature.length !== 2 * size) return false;
  return verify(usualHash(key), data, { key, dsaEncoding: "ieee-p1363" }, signature);
}

/** SHA-256 of SubjectPublicKeyInfo: the id that logs go by. */
export const keyFingerprint = (spki: Uint8Array): Buffer => createHash("sha256").update(spki).digest();
