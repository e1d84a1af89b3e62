/**
 * Signing without a key of one's own: what is sent to the services of a Sigstore instance, and a bundle out of what they answer. Pure: whoever
 * calls fetches in between. Nothing that a service says is believed here; the bundle is to be verified before it is given to anybody.
 *
 *     identity token ─> certificate for a key that lives for one signature ─> sign ─> log entry, timestamps ─> bundle
 *
 * https://github.com/sigstore/architecture-docs/blob/main/client-spec.md, "Signing"
 */
import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { Fault, type Json } from "../model/index.ts";
import { preAuthenticationEncoding } from "./dsse.ts";
import { encodeDer, INTEGER, OCTET_STRING, SEQUENCE } from "./der.ts";
import { IN_TOTO_PAYLOAD } from "./statement.ts";

export interface IdentityToken {
  readonly token: string;
  /** What the key is proved for: the e-mail address where the token has one, else its subject (Fulcio's specification, "Proof of possession"). */
  readonly subject: string;
  readonly issuer: string;
}

/** The audience that Fulcio asks for. */
export const SIGSTORE_AUDIENCE = "sigstore";

/** Reads an OpenID Connect identity token (JWT, RFC 7519), without verifying it: that is the authority's part. Throws `sign/identity`. */
export function readIdentityToken(text: string, now: Date): IdentityToken {
  const bad = (why: string): never => {
    throw new Fault("sign/identity", `the identity token ${why}`, {
      hint: `an OpenID Connect token for the audience "${SIGSTORE_AUDIENCE}", which has not ended`,
    });
  };
  const token = text.trim();
  const [, payload, signature, more] = token.split(".");
  if (payload === undefined || signature === undefined || more !== undefined || !/^[\w.-]+$/.test(token))
    return bad("is no JSON Web Token");
  let claims: unknown;
  try {
    claims = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
  } catch {
    return bad("is no JSON Web Token");
  }
  if (!isFields(claims)) return bad("is no JSON Web Token");
  const { aud, exp, nbf, iss, sub, email } = claims;
  const audiences = Array.isArray(aud) ? aud : [aud];
  if (!audiences.includes(SIGSTORE_AUDIENCE)) return bad(`is for the audience ${audiences.map(String).join(", ")}`);
  const seconds = now.getTime() / 1000;
  if (typeof exp !== "number" || exp <= seconds) return bad("has ended");
  if (typeof nbf === "number" && nbf > seconds + CLOCK_SECONDS) return bad("does not count yet");
  if (typeof iss !== "string" || iss === "") return bad("names no issuer");
  if (typeof email === "string" && email !== "") {
    if (claims["email_verified"] !== true && claims["email_verified"] !== "true")
      return bad("has an e-mail address that its issuer did not verify");
    return { token, subject: email, issuer: iss };
  }
  if (typeof sub !== "string" || sub === "") return bad("names no subject");
  return { token, subject: sub, issuer: iss };
}

/** Clocks differ; a token that counts from some seconds ahead counts. */
const CLOCK_SECONDS = 60;

/** A key for one signature. It never leaves the process. */
export const oneTimeKey = (): { readonly privateKey: KeyObject; readonly publicKey: KeyObject } =>
  generateKeyPairSync("ec", { namedCurve: "P-256" });

type OneTimeKey = ReturnType<typeof oneTimeKey>;

/** What Fulcio is asked (`POST /api/v2/signingCert`). */
export function certificateRequest({ token, subject }: IdentityToken, { privateKey, publicKey }: OneTimeKey): Json {
  const content = publicKey.export({ type: "spki", format: "pem" }).toString();
  return {
    credentials: { oidcIdentityToken: token },
    publicKeyRequest: {
      publicKey: { algorithm: "ECDSA", content },
      proofOfPossession: sign("sha256", Buffer.from(subject), privateKey).toString("base64"),
    },
  };
}

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);
const member = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce((here: unknown, name) => (isFields(here) && Object.hasOwn(here, name) ? here[name] : undefined), value);

const strange = (who: string, why: string): never => {
  throw new Fault("source/body", `${who} answered with ${why}`);
};

/** The signing certificate, DER, out of Fulcio's answer. Throws `source/body`. */
export function certificateOf(answer: unknown, who: string): Buffer {
  const chain =
    member(answer, "signedCertificateEmbeddedSct", "chain", "certificates") ??
    member(answer, "signedCertificateDetachedSct", "chain", "certificates");
  const first: unknown = Array.isArray(chain) ? chain[0] : undefined;
  const pem = typeof first === "string" ? /^-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----\s*$/.exec(first) : null;
  if (pem?.[1] === undefined) return strange(who, "no certificate");
  return Buffer.from(pem[1].replaceAll(/\s/g, ""), "base64");
}

/** What is signed: an in-toto statement (its bytes), or a file. */
export type KeylessContent =
  | { readonly kind: "statement"; readonly payload: Buffer }
  | { readonly kind: "message"; readonly bytes: Buffer };

export interface KeylessSigned {
  readonly content: KeylessContent;
  /** DER of both. */
  readonly signature: Buffer;
  readonly certificate: Buffer;
}

export function signKeyless(content: KeylessContent, certificate: Buffer, { privateKey }: OneTimeKey): KeylessSigned {
  const bytes = content.kind === "statement" ? preAuthenticationEncoding(IN_TOTO_PAYLOAD, content.payload) : content.bytes;
  return { content, certificate, signature: sign("sha256", bytes, privateKey) };
}

