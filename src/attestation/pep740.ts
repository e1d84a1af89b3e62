/** PyPI's attestations (PEP 740): other names for the parts of a Sigstore bundle. https://peps.python.org/pep-0740/ */
import { outcome, reject, type Rejected } from "./reject.ts";
import { IN_TOTO_PAYLOAD } from "./statement.ts";
import type { Verification, VerifyOptions } from "./verification.ts";
import { verifyBundle } from "./verify.ts";

/** Attestations of one file that we are ready to verify; usual is one. */
const MAX_ATTESTATIONS = 100;

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);

/** A PEP 740 attestation object as a Sigstore bundle 0.3 (JSON). What is not there is left out, for `verifyBundle` to refuse. */
export function bundleFromPep740(attestation: unknown): { readonly ok: true; readonly bundle: unknown } | Rejected {
  return outcome(() => {
    if (!isFields(attestation)) return reject("bundle-malformed", "the attestation is no object");
    if (attestation["version"] !== 1)
      reject("bundle-version", `version ${String(attestation["version"])} of PyPI's attestations is not known`);
    const material = attestation["verification_material"];
    const envelope = attestation["envelope"];
    if (!isFields(material) || !isFields(envelope)) return reject("bundle-malformed", "the attestation has no material or no envelope");
    const timestamps = material["timestamps"];
    return {
      ok: true,
      bundle: {
        mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
        verificationMaterial: {
          certificate: { rawBytes: material["certificate"] },
          tlogEntries: material["transparency_entries"],
          ...(Array.isArray(timestamps) && timestamps.length > 0
            ? {
                timestampVerificationData: {
                  rfc3161Timestamps: timestamps.map((stamp: unknown) => (isFields(stamp) ? stamp : { signedTimestamp: stamp })),
                },
              }
            : {}),
        },
        dsseEnvelope: { payload: envelope["statement"], payloadType: IN_TOTO_PAYLOAD, signatures: [{ sig: envelope["signature"] }] },
      },
    };
  });
}

/** Who PyPI says published the file: a claim of PyPI's, to be held against the certificate. */
export type Publisher = Readonly<Record<string, unknown>>;

export interface PypiAttestation {
  readonly publisher: Publisher;
  readonly verification: Verification;
}

/**
 * Verifies the attestations of a file: PyPI's provenance object (`/integrity/…/provenance`: bundles of attestations by publisher), or one
 * attestation object. The statement's subject must be the file by digest, and bear its name where `file` is given.
 */
export function verifyPypiAttestations(document: unknown, options: VerifyOptions & { readonly file?: string }): readonly PypiAttestation[] {
  const bundles =
    isFields(document) && Array.isArray(document["attestation_bundles"])
      ? (document["attestation_bundles"] as unknown[])
      : [{ attestations: [document] }];
  const all = bundles.slice(0, MAX_ATTESTATIONS + 1).flatMap((bundle) => {
    const publisher = isFields(bundle) && isFields(bundle["publisher"]) ? bundle["publisher"] : {};
    const list = isFields(bundle) && Array.isArray(bundle["attestations"]) ? (bundle["attestations"] as unknown[]) : [undefined];
    return list.slice(0, MAX_ATTESTATIONS + 1).map((attestation) => ({ publisher, attestation }));
  });
  const tooMany: Rejected = { ok: false, code: "bundle-malformed", message: `more than ${MAX_ATTESTATIONS} attestations`, step: "read" };
  if (all.length > MAX_ATTESTATIONS) return [{ publisher: {}, verification: tooMany }];
  return all.map(({ publisher, attestation }) => ({ publisher, verification: verifyOne(attestation, options) }));
}

function verifyOne(attestation: unknown, options: VerifyOptions & { readonly file?: string }): Verification {
  const converted = bundleFromPep740(attestation);
  if (!converted.ok) return converted;
  const verification = verifyBundle(converted.bundle, options);
  if (!verification.ok || options.file === undefined) return verification;
  const { content } = verification;
  // PEP 740: the subject's name is the name of the file, so that an attestation of one release cannot be shown for another.
  if (content.kind === "statement" && content.statement.subject.length === 1 && content.statement.subject[0]?.name === options.file)
    return verification;
  return { ok: false, code: "artifact-mismatch", message: `the attestation is not for a file named ${options.file}`, step: "artifact" };
}
