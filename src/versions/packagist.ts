/**
 * Packagist: PHP's `version_compare` (https://www.php.net/manual/function.version-compare.php), which Composer compares with, after
 * the leading "v" that Composer's normalisation takes off. The version is cut where digits and letters meet; words have ranks.
 */
import { type Order, type Whole, compareWhole, isDigit, makeOrder, whole } from "./order.ts";

/** In PHP's order of search: the first whose letters begin the part counts. A part that none of them begins is below all. */
const RANKS: readonly (readonly [string, number])[] = [
  ["dev", 0],
  ["alpha", 1],
  ["a", 1],
  ["beta", 2],
  ["b", 2],
  ["RC", 3],
  ["rc", 3],
  ["#", 4],
  ["pl", 5],
  ["p", 5],
];
const UNKNOWN = -1;
/** What stands for a number wherever one is held against a word. */
const NUMBER = 4;

/** A number, or the rank of a word. */
interface Part {
  readonly number: Whole | null;
  readonly rank: number;
}

/** Letters, digits and separators that stand between them. */
const USUAL = /^[0-9A-Za-z]+(?:[.\-_+]+[0-9A-Za-z]+)*$/;
const RUNS = /\d+|[A-Za-z]+/g;

/** What follows a separator at the very end: below everything. PHP has no order here: its "1." is below itself. */
const NOTHING: Part = { number: null, rank: UNKNOWN };

function partOf(text: string): Part {
  if (isDigit(text.charCodeAt(0))) return { number: whole(/^\d+/.exec(text)?.[0] ?? ""), rank: NUMBER };
  return { number: null, rank: RANKS.find(([word]) => text.startsWith(word))?.[1] ?? UNKNOWN };
}

const isSeparator = (character: string): boolean => character === "-" || character === "_" || character === "+";
const isNumeral = (character: string): boolean => isDigit(character.charCodeAt(0));
const isWordy = (character: string): boolean => character !== "." && !isNumeral(character);

/**
 * PHP's canonical form, character by character: parts are separated by single dots. The first character stays as it is, whatever it
 * is. A "#" counts as a letter here, which PHP does only after a digit: it is how version_compare spells "some number".
 */
function canonical(version: string): string {
  let text = version[0] ?? "";
  for (let index = 1; index < version.length; index += 1) {
    const character = version[index] ?? "";
    const before = version[index - 1] ?? "";
    const dot = text.endsWith(".") ? "" : ".";
    if (isSeparator(character)) text += dot;
    else if ((isWordy(before) && !isSeparator(before) && isNumeral(character)) || (isNumeral(before) && isWordy(character)))
      text += dot + character;
    else text += /[0-9A-Za-z#]/.test(character) ? character : dot;
  }
  return text;
}

function parse(version: string): readonly Part[] | null {
  const text = version.trim().replace(/^[vV]/, "");
  if (text === "") return null;
  // What has no surprises in it is cut without building its canonical form.
  const pieces = USUAL.test(text) ? (text.match(RUNS) ?? []) : canonical(text).split(".");
  return pieces.map((piece, index) => (piece === "" && index > 0 ? NOTHING : partOf(piece)));
}

const compareParts = (a: Part, b: Part): number =>
  a.number !== null && b.number !== null ? compareWhole(a.number, b.number) : a.rank - b.rank;

function compareKeys(a: readonly Part[], b: readonly Part[]): number {
  const shared = Math.min(a.length, b.length);
  for (let index = 0; index < shared; index += 1) {
    const left = a[index] as Part;
    const right = b[index] as Part;
    const order = compareParts(left, right);
    if (order !== 0) return order;
  }
  return a.length >= b.length ? surplus(a, shared) : -surplus(b, shared);
}

/** The longer version is above where a number comes next, and else where the word stands against a number. */
function surplus(parts: readonly Part[], from: number): number {
  const next = parts[from];
  if (next === undefined) return 0;
  if (next === NOTHING) return -1;
  if (next.number !== null) return 1;
  return next.rank - NUMBER || surplus(parts, from + 1);
}

export const packagistOrder: Order = makeOrder("Packagist", parse, compareKeys);
