/**
 * The way of a release back to its source, and what became of each of its files on it.
 *
 *     bytes ─ registry signature ─ publish attestation ─ provenance ─ run ─ commit ─ tag ─ branch ─ source track ─ files ─ rebuild
 *
 * A step is `verified`, `observed` or `asserted` (see `Strength`), `unknown` where it could not be gone, and `broken` where what was found
 * contradicts it. Unknown is never shown as fine.
 */
import type { Strength } from "./evidence.ts";

export type TraceStepId =
  | "bytes"
  | "registry-signature"
  | "publish-attestation"
  | "provenance"
  | "run"
  | "commit"
  | "tag"
  | "branch"
  | "source-track"
  | "files"
  | "rebuild";

export interface TraceStep {
  readonly id: TraceStepId;
  /** Two or three words: "build provenance". */
  readonly title: string;
  readonly state: Strength | "unknown" | "broken";
  /** One sentence with the facts in it. */
  readonly says: string;
  /** For machines, and for whoever opens the step. */
  readonly facts: Readonly<Record<string, string>>;
  /** A command or sentence that would take an unknown step further. */
  readonly cure?: string;
}

/**
 * `in-tree`: the same bytes at the same place of the source. `copied`: the same bytes at another place of it, where the source has nothing
 * at this one. `derived`: the source's file with a change that packing makes and that changes no behaviour (`how` says which).
 * `reproduced`: not in the source, and made again by our own build. `generated`: not in the source, which expects a build to make it, but
 * nobody has made it again: not explained yet. `unexplained`: not in the source, and nothing says how it came about; or it differs from it.
 * `missing`: the source has it and says that it is published, the package lacks it.
 */
export type FileState = "in-tree" | "copied" | "derived" | "reproduced" | "generated" | "unexplained" | "missing";

export interface TracedFile {
  /** Within the package. */
  readonly path: string;
  readonly state: FileState;
  /** Bytes; 0 for a missing one. */
  readonly size: number;
  /** The id that git gives these bytes; "" for a missing one. */
  readonly blob: string;
  /** Where the source has it (or its counterpart); "" where it has none. */
  readonly at: string;
  /** How it is explained, or why it is not. */
  readonly how: string;
}

/** The source that the files were held against. */
export interface TraceSource {
  readonly kind: "git" | "archive";
  /** The repository's address or folder, or the archive's name. */
  readonly name: string;
  /** "" for an archive. */
  readonly commit: string;
  /** How that commit (or archive) was chosen; `registry` and `package` are the word of whoever published it. */
  readonly by: "provenance" | "registry" | "package" | "tag" | "given";
  /** The package's folder in it; "" for the root. */
  readonly directory: string;
  readonly files: number;
}

/** What two archives differ in after the stabilisers, or that they do not. */
export interface ArchiveComparison {
  /** `bits`: the same bytes. `tar`: the same after unpacking the gzip layer. `stable`: the same after the stabilisers. */
  readonly equal: "bits" | "tar" | "stable" | "no";
  /** The stabilisers that had something to do: `gzip`, `tar-entry-order`, `tar-time`, `tar-owners`, `tar-mode`, `tar-format`. */
  readonly stabilisers: readonly string[];
  /** Hexadecimal SHA-256 of each stabilised archive. */
  readonly stabilised: { readonly published: string; readonly rebuilt: string };
  readonly onlyPublished: readonly string[];
  readonly onlyRebuilt: readonly string[];
  readonly different: readonly string[];
  /** Why they could not be compared in full, or what the published one has that no stabiliser takes away. */
  readonly notes: readonly string[];
}

export interface TraceRebuild {
  /** `done`, or why there is nothing to compare. */
  readonly outcome: "done" | "no-sandbox" | "refused" | "failed";
  readonly because: string;
  /** What confined the package's own code: `bubblewrap`, `unshare`; "" where nothing ran. */
  readonly sandbox: string;
  /** Tools with their versions, and where each version comes from. */
  readonly tools: readonly { readonly name: string; readonly version: string; readonly from: string }[];
  readonly commands: readonly string[];
  readonly sha256: string;
  readonly comparison: ArchiveComparison | null;
  /** The end of what the build printed, where it failed. */
  readonly log: string;
}

export interface Trace {
  readonly purl: string;
  readonly name: string;
  readonly version: string;
  readonly artifact: { readonly source: string; readonly size: number; readonly sha256: string; readonly sha512: string };
  /** In the order of the way. */
  readonly steps: readonly TraceStep[];
  readonly source: TraceSource | null;
  /** Sorted by path; empty where there is no source to hold them against. */
  readonly files: readonly TracedFile[];
  readonly counts: Readonly<Record<FileState, number>>;
  readonly rebuild: TraceRebuild | null;
  /**
   * `traced`: every file is explained and no step is broken. `open`: nothing is wrong, but something is not explained or not known.
   * `broken`: a step contradicts another, or a file contradicts the source.
   */
  readonly verdict: "traced" | "open" | "broken";
  readonly because: readonly string[];
}
