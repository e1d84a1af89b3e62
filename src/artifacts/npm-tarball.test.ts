import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import type { ArtifactClaim } from "../model/index.ts";
import { type TarEntry, npmTarball, paxRecords, tar, tarEntry } from "../../test/registry/tar.ts";
import { archiveLimits } from "./limits.ts";
import { readNpmTarball } from "./npm-tarball.ts";

const URL = "https://registry.example/a/-/a-1.0.0.tgz";
const manifest = (more: object = {}): string => JSON.stringify({ name: "a", version: "1.0.0", ...more });
const honest = { path: "package/package.json", content: manifest() };
const kinds = (claim: ArtifactClaim): string[] => [...new Set(claim.hazards.map((hazard) => hazard.kind))].toSorted();
const read = (entries: Parameters<typeof tar>[0]): Promise<ArtifactClaim> => readNpmTarball(URL, gzipSync(tar(entries)));

test("an honest tarball has its hashes, its size, its manifest and no hazard", async () => {
  const bytes = npmTarball({
    "package.json": { name: "a", version: "1.0.0", bin: "./cli.js", scripts: { test: "x", postinstall: "node y" } },
    "cli.js": "1",
  });
  const claim = await readNpmTarball(URL, bytes);
  assert.deepEqual(claim.hazards, []);
  assert.equal(claim.sha512, createHash("sha512").update(bytes).digest("hex"));
  assert.equal(claim.files, 2);
  assert.deepEqual(claim.manifest?.bin, { a: "cli.js" });
  assert.deepEqual(claim.manifest?.scripts, { postinstall: "node y" });
});

test("of two package.json the last is what npm installs, whatever the first folder is called, and it is said", async () => {
  const claim = await read([
    { path: "package/package.json", content: manifest({ scripts: { install: "harmless" } }) },
    { path: "other/./package.json", content: manifest({ scripts: { install: "evil" } }) },
  ]);
  assert.equal(claim.manifest?.scripts["install"], "evil");
  assert.ok(kinds(claim).includes("manifest-duplicate"));
});

test("a package.json that npm would not unpack (a link, a path with .., one folder too deep) is not the manifest", async () => {
  const claim = await read([
    honest,
    { path: "package/package.json", type: "2", link: "../../etc/passwd" },
    { path: "package/x/../package.json", content: manifest({ name: "evil" }) },
    { path: "./package/package.json", content: manifest({ name: "deeper" }) },
  ]);
  assert.equal(claim.manifest?.name, "a");
  assert.ok(kinds(claim).includes("link-escapes"));
});

test("each hazard of an archive is named", async () => {
  const cases: readonly (readonly [string, Parameters<typeof tar>[0]])[] = [
    ["absolute-path", [honest, { path: "/etc/passwd", content: "x" }]],
    ["absolute-path", [honest, { path: "C:\\windows\\x", content: "x" }]],
    ["path-escapes", [honest, { path: "package/../../x", content: "x" }]],
    ["path-escapes", [honest, { path: "package\\..\\..\\x", content: "x" }]],
    ["link", [honest, { path: "package/l", type: "2", link: "package.json" }]],
    ["link-escapes", [honest, { path: "package/l", type: "1", link: "../../x" }]],
    ["device", [honest, { path: "package/d", type: "3" }]],
    ["device", [honest, { path: "package/p", type: "6" }]],
    ["duplicate-entry", [honest, { path: "package/x", content: "1" }, { path: "package//x", content: "2" }]],
    ["case-collision", [honest, { path: "package/x", content: "1" }, { path: "package/X", content: "2" }]],
    ["setuid", [honest, { path: "package/s", mode: 0o4755, content: "1" }]],
    ["bad-header", [honest, { path: "package/x", badChecksum: true }]],
    ["bad-header", [honest, { path: "package/x", content: "12345", pax: { size: "5" }, size: 3 }]],
    ["bad-header", [honest, { path: "package/x", pax: { path: "package/y\nz" } }]],
    ["bad-header", [honest, { path: "g", type: "g", content: paxRecords({ path: "package/y" }) }]],
    ["bad-header", [honest, { path: "package/s", type: "S", content: "x" }]],
    ["truncated", [honest, { path: "package/x", content: "12345", size: 100_000 }]],
    ["truncated", [honest, { path: "package/x", content: "12345", size: 2 ** 40, base256: true }]],
    ["manifest-missing", [{ path: "package/x", content: "1" }]],
    ["manifest-unreadable", [{ path: "package/package.json", content: "{" }]],
    ["manifest-unreadable", [{ path: "package/package.json", content: "[]" }]],
    ["manifest-unreadable", [{ path: "package/package.json", content: `{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}` }]],
  ];
  for (const [kind, entries] of cases)
    assert.ok(kinds(await read(entries)).includes(kind as never), `${kind} in ${JSON.stringify(entries.at(-1)).slice(0, 80)}`);
});

test("long names of pax and GNU, and sizes in base-256, are read without a hazard", async () => {
  const long = `package/${"folder/".repeat(30)}file.js`;
  const claim = await read([
    honest,
    { path: "package/short", content: "x", pax: { path: long } },
    { path: "././@LongLink", type: "L", content: `${long}2\0` },
    { path: "package/short2", content: "x" },
    { path: "package/b", content: "x", base256: true },
    { path: "g", type: "g", content: paxRecords({ comment: "0123456789abcdef" }) },
  ]);
  assert.deepEqual(claim.hazards, []);
  assert.equal(claim.files, 4);
});

