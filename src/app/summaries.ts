/**
 * The word of verifiers whom the policy trusts: their verification summaries (SLSA), kept beside the policy, stand in for a verification of ours.
 * The steps are the specification's (https://slsa.dev/spec/v1.2/verification_summary, "How to verify"); whatever does not count is said.
 *
 *     1 signature, by the key or identity of the verifier that it names    4 that verifier is one of the policy's
 *     2 subject = the hash that the lockfile has                           5 resource = the component's purl or address
 *     3 the predicate's type                                               6 passed    7 level, never above what the policy lets it say
 */
import type { Stats } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import {
  checkVsa,
  compareDigests,
  type Digests,
  loadPublicKey,
  parseStatement,
  readVsa,
  type Statement,
  type TrustRoot,
  type VerificationKey,
  verifyBundle,
  verifyDsse,
  VSA_V1,
} from "../attestation/index.ts";
import { type Component, type Evidence, Fault, type Project, type SummaryClaim } from "../model/index.ts";
import { matchesPackage, type Policy, type TrustedVerifier } from "../policy/index.ts";
import { openTrust } from "./trust.ts";
import { type ReadAttestation, readAttestationFile } from "./verify-read.ts";

export interface SummariesInput {
  readonly policy: Policy;
  readonly project: Project;
  readonly cwd: string;
  /** The user's data folder, with the roots that hold. */
  readonly data: string;
  /** ISO 8601: against which a verifier's days are counted. */
  readonly now: string;
}

export interface Summaries {
  readonly of: (purl: string) => readonly Evidence<SummaryClaim>[];
  /** Summaries that do not count, and why not. */
  readonly notes: readonly string[];
}

/** A summary is some kilobytes; a file of a thousand some megabytes. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;
/** Files in the folder that are read: one for each of some thousand packages. */
const MAX_FILES = 10_000;
/** Clocks differ. */
const CLOCK_MILLISECONDS = 5 * 60_000;
const DAY_MILLISECONDS = 24 * 3_600_000;

/** null where the policy trusts no verifier: nothing is read then. Throws `input/*` for a key that cannot be used; a summary that cannot be read is a note. */
export async function trustedSummaries(input: SummariesInput): Promise<Summaries | null> {
  const { policy, project, cwd } = input;
  if (policy.verifiers.length === 0) return null;
  const base = dirname(resolve(cwd, policy.file));
  const verifiers = await Promise.all(policy.verifiers.map((verifier) => withKey(verifier, base)));
  const found = new Map<string, Evidence<SummaryClaim>[]>();
  const notes: string[] = [];
  let root: TrustRoot | undefined;
  const judge: Judge = {
    verifiers,
    locked: lockedDigests(project),
    components: project.components,
    addresses: addressesOf(project),
    now: Date.parse(input.now),
    root: () => (root ??= openTrust(input.data).root),
  };
  for (const name of await filesIn(join(base, policy.summaries), policy.summaries, notes)) {
    const shown = `${policy.summaries}/${name}`;
    for (const [at, one] of (await readFileOf(join(base, policy.summaries, name), shown, notes)).entries()) {
      const place = at === 0 ? shown : `${shown}, the ${at + 1}th attestation in it`;
      const verdict = judgeOne(one, place, judge);
      if (typeof verdict === "string") notes.push(`${place} does not count: ${verdict}`);
      else for (const evidence of verdict) add(found, evidence);
    }
  }
  return { of: (purl) => found.get(purl) ?? [], notes };
}

function add(found: Map<string, Evidence<SummaryClaim>[]>, evidence: Evidence<SummaryClaim>): void {
  const list = found.get(evidence.subject.purl);
  if (list === undefined) found.set(evidence.subject.purl, [evidence]);
  else list.push(evidence);
}

interface KnownVerifier extends TrustedVerifier {
  readonly publicKey: VerificationKey | null;
}

async function withKey(verifier: TrustedVerifier, base: string): Promise<KnownVerifier> {
  const { signer } = verifier;
  if (signer.kind !== "key") return { ...verifier, publicKey: null };
  const pem = await readFile(resolve(base, signer.file), "utf8").catch((cause: unknown) => {
    throw new Fault("input/not-found", `the key ${signer.file} of the verifier ${verifier.id} cannot be read`, { cause });
  });
  return { ...verifier, publicKey: loadPublicKey(pem) };
}

