import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { Fault } from "../model/index.ts";
import { formats } from "./formats.ts";
import { MAX_FILE_BYTES, inputFile } from "./input.ts";
import { keyLines, parseJson, placeAt, relaxJson } from "./lines.ts";
import { mergeListings, readListing, readProject } from "./index.ts";

const scratch = mkdtempSync(join(tmpdir(), "tributary-inventory-"));
after(() => rmSync(scratch, { recursive: true, force: true }));

function folder(name: string, files: Readonly<Record<string, string | Uint8Array>>): string {
  for (const [path, content] of Object.entries(files)) {
    const file = join(scratch, name, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  mkdirSync(join(scratch, name), { recursive: true });
  return join(scratch, name);
}

const npmLock = (names: readonly string[]): string =>
  JSON.stringify({
    name: "p",
    lockfileVersion: 3,
    packages: { "": { name: "p" }, ...Object.fromEntries(names.map((name) => [`node_modules/${name}`, { version: "1.0.0" }])) },
  });

const faultCode = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
    return "none";
  } catch (cause) {
    return cause instanceof Fault ? cause.code : String(cause);
  }
};

test("the table of formats has unique ids, and every reader that it loads carries its line's id and claims its line's files", async () => {
  assert.equal(new Set(formats.map((line) => line.id)).size, formats.length);
  for (const line of formats.filter((line) => line.id.startsWith("npm/"))) {
    const format = await line.load();
    assert.equal(format.id, line.id);
    assert.equal(format.role, line.role);
    for (const path of [
      "package-lock.json",
      "a/b/yarn.lock",
      "pnpm-lock.yaml",
      "x/bun.lock",
      "package.json",
      "e.vsix",
      "xpackage-lock.json",
    ]) {
      assert.equal(format.matches(path), line.matches(path), `${line.id} ${path}`);
    }
  }
});

test("a folder's lockfile is read, its manifest only where there is none", async () => {
  const locked = await readProject(folder("locked", { "package-lock.json": npmLock(["a"]), "package.json": '{"name":"p"}' }));
  assert.deepEqual(
    locked.files.map((file) => file.format),
    ["npm/package-lock"],
  );
  const bare = await readProject(folder("bare", { "package.json": '{"name":"p","dependencies":{"a":"1.0.0"}}' }));
  assert.deepEqual(
    bare.files.map((file) => file.format),
    ["npm/package-json"],
  );
});

test("two lockfiles of one ecosystem are both read, and it is said", async () => {
  const project = await readProject(folder("two", { "package-lock.json": npmLock(["a", "b"]), "yarn.lock": 'b@1:\n  version "1.0.0"\n' }));
  assert.equal(project.files.length, 2);
  assert.deepEqual(
    project.components.map((one) => one.purl),
    ["pkg:npm/a@1.0.0", "pkg:npm/b@1.0.0"],
  );
  assert.match(project.files[0]?.problems.at(-1)?.message ?? "", /package-lock\.json and yarn\.lock/);
  const first = project.nodes.find((node) => node.file === 1 && node.kind === "component");
  assert.equal(project.components[first?.component ?? -1]?.name, "b");
});

test("one file that cannot be read does not stop the others, and is not passed over", async () => {
  const project = await readProject(folder("half", { "package-lock.json": "{", "yarn.lock": 'b@1:\n  version "1.0.0"\n' }));
  assert.equal(project.components.length, 1);
  assert.ok(project.files[0]?.problems.some((problem) => problem.message.includes("package-lock.json is not JSON")));
  assert.equal(await faultCode(readProject(folder("broken", { "package-lock.json": "{" }))), "inventory/syntax");
});

test("what cannot be read at all is refused with the code that says why", async () => {
  assert.equal(await faultCode(readProject(join(scratch, "nowhere"))), "input/not-found");
  assert.equal(await faultCode(readProject(folder("empty", {}))), "inventory/no-lockfile");
  assert.equal(await faultCode(readProject(join(folder("odd", { "x.bin": "\u0000\u0001" }), "x.bin"))), "input/not-understood");
  assert.equal(await faultCode(readProject("/dev/null")), "input/unreadable");
  const huge = join(folder("huge", { "package-lock.json": "" }), "package-lock.json");
  truncateSync(huge, MAX_FILE_BYTES + 1);
  assert.equal(await faultCode(readProject(huge)), "input/too-large");
});

test("where a folder has no lockfile and one below has, the hint says so", async () => {
  try {
    await readProject(folder("mono", { "packages/a/x": "", "web/yarn.lock": "" }));
    assert.fail("was read");
  } catch (cause) {
    assert.ok(cause instanceof Fault && cause.hint?.includes(join("mono", "web")), String(cause));
  }
});

