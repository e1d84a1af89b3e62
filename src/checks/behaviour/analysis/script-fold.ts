/** Texts that are put together or decoded. */
import { characterOf, decode32, decode64, decodeHex, decodePercent, decodedBy, rot13, unpacked } from "./script-decode.ts";
import type { FileWalk, Folded } from "./script-walk.ts";

/** Decoding of decoding: honest code does it once. */
const MAX_FOLD = 24;
/** Characters of a text that is put together. */
export const MAX_FOLDED = 200_000;

/** Index of the comma or end behind the argument that begins at `from`. */
export function argumentEnd(file: FileWalk, from: number, to: number): number {
  for (let at = from; at < to; at++) {
    const token = file.tokens[at];
    if (token?.kind !== "punct") continue;
    if ("([{".includes(token.text)) at = file.close(at);
    else if (token.text === ",") return Math.min(at, to);
  }
  return to;
}

export function foldedArgument(file: FileWalk, args: readonly [number, number], number: number): Folded | null {
  let from = args[0];
  for (let skipped = 0; skipped < number && from < args[1]; skipped++) from = argumentEnd(file, from, args[1]) + 1;
  const end = argumentEnd(file, from, args[1]);
  if (from >= end) return null;
  // A list of words is a command line as well.
  if (file.tokens[from]?.text === "[") {
    const words: string[] = [];
    let made = false;
    let decoded = false;
    for (let at = from + 1; at < end - 1;) {
      const stop = argumentEnd(file, at, end - 1);
      const word = fold(file, at, stop, 0);
      words.push(word?.value ?? "$");
      made ||= word?.made ?? false;
      decoded ||= word?.decoded ?? false;
      at = stop + 1;
    }
    return words.length === 0 ? null : { value: words.join(" "), made, decoded };
  }
  return fold(file, from, end, 0);
}

/** The text that a range comes to, null where that is not known from the file. */
export function fold(file: FileWalk, from: number, to: number, depth: number): Folded | null {
  if (depth > MAX_FOLD || from >= to) return null;
  const tokens = file.tokens;
  let value = "";
  let made = false;
  let decoded = false;
  let parts = 0;
  for (let at = from; at < to;) {
    const token = tokens[at];
    if (token === undefined) return null;
    if (parts > 0) {
      if (token.kind === "punct" && (token.text === "+" || token.text === ".")) at++;
      else if (token.kind !== "string") return null;
    }
    const part = foldPart(file, at, to, depth);
    if (part === null) return null;
    value += part.value;
    if (value.length > MAX_FOLDED) return null;
    made ||= part.made || parts > 0;
    decoded ||= part.decoded;
    parts++;
    at = part.end;
  }
  return parts === 0 ? null : { value, made, decoded };
}

