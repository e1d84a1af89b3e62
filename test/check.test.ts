/** The product as its user runs it: the real command, on a real project, against a registry on this machine. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type TestContext, test } from "node:test";
import { type FakePackage, type RunningRegistry, startRegistry } from "./registry/registry.ts";

const launcher = resolve(import.meta.dirname, "..", "bin", "tributary.js");

interface Outcome {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** A user with an empty home, a project in a folder whose name has a space, and a registry. */
class Desk {
  readonly home = mkdtempSync(join(tmpdir(), "tributary home "));
  readonly project = join(this.home, "my project");
  readonly registry: RunningRegistry;

  constructor(registry: RunningRegistry) {
    this.registry = registry;
    mkdirSync(this.project);
    writeFileSync(
      join(this.project, ".npmrc"),
      `registry=${registry.url}\nfetch-retries=1\nfetch-retry-mintimeout=5\nfetch-retry-maxtimeout=20\n`,
    );
  }

  write(name: string, content: string | object): void {
    writeFileSync(join(this.project, name), typeof content === "string" ? content : `${JSON.stringify(content, null, 2)}\n`);
  }

  read(name: string): string {
    return readFileSync(join(this.project, name), "utf8");
  }

  run(...args: readonly string[]): Promise<Outcome> {
    return this.runWith({}, ...args);
  }