test("a lockfile that is known and not read is said, beside a manifest and alone", async () => {
  const project = await readProject(folder("binary", { "bun.lockb": "\u0000", "package.json": '{"dependencies":{"a":"1"}}' }));
  assert.ok(project.files[0]?.problems.some((problem) => problem.message.startsWith("bun.lockb")));
  assert.equal(await faultCode(readProject(folder("binary-alone", { "bun.lockb": "\u0000" }))), "inventory/no-lockfile");
});

test(
  "a named pipe is refused, not waited for, and a workspace's folder outside the project is not looked into",
  { skip: process.platform === "win32" },
  async () => {
    const where = folder("pipes", {
      "outside.txt": "",
      "in/pnpm-lock.yaml": "lockfileVersion: '9.0'\nimporters:\n  ../:\n    dependencies: {}\n",
      "package.json": '{"name":"secret"}',
    });
    execFileSync("mkfifo", [join(where, "package-lock.json")]);
    assert.equal(await faultCode(readProject(join(where, "package-lock.json"))), "input/unreadable");
    const project = await readProject(join(where, "in"));
    assert.ok(!JSON.stringify(project).includes("secret"));
  },
);

test("a lockfile by another name is known by how it begins, with a byte order mark or in UTF-16 too", async () => {
  const text = npmLock(["a"]);
  const files = {
    "other.json": text,
    "marked.json": `\ufeff${text}`,
    "wide.json": Buffer.from(`\ufeff${text}`, "utf16le"),
    "wide-be.json": Buffer.from(`\ufeff${text}`, "utf16le").swap16(),
  };
  const where = folder("names", files);
  for (const name of Object.keys(files)) assert.equal((await readProject(join(where, name))).components[0]?.purl, "pkg:npm/a@1.0.0", name);
});

test("the same files give the same project, whatever the order of the merge", async () => {
  const one = await readListing(inputFile("package-lock.json", Buffer.from(npmLock(["b", "a"]))));
  const other = await readListing(
    inputFile("yarn.lock", Buffer.from('c@1:\n  version "1.0.0"\n  dependencies:\n    d "1"\n\nd@1:\n  version "1.0.0"\n')),
  );
  const merged = mergeListings([one, other], { name: "m" });
  assert.deepEqual(
    merged.components.map((component) => component.purl),
    mergeListings([other, one], { name: "m" }).components.map((component) => component.purl),
  );
  for (const node of merged.nodes) for (const edge of node.edges) assert.ok(edge.to < 0 || merged.nodes[edge.to]?.file === node.file);
  assert.deepEqual(
    merged.roots.map((root) => merged.nodes[root]?.kind),
    ["root", "root"],
  );
  assert.deepEqual(mergeListings([one, other], { name: "m" }), merged);
});

test("bytes that are no UTF-8 are said", async () => {
  const bytes = Buffer.from(npmLock(["a"])).map((byte) => (byte === 0x70 ? 0xff : byte));
  const text = Buffer.concat([
    Buffer.from('{"lockfileVersion":3,"packages":{"node_modules/'),
    bytes.subarray(9, 10),
    Buffer.from([0xff]),
    Buffer.from('":{"version":"1"}}}'),
  ]);
  const { file } = await readListing(inputFile("package-lock.json", text));
  assert.match(file.problems.at(-1)?.message ?? "", /not valid UTF-8/);
});

test("lines of keys are found whatever the strings hold, and keys that stand twice are told", () => {
  const text = '{\n"packages": {\n"a\\"}": {"x": "{\\n"},\n"\\u0062": [{"c": 1}, "d"],\n"e": "\\\\",\n"e": 1\n},\n"packages": {}}';
  const lines = keyLines(text, "f", ["packages"]);
  assert.equal(lines.line("packages", 'a"}'), 3);
  assert.equal(lines.line("packages", "b"), 4);
  assert.equal(lines.line("packages", "c"), undefined);
  assert.deepEqual(
    lines.repeated.map((one) => `${one.section}/${one.key}:${one.line}`),
    ["packages/e:6", "/packages:8"],
  );
});

test("comments and trailing commas go, and every character stays where it was", () => {
  const text = '{ // one, }\n "a,]": [1, /* two\n */ ], "b": "//", }';
  const relaxed = relaxJson(text);
  assert.equal(relaxed.length, text.length);
  assert.deepEqual(parseJson(relaxed, "f"), { "a,]": [1], b: "//" });
  assert.deepEqual(placeAt(text, "f", text.indexOf('"b"')), { file: "f", line: 3, column: 8 });
  assert.equal(relaxJson('{"a": 1}'), '{"a": 1}');
});
