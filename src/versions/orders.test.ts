import assert from "node:assert/strict";
import { test } from "node:test";
import { compareVersions, orderOf, orderOfScheme, orderedEcosystems, normalPep440 } from "./index.ts";
import { MAX_VERSION_LENGTH, type Order } from "./order.ts";

/** What takes more than linear time does not come back within this at the sizes below; a slow machine does. */
const HANG = 120_000;

/** Ascending; versions in one group are equal to each other. */
const chains: Readonly<Record<string, string>> = {
  npm: "0 | 0.0.1-0 | 1.0.0-alpha | 1.0.0-alpha.1 | 1.0.0-alpha.beta | 1.0.0-rc.9 | 1.0.0-rc.10 | 1.0.0 = v1.0.0 = 1.0.0+build = 1 | 1.0.1beta | 1.0.1 | 1.2 | 1.10.0 | 9007199254740993.0.0 | 9007199254740994.0.0",
  Go: "v0.0.0-20190101000000-abcdefabcdef | 0.0.0-20200101000000-abcdefabcdef | v1.0.0-rc.1 | 1.0.0 | v1.0.1-0.20210101000000-abcdefabcdef | v1.0.1 | v2.0.0+incompatible = 2.0.0",
  PyPI: "garbage | 0.dev1 | 1.0.dev456 | 1.0a1.dev2 | 1.0a1 = 1.0-alpha-1 | 1.0b2 | 1.0b2.post345 | 1.0rc1 = 1.0c1 = 1.0.preview1 | 1.0 = 1 = v1.0.0 | 1.0+abc.5 | 1.0+abc.7 | 1.0+5 | 1.0.post456.dev34 | 1.0.post456 = 1.0-456 = 1.0r456 | 1.1.dev1 | 1.1 | 1!0.5",
  Maven:
    "1-alpha = 1.0-ALPHA | 1-a1 = 1-alpha-1 | 1-beta | 1-milestone | 1-rc = 1-cr | 1-SNAPSHOT | 1 = 1.0 = 1-ga = 1.final = 1.0.0-release | 1-sp | 1-abc | 1-xyz | 1-1 = 1-ga-1 | 1-2 | 1.1 | 1.10 | 20190126.230843 | 1234567890123456789012",
  RubyGems:
    "0 | 0.9 | 1.0.a.2 = 1.0.a2 | 1.0.b1 | 1.0.0.pre1 | 1.0.0.rc10 | 1 = 1.0 = 1.0.0 | 1.0.1.pre | 1.0.1 | 1.2 | 1.10 | 999999999999999999999999999999",
  Packagist:
    "dev-main | 1.0-dev | 1.0-alpha1 = 1.0a1 | 1.0-beta | 1.0-beta2 | 1.0RC1 = v1.0-rc1 | 1.0 = V1.0 | 1.0.0 | 1.0.1 | 1.0pl1 | 1.10",
  NuGet: "0.9 | 1.0.0-ALPHA = 1.0.0-alpha+x | 1.0.0-beta.2 | 1.0.0-beta.11 | 1.0 = 1.0.0.0 = 1.0.0+sha | 1.0.0.1-a | 1.0.0.1 | 1.0.1",
  Pub: "1.0.0-dev | 1.0.0-dev+1 | 1.0.0 | 1.0.0+1 | 1.0.0+2 | 1.0.0+10 | 1.0.0+a | 1.0.1",
  CRAN: "0.01 = 0-1 = 0.1 | 0.1-0 | 0.9 | 0.75 | 1.0 | 1.0.0 | 1.0-1 | 1.2",
  Hackage: "0 | 0.11.3.0 | 1.0 | 1.0.0 | 1.0.0.0 | 1.1",
  "Debian:12":
    "0 | 0:1~~ | 1~~a | 1~ | 1~rc1-1 | 1 = 0:1 = 1-0 | 1-0+b1 | 1-1~bpo | 1-1 | 1a | 1+dfsg-1 | 1.0 | 1.00.1-1 = 1.0.1-1 | 1.2 | 1.10 | 1:0.1",
  "Ubuntu:22.04:LTS": "7.81.0-1 | 7.81.0-1ubuntu1.9 | 7.81.0-1ubuntu1.10",
  "Red Hat:enterprise_linux:8::baseos":
    "0:1.0~rc1-1 | 1.0-1.el8 = 0:1.0-1.el8 | 1.0-1.el8_4 | 1.0-2.el8 | 1.0-10.el8 | 1.0^git1-1 | 1.0a-1 | 1.0.1-1 | 1:0.9-1",
  "Alpine:v3.18":
    "0.1_alpha | 1.0_alpha2 | 1.0_beta | 1.0_rc1 | 1.0 | 1.0-r0 = 1.0-r00 = 1.0-r | 1.0-r1 | 1.0-r10 | 1.0_git1 | 1.0_p1 | 1.0a | 1.0.01 | 1.0.1 | 1.2 | 1.10",
  ConanCenter: "1.0- | 1.0-alpha | 1.0 = 1 = 1.0.0 | 1.0+b1 | 1.1 | 1.10 | 1.a",
  opam: "1.0~beta | 1.0 | 1.0a | 1.0.1",
  Wolfi: "1.0.0-r0 | 1.0.0-r1 | 1.0.1-r0",
  "TuxCare:npm": "1.0.0-rc.2 | 1.0.0-rc.10",
  "Root:npm": "1.0.0 | 1.0.0.root.io.1 | 1.0.0.root.io.10 | 1.0.1",
};

