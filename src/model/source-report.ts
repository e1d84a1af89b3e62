/** How a branch was kept, by what its repository's notes attest (SLSA Source track). */
export type SourceLevelNumber = 0 | 1 | 2 | 3 | 4;

export interface SourceRange {
  readonly level: SourceLevelNumber;
  /** The newest and the oldest commit of it. */
  readonly newest: string;
  readonly oldest: string;
  readonly commits: number;
}

export interface SourceReport {
  /** The repository as its remote names it, or the folder's name. */
  readonly repository: string;
  /** `refs/heads/main`; "" where a commit was named. */
  readonly branch: string;
  readonly tip: string;
  /** Of the tip: what its own summary says and what its line bears out; 0 where that is nothing. */
  readonly level: SourceLevelNumber;
  /** `git`: the first parents behind the tip. `attestations`: the commits that the notes name, since this clone does not have them. */
  readonly line: "git" | "attestations";
  /** Commits that were looked at. */
  readonly walked: number;
  /** Commits from the tip on that are attested without a gap, and the last of them. */
  readonly unbroken: number;
  readonly since: string;
  /** Lowest level along them. */
  readonly lowest: SourceLevelNumber;
  /** Neighbours of one level, newest first. */
  readonly ranges: readonly SourceRange[];
  readonly gaps: readonly { readonly commit: string; readonly kind: string; readonly says: string }[];
  /** Attestations that are not believed, and why. */
  readonly refused: readonly { readonly commit: string; readonly line: number; readonly code: string; readonly message: string }[];
  /** Who vouches for the levels, and for how many commits. */
  readonly attesters: readonly { readonly verifier: string; readonly signer: string; readonly commits: number }[];
}
