/** How a branch was kept: reads the attestations in a repository's notes, verifies them, and walks the branch along them. */
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import {
  readSourceNote,
  type SourceCommit,
  type SourceNote,
  type SourceTrackOptions,
  type SourceVerifier,
  type TrustRoot,
  walkSource,
} from "../attestation/index.ts";
import { repositoryKey } from "../checks/provenance/repository.ts";
import { byCodeUnit, Fault, type SourceRange, type SourceReport } from "../model/index.ts";
import { gitCommit, gitRoot, type GitOptions } from "../sources/git.ts";
import { gitClone, gitFirstParents, gitHeadBranch, gitIsShallow, gitOrigin } from "../sources/git-refs.ts";
import { userFolders } from "../store/folders.ts";
import { attestedNotes, readNotes } from "./source-notes.ts";
import { openTrust } from "./trust.ts";

export interface SourceOptions {
  /** A folder with a repository, or an address. */
  readonly where: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A branch, or a commit. Not given: what HEAD is. */
  readonly branch?: string;
  /** Look no further back than this revision, which is itself not looked at. */
  readonly since?: string;
  /** Who may vouch, in place of the SLSA project's own workflows. */
  readonly verifiers?: readonly SourceVerifier[];
  readonly offline?: boolean;
  readonly signal?: AbortSignal;
  /** For tests: the roots, in place of those that hold here. */
  readonly root?: TrustRoot;
}

/** Commits that are looked at: some years of a busy branch, some seconds of work. */
const MOST_COMMITS = 10_000;

/** Throws `git/failed` for what is no repository, branch or commit, and `source/offline`. Returns the report, and what the user should be told. */
export async function sourceTrack(options: SourceOptions): Promise<{ readonly report: SourceReport; readonly notes: readonly string[] }> {
  const { where, cwd, signal } = options;
  const git: GitOptions = signal === undefined ? {} : { signal };
  const folder = resolve(cwd, where);
  if ((await stat(folder).catch(() => null))?.isDirectory() === true) return await readTrack(folder, options, git);
  if (options.offline === true)
    throw new Fault("source/offline", `${where} is no folder here, and fetching it needs the network.`, {
      hint: "Clone it first with its notes, and name the folder.",
    });
  const into = await mkdtemp(join(tmpdir(), "tributary-source-"));
  try {
    await gitClone(where, into, git);
    return await readTrack(into, options, git);
  } finally {
    await rm(into, { recursive: true, force: true });
  }
}

async function readTrack(folder: string, options: SourceOptions, git: GitOptions): ReturnType<typeof sourceTrack> {
  const name = (await gitOrigin(folder, git)) || basename(folder);
  const texts = await attestedNotes(folder, git);
  const notes: string[] = [];
  if (texts.size === 0)
    notes.push("there are no attestations in refs/notes/commits; a clone has them only after: git fetch origin refs/notes/*:refs/notes/*");
  const track: SourceTrackOptions = {
    root: options.root ?? openTrust(userFolders(options.env).data).root,
    ...(options.verifiers === undefined ? {} : { verifiers: options.verifiers }),
  };
  const asked = options.branch ?? (await gitHeadBranch(folder, git));
  if (asked === "" && (await gitRoot(folder, git)) === null) throw new Fault("git/failed", `${folder} is no git repository.`);
  if (asked === "") throw new Fault("git/failed", "HEAD is no branch here.", { hint: "--branch NAME, or a commit" });
  const found = await lineOf(folder, asked, texts, track, git);
  const { line, base } = await until(folder, found.line, options.since, git);
  if (found.kind === "git" && (await gitIsShallow(folder, git)))
    notes.push("the clone is shallow: what lies further back is not known here");
  const read = found.notes ?? readNotes(line, texts, track);
  const repository = repositoryKey(name);
  const walk = walkSource(line, read, {
    ...(found.branch === "" ? {} : { branch: found.branch }),
    ...(repository === "" ? {} : { repositories: [repository] }),
    // What was asked for is looked at to its end.
    ...(base === "" ? {} : { stopAfter: Number.POSITIVE_INFINITY }),
  });
  const inside = (commit: string): boolean => commit !== base;
  const commits = walk.commits.filter(({ commit }) => inside(commit));
  const unbroken = Math.min(walk.unbroken, commits.length);
  const levels = commits.slice(0, unbroken).map(({ level }) => level);
  return {
    notes,
    report: {
      repository: name,
      branch: found.branch,
      tip: walk.tip,
      level: unbroken === 0 ? 0 : walk.stated,
      line: found.kind,
      walked: commits.length,
      unbroken,
      since: commits[unbroken - 1]?.commit ?? "",
      lowest: levels.length === 0 ? 0 : (Math.min(...levels) as SourceReport["lowest"]),
      ranges: rangesOf(commits),
      gaps: walk.gaps.filter(({ commit }) => inside(commit)),
      refused: commits.flatMap(({ commit }) =>
        (read.get(commit)?.records ?? []).flatMap(({ line: at, refusal }) =>
          refusal === undefined ? [] : [{ commit, line: at, ...refusal }],
        ),
      ),
      attesters: attestersOf(commits),
    },
  };
}

