/**
 * Is the entry in the log about *this* signature? A log vouches for the body of an entry and for nothing else, so each kind of body is read
 * and held against what the bundle signs: the digest, the signature and the certificate or key. A kind that is not known is refused: a
 * reader that waves it through would take anybody's entry for this one.
 */
import { hash as digest } from "node:crypto";
import type { LogEntry } from "./bundle.ts";
import { hashNamed } from "./bundle.ts";
import { reject } from "./reject.ts";

/** What was signed, by whom, as the log must have it. */
export interface Signed {
  readonly kind: "message" | "envelope";
  /** Digest of the signed bytes (for an envelope: of its pre-authentication encoding), hexadecimal, by algorithm. */
  readonly digest: (algorithm: string) => string | undefined;
  /** Digest of the envelope's payload, hexadecimal. */
  readonly payloadDigest: (algorithm: string) => string | undefined;
  /** Base64. */
  readonly signature: string;
  /** The envelope's name for its key: a hint that its own signature does not cover, but some kinds of entry do. "" where there is none. */
  readonly keyid: string;
  /** Base64. */
  readonly payload: string;
  readonly payloadType: string;
  /** Base64 DER of the certificate, or of the key's SubjectPublicKeyInfo where there is no certificate. */
  readonly verifier: string;
}

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);

function at(value: unknown, ...path: readonly string[]): unknown {
  let here: unknown = value;
  for (const key of path) here = isFields(here) && Object.hasOwn(here, key) ? here[key] : undefined;
  return here;
}

const mismatch = (what: string): never => reject("log-entry-mismatch", `the log entry has ${what} that is not the bundle's`);

/** Refuses an entry about something else. Tells whether the entry covers the envelope's key id as well. */
export function checkEntry(entry: LogEntry, signed: Signed): { readonly coversKeyId: boolean } {
  let body: unknown;
  try {
    body = JSON.parse(entry.body.toString("utf8"));
  } catch {
    reject("log-entry-unsupported", "the body of the log entry is not JSON");
  }
  if (at(body, "kind") !== entry.kind || at(body, "apiVersion") !== entry.version) mismatch("a kind");
  const kinds: Readonly<Record<string, (spec: unknown, signed: Signed) => void>> = signed.kind === "message" ? forMessages : forEnvelopes;
  const name = `${entry.kind} ${entry.version}`;
  const check = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
  if (check === undefined) return reject("log-entry-unsupported", `log entries of the kind "${name}" are not supported for this signature`);
  check(at(body, "spec"), signed);
  return { coversKeyId: name === "intoto 0.0.2" || name === "dsse 0.0.1" };
}

const forMessages: Readonly<Record<string, (spec: unknown, signed: Signed) => void>> = {
  "hashedrekord 0.0.1": (spec, signed) => {
    checkDigest(at(spec, "data", "hash", "algorithm"), at(spec, "data", "hash", "value"), signed.digest, "a digest");
    if (at(spec, "signature", "content") !== signed.signature) mismatch("a signature");
    if (derOfPem(at(spec, "signature", "publicKey", "content")) !== signed.verifier) mismatch("a certificate or key");
  },
  "hashedrekord 0.0.2": (spec, signed) => checkHashedRekordV2(spec, signed),
};

