/**
 * Verifies a Sigstore bundle, offline, in named steps. Each step trusts only what the steps before it have proved:
 *
 *     read         is it a bundle, and does its version allow what it holds?
 *     signature    is the content signed by the certificate's (or the given) key?
 *     artifact     is it about these bytes?
 *     log-entry    is what the log published this very signature?
 *     log-promise  did the log sign when it took the entry in?        ┐
 *     log-proof    is the entry in the tree that the log signed?      │ trusted times
 *     timestamps   did a timestamp authority see the signature?       ┘
 *     certificate  was the certificate issued by a trusted authority, and valid at all of these times?
 *     sct          was the certificate itself made public?
 *     identity     is the signer who the caller expects, to the letter?
 *
 * The answer is data: `{ ok: true, … }` with what was proved and by whom, or `{ ok: false, code, … }` with the first step that said no.
 * What a valid bundle *means* (a SLSA level, a source, a builder) is decided elsewhere, from the signer and the statement.
 */
import { hash as digest } from "node:crypto";
import { type Bundle, type LogEntry, readBundle } from "./bundle.ts";
import { type Certificate, readCertificate } from "./certificate.ts";
import { checkChain, type Path, signerName } from "./chain.ts";
import { readClaims } from "./claims.ts";
import { preAuthenticationEncoding } from "./dsse.ts";
import { type Hash, holds, usualHash, type VerificationKey, verifies } from "./key.ts";
import { checkPromise, checkProof, findLog } from "./log.ts";
import { checkEntry, type Signed } from "./log-entry.ts";
import { verifiesDigest } from "./prehash.ts";
import { outcome, reject, type Step } from "./reject.ts";
import { checkScts } from "./sct.ts";
import { compareDigests, type Digests, IN_TOTO_PAYLOAD, readStatement, type Statement, subjectsThatAre } from "./statement.ts";
import { checkTimestamp } from "./timestamp.ts";
import type { TrustedAuthority, TrustedLog, TrustInstance } from "./trust-root.ts";
import type { Content, Signer, TrustedTime, Verification, Verified, VerifyOptions } from "./verification.ts";

/** Verifies a bundle (parsed JSON, or its text). Never throws for what a bundle holds; throws nothing at all but for bugs. */
export function verifyBundle(bundle: unknown, options: VerifyOptions): Verification {
  return outcome((at) => run(readBundle(typeof bundle === "string" ? parse(bundle) : bundle), options, at));
}

/** Characters of a bundle's text: room for the largest statement in Base64, and its proofs. */
const MAX_BUNDLE_CHARACTERS = 64 * 1024 * 1024;

function parse(text: string): unknown {
  if (text.length > MAX_BUNDLE_CHARACTERS) reject("bundle-malformed", `the bundle is longer than ${MAX_BUNDLE_CHARACTERS} characters`);
  try {
    return JSON.parse(text);
  } catch {
    return reject("bundle-malformed", "the bundle is not JSON");
  }
}

