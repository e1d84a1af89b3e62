/**
 * Where and how the second writer puts things in: inside functions that are there, between statements, in files of their own, minified; with
 * modules loaded in the ways that are about. Code is parsed to find places and never run.
 */
import { minifySync, parseSync } from "rolldown/utils";
import { CANARY, type Host, away, changeManifest, isModule, manifestOf, record, sourceOf, textOf, word } from "./host.ts";

export type Kind = "module" | "script";

type Tree = Readonly<Record<string, unknown>>;

interface Block {
  /** Where the first statement may stand, and where the last one begins. */
  readonly start: number;
  readonly last: number;
  /** Names of the parameters that are plain names. */
  readonly names: readonly string[];
}

/** The canary as part of a name. */
export const inert: string = CANARY.toLowerCase();

/** Lines without the empty ones. */
export const lines = (...texts: readonly string[]): string => texts.filter((text) => text !== "").join("\n");

/** One of the given, as the seed has it. */
export function oneOf<Item>(host: Host, items: readonly [Item, ...Item[]]): Item {
  return items[host.random(items.length)] ?? items[0];
}

/** A name that no file has yet, in one of the ways that people and compilers write them. */
export function fresh(host: Host, stem: string): string {
  const number = host.random(9_000) + 1_000;
  return oneOf(host, [`${stem}${number}`, `_${stem}${number}`, `$${stem}${number}`, `${stem}_${number}`]);
}

export const hex = (host: Host, length: number): string => Array.from({ length }, () => host.random(16).toString(16)).join("");

/** Where something would be sent to, if it were run: nobody's name, or this machine's port 9. */
export const sink = (host: Host): string =>
  oneOf(host, [`https://${away(host)}`, "http://127.0.0.1:9", `https://${hex(host, 8)}.invalid`, `https://hooks.${word(host)}.example`]);

export const typeOf = (host: Host): Kind => (manifestOf(host)["type"] === "module" ? "module" : "script");

export function kindOf(host: Host, path: string): Kind {
  if (path.endsWith(".mjs")) return "module";
  if (path.endsWith(".cjs")) return "script";
  return isModule(host, path) || typeOf(host) === "module" ? "module" : "script";
}

/** The program, or null where the text is none. */
export function programOf(text: string, kind: Kind): Tree | null {
  const { program, errors } = parseSync(kind === "module" ? "a.mjs" : "a.cjs", text);
  return errors.length > 0 ? null : (program as unknown as Tree);
}

/** The package's main source file, or any other that is neither a test nor built for a browser. */
export function target(host: Host): string {
  const main = sourceOf(host);
  const others = [...host.files.keys()]
    .filter((path) => /\.[cm]?js$/.test(path) && !/(?:^|\/)(?:__)?(?:tests?|bench|examples?|node_modules)|\.test\.|\.min\./.test(path))
    .toSorted();
  return oneOf(host, [main, main, others[host.random(Math.max(1, others.length))] ?? main]);
}

function blocksOf(program: Tree): readonly Block[] {
  const found: Block[] = [];
  const open: unknown[] = [program];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value !== "object" || value === null) continue;
    const tree = value as Tree;
    const body = record(tree["body"]);
    const statements = body["body"];
    if (/Function/.test(String(tree["type"])) && body["type"] !== "ClassBody" && Array.isArray(statements) && statements.length > 0) {
      const [first, last] = [record(statements[0]), record(statements.at(-1))];
      const params = Array.isArray(tree["params"]) ? tree["params"].map(record) : [];
      if (typeof first["directive"] !== "string")
        found.push({
          start: Number(first["start"]),
          last: Number(last["start"]),
          names: params.flatMap(({ type, name }) => (type === "Identifier" && typeof name === "string" ? [name] : [])),
        });
    }
    open.push(...Object.values(tree));
  }
  return found.toSorted((one, other) => one.start - other.start);
}

