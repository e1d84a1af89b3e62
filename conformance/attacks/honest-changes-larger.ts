/** Honest changes of minor and major releases: new commands, builds, binaries. See honest-changes.ts. */
import { type Host, bring, changeManifest, manifestOf, record, sourceOf, textOf, word } from "./host.ts";
import { type HonestChange, addsFunction, extensionOf, plain, says, shortName } from "./honest-place.ts";
import { type Kind, atHook, hex, kindOf, minified, oneOf, typeOf } from "./second-writer-place.ts";

const importOf = (kind: Kind, names: string, module: string): string =>
  kind === "module" ? `import { ${names} } from "${module}";` : `const { ${names} } = require("${module}");`;

const addsBin = (host: Host, name: string, path: string): void =>
  changeManifest(host, (manifest) => {
    const bin = manifest["bin"];
    manifest["bin"] = { ...(typeof bin === "string" ? { [shortName(host)]: bin } : record(bin)), [name]: path };
  });

/** An entry of `exports` that is a path or a list has no conditions to keep. */
const conditions = (entry: unknown): Readonly<Record<string, unknown>> => (Array.isArray(entry) ? {} : record(entry));

/** `exports` keeps its other entries. */
const pointTo = (host: Host, path: string): void =>
  changeManifest(host, (manifest) => {
    const exported = manifest["exports"];
    if (exported === undefined) manifest["main"] = `./${path}`;
    else if (typeof exported === "string" || Array.isArray(exported)) manifest["exports"] = `./${path}`;
    else
      manifest["exports"] =
        "." in record(exported)
          ? { ...record(exported), ".": { ...conditions(record(exported)["."]), default: `./${path}` } }
          : { ...record(exported), default: `./${path}` };
  });

const build = (host: Host): string => `// Built with ${oneOf(host, ["rollup", "esbuild", "tsup"])}. The sources are in the repository.\n`;