function run(bundle: Bundle, options: VerifyOptions, at: (step: Step) => void): Verified {
  const steps: { step: Step; found: string }[] = [];
  const found = (step: Step, what: string): void => void steps.push({ step, found: what });
  const { material } = bundle;
  found("read", `bundle ${bundle.version}, ${material.kind}, ${bundle.content.kind}`);

  if (bundle.content.kind === "message") at("artifact");
  const message = expectedDigest(bundle, options);
  at("signature");
  const verifier = verifierOf(bundle, options);
  const signed = checkSignature(bundle, verifier, options, message);
  found("signature", `signed by the ${material.kind}`);

  at("artifact");
  const content = contentOf(bundle, signed, options);
  if (content.kind === "statement" && content.subjects.length > 0) found("artifact", `subject ${content.subjects[0]?.name ?? ""}`);
  if (content.kind === "message") found("artifact", `${content.algorithm}:${content.digest}`);

  const trusted: { time: number; by: TrustedTime["by"]; source: string }[] = [];
  const proofs = bundle.entries.map((entry) => {
    at("log-entry");
    const { coversKeyId } = checkEntry(entry, signed.asLogged);
    const log = findLog(entry, options.root);
    at("log-promise");
    const time = checkPromise(entry, log);
    if (time !== undefined) {
      if (!holds(log.validFor, time)) reject("log-expired", `the log ${log.host} was not trusted at the time of its promise`);
      trusted.push({ time, by: "log", source: log.host });
    }
    at("log-proof");
    if (entry.proof !== undefined) checkProof(entry, entry.proof, log);
    found("log-entry", `${entry.kind} ${entry.version} at ${entry.logIndex} of ${log.host}`);
    return { entry, log, coversKeyId };
  });
  checkDistinct(bundle.entries);

  at("timestamps");
  for (const response of bundle.timestamps) {
    const { time, authority } = checkTimestamp(response, signed.signature, options.root);
    trusted.push({ time, by: "timestamp-authority", source: authority });
  }
  checkTimes(trusted, proofs, options);
  for (const { time, source } of trusted) found("timestamps", `${new Date(time).toISOString()} by ${source}`);

  at("certificate");
  const times = trusted.map(({ time }) => time);
  const rest = material.kind === "certificate" ? material.chain.slice(1) : [];
  const path = verifier.certificate && checkChain(verifier.certificate, rest, times, options.root, bundle.version === "0.1");
  if (verifier.given !== undefined && !times.every((time) => holds(verifier.given?.validFor, time)))
    reject("key-expired", "the key was not valid when the signature was made");
  if (path !== undefined) found("certificate", `issued by ${path.authority.uri}`);
  checkLogged(new Set(proofs.map(({ log }) => log.id)).size, path, options);

  at("sct");
  const certificateLogs = verifier.certificate && path ? checkTransparency(verifier.certificate, path, options) : [];
  if (certificateLogs.length > 0) found("sct", `seen by ${certificateLogs.join(", ")}`);

  at("identity");
  const signer = signerOf(verifier, bundle, path);
  checkIdentity(signer, options);
  found("identity", signer.kind === "certificate" ? signer.identity : `key ${signer.hint}`);

  return {
    ok: true,
    signer,
    content,
    times: trusted.map(({ time, by, source }) => ({ time: new Date(time).toISOString(), by, source })),
    log: proofs.map(({ entry, log }) => ({
      log: log.host,
      logIndex: entry.logIndex,
      kind: `${entry.kind} ${entry.version}`,
      promised: entry.promise !== undefined,
      proved: entry.proof?.checkpoint !== undefined,
    })),
    certificateLogs,
    roots: path === undefined ? options.root.instances.map(({ origin }) => origin) : [path.instance.origin],
    unsigned: unsigned(
      bundle,
      proofs.some(({ coversKeyId }) => coversKeyId),
    ),
    steps,
  };
}

interface Verifier {
  readonly key: VerificationKey;
  readonly certificate?: Certificate;
  readonly given?: VerificationKey;
}

function verifierOf({ content, material }: Bundle, { publicKey }: VerifyOptions): Verifier {
  if (material.kind === "certificate") {
    // The caller expects a key of his own; a certificate of anybody's must not stand in for it.
    if (typeof publicKey === "object") reject("bundle-material", "the bundle is signed with a certificate where a given key was expected");
    const [raw] = material.chain;
    if (raw === undefined) return reject("bundle-material", "the chain of certificates is empty");
    const certificate = readCertificate(raw);
    return { key: { key: certificate.key, spki: certificate.spki }, certificate };
  }
  const key = typeof publicKey === "function" ? publicKey(material.hint) : publicKey;
  if (bundleNamesAnother(content, key)) reject("envelope-malformed", "the envelope's signature names another key than the bundle");
  if (key === undefined) return reject("key-missing", `the bundle is signed with the key "${material.hint}", which was not given`);
  return { key, given: key };
}

/** Nothing signs a `keyid`; one that contradicts the key in use is refused all the same, so that it cannot mislead a reader. */
function bundleNamesAnother(content: Bundle["content"], key: VerificationKey | undefined): boolean {
  if (content.kind !== "envelope" || key?.keyId === undefined) return false;
  return content.envelope.signatures.some(({ keyid }) => keyid !== "" && keyid !== key.keyId);
}

/** For a message: its digest as the caller knows it, in the algorithm of the bundle; undefined where the caller asks for no artifact. */
function expectedDigest({ content }: Bundle, { artifact, digests }: VerifyOptions): { hash: Hash; bytes: Buffer } | undefined {
  if (content.kind !== "message") return undefined;
  const hinted = content.digest;
  const hash = hinted?.algorithm ?? "sha256";
  const known = digests !== undefined && Object.hasOwn(digests, hash) ? Buffer.from(digests[hash] ?? "", "hex") : undefined;
  const bytes = artifact === undefined ? known : digest(hash, artifact, "buffer");
  if (bytes === undefined && digests !== undefined)
    reject("artifact-undecidable", `the bundle signs a ${hash} digest, and that of the artifact is not known`);
  if (bytes !== undefined && known !== undefined && !known.equals(bytes))
    reject("artifact-mismatch", "the artifact does not have the given digest");
  if (bytes !== undefined && hinted !== undefined && !hinted.bytes.equals(bytes))
    reject("artifact-mismatch", "the bundle is for another artifact");
  return bytes === undefined ? hinted && { hash, bytes: hinted.bytes } : { hash, bytes };
}

