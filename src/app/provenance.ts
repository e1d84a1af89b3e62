/**
 * Gathers where the components of a project come from: fetches their attestations, verifies them and the registry's signatures under
 * the roots that hold in this run, and puts beside them what releases of the same line had before.
 *
 *     release ─ attestations' address ─> fetch ─> verify against the release's hash ─> claim ─┐
 *        └─ signatures ─> verify with the registry's keys ─> claim ──────────────────────────┴─> evidence, by purl
 */
import { attestationKey, loadRegistryKeys, type RegistryKeys, verifyBundle, verifyRegistrySignature } from "../attestation/index.ts";
import { attestationClaim } from "../checks/provenance/claim.ts";
import { expectationOf, withoutVersion } from "../checks/provenance/expectations.ts";
import { validBuilds } from "../checks/provenance/evidence.ts";
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
import { byCodeUnit, Fault, isUnavailable, sha256 } from "../model/index.ts";
import type { AttestationsSeen, NpmAttestations } from "../sources/npm-attestations.ts";
import type { Expectations } from "../store/expectations.ts";
import type { Verdicts } from "../store/verdicts.ts";
import { requireOrder } from "../versions/index.ts";
import type { Trust } from "./trust.ts";

export interface ProvenanceOptions {
  readonly project: Project;
  readonly wanted: (component: Component) => boolean;
  readonly release: (purl: string) => Evidence<RegistryReleaseClaim> | Unavailable;
  readonly source: NpmAttestations;
  /** Asked for when the first signature is to be verified: reading the roots is not free. */
  readonly trust: () => Trust;
  readonly expectations: Expectations;
  readonly verdicts: Verdicts;
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
/** Part of a kept verdict's name: goes up when what we conclude from the same bytes changes. */
const CLAIM_VERSION = 1;

type Fetched = AttestationsSeen | Unavailable | null;

/** Throws only where the signal is aborted. */
export async function gatherProvenance(options: ProvenanceOptions): Promise<GatheredProvenance> {
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
  const queue = asked[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (const { component, claim } of { [Symbol.iterator]: () => queue }) {
      signal?.throwIfAborted();
      fetched.set(component.purl, await orUnavailable(signal, () => source.attestations(component.name, claim.attestationsUrl ?? "")));
      options.onProgress?.(++done, asked.length);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, asked.length) }, worker));

  const registryKeys = await strangeKeys(options, asked, fetched);

  const componentOf = new Map(project.components.map((component) => [component.purl, component]));
  const answers = new Map<string, ProvenanceEvidence | Unavailable>();
  const judge = judgeWith(options, registryKeys);
  const answer = (purl: string): ProvenanceEvidence | Unavailable => {
    const component = componentOf.get(purl);
    const known = release(purl);
    if (isUnavailable(known)) return known;
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
    learn: (findings) => options.expectations.learn(lessons(asked, provenance, findings)),
  };
}

/**
 * Keys that a registry publishes itself, by package name: only asked for where a signature names a key that nobody vouches for but the
 * registry. They prove less than pinned ones, and the evidence says so.
 */
