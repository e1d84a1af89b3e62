import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { Fault } from "../model/index.ts";
import { tar } from "../../test/registry/tar.ts";
import { type ZipEntry, zip } from "../../test/registry/zip.ts";
import { type ArchiveKind, archiveKindOf, openArchive } from "./archive.ts";

async function list(bytes: Uint8Array, kind: ArchiveKind): Promise<{ entries: string[]; hazards: string[]; complete: boolean }> {
  const reading = openArchive(bytes, kind);
  const entries: string[] = [];
  for await (const entry of reading)
    entries.push(`${entry.container}|${entry.path}|${entry.kind === "file" ? (await entry.bytes()).toString() : entry.kind}`);
  return { entries, hazards: [...new Set(reading.hazards().map((hazard) => hazard.kind))], complete: reading.complete() };
}

function deb(members: readonly (readonly [string, Buffer])[]): Buffer {
  const parts = members.flatMap(([name, data]) => [
    Buffer.from(
      `${name.padEnd(16)}${"0".padEnd(12)}${"0".padEnd(6)}${"0".padEnd(6)}${"100644".padEnd(8)}${String(data.length).padEnd(10)}\`\n`,
    ),
    data,
    Buffer.alloc(data.length % 2, 10),
  ]);
  return Buffer.concat([Buffer.from("!<arch>\n"), ...parts]);
}

test("every kind of archive gives its entries with their content", async () => {
  const inner = tar([
    { path: "./usr/bin/x", content: "X" },
    { path: "./usr/bin/y", type: "2", link: "/usr/bin/x" },
  ]);
  assert.deepEqual((await list(zstdCompressSync(inner), "tar.zst")).entries, ["|./usr/bin/x|X", "|./usr/bin/y|symlink"]);
  assert.deepEqual(
    (
      await list(
        tar([
          { path: "metadata.gz", content: "M" },
          { path: "data.tar.gz", content: gzipSync(tar([{ path: "lib/a.rb", content: "A" }])) },
        ]),
        "gem",
      )
    ).entries,
    ["|metadata.gz|M", "data.tar.gz|lib/a.rb|A"],
  );
  const debian = await list(
    deb([
      ["debian-binary", Buffer.from("2.0\n")],
      ["control.tar.gz", gzipSync(tar([{ path: "./control", content: "C" }]))],
      ["data.tar.zst", zstdCompressSync(inner)],
    ]),
    "deb",
  );
  assert.deepEqual(debian.entries, ["control.tar.gz|./control|C", "data.tar.zst|./usr/bin/x|X", "data.tar.zst|./usr/bin/y|symlink"]);
  const zipped = await list(
    zip([
      { path: "a/", mode: 0o040755 },
      { path: "a/b.txt", content: "B".repeat(100) },
      { path: "c", content: "C", method: 0 },
    ]),
    "zip",
  );
  assert.deepEqual(zipped, { entries: ["|a/|directory", `|a/b.txt|${"B".repeat(100)}`, "|c|C"], hazards: [], complete: true });
});

test("each hazard of a zip is named", async () => {
  const a: ZipEntry = { path: "a", content: "A" };
  const cases: readonly (readonly [string, Buffer])[] = [
    ["trailing-data", zip([a], { before: Buffer.from("#!/bin/sh\n") })],
    ["trailing-data", zip([a], { after: Buffer.from("more") })],
    ["trailing-data", zip([a, { path: "hidden", content: "H", hidden: true }, { path: "b" }])],
    ["trailing-data", zip([a, { path: "hidden", content: "H", hidden: true }])],
    ["bad-header", zip([{ ...a, localPath: "b" }])],
    ["duplicate-entry", zip([a, a])],
    ["case-collision", zip([a, { path: "A" }])],
    ["path-escapes", zip([{ path: "../a" }])],
    ["absolute-path", zip([{ path: "/a" }])],
    ["too-dense", zip([{ path: "a", size: 2 ** 31 }])],
  ];
  for (const [kind, bytes] of cases) {
    const reading = openArchive(bytes, "zip");
    for await (const entry of reading) assert.ok(entry.path !== "");
    assert.ok(
      reading.hazards().some((hazard) => hazard.kind === kind),
      `${kind}: ${JSON.stringify(reading.hazards())}`,
    );
  }
});

