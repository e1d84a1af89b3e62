import assert from "node:assert/strict";
import { test } from "node:test";
import type { Finding, Node, Severity, Unanswered } from "../model/index.ts";
import { severities } from "../model/index.ts";
import { answersOf } from "./answers.ts";
import { judge } from "./judge.ts";
import { nextSteps } from "./next.ts";
import { type Ignore, type Policy, defaultPolicy } from "./policy.ts";
import { matchesPackage } from "./purl-pattern.ts";

/** What takes more than linear time does not come back within this at the sizes below; a slow machine does. */
const HANG = 120_000;

const NOW = "2026-11-23T10:00:00Z";
const finding = (severity: Severity, more: Partial<Finding> = {}): Finding => ({
  rule: "integrity/weak-hash",
  question: "integrity",
  subject: "pkg:npm/a@1.0.0",
  severity,
  message: "",
  evidence: [],
  places: [],
  remedy: { text: "" },
  key: "",
  references: [],
  ...more,
});
const vulnerability = (severity: Severity, more: Partial<Finding> = {}): Finding =>
  finding(severity, {
    rule: "advisories/known-vulnerability",
    question: "advisories",
    key: "GHSA-1",
    references: ["GHSA-1", "CVE-1"],
    ...more,
  });
const gap: Unanswered = { question: "advisories", rule: "", subjects: [], because: "no base", cure: "tributary sync" };
const ignore = (more: Partial<Ignore>): Ignore => ({
  rule: "",
  package: "",
  advisory: "",
  reason: "read it",
  expires: "2027-01-31",
  line: 1,
  ...more,
});

function verdictOf(
  findings: readonly Finding[],
  policy: Partial<Policy> = {},
  unanswered: readonly Unanswered[] = [],
  scope: Node["scope"] = "prod",
) {
  return judge({
    findings,
    unanswered,
    policy: { ...defaultPolicy, ...policy },
    now: NOW,
    scopeOf: () => scope,
    waysTo: () => ({ through: ["a@1.0.0"], paths: [["a@1.0.0"]], pathCount: 1 }),
  });
}
const effects = (...of: Parameters<typeof verdictOf>): readonly string[] => verdictOf(...of).findings.map(({ effect }) => effect);

test("the standard policy blocks what is critical, asks for a look from moderate on, and notes the rest", () => {
  assert.deepEqual(effects(severities.map((severity) => finding(severity))), ["block", "review", "review", "note", "note"]);
  assert.equal(verdictOf([]).verdict.verdict, "pass");
  assert.equal(verdictOf([finding("info")]).verdict.verdict, "pass");
});

test("a worse severity never has a milder effect, whatever the thresholds", () => {
  const order = ["block", "review", "note"];
  for (const block of [...severities, "never"] as const) {
    for (const review of [...severities, "never"] as const) {
      const ranks = effects(
        severities.map((severity) => finding(severity)),
        { block, review },
      ).map((effect) => order.indexOf(effect));
      assert.deepEqual(ranks, ranks.toSorted(), `${block} ${review}`);
    }
  }
});

test("only a vulnerability weighs less where only development needs it", () => {
  assert.deepEqual(effects([vulnerability("critical"), vulnerability("high"), finding("critical")], {}, [], "dev"), [
    "review",
    "note",
    "block",
  ]);
  assert.deepEqual(effects([vulnerability("critical")], { dev: "same" }, [], "dev"), ["block"]);
  assert.deepEqual(effects([vulnerability("critical")], { dev: "note" }, [], "dev"), ["note"]);
  assert.deepEqual(effects([vulnerability("critical")], {}, [], "optional"), ["block"]);
  assert.deepEqual(
    effects([finding("critical", { rule: "advisories/known-malware", question: "advisories" })], { dev: "note" }, [], "dev"),
    ["block"],
  );
});

