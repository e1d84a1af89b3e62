/** The way back as its user walks it: the real command, a real repository, a registry on this machine. */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { type TestContext, test } from "node:test";
import { gzipSync } from "node:zlib";
import { findSandbox } from "../src/app/trace/sandbox.ts";
import type { Trace, TraceStep } from "../src/model/index.ts";
import { type FakeRelease, startRegistry } from "./registry/registry.ts";
import { npmTarball, tar } from "./registry/tar.ts";

const launcher = resolve(import.meta.dirname, "..", "bin", "tributary.js");
const PUBLISHED = "2026-03-01T00:00:00.000Z";

type Files = Readonly<Record<string, string>>;

const manifest = `${JSON.stringify({ name: "brook", version: "1.0.0", files: ["lib"], scripts: { build: "node build.cjs" } }, null, 2)}\n`;
const source: Files = {
  "package.json": manifest,
  LICENSE: "free as in water\n",
  ".gitignore": "/lib/built.js\n",
  "lib/index.js": "module.exports = require('./built.js');\n",
  "build.cjs": "require('fs').writeFileSync('lib/built.js', 'module.exports = ' + 6 * 7 + ';\\n');\n",
};
const published: Files = {
  "package.json": manifest,
  LICENSE: source["LICENSE"] ?? "",
  "lib/index.js": source["lib/index.js"] ?? "",
  "lib/built.js": "module.exports = 42;\n",
};

interface Outcome {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** A repository with one release, tagged and on its branch; and a registry that has it. */
async function riverside(t: TestContext, release: Partial<FakeRelease> = {}) {
  const home = mkdtempSync(join(tmpdir(), "tributary trace "));
  const repository = join(home, "repository");
  const registry = await startRegistry({
    packages: [{ name: "brook", releases: [{ version: "1.0.0", files: published, published: PUBLISHED, ...release }] }],
  });
  t.after(async () => {
    await registry.close();
    rmSync(home, { recursive: true, force: true });
  });
  writeFileSync(join(home, ".npmrc"), `registry=${registry.url}\n`);
  const who = Object.fromEntries(
    ["AUTHOR", "COMMITTER"].flatMap((role) => [
      [`GIT_${role}_NAME`, "a"],
      [`GIT_${role}_EMAIL`, "a@registry.example"],
      [`GIT_${role}_DATE`, "2026-02-01T00:00:00Z"],
    ]),
  );
  const env = { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null", ...who };
  mkdirSync(repository);
  const git = (...args: string[]): string =>
    execFileSync("git", args, { cwd: repository, env, stdio: ["ignore", "pipe", "ignore"] })
      .toString()
      .trim();
  const commit = (files: Files, message: string): string => {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(repository, path)), { recursive: true });
      writeFileSync(join(repository, path), content);
    }
    git("add", "-A");
    git("commit", "-q", "-m", message);
    return git("rev-parse", "HEAD");
  };
  git("init", "-q", "-b", "main");
  const head = commit(source, "release 1.0.0");
  git("tag", "v1.0.0");
  const run = async (...args: readonly string[]): Promise<Outcome> =>
    await new Promise((done) => {
      const named = args.some((arg) => arg.endsWith(".tar.gz") && args[args.indexOf(arg) - 1] !== "--source");
      const child = spawn(process.execPath, [launcher, "trace", ...(named ? [] : ["brook@1.0.0"]), ...args], {
        cwd: home,
        env: { HOME: home, PATH: process.env["PATH"] ?? "" },
      });
      let out = "";
      let err = "";
      child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
      child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
      child.on("close", (status) => done({ status, out, err }));
    });
  const traced = async (...args: readonly string[]): Promise<Trace & { readonly status: number | null }> => {
    const { status, out, err } = await run("--format", "json", ...args);
    assert.notEqual(out, "", err);
    return { ...(JSON.parse(out) as Trace), status };
  };
  return { home, repository, git, commit, head, run, traced };
}

const stateOf = (trace: Trace, id: TraceStep["id"]): string => trace.steps.find((step) => step.id === id)?.state ?? "";

