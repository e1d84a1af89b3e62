/**
 * Gathers where the components of a project come from: fetches their attestations, verifies them and the registry's signatures under
 * the roots that hold in this run, and puts beside them what releases of the same line had before.
 *
 *     release ─ attestations' address ─> fetch ─> verify against the release's hash ─> claim ─┐
 *        └─ signatures ─> verify with the registry's keys ─> claim ──────────────────────────┴─> evidence, by purl
 */
import { expectationOf, withoutVersion } from "../checks/provenance/expectations.ts";
import { isFromKnownSource, validOrigins } from "../checks/provenance/evidence.ts";
import type {
  AttestationClaim,
  Component,
  Evidence,
  Finding,
  Project,
  ProvenanceEvidence,
  ProvenanceExpectation,
  RegistryReleaseClaim,
  RegistrySignatureClaim,
  Unavailable,
} from "../model/index.ts";
import { byCodeUnit, isUnavailable } from "../model/index.ts";
import type { AttestationsSeen, NpmAttestations } from "../sources/npm-attestations.ts";
import type { Expectations } from "../store/expectations.ts";
import type { Verdicts } from "../store/verdicts.ts";
import { orderOf } from "../versions/index.ts";
import { type Asking, gatherFileProofs } from "./pypi-provenance.ts";
import { type Concluded, type Conclusions, openConclusions } from "./provenance-conclude.ts";
import type { ForeignKeys, Proof, ProofClaim } from "./provenance-proof.ts";
import { eachAtOnce, orUnavailable } from "./provenance-shared.ts";
import type { Trust } from "./trust.ts";

