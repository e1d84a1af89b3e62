/** DSSE envelopes: a payload with its type, signed together. https://github.com/secure-systems-lab/dsse/blob/master/protocol.md */
import { fromBase64 } from "./bytes.ts";
import { holds, type VerificationKey, verifies, verifiesBare } from "./key.ts";
import { outcome, reject, type Rejected } from "./reject.ts";
import { IN_TOTO_PAYLOAD, readStatement, type Statement } from "./statement.ts";

export interface Envelope {
  readonly payloadType: string;
  readonly payload: Buffer;
  readonly signatures: readonly EnvelopeSignature[];
}

export interface EnvelopeSignature {
  readonly keyid: string;
  readonly signature: Buffer;
  /** PEM of a signing certificate, as slsa-github-generator adds it. Not part of DSSE. */
  readonly certificate?: string;
}

export interface VerifiedEnvelope {
  readonly ok: true;
  readonly payloadType: string;
  readonly payload: Buffer;
  /** Where the payload is an in-toto statement. */
  readonly statement?: Statement;
  /** The keys under which a signature verified. */
  readonly keys: readonly VerificationKey[];
}

/** Signatures of one envelope that we are ready to check. */
const MAX_SIGNATURES = 32;

/** The bytes that are signed: "pre-authentication encoding". */
export function preAuthenticationEncoding(payloadType: string, payload: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.length} `), payload]);
}

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);

/** Reads an envelope from parsed JSON. Rejects (in this room) where it is none. */
export function readEnvelope(value: unknown): Envelope {
  if (!isFields(value)) reject("envelope-malformed", "the envelope is no object");
  const { payload, signatures } = value;
  const payloadType = value["payloadType"] ?? value["payload_type"];
  if (typeof payloadType !== "string" || payloadType === "") reject("envelope-malformed", "the envelope has no payload type");
  if (typeof payload !== "string") reject("envelope-malformed", "the envelope has no payload");
  if (!Array.isArray(signatures) || signatures.length === 0) reject("envelope-malformed", "the envelope has no signature");
  if (signatures.length > MAX_SIGNATURES) reject("envelope-malformed", `more than ${MAX_SIGNATURES} signatures`);
  return {
    payloadType,
    payload: fromBase64(payload, "the payload", "envelope-malformed"),
    signatures: Array.from(signatures as readonly unknown[], readSignature),
  };
}

function readSignature(value: unknown): EnvelopeSignature {
  if (!isFields(value)) reject("envelope-malformed", "a signature is no object");
  const { keyid, sig, cert } = value;
  if (typeof sig !== "string" || sig === "") reject("envelope-malformed", "a signature is missing");
  if (keyid !== undefined && typeof keyid !== "string") reject("envelope-malformed", "a key id is no text");
  const signature = { keyid: keyid ?? "", signature: fromBase64(sig, "a signature", "envelope-malformed") };
  return typeof cert === "string" ? { ...signature, certificate: cert } : signature;
}

export interface DsseOptions {
  /** Signatures by this many different keys are wanted. Default 1. */
  readonly threshold?: number;
  /** The time at which a key's own validity is asked; without it, validity is not asked. */
  readonly at?: Date;
}

/**
 * Verifies a bare envelope (parsed JSON) with keys that the caller trusts. A key with a `keyId` is tried only for signatures that name it,
 * and a key without one for all. The payload is read only after the signature.
 */
export function verifyDsse(envelope: unknown, keys: readonly VerificationKey[], options: DsseOptions = {}): VerifiedEnvelope | Rejected {
  return outcome((at) => {
    const read = readEnvelope(envelope);
    at("signature");
    const signed = preAuthenticationEncoding(read.payloadType, read.payload);
    const able = keys.filter((key) => options.at === undefined || holds(key.validFor, options.at.getTime()));
    if (keys.length === 0) reject("key-missing", "no key was given to verify the envelope with");
    if (able.length === 0) reject("key-expired", "no given key was valid at that time");
    const right = able.filter((key) =>
      read.signatures.some(
        (signature) =>
          (key.keyId === undefined || key.keyId === signature.keyid) &&
          (verifies(key.key, signed, signature.signature) || verifiesBare(key.key, signed, signature.signature)),
      ),
    );
    const distinct = new Set(right.map((key) => key.spki.toString("base64")));
    if (distinct.size < (options.threshold ?? 1)) {
      const named = able.some((key) => read.signatures.some((signature) => key.keyId === undefined || key.keyId === signature.keyid));
      if (!named) reject("key-missing", "no signature names a key that was given");
      reject("signature-invalid", `${distinct.size} of ${options.threshold ?? 1} wanted signatures are right`);
    }
    const statement = read.payloadType === IN_TOTO_PAYLOAD ? { statement: readStatement(read.payload) } : {};
    return { ok: true, payloadType: read.payloadType, payload: read.payload, ...statement, keys: right };
  });
}