function foldPart(file: FileWalk, from: number, to: number, depth: number): (Folded & { readonly end: number }) | null {
  const tokens = file.tokens;
  const token = tokens[from];
  if (token === undefined) return null;
  let part: (Folded & { readonly end: number }) | null = null;
  if (token.kind === "string")
    part = { value: token.text, made: token.disguised === true, decoded: token.disguised === true, end: from + 1 };
  else if (token.kind === "punct" && token.text === "(") {
    const close = file.close(from);
    const inner = fold(file, from + 1, close, depth + 1);
    if (inner !== null) part = { ...inner, end: close + 1 };
  } else if (token.kind === "punct" && token.text === "[") {
    // ["a", "b"].join("") and [104, 105].pack("c*")
    const close = file.close(from);
    const pieces: string[] = [];
    let decoded = false;
    for (let at = from + 1; at < close;) {
      const stop = argumentEnd(file, at, close);
      decoded ||= tokens[at]?.kind === "number";
      const piece =
        tokens[at]?.kind === "number" && stop === at + 1 ? { value: characterOf(tokens[at]?.text ?? "") } : fold(file, at, stop, depth + 1);
      if (piece === null) return null;
      pieces.push(piece.value);
      at = stop + 1;
    }
    if (tokens[close + 1]?.text !== "." || !["join", "pack", "reverse"].includes(tokens[close + 2]?.text ?? "")) return null;
    part = { value: pieces.join(""), made: true, decoded, end: close + 1 };
  } else if (token.kind === "name") {
    const next = tokens[from + 1];
    const known = file.look(token.text);
    if (known?.text != null && next?.text !== "(" && holdsOneThing(known.sources)) part = { ...known.text, end: from + 1 };
    else part = foldCall(file, from, depth);
  }
  if (part === null) return null;
  // .decode(), .toString(), [::-1], .split("").reverse().join("")
  let { value, made, decoded, end } = part;
  for (;;) {
    const dot = tokens[end];
    if (dot?.text === "[" && tokens[end + 1]?.text === "::" && tokens[end + 2]?.text === "-") {
      value = [...value].toReversed().join("");
      made = true;
      decoded = true;
      end = file.close(end) + 1;
      continue;
    }
    const method = tokens[end + 1];
    if (dot?.text !== "." || method?.kind !== "name") break;
    const open = tokens[end + 2]?.text === "(" ? end + 2 : -1;
    const close = open === -1 ? end + 1 : file.close(open);
    if (method.text === "reverse" || method.text === "reversed") {
      value = [...value].toReversed().join("");
      decoded = true;
    } else if (method.text === "replace" || method.text === "gsub" || method.text === "replaceAll") {
      const what = open === -1 ? null : foldedArgument(file, [open + 1, close], 0);
      const by = open === -1 ? null : foldedArgument(file, [open + 1, close], 1);
      if (what === null || by === null || what.value === "") return null;
      value = value.replaceAll(what.value, by.value);
    } else if (method.text === "join") {
      const list = open === -1 ? null : joined(file, open + 1, close, depth);
      // What is put together is not known: only a list's own `join` is given what stands between.
      if (list === null && open !== -1 && open + 1 < close && tokens[open + 1]?.kind !== "string") return null;
      if (list !== null) value = list.pieces.join(value);
      decoded ||= list?.decoded === true;
    } else if (method.text === "unpack1" || method.text === "unpack") {
      value = decode64(value);
      decoded = true;
    } else if (method.text === "decode" && open !== -1) {
      const codec = foldedArgument(file, [open + 1, close], 0);
      const read = codec === null ? null : decodedBy(value, codec.value);
      made ||= read !== null;
      decoded ||= read !== null;
      value = read ?? value;
    } else if (
      !/^(?:decode|encode|toString|to_s|strip|trim|split|lower|join|pack|freeze|to_owned|to_string|into|as_str|unpack|first|to_sym)$/.test(
        method.text,
      )
    )
      break;
    if (method.text !== "toString" && method.text !== "decode" && method.text !== "to_string" && method.text !== "freeze") made = true;
    end = close + 1;
  }
  return end > to ? null : { value, made, decoded, end };
}

/** A name that a function is given something by may still be known; one that two things come together in is not. */
const holdsOneThing = (sources: ReadonlySet<string>): boolean => {
  if (sources.size <= 1) return true;
  let count = 0;
  for (const source of sources) if (!source.startsWith("to ")) count++;
  return count <= 1;
};

/** `map(chr, [112, 114])`, `chr(c - 1) for c in [112, 114]`: each number's character. */
function characters(file: FileWalk, from: number, to: number): readonly string[] | null {
  const { tokens } = file;
  const open = from + 1;
  if (tokens[open]?.text !== "(") return null;
  let list = open;
  while (list < to && !(tokens[list]?.kind === "punct" && tokens[list]?.text === "[")) list++;
  const mapped = tokens[from]?.text === "map" && tokens[open + 1]?.text === "chr";
  const each = tokens[from]?.text === "chr" && tokens[file.close(open) + 1]?.text === "for";
  if (list >= to || (!mapped && !each)) return null;
  // What is reckoned with each number first: `c - 1`, `c ^ 7`.
  const [, sign, by] = each ? tokens.slice(open + 1, file.close(open)) : [];
  const shift = sign === undefined ? 0 : Number(by?.text);
  if (sign !== undefined && (file.close(open) !== open + 4 || !["+", "-", "^"].includes(sign.text) || !Number.isInteger(shift)))
    return null;
  const found: string[] = [];
  for (let at = list + 1; at < Math.min(file.close(list), to); at++) {
    const token = tokens[at];
    if (token?.kind === "punct" && token.text === ",") continue;
    if (token?.kind !== "number") return null;
    const number = Number(token.text);
    found.push(characterOf(String(sign?.text === "^" ? number ^ shift : sign?.text === "-" ? number - shift : number + shift)));
  }
  return found;
}

