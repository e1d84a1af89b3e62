/**
 * X.509 certificates (RFC 5280), read by hand: Node's own class costs as much as a signature check and does not give the extensions that
 * Fulcio writes, nor the bytes that a certificate transparency log signed.
 */
import { createPublicKey, type KeyObject } from "node:crypto";
import { BIT_STRING, BOOLEAN, context, type Der, DerReader, encodeDer, INTEGER, OBJECT_ID, OCTET_STRING, SEQUENCE } from "./der.ts";
import { type Hash, isP256, readKey, verifies } from "./key.ts";
import type { RejectCode } from "./reject.ts";

export interface Extension {
  readonly critical: boolean;
  readonly value: Buffer;
}

export interface Certificate {
  readonly raw: Buffer;
  /** The part that the issuer signed. */
  readonly tbs: Buffer;
  readonly hash: Hash | undefined;
  readonly signature: Buffer;
  readonly serial: string;
  readonly issuer: Buffer;
  readonly subject: Buffer;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly spki: Buffer;
  readonly key: KeyObject;
  readonly extensions: ReadonlyMap<string, Extension>;
  /** What the certificate transparency log signed: `tbs` without the list of its own signatures (RFC 6962 §3.2). */
  readonly precertificate: () => Buffer;
}

/** A certificate larger than this is not one: Fulcio's are below 3 kB. */
const MAX_CERTIFICATE_BYTES = 64 * 1024;

export const SCT_LIST = "1.3.6.1.4.1.11129.2.4.2";
const KEY_USAGE = "2.5.29.15";
const ALTERNATIVE_NAME = "2.5.29.17";
const BASIC_CONSTRAINTS = "2.5.29.19";
const EXTENDED_KEY_USAGE = "2.5.29.37";
export const CODE_SIGNING = "1.3.6.1.5.5.7.3.3";
export const TIME_STAMPING = "1.3.6.1.5.5.7.3.8";

/** Critical extensions that are understood here; a certificate with another one must be refused (RFC 5280 §4.2). */
const understood: ReadonlySet<string> = new Set([KEY_USAGE, ALTERNATIVE_NAME, BASIC_CONSTRAINTS, EXTENDED_KEY_USAGE]);

const signatureAlgorithms: Readonly<Record<string, { readonly hash: Hash | undefined; readonly type: string }>> = {
  "1.2.840.10045.4.3.2": { hash: "sha256", type: "ec" },
  "1.2.840.10045.4.3.3": { hash: "sha384", type: "ec" },
  "1.2.840.10045.4.3.4": { hash: "sha512", type: "ec" },
  "1.2.840.113549.1.1.11": { hash: "sha256", type: "rsa" },
  "1.2.840.113549.1.1.12": { hash: "sha384", type: "rsa" },
  "1.2.840.113549.1.1.13": { hash: "sha512", type: "rsa" },
  "1.3.101.112": { hash: undefined, type: "ed25519" },
};

/** Reads one DER certificate. Rejects (in this room) with `code` where it is broken. */
export function readCertificate(raw: Buffer, code: RejectCode = "certificate-malformed"): Certificate {
  const der = new DerReader("certificate", code);
  if (raw.length > MAX_CERTIFICATE_BYTES) der.bad(`larger than ${MAX_CERTIFICATE_BYTES} bytes`);
  const [tbsValue, algorithm, signature, ...rest] = der.members(der.only(raw, SEQUENCE));
  const tbs = der.expect(tbsValue, SEQUENCE);
  if (rest.length > 0) der.bad("more than three parts");
  const fields = der.members(tbs);
  if (fields[0]?.tag === context(0)) fields.shift();
  const [serial, innerAlgorithm, issuer, validity, subject, spki, ...optional] = fields;
  if (algorithm === undefined || innerAlgorithm === undefined || !algorithm.whole.equals(innerAlgorithm.whole))
    der.bad("the two signature algorithms differ");
  const algorithmId = der.objectId(der.members(der.expect(algorithm, SEQUENCE))[0]);
  const known = signatureAlgorithms[algorithmId];
  if (known === undefined) return der.bad(`the signature algorithm ${algorithmId} is not supported`);
  const [notBefore, notAfter] = der.members(der.expect(validity, SEQUENCE));
  const extensions = readExtensions(der, optional);
  const spkiBytes = der.expect(spki, SEQUENCE).whole;
  return {
    raw,
    tbs: tbs.whole,
    hash: known.hash,
    signature: bitString(der, signature),
    serial: der.expect(serial, INTEGER).content.toString("hex"),
    issuer: der.expect(issuer, SEQUENCE).whole,
    subject: der.expect(subject, SEQUENCE).whole,
    notBefore: der.time(notBefore),
    notAfter: der.time(notAfter),
    spki: spkiBytes,
    key: keyOf(der, der.expect(spki, SEQUENCE), code),
    extensions: extensions.byId,
    precertificate: () => withoutScts(der, der.members(tbs), extensions.all),
  };
}

function bitString(der: DerReader, value: Der | undefined): Buffer {
  const { content } = der.expect(value, BIT_STRING);
  if (content[0] !== 0) der.bad("a signature that does not end with a byte");
  return content.subarray(1);
}

/**
 * The key of a certificate. For the curve P-256, which nearly all leaves use, the two coordinates are handed over as a JWK:
 * that is half the time of OpenSSL's DER decoder.
 */
