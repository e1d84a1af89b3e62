import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Fault, type FaultCode } from "../model/index.ts";
import { openDatabase } from "./database.ts";

const first = ["CREATE TABLE t (n INTEGER PRIMARY KEY, text TEXT) STRICT"];
const faultOf =
  (code: FaultCode) =>
  (error: unknown): boolean =>
    error instanceof Fault && error.code === code;

function folder(t: TestContext): string {
  const made = mkdtempSync(join(tmpdir(), "tributary-store-"));
  t.after(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** A closed database with a few thousand rows. */
function filled(path: string): void {
  const store = openDatabase(path, first);
  const insert = store.db.prepare("INSERT INTO t (text) VALUES (?)");
  store.transaction(() => {
    for (let n = 0; n < 3000; n++) insert.run(`row ${n} ${"x".repeat(100)}`);
  });
  store.close();
}

test("migrations run once each, in order, and a failing one leaves the file as it was", (t) => {
  const path = join(folder(t), "deep", "a.db");
  openDatabase(path, first).close();
  assert.throws(() => openDatabase(path, [...first, "ALTER TABLE t ADD COLUMN more TEXT; ALTER TABLE none ADD COLUMN x"]));
  const store = openDatabase(path, [...first, "ALTER TABLE t ADD COLUMN other TEXT"]);
  assert.deepEqual(
    store.db
      .prepare("PRAGMA table_info(t)")
      .all()
      .map((row) => row["name"]),
    ["n", "text", "other"],
  );
  store.close();
  assert.throws(() => openDatabase(path, first), faultOf("store/newer"));
});

test("a file of a later version, or a place that cannot be written to, is a fault with a hint and changes nothing", (t) => {
  const here = folder(t);
  const path = join(here, "a.db");
  writeFileSync(join(here, "file"), "");
  assert.throws(() => openDatabase(join(here, "file", "a.db"), first), faultOf("store/unusable"));
  assert.throws(() => openDatabase(path, first, { readOnly: true }), faultOf("store/unusable"));
  assert.equal(existsSync(path), false);
});

test("a file that is no database, is cut off, or has a broken start is moved aside and said, and the next opening is sound", (t) => {
  const here = folder(t);
  const damages: readonly ((path: string) => void)[] = [
    (path) => writeFileSync(path, "<html>not a database, but long enough to be looked at as one</html>".repeat(20)),
    (path) => truncateSync(path, Math.floor(statSync(path).size / 2)),
    (path) => writeFileSync(path, Buffer.concat([Buffer.alloc(50, 7), readFileSync(path).subarray(50)])),
  ];
  for (const [n, damage] of damages.entries()) {
    const path = join(here, `${n}.db`);
    filled(path);
    damage(path);
    const store = openDatabase(path, first, { lost: "Nothing of value is lost." });
    assert.match(store.notes.join(), new RegExp(`${n}\\.db\\.corrupt-1.*Nothing of value`));
    assert.equal(store.db.prepare("SELECT count(*) AS n FROM t").get()?.["n"], 0);
    store.close();
    assert.deepEqual(openDatabase(path, first).notes, []);
    assert.ok(existsSync(`${path}.corrupt-1`));
    assert.equal(existsSync(`${path}.repair`), false);
  }
});

test("damage in the middle is found once it was suspected", (t) => {
  const path = join(folder(t), "a.db");
  filled(path);
  const bytes = readFileSync(path);
  bytes.fill(0xee, 8 * 4096, 12 * 4096);
  writeFileSync(path, bytes);
  const store = openDatabase(path, first);
  assert.throws(() => store.transaction(() => store.db.prepare("SELECT sum(length(text)) FROM t").all()), faultOf("store/corrupt"));
  store.close();
  const again = openDatabase(path, first);
  assert.match(again.notes.join(), /corrupt-1/);
  again.close();
});

test("a full disk is a fault, and what was written before is whole", (t) => {
  const path = join(folder(t), "a.db");
  filled(path);
  const store = openDatabase(path, first);
  store.db.exec("PRAGMA max_page_count = 100");
  const insert = store.db.prepare("INSERT INTO t (text) VALUES (?)");
  assert.throws(() => {
    store.transaction(() => {
      for (let n = 0; n < 10_000; n++) insert.run("y".repeat(200));
    });
  }, faultOf("store/full"));
  assert.equal(store.db.prepare("SELECT count(*) AS n FROM t").get()?.["n"], 3000);
  assert.equal(store.db.prepare("PRAGMA integrity_check").get()?.["integrity_check"], "ok");
  store.close();
});

function writer(
  path: string,
  who: string,
): { child: ChildProcess; acknowledged: () => number; ready: Promise<void>; ended: Promise<void> } {
  const child = spawn(process.execPath, [fileURLToPath(new URL("../../test/store/write-until-killed.ts", import.meta.url)), path, who], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  let isReady: () => void;
  const ready = new Promise<void>((resolve) => (isReady = resolve));
  child.stdout.on("data", (chunk: Buffer) => {
    text += chunk.toString();
    if (text.startsWith("ready")) isReady();
  });
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
  // The last line may be cut off by the kill.
  return {
    child,
    ready,
    ended,
    acknowledged: () =>
      text
        .split("\n")
        .slice(0, -1)
        .filter((line) => /^\d+$/.test(line)).length,
  };
}

test("two processes that create and write one database at once, and are killed at any moment, lose nothing that was acknowledged", async (t) => {
  const path = join(folder(t), "a.db");
  let expected = 0;
  for (let round = 0; round < 4; round++) {
    const writers = ["x", "y"].map((who) => writer(path, `${who}${round}`));
    await Promise.all(writers.map(({ ready }) => ready));
    await new Promise((resolve) => setTimeout(resolve, 20 + 37 * round));
    for (const { child } of writers) child.kill("SIGKILL");
    await Promise.all(writers.map(({ ended }) => ended));
    expected += writers.reduce((sum, each) => sum + each.acknowledged(), 0);
    const store = openDatabase(path, ["CREATE TABLE pair (who TEXT, n INTEGER, half TEXT) STRICT"]);
    assert.deepEqual(store.notes, []);
    assert.equal(store.db.prepare("PRAGMA integrity_check").get()?.["integrity_check"], "ok");
    const { pairs = 0, halves = 1 } =
      store.db
        .prepare(
          "SELECT count(*) FILTER (WHERE c = 2) AS pairs, count(*) FILTER (WHERE c <> 2) AS halves FROM (SELECT count(*) AS c FROM pair GROUP BY who, n)",
        )
        .get() ?? {};
    store.close();
    assert.equal(halves, 0);
    assert.ok(Number(pairs) >= expected, `${String(pairs)} pairs kept, ${expected} acknowledged`);
  }
});

test("processes that meet one damaged file at the same moment repair it once", async (t) => {
  const path = join(folder(t), "a.db");
  writeFileSync(path, "no database".repeat(1000));
  const writers = ["x", "y", "z"].map((who) => writer(path, who));
  await Promise.all(writers.map(({ ready }) => ready));
  for (const { child } of writers) child.kill("SIGKILL");
  await Promise.all(writers.map(({ ended }) => ended));
  assert.ok(existsSync(`${path}.corrupt-1`));
  assert.equal(existsSync(`${path}.corrupt-2`), false);
  const store = openDatabase(path, ["CREATE TABLE pair (who TEXT, n INTEGER, half TEXT) STRICT"]);
  assert.equal(store.db.prepare("SELECT count(DISTINCT who) AS n FROM pair").get()?.["n"], 3);
  store.close();
});
