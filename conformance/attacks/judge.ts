/** The review that a user gets of two releases about which nobody tells anything: the suites judge by it and by nothing else. */
import { type Judged, judgeSides } from "../../src/app/review/review.ts";
import { type ReviewSide, archiveSide, none } from "../../src/app/review/sides.ts";
import type { ArchiveKind } from "../../src/artifacts/index.ts";
import type { PackageEntry } from "../../src/checks/behaviour/analysis/files-package.ts";
import type { FactsKeeper } from "../../src/checks/behaviour/analysis/files.ts";
import type { ReviewVerdict, ReviewWord } from "../../src/model/index.ts";

const untold = none("Nobody was asked.");

/** Files as one side of a review. `title` stands for the version where the files say none. */
export function sideOfFiles(title: string, files: Iterable<PackageEntry>): ReviewSide {
  const all = [...files];
  return {
    title,
    purl: "",
    sha256: "",
    // oxlint-disable-next-line require-await -- a side is gone through as if it came from afar
    entries: async function* entries() {
      yield* all;
    },
    unread: [],
    ...untold,
  };
}

export const sideOfArchive = (title: string, bytes: Uint8Array, kind: ArchiveKind): ReviewSide =>
  archiveSide(bytes, kind, { title, purl: "", ...untold });

export const judge = async (before: ReviewSide, after: ReviewSide, kept?: FactsKeeper): Promise<Judged> =>
  await judgeSides(before, after, undefined, kept);

/** Whether somebody is asked to look. */
export const isFlagged = (word: ReviewWord): boolean => word === "block" || word === "review";

/** The verdict and what carries it, in a line. */
export const told = ({ verdict, bits, because, reasons }: ReviewVerdict): string =>
  `${verdict} at ${bits} bits: ${because}${reasons.length === 0 ? "" : ` ${reasons.map(({ message }) => message).join(" ")}`}`;
