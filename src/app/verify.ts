/**
 * Verifies one artifact with the attestations that are given for it, offline, and says how far up the build track that leads:
 *
 *     artifact ─> digests ─┐
 *     files ─> attestations ┴─> verify ─> hold against what the user expects ─> level ─> verdict
 *
 * One attestation that holds and says what is expected is enough; of a registry's answer all must hold, since they come together.
 */
import { createHash } from "node:crypto";
import { createReadStream, readFileSync } from "node:fs";
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import {
  attestationKey,
  checkVsa,
  type Digests,
  freshness,
  loadPublicKey,
  parseStatement,
  type Rejected,
  type RegistryKeys,
  type TrustRoot,
  type Verification,
  type VerificationKey,
  verifyBundle,
  verifyDsse,
} from "../attestation/index.ts";
import { attestationClaim, stated } from "../checks/provenance/claim.ts";
import { levelOf } from "../checks/provenance/level.ts";
import { mismatches, type ProvenanceWishes } from "../checks/provenance/match.ts";
import type { AttestationClaim, LevelVerdict } from "../model/index.ts";
import { Fault } from "../model/index.ts";
import { userFolders } from "../store/folders.ts";
import { openTrust, trustOf } from "./trust.ts";
import { type ReadAttestation, readAttestationFile } from "./verify-read.ts";

export interface VerifyOptions {
  /** A file, or `ALGORITHM:DIGEST` of one. */
  readonly artifact: string;
  /** Files with attestations. */
  readonly attestations: readonly string[];
  readonly wishes: ProvenanceWishes;
  readonly predicateType?: string;
  /** Files with public keys, PEM. With one, envelopes need no log and no certificate. */
  readonly keys?: readonly string[];
  /** The name by which an envelope's signature must call the key. */
  readonly keyId?: string;
  /** Instead of the roots that Tributary keeps. */
  readonly trustedRoots?: readonly string[];
  /** Reusable workflows that may reach level 3. */
  readonly trustedBuilders?: readonly string[];
  /** The level that must be reached. */
  readonly minimumLevel?: number;
  /** For verification summaries. */
  readonly summary?: { readonly verifier?: string; readonly resource?: string; readonly levels?: readonly string[] };
  /** Be content with whoever signed, and say who it was. */
  readonly anyone?: boolean;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The present, for the age of roots. */
  readonly now?: Date;
}

interface VerifiedAttestation {
  readonly file: string;
  /** Which of the file's attestations, from 1. */
  readonly number: number;
  /**
   * `accepted`: holds and says what is expected. `beside`: holds and says nothing of what is asked (that the registry published it).
   * `unexpected`: holds and says something else. `refused`: does not hold.
   */
  readonly state: "accepted" | "beside" | "unexpected" | "refused";
  readonly claim: AttestationClaim;
  /** What is not as expected, or why it was refused; by code. */
  readonly reasons: readonly { readonly code: string; readonly message: string }[];
  /** For statements of provenance. */
  readonly level: LevelVerdict | null;
  /** What was done, in order. */
  readonly steps: readonly { readonly step: string; readonly found: string }[];
}

export interface VerifyReport {
  readonly artifact: { readonly name: string; readonly digests: Digests };
  readonly verified: boolean;
  /** One sentence: why. */
  readonly because: string;
  readonly attestations: readonly VerifiedAttestation[];
  /** The best that an accepted attestation shows. */
  readonly level: LevelVerdict | null;
  /** What it rests on, and how old that is. */
  readonly trust: readonly { readonly source: string; readonly date: string; readonly expires: string; readonly expired: boolean }[];
  readonly notes: readonly string[];
}

/** Artifacts up to this size are held in memory, which signatures over the bytes themselves (Ed25519) need; larger ones are known by their digests. */
const HELD_BYTES = 256 * 1024 * 1024;
/** Files of attestations. GitHub's largest answers are some megabytes. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;
const DIGEST = /^([a-z0-9_]+):([0-9A-Za-z]+)$/;
const ALGORITHMS = ["sha256", "sha384", "sha512"] as const;

/** Throws `cli/usage` where nothing is expected of the signer, and `input/*` for files that cannot be read. What does not hold is in the report. */
export async function verify(options: VerifyOptions): Promise<VerifyReport> {
  const { wishes, cwd } = options;
  const keys = (options.keys ?? []).map((file) =>
    loadPublicKey(readText(file, cwd), options.keyId === undefined ? {} : { keyId: options.keyId }),
  );
  const expects = keys.length > 0 || naming.some((wish) => wishes[wish] !== undefined);
  if (!expects && options.anyone !== true)
    throw new Fault("cli/usage", "nobody is expected: whoever signed would do", {
      hint: "name the source (--source-uri), the signer (--identity and --issuer, --signer-workflow) or a key (--key); or --anyone, to see who it was",
    });
  const given = await artifactOf(options.artifact, cwd);
  const opened = (options.trustedRoots ?? []).length > 0 ? null : openTrust(userFolders(options.env).data);
  const root = opened?.root ?? trustOf(options.trustedRoots ?? [], (file) => readText(file, cwd));
  const registryKeys = opened?.keys ?? openTrust(userFolders(options.env).data).keys;

  const results: VerifiedAttestation[] = [];
  let together = true;
  for (const file of options.attestations) {
    const read = readAttestationFile(file, readText(file, cwd));
    for (const [index, one] of read.entries()) {
      const looked = look(one, { given, root, keys, registryKeys });
      const result = judge(looked, one, options);
      if (one.from === "registry" && (result.state === "refused" || result.state === "unexpected")) together = false;
      results.push({ file, number: index + 1, ...result });
    }
  }

  const accepted = results.filter(({ state }) => state === "accepted");
  const levels = accepted.flatMap(({ level }) => level ?? []).toSorted((a, b) => b.level - a.level);
  // What came with something that does not hold shows nothing.
  const level = together ? (levels[0] ?? null) : null;
  const minimum = options.minimumLevel ?? 0;
  const highEnough = minimum === 0 || (level !== null && level.level >= minimum);
  const verified = accepted.length > 0 && together && highEnough;
  return {
    artifact: { name: options.artifact, digests: given.digests },
    verified,
    because: because(verified, results, accepted, { minimum, level, together }),
    attestations: results,
    level,
    trust: origins(root, options.now ?? new Date()),
    notes: opened?.notes ?? [],
  };
}

