import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { type IncomingMessage, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { brotliCompressSync, crc32, deflateRawSync, gzipSync, zstdCompressSync } from "node:zlib";
import { Fault, type FaultCode, type OsvRecord } from "../../model/index.ts";
import { defaultHttpConfig, httpClient } from "../../sources/http.ts";
import { lockBase } from "../../store/advisories-manifest.ts";
import { openAdvisoryBase } from "../../store/advisories.ts";
import { type SyncOptions, type SyncResult, sync } from "./sync.ts";

const now = "2026-05-01T00:00:00Z";

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "tributary-sync-"));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const record = (id: string, name: string, modified = "2026-01-01T00:00:00Z", more: Partial<OsvRecord> = {}): OsvRecord => ({
  id,
  modified,
  affected: [{ package: { ecosystem: "npm", name }, ranges: [{ type: "SEMVER", events: [{ introduced: "0" }] }] }],
  ...more,
});

const faultOf =
  (code: FaultCode) =>
  (error: unknown): boolean =>
    error instanceof Fault && error.code === code;

/** A zip as OSV publishes it: one deflated entry a record. */
function zip(files: Readonly<Record<string, string>>): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [name, text] of Object.entries(files)) {
    const plain = Buffer.from(text);
    const packed = deflateRawSync(plain);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(8, 8);
    local.writeUInt32LE(crc32(plain), 14);
    local.writeUInt32LE(packed.length, 18);
    local.writeUInt32LE(plain.length, 22);
    local.writeUInt16LE(Buffer.byteLength(name), 26);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    local.copy(central, 6, 4, 30);
    central.writeUInt32LE(at, 42);
    parts.push(local, Buffer.from(name), packed);
    directory.push(central, Buffer.from(name));
    at += 30 + Buffer.byteLength(name) + packed.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(directory.length / 2, 10);
  end.writeUInt32LE(Buffer.concat(directory).length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, ...directory, end]);
}

const zipOf = (records: readonly OsvRecord[]): Buffer =>
  zip(Object.fromEntries(records.map((one) => [`${one.id}.json`, JSON.stringify(one)])));

function syncFiles(path: string, from: string, more: Partial<SyncOptions> = {}): Promise<SyncResult> {
  return sync({ folder: path, from, ecosystems: [], client: null, now, ...more });
}

/** Everything that the base says, for comparing two of them. */
function contents(path: string, names: readonly string[]): unknown {
  const base = openAdvisoryBase(path);
  try {
    return names.map((name) => base.candidates("npm", name).map(({ id, modified }) => `${name} ${id} ${modified}`));
  } finally {
    base.close();
  }
}

test("the same records give the same base, in whatever form they come", async (t) => {
  const records = Array.from({ length: 40 }, (_, index) => record(`T-${index}`, `p${index % 7}`));
  const lines = records.map((one) => JSON.stringify(one)).join("\n");
  const forms: Readonly<Record<string, Buffer>> = {
    "records.ndjson": Buffer.from(`${lines}\n`),
    "windows.jsonl": Buffer.from(`\ufeff${lines.replaceAll("\n", "\r\n")}`),
    "records.ndjson.gz": gzipSync(lines),
    "records.ndjson.br": brotliCompressSync(lines),
    "records.ndjson.zst": zstdCompressSync(lines),
    "records.json": Buffer.from(JSON.stringify(records)),
    "answer.json": Buffer.from(JSON.stringify({ vulns: records })),
    "all.zip": zipOf(records),
    "lines.zip": zip({ "some/records.ndjson": lines }),
    "records.yaml": Buffer.from(records.map((one) => `- ${JSON.stringify(one)}`).join("\n")),
    "no-ending": Buffer.from(lines),
  };
  const names = Array.from({ length: 8 }, (_, index) => `p${index}`);
  const seen = new Map<string, string>();
  for (const [name, bytes] of Object.entries(forms)) {
    const [from, base] = [folder(t), folder(t)];
    writeFileSync(join(from, name), bytes);
    const result = await syncFiles(base, join(from, name));
    assert.deepEqual([result.info?.records, result.faultyCount], [40, 0], name);
    seen.set(name, JSON.stringify(contents(base, names)));
  }
  assert.equal(new Set(seen.values()).size, 1);
});

