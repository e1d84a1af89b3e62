import assert from "node:assert/strict";
import { test } from "node:test";
import type { Commit } from "./committers.ts";
import { partOf, reachSignals, type Work } from "./reach.ts";

const YEAR = 365 * 24 * 3600;
const NOW = 56 * YEAR;
const work = (author: string, yearsAgo: number, ...paths: readonly string[]): Work => ({ author, at: NOW - yearsAgo * YEAR, paths });
const FILES = ["configure.ac", "src/Makefile.am", ".github/workflows/ci.yml", "tests/files/good.xz", "src/a.c", "doc/a.txt", "po/de.po"];

function told(past: readonly Work[], range: readonly Work[], files: readonly string[] = FILES): readonly string[] {
  const anna = Array.from({ length: 60 }, (_, at) => work("anna", 8 - at / 10, "src/a.c", "configure.ac", ".github/workflows/ci.yml"));
  const all: Commit[] = [...anna, ...past, ...range].map(({ author, at }) => [author, at]);
  return reachSignals({
    all,
    range,
    files,
    past: (author) => [...anna, ...past].filter((one) => one.author === author),
  }).map(({ message }) => message);
}

/** Two years of sources, then build files and tests' binary files. */
const sources = Array.from({ length: 9 }, (_, at) => work("jay", 2.5 - at / 10, "src/a.c"));
const attack = [
  work("jay", 0.1, "configure.ac", "src/a.c"),
  work("jay", 0.1, "src/Makefile.am"),
  work("jay", 0.05, "tests/files/bad-3.xz"),
  work("jay", 0.04, "tests/files/good.xz"),
  work("jay", 0.03, "src/a.c"),
];

test("whoever comes to build files and binary test data at once, which others kept until then, is told without a name", () => {
  const [message, ...more] = told(sources, attack);
  assert.equal(more.length, 0);
  assert.equal(
    message,
    "A committer with 9 commits since 2023 newly works in build files (2 commits) and binary test data (2 commits), which only others touched until then.",
  );
  assert.match(told([], attack)[0] ?? "", /^Somebody without a commit before it newly works in /);
});

test("whoever worked there before, made much of the project, or brings a part that nobody had is not told", () => {
  assert.deepEqual(told([...sources, work("jay", 1, "m4/a.m4"), work("jay", 1, "tests/x/y.gz")], attack), []);
  assert.deepEqual(
    told(
      Array.from({ length: 30 }, () => work("jay", 2, "src/a.c")),
      attack,
    ),
    [],
    "a third of the project is his",
  );
  assert.deepEqual(told(sources, attack, ["src/a.c", "configure.ac"]), [], "the project had no binary test data");
});

test("one new part is told where the work spreads over the project as well, and one commit is no habit", () => {
  const builds = [work("jay", 0.1, "configure.ac"), work("jay", 0.1, "configure.ac"), ...[1, 2, 3].map(() => work("jay", 0.1, "src/a.c"))];
  assert.deepEqual(told(sources, builds), []);
  const wide = [...builds, work("jay", 0.1, "doc/a.txt", "po/de.po", "tests/a.c")];
  assert.match(
    told(sources, wide)[0] ?? "",
    /build files \(2 commits\), which .* and in 3 top-level parts of the project besides the 1 of before\.$/,
  );
  assert.deepEqual(
    told(sources, [work("jay", 0.1, "configure.ac"), ...attack.slice(4), ...attack.slice(4), ...attack.slice(4), ...attack.slice(4)]),
    [],
  );
});

test("a project of a few months, or a release of a few commits, says nothing", () => {
  assert.deepEqual(told(sources, attack.slice(0, 4)), []);
  const young = attack.map(({ author, at }): Commit => [author, at]);
  assert.deepEqual(reachSignals({ all: young, range: attack, files: FILES, past: () => [] }), []);
});

test("parts are told by path", () => {
  const cases: Readonly<Record<string, string | null>> = {
    "m4/build-to-host.m4": "build files",
    "lib/CMakeLists.txt": "build files",
    ".github/workflows/release.yml": "continuous integration",
    ".gitlab-ci.yml": "continuous integration",
    "scripts/release.sh": "release scripts",
    "tests/files/bad-3-corrupt_lzma2.xz": "binary test data",
    "src/release-notes.md": null,
    "package.json": null,
    "tests/a.c": null,
    "data/a.bin": null,
  };
  assert.deepEqual(Object.fromEntries(Object.keys(cases).map((path) => [path, partOf(path)])), cases);
});
