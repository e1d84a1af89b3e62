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

function partOf(text: string): Part {
  if (isDigit(text.charCodeAt(0))) return { number: whole(/^\d+/.exec(text)?.[0] ?? ""), rank: NUMBER };
  return { number: null, rank: RANKS.find(([word]) => text.startsWith(word))?.[1] ?? UNKNOWN };
}

function parse(version: string): readonly Part[] | null {
  const text = version.trim().replace(/^[vV]/, "");
  if (text === "") return null;
  return text
    .replaceAll(/[^0-9A-Za-z#]+/g, ".")
    .replaceAll(/(?<=[0-9])(?=[A-Za-z#])|(?<=[A-Za-z#])(?=[0-9])/g, ".")
    .replaceAll(/^\.|\.$/g, "")
    .split(".")
    .map(partOf);
}

const compareParts = (a: Part, b: Part): number =>
  a.number !== null && b.number !== null ? compareWhole(a.number, b.number) : a.rank - b.rank;

function compareKeys(a: readonly Part[], b: readonly Part[]): number {
  const shared = Math.min(a.length, b.length);
  for (let index = 0; index < shared; index += 1) {
    const order = compareParts(a[index] as Part, b[index] as Part);
    if (order !== 0) return order;
  }
  return a.length >= b.length ? surplus(a, shared) : -surplus(b, shared);
}

/** The longer version is above where a number comes next, and else where the word stands against a number. */
function surplus(parts: readonly Part[], from: number): number {
  const next = parts[from];
  if (next === undefined) return 0;
  if (next.number !== null) return 1;
  return next.rank - NUMBER || (parts.length > from + 1 ? surplus(parts, from + 1) : 0);
}

export const packagistOrder: Order = makeOrder("Packagist", parse, compareKeys);
