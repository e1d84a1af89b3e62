import assert from "node:assert/strict";
import { existsSync, globSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Check, Finding } from "../model/index.ts";
import { questions } from "../model/index.ts";
import { checks } from "./list.ts";
import { pageOf } from "./pages.ts";
import { needsOf, runChecks } from "./run.ts";
import { type ProjectFixture, advisoryOf, artifactOf, documentOf, inputOf, manifestOf, offline, releaseOf } from "./testing.ts";

/** What takes more than linear time does not come back within this at the sizes below; a slow machine does. */
const HANG = 120_000;

const rule = (id: string, run: Check["run"]): Check => ({
  id,
  question: "integrity",
  title: "Is it?",
  severity: "low",
  needs: [],
  tags: [],
  run,
});
const found = (severity: Finding["severity"], subject: string): Finding => ({
  rule: "integrity/one",
  question: "integrity",
  subject,
  severity,
  message: "",
  evidence: [],
  places: [],
  remedy: { text: "" },
  key: "",
  references: [],
});
const input = inputOf({ dependencies: { a: "*" }, packages: { "node_modules/a": {}, "node_modules/b": {} } });

test("a rule that throws becomes something unanswered, and the others still answer", () => {
  const good = rule("integrity/good", () => ({ findings: [found("low", "x")], unanswered: [], asked: 1, answered: 1 }));
  const bad = rule("integrity/bad", () => {
    throw new Error("no such thing");
  });
  const result = runChecks(input, [bad, good]);
  assert.equal(result.findings.length, 1);
  assert.deepEqual(result.unanswered, [
    { question: "integrity", rule: "integrity/bad", because: "the rule itself failed: no such thing", subjects: [] },
  ]);
  assert.equal(result.results.get("integrity/bad")?.answered, 0);
});

const order = (findings: readonly Finding[]): readonly string[] =>
  runChecks(input, [rule("integrity/one", () => ({ findings, unanswered: [], asked: 1, answered: 1 }))]).findings.map(
    ({ subject }) => subject,
  );

test("findings come worst first and then in one order, whatever the order in which rules say them", () => {
  const all = [found("info", "b"), found("critical", "z"), found("info", "a"), found("high", "m")];
  assert.deepEqual(order(all), ["z", "m", "a", "b"]);
  assert.deepEqual(order(all.toReversed()), order(all));
});

test("the severity that the policy sets for a rule holds for all its findings", () => {
  const one = rule("integrity/one", () => ({
    findings: [found("info", "a"), found("critical", "b")],
    unanswered: [],
    asked: 1,
    answered: 1,
  }));
  const { findings } = runChecks({ ...input, settings: () => ({ severity: "high", options: {} }) }, [one]);
  assert.deepEqual(
    findings.map(({ severity }) => severity),
    ["high", "high"],
  );
});

test("one reason is told once, with every subject that it concerns", () => {
  const { unanswered } = runChecks(input);
  const integrity = unanswered.filter(({ question }) => question === "integrity");
  assert.deepEqual(
    integrity.map(({ because, rule, subjects }) => [because, rule, subjects]),
    [[offline.because, "", ["pkg:npm/a@1.0.0", "pkg:npm/b@1.0.0"]]],
  );
});

test("an entry of a lockfile that was not understood is part of what is unanswered", () => {
  const [file] = input.project.files;
  assert.ok(file !== undefined);
  const problem = { place: { file: "package-lock.json", line: 9 }, message: "this entry has no version", entry: true, count: 3 };
  const project = { ...input.project, files: [{ ...file, problems: [problem, { ...problem, entry: false }] }] };
  const { unanswered } = runChecks({ ...input, project }, []);
  assert.deepEqual(unanswered, [
    { question: "identity", rule: "", because: "package-lock.json:9: this entry has no version (3 entries)", subjects: [] },
  ]);
});

test("the same input gives the same output, and the order of components does not matter to it", () => {
  const evidence = { advisories: { "a@1.0.0": [advisoryOf("Y"), advisoryOf("X")] }, documents: [documentOf("a", { "1.0.0": {} })] };
  const fixture = { dependencies: { a: "*" }, packages: { "node_modules/a": {}, "node_modules/b": {} } };
  const turned = { ...fixture, packages: Object.fromEntries(Object.entries(fixture.packages).toReversed()) };
  const told = (from: ProjectFixture): readonly string[] =>
    runChecks(inputOf(from, evidence)).findings.map(({ key, message }) => `${key} ${message}`);
  assert.deepEqual(told(fixture), told(fixture));
  assert.deepEqual(told(turned), told(fixture));
});

test("every rule has its page, its page asks what the rule asks, and every page has its rule", () => {
  for (const check of checks) {
    const page = pageOf(check.id);
    assert.equal(page.title, check.title);
    assert.match(check.title, /\?$/);
    assert.match(page.effort, /\d+ minutes?/, check.id);
  }
  const pages = globSync("*/*.md", { cwd: import.meta.dirname }).map((path) => path.replaceAll("\\", "/").replace(/\.md$/, ""));
  assert.deepEqual(pages.toSorted(), checks.map(({ id }) => id).toSorted());
});

test("a rule is named by its question, is one file of that name, and stands in the list in the questions' order", () => {
  const order = checks.map(({ question }) => questions.findIndex(({ id }) => id === question));
  assert.deepEqual(
    order,
    order.toSorted((a, b) => a - b),
  );
  assert.equal(new Set(checks.map(({ id }) => id)).size, checks.length);
  for (const { id, question } of checks) {
    assert.equal(id.split("/")[0], question);
    assert.ok(existsSync(join(import.meta.dirname, `${id}.ts`)), id);
  }
});

test("a name that is no rule's has no page, and is never taken for a path", () => {
  for (const name of ["integrity/nothing", "../../package", "integrity/../integrity/weak-hash", "", "weak-hash"]) {
    assert.throws(() => pageOf(name), { code: "input/not-found" }, name);
  }
});

test("what is needed is what the rules that run ask for", () => {
  assert.deepEqual(needsOf([]), []);
  assert.deepEqual(needsOf(checks.filter(({ question }) => question === "advisories")), ["advisories", "document"]);
});

// How long it takes is measured in bench/checks.ts.
test("all rules get through 4,000 components in a chain", { timeout: HANG }, () => {
  const names = Array.from({ length: 4000 }, (_, n) => `package-${n}`);
  const packages = Object.fromEntries(
    names.map((name, n) => [`node_modules/${name}`, { dependencies: n === 0 ? {} : { [`package-${n - 1}`]: "^1.0.0" } }]),
  );
  const manifests = names.map((name) => manifestOf(name, "1.0.0"));
  const many = inputOf(
    { dependencies: { "package-3999": "^1.0.0" }, packages },
    {
      releases: manifests.map((manifest) => releaseOf(manifest)),
      artifacts: manifests.map((manifest) => artifactOf(manifest)),
      documents: names.map((name) => documentOf(name, { "1.0.0": {}, "1.0.1": {} })),
      advisories: { "package-0@1.0.0": [advisoryOf("X", { fixed: ["1.0.1"] })] },
    },
  );
  const { findings, unanswered } = runChecks(many);
  assert.deepEqual([findings.length, unanswered.length], [1, 0]);
});
