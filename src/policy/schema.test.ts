import assert from "node:assert/strict";
import { test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { readPolicy } from "./read.ts";
import { type RuleShape, policySchema } from "./schema.ts";

const rules: readonly RuleShape[] = [
  { id: "integrity/weak-hash", title: "Is it strong?" },
  {
    id: "integrity/unexpected-host",
    title: "Is it the host?",
    options: { hosts: { type: "strings", summary: "Hosts.", standard: "none" } },
  },
];
const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(policySchema(rules));

const accepted = [
  {},
  { $schema: "x", block: "never", review: "low", unanswered: "pass", dev: "same" },
  { rules: { "integrity/weak-hash": "off", "integrity/unexpected-host": { severity: "info", options: { hosts: ["a"] } } } },
  { rules: { "integrity/weak-hash": {} }, ignore: [] },
  { ignore: [{ rule: "integrity/weak-hash", package: "pkg:npm/a", advisory: "X", reason: "r", expires: "2027-01-31" }] },
  { verifiers: [{ id: "v", key: "k.pem", upTo: "SLSA_BUILD_LEVEL_3", days: 90, packages: ["pkg:npm/a"] }], summaries: "s" },
  { verifiers: [{ id: "v", identity: "i", issuer: "u", upTo: "SLSA_BUILD_LEVEL_1" }] },
];
const refused = [
  { verifiers: [{ id: "v", key: "k.pem" }] },
  { verifiers: [{ key: "k.pem", upTo: "SLSA_BUILD_LEVEL_3" }] },
  { verifiers: [{ id: "v", key: "k.pem", upTo: "SLSA_BUILD_LEVEL_4" }] },
  { verifiers: [{ id: "v", key: "k.pem", upTo: "SLSA_BUILD_LEVEL_3", days: 0 }] },
  { verifiers: [{ id: "v", key: "k.pem", upTo: "SLSA_BUILD_LEVEL_3", packages: ["a"] }] },
  { summaries: "" },
  [],
  "x",
  { blok: "high" },
  { block: "worst" },
  { block: null },
  { rules: [] },
  { rules: { "integrity/nothing": "off" } },
  { rules: { "integrity/weak-hash": "on" } },
  { rules: { "integrity/weak-hash": { options: {} } } },
  { rules: { "integrity/unexpected-host": { options: { hosts: "a" } } } },
  { rules: { "integrity/unexpected-host": { options: { hosts: [""] } } } },
  { ignore: [{ package: "pkg:npm/a", reason: "r" }] },
  { ignore: [{ package: "pkg:npm/a", reason: " ", expires: "2027-01-31" }] },
  { ignore: [{ package: "a", reason: "r", expires: "2027-01-31" }] },
  { ignore: [{ package: "pkg:npm/a", reason: "r", expires: "31.1.2027" }] },
  { ignore: [{ package: "pkg:npm/a", reason: "r", expires: "2027-01-31", until: "x" }] },
];

test("an editor that checks by the published schema and the reader say the same of every file", () => {
  for (const policy of accepted) {
    assert.equal(validate(policy), true, JSON.stringify(policy));
    assert.doesNotThrow(() => readPolicy(JSON.stringify(policy), "f", rules));
  }
  for (const policy of refused) {
    assert.equal(validate(policy), false, JSON.stringify(policy));
    assert.throws(() => readPolicy(JSON.stringify(policy), "f", rules), { code: "policy/invalid" }, JSON.stringify(policy));
  }
});
