/** Certificate transparency (RFC 6962): was the certificate itself made public? The proof is a list of signed timestamps inside it. */
import { type Certificate, SCT_LIST } from "./certificate.ts";
import { DerReader, OCTET_STRING } from "./der.ts";
import { holds, keyFingerprint, verifies } from "./key.ts";
import { reject } from "./reject.ts";
import type { TrustedLog, TrustRoot } from "./trust-root.ts";

interface SignedCertificateTimestamp {
  readonly log: string;
  readonly time: number;
  readonly timeBytes: Buffer;
  readonly extensions: Buffer;
  readonly signature: Buffer;
}

/** Timestamps of one certificate that we are ready to check; Fulcio gives one. */
const MAX_SCTS = 16;
const HASH_SHA256 = 4;
const der: DerReader = new DerReader("the certificate's transparency timestamps", "sct-invalid");

/**
 * Checks every timestamp of a log that the root knows, and wants at least one. Returns the addresses' hosts of the logs.
 */
export function checkScts(leaf: Certificate, issuer: Certificate, root: TrustRoot): readonly string[] {
  const extension = leaf.extensions.get(SCT_LIST);
  if (extension === undefined) return reject("sct-missing", "the certificate carries no proof that it was made public");
  const scts = readList(der.only(extension.value, OCTET_STRING).content);
  const hosts: string[] = [];
  for (const sct of scts) {
    const log = findLog(sct, root);
    if (log === undefined) continue;
    if (!holds(log.validFor, sct.time)) reject("sct-invalid", `the certificate log ${log.host} was not trusted at that time`);
    if (!verifies(log.key().key, signedBytes(sct, leaf, issuer), sct.signature, log.hash))
      reject("sct-invalid", `the signature of the certificate log ${log.host} is wrong`);
    hosts.push(log.host);
  }
  if (hosts.length === 0) reject("sct-invalid", "no certificate log that the trust root knows has seen the certificate");
  return hosts;
}

function findLog(sct: SignedCertificateTimestamp, root: TrustRoot): TrustedLog | undefined {
  for (const instance of root.instances) for (const log of instance.ctLogs) if (log.id === sct.log) return log;
  return undefined;
}

/** RFC 6962 §3.3. */
function readList(bytes: Buffer): SignedCertificateTimestamp[] {
  const scts: SignedCertificateTimestamp[] = [];
  if (bytes.length < 2 || bytes.readUInt16BE(0) !== bytes.length - 2) der.bad("a list of the wrong length");
  for (let at = 2; at < bytes.length;) {
    const length = at + 2 <= bytes.length ? bytes.readUInt16BE(at) : 0;
    const sct = bytes.subarray(at + 2, at + 2 + length);
    if (length === 0 || sct.length !== length || scts.length === MAX_SCTS) der.bad("a list that is cut short or too long");
    scts.push(readOne(sct));
    at += 2 + length;
  }
  return scts;
}

function readOne(sct: Buffer): SignedCertificateTimestamp {
  // Version 1 byte, log id 32, time 8, length of the extensions 2.
  if (sct.length < 43 || sct[0] !== 0) der.bad("one of an unknown version");
  const end = 43 + sct.readUInt16BE(41);
  if (sct.length < end + 4 || sct.readUInt16BE(end + 2) !== sct.length - end - 4) der.bad("one that is cut short");
  if (sct[end] !== HASH_SHA256) der.bad("one signed over an unknown hash");
  return {
    log: sct.toString("hex", 1, 33),
    time: Number(sct.readBigUInt64BE(33)),
    timeBytes: sct.subarray(33, 41),
    extensions: sct.subarray(41, end),
    signature: sct.subarray(end + 4),
  };
}

/** RFC 6962 §3.2, `digitally-signed struct` of a precertificate. */
function signedBytes(sct: SignedCertificateTimestamp, leaf: Certificate, issuer: Certificate): Buffer {
  const tbs = leaf.precertificate();
  const head = Buffer.from([0, 0]);
  const precertEntry = Buffer.from([0, 1]);
  const length = Buffer.alloc(3);
  length.writeUIntBE(tbs.length, 0, 3);
  return Buffer.concat([head, sct.timeBytes, precertEntry, keyFingerprint(issuer.spki), length, tbs, sct.extensions]);
}
