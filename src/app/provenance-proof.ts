/**
 * What one proof of a release shows: a registry's signature, or an attestation. Proofs are data and nothing but the roots is needed beside
 * them, so that the same proof has the same conclusion on whatever thread it is looked at.
 */
import {
  attestationKey,
  bundleFromPep740,
  loadRegistryKeys,
  type RegistryKeys,
  type TrustRoot,
  verifyBundle,
  verifyRegistrySignature,
} from "../attestation/index.ts";
import { attestationClaim } from "../checks/provenance/claim.ts";
import { type AttestationClaim, Fault, type RegistrySignatureClaim } from "../model/index.ts";

interface OfRelease {
  /** purl of the component. */
  readonly subject: string;
  readonly name: string;
  readonly version: string;
}

export type Proof =
  | (OfRelease & {
      readonly kind: "signature";
      readonly integrity: string;
      /** ISO 8601, "" where the registry does not say. */
      readonly published: string;
      readonly keyid: string;
      readonly sig: string;
      /** Address of the keys that count beside the pinned ones; "" for none. */
      readonly keys: string;
    })
  | (OfRelease & {
      readonly kind: "attestation";
      /** Hexadecimal; "" where the registry gives none. */
      readonly sha512: string;
      readonly bundle: unknown;
      readonly predicateType: string;
      readonly content: string;
      /** As above; null where the bundle names no key. */
      readonly keys: string | null;
    })
  | {
      /** An attestation of one file of a release (PEP 740). */
      readonly kind: "file";
      /** purl of the component. */
      readonly subject: string;
      /** Name of the file. */
      readonly file: string;
      /** Hexadecimal: what the lockfile pins. */
      readonly sha256: string;
      readonly attestation: unknown;
      /** Whom the index names. */
      readonly publisher: Readonly<Record<string, unknown>> | null;
      readonly predicateType: string;
      readonly content: string;
    };

export type ProofClaim = RegistrySignatureClaim | AttestationClaim;

/** Keys as a registry publishes them, before they are read. */
export interface ForeignKeys {
  readonly source: string;
  readonly observedAt: string;
  readonly document: unknown;
}

export interface ProofRoots {
  readonly root: TrustRoot;
  readonly keys: RegistryKeys;
  readonly foreign: readonly ForeignKeys[];
}

/** What concludes under these roots. Keys are read once each. */
export function concluder({ root, keys: pinned, foreign }: ProofRoots): (proof: Proof) => ProofClaim {
  const known = new Map<string, RegistryKeys>();
  const keysFrom = (source: string): RegistryKeys => {
    let keys = known.get(source);
    if (keys === undefined)
      known.set(
        source,
        (keys = both(
          pinned,
          foreign.find((one) => one.source === source),
        )),
      );
    return keys;
  };
  return (proof) => {
    switch (proof.kind) {
      case "signature":
        return signature(proof, keysFrom(proof.keys));
      case "attestation":
        return attestation(proof, root, keysFrom(proof.keys ?? ""));
      case "file":
        return ofFile(proof, root);
    }
  };
}

function both(pinned: RegistryKeys, foreign: ForeignKeys | undefined): RegistryKeys {
  if (foreign === undefined) return pinned;
  try {
    const own = loadRegistryKeys(foreign.document, { source: foreign.source, date: foreign.observedAt });
    return {
      origin: own.origin,
      keys: [...pinned.keys, ...own.keys.filter(({ keyId }) => !pinned.keys.some((key) => key.keyId === keyId))],
    };
  } catch (error) {
    // Keys that cannot be read are no keys: the signature's own refusal says that its key is not known.
    if (!(error instanceof Fault)) throw error;
    return pinned;
  }
}

function signature(proof: Extract<Proof, { kind: "signature" }>, keys: RegistryKeys): RegistrySignatureClaim {
  const { name, version, integrity, published, keyid, sig } = proof;
  const verified = verifyRegistrySignature(
    { name, version, integrity, signatures: [{ keyid, sig }], ...whenItCounts(published, keyid, keys) },
    keys,
  );
  return {
    kind: "registry-signature",
    keyid,
    integrity,
    ...(verified.ok ? {} : { refusal: { code: verified.code, message: verified.message } }),
    keyFrom: keys.origin.source,
  };
}

function attestation(proof: Extract<Proof, { kind: "attestation" }>, root: TrustRoot, keys: RegistryKeys): AttestationClaim {
  const { name, version, sha512, bundle, predicateType, content } = proof;
  const received = { predicateType, content };
  if (sha512 === "") {
    const message = "the registry gives no SHA-512 that the attestation could be held against";
    return attestationClaim({ ok: false, step: "artifact", code: "artifact-undecidable", message }, received);
  }
  const verification = verifyBundle(bundle, { root, digests: { sha512 }, publicKey: attestationKey(keys) });
  return attestationClaim(verification, received, { name, version });
}

function ofFile(proof: Extract<Proof, { kind: "file" }>, root: TrustRoot): AttestationClaim {
  const { file, sha256, attestation: given, publisher, predicateType, content } = proof;
  const converted = bundleFromPep740(given);
  const verification = converted.ok ? verifyBundle(converted.bundle, { root, digests: { sha256 } }) : converted;
  return attestationClaim(verification, { predicateType, content }, { file: { name: file, publisher } });
}

/**
 * The time at which a key is asked whether it counted. A release from before the key is signed with it rightly when the registry signs its
 * old releases anew; one from after the key's end is not.
 */
function whenItCounts(published: string, keyid: string, keys: RegistryKeys): { readonly published?: Date } {
  const time = Date.parse(published);
  const start = keys.keys.find((key) => key.keyId === keyid && key.usage !== "npm:attestations")?.validFor?.start;
  return Number.isNaN(time) || (start !== undefined && time < start) ? {} : { published: new Date(time) };
}
