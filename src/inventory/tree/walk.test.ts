import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test, type TestContext } from "node:test";
import { matchGlob, parseGlob } from "./glob.ts";
import { walk } from "./walk.ts";

/** What takes more than linear time does not come back within this at the sizes below; a slow machine does. */
const HANG = 120_000;

function plant(context: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "tributary-walk-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

const repository: Readonly<Record<string, string>> = {
  ".gitignore":
    "*.log\n!important.log\n/build/\n**/frotz\nfoo/*\n!foo/hello.c\n*.py[co]\ndeep/**/t\nx/**\n# c\n\\#hash\na/\\[x\\].txt\nlogs/\nspaced\\ \n",
  "a/b/.gitignore": "!keep.log\n/c/*.tmp\n",
  ...Object.fromEntries(
    [
      "a/f.txt",
      "a/b/f.log",
      "a/b/keep.log",
      "a/b/c/g.tmp",
      "a/b/c/z.pyc",
      "a/[x].txt",
      "a/x.txt",
      "build/o",
      "src/build/p",
      "x/y/q",
      "doc/frotz/r",
      "foo/s",
      "foo/hello.c",
      "deep/one/two/t",
      "deep/t",
      "logs/debug/u",
      "important.log",
      "debug.log",
      "z.pyc",
      "d.py1",
      "#hash",
      "sp ace/v",
    ].map((path) => [path, ""]),
  ),
};

test("a walk sees what git sees, whatever the patterns", (context) => {
  const folder = plant(context, repository);
  spawnSync("git", ["init", "-q", folder]);
  const git = spawnSync("git", ["-C", folder, "-c", "core.quotepath=off", "ls-files", "--others", "--exclude-standard"], {
    encoding: "utf8",
  });
  assert.equal(git.status, 0, git.stderr);
  const seen = git.stdout.split("\n").filter((line) => line !== "");
  assert.ok(seen.length > 8);
  assert.deepEqual(walk(folder).files.toSorted(), seen.toSorted());
  // From a folder within the repository the rules above it count too.
  assert.deepEqual(
    walk(join(folder, "a")).files.toSorted(),
    seen.flatMap((path) => (path.startsWith("a/") ? [path.slice(2)] : [])).toSorted(),
  );
});

test("installed packages are passed by and named, unless they are asked for; links are not followed", (context) => {
  const folder = plant(context, {
    "package-lock.json": "{}",
    "node_modules/a/package.json": "{}",
    "web/vendor/x/go.mod": "",
    "src/a.ts": "",
  });
  symlinkSync("..", join(folder, "src", "loop"));
  const walked = walk(folder, { exclude: ["*.ts"] });
  assert.deepEqual([walked.files, walked.passed], [["package-lock.json"], ["node_modules", "web/vendor"]]);
  assert.equal(walk(folder, { installed: true }).files.length, 4);
});

test("no pattern takes long", { timeout: HANG }, () => {
  assert.equal(matchGlob(parseGlob(`${"a*".repeat(2_000)}b`), ["a".repeat(4_000)]), false);
  assert.equal(
    matchGlob(
      parseGlob(`${"**/a/".repeat(1_000)}b`),
      Array.from({ length: 2_000 }, () => "a"),
    ),
    false,
  );
});
