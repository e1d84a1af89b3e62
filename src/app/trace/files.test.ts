import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { npmTarball, tar } from "../../../test/registry/tar.ts";
import type { FileState } from "../../model/index.ts";
import { gitBlobId } from "../../sources/git-objects.ts";
import { type PublishedFile, type SourceTree, archiveTree, classifyFiles, readPublished } from "./files.ts";

type Files = Readonly<Record<string, string>>;

function treeOf(files: Files): SourceTree {
  const contents = new Map<string, Buffer>();
  const entries = Object.entries(files).map(([path, content]) => {
    const bytes = Buffer.from(content);
    const id = gitBlobId(bytes);
    contents.set(id, bytes);
    return { path, kind: "file" as const, id };
  });
  return {
    format: "sha1",
    entries,
    read: (ids) =>
      Promise.resolve(new Map([...ids].flatMap((id) => (contents.has(id) ? [[id, contents.get(id) ?? Buffer.alloc(0)]] : [])))),
  };
}

async function states(
  source: Files,
  published: Files,
  options: { directory?: string; rebuilt?: Files } = {},
): Promise<Record<string, FileState>> {
  const rebuilt = new Map(
    Object.entries(options.rebuilt ?? {}).map(([path, content]): [string, PublishedFile] => [
      path,
      { path, bytes: Buffer.from(content), executable: false },
    ]),
  );
  const files = await classifyFiles(await readPublished(npmTarball(published)), treeOf(source), {
    directory: options.directory ?? "",
    ...(options.rebuilt === undefined ? {} : { rebuilt }),
  });
  return Object.fromEntries(files.map(({ path, state }) => [path, state]));
}

const manifest = '{ "name": "a", "version": "1.0.0", "files": ["lib", "dist"] }';
const source: Files = {
  "package.json": manifest,
  LICENSE: "free",
  ".gitignore": "/dist\n",
  "lib/index.js": "one\n",
  "src/main.ts": "two",
  "test/fixture.js": "three",
};

test("files are in the source, copied within it, expected of a build, or unexplained", async () => {
  const published = {
    "package.json": manifest,
    LICENSE: "free",
    "lib/index.js": "one\n",
    "lib/extra.js": "evil",
    "dist/main.js": "built",
    "LICENSE.txt": "free",
    "build/main.js": "made of src/main.ts",
  };
  assert.deepEqual(await states(source, published), {
    LICENSE: "in-tree",
    "LICENSE.txt": "copied",
    "build/main.js": "generated",
    "dist/main.js": "generated",
    "lib/extra.js": "unexplained",
    "lib/index.js": "in-tree",
    "package.json": "in-tree",
  });
});

test("bytes that the source has elsewhere do not explain a file that the source has otherwise", async () => {
  const found = await states(source, { "package.json": manifest, LICENSE: "free", "lib/index.js": "three" });
  assert.equal(found["lib/index.js"], "unexplained");
});

test("what our own build makes again is reproduced, and what it makes differently is not", async () => {
  const published = { "package.json": manifest, LICENSE: "free", "lib/index.js": "one\n", "dist/a.js": "a", "dist/b.js": "b" };
  const found = await states(source, published, { rebuilt: { "dist/a.js": "a", "dist/b.js": "other" } });
  assert.equal(found["dist/a.js"], "reproduced");
  assert.equal(found["dist/b.js"], "generated");
});

test("what our own build packs and the package lacks is missing; and bytes from elsewhere do not stand in for what it makes", async () => {
  const published = { "package.json": manifest, LICENSE: "free", "lib/index.js": "one\n", "dist/a.js": "three" };
  const found = await states(source, published, { rebuilt: { ...published, "dist/a.js": "a", "dist/guard.js": "check()" } });
  assert.equal(found["dist/a.js"], "generated");
  assert.equal(found["dist/guard.js"], "missing");
  assert.equal((await states(source, published))["dist/a.js"], "generated", "code under another name is no copy");
});

test("a file that the source publishes and the package lacks is missing; what it keeps out is not", async () => {
  const found = await states(
    { ...source, "lib/guard.js": "check()", "lib/.npmignore": "*.md\n", "lib/notes.md": "x" },
    { "package.json": manifest, "lib/index.js": "one\n" },
  );
  assert.deepEqual(
    Object.entries(found).filter(([, state]) => state === "missing"),
    [
      ["LICENSE", "missing"],
      ["lib/guard.js", "missing"],
    ],
  );
});

