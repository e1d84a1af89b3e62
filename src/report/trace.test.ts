import assert from "node:assert/strict";
import { test } from "node:test";
import type { Trace } from "../model/index.ts";
import { screenOf } from "./tones.ts";
import { traceHtml } from "./trace-html.ts";
import { traceText } from "./trace.ts";

const hostile = '</p><script>alert(1)</script>"\u001b[31m\u202e';

const trace: Trace = {
  purl: "pkg:npm/a@1.0.0",
  name: "a",
  version: "1.0.0",
  artifact: { source: "https://registry.example/a.tgz", size: 1, sha256: "00", sha512: "00" },
  steps: [
    { id: "bytes", title: "the bytes", state: "verified", says: "They are.", facts: { sha256: "00" } },
    { id: "commit", title: "source", state: "unknown", says: `Nobody says: ${hostile}`, facts: { from: hostile }, cure: "--git DIR" },
    { id: "files", title: "file by file", state: "broken", says: "One is not.", facts: {} },
  ],
  source: { kind: "archive", name: hostile, commit: "", by: "given", directory: "", files: 2 },
  files: [
    { path: `lib/${hostile}.js`, state: "unexplained", size: 1, blob: "ab", at: "", how: hostile },
    { path: "package.json", state: "in-tree", size: 1, blob: "cd", at: "package.json", how: "the same" },
  ],
  counts: { "in-tree": 1, copied: 0, derived: 0, reproduced: 0, generated: 0, unexplained: 1, missing: 0 },
  rebuild: null,
  verdict: "broken",
  because: [`One is not: ${hostile}`],
};

test("the terminal shows every step with its mark and word, and lets nothing of others reach the terminal", () => {
  for (const env of [{ NO_COLOR: "1" }, { NO_COLOR: "1", TERM: "dumb" }]) {
    const screen = screenOf(true, 60, env, "linux");
    const text = traceText(trace, screen, { all: false });
    for (const { title, state } of trace.steps) assert.match(text, new RegExp(`${title} +${state}`));
    assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    assert.match(text, /unexplained/);
    assert.match(text, /--git DIR/);
    assert.ok(text.split("\n").every((line) => line.length <= 60));
    if (!screen.unicode) assert.doesNotMatch(text, /[^\u0000-\u007f]/);
  }
});

test("the page takes no markup from others, needs no script, and names every state in words", () => {
  const html = traceHtml(trace);
  assert.doesNotMatch(html, /<script|\u202e|\u001b/);
  assert.match(html, /default-src 'none'/);
  for (const { state } of trace.steps) assert.match(html, new RegExp(`>${state}<`));
  assert.equal(traceHtml(trace), html);
});