interface CheckedSignature {
  readonly signature: Buffer;
  readonly asLogged: Signed;
  readonly digest: { readonly hash: Hash; readonly bytes: Buffer } | undefined;
}

const wrong = (): never => reject("signature-invalid", "the signature is wrong");

function checkSignature(
  { content, material }: Bundle,
  verifier: Verifier,
  options: VerifyOptions,
  message: { hash: Hash; bytes: Buffer } | undefined,
): CheckedSignature {
  const { key, spki } = verifier.key;
  const envelope = content.kind === "envelope" ? content.envelope : undefined;
  const logged = (kind: Signed["kind"], signature: Buffer, digestOf: Signed["digest"], payloadDigest: Signed["payloadDigest"]): Signed => ({
    kind,
    keyid: envelope?.signatures[0]?.keyid ?? "",
    payload: envelope?.payload.toString("base64") ?? "",
    payloadType: envelope?.payloadType ?? "",
    digest: digestOf,
    payloadDigest,
    signature: signature.toString("base64"),
    verifier: (material.kind === "certificate" ? (material.chain[0] ?? spki) : spki).toString("base64"),
  });
  if (content.kind === "envelope") {
    const { payloadType, payload, signatures } = content.envelope;
    const [only] = signatures;
    if (only === undefined) return wrong();
    const bytes = preAuthenticationEncoding(payloadType, payload);
    const usual = usualHash(key);
    // Some clients sign with SHA-256 whatever the curve is. Both hashes are sound; which one was used makes no other statement.
    if (!verifies(key, bytes, only.signature, usual) && (usual === "sha256" || !verifies(key, bytes, only.signature, "sha256"))) wrong();
    const asLogged = logged("envelope", only.signature, digester(bytes), digester(payload));
    return { signature: only.signature, asLogged, digest: undefined };
  }
  if (message === undefined) return reject("artifact-undecidable", "the bundle signs bytes that are neither in it nor given");
  if (options.artifact !== undefined) {
    if (!verifies(key, options.artifact, content.signature, message.hash)) wrong();
  } else {
    const verdict = verifiesDigest(key, message.bytes, content.signature, message.hash);
    if (verdict === "cannot")
      reject("artifact-undecidable", "this kind of signature can be verified with the artifact only, not with its digest");
    if (verdict === "wrong") wrong();
  }
  const known = (algorithm: string): string | undefined => (algorithm === message.hash ? message.bytes.toString("hex") : undefined);
  return { signature: content.signature, asLogged: logged("message", content.signature, known, () => undefined), digest: message };
}

const supported: ReadonlySet<string> = new Set(["sha256", "sha384", "sha512"]);
const digester =
  (bytes: Buffer) =>
  (algorithm: string): string | undefined =>
    supported.has(algorithm) ? digest(algorithm, bytes, "hex") : undefined;

function contentOf({ content }: Bundle, signed: CheckedSignature, { artifact, digests }: VerifyOptions): Content {
  if (content.kind === "message")
    return { kind: "message", algorithm: signed.digest?.hash ?? "sha256", digest: signed.digest?.bytes.toString("hex") ?? "" };
  const { payloadType, payload } = content.envelope;
  const asked = artifact !== undefined || digests !== undefined;
  if (payloadType !== IN_TOTO_PAYLOAD) {
    if (asked) reject("artifact-undecidable", `a payload of the type "${payloadType}" names no artifact`);
    return { kind: "envelope", payloadType, payload };
  }
  const statement = readStatement(payload);
  if (!asked) return { kind: "statement", statement, subjects: [], payload };
  const own = artifact === undefined ? {} : digestsOf(artifact, statement, digests);
  if (digests !== undefined && compareDigests(own, digests) === "different")
    reject("artifact-mismatch", "the artifact does not have the given digest");
  const known = { ...digests, ...own };
  const subjects = subjectsThatAre(statement, known);
  if (subjects.length === 0) {
    const decidable = statement.subject.some((subject) => compareDigests(known, subject.digest) === "different");
    reject(decidable ? "artifact-mismatch" : "artifact-undecidable", "no subject of the statement is the artifact");
  }
  return { kind: "statement", statement, subjects, payload };
}

/** Digests of the bytes in the algorithms that the statement or the caller uses. */
function digestsOf(artifact: Uint8Array, statement: Statement, given: Digests = {}): Digests {
  const named = [...statement.subject.flatMap((subject) => Object.keys(subject.digest)), ...Object.keys(given)];
  const wanted = new Set(named.filter((name) => supported.has(name)));
  return Object.fromEntries([...wanted].map((algorithm) => [algorithm, digest(algorithm, artifact, "hex")]));
}

/** One entry given twice must not count for two. */
function checkDistinct(entries: readonly LogEntry[]): void {
  const places = new Set(entries.map((entry) => `${entry.logId} ${entry.logIndex}`));
  if (places.size < entries.length) reject("bundle-malformed", "a log entry is given twice");
}

