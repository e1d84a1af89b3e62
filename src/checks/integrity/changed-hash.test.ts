import assert from "node:assert/strict";
import { test } from "node:test";
import type { Evidence, LockfileEntryClaim } from "../../model/index.ts";
import { ask, npmPurl, onlyFinding, sri, tarballUrl } from "../testing.ts";
import { changedHash } from "./changed-hash.ts";

const before = (text: string, resolved = tarballUrl("a", "1.0.0")): Evidence<LockfileEntryClaim> => ({
  subject: { purl: npmPurl("a", "1.0.0") },
  claim: { kind: "lockfile-entry", place: { file: "package-lock.json", line: 7 }, integrity: [sri(text)], resolved },
  source: "git main",
  observedAt: "2026-10-01T00:00:00Z",
  strength: "observed",
});
const project = (origin?: { kind: "file"; path: string }) => ({
  packages: { "node_modules/a": { integrity: [sri("now")], ...(origin === undefined ? {} : { origin }) } },
});

test("a hash that changed while the version did not is told with both hashes", () => {
  const finding = onlyFinding(ask(changedHash, project(), { earlier: { "a@1.0.0": [before("then")] } }));
  assert.match(finding.message, /now promises sha512-.+ for a@1\.0\.0; before it was sha512-/);
  assert.doesNotMatch(finding.message, /address changed/);
  assert.match(
    onlyFinding(ask(changedHash, project(), { earlier: { "a@1.0.0": [before("then", "https://elsewhere.example/a.tgz")] } })).message,
    /address changed as well, from https:\/\/elsewhere/,
  );
});

test("what was promised before, by one of two lockfiles too, is no change", () => {
  assert.deepEqual(ask(changedHash, project(), { earlier: { "a@1.0.0": [before("now")] } }).findings, []);
  assert.deepEqual(ask(changedHash, project(), { earlier: { "a@1.0.0": [before("then"), before("now")] } }).findings, []);
});

test("a local archive may change, and what was never seen before is not asked about", () => {
  const earlier = { "a@1.0.0": [before("then")] };
  assert.equal(ask(changedHash, project({ kind: "file", path: "a.tgz" }), { earlier }).asked, 0);
  assert.equal(ask(changedHash, project(), {}).asked, 0);
});
