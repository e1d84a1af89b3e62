import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault, formatPlace } from "../model/index.ts";
import { parseJson } from "./json.ts";
import { type Policy, defaultPolicy, describePolicy, enabledRules, settingsOf } from "./policy.ts";
import { readPolicy } from "./read.ts";

const rules = [
  { id: "integrity/weak-hash", title: "Is it strong?" },
  {
    id: "integrity/unexpected-host",
    title: "Is it the host?",
    options: {
      hosts: { type: "strings", summary: "Hosts.", standard: "none" },
      strict: { type: "boolean", summary: "Strict.", standard: "false" },
    },
  },
] as const;
const read = (text: string) => readPolicy(text, "tributary.json", rules);

/** Message, place and hint of the fault that reading must throw. */
function faultOf(text: string): string {
  try {
    read(text);
  } catch (error) {
    assert.ok(error instanceof Fault, String(error));
    assert.equal(error.code, "policy/invalid");
    return `${error.place === undefined ? "" : formatPlace(error.place)} ${error.message} ${error.hint ?? ""}`;
  }
  assert.fail(`no fault for ${text.slice(0, 80)}`);
}

test("an empty policy is the standard one, but for its name", () => {
  assert.deepEqual(read("{}"), { ...defaultPolicy, file: "tributary.json" });
  assert.deepEqual(read('\uFEFF{"$schema":"x"}'), { ...defaultPolicy, file: "tributary.json" });
});

test("everything that can be set is read", () => {
  const policy = read(`{
    "block": "high", "review": "never", "unanswered": "block", "dev": "note",
    "rules": {
      "integrity/weak-hash": "off",
      "integrity/unexpected-host": { "severity": "low", "options": { "hosts": ["a.example"], "strict": true } }
    },
    "ignore": [
      { "package": "pkg:npm/a", "reason": " read it ", "expires": "2027-01-31" }
    ]
  }`);
  assert.deepEqual([policy.block, policy.review, policy.unanswered, policy.dev], ["high", "never", "block", "note"]);
  assert.deepEqual(
    enabledRules(policy, rules).map(({ id }) => id),
    ["integrity/unexpected-host"],
  );
  assert.deepEqual(settingsOf(policy)("integrity/unexpected-host").options, { hosts: ["a.example"], strict: true });
  assert.equal(settingsOf(policy)("integrity/unexpected-host").severity, "low");
  assert.deepEqual(settingsOf(policy)("any/other"), { options: {} });
  assert.deepEqual(policy.ignores, [{ rule: "", package: "pkg:npm/a", advisory: "", reason: "read it", expires: "2027-01-31", line: 8 }]);
  assert.equal(describePolicy(policy), "tributary.json (1 ignore, 1 rule off)");
});

test("a mistake is told with its place and, where a word is near, that word", () => {
  const mistakes: readonly (readonly [string, RegExp])[] = [
    ['{\n  "blok": "high"\n}', /tributary\.json:2:3 the policy has no "blok" did you mean "block"\?/],
    ['{"block": "hihg"}', /:1:11 "block" is "hihg", which is not known did you mean "high"\?/],
    ['{"block": "everything"}', /known are "critical", "high"/],
    ['{"block": ["high"]}', /:1:11 "block" is an array, but must be a string/],
    ['{"rules": {"integrity/weakhash": "off"}}', /:1:12 .*has no "integrity\/weakhash" did you mean "integrity\/weak-hash"/],
    ['{"rules": {"integrity/weak-hash": true}}', /is a boolean, but must be a string or an object/],
    ['{"rules": {"integrity/weak-hash": {"options": {}}}}', /has no "options"/],
    ['{"rules": {"integrity/unexpected-host": {"options": {"hosts": "a"}}}}', /"hosts" is a string, but must be an array/],
    ['{"rules": {"integrity/unexpected-host": {"options": {"hosts": [1]}}}}', /"hosts"\[0\] is a number, but must be a string/],
    ['{"ignore": [{"package": "pkg:npm/a", "expires": "2027-01-31"}]}', /:1:13 "ignore"\[0\] needs "reason"/],
    ['{"ignore": [{"package": "pkg:npm/a", "reason": "x"}]}', /needs "expires"/],
    ['{"ignore": [{"package": "pkg:npm/a", "reason": "  ", "expires": "2027-01-31"}]}', /"reason" is "  "/],
    ['{"ignore": [{"reason": "x", "expires": "2027-01-31"}]}', /names no rule, no package and no advisory/],
    ['{"ignore": [{"package": "lodash", "reason": "x", "expires": "2027-01-31"}]}', /"package" is "lodash".*purl/],
    ['{"ignore": [{"package": "pkg:npm/a", "reason": "x", "expires": "2027-02-30"}]}', /:1:64 "2027-02-30" is no day of the calendar/],
    ['{"ignore": [{"package": "pkg:npm/a", "reason": "x", "expires": "never"}]}', /"expires" is "never"/],
    ["[]", /the policy is an array, but must be an object/],
    ["null", /the policy is null, but must be an object/],
  ];
  for (const [text, says] of mistakes) assert.match(faultOf(text), says, text);
});

