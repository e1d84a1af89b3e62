import assert from "node:assert/strict";
import { test } from "node:test";
import { compareStamps } from "./osv-export.ts";
import { readOsvRecord } from "./osv-record.ts";

const base = { id: "T-1", modified: "2026-01-01T00:00:00Z" };
const range = { type: "SEMVER", events: [{ introduced: "0" }, { fixed: "1.0.0" }] };
const entry = (more: object): object => ({ ...base, affected: [{ package: { ecosystem: "npm", name: "a" }, ...more }] });

test("a sound record passes without a word, with null where the schema allows it", () => {
  const { record, problems } = readOsvRecord({
    ...entry({ ranges: [range], versions: ["0.9.0"] }),
    aliases: null,
    references: null,
    severity: null,
  });
  assert.deepEqual(problems, []);
  assert.deepEqual(record?.affected?.[0]?.ranges, [range]);
});

test("without a usable id or time of change there is no record", () => {
  for (const value of [
    null,
    1,
    "x",
    [],
    {},
    { id: "T-1" },
    { ...base, id: 7 },
    { ...base, id: "T\n1" },
    { ...base, id: "x".repeat(201) },
    { ...base, modified: "yesterday" },
  ]) {
    const { record, problems } = readOsvRecord(value);
    assert.equal(record, null);
    assert.equal(problems.length, 1);
  }
});

test("what is wrong in a part is named with its place, and the other parts are kept", () => {
  const wrong: readonly (readonly [object, RegExp])[] = [
    [{ ranges: [{ type: "SEMVER", events: [{ fixed: "1.0.0" }] }, range] }, /^affected\[0\]\.ranges\[0\]: no "introduced"/],
    [{ ranges: [{ type: "VIBES", events: [] }, range] }, /ranges\[0\]: the type is none of/],
    [{ ranges: [{ type: "GIT", events: [{ introduced: "0" }] }, range] }, /GIT range without a repository/],
    [{ ranges: [{ type: "SEMVER", events: [{ introduced: "1.0.0" }, { fixed: "1.0.0" }] }, range] }, /both 1\.0\.0/],
    [{ ranges: [{ type: "SEMVER", events: [{ introduced: "0", fixed: "1.0.0" }] }, range] }, /holds introduced and fixed/],
    [{ ranges: [{ type: "SEMVER", events: [{ introduced: "0" }, { fixed: 1 }] }, range] }, /events\[1\]\.fixed: not a version/],
    [{ ranges: "all", versions: [1, "2"] }, /ranges: not a list/],
    [{ ranges: [range], versions: ["1\n2"] }, /versions: holds what is not/],
    [{ ranges: [range], severity: [{ type: "CVSS_V3" }] }, /severity\[0\]/],
    [{ ranges: [range], database_specific: [] }, /database_specific: not an object/],
  ];
  for (const [more, message] of wrong) {
    const { record, problems } = readOsvRecord(entry(more));
    assert.match(problems.join("\n"), message);
    assert.equal(record?.affected?.[0]?.package?.name, "a");
    if (!("versions" in more) && !("ranges" in more && more.ranges === "all"))
      assert.deepEqual(record?.affected?.[0]?.ranges?.at(-1), range);
  }
  const nameless = readOsvRecord({ ...base, affected: [{ versions: ["1"] }, "x", { package: { name: "a" } }] });
  assert.deepEqual(nameless.problems, [
    "affected[0]: names neither a package nor a repository",
    "affected[1]: not an object",
    "affected[2].package: no usable ecosystem and name",
  ]);
  assert.equal(nameless.record?.affected?.length, 3);
});

test("an unreadable withdrawal is still a withdrawal", () => {
  assert.equal(readOsvRecord({ ...base, withdrawn: true }).record?.withdrawn, base.modified);
  assert.equal(readOsvRecord({ ...base, withdrawn: null }).record?.withdrawn, undefined);
});

test("an address that runs code does not become a link", () => {
  const { record, problems } = readOsvRecord({
    ...base,
    references: [
      { type: "WEB", url: "javascript:alert(1)" },
      { type: "WEB", url: "https://example.org" },
    ],
  });
  assert.deepEqual(record?.references, [{ type: "WEB", url: "https://example.org" }]);
  assert.deepEqual(problems, ["references[0]: no address"]);
});

test("members that reach for the prototype change nothing", () => {
  const value: unknown = JSON.parse(
    '{"__proto__":{"withdrawn":"2020-01-01T00:00:00Z"},"id":"T-1","modified":"2026-01-01T00:00:00Z","constructor":{"prototype":{"polluted":1}}}',
  );
  assert.equal(readOsvRecord(value).record?.withdrawn, undefined);
  assert.equal(({} as { polluted?: number }).polluted, undefined);
});

test("stamps are told apart to the last digit, however many they have", () => {
  const sorted = [
    "",
    "2026-01-01T00:00:00Z",
    "2026-01-01T00:00:00.0000001Z",
    "2026-01-01T00:00:00.000001Z",
    "2026-01-01T00:00:00.1Z",
    "2026-01-01T00:00:01Z",
  ];
  assert.deepEqual(sorted.toReversed().toSorted(compareStamps), sorted);
  assert.equal(compareStamps("2026-01-01T00:00:00.10Z", "2026-01-01T00:00:00.1+00:00"), 0);
});