const base64 = (bytes: Buffer): string => bytes.toString("base64");
const sha256 = (bytes: Buffer): Buffer => createHash("sha256").update(bytes).digest();

const envelopeOf = (payload: Buffer, signature: Buffer): { [name: string]: Json } => ({
  payload: base64(payload),
  payloadType: IN_TOTO_PAYLOAD,
  signatures: [{ sig: base64(signature), keyid: "" }],
});

/** What Rekor is asked to take in: version 1 `POST /api/v1/log/entries`, version 2 `POST /api/v2/log/entries`. */
export function entryRequest({ content, signature, certificate }: KeylessSigned, version: number): Json {
  if (version === 2) {
    const verifier = { x509Certificate: { rawBytes: base64(certificate) }, keyDetails: "PKIX_ECDSA_P256_SHA_256" };
    return content.kind === "statement"
      ? { dsseRequestV002: { envelope: envelopeOf(content.payload, signature), verifiers: [verifier] } }
      : { hashedRekordRequestV002: { digest: base64(sha256(content.bytes)), signature: { content: base64(signature), verifier } } };
  }
  const pem = base64(
    Buffer.from(`-----BEGIN CERTIFICATE-----\n${(base64(certificate).match(/.{1,64}/g) ?? []).join("\n")}\n-----END CERTIFICATE-----\n`),
  );
  if (content.kind === "statement") {
    const envelope = JSON.stringify(envelopeOf(content.payload, signature));
    return { apiVersion: "0.0.1", kind: "dsse", spec: { proposedContent: { envelope, verifiers: [pem] } } };
  }
  return {
    apiVersion: "0.0.1",
    kind: "hashedrekord",
    spec: {
      data: { hash: { algorithm: "sha256", value: sha256(content.bytes).toString("hex") } },
      signature: { content: base64(signature), publicKey: { content: pem } },
    },
  };
}

const fromHex = (value: unknown): string => (typeof value === "string" ? Buffer.from(value, "hex").toString("base64") : "");

/** A log entry in the bundle's form, out of Rekor's answer. Throws `source/body`. */
export function entryOf(answer: unknown, version: number, who: string): Json {
  if (version === 2) {
    if (!isFields(answer)) return strange(who, "no log entry");
    const { logIndex, logId, kindVersion, inclusionProof, canonicalizedBody } = answer;
    return { logIndex, logId, kindVersion, inclusionProof, canonicalizedBody } as unknown as Json;
  }
  const entries = isFields(answer) ? Object.values(answer) : [];
  const [entry] = entries;
  const body = member(entry, "body");
  if (entries.length !== 1 || typeof body !== "string") return strange(who, "no single log entry");
  let read: unknown;
  try {
    read = JSON.parse(Buffer.from(body, "base64").toString("utf8"));
  } catch {
    return strange(who, "a log entry whose body is no JSON");
  }
  const proof = member(entry, "verification", "inclusionProof");
  const hashes = member(proof, "hashes");
  return {
    logIndex: String(member(entry, "logIndex")),
    logId: { keyId: fromHex(member(entry, "logID")) },
    kindVersion: { kind: String(member(read, "kind")), version: String(member(read, "apiVersion")) },
    integratedTime: String(member(entry, "integratedTime")),
    inclusionPromise: { signedEntryTimestamp: String(member(entry, "verification", "signedEntryTimestamp")) },
    inclusionProof: {
      logIndex: String(member(proof, "logIndex")),
      rootHash: fromHex(member(proof, "rootHash")),
      treeSize: String(member(proof, "treeSize")),
      hashes: Array.isArray(hashes) ? hashes.map(fromHex) : [],
      checkpoint: { envelope: String(member(proof, "checkpoint")) },
    },
    canonicalizedBody: body,
  };
}

/** AlgorithmIdentifier of SHA-256, without parameters (RFC 5754 §2). */
const SHA256_ALGORITHM: Buffer = Buffer.from("300b0609608648016503040201", "hex");

/** TimeStampReq over a signature (RFC 3161 §2.4.1), DER. The signature is fresh, so that no nonce is needed to know the answer as new. */
export function timestampRequest(signature: Buffer): Buffer {
  const imprint = encodeDer(SEQUENCE, Buffer.concat([SHA256_ALGORITHM, encodeDer(OCTET_STRING, sha256(signature))]));
  return encodeDer(SEQUENCE, Buffer.concat([encodeDer(INTEGER, Buffer.from([1])), imprint]));
}

/** The bundle (version 0.3), not yet verified. */
export function keylessBundle(signed: KeylessSigned, entries: readonly Json[], timestamps: readonly Buffer[]): Json {
  const { content, signature, certificate } = signed;
  const stamps = timestamps.map((stamp) => ({ signedTimestamp: base64(stamp) }));
  return {
    mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
    verificationMaterial: {
      certificate: { rawBytes: base64(certificate) },
      tlogEntries: entries,
      ...(stamps.length === 0 ? {} : { timestampVerificationData: { rfc3161Timestamps: stamps } }),
    },
    ...(content.kind === "statement"
      ? { dsseEnvelope: envelopeOf(content.payload, signature) }
      : {
          messageSignature: {
            messageDigest: { algorithm: "SHA2_256", digest: base64(sha256(content.bytes)) },
            signature: base64(signature),
          },
        }),
  };
}
