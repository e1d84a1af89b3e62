import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { tar } from "../../../test/registry/tar.ts";
import { zip } from "../../../test/registry/zip.ts";
import { Fault, type FileState } from "../../model/index.ts";
import { readReleaseArchive } from "./archive.ts";
import { archiveTree, classifyFiles } from "./files.ts";

type Files = Readonly<Record<string, string>>;
const commit = "a".repeat(40);

const packed = (files: Files, folder = ""): Buffer =>
  gzipSync(tar(Object.entries(files).map(([path, content]) => ({ path: folder + path, content: Buffer.from(content) }))));

/** What becomes of each file of a release, and what is known of it. */
async function traced(file: string, bytes: Buffer, source: Files) {
  const release = await readReleaseArchive(file, bytes);
  const tree = await archiveTree(packed(source, "source/"), "tgz");
  const files = await classifyFiles(release.published, tree, { directory: release.directory, packer: release.packer, commit });
  const states: Record<string, FileState> = Object.fromEntries(files.map(({ path, state }) => [path, state]));
  return { release, states };
}

test("a project's own tarball: what the autotools make is named and not explained, what nobody makes is unexplained", async () => {
  const source = { "configure.ac": "AC_INIT", "src/a.c": "one\n", "tests/bad.lzma": "x", "Makefile.am": "m" };
  const files = {
    ...source,
    configure: "sh",
    "m4/build-to-host.m4": "eval",
    "src/Makefile.in": "made",
    "src/b.c": "two",
    "tests/bad.lzma": "y",
  };
  const { release, states } = await traced("/tmp/brook-5.6.0.tar.gz", packed(files, "brook-5.6.0/"), source);
  assert.deepEqual([release.purl, release.packer.id, release.published.complete], ["pkg:generic/brook@5.6.0", "plain", true]);
  assert.deepEqual(states, {
    "Makefile.am": "in-tree",
    configure: "generated",
    "configure.ac": "in-tree",
    "m4/build-to-host.m4": "generated",
    "src/Makefile.in": "generated",
    "src/a.c": "in-tree",
    "src/b.c": "unexplained",
    "tests/bad.lzma": "unexplained",
  });
  // Without the autotools nothing makes such files.
  const { states: bare } = await traced("brook-1.tar.gz", packed({ configure: "sh" }, "brook-1/"), { "src/a.c": "one\n" });
  assert.deepEqual(bare, { configure: "unexplained" });
});

const info = (sha1: string): string => JSON.stringify({ git: { sha1 }, path_in_vcs: "crates/brook" });
const crate = (files: Files): Buffer => packed(files, "brook-1.0.0/");

test("a crate: the manifest as it was is held against the source, the one that Cargo wrote is not explained by it", async () => {
  const manifest = '[package]\nname = "brook"\n';
  const files = {
    "Cargo.toml": `# written\n${manifest}`,
    "Cargo.toml.orig": manifest,
    ".cargo_vcs_info.json": info(commit),
    "src/lib.rs": "fn a() {}\n",
  };
  const source = { "crates/brook/Cargo.toml": manifest, "crates/brook/src/lib.rs": "fn a() {}\n", "src/lib.rs": "fn other() {}\n" };
  const { release, states } = await traced("brook-1.0.0.crate", crate(files), source);
  assert.deepEqual([release.purl, release.commit, release.directory], ["pkg:cargo/brook@1.0.0", commit, "crates/brook"]);
  assert.deepEqual(states, {
    ".cargo_vcs_info.json": "derived",
    "Cargo.toml": "generated",
    "Cargo.toml.orig": "copied",
    "src/lib.rs": "in-tree",
  });
  const forged = { ...files, ".cargo_vcs_info.json": info("b".repeat(40)), "Cargo.toml.orig": `${manifest}build = "evil.rs"\n` };
  const { states: odd } = await traced("brook-1.0.0.crate", crate(forged), source);
  assert.deepEqual([odd[".cargo_vcs_info.json"], odd["Cargo.toml.orig"]], ["unexplained", "unexplained"]);
});

