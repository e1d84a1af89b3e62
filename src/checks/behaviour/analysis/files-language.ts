/** What a file is: by its name and first line, and by what its bytes say of themselves, each for itself, since the difference tells. */
import type { Language } from "../../../model/index.ts";

const byExtension: Readonly<Record<string, Language>> = {
  js: "javascript",
  mjs: "javascript",
  cjs: "javascript",
  jsx: "javascript",
  ts: "typescript",
  mts: "typescript",
  cts: "typescript",
  tsx: "typescript",
  json: "json",
  json5: "json",
  jsonc: "json",
  map: "json",
  py: "python",
  pyi: "python",
  pyw: "python",
  pth: "python",
  pyx: "python",
  rb: "ruby",
  gemspec: "ruby",
  rake: "ruby",
  ru: "ruby",
  sh: "shell",
  bash: "shell",
  zsh: "shell",
  ksh: "shell",
  fish: "shell",
  m4: "autoconf",
  ac: "autoconf",
  am: "make",
  ps1: "powershell",
  psm1: "powershell",
  psd1: "powershell",
  bat: "batch",
  cmd: "batch",
  rs: "rust",
  php: "php",
  phtml: "php",
  phar: "php",
  pl: "perl",
  pm: "perl",
  lua: "lua",
  go: "go",
  c: "c",
  h: "c",
  cc: "c",
  cpp: "c",
  cxx: "c",
  hpp: "c",
  m: "c",
  mm: "c",
  java: "java",
  kt: "java",
  css: "css",
  scss: "css",
  less: "css",
  html: "html",
  htm: "html",
  vue: "html",
  svelte: "html",
  xml: "xml",
  svg: "xml",
  plist: "xml",
  yml: "yaml",
  yaml: "yaml",
  toml: "toml",
  mk: "make",
  mak: "make",
  cmake: "cmake",
  gyp: "gyp",
  gypi: "gyp",
  md: "markdown",
  markdown: "markdown",
  txt: "text",
  rst: "text",
  log: "text",
  csv: "text",
  tsv: "text",
  flow: "javascript",
};

const byName: Readonly<Record<string, Language>> = {
  makefile: "make",
  gnumakefile: "make",
  "makefile.in": "make",
  "makefile.am": "make",
  configure: "shell",
  "configure.ac": "autoconf",
  "configure.in": "autoconf",
  "cmakelists.txt": "cmake",
  rakefile: "ruby",
  gemfile: "ruby",
  podfile: "ruby",
  vagrantfile: "ruby",
  extconf: "ruby",
  ".npmrc": "text",
  dockerfile: "other",
  pkg_info: "text",
  preinst: "shell",
  postinst: "shell",
  prerm: "shell",
  postrm: "shell",
};

const byInterpreter: readonly (readonly [RegExp, Language])[] = [
  [/\b(?:node|nodejs|bun|deno)\b/, "javascript"],
  [/\b(?:ts-node|tsx)\b/, "typescript"],
  [/\bpython[\d.]*\b/, "python"],
  [/\bruby[\d.]*\b/, "ruby"],
  [/\bperl[\d.]*\b/, "perl"],
  [/\bphp[\d.]*\b/, "php"],
  [/\blua[\d.]*\b/, "lua"],
  [/\b(?:pwsh|powershell)\b/, "powershell"],
  [/\b(?:sh|bash|dash|zsh|ksh|ash|fish)\b/, "shell"],
];

/** The last part's extension in lower case, without the dot; "" where there is none. */
export function extensionOf(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const dot = name.lastIndexOf(".");
  return dot <= 0 ? "" : name.slice(dot + 1).toLowerCase();
}

/** First bytes that are looked at to find a kind: the tar magic stands at 257. */
const HEAD = 512;

