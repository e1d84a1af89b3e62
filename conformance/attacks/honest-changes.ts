/**
 * Honest changes that look like what the families do, in the step (patch, minor, major) in which packages make them: what a review says about
 * them is a false alarm, or at best a question that was worth asking. They were written by the second writer of the families, who had not read
 * the rules. Nothing in them is run; every address ends in `.example`.
 */
import { type Host, bring, changeManifest, isModule, manifestOf, record, sourceOf, textOf, word } from "./host.ts";
import { largerChanges } from "./honest-changes-larger.ts";
import { type HonestChange, addsFunction, extensionOf, plain, shortName, stepped } from "./honest-place.ts";
import { atHook, hex, kindOf, minified, oneOf, typeOf } from "./second-writer-place.ts";

const smallChanges: readonly HonestChange[] = [
  {
    name: "prepare-script",
    like: "a new script of the life cycle",
    step: "patch",
    change: (host) => {
      atHook(host, "prepare", oneOf(host, ["husky", "husky install || true", "simple-git-hooks", "is-ci || lefthook install"]));
      changeManifest(host, (manifest) => {
        manifest["devDependencies"] = { ...record(manifest["devDependencies"]), husky: `^9.${host.random(3)}.0` };
      });
      if (host.random(2) === 0) host.files.set(".husky/pre-commit", "npm test\n");
    },
  },
  {
    name: "reads-environment",
    like: "process.env is read where it was not",
    step: "patch",
    change: (host) => {
      const path = sourceOf(host);
      const name = plain(host, "isEnabled");
      addsFunction(
        host,
        path,
        name,
        "",
        oneOf(host, [
          `function ${name}() {\n  if (typeof process === "undefined") return false;\n  return /\\b(?:\\*|${shortName(host)})\\b/.test(process.env.DEBUG || "");\n}`,
          `function ${name}(stream) {\n  const { env } = process;\n  if ("NO_COLOR" in env || env.TERM === "dumb") return false;\n  return "FORCE_COLOR" in env || Boolean(stream && stream.isTTY);\n}`,
          `function ${name}() {\n  // Continuous integration has no terminal to draw on.\n  return !(process.env.CI || process.env.GITHUB_ACTIONS) && process.env.NODE_ENV !== "production";\n}`,
        ]),
      );
    },
  },
  {
    name: "translations",
    like: "long texts of letters that are rarely seen, with joiners and direction marks",
    step: "patch",
    change: (host) => {
      const tables: Readonly<Record<string, readonly string[]>> = {
        ja: ["値が正しくありません", "ファイルが見つかりません", "もう一度お試しください"],
        ar: ["القيمة غير صالحة\u200f", "لم يتم العثور على الملف", "\u2067حاول مرة أخرى\u2069"],
        fa: ["مقدار نامعتبر است", "فایل پیدا نمی\u200cشود", "دوباره تلاش کنید"],
        hi: ["मान अमान्य है", "फ़ाइल नहीं मिली", "फिर से प्रयास करें"],
        ko: ["값이 올바르지 않습니다", "파일을 찾을 수 없습니다", "다시 시도하세요"],
        uk: ["Неправильне значення", "Файл не знайдено", "Спробуйте ще раз"],
        emoji: ["👩\u200d💻 ❤️", "🏳️\u200d🌈", "✅\ufe0f 🇺🇦"],
      };
      const keys = Object.keys(tables).slice(host.random(3));
      const entries = Object.fromEntries(
        keys.map((key) => [key, Object.fromEntries((tables[key] ?? []).map((text, index) => [`message.${word(host)}.${index}`, text]))]),
      );
      oneOf<() => void>(host, [
        () => keys.forEach((key) => host.files.set(`locales/${key}.json`, `${JSON.stringify(entries[key], null, 2)}\n`)),
        () => {
          const path = sourceOf(host);
          const name = plain(host, "messages");
          addsFunction(host, path, name, "", `const ${name} = ${JSON.stringify(entries, null, 2)};`);
        },
        () => {
          const path = sourceOf(host);
          const name = plain(host, "texts");
          const escaped = JSON.stringify(entries).replaceAll(
            /[\u0080-\uffff]/g,
            (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
          );
          addsFunction(host, path, name, "", `const ${name} = ${escaped};`);
        },
      ])();
    },
  },
  {
    name: "data-table",
    like: "long encoded texts",
    step: "patch",
    change: (host) => {
      const path = sourceOf(host);
      const bytes = Buffer.from(
        Array.from({ length: 1_500 + host.random(6_000) }, (_, index) => (index % 7 === 0 ? host.random(256) : (index * 31) & 255)),
      );
      const name = plain(host, oneOf(host, ["icon", "table", "ranges"]));
      addsFunction(
        host,
        path,
        name,
        "",
        oneOf(host, [
          `const ${name} = "data:font/woff2;base64,${bytes.toString("base64")}";`,
          `const ${name} = "data:image/png;base64,${bytes.toString("base64")}";`,
          `// Generated from the Unicode Character Database.\nconst ${name} = [${[...bytes].map((byte, index) => byte + index * 3).join(", ")}];`,
          `const ${name} = /[${Array.from({ length: 300 }, (_, index) => `\\u${(0x0370 + index * 19).toString(16).padStart(4, "0")}-\\u${(0x0375 + index * 19).toString(16).padStart(4, "0")}`).join("")}]/;`,
        ]),
      );
    },
  },
  {
    name: "ships-tests",
    like: "new files that start processes and open servers",
    step: "patch",
    change: (host) => {
      const folder = oneOf(host, ["test", "tests", "__tests__", "bench"]);
      const kind = typeOf(host);
      const assert =
        kind === "module"
          ? `import assert from "node:assert/strict";\nimport { test } from "node:test";\n`
          : `const assert = require("node:assert/strict");\nconst { test } = require("node:test");\n`;
      const at = `../${sourceOf(host)}`;
      host.files.set(
        `${folder}/${word(host)}.test.js`,
        assert +
          oneOf(host, [
            `${kind === "module" ? `import { execFileSync } from "node:child_process";` : `const { execFileSync } = require("node:child_process");`}\n\ntest("prints its version", () => {\n  const out = execFileSync(process.execPath, ["-p", "1 + 1"], { encoding: "utf8" });\n  assert.equal(out.trim(), "2");\n});\n`,
            `${kind === "module" ? `import http from "node:http";` : `const http = require("node:http");`}\n\ntest("serves", async () => {\n  const server = http.createServer((req, res) => res.end("ok")).listen(0, "127.0.0.1");\n  const { port } = server.address();\n  const res = await fetch("http://127.0.0.1:" + port);\n  assert.equal(await res.text(), "ok");\n  server.close();\n});\n`,
            `\ntest("loads", async () => {\n  const before = { ...process.env };\n  process.env.NODE_ENV = "test";\n  assert.ok(await import("${at}"));\n  process.env = before;\n});\n`,
          ]),
      );
      host.files.set(
        `${folder}/fixtures/${word(host)}.bin`,
        Buffer.alloc(300 + host.random(3_000)).map(() => host.random(256)),
      );
    },
  },
  {
    name: "retries",
    like: "a loop with timers that asks an address again",
    step: "patch",
    change: (host) => {
      const path = sourceOf(host);
      const name = plain(host, "retry");
      addsFunction(
        host,
        path,
        name,
        "",
        oneOf(host, [
          `async function ${name}(task, { attempts = 5, delay = 100 } = {}) {\n  for (let attempt = 1; ; attempt += 1) {\n    try {\n      return await task(attempt);\n    } catch (error) {\n      if (attempt >= attempts) throw error;\n      await new Promise((resolve) => setTimeout(resolve, delay * 2 ** attempt));\n    }\n  }\n}`,
          `function ${name}(fn, times, done) {\n  var left = times;\n  (function again() {\n    fn(function (err, value) {\n      if (!err || --left <= 0) return done(err, value);\n      setTimeout(again, 50 * (times - left));\n    });\n  })();\n}`,
          `async function ${name}(url, options) {\n  const backoff = [100, 400, 1600];\n  while (true) {\n    const response = await fetch(url, options).catch(() => null);\n    if (response !== null && response.status < 500) return response;\n    const wait = backoff.shift();\n    if (wait === undefined) throw new Error("gave up on " + url);\n    await new Promise((resolve) => { setTimeout(resolve, wait); });\n  }\n}`,
        ]),
      );
    },
  },
  {
    name: "vendored",
    like: "a new file of foreign code in place of a dependency",
    step: "patch",
    change: (host) => {
      const path = sourceOf(host);
      const kind = kindOf(host, path);
      const stem = oneOf(host, ["ms", "once", "inherits", "picomatch"]);
      const folder = path.slice(0, path.lastIndexOf("/") + 1);
      const file = `${folder}vendor/${stem}.${extensionOf(host, kind)}`;
      const body = `var s = 1000, m = s * 60, h = m * 60;\nfunction ${stem}(value) {\n  if (typeof value === "number") return Math.round(value / s) + "s";\n  var match = /^(-?\\d+)\\s*(s|m|h)$/i.exec(value);\n  return match ? Number(match[1]) * { s: s, m: m, h: h }[match[2].toLowerCase()] : undefined;\n}\n`;
      const text = `/*!\n * ${stem} 2.${host.random(9)}.${host.random(9)}, MIT, see vendor/LICENSE\n */\n${body}`;
      const given = kind === "module" ? `export default ${stem};\n` : `module.exports = ${stem};\n`;
      host.files.set(
        file,
        oneOf(host, [`${text}${given}`, `${text}${given}`, `/*! ${stem}, MIT */\n${minified(`${body}${given}`, kind)}\n`]),
      );
      host.files.set(
        `${folder}vendor/LICENSE`,
        "The MIT License\n\nPermission is hereby granted, free of charge, to any person obtaining a copy.\n",
      );
      const name = plain(host, stem);
      addsFunction(
        host,
        path,
        `${name}Of`,
        kind === "module"
          ? `import ${name} from "./vendor/${stem}.${extensionOf(host, kind)}";\n`
          : `const ${name} = require("./vendor/${stem}.${extensionOf(host, kind)}");\n`,
        `function ${name}Of(value) {\n  return ${name}(value);\n}`,
      );
      changeManifest(host, (manifest) => {
        const old = record(manifest["dependencies"]);
        if (old[stem] !== undefined) manifest["dependencies"] = Object.fromEntries(Object.entries(old).filter(([key]) => key !== stem));
      });
    },
  },
  {
    name: "new-dependency",
    like: "a dependency that was not there, this one imported",
    step: "minor",
    change: (host) => {
      const path = sourceOf(host);
      const dependency = oneOf(host, ["ms", "picocolors", "fast-deep-equal", "@jridgewell/sourcemap-codec"]);
      const name = plain(host, "lib");
      addsFunction(
        host,
        path,
        `${name}Of`,
        isModule(host, path) || kindOf(host, path) === "module"
          ? `import * as ${name} from "${dependency}";\n`
          : `const ${name} = require("${dependency}");\n`,
        `function ${name}Of(...args) {\n  return (${name}.default || ${name})(...args);\n}`,
      );
      changeManifest(host, (manifest) => {
        manifest["dependencies"] = { ...record(manifest["dependencies"]), [dependency]: `^${1 + host.random(3)}.${host.random(5)}.0` };
      });
    },
  },
  {
    name: "polyfill",
    like: "a global is assigned",
    step: "minor",
    change: (host) => {
      const path = sourceOf(host);
      const [name, http] = [plain(host, "installPolyfills"), plain(host, "http")];
      oneOf<() => void>(host, [
        () =>
          addsFunction(
            host,
            path,
            name,
            bring(host, path, http, "node:https"),
            `function ${name}() {\n  if (typeof globalThis.fetch === "undefined") {\n    globalThis.fetch = (url) => new Promise((resolve, reject) => {\n      ${http}.get(url, (res) => {\n        const parts = [];\n        res.on("data", (part) => parts.push(part)).on("end", () => resolve({ ok: res.statusCode < 400, text: async () => Buffer.concat(parts).toString() }));\n      }).on("error", reject);\n    });\n  }\n}\n${name}();`,
          ),
        () =>
          addsFunction(
            host,
            path,
            name,
            "",
            `function ${name}() {\n  if (!globalThis.structuredClone) globalThis.structuredClone = (value) => JSON.parse(JSON.stringify(value));\n  if (!Array.prototype.at) {\n    Object.defineProperty(Array.prototype, "at", { configurable: true, writable: true, value: function at(n) { return this[n < 0 ? this.length + n : n]; } });\n  }\n}\n${name}();`,
          ),
        () => {
          addsFunction(
            host,
            path,
            name,
            "",
            `function ${name}() {\n  if (globalThis.Promise && !Promise.withResolvers) {\n    Promise.withResolvers = function () {\n      const out = {};\n      out.promise = new this((resolve, reject) => Object.assign(out, { resolve, reject }));\n      return out;\n    };\n  }\n}\n${name}();`,
          );
        },
      ])();
    },
  },
];

export const honestChanges: readonly HonestChange[] = [...smallChanges, ...largerChanges];

/** The release that the change makes of the host. */
export function makeHonest(host: Host, { name, step, change }: HonestChange): void {
  const { version } = manifestOf(host);
  changeManifest(host, (manifest) => {
    manifest["version"] = stepped(String(version), step);
  });
  host.files.set(
    "CHANGELOG.md",
    `# ${stepped(String(version), step)}\n\n- ${name.replaceAll("-", " ")} (${hex(host, 7)})\n\n${textOf(host, "CHANGELOG.md")}`,
  );
  change(host);
}
