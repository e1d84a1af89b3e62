import assert from "node:assert/strict";
import { test } from "node:test";
import type { Report } from "../model/report.ts";
import type { OutputContext } from "./format.ts";
import { formatGithub } from "./github.ts";
import { commentMarker, formatMarkdown } from "./markdown.ts";
import { findingOf, sampleReport } from "./sample.ts";
import { withoutWorkflowCommands } from "./text.ts";
import { screenOf } from "./tones.ts";

const context: OutputContext = {
  screen: screenOf(false, 80, {}, "linux"),
  textOf: () => null,
  ruleOf: () => undefined,
  all: false,
  category: "",
};
const many = (number: number): Report => ({
  ...sampleReport,
  findings: Array.from({ length: number }, (_, index) =>
    findingOf({
      of: "qs",
      rule: "advisories/known-vulnerability",
      severity: index === number - 1 ? "critical" : "low",
      effect: "review",
      message: `finding number ${index} ${"and more ".repeat(20)}.`,
      remedy: { text: "" },
      key: String(index),
      through: [`dep${index}@1.0.0`],
    }),
  ),
});

test("a comment begins with its marker and the verdict, and holds the eight questions", () => {
  const text = formatMarkdown(sampleReport, context);
  const [marker, heading] = text.split("\n");
  assert.equal(marker, commentMarker(""));
  assert.match(heading ?? "", /^### Block: tiny-colors-fast 1\.0\.9 is malware/);
  for (const { title } of sampleReport.answers) assert.ok(text.includes(title));
});

test("the marker of a folder cannot end its own comment, and no two folders share one by accident", () => {
  assert.equal(commentMarker("packages/web"), "<!-- tributary:check packages/web -->");
  assert.doesNotMatch(commentMarker("a--><img>").slice(4, -3), /--|[<>]/);
  assert.notEqual(commentMarker("a"), commentMarker("b"));
});

test("a comment stays below GitHub's limit and says what did not fit", () => {
  const text = formatMarkdown(many(2_000), context);
  assert.ok(text.length < 65_536);
  assert.match(text, /[\d,]+ more sections do not fit/);
  assert.ok(text.includes("finding number 1999"), "the worst is there");
});

test("names of others cannot mention people, make links, markup or table cells", () => {
  const hostile = "@everyone [x](https://evil.example) <img src=x> | `a` ![i](x) #12 www.evil.example\n\n# Big";
  const finding = findingOf({
    of: "qs",
    rule: "identity/x",
    severity: "high",
    effect: "block",
    message: hostile,
    remedy: { text: hostile, command: hostile },
    through: [hostile],
    paths: [[hostile, hostile]],
    key: hostile,
  });
  const answers = sampleReport.answers.map((answer) => Object.assign({}, answer, { sentence: hostile, state: "asked", outcome: "block" }));
  const text = formatMarkdown(
    { ...sampleReport, findings: [finding], answers, verdict: { ...sampleReport.verdict, because: hostile } },
    context,
  );
  // What stands in code spans and fences is literal for GitHub; everything else must have lost its meaning.
  const outside = text
    .replaceAll(/(`{3,})sh\n[^]*?\n\1/g, "")
    .replaceAll(/<code>[^<]*<\/code>/g, "")
    .replaceAll(/(?<!`|\\)(`+)(?!`)(?:[^`]|(?!\1(?!`))`)*?\1(?!`)/g, "");
  assert.doesNotMatch(outside, /@everyone|<img|(?<!\\)\]\(|#12|www\.evil|https:\/\//);
  assert.doesNotMatch(outside, /^# Big/m);
  const row = text.split("\n").find((line) => line.includes("What is it?")) ?? "";
  assert.equal(row.match(/(?<!\\)\|/g)?.length, 4);
});

test("annotations are the worst ten at most, in the form that the runner reads", () => {
  const lines = formatGithub(many(50), context).trimEnd().split("\n");
  const annotations = lines.filter((line) => line.startsWith("::warning"));
  assert.equal(annotations.length, 9);
  assert.match(annotations[0] ?? "", /^::warning file=package-lock\.json,line=219,col=5,title=critical%3A [^:]*::finding number 49 /);
  assert.match(lines[9] ?? "", /41 more findings/);
});

test("an annotation cannot end early or give the runner a command", () => {
  const finding = findingOf({
    of: "qs",
    rule: "identity/x",
    severity: "high",
    effect: "block",
    message: "100%\n::stop-commands::x\r::set-env name=A::b",
    remedy: { text: "" },
    places: [{ file: "a,b:c\n::x" }],
  });
  const lines = formatGithub({ ...sampleReport, findings: [finding] }, context)
    .trimEnd()
    .split("\n");
  assert.equal(lines[0], "::error file=a%2Cb%3Ac %3A%3Ax,line=1,title=high%3A identity/x::100%25 ::stop-commands::x ::set-env name=A::b ");
  assert.equal(lines.length, 2);
});

test("what is shown in a workflow has no line that the runner would take for a command", () => {
  const shown = withoutWorkflowCommands("a\n  ::add-mask::x\n::error::y\nfine :: fine\n##[group]z");
  assert.doesNotMatch(shown, /^\s*::/m);
  assert.doesNotMatch(shown, /##\[/);
  assert.ok(shown.includes("fine :: fine"));
});
