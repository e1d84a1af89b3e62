/**
 * Gentoo's order (Package Manager Specification, section 3.3, algorithm 3.1) and Alpine's, which descends from it
 * (apk-tools, `doc/apk-package.5.scd`): numbers, one letter, suffixes with numbers, a revision.
 */
import { type Order, type Whole, compareText, compareWhole, isDigit, isLower, makeOrder, whole } from "./order.ts";

interface GentooKey {
  readonly numbers: readonly string[];
  readonly letter: string;
  readonly suffixes: readonly { readonly rank: number; readonly number: Whole }[];
  readonly revision: Whole;
}

const SHAPE = /^(\d+(?:\.\d+)*)([a-z]?)((?:_(?:alpha|beta|pre|rc|p)\d*)*)(?:-r(\d+))?$/;
const SUFFIXES = /_(alpha|beta|pre|rc|p)(\d*)/g;
/** The end of the suffixes stands between rc and p. */
const RANKS: ReadonlyMap<string, number> = new Map([
  ["alpha", -4],
  ["beta", -3],
  ["pre", -2],
  ["rc", -1],
  ["p", 1],
]);

function parseGentoo(version: string): GentooKey | null {
  const match = SHAPE.exec(version);
  if (match === null) return null;
  const [, numbers = "", letter = "", suffixes = "", revision = ""] = match;
  return {
    numbers: numbers.split("."),
    letter,
    suffixes: Array.from(suffixes.matchAll(SUFFIXES), ([, word = "", number = ""]) => ({
      rank: RANKS.get(word) ?? 0,
      number: whole(number),
    })),
    revision: whole(revision),
  };
}

/** A part after the first that begins with a zero is a fraction: 1.01 is below 1.1. */
function compareFraction(a: string, b: string): number {
  if (a.startsWith("0") || b.startsWith("0")) return compareText(a.replace(/0+$/, ""), b.replace(/0+$/, ""));
  return compareWhole(whole(a), whole(b));
}

function compareGentoo(a: GentooKey, b: GentooKey): number {
  let order = compareWhole(whole(a.numbers[0] ?? ""), whole(b.numbers[0] ?? ""));
  const shared = Math.min(a.numbers.length, b.numbers.length);
  for (let index = 1; index < shared && order === 0; index += 1) order = compareFraction(a.numbers[index] ?? "", b.numbers[index] ?? "");
  order ||= a.numbers.length - b.numbers.length || compareText(a.letter, b.letter);
  const count = Math.max(a.suffixes.length, b.suffixes.length);
  for (let index = 0; index < count && order === 0; index += 1) {
    const left = a.suffixes[index];
    const right = b.suffixes[index];
    order = (left?.rank ?? 0) - (right?.rank ?? 0) || compareWhole(left?.number ?? 0, right?.number ?? 0);
  }
  return order || compareWhole(a.revision, b.revision);
}

export const gentooOrder: Order = makeOrder("Gentoo", parseGentoo, compareGentoo);

/**
 * apk reads both versions token by token and stops at the first difference; what kind of token comes next decides where one is
 * longer. The kinds are in apk's own order, which is part of the comparison.
 */
const INVALID = -1;
const NUMBER_OR_ZERO = 0;
const NUMBER = 1;
const LETTER = 2;
const SUFFIX = 3;
const SUFFIX_NUMBER = 4;
const REVISION = 5;
const END = 6;

interface Token {
  readonly kind: number;
  readonly value: Whole;
}

const APK_SUFFIXES: readonly (readonly [string, number])[] = [
  ["alpha", -4],
  ["beta", -3],
  ["pre", -2],
  ["rc", -1],
  ["cvs", 0],
  ["svn", 1],
  ["git", 2],
  ["hg", 3],
  ["p", 4],
];

/** The whole version as tokens: each has the value that was read and the kind of the token that follows it. */
function tokens(version: string): readonly Token[] {
  const list: Token[] = [];
  let kind = NUMBER;
  let at = 0;
  while (kind !== END && kind !== INVALID) {
    let value: Whole = 0;
    let next = INVALID;
    let fromZeros = false;
    const code = version.charCodeAt(at);
    if (at >= version.length) {
      list.push({ kind: END, value: 0 });
      return list;
    }
    if (kind === NUMBER_OR_ZERO && code === 48) {
      // More zeros at the front make a lesser fraction.
      const from = at;
      while (version.charCodeAt(at) === 48) at += 1;
      value = from - at;
      fromZeros = true;
    } else if (kind === LETTER) {
      value = code;
      at += 1;
    } else if (kind === SUFFIX) {
      const suffix = APK_SUFFIXES.find(([word]) => version.startsWith(word, at));
      if (suffix === undefined) {
        list.push({ kind: INVALID, value: -1 });
        return list;
      }
      value = suffix[1];
      at += suffix[0].length;
    } else {
      const from = at;
      while (at < version.length && isDigit(version.charCodeAt(at))) at += 1;
      value = whole(version.slice(from, at));
    }
    if (at >= version.length) next = END;
    else if (fromZeros) next = NUMBER;
    else [next, at] = nextKind(version, at, kind);
    list.push({ kind: next, value });
    kind = next;
  }
  return list;
}

function nextKind(version: string, from: number, kind: number): readonly [kind: number, at: number] {
  const code = version.charCodeAt(from);
  let at = from;
  let next = INVALID;
  if ((kind === NUMBER || kind === NUMBER_OR_ZERO) && isLower(code)) next = LETTER;
  else if (kind === LETTER && isDigit(code)) next = NUMBER;
  else if (kind === SUFFIX && isDigit(code)) next = SUFFIX_NUMBER;
  else {
    if (code === 46) next = NUMBER_OR_ZERO;
    else if (code === 95) next = SUFFIX;
    else if (code === 45 && version.charCodeAt(from + 1) === 114) {
      next = REVISION;
      at += 1;
    }
    at += 1;
  }
  const backwards = next < kind;
  const allowed =
    (next === NUMBER_OR_ZERO && kind === NUMBER) || (next === SUFFIX && kind === SUFFIX_NUMBER) || (next === NUMBER && kind === LETTER);
  return [backwards && !allowed ? INVALID : next, at];
}

function compareApk(a: readonly Token[], b: readonly Token[]): number {
  let index = 0;
  for (;;) {
    const left = a[index];
    const right = b[index];
    if (left === undefined || right === undefined) return 0;
    const order = compareWhole(left.value, right.value);
    if (order !== 0) return order;
    if (left.kind !== right.kind) {
      // The longer one is above, unless it goes on with a prerelease.
      if (left.kind === SUFFIX && (a[index + 1]?.value ?? 0) < 0) return -1;
      if (right.kind === SUFFIX && (b[index + 1]?.value ?? 0) < 0) return 1;
      return right.kind - left.kind;
    }
    if (left.kind === END || left.kind === INVALID) return 0;
    index += 1;
  }
}

/** Alpine and its relatives. apk compares any text, also what it calls invalid; so does this. */
export const alpineOrder: Order = makeOrder("Alpine", (version) => (version === "" ? null : tokens(version)), compareApk);
