/**
 * Against which release before it each component is compared. Three know it: the revision that `--since` names, the last check of this
 * project on this machine, and the registry's document. The first two are exchanges in the user's own hands and are always compared; by the
 * registry's word everything has a release before it, and fetching all of those would double what a check fetches, so that by itself only what is
 * young is compared: a malicious release that has lain there for longer is known to the advisories.
 */
import type { Component, Evidence, RegistryReleaseClaim, Unavailable } from "../model/index.ts";
import { byCodeUnit, isUnavailable } from "../model/index.ts";

/** How far comparisons by the registry's word go: `days` is the oldest age of a release; null for all of them. */
export type Compare = { readonly kind: "none" } | { readonly kind: "recent"; readonly days: number } | { readonly kind: "all" };

/**
 * Of the catalogued malicious releases of npm the one that was found last (event-stream with flatmap-stream, 2018) had lain there for 72
 * days; nearly all were found within two.
 */
export const RECENT_DAYS = 90;
/**
 * By the registry's word: releases that one check compares, and their bytes (by the size of the release itself), so that a cold check of some
 * thousand components fetches at most a fifth more. Youngest first; programs for a dozen machines wait until the others have had their turn.
 */
const MOST_FETCHED = 200;
const MOST_FETCHED_BYTES = 64 * 1024 * 1024;
const SHARE_OF_ONE = MOST_FETCHED_BYTES / 16;
/** An update of everything at once in the largest projects. */
const MOST_PAIRS = 10_000;

export interface Pair {
  readonly component: Component;
  /** Version of the release before it. */
  readonly before: string;
  readonly by: "revision" | "check" | "registry";
}

export interface PairsInput {
  /** Those that are asked about. */
  readonly components: readonly Component[];
  readonly release: (purl: string) => Evidence<RegistryReleaseClaim> | Unavailable;
  /** Compressed size of the release's own tarball, or of the file that stands for it, in bytes; 0 where it is not known. */
  readonly size: (purl: string) => number;
  /**
   * ISO 8601: when the file that stands for a release came out, where that is not when the release did: files may be added to a release of Python's for
   * years. undefined where nobody says so.
   */
  readonly uploaded?: (purl: string) => string | undefined;
  /** By purl: the version whose place it takes since the revision. */
  readonly since: ReadonlyMap<string, string>;
  /** By purl: the version that the last check of the project saw in its place. */
  readonly seen: ReadonlyMap<string, string>;
  readonly compare: Compare;
  /** Compared before, so that nothing needs to be fetched: what was found out must not vanish because a release has grown older. */
  readonly kept: (component: Component, before: string) => boolean;
}

/** Why a component is not compared, in words that finish "not asked about N that …". Such an answer is never taken for a fine one. */
const left = (because: string): Unavailable => ({ unavailable: true, code: "not-compared", because });
/** The same of what a wider check would compare. */
const spared = (because: string): Unavailable => ({ ...left(because), cure: "tributary check --behaviour all" });

const because = {
  foreign: left("are no releases of npm's registry or of a Python package index"),
  first: left("are the first release of their package"),
  off: spared("were not to be compared"),
  age: spared("came out at a time that the registry does not say"),
  many: spared(`go beyond the ${MOST_FETCHED} releases or ${MOST_FETCHED_BYTES / 1024 / 1024} MiB that a check fetches for this`),
} as const;

const old = (days: number): Unavailable => spared(`came out more than ${days} days ago`);

/** The pairs to compare, and for every other component why not. */
export function choosePairs(input: PairsInput): { readonly pairs: readonly Pair[]; readonly others: ReadonlyMap<string, Unavailable> } {
  const pairs: Pair[] = [];
  const others = new Map<string, Unavailable>();
  const young: Young[] = [];
  const { compare } = input;
  const tooOld = compare.kind === "recent" ? old(compare.days) : because.off;
  for (const component of input.components) {
    const { purl } = component;
    if (!fetched(component)) {
      others.set(purl, because.foreign);
      continue;
    }
    const exchanged = input.since.get(purl) ?? input.seen.get(purl);
    if (exchanged !== undefined && compare.kind !== "none") {
      pairs.push({ component, before: exchanged, by: input.since.has(purl) ? "revision" : "check" });
      continue;
    }
    const release = input.release(purl);
    if (isUnavailable(release)) {
      others.set(purl, release);
      continue;
    }
    const before = release.claim.history?.before?.version;
    const pair: Pair | null = before === undefined ? null : { component, before, by: "registry" };
    if (pair === null) others.set(purl, because.first);
    else if (compare.kind === "none") others.set(purl, because.off);
    else if (compare.kind === "all") pairs.push(pair);
    else {
      // A mirror may give the time at which it fetched a release: what is old even so is old.
      const age = Date.parse(release.observedAt) - Date.parse(input.uploaded?.(purl) ?? release.claim.published ?? "");
      if (age <= compare.days * DAY) young.push({ pair, age, large: input.size(purl) > SHARE_OF_ONE });
      else if (input.kept(component, pair.before)) pairs.push(pair);
      else others.set(purl, Number.isNaN(age) ? because.age : tooOld);
    }
  }
  let bytes = 0;
  let count = 0;
  for (const { pair } of young.toSorted(firstToLook)) {
    const { component, before } = pair;
    const size = input.size(component.purl);
    // What is kept counts as well: a second check compares what the first did.
    if (count < MOST_FETCHED && bytes + size <= MOST_FETCHED_BYTES) {
      count++;
      bytes += size;
    } else if (!input.kept(component, before)) {
      others.set(component.purl, because.many);
      continue;
    }
    pairs.push(pair);
  }
  for (const { component } of pairs.splice(MOST_PAIRS))
    others.set(component.purl, left(`go beyond the ${MOST_PAIRS} that a check compares`));
  return { pairs: pairs.toSorted((a, b) => byCodeUnit(a.component.purl, b.component.purl)), others };
}

interface Young {
  readonly pair: Pair;
  /** Milliseconds. */
  readonly age: number;
  readonly large: boolean;
}

const firstToLook = (a: Young, b: Young): number =>
  Number(a.large) - Number(b.large) || a.age - b.age || byCodeUnit(a.pair.component.purl, b.pair.component.purl);

const DAY = 24 * 60 * 60 * 1000;

const fetched = ({ ecosystem, origin, version }: Component): boolean =>
  (ecosystem === "npm" || ecosystem === "PyPI") && origin.kind === "registry" && version !== "";

/** Releases that came for others, paired from the highest down; only where the newer one came. By purl. */
export function replacements(
  components: readonly Component[],
  replaced: ReadonlyMap<string, readonly string[]>,
  keyOf: (component: Component) => string,
  order: (ecosystem: string) => (a: string, b: string) => number,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [key, own] of Map.groupBy(components, keyOf)) {
    const before = replaced.get(key) ?? [];
    const now = new Set(own.map(({ version }) => version));
    const compare = order(own[0]?.ecosystem ?? "");
    const gone = before
      .filter((version) => !now.has(version))
      .toSorted(compare)
      .toReversed();
    const come = own.filter(({ version }) => !before.includes(version)).toSorted((a, b) => compare(b.version, a.version));
    for (const [at, { purl, version }] of come.entries()) {
      const old = gone[at];
      if (old !== undefined && compare(old, version) < 0) found.set(purl, old);
    }
  }
  return found;
}