/** Sorted, so that the same folder gives the same report. */
async function filesIn(folder: string, shown: string, notes: string[]): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => null);
  if (names === null) {
    notes.push(`the policy trusts verifiers, and there is no folder ${shown} with summaries of theirs`);
    return [];
  }
  const files = names.filter((name) => /\.jsonl?$/.test(name)).toSorted();
  if (files.length > MAX_FILES) notes.push(`${shown} holds more than ${MAX_FILES} files; the rest was not read`);
  return files.slice(0, MAX_FILES);
}

async function readFileOf(file: string, shown: string, notes: string[]): Promise<readonly ReadAttestation[]> {
  try {
    const { size }: Stats = await stat(file);
    if (size > MAX_FILE_BYTES) throw new Fault("input/too-large", "it is larger than any summary");
    return readAttestationFile(shown, await readFile(file, "utf8"));
  } catch (error) {
    notes.push(`${shown} does not count: ${error instanceof Error ? error.message : String(error)}`);
    return [];
  }
}

interface Judge {
  readonly verifiers: readonly KnownVerifier[];
  /** By purl: all the bytes that the lockfiles let be installed; none where a lockfile has no hash for it. */
  readonly locked: ReadonlyMap<string, readonly Digests[]>;
  readonly components: readonly Component[];
  readonly addresses: ReadonlyMap<string, ReadonlySet<string>>;
  readonly now: number;
  readonly root: () => TrustRoot;
}

/** What one attestation shows of which components; a sentence where it does not count. */
function judgeOne(one: ReadAttestation, place: string, judge: Judge): readonly Evidence<SummaryClaim>[] | string {
  if (one.predicateType !== VSA_V1) return `it is no verification summary but "${one.predicateType}"`;
  const named = namedVerifier(one.value);
  const candidates = judge.verifiers.filter(({ id }) => id === named);
  if (candidates.length === 0) return `it is by ${named === "" ? "nobody" : named}, whom the policy does not trust`;
  let why = "";
  for (const verifier of candidates) {
    const signed = verifySigned(one, verifier, judge);
    if (typeof signed !== "string") return judgeStatement(signed, one, place, verifier, judge);
    why = signed;
  }
  return why;
}

/** The verifier that the payload names, before anything is believed: it only chooses the key. */
function namedVerifier(value: unknown): string {
  const payload = member(member(value, "dsseEnvelope") ?? value, "payload");
  const read = parseStatement(Buffer.from(typeof payload === "string" ? payload : "", "base64"));
  if (!read.ok) return "";
  const summary = readVsa(read.statement);
  return summary.ok ? summary.summary.verifier.id : "";
}

const member = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;

interface Signed {
  readonly statement: Statement;
  readonly signer: string;
}

function verifySigned({ from, value }: ReadAttestation, { signer, publicKey }: KnownVerifier, { root }: Judge): Signed | string {
  if (from === "envelope") {
    if (publicKey === null) return "a bare envelope proves no identity, and the policy knows this verifier by one";
    const verified = verifyDsse(value, [publicKey]);
    if (!verified.ok) return verified.message;
    return verified.statement === undefined ? "it holds no in-toto statement" : { statement: verified.statement, signer: nameOf(signer) };
  }
  const verified = verifyBundle(value, {
    root: root(),
    ...(publicKey === null ? {} : { publicKey }),
    ...(signer.kind === "identity" ? { identity: signer.identity, issuer: signer.issuer } : {}),
  });
  if (!verified.ok) return verified.message;
  return verified.content.kind === "statement"
    ? { statement: verified.content.statement, signer: nameOf(signer) }
    : "it holds no in-toto statement";
}

const nameOf = (signer: TrustedVerifier["signer"]): string => (signer.kind === "key" ? signer.file : signer.identity);

