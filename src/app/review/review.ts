/**
 * What one release changes against another, as a careful reviewer wants to see it. Both sides are read once for their facts; what differs is read
 * again for its lines, so that no more than one side's differing files are held at once.
 *
 *     side, side ─> facts ─> change ─┐
 *                   history ─────────┼─> fused verdict ─> review
 *     differing files ─> lines ──────┘
 */
import { basename, dirname, resolve } from "node:path";
import { statSync } from "node:fs";
import { comparePackages } from "../../checks/behaviour/analysis/compare.ts";
import { packageFacts } from "../../checks/behaviour/analysis/files-package.ts";
import { type FactsKeeper, keeper } from "../../checks/behaviour/analysis/files.ts";
import { originSignals, sourceSignals } from "../../checks/continuity/signals.ts";
import { fuse, newDependencies, youngDependencySignals } from "../../checks/fusion.ts";
import { readProject } from "../../inventory/index.ts";
import {
  byCodeUnit,
  Fault,
  firstReleaseAt,
  type ChangedFile,
  type Component,
  type FileDifference,
  type PackageChange,
  type PackageFacts,
  type Review,
  type ReviewStatement,
  type ReviewVerdict,
  type Signal,
  sha256,
  isUnavailable,
} from "../../model/index.ts";
import { orderOf } from "../../versions/index.ts";
import type { Sources } from "../npm-evidence.ts";
import { whoseCommits } from "./committers.ts";
import { hunksOf } from "./diff.ts";
import { originDifference } from "./origin.ts";
import { AUTO, openRepositories } from "./repository.ts";
import { lazySources, openSide, type ReviewSide, type SideOptions } from "./sides.ts";
import { sourceDifference } from "./source.ts";
import { statementsOn } from "./statements.ts";
import { compareProjects } from "../since.ts";
import { projectAt } from "../since-git.ts";
import { releaseTagSignals } from "../tags.ts";

export interface ReviewOptions extends SideOptions {
  /** A clone of the package's repository, its address, or `auto` for the one that is proved or named: what is in the release and not in it is looked for. */
  readonly git?: string;
  readonly onNote?: (note: string) => void;
}

export type ReviewCase = (wanted: ReviewWanted, options: ReviewOptions) => Promise<readonly Review[]>;

export type ReviewWanted =
  | { readonly kind: "pair"; readonly before: string; readonly after: string }
  /** Every component that a project's files exchange for another release since a revision. */
  | { readonly kind: "since"; readonly revision: string; readonly path: string };

/** A file whose lines are compared: beyond, nobody reads it line by line. */
const LARGEST_TEXT = 512 * 1024;
/** Files whose lines are compared, in all; the rest is named with its size. */
const MOST_FILES = 2_000;
/** Bytes of both sides that are compared line by line in all: some hundred thousand lines, which nobody reads either. */
const MOST_TEXT = 16 * 1024 * 1024;
/** Files of the new side whose facts are kept in case that it has the same bytes again: copies lie side by side. */
const KEPT_FILES = 64;
/** Lines longer than this are no source that a person reads. */
const LONGEST_LINE = 5_000;

