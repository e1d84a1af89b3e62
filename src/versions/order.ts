import { Fault } from "../model/index.ts";

/** How one ecosystem puts its versions in order. */
export interface Order {
  /** What it is called in faults and documentation: `PEP 440`. */
  readonly name: string;
  /** Below, at or above 0. Throws `version/invalid` where one of the two is no version of this ecosystem. */
  readonly compare: (a: string, b: string) => number;
  /** Whether `compare` takes it. */
  readonly valid: (version: string) => boolean;
}

/**
 * Longest version that is read. The longest real ones (Debian snapshots, legacy Python versions) stay below 300 characters; without
 * a limit, a version of a million digits would cost seconds, since reading a long integer takes quadratic time.
 */
export const MAX_VERSION_LENGTH = 2048;

/**
 * How many parsed versions an order keeps. Matching compares the same few thousand over and over; at some 200 bytes each, a full
 * cache takes about 6 MB.
 */
const CACHE_SIZE = 32_768;

/**
 * An order from a parser and a comparison of what it gives. `parse` returns null where the text is no version. Parsed versions are
 * kept, so that sorting and matching parse each version once.
 */
export function makeOrder<K>(name: string, parse: (version: string) => K | null, compareKeys: (a: K, b: K) => number): Order {
  const cache = new Map<string, K | null>();
  const keyOf = (version: string): K | null => {
    let key = cache.get(version);
    if (key === undefined) {
      key = version.length > MAX_VERSION_LENGTH ? null : parse(version);
      if (cache.size >= CACHE_SIZE) cache.clear();
      if (version.length <= MAX_VERSION_LENGTH) cache.set(version, key);
    }
    return key;
  };
  return {
    name,
    compare: (a, b) => {
      const left = keyOf(a);
      if (left === null) throw invalidVersion(name, a);
      const right = keyOf(b);
      if (right === null) throw invalidVersion(name, b);
      return left === right ? 0 : compareKeys(left, right);
    },
    valid: (version) => keyOf(version) !== null,
  };
}

/** The fault for a text that an order cannot place. */
export function invalidVersion(order: string, version: string): Fault<"version/invalid"> {
  const shown = version.length > 80 ? `${version.slice(0, 80)}…` : version;
  return new Fault("version/invalid", `not a version in the order of ${order}: ${JSON.stringify(shown)}`);
}

/** A whole number without an upper bound: a bigint only where a double would lose digits. JavaScript compares the two exactly. */
export type Whole = number | bigint;

/** Digits to a number; "" is 0. */
export function whole(digits: string): Whole {
  // 15 digits always fit a double exactly.
  return digits.length <= 15 ? Number(digits) : BigInt(digits);
}

export function compareWhole(a: Whole, b: Whole): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Item by item; where one list ends, it is the lesser. */
export function compareLists<T>(a: readonly T[], b: readonly T[], compareItems: (x: T, y: T) => number): number {
  const shared = Math.min(a.length, b.length);
  for (let index = 0; index < shared; index += 1) {
    const order = compareItems(a[index] as T, b[index] as T);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

export const isDigit = (code: number): boolean => code >= 48 && code <= 57;
export const isLower = (code: number): boolean => code >= 97 && code <= 122;
export const isLetter = (code: number): boolean => isLower(code | 32);
