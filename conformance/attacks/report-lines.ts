/** Lines of the report: counts with Wilson's intervals. */
import type { ReviewWord } from "../../src/model/index.ts";
import { isFlagged } from "./judge.ts";
import { wilson } from "./variants.ts";

/** `hits/all (low–high %)` at 95 %. */
export function share(hits: number, all: number): string {
  const [low, high] = wilson(hits, all);
  return `${hits}/${all} (${(low * 100).toFixed(0)}–${(high * 100).toFixed(0)} %)`;
}

/** What is flagged, that is at `review` or `block`, and what is blocked, of attacks of these verdicts. */
export function attackLine(name: string, words: readonly ReviewWord[]): string {
  const flagged = words.filter(isFlagged).length;
  const blocked = words.filter((word) => word === "block").length;
  return `${name.padEnd(42)} flagged ${share(flagged, words.length)}, blocked ${share(blocked, words.length)}`;
}

/** What is asked about and what is blocked of honest changes of these verdicts: false alarms of the two kinds. */
export function honestLine(name: string, words: readonly ReviewWord[]): string {
  const blocked = words.filter((word) => word === "block").length;
  const review = words.filter(isFlagged).length - blocked;
  return `${name.padEnd(42)} review ${share(review, words.length)}, block ${share(blocked, words.length)}`;
}