/** One review for a pair; for `since` one for each exchanged component, by name. Throws the faults of reading either side. */
export const review: ReviewCase = async (wanted, options) => {
  const sources = lazySources(options);
  const repositories = openRepositories({ ...options, bounded: options.git === AUTO });
  try {
    const pairs = wanted.kind === "pair" ? [wanted] : await pairsSince(wanted.revision, wanted.path, options);
    const reviews: Review[] = [];
    for (const { before, after } of pairs) {
      options.signal?.throwIfAborted();
      try {
        const right = await openSide(after, options, sources.open);
        const left = await openSide(before, options, sources.open, right);
        const origin = await originDifference(left, right, sources.open, options);
        const commitOf = (facts: typeof origin.after): string => facts?.find(({ about }) => about === "commit")?.value ?? "";
        const { difference: source, commits } = await sourceDifference(
          left,
          right,
          {
            attested: (title) => commitOf(title === right.title ? origin.after : origin.before),
            proved: origin.after,
            repositories,
            ...pick(options),
          },
          options,
        );
        const python = right.purl.startsWith("pkg:pypi/");
        const born = async (name: string): Promise<string> =>
          python ? await firstOnIndex(name, await sources.open(), options) : await firstRelease(name, await sources.open(), options);
        const { release } = right;
        const moved =
          release === undefined || python
            ? []
            : releaseTagSignals(release, (await sources.open()).registry.document(release.name), options);
        const around: Around = { ...pick(options), origin, source, born, commits, moved, statements: await statementsOn(options) };
        reviews.push(await reviewSides(left, right, around));
      } catch (error) {
        // One release that cannot be had must not hide what is in the others.
        if (wanted.kind === "pair" || !(error instanceof Fault)) throw error;
        options.onNote?.(`${before} -> ${after} could not be reviewed: ${error.message}`);
      }
    }
    return reviews;
  } finally {
    await repositories.close();
    await sources.close();
  }
};

async function pairsSince(revision: string, path: string, options: ReviewOptions): Promise<readonly { before: string; after: string }[]> {
  const { cwd, onNote } = options;
  const project = await readProject(path, { cwd });
  const folder = resolve(cwd, path);
  const at = statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true ? folder : dirname(folder);
  const before = await projectAt(revision, project, { path: at, ...options });
  const change = compareProjects(before.project, project, byVersion);
  const names = new Map([...before.project.components, ...project.components].map((component) => [component.purl, component]));
  const pairs: { before: string; after: string }[] = [];
  for (const { from, to } of change.changed) {
    const [left, right] = [names.get(from), names.get(to)];
    if (left === undefined || right === undefined) continue;
    const scheme = left.ecosystem === "npm" ? "" : left.ecosystem === "PyPI" ? "pypi:" : null;
    if (scheme !== null && left.origin.kind === "registry" && right.origin.kind === "registry")
      pairs.push({ before: `${scheme}${left.name}@${left.version}`, after: `${scheme}${right.name}@${right.version}` });
    else onNote?.(`${from} -> ${to} was not reviewed: only what npm's registry and Python's package indexes publish is fetched`);
  }
  for (const purl of change.added) onNote?.(`${purl} is new to the project: there is no release before it to compare with`);
  return pairs;
}

function byVersion(a: Component, b: Component): number {
  const order = orderOf(a.ecosystem);
  if (order === null || !order.valid(a.version) || !order.valid(b.version)) return byCodeUnit(a.version, b.version);
  return order.compare(a.version, b.version);
}

const pick = ({ git, onNote }: ReviewOptions): Pick<ReviewOptions, "git" | "onNote"> => ({
  ...(git === undefined ? {} : { git }),
  ...(onNote === undefined ? {} : { onNote }),
});

/** When a package's first release came out, by the registry that is configured for it; "" where it does not say. */
async function firstRelease(name: string, { registry }: Sources, { signal }: ReviewOptions): Promise<string> {
  try {
    await registry.releases(name, []);
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof Fault)) throw error;
    return "";
  }
  const document = registry.document(name);
  return document === null ? "" : firstReleaseAt(document);
}

/** The same by the Python package index that is asked where nobody names another. */
async function firstOnIndex(name: string, { pypi, pypiConfig }: Sources, { signal }: ReviewOptions): Promise<string> {
  const indexes = pypiConfig.indexes();
  const index = isUnavailable(indexes) ? undefined : indexes[0];
  if (index === undefined) return "";
  try {
    await pypi.releases(index, name, []);
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof Fault)) throw error;
    return "";
  }
  const document = pypi.document(index, name);
  return document === null ? "" : firstReleaseAt(document);
}

export interface Around extends Pick<Review, "origin" | "source">, Pick<ReviewOptions, "onNote"> {
  readonly born: (name: string) => Promise<string>;
  /** Of the commits between them in their source. */
  readonly commits: readonly Signal[];
  /** Of the registry's names that were moved to the new release since they were last seen here. */
  readonly moved: readonly Signal[];
  /** Those that are known, of which the ones on this difference are shown. */
  readonly statements: (difference: string) => readonly ReviewStatement[];
}