test("what is unanswered is never fine without being said", () => {
  const open = verdictOf([], {}, [gap]).verdict;
  assert.deepEqual([open.verdict, open.unanswered], ["review", [gap]]);
  assert.match(open.because, /1 thing could not be answered \(advisories\)/);
  assert.equal(verdictOf([], { unanswered: "block" }, [gap]).verdict.verdict, "block");
  const passed = verdictOf([], { unanswered: "pass" }, [gap]).verdict;
  assert.equal(passed.verdict, "pass");
  assert.match(passed.because, /could not be answered/);
});

test("an ignore that holds keeps the finding in the report and takes it out of the verdict", () => {
  const { findings, verdict, staleIgnores } = verdictOf([vulnerability("critical")], { ignores: [ignore({ advisory: "CVE-1" })] });
  assert.deepEqual(findings[0]?.effect, "ignored");
  assert.deepEqual(findings[0]?.ignore, { reason: "read it", expires: "2027-01-31", expired: false });
  assert.deepEqual([verdict.verdict, verdict.counts], ["pass", { block: 0, review: 0, note: 0, ignored: 1 }]);
  assert.match(verdict.because, /1 ignored/);
  assert.deepEqual(staleIgnores, []);
});

const on = (expires: string) => verdictOf([vulnerability("critical")], { ignores: [ignore({ advisory: "GHSA-1", expires })] });

test("an ignore holds through its last day and is said to have run out on the next", () => {
  assert.equal(on("2026-11-23").findings[0]?.effect, "ignored");
  const after = on("2026-11-22");
  assert.deepEqual([after.findings[0]?.effect, after.findings[0]?.ignore?.expired, after.verdict.verdict], ["block", true, "block"]);
  assert.equal(after.staleIgnores[0]?.state, "expired");
});

const by = (more: Partial<Ignore>) => verdictOf([vulnerability("high")], { ignores: [ignore(more)] });

test("every part that an ignore names has to fit, and one that nothing needs is said", () => {
  assert.equal(by({ rule: "advisories/known-vulnerability", package: "pkg:npm/a" }).findings[0]?.effect, "ignored");
  for (const other of [{ rule: "integrity/weak-hash" }, { package: "pkg:npm/b" }, { advisory: "CVE-2" }, { package: "pkg:npm/a@2.0.0" }]) {
    const { findings, staleIgnores } = by({ advisory: "GHSA-1", ...other });
    assert.equal(findings[0]?.effect, "review");
    assert.equal(staleIgnores[0]?.state, "unused");
  }
});

test("a package is meant with and without version, scope and star, and never by a part of its name", () => {
  const fits = [
    ["pkg:npm/a", "pkg:npm/a@1.0.0"],
    ["pkg:npm/a@1.0.0", "pkg:npm/a@1.0.0?vcs_url=git"],
    ["pkg:npm/%40s/a", "pkg:npm/%40s/a@1.0.0"],
    ["pkg:npm/@s/a@1.0.0", "pkg:npm/%40s/a@1.0.0"],
    ["pkg:npm/%40s/*", "pkg:npm/%40s/a@1.0.0"],
    ["pkg:npm/a@1.*", "pkg:npm/a@1.9.9"],
    ["pkg:*", "pkg:npm/a@1.0.0"],
  ] as const;
  for (const [pattern, purl] of fits) assert.equal(matchesPackage(pattern, purl), true, `${pattern} ${purl}`);
  const misses = [
    ["pkg:npm/a", "pkg:npm/ab@1.0.0"],
    ["pkg:npm/a", "pkg:npm/a/b@1.0.0"],
    ["pkg:npm/a@1.0", "pkg:npm/a@1.0.0"],
    ["pkg:npm/a@1.*", "pkg:npm/a@2.1.0"],
    ["pkg:npm/%40s/*", "pkg:npm/s@1.0.0"],
  ] as const;
  for (const [pattern, purl] of misses) assert.equal(matchesPackage(pattern, purl), false, `${pattern} ${purl}`);
});

test("a pattern of many stars is tried in reasonable time", { timeout: HANG }, () => {
  assert.equal(matchesPackage(`pkg:${"*a".repeat(2000)}b`, `pkg:${"a".repeat(4000)}`), false);
});

