import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { generated } from "../scripts/generate-rules.ts";

test("what is generated from the rules is current: else run node scripts/generate-rules.ts", () => {
  for (const [path, text] of generated()) {
    assert.equal(readFileSync(join(import.meta.dirname, "..", path), "utf8"), text, path);
  }
});
