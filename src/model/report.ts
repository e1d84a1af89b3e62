import type { Finding, Unanswered } from "./finding.ts";
import type { Project } from "./project.ts";
import type { BuildLevel } from "./provenance.ts";
import type { QuestionId } from "./questions.ts";

/** What the policy makes of one finding. */
export type Effect = "block" | "review" | "note" | "ignored";

export interface JudgedFinding extends Finding {
  readonly effect: Effect;
  /** Present with `ignored`, and with an ignore that has run out (then the effect is what it would be without). */
  readonly ignore?: { readonly reason: string; readonly expires: string; readonly expired: boolean };
  /** The direct dependencies (name@version) that bring the subject in, sorted; empty where the subject is the project. */
  readonly through: readonly string[];
  /** Shortest ways to it, at most five, and how many there are in all. */
  readonly paths: readonly (readonly string[])[];
  readonly pathCount: number;
}

export type VerdictWord = "pass" | "review" | "block";

export interface Verdict {
  readonly verdict: VerdictWord;
  /** One sentence: why. */
  readonly because: string;
  readonly counts: Readonly<Record<Effect, number>>;
  readonly unanswered: readonly Unanswered[];
}

/** One line of the report: what became of one of the eight questions. */
export interface Answer {
  readonly question: QuestionId;
  readonly title: string;
  /** `asked`: judged, wholly or in part. `not-asked`: no check of this question exists yet, or the policy turned all of them off. */
  readonly state: "asked" | "not-asked";
  /** `pass` only where nothing was found and nothing is unanswered. */
  readonly outcome: VerdictWord | "unknown" | "not-asked";
  readonly sentence: string;
  /** Subjects judged, of those asked about. */
  readonly answered: number;
  readonly asked: number;
  readonly findings: number;
}

/** A command that can be copied, and what it would do: "cures 12 of 30 findings". */
export interface NextStep {
  readonly command: string;
  readonly why: string;
}

export interface Report {
  readonly tool: { readonly name: "tributary"; readonly version: string };
  readonly project: Project;
  readonly verdict: Verdict;
  readonly answers: readonly Answer[];
  /** Worst first, then by subject and rule. */
  readonly findings: readonly JudgedFinding[];
  /** One to three commands that would help most. */
  readonly next: readonly NextStep[];
  /** What this report rests on, with its age: advisory base, registry documents, policy file. */
  readonly basis: {
    readonly policy: string;
    readonly advisories: { readonly source: string; readonly records: number; readonly asOf: string } | null;
    /** Observation times of the oldest and the newest evidence, ISO 8601, or "" where there is none. */
    readonly oldest: string;
    readonly newest: string;
    readonly offline: boolean;
    /** On whose word signatures were verified; absent where none was. Times are ISO 8601, "" where the root does not say. */
    readonly trust?: readonly {
      readonly source: string;
      readonly date: string;
      /** After this its publisher no longer vouches for it: it does not know what was withdrawn since. */
      readonly expires: string;
    }[];
  };
  /**
   * The SLSA Build level of each component whose origin was asked about, in the project's order; null where it is not known. Absent where
   * the policy turned the question off.
   */
  readonly levels?: readonly {
    readonly purl: string;
    readonly level: BuildLevel | null;
    /** The verifier by whose word it is so, where it is not by a verification of ours. */
    readonly word?: string;
  }[];
  /** With `--since REV`: only what changed against it is in the findings. */
  readonly since?: {
    readonly revision: string;
    readonly added: readonly string[];
    readonly removed: readonly string[];
    readonly changed: readonly { readonly from: string; readonly to: string }[];
  };
}
