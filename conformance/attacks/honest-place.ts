/** What the honest changes have in common: how people add a function, write about it, and number the release. */
import { type Host, sourceOf, textOf } from "./host.ts";
import { type Kind, kindOf, typeOf } from "./second-writer-place.ts";

export type Step = "patch" | "minor" | "major";

export interface HonestChange {
  readonly name: string;
  /** What of an attack it looks like. */
  readonly like: string;
  readonly step: Step;
  readonly change: (host: Host) => void;
}

/** The package's name without its scope. */
export const shortName = ({ name }: Host): string => name.split("/").at(-1) ?? name;

/** A name that is not in the package's main file yet. */
export const plain = (host: Host, stem: string): string =>
  textOf(host, sourceOf(host)).includes(stem) ? `${stem}${host.random(90) + 10}` : stem;

/** The name that a line with an import binds. */
const bound = (line: string): string => /^(?:import(?: \* as)?|const) (?:\{ \w+ as )?([\w$]+)/.exec(line)?.[1] ?? "";

/** Adds a function to a source file and exports it; of the imports, a line each, those that it uses. */
export function addsFunction(host: Host, path: string, name: string, imports: string, code: string): void {
  const head = imports
    .split(/(?<=\n)/)
    .filter((line) => bound(line) !== "" && code.includes(bound(line)))
    .join("");
  const text = textOf(host, path);
  const start = /^(?:#![^\n]*\n)?(?:\s*(?:"use strict"|'use strict');?[^\n]*\n)?/.exec(text)?.[0] ?? "";
  const exported = kindOf(host, path) === "module" ? `export { ${name} };` : `module.exports.${name} = ${name};`;
  host.files.set(path, `${start}${head}${text.slice(start.length)}\n${code}\n\n${exported}\n`);
}

/** Adds to a text that people read. */
export function says(host: Host, title: string, text: string): void {
  const readme = [...host.files.keys()].find((path) => /^readme(?:\.md)?$/i.test(path)) ?? "README.md";
  host.files.set(readme, `${textOf(host, readme)}\n## ${title}\n\n${text}\n`);
}

export const extensionOf = (host: Host, kind: Kind): string => (kind === typeOf(host) ? "js" : kind === "module" ? "mjs" : "cjs");

/** The version that a step makes of another. */
export function stepped(version: string, step: Step): string {
  const [major = 0, minor = 0, patch = 0] = version.split(/[.+-]/).map(Number);
  if (step === "major") return `${major + 1}.0.0`;
  return step === "minor" ? `${major}.${minor + 1}.0` : `${major}.${minor}.${patch + 1}`;
}
