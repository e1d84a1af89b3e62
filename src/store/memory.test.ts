import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openMemory } from "./memory.ts";

test("the first promise for a release is kept, whatever is promised later", () => {
  const folder = mkdtempSync(join(tmpdir(), "tributary-memory-"));
  try {
    const purl = "pkg:npm/ms@2.1.3";
    const entry = { purl, file: "package-lock.json" };
    const memory = openMemory(folder);
    assert.equal(memory.first(purl), null);
    assert.equal(memory.remember([{ ...entry, integrity: ["sha512-b", "sha1-a"], seenAt: "2026-01-01T00:00:00.000Z" }]), 1);
    assert.equal(memory.remember([{ ...entry, integrity: ["sha512-other"], seenAt: "2026-02-01T00:00:00.000Z" }]), 0);
    memory.close();

    const again = openMemory(folder);
    assert.deepEqual(again.first(purl), {
      integrity: ["sha1-a", "sha512-b"],
      seenAt: "2026-01-01T00:00:00.000Z",
      file: "package-lock.json",
    });
    again.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("an entry that promises nothing leaves room for one that does", () => {
  const folder = mkdtempSync(join(tmpdir(), "tributary-memory-"));
  try {
    const memory = openMemory(folder);
    const entry = { purl: "pkg:npm/ms@2.1.3", file: "yarn.lock", seenAt: "2026-01-01T00:00:00.000Z" };
    assert.equal(memory.remember([{ ...entry, integrity: [] }]), 0);
    assert.equal(memory.remember([{ ...entry, integrity: ["sha512-b"] }]), 1);
    memory.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

const has = (...versions: readonly string[]): ReadonlyMap<string, readonly string[]> => new Map([["npm a", versions]]);

test("what a project had before stays known as long as it has what it has now, and nothing in doubt takes its place", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "tributary-memory-"));
  const memory = openMemory(folder);
  t.after(() => {
    memory.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const before = (now: ReadonlyMap<string, readonly string[]>, project = "p"): readonly string[] =>
    memory.replaced(project, now).get("npm a") ?? [];
  memory.keepReleases("p", has("1.0.0"), new Set());
  assert.deepEqual(before(has("1.0.0")), []);
  assert.deepEqual(before(has("1.0.1")), ["1.0.0"]);
  memory.keepReleases("p", has("1.0.1"), new Set(["npm a"]));
  assert.deepEqual(before(has("1.0.1")), ["1.0.0"], "looking twice does not make news old");
  assert.deepEqual(before(has("1.0.2")), ["1.0.0"], "1.0.1 is in doubt");
  memory.keepReleases("p", has("1.0.1"), new Set());
  assert.deepEqual(before(has("1.0.2")), ["1.0.1"]);
  assert.deepEqual(before(has("1.0.2"), "another"), []);
  memory.keepReleases("p", new Map(), new Set());
  assert.deepEqual(before(has("1.0.2")), [], "what is gone is forgotten");
});

const day = (number: number): string => `2026-01-${String(number).padStart(2, "0")}T00:00:00.000Z`;

test("what a name stood for before is told as long as it stands for what it does now, and nothing in doubt takes its place", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "tributary-memory-"));
  const memory = openMemory(folder);
  t.after(() => {
    memory.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const document = "https://registry.example/a";
  const look = (version: string, at: number, doubted = false): void =>
    memory.keepTags([{ document, at: day(at), tags: new Map([["latest", version]]), doubted: new Set(doubted ? ["latest"] : []) }]);
  const before = (version: string, at: number): string | undefined => {
    const seen = memory.tagsBefore(document, new Map([["latest", version]]), day(at)).get("latest");
    return seen === undefined ? undefined : `${seen.version} ${seen.seenAt.slice(8, 10)}`;
  };
  assert.equal(before("2.0.0", 1), undefined, "nothing is remembered");
  look("2.0.0", 1);
  assert.equal(before("2.0.0", 1), undefined, "the same answer is no second look");
  assert.equal(before("2.0.0", 3), "2.0.0 01");
  look("2.0.0", 3);
  assert.equal(before("1.0.0", 2), undefined, "an answer older than what was seen says nothing");
  assert.equal(before("1.0.0", 4), "2.0.0 03");
  look("1.0.0", 4, true);
  assert.equal(before("1.0.0", 4), "2.0.0 03", "looking twice does not make news old");
  assert.equal(before("2.0.0", 5), "2.0.0 03", "put back: held to what it was before the doubt");
  look("2.1.0", 6);
  assert.equal(before("2.1.0", 7), "2.0.0 03");
  assert.equal(before("2.0.0", 7), "2.1.0 06");
  look("1.0.0", 5);
  assert.equal(before("2.0.0", 7), "2.1.0 06", "another process that looked earlier does not take it back");
  assert.equal(memory.tagsBefore("https://other.example/a", new Map([["latest", "1.0.0"]]), day(9)).size, 0, "one registry is not another");
});