test("a folder is read as it lies: single records, the layout of osv-scanner, and an export without what it repeats", async (t) => {
  const [from, base] = [folder(t), folder(t)];
  mkdirSync(join(from, "osv-scanner", "npm"), { recursive: true });
  writeFileSync(join(from, "osv-scanner", "npm", "all.zip"), zipOf([record("T-1", "a"), record("T-2", "a")]));
  writeFileSync(join(from, "osv-scanner", "npm", "T-1.json"), JSON.stringify(record("T-1", "repeated", "2027-01-01T00:00:00Z")));
  mkdirSync(join(from, "single"));
  writeFileSync(join(from, "single", "T-3.json"), JSON.stringify(record("T-3", "a"), null, 2));
  writeFileSync(join(from, "single", "README.md"), "not an advisory");
  const result = await syncFiles(base, from);
  assert.deepEqual(
    result.ecosystems.map(({ ecosystem, records }) => [ecosystem, records]),
    [["npm", 3]],
  );
  assert.deepEqual(contents(base, ["a", "repeated"]), [
    ["a T-1 2026-01-01T00:00:00Z", "a T-2 2026-01-01T00:00:00Z", "a T-3 2026-01-01T00:00:00Z"],
    [],
  ]);
});

test("a bad record is counted and named with its place; the good ones are taken in", async (t) => {
  const [from, base] = [folder(t), folder(t)];
  const withoutStart = {
    ...record("T-2", "a"),
    affected: [
      { package: { ecosystem: "npm", name: "a" }, ranges: [{ type: "SEMVER", events: [{ fixed: "1.0.0" }] }], versions: ["0.9.0"] },
    ],
  };
  writeFileSync(
    join(from, "records.ndjson"),
    [JSON.stringify(record("T-1", "a")), "{", "[]", '{"id":"T-9"}', JSON.stringify(withoutStart), `${"[".repeat(100_000)}`, "null"].join(
      "\n",
    ),
  );
  const result = await syncFiles(base, join(from, "records.ndjson"));
  assert.deepEqual(
    result.faulty.map(({ place, id, taken }) => [place, id, taken]),
    [
      ["records.ndjson:2", "", false],
      ["records.ndjson:3", "", false],
      ["records.ndjson:4", "", false],
      ["records.ndjson:5", "T-2", true],
      ["records.ndjson:6", "", false],
      ["records.ndjson:7", "", false],
    ],
  );
  assert.match(result.faulty[3]?.problems[0] ?? "", /no "introduced" event/);
  assert.deepEqual(contents(base, ["a"]), [["a T-1 2026-01-01T00:00:00Z", "a T-2 2026-01-01T00:00:00Z"]]);
});

test("a container that is cut off or damaged leaves the base as it was", async (t) => {
  const [from, base] = [folder(t), folder(t)];
  const records = Array.from({ length: 300 }, (_, index) =>
    record(`T-${index}`, "a", undefined, { details: `${index * 7919}`.repeat(20) }),
  );
  const good = join(from, "good.json");
  writeFileSync(good, JSON.stringify(record("OLD-1", "a")));
  await syncFiles(base, good);
  const lines = records.map((one) => JSON.stringify(one)).join("\n");
  const archive = zipOf(records);
  const flipped = Buffer.from(archive);
  // Within the first entry's content; its own header ends at 38.
  flipped[60] = (flipped[60] ?? 0) ^ 0xff;
  const broken: Readonly<Record<string, Buffer>> = {
    "cut.ndjson.gz": gzipSync(lines).subarray(0, -20),
    "cut.ndjson.br": brotliCompressSync(lines).subarray(0, -20),
    "cut.ndjson.zst": zstdCompressSync(lines).subarray(0, -20),
    "cut.zip": archive.subarray(0, archive.length >> 1),
    "flipped.zip": flipped,
    "text.zip": Buffer.from("<html>not found</html>"),
    "empty.ndjson": Buffer.alloc(0),
  };
  for (const [name, bytes] of Object.entries(broken)) {
    writeFileSync(join(from, name), bytes);
    await assert.rejects(
      syncFiles(base, join(from, name)),
      (error) => error instanceof Fault && /^(?:input|artifact)\//.test(error.code),
      name,
    );
    assert.deepEqual(contents(base, ["a"]), [["a OLD-1 2026-01-01T00:00:00Z"]], name);
  }
  await assert.rejects(syncFiles(base, join(from, "absent")), faultOf("input/not-found"));
  assert.deepEqual(readdirSync(base).filter((name) => name.endsWith(".segment")).length, 1);
});

test("a place that is synced again is replaced: what vanished or was narrowed there is gone; other places stay", async (t) => {
  const [from, base] = [folder(t), folder(t)];
  const [one, other] = [join(from, "one.json"), join(from, "other.json")];
  writeFileSync(other, JSON.stringify(record("O-1", "a")));
  writeFileSync(one, JSON.stringify([record("T-1", "a"), record("T-2", "a"), record("T-3", "a")]));
  await syncFiles(base, other);
  await syncFiles(base, one);
  writeFileSync(one, JSON.stringify([record("T-1", "b"), record("T-3", "a")]));
  const result = await syncFiles(base, one);
  assert.equal(result.info?.records, 3);
  assert.deepEqual(contents(base, ["a", "b"]), [
    ["a O-1 2026-01-01T00:00:00Z", "a T-3 2026-01-01T00:00:00Z"],
    ["b T-1 2026-01-01T00:00:00Z"],
  ]);
  assert.deepEqual(
    result.info?.sources.map(({ records }) => records),
    [1, 2],
  );
});

