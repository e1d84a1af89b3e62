import assert from "node:assert/strict";
import { test } from "node:test";
import type { PackageManifest, RegistryReleaseClaim } from "../../model/index.ts";
import { artifactOf, ask, manifestOf, releaseOf } from "../testing.ts";
import { manifestConfusion } from "./manifest-confusion.ts";

const project = { packages: { "node_modules/a": {} } };
const compare = (
  outside: Partial<PackageManifest>,
  inside: Partial<PackageManifest>,
  more: Partial<RegistryReleaseClaim> = {},
): readonly string[] => {
  const release = releaseOf(manifestOf("a", "1.0.0", outside), more);
  const artifact = artifactOf(manifestOf("a", "1.0.0"), { manifest: manifestOf("a", "1.0.0", inside) });
  return ask(manifestConfusion, project, { releases: [{ ...release, subject: artifact.subject }], artifacts: [artifact] }).findings.map(
    ({ key }) => key,
  );
};

test("what publishing normalises is no confusion", () => {
  const same: readonly (readonly [Partial<PackageManifest>, Partial<PackageManifest>])[] = [
    [{}, {}],
    [{ version: "1.0.0" }, { version: "v1.0.0+build.7" }],
    [{ scripts: { install: "node-gyp rebuild" } }, { gypfile: true }],
    [{ scripts: {} }, { scripts: { prepare: "tsc", test: "x", prepublishOnly: "y" } }],
    [{ dependencies: { x: "^1" }, optionalDependencies: { x: "^1" } }, { optionalDependencies: { x: "^1" } }],
    [{ dependencies: { x: "*", y: ">=1 <2" } }, { dependencies: { x: "", y: " >=1  <2 " } }],
    [{ dependencies: { x: "github:u/x#main" } }, { dependencies: { x: "git+https://github.com/u/x.git#main" } }],
    [{ dependencies: { x: "git+ssh://git@github.com/u/x.git" } }, { dependencies: { x: "u/x" } }],
    [{ bin: { a: "cli.js" } }, { bin: { a: "./cli.js" } }],
    [{ bin: { a: "bin/a" } }, { bin: { "@s/a": "bin/a.js" } }],
  ];
  for (const [outside, inside] of same) assert.deepEqual(compare(outside, inside), [], JSON.stringify([outside, inside]));
});

test("what differs in substance is one finding a field", () => {
  assert.deepEqual(compare({}, { name: "b" }), ["name"]);
  assert.deepEqual(compare({}, { version: "2.0.0" }), ["version"]);
  assert.deepEqual(compare({}, { scripts: { postinstall: "node x.js" } }), ["scripts"]);
  assert.deepEqual(compare({ scripts: { install: "node-gyp rebuild" } }, {}), ["scripts"]);
  assert.deepEqual(compare({ scripts: { install: "echo" } }, { scripts: { install: "curl" } }), ["scripts"]);
  assert.deepEqual(compare({ dependencies: { x: "^1" } }, { dependencies: { x: "^2" } }), ["dependencies"]);
  assert.deepEqual(compare({ dependencies: { x: "^1" } }, {}), ["dependencies"]);
  assert.deepEqual(compare({}, { bin: { npm: "x.js" }, dependencies: { y: "1" } }), ["dependencies", "bin"]);
});

test("a short document's word that there are scripts is enough", () => {
  assert.deepEqual(compare({}, { scripts: { postinstall: "node x.js" } }, { hasInstallScript: true }), []);
});

test("names that every object has are names like any other", () => {
  const inside = { dependencies: JSON.parse('{"__proto__":"1","constructor":"1"}') as Record<string, string>, scripts: {} };
  assert.deepEqual(compare({}, inside), ["dependencies"]);
});

test("an archive without a readable package.json leaves the question open", () => {
  const manifest = manifestOf("a", "1.0.0");
  const result = ask(manifestConfusion, project, {
    releases: [releaseOf(manifest)],
    artifacts: [artifactOf(manifest, { manifest: null })],
  });
  assert.deepEqual([result.findings.length, result.asked, result.answered], [0, 1, 0]);
});
