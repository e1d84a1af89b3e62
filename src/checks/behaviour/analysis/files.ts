/**
 * One file's facts: a pure function of its bytes and of the language that its name gives it. Which analysis reads it is a line in a table;
 * what is hidden in it is looked for in every text alike; what is no text is judged as a row of bytes.
 */
import { hash } from "node:crypto";
import { type FileFacts, type FileShape, type Hiding, type Language, factsKey } from "../../../model/index.ts";
import { codeLanguages } from "./files-codes.ts";
import { Lines, type Reading } from "./files-gather.ts";
import { isBinary, languageOf, magicOf } from "./files-language.ts";
import { sharingTexts } from "./files-share.ts";
import { hidingsOfBytes, hidingsOfText } from "./hiding.ts";
import { readers } from "./files-readers.ts";

/** Larger texts are read only as a row of bytes, and said to be: bundles of tens of megabytes exist, sources of that size do not. */
const MAX_TEXT = 32 * 1024 * 1024;
/** Bytes that entropy is measured over: enough for two places, and a file of a gigabyte costs no more than one of a megabyte. */
const ENTROPY_BYTES = 1024 * 1024;
/** Two signs of source that no person reads: a mean line this long, */
const MINIFIED_MEAN = 200;
/** or one line this long */
const MINIFIED_LINE = 5_000;
/** that is so much of the whole: below, it is a table among source, as bundles of readable code have them, */
const MINIFIED_SHARE = 0.05;
/** in a file of at least this many characters. */
const MINIFIED_FROM = 1_000;

/** Where facts are kept between runs, by `factsKey`. */
export interface FactsKeeper {
  readonly look: (key: string) => FileFacts | null;
  readonly keep: (key: string, facts: FileFacts) => void;
}

/** Keeps what was read for as long as somebody holds it: of `most` files at a time, beside what `before` has. */
export function keeper(most: number = Number.POSITIVE_INFINITY, before?: FactsKeeper): FactsKeeper {
  const kept = new Map<string, FileFacts>();
  return {
    look: (key) => before?.look(key) ?? kept.get(key) ?? null,
    keep: (key, facts) => {
      if (kept.size >= most) kept.clear();
      kept.set(key, facts);
    },
  };
}

/**
 * Facts of one file. `path` is only looked at for its language and for what its name promises; nothing is run, nothing throws. `sharing` is given
 * facts that are made here, before they are kept: `sharingTexts`.
 */
export function fileFacts(
  path: string,
  bytes: Uint8Array,
  kept?: FactsKeeper,
  sharing: (facts: FileFacts) => FileFacts = sharingTexts(),
): FileFacts {
  const sha256 = hash("sha256", bytes, "hex");
  const language = languageOf(path, bytes);
  const key = factsKey(sha256, language);
  const known = kept === undefined || !codeLanguages.has(language) ? null : kept.look(key);
  const facts = known ?? sharing(factsOf(bytes, language, sha256));
  if (known === null && kept !== undefined && codeLanguages.has(language)) kept.keep(key, facts);
  // What the name promises is no matter of the bytes, so it is not kept with them.
  const promised = hidingsOfBytes(path, bytes, facts);
  return promised.length === 0 ? facts : { ...facts, hidings: merged(facts.hidings, promised) };
}

function factsOf(bytes: Uint8Array, language: Language, sha256: string): FileFacts {
  const magic = magicOf(bytes);
  const base = { sha256, size: bytes.length, language, magic };
  const entropy = entropyOf(bytes);
  // Whoever runs a file asks neither whether a comment in it has a zero byte nor whether it begins like an image: what is named as code is read as code.
  const code = codeLanguages.has(language);
  if (language === "binary" || (!code && isBinary(bytes)) || bytes.length > MAX_TEXT) {
    const because = code ? `it has more than ${MAX_TEXT / 1024 / 1024} MiB` : "";
    const hidings = code ? [unread(because)] : [];
    return { ...base, ...empty, depth: "bytes", because, hidings, shape: { lines: 0, longestLine: 0, entropy, minified: false } };
  }
  const text = decode(bytes);
  const lines = new Lines(text);
  const shape = shapeOf(text, lines, entropy);
  const read = Object.hasOwn(readers, language) ? readers[language] : undefined;
  const reading = read === undefined ? { ...empty, depth: "bytes" as const, because: "" } : read(text, lines);
  const general = hidingsOfText(text, lines, language, shape);
  const given = reading.depth === "bytes" && reading.because !== "" ? [...general, unread(reading.because)] : general;
  return { ...base, ...reading, shape, hidings: merged(reading.hidings, given) };
}

const unread = (because: string): Hiding => ({ kind: "unread", detail: because, count: 1, spots: [] });

