/** A benchmark measures us beside a peer on the same work in one run. One file in this folder, one line in `benches.ts`. */
export interface BenchRow {
  /** What was done: "inventory + SBOM, 1,601 entries". */
  readonly work: string;
  /** `tributary`, or the peer's name and version. */
  readonly who: string;
  /** Named figures with their unit in the name: `userSeconds`, `peakMebibytes`, `perSecond`. Medians. */
  readonly figures: Readonly<Record<string, number>>;
  /** The goal that the figure is held against, in words, where there is one. */
  readonly goal?: string;
  readonly met?: boolean;
  readonly note?: string;
}

export interface BenchContext {
  /** A scratch folder of this run, outside the repository. */
  readonly scratch: string;
  /** Folder with the conformance archives, or "" where it is not there. */
  readonly conformance: string;
  readonly data: string;
}

export interface Bench {
  readonly name: string;
  readonly title: string;
  readonly run: (context: BenchContext) => Promise<readonly BenchRow[]>;
}