function checkTimes(
  trusted: readonly { readonly time: number; readonly source: string }[],
  proofs: readonly { readonly entry: LogEntry; readonly log: TrustedLog }[],
  { now, thresholds }: VerifyOptions,
): void {
  // Two times by one authority are one opinion.
  const distinct = new Set(trusted.map(({ source }) => source));
  if (distinct.size < (thresholds?.times ?? 1)) reject("timestamp-missing", "nobody who is trusted says when the signature was made");
  for (const { time } of trusted)
    if (now !== undefined && time > now.getTime())
      reject("timestamp-future", `the signature was made in the future, at ${new Date(time).toISOString()}`);
  // A log that gives no time of its own is held to the others' times.
  for (const { entry, log } of proofs)
    if (entry.promise === undefined && !trusted.every(({ time }) => holds(log.validFor, time)))
      reject("log-expired", `the log ${log.host} was not trusted when the signature was made`);
}

/**
 * The instances whose authority issued the certificate; for a key, all of them. Where one authority stands in several roots, the signer is
 * held to what any of them has: a root without logs must not excuse from those of another.
 */
function instancesOf(path: Path | undefined, { root }: VerifyOptions): readonly TrustInstance[] {
  if (path === undefined) return root.instances;
  const isIssuer = (authority: TrustedAuthority): boolean => authority.chain.some((one) => one.raw.equals(path.issuer.raw));
  return root.instances.filter((instance) => instance === path.instance || instance.certificateAuthorities.some(isIssuer));
}

function checkLogged(count: number, path: Path | undefined, options: VerifyOptions): void {
  const { thresholds } = options;
  const hasLogs = instancesOf(path, options).some((instance) => instance.logs.length > 0);
  const wanted = thresholds?.log ?? (hasLogs ? 1 : 0);
  if (count < wanted) reject("log-entry-missing", `${count} logs have taken the signature in where ${wanted} are wanted`);
}

function checkTransparency(leaf: Certificate, path: Path, options: VerifyOptions): readonly string[] {
  const { root, thresholds } = options;
  const hasLogs = instancesOf(path, options).some((instance) => instance.ctLogs.length > 0);
  const wanted = thresholds?.sct ?? (hasLogs ? 1 : 0);
  if (wanted === 0) return [];
  const hosts = checkScts(leaf, path.issuer, root);
  if (new Set(hosts).size < wanted)
    reject("sct-missing", `${hosts.length} certificate logs have seen the certificate where ${wanted} are wanted`);
  return hosts;
}

function signerOf(verifier: Verifier, { material }: Bundle, path: Path | undefined): Signer {
  const { certificate } = verifier;
  if (certificate === undefined) {
    const { keyId } = verifier.key;
    return { kind: "key", hint: material.kind === "public-key" ? material.hint : "", ...(keyId === undefined ? {} : { keyId }) };
  }
  const name = signerName(certificate);
  const claims = readClaims(certificate);
  return {
    kind: "certificate",
    identity: name.value,
    identityType: name.type,
    issuer: claims.issuer ?? "",
    claims,
    notBefore: new Date(certificate.notBefore).toISOString(),
    notAfter: new Date(certificate.notAfter).toISOString(),
    fingerprint: digest("sha256", certificate.raw, "hex"),
    authority: path?.authority.uri ?? "",
  };
}

/** To the letter: a pattern that is looser than its author thought is how strangers get in. */
function checkIdentity(signer: Signer, { identity, issuer }: VerifyOptions): void {
  if (signer.kind === "key") {
    if (identity !== undefined || issuer !== undefined) reject("identity-mismatch", "the bundle is signed with a key, which names nobody");
    return;
  }
  if (identity !== undefined && signer.identity !== identity)
    reject("identity-mismatch", `signed by ${signer.identity}, not by ${identity}`);
  if (issuer !== undefined && signer.issuer !== issuer)
    reject("issuer-mismatch", `the identity is vouched for by ${signer.issuer}, not by ${issuer}`);
}

function unsigned(bundle: Bundle, keyIdCovered: boolean): string[] {
  const parts = [...bundle.unknown];
  if (!keyIdCovered && bundle.content.kind === "envelope" && bundle.content.envelope.signatures.some(({ keyid }) => keyid !== ""))
    parts.push("dsseEnvelope.signatures[0].keyid");
  bundle.entries.forEach((entry, i) => {
    if (entry.proof !== undefined && entry.proof.checkpoint === undefined)
      parts.push(`verificationMaterial.tlogEntries[${i}].inclusionProof`);
    if (entry.promise === undefined && entry.proof?.checkpoint === undefined) parts.push(`verificationMaterial.tlogEntries[${i}]`);
  });
  return parts;
}
