/** What hides from a reader, in any language: characters that are not shown, code beyond the screen's edge, names that machines made, bytes that are not what a name promises. */
import type { FileFacts, FileShape, Hiding, HidingKind, Language, Spot } from "../../../model/index.ts";
import type { Lines } from "./files-gather.ts";
import { extensionOf, isBinary } from "./files-language.ts";
import { codeLanguages } from "./files-codes.ts";

/** Blanks between two visible characters of one line. None of 22,219 honest files has so many (knowledge §3.1, §3.2). */
const OFF_SCREEN_BLANKS = 200;
/** Characters that are not shown, one after the other. Emoji need up to three. */
const INVISIBLE_RUN = 8;
/** Variation selectors one after the other: text has one after a character. */
const SELECTOR_RUN = 4;
/** Names that obfuscators make, in one file. */
const MACHINE_NAMES = 10;
/** Escapes of characters that need none, */
const ESCAPES = 200;
/** and the share of the file that they make up. */
const ESCAPE_SHARE = 0.05;
/** One run of an alphabet of encodings, without a gap. */
const ENCODED_RUN = 400;
/** Bits per character above which such a run is no list of words. Hexadecimal never exceeds 4, so it has its own bound. */
const ENCODED_BITS = 4.8;
const HEX_BITS = 3.5;
/** Bits per byte of what is packed or encrypted. */
const PACKED_BITS = 7.4;
const PACKED_FROM = 2_048;
/** Bytes after the end that an image names for itself; some cameras and tools leave a few. */
const TRAILING = 512;

export function hidingsOfText(text: string, lines: Lines, language: Language, shape: FileShape): readonly Hiding[] {
  if (!codeLanguages.has(language)) return [];
  const found = new Map<HidingKind, { count: number; spots: Spot[]; detail: string }>();
  const hide = (kind: HidingKind, at: number, detail: string, count = 1): void => {
    const known = found.get(kind);
    if (known === undefined) found.set(kind, { count, spots: [lines.spot(at)], detail });
    else {
      known.count += count;
      if (known.spots.length < 4) known.spots.push(lines.spot(at));
    }
  };
  if (shape.longestLine > OFF_SCREEN_BLANKS) offScreen(text, hide);
  if (Buffer.byteLength(text) !== text.length) unseen(text, hide);
  const script = language === "javascript" || language === "typescript";
  const names = /_0x/i.test(text) ? text.match(/\b_0x[0-9a-f]{4,}\b/gi) : null;
  if (names !== null && names.length > MACHINE_NAMES)
    hide("machine-names", text.search(/\b_0x[0-9a-f]{4,}\b/i), `${names.length} names like ${names[0]}`, names.length);
  const escapes =
    text.includes("\\x") || text.includes("\\u00") || text.includes("\\X") || text.includes("\\U00")
      ? text.match(/\\x[2-7][0-9a-f]|\\u00[2-7][0-9a-f]/gi)
      : null;
  if (escapes !== null && escapes.length > ESCAPES && escapes.join("").length > text.length * ESCAPE_SHARE)
    hide(
      "escaped-text",
      text.search(/\\x[2-7][0-9a-f]|\\u00[2-7][0-9a-f]/i),
      `${escapes.length} characters written as numbers`,
      escapes.length,
    );
  // The analysis of JavaScript knows texts from regular expressions and addresses; here a run is all that is seen.
  if (!script && language !== "html" && shape.longestLine >= ENCODED_RUN) {
    for (const match of text.matchAll(/[A-Za-z0-9+/_-]{400,}/g)) {
      if (match[0].length < ENCODED_RUN || text.slice(Math.max(0, match.index - 40), match.index).includes("data:")) continue;
      const bits = bitsOf(match[0].slice(0, 4 * ENCODED_RUN));
      const hex = /^[0-9a-fA-F]+$/.test(match[0].slice(0, ENCODED_RUN));
      if (bits >= (hex ? HEX_BITS : ENCODED_BITS))
        hide("encoded-text", match.index, `${match[0].length} characters, ${bits.toFixed(1)} bits each`);
    }
  }
  if (shape.minified && language !== "html" && language !== "c")
    hide("minified", 0, `${shape.lines} lines, the longest of ${shape.longestLine} characters`);
  return [...found]
    .map(([kind, { detail, count, spots }]) => ({ kind, detail, count, spots }))
    .toSorted((a, b) => (a.kind < b.kind ? -1 : 1));
}

