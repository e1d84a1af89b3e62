import assert from "node:assert/strict";
import { test } from "node:test";
import type { AdvisoryCandidate, OsvAffected, OsvEvent, OsvRecord } from "../../model/index.ts";
import { requireOrder } from "../../versions/index.ts";
import { advisoryBaseOf } from "../../store/advisories-memory.ts";
import { matchEntry } from "./match.ts";

const about = { source: "test", asOf: "2026-01-01T00:00:00Z", ecosystems: ["npm"] };

function candidate(
  entry: Omit<OsvAffected, "package">,
  options: { ecosystem?: string; record?: Partial<OsvRecord> } = {},
): AdvisoryCandidate {
  const ecosystem = options.ecosystem ?? "npm";
  const record: OsvRecord = {
    id: "TEST-1",
    modified: "2026-01-01T00:00:00Z",
    ...options.record,
    affected: [{ package: { ecosystem, name: "a" }, ...entry }],
  };
  const [found] = advisoryBaseOf([record], about).candidates(ecosystem, "a");
  assert.ok(found !== undefined);
  return found;
}

const semver = (...events: readonly OsvEvent[]): Omit<OsvAffected, "package"> => ({ ranges: [{ type: "SEMVER", events }] });
const affects = (entry: AdvisoryCandidate, ...versions: readonly string[]): readonly string[] =>
  versions.filter((version) => matchEntry(entry, version).reasons.length > 0);

const valueOf = (event: OsvEvent): string => event.introduced ?? event.fixed ?? event.last_affected ?? "";

/** The evaluation as the schema writes it down, without any shortcut. */
function evaluate(events: readonly OsvEvent[], version: string): boolean {
  const { compare } = requireOrder("npm");
  const limits = events.flatMap((event) => event.limit ?? []);
  if (limits.length > 0 && !limits.some((limit) => limit === "*" || compare(version, limit) < 0)) return false;
  const sorted = events
    .filter((event) => event.limit === undefined)
    .toSorted((a, b) => (valueOf(a) === "0" ? -1 : valueOf(b) === "0" ? 1 : compare(valueOf(a), valueOf(b))));
  let vulnerable = false;
  for (const event of sorted) {
    if (event.introduced !== undefined && (event.introduced === "0" || compare(version, event.introduced) >= 0)) vulnerable = true;
    if (event.fixed !== undefined && compare(version, event.fixed) >= 0) vulnerable = false;
    if (event.last_affected !== undefined && compare(version, event.last_affected) > 0) vulnerable = false;
  }
  return vulnerable;
}

test("what matches is what the schema's own evaluation says, for any events in any order", () => {
  let state = 7;
  const next = (bound: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 8) % bound;
  };
  const versions = Array.from({ length: 12 }, (_, index) => `${1 + (index >> 2)}.${index & 3}.0`);
  const kinds = ["introduced", "fixed", "last_affected", "limit"] as const;
  let matched = 0;
  for (let round = 0; round < 3000; round += 1) {
    // One event a version: what two on one version mean is a matter of their order, tested below.
    const places = versions.toSorted(() => next(3) - 1).slice(0, 1 + next(5));
    const events: OsvEvent[] = places.map((version) => ({ [kinds[next(kinds.length)] ?? "fixed"]: version }));
    events.splice(next(events.length + 1), 0, { introduced: "0" });
    const entry = candidate(semver(...events));
    for (const version of versions) {
      const expected = evaluate(events, version);
      assert.equal(affects(entry, version).length === 1, expected, `${version} in ${JSON.stringify(events)}`);
      if (expected) matched += 1;
    }
  }
  assert.ok(matched > 3000, "most rounds should match something");
});

test("a reason names the interval that the version lies in, whatever the order of the events", () => {
  const events = [{ fixed: "3.2.0" }, { introduced: "3.0.0" }, { introduced: "0" }, { fixed: "1.5.0" }];
  const { reasons } = matchEntry(candidate(semver(...events)), "3.1.0");
  assert.deepEqual(reasons, [
    { record: "TEST-1", affected: 0, by: { kind: "range", type: "SEMVER", introduced: "3.0.0", fixed: "3.2.0" } },
  ]);
  const [last] = matchEntry(candidate(semver({ introduced: "1.0.0" }, { last_affected: "1.4.0" })), "1.4.0").reasons;
  assert.deepEqual(last?.by, { kind: "range", type: "SEMVER", introduced: "1.0.0", lastAffected: "1.4.0" });
});