test("a package of a monorepo is looked for in its folder", async () => {
  const inFolder = Object.fromEntries(Object.entries(source).map(([path, content]) => [`packages/a/${path}`, content]));
  const found = await states(
    { ...inFolder, "package.json": "{}" },
    { "package.json": manifest, LICENSE: "free", "lib/index.js": "one\n" },
    { directory: "packages/a" },
  );
  assert.deepEqual(new Set(Object.values(found)), new Set(["in-tree"]));
});

test("line ends may differ, and packing may change of a package.json what decides nothing; else it is unexplained", async () => {
  const before =
    '{"name":"a","version":"0.0.0","scripts":{"test":"x","postinstall":"y"},"dependencies":{"b":"workspace:^1","c":"^1.0.0"},"devDependencies":{"d":"1"}}';
  const packed = (change: (value: Record<string, unknown>) => void): string => {
    const value = JSON.parse(before) as Record<string, unknown>;
    value["version"] = "1.0.0";
    value["dependencies"] = { b: "^1.2.0", c: "^1.0.0" };
    delete value["devDependencies"];
    change(value);
    return JSON.stringify(value);
  };
  const state = async (text: string): Promise<FileState | undefined> =>
    (await states({ "package.json": before, "a.js": "a\nb\n" }, { "package.json": text, "a.js": "a\r\nb\r\n" }))["package.json"];
  assert.equal(await state(packed(() => undefined)), "derived");
  assert.equal(await state(packed((value) => (value["dependencies"] = { b: "^1.2.0", c: "^2.0.0" }))), "unexplained");
  assert.equal(await state(packed((value) => (value["dependencies"] = { b: "^1.2.0", c: "^1.0.0", evil: "1.0.0" }))), "unexplained");
  assert.equal(await state(packed((value) => (value["scripts"] = { test: "x", postinstall: "evil" }))), "unexplained");
  assert.equal(await state(packed((value) => (value["scripts"] = { test: "x" }))), "unexplained");
  assert.equal(await state(packed((value) => (value["main"] = "evil.js"))), "unexplained");
  assert.equal(
    await state(packed((value) => Object.defineProperty(value, "__proto__", { value: { main: "evil.js" }, enumerable: true }))),
    "unexplained",
  );
  assert.equal(
    await state(
      packed(() => undefined)
        .replace("{", '{"main":"evil.js",')
        .replace("}", ',"main":"index.js"}'),
    ),
    "unexplained",
  );
  assert.equal(await state(before.replace("{", '{"name":"b",')), "unexplained");
  assert.equal((await states({ "a.js": "a\nb\n" }, { "a.js": "a\r\nb\r\n" }))["a.js"], "derived");
});

test("whatever byte of whatever file is changed, that file is never explained by the source again", async () => {
  const published: Files = { "package.json": manifest, LICENSE: "free", "lib/index.js": "one\n" };
  for (const [path, content] of Object.entries(published))
    for (let at = 0; at < content.length; at++) {
      const changed = `${content.slice(0, at)}~${content.slice(at + 1)}`;
      assert.equal((await states(source, { ...published, [path]: changed }))[path], "unexplained", `${path} at ${at}`);
    }
});

test("of two entries with one path the later counts, as npm installs it, and the archive is marked", async () => {
  const doubled = await readPublished(
    gzipSync(
      tar([
        { path: "package/a.js", content: "good" },
        { path: "package/a.js", content: "evil" },
      ]),
    ),
  );
  assert.equal(doubled.files.get("a.js")?.bytes.toString(), "evil");
  assert.ok(doubled.hazards.some(({ kind }) => kind === "duplicate-entry"));
});

test("what is no archive at all is read as one without files, and said to be incomplete", async () => {
  for (const bytes of [Buffer.alloc(0), Buffer.from("<html>"), Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3])]) {
    const { files, complete } = await readPublished(bytes);
    assert.equal(files.size, 0);
    assert.equal(complete && bytes.length > 0, false);
  }
});

test("a source archive is read without its top folder, and entries that leave it are left out", async () => {
  const tree = await archiveTree(
    tar([
      { path: "a-1/index.js", content: "x" },
      { path: "a-1/../../etc/passwd", content: "y" },
      { path: "a-1/", type: "5" },
    ]),
    "tar",
  );
  assert.deepEqual(
    tree.entries.map(({ path }) => path),
    ["index.js"],
  );
});
