import assert from "node:assert/strict";
import { test } from "node:test";
import type { AdvisoryClaim, Component, Evidence, OsvRecord } from "../../model/index.ts";
import { advisoryBaseOf } from "../../store/advisories-memory.ts";
import { matchComponent } from "./merge.ts";
import { levelOf, loadScorer } from "./severity.ts";

const score = await loadScorer();
const modified = "2026-01-01T00:00:00Z";

const component = (version: string, more: Partial<Component> = {}): Component => ({
  purl: `pkg:npm/a@${version}`,
  ecosystem: "npm",
  name: "a",
  version,
  origin: { kind: "registry" },
  ...more,
});

const record = (id: string, fixed: string | undefined, more: Partial<OsvRecord> = {}): OsvRecord => ({
  id,
  modified,
  affected: [
    {
      package: { ecosystem: "npm", name: "a" },
      ranges: [{ type: "SEMVER", events: [{ introduced: "0" }, ...(fixed === undefined ? [] : [{ fixed }])] }],
    },
  ],
  ...more,
});

const match = (records: readonly OsvRecord[], what: Component = component("1.0.0")): readonly Evidence<AdvisoryClaim>[] =>
  matchComponent(advisoryBaseOf(records, { source: "test", asOf: modified, ecosystems: ["npm"] }), what, score).found;
const claims = (...parameters: Parameters<typeof match>): readonly AdvisoryClaim[] => match(...parameters).map(({ claim }) => claim);

test("records that share an alias, even through a third, are one flaw under GitHub's id", () => {
  const [claim, ...others] = claims([
    record("PYSEC-1", "2.0.0", { aliases: ["CVE-2026-1"] }),
    record("GHSA-aaaa", "2.0.0", { aliases: ["CVE-2026-1", "CVE-2026-2"] }),
    record("OTHER-9", "2.0.0", { aliases: ["CVE-2026-2"] }),
  ]);
  assert.deepEqual(others, []);
  assert.equal(claim?.id, "GHSA-aaaa");
  assert.deepEqual(claim?.ids, ["CVE-2026-1", "CVE-2026-2", "GHSA-aaaa", "OTHER-9", "PYSEC-1"]);
  assert.deepEqual(
    claim?.records.map(({ id, source }) => [id, source]),
    [
      ["GHSA-aaaa", "GHSA"],
      ["OTHER-9", "OTHER"],
      ["PYSEC-1", "PYSEC"],
    ],
  );
});

test("records that are only related stay apart", () => {
  assert.deepEqual(
    claims([record("GHSA-aaaa", "2.0.0", { related: ["GHSA-bbbb"] }), record("GHSA-bbbb", "2.0.0")]).map(({ id }) => id),
    ["GHSA-aaaa", "GHSA-bbbb"],
  );
});

test("the order of the records changes nothing", () => {
  const records = [
    record("GHSA-aaaa", "2.0.0", { aliases: ["CVE-1"], references: [{ type: "WEB", url: "https://example.org/1" }] }),
    record("CVE-1", "1.9.0", { summary: "from the other side" }),
    record("MAL-1", undefined),
    record("X-1", "0.9.0"),
  ];
  assert.deepEqual(match(records), match(records.toReversed()));
});

test("a malware report is malware under its own name, and so is a record that says so in its own way", () => {
  const [reported] = claims([record("MAL-2026-1", undefined, { aliases: ["GHSA-aaaa"] }), record("GHSA-aaaa", undefined)]);
  assert.deepEqual([reported?.id, reported?.type], ["MAL-2026-1", "malware"]);
  const [embedded] = claims([record("GHSA-bbbb", undefined, { database_specific: { cwe_ids: ["CWE-506"] } })]);
  assert.deepEqual([embedded?.type, embedded?.cwes], ["malware", ["CWE-506"]]);
  const [named] = claims([record("GHSA-cccc", "2.0.0", { summary: "Embedded malware in a" })]);
  assert.equal(named?.type, "malware");
  const [about] = claims([record("GHSA-dddd", "2.0.0", { summary: "Scanner for malware crashes" })]);
  assert.equal(about?.type, "vulnerability");
});

test("a notice that nobody looks after a package is no vulnerability", () => {
  const entry = { package: { ecosystem: "npm", name: "a" }, versions: ["1.0.0"], database_specific: { informational: "unmaintained" } };
  assert.equal(claims([{ id: "RUSTSEC-1", modified, affected: [entry] }])[0]?.type, "notice");
});

test("cures are named for every branch, in order, without those that another record of the flaw still counts as affected", () => {
  const branches: OsvRecord = {
    id: "GHSA-aaaa",
    modified,
    aliases: ["CVE-1"],
    affected: [
      { package: { ecosystem: "npm", name: "a" }, ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "2.0.0" }, { fixed: "2.10.0" }] }] },
      { package: { ecosystem: "npm", name: "a" }, ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }, { fixed: "1.9.9" }] }] },
      {
        package: { ecosystem: "npm", name: "a" },
        ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "10.0.0-0" }, { fixed: "10.0.1" }] }],
      },
    ],
  };
  assert.deepEqual(claims([branches])[0]?.fixed, ["1.9.9", "2.10.0", "10.0.1"]);
  const stricter: OsvRecord = {
    id: "CVE-1",
    modified,
    affected: [{ package: { ecosystem: "npm", name: "a" }, versions: ["1.0.0", "1.9.9"] }],
  };
  assert.deepEqual(claims([branches, stricter])[0]?.fixed, ["2.10.0", "10.0.1"]);
});