export interface ProvenanceOptions {
  readonly project: Project;
  readonly wanted: (component: Component) => boolean;
  readonly release: (purl: string) => Evidence<RegistryReleaseClaim> | Unavailable;
  readonly source: NpmAttestations;
  /** Of Python's packages: where each release was found, and who is asked there. Absent where nobody asks about any. */
  readonly pypi?: Asking;
  /** Asked for when the first signature is to be verified: reading the roots is not free. */
  readonly trust: () => Trust;
  readonly expectations: Expectations;
  readonly verdicts: Verdicts;
  /** The user's data folder, which holds the roots that `trust` reads. */
  readonly data: string;
  /** Threads beside this one; as many as the machine has cores for unless given. */
  readonly threads?: number;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

export interface GatheredProvenance {
  readonly provenance: (purl: string) => ProvenanceEvidence | Unavailable;
  /** Keeps what verified releases taught, but for those with findings: what is doubted must not become the measure. */
  readonly learn: (findings: readonly Finding[]) => void;
}

/** Attestations that are under way at once; the client holds each host to its own bound. */
const AT_ONCE = 16;

type Fetched = AttestationsSeen | Unavailable | null;

/** Throws where the signal is aborted, and `internal/thread` where a thread breaks off. */
export async function gatherProvenance(options: ProvenanceOptions): Promise<GatheredProvenance> {
  const conclusions = openConclusions(options);
  try {
    return await gather(options, conclusions);
  } finally {
    await conclusions.close();
  }
}

async function gather(options: ProvenanceOptions, conclusions: Conclusions): Promise<GatheredProvenance> {
  const { project, release, source, signal } = options;
  const asked: { component: Component; claim: RegistryReleaseClaim }[] = [];
  const fetched = new Map<string, Fetched>();
  for (const component of project.components) {
    if (component.ecosystem !== "npm" || !options.wanted(component)) continue;
    const known = release(component.purl);
    if (isUnavailable(known)) continue;
    if (known.claim.attestationsUrl !== undefined) asked.push({ component, claim: known.claim });
  }

  let done = 0;
  const [files] = await Promise.all([
    gatherFileProofs(options),
    eachAtOnce(asked, AT_ONCE, async ({ component, claim }) => {
      signal?.throwIfAborted();
      const seen = await orUnavailable(signal, () => source.attestations(component.name, claim.attestationsUrl ?? ""));
      fetched.set(component.purl, seen);
      // What needs no key of the registry's can be verified while the rest is still being fetched.
      if (!isUnavailable(seen)) conclusions.offer(attestationProofs(component, claim, seen, "").filter(({ keys }) => keys === null));
      options.onProgress?.(++done, asked.length);
    }),
  ]);

  const foreign = await strangeKeys(options, asked, fetched);
  const componentOf = new Map(project.components.map((component) => [component.purl, component]));
  const answers = new Map<string, ProvenanceEvidence | Unavailable>();
  const proofs = [...proofsOf(options, foreign.sourceOf, fetched), ...files.proofs];
  const concluded = await conclusions.all(proofs, foreign.keys);
  const judge = judgeWith(concluded);
  const answer = (purl: string): ProvenanceEvidence | Unavailable => {
    const component = componentOf.get(purl);
    const known = release(purl);
    if (isUnavailable(known)) return known;
    if (known.claim.files !== undefined)
      return files.provenance(known, concluded.get(purl) ?? [], options.expectations.of(withoutVersion(purl)));
    if (component === undefined) return { unavailable: true, code: "not-applicable", because: "It is no part of the project." };
    const seen = fetched.get(purl) ?? null;
    if (seen !== null && isUnavailable(seen)) return seen;
    return {
      signatures: judge.signatures(component, known),
      attestations: seen === null ? [] : judge.attestations(component, known, seen),
      expectations: options.expectations.of(withoutVersion(purl)),
    };
  };
  const provenance: GatheredProvenance["provenance"] = (purl) => {
    let known = answers.get(purl);
    if (known === undefined) answers.set(purl, (known = answer(purl)));
    return known;
  };

  return {
    provenance,
    learn: (findings) =>
      options.expectations.learn(lessons([...asked.map(({ component }) => component), ...files.asked], provenance, findings)),
  };
}

interface StrangeKeys {
  /** By the name of a package: whose keys of its own count there. */
  readonly sourceOf: (name: string) => string;
  readonly keys: readonly ForeignKeys[];
}

/**
 * Keys that a registry publishes itself: only asked for where a signature names a key that nobody vouches for but the registry. They
 * prove less than pinned ones, and the evidence says so.
 */
async function strangeKeys(
  options: ProvenanceOptions,
  asked: readonly { readonly component: Component }[],
  fetched: ReadonlyMap<string, Fetched>,
): Promise<StrangeKeys> {
  const { project, release, source, signal } = options;
  const strangers = new Map<string, string>();
  for (const component of project.components) {
    if (component.ecosystem !== "npm") continue;
    const known = release(component.purl);
    if (!isUnavailable(known)) for (const { keyid } of known.claim.signatures) strangers.set(component.name, keyid);
  }
  for (const { component } of asked) {
    const seen = fetched.get(component.purl) ?? null;
    if (seen !== null && !isUnavailable(seen))
      for (const { bundle } of seen.attestations) if (hintOf(bundle) !== "") strangers.set(component.name, hintOf(bundle));
  }
  const sources = new Map<string, string>();
  const keys = new Map<string, ForeignKeys>();
  if (strangers.size > 0) {
    const pinned = new Set(options.trust().keys.keys.map(({ keyId }) => keyId));
    for (const [name, keyid] of strangers) {
      if (pinned.has(keyid)) continue;
      const seen = await orUnavailable(signal, async () => (await source.keys(name)) ?? absent);
      if (isUnavailable(seen)) continue;
      sources.set(name, seen.source);
      keys.set(seen.source, seen);
    }
  }
  return { sourceOf: (name) => sources.get(name) ?? "", keys: [...keys.values()] };
}

const absent: Unavailable = { unavailable: true, code: "source/not-found", because: "The registry publishes no keys." };

/** The name of the key that a bundle says it was signed with; "" where it was signed otherwise, or is no bundle. */
function hintOf(bundle: unknown): string {
  const hint = member(member(member(bundle, "verificationMaterial"), "publicKey"), "hint");
  return typeof hint === "string" ? hint : "";
}

const member = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;

/** Everything that is to be verified about the components, each under the words that name it. */
function proofsOf(
  { project, release }: ProvenanceOptions,
  sourceOf: (name: string) => string,
  fetched: ReadonlyMap<string, Fetched>,
): readonly Proof[] {
  return project.components.flatMap((component): readonly Proof[] => {
    const known = release(component.purl);
    if (component.ecosystem !== "npm" || isUnavailable(known)) return [];
    const seen = fetched.get(component.purl) ?? null;
    const { name, version } = component;
    const { integrity, published = "" } = known.claim;
    const own = sourceOf(name);
    const signatures = known.claim.signatures.map(({ keyid, sig }): Proof => ({
      kind: "signature",
      subject: component.purl,
      name,
      version,
      integrity,
      published,
      keyid,
      sig,
      keys: own,
    }));
    if (seen === null || isUnavailable(seen)) return signatures;
    return [...signatures, ...attestationProofs(component, known.claim, seen, own)];
  });
}

/** `own` = address of the keys that the registry publishes itself, "" where only the pinned ones count. */
function attestationProofs(
  { purl, name, version }: Component,
  { integrity }: RegistryReleaseClaim,
  { attestations }: AttestationsSeen,
  own: string,
): readonly Extract<Proof, { kind: "attestation" }>[] {
  const sha512 = sha512Of(integrity) ?? "";
  return attestations.map(({ bundle, predicateType, content }) => {
    const keys = hintOf(bundle) === "" ? null : own;
    return { kind: "attestation", subject: purl, name, version, sha512, bundle, predicateType, content, keys };
  });
}

interface Judge {
  readonly signatures: (component: Component, release: Evidence<RegistryReleaseClaim>) => readonly Evidence<RegistrySignatureClaim>[];
  readonly attestations: (
    component: Component,
    release: Evidence<RegistryReleaseClaim>,
    seen: AttestationsSeen,
  ) => readonly Evidence<AttestationClaim>[];
}

const strength = (claim: ProofClaim): Evidence["strength"] => (claim.refusal === undefined ? "verified" : "observed");

function judgeWith(concluded: ReadonlyMap<string, readonly Concluded[]>): Judge {
  const claimsOf = (purl: string): readonly ProofClaim[] => (concluded.get(purl) ?? []).map(({ claim }) => claim);
  return {
    signatures: (component, { subject, source, observedAt }) =>
      claimsOf(component.purl).flatMap((claim): readonly Evidence<RegistrySignatureClaim>[] =>
        claim.kind === "registry-signature" ? [{ subject, claim, source, observedAt, strength: strength(claim) }] : [],
      ),
    attestations: (component, { subject, claim: release }, { source, observedAt }) => {
      const sha512 = sha512Of(release.integrity);
      const digest = sha512 === null ? {} : { digest: { sha512 } };
      return claimsOf(component.purl).flatMap((claim): readonly Evidence<AttestationClaim>[] =>
        claim.kind === "attestation" ? [{ subject: { ...subject, ...digest }, claim, source, observedAt, strength: strength(claim) }] : [],
      );
    },
  };
}

/** Hexadecimal SHA-512 out of Subresource Integrity; the form has one at most in practice. */
function sha512Of(integrity: string): string | null {
  const found = /(?:^|\s)sha512-([A-Za-z0-9+/]{86}==)(?:\s|\?|$)/.exec(integrity)?.[1];
  return found === undefined ? null : Buffer.from(found, "base64").toString("hex");
}

/** Rules that speak against believing what a release says of its origin. */
const doubting: ReadonlySet<string> = new Set([
  "provenance/registry-signature",
  "provenance/attestation-invalid",
  "provenance/source-mismatch",
  "provenance/source-changed",
]);

/** What the project's verified releases teach, older releases first, so that the newest word on a line is the last. */
function lessons(
  asked: readonly Component[],
  provenance: GatheredProvenance["provenance"],
  findings: readonly Finding[],
): readonly ProvenanceExpectation[] {
  const doubted = new Set(
    findings.filter(({ rule, question }) => question === "integrity" || doubting.has(rule)).map(({ subject }) => subject),
  );
  return asked
    .toSorted((a, b) => byCodeUnit(a.name, b.name) || byVersion(a, b))
    .flatMap(({ purl, version }) => {
      const evidence = doubted.has(purl) ? null : provenance(purl);
      const build = evidence === null || isUnavailable(evidence) || !isFromKnownSource(evidence) ? undefined : validOrigins(evidence)[0];
      const lesson = build === undefined ? null : expectationOf(purl, version, build.claim, build.observedAt);
      return lesson === null ? [] : [lesson];
    });
}

function byVersion({ ecosystem, version: a }: Component, { version: b }: Component): number {
  const order = orderOf(ecosystem);
  return order !== null && order.valid(a) && order.valid(b) ? order.compare(a, b) : byCodeUnit(a, b);
}