  runWith(env: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<Outcome> {
    return new Promise((done) => {
      const child = spawn(process.execPath, [launcher, ...args], {
        cwd: this.project,
        // OSV's address leads to the local registry, which has nothing there: no test asks the world.
        env: { HOME: this.home, PATH: process.env["PATH"] ?? "", TRIBUTARY_OSV_API: `${this.registry.url}osv`, ...env },
      });
      let out = "";
      let err = "";
      child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
      child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
      child.on("close", (status) => done({ status, out, err }));
    });
  }

  git(...args: readonly string[]): void {
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@registry.example", ...args], { cwd: this.project, stdio: "ignore" });
  }

  /** A package-lock of version 3 for what is named, in which `changes` are laid over entries. */
  lock(names: readonly (readonly [string, string])[], changes: Readonly<Record<string, object>> = {}): object {
    const dependencies = Object.fromEntries(names);
    const entries = names.map(([name, version]) => [
      `node_modules/${name}`,
      { version, ...this.registry.lockEntry(name, version), ...changes[name] },
    ]);
    return {
      name: "my-project",
      version: "1.0.0",
      lockfileVersion: 3,
      requires: true,
      packages: { "": { name: "my-project", version: "1.0.0", dependencies }, ...Object.fromEntries(entries) },
    };
  }
}

const packages: readonly FakePackage[] = [
  { name: "left", releases: [{ version: "1.0.0" }, { version: "1.1.0" }] },
  { name: "right", releases: [{ version: "2.0.0" }] },
  {
    name: "sly",
    releases: [{ version: "1.0.0", manifest: { scripts: { postinstall: "echo inert" } }, document: { scripts: {} } }],
  },
];

async function desk(t: TestContext): Promise<Desk> {
  const made = new Desk(await startRegistry({ packages }));
  t.after(async () => {
    await made.registry.close();
    rmSync(made.home, { recursive: true, force: true });
  });
  return made;
}

const noAdvisories = { name: "my-project", version: "1.0.0" };
const advisory = (more: object): string =>
  JSON.stringify({
    schema_version: "1.7.0",
    id: "GHSA-aaaa-bbbb-cccc",
    modified: "2026-01-01T00:00:00Z",
    affected: [
      {
        package: { ecosystem: "npm", name: "left" },
        ranges: [{ type: "SEMVER", events: [{ introduced: "0" }, { fixed: "1.1.0" }] }],
      },
    ],
    ...more,
  });

interface ReportJson {
  readonly verdict: { readonly verdict: string };
  readonly findings: readonly {
    readonly rule: string;
    readonly subject: string;
    readonly effect: string;
    readonly remedy: { readonly command?: string };
  }[];
  readonly answers: readonly { readonly question: string; readonly outcome: string }[];
}

const reportOf = (outcome: Outcome): ReportJson => {
  assert.doesNotThrow(() => JSON.parse(outcome.out), outcome.err);
  return JSON.parse(outcome.out) as ReportJson;
};
const rulesOf = (report: ReportJson): readonly string[] => report.findings.map(({ rule, subject }) => `${rule} ${subject}`);
const outcomeOf = (report: ReportJson, question: string): string | undefined =>
  report.answers.find((answer) => answer.question === question)?.outcome;

test("an honest project with its advisories synced passes, online and then offline with the same bytes", async (t) => {
  const it = await desk(t);
  it.write(
    "package-lock.json",
    it.lock([
      ["left", "1.1.0"],
      ["right", "2.0.0"],
    ]),
  );
  it.write("advisories.json", advisory(noAdvisories));
  assert.equal((await it.run("sync", "--from", "advisories.json")).status, 0);
  const online = await it.run("check", "--format", "json");
  assert.equal(online.status, 0, online.err);
  const report = reportOf(online);
  assert.equal(report.verdict.verdict, "pass", online.out);
  assert.deepEqual(
    ["identity", "integrity", "advisories", "upkeep"].map((question) => outcomeOf(report, question)),
    ["pass", "pass", "pass", "not-asked"],
  );
  const asked = it.registry.requests.length;
  const offline = await it.run("check", "--offline", "--format", "json");
  const again = await it.run("check", "--offline", "--format", "json");
  assert.equal(it.registry.requests.length, asked, "offline asks nobody");
  assert.equal(offline.out, again.out);
  assert.equal(reportOf(offline).verdict.verdict, "pass");
});

test("without advisories the question stays open, is said so with its cure, and is no pass", async (t) => {
  const it = await desk(t);
  it.write("package-lock.json", it.lock([["left", "1.0.0"]]));
  const outcome = await it.run("check", "--offline");
  assert.equal(outcome.status, 0, "an open question asks for a review; only a block fails the run");
  assert.match(outcome.out, /^Review:/);
  assert.match(outcome.out, /tributary sync/);
  assert.equal((await it.run("check", "--offline", "--fail-on", "review")).status, 1);
});

test("a known vulnerability names the change that cures it, malware blocks", async (t) => {
  const it = await desk(t);
  it.write("package.json", { name: "my-project", dependencies: { left: "^1.0.0", right: "2.0.0" } });
  it.write(
    "package-lock.json",
    it.lock([
      ["left", "1.0.0"],
      ["right", "2.0.0"],
    ]),
  );
  const malware = advisory({ id: "MAL-2026-1", affected: [{ package: { ecosystem: "npm", name: "right" }, versions: ["2.0.0"] }] });
  it.write("advisories.ndjson", `${advisory({})}\n${malware}\n`);
  assert.equal((await it.run("sync", "--from", "advisories.ndjson")).status, 0);
  const outcome = await it.run("check", "--format", "json");
  assert.equal(outcome.status, 1);
  const report = reportOf(outcome);
  assert.deepEqual(rulesOf(report), ["advisories/known-malware pkg:npm/right@2.0.0", "advisories/known-vulnerability pkg:npm/left@1.0.0"]);
  assert.equal(report.findings[0]?.effect, "block");
  assert.match(report.findings[1]?.remedy.command ?? "", /left/);
});

test("three poisoned entries are found, each by its own rule", async (t) => {
  const it = await desk(t);
  const wrong = `sha512-${Buffer.alloc(64, 7).toString("base64")}`;
  it.write(
    "package-lock.json",
    it.lock(
      [
        ["left", "1.0.0"],
        ["right", "2.0.0"],
        ["sly", "1.0.0"],
      ],
      {
        left: { integrity: wrong },
        right: { resolved: "http://evil.example/right-2.0.0.tgz" },
      },
    ),
  );
  const outcome = await it.run("check", "--format", "json");
  assert.equal(outcome.status, 1);
  const rules = rulesOf(reportOf(outcome));
  for (const expected of [
    "integrity/lockfile-mismatch pkg:npm/left@1.0.0",
    "integrity/unexpected-host pkg:npm/right@2.0.0",
    "identity/manifest-confusion pkg:npm/sly@1.0.0",
  ]) {
    assert.ok(rules.includes(expected), `${expected} is not among ${rules.join(", ")}`);
  }
  assert.ok(!it.registry.requests.some(({ path }) => path.includes("evil")), "a strange host is never asked");
});

test("--since speaks only of what changed, and notices a hash that changed without its version", async (t) => {
  const it = await desk(t);
  it.git("init", "-q");
  it.write(
    "package-lock.json",
    it.lock([
      ["sly", "1.0.0"],
      ["left", "1.0.0"],
      ["right", "2.0.0"],
    ]),
  );
  it.git("add", "package-lock.json");
  it.git("commit", "-qm", "first");
  const other = `sha512-${Buffer.alloc(64, 9).toString("base64")}`;
  it.write(
    "package-lock.json",
    it.lock(
      [
        ["sly", "1.0.0"],
        ["left", "1.1.0"],
        ["right", "2.0.0"],
      ],
      { right: { integrity: other } },
    ),
  );
  const outcome = await it.run("check", "--since", "HEAD", "--format", "json");
  const report = reportOf(outcome) as ReportJson & { since: { changed: readonly object[] } };
  assert.deepEqual(report.since.changed, [{ from: "pkg:npm/left@1.0.0", to: "pkg:npm/left@1.1.0" }]);
  const rules = rulesOf(report);
  assert.ok(rules.includes("integrity/changed-hash pkg:npm/right@2.0.0"), rules.join(", "));
  assert.ok(!rules.some((rule) => rule.includes("sly")), "what was there before is not spoken of");
  assert.ok(!it.registry.requests.some(({ path }) => path.includes("sly")), "nor asked about");
});

test("a hash that differs from the first one seen is found in another project, without git", async (t) => {
  const it = await desk(t);
  it.write("package-lock.json", it.lock([["left", "1.0.0"]]));
  await it.run("check");
  const other = `sha512-${Buffer.alloc(64, 9).toString("base64")}`;
  it.write("package-lock.json", it.lock([["left", "1.0.0"]], { left: { integrity: other } }));
  const rules = rulesOf(reportOf(await it.run("check", "--offline", "--format", "json")));
  assert.ok(rules.includes("integrity/changed-hash pkg:npm/left@1.0.0"), rules.join(", "));
});

test("a policy decides, its ignores are reported, and an expired one counts for nothing", async (t) => {
  const it = await desk(t);
  it.write("package-lock.json", it.lock([["left", "1.0.0"]]));
  it.write("advisories.json", advisory({ database_specific: { severity: "CRITICAL" } }));
  await it.run("sync", "--from", "advisories.json");
  assert.equal((await it.run("check")).status, 1);
  const ignore = { advisory: "GHSA-aaaa-bbbb-cccc", reason: "not reachable from our code", expires: "2999-01-01" };
  it.write("tributary.json", { ignore: [ignore] });
  const ignored = await it.run("check", "--offline");
  assert.equal(ignored.status, 0, ignored.out);
  assert.match(ignored.out, /ignored/i);
  it.write("tributary.json", { ignore: [{ ...ignore, expires: "2020-01-01" }] });
  const expired = await it.run("check", "--offline");
  assert.equal(expired.status, 1);
  assert.match(expired.err, /ran out on 2020-01-01/);
});

test("whatever the input is, the exit status is 2 and the message names the file and the place", async (t) => {
  const it = await desk(t);
  const none = await it.run("check");
  assert.equal(none.status, 2);
  assert.match(none.err, /error\[inventory\/no-lockfile\]/);
  it.write("package-lock.json", '{\n  "lockfileVersion": 3,\n  "packages": {\n    "node_modules/a": { "version": "1.0');
  const truncated = await it.run("check");
  assert.equal(truncated.status, 2);
  assert.match(truncated.err, /package-lock\.json:4/);
  it.write("package-lock.json", it.lock([["left", "1.0.0"]]));
  it.write("tributary.json", '{ "blok": "high" }');
  const policy = await it.run("check", "--offline");
  assert.equal(policy.status, 2);
  assert.match(policy.err, /tributary\.json:1:3/);
  assert.match(policy.err, /block/, "and says what was probably meant");
});

test("every format of a report is written in one run", async (t) => {
  const it = await desk(t);
  it.write(
    "package-lock.json",
    it.lock([
      ["left", "1.0.0"],
      ["sly", "1.0.0"],
    ]),
  );
  const formats = { json: "r.json", sarif: "r.sarif", html: "r.html", markdown: "r.md", cyclonedx: "r.cdx.json" };
  const outcome = await it.run("check", ...Object.entries(formats).flatMap(([format, file]) => ["--output", `${format}=${file}`]));
  assert.equal(outcome.status, 0, outcome.err);
  assert.equal((JSON.parse(it.read("r.json")) as { answers: unknown[] }).answers.length, 8);
  assert.equal((JSON.parse(it.read("r.sarif")) as { version: string }).version, "2.1.0");
  assert.equal((JSON.parse(it.read("r.cdx.json")) as { bomFormat: string }).bomFormat, "CycloneDX");
  assert.match(it.read("r.html"), /^<!doctype html>/i);
  assert.match(it.read("r.md"), /sly/);
});

test("a registry that misbehaves leaves questions open and stops nothing", async (t) => {
  const it = await desk(t);
  it.write(
    "package-lock.json",
    it.lock([
      ["left", "1.0.0"],
      ["right", "2.0.0"],
    ]),
  );
  it.registry.misbehave((path) => (path === "/left" ? { kind: "html" } : path.includes("right-") ? { kind: "half" } : null));
  const outcome = await it.run("check", "--format", "json");
  assert.equal(outcome.status, 0, outcome.err);
  const report = reportOf(outcome);
  assert.equal(report.verdict.verdict, "review");
  assert.equal(outcomeOf(report, "integrity"), "unknown");
});

test("a lockfile of a registry that is not asked leaves the question open instead of passing", async (t) => {
  const it = await desk(t);
  it.write(
    "Cargo.lock",
    'version = 3\n\n[[package]]\nname = "left"\nversion = "1.0.0"\nsource = "registry+https://registry.example/index"\n',
  );
  const outcome = await it.run("check", "--offline", "--format", "json");
  assert.equal(outcome.status, 0, outcome.err);
  const report = reportOf(outcome);
  assert.equal(outcomeOf(report, "identity"), "pass");
  assert.equal(outcomeOf(report, "integrity"), "unknown");
  assert.equal(report.verdict.verdict, "review");
});

test("a registry that cannot be reached leaves open what needs it, also where the lockfile names no addresses", async (t) => {
  const it = await desk(t);
  it.write("package-lock.json", it.lock([["left", "1.0.0"]], { left: { resolved: undefined } }));
  it.write(".npmrc", "registry=http://127.0.0.1:9/\nfetch-retries=0\n");
  const report = reportOf(await it.run("check", "--format", "json"));
  assert.deepEqual(
    ["identity", "integrity", "provenance", "continuity", "advisories"].map((question) => outcomeOf(report, question)),
    ["unknown", "unknown", "unknown", "unknown", "unknown"],
  );
});
