import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createHash, randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { sha256 } from "../model/index.ts";
import { type Cache, type CacheOptions, type KeptAnswer, openCache } from "./cache.ts";
import { userFolders } from "./folders.ts";

function cacheIn(t: TestContext): (options?: CacheOptions) => Cache {
  const folder = mkdtempSync(join(tmpdir(), "tributary-cache-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return (options) => openCache(folder, options);
}

const answerTo = (body: Buffer, fetchedAt = 1): KeptAnswer => ({
  status: 200,
  contentType: "text/plain",
  etag: '"e"',
  lastModified: "",
  fetchedAt,
  freshUntil: 2,
  sha256: sha256(body),
});

test("an answer is there at once, after closing, and byte for byte", async (t) => {
  const open = cacheIn(t);
  const body = randomBytes(50_000);
  const cache = open();
  await cache.keep("GET u j", answerTo(body), body);
  assert.deepEqual(cache.body("GET u j"), body);
  cache.close();
  cache.close();
  const again = open();
  assert.deepEqual([again.look("GET u j"), again.body("GET u j"), again.look("GET v j")], [answerTo(body), body, null]);
  again.close();
});

test("a full disk stops the keeping, is said once, and costs nothing that was kept", async (t) => {
  const open = cacheIn(t);
  const cache = open();
  const kept = Buffer.from("kept");
  await cache.keep("GET kept j", answerTo(kept), kept);
  cache.flush();
  cache.store.db.exec("PRAGMA max_page_count = 20");
  for (let n = 0; n < 200; n++) {
    const body = randomBytes(10_000);
    await cache.keep(`GET ${n} j`, answerTo(body), body);
  }
  cache.flush();
  assert.equal(cache.notes.length, 1);
  assert.match(cache.notes[0] ?? "", /Nothing more is kept.*no room/);
  cache.close();
  const again = open();
  assert.deepEqual(again.body("GET kept j"), kept);
  again.close();
});

test("a body that no longer has its hash is taken out and said, never handed on", async (t) => {
  const open = cacheIn(t);
  const cache = open();
  const [one, two] = [Buffer.from("one"), Buffer.from("two")];
  await cache.keep("GET one j", answerTo(one), one);
  await cache.keep("GET two j", answerTo(two), two);
  cache.flush();
  cache.store.db.exec("UPDATE body SET zstd = (SELECT zstd FROM body b JOIN answer a USING (sha256) WHERE a.key = 'GET two j')");
  assert.equal(cache.body("GET one j"), null);
  assert.equal(cache.look("GET one j"), null);
  assert.match(cache.notes.join(), /damaged.*one/);
  assert.deepEqual(cache.body("GET two j"), two);
  cache.close();
});

test("artifacts and answers are bounded: what is oldest goes first", async (t) => {
  const open = cacheIn(t);
  const hashes: string[] = [];
  for (let n = 0; n < 4; n++) {
    const cache = open({ artifactBytes: 25_000, answerBytes: 200_000 });
    const bytes = randomBytes(10_000);
    hashes.push(createHash("sha512").update(bytes).digest("hex"));
    await cache.keepArtifact(hashes[n] ?? "", bytes);
    for (let at = 0; at < 8; at++) {
      const body = randomBytes(10_000);
      await cache.keep(`GET ${n}-${at} j`, answerTo(body, n * 10 + at), body);
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
    cache.close();
  }
  const cache = open();
  assert.deepEqual(
    hashes.map((hash) => cache.artifact(hash) !== null),
    [false, false, true, true],
  );
  assert.equal(cache.look("GET 0-0 j"), null);
  assert.ok(cache.body("GET 3-7 j") !== null);
  cache.close();
});

test("the user's folders follow the XDG specification, and nothing is made by asking", () => {
  const folders = userFolders({ HOME: "/nowhere/h", XDG_DATA_HOME: "relative" }, "linux");
  assert.deepEqual(folders, { cache: "/nowhere/h/.cache/tributary", data: "/nowhere/h/.local/share/tributary" });
  assert.equal(userFolders({ HOME: "/h", XDG_CACHE_HOME: "/c", TRIBUTARY_DATA: "/d" }, "linux").cache, "/c/tributary");
  assert.equal(userFolders({ HOME: "/h", XDG_CACHE_HOME: "/c", TRIBUTARY_DATA: "/d" }, "linux").data, "/d");
  assert.equal(existsSync("/nowhere"), false);
});
