/**
 * Python: the version scheme of PEP 440 (https://packaging.python.org/specifications/version-specifiers/#summary-of-permitted-suffixes-and-relative-ordering).
 * What PEP 440 refuses is still there in old releases and in advisories; it sorts below everything that PEP 440 accepts, in the order
 * that setuptools gave it before there was a standard.
 */
import { type Order, type Whole, compareLists, compareText, compareWhole, makeOrder, whole } from "./order.ts";

interface Pep440Key {
  readonly epoch: Whole;
  /** Without trailing zeros. */
  readonly release: readonly Whole[];
  /**
   * Rank of the prerelease word: 0 for a development release of the final version, 1 a, 2 b, 3 rc, 4 for none.
   */
  readonly preRank: number;
  readonly pre: Whole;
  /** -1 for none. */
  readonly post: Whole;
  /** Infinity for none: a development release comes before what it develops. */
  readonly dev: Whole;
  /** null for none. */
  readonly local: readonly (Whole | string)[] | null;
  /** null for PEP 440's own. */
  readonly legacy: readonly string[] | null;
}

const SHAPE =
  /^v?(?:(\d+)!)?(\d+(?:\.\d+)*)(?:[-_.]?(alpha|beta|preview|pre|a|b|c|rc)[-_.]?(\d+)?)?(?:-(\d+)|[-_.]?(post|rev|r)[-_.]?(\d+)?)?(?:[-_.]?(dev)[-_.]?(\d+)?)?(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?$/;
const PRE_RANKS: ReadonlyMap<string, number> = new Map([
  ["a", 1],
  ["alpha", 1],
  ["b", 2],
  ["beta", 2],
  ["c", 3],
  ["rc", 3],
  ["pre", 3],
  ["preview", 3],
]);
const NO_PRE = 4;
const DIGITS = /^\d+$/;

function parse(version: string): Pep440Key {
  const text = version.trim().toLowerCase();
  const match = SHAPE.exec(text);
  if (match === null) return { epoch: -1, release: [], preRank: 0, pre: 0, post: 0, dev: 0, local: null, legacy: legacyParts(text) };
  const [, epoch = "", numbers = "", preWord, pre = "", implicitPost, postWord, post = "", devWord, dev = "", local] = match;
  const release = numbers.split(".").map(whole);
  while (release.length > 0 && release.at(-1) == 0) release.pop();
  const hasPost = implicitPost !== undefined || postWord !== undefined;
  const beforeAll = preWord === undefined && !hasPost && devWord !== undefined;
  return {
    epoch: whole(epoch),
    release,
    preRank: beforeAll ? 0 : preWord === undefined ? NO_PRE : (PRE_RANKS.get(preWord) ?? NO_PRE),
    pre: whole(pre),
    post: hasPost ? whole(implicitPost ?? post) : -1,
    dev: devWord === undefined ? Number.POSITIVE_INFINITY : whole(dev),
    local: local === undefined ? null : local.split(/[-_.]/).map((part) => (DIGITS.test(part) ? whole(part) : part)),
    legacy: null,
  };
}

const LEGACY_WORDS: ReadonlyMap<string, string> = new Map([
  ["pre", "c"],
  ["preview", "c"],
  ["-", "final-"],
  ["rc", "c"],
  ["dev", "@"],
]);

/** How setuptools cut a version into words that sort as text: numbers padded to eight digits, words marked with an asterisk. */
function legacyParts(version: string): readonly string[] {
  const parts: string[] = [];
  const add = (part: string): void => {
    if (part.startsWith("*")) {
      // "1.0-final" is "1.0": a dash before something that comes before the release does not count, nor do trailing zeros.
      if (part < "*final") while (parts.at(-1) === "*final-") parts.pop();
      while (parts.at(-1) === "00000000") parts.pop();
    }
    parts.push(part);
  };
  for (const piece of version.split(/(\d+|[a-z]+|\.|-)/)) {
    const word = LEGACY_WORDS.get(piece) ?? piece;
    if (word === "" || word === ".") continue;
    add(DIGITS.test(word[0] ?? "") ? word.padStart(8, "0") : `*${word}`);
  }
  add("*final");
  return parts;
}

/** Numbers after words (PEP 440, "Local version identifiers"). */
function compareLocalParts(a: Whole | string, b: Whole | string): number {
  if (typeof a === "string") return typeof b === "string" ? compareText(a, b) : -1;
  return typeof b === "string" ? 1 : compareWhole(a, b);
}

function compareKeys(a: Pep440Key, b: Pep440Key): number {
  if (a.legacy !== null || b.legacy !== null) {
    if (a.legacy === null) return 1;
    return b.legacy === null ? -1 : compareLists(a.legacy, b.legacy, compareText);
  }
  const order =
    compareWhole(a.epoch, b.epoch) ||
    compareLists(a.release, b.release, compareWhole) ||
    a.preRank - b.preRank ||
    compareWhole(a.pre, b.pre) ||
    compareWhole(a.post, b.post) ||
    compareWhole(a.dev, b.dev);
  if (order !== 0) return order;
  if (a.local === null) return b.local === null ? 0 : -1;
  return b.local === null ? 1 : compareLists(a.local, b.local, compareLocalParts);
}

const plain = (digits: string): string => digits.replace(/^0+(?=\d)/, "");

const SPELLINGS: Readonly<Record<string, string>> = { alpha: "a", beta: "b", c: "rc", pre: "rc", preview: "rc" };

/**
 * The version as PEP 440 writes it (section "Normalization"): one spelling for each, but for zeros at the end of the release, which are kept.
 * What PEP 440 refuses is given back in lower case.
 */
export function normalPep440(version: string): string {
  const text = version.trim().toLowerCase();
  const match = SHAPE.exec(text);
  if (match === null) return text;
  const [, epoch, numbers = "", preWord, pre, implicitPost, postWord, post, devWord, dev, local] = match;
  return [
    epoch === undefined || plain(epoch) === "0" ? "" : `${plain(epoch)}!`,
    numbers.split(".").map(plain).join("."),
    preWord === undefined ? "" : `${SPELLINGS[preWord] ?? preWord}${plain(pre ?? "0")}`,
    implicitPost !== undefined ? `.post${plain(implicitPost)}` : postWord === undefined ? "" : `.post${plain(post ?? "0")}`,
    devWord === undefined ? "" : `.dev${plain(dev ?? "0")}`,
    local === undefined
      ? ""
      : `+${local
          .split(/[-_.]/)
          .map((part) => (DIGITS.test(part) ? plain(part) : part))
          .join(".")}`,
  ].join("");
}

/** PEP 440, with everything else below it. Takes any text but the empty one. */
export const pep440Order: Order = makeOrder("PEP 440", (version) => (version.trim() === "" ? null : parse(version)), compareKeys);
