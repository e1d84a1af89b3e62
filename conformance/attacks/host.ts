/** A package that a family changes. Nothing of it is written to disk and nothing is run; every address ends in `.invalid` or is 127.0.0.1, port 9. */
import type { PackageEntry } from "../../src/checks/behaviour/analysis/files-package.ts";

/** Stands in everything that is put in, so that it can be told apart wherever it turns up. */
export const CANARY = "TRIBUTARY-INERT";

export interface Host {
  readonly name: string;
  /** By path; families change it in place. */
  readonly files: Map<string, string | Uint8Array>;
  /** From 0 up to below `below`, from the seed. */
  readonly random: (below: number) => number;
}

/** A generator of the family of mulberry32: the same seed gives the same numbers everywhere. */
export function randomFrom(seed: string): (below: number) => number {
  let state = 0x9e3779b9;
  for (const character of seed) state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 0x85ebca6b) >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

export function hostOf(name: string, entries: readonly PackageEntry[], seed: string): Host {
  return { name, files: new Map(entries.map(({ path, bytes }) => [path, bytes])), random: randomFrom(seed) };
}

export const entriesOf = ({ files }: Host): readonly PackageEntry[] =>
  [...files].map(([path, content]) => ({ path, executable: false, bytes: typeof content === "string" ? Buffer.from(content) : content }));

const words = ["data", "info", "opts", "ctx", "state", "helper", "value", "entry", "item", "result", "conf", "meta", "report", "usage"];

/** A name that people give. */
export const word = ({ random }: Host): string =>
  `${words[random(words.length)] ?? "data"}${random(4) === 0 ? String(random(90) + 10) : ""}`;
export const away = ({ random }: Host): string =>
  `${["cdn", "metrics", "api", "static", "sync"][random(5)] ?? "cdn"}-${random(9_000) + 1_000}.invalid`;

export const textOf = (host: Host, path: string): string => {
  const content = host.files.get(path) ?? "";
  return typeof content === "string" ? content : Buffer.from(content).toString("utf8");
};

export type Manifest = Record<string, unknown>;
export const manifestOf = (host: Host): Manifest => JSON.parse(textOf(host, "package.json")) as Manifest;
export const record = (value: unknown): Record<string, unknown> => (typeof value === "object" && value !== null ? { ...value } : {});

export function changeManifest(host: Host, change: (manifest: Manifest) => void): void {
  const manifest = manifestOf(host);
  change(manifest);
  host.files.set("package.json", `${JSON.stringify(manifest, null, 2)}\n`);
}

/** A source file of the package, the manifest's main one where it has one. */
export function sourceOf(host: Host, pattern: RegExp = /\.[cm]?js$/): string {
  const main = manifestOf(host)["main"];
  const named = typeof main === "string" ? main.replace(/^\.\//, "") : "index.js";
  for (const path of [named, `${named}.js`, `${named}/index.js`]) if (host.files.has(path) && pattern.test(path)) return path;
  const all = [...host.files.keys()].filter((path) => pattern.test(path) && !/(?:^|\/)(?:test|tests|bench|example)/.test(path)).toSorted();
  if (all[0] !== undefined) return all[0];
  host.files.set("index.js", `"use strict";\n`);
  return "index.js";
}

/** Whether a file is a module of the newer kind, in which `require` is not there. */
export const isModule = (host: Host, path: string): boolean =>
  path.endsWith(".mjs") || (!path.endsWith(".cjs") && /^\s*(?:import\s|export\s)/m.test(textOf(host, path)));

/** Imports of a module's members in the way of the file: `{ a, b }` as one statement. */
export const bring = (host: Host, path: string, name: string, module: string): string =>
  isModule(host, path) ? `import * as ${name} from "${module}";\n` : `const ${name} = require("${module}");\n`;

/** Adds code at the end, or behind the first lines, as the seed has it. */
export function addCode(host: Host, path: string, code: string): void {
  const text = textOf(host, path);
  const head = /^(?:#![^\n]*\n)?(?:\s*(?:"use strict"|'use strict');?\n)?/.exec(text)?.[0] ?? "";
  host.files.set(path, host.random(2) === 0 ? `${text}\n${code}\n` : `${head}${code}\n${text.slice(head.length)}`);
}
