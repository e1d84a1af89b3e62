import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "../../model/index.ts";
import { readDependencyPath } from "./pnpm-path.ts";
import { pnpmLock } from "./pnpm-lock.ts";
import { accountsForAll, edgesOf, nodesOf, readSample } from "./sample.ts";

const read = (text: string, beside: Readonly<Record<string, string>> = {}): ReturnType<typeof readSample> =>
  readSample(pnpmLock, "pnpm-lock.yaml", { "pnpm-lock.yaml": text, ...beside });

const NINE = `lockfileVersion: '9.0'

importers:

  .:
    dependencies:
      a:
        specifier: ^1.0.0
        version: 1.0.0(p@2.0.0)
      web:
        specifier: workspace:*
        version: link:packages/web
    devDependencies:
      other:
        specifier: npm:a@^0.9.0
        version: a@0.9.0

  packages/web:
    dependencies:
      a:
        specifier: ^1.0.0
        version: 1.0.0
      g:
        specifier: github:o/g
        version: https://codeload.github.com/o/g/tar.gz/0123456789abcdef0123456789abcdef01234567

packages:

  a@0.9.0:
    resolution: {integrity: sha512-OLD=}

  a@1.0.0:
    resolution: {integrity: sha512-NEW=}
    peerDependencies:
      p: '>=1'
    peerDependenciesMeta:
      p:
        optional: true

  g@https://codeload.github.com/o/g/tar.gz/0123456789abcdef0123456789abcdef01234567:
    resolution: {tarball: https://codeload.github.com/o/g/tar.gz/0123456789abcdef0123456789abcdef01234567}
    version: 3.0.0

  p@2.0.0:
    resolution: {integrity: sha512-PEER=}
    deprecated: |-
      Two lines: of text
      with a # in them

snapshots:

  a@0.9.0: {}

  a@1.0.0: {}

  a@1.0.0(p@2.0.0):
    optionalDependencies:
      p: 2.0.0

  g@https://codeload.github.com/o/g/tar.gz/0123456789abcdef0123456789abcdef01234567: {}

  p@2.0.0: {}
`;

/** Line of the first line that begins so. */
const lineOf = (text: string, beginning: string): number => text.split("\n").findIndex((line) => line.startsWith(beginning)) + 1;

test("format 9: an instance for each set of peers, at the line of its release, and members of the workspace as roots", () => {
  const listing = read(NINE);
  assert.deepEqual(edgesOf(listing), [
    ". -> .packages/web prod",
    ". -> a@0.9.0 dev",
    ". -> a@1.0.0 prod",
    ".packages/web -> a@1.0.0 prod",
    ".packages/web -> g@3.0.0 prod",
    "a@1.0.0 -> p ? peer",
    "a@1.0.0 -> p@2.0.0 peer",
  ]);
  assert.deepEqual(nodesOf(listing), [
    `a@0.9.0:${lineOf(NINE, "  a@0.9.0:")} dev direct`,
    `a@1.0.0:${lineOf(NINE, "  a@1.0.0:")} prod direct`,
    `a@1.0.0:${lineOf(NINE, "  a@1.0.0:")} prod direct`,
    `g@3.0.0:${lineOf(NINE, "  g@https:")} prod direct`,
    `p@2.0.0:${lineOf(NINE, "  p@2.0.0:")} prod`,
  ]);
  assert.equal(listing.components.length, 4);
  assert.ok(accountsForAll(listing));
  assert.deepEqual(listing.problems, []);
  assert.deepEqual(listing.components.find((one) => one.name === "g")?.origin, {
    kind: "git",
    url: "https://github.com/o/g",
    commit: "0123456789abcdef0123456789abcdef01234567",
  });
});

test("two documents: the project's packages and the tool's own are both read, and the tool's are marked", () => {
  const own = `---
lockfileVersion: '9.0'

importers:

  .:
    configDependencies:
      hooks:
        specifier: 1.0.0
        version: 1.0.0
    packageManagerDependencies:
      pnpm:
        specifier: 12.0.0
        version: 12.0.0

packages:

  '@pnpm/exe.linux-x64@12.0.0':
    resolution: {integrity: sha512-X=}

  hooks@1.0.0:
    resolution: {integrity: sha512-H=}

  pnpm@12.0.0:
    resolution: {integrity: sha512-P=}

snapshots:

  '@pnpm/exe.linux-x64@12.0.0':
    optional: true

  hooks@1.0.0: {}

  pnpm@12.0.0:
    optionalDependencies:
      '@pnpm/exe.linux-x64': 12.0.0

---
`;
  const listing = read(own + NINE);
  assert.equal(listing.listed, 8);
  assert.ok(accountsForAll(listing));
  const groups = listing.nodes
    .filter((node) => node.groups !== undefined)
    .map((node) => `${node.name} ${node.groups?.join()} ${node.scope}`);
  assert.deepEqual(groups, ["@pnpm/exe.linux-x64 package-manager dev", "hooks config dev", "pnpm package-manager dev"]);
  assert.equal(nodesOf(listing).filter((line) => line.startsWith("a@1.0.0:")).length, 2);
  assert.ok(nodesOf(listing).includes(`p@2.0.0:${lineOf(own + NINE, "  p@2.0.0:")} prod`));
});

