import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { gitBlobId } from "../../sources/git-objects.ts";
import type { SourceEntry, SourceTree } from "./files.ts";
import { layOut } from "./rebuild.ts";

function treeOf(files: readonly (readonly [string, SourceEntry["kind"], string])[]): SourceTree {
  const contents = new Map(files.map(([, , content]) => [gitBlobId(Buffer.from(content)), Buffer.from(content)]));
  const entries = files.map(([path, kind, content]) => ({ path, kind, id: gitBlobId(Buffer.from(content)) }));
  return { format: "sha1", entries, read: () => Promise.resolve(contents) };
}

test("a source is laid out without npm's settings, and nothing of it gets out of its folder by whatever links", async (t) => {
  const home = mkdtempSync(join(tmpdir(), "tributary-layout-"));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  const into = join(home, "a", "source");
  mkdirSync(into, { recursive: true });
  const said = await layOut(
    treeOf([
      ["index.js", "file", "1"],
      ["run.sh", "executable", "2"],
      ["good", "symlink", "index.js"],
      [".npmrc", "file", "script-shell=evil"],
      ["packages/a/.npmrc", "file", "registry=evil"],
      [".git/config", "file", "evil"],
      ["../out.txt", "file", "evil"],
      ["absolute", "symlink", "/etc"],
      ["up", "symlink", "../.."],
      // Each looks harmless by itself: here, then above here.
      ["here", "symlink", "."],
      ["above", "symlink", "here/.."],
      ["further", "symlink", "above/above/.."],
      ["above/evil.txt", "file", "evil"],
      ["out", "symlink", "here/.."],
      ["out/planted", "symlink", "index.js"],
      ["loop", "symlink", "loop"],
      ["nowhere", "symlink", "later.txt"],
      ["index.js/inner", "file", "in the way"],
    ]),
    into,
  );
  assert.equal(readFileSync(join(into, "good"), "utf8"), "1");
  for (const path of [".npmrc", "packages/a/.npmrc", ".git", "absolute", "up", "further", "out/planted/x", "loop", "nowhere"])
    assert.equal(existsSync(join(into, path)), false, path);
  assert.deepEqual(readdirSync(join(home, "a")), ["source"]);
  assert.deepEqual(readdirSync(home), ["a"]);
  assert.match(said, /left out of the build/);
});
