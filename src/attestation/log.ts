/**
 * Transparency logs (Rekor v1 and v2): was this signature made public, and when? The log's promise (signed entry timestamp), the proof
 * that the entry is in the tree (RFC 9162 §2.1.3), and the checkpoint that signs the tree's head (C2SP signed note and tlog-checkpoint).
 */
import { hash as digest } from "node:crypto";
import type { InclusionProof, LogEntry } from "./bundle.ts";
import { fromBase64 } from "./bytes.ts";
import { verifies } from "./key.ts";
import { reject } from "./reject.ts";
import type { TrustedLog, TrustRoot } from "./trust-root.ts";

/** Bytes of one checkpoint; the public log's have about 650, with the signatures of several witnesses. */
const MAX_CHECKPOINT_BYTES = 64 * 1024;
/** Signature lines of one checkpoint that are looked at. */
const MAX_CHECKPOINT_SIGNATURES = 100;

export function findLog(entry: LogEntry, root: TrustRoot): TrustedLog {
  for (const instance of root.instances) for (const log of instance.logs) if (log.id === entry.logId) return log;
  return reject("log-untrusted", `the trust root does not know the log ${entry.logId}`);
}

/**
 * Checks the promise of a Rekor v1 entry, and returns the time that it signs (milliseconds since 1970).
 * undefined where there is none; a time that no promise signs is refused, since a reader could believe it.
 */
export function checkPromise(entry: LogEntry, log: TrustedLog): number | undefined {
  if (entry.promise === undefined) {
    if (entry.integratedTime !== 0) reject("log-promise-missing", "the entry states a time that the log did not sign");
    return undefined;
  }
  const body = entry.body.toString("base64");
  const signed = `{"body":"${body}","integratedTime":${entry.integratedTime},"logID":"${entry.logId}","logIndex":${entry.logIndex}}`;
  if (!verifies(log.key().key, Buffer.from(signed), entry.promise, log.hash))
    reject("log-promise-invalid", "the log's signed entry timestamp is wrong");
  return entry.integratedTime * 1000;
}

/** Checks that the entry is in the tree that the log signed. */
export function checkProof(entry: LogEntry, proof: InclusionProof, log: TrustedLog): void {
  const { logIndex, treeSize, rootHash } = proof;
  if (logIndex >= treeSize) reject("log-proof-invalid", "the entry lies outside of the tree");
  // Without a promise, nothing else says at which place of the log the entry stands. (Rekor v1 counts over several trees, v2 does not.)
  if (entry.promise === undefined && entry.logIndex !== logIndex) reject("log-proof-invalid", "the entry and its proof name two places");
  if (!rootFrom(entry.body, proof).equals(rootHash))
    reject("log-proof-invalid", "the hashes of the proof do not lead to the root of the tree");
  if (proof.checkpoint === undefined) return;
  const head = readCheckpoint(proof.checkpoint);
  if (head.origin !== log.host && !head.origin.startsWith(`${log.host} - `))
    reject("log-checkpoint-invalid", `the checkpoint is of "${head.origin}", the entry of ${log.host}`);
  const hint = log.idBytes.subarray(0, 4);
  const candidates = head.signatures.filter((signature) => signature.name === log.host && signature.hint.equals(hint));
  if (candidates.length === 0) reject("log-checkpoint-invalid", `the checkpoint is not signed by ${log.host}`);
  const { key } = log.key();
  if (!candidates.some((candidate) => verifies(key, head.signed, candidate.signature, log.hash)))
    reject("log-checkpoint-invalid", "the log's signature on the checkpoint is wrong");
  if (head.size !== treeSize || !head.rootHash.equals(rootHash))
    reject("log-proof-invalid", "the proof and the checkpoint speak of two trees");
}

const LEAF: Buffer = Buffer.from([0]);

/** The bytes of an inner node of the tree, written anew for each: a proof has two dozen. */
const pair: Buffer = Buffer.alloc(65, 1);

function nodeOf(left: Buffer, right: Buffer): Buffer {
  pair.set(left, 1);
  pair.set(right, 33);
  return digest("sha256", pair, "buffer");
}

/** RFC 9162 §2.1.3.2, with divisions where it shifts: places go beyond 32 bits. */
function rootFrom(body: Buffer, proof: InclusionProof): Buffer {
  let place = proof.logIndex;
  let last = proof.treeSize - 1;
  let root: Buffer = digest("sha256", Buffer.concat([LEAF, body]), "buffer");
  for (const sibling of proof.hashes) {
    if (sibling.length !== 32) reject("log-proof-invalid", "a hash of the proof is not 32 bytes long");
    if (last === 0) reject("log-proof-invalid", "the proof has more hashes than the tree has levels");
    if (place % 2 === 1 || place === last) {
      root = nodeOf(sibling, root);
      while (place % 2 === 0 && place !== 0) {
        place = Math.floor(place / 2);
        last = Math.floor(last / 2);
      }
    } else root = nodeOf(root, sibling);
    place = Math.floor(place / 2);
    last = Math.floor(last / 2);
  }
  if (last !== 0) reject("log-proof-invalid", "the proof has fewer hashes than the tree has levels");
  return root;
}

interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly rootHash: Buffer;
  readonly signed: Buffer;
  readonly signatures: readonly { readonly name: string; readonly hint: Buffer; readonly signature: Buffer }[];
}

const bad = (why: string): never => reject("log-checkpoint-malformed", `the checkpoint ${why}`);

function readCheckpoint(envelope: string): Checkpoint {
  if (envelope.length > MAX_CHECKPOINT_BYTES) bad(`is longer than ${MAX_CHECKPOINT_BYTES} bytes`);
  const end = envelope.lastIndexOf("\n\n");
  if (end === -1 || !envelope.endsWith("\n")) bad("has no signatures");
  const signed = envelope.slice(0, end + 1);
  const [origin = "", size = "", root = ""] = signed.split("\n");
  if (origin === "") bad("does not name its log");
  if (!/^(?:0|[1-9]\d{0,15})$/.test(size)) bad("does not say how large the tree is");
  const rootHash = fromBase64(root, "the checkpoint's root hash", "log-checkpoint-malformed");
  if (rootHash.length !== 32) bad("has no root hash");
  const lines = envelope.slice(end + 2, -1).split("\n");
  if (lines.length > MAX_CHECKPOINT_SIGNATURES) bad(`has more than ${MAX_CHECKPOINT_SIGNATURES} signatures`);
  const signatures = lines.map((line) => {
    const [, name = "", value = ""] = /^\u2014 (\S+) (\S+)$/.exec(line) ?? bad("has a line that is no signature");
    const bytes = fromBase64(value, "a signature of the checkpoint", "log-checkpoint-malformed");
    if (bytes.length < 5) bad("has an empty signature");
    return { name, hint: bytes.subarray(0, 4), signature: bytes.subarray(4) };
  });
  return { origin, size: Number(size), rootHash, signed: Buffer.from(signed), signatures };
}