const empty: Omit<Reading, "depth" | "because"> = { sightings: [], flows: [], hidings: [], hosts: [], imports: [] };

/** UTF-8, or UTF-16 where a mark says so. */
function decode(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return buffer.toString("utf16le").slice(1);
  const text = buffer.toString("utf8");
  return text.startsWith("\ufeff") ? text.slice(1) : text;
}

/** The language's own analysis knows better than the general look where both see the same kind. */
function merged(own: readonly Hiding[], general: readonly Hiding[]): readonly Hiding[] {
  const kinds = new Set(own.map(({ kind }) => kind));
  return [...own, ...general.filter(({ kind }) => !kinds.has(kind))].toSorted((a, b) => (a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : 0));
}

function shapeOf(text: string, lines: Lines, entropy: number): FileShape {
  return {
    lines: lines.count,
    longestLine: lines.longest,
    entropy,
    minified: isDense(lines) && isDense(new Lines(withoutData(withoutLongLiterals(text)))),
  };
}

function isDense({ text, count, longest }: Lines): boolean {
  if (text.length <= MINIFIED_FROM) return false;
  return text.length / count > MINIFIED_MEAN || longest > Math.max(MINIFIED_LINE, text.length * MINIFIED_SHARE);
}

/** Data in a text, in an alphabet of encodings, is no code that cannot be read: that it is there is `encoded-text`'s to say. */
const withoutData = (text: string): string => text.replaceAll(/[A-Za-z0-9+/=]{1000,}/g, "");

/** Texts and patterns of this length are data: a page of source as a text, the emoji as a pattern. What is done with them is seen where it is done. */
const LONG_LITERAL = 1_000;

/** Without long texts in quotes and long regular expressions, each on one line. */
function withoutLongLiterals(text: string): string {
  const kept: string[] = [];
  let from = 0;
  /** Up to where it is known that none of the kind ends: a line of openings must not be gone through for each of them. */
  const hopeless = new Map<string, number>();
  for (let at = 0; at < text.length; at++) {
    const opening = text[at] ?? "";
    const pattern = opening === "/";
    if (opening !== '"' && opening !== "'" && !(pattern && beginsPattern(text, at))) continue;
    if (at < (hopeless.get(opening) ?? 0)) continue;
    let inClass = false;
    let end = at + 1;
    for (; end < text.length && text[end] !== "\n"; end++) {
      const character = text[end];
      if (character === "\\") end++;
      else if (pattern && character === "[") inClass = true;
      else if (pattern && character === "]") inClass = false;
      else if (character === opening && !inClass) break;
    }
    // What does not end on its line was no text: an apostrophe in a comment.
    if (text[end] !== opening) {
      hopeless.set(opening, end);
      continue;
    }
    if (end - at > LONG_LITERAL) {
      kept.push(text.slice(from, at));
      from = end + 1;
    }
    at = end;
  }
  kept.push(text.slice(from));
  return kept.join("");
}

/** Where a value is expected; after a value a slash divides. */
const beginsPattern = (text: string, at: number): boolean =>
  text[at + 1] !== "/" && text[at + 1] !== "*" && /(?:[=(,:[!&|?{};>]|\breturn)\s*$/.test(text.slice(Math.max(0, at - 12), at));

/** How often each byte occurs, in four tables: a byte that often stands twice in a row need not wait for its own count. */
const [first, second, third, fourth] = [new Uint32Array(256), new Uint32Array(256), new Uint32Array(256), new Uint32Array(256)];

/** Bits per byte, 0 to 8, to two places. */
export function entropyOf(bytes: Uint8Array): number {
  const end = Math.min(bytes.length, ENTROPY_BYTES);
  for (const table of [first, second, third, fourth]) table.fill(0);
  let at = 0;
  // Up to where four bytes can be fetched as one number.
  for (; at < end && (bytes.byteOffset + at) % 4 !== 0; at++) first[bytes[at]!]!++;
  const words = at < end ? new Uint32Array(bytes.buffer, bytes.byteOffset + at, (end - at) >> 2) : new Uint32Array();
  for (let n = 0; n < words.length; n++) {
    const word = words[n]!;
    first[word & 255]!++;
    second[(word >>> 8) & 255]!++;
    third[(word >>> 16) & 255]!++;
    fourth[word >>> 24]!++;
  }
  for (at += words.length * 4; at < end; at++) first[bytes[at]!]!++;
  let bits = 0;
  for (let byte = 0; byte < 256; byte++) {
    const count = first[byte]! + second[byte]! + third[byte]! + fourth[byte]!;
    if (count > 0) bits -= (count / end) * Math.log2(count / end);
  }
  return Math.round(bits * 100) / 100;
}
