import assert from "node:assert/strict";
import { test } from "node:test";
import type { ProvenanceEvidence, PublisherClaim, RegistryReleaseClaim, ReleaseEvent } from "../../model/index.ts";
import { historyOf, releaseWithHistory } from "../../model/index.ts";
import { ask, inputOf, manifestOf, onlyFinding, releaseOf } from "../testing.ts";
import { attested, claim, learnt, origin } from "../provenance/testing.ts";
import { burst } from "./burst.ts";
import { continuitySignals } from "./signals.ts";
import { newPublisher } from "./new-publisher.ts";
import { publishingPath } from "./publishing-path.ts";
import { suspiciousRelease } from "./suspicious-release.ts";

/** What takes more than linear time does not come back within this at the sizes below; a slow machine does. */
const HANG = 120_000;

const anna: PublisherClaim = { name: "anna", email: "anna@a.example" };
const bert: PublisherClaim = { name: "bert", email: "bert@b.example" };

const event = (version: string, at: string, more: Partial<ReleaseEvent> = {}): ReleaseEvent => ({
  version,
  at,
  publisher: anna,
  trusted: null,
  attested: null,
  key: null,
  commit: null,
  tagged: null,
  repository: null,
  installs: null,
  ...more,
});

/** Monthly releases of line 1, from 1.0.0 on. */
const monthly = (count: number, more: Partial<ReleaseEvent> = {}): ReleaseEvent[] =>
  Array.from({ length: count }, (_, at) => event(`1.${at}.0`, new Date(Date.UTC(2024, at, 3)).toISOString(), more));

const idsOf = (events: readonly ReleaseEvent[], version: string): readonly string[] => {
  const history = historyOf(events, version);
  return history === null ? [] : continuitySignals(history).map(({ id }) => id.slice("continuity/".length));
};

test("a release like those before it has no signal, whatever the order in which they are listed", () => {
  const events = monthly(8, { trusted: true, attested: true, commit: true });
  assert.deepEqual(idsOf(events, "1.7.0"), []);
  assert.deepEqual(historyOf(events.toReversed(), "1.7.0"), historyOf(events, "1.7.0"));
});

test("a token where a workflow published before is told, on the line that had it and on no other", () => {
  const events = [...monthly(6, { trusted: true }), event("1.6.0", "2024-08-01", { trusted: false })];
  assert.deepEqual(idsOf(events, "1.6.0"), ["trusted-lost"]);
  const old = event("0.9.9", "2024-08-01", { trusted: false });
  const line = [event("0.9.7", "2023-01-01", { trusted: false }), event("0.9.8", "2023-02-01", { trusted: false })];
  assert.deepEqual(idsOf([...line, ...monthly(6, { trusted: true }), old], "0.9.9"), []);
});

test("what a mirror leaves out is no signal", () => {
  const silent = event("1.6.0", "2024-08-01", { publisher: null });
  assert.deepEqual(idsOf([...monthly(6, { trusted: true, attested: true, commit: true }), silent], "1.6.0"), []);
});

test("a takeover stays open for years, until somebody from before publishes again", () => {
  const taken = [
    ...monthly(6),
    ...Array.from({ length: 20 }, (_, at) =>
      event(`1.${at + 6}.0`, new Date(Date.UTC(2024, at + 7, 3)).toISOString(), { publisher: bert }),
    ),
  ];
  assert.deepEqual(idsOf(taken, "1.6.0"), ["new-publisher"]);
  assert.deepEqual(idsOf(taken, "1.25.0"), ["open-takeover"]);
  const settled = [...taken, event("1.26.0", "2027-01-01"), event("1.27.0", "2027-02-01", { publisher: bert })];
  assert.deepEqual(idsOf(settled, "1.27.0"), []);
});

test("a newcomer after years of silence is worth a look, a newcomer alone is not", () => {
  const events = [...monthly(6), event("1.6.0", "2027-06-01", { publisher: bert })];
  assert.deepEqual(idsOf(events, "1.6.0"), ["new-publisher", "dormant-return"]);
});

const claimOf = (name: string, version: string, published: string, more: Partial<RegistryReleaseClaim> = {}): RegistryReleaseClaim =>
  releaseOf(manifestOf(name, version), { published, ...more }).claim;

