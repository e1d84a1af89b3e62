/**
 * RFC 3161 timestamps: a third party's word that a signature existed at a time. The response is CMS (RFC 5652); it must be about our
 * signature, signed by an authority of the trust root, with a certificate chain that was valid at the time that it states.
 */
import { hash as digest } from "node:crypto";
import {
  type Certificate,
  hasPurpose,
  isAuthority,
  isSignedBy,
  isValidAt,
  readCertificate,
  strangeExtension,
  TIME_STAMPING,
} from "./certificate.ts";
import { context, type Der, DerReader, INTEGER, OCTET_STRING, SEQUENCE, SET } from "./der.ts";
import { type Hash, holds, verifies } from "./key.ts";
import { reject } from "./reject.ts";
import type { TrustedAuthority, TrustRoot } from "./trust-root.ts";

const der: DerReader = new DerReader("timestamp", "timestamp-malformed");

const SIGNED_DATA = "1.2.840.113549.1.7.2";
const TST_INFO = "1.2.840.113549.1.9.16.1.4";
const CONTENT_TYPE = "1.2.840.113549.1.9.3";
const MESSAGE_DIGEST = "1.2.840.113549.1.9.4";
const SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.12";
const SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47";

const hashes: Readonly<Record<string, Hash>> = {
  "2.16.840.1.101.3.4.2.1": "sha256",
  "2.16.840.1.101.3.4.2.2": "sha384",
  "2.16.840.1.101.3.4.2.3": "sha512",
};
/** A signature algorithm that names a hash must name the one that the signer states beside it. */
const signatureHashes: Readonly<Record<string, Hash>> = {
  "1.2.840.10045.4.3.2": "sha256",
  "1.2.840.10045.4.3.3": "sha384",
  "1.2.840.10045.4.3.4": "sha512",
  "1.2.840.113549.1.1.11": "sha256",
  "1.2.840.113549.1.1.12": "sha384",
  "1.2.840.113549.1.1.13": "sha512",
};
const RSA_ENCRYPTION = "1.2.840.113549.1.1.1";

/** Certificates inside one timestamp that we are ready to look at. */
const MAX_EMBEDDED = 16;

export interface Timestamp {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly authority: string;
}

/** Verifies one response over `signature` (the bytes of the signature that it stamps). Rejects (in this room) with the reason. */
export function checkTimestamp(response: Buffer, signature: Buffer, root: TrustRoot): Timestamp {
  const token = readToken(response);
  const { info, signer } = token;
  if (!digest(info.hash, signature, "buffer").equals(info.imprint)) reject("timestamp-invalid", "the timestamp is for another signature");
  const known = findAuthority(token, root);
  if (known === undefined)
    return reject("timestamp-untrusted", "no timestamp authority that the trust root knows has signed the timestamp");
  if (!digest(signer.hash, info.bytes, "buffer").equals(signer.messageDigest))
    reject("timestamp-invalid", "the timestamp's content is not what was signed");
  for (const { hash, value } of signer.certificateHashes)
    if (!digest(hash, known.leaf.raw, "buffer").equals(value)) reject("timestamp-invalid", "the timestamp names another certificate");
  if (!verifies(known.leaf.key, signer.signed, signer.signature, signer.hash))
    reject("timestamp-invalid", "the timestamp's signature is wrong");
  checkPath(known, info.time);
  for (const other of token.embedded)
    if (![known.leaf, ...known.authority.chain].some((one) => one.raw.equals(other.raw)))
      reject("timestamp-untrusted", "the timestamp carries a certificate that has no part in its proof");
  return { time: info.time, authority: known.authority.uri };
}

interface Token {
  readonly info: { readonly bytes: Buffer; readonly hash: Hash; readonly imprint: Buffer; readonly time: number };
  readonly embedded: readonly Certificate[];
  readonly signer: {
    readonly issuer: Buffer;
    readonly serial: string;
    readonly hash: Hash;
    readonly signed: Buffer;
    readonly messageDigest: Buffer;
    readonly certificateHashes: readonly { readonly hash: Hash | "sha1"; readonly value: Buffer }[];
    readonly signature: Buffer;
  };
}

