import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type FileFacts, factsKey } from "../model/index.ts";
import { openFacts } from "./facts.ts";

const facts = (sha256: string): FileFacts => ({
  sha256,
  size: 1,
  language: "python",
  magic: "",
  depth: "tokens",
  because: "",
  shape: { lines: 1, longestLine: 1, entropy: 0, minified: false },
  sightings: [],
  flows: [],
  hidings: [],
  hosts: [],
  imports: [],
});

test("facts are kept by what the bytes are, the oldest go first, and a row that speaks of other bytes is none", () => {
  const folder = mkdtempSync(join(tmpdir(), "tributary-facts-"));
  try {
    const first = openFacts(folder);
    for (const name of ["a", "b", "c"]) first.keep(factsKey(name, "python"), facts(name));
    first.keep(factsKey("d", "python"), facts("another"));
    assert.deepEqual(first.look(factsKey("a", "python")), facts("a"), "before it is written as well");
    first.close();
    const second = openFacts(folder, 2);
    assert.deepEqual(second.look(factsKey("a", "python")), facts("a"));
    assert.equal(second.look(factsKey("a", "ruby")), null);
    assert.equal(second.look(factsKey("d", "python")), null);
    second.close();
    const third = openFacts(folder);
    assert.equal(third.look(factsKey("a", "python")), null);
    assert.deepEqual(third.look(factsKey("c", "python")), facts("c"));
    third.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
