import assert from "node:assert/strict";
import { test } from "node:test";
import { hunksOf } from "./diff.ts";

/** What takes more than linear time does not come back within this at the sizes below; a slow machine does. */
const HANG = 120_000;

/** Applies hunks to the old text, so that whatever they say is held against the new one. */
function applied(before: string, hunks: ReturnType<typeof hunksOf>): string[] {
  const lines = before === "" ? [] : before.replace(/\n$/, "").split("\n");
  const out: string[] = [];
  let at = 0;
  for (const hunk of hunks) {
    while (at < hunk.beforeLine - 1) out.push(lines[at++] ?? "");
    assert.equal(out.length + 1, hunk.afterLine);
    for (const { kind, text } of hunk.lines) {
      if (kind !== "added") assert.equal(lines[at++], text);
      if (kind !== "removed") out.push(text);
    }
  }
  return [...out, ...lines.slice(at)];
}

test("hunks lead from the old text to the new one, for texts of all kinds", () => {
  let seed = 7;
  const next = (most: number): number => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) % most;
  for (let round = 0; round < 300; round++) {
    const text = (): string[] => Array.from({ length: next(40) }, () => "abcdef"[next(6)] ?? "");
    const [a, b] = [text(), text()];
    if (round % 2 === 0) b.splice(0, b.length, ...a.flatMap((line) => (next(8) === 0 ? [] : next(8) === 0 ? [line, "new"] : [line])));
    const before = a.map((line) => `${line}\n`).join("");
    const hunks = hunksOf(before, b.map((line) => `${line}\n`).join(""));
    assert.deepEqual(applied(before, hunks), b);
  }
});

test("a change in a line of a long text is one hunk with three lines around it", () => {
  const lines = Array.from({ length: 1000 }, (_, at) => `line ${at}`);
  const [hunk, ...more] = hunksOf(lines.join("\n"), lines.with(500, "other").join("\n"));
  assert.deepEqual([hunk?.beforeLine, hunk?.lines.length, more.length], [498, 8, 0]);
});

const longText = (mark: string): string => Array.from({ length: 20_000 }, (_, at) => `${mark}${at}`).join("\n");

test("texts with nothing in common cost little", { timeout: HANG }, () => {
  assert.equal(hunksOf(longText("a"), longText("b"))[0]?.lines.length, 40_000);
});