const schemeChains: Readonly<Record<string, string>> = {
  alpm: "0:1.0alpha | 1.0b | 1.0beta | 1.0p | 1.0pre | 1.0rc | 1.0 = 1.0-1 = 0:1.0 | 1.0.a | 1.0.1 | 1:0.1",
  gentoo:
    "0.9 | 1.0_alpha | 1.0_alpha2 | 1.0_beta | 1.0_pre | 1.0_rc | 1.0 = 1.0-r0 | 1.0-r1 | 1.0_p | 1.0_p1 | 1.0b | 1.0.0 | 1.01 | 1.1 | 1.10",
  openssl: "0.9.8 | 0.9.8a | 0.9.8z | 0.9.8za | 0.9.8zh | 1.0.0-beta1 | 1.0.0 | 1.1.1w | 3.0.0-alpha2 | 3.0.0-beta1 | 3.0.0 | 3.0.10",
  intdot: "1.2 | 1.10 = 01.010 = 1.10-rc | 1.10.0",
  datetime:
    "2023-12-31T23:00:00+02:00 | 2023-12-31T19:00:00-05:00 = 2024-01-01T00:00:00Z = 2024-01-01T00:00:00.000Z | 2024-01-01T00:00:00.1Z",
  lexicographic: "1.10 | 1.2 | A | a | e\u0301 | \u00e9 | \uffff | \u{1f600}",
};

function checkChain(order: Order, chain: string): void {
  const groups = chain.split(" | ").map((group) => group.split(" = "));
  for (const [low, group] of groups.entries()) {
    for (const [high, other] of groups.entries()) {
      for (const a of group) {
        for (const b of other) assert.equal(Math.sign(order.compare(a, b)), Math.sign(low - high), `${order.name}: ${a} against ${b}`);
      }
    }
  }
}

test("every ecosystem sorts as its own package manager does", () => {
  for (const [ecosystem, chain] of Object.entries(chains)) {
    const order = orderOf(ecosystem);
    assert.ok(order, ecosystem);
    checkChain(order, chain);
  }
  for (const [scheme, chain] of Object.entries(schemeChains)) {
    const order = orderOfScheme(scheme);
    assert.ok(order, scheme);
    checkChain(order, chain);
  }
});

test("OSV's first event, introduced 0, is below every release in every ecosystem", () => {
  for (const ecosystem of orderedEcosystems) assert.ok(compareVersions(ecosystem, "0", "0.0.1") < 0, ecosystem);
});

test("an ecosystem without a known order says so and is not guessed", () => {
  for (const ecosystem of ["Android", "OSS-Fuzz", "GIT", "Npm", "npm2", "", "__proto__", "constructor", "TuxCare", "Root:Nothing:1"])
    assert.throws(() => compareVersions(ecosystem, "1", "2"), { name: "Fault", code: "version/unknown-ecosystem" }, ecosystem);
});

test("what is no version is refused, and never equal to anything", () => {
  const bad: readonly (readonly [string, string])[] = [
    ["npm", "latest"],
    ["npm", ""],
    ["npm", "1.x"],
    ["npm", "git+ssh://host/x.git"],
    ["Hackage", "1.0-rc"],
    ["CRAN", "a"],
    ["Debian:12", "x:1"],
    ["Debian:12", "1 2"],
    ["RubyGems", "v1"],
    ["PyPI", " "],
    ["Maven", ""],
    ["npm", "1".repeat(MAX_VERSION_LENGTH + 1)],
  ];
  for (const [ecosystem, version] of bad) {
    assert.throws(() => compareVersions(ecosystem, version, version), { code: "version/invalid" }, `${ecosystem} ${version.slice(0, 20)}`);
    assert.throws(() => compareVersions(ecosystem, "1.0", version), { code: "version/invalid" });
    assert.equal(orderOf(ecosystem)?.valid(version), false);
  }
});