function withHistory(name: string, claims: readonly RegistryReleaseClaim[], version: string): ReturnType<typeof releaseOf> {
  const time = Object.fromEntries(claims.map(({ manifest, published = "" }) => [manifest.version, published]));
  const listing = { time, releases: claims.map((claim) => [claim.manifest.version, claim] as const) };
  const claim = releaseWithHistory(listing, version);
  assert.ok(claim !== null);
  return { ...releaseOf(manifestOf(name, version)), claim };
}

const line = (name: string, count: number, more: Partial<RegistryReleaseClaim> = {}): RegistryReleaseClaim[] =>
  Array.from({ length: count }, (_, at) =>
    claimOf(name, `1.${at}.0`, new Date(Date.UTC(2025, at, 1 + (name.length % 7))).toISOString(), { publisher: anna, ...more }),
  );

test("the rules read a release's history and say which release to stay with", () => {
  const honest = line("kit", 6, { trustedPublisher: "github", commit: "a".repeat(40) });
  const stolen = claimOf("kit", "1.6.0", "2025-08-01T00:00:00Z", { publisher: { name: "anna", email: "anna@mail.example" } });
  const evidence = { releases: [withHistory("kit", [...honest, stolen], "1.6.0")] };
  const project = { packages: { "node_modules/kit": { version: "1.6.0" } } };
  const finding = onlyFinding(ask(publishingPath, project, evidence));
  assert.equal(finding.remedy.command, "tributary review kit@1.5.0 kit@1.6.0");
  assert.match(onlyFinding(ask(newPublisher, project, evidence)).message, /before it was at a\.example/);
  const fused = onlyFinding(ask(suspiciousRelease, project, evidence));
  assert.equal(fused.severity, "high");
  assert.deepEqual(fused.references, ["continuity/trusted-lost", "continuity/new-mail-domain", "continuity/commit-missing"]);
});

test("where the registry names no publishers, nothing is found and the question stays open, once", () => {
  const { publisher: _, ...bare } = claimOf("kit", "1.0.0", "2025-01-01T00:00:00Z");
  const project = { packages: { "node_modules/kit": { version: "1.0.0" } } };
  const evidence = { releases: [withHistory("kit", [bare], "1.0.0")] };
  const publisher = ask(newPublisher, project, evidence);
  assert.deepEqual([publisher.findings.length, publisher.asked, publisher.unanswered.length], [0, 0, 0]);
  const fused = ask(suspiciousRelease, project, evidence);
  assert.deepEqual([fused.findings.length, fused.asked, fused.answered], [0, 1, 0]);
  assert.match(fused.unanswered[0]?.because ?? "", /does not say who published/);
  assert.match(fused.summary ?? "", /told of 0 of 1 releases/);
});

const at = (name: string): RegistryReleaseClaim => claimOf(name, "1.6.0", `2026-01-01T00:0${name.length}:00Z`, { publisher: anna });

test("a worm's packages are found together, a monorepo's are not", () => {
  const names = ["@w/a", "@w/bb", "@w/ccc", "@w/dddd"];
  const project = { packages: Object.fromEntries(names.map((name) => [`node_modules/${name}`, { version: "1.6.0" }])) };
  const worm = names.map((name) => withHistory(name, [...line(name, 6), at(name)], "1.6.0"));
  assert.equal(ask(burst, project, { releases: worm }).findings.length, 4);
  const monorepo = names.map((name) => withHistory(name, [...line("same", 6), at(name)], "1.6.0"));
  assert.deepEqual(ask(burst, project, { releases: monorepo }).findings, []);
});

test("a hundred thousand releases have a history within a second", { timeout: HANG }, () => {
  const many = Array.from({ length: 100_000 }, (_, at) => event(`1.${at}.0`, new Date(at * 60_000).toISOString()));
  assert.equal(historyOf(many, "1.99999.0")?.earlier, 99_999);
});

const released = (zone: string, at: number): ReleaseEvent =>
  event(`1.${at}.0`, `2024-${String(at + 1).padStart(2, "0")}-03T10:00:00${zone}`);

