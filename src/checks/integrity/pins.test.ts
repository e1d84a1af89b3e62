import assert from "node:assert/strict";
import { test } from "node:test";
import { artifactOf, ask, documentOf, gone, manifestOf, offline, onlyFinding, releaseOf, sri } from "../testing.ts";
import { archiveHazard } from "./archive-hazard.ts";
import { insecureTransport } from "./insecure-transport.ts";
import { missingHash } from "./missing-hash.ts";
import { unpublished } from "./unpublished.ts";
import { weakHash } from "./weak-hash.ts";

const one = (more: object) => ({ packages: { "node_modules/a": more } });

test("SHA-1 alone is weak, beside a strong hash it is not, and the better one of the registry is named", () => {
  assert.match(onlyFinding(ask(weakHash, one({ integrity: [sri("x", "sha1")] }))).message, /promises only sha1-/);
  assert.deepEqual(ask(weakHash, one({ integrity: [sri("x", "sha1"), sri("x")] })).findings, []);
  const known = { releases: [releaseOf(manifestOf("a", "1.0.0"))] };
  assert.match(onlyFinding(ask(weakHash, one({ integrity: [sri("x", "sha1")] }), known)).message, /the registry publishes sha512-/);
  assert.match(onlyFinding(ask(weakHash, one({ integrity: ["crc32-AAAA"] }))).message, /no hash that is known/);
});

const mixed = (a: object) => ({ packages: { "node_modules/a": { integrity: [], ...a }, "node_modules/b": {} } });

test("a hash is missed only where there could be one", () => {
  const git = { kind: "git" as const, url: "https://forge.example/a.git", commit: "0".repeat(40) };
  assert.equal(onlyFinding(ask(missingHash, mixed({}))).subject, "pkg:npm/a@1.0.0");
  assert.deepEqual(ask(missingHash, mixed({ origin: git })).findings, []);
  assert.deepEqual(ask(missingHash, mixed({ origin: { kind: "directory", path: "../a" } })).findings, []);
  assert.deepEqual(ask(missingHash, mixed({ bundled: true })).findings, []);
});

test("a lockfile without any hash is one finding; a format that knows none is an open question", () => {
  const packages = Object.fromEntries(["a", "b", "c"].map((name) => [`node_modules/${name}`, { integrity: [] }]));
  const finding = onlyFinding(ask(missingHash, { packages }));
  assert.match(finding.message, /holds no hash for any of its 3 packages/);
  assert.equal(finding.subject, "pkg:generic/project");
  const plain = ask(missingHash, { packages, format: "python/requirements", file: "requirements.txt" });
  assert.deepEqual([plain.findings.length, plain.asked, plain.answered], [0, 3, 0]);
  assert.match(plain.unanswered[0]?.because ?? "", /requirements\.txt holds no hashes/);
});

test("an address that anybody on the way can alter weighs by what pins the bytes", () => {
  const over = (more: object) => ask(insecureTransport, one({ resolved: "http://registry.example/a/-/a-1.0.0.tgz", ...more }));
  assert.equal(onlyFinding(over({})).severity, "low");
  assert.equal(onlyFinding(over({ integrity: [sri("x", "sha1")] })).severity, "moderate");
  assert.equal(onlyFinding(over({ integrity: [] })).severity, "high");
  const git = { kind: "git" as const, url: "git://forge.example/a.git", commit: "0".repeat(40) };
  assert.equal(onlyFinding(ask(insecureTransport, one({ resolved: "", integrity: [], origin: git }))).severity, "moderate");
});

test("encrypted addresses and the machine itself are no concern", () => {
  for (const resolved of [
    "https://registry.example/a.tgz",
    "git+ssh://git@forge.example/a.git",
    "http://localhost:4873/a.tgz",
    "http://127.0.0.1/a.tgz",
    "http://[::1]:80/a.tgz",
  ]) {
    assert.deepEqual(ask(insecureTransport, one({ resolved })).findings, [], resolved);
  }
  assert.equal(ask(insecureTransport, one({ resolved: "http://localhost.evil.example/a.tgz" })).findings.length, 1);
});

const hazard = (kind: "path-escapes" | "link", path: string) => ({ kind, path, detail: "" });

test("each kind of hazard in an archive is one finding with the first paths in it", () => {
  const hazards = [...["../a", "../b", "../c", "../d"].map((at) => hazard("path-escapes", at)), hazard("link", "x")];
  const { findings } = ask(archiveHazard, one({}), { artifacts: [artifactOf(manifestOf("a", "1.0.0"), { hazards })] });
  assert.deepEqual(
    findings.map(({ key, severity }) => [key, severity]),
    [
      ["path-escapes", "critical"],
      ["link", "low"],
    ],
  );
  assert.match(findings[0]?.message ?? "", /"\.\.\/a", "\.\.\/b", "\.\.\/c" and 1 more/);
});

const ofRelease = (documents: Parameters<typeof ask>[2]) => ask(unpublished, one({}), { otherwise: gone, ...documents });

test("a release that the registry no longer has is told by what is left of it", () => {
  assert.match(onlyFinding(ofRelease({ documents: [documentOf("a", { "1.0.1": {} })] })).message, /no longer a@1\.0\.0/);
  assert.match(onlyFinding(ofRelease({})).message, /does not know a/);
  const taken = onlyFinding(ofRelease({ documents: [documentOf("a", { "0.0.1-security": {} })] }));
  assert.equal(taken.severity, "critical");
  assert.match(taken.message, /security placeholder \(0\.0\.1-security\)/);
});

test("a registry that cannot be reached has not lost anything", () => {
  const result = ask(unpublished, one({}), { otherwise: offline });
  assert.deepEqual([result.findings.length, result.answered, result.asked], [0, 0, 1]);
});
