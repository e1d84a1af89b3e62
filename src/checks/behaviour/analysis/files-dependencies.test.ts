import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import type { PackageFacts } from "../../../model/index.ts";
import { isElsewhere } from "./compare-elsewhere.ts";
import { packageFacts } from "./files-package.ts";

async function release(files: Readonly<Record<string, string | Uint8Array>>): Promise<PackageFacts> {
  return await packageFacts(
    "",
    Object.entries(files).map(([path, content]) => ({ path, executable: false, bytes: Buffer.from(content) })),
  );
}

const places = ({ dependencies }: PackageFacts): readonly string[] =>
  dependencies.map(({ name, wanted, group, file, line }) => `${name} ${wanted} ${group} ${file}:${line}`);

test("each dependency of npm is placed where its own group declares it, not where its name first stands", async () => {
  const manifest = `{
  "name": "a", "keywords": ["brook"],
  "scripts": { "brook": "x" },
  "dependencies": {
    "brook": "^1.0.0",
    "@s/river": "2"
  },
  "peerDependencies": {
    "brook": "*"
  }
}`;
  assert.deepEqual(places(await release({ "package.json": manifest })), [
    "@s/river 2 runtime package.json:6",
    "brook * peer package.json:9",
    "brook ^1.0.0 runtime package.json:5",
  ]);
});

test("a script is placed in the manifest's scripts, also where its name stands elsewhere before", async () => {
  const { selfRuns } = await release({
    "package.json": `{ "name": "a",\n"keywords": ["postinstall"],\n"scripts": {\n"postinstall": "true" } }`,
  });
  assert.deepEqual(
    selfRuns.map(({ name, line }) => [name, line]),
    [["postinstall", 4]],
  );
});

test("what a crate and a Python release depend on is placed as well", async () => {
  assert.deepEqual(
    places(await release({ "Cargo.toml": `[package]\nname = "a"\n\n[dependencies]\nserde = "1"\n[dependencies.rand]\nversion = "0.8"\n` })),
    [`rand {"version":"0.8"} runtime Cargo.toml:6`, "serde 1 runtime Cargo.toml:5"],
  );
  assert.deepEqual(places(await release({ "PKG-INFO": "Name: a\nRequires-Dist: idna>=2\nRequires-Dist: chardet\n" })), [
    "chardet  runtime PKG-INFO:3",
    "idna >=2 runtime PKG-INFO:2",
  ]);
});

const specification = `--- !ruby/object:Gem::Specification
name: a
dependencies:
- !ruby/object:Gem::Dependency
  name: brook-bed
  requirement: &id001 !ruby/object:Gem::Requirement
    requirements:
    - - ">="
      - !ruby/object:Gem::Version
        version: '1.2'
    - - "<"
      - !ruby/object:Gem::Version
        version: '3'
  type: :runtime
  version_requirements: *id001
- !ruby/object:Gem::Dependency
  name: rspec
  requirement: *id001
  type: :development
`;

test("a gem's dependencies are read out of its packed specification", async () => {
  const read = await release({ "metadata.gz": gzipSync(specification), "lib/a.rb": `require "brook/bed"\n` });
  assert.deepEqual(places(read), ["brook-bed >= 1.2, < 3 runtime metadata.gz:5", "rspec >= 1.2, < 3 development metadata.gz:17"]);
  assert.deepEqual(
    read.dependencies.map(({ used }) => used),
    ["yes", "unknown"],
  );
  assert.deepEqual(read.unread, []);
});

test("a gem's specification that cannot be unpacked, or unpacks to too much, is said to be unread", async () => {
  for (const bytes of [Buffer.from("no gzip"), gzipSync("a".repeat(2 * 1024 * 1024))]) {
    const read = await release({ "metadata.gz": bytes });
    assert.deepEqual(
      read.unread.map(({ path }) => path),
      ["metadata.gz"],
    );
  }
});

test("a manifest of a megabyte of dependencies is placed in one pass", async () => {
  const names = Array.from({ length: 30_000 }, (_, index) => `"dependency-${index}": "1"`);
  const read = await release({ "package.json": `{"name":"a","dependencies":{\n${names.join(",\n")}}}` });
  assert.equal(read.dependencies.find(({ name }) => name === "dependency-29999")?.line, 30_001);
});

const lock = (packages: Readonly<Record<string, unknown>>): string => JSON.stringify({ lockfileVersion: 3, packages });

test("what a shrinkwrap takes from an address without saying what the bytes are, or asks for beside the manifest, is a dependency", async () => {
  const integrity = "sha512-x";
  const resolved = "https://registry.example/a.tgz";
  const read = await release({
    "package.json": `{ "name": "p", "dependencies": { "brook": "^1.0.0" } }`,
    "npm-shrinkwrap.json": lock({
      "": { dependencies: { brook: "^1.0.0", hidden: "1.0.0" } },
      "node_modules/brook": { resolved, integrity },
      "node_modules/brook/node_modules/@s/deep": { resolved: "http://127.0.0.1:9/deep.tgz" },
      "packages/own": { resolved: "http://127.0.0.1:9/own.tgz" },
      "node_modules/other": { resolved: "git+ssh://git.example/other.git#1" },
    }),
  });
  assert.deepEqual(
    read.dependencies.filter(({ group }) => group === "bundled").map(({ name, from }) => `${name} ${from}`),
    ["@s/deep address", "hidden registry", "other git"],
  );
});

test("an old shrinkwrap that says of nothing what the bytes are asks for nothing besides", async () => {
  const read = await release({
    "package.json": `{ "name": "p", "dependencies": { "brook": "^1.0.0" } }`,
    "npm-shrinkwrap.json": JSON.stringify({ dependencies: { brook: { version: "1.0.0", resolved: "https://registry.example/a.tgz" } } }),
  });
  assert.deepEqual(places(read), ["brook ^1.0.0 runtime package.json:1"]);
});

const isOf = (name: string, wanted: string, from: "alias" | "folder" | "git"): boolean => isElsewhere({ name, wanted, from });

test("another package under a name, a folder and an archive are elsewhere, a name with its version and a workspace are not", () => {
  assert.equal(isOf("lodash", "npm:lodash-other@^1.0.0", "alias"), true);
  assert.equal(isOf("lodash", "npm:@some/other@1", "alias"), true);
  assert.equal(isOf("string-width-cjs", "npm:string-width@^4.2.0", "alias"), false);
  assert.equal(isOf("a", "file:vendor/a.tgz", "folder"), true);
  assert.equal(isOf("a", "workspace:*", "folder"), false);
  assert.equal(isOf("a", "github:b/a", "git"), true);
});
