import assert from "node:assert/strict";
import { test } from "node:test";
import { formatPage } from "./page.ts";
import { displayWidth } from "./text.ts";
import { screenOf } from "./tones.ts";
import { formatTree } from "./tree.ts";

const screen = screenOf(false, 80, {}, "linux");

test("ways that share their beginning share its lines", () => {
  const ways = [
    ["a", "x"],
    ["b", "c", "x"],
    ["b", "d", "x"],
  ];
  assert.deepEqual(formatTree(ways, screen), ["a", "└─ x", "b", "├─ c", "│  └─ x", "└─ d", "   └─ x"]);
});

test("a tree for a terminal without UTF-8 is ASCII", () => {
  const ascii = screenOf(true, 80, { LANG: "C", NO_COLOR: "1" }, "linux");
  assert.deepEqual(
    formatTree(
      [
        ["b", "c"],
        ["b", "d"],
      ],
      ascii,
    ),
    ["b", "|- c", "`- d"],
  );
});

test("a way of ten thousand steps does not overflow, and names cannot carry escapes", () => {
  const way = Array.from({ length: 10_000 }, (_, step) => `p${step}`);
  assert.equal(formatTree([way], screen).length, 10_000);
  assert.deepEqual(formatTree([["\u001b[31mred"]], screen), ["\\u{1b}[31mred"]);
});

const page = `# integrity/sample

Does it **hold**?

## Why it matters

A long line that goes on and on beyond the width of a narrow window, with \`code\` in it.

- first thing
- second thing
  that goes on

1. counted

\`\`\`sh
npm   ci
\`\`\`
`;

test("a rule's page keeps its words, lists and code, and fits the window", () => {
  for (const columns of [32, 80]) {
    const text = formatPage(page, screenOf(false, columns, {}, "linux"));
    assert.ok(text.split("\n").every((line) => displayWidth(line) <= columns));
    assert.match(text, /^integrity\/sample\n\nDoes it hold\?\n\nWhy it matters\n/);
    assert.match(text, /\n- first thing\n- second thing that goes on\n/);
    assert.match(text, /\n1\. counted\n/);
    assert.match(text, /\n {4}npm {3}ci\n/);
  }
});
