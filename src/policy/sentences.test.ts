import assert from "node:assert/strict";
import { test } from "node:test";
import type { JudgedFinding } from "../model/index.ts";
import { defaultPolicy } from "./policy.ts";
import { because } from "./sentences.ts";

const finding = (rule: string, subject: string, effect: JudgedFinding["effect"]): JudgedFinding => ({
  rule,
  question: "advisories",
  subject,
  severity: "critical",
  message: "",
  evidence: [],
  places: [],
  remedy: { text: "" },
  key: "",
  references: [],
  effect,
  through: [],
  paths: [],
  pathCount: 0,
});

test("the sentence names what decides while that can be read in passing, and counts beyond", () => {
  const one = finding("advisories/known-vulnerability", "pkg:npm/%40a/b@1.0.0", "block");
  const other = finding("integrity/weak-hash", "pkg:npm/c@2.0.0?download_url=x", "block");
  assert.equal(
    because("block", [one, one, other], [], defaultPolicy),
    "3 findings in @a/b@1.0.0 and c@2.0.0 block: known vulnerability (2), weak hash (1).",
  );
  const third = finding("integrity/weak-hash", "pkg:npm/d@1.0.0", "block");
  assert.match(because("block", [one, other, third], [], defaultPolicy), /^3 findings in 3 packages block:/);
});

test("a pass says that it speaks of what was asked, and names what stayed open", () => {
  assert.equal(because("pass", [], [], defaultPolicy), "Nothing was found in what was asked.");
  const gap = { question: "advisories", rule: "", subjects: [], because: "offline" } as const;
  assert.equal(
    because("pass", [], [gap], defaultPolicy),
    "Nothing was found in what was asked, but 1 thing could not be answered (advisories).",
  );
});

test("a percent sign that encodes nothing ends no report", () => {
  assert.match(because("block", [finding("integrity/weak-hash", "pkg:npm/100%@1", "block")], [], defaultPolicy), /100%@1/);
});