/** Letters of other scripts that look like ours, beside ours in one word. Cyrillic and Greek; whole words of them are language, not disguise. */
const lookAlike =
  /[A-Za-z_$][\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u03bf\u0391\u0392\u0395\u039a\u039c\u039d\u039f\u03a1\u03a4][A-Za-z_$]|[\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425][A-Za-z_$]{2}/u;

/** Whether nothing but the lines of a table (`|`, `-`) is left of the line: no code can be made of them. */
function endsTable(text: string, at: number): boolean {
  if (text[at] !== "|") return false;
  let end = at;
  while (end < text.length && "|- \t".includes(text[end] ?? "")) end++;
  return end === text.length || text[end] === "\n" || text[end] === "\r";
}

type Hide = (kind: HidingKind, at: number, detail: string) => void;

const isBlank = (code: number): boolean => code === 32 || code === 9;

/** What stands behind so many blanks. One character of every so many is in each row of them that is long enough: only those are looked at. */
function offScreen(text: string, hide: Hide): void {
  for (let at = 0; at < text.length; at += OFF_SCREEN_BLANKS) {
    if (!isBlank(text.charCodeAt(at))) continue;
    let from = at;
    while (isBlank(text.charCodeAt(from - 1))) from--;
    while (isBlank(text.charCodeAt(at))) at++;
    const code = text.charCodeAt(at);
    // Trailing blanks hide nothing, and blanks before a line's first character are indentation, up to a point that nobody indents to.
    if (at - from >= OFF_SCREEN_BLANKS && code < 128 && code !== 10 && code !== 13 && !endsTable(text, at))
      hide("off-screen", at, `after ${at - from} blanks`);
  }
}