/** Nobody was asked about anything but the contents. */
const nothingAround: Around = {
  origin: { before: null, after: null, changes: [], refused: [], because: "Not asked." },
  source: { because: "Not asked.", source: null, before: null, news: [], asBefore: 0, inSource: 0 },
  born: () => Promise.resolve(""),
  commits: [],
  moved: [],
  statements: () => [],
};

/** Two sides whose files were read, what the one changes against the other, and what is said of it. */
export interface Judged {
  readonly left: PackageFacts;
  readonly right: PackageFacts;
  readonly change: PackageChange;
  readonly verdict: ReviewVerdict;
}

/** The verdict on two sides that are open, without the lines that differ. `kept`: what other sides had before is read once as well as what both have. */
export async function judgeSides(
  before: ReviewSide,
  after: ReviewSide,
  around: Around = nothingAround,
  kept?: FactsKeeper,
): Promise<Judged> {
  const [left, right] = await factsOfBoth(before, after, kept);
  const compared = comparePackages(left, right);
  const change = {
    ...compared,
    before: { ...compared.before, version: compared.before.version || before.title },
    after: { ...compared.after, version: compared.after.version || after.title },
  };
  const more = [
    ...(await commitSignals(before, after, around)),
    ...originSignals(around.origin),
    ...sourceSignals(around.source),
    ...around.moved,
    ...(await youngOnes(change, after, around)),
  ];
  return { left, right, change, verdict: fuse(change, after.history, more) };
}

/** Reviews two sides that are open. */
export async function reviewSides(before: ReviewSide, after: ReviewSide, around: Around = nothingAround): Promise<Review> {
  const { name, difference, change, verdict } = await concluded(before, after, around);
  return {
    package: name === "" ? basename(after.title) : name,
    before: { title: before.title, sha256: before.sha256 },
    after: { title: after.title, sha256: after.sha256 },
    difference,
    verdict,
    change,
    history: after.history,
    historyBecause: after.historyBecause,
    origin: around.origin,
    source: around.source,
    files: await differences(before, after, change),
    statements: around.statements(difference),
  };
}

/** What is said of the two without the facts of all their files: those can be let go before the lines are read. */
async function concluded(
  before: ReviewSide,
  after: ReviewSide,
  around: Around,
): Promise<Pick<Judged, "change" | "verdict"> & { readonly name: string; readonly difference: string }> {
  const { left, right, change, verdict } = await judgeSides(before, after, around);
  return { name: right.name, difference: differenceHash(left, right), change, verdict };
}

/** Asked only where the release's own time is known: by it the dependency's age is told. */
async function youngOnes(change: PackageChange, { history }: ReviewSide, { born }: Around): Promise<readonly Signal[]> {
  const at = history?.self.at ?? "";
  if (at === "") return [];
  const known = new Map<string, string>();
  for (const name of newDependencies(change)) known.set(name, await born(name));
  return youngDependencySignals(change, at, (name) => known.get(name) ?? "");
}

/** Of two revisions of one repository; where both sides are releases, those of their source. */
async function commitSignals({ revision: from }: ReviewSide, { revision: to }: ReviewSide, around: Around): Promise<readonly Signal[]> {
  if (from === undefined || to === undefined || from.root !== to.root) return around.commits;
  return await whoseCommits(to.root, from.commit, to.commit, around.onNote === undefined ? {} : { onNote: around.onNote });
}

/** What was kept of the old side only for the new one's sake is let go with it. */
async function factsOfBoth(
  before: ReviewSide,
  after: ReviewSide,
  kept?: FactsKeeper,
): Promise<readonly [left: PackageFacts, right: PackageFacts]> {
  const old = kept ?? keeper();
  const left = await factsOf(before, old);
  return [left, await factsOf(after, kept ?? keeper(KEPT_FILES, old), left)];
}