test("entries that lie over each other end the reading", async () => {
  const result = await list(
    zip([
      { path: "a", content: "A".repeat(1000) },
      { path: "b", content: "A".repeat(1000), overlaps: true },
    ]),
    "zip",
  );
  assert.deepEqual(result, { entries: [], hazards: ["too-dense"], complete: false });
});

test("an entry that unpacks to more than it says is refused, not cut", async () => {
  for await (const entry of openArchive(zip([{ path: "a", content: "A".repeat(1000), size: 10 }]), "zip"))
    await assert.rejects(entry.bytes(), (error) => error instanceof Fault && error.code === "artifact/truncated");
});

test("what is no archive is a fault with a code, at any length and for every kind", async () => {
  for (const kind of ["tar", "tgz", "zip", "gem", "deb"] as const) {
    for (const bytes of [Buffer.alloc(0), Buffer.from("<html>no</html>"), Buffer.alloc(3000, "x")])
      await assert.rejects(
        list(bytes, kind),
        (error) => error instanceof Fault && error.code === "artifact/format",
        `${kind} of ${bytes.length}`,
      );
  }
});

test("a zip cut at any byte is a fault or incomplete", async () => {
  const bytes = zip([
    { path: "a", content: "A".repeat(50) },
    { path: "b/c", content: "C" },
  ]);
  for (let cut = 0; cut < bytes.length; cut++) await assert.rejects(list(bytes.subarray(0, cut), "zip"), Fault);
});

test("a file's name tells its kind", () => {
  assert.deepEqual(["a-1.0.0.tgz", "b-1.crate", "c.whl", "d.JAR", "e.gem", "f_1_amd64.deb", "g.txt"].map(archiveKindOf), [
    "tgz",
    "tgz",
    "zip",
    "zip",
    "gem",
    "deb",
    "",
  ]);
});

test("archives with a few changed bytes, or cut off, end in entries, hazards or a fault: never in another error", async () => {
  const entries = [
    { path: "package/package.json", content: '{"name":"a"}' },
    { path: "package/x", content: "hello", pax: { path: "package/longer", size: "5" } },
    { path: "L", type: "L", content: "package/gnu\0" },
    { path: "q", content: "y" },
    { path: "package/s", type: "2", link: "x" },
  ];
  const zipped = zip([
    { path: "a", content: "A".repeat(300) },
    { path: "b/", mode: 0o040755 },
    { path: "l", mode: 0o120777, content: "../x" },
    { path: "c", content: "C", method: 0 },
  ]);
  const bases: readonly (readonly [ArchiveKind, Buffer])[] = [
    ["tar", tar(entries)],
    ["tgz", gzipSync(tar(entries))],
    ["zip", zipped],
    ["gem", tar([{ path: "data.tar.gz", content: gzipSync(tar(entries)) }])],
    [
      "deb",
      deb([
        ["control.tar", tar(entries)],
        ["data.tar.zst", zstdCompressSync(tar(entries))],
      ]),
    ],
  ];
  // The same numbers in every run.
  let state = 42;
  const below = (bound: number): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) % bound;
  for (let round = 0; round < 3000; round++) {
    const [kind, base] = bases[round % bases.length] ?? ["tar", Buffer.alloc(0)];
    const bytes = Buffer.from(base);
    for (let change = 0; change <= below(6); change++)
      bytes[below(bytes.length)] = [0, 255, 0x80, 0x30 + below(8), below(256)][below(5)] ?? 0;
    const whole = below(10) > 0;
    try {
      for await (const entry of openArchive(whole ? bytes : bytes.subarray(0, below(bytes.length)), kind))
        if (entry.kind === "file") await entry.bytes(1_000_000).catch((error: unknown) => assert.ok(error instanceof Fault, String(error)));
    } catch (error) {
      assert.ok(error instanceof Fault, `round ${round}, ${kind}: ${String(error)}`);
    }
  }
});
