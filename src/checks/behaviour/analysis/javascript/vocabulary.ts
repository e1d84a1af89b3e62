/** What the modules and globals of Node, browsers and well-known packages let code do, by their canonical paths (`node:fs.readFile`, `process.env`). */
import type { Capability } from "../../../../model/index.ts";

export const builtinModules: ReadonlySet<string> = new Set(
  "assert async_hooks buffer child_process cluster console constants crypto dgram diagnostics_channel dns domain events fs http http2 https inspector module net os path perf_hooks process punycode querystring readline repl sea sqlite stream string_decoder sys timers tls trace_events tty url util v8 vm wasi worker_threads zlib".split(
    " ",
  ),
);

const listed = (capability: Capability, names: string): [string, Capability][] => names.split(" ").map((name) => [name, capability]);

/** What asking for a module already says. */
export const moduleCapability: ReadonlyMap<string, Capability> = new Map([
  ...listed("network", "node:http node:https node:http2 node:net node:tls node:dgram"),
  ...listed(
    "network",
    "undici axios node-fetch got request ws superagent needle cross-fetch isomorphic-fetch follow-redirects phin ky socket.io-client nodemailer request-promise make-fetch-happen bent ssh2 basic-ftp mqtt minipass-fetch centra",
  ),
  ...listed("dns", "node:dns native-dns dns-packet dns2"),
  ...listed("process", "node:child_process execa cross-spawn shelljs node-pty zx tinyexec nano-spawn foreground-child sudo-prompt"),
  ...listed("file-read", "node:fs fs-extra graceful-fs jsonfile"),
  ...listed("dynamic-code", "node:vm vm2 isolated-vm"),
  ...listed("native", "bindings node-gyp-build ffi-napi ffi koffi ref-napi @mapbox/node-pre-gyp node-pre-gyp prebuild-install"),
  ...listed("inspector", "node:inspector chrome-remote-interface"),
  ...listed("clipboard", "clipboardy copy-paste node-clipboardy clipboard-event"),
  ...listed("user-input", "iohook robotjs uiohook-napi node-global-key-listener screenshot-desktop"),
  ...listed("credential-file", "keytar"),
  ...listed("persistence", "auto-launch node-windows node-linux winreg"),
]);

/** Globals that are worth following. What none of these names begins has no capability. */
export const globalRoots: ReadonlySet<string> = new Set(
  "require module exports process eval Function URL globalThis global window self top frames document navigator location fetch XMLHttpRequest WebSocket EventSource Worker SharedWorker Image importScripts Reflect WebAssembly localStorage sessionStorage indexedDB ethereum solana phantom web3 Buffer atob btoa unescape escape decodeURIComponent decodeURI encodeURIComponent String Number Boolean parseInt JSON Object Array Promise Symbol RegExp Date Map Set console setTimeout setInterval setImmediate queueMicrotask Intl Deno Bun chrome browser execScript ActiveXObject Proxy Error Math Element HTMLElement HTMLFormElement Node EventTarget Headers Request Response Storage Crypto crypto __dirname __filename".split(
    " ",
  ),
);

/** Roots under which an assignment replaces what others rely on. */
export const hookable: ReadonlySet<string> = new Set(
  "fetch XMLHttpRequest WebSocket EventSource Object Array String Number Function Promise JSON RegExp Date Map Set Math Reflect Proxy Symbol Error console eval require setTimeout setInterval Element HTMLElement HTMLFormElement Node EventTarget Headers Request Response Storage Crypto crypto navigator document localStorage sessionStorage ethereum solana Buffer atob btoa WebAssembly".split(
    " ",
  ),
);

/** Members of the global object that stand for it. */
export const globalNames: ReadonlySet<string> = new Set(["globalThis", "global", "window", "self", "top", "frames"]);

export interface CallMeaning {
  readonly capability: Capability;
  /** Which argument says to what; -1: none. */
  readonly subject: number;
}