/** Wishes that say who is expected; a tag or a branch alone could be anybody's. */
const naming: readonly (keyof ProvenanceWishes)[] = ["sourceUri", "sourceId", "identity", "signerWorkflow", "builder"];

interface Given {
  readonly digests: Digests;
  readonly bytes: Buffer | null;
}

async function artifactOf(artifact: string, cwd: string): Promise<Given> {
  const path = resolve(cwd, artifact);
  const there = await stat(path).catch(() => null);
  const named = DIGEST.exec(artifact);
  if (there === null && named !== null) return { digests: { [named[1] ?? ""]: named[2] ?? "" }, bytes: null };
  if (there === null) throw new Fault("input/not-found", `${artifact} is not there`, { hint: "a file, or a digest like sha256:…" });
  if (!there.isFile()) throw new Fault("input/unreadable", `${artifact} is no file`);
  const hashes = ALGORITHMS.map((algorithm) => createHash(algorithm));
  const chunks: Buffer[] = [];
  const held = there.size <= HELD_BYTES;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    for (const hash of hashes) hash.update(chunk);
    if (held) chunks.push(chunk);
  }
  const digests = Object.fromEntries(ALGORITHMS.map((algorithm, index) => [algorithm, hashes[index]?.digest("hex") ?? ""]));
  return { digests, bytes: held ? Buffer.concat(chunks) : null };
}

function readText(file: string, cwd: string): string {
  try {
    const bytes = readFileSync(resolve(cwd, file));
    if (bytes.length > MAX_FILE_BYTES) throw new Fault("input/too-large", `${file} is larger than ${MAX_FILE_BYTES} bytes`);
    return bytes.toString("utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") throw new Fault("input/not-found", `${file} is not there`);
    if (error instanceof Error && "code" in error && error.code === "EISDIR") throw new Fault("input/unreadable", `${file} is a folder`);
    throw error;
  }
}

interface Means {
  readonly given: Given;
  readonly root: TrustRoot;
  readonly keys: readonly VerificationKey[];
  readonly registryKeys: RegistryKeys;
}

interface Looked {
  readonly claim: AttestationClaim;
  readonly steps: VerifiedAttestation["steps"];
  /** The statement's text, for summaries. */
  readonly payload: Buffer | null;
}

function look(one: ReadAttestation, means: Means): Looked {
  if (one.from === "envelope") return lookAtEnvelope(one, means);
  const { given, root, keys, registryKeys } = means;
  const own = keys[0];
  const verification = verifyBundle(one.value, {
    root,
    digests: given.digests,
    ...(given.bytes === null ? {} : { artifact: given.bytes }),
    publicKey: one.from === "registry" ? attestationKey(registryKeys) : (own ?? (() => undefined)),
  });
  return {
    claim: attestationClaim(verification, one),
    steps: stepsOf(verification),
    payload: verification.ok && verification.content.kind === "statement" ? verification.content.payload : null,
  };
}

const stepsOf = (verification: Verification): VerifiedAttestation["steps"] =>
  verification.ok ? verification.steps : [{ step: verification.step, found: verification.message }];

