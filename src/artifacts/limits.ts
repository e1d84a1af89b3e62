/** What is taken in of one artifact. Each bound is far above what honest packages need and far below what would hurt the machine. */
export interface ArchiveLimits {
  /** Entries. The largest packages of npm hold some tens of thousands of files. */
  readonly entries: number;
  /** Bytes of all entries, unpacked. The largest prebuilt binaries on npm, PyPI and Maven stay below half of it. */
  readonly unpackedBytes: number;
  /** Unpacked by packed bytes, once `DENSE_AFTER_BYTES` are out. Source text packs 3 to 30 times, DEFLATE's best is 1,032. */
  readonly ratio: number;
  /** Bytes of one path: PATH_MAX of Linux, so nothing longer could be unpacked there anyway. */
  readonly pathBytes: number;
  /** Folders within each other: deeper trees break the tools that walk them. */
  readonly depth: number;
  /** Bytes of one entry that is read into memory as a whole. */
  readonly entryBytes: number;
}

export const archiveLimits: ArchiveLimits = {
  entries: 250_000,
  unpackedBytes: 2 * 1024 ** 3,
  ratio: 250,
  pathBytes: 4_096,
  depth: 256,
  entryBytes: 64 * 1024 ** 2,
};

/** A few megabytes of zeros are no bomb: the ratio counts from here on. */
export const DENSE_AFTER_BYTES: number = 16 * 1024 ** 2;