test("a release is followed to its commit, tag and branch, and each of its files is explained or not", async (t) => {
  const { traced, run, head, repository, git } = await riverside(t);
  const way = await traced("--git", "repository");
  assert.equal(way.source?.commit, head);
  assert.deepEqual(
    ["bytes", "commit", "tag", "branch", "files"].map((id) => stateOf(way, id as TraceStep["id"])),
    ["verified", "observed", "observed", "observed", "unknown"],
  );
  assert.deepEqual([way.counts["in-tree"], way.counts.generated, way.verdict, way.status], [3, 1, "open", 0]);
  assert.equal((await traced("--git", "repository", "--strict")).status, 1);
  // What stands in the notes is read, and believed only where it is signed by who may.
  assert.equal(stateOf(way, "source-track"), "unknown");
  git("notes", "add", "-m", '{"payload":"e30=","payloadType":"application/vnd.in-toto+json","signatures":[{"sig":"AAAA"}]}', head);
  const noted = await traced("--git", "repository");
  assert.match(noted.steps.find(({ id }) => id === "source-track")?.says ?? "", /No source level is attested/);
  // An address is fetched, and gives the same answer.
  const fetched = await traced("--git", `file://${repository}`);
  assert.deepEqual(fetched.files, way.files);
  const shown = await run("--git", "repository");
  assert.match(shown.out, /lib\/built\.js/);
  assert.match(shown.out, /--rebuild/);
});

test("a byte, a file that is not in the source, and one that is gone break the way", async (t) => {
  const cases: readonly (readonly [Files, string])[] = [
    [{ ...published, "lib/index.js": "module.exports = require('./built.js') ;\n" }, "lib/index.js"],
    [{ ...published, "lib/build-to-host.m4": "eval\n" }, "lib/build-to-host.m4"],
    [Object.fromEntries(Object.entries(published).filter(([path]) => path !== "LICENSE")), "LICENSE"],
  ];
  for (const [files, path] of cases) {
    const { traced } = await riverside(t, { files });
    const way = await traced("--git", "repository");
    assert.deepEqual([way.verdict, way.status, stateOf(way, "files")], ["broken", 1, "broken"], path);
    assert.deepEqual(
      way.files.filter(({ state }) => state === "unexplained" || state === "missing").map((file) => file.path),
      [path],
    );
  }
});

test("bytes that the registry did not publish are noticed", async (t) => {
  const { traced, home } = await riverside(t);
  writeFileSync(join(home, "swapped.tgz"), npmTarball({ ...published, "lib/built.js": "module.exports = 43;\n" }));
  const way = await traced("--git", "repository", "--tarball", "swapped.tgz");
  assert.deepEqual([way.verdict, stateOf(way, "bytes")], ["broken", "broken"]);
});

test("a tag that was moved is noticed: by the commit that the registry names, and by where it was before", async (t) => {
  const named = await riverside(t);
  await named.traced("--git", "repository");
  named.commit({ "lib/later.js": "later\n" }, "later");
  named.git("tag", "-f", "v1.0.0");
  const moved = await named.traced("--git", "repository");
  assert.deepEqual([moved.verdict, stateOf(moved, "tag")], ["broken", "broken"]);
  assert.match(moved.because.join("\n"), /was moved/);

  const other = await riverside(t, { document: { gitHead: named.head } });
  assert.equal(other.head, named.head);
  other.commit({ "lib/later.js": "later\n" }, "later");
  other.git("tag", "-f", "v1.0.0");
  const differing = await other.traced("--git", "repository");
  assert.equal(stateOf(differing, "commit"), "asserted");
  assert.deepEqual([differing.source?.by, differing.verdict, stateOf(differing, "tag")], ["registry", "broken", "broken"]);
});

test("a commit that no branch and no tag holds is an impostor's", async (t) => {
  const { git, commit, traced } = await riverside(t);
  git("checkout", "-q", "--detach");
  const impostor = commit({ "lib/index.js": "evil\n" }, "of a fork");
  git("checkout", "-q", "main");
  const way = await traced("--git", "repository", "--commit", impostor);
  assert.equal(stateOf(way, "branch"), "broken");
  assert.equal(stateOf(way, "tag"), "broken");
});

test("a commit that was made after the release was published cannot be its source", async (t) => {
  const { traced } = await riverside(t, { published: "2026-01-01T00:00:00.000Z" });
  assert.equal(stateOf(await traced("--git", "repository"), "commit"), "broken");
});