interface Line {
  readonly kind: SourceReport["line"];
  readonly line: readonly string[];
  /** "" where a commit was named. */
  readonly branch: string;
  readonly notes?: ReadonlyMap<string, SourceNote>;
}

async function lineOf(
  folder: string,
  asked: string,
  texts: ReadonlyMap<string, string>,
  track: SourceTrackOptions,
  git: GitOptions,
): Promise<Line> {
  // A commit that only the notes know: their own line is followed, and said to be theirs.
  const isId = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(asked);
  const commit = await gitCommit(folder, asked, git).catch((error: unknown) => {
    if (isId && texts.has(asked)) return null;
    throw error;
  });
  if (commit === null) return { kind: "attestations", branch: "", ...attestedLine(asked, texts, track) };
  const line = await gitFirstParents(folder, commit, MOST_COMMITS, git);
  return { kind: "git", line, branch: isId ? "" : asked.startsWith("refs/") ? asked : `refs/heads/${asked.replace(/^origin\//, "")}` };
}

function attestedLine(
  tip: string,
  texts: ReadonlyMap<string, string>,
  track: SourceTrackOptions,
): { readonly line: readonly string[]; readonly notes: ReadonlyMap<string, SourceNote> } {
  const notes = new Map<string, SourceNote>();
  for (let commit = tip; commit !== "" && !notes.has(commit) && notes.size < MOST_COMMITS;) {
    const text = texts.get(commit);
    if (text === undefined) break;
    const note = readSourceNote(commit, text, track);
    notes.set(commit, note);
    commit =
      note.records.find(({ states, refusal, previous }) => states === "provenance" && refusal === undefined && previous !== "")?.previous ??
      "";
  }
  return { line: [...notes.keys()], notes };
}

/** The line up to a revision, and that revision at its end: what comes before it is what the last commit's provenance must name. */
async function until(
  folder: string,
  line: readonly string[],
  since: string | undefined,
  git: GitOptions,
): Promise<{ readonly line: readonly string[]; readonly base: string }> {
  if (since === undefined) return { line, base: "" };
  const base = line.includes(since) ? since : await gitCommit(folder, since, git);
  const at = line.indexOf(base);
  if (at === -1)
    throw new Fault("git/failed", `${since} is not on the line of first parents behind the branch.`, {
      hint: "Either it was never on it, or the branch was moved (a force-push): leave --since out to see the gaps.",
    });
  return { line: line.slice(0, at + 1), base };
}

function rangesOf(commits: readonly SourceCommit[]): readonly SourceRange[] {
  const ranges: SourceRange[] = [];
  for (const { commit, level } of commits) {
    const last = ranges.at(-1);
    if (last === undefined || last.level !== level) ranges.push({ level, newest: commit, oldest: commit, commits: 1 });
    else ranges[ranges.length - 1] = { ...last, oldest: commit, commits: last.commits + 1 };
  }
  return ranges;
}

function attestersOf(commits: readonly SourceCommit[]): SourceReport["attesters"] {
  const found = new Map<string, { verifier: string; signer: string; commits: number }>();
  for (const { verifier, signer } of commits) {
    if (signer === "") continue;
    const name = `${verifier}\n${signer}`;
    const one = found.get(name);
    if (one === undefined) found.set(name, { verifier, signer, commits: 1 });
    else one.commits++;
  }
  return [...found.values()].toSorted((a, b) => b.commits - a.commits || byCodeUnit(a.signer, b.signer));
}
