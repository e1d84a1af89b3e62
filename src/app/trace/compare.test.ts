import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { type TarEntry, npmTarball, tar } from "../../../test/registry/tar.ts";
import { compareTarballs } from "./compare.ts";

const entries: readonly TarEntry[] = [
  { path: "package/package.json", content: "{}" },
  { path: "package/run.sh", content: "#!/bin/sh", mode: 0o755 },
  { path: `package/${"deep/".repeat(18)}long.js`, content: "x" },
];
const packed = (list: readonly TarEntry[], level: number = 6): Buffer => gzipSync(tar(list), { level });

test("the same bytes are the same; another gzip layer, order or mode is stabilised and named", async () => {
  const published = packed(entries);
  assert.equal((await compareTarballs(published, published)).equal, "bits");
  const otherGzip = await compareTarballs(published, tar(entries));
  assert.deepEqual([otherGzip.equal, otherGzip.stabilisers], ["tar", ["gzip"]]);
  const reordered = await compareTarballs(published, packed(entries.toReversed()));
  assert.deepEqual([reordered.equal, reordered.stabilisers], ["stable", ["gzip", "tar-entry-order"]]);
  const remoded = await compareTarballs(
    published,
    packed(entries.map((entry) => ({ ...entry, mode: entry.mode === 0o755 ? 0o775 : 0o664 }))),
  );
  assert.deepEqual([remoded.equal, remoded.stabilisers], ["stable", ["gzip", "tar-mode"]]);
  assert.equal(remoded.stabilised.published, remoded.stabilised.rebuilt);
});

test("a changed, an added and a lost file, and the right to be run, are differences", async () => {
  const published = packed(entries);
  const changed = await compareTarballs(published, packed([{ path: "package/package.json", content: "{ }" }, ...entries.slice(1)]));
  assert.deepEqual([changed.equal, changed.different], ["no", ["package/package.json"]]);
  const added = await compareTarballs(published, packed([...entries, { path: "package/more.js", content: "" }]));
  assert.deepEqual([added.equal, added.onlyRebuilt], ["no", ["package/more.js"]]);
  const lost = await compareTarballs(published, packed(entries.slice(1)));
  assert.deepEqual([lost.equal, lost.onlyPublished], ["no", ["package/package.json"]]);
  const runnable = await compareTarballs(published, packed(entries.map((entry) => ({ ...entry, mode: 0o755 }))));
  assert.equal(runnable.equal, "no");
});

test("an archive that readers see differently equals nothing, not even itself", async () => {
  const strange: readonly (readonly TarEntry[])[] = [
    [...entries, { path: "package/package.json", content: "{}" }],
    [...entries, { path: "package/link", type: "2", link: "/etc/passwd" }],
    [...entries, { path: "package/x", content: "y", pax: { size: "0" } }],
  ];
  for (const list of strange) {
    const same = await compareTarballs(packed(list), packed(list));
    assert.equal(same.equal, "no");
    assert.notDeepEqual(same.notes, []);
  }
  const trailing = Buffer.concat([npmTarball({ "a.js": "x" }), Buffer.from("hidden")]);
  assert.equal((await compareTarballs(trailing, trailing)).equal, "no");
});

test("what is cut off or no archive is a difference and no fault", async () => {
  const whole = packed(entries);
  for (const broken of [Buffer.alloc(0), Buffer.from("<html></html>"), whole.subarray(0, whole.length / 2), Buffer.alloc(4096)]) {
    assert.equal((await compareTarballs(broken, whole)).equal, "no");
    assert.equal((await compareTarballs(whole, broken)).equal, "no");
  }
});
