import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { test } from "node:test";
import { Fault, type Listing } from "../model/index.ts";
import { ecosystemFormats } from "./ecosystem-formats.ts";
import { formatOf, formats } from "./formats.ts";
import { inputFile, noContext } from "./input.ts";
import { samples } from "./samples.ts";

/** Read from bytes of their own kind, and tested beside their readers. */
const packed: ReadonlySet<string> = new Set(["python/archive", "java/archive", "ruby/gem", "rust/crate"]);

const accounted = (listing: Listing): number =>
  listing.nodes.filter((node) => node.kind !== "root").length +
  listing.problems.reduce((sum, problem) => sum + (problem.entry ? (problem.count ?? 1) : 0), 0);

test("a format's line says the same as its reader, and every format has a sample", async () => {
  for (const line of ecosystemFormats) {
    const reader = await line.load();
    assert.deepEqual([reader.id, reader.title, reader.role], [line.id, line.title, line.role]);
    const sample = samples[line.id];
    assert.ok(sample !== undefined || packed.has(line.id), `${line.id} has no sample`);
    for (const { path } of Object.values(samples)) {
      for (const one of [path, `some/folder/${path}`, path.toUpperCase(), `${path}.bak`])
        assert.equal(reader.matches(one), line.matches(one), `${line.id} and ${one}`);
    }
  }
  assert.equal(new Set(formats.map((line) => line.id)).size, formats.length);
});

test("the guide names every format", () => {
  const guide = readFileSync(resolve(import.meta.dirname, "..", "..", "docs", "inventory-ecosystems.md"), "utf8");
  for (const line of ecosystemFormats) assert.ok(guide.includes(`| \`${line.id}\` |`), line.id);
});

