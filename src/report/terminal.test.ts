import assert from "node:assert/strict";
import { test } from "node:test";
import type { JudgedFinding, Report } from "../model/report.ts";
import type { OutputContext } from "./format.ts";
import { findingOf, sampleReport } from "./sample.ts";
import { formatTerminal } from "./terminal.ts";
import { displayWidth, neutralise, wrap } from "./text.ts";
import { screenOf, speaksUnicode, wantsColour } from "./tones.ts";

/** What takes more than linear time does not come back within this at the sizes below; a slow machine does. */
const HANG = 120_000;

const context = (columns: number, over: Partial<OutputContext> = {}, colour = false): OutputContext => ({
  screen: screenOf(colour, columns, { LANG: "C.UTF-8" }, "linux"),
  textOf: () => null,
  ruleOf: () => undefined,
  all: false,
  category: "",
  ...over,
});
const show = (report: Report, columns = 80, over: Partial<OutputContext> = {}): string => formatTerminal(report, context(columns, over));
const withFindings = (findings: readonly JudgedFinding[]): Report => ({ ...sampleReport, findings });
const sortedWords = (text: string): string[] =>
  text
    .split(/\s+/)
    .filter((word) => word !== "")
    .toSorted();

test("the verdict comes first, then the eight questions in their order, and the last lines are commands", () => {
  const lines = show(sampleReport).trimEnd().split("\n");
  assert.match(lines[0] ?? "", /^Block: tiny-colors-fast/);
  const titles = sampleReport.answers.map(({ title }) => lines.findIndex((line) => line.includes(title)));
  assert.deepEqual(
    titles,
    titles.toSorted((a, b) => a - b),
  );
  assert.ok(!titles.includes(-1));
  assert.equal(lines.at(-1), "  $ tributary explain integrity/lockfile-mismatch");
});

test("no line is wider than the window but a command, and a narrow window shows the same words as a wide one", () => {
  for (const columns of [40, 60, 80, 110]) {
    const tooWide = show(sampleReport, columns)
      .split("\n")
      .filter((line) => displayWidth(line) > columns && !/^ *\$ /.test(line));
    assert.deepEqual(tooWide, []);
  }
  assert.deepEqual(sortedWords(show(sampleReport, 40).replaceAll("#", "")), sortedWords(show(sampleReport, 110).replaceAll("#", "")));
});