/** A text behind the line for the system, directives and a comment at the head. */
function atHead(text: string, code: string): string {
  if (code === "") return text;
  const head = /^(?:#![^\n]*\n)?(?:\s*(?:"use strict"|'use strict');?[^\n]*\n)?/.exec(text)?.[0] ?? "";
  return `${head}${code}\n${text.slice(head.length)}`;
}

const safe = (code: string): string => (/^(?:[([`+-]|\/(?![/*]))/.test(code) ? `;${code}` : code);

/** What is put in: what stands at the head of the file, and statements. */
export interface Part {
  readonly head?: string;
  /** Of these only what the statements use is loaded. */
  readonly loads?: readonly Loaded[];
  readonly code: string;
}

const headOf = ({ head = "", loads = [], code }: Part): string =>
  lines(head, ...loads.filter(({ use }) => code.includes(use)).map((loaded) => loaded.head));

/** Puts statements into a function that is there (its first parameter's name is given), at the end of the file where there is none. */
export function inFunction(host: Host, path: string, write: (parameter: string | null) => Part): void {
  const text = textOf(host, path);
  const kind = kindOf(host, path);
  const program = programOf(text, kind);
  const blocks = program === null ? [] : blocksOf(program);
  const named = blocks.filter(({ names }) => names.length > 0);
  const from = named.length > 0 ? named : blocks;
  const block = from[host.random(Math.max(1, from.length))];
  if (block === undefined) {
    const part = write(null);
    return void host.files.set(path, `${atHead(text, headOf(part))}\n${safe(part.code)}\n`);
  }
  const part = write(block.names[0] ?? null);
  const { code } = part;
  const head = headOf(part);
  const at = host.random(2) === 0 ? block.start : block.last;
  const changed = atHead(`${text.slice(0, at)}${safe(code)}${oneOf(host, [" ", "\n    "])}${text.slice(at)}`, head);
  host.files.set(path, programOf(changed, kind) === null ? `${atHead(text, head)}\n${safe(code)}\n` : changed);
}

/** Puts statements between two statements of the file. */
export function between(host: Host, path: string, part: Part): void {
  const { code } = part;
  const head = headOf(part);
  const text = textOf(host, path);
  const kind = kindOf(host, path);
  const statements = programOf(text, kind)?.["body"];
  const ends = Array.isArray(statements) ? statements.map((statement) => Number(record(statement)["end"])) : [];
  const at = ends[host.random(Math.max(1, ends.length))] ?? text.length;
  const changed = atHead(`${text.slice(0, at)}\n${safe(code)}${text.slice(at)}`, head);
  host.files.set(path, programOf(changed, kind) === null ? `${atHead(text, head)}\n${safe(code)}\n` : changed);
}

/** A file of its own beside another one, which loads it. */
export function beside(host: Host, path: string, stem: string, write: (own: string, kind: Kind) => Part): string {
  const kind = kindOf(host, path);
  const extension = path.slice(path.lastIndexOf("."));
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  const own = `${folder}${stem}${extension}`;
  host.files.set(own, kind === "module" ? "export {};\n" : `"use strict";\n`);
  const part = write(own, kind);
  const { code } = part;
  const head = headOf(part);
  host.files.set(own, kind === "module" ? `${head}\n${code}\nexport {};\n` : `"use strict";\n${head}\n${code}\n`);
  between(host, path, { code: kind === "module" ? `import "./${stem}${extension}";` : `require("./${stem}${extension}");` });
  return own;
}

/** One of the three places above. */
export function anywhere(host: Host, path: string, write: (path: string) => Part): void {
  const way = host.random(3);
  if (way === 0) inFunction(host, path, () => write(path));
  else if (way === 1) between(host, path, write(path));
  else beside(host, path, fresh(host, oneOf(host, ["compat", "shim", "runtime", "constants"])), (own) => write(own));
}

export interface Loaded {
  readonly head: string;
  readonly use: string;
}

/** A module of Node's own in one of the ways to load it. */
export function load(host: Host, path: string, module: string): Loaded {
  const name = fresh(host, module.replaceAll(/\W+/g, "_"));
  const colon = host.random(2) === 0 ? `node:${module}` : module;
  if (kindOf(host, path) === "module")
    return oneOf<Loaded>(host, [
      { head: `import ${name} from "${colon}";`, use: name },
      { head: `import { createRequire as ${name} } from "node:module";`, use: `${name}(import.meta.url)("${colon}")` },
      { head: "", use: `process.getBuiltinModule("${colon}")` },
      { head: `import * as ${name} from '${colon}'`, use: name },
    ]);
  return oneOf<Loaded>(host, [
    { head: "", use: `require("${colon}")` },
    { head: `var ${name} = require('${colon}')`, use: name },
    { head: "", use: `module.require("${colon}")` },
    {
      head: `var ${name}_1 = (this && this.__importDefault || function (mod) { return mod && mod.__esModule ? mod : { "default": mod }; })(require("${colon}"));`,
      use: `${name}_1.default`,
    },
    { head: "", use: `process.getBuiltinModule("${colon}")` },
  ]);
}

/** Code on one line, with short names, as a minifier leaves it. */
export const minified = (code: string, kind: Kind = "script"): string =>
  minifySync(kind === "module" ? "a.mjs" : "a.cjs", code).code.trim();

/** A command at a hook; what stood there is kept in front. */
export const atHook = (host: Host, hook: string, command: string): void =>
  changeManifest(host, (manifest) => {
    const scripts = record(manifest["scripts"]);
    const old = scripts[hook];
    manifest["scripts"] = { ...scripts, [hook]: typeof old === "string" ? `${old} && ${command}` : command };
  });

/** A file that a hook starts: CommonJS whatever the package is. Gives its path. */
export function startedAt(host: Host, hook: string, stem: string, code: string): string {
  const folder = oneOf(host, ["", "scripts/", "tools/", "lib/"]);
  const path = `${folder}${stem}${typeOf(host) === "module" ? ".cjs" : ".js"}`;
  host.files.set(path, code);
  atHook(host, hook, oneOf(host, [`node ${path}`, `node ./${path}`, `node ${path} || true`, `node -r ./${path} -e 0`]));
  return path;
}
