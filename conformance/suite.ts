/** A suite holds us against one archive of test data that others wrote. One file in `suites/`, one line in `suites.ts`. */
export interface CaseResult {
  /** Unique in its suite and stable, so that `known.json` can name it. */
  readonly name: string;
  /** `skipped`: the archive does not hold all that the case needs. Skipped is never passed. */
  readonly outcome: "passed" | "failed" | "skipped";
  /** For a failure: what was expected and what came. For a skip: what is missing. */
  readonly detail?: string;
}

export interface Suite {
  readonly name: string;
  /** Name of the archive, without `.tar.gz`; "" where the suite brings its own data along. */
  readonly archive: string;
  /** Instead of an archive: a folder of `data`, which lies beside the folder of archives. */
  readonly data?: string;
  /** Other archives that it needs, unpacked beside its own: `join(folder, "..", name)`. */
  readonly beside?: readonly string[];
  /** Gets the folder into which the archive was unpacked (outside the repository; may be read only). */
  readonly run: (folder: string) => Iterable<CaseResult> | AsyncIterable<CaseResult>;
}
