/**
 * Semantic Versioning 2.0.0 (https://semver.org/#spec-item-11), read as generously as the ecosystems that use it write it: a leading
 * "v" or "=", missing numbers (OSV's `introduced: "0"`), a fourth number, a prerelease without its dash after three numbers
 * (`1.2.3beta`, npm's "loose" form). Numbers have no upper bound.
 */
import { type Order, type Whole, compareLists, compareText, compareWhole, makeOrder, whole } from "./order.ts";

type Identifier = Whole | string;

interface SemverKey {
  readonly major: Whole;
  readonly minor: Whole;
  readonly patch: Whole;
  /** Numbers after the third; no trailing zeros. */
  readonly more: readonly Whole[];
  /** null: a release. */
  readonly prerelease: readonly Identifier[] | null;
  readonly build: string;
}

const SHAPE = /^[vV=\s]{0,8}(\d+)(?:\.(\d+)(?:\.(\d+)((?:\.\d+)*))?)?([^+]*)(?:\+(.*))?$/s;
const PRERELEASE = /^[\w.~-]*$/;
const DIGITS = /^\d+$/;
const NONE: readonly never[] = [];
const DOT = 46;
/** Numbers of so many digits are exact in a double. */
const SAFE_DIGITS = 15;

const identifiers = (text: string): Identifier[] => text.split(".").map((part) => (DIGITS.test(part) ? whole(part) : part));

/** Numbers before words (item 11.4.3). */
function compareIdentifiers(a: Identifier, b: Identifier): number {
  if (typeof a === "string") return typeof b === "string" ? compareText(a, b) : 1;
  return typeof b === "string" ? -1 : compareWhole(a, b);
}

/** `1.2.3` and nothing else, without a regular expression: what most versions of most lockfiles are. null for all others. */
function parsePlain(version: string): SemverKey | null {
  const numbers = [0, 0, 0];
  let at = 0;
  for (let part = 0; part < 3; part += 1) {
    const from = at;
    let value = 0;
    while (at < version.length) {
      const digit = version.charCodeAt(at) - 48;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
      at += 1;
    }
    if (at === from || at - from > SAFE_DIGITS) return null;
    numbers[part] = value;
    if (part === 2 ? at !== version.length : version.charCodeAt(at) !== DOT) return null;
    at += 1;
  }
  return { major: numbers[0] ?? 0, minor: numbers[1] ?? 0, patch: numbers[2] ?? 0, more: NONE, prerelease: null, build: "" };
}

function parseSemver(version: string): SemverKey | null {
  const plain = parsePlain(version);
  if (plain !== null) return plain;
  const match = SHAPE.exec(version.trimEnd());
  if (match === null) return null;
  const [, major = "", minor = "", patch, more = "", rest = "", build = ""] = match;
  let prerelease: readonly Identifier[] | null = null;
  if (rest !== "") {
    const dashed = rest.startsWith("-");
    // "1.2.x" is no version. "1.2.3beta" is what npm reads loosely, "1.1.0.snapshot.0" is in Go's advisories: prereleases both.
    if (!dashed && patch === undefined) return null;
    // "1.2.3-" and "1.2.3-.a": the dash has to be the first identifier, since an empty one is none.
    const text = dashed && /^-(?:\.|$)/.test(rest) ? rest : rest.replace(/^[-.]/, "");
    if (text === "" || !PRERELEASE.test(text)) return null;
    prerelease = identifiers(text);
  }
  return {
    major: whole(major),
    minor: whole(minor),
    patch: whole(patch ?? ""),
    more: more === "" ? NONE : withoutTrailingZeros(more.slice(1).split(".").map(whole)),
    prerelease,
    build,
  };
}

function withoutTrailingZeros(numbers: readonly Whole[]): readonly Whole[] {
  let length = numbers.length;
  while (length > 0 && numbers[length - 1] == 0) length -= 1;
  return numbers.slice(0, length);
}

function compareSemverKeys(a: SemverKey, b: SemverKey): number {
  if (a.major !== b.major) return compareWhole(a.major, b.major);
  if (a.minor !== b.minor) return compareWhole(a.minor, b.minor);
  if (a.patch !== b.patch) return compareWhole(a.patch, b.patch);
  if (a.more.length > 0 || b.more.length > 0) {
    const order = compareLists(a.more, b.more, compareWhole);
    if (order !== 0) return order;
  }
  if (a.prerelease === null) return b.prerelease === null ? 0 : 1;
  return b.prerelease === null ? -1 : compareLists(a.prerelease, b.prerelease, compareIdentifiers);
}

/** SemVer 2.0.0; build metadata does not count (item 10). */
export const semverOrder: Order = makeOrder("SemVer", parseSemver, compareSemverKeys);

/**
 * Dart's pub: SemVer, but build metadata counts, after everything else: none before some, then like a prerelease
 * (https://pub.dev/documentation/pub_semver/latest/pub_semver/Version/compareTo.html).
 */
export const pubOrder: Order = makeOrder(
  "pub",
  (version) => {
    const key = parseSemver(version);
    return key === null ? null : { key, build: key.build === "" ? NONE : identifiers(key.build) };
  },
  (a, b) => compareSemverKeys(a.key, b.key) || compareLists<Identifier>(a.build, b.build, compareIdentifiers),
);

/**
 * NuGet: up to four numbers, then SemVer's prerelease without regard to case
 * (https://learn.microsoft.com/nuget/concepts/package-versioning#normalized-version-numbers).
 */
export const nugetOrder: Order = makeOrder("NuGet", (version) => parseSemver(version.toLowerCase()), compareSemverKeys);