/** A bare envelope proves something to whoever has the key; without one there is nothing to hold it against. */
function lookAtEnvelope(one: ReadAttestation, { given, keys }: Means): Looked {
  const refuse = (rejected: Rejected): Looked => ({ claim: attestationClaim(rejected, one), steps: stepsOf(rejected), payload: null });
  const envelope = verifyDsse(one.value, keys);
  if (!envelope.ok) return refuse(envelope);
  const parsed = parseStatement(envelope.payload);
  if (!parsed.ok) return refuse(parsed);
  const { statement } = parsed;
  const same = statement.subject.some((subject) =>
    Object.entries(given.digests).some(
      ([algorithm, digest]) =>
        strong(algorithm) && Object.hasOwn(subject.digest, algorithm) && subject.digest[algorithm]?.toLowerCase() === digest.toLowerCase(),
    ),
  );
  if (!same) return refuse({ ok: false, step: "artifact", code: "artifact-mismatch", message: "the statement is about something else" });
  const key = envelope.keys[0];
  const signer = { kind: "key" as const, hint: key?.keyId ?? "", ...(key?.keyId === undefined ? {} : { keyId: key.keyId }) };
  const claim = attestationClaim(
    {
      ok: true,
      signer,
      content: { kind: "statement", statement, subjects: [], payload: envelope.payload },
      times: [],
      log: [],
      certificateLogs: [],
      roots: [],
      unsigned: [],
      steps: [],
    },
    one,
  );
  return {
    claim: claim.signer === null ? stated(statement, null) : claim,
    steps: [
      { step: "signature", found: "signed with the given key" },
      { step: "artifact", found: `subject ${statement.subject[0]?.name ?? ""}` },
    ],
    payload: envelope.payload,
  };
}

/** Broken algorithms name bytes for people; they prove nothing. */
const strong = (algorithm: string): boolean => algorithm !== "md5" && algorithm !== "sha1";

type Judged = Omit<VerifiedAttestation, "file" | "number">;

function judge({ claim, steps, payload }: Looked, one: ReadAttestation, options: VerifyOptions): Judged {
  const level = claim.states === "build" ? levelOf(claim, { trustedBuilders: options.trustedBuilders ?? [] }) : null;
  if (claim.refusal !== undefined) return { state: "refused", claim, reasons: [claim.refusal], level, steps };
  const reasons: { code: string; message: string }[] = [...mismatches(claim, wishesFor(claim, one, options))];
  if (options.predicateType !== undefined && claim.predicateType !== options.predicateType)
    reasons.push({
      code: "predicate-type-mismatch",
      message: `its predicate is ${claim.predicateType || "none"}, not ${options.predicateType}`,
    });
  if (claim.states === "summary" && payload !== null) reasons.push(...summaryReasons(payload, options));
  const beside = one.from === "registry" && claim.states !== "build" && reasons.every(({ code }) => notItsMatter.has(code));
  return { state: reasons.length === 0 ? "accepted" : beside ? "beside" : "unexpected", claim, reasons, level, steps };
}

/** A registry's word that it published the package says nothing of sources and signers; it is asked about name and version. */
const notItsMatter: ReadonlySet<string> = new Set([
  "no-provenance",
  "identity-mismatch",
  "issuer-mismatch",
  "self-hosted",
  "predicate-type-mismatch",
]);

/** A key that the user gave is the identity; one of a registry's is nobody whom the user named. */
function wishesFor(claim: AttestationClaim, one: ReadAttestation, { wishes }: VerifyOptions): ProvenanceWishes {
  if (claim.signer?.by !== "key" || one.from === "registry") return wishes;
  const { identity: _identity, issuer: _issuer, signerWorkflow: _workflow, denySelfHosted: _machine, ...rest } = wishes;
  return rest;
}

function summaryReasons(payload: Buffer, { summary }: VerifyOptions): readonly { readonly code: string; readonly message: string }[] {
  const parsed = parseStatement(payload);
  if (!parsed.ok) return [parsed];
  const verdict = checkVsa(parsed.statement, {
    ...(summary?.verifier === undefined ? {} : { verifierId: summary.verifier }),
    ...(summary?.resource === undefined ? {} : { resourceUri: summary.resource }),
    ...(summary?.levels === undefined ? {} : { levels: summary.levels }),
  });
  return verdict.ok ? [] : [{ code: verdict.code, message: verdict.message }];
}

/** Which attestation's reason is the one to tell. */
const worst: readonly ((one: VerifiedAttestation) => boolean)[] = [
  ({ state, claim }) => state === "refused" && claim.states === "build",
  ({ state }) => state === "refused",
  ({ state, claim }) => state === "unexpected" && claim.states === "build",
  ({ state }) => state === "unexpected",
  ({ state }) => state === "beside",
];

function because(
  verified: boolean,
  results: readonly VerifiedAttestation[],
  accepted: readonly VerifiedAttestation[],
  { minimum, level, together }: { readonly minimum: number; readonly level: LevelVerdict | null; readonly together: boolean },
): string {
  const [first] = accepted;
  if (verified && first !== undefined) {
    const who = first.claim.signer?.identity || "the given key";
    return `signed by ${who}${level === null ? "" : `, SLSA Build level ${level.level}`}`;
  }
  const failed = worst.map((is) => results.find(is)).find((one) => one !== undefined);
  const reason = failed?.reasons[0]?.message ?? "no attestation is about it";
  if (accepted.length > 0 && !together) return `an attestation that came with it does not hold: ${reason}`;
  if (accepted.length > 0) return `it reaches SLSA Build level ${level?.level ?? 0}, and ${minimum} is asked for`;
  return reason;
}

function origins(root: TrustRoot, now: Date): VerifyReport["trust"] {
  return root.instances.map(({ origin }) => ({
    source: origin.source,
    date: origin.date ?? "",
    expires: origin.expires ?? "",
    expired: freshness(origin, now).expired,
  }));
}
