/** Orders of plain numbers: Haskell, R and the schemes of VERS that know nothing but numbers, text or time. */
import { type Order, type Whole, compareLists, compareText, compareWhole, makeOrder, whole } from "./order.ts";

const numbersBetween =
  (shape: RegExp, separators: RegExp) =>
  (version: string): readonly Whole[] | null => {
    const text = version.trim();
    return shape.test(text) ? text.split(separators).map(whole) : null;
  };

const compareNumbers = (a: readonly Whole[], b: readonly Whole[]): number => compareLists(a, b, compareWhole);

/** Haskell's package versioning policy (https://pvp.haskell.org/#version-numbers): 1.0 is below 1.0.0. */
export const hackageOrder: Order = makeOrder("Hackage", numbersBetween(/^\d+(?:\.\d+)*$/, /\./), compareNumbers);

/** R's `package_version`: numbers with "." or "-" between them, which mean the same. */
export const cranOrder: Order = makeOrder("CRAN", numbersBetween(/^\d+(?:[.-]\d+)*$/, /[.-]/), compareNumbers);

/** VERS `intdot`: numbers and dots; what follows them does not count (https://www.packageurl.org/docs/vers). */
export const intdotOrder: Order = makeOrder(
  "intdot",
  (version) => {
    const numbers = /^\d+(?:\.\d+)*/.exec(version)?.[0];
    return numbers === undefined ? null : numbers.split(".").map(whole);
  },
  compareNumbers,
);

/** VERS `lexicographic`: by the bytes of its UTF-8, which is by code points; no Unicode normalisation. */
export const lexicographicOrder: Order = makeOrder("lexicographic", (version) => version, compareCodePoints);

/** Differs from comparing code units where a surrogate pair meets a character from U+E000 up. */
function compareCodePoints(a: string, b: string): number {
  if (a === b) return 0;
  const left = Array.from(a, (character) => character.codePointAt(0) ?? 0);
  const right = Array.from(b, (character) => character.codePointAt(0) ?? 0);
  return compareLists(left, right, (x, y) => x - y);
}

const DATETIME = /^(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(Z|[+-]\d{2}:\d{2})$/;
/** A day's last minute may hold a leap second (RFC 3339, section 5.7). */
const LEAP_SECOND = "60";

/** VERS `datetime`: RFC 3339 with a time zone; upper case only. */
export const datetimeOrder: Order = makeOrder(
  "datetime",
  (version) => {
    const match = DATETIME.exec(version);
    if (match === null) return null;
    const [, date = "", hour = "", minute = "", second = "", fraction = "", zone = ""] = match;
    const leap = second === LEAP_SECOND;
    const milliseconds = Date.parse(`${date}T${hour}:${minute}:${leap ? "59" : second}${zone}`);
    return Number.isNaN(milliseconds) ? null : { milliseconds: milliseconds + (leap ? 1000 : 0), fraction: fraction.replace(/0+$/, "") };
  },
  (a, b) => a.milliseconds - b.milliseconds || compareText(a.fraction, b.fraction),
);
