import assert from "node:assert/strict";
import { test } from "node:test";
import { advisoryOf, ask, documentOf, offline, onlyFinding } from "../testing.ts";
import { knownMalware } from "./known-malware.ts";
import { knownNotice } from "./known-notice.ts";
import { knownVulnerability } from "./known-vulnerability.ts";

const project = { dependencies: { a: "^1.0.0" }, packages: { "node_modules/a": {} } };
const rules = [knownMalware, knownVulnerability, knownNotice];

test("each advisory is told by exactly one rule, by its type", () => {
  const types = ["malware", "vulnerability", "notice"] as const;
  const advisories = { "a@1.0.0": types.map((type) => advisoryOf(`X-${type}`, { type })) };
  assert.deepEqual(
    rules.map((rule) => onlyFinding(ask(rule, project, { advisories })).key),
    types.map((type) => `X-${type}`),
  );
});

test("the sentence holds what, how bad, by whose measure, and what cures it", () => {
  const advisory = advisoryOf("GHSA-1", {
    ids: ["CVE-2026-1", "GHSA-1"],
    summary: "Prototype pollution in a.\nMore.",
    cwes: ["CWE-1321"],
    fixed: ["1.0.1"],
  });
  const finding = onlyFinding(
    ask(knownVulnerability, project, { advisories: { "a@1.0.0": [advisory] }, documents: [documentOf("a", { "1.0.0": {}, "1.0.1": {} })] }),
  );
  assert.equal(
    finding.message,
    "a@1.0.0 has a known vulnerability: Prototype pollution in a (GHSA-1, CVE-2026-1); high (CVSS 3.1: 7.5), cured in 1.0.1.",
  );
  assert.deepEqual(finding.references, ["CVE-2026-1", "GHSA-1", "CWE-1321"]);
  assert.equal(finding.remedy.command, "npm update a");
  assert.deepEqual(finding.evidence, [advisory]);
});

test("a severity that nobody gave is not taken for a low one", () => {
  const finding = onlyFinding(
    ask(knownVulnerability, project, { advisories: { "a@1.0.0": [advisoryOf("X", { severity: { level: "unknown" }, openEnded: true })] } }),
  );
  assert.equal(finding.severity, "moderate");
  assert.match(finding.message, /nobody has said how severe it is, no cure is named, and later releases may be affected as well/);
});

test("malware is critical and its remedy begins with removing it", () => {
  const finding = onlyFinding(ask(knownMalware, project, { advisories: { "a@1.0.0": [advisoryOf("MAL-1", { type: "malware" })] } }));
  assert.equal(finding.severity, "critical");
  assert.equal(finding.remedy.command, "npm uninstall a");
  assert.match(finding.remedy.text, /take every secret within its reach as stolen/);
});

test("without a base of advisories nothing is fine: every component stays unanswered, with the cure", () => {
  for (const rule of rules) {
    const result = ask(rule, project);
    assert.deepEqual([result.asked, result.answered, result.unanswered[0]?.cure], [1, 0, offline.cure]);
  }
});

test("several findings under one direct dependency are cured by one release of it, never by one of another major version", () => {
  const under = {
    dependencies: { top: "1.0.0" },
    packages: {
      "node_modules/top": { dependencies: { x: "1.0.0", y: "1.0.0", z: "1.0.0" } },
      ...Object.fromEntries(["x", "y", "z"].map((name) => [`node_modules/${name}`, {}])),
    },
  };
  const one = "1.0.0";
  const documents = [
    ...["x", "y", "z"].map((name) => documentOf(name, { "1.0.0": {}, "1.0.1": {} })),
    documentOf("top", {
      "1.0.0": { x: one, y: one, z: one },
      "1.1.0": { x: "1.0.1", y: one, z: one },
      "1.2.0": { x: "1.0.1", y: "1.0.1", z: one },
      "2.0.0": { x: "1.0.1", y: "1.0.1", z: "1.0.1" },
    }),
  ];
  const advisories = Object.fromEntries(
    ["x", "y", "z"].map((name) => [`${name}@1.0.0`, [advisoryOf(`GHSA-${name}`, { fixed: ["1.0.1"] })]]),
  );
  const { findings } = ask(knownVulnerability, under, { documents, advisories });
  assert.deepEqual(
    findings.map(({ key, remedy }) => [key, remedy.command]),
    [
      ["GHSA-x", "npm install top@^1.2.0"],
      ["GHSA-y", "npm install top@^1.2.0"],
      ["GHSA-z", "npm install top@^2.0.0"],
    ],
  );
});