const severityIn = (more: Partial<OsvRecord>): AdvisoryClaim["severity"] | undefined =>
  claims([record("GHSA-aaaa", "2.0.0", more)])[0]?.severity;

test("severity is the newest CVSS that any record gives, then the database's word, then unknown, which is not none", () => {
  const v3 = { type: "CVSS_V3", score: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H" };
  const v4 = { type: "CVSS_V4", score: "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N" };
  assert.deepEqual(severityIn({ severity: [v3, v4] }), { level: "moderate", score: 6.9, vector: v4.score, from: "CVSS:4.0" });
  assert.deepEqual(severityIn({ severity: [v3], database_specific: { severity: "LOW" } }), {
    level: "critical",
    score: 9.8,
    vector: v3.score,
    from: "CVSS:3.1",
  });
  assert.deepEqual(severityIn({ severity: [{ type: "CVSS_V3", score: "CVSS:3.1/AV:N" }], database_specific: { severity: "MODERATE" } }), {
    level: "moderate",
    from: "database",
  });
  assert.deepEqual(severityIn({}), { level: "unknown" });
  assert.deepEqual(severityIn({ database_specific: { severity: "__proto__" } }), { level: "unknown" });
  assert.deepEqual([levelOf(0, "CVSS:3.1"), levelOf(7, "CVSS:2.0"), levelOf(9, "CVSS:4.0")], ["none", "high", "critical"]);
});

const upTo = (last: string): OsvRecord => ({
  id: "PYSEC-1",
  modified,
  affected: [
    { package: { ecosystem: "npm", name: "a" }, ranges: [{ type: "SEMVER", events: [{ introduced: "0" }, { last_affected: last }] }] },
  ],
});

test("a range that only ends in the last version known to be affected leaves the claim open at that end", () => {
  assert.equal(claims([upTo("1.0.0")])[0]?.openEnded, true);
  assert.equal(claims([record("PYSEC-1", "2.0.0")])[0]?.openEnded, false);
});

test("what cannot be asked is unavailable with its reason, never an empty answer", () => {
  const base = advisoryBaseOf([record("GHSA-aaaa", "2.0.0")], { source: "test", asOf: modified, ecosystems: ["npm"] });
  const why = (what: Component): string => matchComponent(base, what, score).unavailable?.because ?? "";
  assert.match(why(component("1.0.0", { ecosystem: "" })), /no advisory source/);
  assert.match(why(component("")), /which version/);
  assert.match(why(component("1.0.0", { origin: { kind: "directory", path: "packages/a" } })), /directory of the project/);
  const elsewhere = matchComponent(base, component("1.0.0", { ecosystem: "Debian:12" }), score).unavailable;
  assert.equal(elsewhere?.cure, "tributary sync --ecosystem Debian");
  const undecided = matchComponent(base, component("workspace"), score);
  assert.deepEqual([undecided.found.length, undecided.undecided.map(({ id }) => id)], [0, ["GHSA-aaaa"]]);
});

test("a record for one release of a distribution does not speak about another", () => {
  const entry = (ecosystem: string): OsvRecord => ({
    id: `DSA-${ecosystem}`,
    modified,
    affected: [{ package: { ecosystem, name: "a" }, versions: ["1"] }],
  });
  const base = advisoryBaseOf([entry("Debian:11"), entry("Debian:12"), entry("Ubuntu:22.04:LTS")], {
    source: "test",
    asOf: modified,
    ecosystems: ["Debian", "Ubuntu"],
  });
  const found = (ecosystem: string): readonly string[] =>
    matchComponent(base, component("1", { ecosystem }), score).found.map(({ claim }) => claim.id);
  assert.deepEqual(found("Debian:12"), ["DSA-Debian:12"]);
  assert.deepEqual(found("Debian"), ["DSA-Debian:11", "DSA-Debian:12"]);
  assert.deepEqual(found("Ubuntu:22.04"), ["DSA-Ubuntu:22.04:LTS"]);
  assert.deepEqual(found("Ubuntu:24.04"), []);
});

const libssl = (version: string, upstream: string): Component => ({
  purl: `pkg:deb/debian/libssl3@${version}?arch=amd64&distro=debian-12&upstream=${upstream}`,
  ecosystem: "Debian:12",
  name: "libssl3",
  version,
  origin: { kind: "registry" },
});

test("a part of a distribution's source package is held against what is said of the source", () => {
  const openssl: OsvRecord = {
    id: "DSA-1-1",
    modified,
    affected: [
      {
        package: { ecosystem: "Debian:12", name: "openssl" },
        ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }, { fixed: "3.0.11-1~deb12u2" }] }],
      },
    ],
  };
  const found = (what: Component): number =>
    matchComponent(advisoryBaseOf([openssl], { source: "test", asOf: modified, ecosystems: ["Debian"] }), what, score).found.length;
  assert.equal(found(libssl("3.0.11-1~deb12u1", "openssl")), 1);
  assert.equal(found(libssl("3.0.11-1~deb12u2", "openssl")), 0);
  assert.equal(found(libssl("3.0.11-1~deb12u2+b1", "openssl%403.0.11-1~deb12u1")), 1, "the source's own version counts where it differs");
  assert.equal(found({ ...libssl("1.0", ""), purl: "pkg:deb/debian/libssl3@1.0?distro=debian-12" }), 0);
});
