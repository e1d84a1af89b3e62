/** What the commits between two releases say of who makes them: whose share of the work rises, and into which parts somebody newly reaches. */
import { committerSignals } from "../../checks/continuity/committers.ts";
import { reachCandidates, reachSignals, type Work } from "../../checks/continuity/reach.ts";
import { Fault, type Signal } from "../../model/index.ts";
import type { GitOptions } from "../../sources/git-run.ts";
import { commitsBetween } from "../../sources/git-tags.ts";
import { filesAt, workBetween, workOf } from "../../sources/git-work.ts";

export interface CommittersOptions extends GitOptions {
  readonly onNote?: (note: string) => void;
}

/**
 * Of one repository, from one commit to another (by full id). A history that cannot be read (a clone that has not all of it, one that takes too long) costs
 * these signals, not the review, and is said.
 */
export async function whoseCommits(folder: string, from: string, to: string, options: CommittersOptions = {}): Promise<readonly Signal[]> {
  try {
    return await signalsBetween(folder, from, to, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!(error instanceof Fault)) throw error;
    options.onNote?.(`who made the commits between ${from.slice(0, 12)} and ${to.slice(0, 12)} is not known: ${error.message}`);
    return [];
  }
}

async function signalsBetween(folder: string, from: string, to: string, options: GitOptions): Promise<readonly Signal[]> {
  const { all, range } = await commitsBetween(folder, from, to, options);
  const input = { all, range: await workBetween(folder, from, to, options), files: await filesAt(folder, from, options) };
  const past = new Map<string, readonly Work[]>();
  for (const author of reachCandidates(input)) past.set(author, await workOf(folder, author, from, options));
  return [...committerSignals(all, range), ...reachSignals({ ...input, past: (author) => past.get(author) ?? [] })];
}
