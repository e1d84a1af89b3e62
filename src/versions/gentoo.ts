/** Gentoo: numbers, one letter, suffixes with numbers, a revision (Package Manager Specification, section 3.3, algorithm 3.1). */
import { type Order, type Whole, compareText, compareWhole, makeOrder, whole } from "./order.ts";

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
