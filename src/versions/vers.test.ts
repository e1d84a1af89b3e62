import assert from "node:assert/strict";
import { test } from "node:test";
import { type Constraint, canonicalVers, formatVers, parseVers, versContains, versFrom, versOf } from "./index.ts";

/** What takes more than linear time does not come back within this at the sizes below; a slow machine does. */
const HANG = 120_000;

test("a canonical range reads, and writes itself back", () => {
  for (const text of [
    "vers:npm/*",
    "vers:npm/1.0.0",
    "vers:npm/>=1.0.0|<2.0.0",
    "vers:pypi/>=1.0|!=1.5|<2.0|2.5|>3",
    "vers:deb/<1:2.0~rc1-1+b1",
    "vers:generic-thing/1.0%7Cweird",
    "vers:maven/1.0%2A",
  ]) {
    assert.equal(formatVers(parseVers(text)), text);
    if (!text.includes("generic-thing")) assert.equal(canonicalVers(text), text);
  }
});

test("what is not canonical is refused where it is parsed and put right where it is canonicalised", () => {
  for (const text of ["vers:pypi/2.0|1.0", "vers:pypi/>=2.0|<1.0"]) assert.throws(() => parseVers(text), { code: "vers/invalid" }, text);
  assert.equal(canonicalVers("vers:pypi/2.0|1.0"), "vers:pypi/1.0|2.0");
  assert.equal(canonicalVers("vers:nuget/>=1.0.0-BETA"), "vers:nuget/>=1.0.0-beta");
});

test("what is no range is refused", () => {
  const bad = [
    "",
    "npm/1.0",
    "vers:npm",
    "vers:npm/",
    "vers:NPM/1.0",
    "vers:invalid/1.0",
    "vers:npm/>=",
    "vers:npm/=1.0.0",
    "vers:npm/1.0.0|*",
    "vers:npm/1.0.0|1.0.0",
    "vers:npm/>=1.0.0 |<2.0.0",
    "vers:npm/1.0.0%",
    "vers:npm/1.0.0%ff",
    `vers:npm/${"1.0.0|".repeat(300_000)}2.0.0`,
  ];
  for (const text of bad) assert.throws(() => parseVers(text), { code: "vers/invalid" }, text.slice(0, 40));
  assert.throws(() => parseVers("vers:unheard-of/1|2"), { code: "version/unknown-ecosystem" });
});

/** A fixed sequence, so that a failure can be repeated. */
function generator(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 8) % bound;
  };
}

test("containment agrees with the intervals that the range was made from", () => {
  const next = generator(3);
  for (let round = 0; round < 2000; round += 1) {
    // Bounds at even numbers, ascending, so that odd ones lie strictly between them.
    const bounds = Array.from({ length: 1 + next(3) }, () => next(20) * 2).toSorted((a, b) => a - b);
    const distinct = [...new Set(bounds)];
    const constraints: Constraint[] = [];
    const inside: ((version: number) => boolean)[] = [];
    if (distinct.length % 2 === 1) {
      const upper = distinct.shift() ?? 0;
      const closed = next(2) === 0;
      constraints.push({ comparator: closed ? "<=" : "<", version: String(upper) });
      inside.push((version) => (closed ? version <= upper : version < upper));
    }
    for (let index = 0; index + 1 < distinct.length; index += 2) {
      const [lower = 0, upper = 0] = distinct.slice(index, index + 2);
      const [from, to] = [next(2) === 0, next(2) === 0];
      constraints.push({ comparator: from ? ">=" : ">", version: String(lower) }, { comparator: to ? "<=" : "<", version: String(upper) });
      inside.push((version) => (from ? version >= lower : version > lower) && (to ? version <= upper : version < upper));
    }
    const shuffled = constraints.toSorted(() => next(3) - 1);
    const text = formatVers({ scheme: "intdot", constraints: shuffled });
    for (let version = 0; version < 42; version += 1) {
      const expected = inside.some((within) => within(version));
      assert.equal(versContains(text, String(version)), expected, `${version} in ${text}`);
      assert.equal(versContains(versFrom("intdot", shuffled), String(version)), expected);
    }
  }
});

test("single versions are added and exclusions taken out", () => {
  const range = "vers:semver/>=1.0.0|!=1.5.0|<2.0.0|2.5.0";
  assert.deepEqual(
    ["0.9.0", "1.0.0", "1.5.0", "1.5.1", "2.0.0", "2.5.0", "2.6.0"].filter((version) => versContains(range, version)),
    ["1.0.0", "1.5.1", "2.5.0"],
  );
  assert.equal(versContains("vers:npm/!=1.0.0", "2.0.0"), true);
  assert.equal(versContains("vers:npm/!=1.0.0", "1.0.0"), false);
  assert.equal(versContains("vers:npm/*", "not even a version"), true);
});

test("native ranges become VERS", () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ["npm", "^0.2.3 || ~1.4", "vers:npm/>=0.2.3|<0.3.0|>=1.4.0|<1.5.0"],
    ["npm", "1.2.3 - 2.3.4", "vers:npm/>=1.2.3|<=2.3.4"],
    ["npm", "", "vers:npm/*"],
    ["gem", "~> 1.2, != 1.2.5", "vers:gem/>=1.2|!=1.2.5|<2"],
    ["pypi", "~=1.4.2, !=1.4.9", "vers:pypi/>=1.4.2|!=1.4.9|<1.5"],
    ["pypi", "==2.*", "vers:pypi/>=2|<3"],
    ["nuget", "(,1.0],[2.0,3.0)", "vers:nuget/<=1.0|>=2.0|<3.0"],
    ["nuget", "1.0", "vers:nuget/>=1.0"],
    ["maven", "[1.5]", "vers:maven/1.5"],
    ["deb", ">= 1.0, << 2.0", "vers:deb/>=1.0|<2.0"],
  ];
  for (const [scheme, range, expected] of cases) assert.equal(formatVers(versOf(scheme, range)), expected);
  for (const [scheme, range] of [
    ["npm", "latest!"],
    ["nuget", "[1.0"],
    ["nuget", "(1.0)"],
    ["cargo", "1.0"],
    ["pypi", "~=1"],
  ] as const)
    assert.throws(
      () => versOf(scheme, range),
      (error: unknown) => /^(?:vers|version)\/invalid$/.test((error as { code: string }).code),
      range,
    );
});

test("hostile native ranges are refused in no time", { timeout: HANG }, () => {
  for (const scheme of ["npm", "conan", "gem", "pypi", "nuget", "maven", "openssl", "nginx", "deb"]) {
    for (const piece of [" ", ">", "1 ", "|", "[1,2] ", "~", ",", "1.", "a", "x."]) {
      try {
        versOf(scheme, `${piece.repeat(Math.floor(60_000 / piece.length))}!`);
      } catch (error) {
        assert.match((error as { code: string }).code, /^(?:vers|version)\/invalid$/);
      }
    }
  }
});
