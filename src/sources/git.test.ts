import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Fault } from "../model/index.ts";
import { gitCommit, gitFile, gitFiles, gitRoot } from "./git.ts";

function repository(t: TestContext): { folder: string; git: (...args: string[]) => string } {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "tributary-git-")));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const env = {
    ...process.env,
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_SYSTEM: "/dev/null",
    GIT_AUTHOR_NAME: "a",
    GIT_AUTHOR_EMAIL: "a@example",
    GIT_COMMITTER_NAME: "a",
    GIT_COMMITTER_EMAIL: "a@example",
  };
  const git = (...args: string[]): string =>
    execFileSync("git", args, { cwd: folder, env, stdio: ["ignore", "pipe", "ignore"] }).toString();
  git("init", "-q", "-b", "main");
  mkdirSync(join(folder, "sub"));
  writeFileSync(join(folder, "lock.json"), "one");
  writeFileSync(join(folder, "sub", "--output=evil"), "dash");
  git("add", "-A");
  git("commit", "-q", "-m", "one");
  return { folder, git };
}

test("a file is read as it was, whatever its name and from whatever folder; what a commit does not have is null", async (t) => {
  const { folder, git } = repository(t);
  git("tag", "v1");
  writeFileSync(join(folder, "lock.json"), "two");
  git("commit", "-q", "-a", "-m", "two");
  const sub = join(folder, "sub");
  assert.equal(await gitRoot(sub), folder);
  const commit = await gitCommit(sub, "v1");
  assert.equal((await gitFile(sub, commit, "lock.json"))?.toString(), "one");
  assert.equal((await gitFile(sub, await gitCommit(sub, "main"), "lock.json"))?.toString(), "two");
  assert.equal((await gitFile(sub, commit, "sub/--output=evil"))?.toString(), "dash");
  assert.equal(await gitFile(sub, commit, "none.json"), null);
  assert.equal(await gitFile(sub, commit, "sub"), null);
  assert.equal(await gitFile(sub, commit, "*.json"), null);
  assert.deepEqual(await gitFiles(sub, commit), ["lock.json", "sub/--output=evil"]);
});

test("what is no revision is a fault with a hint, never an option for git", async (t) => {
  const { folder } = repository(t);
  for (const revision of ["none", "", "--output=stolen", "-h", "main\n", "HEAD:lock.json"])
    await assert.rejects(
      gitCommit(folder, revision),
      (error) => error instanceof Fault && error.code === "git/failed" && error.hint !== undefined,
      revision,
    );
  assert.equal(existsSync(join(folder, "stolen")), false);
});

test("outside a repository there is no root", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "tributary-nogit-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  assert.equal(await gitRoot(folder), null);
});

test("programs that a repository names in its configuration are not run", async (t) => {
  const { folder, git } = repository(t);
  const mark = join(folder, "ran");
  git("config", "core.fsmonitor", `touch ${mark}`);
  git("config", "core.pager", `touch ${mark}`);
  git("config", "diff.x.textconv", `touch ${mark}; cat`);
  writeFileSync(join(folder, ".git", "info", "attributes"), "*.json diff=x filter=x\n");
  git("config", "filter.x.smudge", `touch ${mark}; cat`);
  rmSync(mark, { force: true });
  assert.equal((await gitFile(folder, await gitCommit(folder, "main"), "lock.json"))?.toString(), "one");
  assert.equal(existsSync(mark), false);
});
