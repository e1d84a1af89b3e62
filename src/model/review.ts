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
import type { TracedFile, TraceSource } from "./trace.ts";

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
  /** Where both were built, as far as it is proved. */
  readonly origin: OriginDifference;
  /** What in the new release is not in its source. */
  readonly source: SourceDifference;
  readonly files: readonly FileDifference[];
  /** Statements of others on exactly this difference. */
  readonly statements: readonly ReviewStatement[];
}

/** One thing that a valid statement of provenance says of a release. */
export interface OriginFact {
  /** `repository`, `workflow`, `builder`, `runner`, `ref`, `trigger`, `issuer`, `owner`. */
  readonly about: string;
  readonly value: string;
}

/** Where two releases were built, by statements that were verified. */
export interface OriginDifference {
  /** null where nothing is proved of that side. */
  readonly before: readonly OriginFact[] | null;
  readonly after: readonly OriginFact[] | null;
  /** What is not as it was; names of what changed with old and new. */
  readonly changes: readonly { readonly about: string; readonly before: string; readonly now: string }[];
  /** Statements that were refused, and why; and why nothing is known where nothing is. */
  readonly refused: readonly string[];
  readonly because: string;
}

/**
 * Files of the new release that its source does not have, or has otherwise. Built packages always have some, so that the news is what the
 * release before did not have outside its own source.
 */
export interface SourceDifference {
  /** "" where it was held against its source, else why not and how it could be. */
  readonly because: string;
  /** Whose word it is that this is its repository, where the user did not name one. */
  readonly repositoryBy?: "provenance" | "registry" | "package";
  readonly source: TraceSource | null;
  /** Of the release before; null where only the new one's was found: then nothing can be said to be new. */
  readonly before: TraceSource | null;
  /** Not in the source, or other than in it, and not so before. */
  readonly news: readonly TracedFile[];
  /** Outside the source now and before. */
  readonly asBefore: number;
  /** In the source as they are, or as packing changes them. */
  readonly inSource: number;
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
