/** What proves the origin of a traced release: signatures and attestations, verified; and how the run that they name ended. */
import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import {
  type ArtifactClaim,
  type AttestationClaim,
  type Evidence,
  Fault,
  type Project,
  type ProvenanceEvidence,
  type RegistryReleaseClaim,
  type Unavailable,
  isUnavailable,
} from "../../model/index.ts";
import { type WorkflowRun, runAddress, workflowRun } from "../../sources/github-run.ts";
import { userFolders } from "../../store/folders.ts";
import type { Sources } from "../npm-evidence.ts";
import type { TraceOptions } from "./options.ts";
import { runOf } from "./way-run.ts";
import { openTrust } from "../trust.ts";

/** A provenance has some 30 kB. */
const MAX_ATTESTATION_BYTES = 64 * 1024 * 1024;

type Release = Evidence<RegistryReleaseClaim> | Unavailable;

export interface Proofs {
  readonly provenance: ProvenanceEvidence | Unavailable;
  readonly notes: readonly string[];
}

/** What the registry hands out to prove a release, or a file in its place; verified against these bytes. */
export async function provenanceOf(
  sources: Sources,
  purl: string,
  name: string,
  version: string,
  release: Release,
  artifact: ArtifactClaim,
  options: TraceOptions,
): Promise<Proofs> {
  const folders = userFolders(options.env);
  const component = { purl, ecosystem: "npm", name, version, origin: { kind: "registry" as const } };
  const project: Project = { name: "", version: "", files: [], components: [component], nodes: [], roots: [] };
  const { gatherOrigins } = await import("../origins.ts");
  const origins = await gatherOrigins({
    project,
    wanted: () => true,
    release: () => release,
    client: sources.client,
    config: sources.config,
    fresh: options.fresh ?? false,
    data: folders.data,
    cache: folders.cache,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  try {
    const gathered = origins.provenance(purl);
    const provenance =
      options.attestations === undefined
        ? gathered
        : await withGiven(gathered, options.attestations, { purl, name, version, artifact, options });
    return { provenance, notes: origins.notes() };
  } finally {
    origins.close();
  }
}

interface Given {
  readonly purl: string;
  readonly name: string;
  readonly version: string;
  readonly artifact: ArtifactClaim;
  readonly options: TraceOptions;
}

/** Attestations out of a file, in place of those that the registry hands out. */
async function withGiven(gathered: ProvenanceEvidence | Unavailable, file: string, given: Given): Promise<ProvenanceEvidence> {
  const { artifact, name, version, purl, options } = given;
  return {
    ...(isUnavailable(gathered) ? { signatures: [], expectations: [] } : gathered),
    attestations: await givenAttestations(file, { purl, artifact, options, named: { name, version } }),
  };
}

interface GivenAbout {
  readonly purl: string;
  readonly artifact: ArtifactClaim;
  readonly options: TraceOptions;
  /** The npm package that the statements must name. */
  readonly named?: { readonly name: string; readonly version: string };
}

/** Attestations out of a file, held against the bytes themselves. Throws `input/*`. */
export async function givenAttestations(file: string, about: GivenAbout): Promise<ProvenanceEvidence["attestations"]> {
  const [{ attestationKey, verifyBundle }, { attestationClaim }, { readAttestations }] = await Promise.all([
    import("../../attestation/index.ts"),
    import("../../checks/provenance/claim.ts"),
    import("../../sources/npm-attestations.ts"),
  ]);
  const { artifact, purl, options, named } = about;
  const path = resolve(options.cwd, file);
  const bytes = await readGiven(path, file, MAX_ATTESTATION_BYTES);
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString("utf8"));
  } catch (cause) {
    throw new Fault("input/not-understood", `${file} is no JSON.`, { cause });
  }
  const trust = openTrust(userFolders(options.env).data);
  const claims = readAttestations(file, value).map(({ bundle, predicateType, content }) => {
    const digests = { sha512: artifact.sha512, sha256: artifact.sha256 };
    const verified = verifyBundle(bundle, { root: trust.root, digests, publicKey: attestationKey(trust.keys) });
    return attestationClaim(verified, { predicateType, content }, named);
  });
  const observedAt = (await stat(path)).mtime.toISOString();
  return claims.map((claim) => ({
    subject: { purl, digest: { sha512: artifact.sha512 } },
    claim,
    source: pathToFileURL(path).href,
    observedAt,
    strength: claim.refusal === undefined ? ("verified" as const) : ("observed" as const),
  }));
}

/** The build provenance that holds, if there is one. */
const buildOf = (provenance: ProvenanceEvidence | Unavailable): AttestationClaim | undefined =>
  isUnavailable(provenance)
    ? undefined
    : provenance.attestations.find(({ claim }) => claim.states === "build" && claim.refusal === undefined)?.claim;

/** The commit that the signed provenance names, in its certificate before its predicate; "" where there is none that holds. */
export function attestedCommit(provenance: ProvenanceEvidence | Unavailable): string {
  const claim = buildOf(provenance);
  return (claim?.signer?.commit || claim?.build?.commit) ?? "";
}

/** What the platform says of the run that made the release: only where the signed provenance names one. */
export async function runRecord(
  { client }: Sources,
  provenance: ProvenanceEvidence | Unavailable,
  { env, signal }: TraceOptions,
): Promise<WorkflowRun | Unavailable | null> {
  const claim = buildOf(provenance);
  if (claim === undefined || runAddress(runOf(claim)) === null) return null;
  try {
    return await workflowRun(client, runOf(claim), env);
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof Fault)) throw error;
    return { unavailable: true, code: error.code, because: error.message };
  }
}

/** The bytes of a file that the user names. Throws `input/*`. */
export async function readGiven(path: string, shown: string, most: number): Promise<Buffer> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new Fault("input/not-found", `${shown} is not there.`, { cause });
  });
  if (!found.isFile()) throw new Fault("input/unreadable", `${shown} is no file.`);
  if (found.size > most) throw new Fault("input/too-large", `${shown} is larger than ${most} bytes.`);
  return await readFile(path);
}