const forEnvelopes: Readonly<Record<string, (spec: unknown, signed: Signed) => void>> = {
  // Rekor v2 logs an envelope as the digest of its pre-authentication encoding.
  "hashedrekord 0.0.2": (spec, signed) => checkHashedRekordV2(spec, signed),
  "dsse 0.0.1": (spec, signed) => {
    const payload = at(spec, "payloadHash");
    checkDigest(at(payload, "algorithm"), at(payload, "value"), signed.payloadDigest, "a payload");
    const signature = only(at(spec, "signatures"));
    if (at(signature, "signature") !== signed.signature) mismatch("a signature");
    if (derOfPem(at(signature, "verifier")) !== signed.verifier) mismatch("a certificate or key");
    if (signed.keyid !== "" && !envelopeHashes(signed).includes(String(at(spec, "envelopeHash", "value")))) mismatch("a key id");
  },
  "dsse 0.0.2": (spec, signed) => {
    const dsse = at(spec, "dsseV002");
    checkNamedDigest(at(dsse, "payloadHash"), signed.payloadDigest, "a payload");
    checkSignatureV2(only(at(dsse, "signatures")), signed);
  },
  "intoto 0.0.2": (spec, signed) => {
    const payload = at(spec, "content", "payloadHash");
    checkDigest(at(payload, "algorithm"), at(payload, "value"), signed.payloadDigest, "a payload");
    const signature = only(at(spec, "content", "envelope", "signatures"));
    // This kind wraps the signature in Base64 twice.
    const inner = at(signature, "sig");
    if (typeof inner !== "string" || Buffer.from(inner, "base64").toString("latin1") !== signed.signature) mismatch("a signature");
    if (derOfPem(at(signature, "publicKey")) !== signed.verifier) mismatch("a certificate or key");
    if ((at(signature, "keyid") ?? "") !== signed.keyid) mismatch("a key id");
  },
};

/**
 * The log keeps a hash of the envelope as its author wrote it, which nobody can write again for certain. These are the ways in which the clients
 * write an envelope with a key id (sigstore-js, and Go's encoding/json): a key id that none of them explains is refused, since only this hash
 * would cover it.
 */
function envelopeHashes({ payload, payloadType, signature, keyid }: Signed): readonly string[] {
  const forms = [
    { payload, payloadType, signatures: [{ sig: signature, keyid }] },
    { payload, payloadType, signatures: [{ keyid, sig: signature }] },
    { payloadType, payload, signatures: [{ keyid, sig: signature }] },
  ];
  return forms.map((form) => digest("sha256", JSON.stringify(form)));
}

function checkHashedRekordV2(spec: unknown, signed: Signed): void {
  const record = at(spec, "hashedRekordV002");
  checkNamedDigest(at(record, "data"), signed.digest, "a digest");
  checkSignatureV2(at(record, "signature"), signed);
}

function checkSignatureV2(signature: unknown, signed: Signed): void {
  if (at(signature, "content") !== signed.signature) mismatch("a signature");
  const verifier = at(signature, "verifier", "x509Certificate", "rawBytes") ?? at(signature, "verifier", "publicKey", "rawBytes");
  if (verifier !== signed.verifier) mismatch("a certificate or key");
}

function checkDigest(algorithm: unknown, value: unknown, digest: Signed["digest"], what: string): void {
  if (typeof algorithm !== "string" || typeof value !== "string" || digest(algorithm) !== value) mismatch(what);
}

function checkNamedDigest(named: unknown, digest: Signed["digest"], what: string): void {
  const algorithm = hashNamed(String(at(named, "algorithm")));
  const value = at(named, "digest");
  if (algorithm === undefined || typeof value !== "string" || Buffer.from(value, "base64").toString("hex") !== digest(algorithm))
    mismatch(what);
}

/** Of a list with one member, that member. More would leave open which of them the log entry is about. */
function only(value: unknown): unknown {
  if (!Array.isArray(value) || value.length !== 1) mismatch("a number of signatures");
  return (value as readonly unknown[])[0];
}

const PEM = /^-----BEGIN (CERTIFICATE|PUBLIC KEY)-----\n([A-Za-z0-9+/=\n]+)-----END \1-----\n*$/;

/** Base64 DER inside Base64 PEM; "" where it is none. */
function derOfPem(value: unknown): string {
  if (typeof value !== "string") return "";
  const pem = PEM.exec(Buffer.from(value, "base64").toString("latin1").replaceAll("\r\n", "\n"));
  return pem?.[2]?.replaceAll("\n", "") ?? "";
}
