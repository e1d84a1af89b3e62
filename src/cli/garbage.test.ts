import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { COLLECT_EARLY, KEEP_YOUNG_SMALL } from "./garbage.ts";

function run(
  script: string,
  flags: readonly string[] = [],
): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  const whole = `for (const flag of process.argv.slice(1)) require("node:v8").setFlagsFromString(flag); ${script}`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--eval", whole, "--", ...flags], { encoding: "utf8" });
  return { status, stdout, stderr };
}

test("the flags are ones that this Node knows and says nothing about", () => {
  assert.deepEqual(run("", [KEEP_YOUNG_SMALL, COLLECT_EARLY]), { status: 0, stdout: "", stderr: "" });
});

test("with them less is taken while much is made that lives for a while", () => {
  const script = `
    const held = [];
    for (let n = 0; n < 600_000; n++) held[n % 200_000] = { n, text: String(n) };
    console.log(require("node:v8").getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space").space_size);`;
  const [small, usual] = [Number(run(script, [KEEP_YOUNG_SMALL]).stdout), Number(run(script).stdout)];
  assert.ok(small > 0 && small * 2 <= usual, `${small} and ${usual} bytes`);
});