test("two events on one version count in the order in which they are listed", () => {
  const goesOn = candidate(semver({ introduced: "0" }, { fixed: "2.0.0" }, { introduced: "2.0.0" }, { fixed: "2.5.0" }));
  assert.deepEqual(affects(goesOn, "1.9.0", "2.0.0", "2.4.0", "2.5.0"), ["1.9.0", "2.0.0", "2.4.0"]);
  const isEmpty = candidate(semver({ introduced: "2.0.0" }, { fixed: "2.0.0" }));
  assert.deepEqual(affects(isEmpty, "1.9.0", "2.0.0", "2.1.0"), []);
});

test("a withdrawn record matches nothing, not even what it enumerates", () => {
  const entry = { ...semver({ introduced: "0" }), versions: ["1.0.0"] };
  assert.deepEqual(affects(candidate(entry, { record: { withdrawn: "2026-02-01T00:00:00Z" } }), "1.0.0"), []);
});

test("enumerated versions match as text, beside the ranges; PyPI's spellings of one version are one", () => {
  assert.deepEqual(affects(candidate({ versions: ["1.0.0", "1.2.0"] }), "1.0.0", "1.0.0-0", "1.0", "1.2.0"), ["1.0.0", "1.2.0"]);
  assert.deepEqual(affects(candidate({ versions: ["1.0.rc1", "2.0"] }, { ecosystem: "PyPI" }), "1.0rc1", "2.0.0", "2.1"), [
    "1.0rc1",
    "2.0.0",
  ]);
  const both = matchEntry(candidate({ ...semver({ introduced: "0" }), versions: ["1.0.0"] }), "1.0.0").reasons;
  assert.deepEqual(
    both.map(({ by }) => by.kind),
    ["versions", "range"],
  );
});

test("GitHub's own bound ends an open range where it excludes, and is passed on where it only says how far was looked", () => {
  const bounded = (bound: string): AdvisoryCandidate =>
    candidate({ ...semver({ introduced: "2.26.11" }), database_specific: { last_known_affected_version_range: bound } });
  assert.deepEqual(affects(bounded("< 3.0.0"), "2.26.11", "2.99.0", "3.0.0", "4.1.0"), ["2.26.11", "2.99.0"]);
  const [beyond] = matchEntry(bounded("<= 3.0.0"), "4.1.0").reasons;
  assert.deepEqual(beyond?.by, { kind: "range", type: "SEMVER", introduced: "2.26.11", lastKnown: "<= 3.0.0" });
  const fixed = { ...semver({ introduced: "0" }, { fixed: "5.0.0" }), database_specific: { last_known_affected_version_range: "< 3.0.0" } };
  assert.deepEqual(affects(candidate(fixed), "4.0.0"), ["4.0.0"]);
});

test("a version that cannot be placed is undecided, unless no comparison is needed", () => {
  const needed = matchEntry(candidate(semver({ introduced: "1.0.0" }, { fixed: "2.0.0" })), "latest");
  assert.deepEqual(needed.reasons, []);
  assert.match(needed.undecided ?? "", /latest/);
  assert.equal(matchEntry(candidate(semver({ introduced: "0" })), "latest").reasons.length, 1);
  const elsewhere = matchEntry(
    candidate({ ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "1" }] }] }, { ecosystem: "Nowhere" }),
    "2",
  );
  assert.match(elsewhere.undecided ?? "", /Nowhere/);
});

test("Go's versions are the same with and without their v, and a range for GIT says nothing about versions", () => {
  const entry = candidate(semver({ introduced: "0" }, { fixed: "1.2.3" }), { ecosystem: "Go" });
  assert.deepEqual(affects(entry, "v1.2.2", "1.2.2", "v1.2.3", "v0.0.0-20200101000000-abcdefabcdef"), [
    "v1.2.2",
    "1.2.2",
    "v0.0.0-20200101000000-abcdefabcdef",
  ]);
  const git = candidate({ ranges: [{ type: "GIT", repo: "https://example.org/a", events: [{ introduced: "0" }] }] });
  assert.deepEqual(matchEntry(git, "1.0.0"), { reasons: [] });
});
