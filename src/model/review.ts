/**
 * What a review of one release against the one before it concludes, and the statement in which somebody stands by having looked.
 *
 *     PackageChange + ReleaseHistory -> Signal[] -> ReviewVerdict
 *
 * A signal is one observation with the share of honest releases that show it too. Signals of one family are often the same thing seen twice,
 * so a family counts once, by its rarest signal; families add up.
 */
import type { ChangedFile, PackageChange, Spot } from "./behaviour.ts";
import type { ReleaseHistory } from "./continuity.ts";

/** Kinds of signals that come about independently of each other, or nearly. */
export type SignalFamily = "method" | "publisher" | "return" | "hook" | "dependency" | "hiding" | "capability" | "source" | "cadence";

export const signalFamilies: Readonly<Record<SignalFamily, { readonly title: string; readonly content: boolean }>> = {
  method: { title: "how it was published", content: false },
  publisher: { title: "who published it", content: false },
  return: { title: "a return after a long silence", content: false },
  hook: { title: "what runs by itself", content: true },
  dependency: { title: "what it depends on", content: true },
  hiding: { title: "what it hides from readers", content: true },
  capability: { title: "what it can do", content: true },
  source: { title: "what it says of its source", content: false },
  cadence: { title: "the rhythm of releases", content: false },
};

export interface Signal {
  /** `continuity/trusted-lost`, `behaviour/new-capability`: what the table of rates in the documentation names. */
  readonly id: string;
  readonly family: SignalFamily;
  /** One sentence with the facts in it. */
  readonly message: string;
  /** Share of honest releases (0 to 1) with this signal. */
  readonly rate: number;
  /** Where in the new release; "" where it is about no file. */
  readonly file: string;
  readonly spots: readonly Spot[];
}

export type ReviewWord = "block" | "review" | "note" | "nothing";

export interface ReviewVerdict {
  readonly verdict: ReviewWord;
  /** One sentence: why. */
  readonly because: string;
  /** Bits of surprise: how rare honest releases with this combination would be if families were independent; to one place. */
  readonly bits: number;
  readonly families: readonly SignalFamily[];
  /** The few that carry the verdict, the rarest first. */
  readonly reasons: readonly Signal[];
  /** All others. */
  readonly context: readonly Signal[];
}

/** The lines of a changed file as the reader compares them. */
export interface FileDifference {
  readonly path: string;
  readonly change: ChangedFile;
  readonly hunks: readonly Hunk[];
  /** Why lines are missing (too large, binary, minified), "" where none are. */
  readonly because: string;
}

export interface Hunk {
  readonly beforeLine: number;
  readonly afterLine: number;
  readonly lines: readonly { readonly kind: "same" | "added" | "removed"; readonly text: string }[];
}

/** Everything that a careful reviewer wants of one step from one release to the next. */
export interface Review {
  /** As its ecosystem writes it; the file's name where it names itself nowhere. */
  readonly package: string;
  readonly before: { readonly title: string; readonly sha256: string };
  readonly after: { readonly title: string; readonly sha256: string };
  /** Hexadecimal SHA-256 over the changed files' paths and hashes: what a statement is about. */
  readonly difference: string;
  readonly verdict: ReviewVerdict;
  readonly change: PackageChange;
  /** null where nobody told what came before (two files, a mirror that leaves it out): `historyBecause` says why. */
  readonly history: ReleaseHistory | null;
  readonly historyBecause: string;
  readonly files: readonly FileDifference[];
  /** Statements of others on exactly this difference. */
  readonly statements: readonly ReviewStatement[];
}

/** Somebody looked at one difference, by these criteria, and stands by it. */
export interface ReviewStatement {
  readonly package: string;
  readonly from: string;
  readonly to: string;
  /** `Review.difference`. */
  readonly difference: string;
  readonly criteria: readonly string[];
  readonly result: "accepted" | "refused";
  readonly reviewer: string;
  readonly note: string;
  /** ISO 8601: when it was said, and until when it is to be believed. */
  readonly at: string;
  readonly expires: string;
}
