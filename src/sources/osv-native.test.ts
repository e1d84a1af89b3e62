import assert from "node:assert/strict";
import { test } from "node:test";
import { satisfies } from "semver";
import { matchEntry } from "../checks/advisories/match.ts";
import type { OsvRecord } from "../model/index.ts";
import { advisoryBaseOf } from "../store/advisories-memory.ts";
import { requireOrder } from "../versions/index.ts";
import { fromNative } from "./osv-native.ts";
import { readOsvRecord } from "./osv-record.ts";

function converted(native: unknown): OsvRecord {
  const { record, problems } = readOsvRecord(fromNative(native));
  assert.deepEqual(problems, []);
  assert.ok(record !== null);
  return record;
}

function affects(record: OsvRecord, ecosystem: string, name: string, version: string): boolean {
  const base = advisoryBaseOf([record], { source: "test", asOf: "", ecosystems: [ecosystem] });
  return base.candidates(ecosystem, name).some((candidate) => matchEntry(candidate, version).reasons.length > 0);
}

function generator(): (bound: number) => number {
  let state = 11;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 8) % bound;
  };
}

test("a gem is affected where it satisfies none of the requirements that RubySec lists as safe", () => {
  const next = generator();
  const { compare } = requireOrder("RubyGems");
  const versions = ["0.9", "1.0.0.pre", "1.0.0", "1.0.1", "1.1.0.rc1", "1.1.0", "1.1.5", "1.2.0", "2.0.0.beta", "2.0.0", "2.0.1", "3.0"];
  const operators = [">=", ">", "<", "<=", "~>", "="];
  /** Gem::Requirement: `~>` compares the release, so that 1.2.0.pre does not satisfy `~> 1.1`. */
  const holds = (version: string, operator: string, bound: string): boolean => {
    const by = compare(version, bound);
    switch (operator) {
      case ">=":
        return by >= 0;
      case ">":
        return by > 0;
      case "<":
        return by < 0;
      case "<=":
        return by <= 0;
      case "=":
        return by === 0;
      default: {
        const kept = bound.split(".").filter((part) => /^\d+$/.test(part));
        const parts = kept.length > 1 ? kept.slice(0, -1) : kept;
        const above = [...parts.slice(0, -1), String(Number(parts.at(-1)) + 1)].join(".");
        const release = version
          .split(".")
          .filter((part) => /^\d+$/.test(part))
          .join(".");
        return by >= 0 && compare(release, above) < 0;
      }
    }
  };
  for (let round = 0; round < 1500; round += 1) {
    const lists = Array.from({ length: 1 + next(3) }, () =>
      Array.from(
        { length: 1 + next(2) },
        () => [operators[next(operators.length)] ?? ">=", versions[next(versions.length)] ?? "1.0"] as const,
      ),
    );
    const written = lists.map((list) => list.map(([operator, bound]) => `${operator} ${bound}`).join(", "));
    const record = converted({
      gem: "a",
      title: "t",
      date: "2020-01-02",
      cve: "2020-1",
      patched_versions: written,
      _path: "gems/a/CVE-2020-1.yml",
    });
    for (const version of versions) {
      const isSafe = lists.some((list) => list.every(([operator, bound]) => holds(version, operator, bound)));
      assert.equal(affects(record, "RubyGems", "a", version), !isSafe, `${version} with ${written.join(" | ")}`);
    }
  }
});

test("a release of npm is affected where it satisfies what is called vulnerable and not what is called patched", () => {
  const versions = ["0.9.0", "1.0.0-rc.1", "1.0.0", "1.2.3", "1.9.9", "2.0.0", "2.0.18", "3.0.15", "3.0.16", "4.0.0"];
  const cases = [
    ["<=1.2.3", ">=1.2.4"],
    ["<2.0.18 || <3.0.16", "^2.0.18 || ^3.0.16"],
    [">=1.0.0 <2.0.0", ">=1.9.0"],
    ["*", "null"],
    ["> 1.2.3 <= 2.0.0 || 4.0.0", ">4.0.0"],
    ["<=v1.2.3", ">=v1.2.4"],
    ["1.x || 3.0.x", "<0.0.0"],
  ] as const;
  for (const [vulnerable, patched] of cases) {
    const specific = { vulnerable_versions: vulnerable, patched_versions: patched === "null" ? null : patched };
    const affected = [{ package: { ecosystem: "npm", name: "a" }, database_specific: specific }];
    const record = converted({ id: "NSWG-ECO-1", published: "2016-04-18", modified: "2017-01-20", affected });
    assert.equal(record.modified, "2017-01-20T00:00:00Z");
    const options = { includePrerelease: true, loose: true };
    for (const version of versions) {
      const isSafe = patched !== "null" && patched !== "<0.0.0" && satisfies(version, patched, options);
      assert.equal(
        affects(record, "npm", "a", version),
        satisfies(version, vulnerable, options) && !isSafe,
        `${version} in ${vulnerable}, not ${patched}`,
      );
    }
  }
});

test("a Composer package is affected where all constraints of some branch hold", () => {
  const record = converted({
    title: "t",
    link: "https://example.org/a",
    cve: "CVE-2020-1",
    branches: {
      "5.5": { time: null, versions: [">=5.5.0", "<=5.5.49"] },
      "6.x": { time: "2020-08-06T14:55:00", versions: [">=6.0.0", "<6.18.34"] },
    },
    reference: "composer://Vendor/Name",
    _path: "vendor/name/CVE-2020-1.yaml",
  });
  assert.equal(record.id, "FRIENDSOFPHP-vendor-name-CVE-2020-1");
  assert.equal(record.modified, "2020-08-06T14:55:00Z");
  const hit = ["5.4.9", "5.5.0", "5.5.49", "5.5.50", "6.0.0", "6.18.33", "6.18.34"].filter((version) =>
    affects(record, "Packagist", "vendor/name", version),
  );
  assert.deepEqual(hit, ["5.5.0", "5.5.49", "6.0.0", "6.18.33"]);
});

test("flaws of Ruby itself are kept and name no package; what is in no native form is left alone", () => {
  const record = converted({
    engine: "jruby",
    title: "t",
    date: "2010-04-26",
    cve: "2010-1330",
    patched_versions: [">= 1.4.1"],
    _path: "rubies/jruby/CVE-2010-1330.yml",
  });
  assert.deepEqual([record.id, record.affected], ["RUBYSEC-jruby-CVE-2010-1330", []]);
  for (const other of [null, [], "text", { id: "GHSA-1", modified: "2020-01-01T00:00:00Z" }]) assert.equal(fromNative(other), null);
});

test("a requirement that cannot be read is said, not guessed", () => {
  for (const list of ["!= 1.0", "about 1.0", ">= "]) {
    assert.throws(() => fromNative({ gem: "a", title: "t", patched_versions: [list] }), /gem requirement/);
  }
  assert.throws(
    () => fromNative({ reference: "composer://a/b", branches: { x: { versions: ["dev-master#1 as 2"] } } }),
    /Composer constraint/,
  );
});
