import assert from "node:assert/strict";
import { test } from "node:test";
import type { ReviewWord } from "../../src/model/index.ts";
import { attackLine, honestLine, share } from "./report-lines.ts";

test("a share is printed with Wilson's interval at 95 %", () => {
  assert.equal(share(0, 28), "0/28 (0–12 %)");
  assert.equal(share(28, 28), "28/28 (88–100 %)");
});

test("an attack counts as flagged at review and at block, an honest change is counted at one of the two", () => {
  const words: readonly ReviewWord[] = ["note", "review", "block", "review"];
  assert.match(attackLine("second: a", words), /^second: a +flagged 3\/4 \(30–95 %\), blocked 1\/4 \(5–70 %\)$/);
  assert.match(honestLine("honest: a", words), /^honest: a +review 2\/4 \(15–85 %\), block 1\/4 \(5–70 %\)$/);
});
