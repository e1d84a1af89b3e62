/**
 * Where in a project somebody newly works: his reach. Build files, continuous integration, release scripts and binary files among tests are where a patient
 * attacker has to come to in the end, and where others were until then. What is new to the whole project is nobody's reach
 * into somebody else's part, and whoever made much of the project has its parts anyway.
 */
import type { Signal } from "../../model/index.ts";
import type { Commit } from "./committers.ts";
import { continuitySignal } from "./signals.ts";

/** One commit and what it touched. */
export interface Work {
  readonly author: string;
  /** Seconds since 1970. */
  readonly at: number;
  readonly paths: readonly string[];
}

export interface ReachInput {
  /** Everything that leads to the release, and what of it came since the release before: without merges and bots. */
  readonly all: readonly Commit[];
  readonly range: readonly Work[];
  /** The files that the release before had. */
  readonly files: readonly string[];
  /** What one of the `reachCandidates` did until the release before. */
  readonly past: (author: string) => readonly Work[];
}

type Part = "build files" | "continuous integration" | "release scripts" | "binary test data";

/** Parts that decide what a release is made of, by path. Manifests that every new dependency touches are none. */
const parts: readonly (readonly [Part, RegExp])[] = [
  [
    "continuous integration",
    /^(?:\.github\/(?:workflows|actions)\/|\.gitlab-ci|\.circleci\/|\.travis\.yml|\.?appveyor|azure-pipelines|Jenkinsfile|\.buildkite\/|\.woodpecker|\.drone\.yml|\.cirrus\.yml)/i,
  ],
  [
    "release scripts",
    /(?:^|\/)(?:release|publish|deploy|sign)[\w.-]*\.(?:sh|bash|py|[cm]?[jt]s|rb|pl)$|(?:^|\/)(?:RELEASING|\.goreleaser|\.release-it)[\w.]*$/i,
  ],
  [
    "build files",
    /\.(?:m4|am|ac|mk|cmake|gypi?|bzl|gradle)$|(?:^|\/)(?:gnumakefile|makefile(?:\.in)?|configure(?:\.in)?|cmakelists\.txt|meson(?:_options)?\.(?:build|txt)|build\.rs|setup\.py|rakefile|sconstruct|autogen\.sh|bootstrap(?:\.sh)?)$/i,
  ],
  [
    "binary test data",
    /(?:^|\/)(?:tests?|testing|testdata|test-data|spec|fixtures)\/(?:.*\/)?[^/]+\.(?:xz|lzma|gz|bz2|zst|zip|tar|bin|dat|o|so|a|dll|exe|pyc|class|jar|wasm)$/i,
  ],
];

export const partOf = (path: string): Part | null => parts.find(([, pattern]) => pattern.test(path))?.[0] ?? null;

/** Fewer commits of a release say nothing of who makes it. */
const FEWEST_COMMITS = 5;
const YEAR_SECONDS = 365 * 24 * 3600;
/** In a newcomer's first commit into a part nobody sees a habit. */
const FEWEST_TOUCHES = 2;
/** New parts that are told at once; one is, where his work has spread over the whole project besides. */
const FEWEST_PARTS = 2;
const SPREAD = 3;
/** Who made more of the project than this has its parts anyway. */
const OWN_SHARE = 0.2;
/** People whose past is looked at, those who touched most of these parts first. */
const MOST_CANDIDATES = 8;

/** Of whom the past has to be known. */
export function reachCandidates({ all, range, files }: Pick<ReachInput, "all" | "range" | "files">): readonly string[] {
  if (range.length < FEWEST_COMMITS || isYoung(all)) return [];
  const there = partsIn(files);
  const before = all.length - range.length;
  const touches = new Map<string, number>();
  for (const { author, paths } of range) if (paths.some((path) => isIn(there, path))) touches.set(author, (touches.get(author) ?? 0) + 1);
  const own = new Map<string, number>();
  for (const [author] of all) own.set(author, (own.get(author) ?? 0) + 1);
  const inRange = new Map<string, number>();
  for (const { author } of range) inRange.set(author, (inRange.get(author) ?? 0) + 1);
  const share = (author: string): number => ((own.get(author) ?? 0) - (inRange.get(author) ?? 0)) / Math.max(1, before);
  return [...touches]
    .filter(([author, count]) => count >= FEWEST_TOUCHES && share(author) < OWN_SHARE)
    .toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : a > b ? 1 : 0))
    .slice(0, MOST_CANDIDATES)
    .map(([author]) => author);
}

/** Names nobody: what is told is how long somebody is there, how much he did, and which parts are new to him. */
export function reachSignals(input: ReachInput): readonly Signal[] {
  const there = partsIn(input.files);
  return reachCandidates(input).flatMap((author): readonly Signal[] => {
    const past = input.past(author);
    const known = partsIn(past.flatMap(({ paths }) => paths));
    const now = input.range.filter((work) => work.author === author);
    const touched = new Map<Part, number>();
    for (const { paths } of now)
      for (const part of new Set(paths.flatMap((path) => partOf(path) ?? []))) touched.set(part, (touched.get(part) ?? 0) + 1);
    const news = parts.flatMap(([part]): readonly (readonly [Part, number])[] => {
      const times = touched.get(part) ?? 0;
      return there.has(part) && !known.has(part) && times >= FEWEST_TOUCHES ? [[part, times]] : [];
    });
    const [was, is] = [topsIn(past), topsIn(now)];
    const spread = [...is].filter((top) => !was.has(top)).length;
    const spreads = past.length > 0 && spread >= SPREAD && spread >= was.size;
    if (news.length === 0 || (news.length < FEWEST_PARTS && !spreads)) return [];
    const who =
      past.length === 0
        ? "Somebody without a commit before it"
        : `A committer with ${count(past.length, "commit")} since ${yearOf(Math.min(...past.map(({ at }) => at)))}`;
    const told = news.map(([part, times]) => `${part} (${count(times, "commit")})`).join(" and ");
    const wide = spreads ? `, and in ${spread} top-level parts of the project besides the ${was.size} of before` : "";
    return [continuitySignal("continuity/reach-grows", `${who} newly works in ${told}, which only others touched until then${wide}.`)];
  });
}

const partsIn = (paths: readonly string[]): ReadonlySet<Part> => new Set(paths.flatMap((path) => partOf(path) ?? []));

function isIn(there: ReadonlySet<Part>, path: string): boolean {
  const part = partOf(path);
  return part !== null && there.has(part);
}

const topsIn = (works: readonly Work[]): ReadonlySet<string> =>
  new Set(works.flatMap(({ paths }) => paths.flatMap((path) => (path.includes("/") ? [path.slice(0, path.indexOf("/"))] : []))));

/** In a project that is itself younger than a year everything is new to everybody. */
function isYoung(all: readonly Commit[]): boolean {
  let [begin, end] = [Number.POSITIVE_INFINITY, 0];
  for (const [, at] of all) {
    begin = Math.min(begin, at);
    end = Math.max(end, at);
  }
  return end - begin < YEAR_SECONDS;
}

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? "" : "s"}`;
const yearOf = (seconds: number): number => new Date(seconds * 1000).getUTCFullYear();