async function strangeKeys(
  options: ProvenanceOptions,
  asked: readonly { readonly component: Component }[],
  fetched: ReadonlyMap<string, Fetched>,
): Promise<ReadonlyMap<string, RegistryKeys>> {
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
  const found = new Map<string, RegistryKeys>();
  if (strangers.size === 0) return found;
  const pinned = new Set(options.trust().keys.keys.map(({ keyId }) => keyId));
  for (const [name, keyid] of strangers) {
    if (pinned.has(keyid)) continue;
    const seen = await orUnavailable(signal, async () => (await source.keys(name)) ?? absent);
    if (isUnavailable(seen)) continue;
    try {
      found.set(name, loadRegistryKeys(seen.document, { source: seen.source, date: seen.observedAt }));
    } catch (error) {
      // Keys that cannot be read are no keys: the signature's own refusal says that its key is not known.
      if (!(error instanceof Fault)) throw error;
    }
  }
  return found;
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

interface Judge {
  readonly signatures: (component: Component, release: Evidence<RegistryReleaseClaim>) => readonly Evidence<RegistrySignatureClaim>[];
  readonly attestations: (
    component: Component,
    release: Evidence<RegistryReleaseClaim>,
    seen: AttestationsSeen,
  ) => readonly Evidence<AttestationClaim>[];
}

function judgeWith({ trust, verdicts }: ProvenanceOptions, registryKeys: ReadonlyMap<string, RegistryKeys>): Judge {
  const keysFor = (name: string): RegistryKeys => {
    const { keys } = trust();
    const own = registryKeys.get(name);
    return own === undefined
      ? keys
      : { origin: own.origin, keys: [...keys.keys, ...own.keys.filter(({ keyId }) => !keys.keys.some((key) => key.keyId === keyId))] };
  };
  /** What held before, about the same bytes and under the same roots, holds. */
  const kept = <C extends object>(parts: readonly string[], work: () => C, holds: (claim: C) => boolean): C => {
    const key = sha256(JSON.stringify([CLAIM_VERSION, trust().fingerprint, ...parts]));
    const before = verdicts.look(key);
    if (before !== null) return JSON.parse(before) as C;
    const claim = work();
    if (holds(claim)) verdicts.keep(key, JSON.stringify(claim));
    return claim;
  };

  return {
    signatures: (component, { subject, claim: release, source, observedAt }) => {
      const { signatures, integrity, published } = release;
      return signatures.map((signature): Evidence<RegistrySignatureClaim> => {
        const { name, version } = component;
        const keys = keysFor(name);
        const work = (): RegistrySignatureClaim => {
          const verified = verifyRegistrySignature(
            { name, version, integrity, signatures: [signature], ...whenItCounts(published, signature.keyid, keys) },
            keys,
          );
          return {
            kind: "registry-signature",
            keyid: signature.keyid,
            integrity,
            ...(verified.ok ? {} : { refusal: { code: verified.code, message: verified.message } }),
            keyFrom: keys.origin.source,
          };
        };
        const claim = kept(
          ["signature", keys.origin.source, name, version, integrity, published ?? "", signature.keyid, signature.sig],
          work,
          ({ refusal }) => refusal === undefined,
        );
        return { subject, claim, source, observedAt, strength: claim.refusal === undefined ? "verified" : "observed" };
      });
    },
    attestations: (component, { subject, claim: release }, seen) => {
      const sha512 = sha512Of(release.integrity);
      const digest = sha512 === null ? {} : { digest: { sha512 } };
      return seen.attestations.map(({ bundle, predicateType, content }): Evidence<AttestationClaim> => {
        const { name, version } = component;
        const work = (): AttestationClaim => {
          const received = { predicateType, content };
          if (sha512 === null)
            return attestationClaim(
              {
                ok: false,
                step: "artifact",
                code: "artifact-undecidable",
                message: "the registry gives no SHA-512 that the attestation could be held against",
              },
              received,
            );
          const verification = verifyBundle(bundle, {
            root: trust().root,
            digests: { sha512 },
            publicKey: attestationKey(keysFor(name)),
          });
          return attestationClaim(verification, received, { name, version });
        };
        const keyOrigin = hintOf(bundle) === "" ? "" : keysFor(name).origin.source;
        const claim = kept(["attestation", keyOrigin, name, version, sha512 ?? "", content], work, ({ refusal }) => refusal === undefined);
        return {
          subject: { ...subject, ...digest },
          claim,
          source: seen.source,
          observedAt: seen.observedAt,
          strength: claim.refusal === undefined ? "verified" : "observed",
        };
      });
    },
  };
}

/**
 * The time at which a key is asked whether it counted. A release from before the key is signed with it rightly when the registry signs its
 * old releases anew; one from after the key's end is not.
 */
function whenItCounts(published: string | undefined, keyid: string, keys: RegistryKeys): { readonly published?: Date } {
  const time = published === undefined ? Number.NaN : Date.parse(published);
  const start = keys.keys.find((key) => key.keyId === keyid && key.usage !== "npm:attestations")?.validFor?.start;
  return Number.isNaN(time) || (start !== undefined && time < start) ? {} : { published: new Date(time) };
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
  asked: readonly { readonly component: Component }[],
  provenance: GatheredProvenance["provenance"],
  findings: readonly Finding[],
): readonly ProvenanceExpectation[] {
  const doubted = new Set(
    findings.filter(({ rule, question }) => question === "integrity" || doubting.has(rule)).map(({ subject }) => subject),
  );
  return asked
    .toSorted((a, b) => byCodeUnit(a.component.name, b.component.name) || byVersion(a.component.version, b.component.version))
    .flatMap(({ component: { purl, version } }) => {
      const evidence = doubted.has(purl) ? null : provenance(purl);
      const build = evidence === null || isUnavailable(evidence) ? undefined : validBuilds(evidence)[0];
      const lesson = build === undefined ? null : expectationOf(purl, version, build.claim, build.observedAt);
      return lesson === null ? [] : [lesson];
    });
}

const npmOrder = requireOrder("npm");
const byVersion = (a: string, b: string): number => (npmOrder.valid(a) && npmOrder.valid(b) ? npmOrder.compare(a, b) : byCodeUnit(a, b));

async function orUnavailable<T extends object>(
  signal: AbortSignal | undefined,
  work: () => Promise<T | Unavailable>,
): Promise<T | Unavailable> {
  try {
    return await work();
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof Fault)) throw error;
    return {
      unavailable: true,
      code: error.code,
      because: error.message,
      ...(error.code === "source/not-found" ? {} : { cure: "tributary check" }),
    };
  }
}
