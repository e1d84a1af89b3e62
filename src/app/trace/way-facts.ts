/** What the way of a release is drawn from. */
import type {
  ArtifactClaim,
  Evidence,
  ProvenanceEvidence,
  RegistryReleaseClaim,
  TraceRebuild,
  TraceSource,
  TraceStep,
  TracedFile,
  Unavailable,
} from "../../model/index.ts";
import type { SourceContinuity } from "../../attestation/index.ts";
import type { GitTag } from "../../sources/git-refs.ts";
import type { WorkflowRun } from "../../sources/github-run.ts";

/** What a repository says of the commit that the release is traced to. */
export interface RepositoryFacts {
  /** Address of its origin, or the folder. */
  readonly name: string;
  /** The repository holds the commit. */
  readonly present: boolean;
  /** A clone without all of history. */
  readonly shallow: boolean;
  /** ISO 8601, "" where not known. */
  readonly committed: string;
  readonly signed: boolean;
  readonly branches: readonly string[];
  /** Tags that the commit is behind. */
  readonly tagsWith: readonly string[];
  /** Tags that are named after this version, the likeliest first. */
  readonly versionTags: readonly GitTag[];
  /** Where we saw those tags before, by name: only where that was another commit. */
  readonly seenBefore: Readonly<Record<string, string>>;
  /** What its notes attest of the commit and the line behind it; null where it has no such notes. */
  readonly track: SourceContinuity | null;
}

export interface WayFacts {
  /** `package`: of a registry, which signs and attests. `file`: an archive that somebody has, of whatever ecosystem. */
  readonly kind: "package" | "file";
  readonly purl: string;
  readonly name: string;
  readonly version: string;
  readonly artifact: ArtifactClaim;
  readonly release: Evidence<RegistryReleaseClaim> | Unavailable;
  readonly provenance: ProvenanceEvidence | Unavailable;
  /** What GitHub says of the run that the provenance names; null where it names none that could be asked about. */
  readonly run: WorkflowRun | Unavailable | null;
  /** The commit that the registry's document names for the release, by the word of whoever published it; "" where none. */
  readonly gitHead: string;
  /** The commit that a verified build provenance names; "" where none. */
  readonly attested: string;
  readonly repository: RepositoryFacts | null;
  readonly source: TraceSource | null;
  /** SHA-256 of a source that is an archive, and who else vouches for it. */
  readonly archive: { readonly sha256: string; readonly vouchedBy: string } | null;
  /** Why there is no source. */
  readonly noSource: string;
  readonly files: readonly TracedFile[];
  readonly rebuild: TraceRebuild | null;
}

export type Say = (state: TraceStep["state"], says: string, facts?: Readonly<Record<string, string>>, cure?: string) => TraceStep;

/** Makes steps of one kind. */
export const tell =
  (id: TraceStep["id"], title: string): Say =>
  (state, says, facts = {}, cure) => ({ id, title, state, says, facts, ...(cure === undefined ? {} : { cure }) });