test("what follows the archive, or the gzip data, and a second gzip member are noted", async () => {
  const after = Buffer.concat([tar([honest]), Buffer.from("more")]);
  assert.deepEqual(kinds(await readNpmTarball(URL, gzipSync(after))), ["trailing-data"]);
  const whole = gzipSync(tar([honest]));
  assert.deepEqual(kinds(await readNpmTarball(URL, Buffer.concat([whole, Buffer.from("more")]))), ["trailing-data"]);
  assert.deepEqual(kinds(await readNpmTarball(URL, Buffer.concat([whole, Buffer.alloc(512)]))), []);
  const [one, two] = [tarEntry(honest), Buffer.concat([tarEntry({ path: "package/b", content: "x" }), Buffer.alloc(1024)])];
  const members = await readNpmTarball(URL, Buffer.concat([gzipSync(one), gzipSync(two)]));
  assert.deepEqual([kinds(members), members.files], [["trailing-data"], 2]);
});

test("cut at any byte, or with any byte changed, a tarball never passes as whole and never throws", async () => {
  const bytes = npmTarball({ "package.json": { name: "a", version: "1.0.0" }, "index.js": "module.exports = 1;\n".repeat(20) });
  for (let cut = 0; cut < bytes.length; cut += 7) {
    const claim = await readNpmTarball(URL, bytes.subarray(0, cut));
    assert.ok(claim.hazards.length > 0, `cut at ${cut}`);
  }
  for (let at = 10; at < bytes.length; at += 5) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ 0x55;
    const claim = await readNpmTarball(URL, changed);
    assert.ok(claim.hazards.length > 0, `changed at ${at}`);
  }
});

test("a bomb is noticed long before it is unpacked", async () => {
  const megabyte = Buffer.alloc(1024 * 1024);
  const bomb = gzipSync(
    Buffer.concat([tarEntry({ path: "package/big", size: 64 * megabyte.length }), ...Array.from({ length: 64 }, () => megabyte)]),
  );
  assert.ok(kinds(await readNpmTarball(URL, bomb)).includes("too-dense"));
  const small = { ...archiveLimits, unpackedBytes: 100_000 };
  assert.ok(
    kinds(await readNpmTarball(URL, gzipSync(tar([honest, { path: "package/x", content: "y".repeat(200_000) }])), small)).includes(
      "too-large",
    ),
  );
});

test("a million entries end at the limit, and their hazards are listed in part and counted", async () => {
  const one = tarEntry({ path: "package/x" });
  const many = Buffer.concat([tarEntry(honest), ...Array.from({ length: 20_000 }, () => one), Buffer.alloc(1024)]);
  const claim = await readNpmTarball(URL, gzipSync(many), { ...archiveLimits, entries: 10_000 });
  assert.ok(kinds(claim).includes("too-many-entries"));
  assert.ok(claim.hazards.length < 50);
  assert.ok(claim.hazards.some((hazard) => /and 9\d\d\d more/.test(hazard.detail)));
});

test("names like __proto__ stay names", async () => {
  const claim = await read([
    {
      path: "package/package.json",
      content: '{"name":"a","version":"1.0.0","dependencies":{"__proto__":"1","constructor":"2"},"bin":{"__proto__":"x"}}',
    },
  ]);
  assert.deepEqual(Object.keys(claim.manifest?.dependencies ?? {}), ["__proto__", "constructor"]);
  assert.equal(({} as Record<string, unknown>)["1"], undefined);
});

/** What npm 11 installs as package.json, found out by pacote 21 unpacking these very archives: the first one, or the second. */
const twoManifests: readonly (readonly [installed: "one" | "two", second: Omit<TarEntry, "content">])[] = [
  ["two", { path: "x/package.json" }],
  ["two", { path: "./package.json" }],
  ["one", { path: "./package/package.json" }],
  ["two", { path: "/package.json" }],
  ["one", { path: "/package/package.json" }],
  ["two", { path: "package//package.json" }],
  ["two", { path: "package/./package.json" }],
  ["one", { path: "package/x/../package.json" }],
  ["one", { path: "package.json" }],
  ["one", { path: "package\\package.json" }],
  ["two", { path: "x/c:/package.json" }],
  ["two", { path: "package/package.json", type: "\0" }],
  ["two", { path: "package/package.json", type: "7" }],
  ["one", { path: "package/package.json", type: "Z" }],
  ["one", { path: "package/package.json", type: "S" }],
  ["one", { path: "package/package.json", badChecksum: true }],
  ["one", { path: "package/package.json", link: "x" }],
  ["one", { path: "package/package.json/" }],
  ["two", { path: "package/other", pax: { path: "package/package.json" } }],
  ["two", { path: "package.json", prefix: "package" }],
  ["two", { path: "package/package.json\0x" }],
];

test("of two that could be the manifest, the one that npm installs is read", async () => {
  for (const [installed, second] of twoManifests) {
    const claim = await read([
      { path: "package/package.json", content: manifest({ name: "one" }) },
      { ...second, content: manifest({ name: "two" }) },
    ]);
    assert.equal(claim.manifest?.name, installed, JSON.stringify(second));
  }
});