export const largerChanges: readonly HonestChange[] = [
  {
    name: "command-line",
    like: "processes are started by a new command",
    step: "minor",
    change: (host) => {
      const kind = typeOf(host);
      const path = `bin/${oneOf(host, ["cli", shortName(host), "run"])}.js`;
      const code = oneOf(host, [
        `${importOf(kind, "spawnSync", "node:child_process")}\n${importOf(kind, "parseArgs", "node:util")}\n\nconst { values, positionals } = parseArgs({ allowPositionals: true, options: { editor: { type: "string" }, help: { type: "boolean" } } });\nif (values.help || positionals.length === 0) {\n  console.log("Usage: ${shortName(host)} [--editor NAME] FILE");\n  process.exit(0);\n}\nconst { status } = spawnSync(values.editor || process.env.EDITOR || "vi", positionals, { stdio: "inherit" });\nprocess.exitCode = status === null ? 1 : status;\n`,
        `${importOf(kind, "execFile", "node:child_process")}\n\nexecFile("git", ["diff", "--name-only", "HEAD"], (error, stdout) => {\n  if (error) {\n    console.error(error.message);\n    process.exitCode = 1;\n    return;\n  }\n  for (const file of stdout.split("\\n").filter(Boolean)) console.log(file);\n});\n`,
        `${importOf(kind, "readFileSync", "node:fs")}\n${importOf(kind, "spawn", "node:child_process")}\n\nconst jobs = JSON.parse(readFileSync("package.json", "utf8")).scripts || {};\nfor (const name of process.argv.slice(2).filter((job) => job in jobs)) {\n  spawn("npm", ["run", name], { stdio: "inherit", env: process.env, shell: process.platform === "win32" });\n}\n`,
      ]);
      host.files.set(path, `#!/usr/bin/env node\n${kind === "script" ? `"use strict";\n` : ""}${code}`);
      addsBin(host, `${shortName(host)}-${oneOf(host, ["cli", "run", "open"])}`, `./${path}`);
      says(host, "Command line", `\`npx ${shortName(host)} FILE\``);
    },
  },
  {
    name: "telemetry",
    like: "something is sent to a new address",
    step: "minor",
    change: (host) => {
      const path = sourceOf(host);
      const [name, os] = [plain(host, "telemetry"), plain(host, "os")];
      const off = `${shortName(host).replaceAll(/\W/g, "_").toUpperCase()}_TELEMETRY_DISABLED`;
      const body = oneOf(host, [
        `const body = JSON.stringify({ event, version: "${String(manifestOf(host)["version"])}", node: process.version, platform: process.platform, ci: Boolean(process.env.CI) });`,
        `const body = JSON.stringify({ event, os: ${os}.type(), release: ${os}.release(), memory: Math.round(${os}.totalmem() / 2 ** 30) });`,
        `const body = new URLSearchParams({ event, v: process.versions.node }).toString();`,
      ]);
      addsFunction(
        host,
        path,
        name,
        bring(host, path, os, "node:os"),
        `/** Sends anonymous counts; off with ${off}=1 or DO_NOT_TRACK=1. See the README. */\nasync function ${name}(event) {\n  if (process.env.${off} || process.env.DO_NOT_TRACK) return;\n  ${body}\n  try {\n    await fetch("https://telemetry.${shortName(host).replaceAll(/\W/g, "-")}.example/v1/events", { method: "POST", body, signal: AbortSignal.timeout(${oneOf(host, ["500", "1000", "2000"])}) });\n  } catch {\n    // Never in anybody's way.\n  }\n}`,
      );
      says(
        host,
        "Telemetry",
        `Anonymous counts are sent: event, version, platform. Set \`${off}=1\` or \`DO_NOT_TRACK=1\` to turn them off.`,
      );
    },
  },
  {
    name: "looks-for-updates",
    like: "an address is asked, and a file is written below the home folder",
    step: "minor",
    change: (host) => {
      const path = sourceOf(host);
      const [name, fs, os] = [plain(host, "checkForUpdate"), plain(host, "fs"), plain(host, "os")];
      addsFunction(
        host,
        path,
        name,
        bring(host, path, fs, "node:fs") + bring(host, path, os, "node:os"),
        oneOf(host, [
          `async function ${name}(current, registry) {\n  if (process.env.CI || process.env.NO_UPDATE_NOTIFIER) return null;\n  const file = ${os}.homedir() + "/.config/${shortName(host)}/update.json";\n  const last = ${fs}.existsSync(file) ? JSON.parse(${fs}.readFileSync(file, "utf8")).at : 0;\n  if (Date.now() - last < 864e5) return null;\n  const { latest } = await (await fetch(registry + "/-/package/${shortName(host)}/dist-tags")).json();\n  ${fs}.mkdirSync(${os}.homedir() + "/.config/${shortName(host)}", { recursive: true });\n  ${fs}.writeFileSync(file, JSON.stringify({ at: Date.now() }));\n  return latest === current ? null : latest;\n}`,
          `function ${name}(current) {\n  return fetch("https://releases.${shortName(host).replaceAll(/\W/g, "-")}.example/latest.json")\n    .then((answer) => answer.json())\n    .then(({ version }) => { if (version !== current) console.error("A newer version is there: " + version + ${os}.EOL); }, () => {});\n}`,
          `const ${name} = async (current, { ask = fetch, every = 7 } = {}) => {\n  const stamp = ${os}.tmpdir() + "/${shortName(host)}-asked";\n  const asked = await ${fs}.promises.stat(stamp).then(({ mtimeMs }) => mtimeMs, () => 0);\n  if (process.env.NO_UPDATE_NOTIFIER || Date.now() - asked < every * 864e5) return;\n  await ${fs}.promises.writeFile(stamp, "");\n  const text = await (await ask("https://www.${shortName(host).replaceAll(/\W/g, "-")}.example/version.txt")).text();\n  if (text.trim() > current) process.emitWarning("${shortName(host)} " + text.trim() + " is there");\n};`,
        ]),
      );
      says(host, "Updates", "Once a day it is looked up whether there is a newer version; `NO_UPDATE_NOTIFIER=1` turns that off.");
    },
  },
  {
    name: "thanks",
    like: "a postinstall",
    step: "minor",
    change: (host) => {
      const path = `scripts/postinstall.${typeOf(host) === "module" ? "cjs" : "js"}`;
      oneOf<() => void>(host, [
        () => {
          host.files.set(
            path,
            `var silent = /^(?:error|silent)$/.test(process.env.npm_config_loglevel) || process.env.CI || process.env.ADBLOCK || process.env.DISABLE_OPENCOLLECTIVE;\nif (!silent) console.log("\\u001B[96mThank you for using ${host.name}. You can help: https://opencollective.example/${shortName(host)}\\u001B[0m");\n`,
          );
          atHook(host, "postinstall", `node -e "try{require('./${path}')}catch(e){}"`);
        },
        () => atHook(host, "postinstall", `echo "${shortName(host)}: see MIGRATION.md"`),
        () => {
          host.files.set(
            path,
            `const [major] = process.versions.node.split(".").map(Number);\nif (major < 18) console.warn("${shortName(host)} wants Node 18 or later");\n`,
          );
          atHook(host, "postinstall", `node ${path}`);
        },
      ])();
    },
  },
  {
    name: "wasm-build",
    like: "a binary that is run",
    step: "minor",
    change: (host) => {
      const path = sourceOf(host);
      const module = kindOf(host, path) === "module";
      // A module with one function, (i32, i32) -> i32, that adds (WebAssembly core specification §5.5), and a table of data.
      const table = Array.from({ length: 120 }, () => host.random(0x80));
      const bytes = Buffer.from([
        0,
        0x61,
        0x73,
        0x6d,
        1,
        0,
        0,
        0,
        1,
        7,
        1,
        0x60,
        2,
        0x7f,
        0x7f,
        1,
        0x7f,
        3,
        2,
        1,
        0,
        5,
        3,
        1,
        0,
        1,
        7,
        7,
        1,
        3,
        0x61,
        0x64,
        0x64,
        0,
        0,
        10,
        9,
        1,
        7,
        0,
        0x20,
        0,
        0x20,
        1,
        0x6a,
        0x0b,
        11,
        126,
        1,
        0,
        0x41,
        0,
        0x0b,
        120,
        ...table,
      ]);
      const [name, fs] = [plain(host, "loadWasm"), plain(host, "fs")];
      const folder = path.slice(0, path.lastIndexOf("/") + 1);
      if (host.random(2) === 0)
        addsFunction(
          host,
          path,
          name,
          "",
          `const ${name} = async () => {\n  const bytes = Uint8Array.from(atob("${bytes.toString("base64")}"), (c) => c.charCodeAt(0));\n  return (await WebAssembly.instantiate(bytes)).instance.exports;\n};`,
        );
      else {
        const file = `${shortName(host)}.${hex(host, 6)}.wasm`;
        host.files.set(`${folder}${file}`, bytes);
        addsFunction(
          host,
          path,
          name,
          bring(host, path, fs, "node:fs"),
          `async function ${name}() {\n  const bytes = ${fs}.readFileSync(${module ? `new URL("./${file}", import.meta.url)` : `__dirname + "/${file}"`});\n  const { instance } = await WebAssembly.instantiate(bytes, {});\n  return instance.exports.add;\n}`,
        );
      }
    },
  },
  {
    name: "worker-pool",
    like: "code in another thread",
    step: "minor",
    change: (host) => {
      const path = sourceOf(host);
      const module = kindOf(host, path) === "module";
      const folder = path.slice(0, path.lastIndexOf("/") + 1);
      const file = `worker.${extensionOf(host, module ? "module" : "script")}`;
      host.files.set(
        `${folder}${file}`,
        `${importOf(module ? "module" : "script", "parentPort", "node:worker_threads")}\n\nparentPort.on("message", ({ id, items }) => {\n  parentPort.postMessage({ id, sum: items.reduce((a, b) => a + b, 0) });\n});\n`,
      );
      const [name, threads] = [plain(host, "inWorker"), plain(host, "threads")];
      const start = `new ${threads}.Worker(${module ? `new URL("./${file}", import.meta.url)` : `require.resolve("./${file}")`})`;
      addsFunction(
        host,
        path,
        name,
        bring(host, path, threads, "node:worker_threads"),
        oneOf(host, [
          `function ${name}(items) {\n  const worker = ${start};\n  return new Promise((resolve, reject) => {\n    worker.once("message", ({ sum }) => { resolve(sum); worker.terminate(); });\n    worker.once("error", reject);\n    worker.postMessage({ id: ${host.random(99)}, items });\n  });\n}`,
          `class ${name} {\n  #idle = [];\n  constructor(size = 4) {\n    for (let index = 0; index < size; index += 1) this.#idle.push(${start});\n  }\n  async run(items) {\n    const worker = this.#idle.pop() ?? ${start};\n    worker.postMessage({ id: 0, items });\n    const { sum } = await new Promise((resolve) => { worker.once("message", resolve); });\n    this.#idle.push(worker);\n    return sum;\n  }\n}`,
          `let shared${name};\nconst ${name} = (items, done) => {\n  shared${name} ??= ${start};\n  shared${name}.unref();\n  const id = Symbol("job").description + items.length;\n  const listen = (answer) => {\n    if (answer.id !== id) return;\n    shared${name}.off("message", listen);\n    done(answer.sum);\n  };\n  shared${name}.on("message", listen).postMessage({ id, items });\n};`,
        ]),
      );
    },
  },
  {
    name: "minified-build",
    like: "the entry is minified from now on",
    step: "minor",
    change: (host) => {
      const path = sourceOf(host);
      const kind = kindOf(host, path);
      const code = minified(textOf(host, path), kind);
      oneOf<() => void>(host, [
        () => void host.files.set(path, `${code}\n`),
        () => void host.files.set(path, `${build(host)}${code}\n//# sourceMappingURL=${path.split("/").at(-1) ?? path}.map\n`),
        () => {
          // Beside the old one, so that what the old one asks for is found from there as well.
          const built = path.replace(/(\.[cm]?js)$/, ".min$1");
          host.files.set(built, `${code}\n`);
          pointTo(host, built);
        },
      ])();
    },
  },
  {
    name: "hashed-names",
    like: "files are gone and others are there, under names from chance",
    step: "minor",
    change: (host) => {
      const path = sourceOf(host);
      const kind = kindOf(host, path);
      const folder = path.slice(0, path.lastIndexOf("/") + 1);
      const extension = path.slice(path.lastIndexOf("."));
      const chunk = `${oneOf(host, ["chunk-", "shared.", "index-"])}${hex(host, 8)}${extension}`;
      const text = textOf(host, path);
      const hasDefault = /^\s*export\s+default\b|\bas default\b/m.test(text);
      const handsOn =
        kind === "module"
          ? `export * from "./${chunk}";\n${hasDefault ? `export { default } from "./${chunk}";\n` : ""}`
          : `"use strict";\nmodule.exports = require("./${chunk}");\n`;
      host.files.set(path, handsOn);
      oneOf<() => void>(host, [
        () => void host.files.set(`${folder}${chunk}`, text),
        () => {
          host.files.set(`${folder}${chunk}`, `${text}\n//# sourceMappingURL=${chunk}.map\n`);
          host.files.set(
            `${folder}${chunk}.map`,
            `${JSON.stringify({ version: 3, sources: ["../src/index.js"], names: [], mappings: "AAAA" })}\n`,
          );
        },
        () => {
          host.files.set(`${folder}${chunk}`, `${build(host)}${text}`);
          pointTo(host, `${folder}${chunk}`);
        },
      ])();
    },
  },
  {
    name: "prebuilt-addon",
    like: "an install script, a binding.gyp and binaries",
    step: "major",
    change: (host) => {
      const path = sourceOf(host);
      const module = kindOf(host, path) === "module";
      const up = "../".repeat(path.split("/").length - 1) || "./";
      host.files.set(
        "binding.gyp",
        `{\n  "targets": [\n    {\n      "target_name": "${shortName(host).replaceAll(/\W/g, "_")}",\n      "sources": ["src/addon.cc"],\n      "include_dirs": ["<!(node -p \\"require('node-addon-api').include_dir\\")"]\n    }\n  ]\n}\n`,
      );
      host.files.set(
        "src/addon.cc",
        `#include <napi.h>\n\nNapi::Object Init(Napi::Env env, Napi::Object exports) {\n  return exports;\n}\n\nNODE_API_MODULE(addon, Init)\n`,
      );
      for (const platform of ["linux-x64", "darwin-arm64", "win32-x64"].slice(0, 1 + host.random(3)))
        host.files.set(
          `prebuilds/${platform}/${shortName(host)}.node`,
          Buffer.concat([
            Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]),
            Buffer.alloc(900 + host.random(2_000)).map(() => host.random(256)),
          ]),
        );
      atHook(host, "install", oneOf(host, ["node-gyp-build", "node-gyp-build || exit 0", "prebuild-install || node-gyp rebuild"]));
      changeManifest(host, (manifest) => {
        manifest["dependencies"] = { ...record(manifest["dependencies"]), "node-addon-api": "^8.0.0", "node-gyp-build": "^4.8.0" };
      });
      const [name, made] = [plain(host, "native"), plain(host, "createRequire")];
      addsFunction(
        host,
        path,
        name,
        module ? `import { createRequire as ${made} } from "node:module";\n` : "",
        module
          ? `const ${name} = (dir) => ${made}(import.meta.url)("node-gyp-build")(dir || new URL("${up}", import.meta.url).pathname);`
          : `const ${name} = (dir) => require("node-gyp-build")(dir || require("path").join(__dirname, "${up}"));`,
      );
    },
  },
  {
    name: "fetches-binary",
    like: "a postinstall that fetches a program, this one by its digest",
    step: "major",
    change: (host) => {
      const path = `install.${typeOf(host) === "module" ? "cjs" : "js"}`;
      const digest = hex(host, 64);
      host.files.set(
        path,
        `"use strict";\nconst { createHash } = require("node:crypto");\nconst { chmodSync, mkdirSync, writeFileSync } = require("node:fs");\n\nconst digests = { "linux-x64": "${digest}", "darwin-arm64": "${hex(host, 64)}" };\nconst platform = process.platform + "-" + process.arch;\nconst base = process.env.npm_config_${word(host)}_mirror || "https://downloads.${shortName(host).replaceAll(/\W/g, "-")}.example";\n\n${oneOf(
          host,
          [
            `async function main() {\n  const answer = await fetch(base + "/v${String(manifestOf(host)["version"])}/" + platform);\n  if (!answer.ok) throw new Error("HTTP " + answer.status);\n  const bytes = Buffer.from(await answer.arrayBuffer());`,
            `function get(url) {\n  return new Promise((resolve, reject) => require("node:https").get(url, (res) => {\n    const parts = [];\n    res.on("data", (part) => parts.push(part)).on("end", () => resolve(Buffer.concat(parts)));\n  }).on("error", reject));\n}\n\nasync function main() {\n  const bytes = await get(base + "/" + platform);`,
          ],
        )}\n  if (createHash("sha256").update(bytes).digest("hex") !== digests[platform]) throw new Error("the digest does not match");\n  mkdirSync("vendor", { recursive: true });\n  writeFileSync("vendor/tool", bytes);\n  chmodSync("vendor/tool", 0o755);\n}\n\nmain().catch((error) => {\n  console.error(error.message);\n  process.exitCode = 1;\n});\n`,
      );
      atHook(host, "postinstall", `node ${path}`);
      says(host, "Installation", "A program for your platform is fetched at installation and checked against its SHA-256.");
    },
  },
  {
    name: "typescript",
    like: "every line of the entry is another",
    step: "major",
    change: (host) => {
      const path = sourceOf(host);
      const kind = kindOf(host, path);
      const text = textOf(host, path);
      const helpers = `var __awaiter = (this && this.__awaiter) || function (thisArg, _arguments, P, generator) {\n    return new (P || (P = Promise))(function (resolve, reject) {\n        function step(result) { result.done ? resolve(result.value) : Promise.resolve(result.value).then(function (v) { step(generator.next(v)); }, reject); }\n        step((generator = generator.apply(thisArg, _arguments || [])).next());\n    });\n};\n`;
      const body = text.replaceAll(/^( {2})+/gm, (blank) => blank.repeat(2)).replaceAll(/^\s*"use strict";?\n/gm, "");
      const map = oneOf(host, ["", `\n//# sourceMappingURL=${path.split("/").at(-1) ?? path}.map\n`]);
      const called = oneOf(host, [
        helpers,
        `var __classPrivateFieldGet = (this && this.__classPrivateFieldGet) || function (receiver, state, kind, f) {\n    return kind === "m" ? f : kind === "a" ? f.call(receiver) : f ? f.value : state.get(receiver);\n};\n`,
        "",
      ]);
      const marked = kind === "module" ? "" : `Object.defineProperty(exports, "__esModule", { value: true });\n`;
      host.files.set(path, `${kind === "module" ? "" : `"use strict";\n`}${called}${marked}${body}\n${map}`);
      if (map !== "")
        host.files.set(
          `${path}.map`,
          `${JSON.stringify({ version: 3, file: path.split("/").at(-1), sources: ["../src/index.ts"], names: [], mappings: ";AAAA" })}\n`,
        );
      if (host.random(2) === 0) host.files.set("src/index.ts", `// @ts-nocheck\n${text}`);
      const types = path.replace(/\.([cm]?)js$/, ".d.$1ts");
      if (!host.files.has(types)) host.files.set(types, "declare const value: any;\nexport = value;\n");
      host.files.set(
        "tsconfig.json",
        `${JSON.stringify({ compilerOptions: { target: oneOf(host, ["es2017", "es2022"]), module: "nodenext", declaration: true, strict: true } }, null, 2)}\n`,
      );
      changeManifest(host, (manifest) => {
        manifest["types"] = `./${types}`;
        manifest["scripts"] = { ...record(manifest["scripts"]), build: "tsc -p ." };
        manifest["devDependencies"] = { ...record(manifest["devDependencies"]), typescript: "^5.9.0" };
      });
    },
  },
];