test("what is not there is said with a hint, and the status is 2", async (t) => {
  const { run } = await riverside(t);
  for (const args of [
    ["--git", "nowhere"],
    ["--source", "none.tar.gz"],
    ["--git", "."],
    ["--tarball", "none.tgz"],
    ["--git", "repository", "--commit", "--help"],
  ]) {
    const { status, out, err } = await run(...args);
    assert.deepEqual([status, out], [2, ""], args.join(" "));
    assert.match(err, /^error\[/);
  }
});

test("our own build explains what the source has not, with no network and no rights; and a statement says so", async (t) => {
  const { traced, home, repository } = await riverside(t);
  if ((await findSandbox(home)) === null) {
    t.skip("there is no sandbox on this machine");
    return;
  }
  const way = await traced("--git", "repository", "--rebuild", "--statement", "statement.json");
  assert.equal(way.rebuild?.outcome, "done", way.rebuild?.log);
  assert.deepEqual([way.counts.reproduced, way.counts.generated, way.verdict], [1, 0, "traced"]);
  const statement = JSON.parse(readFileSync(join(home, "statement.json"), "utf8")) as { subject: { digest: { sha512: string } }[] };
  assert.equal(statement.subject[0]?.digest.sha512, way.artifact.sha512);
  // A build that reaches out or leaves its folder does not get there.
  writeFileSync(
    join(repository, "build.cjs"),
    "const fs = require('fs'); const tried = []; try { fs.writeFileSync('/usr/evil', ''); tried.push('disk'); } catch {}\n" +
      `if (fs.existsSync(${JSON.stringify(home)})) tried.push('home');\n` +
      "if (Object.keys(require('os').networkInterfaces()).length > 0) tried.push('network');\n" +
      "fs.writeFileSync('lib/built.js', 'reached ' + tried.join());\n",
  );
  execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@registry.example", "commit", "-qam", "evil"], { cwd: repository });
  const evil = await traced("--git", "repository", "--commit", "HEAD", "--rebuild");
  assert.equal(evil.rebuild?.outcome, "done", evil.rebuild?.log);
  assert.equal(evil.counts.generated, 1);
  assert.deepEqual(evil.rebuild.comparison?.different, ["package/lib/built.js"]);
});

test("a tarball beside a tag is held against the repository: the file that only the release has is found", async (t) => {
  const { home, git, commit, run } = await riverside(t);
  commit({ "configure.ac": "AC_INIT\n", "src/brook.c": "int main;\n" }, "a C library");
  git("tag", "v2.0.0");
  const files: Files = { ...source, "configure.ac": "AC_INIT\n", "src/brook.c": "int main;\n", configure: "#!/bin/sh\n" };
  const pack = (name: string, what: Files): void =>
    writeFileSync(
      join(home, name),
      gzipSync(tar(Object.entries(what).map(([path, content]) => ({ path: `brook-2.0.0/${path}`, content: Buffer.from(content) })))),
    );
  pack("brook-2.0.0.tar.gz", files);
  const trace = async (name: string): Promise<Trace & { readonly status: number | null }> => {
    const { status, out, err } = await run("--git", "repository", "--format", "json", name);
    assert.notEqual(out, "", err);
    return { ...(JSON.parse(out) as Trace), status };
  };
  const honest = await trace("brook-2.0.0.tar.gz");
  assert.deepEqual([honest.verdict, honest.source?.by, honest.counts.unexplained, honest.counts.generated], ["open", "tag", 0, 1]);
  assert.deepEqual(
    honest.steps.map(({ id }) => id),
    ["bytes", "provenance", "run", "commit", "tag", "branch", "source-track", "files"],
  );
  pack("brook-2.0.0.tar.gz", { ...files, "src/evil.c": "evil\n" });
  const odd = await trace("brook-2.0.0.tar.gz");
  assert.deepEqual([odd.verdict, odd.status], ["broken", 1]);
  assert.deepEqual(
    odd.files.filter(({ state }) => state === "unexplained").map(({ path }) => path),
    ["src/evil.c"],
  );
  assert.equal((await run("--rebuild", "brook-2.0.0.tar.gz")).status, 2, "only packages of a registry are built again");
});
