import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "../../model/index.ts";
import { packageLock } from "./package-lock.ts";
import { accountsForAll, edgesOf, nodesOf, readSample } from "./sample.ts";

/** What takes more than linear time does not come back within this at the sizes below; a slow machine does. */
const HANG = 120_000;

const lock = (packages: Readonly<Record<string, unknown>>, more: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({ name: "p", version: "1.0.0", lockfileVersion: 3, ...more, packages }, null, 2);
const read = (text: string, beside: Readonly<Record<string, string>> = {}): ReturnType<typeof readSample> =>
  readSample(packageLock, "package-lock.json", { "package-lock.json": text, ...beside });

const tree = lock({
  "": {
    name: "p",
    version: "1.0.0",
    dependencies: { a: "^1.0.0", old: "npm:a@^0.9.0" },
    devDependencies: { d: "1" },
    optionalDependencies: { o: "1" },
  },
  "node_modules/a": {
    version: "1.2.0",
    integrity: "sha512-AAAA sha1-BBBB",
    dependencies: { b: "2" },
    peerDependencies: { q: "1" },
    license: "MIT",
  },
  "node_modules/a/node_modules/b": { version: "2.0.0" },
  "node_modules/b": { version: "1.0.0", dev: true },
  "node_modules/d": { version: "1.0.0", dev: true, dependencies: { b: "1" }, hasInstallScript: true },
  "node_modules/o": { version: "1.0.0", optional: true, dependencies: { b: "1" } },
  "node_modules/old": { name: "a", version: "0.9.1" },
});

test("edges follow Node's rule: the nearest node_modules first, then the one above", () => {
  const listing = read(tree);
  assert.deepEqual(edgesOf(listing), [
    ". -> a@0.9.1 prod",
    ". -> a@1.2.0 prod",
    ". -> d@1.0.0 dev",
    ". -> o@1.0.0 optional",
    "a@1.2.0 -> b@2.0.0 prod",
    "a@1.2.0 -> q ? peer",
    "d@1.0.0 -> b@1.0.0 prod",
    "o@1.0.0 -> b@1.0.0 prod",
  ]);
});

test("each entry has its line, its scope by the graph, and whether the project itself asks for it", () => {
  const listing = read(tree);
  assert.deepEqual(nodesOf(listing), [
    "a@1.2.0:20 prod direct",
    "b@2.0.0:31 prod",
    "b@1.0.0:34 optional",
    "d@1.0.0:38 dev direct",
    "o@1.0.0:46 optional direct",
    "a@0.9.1:53 prod direct",
  ]);
  assert.ok(accountsForAll(listing));
  assert.deepEqual(listing.nodes[1]?.integrity, ["sha512-AAAA", "sha1-BBBB"]);
  assert.equal(listing.nodes.find((node) => node.name === "old")?.version, "0.9.1");
  assert.equal(listing.nodes.find((node) => node.name === "d")?.installScript, true);
  assert.equal(listing.components.find((one) => one.purl === "pkg:npm/a@1.2.0")?.licence, "MIT");
});

test("members of the workspace are roots, links lead to them, and a folder asked for by path is a package", () => {
  const listing = read(
    lock({
      "": { workspaces: ["packages/*"], dependencies: { local: "file:libs/local" } },
      "packages/web": { name: "web", version: "3.0.0", dependencies: { core: "*", ms: "2" } },
      "packages/core": { name: "core", version: "2.0.0", devDependencies: { ms: "2" } },
      "libs/local": { version: "0.1.0" },
      "node_modules/web": { resolved: "packages/web", link: true },
      "node_modules/core": { resolved: "packages/core", link: true },
      "node_modules/local": { resolved: "libs/local", link: true },
      "node_modules/ms": { version: "2.1.3" },
    }),
  );
  assert.deepEqual(edgesOf(listing), [
    ". -> local@0.1.0 prod",
    ".packages/core -> ms@2.1.3 dev",
    ".packages/web -> .packages/core prod",
    ".packages/web -> ms@2.1.3 prod",
  ]);
  assert.equal(listing.roots.length, 3);
  assert.equal(listing.listed, 2);
  assert.deepEqual(listing.components.find((one) => one.name === "local")?.origin, { kind: "directory", path: "libs/local" });
});

test("an address in the specifier decides where a package comes from; a strange address under a plain range does not", () => {
  const listing = read(
    lock({
      "": { dependencies: { g: "github:o/g", t: "https://example.org/t.tgz", r: "^1.0.0" } },
      "node_modules/g": { version: "1.0.0", resolved: "git+ssh://git@github.com/o/g.git#0123456789abcdef0123456789abcdef01234567" },
      "node_modules/t": { version: "1.0.0", resolved: "https://example.org/t.tgz" },
      "node_modules/r": { version: "1.0.0", resolved: "https://evil.example/r.tgz" },
    }),
  );
  assert.deepEqual(
    listing.components.map((one) => one.origin.kind),
    ["git", "url", "registry"],
  );
  assert.match(listing.components[0]?.purl ?? "", /vcs_url=git%2Bssh:.*0123456789abcdef/);
});

test("format 1 gives the same as format 3 of the same tree, with the manifest telling who is direct", () => {
  const old = JSON.stringify(
    {
      lockfileVersion: 1,
      dependencies: {
        a: { version: "1.2.0", requires: { b: "2" }, dependencies: { b: { version: "2.0.0", requires: { a: "1" } } } },
        b: { version: "1.0.0", dev: true },
        c: { version: "git+https://example.org/c.git#0123456789abcdef0123456789abcdef01234567" },
        old: { version: "npm:a@0.9.1" },
      },
    },
    null,
    2,
  );
  const listing = read(old, { "package.json": JSON.stringify({ name: "p", dependencies: { a: "1", c: "*", old: "npm:a@^0.9" } }) });
  assert.deepEqual(nodesOf(listing).toSorted(), [
    "a@0.9.1:25 prod direct",
    "a@1.2.0:4 prod direct",
    "b@1.0.0:18 dev",
    "b@2.0.0:10 prod",
    "c@:22 prod direct",
  ]);
  assert.ok(edgesOf(listing).includes("b@2.0.0 -> a@1.2.0 prod"));
  assert.equal(read(old).nodes.find((node) => node.name === "a")?.direct, null);
});

test("what is no entry is a problem with its line, and counts", () => {
  const listing = read(
    `{ "lockfileVersion": 3, "packages": {\n "": {},\n "node_modules/a": 7,\n "node_modules/": {"version":"1"},\n "node_modules/b": {"version":"1"},\n "node_modules/b": {"version":"2"},\n "stray": {"version":"1"} } }`,
  );
  assert.ok(accountsForAll(listing));
  assert.equal(listing.listed, 5);
  assert.deepEqual(
    listing.problems.filter((problem) => problem.entry).map((problem) => problem.place.line),
    [3, 4, 6],
  );
});

test("a key like __proto__ or constructor is a name among others and changes nothing", () => {
  const listing = read(
    `{"lockfileVersion":3,"__proto__":{"x":1},"packages":{"":{"dependencies":{"__proto__":"1","constructor":"1","toString":"1"}},"node_modules/__proto__":{"version":"1.0.0"},"node_modules/constructor":{"version":"1.0.0"}}}`,
  );
  assert.deepEqual(edgesOf(listing), [". -> __proto__@1.0.0 prod", ". -> constructor@1.0.0 prod", ". -> toString ? prod"]);
  assert.equal(Object.hasOwn(Object.prototype, "x"), false);
});

test("a lockfile that does not fit its package.json is said to", () => {
  const listing = read(lock({ "": { dependencies: { a: "^1.0.0", gone: "1" } }, "node_modules/a": { version: "1.0.0" } }), {
    "package.json": JSON.stringify({ dependencies: { a: "^2.0.0", fresh: "1" } }),
  });
  const said = listing.problems.map((problem) => problem.message).join("\n");
  for (const word of ["a@^2.0.0", "fresh@1", "gone@1"]) assert.ok(said.includes(word), word);
});

test("text that is no lockfile is refused with code and place", () => {
  const cases: readonly (readonly [string, string, number | undefined])[] = [
    ['{"lockfileVersion":3,\n"packages":{', "inventory/syntax", 2],
    ["null", "inventory/format", 1],
    ["[]", "inventory/format", 1],
    ["{}", "inventory/format", 1],
    ['{"lockfileVersion":3,\n"packages":[]}', "inventory/format", 2],
    [`{"lockfileVersion":1,"dependencies":${'{"a":{"dependencies":'.repeat(600)}{}${"}}".repeat(600)}}`, "inventory/depth", 1],
    ["[".repeat(100_000), "inventory/depth", 1],
    ["", "inventory/syntax", 1],
  ];
  for (const [text, code, line] of cases) {
    assert.throws(
      () => read(text),
      (fault: unknown) => fault instanceof Fault && fault.code === code && fault.place?.line === line,
      text.slice(0, 40),
    );
  }
});

test("a circle of the oldest format and one of peers come to an end", () => {
  const listing = read(
    JSON.stringify({
      lockfileVersion: 1,
      dependencies: { a: { version: "1.0.0", requires: { b: "1" } }, b: { version: "1.0.0", requires: { a: "1" } } },
    }),
  );
  assert.deepEqual(edgesOf(listing), ["a@1.0.0 -> b@1.0.0 prod", "b@1.0.0 -> a@1.0.0 prod"]);
});

test("paths that no installation can have cost no time, and are said", { timeout: HANG }, () => {
  const deep = "node_modules/a/".repeat(20_000);
  const asks = Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`n${index}`, "1"]));
  const levels = Object.fromEntries(
    Array.from({ length: 250 }, (_, level) => [
      `${"node_modules/a/".repeat(Math.min(level, 120))}node_modules/b${level}`,
      { version: "1", dependencies: asks },
    ]),
  );
  const listing = read(
    lock({
      "": {},
      [`${deep}node_modules/b`]: { version: "1", dependencies: asks },
      [`${"f/".repeat(3000)}x`]: { version: "1" },
      ...levels,
    }),
  );
  assert.ok(accountsForAll(listing));
  assert.equal(listing.listed, 252);
  assert.equal(listing.problems.filter((problem) => problem.entry).length, 2);
});