test("colour changes nothing but colour", () => {
  const coloured = formatTerminal(sampleReport, context(80, {}, true));
  assert.ok(coloured.includes("\u001b["));
  assert.equal(coloured.replaceAll(/\u001b\[[0-9;]*m/g, ""), show(sampleReport, 80));
});

test("what others wrote cannot move the cursor, colour the window or turn the direction", () => {
  const hostile = "\u001b[2J\u001b]0;pwned\u0007\u202egnp.exe\u2066\u200b\u009b31m\r\n\u0000";
  const finding = findingOf({
    of: "qs",
    rule: "advisories/known-vulnerability",
    severity: "high",
    effect: "block",
    message: hostile,
    remedy: { text: hostile, command: `npm i ${hostile}` },
    key: hostile,
    through: [hostile],
    paths: [[hostile, hostile]],
  });
  const report: Report = {
    ...withFindings([finding]),
    project: {
      ...sampleReport.project,
      name: hostile,
      components: sampleReport.project.components.map((component) => Object.assign({}, component, { name: hostile })),
    },
    verdict: {
      ...sampleReport.verdict,
      because: hostile,
      unanswered: [{ question: "identity", rule: hostile, subjects: [hostile], because: hostile, cure: hostile }],
    },
    answers: sampleReport.answers.map((answer) => Object.assign({}, answer, { sentence: hostile })),
    next: [{ command: hostile, why: hostile }],
    basis: { ...sampleReport.basis, policy: hostile },
    since: { revision: hostile, added: [hostile], removed: [hostile], changed: [{ from: hostile, to: hostile }] },
  };
  assert.doesNotMatch(show(report, 80, { all: true }), /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/);
});

test("what is not shown is counted, and --all shows it", () => {
  const many = Array.from({ length: 60 }, (_, index) =>
    findingOf({
      of: "qs",
      rule: "advisories/known-vulnerability",
      severity: "low",
      effect: "review",
      message: `finding number ${index}.`,
      remedy: { text: "" },
      key: String(index),
      through: [`dep${index % 20}@1.0.0`],
    }),
  );
  const short = show(withFindings(many));
  const shown = short.match(/finding number/g)?.length ?? 0;
  const said = [...short.matchAll(/and (\d+) more/g)].reduce((sum, match) => sum + Number(match[1]), 0);
  assert.equal(shown + said, 60);
  assert.equal(show(withFindings(many), 80, { all: true }).match(/finding number/g)?.length, 60);
});

test("an unanswered question and an entry that was not understood are both said", () => {
  const text = show(sampleReport);
  assert.match(text, /\? Who looks after it, and will they last\? Not answered: the network was not\n/);
  assert.match(text, /package-lock\.json:300: the entry node_modules\/odd has no version/);
});

test("a terminal without UTF-8 gets ASCII only", () => {
  const screen = screenOf(true, 80, { LANG: "C", NO_COLOR: "1" }, "linux");
  assert.match(formatTerminal(sampleReport, context(80, { screen })), /^[\u0020-\u007e\n]*$/);
});

test("the order of findings in the report does not change what is shown", () => {
  assert.equal(show(withFindings(sampleReport.findings.toReversed())), show(sampleReport));
});

test("wrapping counts wide characters twice and combining ones not at all, and cuts what is longer than a line", () => {
  assert.equal(displayWidth("日本語"), 6);
  assert.equal(displayWidth("e\u0301"), 1);
  assert.ok(wrap("日本語".repeat(20), 20).every((line) => displayWidth(line) <= 20));
  const long = "x".repeat(50_000);
  assert.equal(wrap(long, 40).join(""), long);
});

test("neutralising leaves ordinary text of any script alone", () => {
  for (const text of ["@scope/name@1.0.0", "naïve Ünïcode", "日本語", "العربية", "emoji 🎉"]) assert.equal(neutralise(text), text);
});

test("colour follows NO_COLOR, FORCE_COLOR, TERM and the stream", () => {
  assert.equal(wantsColour(true, {}), true);
  assert.equal(wantsColour(false, {}), false);
  assert.equal(wantsColour(true, { TERM: "dumb" }), false);
  assert.equal(wantsColour(false, { FORCE_COLOR: "1" }), true);
  assert.equal(wantsColour(true, { FORCE_COLOR: "0" }), false);
  assert.equal(wantsColour(true, { NO_COLOR: "1", FORCE_COLOR: "1" }), false);
  assert.equal(wantsColour(true, { NO_COLOR: "" }), true);
  assert.deepEqual(
    [
      speaksUnicode({ LANG: "de_DE.UTF-8" }, "linux"),
      speaksUnicode({ LC_ALL: "C", LANG: "de_DE.UTF-8" }, "linux"),
      speaksUnicode({}, "linux"),
    ],
    [true, false, false],
  );
});

const gap = (index: number): Report["verdict"]["unanswered"][number] => ({
  question: "integrity",
  rule: "integrity/lockfile-mismatch",
  subjects: [`pkg:npm/p${index}@1.0.0`],
  because: `https://registry.example/p${index} is not in the cache.`,
  cure: "tributary check",
});

test("what one command cures is told once, with all its components and the number of reasons", () => {
  const report: Report = {
    ...sampleReport,
    verdict: { ...sampleReport.verdict, unanswered: Array.from({ length: 40 }, (_, index) => gap(index)) },
  };
  const text = show(report);
  assert.match(text, /for\s+40\s+components:\s+https:\/\/registry\.example\/p0\s+is not in the cache\s+\(and\s+39\s+other\s+reasons\)/);
  assert.equal(text.match(/Not\s+answered\s+for/g)?.length, 1);
  assert.equal(show(report, 80, { all: true }).match(/is\s+not\s+in\s+the\s+cache\./g)?.length, 40);
});

test("a text of megabytes is clipped, said to be, and costs no time", { timeout: HANG }, () => {
  for (const unit of ["日本", "a ", "x", "\u001b[31m"]) {
    const flood = unit.repeat(1_000_000);
    const finding = findingOf({
      of: "qs",
      rule: "advisories/known-vulnerability",
      severity: "high",
      effect: "block",
      message: flood,
      remedy: { text: flood, command: flood },
      through: [flood],
      paths: [[flood, flood]],
      key: flood,
    });
    const text = show({ ...sampleReport, findings: [finding], verdict: { ...sampleReport.verdict, because: flood } });
    assert.ok(text.length < 1_500_000);
    assert.match(text, /more\s+characters\)/);
  }
});