function judgeStatement(
  { statement, signer }: Signed,
  { content }: ReadAttestation,
  place: string,
  verifier: KnownVerifier,
  judge: Judge,
): readonly Evidence<SummaryClaim>[] | string {
  const checked = checkVsa(statement, { verifierId: verifier.id });
  if (!checked.ok) return checked.message;
  const { resourceUri, verifiedLevels, timeVerified = "" } = checked.summary;
  const late = tooOld(timeVerified, verifier, judge.now);
  if (late !== null) return late;
  const named = judge.components.filter((component) => isResource(resourceUri, component, judge));
  const about = judge.components.filter(({ purl }) => isAbout(statement, judge.locked.get(purl) ?? []));
  if (about.length === 0)
    return named.length === 0
      ? `it is about nothing in this project (${resourceUri})`
      : `it names ${resourceUri}, and is about other bytes than the lockfile's`;
  const right = about.filter((component) => named.includes(component));
  if (right.length === 0) return `its bytes are those of ${about[0]?.purl ?? ""}, but it says to be for ${resourceUri}`;
  const allowed = right.filter(
    ({ purl }) => verifier.packages.length === 0 || verifier.packages.some((pattern) => matchesPackage(pattern, purl)),
  );
  if (allowed.length === 0) return `the policy does not let ${verifier.id} speak of ${right[0]?.purl ?? ""}`;
  const states = buildLevelOf(verifiedLevels);
  if (states === 0) return `it verified no build level (${verifiedLevels.join(", ") || "none"})`;
  const level = Math.min(states, verifier.upTo) as SummaryClaim["level"];
  return allowed.map(({ purl }) => ({
    subject: { purl, digest: judge.locked.get(purl)?.[0] ?? {} },
    claim: {
      kind: "verification-summary",
      verifier: verifier.id,
      states,
      level,
      resource: resourceUri,
      verifiedAt: timeVerified,
      signer,
      content,
    },
    source: place,
    observedAt: timeVerified,
    strength: "verified",
  }));
}

/** Why its day has passed, or cannot be known where the policy asks for it; null where it counts. */
function tooOld(timeVerified: string, { days, id }: KnownVerifier, now: number): string | null {
  const time = Date.parse(timeVerified);
  if (Number.isNaN(time)) {
    if (timeVerified !== "") return `its time of verification is no date: ${timeVerified}`;
    return days === null ? null : `it does not say when it was verified, and the policy takes the word of ${id} for ${days} days only`;
  }
  if (time > now + CLOCK_MILLISECONDS) return `it was verified in the future, on ${timeVerified}`;
  return days !== null && now - time > days * DAY_MILLISECONDS
    ? `it was verified on ${timeVerified}, and the policy takes the word of ${id} for ${days} days only`
    : null;
}

/** The resource must be the component: its purl, with or without its version, or the address that the lockfile has. */
function isResource(uri: string, { purl }: Component, { addresses }: Judge): boolean {
  const bare = purl.replace(/[?#].*$/, "");
  return uri === purl || uri === bare || uri === bare.replace(/@[^@/]*$/, "") || (addresses.get(purl)?.has(uri) ?? false);
}

/** Every file that may be installed must be a subject: of one that is not, nothing is said. */
const isAbout = ({ subject }: Statement, locked: readonly Digests[]): boolean =>
  locked.length > 0 && locked.every((digests) => subject.some(({ digest }) => compareDigests(digests, digest) === "same"));

/** The highest level of the build track that was verified. */
function buildLevelOf(levels: readonly string[]): SummaryClaim["states"] {
  const found = levels.map((name) => Number(/^SLSA_BUILD_LEVEL_([1-3])$/.exec(name)?.[1] ?? 0));
  return Math.max(0, ...found) as SummaryClaim["states"];
}

const sri = /^(sha512|sha384|sha256)-([A-Za-z0-9+/]+={0,2})/;

/** Of one place in a lockfile: each file that it allows, by the strongest hash that it has for it. */
function digestsOf(integrity: readonly string[]): readonly Digests[] {
  const read = integrity.flatMap((one) => one.split(/\s+/)).flatMap((one) => (sri.exec(one) === null ? [] : [sri.exec(one)]));
  const strongest = ["sha512", "sha384", "sha256"].find((algorithm) => read.some((one) => one?.[1] === algorithm));
  return read.flatMap((one) =>
    one !== null && one[1] === strongest && strongest !== undefined
      ? [{ [strongest]: Buffer.from(one[2] ?? "", "base64").toString("hex") }]
      : [],
  );
}

function lockedDigests({ components, nodes }: Project): ReadonlyMap<string, readonly Digests[]> {
  const found = new Map<string, readonly Digests[]>();
  for (const node of nodes) {
    const purl = components[node.component]?.purl;
    if (purl === undefined) continue;
    const parts = node.files === undefined ? [digestsOf(node.integrity)] : node.files.map(({ integrity }) => digestsOf([integrity]));
    const before = found.get(purl);
    // One place without a hash lets anything be installed.
    const unknown = parts.some((digests) => digests.length === 0) || before?.length === 0;
    found.set(purl, unknown ? [] : [...(before ?? []), ...parts.flat()]);
  }
  return found;
}

function addressesOf({ components, nodes }: Project): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const { component, resolved } of nodes) {
    const purl = components[component]?.purl;
    if (purl === undefined || resolved === "") continue;
    const known = found.get(purl);
    if (known === undefined) found.set(purl, new Set([resolved]));
    else known.add(resolved);
  }
  return found;
}
