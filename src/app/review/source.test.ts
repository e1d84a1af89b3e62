import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { after, test } from "node:test";
import { tar } from "../../../test/registry/tar.ts";
import type { Review } from "../../model/index.ts";
import { sourceSentences } from "../../report/review-parts.ts";
import { review } from "./review.ts";

const scratch = mkdtempSync(join(tmpdir(), "tributary-review-source-"));
after(() => rmSync(scratch, { recursive: true, force: true }));
const env = { HOME: scratch, XDG_DATA_HOME: join(scratch, "data"), XDG_CACHE_HOME: join(scratch, "cache"), PATH: process.env["PATH"] };

type Files = Readonly<Record<string, string>>;

function repository(name: string, states: readonly (readonly [tag: string, files: Files])[]): string {
  const folder = join(scratch, name);
  mkdirSync(folder);
  const git = (...args: readonly string[]): void =>
    void execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@t.example", ...args], { cwd: folder, stdio: "ignore" });
  git("init", "-q");
  for (const [tag, files] of states) {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    git("add", "--all", "--force");
    git("commit", "-qm", tag, "--allow-empty");
    git("tag", tag);
  }
  return folder;
}

function tarball(name: string, folder: string, files: Files): string {
  const path = join(scratch, name);
  writeFileSync(path, gzipSync(tar(Object.entries(files).map(([at, text]) => ({ path: `${folder}/${at}`, content: Buffer.from(text) })))));
  return path;
}

async function compared(before: string, after: string, git?: string): Promise<Review> {
  const options = { cwd: scratch, env, offline: true, ...(git === undefined ? {} : { git }) };
  const [one] = await review({ kind: "pair", before, after }, options);
  assert.ok(one !== undefined);
  return one;
}

const signals = ({ verdict }: Review): readonly string[] => [...verdict.reasons, ...verdict.context].map(({ id }) => id);

test("a build script that only the tarball has is told, where the tarball before had none such (xz)", async () => {
  const source = { "configure.ac": "AC_INIT([brook])\n", "src/brook.c": "int one;\n", ".gitignore": "/configure\n/m4/*.m4\n" };
  const git = repository("brook", [
    ["v5.4.6", source],
    ["v5.6.0", { ...source, "src/brook.c": "int two;\n" }],
  ]);
  const old = tarball("brook-5.4.6.tar.gz", "brook-5.4.6", { ...source, configure: "one\n" });
  const files = { ...source, "src/brook.c": "int two;\n", configure: "two\n" };
  const now = tarball("brook-5.6.0.tar.gz", "brook-5.6.0", { ...files, "m4/build-to-host.m4": "eval\n" });
  const told = await compared(old, now, git);
  assert.deepEqual(
    told.source.news.map(({ path, state }) => [path, state]),
    [["m4/build-to-host.m4", "generated"]],
  );
  assert.deepEqual([told.source.asBefore, told.source.inSource, told.source.source?.by], [1, 3, "tag"]);
  assert.ok(signals(told).includes("continuity/outside-source"));
  assert.match(sourceSentences(told)[0] ?? "", /^m4\/build-to-host\.m4: not in the source: /);

  const honest = await compared(old, tarball("brook-5.6.0.tgz", "brook-5.6.0", files), git);
  assert.deepEqual([honest.source.news, signals(honest).includes("continuity/outside-source")], [[], false]);
});

const manifest = (version: string): string => `${JSON.stringify({ name: "kit", version, main: "dist/index.js" }, null, 2)}\n`;

const kitSource = (version: string): Files => ({
  "package.json": manifest(version),
  "lib/a.js": "exports.a = 1;\n",
  ".gitignore": "dist\n",
});

test("what a build makes is as before, and a file that differs from the source's of its path is not", async () => {
  const git = repository("kit", [
    ["v1.0.0", kitSource("1.0.0")],
    ["v1.0.1", kitSource("1.0.1")],
  ]);
  const packed = (version: string, more: Files): string => {
    const { [".gitignore"]: _ignored, ...files } = kitSource(version);
    return tarball(`kit-${version}.tgz`, "package", { ...files, "dist/index.js": `exports.of = "${version}";\n`, ...more });
  };
  const old = packed("1.0.0", {});
  const honest = await compared(old, packed("1.0.1", { "dist/more.js": "exports.more = 1;\n" }), git);
  assert.deepEqual(
    honest.source.news.map(({ path, state }) => [path, state]),
    [["dist/more.js", "generated"]],
  );
  assert.ok(!signals(honest).includes("continuity/outside-source"), "a new file of the build is no sign");
  const bent = await compared(old, packed("1.0.1", { "lib/a.js": "exports.a = 2;\n" }), git);
  assert.deepEqual(
    bent.source.news.map(({ path, at }) => [path, at]),
    [["lib/a.js", "lib/a.js"]],
  );
  assert.ok(signals(bent).includes("continuity/outside-source"));
});

const late = (version: string): string =>
  tarball(`late-${version}.tgz`, "package", { "package.json": `{"name":"late","version":"${version}"}\n`, "stray.js": "1;\n" });

test("without a source it is said how to ask, and where the release before is not in it nothing is called new", async () => {
  const git = repository("late", [["v2.0.0", { "package.json": '{"name":"late","version":"2.0.0"}\n' }]]);
  const [old, now] = [late("1.0.0"), late("2.0.0")];
  assert.match(sourceSentences(await compared(old, now)).join(), /^Not asked: --git FOLDER or ADDRESS/);
  const told = await compared(old, now, git);
  assert.match(told.source.because, /late-1\.0\.0\.tgz could not be held against its source/);
  assert.deepEqual([told.source.news, told.source.asBefore], [[], 1]);
  assert.deepEqual((await compared(now, old, git)).source.source, null);
});