/** `"".join(["a", "b"])`: the pieces. */
function joined(
  file: FileWalk,
  from: number,
  to: number,
  depth: number,
): { readonly pieces: readonly string[]; readonly decoded: boolean } | null {
  const made = characters(file, from, to);
  if (made !== null) return { pieces: made, decoded: true };
  if (!["[", "("].includes(file.tokens[from]?.text ?? "")) return null;
  const close = file.close(from);
  const pieces: string[] = [];
  let decoded = false;
  for (let at = from + 1; at < Math.min(close, to);) {
    const stop = argumentEnd(file, at, close);
    const piece = fold(file, at, stop, depth + 1);
    if (piece === null) return null;
    pieces.push(piece.value);
    decoded ||= piece.decoded;
    at = stop + 1;
  }
  return { pieces, decoded };
}

/** Calls that make a text: decoders, `chr`, `String.fromCharCode`. */
function foldCall(file: FileWalk, from: number, depth: number): (Folded & { readonly end: number }) | null {
  if (depth > MAX_FOLD) return null;
  const tokens = file.tokens;
  const start = tokens[from]?.text === "new" ? from + 1 : from;
  let at = start + 1;
  let path = file.look(tokens[start]?.text ?? "")?.path ?? "";
  if (path === "") path = tokens[start]?.text ?? "";
  if (tokens[at]?.text === "(" && file.dialect.modules.has(path)) {
    // `__import__("base64").b64decode(…)`
    path = fold(file, at + 1, file.close(at), depth + 1)?.value ?? "";
    at = file.close(at) + 1;
  }
  while ((tokens[at]?.text === "." || tokens[at]?.text === "::") && tokens[at + 1]?.kind === "name") {
    path += `.${tokens[at + 1]?.text ?? ""}`;
    at += 2;
  }
  if (tokens[at]?.text !== "(") return null;
  path = file.canonical(path);
  const close = file.close(at);
  const first = (): Folded | null => fold(file, at + 1, argumentEnd(file, at + 1, close), depth + 1);
  const end = close + 1;
  if (/(?:^|\.)(?:chr|fromCharCode|fromCodePoint)$/.test(path)) {
    let value = "";
    for (let index = at + 1; index < close; index = argumentEnd(file, index, close) + 1) {
      if (tokens[index]?.kind !== "number") return null;
      value += characterOf(tokens[index]?.text ?? "");
    }
    return { value, made: true, decoded: true, end };
  }
  if (/^(?:bytes|bytearray)$/.test(path) && tokens[at + 1]?.text === "[") {
    const inside = tokens.slice(at + 2, file.close(at + 1)).filter(({ text }) => text !== ",");
    if (inside.length === 0 || inside.some(({ kind }) => kind !== "number")) return null;
    return { value: inside.map(({ text }) => characterOf(text)).join(""), made: true, decoded: true, end };
  }
  const text = first();
  if (text === null) return null;
  if (/(?:b64decode|decode64|decodebytes|atob|urlsafe_b64decode|strict_decode64)$/.test(path))
    return { value: decode64(text.value), made: true, decoded: true, end };
  if (/(?:fromhex|unhexlify|b16decode)$/.test(path)) return { value: decodeHex(text.value), made: true, decoded: true, end };
  if (path.endsWith("b32decode")) return { value: decode32(text.value), made: true, decoded: true, end };
  if (/(?:zlib|gzip|Zlib|Inflate)\.(?:decompress|inflate|gunzip)$/.test(path)) {
    const value = unpacked(text.value);
    return value === null ? null : { value, made: true, decoded: true, end };
  }
  if (/(?:unescape|decodeURIComponent|unquote)$/.test(path)) return { value: decodePercent(text.value), made: true, decoded: true, end };
  if (path === "codecs.decode") {
    const codec = fold(file, argumentEnd(file, at + 1, close) + 1, close, depth + 1)?.value ?? "rot13";
    return { value: decodedBy(text.value, codec) ?? rot13(text.value), made: true, decoded: true, end };
  }
  if (/^(?:str|bytes|String|bytearray)$/.test(path)) return { ...text, end };
  return null;
}