/** What a word or sentence in an isolate may hold: nothing that ends a text or a comment, begins one, or reorders again. Longer ones are looked at. */
const isolated = /[^\n"'`\\*/\u202a-\u202e\u2066-\u2069]{1,200}\u2069/y;
const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;

/**
 * Where an isolate closes that a translation needs: what is written from right to left within one text, so that what is shown elsewhere stays in its order
 * (Unicode Standard Annex 9, section 2.4; Unicode Technical Standard 55, section 4.1). -1 for any other.
 */
function closesIsolate(text: string, at: number): number {
  isolated.lastIndex = at + 1;
  const within = isolated.exec(text)?.[0];
  return within !== undefined && rightToLeft.test(within) ? at + within.length : -1;
}

/** One walk over the characters beyond ASCII for what is not seen. */
function unseen(text: string, hide: Hide): void {
  let run = 0;
  let runFrom = -1;
  let selectors = 0;
  let foreign = false;
  let closed = -1;
  const endRun = (): void => {
    if (run >= INVISIBLE_RUN || selectors >= SELECTOR_RUN)
      hide("invisible-characters", runFrom, `${run} characters in a row that are not shown`);
    run = 0;
    selectors = 0;
  };
  const look = (from: number, to: number): void => {
    for (let at = from; at < to; at++) {
      const code = text.charCodeAt(at);
      if (code >= 0x2066 && code <= 0x2068) closed = closesIsolate(text, at);
      if (((code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069)) && closed < at)
        hide("bidirectional-characters", at, "characters that reorder what is shown");
      if (code >= 0x0370 && code <= 0x052f) foreign = true;
      const selector = (code >= 0xfe00 && code <= 0xfe0f) || (code === 0xdb40 && inSupplement(text, at));
      const invisible =
        selector ||
        code === 0xdb40 ||
        (code >= 0x200b && code <= 0x200f) ||
        (code >= 0x2060 && code <= 0x2064) ||
        code === 0x00ad ||
        code === 0x180e ||
        code === 0x3164 ||
        code === 0xffa0 ||
        code === 0x115f ||
        code === 0x1160;
      if (invisible) {
        if (run === 0) runFrom = at;
        run++;
        if (selector) selectors++;
        // A low surrogate belongs to the character before it.
        if (code === 0xdb40) at++;
      } else if (run > 0) endRun();
    }
    if (run > 0) endRun();
  };
  for (const { 0: those, index } of text.matchAll(/[^\0-\x7f]+/g)) look(index, index + those.length);
  if (foreign) {
    const at = text.search(lookAlike);
    if (at !== -1) hide("look-alike-characters", at, "letters of another script within a word");
  }
}

/** U+E0100 to U+E01EF: their low surrogates are DD00 to DDEF after DB40. */
const inSupplement = (text: string, at: number): boolean => {
  const low = text.charCodeAt(at + 1);
  return low >= 0xdd00 && low <= 0xddef;
};

/** Bits per character. */
export function bitsOf(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

const programs: ReadonlySet<string> = new Set(["elf", "pe", "mach-o", "llvm"]);
const packed: ReadonlySet<string> = new Set(["zip", "gzip", "xz", "bzip2", "zstd", "7z", "tar"]);
const media: ReadonlySet<string> = new Set([
  "png",
  "jpg",
  "jpeg",
  "gif",
  "webp",
  "ico",
  "bmp",
  "woff",
  "woff2",
  "ttf",
  "otf",
  "eot",
  "mp3",
  "mp4",
  "ogg",
  "wav",
  "webm",
  "pdf",
  "psd",
  "avif",
  "heic",
  "tif",
  "tiff",
]);
const prose: ReadonlySet<string> = new Set(["txt", "md", "json", "csv", "svg", "xml", "html", "css", "yml", "yaml", "toml", "lock", "map"]);
/** Endings that say: bytes, of a kind of their own. */
const data: ReadonlySet<string> = new Set([
  "wasm",
  "node",
  "so",
  "dll",
  "dylib",
  "exe",
  "a",
  "lib",
  "o",
  "class",
  "jar",
  "pyc",
  "pyd",
  "gz",
  "tgz",
  "zip",
  "xz",
  "bz2",
  "br",
  "zst",
  "7z",
  "tar",
  "whl",
  "gem",
  "crate",
  "db",
  "sqlite",
  "onnx",
  "pb",
  "npy",
  "npz",
  "pt",
  "h5",
  "parquet",
  "mmdb",
  "glb",
  "ktx2",
  "basis",
  "wad",
  "icns",
  "der",
  "p12",
  "pfx",
  "gpg",
  "asc",
  "sig",
  "pem",
  "keystore",
  "mo",
  "ttc",
  "hyb",
  "res",
  "traineddata",
]);

/** What the name promises against what the bytes are. */
export function hidingsOfBytes(
  path: string,
  bytes: Uint8Array,
  facts: Pick<FileFacts, "magic" | "language" | "size" | "shape">,
): readonly Hiding[] {
  const extension = extensionOf(path);
  const { magic } = facts;
  const sample = /(^|\/)(?:tests?|__tests__|spec|fixtures?|samples?|testdata|examples?)\//i.test(path);
  // A text among texts.
  if (magic === "" && facts.shape.entropy <= PACKED_BITS && !media.has(extension) && !sample) return [];
  const found: Hiding[] = [];
  const hide = (kind: HidingKind, detail: string): void => void found.push({ kind, detail, count: 1, spots: [] });
  const binary = facts.size > 0 && isBinary(bytes);
  if (programs.has(magic)) hide("executable-content", `an executable or library (${magic})`);
  if (media.has(extension) && facts.size > 0) {
    if (!binary) hide("kind-mismatch", `named as .${extension}, but it is text`);
    else if (programs.has(magic) || packed.has(magic) || magic === "wasm")
      hide("kind-mismatch", `named as .${extension}, but it is ${magic}`);
    else if (magic === "" && /^(?:png|jpe?g|gif|webp|woff2?|pdf)$/.test(extension))
      hide("kind-mismatch", `named as .${extension}, but it does not begin like one`);
    else {
      const after = trailing(bytes, magic);
      if (after > TRAILING) hide("kind-mismatch", `${after} bytes after the image's end`);
    }
  } else if (binary && (prose.has(extension) || codeLanguages.has(facts.language)) && extension !== "map") {
    if (programs.has(magic) || packed.has(magic) || magic === "wasm") hide("kind-mismatch", `named as .${extension}, but it is ${magic}`);
    else if (facts.shape.entropy > PACKED_BITS && facts.size > PACKED_FROM)
      hide("kind-mismatch", `named as .${extension}, but its bytes are no text`);
  }
  if (
    binary &&
    magic === "" &&
    !media.has(extension) &&
    !data.has(extension) &&
    facts.shape.entropy > PACKED_BITS &&
    facts.size > PACKED_FROM
  )
    hide("packed-content", `${facts.size} bytes, ${facts.shape.entropy} bits each`);
  if (binary && sample && (packed.has(magic) || (magic === "" && !media.has(extension))))
    hide("binary-test-data", `${facts.size} bytes among tests or samples${magic === "" ? "" : ` (${magic})`}`);
  return found;
}

/** Bytes after the end that the format itself marks. */
function trailing(bytes: Uint8Array, magic: string): number {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (magic === "png") {
    const end = buffer.indexOf("IEND", 8, "latin1");
    return end === -1 ? 0 : buffer.length - (end + 8);
  }
  if (magic === "gif") {
    const end = buffer.lastIndexOf(0x3b);
    return end === -1 ? 0 : buffer.length - end - 1;
  }
  return 0;
}
