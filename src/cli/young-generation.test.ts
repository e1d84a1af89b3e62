import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { KEEP_SIZE } from "./young-generation.ts";

test("the flag is one that this Node knows and says nothing about", () => {
  const script = `require("node:v8").setFlagsFromString(${JSON.stringify(KEEP_SIZE)})`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--eval", script], { encoding: "utf8" });
  assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: "", stderr: "" });
});

test("with it the space for young objects stays small while much is made that lives for a while", () => {
  const script = `
    const { setFlagsFromString, getHeapSpaceStatistics } = require("node:v8");
    if (process.argv[1] === "small") setFlagsFromString(${JSON.stringify(KEEP_SIZE)});
    const held = [];
    for (let n = 0; n < 600_000; n++) held[n % 200_000] = { n, text: String(n) };
    console.log(getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space").space_size);`;
  const sizeWith = (which: string): number => Number(spawnSync(process.execPath, ["--eval", script, which], { encoding: "utf8" }).stdout);
  const [small, usual] = [sizeWith("small"), sizeWith("usual")];
  assert.ok(small > 0 && small * 2 <= usual, `${small} and ${usual} bytes`);
});