test("somebody who released from one part of the world and does so from another is told, where dates say the zone", () => {
  const east = Array.from({ length: 6 }, (_, at) => released(at % 2 === 0 ? "+08:00" : "+09:00", at));
  assert.deepEqual(idsOf([...east, released("+02:00", 6)], "1.6.0"), ["zone-moved"]);
  assert.deepEqual(idsOf([...east, released("+10:00", 6)], "1.6.0"), []);
  const stranger = { ...released("+02:00", 6), publisher: bert };
  assert.deepEqual(idsOf([...east, stranger], "1.6.0"), ["new-publisher"], "nobody knows his zone");
});

test("a registry's times only say the hour, and only after many releases", () => {
  const at = (count: number, hour: number): ReleaseEvent[] =>
    Array.from({ length: count }, (_, n) => event(`1.${n}.0`, `2024-01-${String(n + 1).padStart(2, "0")}T${hour + (n % 3)}:00:00.000Z`));
  const night = event("1.30.0", "2024-02-01T23:00:00.000Z");
  assert.deepEqual(idsOf([...at(24, 13), night], "1.30.0"), ["hour-moved"]);
  assert.deepEqual(idsOf([...at(12, 13), night], "1.30.0"), []);
  const around = event("1.30.0", "2024-02-01T01:00:00.000Z");
  assert.deepEqual(idsOf([...at(24, 21), around], "1.30.0"), [], "midnight is two hours from one");
});

const tagged = (events: readonly ReleaseEvent[], version: string, tags: Readonly<Record<string, string>>): readonly string[] => {
  const history = historyOf(events, version, tags);
  return history === null ? [] : continuitySignals(history).map(({ id }) => id.slice("continuity/".length));
};

test("the latest that is a trial or older than what was there is told, a backport under its own tag is not", () => {
  const line7 = Array.from({ length: 6 }, (_, at) => event(`7.${at}.0`, `2024-0${at + 1}-05T00:00:00Z`, { trusted: true, attested: true }));
  const line6 = Array.from({ length: 4 }, (_, at) =>
    event(`6.${at}.0`, `2023-0${at + 1}-05T00:00:00Z`, { trusted: false, attested: false }),
  );
  const backport = event("6.3.1", "2024-07-20T00:00:00Z", { trusted: false, attested: false });
  const all = [...line6, ...line7, backport];
  // As semver@6.3.1 was: provenance on line 7, none ever on line 6.
  assert.deepEqual(tagged(all, "6.3.1", { latest: "7.5.0", "latest-6": "6.3.1" }), []);
  assert.deepEqual(tagged(all, "6.3.1", { latest: "6.3.1" }), ["latest-went-back"]);
  const trial = event("7.5.0-rc.1", "2024-05-20T00:00:00Z", { trusted: true, attested: true });
  assert.deepEqual(tagged([...all, trial], "7.5.0-rc.1", { latest: "7.5.0-rc.1" }), []);
  const old = event("7.4.0-rc.9", "2024-08-20T00:00:00Z", { trusted: true, attested: true });
  assert.deepEqual(tagged([...all, old], "7.4.0-rc.9", { latest: "7.4.0-rc.9" }), ["trial-as-latest"]);
  assert.deepEqual(tagged([...all, old], "7.4.0-rc.9", { next: "7.4.0-rc.9" }), []);
});

test("a valid statement from another workflow than the line's counts with what is new around it", () => {
  const honest = line("kit", 6, { trustedPublisher: "github", commit: "a".repeat(40) });
  const stolen = claimOf("kit", "1.6.0", "2026-08-01T00:00:00Z", {
    publisher: { name: "anna", email: "anna@a.example" },
    trustedPublisher: "github",
    commit: "b".repeat(40),
  });
  const input = inputOf(
    { packages: { "node_modules/kit": { version: "1.6.0" } } },
    { releases: [withHistory("kit", [...honest, stolen], "1.6.0")] },
  );
  const refs = (now: string): readonly string[] => {
    const provenance = (): ProvenanceEvidence =>
      origin({ attestations: [attested(claim({ sourceId: now }, { sourceId: now }), "kit", "1.6.0")], expectations: [learnt("1.5.0")] });
    return suspiciousRelease
      .run({ ...input, evidence: { ...input.evidence, provenance } })
      .findings.flatMap(({ references }) => references);
  };
  assert.deepEqual(refs("11"), [], "the same repository");
  // A year's silence alone is no finding; with a repository that has another id it is.
  assert.deepEqual(refs("99"), ["continuity/built-elsewhere", "continuity/dormant-return"]);
});
