/**
 * A tabletop exercise on a user's own graph: what happens to a package, what follows from that and when, and which questions the people in
 * the room have to answer. The figures come from the engine; the answers are left to the room.
 */
import type { GraphDescription } from "./exposure.ts";

/** `compromised`: a malicious release is out. `gone`: it cannot be had any more. `vulnerable`: a flaw is known, a fix is out. */
export type DrillEvent = "compromised" | "gone" | "vulnerable";

export interface DrillStep {
  /** `09:00`, `day 7`: the exercise's own clock. */
  readonly at: string;
  /** What is told to the room, sentences with figures in them. */
  readonly told: readonly string[];
  /** What the room must answer before the clock goes on. */
  readonly questions: readonly string[];
}

/** Who is hit at which distance, nearest first. */
export interface DrillWave {
  readonly steps: number;
  readonly packages: number;
  readonly soFar: number;
}

export interface Drill {
  readonly schemaVersion: "1.0";
  readonly title: string;
  readonly graph: GraphDescription;
  readonly event: DrillEvent;
  readonly packages: readonly string[];
  /** Seats at the table: what somebody is to do, never who somebody is. */
  readonly roles: readonly { readonly role: string; readonly duty: string }[];
  readonly steps: readonly DrillStep[];
  readonly waves: readonly DrillWave[];
  /** Ways from what is hit down to the package, for the wall. */
  readonly paths: readonly (readonly string[])[];
  /** What is written down at the end. */
  readonly afterwards: readonly string[];
  readonly assumptions: readonly string[];
}
