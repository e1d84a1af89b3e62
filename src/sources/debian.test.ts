import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { findAptLists, readDebianIndex, unpackIndex } from "./debian.ts";
import { isLz4, unpackLz4 } from "./lz4.ts";
import { isXz, unpackXz } from "./xz.ts";

/** "Package: a\nDepends: b, c\n" forty times with a number, packed by xz 5.4.1 and lz4 1.9.4. */
const TEXT = Array.from({ length: 40 }, (_, n) => `Package: a${n}\nDepends: b${n % 7}, c | d${n}\n\n`).join("");
const XZ = Buffer.from(
  "/Td6WFoAAATm1rRGAgAhARwAAAAQz1jM4AVjAN5dACgYSGbb2jCF/hbewe3R6YCDvJneyoJR+gtyXFs4sWm4hOpmef6Dl4dDsjK+S+EJcZprVE63/HRaOO+sgBDv+JvX/8ZNpUH8CfXBxforQZxYnnmTUIEMVbLaWymIGbUuaNvg8rJCTVstfT3ssjJlfEATG4kzTVDdnp2I8Nr8uKw9znpH7cg6stgVzzy++D1VxleJZjH4He3GkklD1z7wN+YtizJeh9vsM3OYycrj+GCNCiJhy8dVmP+JiDSSdwho7DZF1Za2WnofT0gnPuugF6Vep0LJJ2IMrQlrxeWXvgAAAMadSpDrIgV3AAH6AeQKAACrlLYescRn+wIAAAAABFla",
  "base64",
);
const LZ4 = Buffer.from(
  "BCJNGGRAp6YBAAD2ElBhY2thZ2U6IGEwCkRlcGVuZHM6IGIwLCBjIHwgZDAKCiEAFzEhABMxIQAYMSEAFzIhABMyIQAYMiEAFzMhABMzIQAYMyEAFzQhABM0IQAYNCEAFzUhABM1IQAYNSEAFzYhABM2IQAYNiEAHzfnAAAYNyEAHzjnAAAYOCEAHznnAAAZOSkBHzDoAAAaMUwBHzHqAAAZMU4BLzEy7AAAGTFQAS8xM+4AABkxUgEvMTTwAAAZMVQBLzE12QEBCVYBLzE29AAAGTFYAS8xN/UAAQlaAS8xOPUAAQlcAS8xOfUAAQleAS8yMPUAABkyXgEvMjH1AAAaMqwCHzL1AAAZMl4BLzIz0AIBCV4BLzI09QAAGTJeAS8yNfUAABkyXgEvMjb1AAAZMl4BLzI39QABCV4BLzI49QABCV4BLzI59QABCV4BLzMw9QAAGTNeAS8zMccDAQleAS8zMvUAABozDAQfM/UAABkzXgEvMzT1AAAZM14BLzM19QAAGTNeAS8zNvUAABkzXgEvMzf1AAEJXgEvMzj1AAEJXgEuMzn1AFBkMzkKCgAAAAC68Zps",
  "base64",
);

const most = 1_000_000;

test("xz, LZ4, gzip and zstd files all give the text, and a plain one is taken as it is", () => {
  for (const packed of [XZ, LZ4, gzipSync(TEXT), zstdCompressSync(TEXT), Buffer.from(TEXT)]) {
    assert.equal(Buffer.from(unpackIndex(packed, "Packages")).toString(), TEXT);
  }
  assert.equal(Buffer.from(unpackXz(Buffer.concat([XZ, XZ]), "two", most)).toString(), TEXT + TEXT);
  assert.equal(Buffer.from(unpackLz4(Buffer.concat([LZ4, LZ4]), "two", most)).toString(), TEXT + TEXT);
});

test("a file that was cut off or damaged anywhere is never taken for whole", () => {
  for (const [packed, unpack, is] of [
    [XZ, unpackXz, isXz],
    [LZ4, unpackLz4, isLz4],
  ] as const) {
    for (let end = 8; end < packed.length; end++) {
      const cut = packed.subarray(0, end);
      if (is(cut)) assert.throws(() => unpack(cut, "cut", most), { name: "Fault" }, `cut at ${end}`);
    }
    for (let at = 6; at < packed.length; at++) {
      const damaged = Buffer.from(packed);
      damaged[at]! ^= 0x41;
      let text: string | undefined;
      try {
        text = Buffer.from(unpack(damaged, "damaged", most)).toString();
      } catch (error) {
        assert.equal((error as Error).name, "Fault", `at ${at}: ${String(error)}`);
      }
      // Some bytes say nothing about the contents (sizes that are there twice): then these must be whole.
      if (text !== undefined) assert.equal(text, TEXT, `at ${at}`);
    }
  }
});

test("what unpacks beyond the limit stops there", () => {
  const bomb = Buffer.concat(Array.from({ length: 50 }, () => XZ));
  assert.throws(() => unpackXz(bomb, "bomb", 10_000), { code: "artifact/limit" });
  assert.throws(() => unpackLz4(LZ4, "bomb", 100), { code: "artifact/limit" });
});

test("apt's lists are told by their names, and one suite brings its updates", () => {
  const folder = mkdtempSync(join(tmpdir(), "tributary-apt-"));
  try {
    for (const name of [
      "mirror.example_debian_dists_bookworm_main_binary-amd64_Packages.lz4",
      "mirror.example_debian_dists_bookworm_main_source_Sources.lz4",
      "mirror.example_debian_dists_bookworm-updates_main_binary-amd64_Packages.lz4",
      "mirror.example_debian_dists_trixie_main_binary-amd64_Packages.lz4",
      "mirror.example_debian_dists_bookworm_main_binary-arm64_Packages.lz4",
      "mirror.example_debian_dists_bookworm_InRelease",
    ]) {
      writeFileSync(join(folder, name), LZ4);
    }
    const lists = findAptLists(folder, "amd64", "bookworm");
    assert.deepEqual(
      lists.map(({ suite, kind }) => [suite, kind]),
      [
        ["bookworm-updates", "packages"],
        ["bookworm", "packages"],
        ["bookworm", "sources"],
      ],
    );
    assert.equal(Buffer.from(readDebianIndex(lists[0]!.file, "list")).toString(), TEXT);
    assert.throws(() => findAptLists(join(folder, "none"), "amd64"), { code: "input/not-found" });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
