import assert from "node:assert/strict";
import { test } from "node:test";
import { satisfies } from "./index.ts";

test("npm's ranges mean what npm takes them to mean", () => {
  assert.equal(satisfies("npm", "1.2.9", "~1.2.3"), true);
  assert.equal(satisfies("npm", "2.0.0", "^1.2.3"), false);
  assert.equal(satisfies("npm", "v1.2.3", ""), true);
  assert.equal(satisfies("npm", "1.0.0-beta", "^1.0.0-alpha"), true);
});

test("a prerelease has to be asked for", () => {
  assert.equal(satisfies("npm", "2.0.0-rc.1", ">=1.0.0"), false);
  assert.equal(satisfies("npm", "2.0.0-rc.1", ">=1.0.0", { includePrerelease: true }), true);
});

test("a tag, an address or a foreign ecosystem is a fault and not a no", () => {
  for (const range of ["latest", "git+ssh://host/x.git", "npm:other@1"])
    assert.throws(() => satisfies("npm", "1.0.0", range), { code: "version/invalid" }, range);
  assert.throws(() => satisfies("npm", "main", "^1.0.0"), { code: "version/invalid" });
  assert.throws(() => satisfies("PyPI", "1.0", ">=1"), { code: "version/unknown-ecosystem" });
});