const rules: readonly (readonly [RegExp, Capability, number])[] = [
  [/^node:child_process\.(?:exec|spawn|fork|_forkChild)\w*$/, "process", 0],
  [/^(?:execa|cross-spawn|shelljs|zx|tinyexec|nano-spawn|node-pty|foreground-child|sudo-prompt)(?:\.[^(]*)?$/, "process", 0],
  [/^(?:Bun\.spawn|Bun\.spawnSync|Deno\.(?:run|Command))$/, "process", 0],
  [/^(?:node:fs|fs-extra|graceful-fs)\.(?:rm|unlink|rmdir|remove|emptyDir)\w*$/, "file-delete", 0],
  [
    /^(?:node:fs|fs-extra|graceful-fs)\.(?:write|append|createWriteStream|rename|mkdir|symlink|link|chmod|chown|truncate|output|mkdtemp|move|ensure)\w*$/,
    "file-write",
    0,
  ],
  [/^(?:node:fs|fs-extra|graceful-fs)\.(?:copy|cp)\w*$/, "file-write", 1],
  [/^(?:node:fs|fs-extra|graceful-fs)\.(?:read|createReadStream|open|glob)\w*$/, "file-read", 0],
  [/^Deno\.(?:write|create)\w*$|^Bun\.write$/, "file-write", 0],
  [/^Deno\.(?:read|open)\w*$|^Bun\.file$/, "file-read", 0],
  [/^(?:node:(?:http|https|http2|net|tls))\.create(?:Secure)?Server$|^(?:Deno|Bun)\.(?:serve|listen)$/, "listen", -1],
  [/^node:(?:http|https)\.(?:request|get)$|^node:http2\.connect$|^node:(?:net|tls)\.(?:connect|createConnection|Socket)$/, "network", 0],
  [/^node:dgram\.createSocket$/, "network", -1],
  [
    /^(?:axios|undici|node-fetch|got|request|superagent|needle|cross-fetch|isomorphic-fetch|phin|ky|ws|request-promise|make-fetch-happen|bent|socket\.io-client|centra|minipass-fetch|mqtt)(?:\.(?:get|post|put|patch|head|request|fetch|stream|connect|default|io|WebSocket|delete|options))?$/,
    "network",
    0,
  ],
  [/^(?:fetch|WebSocket|EventSource|importScripts|navigator\.sendBeacon|Worker\.importScripts|Deno\.connect|Bun\.connect)$/, "network", 0],
  [/^XMLHttpRequest#\.open$/, "network", 1],
  [/^node:dns\.(?:lookup|resolve|reverse|Resolver)\w*$|^node:dns\.Resolver#\.\w+$/, "dns", 0],
  [/^(?:eval|Function|execScript|document\.write|document\.writeln)$/, "dynamic-code", -1],
  [/^node:vm\.(?:run\w+|Script|compileFunction|SourceTextModule)$/, "dynamic-code", -1],
  [/(?:^|\.)_compile$/, "dynamic-code", -1],
  [/^process\.dlopen$/, "native", 1],
  [/^WebAssembly\.\w+$/, "wasm", -1],
  [/^process\.(?:binding|_linkedBinding)$/, "inspector", 0],
  [/^node:os\.(?:hostname|userInfo|networkInterfaces)$/, "system", -1],
  [/^node:os\.homedir$/, "home", -1],
  [/^Intl\.DateTimeFormat(?:#|\(\))\.resolvedOptions$/, "locale", -1],
  [/^navigator\.clipboard\.\w+$/, "clipboard", -1],
  [/^navigator\.mediaDevices\.\w+$/, "user-input", -1],
];

const memory = new Map<string, CallMeaning | null>();
/** Paths come from the code under review: no more than these are remembered. */
const MOST_REMEMBERED = 20_000;

/** What calling (or constructing) this path does. */
export function callMeaning(path: string): CallMeaning | null {
  const known = memory.get(path);
  if (known !== undefined) return known;
  const rule = path.length > 200 ? undefined : rules.find(([pattern]) => pattern.test(path));
  const meaning = rule === undefined ? null : { capability: rule[1], subject: rule[2] };
  if (memory.size >= MOST_REMEMBERED) memory.clear();
  memory.set(path, meaning);
  return meaning;
}

const references: ReadonlyMap<string, Capability> = new Map<string, Capability>([
  ["document.cookie", "browser-data"],
  ["localStorage", "browser-data"],
  ["sessionStorage", "browser-data"],
  ["indexedDB", "browser-data"],
  ["ethereum", "wallet"],
  ["solana", "wallet"],
  ["phantom", "wallet"],
  ["navigator.language", "locale"],
  ["navigator.languages", "locale"],
  ["WebAssembly", "wasm"],
]);

/** Those of them that are plain names. */
export const referenceNames: readonly string[] = [...references.keys()].filter((path) => !path.includes("."));

/** What merely naming this path does. */
export const referenceMeaning = (path: string): Capability | null => references.get(path) ?? null;

/** The canonical name of a module. */
export function moduleName(specifier: string): string {
  const bare = specifier.startsWith("node:") ? specifier.slice(5) : specifier;
  const first = bare.split("/")[0] ?? "";
  if (builtinModules.has(first)) {
    // `process/` is the package that stands in for it in browsers.
    if (bare === "process" || bare === "process/") return "process";
    return `node:${first}`;
  }
  return specifier;
}