const magics: readonly (readonly [string, readonly number[], number])[] = [
  ["elf", [0x7f, 0x45, 0x4c, 0x46], 0],
  ["mach-o", [0xfe, 0xed, 0xfa, 0xce], 0],
  ["mach-o", [0xfe, 0xed, 0xfa, 0xcf], 0],
  ["mach-o", [0xce, 0xfa, 0xed, 0xfe], 0],
  ["mach-o", [0xcf, 0xfa, 0xed, 0xfe], 0],
  ["wasm", [0x00, 0x61, 0x73, 0x6d], 0],
  ["llvm", [0x42, 0x43, 0xc0, 0xde], 0],
  ["zip", [0x50, 0x4b, 0x03, 0x04], 0],
  ["gzip", [0x1f, 0x8b], 0],
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], 0],
  ["bzip2", [0x42, 0x5a, 0x68], 0],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd], 0],
  ["7z", [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], 0],
  ["png", [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], 0],
  ["jpeg", [0xff, 0xd8, 0xff], 0],
  ["gif", [0x47, 0x49, 0x46, 0x38], 0],
  ["pdf", [0x25, 0x50, 0x44, 0x46, 0x2d], 0],
  ["woff2", [0x77, 0x4f, 0x46, 0x32], 0],
  ["woff", [0x77, 0x4f, 0x46, 0x46], 0],
  ["ttf", [0x00, 0x01, 0x00, 0x00, 0x00], 0],
  ["otf", [0x4f, 0x54, 0x54, 0x4f], 0],
  ["sqlite", [0x53, 0x51, 0x4c, 0x69, 0x74, 0x65, 0x20, 0x66], 0],
  ["ogg", [0x4f, 0x67, 0x67, 0x53], 0],
  ["mp3", [0x49, 0x44, 0x33], 0],
  ["tar", [0x75, 0x73, 0x74, 0x61, 0x72], 257],
];

/** First bytes of what begins with a magic: most files are text, and need not be held against each. */
const firstBytes: ReadonlySet<number> = new Set([0x4d, 0xca, 0x52, ...magics.flatMap(([, [first], at]) => (at === 0 ? [first ?? 0] : []))]);

/** What the bytes say that they are; "" where they say nothing that is known here. */
export function magicOf(bytes: Uint8Array): string {
  const begins = firstBytes.has(bytes[0] ?? 0);
  for (const [name, magic, at] of magics) {
    if (at === 0 && !begins) continue;
    if (bytes.length >= at + magic.length && magic.every((value, index) => bytes[at + index] === value)) return name;
  }
  if (!begins) return "";
  // "MZ" alone begins many a text: a program also says where its second header lies.
  if (bytes[0] === 0x4d && bytes[1] === 0x5a && bytes.length > 0x40) {
    const at = (bytes[0x3c] ?? 0) | ((bytes[0x3d] ?? 0) << 8);
    if (bytes[at] === 0x50 && bytes[at + 1] === 0x45) return "pe";
  }
  // Java's classes and universal Mach-O share a magic; the count of architectures is small, a class's version is at least 45.
  if (bytes[0] === 0xca && bytes[1] === 0xfe && bytes[2] === 0xba && bytes[3] === 0xbe) return (bytes[7] ?? 0) < 20 ? "mach-o" : "class";
  if (bytes[0] === 0x52 && bytes[1] === 0x49 && bytes[2] === 0x46 && bytes[3] === 0x46)
    return String.fromCharCode(...bytes.subarray(8, 12)) === "WEBP" ? "webp" : "riff";
  return "";
}

/** Whether bytes are no text in UTF-8 or a single-byte encoding: a NUL, or many control characters, among the first of them. */
export function isBinary(bytes: Uint8Array): boolean {
  const end = Math.min(bytes.length, 8 * HEAD);
  let controls = 0;
  for (let at = 0; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === 0) return !(bytes[0] === 0xff && bytes[1] === 0xfe);
    if (byte < 9 || (byte > 13 && byte < 27)) controls++;
  }
  return controls * 10 > end;
}

/** The language that whoever runs the file will take it for: its name decides before its content does. */
export function languageOf(path: string, bytes: Uint8Array): Language {
  const name = path.slice(path.lastIndexOf("/") + 1).toLowerCase();
  const named =
    (Object.hasOwn(byName, name) ? byName[name] : undefined) ??
    (Object.hasOwn(byExtension, extensionOf(path)) ? byExtension[extensionOf(path)] : undefined);
  if (named !== undefined) return named;
  if (isBinary(bytes)) return "binary";
  if (bytes[0] === 0x23 && bytes[1] === 0x21) {
    const line = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, HEAD)).toString("latin1").split("\n", 1)[0] ?? "";
    return byInterpreter.find(([pattern]) => pattern.test(line))?.[1] ?? "other";
  }
  return extensionOf(path) === "" ? "text" : "other";
}