function hashOf(algorithm: Der | undefined): Hash {
  const id = der.objectId(der.members(der.expect(algorithm, SEQUENCE))[0]);
  return (Object.hasOwn(hashes, id) ? hashes[id] : undefined) ?? der.bad(`the hash ${id} is not supported`);
}

function readToken(response: Buffer): Token {
  const [status, content, ...more] = der.members(der.only(response, SEQUENCE));
  const granted = der.expect(der.members(der.expect(status, SEQUENCE))[0], INTEGER).content;
  // RFC 3161 §2.4.2: 0 is granted, 1 granted with modifications; nothing else comes with a token.
  if (granted.length !== 1 || (granted[0] ?? 2) > 1 || more.length > 0) der.bad("it was not granted");
  const [type, holder] = der.members(der.expect(content, SEQUENCE));
  if (der.objectId(type) !== SIGNED_DATA) der.bad("it is not signed data");
  const parts = der.members(der.only(der.expect(holder, context(0)).content, SEQUENCE));
  const version = der.expect(parts.shift(), INTEGER).content;
  const digestAlgorithms = der.members(der.expect(parts.shift(), SET)).map(hashOf);
  const encapsulated = der.members(der.expect(parts.shift(), SEQUENCE));
  const embedded = parts[0]?.tag === context(0) ? der.members(parts.shift() as Der) : [];
  // RFC 5652 §5.1: content that is not plain data makes it version 3; RFC 3161 has no use for revocation lists.
  if (version.length !== 1 || version[0] !== 3 || parts.length !== 1) der.bad("signed data of an unknown form");
  if (embedded.length > MAX_EMBEDDED) der.bad(`more than ${MAX_EMBEDDED} certificates`);
  if (der.objectId(encapsulated[0]) !== TST_INFO) der.bad("it does not hold a time");
  const infoBytes = der.only(der.expect(encapsulated[1], context(0)).content, OCTET_STRING).content;
  const signers = der.members(der.expect(parts[0], SET));
  if (signers.length !== 1) der.bad("it has not exactly one signer");
  const signer = readSigner(der.expect(signers[0], SEQUENCE));
  if (digestAlgorithms.length !== 1 || digestAlgorithms[0] !== signer.hash) der.bad("it names two hashes");
  return {
    info: readInfo(infoBytes),
    embedded: embedded.map((one) => readCertificate(one.whole, "timestamp-malformed")),
    signer,
  };
}

function readInfo(bytes: Buffer): Token["info"] {
  const [version, , imprint, , time] = der.members(der.only(bytes, SEQUENCE));
  if (der.expect(version, INTEGER).content.toString("hex") !== "01") der.bad("a time of an unknown version");
  const [algorithm, value] = der.members(der.expect(imprint, SEQUENCE));
  return { bytes, hash: hashOf(algorithm), imprint: der.expect(value, OCTET_STRING).content, time: der.time(time) };
}

function readSigner(value: Der): Token["signer"] {
  const [version, id, algorithm, attributes, signatureAlgorithm, signature, ...rest] = der.members(value);
  // Version 1 goes with a signer named by issuer and serial number (RFC 5652 §5.3), which all authorities use; nothing unsigned may follow.
  if (der.expect(version, INTEGER).content.toString("hex") !== "01" || rest.length > 0) der.bad("a signer of an unknown form");
  const [issuer, serial] = der.members(der.expect(id, SEQUENCE));
  const hash = hashOf(algorithm);
  const signatureId = der.objectId(der.members(der.expect(signatureAlgorithm, SEQUENCE))[0]);
  if (signatureId !== RSA_ENCRYPTION && signatureHashes[signatureId] !== hash) der.bad("the signer's algorithms do not go together");
  const signedAttributes = der.expect(attributes, context(0));
  const byId = new Map<string, Der>();
  for (const attribute of der.members(signedAttributes)) {
    const [name, values] = der.members(der.expect(attribute, SEQUENCE));
    const [only, ...others] = der.members(der.expect(values, SET));
    const key = der.objectId(name);
    if (only === undefined || others.length > 0 || byId.has(key)) der.bad("an attribute without exactly one value");
    byId.set(key, only);
  }
  if (der.objectId(byId.get(CONTENT_TYPE)) !== TST_INFO) der.bad("the signature is not over a time");
  // What is signed is the set itself, not the context tag that it is filed under (RFC 5652 §5.4).
  const signed = Buffer.from(signedAttributes.whole);
  signed[0] = SET;
  return {
    issuer: der.expect(issuer, SEQUENCE).whole,
    serial: der.expect(serial, INTEGER).content.toString("hex"),
    hash,
    signed,
    messageDigest: der.expect(byId.get(MESSAGE_DIGEST), OCTET_STRING).content,
    certificateHashes: certificateHashes(byId),
    signature: der.expect(signature, OCTET_STRING).content,
  };
}

