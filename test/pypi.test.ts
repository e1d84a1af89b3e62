/** Python projects, asked of a package index on this machine whose files are attested by a Sigstore instance of this machine. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { TEST_IDENTITY, testSigstore } from "../src/attestation/testing.ts";
import { type Json } from "../src/model/index.ts";
import { type FakeFile, pep740, provenanceObject, sha256Of, startIndex } from "./registry/pypi.ts";
import {
  PUBLISH,
  RUN,
  WHEEL,
  answer,
  attested,
  claims,
  desk,
  gaps,
  github,
  good,
  poetryLock,
  requirements,
  rules,
  sdist,
  sigstore,
  uvLock,
  wheel,
  wheelWith,
} from "./registry/pypi-desk.ts";

test("what the lockfile pins is what the index publishes, attested by a workflow: in uv's, Poetry's and pip's files", async (t) => {
  const it = await desk(t, [good]);
  const kinds = {
    "uv.lock": uvLock(it.index.url, "good", [wheel, sdist]),
    "poetry.lock": poetryLock("good", [wheel, sdist]),
    "requirements.txt": requirements("good", [wheel, sdist]),
  };
  for (const [path, text] of Object.entries(kinds)) {
    it.write({ [path]: text });
    const report = await it.check();
    assert.deepEqual(rules(report), [], path);
    assert.match(
      answer(report, "provenance")?.sentence ?? "",
      /^1 of 1 from a known source: 1 published by a known workflow, at no level\./,
      path,
    );
    assert.deepEqual(report.levels, [{ purl: "pkg:pypi/good@1.0", level: 0 }], path);
    // The file that stands for the release was fetched and hashed: nothing of it is open.
    assert.equal(gaps(report, "integrity"), "", path);
    assert.equal(answer(report, "integrity")?.outcome, "pass", path);
  }
  const asked = it.index.requests.filter(({ path }) => path.startsWith("/simple/good") || path.startsWith("/integrity"));
  assert.equal(asked.length, 3, "one page and two provenance objects, once for all runs");
  const fetched = it.index.requests.filter(({ path }) => path.startsWith("/files"));
  assert.deepEqual(
    fetched.map(({ path }) => path),
    [`/files/${WHEEL}`],
    "one file, once for all runs",
  );
  const offline = await it.check({ offline: true });
  assert.deepEqual(rules(offline), []);
  assert.match(answer(offline, "provenance")?.sentence ?? "", /^1 of 1 from a known source/);
  assert.equal(it.index.requests.filter(({ path }) => path.startsWith("/simple/good") || path.startsWith("/integrity")).length, 3);
});

test("a hash that the index does not publish, a file of another hash and one that was never there are found, beside right ones", async (t) => {
  const it = await desk(t, [good]);
  const wrong = { ...wheel, content: "somebody else's wheel" };
  const found = async (files: Readonly<Record<string, string>>): Promise<readonly string[]> => {
    it.write(files);
    return (await it.check()).findings
      .filter(({ rule }) => rule === "integrity/lockfile-mismatch")
      .map(({ severity, message }) => `${severity}: ${message}`);
  };
  assert.match(
    (await found({ "uv.lock": uvLock(it.index.url, "good", [wrong, sdist]) })).join(),
    /^critical: For good@1\.0 uv\.lock promises sha256-\S+ for good-1\.0-py3-none-any\.whl, the index publishes/,
  );
  assert.match((await found({ "poetry.lock": poetryLock("good", [wrong]) })).join(), /^critical: .*the index publishes/);
  assert.match(
    (await found({ "poetry.lock": poetryLock("good", [{ ...wheel, content: sdist.content }, sdist]) })).join(),
    /^critical: .*which is the hash of good-1\.0\.tar\.gz/,
  );
  assert.match(
    (await found({ "requirements.txt": requirements("good", [wheel, wrong]) })).join(),
    /^high: .*allows sha256-\S+, which is none of the 2 files/,
  );
  assert.match((await found({ "requirements.txt": requirements("good", [wrong]) })).join(), /^critical: /);
  assert.match(
    (await found({ "uv.lock": uvLock(it.index.url, "good", [wheel, { name: "good-1.0-cp39-abi3-win32.whl", content: "added" }]) })).join(),
    /^high: .*a file that the index does not have/,
  );
});

test("attestations of other bytes, of another project, under another publisher or under none do not hold", async (t) => {
  const two = sigstore.signStatement(
    {
      _type: "https://in-toto.io/Statement/v1",
      subject: [wheel, sdist].map(({ name, content }) => ({ name, digest: { sha256: sha256Of(content) } })),
      predicateType: PUBLISH,
      predicate: null,
    },
    { claims },
  );
  const bent: Readonly<Record<string, readonly [FakeFile, RegExp]>> = {
    "other bytes": [attested(WHEEL, wheel.content, { digest: sha256Of("other") }), /is not|digest|bytes|artifact/i],
    "another project": [
      attested(WHEEL, wheel.content, { subject: "evil-1.0-py3-none-any.whl" }),
      /speaks of "evil-1\.0-py3-none-any\.whl", not of good-1\.0/,
    ],
    "another version": [attested(WHEEL, wheel.content, { subject: "good-1.1-py3-none-any.whl" }), /not of good-1\.0/],
    "two files": [{ ...wheel, provenance: provenanceObject(github, pep740(two)) }, /speaks of 2 files/],
    "another repository": [
      attested(WHEEL, wheel.content, { publisher: { ...github, repository: "example/other" } }),
      /publisher's repository https:\/\/github\.com\/example\/project against https:\/\/github\.com\/example\/other/,
    ],
    "another workflow": [attested(WHEEL, wheel.content, { publisher: { ...github, workflow: "nightly.yml" } }), /publisher's workflow/],
    "another forge": [
      attested(WHEEL, wheel.content, { publisher: { kind: "GitLab", repository: "example/project", workflow_filepath: ".gitlab-ci.yml" } }),
      /publisher's issuer/,
    ],
    "another person": [
      attested(WHEEL, wheel.content, { publisher: { kind: "Google", email: "ci@example.example" } }),
      /publisher's address/,
    ],
    "no publisher": [attested(WHEEL, wheel.content, { publisher: null }), /under no publisher/],
    "no attestation": [{ ...wheel, provenance: provenanceObject(github, { version: 1 }) }, /does not hold/],
  };
  for (const [name, [file, says]] of Object.entries(bent)) {
    const it = await desk(t, [{ name: "good", files: [file] }]);
    it.write({ "poetry.lock": poetryLock("good", [wheel]) });
    const report = await it.check();
    assert.deepEqual(rules(report), ["provenance/attestation-invalid pkg:pypi/good@1.0"], name);
    assert.match(report.findings[0]?.message ?? "", says, name);
    assert.match(answer(report, "provenance")?.sentence ?? "", /^0 of 1 from a known source/, name);
    assert.equal(report.verdict.verdict, "block", name);
  }
});

test("what another instance signed, and a publisher of a kind that is newer than this release, leave the question open", async (t) => {
  const stranger = testSigstore();
  const foreign = stranger.signStatement(
    {
      _type: "https://in-toto.io/Statement/v1",
      subject: [{ name: WHEEL, digest: { sha256: sha256Of(wheel.content) } }],
      predicateType: PUBLISH,
      predicate: null,
    },
    { claims },
  );
  const strange = await desk(t, [{ name: "good", files: [{ ...wheel, provenance: provenanceObject(github, pep740(foreign)) }] }]);
  strange.write({ "poetry.lock": poetryLock("good", [wheel]) });
  const unknown = await strange.check();
  assert.match(answer(unknown, "provenance")?.sentence ?? "", /^0 of 1 from a known source/);
  assert.match(gaps(unknown, "provenance"), /could not be judged/);
  const it = await desk(t, [{ name: "good", files: [attested(WHEEL, wheel.content, { publisher: { kind: "Quantum" } })] }]);
  it.write({ "poetry.lock": poetryLock("good", [wheel]) });
  const report = await it.check();
  assert.deepEqual(rules(report), []);
  assert.match(gaps(report, "provenance"), /"Quantum", which is not known here/);
});

test("a name that is spelled otherwise is the same file's (PEP 740 compares what it means)", async (t) => {
  const name = "Good_Thing-1.0.0-py3.py2-none-any.whl";
  const it = await desk(t, [
    { name: "good.thing", files: [attested(name, wheelWith("w"), { subject: "good_thing-1.0-py2.py3-none-any.whl" })] },
  ]);
  it.write({ "poetry.lock": poetryLock("Good-Thing", [{ name, content: wheelWith("w") }]) });
  const report = await it.check();
  assert.deepEqual(rules(report), []);
  assert.match(answer(report, "provenance")?.sentence ?? "", /^1 of 1 from a known source/);
});

test("one file without an attestation among others leaves the release without a known source", async (t) => {
  const it = await desk(t, [{ name: "good", files: [attested(WHEEL, wheel.content), sdist] }]);
  it.write({ "poetry.lock": poetryLock("good", [wheel, sdist]) });
  assert.match(answer(await it.check(), "provenance")?.sentence ?? "", /^0 of 1 from a known source; 1 show no provenance\./);
  it.write({ "poetry.lock": poetryLock("good", [wheel]) });
  assert.match(answer(await it.check(), "provenance")?.sentence ?? "", /^1 of 1 from a known source/);
});

test("a statement of how it was built has the level that the table of builders gives it", async (t) => {
  const predicate: Json = {
    buildDefinition: {
      buildType: "https://actions.github.io/buildtypes/workflow/v1",
      externalParameters: {
        workflow: { ref: "refs/tags/v1.0.0", repository: "https://github.com/example/project", path: ".github/workflows/release.yml" },
      },
      internalParameters: {
        github: { event_name: "release", repository_id: "1001", repository_owner_id: "2002", runner_environment: "github-hosted" },
      },
      resolvedDependencies: [{ uri: "git+https://github.com/example/project@refs/tags/v1.0.0", digest: { gitCommit: "a".repeat(40) } }],
    },
    runDetails: { builder: { id: TEST_IDENTITY }, metadata: { invocationId: RUN } },
  };
  const it = await desk(t, [
    { name: "good", files: [attested(WHEEL, wheel.content, { type: "https://slsa.dev/provenance/v1", predicate })] },
  ]);
  it.write({ "poetry.lock": poetryLock("good", [wheel]) });
  const report = await it.check();
  assert.deepEqual(rules(report), []);
  assert.match(answer(report, "provenance")?.sentence ?? "", /^1 of 1 from a known source: 1 at L2\./);
});

const next = (more: Parameters<typeof attested>[2] = {}): FakeFile => attested("good-1.1-py3-none-any.whl", "next", more);

test("what releases had before is what the next ones are held to: another repository, and none, are news", async (t) => {
  const lock = poetryLock("good", [{ name: "good-1.1-py3-none-any.whl", content: "next" }]).replace('version = "1.0"', 'version = "1.1"');
  const elsewhere = { ...claims, 12: "https://github.com/other/project", 15: "9009", 16: "https://github.com/other", 17: "9010" };
  const identity = "https://github.com/other/project/.github/workflows/release.yml@refs/tags/v1.1.0";
  const moved = next({
    publisher: { ...github, repository: "other/project" },
    signing: { identity, claims: { ...elsewhere, 9: identity, 18: identity } },
  });
  for (const [file, rule] of [
    [next(), ""],
    [moved, "provenance/source-changed pkg:pypi/good@1.1"],
    [{ name: "good-1.1-py3-none-any.whl", content: "next" }, "provenance/lost pkg:pypi/good@1.1"],
  ] as const) {
    const it = await desk(t, [{ name: "good", files: [...good.files, file] }]);
    it.write({ "poetry.lock": poetryLock("good", [wheel, sdist]) });
    await it.check();
    it.write({ "poetry.lock": lock });
    assert.equal(
      rules(await it.check())
        .filter((one) => one.startsWith("provenance/"))
        .join(),
      rule,
    );
  }
});

test("a release that names a repository which did not publish it is told", async (t) => {
  const metadata = "Metadata-Version: 2.1\nName: good\nVersion: 1.0\nProject-URL: Source, https://github.com/famous/project\n\n";
  for (const [text, rule] of [
    [metadata, "provenance/source-mismatch pkg:pypi/good@1.0"],
    [metadata.replace("famous", "Example"), ""],
  ] as const) {
    const it = await desk(t, [{ name: "good", files: [{ ...attested(WHEEL, wheel.content), metadata: text }] }]);
    it.write({ "poetry.lock": poetryLock("good", [wheel]) });
    const report = await it.check();
    assert.equal(rules(report).join(), rule);
    if (rule !== "")
      assert.match(
        report.findings[0]?.message ?? "",
        /comes from github\.com\/famous\/project, but it was published from github\.com\/example\/project/,
      );
    assert.equal(rules(await it.check({ offline: true })).join(), rule);
  }
});

test("what is yanked, what is not there and what is under quarantine is said", async (t) => {
  const it = await desk(t, [
    {
      name: "good",
      files: [
        { ...wheel, yanked: "broken on Tuesdays." },
        { name: "good-2.0-py3-none-any.whl", content: "two" },
      ],
    },
    { name: "held", files: [], status: { status: "quarantined", reason: "malware" } },
  ]);
  const messages = async (text: string): Promise<string> => {
    it.write({ "poetry.lock": text });
    return (await it.check()).findings
      .filter(({ rule }) => rule === "integrity/unpublished")
      .map(({ severity, message }) => `${severity}: ${message}`)
      .join();
  };
  assert.equal(
    await messages(poetryLock("good", [wheel])),
    "moderate: Its maintainers have yanked good@1.0: it is still served, but not meant to be used (broken on Tuesdays).",
  );
  assert.match(
    await messages(poetryLock("good", [wheel]).replace('version = "1.0"', 'version = "3.0"')),
    /^high: The registry has good, but no longer good@3\.0/,
  );
  assert.match(await messages(poetryLock("absent", [wheel])), /^high: The registry does not know absent/);
  assert.equal(await messages(poetryLock("held", [wheel])), "critical: The package index has put held under quarantine: malware.");
});

test("an index that cannot be reached, that is a folder, or that there is none of leaves everything open", async (t) => {
  const it = await desk(t, [good]);
  it.write({ "poetry.lock": poetryLock("good", [wheel]) });
  await it.index.close();
  const unreachable = await it.check();
  assert.deepEqual(rules(unreachable), []);
  assert.equal(answer(unreachable, "integrity")?.outcome, "unknown");
  assert.match(answer(unreachable, "provenance")?.sentence ?? "", /^0 of 1 from a known source; 1 unknown\./);
  const none = await it.check({ env: { PIP_INDEX_URL: undefined } });
  assert.match(gaps(none, "integrity"), /no package index is configured/);
  assert.ok(none.verdict.unanswered.some(({ cure }) => cure === "pip config set global.index-url https://…/simple/"));
  const folder = await it.check({ env: { PIP_INDEX_URL: "file:///srv/simple" } });
  assert.match(gaps(folder, "integrity"), /no address of the web/);
});

test("an index of HTML pages is read as well; one that says nothing of attestations leaves them unknown", async (t) => {
  const html = await desk(t, [good], { html: true });
  html.write({ "requirements.txt": requirements("good", [wheel, sdist]) });
  const read = await html.check();
  assert.deepEqual(rules(read), []);
  assert.match(answer(read, "provenance")?.sentence ?? "", /^1 of 1 from a known source/);
  html.index.publish({ name: "good", files: [attested(WHEEL, wheel.content), sdist] });
  const half = await html.check({ env: { TRIBUTARY_CACHE: join(html.home, "other") } });
  assert.match(answer(half, "provenance")?.sentence ?? "", /^0 of 1 from a known source; 1 show no provenance\./);
  html.write({ "requirements.txt": requirements("good", [{ content: "other" }]) });
  assert.deepEqual(rules(await html.check()), ["integrity/lockfile-mismatch pkg:pypi/good@1.0"]);
  const old = await desk(t, [good], { withoutProvenance: true });
  old.write({ "requirements.txt": requirements("good", [wheel]) });
  const report = await old.check();
  assert.match(answer(report, "provenance")?.sentence ?? "", /^0 of 1 from a known source; 1 unknown\./);
});

test("credentials of the configuration go to their host alone, and are shown nowhere; a page cannot send us elsewhere", async (t) => {
  const other = await startIndex();
  t.after(other.close);
  const it = await desk(t, [good], { login: "user:s3cret", provenanceBase: new URL(other.url).origin });
  it.write({ "poetry.lock": poetryLock("good", [wheel]) });
  const url = it.index.url.replace("http://", "http://user:s3cret@");
  const report = await it.check({ env: { PIP_INDEX_URL: url } });
  assert.deepEqual(rules(report), []);
  assert.doesNotMatch(gaps(report, "integrity"), /127\.0\.0\.1/);
  assert.match(gaps(report, "provenance"), /another host than its own/);
  assert.equal(other.requests.length, 0);
  assert.doesNotMatch(JSON.stringify(report), /s3cret/);
  const denied = await it.check({
    env: { PIP_INDEX_URL: it.index.url.replace("127.0.0.1", "localhost"), TRIBUTARY_CACHE: join(it.home, "other") },
  });
  assert.match(gaps(denied, "integrity"), /127\.0\.0\.1|localhost/);
});

test("an index that only a lockfile names is asked over a closed connection alone", async (t) => {
  const it = await desk(t, [good]);
  it.write({ "uv.lock": uvLock(it.index.url, "good", [wheel]) });
  const report = await it.check({ env: { PIP_INDEX_URL: "https://index.registry.example/simple/" } });
  assert.match(gaps(report, "integrity"), /over an open connection, and your configuration does not/);
  assert.equal(it.index.requests.filter(({ path }) => path.startsWith("/simple/good")).length, 0);
});

test("an index that neither the configuration nor a manifest names is told, before anything that it says is believed", async (t) => {
  const it = await desk(t, [good]);
  const strange = uvLock("https://index.stranger.example/simple", "good", [wheel]);
  const hosts = async (more: Readonly<Record<string, string>> = {}): Promise<string> => {
    it.write({ "uv.lock": strange, ...more });
    const { findings } = await it.check({ offline: true });
    return findings
      .filter(({ rule }) => rule === "integrity/unexpected-host")
      .map(({ severity, message }) => `${severity}: ${message}`)
      .join();
  };
  assert.match(await hosts(), /^high: good@1\.0 is fetched from index\.stranger\.example, while 127\.0\.0\.1:\d+ is expected\.$/);
  const declared =
    '[project]\nname = "app"\nversion = "1"\n\n[[tool.uv.index]]\nname = "own"\nurl = "https://index.stranger.example/simple"\nexplicit = true\n';
  assert.equal(await hosts({ "pyproject.toml": declared }), "");
});

test("what a requirements file lets come from further indexes is looked for there; where one was not asked nothing is missing", async (t) => {
  const it = await desk(t, [{ name: "other", files: [] }]);
  const second = await startIndex();
  t.after(second.close);
  second.publish(good);
  it.write({ "requirements.txt": `--extra-index-url ${second.url}\n${requirements("good", [wheel, sdist])}` });
  const refused = await it.check();
  assert.deepEqual(rules(refused), []);
  assert.match(gaps(refused, "integrity"), /over an open connection/);
  const report = await it.check({ env: { PIP_EXTRA_INDEX_URL: second.url } });
  assert.deepEqual(rules(report), []);
  assert.match(answer(report, "provenance")?.sentence ?? "", /^1 of 1 from a known source/);
});

test("two hundred wheels of one release are each verified, on several threads", async (t) => {
  const names = Array.from({ length: 200 }, (_, at) => `good-1.0-cp3${at}-abi3-linux_x86_64.whl`);
  const it = await desk(t, [{ name: "good", files: names.map((name) => attested(name, wheelWith(name))) }]);
  it.write({
    "poetry.lock": poetryLock(
      "good",
      names.map((name) => ({ name, content: wheelWith(name) })),
    ),
  });
  const report = await it.check();
  assert.deepEqual(rules(report), []);
  assert.match(answer(report, "provenance")?.sentence ?? "", /^1 of 1 from a known source/);
});
