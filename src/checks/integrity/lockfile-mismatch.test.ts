import assert from "node:assert/strict";
import { test } from "node:test";
import { artifactOf, ask, manifestOf, offline, onlyFinding, releaseOf, sri } from "../testing.ts";
import { bytesMismatch } from "./bytes-mismatch.ts";
import { lockfileMismatch } from "./lockfile-mismatch.ts";

const project = (promise: string) => ({
  dependencies: { a: "^1.0.0" },
  packages: { "node_modules/a": { integrity: promise === "" ? [] : [promise] } },
});
const manifest = manifestOf("a", "1.0.0");
const evidence = (registry: string, bytes: string | null) => ({
  releases: [releaseOf(manifest, { integrity: sri(registry) })],
  artifacts: bytes === null ? [] : [artifactOf(manifest, {}, bytes)],
});

test("three that agree give no finding, and the answer is complete", () => {
  for (const check of [lockfileMismatch, bytesMismatch]) {
    assert.deepEqual(ask(check, project(sri("x")), evidence("x", "x")), { findings: [], unanswered: [], asked: 1, answered: 1 });
  }
});

test("of any three hashes that do not all agree exactly one of the two rules speaks, and says who is the odd one out", () => {
  const cases = [
    { lock: "x", registry: "y", bytes: "y", rule: lockfileMismatch, says: /lockfile is the odd one out/ },
    { lock: "x", registry: "y", bytes: "x", rule: lockfileMismatch, says: /registry is the odd one out/ },
    { lock: "x", registry: "y", bytes: "z", rule: lockfileMismatch, says: /no two agree/ },
    { lock: "x", registry: "x", bytes: "z", rule: bytesMismatch, says: /both promise/ },
  ];
  for (const { lock, registry, bytes, rule, says } of cases) {
    const results = [lockfileMismatch, bytesMismatch].map((check) => ask(check, project(sri(lock)), evidence(registry, bytes)));
    assert.equal(results.flatMap(({ findings }) => findings).length, 1);
    const finding = onlyFinding(ask(rule, project(sri(lock)), evidence(registry, bytes)));
    assert.equal(finding.severity, "critical");
    assert.match(finding.message, says);
    assert.match(finding.message, /package-lock\.json .*promise.* sha512-/);
    assert.deepEqual(finding.places[0], { file: "package-lock.json", line: 2, key: "node_modules/a" });
    assert.equal(new Set(finding.evidence.map((each) => each.claim.kind)).size, 3);
  }
});

test("without the bytes a mismatch is still told, and it is open which side is right", () => {
  assert.match(onlyFinding(ask(lockfileMismatch, project(sri("x")), evidence("y", null))).message, /not looked at/);
});

test("a registry that cannot be asked leaves the question open, not fine", () => {
  const result = ask(lockfileMismatch, project(sri("x")), {});
  assert.deepEqual([result.findings.length, result.asked, result.answered], [0, 1, 0]);
  assert.equal(result.unanswered[0]?.because, offline.because);
  assert.equal(result.unanswered[0]?.cure, offline.cure);
});

test("hashes of different kinds are bridged by the bytes, and are an open question without them", () => {
  const old = project(sri("x", "sha1"));
  assert.deepEqual(ask(lockfileMismatch, old, evidence("x", "x")).unanswered, []);
  assert.match(ask(lockfileMismatch, old, evidence("x", null)).unanswered[0]?.because ?? "", /sha1.*sha512/);
  assert.equal(ask(bytesMismatch, old, evidence("x", "x")).answered, 1);
});

test("two entries that promise different bytes for one release are told without asking anybody", () => {
  const twice = { packages: { "node_modules/a": { integrity: [sri("x")] }, "node_modules/b/node_modules/a": { integrity: [sri("y")] } } };
  const finding = onlyFinding(ask(lockfileMismatch, twice, {}));
  assert.match(finding.message, /two entries of package-lock\.json promise different bytes for a@1\.0\.0/);
  assert.equal(finding.places.length, 2);
});

test("Yarn's checksum of its own archive is never held against the registry's hash of the tarball", () => {
  const berry = { ...project(sri("zip")), format: "npm/yarn-lock", formatVersion: "berry-8", file: "yarn.lock" };
  for (const check of [lockfileMismatch, bytesMismatch]) assert.deepEqual(ask(check, berry, evidence("x", "x")).findings, []);
});

test("bytes that nobody gives a hash for are an open question", () => {
  const result = ask(bytesMismatch, project(""), { artifacts: [artifactOf(manifest)] });
  assert.match(result.unanswered[0]?.because ?? "", /neither lockfile nor registry/);
  assert.equal(result.answered, 0);
});
