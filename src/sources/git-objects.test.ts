import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { deflateSync } from "node:zlib";
import { Fault } from "../model/index.ts";
import { gitBlobId, readBlobs, readCommitTree } from "./git-objects.ts";
import { gitBranchesWith, gitClone, gitFirstParents, gitInHistory, gitIsShallow, gitNotes, gitTags } from "./git-refs.ts";

type Git = (...args: string[]) => string;

function repository(t: TestContext, format: string = "sha1"): { folder: string; git: Git } {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "tributary-objects-")));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const who = ["AUTHOR", "COMMITTER"].flatMap((role) => [
    [`GIT_${role}_NAME`, "a"],
    [`GIT_${role}_EMAIL`, "a@example"],
    [`GIT_${role}_DATE`, "2026-01-02T03:04:05Z"],
  ]);
  const env = { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null", ...Object.fromEntries(who) };
  const git: Git = (...args) =>
    execFileSync("git", args, { cwd: folder, env, stdio: ["ignore", "pipe", "ignore"] })
      .toString()
      .trim();
  git("init", "-q", "-b", "main", `--object-format=${format}`);
  mkdirSync(join(folder, "src", "deep"), { recursive: true });
  writeFileSync(join(folder, "index.js"), "module.exports = 1;\n");
  writeFileSync(join(folder, "src", "deep", "ä b.txt"), "");
  writeFileSync(join(folder, "run.sh"), "#!/bin/sh\n", { mode: 0o755 });
  git("add", "-A");
  git("commit", "-q", "-m", "one");
  return { folder, git };
}

for (const format of ["sha1", "sha256"] as const)
  test(`every file of a commit is listed with the id that we compute for it ourselves (${format})`, async (t) => {
    const { folder, git } = repository(t, format);
    const tree = await readCommitTree(folder, git("rev-parse", "HEAD"));
    assert.equal(tree.format, format);
    assert.equal(tree.committed, "2026-01-02T03:04:05.000Z");
    assert.deepEqual(
      tree.entries.map(({ path, kind }) => [path, kind]),
      [
        ["index.js", "file"],
        ["run.sh", "executable"],
        ["src/deep/ä b.txt", "file"],
      ],
    );
    const index = tree.entries[0]?.id ?? "";
    assert.equal(index, gitBlobId(Buffer.from("module.exports = 1;\n"), format));
    assert.equal((await readBlobs(folder, [index])).get(index)?.toString(), "module.exports = 1;\n");
  });

test("an object whose content was exchanged under its id is refused", async (t) => {
  const { folder, git } = repository(t);
  const commit = git("rev-parse", "HEAD");
  const tree = git("rev-parse", "HEAD^{tree}");
  const place = join(folder, ".git", "objects", tree.slice(0, 2), tree.slice(2));
  const other = Buffer.concat([Buffer.from("100644 index.js\0"), Buffer.alloc(20, 7)]);
  rmSync(place, { force: true });
  writeFileSync(place, deflateSync(Buffer.concat([Buffer.from(`tree ${other.length}\0`), other])));
  await assert.rejects(readCommitTree(folder, commit), (error) => error instanceof Fault && error.code === "git/failed");
});

test("a tree with a name that leaves its folder, or with one name twice, is refused", async (t) => {
  const { folder } = repository(t);
  const write = (type: string, content: Buffer): string => {
    const whole = Buffer.concat([Buffer.from(`${type} ${content.length}\0`), content]);
    const id = createHash("sha1").update(whole).digest("hex");
    mkdirSync(join(folder, ".git", "objects", id.slice(0, 2)), { recursive: true });
    writeFileSync(join(folder, ".git", "objects", id.slice(0, 2), id.slice(2)), deflateSync(whole));
    return id;
  };
  const blob = write("blob", Buffer.from("x"));
  for (const names of [["..", "a"], [".", "a"], ["a/b"], ["a", "a"]]) {
    const entries = names.map((name) => Buffer.concat([Buffer.from(`100644 ${name}\0`), Buffer.from(blob, "hex")]));
    const tree = write("tree", Buffer.concat(entries));
    const commit = write("commit", Buffer.from(`tree ${tree}\nauthor a <a> 0 +0000\ncommitter a <a> 0 +0000\n\nx`));
    await assert.rejects(readCommitTree(folder, commit), (error) => error instanceof Fault && error.code === "git/failed", names.join());
  }
});

test("a replaced commit is not followed", async (t) => {
  const { folder, git } = repository(t);
  const commit = git("rev-parse", "HEAD");
  writeFileSync(join(folder, "index.js"), "evil\n");
  git("commit", "-q", "-a", "-m", "two");
  git("replace", commit, git("rev-parse", "HEAD"));
  const tree = await readCommitTree(folder, commit);
  assert.equal(tree.entries[0]?.id, gitBlobId(Buffer.from("module.exports = 1;\n")));
});

test("tags, branches and notes say where a commit is; a commit that no branch holds is on none", async (t) => {
  const { folder, git } = repository(t);
  const first = git("rev-parse", "HEAD");
  git("tag", "v1.0.0");
  git("tag", "-a", "-m", "signed off", "v1.0.0-annotated");
  git("notes", "add", "-m", '{"a":1}', first);
  git("checkout", "-q", "--detach");
  writeFileSync(join(folder, "index.js"), "impostor\n");
  git("commit", "-q", "-a", "-m", "of nobody");
  const impostor = git("rev-parse", "HEAD");
  git("checkout", "-q", "main");
  assert.deepEqual(await gitBranchesWith(folder, first), ["main"]);
  assert.deepEqual(await gitBranchesWith(folder, impostor), []);
  assert.deepEqual(
    (await gitTags(folder)).map(({ name, commit, annotated }) => [name, commit, annotated]),
    [
      ["v1.0.0", first, false],
      ["v1.0.0-annotated", first, true],
    ],
  );
  assert.deepEqual(await gitNotes(folder), [{ commit: first, text: '{"a":1}\n' }]);
  assert.deepEqual(await gitNotes(folder, "refs/notes/none"), []);
  assert.deepEqual(await gitFirstParents(folder, "main", 10), [first]);
  assert.equal(await gitIsShallow(folder), false);
  const known = gitBlobId(Buffer.from("module.exports = 1;\n"));
  const unknown = gitBlobId(Buffer.from("impostor\n"));
  assert.deepEqual([...(await gitInHistory(folder, new Set([known, unknown])))], [[known, "index.js"]]);
});

test("a repository is fetched with its branches, tags and notes, but not with what no branch holds", async (t) => {
  const { folder, git } = repository(t);
  const commit = git("rev-parse", "HEAD");
  git("tag", "v1");
  git("notes", "add", "-m", "note", commit);
  const into = mkdtempSync(join(tmpdir(), "tributary-clone-"));
  t.after(() => rmSync(into, { recursive: true, force: true }));
  await gitClone(`file://${folder}`, into);
  assert.equal((await gitTags(into))[0]?.commit, commit);
  assert.equal((await gitNotes(into))[0]?.commit, commit);
  assert.deepEqual(await gitBranchesWith(into, commit), ["main"]);
});

test("an address that would run a program or be taken for an option is refused", async (t) => {
  const into = mkdtempSync(join(tmpdir(), "tributary-clone-"));
  t.after(() => rmSync(into, { recursive: true, force: true }));
  for (const address of ["ext::sh -c true", "--upload-pack=touch stolen", "https://a\nb", "/tmp", ""])
    await assert.rejects(gitClone(address, into), (error) => error instanceof Fault && error.code === "git/failed", address);
  assert.deepEqual(readdirSync(into), []);
});
