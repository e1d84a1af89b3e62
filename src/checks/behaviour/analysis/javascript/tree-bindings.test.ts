import assert from "node:assert/strict";
import { test } from "node:test";
import { Lines } from "../files-gather.ts";
import { javascriptReading } from "./reading.ts";

const seen = (source: string): readonly string[] =>
  javascriptReading(source, new Lines(source)).sightings.map(({ capability, subject }) => `${capability} ${subject}`);

test("what a block, a loop or a switch declares is its own", () => {
  for (const source of [
    `{ const a = require("fs"); } { const a = {}; a.readFile = run; }`,
    `for (const a of [require("fs")]) b(a); for (const a of [{}]) a.readFile = run;`,
    `switch (b) { case 1: let a = require("fs"); } { let a = {}; a.readFile = run; }`,
    `try { const a = require("fs"); } finally { const a = {}; a.readFile = run; }`,
  ])
    assert.ok(!seen(source).some((one) => one.startsWith("global-hook")), source);
  assert.ok(seen(`{ const a = require("fs"); a.readFile = run; }`).includes("global-hook node:fs.readFile"));
});

test("a block sees what is around it, and a var or function within it is seen from all of the function", () => {
  for (const source of [
    `const a = require("child_process"); if (b) { for (;;) { a.exec("id"); break; } }`,
    `if (b) { var a = require("child_process"); } a.exec("id")`,
    `{ function a() { return "child_process"; } } require(a()).exec("id")`,
    `{ let a = 1; { function a() { return "child_process"; } require(a()).exec("id"); } }`,
    `{ later(); function later() { a.exec("id"); } const a = require("child_process"); }`,
  ])
    assert.ok(seen(source).includes("process id"), source);
});
