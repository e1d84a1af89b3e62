import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type AdvisoryBase, Fault, type OsvRecord } from "../model/index.ts";
import { advisoryBaseOf } from "./advisories-memory.ts";
import { type SegmentEntry, lockBase, writeManifest } from "./advisories-manifest.ts";
import { writeSegment } from "./advisories-writer.ts";
import { openAdvisoryBase } from "./advisories.ts";

const asOf = "2026-01-01T00:00:00Z";

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "tributary-advisories-"));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const record = (id: string, name: string, more: Partial<OsvRecord> = {}): OsvRecord => ({
  id,
  modified: asOf,
  affected: [
    {
      package: { ecosystem: "npm", name },
      ranges: [{ type: "SEMVER", events: [{ introduced: "0" }, { fixed: "2.0.0" }] }],
      versions: ["1.0.0"],
    },
  ],
  ...more,
});

interface Part {
  readonly role?: "main" | "delta";
  readonly ecosystem?: string;
  readonly records: readonly OsvRecord[];
  readonly removed?: readonly string[];
}

/** Writes a base: a list of sources, each a list of segments. */
function write(path: string, sources: readonly (readonly Part[])[]): void {
  const unlock = lockBase(path);
  const entries = sources.map((parts, source) =>
    parts.map(({ role = "main", ecosystem = "npm", records, removed = [] }, part): SegmentEntry => {
      const file = `${source}-${part}-${process.hrtime.bigint()}.segment`;
      const writer = writeSegment(join(path, file), ecosystem);
      for (const one of records) writer.add(one, Buffer.from(JSON.stringify(one)));
      for (const id of removed) writer.remove(id);
      return { ecosystem, file, role, records: writer.finish().records };
    }),
  );
  writeManifest(path, {
    version: 1,
    records: 0,
    sources: entries.map((segments, index) => ({ key: `${index}`, name: `source ${index}`, asOf, records: 0, progress: [], segments })),
  });
  unlock();
}

function open(t: TestContext, path: string): AdvisoryBase {
  const base = openAdvisoryBase(path);
  t.after(() => base.close());
  return base;
}

const idsOf = (base: AdvisoryBase, name: string, ecosystem = "npm"): readonly string[] =>
  base.candidates(ecosystem, name).map(({ id }) => id);
const isCorrupt = (error: unknown): boolean => error instanceof Fault && error.code === "store/corrupt";

const shown = (from: AdvisoryBase, name: string): unknown =>
  from
    .candidates("npm", name)
    .map((found) => ({ found: JSON.stringify(found), lists: found.lists("1.0.0"), versions: found.versions(), record: found.record() }));

test("a base on disk answers what the same records answer in memory", (t) => {
  const path = folder(t);
  const names = ["a", "@scope/b", "__proto__", "constructor", "ünïcode", "x".repeat(214)];
  const records = Array.from({ length: 400 }, (_, index) =>
    record(`T-${index}`, names[index % names.length] ?? "a", {
      details: `${index} `.repeat(index),
      aliases: [`CVE-${index >> 1}`],
      ...(index % 7 === 0 ? { withdrawn: asOf } : {}),
    }),
  );
  write(path, [[{ records }]]);
  const base = open(t, path);
  const memory = advisoryBaseOf(records, { source: "source 0", asOf, ecosystems: ["npm"] });
  for (const name of [...names, "absent", ""]) assert.deepEqual(shown(base, name), shown(memory, name));
  assert.deepEqual(base.record("T-399")?.record, records[399]);
  assert.equal(base.record("CVE-7")?.record.id, "T-14");
  assert.equal(base.record("CVE-7000"), null);
  assert.deepEqual([base.covers("npm"), base.covers("PyPI")], [true, false]);
});

test("a folder without a base answers nothing and says that it has nothing", (t) => {
  const base = open(t, folder(t));
  assert.equal(base.info(), null);
  assert.equal(base.covers("npm"), false);
  assert.deepEqual(idsOf(base, "a"), []);
});

test("of one id the newest record counts, also where it no longer names the package, and a tie goes to the source that came first", (t) => {
  const path = folder(t);
  const newer = { modified: "2026-02-01T00:00:00Z" };
  write(path, [
    [{ records: [record("X-1", "a"), record("X-2", "a"), record("X-3", "a", { summary: "first" })] }],
    [
      {
        records: [record("X-1", "b", newer), record("X-2", "a", { ...newer, withdrawn: asOf }), record("X-3", "a", { summary: "second" })],
      },
    ],
  ]);
  const base = open(t, path);
  assert.deepEqual(idsOf(base, "a"), ["X-2", "X-3"]);
  assert.deepEqual(idsOf(base, "b"), ["X-1"]);
  const [second, third] = base.candidates("npm", "a");
  assert.equal(second?.withdrawn, true);
  assert.equal(third?.record().summary, "first");
  assert.equal(base.record("X-1")?.source, "source 1");
});

test("what changed stands before what was there, whatever the dates say, and what was removed is gone", (t) => {
  const path = folder(t);
  const main = [record("X-1", "a"), record("X-2", "a"), record("X-3", "a")];
  write(path, [
    [{ records: main }, { role: "delta", records: [record("X-1", "b", { modified: "2020-01-01T00:00:00Z" })], removed: ["X-2"] }],
  ]);
  const base = open(t, path);
  assert.deepEqual([idsOf(base, "a"), idsOf(base, "b")], [["X-3"], ["X-1"]]);
  assert.equal(base.record("X-2"), null);
});