test("text that is no JSON is told at the place where it stops being it", () => {
  const mistakes: readonly (readonly [string, RegExp])[] = [
    ["", /:1:1 .*ends too early/],
    ['{"block": "high",}', /:1:18 .*a name in double quotes is expected.*no comma after the last/],
    ["{\n  // a comment\n}", /:2:3 .*a name in double quotes/],
    ['{"block" "high"}', /":" is expected/],
    ['{"block": "high" "dev": "same"}', /"," or "}" is expected/],
    ['{"block": "high"} x', /something after the end/],
    ['{"block": "hi', /no closing quote/],
    ['{"block": "a\\x"}', /does not allow/],
    ['{"block": "a\tb"}', /does not allow/],
    ['{"block": 01}', /"," or "}"/],
    ['{"block": "high",\n "block": "low"}', /:2:2 .*"block" stands here a second time/],
    ["[".repeat(100_000), /more than 64 levels deep/],
    [`"${"x".repeat(5_000_000)}"`, /longer than/],
  ];
  for (const [text, says] of mistakes) assert.match(faultOf(text), says, text.slice(0, 60));
});

test("names that every object has are unknown words like any other", () => {
  for (const name of ["__proto__", "constructor", "toString"]) {
    assert.match(faultOf(`{"${name}": {"polluted": true}}`), new RegExp(`has no "${name}"`));
    assert.match(faultOf(`{"rules": {"${name}": "off"}}`), new RegExp(`has no "${name}"`));
  }
  assert.equal(Object.hasOwn(Object.prototype, "polluted"), false);
});

test("the tree holds what JSON.parse reads, for every kind of value", () => {
  const text = String.raw`{"a": [1, -0.5e+3, true, false, null, "x\u00e9\n\"", {}], "b": {"c": []}, "": 0}`;
  const plain = (node: ReturnType<typeof parseJson>): unknown =>
    node.kind === "scalar"
      ? node.value
      : node.kind === "array"
        ? node.items.map(plain)
        : Object.fromEntries(node.members.map(({ name, value }) => [name, plain(value)]));
  assert.deepEqual(plain(parseJson(text, "f")), JSON.parse(text));
});

const verifierPolicy = (verifier: object): Policy =>
  readPolicy(JSON.stringify({ verifiers: [{ id: "v", upTo: "SLSA_BUILD_LEVEL_2", ...verifier }] }), "f", []);

test("a verifier is known by a key or by an identity and its issuer, and by nothing less or more", () => {
  assert.deepEqual(verifierPolicy({ key: "k.pem", days: 30 }).verifiers, [
    { id: "v", signer: { kind: "key", file: "k.pem" }, upTo: 2, days: 30, packages: [] },
  ]);
  assert.deepEqual(verifierPolicy({ identity: "i", issuer: "u" }).verifiers[0]?.signer, { kind: "identity", identity: "i", issuer: "u" });
  for (const wrong of [{}, { identity: "i" }, { issuer: "u" }, { key: "k", identity: "i", issuer: "u" }, { key: "k", issuer: "u" }])
    assert.throws(() => verifierPolicy(wrong), { code: "policy/invalid" }, JSON.stringify(wrong));
});