test("eight questions are answered in their order, and one without a rule is said to be not asked yet", () => {
  const rules = [
    { id: "integrity/weak-hash", question: "integrity" as const },
    { id: "advisories/known-vulnerability", question: "advisories" as const },
  ];
  const { findings } = verdictOf([finding("high")]);
  const results = new Map([["integrity/weak-hash", { findings: [], unanswered: [], asked: 1601, answered: 1601 }]]);
  const answers = answersOf({ rules, results, findings, unanswered: [] });
  assert.deepEqual(
    answers.map(({ question, outcome }) => [question, outcome]),
    [
      ["identity", "not-asked"],
      ["integrity", "review"],
      ["provenance", "not-asked"],
      ["continuity", "not-asked"],
      ["behaviour", "not-asked"],
      ["advisories", "not-asked"],
      ["upkeep", "not-asked"],
      ["exposure", "not-asked"],
    ],
  );
  assert.equal(answers[1]?.sentence, "1 finding on 1 package: 1 to review.");
  assert.equal(answers[0]?.sentence, "Not asked yet.");
  assert.match(answers[5]?.sentence ?? "", /policy turns its rules off/);
});

test("an answer is pass only where nothing is open, and counts what was left open", () => {
  const rules = [{ id: "integrity/weak-hash", question: "integrity" as const }];
  const answer = (unanswered: readonly Unanswered[], own: readonly Unanswered[] = unanswered) =>
    answersOf({
      rules,
      results: new Map([["integrity/weak-hash", { findings: [], unanswered: own, asked: 1601, answered: 0 }]]),
      findings: [],
      unanswered,
    }).find(({ question }) => question === "integrity");
  assert.deepEqual([answer([])?.outcome, answer([])?.sentence], ["pass", "Nothing found in 1,601 packages."]);
  const some = answer([{ question: "integrity", rule: "", subjects: ["pkg:npm/a@1", "pkg:npm/b@1"], because: "it was offline" }]);
  assert.deepEqual([some?.outcome, some?.answered, some?.asked], ["unknown", 1599, 1601]);
  assert.equal(some?.sentence, "2 of 1,601 packages could not be judged in full: it was offline.");
  const none = answer([{ question: "integrity", rule: "integrity/weak-hash", subjects: [], because: "the rule failed" }]);
  assert.deepEqual([none?.outcome, none?.answered], ["unknown", 0]);
});

const update = (name: string): Partial<Finding> => ({
  remedy: { text: "", command: `npm update ${name}`, change: { kind: "update", name, from: "1", to: "2" } },
});

test("updates are joined into one command that says how much it cures, and what answers a whole question comes first", () => {
  const { findings } = verdictOf([
    vulnerability("high", update("b")),
    vulnerability("high", update("a")),
    vulnerability("critical", { remedy: { text: "", command: "npm uninstall evil" } }),
    vulnerability("low", update("c")),
    vulnerability("moderate"),
  ]);
  assert.deepEqual(nextSteps(findings, []), [
    { command: "npm uninstall evil", why: "cures 1 of 4 findings" },
    { command: "npm update a b", why: "cures 2 of 4 findings" },
  ]);
  const steps = nextSteps(findings, [gap]).map(({ command }) => command);
  assert.deepEqual(steps, ["tributary sync", "npm uninstall evil", "npm update a b"]);
});

const upgrade = (to: string): Partial<Finding> => ({
  remedy: { text: "", command: `npm install a@^${to}`, change: { kind: "upgrade-direct", name: "a", from: "1.0.0", to } },
});

test("of several upgrades of one direct dependency only the one that helps most is proposed", () => {
  const { findings } = verdictOf([
    vulnerability("high", upgrade("2.0.0")),
    vulnerability("high", upgrade("3.0.0")),
    vulnerability("high", upgrade("3.0.0")),
  ]);
  assert.deepEqual(nextSteps(findings, []), [{ command: "npm install a@^3.0.0", why: "cures 2 of 3 findings" }]);
});