test("each sample is claimed by its own format and gives as many entries as it lists, with a place and a purl each", async () => {
  for (const [id, sample] of Object.entries(samples)) {
    const line = formatOf(`some/folder/${sample.path}`);
    assert.equal(line?.id, id, sample.path);
    const listing = (await line.load()).read(inputFile(sample.path, Buffer.from(sample.text)), noContext);
    assert.equal(listing.listed, sample.lists, `${id}: ${JSON.stringify(listing.problems)}`);
    assert.equal(accounted(listing), listing.listed, id);
    assert.equal(listing.format, id);
    for (const node of listing.nodes) {
      assert.equal(node.place.file, sample.path, id);
      if (node.kind === "component") assert.ok((node.place.line ?? 0) > 0, `${id}: ${node.name} has no line`);
      for (const edge of node.edges) assert.ok(edge.to < listing.nodes.length, id);
      for (const hash of node.integrity) assert.match(hash, /^(?:md5|sha1|sha256|sha384|sha512)-[A-Za-z0-9+/]+={0,2}(?:\?h1)?$/, id);
    }
    for (const component of listing.components) assert.match(component.purl, /^pkg:[a-z0-9.+-]+\//, id);
  }
});

test("a lockfile's entry that is direct, or for development only, is known as such where the file says so", async () => {
  const known: Readonly<Record<string, readonly (readonly [name: string, direct: boolean | null, scope: string])[]>> = {
    "python/uv-lock": [
      ["left", true, "prod"],
      ["right", true, "dev"],
    ],
    "python/pdm-lock": [
      ["left", null, "prod"],
      ["right", null, "dev"],
    ],
    "rust/cargo-lock": [
      ["left", true, "prod"],
      ["left", false, "prod"],
      ["right", true, "prod"],
    ],
    "ruby/gemfile-lock": [
      ["here", true, "prod"],
      ["left", true, "prod"],
      ["right", false, "prod"],
      ["right", false, "prod"],
    ],
    "go/mod": [
      ["example.com/left", true, "prod"],
      ["example.com/right", false, "prod"],
      ["example.com/local", true, "prod"],
      ["stdlib", true, "prod"],
    ],
    "dotnet/packages-lock": [
      ["Left", true, "prod"],
      ["Right", false, "prod"],
    ],
    "dart/pubspec-lock": [
      ["left", true, "prod"],
      ["right", false, "prod"],
    ],
    "java/gradle-lock": [
      ["org.left:left", null, "prod"],
      ["org.right:right", null, "dev"],
    ],
    "hex/rebar-lock": [
      ["left", true, "prod"],
      ["here", false, "prod"],
    ],
    "hex/gleam-manifest": [
      ["left", true, "prod"],
      ["right", false, "prod"],
    ],
    "swift/podfile-lock": [
      ["Left", true, "prod"],
      ["Left/Core", false, "prod"],
      ["Right", true, "prod"],
    ],
    "cpp/conan-lock": [
      ["left", null, "prod"],
      ["right", null, "dev"],
    ],
    "php/composer-lock": [
      ["v/left", null, "prod"],
      ["v/right", null, "dev"],
    ],
  };
  for (const [id, expected] of Object.entries(known)) {
    const sample = samples[id];
    assert.ok(sample !== undefined, id);
    const reader = await formatOf(sample.path)?.load();
    const listing = reader?.read(inputFile(sample.path, Buffer.from(sample.text)), noContext);
    const got = listing?.nodes
      .filter((node) => node.kind === "component")
      .map((node) => [listing.components[node.component]?.name, node.direct, node.scope]);
    assert.deepEqual(got, expected, id);
  }
});

const sri = (digit: string, algorithm = "sha256", length = 64): string =>
  `${algorithm}-${Buffer.from(digit.repeat(length), "hex").toString("base64")}`;

test("hashes of every kind arrive as Subresource Integrity of the same bytes", async () => {
  const expected: Readonly<Record<string, readonly string[]>> = {
    "python/uv-lock": [sri("a")],
    "python/poetry-lock": [sri("a")],
    "python/pdm-lock": [sri("a")],
    "python/pylock": [sri("a")],
    "python/pipfile-lock": [sri("a")],
    "python/requirements": [sri("a"), sri("b")],
    "java/gradle-verification": [sri("a"), sri("b")],
    "rust/cargo-lock": [sri("a")],
    "ruby/gemfile-lock": [sri("a")],
    "php/composer-lock": [sri("a", "sha1", 40)],
    "dotnet/packages-lock": [`sha512-${Buffer.alloc(64, 1).toString("base64")}`],
    "dart/pubspec-lock": [sri("a")],
    "hex/mix-lock": [sri("a")],
    "hex/rebar-lock": [sri("a")],
    "hex/gleam-manifest": [sri("a")],
  };
  for (const [id, hashes] of Object.entries(expected)) {
    const sample = samples[id];
    assert.ok(sample !== undefined, id);
    const listing = (await formatOf(sample.path)?.load())?.read(inputFile(sample.path, Buffer.from(sample.text)), noContext);
    const first = listing?.nodes.find((node) => /left/i.test(node.name));
    assert.deepEqual(first?.integrity, hashes, id);
  }
});

test("a file cut off anywhere, or with a byte changed, is read in part or refused with a place, and never loses count", async () => {
  for (const [id, sample] of Object.entries(samples)) {
    const reader = await formatOf(sample.path)?.load();
    assert.ok(reader !== undefined);
    const step = Math.max(1, Math.floor(sample.text.length / 60));
    for (let at = 0; at < sample.text.length; at += step) {
      for (const text of [
        sample.text.slice(0, at),
        `${sample.text.slice(0, at)}{${sample.text.slice(at + 1)}`,
        `${sample.text.slice(0, at)}\n${sample.text.slice(at)}`,
      ]) {
        try {
          const listing = reader.read(inputFile(sample.path, Buffer.from(text)), noContext);
          assert.equal(accounted(listing), listing.listed, `${id} at ${at}`);
        } catch (error) {
          if (!(error instanceof Fault)) throw new Error(`${id} at ${at}`, { cause: error });
          assert.ok(error.place !== undefined, `${id} at ${at}: ${error.message} names no place`);
        }
      }
    }
  }
});

test("names that objects are born with are names like any other, and bombs are refused", async () => {
  const bombs = [
    "\0".repeat(500),
    "[".repeat(4_000),
    '{"a":'.repeat(4_000),
    "<project>" + "<a>".repeat(4_000),
    `<!DOCTYPE p [<!ENTITY a "x"><!ENTITY b "${"&a;".repeat(50)}">]><project><groupId>&b;</groupId></project>`,
    `a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\npackages: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c,*c,*c,*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n`,
    "packages: &a [*a]\n",
    `a${" ".repeat(4_000)}x`,
    "require (\n".repeat(5_000),
    "%{".repeat(5_000),
    '{"packages":[{"name":"__proto__","version":"1"}],"default":{"__proto__":{"version":"==1"}},"Packages":{"__proto__":{"Version":"1"}},"dependencies":{"net8.0":{"__proto__":{"resolved":"1"}}},"pins":[]}',
    '[[package]]\nname = "__proto__"\nversion = "1"\n[dependencies]\n__proto__ = "1"\n[deps]\n__proto__ = "x"\n',
  ];
  for (const line of ecosystemFormats) {
    const reader = await line.load();
    const path = samples[line.id]?.path ?? "x.whl";
    for (const text of bombs) {
      try {
        const listing = reader.read(inputFile(path, Buffer.from(text)), noContext);
        assert.equal(accounted(listing), listing.listed, line.id);
      } catch (error) {
        if (!(error instanceof Fault)) throw new Error(`${line.id}: ${text.slice(0, 40)}`, { cause: error });
      }
    }
  }
  assert.equal(Object.keys(Object.prototype).length, 0);
});
