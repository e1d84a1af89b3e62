/**
 * Code that is written as a text, or made out of one: what `eval`, `Function`, `vm`, a thread, a `data:` address or `node -e` is given is code like any
 * other, and is read as such once the file itself has been (there is one tree at a time).
 */
import type { Spot } from "../../../../model/index.ts";
import { argumentOf } from "./meaning-calls.ts";
import { percent } from "./texts.ts";
import type { Walk } from "./walk.ts";

/** A text that is run as code. */
export interface CodeText {
  readonly text: string;
  readonly spot: Spot;
  readonly when: "load" | "call";
}

/** Texts of one file that are read as code: a person writes one or two. */
export const MOST_CODES = 64;
/** Characters below which a text does nothing: `return this`. */
const SHORTEST_CODE = 12;

/** Keeps the text that this expression stands for, to be read as code. */
export function seeCode(walk: Walk, n: number, expression: number): void {
  if (expression === 0 || walk.codes.length >= MOST_CODES) return;
  const text = walk.meanings.textOf(walk.meanings.of(expression));
  if (text !== null) keepCode(walk, n, text);
}

export function keepCode(walk: Walk, n: number, text: string): void {
  if (text.length < SHORTEST_CODE || walk.codes.length >= MOST_CODES) return;
  walk.codes.push({ text, spot: walk.spot(n), when: walk.when(n) });
}

/** Which argument of a call that runs text is the code: of `Function` the last, of all others the first. */
export function codeArgument(walk: Walk, n: number, path: string): number {
  const { meanings } = walk;
  if (path !== "Function") return argumentOf(meanings, n, 0);
  let last = 0;
  for (let at = 0; at < MOST_PARAMETERS; at++) {
    const argument = argumentOf(meanings, n, at);
    if (argument === 0) break;
    last = argument;
  }
  return last;
}

/** Names of parameters that `Function` is given before the code. */
const MOST_PARAMETERS = 32;

/** The code in an address that carries it (RFC 2397); null where it is of another kind. */
export function codeOfAddress(address: string): string | null {
  const match = /^data:(?:(?:text|application)\/(?:x-)?(?:java|ecma)script|application\/node)?((?:;[\w=-]+)*),([^]*)$/i.exec(address);
  if (match === null) return null;
  const [, parameters = "", body = ""] = match;
  return /;base64$/i.test(parameters) ? Buffer.from(body, "base64").toString("utf8") : percent(body);
}

/** The code that a program is given on its command line: `node -e CODE`. */
export function seeInlineCode(walk: Walk, n: number, program: string, words: readonly string[]): void {
  if (!/(?:^|[/\\])(?:node|nodejs|bun|deno)(?:\.exe)?$/.test(program)) return;
  const at = words.findIndex((word) => /^(?:-e|-p|-pe|--eval|--print|eval)$/.test(word));
  const code = at === -1 ? undefined : words[at + 1];
  if (code !== undefined) keepCode(walk, n, code);
}
