/**
 * Alpine: `number{.number}{letter}{_suffix{number}}{~hash}{-rnumber}` (apk-package(5)), as apk 3 compares it. Both versions are read
 * token by token until two differ. Where they differ in kind, the kinds' own order decides: the later in this list is below, except
 * that a prerelease suffix is below anything.
 *
 * Text that apk 3 calls invalid compares as well: it is in old releases and in advisories. There we go on where apk 3 stops, as apk 2
 * does, so that 6.6.2p1 stays below 6.6.2p2.
 */
import { type Order, type Whole, compareText, compareWhole, isDigit, isLower, makeOrder, whole } from "./order.ts";

const FIRST_NUMBER = 0;
const NUMBER = 1;
const LETTER = 2;
const SUFFIX = 3;
const SUFFIX_NUMBER = 4;
const HASH = 5;
const REVISION = 6;
const END = 7;
const INVALID = 8;
/** A dot without a number. */
const EMPTY = 9;

interface Token {
  readonly kind: number;
  readonly value: Whole;
  readonly text: string;
}

/** Those below 0 are prereleases. */
const SUFFIXES: ReadonlyMap<string, number> = new Map([
  ["alpha", -4],
  ["beta", -3],
  ["pre", -2],
  ["rc", -1],
  ["cvs", 1],
  ["svn", 2],
  ["git", 3],
  ["hg", 4],
  ["p", 5],
]);

const end: Token = { kind: END, value: 0, text: "" };
const invalid: Token = { kind: INVALID, value: 0, text: "" };

const isHex = (code: number): boolean => isDigit(code) || ((code | 32) >= 97 && (code | 32) <= 102);

function runEnd(text: string, from: number, belongs: (code: number) => boolean): number {
  let at = from;
  while (at < text.length && belongs(text.charCodeAt(at))) at += 1;
  return at;
}

/** All tokens; the last is `end` or `invalid`. */
function tokens(version: string): readonly Token[] {
  const list: Token[] = [];
  let at = runEnd(version, 0, isDigit);
  let kind = at === 0 ? EMPTY : FIRST_NUMBER;
  list.push({ kind, value: whole(version.slice(0, at)), text: version.slice(0, at) });
  while (at < version.length) {
    const token = next(version, at, kind === EMPTY ? NUMBER : kind);
    if (token === null) return [...list, invalid];
    list.push(token.token);
    kind = token.token.kind;
    at = token.at;
  }
  list.push(end);
  return list;
}

/** The token that begins at `from`, after one of the kind `before`; null where none may. */
function next(version: string, from: number, before: number): { readonly token: Token; readonly at: number } | null {
  const code = version.charCodeAt(from);
  if (isLower(code)) {
    if (before > NUMBER) return null;
    return { token: { kind: LETTER, value: code, text: version.slice(from, from + 1) }, at: from + 1 };
  }
  if (code === 46 || isDigit(code)) {
    if (code === 46 && before > NUMBER) return null;
    const kind = before <= LETTER ? NUMBER : before === SUFFIX ? SUFFIX_NUMBER : INVALID;
    return kind === INVALID ? null : number(version, code === 46 ? from + 1 : from, kind);
  }
  if (code === 95) {
    if (before > SUFFIX_NUMBER) return null;
    const at = runEnd(version, from + 1, isLower);
    const rank = SUFFIXES.get(version.slice(from + 1, at));
    return rank === undefined ? null : { token: { kind: SUFFIX, value: rank, text: "" }, at };
  }
  if (code === 126) {
    const at = runEnd(version, from + 1, isHex);
    return before >= HASH || at === from + 1 ? null : { token: { kind: HASH, value: 0, text: version.slice(from + 1, at) }, at };
  }
  if (code === 45 && before < REVISION && version.charCodeAt(from + 1) === 114) return number(version, from + 2, REVISION);
  return null;
}

function number(version: string, from: number, kind: number): { readonly token: Token; readonly at: number } | null {
  const at = runEnd(version, from, isDigit);
  const text = version.slice(from, at);
  if (text === "" && kind === NUMBER) return { token: { kind: EMPTY, value: 0, text }, at };
  // "1-r" is "1-r0", but "1-rc" has no revision.
  if (text === "" && isLower(version.charCodeAt(at))) return null;
  return { token: { kind, value: whole(text), text }, at };
}

function compareTokens(a: Token, b: Token): number {
  // A number with a zero at its front is a fraction, and compares as text.
  if (a.kind === HASH || (a.kind === NUMBER && (a.text.startsWith("0") || b.text.startsWith("0")))) return compareText(a.text, b.text);
  return compareWhole(a.value, b.value);
}

const isPrerelease = (token: Token): boolean => token.kind === SUFFIX && token.value < 0;

function compareKeys(a: readonly Token[], b: readonly Token[]): number {
  for (let index = 0; ; index += 1) {
    const left = a[index] ?? end;
    const right = b[index] ?? end;
    if (left.kind !== right.kind) {
      if (isPrerelease(left)) return -1;
      if (isPrerelease(right)) return 1;
      return right.kind - left.kind;
    }
    if (left.kind === END || left.kind === INVALID) return 0;
    const order = compareTokens(left, right);
    if (order !== 0) return order;
  }
}

export const alpineOrder: Order = makeOrder("Alpine", (version) => (version === "" ? null : tokens(version)), compareKeys);
