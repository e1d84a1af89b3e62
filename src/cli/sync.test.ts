import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { CommandContext } from "./command.ts";
import { sync } from "./sync.ts";

async function run(
  t: TestContext,
  files: Readonly<Record<string, string>>,
  options: CommandContext["options"],
): Promise<{ status: number; out: string; err: string }> {
  const folder = mkdtempSync(join(tmpdir(), "tributary-sync-command-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  let [out, err] = ["", ""];
  const status = await sync.run({
    positionals: [],
    options: { from: join(folder, Object.keys(files)[0] ?? ""), ...options },
    cwd: folder,
    env: { TRIBUTARY_DATA: join(folder, "data"), TRIBUTARY_CACHE: join(folder, "cache"), HOME: folder },
    out: async (text) => {
      out += text;
      await Promise.resolve();
    },
    err: (text) => void (err += text),
    stdin: () => Promise.resolve(new Uint8Array()),
    outIsTerminal: false,
    errIsTerminal: false,
    columns: 80,
    signal: new AbortController().signal,
  });
  return { status, out, err };
}

const record = {
  id: "T-1",
  modified: "2026-01-01T00:00:00Z",
  affected: [{ package: { ecosystem: "npm", name: "a" }, versions: ["1.0.0"] }],
};

test("sync says what the base now holds, and names what was wrong apart from it", async (t) => {
  const { status, out, err } = await run(t, { "records.ndjson": `${JSON.stringify(record)}\n{"id":"\\u001b[31mT-2"}\n` }, {});
  assert.equal(status, 0);
  assert.match(out, /npm: 1 record, read anew\nThe base now holds 1 record for 1 ecosystem\.\n$/);
  assert.match(err, /1 record has something wrong:\n {2}records\.ndjson:2: no usable "id": left out\n/);
  assert.doesNotMatch(out + err, /\u001b/);
});

test("sync as data is one JSON document with its version", async (t) => {
  const { out } = await run(t, { "records.json": JSON.stringify([record]) }, { format: "json", ecosystem: ["NPM,pypi"] });
  const result = JSON.parse(out) as { schemaVersion: number; ecosystems: readonly object[]; faulty: readonly object[] };
  assert.equal(result.schemaVersion, 1);
  assert.deepEqual(result.ecosystems, [{ ecosystem: "npm", how: "whole", records: 1, taken: 1, removed: 0 }]);
  assert.deepEqual(result.faulty, []);
});