function keyOf(der: DerReader, spki: Der, code: RejectCode): KeyObject {
  const [algorithm, bits] = der.members(spki);
  const [id, parameters] = der.members(der.expect(algorithm, SEQUENCE));
  if (der.objectId(id) === "1.2.840.10045.2.1" && parameters?.tag === OBJECT_ID && der.objectId(parameters) === "1.2.840.10045.3.1.7") {
    const point = bitString(der, bits);
    if (point.length === 65 && point[0] === 4) {
      const x = point.toString("base64url", 1, 33);
      const y = point.toString("base64url", 33, 65);
      try {
        const key = createPublicKey({ key: { kty: "EC", crv: "P-256", x, y }, format: "jwk" });
        isP256(key);
        return key;
      } catch {
        der.bad("the public key is not a point of its curve");
      }
    }
  }
  return readKey(spki.whole, code);
}

interface NamedExtension extends Extension {
  readonly id: string;
  readonly whole: Buffer;
}

function readExtensions(der: DerReader, optional: readonly Der[]): { byId: Map<string, Extension>; all: readonly NamedExtension[] } {
  const byId = new Map<string, Extension>();
  const all: NamedExtension[] = [];
  const holder = optional.find((value) => value.tag === context(3));
  if (holder === undefined) return { byId, all };
  for (const entry of der.members(der.only(holder.content, SEQUENCE))) {
    const parts = der.members(der.expect(entry, SEQUENCE));
    const id = der.objectId(parts[0]);
    const critical = parts.length === 3 && der.boolean(der.expect(parts[1], BOOLEAN));
    const extension = { id, critical, value: der.expect(parts.at(-1), OCTET_STRING).content, whole: entry.whole };
    // Two of a kind would let two readers see two certificates (RFC 5280 §4.2).
    if (byId.has(id)) der.bad(`the extension ${id} comes twice`);
    byId.set(id, extension);
    all.push(extension);
  }
  return { byId, all };
}

function withoutScts(der: DerReader, fields: readonly Der[], extensions: readonly NamedExtension[]): Buffer {
  const kept = Buffer.concat(extensions.filter((extension) => extension.id !== SCT_LIST).map((extension) => extension.whole));
  const parts = fields.map((field) => (field.tag === context(3) ? encodeDer(context(3), encodeDer(SEQUENCE, kept)) : field.whole));
  if (parts.length === 0) der.bad("empty");
  return encodeDer(SEQUENCE, Buffer.concat(parts));
}

/** True where `issuer` signed `certificate`; names must match, byte by byte. */
export function isSignedBy(certificate: Certificate, issuer: Certificate): boolean {
  return (
    certificate.issuer.equals(issuer.subject) && verifies(issuer.key, certificate.tbs, certificate.signature, certificate.hash ?? "sha256")
  );
}

export const isValidAt = (certificate: Certificate, time: number): boolean => time >= certificate.notBefore && time <= certificate.notAfter;

const reader: DerReader = new DerReader("certificate extension", "certificate-malformed");

/** May this certificate sign others (RFC 5280 §4.2.1.9, §4.2.1.3)? `below` = certificates between it and the leaf. */
export function isAuthority(certificate: Certificate, below: number): boolean {
  const constraints = certificate.extensions.get(BASIC_CONSTRAINTS);
  if (constraints === undefined) return false;
  const [flag, length] = reader.members(reader.only(constraints.value, SEQUENCE));
  if (flag?.tag !== BOOLEAN || !reader.boolean(flag)) return false;
  if (length !== undefined && (length.content.length !== 1 || (length.content[0] ?? 0) < below)) return false;
  return usageBit(certificate, 5);
}

/** `keyUsage` has the bit, or the extension is absent (then every use is allowed). Bit 0 is digitalSignature, 5 is keyCertSign. */
export function usageBit(certificate: Certificate, bit: number): boolean {
  const usage = certificate.extensions.get(KEY_USAGE);
  if (usage === undefined) return true;
  const { content } = reader.only(usage.value, BIT_STRING);
  return ((content[1 + (bit >> 3)] ?? 0) & (0x80 >> (bit & 7))) !== 0;
}

export function hasPurpose(certificate: Certificate, purpose: string): boolean {
  const purposes = certificate.extensions.get(EXTENDED_KEY_USAGE);
  if (purposes === undefined) return false;
  return reader.members(reader.only(purposes.value, SEQUENCE)).some((id) => reader.objectId(id) === purpose);
}

/** A critical extension that is not understood, if there is one. */
export function strangeExtension(certificate: Certificate): string | undefined {
  for (const [id, extension] of certificate.extensions) if (extension.critical && !understood.has(id)) return id;
  return undefined;
}

export interface AlternativeName {
  readonly type: "uri" | "email" | "other";
  readonly value: string;
}

const OTHER_NAME = context(0);
const RFC822_NAME = 0x81;
const URI_NAME = 0x86;
/** Fulcio's own kind of name, for user names that are no e-mail address (OID .1.7 in its list). */
const FULCIO_USERNAME = "1.3.6.1.4.1.57264.1.7";

/** Names of the subject (RFC 5280 §4.2.1.6): URIs, e-mail addresses and Fulcio's user names; others are left out. */
export function alternativeNames(certificate: Certificate): AlternativeName[] {
  const extension = certificate.extensions.get(ALTERNATIVE_NAME);
  if (extension === undefined) return [];
  const names: AlternativeName[] = [];
  for (const name of reader.members(reader.only(extension.value, SEQUENCE))) {
    if (name.tag === URI_NAME) names.push({ type: "uri", value: name.content.toString("utf8") });
    else if (name.tag === RFC822_NAME) names.push({ type: "email", value: name.content.toString("utf8") });
    else if (name.tag === OTHER_NAME) {
      const [id, value] = reader.members(name);
      if (reader.objectId(id) !== FULCIO_USERNAME || value === undefined) continue;
      const [text] = reader.members(value);
      if (text !== undefined) names.push({ type: "other", value: text.content.toString("utf8") });
    }
  }
  return names;
}
