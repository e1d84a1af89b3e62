/**
 * The door to the origins of a project's components. Most of what it opens is only needed where a registry hands out proofs, and is loaded
 * then: a check of a project without any pays for a look at each release and nothing more.
 */
import { withoutVersion } from "../checks/provenance/expectations.ts";
import type {
  Component,
  Evidence,
  Finding,
  Project,
  ProvenanceEvidence,
  RegistryReleaseClaim,
  Report,
  Unavailable,
} from "../model/index.ts";
import { isUnavailable } from "../model/index.ts";
import type { HttpClient } from "../sources/http.ts";
import { npmAttestations } from "../sources/npm-attestations.ts";
import type { NpmConfig } from "../sources/npm-config.ts";
import { openExpectations } from "../store/expectations.ts";
import { openVerdicts } from "../store/verdicts.ts";
import type { ProvenanceOptions } from "./provenance.ts";
import type { Trust } from "./trust.ts";

export interface OriginsOptions {
  readonly project: Project;
  readonly wanted: (component: Component) => boolean;
  readonly release: (purl: string) => Evidence<RegistryReleaseClaim> | Unavailable;
  readonly client: HttpClient;
  readonly config: NpmConfig;
  readonly pypi?: NonNullable<ProvenanceOptions["pypi"]>;
  readonly fresh: boolean;
  /** The user's folders. */
  readonly data: string;
  readonly cache: string;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

export interface Origins {
  readonly provenance: (purl: string) => ProvenanceEvidence | Unavailable;
  /** Keeps what verified releases taught, but for those with findings against it. */
  readonly learn: (findings: readonly Finding[]) => void;
  readonly notes: () => readonly string[];
  /** On whose word signatures were verified in this run; empty where none was asked about. */
  readonly trusted: () => NonNullable<Report["basis"]["trust"]>;
  readonly close: () => void;
}

/** Throws where the signal is aborted, and the faults of opening what is kept. */
export async function gatherOrigins(options: OriginsOptions): Promise<Origins> {
  const expectations = openExpectations(options.data);
  const hasProofs = options.project.components.some((component) => {
    if (component.ecosystem !== "npm" && component.ecosystem !== "PyPI") return false;
    const release = options.release(component.purl);
    // Which of its files have attestations only an index of Python's says; what it does not say is not known.
    return (
      !isUnavailable(release) &&
      (release.claim.files !== undefined || release.claim.signatures.length > 0 || release.claim.attestationsUrl !== undefined)
    );
  });
  if (!hasProofs) {
    const known = new Map<string, ProvenanceEvidence | Unavailable>();
    const answer = (purl: string): ProvenanceEvidence | Unavailable => {
      const release = options.release(purl);
      return isUnavailable(release) ? release : { signatures: [], attestations: [], expectations: expectations.of(withoutVersion(purl)) };
    };
    return {
      provenance: (purl) => {
        let found = known.get(purl);
        if (found === undefined) known.set(purl, (found = answer(purl)));
        return found;
      },
      learn: () => undefined,
      notes: expectations.notes,
      trusted: () => [],
      close: expectations.close,
    };
  }
  const [{ gatherProvenance }, { openTrust }] = await Promise.all([import("./provenance.ts"), import("./trust.ts")]);
  const verdicts = openVerdicts(options.cache);
  let trust: Trust | undefined;
  const close = (): void => {
    verdicts.close();
    expectations.close();
  };
  try {
    const gathered = await gatherProvenance({
      ...options,
      source: npmAttestations({ client: options.client, config: options.config, fresh: options.fresh }),
      trust: () => (trust ??= openTrust(options.data)),
      expectations,
      verdicts,
    });
    return {
      ...gathered,
      notes: () => [...(trust?.notes ?? []), ...expectations.notes()],
      trusted: () => (trust === undefined ? [] : trustedBy(trust)),
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

const trustedBy = ({ root, keys }: Trust): NonNullable<Report["basis"]["trust"]> =>
  [...root.instances.map(({ origin }) => origin), keys.origin].map(({ source, date = "", expires = "" }) => ({ source, date, expires }));
