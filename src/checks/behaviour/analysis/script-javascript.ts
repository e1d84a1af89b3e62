/** JavaScript and TypeScript from their tokens alone: what is left where no parser understands a file. */
import type { ImportFact } from "../../../model/index.ts";
import type { Lines, Reading } from "./files-gather.ts";
import { type Dialect, scriptReading } from "./script.ts";
import { tableOf } from "./script-table.ts";
import type { Token } from "./script-tokens.ts";

const clients = [
  "axios",
  "node-fetch",
  "got",
  "request",
  "ws",
  "superagent",
  "needle",
  "cross-fetch",
  "isomorphic-fetch",
  "follow-redirects",
  "phin",
  "ky",
  "socket.io-client",
  "nodemailer",
  "undici",
];

const dialect: Dialect = {
  name: "javascript",
  syntax: {
    comments: ["//"],
    blockComments: true,
    quotes: "\"'`",
    tripleQuotes: false,
    expressions: "template",
    backticks: false,
    regexes: true,
    lifetimes: false,
  },
  blocks: {
    blocks: "braces",
    functions: new Set(["function"]),
    classes: new Set(["class", "namespace"]),
    modifiers: new Set(["export", "default", "async", "static", "abstract", "declare", "public", "private", "protected"]),
  },
  table: tableOf([
    [
      "network",
      `fetch@0! XMLHttpRequest! WebSocket@0! EventSource@0! navigator.sendBeacon@0! http.request@0! http.get@0! https.request@0! https.get@0! http2.connect@0! net.connect@1! net.createConnection@1! net.Socket! tls.connect@1! dgram.createSocket! ${clients.map((name) => `${name}@0! ${name}.*@0!`).join(" ")}`,
    ],
    ["dns", "dns.*@0!"],
    ["listen", "http.createServer! https.createServer! net.createServer!"],
    [
      "process",
      "child_process.*@0! execa@0! execa.*@0! cross-spawn@0! cross-spawn.*@0! shelljs.exec@0! node-pty.spawn@0! Deno.Command@0! Bun.spawn@0! process.binding@0!",
    ],
    ["dynamic-code", "eval! Function! vm.*! constructor.constructor! module._compile! Module._load!"],
    ["native", "process.dlopen@1!"],
    ["wasm", "WebAssembly.*!"],
    [
      "file-read",
      "fs.readFile@0! fs.readFileSync@0! fs.createReadStream@0! fs.readdir@0! fs.readdirSync@0! fs.promises.readFile@0! fs/promises.readFile@0!",
    ],
    [
      "file-write",
      "fs.writeFile@0! fs.writeFileSync@0! fs.appendFile@0! fs.appendFileSync@0! fs.createWriteStream@0! fs.chmodSync@0! fs.copyFileSync@1! fs.promises.writeFile@0! fs/promises.writeFile@0!",
    ],
    ["file-delete", "fs.rm@0! fs.rmSync@0! fs.unlink@0! fs.unlinkSync@0! fs.rmdirSync@0! rimraf@0! fs.promises.rm@0! fs/promises.rm@0!"],
    ["home", "os.homedir!"],
    ["system", "os.hostname! os.userInfo! os.networkInterfaces! os.platform! os.cpus!"],
    ["locale", "Intl.DateTimeFormat! process.env.LANG"],
    ["clipboard", "navigator.clipboard.* clipboardy.*"],
    ["wallet", "window.ethereum ethereum.request! window.solana solana.* window.ethereum.*"],
    ["browser-data", "document.cookie localStorage.getItem@0! indexedDB.open@0! chrome.cookies.*"],
    ["inspector", "inspector.* v8.*!"],
    ["global-hook", "XMLHttpRequest.prototype.* XMLHttpRequest.prototype Module.prototype.require Module._load"],
  ]),
  environment: new Set(["process.env", "Deno.env", "Bun.env"]),
  variables: new Set(["Deno.env.get"]),
  modules: new Set(["require", "import", "module.require", "process.getBuiltinModule", "process.mainModule.require", "createRequire()"]),
  members: new Set(["Reflect.get"]),
  decoders: new Set([
    "atob",
    "zlib.inflateSync",
    "zlib.gunzipSync",
    "zlib.brotliDecompressSync",
    "unescape",
    "decodeURIComponent",
    "Buffer.from",
  ]),
  imports,
  canonical: (path) =>
    path
      .replace(/^node:/, "")
      .replace(
        /^(?:globalThis|global|window|self|this)\.(?=(?:fetch|eval|Function|XMLHttpRequest|WebSocket|process|require|navigator|document|atob|Buffer)\b)/,
        "",
      )
      .replace(/^node:/, "")
      .replace(/^(?:Function|eval)\.(?:call|apply|bind)$/, "eval")
      .replace(/\.(?:call|apply|bind)$/, "")
      .replace(/^(?:.{0,200}\.)?constructor\.constructor$/, "constructor.constructor")
      .replace(/^([\w@/-]+)\.default(?=\.|$)/, "$1"),
};

function imports(
  tokens: readonly Token[],
  bind: (name: string, path: string) => void,
  asks: (specifier: string, how: ImportFact["how"], at: number) => void,
): boolean {
  const first = tokens[0];
  if (first?.kind !== "name" || (first.text !== "import" && first.text !== "export")) return false;
  if (first.text === "import" && tokens[1]?.kind === "string") {
    asks(tokens[1].text, "static", first.at);
    return true;
  }
  const from = tokens.findIndex(({ kind, text }) => kind === "name" && text === "from");
  const module = tokens[from + 1];
  if (from === -1 || module?.kind !== "string") return false;
  const path = module.text.replace(/^node:/, "");
  asks(module.text, "static", first.at);
  let inBraces = false;
  for (let at = 1; at < from; at++) {
    const token = tokens[at];
    if (token?.text === "{") inBraces = true;
    else if (token?.kind === "name" && token.text !== "type" && token.text !== "as") {
      const renamed = tokens[at + 1]?.text === "as" ? tokens[at + 2]?.text : undefined;
      bind(renamed ?? token.text, inBraces ? `${path}.${token.text}` : path);
      if (renamed !== undefined) at += 2;
    } else if (token?.text === "*" && tokens[at + 1]?.text === "as") {
      bind(tokens[at + 2]?.text ?? "", path);
      at += 2;
    }
  }
  return true;
}

export const javascriptTokens = (text: string, lines: Lines): Reading => {
  // The analysis is made for sources. Where a program wrote the text, names and statements say less, and it is still read.
  return scriptReading(text, lines, dialect);
};
