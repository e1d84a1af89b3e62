import type { ArchiveHazard } from "../model/index.ts";

/** One entry of an archive. Nothing of it is written to disk, and nothing of it is run. */
export interface ArchiveEntry {
  /** As it stands in the archive, but for its decoding as UTF-8; it may lead anywhere. */
  readonly path: string;
  readonly kind: "file" | "directory" | "symlink" | "hardlink" | "device" | "other";
  /** Bytes, unpacked. */
  readonly size: number;
  /** POSIX mode bits; 0 where the format has none. */
  readonly mode: number;
  /** Target of a link, else "". */
  readonly link: string;
  /** The archive within the archive that holds it (a gem's `data.tar.gz`), "" for the outermost. */
  readonly container: string;
  /**
   * The content, at most `most` bytes (default: the limit on entries that are read whole). Only until the next entry is asked for.
   * `room` gives the bytes in which it may lie, for whoever goes over it and keeps nothing of it; else they are its own.
   * Throws `artifact/limit`, `artifact/truncated`, and `artifact/format` for content that cannot be unpacked.
   */
  readonly bytes: (most?: number, room?: (size: number) => Buffer) => Promise<Buffer>;
}

/** The entries, in the order of the archive; what else is to be said of it is complete when they have all been gone through. */
export interface ArchiveReading extends AsyncIterable<ArchiveEntry> {
  readonly hazards: () => readonly ArchiveHazard[];
  /** False until the end was reached, and for good where a limit or damage stopped the reading. */
  readonly complete: () => boolean;
}
