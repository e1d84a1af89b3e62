import assert from "node:assert/strict";
import { test } from "node:test";
import { Lines } from "../files-gather.ts";
import { javascriptReading } from "./reading.ts";

const flowing = (source: string): readonly string[] =>
  javascriptReading(source, new Lines(source)).flows.map(({ from, to }) => `${from} -> ${to}`);

test("what is deleted, emptied or run on a day that the source names is told", () => {
  for (const [source, to] of [
    [`if (Date.now() > Date.parse("2027-01-18")) require("fs").rmSync(".", { recursive: true })`, "file-delete"],
    [`const due = new Date() > new Date("2027-01-18T00:00:00Z"); if (due) require("fs").rmSync(".")`, "file-delete"],
    [`function f() { if (Date.now() < 1800000000000) return; require("fs").rmSync(".") } f()`, "file-delete"],
    [
      `setInterval(() => { const d = new Date(); d.getMonth() === 6 && wipe() }, 1e6); function wipe() { require("fs").rmSync(".") }`,
      "file-delete",
    ],
    [`if (new Date().getFullYear() >= 2027) files.forEach((f) => require("fs").writeFileSync(f, ""))`, "file-write"],
    [`if (new Date(2027, 1) < new Date()) require("child_process").exec("x")`, "process"],
    [`new Date().getDay() === 5 ? eval(x) : 0`, "dynamic-code"],
  ] as const)
    assert.deepEqual(flowing(source), [`date -> ${to}`], source);
});

test("what is deleted in one country or language only is told", () => {
  for (const test of [
    `Intl.DateTimeFormat().resolvedOptions().timeZone === "Asia/Nowhere"`,
    `process.env.LANG.startsWith("xx")`,
    `navigator.language === "xx"`,
    `new Date().getTimezoneOffset() === -180`,
  ])
    assert.deepEqual(flowing(`if (${test}) require("fs").rmSync(".")`), ["locale -> file-delete"], test);
});

test("what grows old is deleted in honest programs too", () => {
  for (const source of [
    `if (Date.now() - stat.mtimeMs > maxAge) require("fs").unlinkSync(file)`,
    `if (Date.now() - started > 30000) require("fs").rmSync(dir)`,
    `if (entry.expires < Date.now()) require("fs").unlink(entry.path, done)`,
    `if (now.getDate() !== last.getDate()) require("fs").unlinkSync(old)`,
    `const year = new Date().getFullYear(); if (year > 2026) console.log("happy new year"); require("fs").unlinkSync(old)`,
    `if (new Date().getHours() === 3) require("fs").writeFileSync("a.json", JSON.stringify(all))`,
  ])
    assert.deepEqual(flowing(source), [], source);
});
