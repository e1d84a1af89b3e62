/**
 * Is this version affected? The evaluation of the OSV schema (https://ossf.github.io/osv-schema/#evaluation), entry by entry, with the reason
 * that a reader can follow by hand: enumerated here, or at or after `introduced` and before the `fixed` that follows.
 *
 *     affected = the version is enumerated, or lies in a range
 *     in a range = before one of its limits, and the last event at or before the version is `introduced`
 */
import type { AdvisoryCandidate, MatchReason, OsvEvent, OsvRange } from "../../model/index.ts";
import { Fault, baseEcosystem } from "../../model/index.ts";
import { type Order, orderOf } from "../../versions/index.ts";

/** What became of one entry: it matches for these reasons, or could not be judged, or (neither) does not match. */
export interface EntryMatch {
  readonly reasons: readonly MatchReason[];
  /** Why a range could not be judged; undefined where all could. Enumerated versions are always judged. */
  readonly undecided?: string;
}

/** SemVer 2.0, for `SEMVER` ranges of ecosystems that have no order of their own. */
const semverOrder = (): Order | null => orderOf("npm");

/** Judges one entry for one version. Withdrawn records match nothing. Never throws for odd versions: that is `undecided`. */
export function matchEntry(candidate: AdvisoryCandidate, version: string): EntryMatch {
  if (candidate.withdrawn) return { reasons: [] };
  const wanted = plainVersion(candidate.ecosystem, version);
  const reasons: MatchReason[] = [];
  let undecided: string | undefined;
  const place = { record: candidate.id, affected: candidate.affected };
  if (listed(candidate, wanted)) reasons.push({ ...place, by: { kind: "versions" } });
  const own = orderOf(candidate.ecosystem);
  for (const range of candidate.ranges) {
    try {
      const by = inRange(range, wanted, own ?? (range.type === "SEMVER" ? semverOrder() : null), candidate);
      if (by !== null) reasons.push({ ...place, by });
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      undecided = error.message;
    }
  }
  return undecided === undefined || reasons.length > 0 ? { reasons } : { reasons, undecided };
}

/** Go's tools write `v1.2.3`, OSV writes `1.2.3`. */
function plainVersion(ecosystem: string, version: string): string {
  return ecosystem === "Go" && /^v\d/.test(version) ? version.slice(1) : version;
}

/**
 * The schema compares enumerated versions as text. PyPI alone publishes one release under several spellings (`1.0rc1`, `1.0.rc1`), and a
 * lockfile may use another one than the record: there the order decides what is equal.
 */
function listed(candidate: AdvisoryCandidate, version: string): boolean {
  if (candidate.lists(version)) return true;
  if (baseEcosystem(candidate.ecosystem) !== "PyPI") return false;
  const order = orderOf("PyPI");
  if (order === null || !order.valid(version)) return false;
  return candidate.versions().some((other) => order.valid(other) && order.compare(other, version) === 0);
}

type RangeReason = Extract<MatchReason["by"], { readonly kind: "range" }>;

/** Why the version lies in the range, or null. Throws `version/*` where events and version cannot be compared. */
function inRange(range: OsvRange, version: string, order: Order | null, candidate: AdvisoryCandidate): RangeReason | null {
  if (range.type === "GIT") return null;
  const type = range.type;
  const compare = (a: string, b: string): number => {
    if (order === null) {
      throw new Fault("version/unknown-ecosystem", `the order of versions of ${candidate.ecosystem} is not known`);
    }
    return order.compare(a, b);
  };
  const limits = range.events.map((event) => event.limit).filter((limit) => limit !== undefined);
  if (limits.length > 0 && !limits.some((limit) => limit === "*" || compare(version, limit) < 0)) return null;
  const events = sortEvents(range.events, compare);
  let introduced: string | null = null;
  let end = 0;
  for (const [index, event] of events.entries()) {
    if (event.introduced !== undefined) {
      if (event.introduced !== "0" && compare(event.introduced, version) > 0) break;
      introduced ??= event.introduced;
    } else if (event.fixed !== undefined) {
      if (compare(event.fixed, version) > 0) break;
      introduced = null;
    } else if (event.last_affected !== undefined) {
      if (compare(event.last_affected, version) >= 0) break;
      introduced = null;
    }
    end = index + 1;
  }
  if (introduced === null) return null;
  const closing = events.slice(end).find((event) => event.fixed !== undefined || event.last_affected !== undefined);
  const reason = { kind: "range", type, introduced } as const;
  if (closing?.fixed !== undefined) return { ...reason, fixed: closing.fixed };
  if (closing?.last_affected !== undefined) return { ...reason, lastAffected: closing.last_affected };
  return openEnd(reason, candidate.lastKnown, version, compare);
}

/**
 * A range without an end. GitHub writes one where no release in the registry cures the flaw, and keeps its own bound beside it:
 * `< 3.0.0` is where the flaw ends (the cure went elsewhere, or the line was left), so it ends the range; `<= 1.2.1` only says how far
 * it was looked, so the range stays open and the reason carries the word.
 */
function openEnd(reason: RangeReason, lastKnown: string, version: string, compare: (a: string, b: string) => number): RangeReason | null {
  const bound = /^(<=?) *(\S+)$/.exec(lastKnown.trim());
  const limit = bound?.[2];
  if (limit === undefined) return reason;
  if (bound?.[1] === "<" && compare(version, limit) >= 0) return null;
  return { ...reason, lastKnown };
}

const versionOf = (event: OsvEvent): string => event.introduced ?? event.fixed ?? event.last_affected ?? "0";
const isStart = (event: OsvEvent): boolean => event.introduced === "0";

/** By the range's own order; `introduced: "0"` first; events on one version as they are listed. */
function sortEvents(events: readonly OsvEvent[], compare: (a: string, b: string) => number): readonly OsvEvent[] {
  const bounded = events.filter((event) => event.limit === undefined);
  if (bounded.length < 2) return bounded;
  return bounded.toSorted((a, b) => {
    if (isStart(a) || isStart(b)) return Number(isStart(b)) - Number(isStart(a));
    return compare(versionOf(a), versionOf(b));
  });
}