test("formats 5 and 6 of one project give the same graph", () => {
  const five = `lockfileVersion: 5.4

specifiers:
  a: ^1.0.0
  b: npm:@s/c@^2.0.0

dependencies:
  a: 1.0.0_p@2.0.0
  b: /@s/c/2.0.0

packages:

  /@s/c/2.0.0:
    resolution: {integrity: sha512-C=}
    dev: false

  /a/1.0.0_p@2.0.0:
    resolution: {integrity: sha512-A=}
    peerDependencies:
      p: '*'
    dependencies:
      p: 2.0.0
    dev: false

  /p/2.0.0:
    resolution: {integrity: sha512-P=}
    requiresBuild: true
    dev: false
`;
  const six = five
    .replace("lockfileVersion: 5.4", "lockfileVersion: '6.0'")
    .replace(
      /specifiers:[^]*?packages:/,
      "dependencies:\n  a:\n    specifier: ^1.0.0\n    version: 1.0.0(p@2.0.0)\n  b:\n    specifier: npm:@s/c@^2.0.0\n    version: /@s/c@2.0.0\n\npackages:",
    )
    .replace("/@s/c/2.0.0:", "/@s/c@2.0.0:")
    .replace("/a/1.0.0_p@2.0.0:", "/a@1.0.0(p@2.0.0):")
    .replace("/p/2.0.0:", "/p@2.0.0:");
  const expected = [". -> @s/c@2.0.0 prod", ". -> a@1.0.0 prod", "a@1.0.0 -> p@2.0.0 peer"];
  for (const text of [five, six]) {
    const listing = read(text);
    assert.deepEqual(edgesOf(listing), expected);
    assert.deepEqual(listing.problems, []);
    assert.equal(listing.nodes.find((node) => node.name === "p")?.installScript, true);
  }
});

test("dependency paths of every format are cut into name and version", () => {
  const cases: readonly (readonly [number, string, string])[] = [
    [5, "/foo/1.0.0", "foo@1.0.0"],
    [5, "/@s/foo/1.0.0-rc.1_bar@2.0.0+x", "@s/foo@1.0.0-rc.1"],
    [5, "registry.example/@s/foo/1.0.0", "@s/foo@1.0.0"],
    [6, "/@s/foo@1.0.0(bar@2.0.0(baz@1.0.0))", "@s/foo@1.0.0"],
    [9, "foo@1.0.0+build", "foo@1.0.0+build"],
    [9, "node@runtime:24.1.0", "node@24.1.0"],
  ];
  for (const [major, key, expected] of cases) {
    const path = readDependencyPath(major, key, "", "");
    assert.equal(`${path?.name}@${path?.version}`, expected, key);
  }
  for (const [major, key] of [
    [5, "/foo/bar"],
    [5, "invalid"],
    [6, "/foo"],
    [9, "foo"],
    [9, "@s/foo"],
  ] as const)
    assert.equal(readDependencyPath(major, key, "", ""), null, key);
});

test("an override is no difference between package.json and the lockfile; any other difference is one", () => {
  const text = `lockfileVersion: '9.0'\n\noverrides:\n  forced: 2.0.0\n\nimporters:\n\n  .:\n    dependencies:\n      forced:\n        specifier: 2.0.0\n        version: 2.0.0\n\npackages:\n\n  forced@2.0.0:\n    resolution: {integrity: sha512-F=}\n\nsnapshots:\n\n  forced@2.0.0: {}\n`;
  assert.deepEqual(read(text, { "package.json": '{"dependencies":{"forced":"^1"}}' }).problems, []);
  assert.equal(read(text, { "package.json": '{"dependencies":{"forced":"^1","more":"1"}}' }).problems.length, 1);
});

test("a file that is no lockfile of pnpm is refused with code and line", () => {
  const cases: readonly (readonly [string, string, number | undefined])[] = [
    ["", "inventory/format", 1],
    ["packages: {}\n", "inventory/format", 1],
    ["lockfileVersion: 4\n", "inventory/format", 1],
    ["lockfileVersion: '9.0'\npackages:\n  - a\n", "inventory/format", 2],
    ["lockfileVersion: '9.0'\npackages:\n  a@1.0.0: {}\n  a@1.0.0: {}\n", "inventory/syntax", 4],
    ["lockfileVersion: '9.0'\npackages:\n  a@1.0.0: {resolution: {integr", "inventory/syntax", 3],
    [`lockfileVersion: '9.0'\nx: ${"[".repeat(5000)}`, "inventory/depth", 2],
    ["a: &x [1]\nlockfileVersion: '9.0'\nb: *x\n", "inventory/format", 3],
  ];
  for (const [text, code, line] of cases) {
    assert.throws(
      () => read(text),
      (fault: unknown) => fault instanceof Fault && fault.code === code && fault.place?.line === line,
      text.slice(0, 60),
    );
  }
});