test("what one source removed is still there where another has it", (t) => {
  const path = folder(t);
  write(path, [[{ records: [record("X-1", "a")] }, { role: "delta", records: [], removed: ["X-1"] }], [{ records: [record("X-1", "a")] }]]);
  const base = open(t, path);
  assert.deepEqual(idsOf(base, "a"), ["X-1"]);
  assert.equal(base.record("X-1")?.source, "source 1");
});

test("records that bear the year 1, as a database without dates writes them, are found", (t) => {
  const path = folder(t);
  write(path, [[{ records: [record("GO-1", "a", { modified: "0001-01-01T00:00:00Z" })] }]]);
  assert.equal(open(t, path).record("GO-1")?.record.id, "GO-1");
});

const named = (ecosystem: string, name: string): OsvRecord => ({
  id: `${ecosystem}-1`,
  modified: asOf,
  affected: [{ package: { ecosystem, name }, versions: ["1"] }],
});

test("names are found as their ecosystem compares them", (t) => {
  const path = folder(t);
  write(path, [
    [
      { ecosystem: "PyPI", records: [named("PyPI", "Zope.Interface")] },
      { ecosystem: "NuGet", records: [named("NuGet", "Newtonsoft.Json")] },
      { ecosystem: "npm", records: [named("npm", "JSONStream")] },
    ],
  ]);
  const base = open(t, path);
  assert.deepEqual(idsOf(base, "zope-interface", "PyPI"), ["PyPI-1"]);
  assert.deepEqual(idsOf(base, "newtonsoft.json", "NuGet"), ["NuGet-1"]);
  assert.deepEqual([idsOf(base, "jsonstream"), idsOf(base, "JSONStream")], [[], ["npm-1"]]);
});

test("a damaged byte is noticed or harmless: never another answer", (t) => {
  const path = folder(t);
  const records = Array.from({ length: 30 }, (_, index) => record(`T-${index}`, `p${index % 9}`, { aliases: [`A-${index}`] }));
  write(path, [[{ records }]]);
  const answers = (): string => {
    const base = openAdvisoryBase(path);
    try {
      const found = Array.from({ length: 12 }, (_, index) =>
        base.candidates("npm", `p${index}`).map((one) => [one.id, one.versions(), one.record()]),
      );
      return JSON.stringify([found, records.map(({ id }) => base.record(id)), base.record("A-3")]);
    } finally {
      base.close();
    }
  };
  const whole = answers();
  const file = join(path, readdirSync(path).find((name) => name.endsWith(".segment")) ?? "");
  const sound = readFileSync(file);
  let noticed = 0;
  for (let at = 0; at < sound.length; at += 3) {
    const damaged = Buffer.from(sound);
    damaged[at] = (damaged[at] ?? 0) ^ 0x41;
    writeFileSync(file, damaged);
    try {
      assert.equal(answers(), whole, `byte ${at}`);
    } catch (error) {
      assert.ok(isCorrupt(error), `byte ${at}: ${String(error)}`);
      noticed += 1;
    }
  }
  assert.ok(noticed > sound.length / 6, `noticed ${noticed} of ${Math.ceil(sound.length / 3)}`);
  for (const length of [0, 64, 127, 128, sound.length >> 1, sound.length - 1]) {
    writeFileSync(file, sound.subarray(0, length));
    assert.throws(answers, isCorrupt, `cut to ${length}`);
  }
  rmSync(file);
  assert.throws(answers, isCorrupt, "gone");
});

test("a damaged list of parts is noticed, and one of a later version is refused", (t) => {
  const path = folder(t);
  write(path, [[{ records: [record("X-1", "a")] }]]);
  const file = join(path, "manifest.json");
  const sound = readFileSync(file, "utf8");
  writeFileSync(file, sound.replace("source 0", "source 1"));
  assert.throws(() => openAdvisoryBase(path), isCorrupt);
  writeFileSync(file, sound.slice(0, 40));
  assert.throws(() => openAdvisoryBase(path), isCorrupt);
  writeManifest(path, { version: 99, records: 0, sources: [] });
  assert.throws(
    () => openAdvisoryBase(path),
    (error) => error instanceof Fault && error.code === "store/newer",
  );
});

test("a reader keeps what it opened while the base is replaced, and the old files go", (t) => {
  const path = folder(t);
  write(path, [[{ records: [record("X-1", "a")] }]]);
  const before = open(t, path);
  write(path, [[{ records: [record("X-2", "a")] }]]);
  assert.deepEqual(idsOf(before, "a"), ["X-1"]);
  assert.equal(before.record("X-1")?.record.id, "X-1");
  assert.deepEqual(idsOf(open(t, path), "a"), ["X-2"]);
  assert.equal(readdirSync(path).filter((name) => name.endsWith(".segment")).length, 1);
});

test("of two records with one id in one segment the newer stays, wherever it stands", (t) => {
  const path = folder(t);
  const newer = record("X-1", "b", { modified: "2026-03-01T00:00:00Z" });
  write(path, [[{ records: [newer, record("X-1", "a"), record("X-2", "a"), record("X-2", "b", { modified: "2026-03-01T00:00:00Z" })] }]]);
  const base = open(t, path);
  assert.deepEqual([idsOf(base, "a"), idsOf(base, "b")], [[], ["X-1", "X-2"]]);
});

test("a segment grows with what is in it: thirty long records that are alike stay small", (t) => {
  const path = folder(t);
  write(path, [
    [{ records: Array.from({ length: 30 }, (_, index) => record(`T-${index}`, "a", { details: "the same words ".repeat(500) })) }],
  ]);
  const file = readdirSync(path).find((name) => name.endsWith(".segment")) ?? "";
  assert.ok(statSync(join(path, file)).size < 30_000);
});
