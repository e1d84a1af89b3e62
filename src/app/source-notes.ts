/** The attestations that a repository keeps in its notes. */
import { readSourceNote, type SourceNote, type SourceTrackOptions } from "../attestation/index.ts";
import type { GitOptions } from "../sources/git.ts";
import { gitNotes } from "../sources/git-refs.ts";

/** The notes that are attestations, by commit. Notes are used for many things; attestations are JSON, a line each. */
export async function attestedNotes(folder: string, git: GitOptions): Promise<ReadonlyMap<string, string>> {
  const notes = await gitNotes(folder, undefined, git);
  return new Map(notes.filter(({ text }) => text.startsWith("{")).map(({ commit, text }) => [commit, text]));
}

/** Verified, those of the commits of a line. */
export function readNotes(
  line: readonly string[],
  texts: ReadonlyMap<string, string>,
  options: SourceTrackOptions,
): ReadonlyMap<string, SourceNote> {
  return new Map(
    line.flatMap((commit) => (texts.has(commit) ? [[commit, readSourceNote(commit, texts.get(commit) ?? "", options)] as const] : [])),
  );
}
