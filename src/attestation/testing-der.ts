/** Writes the DER that a Sigstore instance of our own needs: certificates and timestamps. For tests only. */
import { createHash, type KeyObject, sign } from "node:crypto";
import { BIT_STRING, BOOLEAN, context, encodeDer, GENERALIZED_TIME, INTEGER, OBJECT_ID, OCTET_STRING, SEQUENCE, SET } from "./der.ts";

export const seq = (...parts: readonly Buffer[]): Buffer => encodeDer(SEQUENCE, Buffer.concat(parts));
const setOf = (...parts: readonly Buffer[]): Buffer => encodeDer(SET, Buffer.concat(parts));
export const octets = (content: Buffer): Buffer => encodeDer(OCTET_STRING, content);
const bits = (content: Buffer): Buffer => encodeDer(BIT_STRING, Buffer.concat([Buffer.from([0]), content]));
const explicit = (n: number, content: Buffer): Buffer => encodeDer(context(n), content);
export const utf8 = (text: string): Buffer => encodeDer(0x0c, Buffer.from(text));

/** A number that is not negative. */
function integer(value: number): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
  return encodeDer(INTEGER, (bytes[0] ?? 0) > 0x7f ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
}

export function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split(".").map(Number);
  const bytes: number[] = [];
  for (const arc of [first * 40 + second, ...rest]) {
    const digits: number[] = [];
    for (let left = arc; digits.length === 0 || left > 0; left = Math.floor(left / 128)) digits.unshift(left % 128);
    bytes.push(...digits.map((digit, i) => (i < digits.length - 1 ? digit | 0x80 : digit)));
  }
  return encodeDer(OBJECT_ID, Buffer.from(bytes));
}

const time = (at: Date): Buffer => encodeDer(GENERALIZED_TIME, Buffer.from(`${at.toISOString().replaceAll(/[-:T]/g, "").slice(0, 14)}Z`));

export const spkiOf = (key: KeyObject): Buffer => key.export({ type: "spki", format: "der" });
const nameOf = (text: string): Buffer => seq(setOf(seq(oid("2.5.4.3"), utf8(text))));
const ECDSA_SHA256: Buffer = seq(oid("1.2.840.10045.4.3.2"));
const ECDSA_SHA384: Buffer = seq(oid("1.2.840.10045.4.3.3"));
const SHA256: Buffer = seq(oid("2.16.840.1.101.3.4.2.1"));

export const extension = (id: string, value: Buffer, critical = false): Buffer =>
  seq(oid(id), ...(critical ? [encodeDer(BOOLEAN, Buffer.from([0xff]))] : []), octets(value));

export interface CertificateRequest {
  readonly serial: number;
  readonly issuer: string;
  readonly subject: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly publicKey: KeyObject;
  readonly extensions: readonly Buffer[];
  /** The hash that its issuer signs with; SHA-256 unless given. */
  readonly hash?: "sha256" | "sha384";
}

const algorithmOf = ({ hash }: CertificateRequest): Buffer => (hash === "sha384" ? ECDSA_SHA384 : ECDSA_SHA256);

export function tbsCertificate(request: CertificateRequest): Buffer {
  return seq(
    explicit(0, integer(2)),
    integer(request.serial),
    algorithmOf(request),
    nameOf(request.issuer),
    seq(time(request.notBefore), time(request.notAfter)),
    nameOf(request.subject),
    spkiOf(request.publicKey),
    ...(request.extensions.length === 0 ? [] : [explicit(3, seq(...request.extensions))]),
  );
}

/** Signed with a key on P-256, or on P-384 where the request's hash says so. */
export function certificate(request: CertificateRequest, issuerKey: KeyObject): Buffer {
  const tbs = tbsCertificate(request);
  return seq(tbs, algorithmOf(request), bits(sign(request.hash ?? "sha256", tbs, issuerKey)));
}

const digest = (bytes: Buffer): Buffer => createHash("sha256").update(bytes).digest();

export interface Stamp {
  /** SHA-256 of what is stamped. */
  readonly imprint: Buffer;
  readonly at: Date;
  readonly signer: { readonly raw: Buffer; readonly issuer: string; readonly serial: number; readonly key: KeyObject };
  readonly embed?: readonly Buffer[];
}

/** An RFC 3161 response that was granted. */
export function timestampResponse({ imprint, at, signer, embed = [] }: Stamp): Buffer {
  const info = seq(integer(1), oid("1.3.6.1.4.1.57264.2"), seq(SHA256, octets(imprint)), integer(1), time(at));
  const attribute = (id: string, value: Buffer): Buffer => seq(oid(id), setOf(value));
  const attributes = [
    attribute("1.2.840.113549.1.9.3", oid("1.2.840.113549.1.9.16.1.4")),
    attribute("1.2.840.113549.1.9.4", octets(digest(info))),
    attribute("1.2.840.113549.1.9.16.2.47", seq(seq(seq(octets(digest(signer.raw)))))),
  ];
  const signerInfo = seq(
    integer(1),
    seq(nameOf(signer.issuer), integer(signer.serial)),
    SHA256,
    explicit(0, Buffer.concat(attributes)),
    ECDSA_SHA256,
    octets(sign("sha256", setOf(...attributes), signer.key)),
  );
  const signedData = seq(
    integer(3),
    setOf(SHA256),
    seq(oid("1.2.840.113549.1.9.16.1.4"), explicit(0, octets(info))),
    ...(embed.length === 0 ? [] : [explicit(0, Buffer.concat(embed))]),
    setOf(signerInfo),
  );
  return seq(seq(integer(0)), seq(oid("1.2.840.113549.1.7.2"), explicit(0, signedData)));
}

export interface SctRequest {
  readonly log: Buffer;
  readonly at: Date;
  /** The certificate before its timestamp is put in. */
  readonly tbs: Buffer;
  readonly issuer: KeyObject;
  readonly key: KeyObject;
}

/** A list with one signed certificate timestamp (RFC 6962 §3.3), for the extension. */
export function encodeSct({ log, at, tbs, issuer, key }: SctRequest): Buffer {
  const when = Buffer.alloc(8);
  when.writeBigUInt64BE(BigInt(at.getTime()));
  const length = Buffer.alloc(3);
  length.writeUIntBE(tbs.length, 0, 3);
  const issuerHash = digest(spkiOf(issuer));
  const none = Buffer.alloc(2);
  const signature = sign("sha256", Buffer.concat([Buffer.from([0, 0]), when, Buffer.from([0, 1]), issuerHash, length, tbs, none]), key);
  const sct = Buffer.concat([Buffer.from([0]), log, when, none, Buffer.from([4, 3]), uint16(signature.length), signature]);
  return Buffer.concat([uint16(sct.length + 2), uint16(sct.length), sct]);
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}
