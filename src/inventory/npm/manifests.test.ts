import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateRawSync } from "node:zlib";
import { Fault } from "../../model/index.ts";
import { inputFile, noContext } from "../input.ts";
import { denoJson, denoSource } from "./deno.ts";
import { importsOf } from "./imports.ts";
import { packageJson } from "./package-json.ts";
import { accountsForAll, nodesOf, readSample } from "./sample.ts";
import { aliasOf, originOf } from "./spec.ts";
import { vsix } from "./vsix.ts";
import { expandWorkspaces, matchesWorkspace } from "./workspaces.ts";

/** What takes more than linear time does not come back within this at the sizes below; a slow machine does. */
const HANG = 120_000;

test("a manifest pins nothing but what it asks for exactly", () => {
  const listing = readSample(packageJson, "package.json", {
    "package.json":
      '{\n"name":"p","version":"1.0.0",\n"dependencies":{\n"a":"1.2.3",\n"b":"^1.0.0",\n"c":"npm:d@=2.0.0"},\n"devDependencies":{"b":"1","e":"file:../e"}}',
  });
  assert.deepEqual(nodesOf(listing), ["a@1.2.3:4 prod direct", "b@:5 prod direct", "d@2.0.0:6 prod direct", "e@:7 dev direct"]);
});

test("what Deno imports is told from what it says in comments and texts", () => {
  const source = `// import x from "npm:no@1"\n/* export * from 'npm:no@2' */\nimport a from "npm:a@1.0.0";\nexport * from 'jsr:@s/b@2.0.0/mod.ts';\nconst t = \`import "npm:no@3"\`;\nawait import(\n  "https://esm.sh/c@3.0.0?dev");\nimport "./local.ts";\nconst s = "import 'npm:no@4'";`;
  assert.deepEqual(
    importsOf(source).map(({ specifier, line }) => `${line} ${specifier}`),
    ["3 npm:a@1.0.0", "4 jsr:@s/b@2.0.0/mod.ts", "6 https://esm.sh/c@3.0.0?dev", "8 ./local.ts"],
  );
  const listing = readSample(denoSource, "deps.ts", { "deps.ts": source });
  assert.deepEqual(
    listing.components.map((one) => one.purl),
    ["pkg:npm/a@1.0.0", "pkg:jsr/s/b@2.0.0", "pkg:npm/c@3.0.0?download_url=https:%2F%2Fesm.sh%2Fc%403.0.0%3Fdev"],
  );
});

test("cutting a file into words stays linear on what is never closed", { timeout: HANG }, () => {
  for (const text of ["/*".repeat(200_000), "`".repeat(200_001), '"\\'.repeat(200_000), "/* *".repeat(100_000)]) {
    importsOf(text);
  }
});

test("a deno.json with comments is read, and what it maps to a file is no package", () => {
  const listing = readSample(denoJson, "deno.json", { "deno.json": '{ // c\n"imports": {\n"a": "npm:a@^1",\n"l": "./l.ts", } }' });
  assert.deepEqual(nodesOf(listing), ["a@:3 prod direct"]);
});

test("the globs of a workspace are matched without a regular expression, and expanded by what is there", { timeout: HANG }, () => {
  assert.ok(matchesWorkspace(["packages/*"], "packages/a"));
  assert.ok(!matchesWorkspace(["packages/*"], "packages/a/b"));
  assert.ok(matchesWorkspace(["./apps/**/"], "apps/a/b"));
  assert.ok(matchesWorkspace(["{apps,libs}/x-*"], "libs/x-1"));
  assert.ok(!matchesWorkspace(["packages/*", "!packages/old"], "packages/old"));
  const hostile = `${"*a".repeat(5000)}b`;
  assert.ok(!matchesWorkspace([hostile, `${"**/".repeat(2000)}b`], "a".repeat(5000)));
  assert.ok(!matchesWorkspace(["{a,b}".repeat(40)], "c"));
  const folders: Record<string, readonly string[]> = { "": ["packages", "docs"], packages: ["a", "b", "old"] };
  const context = {
    beside: (path: string) => (/^packages\/(a|old)\/package.json$/.test(path) ? inputFile(path, Buffer.from("{}")) : null),
    folders: (path: string) => folders[path] ?? [],
  };
  assert.deepEqual(expandWorkspaces(["packages/*", "!packages/old"], context), ["packages/a"]);
});

test("specifiers say where a package comes from", () => {
  assert.deepEqual(aliasOf("npm:@s/a@^1"), { name: "@s/a", range: "^1" });
  assert.equal(aliasOf("npm:^1.0.0"), null);
  const kinds: Readonly<Record<string, string | undefined>> = {
    "^1.0.0": undefined,
    latest: undefined,
    "npm:a@1": undefined,
    "workspace:*": undefined,
    "github:o/r": "git",
    "o/r#semver:^1": "git",
    "git@github.com:o/r.git": "git",
    "https://example.org/x.tgz": "url",
    "https://example.org/x.git": "git",
    "file:../x": "directory",
    "file:x.tgz": "file",
    "./x": "directory",
    "link:../x": "directory",
  };
  for (const [specifier, kind] of Object.entries(kinds)) assert.equal(originOf(specifier)?.kind, kind, specifier);
});

/** A zip with these members. */
function zip(members: Readonly<Record<string, string>>): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let at = 0;
  for (const [name, text] of Object.entries(members)) {
    const body = deflateRawSync(text);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(name.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(8, 10);
    entry.writeUInt32LE(body.length, 20);
    entry.writeUInt32LE(text.length, 24);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(at, 42);
    locals.push(local, Buffer.from(name), body);
    central.push(entry, Buffer.from(name));
    at += 30 + name.length + body.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Object.keys(members).length, 10);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...locals, ...central, end]);
}

test("an extension's packages are read from its zip; what is broken in it is said, and the rest is read", () => {
  const bytes = zip({
    "extension/package.json": '{"name":"own","version":"1.0.0"}',
    "extension/node_modules/a/package.json": '{"name":"a","version":"1.0.0"}',
    "extension/node_modules/@s/b/package.json": '{"name":"@s/b","version":"2.0.0"}',
    "extension/node_modules/c/package.json": "{broken",
    "extension/node_modules/a/lib/package.json": '{"name":"inner","version":"1.0.0"}',
  });
  const listing = vsix.read(inputFile("x.vsix", bytes), noContext);
  assert.deepEqual(
    listing.components.map((one) => one.purl),
    ["pkg:npm/a@1.0.0", "pkg:npm/%40s/b@2.0.0"],
  );
  assert.ok(accountsForAll(listing));
  for (let length = 0; length < bytes.length; length += 7) {
    assert.ok(accountsForAll(vsix.read(inputFile("x.vsix", bytes.subarray(0, length)), noContext)));
  }
});

test("a manifest that is no JSON is refused with its place", () => {
  assert.throws(
    () => readSample(packageJson, "package.json", { "package.json": '{\n"a": tru }' }),
    (fault: unknown) => fault instanceof Fault && fault.code === "inventory/syntax" && fault.place?.line === 2,
  );
});