/** A fixed sequence, so that a failure can be repeated. */
function generator(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 8) % bound;
  };
}

const PIECES = [
  "0",
  "1",
  "2",
  "10",
  "01",
  ".",
  ".",
  "-",
  "_",
  "+",
  "~",
  "^",
  ":",
  "a",
  "b",
  "rc",
  "alpha",
  "dev",
  "p",
  "post",
  "r1",
  "-r2",
  "x",
];

test("every order is antisymmetric and reflexive on whatever it accepts", () => {
  const orders = new Map(orderedEcosystems.map((ecosystem) => [orderOf(ecosystem)?.name ?? "", orderOf(ecosystem)]));
  for (const scheme of ["alpm", "gentoo", "openssl", "intdot"]) orders.set(scheme, orderOfScheme(scheme));
  for (const [name, order] of orders) {
    assert.ok(order);
    const next = generator(7);
    const make = (): string => next(10) + Array.from({ length: next(6) }, () => PIECES[next(PIECES.length)]).join("");
    const versions = Array.from({ length: 120 }, make).filter((version) => order.valid(version));
    assert.ok(versions.length > 10, name);
    for (const a of versions) {
      assert.equal(order.compare(a, a), 0);
      for (const b of versions)
        assert.equal(Math.sign(order.compare(a, b)) + Math.sign(order.compare(b, a)), 0, `${name}: ${a} against ${b}`);
    }
  }
});

test("orders that their ecosystems define as keys are transitive", () => {
  // Conan's, Maven's and PHP's own programs have cycles (9 < 10 < 9a < 9 …), so theirs are not asked.
  for (const ecosystem of ["npm", "PyPI", "RubyGems", "NuGet", "Pub", "CRAN", "Hackage", "Debian", "Red Hat"]) {
    const order = orderOf(ecosystem);
    assert.ok(order);
    const next = generator(11);
    const make = (): string => next(3) + Array.from({ length: next(5) }, () => PIECES[next(PIECES.length)]).join("");
    const versions = Array.from({ length: 400 }, make).filter((version) => order.valid(version));
    const sorted = versions.toSorted(order.compare);
    for (let index = 0; index < sorted.length; index += 1) {
      for (let other = index + 1; other < sorted.length; other += 7)
        assert.ok(order.compare(sorted[index] ?? "", sorted[other] ?? "") <= 0, `${ecosystem}: ${sorted[index]} against ${sorted[other]}`);
    }
  }
});

test("hostile versions cost neither time nor stack", { timeout: HANG }, () => {
  const hostile = ["-", ".", "~", "^", "_", "a", "1", "1.", "1-", "a1", "_p1", "0", "!", "+", "1.0-", "-r", "é", "\0"].map((piece) =>
    piece.repeat(Math.floor(MAX_VERSION_LENGTH / piece.length)),
  );
  for (const ecosystem of orderedEcosystems) {
    const order = orderOf(ecosystem);
    assert.ok(order);
    const accepted = hostile
      .flatMap((version) => [version, `1${version.slice(1)}`, `${version.slice(1)}!`])
      .filter((version) => order.valid(version));
    for (const a of accepted) for (const b of accepted) order.compare(a, b);
  }
});

test("the cache of parsed versions does not change an answer when it is full", () => {
  for (let index = 0; index < 70_000; index += 1) compareVersions("npm", `1.0.${index}`, `1.0.${index + 1}`);
  assert.ok(compareVersions("npm", "1.0.9", "1.0.10") < 0);
});

test("PEP 440 writes each version in one way, and keeps zeros at its end", () => {
  for (const [version, normal] of [
    ["v1.0.0", "1.0.0"],
    ["1.0-ALPHA_1", "1.0a1"],
    ["1.0.c", "1.0rc0"],
    ["1.0-4", "1.0.post4"],
    ["1.0.r", "1.0.post0"],
    ["01.002.dev03", "1.2.dev3"],
    ["0!1.0+Ubuntu_1-02", "1.0+ubuntu.1.2"],
    ["2!1.0rc1.post2.dev3", "2!1.0rc1.post2.dev3"],
    ["Not a version", "not a version"],
  ] as const)
    assert.equal(normalPep440(version), normal, version);
});
