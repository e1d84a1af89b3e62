/**
 * Where PyPI's releases come from. A release is several files, each of which may be installed and is attested by itself (PEP 740): the attestations of
 * every file that the project's lockfiles allow are fetched and held against the hash that is pinned, so that no file need be fetched.
 *
 *     lockfile's hashes ── the index's files with these hashes ─ provenance address ─> fetch ─> verify against the pinned hash ─> claim, by file
 */
import type {
  AttestationClaim,
  Component,
  Evidence,
  Node,
  Project,
  ProvedFile,
  ProvenanceEvidence,
  ProvenanceExpectation,
  RegistryReleaseClaim,
  ReleaseFile,
  Unavailable,
} from "../model/index.ts";
import { isUnavailable } from "../model/index.ts";
import type { PythonIndex } from "../sources/pypi-config.ts";
import type { FileAttestationsSeen, PypiIndex } from "../sources/pypi-index.ts";
import type { Proof, ProofClaim } from "./provenance-proof.ts";
import { eachAtOnce, orUnavailable } from "./provenance-shared.ts";

/** Who is asked about which release. */
export interface Asking {
  readonly source: PypiIndex;
  readonly indexOf: (purl: string) => PythonIndex | null;
}

export interface FileProofOptions {
  readonly project: Project;
  readonly wanted: (component: Component) => boolean;
  readonly release: (purl: string) => Evidence<RegistryReleaseClaim> | Unavailable;
  readonly pypi?: Asking;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

export interface FileProofs {
  /** Components of which some file has attestations. */
  readonly asked: readonly Component[];
  /** What is to be verified. */
  readonly proofs: readonly Proof[];
  /** `concluded`: what the component's proofs show. */
  readonly provenance: (
    release: Evidence<RegistryReleaseClaim>,
    concluded: readonly { readonly proof: Proof; readonly claim: ProofClaim }[],
    expectations: readonly ProvenanceExpectation[],
  ) => ProvenanceEvidence | Unavailable;
}

/** Files that are under way at once; the client holds each host to its own bound. */
const AT_ONCE = 16;
/** The most wheels that a release is known to have are some three hundred; more are not asked about, and that is said. */
const MOST_FILES = 500;

interface PinnedFile extends ProvedFile {
  /** What the index says of it; null where it does not have it. */
  readonly published: ReleaseFile | null;
}

/** Throws only where the signal is aborted. */
export async function gatherFileProofs(options: FileProofOptions): Promise<FileProofs> {
  const { project, pypi, signal } = options;
  const pinned = new Map<string, readonly PinnedFile[]>();
  const asked: Component[] = [];
  const questions: { readonly address: string; readonly index: PythonIndex }[] = [];
  const hashes = pinnedHashes(project);
  for (const [at, component] of project.components.entries()) {
    if (component.ecosystem !== "PyPI" || !options.wanted(component)) continue;
    const release = options.release(component.purl);
    if (isUnavailable(release) || release.claim.files === undefined) continue;
    const files = filesToProve(release.claim.files, hashes[at] ?? []);
    pinned.set(component.purl, files);
    const index = pypi?.indexOf(component.purl) ?? null;
    const addresses = files.flatMap(({ published }) => (published?.attestationsUrl ? [published.attestationsUrl] : []));
    if (addresses.length === 0 || index === null || files.length > MOST_FILES) continue;
    asked.push(component);
    for (const address of addresses) questions.push({ address, index });
  }

  const seen = new Map<string, FileAttestationsSeen | Unavailable>();
  let done = 0;
  await eachAtOnce(questions, AT_ONCE, async ({ address, index }) => {
    signal?.throwIfAborted();
    if (pypi !== undefined) seen.set(address, await orUnavailable(signal, () => pypi.source.attestations(index, address)));
    options.onProgress?.(++done, questions.length);
  });

  /** What the index said of a file's attestations; null where it says that there are none. */
  const answerFor = ({ sha256, published }: PinnedFile): FileAttestationsSeen | Unavailable | null => {
    // An index that does not say whether there are any (a mirror of the older kind) has not said that there are none.
    if (published !== null && published.attestationsUrl === undefined) return notTold;
    if (published === null || published.attestationsUrl === undefined || published.attestationsUrl === "") return null;
    return /^[0-9a-f]{64}$/.test(sha256) ? (seen.get(published.attestationsUrl) ?? notTold) : noSha256;
  };
  const proofs = asked.flatMap(({ purl }) =>
    (pinned.get(purl) ?? []).flatMap((file) => {
      const answer = answerFor(file);
      if (answer === null || isUnavailable(answer)) return [];
      return answer.attestations.map(({ attestation, publisher, content }): Proof => ({
        kind: "file",
        subject: purl,
        file: file.name,
        sha256: file.sha256,
        attestation,
        publisher,
        predicateType: statedType(attestation),
        content,
      }));
    }),
  );

  return {
    asked,
    proofs,
    provenance: ({ subject }, concluded, expectations) => {
      const files = pinned.get(subject.purl) ?? [];
      if (files.length > MOST_FILES) return tooMany(files.length);
      const attestations: Evidence<AttestationClaim>[] = [];
      for (const file of files) {
        const answer = answerFor(file);
        if (answer === null) continue;
        if (isUnavailable(answer)) return answer;
        const { source, observedAt } = answer;
        for (const { proof, claim } of concluded) {
          if (proof.kind !== "file" || proof.sha256 !== file.sha256 || claim.kind !== "attestation") continue;
          const strength = claim.refusal === undefined ? "verified" : "observed";
          attestations.push({ subject: { ...subject, digest: { sha256: file.sha256 } }, claim, source, observedAt, strength });
        }
      }
      return { signatures: [], attestations, files: files.map(({ name, sha256 }) => ({ name, sha256 })), expectations };
    },
  };
}

/** What an attestation says of itself, for those that are refused: nothing of it is believed, but it has to be called something. */
function statedType(attestation: unknown): string {
  const envelope = typeof attestation === "object" && attestation !== null && "envelope" in attestation ? attestation.envelope : null;
  const statement = typeof envelope === "object" && envelope !== null && "statement" in envelope ? envelope.statement : null;
  if (typeof statement !== "string") return "";
  try {
    const value: unknown = JSON.parse(Buffer.from(statement, "base64").toString("utf8"));
    const type = typeof value === "object" && value !== null && "predicateType" in value ? value.predicateType : "";
    return typeof type === "string" ? type : "";
  } catch {
    return "";
  }
}

/** The hashes that the project's files pin for each component, by its number. */
function pinnedHashes(project: Project): readonly (readonly Pick<Node, "integrity" | "files">[])[] {
  const nodes = project.components.map((): Pick<Node, "integrity" | "files">[] => []);
  for (const node of project.nodes) if (node.component >= 0 && node.integrity.length > 0) nodes[node.component]?.push(node);
  return nodes;
}

/**
 * What may be installed: each file whose hash is pinned, or, where nothing is pinned, each that the index offers and has not yanked. A hash that is none of
 * the index's is a file as well, which nothing proves.
 */
function filesToProve(published: readonly ReleaseFile[], nodes: readonly Pick<Node, "integrity" | "files">[]): readonly PinnedFile[] {
  const byHash = new Map(published.flatMap((file) => file.integrity.split(" ").map((hash) => [hash, file] as const)));
  const found = new Map<string, PinnedFile>();
  const put = (file: PinnedFile): void => void (found.has(file.sha256) || found.set(file.sha256, file));
  if (nodes.length === 0) {
    for (const file of published) {
      const sha256 = sha256Of(file.integrity);
      if (file.yanked === undefined || published.every(({ yanked }) => yanked !== undefined))
        put({ name: file.name, sha256, published: file });
    }
    return [...found.values()];
  }
  for (const { integrity, files = [] } of nodes) {
    const names = new Map(files.map((file) => [file.integrity, file.name]));
    for (const hash of integrity) {
      const file = byHash.get(hash) ?? null;
      const sha256 = sha256Of(hash) || sha256Of(file?.integrity ?? "") || hash;
      put({ name: file?.name ?? names.get(hash) ?? "", sha256, published: file });
    }
  }
  return [...found.values()];
}

/** Hexadecimal SHA-256 out of Subresource Integrity; "" where there is none. */
function sha256Of(integrity: string): string {
  const found = /(?:^|\s)sha256-([A-Za-z0-9+/]{43}=)(?:\s|$)/.exec(integrity)?.[1];
  return found === undefined ? "" : Buffer.from(found, "base64").toString("hex");
}

const notTold: Unavailable = {
  unavailable: true,
  code: "source/not-told",
  because: "the package index does not say which of its files have attestations (PEP 740)",
};

/** PEP 740's statements are of SHA-256. */
const noSha256: Unavailable = {
  unavailable: true,
  code: "no-hash",
  because: "neither the lockfile nor the package index gives a SHA-256 that its attestations could be held against",
};

const tooMany = (count: number): Unavailable => ({
  unavailable: true,
  code: "source/too-large",
  because: `the lockfile allows ${count} files of one release; the attestations of ${MOST_FILES} at most are asked for`,
});