test("a source distribution and a wheel: metadata is named, code that the source has not is unexplained", async () => {
  const source = { "setup.cfg": "[metadata]\nname = brook\n", "brook/__init__.py": "one\n" };
  const sdist = {
    ...source,
    "setup.cfg": "[metadata]\nname = brook\n\n[egg_info]\ntag_build = \ntag_date = 0\n\n",
    "PKG-INFO": "Name: brook\n",
    "brook.egg-info/SOURCES.txt": "",
    "brook/evil.pth": "import os\n",
  };
  const one = await traced("brook-1.0.tar.gz", packed(sdist, "brook-1.0/"), source);
  assert.equal(one.release.purl, "pkg:pypi/brook@1.0");
  assert.deepEqual(one.states, {
    "PKG-INFO": "generated",
    "brook.egg-info/SOURCES.txt": "generated",
    "brook/__init__.py": "in-tree",
    "brook/evil.pth": "unexplained",
    "setup.cfg": "derived",
  });
  const wheel = zip(
    Object.entries({ "brook/__init__.py": "one\n", "brook-1.0.dist-info/RECORD": "", "evil.pth": "import os\n" }).map(
      ([path, content]) => ({
        path,
        content: Buffer.from(content),
      }),
    ),
  );
  const two = await traced("brook-1.0-py3-none-any.whl", wheel, source);
  assert.deepEqual([two.release.name, two.release.version], ["brook", "1.0"]);
  assert.deepEqual(two.states, { "brook-1.0.dist-info/RECORD": "generated", "brook/__init__.py": "in-tree", "evil.pth": "unexplained" });
});

test("a gem is opened to what is in it", async () => {
  const inner = packed({ "lib/brook.rb": "one\n", "lib/evil.rb": "two\n" });
  const gem = tar([
    { path: "metadata.gz", content: gzipSync("--- !ruby/object:Gem::Specification\n") },
    { path: "data.tar.gz", content: inner },
  ]);
  const { release, states } = await traced("brook-1.2.3.gem", gem, { "lib/brook.rb": "one\n" });
  assert.equal(release.purl, "pkg:gem/brook@1.2.3");
  assert.deepEqual(states, { "lib/brook.rb": "in-tree", "lib/evil.rb": "unexplained", "metadata.gz": "generated" });
});

test("a tarball that is packed with xz is read; a damaged one, and a kind that is not read, say so", async () => {
  // tar of lib-1.0/a.c with "one\n", packed by xz 5.4.
  const bytes = Buffer.from(
    "/Td6WFoAAATm1rRGAgAhARwAAAAQz1jM4Cf/AGddADYaSGYpio/nVYaL0Ipa2XOaCxmRa6fjmBLh6MN3FZqZ4iRKTehtK0cu5h90ijQscivu/dbm/xYwnc5ilzKvxOUH0x7jF2QLxx8iHT0Y4c4SrAmgi3Rqtoef7MB4hXpkawKJQoNinwAAAPMgO8ScfObkAAGDAYBQAACQA/TnscRn+wIAAAAABFla",
    "base64",
  );
  const { release, states } = await traced("lib-1.0.tar.xz", bytes, { "a.c": "one\n" });
  assert.deepEqual([states, release.published.complete], [{ "a.c": "in-tree" }, true]);
  await assert.rejects(readReleaseArchive("lib-1.0.tar.xz", bytes.subarray(0, 90)), (error: unknown) => error instanceof Fault);
  await assert.rejects(
    readReleaseArchive("lib.rar", bytes),
    (error: unknown) => error instanceof Fault && error.code === "input/not-understood" && /lib\.rar/.test(error.message),
  );
  const cut = await readReleaseArchive("lib-1.0.tar.gz", packed({ "a.c": "one\n".repeat(5000) }, "lib-1.0/").subarray(0, 60));
  assert.equal(cut.published.complete, false);
  assert.ok(cut.published.hazards.length > 0);
});