const factsOf = async (side: ReviewSide, kept: FactsKeeper, like?: PackageFacts): Promise<PackageFacts> =>
  await packageFacts(side.purl, side.entries(), { unread: side.unread, kept, ...(like === undefined ? {} : { like }) });

/** What a statement about this step is about: every file's path, mode and content on either side, whoever packed it and when. */
function differenceHash(before: PackageFacts, after: PackageFacts): string {
  const [left, right] = [new Set(fileLines(before)), new Set(fileLines(after))];
  const gone = [...left].filter((line) => !right.has(line)).map((line) => `-${line}`);
  const come = [...right].filter((line) => !left.has(line)).map((line) => `+${line}`);
  return sha256([...gone, ...come].toSorted(byCodeUnit).join(""));
}

const fileLines = ({ files }: PackageFacts): string[] =>
  files.map(({ path, executable, facts }) => `${facts.sha256} ${executable ? "x" : "-"} ${JSON.stringify(path)}\n`);

async function differences(before: ReviewSide, after: ReviewSide, { files, news }: PackageChange): Promise<readonly FileDifference[]> {
  const chosen = chooseFiles(files, new Set(news.map(({ file }) => file)));
  const old = await textsOf(before, new Set([...chosen].map(oldPath)));
  const byPath = new Map([...chosen].map((change) => [change.path, change]));
  const hunks = new Map<string, FileDifference["hunks"]>();
  // The new side's texts are let go one by one: only the old side's are held.
  for await (const { path, bytes } of after.entries((one) => byPath.has(one))) {
    const change = byPath.get(path);
    if (change === undefined) continue;
    const left = change.kind === "added" ? "" : (old.get(oldPath(change)) ?? null);
    const right = textOf(bytes);
    if (left === null || right === null) hunks.delete(path);
    else hunks.set(path, hunksOf(left, right));
  }
  return files.map((change): FileDifference => {
    const { path, kind } = change;
    if (kind === "removed") return { path, change, hunks: [], because: "It is gone." };
    if (!chosen.has(change))
      return { path, change, hunks: [], because: "There is more than is compared line by line; it has no evidence in it." };
    const found = hunks.get(path);
    if (found !== undefined) return { path, change, hunks: found, because: "" };
    return { path, change, hunks: [], because: "It is binary, or too large or too dense to be read line by line." };
  });
}

/** Those with evidence in them first, until there is more than anybody would read. */
function chooseFiles(files: readonly ChangedFile[], telling: ReadonlySet<string>): ReadonlySet<ChangedFile> {
  const there = files.filter(({ kind }) => kind !== "removed");
  const chosen = new Set<ChangedFile>();
  let bytes = 0;
  for (const change of [...there.filter(({ path }) => telling.has(path)), ...there.filter(({ path }) => !telling.has(path))]) {
    // What is too large to be read by lines costs nothing, and says so itself.
    const size = Math.min(change.bytesBefore, LARGEST_TEXT) + Math.min(change.bytesAfter, LARGEST_TEXT);
    if (chosen.size >= MOST_FILES || bytes + size > MOST_TEXT) continue;
    bytes += size;
    chosen.add(change);
  }
  return chosen;
}

const oldPath = ({ kind, movedFrom, path }: ChangedFile): string => (kind === "added" ? "" : movedFrom === "" ? path : movedFrom);

/** The texts of some files; null for what is no text that a person reads. */
async function textsOf(side: ReviewSide, paths: ReadonlySet<string>): Promise<ReadonlyMap<string, string | null>> {
  const texts = new Map<string, string | null>();
  if (paths.size === 0) return texts;
  for await (const { path, bytes } of side.entries((one) => paths.has(one))) texts.set(path, textOf(bytes));
  return texts;
}

const textOf = (bytes: Uint8Array): string | null =>
  bytes.length > LARGEST_TEXT || bytes.includes(0)
    ? null
    : readable(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8"));

function readable(text: string): string | null {
  for (let at = 0; at < text.length;) {
    const end = text.indexOf("\n", at);
    if ((end < 0 ? text.length : end) - at > LONGEST_LINE) return null;
    at = end < 0 ? text.length : end + 1;
  }
  return text;
}