interface Mirror {
  readonly url: string;
  readonly requests: string[];
  records: readonly OsvRecord[];
  /** Records that the archive lags behind with. */
  archive: readonly OsvRecord[] | null;
  list: boolean;
}

async function mirror(t: TestContext): Promise<Mirror> {
  const state: { -readonly [K in keyof Mirror]: Mirror[K] } = { url: "", requests: [], records: [], archive: null, list: true };
  const answer = (request: IncomingMessage): Buffer | null => {
    const path = decodeURIComponent(new URL(request.url ?? "/", "http://localhost").pathname);
    state.requests.push(path);
    if (path === "/ecosystems.txt") return Buffer.from("npm\n[EMPTY]\n");
    if (path === "/npm/all.zip") return zipOf(state.archive ?? state.records);
    if (path === "/npm/modified_id.csv" && state.list) {
      const newestFirst = state.records.toSorted((a, b) => (a.modified < b.modified ? 1 : -1));
      return Buffer.from(newestFirst.map((one) => `${one.modified},${one.id}\n`).join(""));
    }
    const one = state.records.find((candidate) => path === `/npm/${candidate.id}.json`);
    return one === undefined ? null : Buffer.from(JSON.stringify(one));
  };
  const server = createServer((request, response) => {
    const body = answer(request);
    const type = request.url?.endsWith(".json") === true ? "application/json" : "application/octet-stream";
    response.writeHead(body === null ? 404 : 200, { "content-type": type, ...(body === null ? {} : { etag: `"${crc32(body)}"` }) });
    response.end(body ?? "nothing here");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return state;
}

function online(t: TestContext, base: string, from: string): (more?: Partial<SyncOptions>) => Promise<SyncResult> {
  const client = httpClient({ cache: null, config: { ...defaultHttpConfig, minRetryDelay: 5, maxRetryDelay: 20, timeout: 2000 } });
  t.after(() => client.close());
  return (more = {}) => sync({ folder: base, from, ecosystems: ["npm"], client, now, ...more });
}

test("a mirror is read whole at first, then only by what changed; what vanished, moved or was withdrawn follows", async (t) => {
  const [base, from] = [folder(t), await mirror(t)];
  const run = online(t, base, from.url);
  from.records = Array.from({ length: 30 }, (_, index) => record(`T-${index}`, "a", `2026-01-01T00:00:${10 + index}Z`));
  assert.deepEqual((await run()).ecosystems, [{ ecosystem: "npm", how: "whole", records: 30, taken: 30, removed: 0 }]);
  from.requests.length = 0;
  assert.equal((await run()).ecosystems[0]?.how, "unchanged");
  assert.deepEqual(from.requests, ["/npm/modified_id.csv"]);

  from.requests.length = 0;
  const kept = from.records.filter(({ id }) => id !== "T-5");
  from.records = [
    ...kept.map((one) => (one.id === "T-6" ? record("T-6", "moved", "2026-02-01T00:00:00.000001Z") : one)),
    record("T-30", "a", "2026-02-01T00:00:00.0000005Z", { withdrawn: "2026-02-01T00:00:00Z" }),
  ];
  assert.deepEqual((await run()).ecosystems, [{ ecosystem: "npm", how: "changes", records: 30, taken: 2, removed: 1 }]);
  assert.deepEqual(from.requests.toSorted(), ["/npm/T-30.json", "/npm/T-6.json", "/npm/modified_id.csv"]);
  const opened = openAdvisoryBase(base);
  assert.deepEqual(
    opened.candidates("npm", "moved").map(({ id }) => id),
    ["T-6"],
  );
  assert.equal(opened.record("T-5"), null);
  assert.equal(opened.candidates("npm", "a").find(({ id }) => id === "T-30")?.withdrawn, true);
  assert.equal(opened.info()?.records, 30);
  opened.close();

  // A second change goes on from the first one, and equals reading everything anew.
  from.records = [...from.records.filter(({ id }) => id !== "T-6"), record("T-5", "a", "2026-03-01T00:00:00Z")];
  assert.deepEqual((await run()).ecosystems, [{ ecosystem: "npm", how: "changes", records: 30, taken: 1, removed: 1 }]);
  const byChanges = contents(base, ["a", "moved"]);
  await run({ whole: true });
  assert.deepEqual(contents(base, ["a", "moved"]), byChanges);
});

test("what changes between the list and the archive is fetched the next time", async (t) => {
  const [base, from] = [folder(t), await mirror(t)];
  const run = online(t, base, from.url);
  from.records = [record("T-1", "a", "2026-01-02T00:00:00Z"), record("T-2", "a", "2026-01-03T00:00:00Z")];
  from.archive = [record("T-1", "a", "2026-01-02T00:00:00Z")];
  await run();
  assert.deepEqual((await run()).ecosystems, [{ ecosystem: "npm", how: "changes", records: 2, taken: 1, removed: 0 }]);
});

test("a mirror without a list of changes is followed by its archive's tag", async (t) => {
  const [base, from] = [folder(t), await mirror(t)];
  const run = online(t, base, from.url);
  from.list = false;
  from.records = [record("T-1", "a")];
  assert.equal((await run()).ecosystems[0]?.how, "whole");
  assert.equal((await run()).ecosystems[0]?.how, "unchanged");
  from.records = [];
  from.archive = [record("T-2", "a")];
  assert.deepEqual((await run()).ecosystems, [{ ecosystem: "npm", how: "whole", records: 1, taken: 1, removed: 1 }]);
});

test("an ecosystem that a mirror does not have is a fault with its name, after the others are done", async (t) => {
  const [base, from] = [folder(t), await mirror(t)];
  from.records = [record("T-1", "a")];
  const run = online(t, base, from.url);
  await assert.rejects(
    run({ ecosystems: ["Nowhere", "npm"] }),
    (error) => faultOf("source/not-found")(error) && /Nowhere/.test(String(error)),
  );
  assert.deepEqual(contents(base, ["a"]), [["a T-1 2026-01-01T00:00:00Z"]]);
  assert.deepEqual(
    (await run({ ecosystems: "all" })).ecosystems.map(({ ecosystem }) => ecosystem),
    ["npm"],
  );
});

test("a damaged base is said and built anew", async (t) => {
  const [base, from] = [folder(t), await mirror(t)];
  const run = online(t, base, from.url);
  from.records = [record("T-1", "a")];
  await run();
  const segment = readdirSync(base).find((name) => name.endsWith(".segment")) ?? "";
  writeFileSync(join(base, segment), readFileSync(join(base, segment)).subarray(0, 100));
  const healed = await run();
  assert.equal(healed.ecosystems[0]?.how, "whole");
  assert.match(healed.notes.join(), /damaged/);
  writeFileSync(join(base, "manifest.json"), "{");
  const again = await run();
  assert.match(again.notes.join(), /moved aside/);
  assert.deepEqual(contents(base, ["a"]), [["a T-1 2026-01-01T00:00:00Z"]]);
});

test("a second sync at the same time is told that one is running", { timeout: 20_000 }, async (t) => {
  const base = folder(t);
  const unlock = lockBase(base);
  await assert.rejects(syncFiles(base, base), faultOf("store/busy"));
  unlock();
});

test("killed at any moment, a sync leaves the old base or the new one, and the next one cleans up", { timeout: 60_000 }, async (t) => {
  const [from, base] = [folder(t), folder(t)];
  const file = join(from, "records.ndjson");
  writeFileSync(file, JSON.stringify(record("OLD-1", "a")));
  await syncFiles(base, file);
  const lines = Array.from({ length: 3000 }, (_, index) =>
    JSON.stringify(record(`N-${index}`, "a", undefined, { details: "word ".repeat(index % 90) })),
  );
  writeFileSync(file, lines.join("\n"));
  const old = contents(base, ["a"]);
  const script = `const { sync } = await import(${JSON.stringify(new URL("./sync.ts", import.meta.url).href)});
    process.send("ready");
    await sync({ folder: process.argv[1], from: process.argv[2], ecosystems: [], client: null, now: ${JSON.stringify(now)} });`;
  const outcomes = new Set<string>();
  for (const wait of [0, 15, 40, 80, 140]) {
    const copy = folder(t);
    cpSync(base, copy, { recursive: true });
    const child = spawn(process.execPath, ["--input-type=module", "-e", script, copy, file], {
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    // Asked for at once: a child that is done before it is killed has said so already.
    const gone = once(child, "exit");
    await once(child, "message");
    await new Promise((resolve) => setTimeout(resolve, wait));
    child.kill("SIGKILL");
    await gone;
    const after = contents(copy, ["a"]) as readonly (readonly string[])[];
    const isOld = JSON.stringify(after) === JSON.stringify(old);
    assert.ok(isOld || after[0]?.length === 3000, `after ${wait} ms: ${after[0]?.length}`);
    outcomes.add(isOld ? "old" : "new");
    await syncFiles(copy, file);
    assert.deepEqual(readdirSync(copy).filter((name) => name.endsWith(".segment") || name.endsWith(".part")).length, 1);
  }
  assert.ok(outcomes.has("old"), "at least the first was killed in time");
});