/** ESSCertID (RFC 2634) and ESSCertIDv2 (RFC 5035): the first one is the signer's own certificate. */
function certificateHashes(attributes: ReadonlyMap<string, Der>): Token["signer"]["certificateHashes"] {
  const found: { hash: Hash | "sha1"; value: Buffer }[] = [];
  for (const [id, usual] of [
    [SIGNING_CERTIFICATE, "sha1"],
    [SIGNING_CERTIFICATE_V2, "sha256"],
  ] as const) {
    const attribute = attributes.get(id);
    if (attribute === undefined) continue;
    const [certificates] = der.members(der.expect(attribute, SEQUENCE));
    const [first] = der.members(der.expect(certificates, SEQUENCE));
    const parts = der.members(der.expect(first, SEQUENCE));
    const named = parts[0]?.tag === SEQUENCE ? hashOf(parts.shift()) : usual;
    found.push({ hash: named, value: der.expect(parts[0], OCTET_STRING).content });
  }
  if (found.length === 0) der.bad("it does not bind the signer's certificate");
  return found;
}

interface Known {
  readonly authority: TrustedAuthority;
  readonly leaf: Certificate;
  /** Index in the authority's chain of the certificate that signed the leaf; 1 where the leaf is the chain's first. */
  readonly issuedBy: number;
}

function findAuthority(token: Token, root: TrustRoot): Known | undefined {
  const { issuer, serial } = token.signer;
  const isSigner = (certificate: Certificate): boolean => certificate.serial === serial && certificate.issuer.equals(issuer);
  let outside: Known | undefined;
  for (const instance of root.instances)
    for (const authority of instance.timestampAuthorities) {
      const [first] = authority.chain;
      if (first !== undefined && isSigner(first)) {
        const known = { authority, leaf: first, issuedBy: 1 };
        if (holds(authority.validFor, token.info.time)) return known;
        outside = known;
      }
      // An authority given by its issuing certificates alone: the signer's own comes with the timestamp.
      const leaf = token.embedded.find(isSigner);
      const issuedBy = leaf === undefined ? -1 : authority.chain.findIndex((one) => isAuthority(one, 0) && isSignedBy(leaf, one));
      if (leaf !== undefined && issuedBy !== -1) return { authority, leaf, issuedBy };
    }
  return outside;
}

function checkPath(known: Known, time: number): void {
  const { authority, leaf, issuedBy } = known;
  if (!holds(authority.validFor, time)) reject("timestamp-expired", "the timestamp authority was not trusted at that time");
  if (
    issuedBy === 1 && authority.chain.length > 1 && leaf === authority.chain[0]
      ? authority.soundFrom() > 0
      : authority.soundFrom() > issuedBy
  )
    reject("timestamp-untrusted", "the timestamp authority's chain of certificates does not hold");
  if (!hasPurpose(leaf, TIME_STAMPING) || strangeExtension(leaf) !== undefined)
    reject("timestamp-untrusted", "the certificate of the timestamp's signer is not for timestamps");
  for (const certificate of [leaf, ...authority.chain.slice(issuedBy)])
    if (!isValidAt(certificate, time)) reject("timestamp-expired", "a certificate of the timestamp authority was not valid at that time");
}
