/**
 * What the commits behind a release say of who does the work. A patient attacker is no newcomer any more when he strikes: two years after his first commit
 * he made nearly all of them, and had made none of those before. So both are asked: how much was made by people who are new, and whether
 * one person who made next to nothing of the long past makes most of it now.
 */
import type { Signal } from "../../model/index.ts";
import { continuitySignal } from "./signals.ts";

/** Who (whatever tells people apart) and when, in seconds since 1970. Without merges and bots. */
export type Commit = readonly [author: string, at: number];

/** Fewer commits say nothing of who makes them. */
const FEWEST_COMMITS = 5;
const YEAR_SECONDS = 365 * 24 * 3600;
/** What is older than this is the long past: the xz attack took two years from the first commit to the first prepared release. */
const LONG_PAST = 2 * YEAR_SECONDS;
/** Commits of the long past that are needed to say whose they are. */
const FEWEST_PAST = 20;
/** Shares: of the commits of now, and of the long past. */
const MOST_OF_NOW = 0.5;
const LITTLE_OF_PAST = 0.05;

/** `all`: everything that leads to the release; `range`: what of it came since the release before. */
export function committerSignals(all: readonly Commit[], range: readonly Commit[]): readonly Signal[] {
  if (range.length < FEWEST_COMMITS) return [];
  let [begin, end] = [Number.POSITIVE_INFINITY, 0];
  const first = new Map<string, number>();
  for (const [author, at] of all) {
    first.set(author, Math.min(first.get(author) ?? at, at));
    begin = Math.min(begin, at);
    end = Math.max(end, at);
  }
  // In a project that is itself younger than a year everybody is new.
  if (end - begin < YEAR_SECONDS) return [];
  const signals: Signal[] = [];
  const young = range.filter(([author]) => end - (first.get(author) ?? end) < YEAR_SECONDS).length;
  if (young * 2 >= range.length)
    signals.push(
      continuitySignal(
        "continuity/young-majority",
        `${young} of its ${range.length} commits are by people whose first commit is less than a year old.`,
      ),
    );
  const past = all.filter(([, at]) => end - at > LONG_PAST);
  const counts = new Map<string, number>();
  for (const [author] of range) counts.set(author, (counts.get(author) ?? 0) + 1);
  const [who, most] = [...counts].reduce((best, one) => (one[1] > best[1] ? one : best), ["", 0] as const);
  const before = past.filter(([author]) => author === who).length;
  if (past.length >= FEWEST_PAST && most >= MOST_OF_NOW * range.length && before <= LITTLE_OF_PAST * past.length)
    signals.push(
      continuitySignal(
        "continuity/share-rises",
        `${most} of its ${range.length} commits are by one person, who made ${before} of the ${past.length} of more than two years ago.`,
      ),
    );
  return signals;
}
