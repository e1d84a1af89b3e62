/** From bytes to text, and from an offset in it to a line: what every reader of this room begins with. */
import { Fault, type Place } from "../model/index.ts";

/** Larger documents are refused: JavaScript strings end at 512 MiB, and a parsed document takes several times its text. */
export const MAX_BYTES: number = 256 * 1024 * 1024;
/** Deeper nesting than this is no bill of materials (real ones stay below 30) and would exhaust the stack of a recursive walk. */
export const MAX_DEPTH = 400;

/**
 * Decodes UTF-8 or UTF-16 (by byte order mark, or by the zero bytes that ASCII has in UTF-16). Bytes that are no text of that
 * encoding are a fault `sbom/syntax` with their offset: a name must not change in silence.
 */
export function decodeText(bytes: Uint8Array, file: string): string {
  if (bytes.length > MAX_BYTES) {
    throw new Fault("input/too-large", `${file} has ${bytes.length} bytes; at most ${MAX_BYTES} are read`, { place: { file } });
  }
  const encoding = encodingOf(bytes);
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new Fault("sbom/syntax", `${file} is not valid ${encoding.toUpperCase()} text`, {
      place: { file, ...(encoding === "utf-8" && badUtf8Line(bytes)) },
      hint: "save the file as UTF-8",
      cause,
    });
  }
}

function encodingOf(bytes: Uint8Array): "utf-8" | "utf-16le" | "utf-16be" {
  const [a, b] = bytes;
  if (a === 0xff && b === 0xfe) return "utf-16le";
  if (a === 0xfe && b === 0xff) return "utf-16be";
  if (a !== undefined && b !== undefined && a !== 0 && b === 0) return "utf-16le";
  if (a === 0 && b !== undefined && b !== 0) return "utf-16be";
  return "utf-8";
}

function badUtf8Line(bytes: Uint8Array): { line: number } {
  // Lines are decoded one by one: a line feed never stands inside a UTF-8 sequence.
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let line = 1;
  let from = 0;
  while (from <= bytes.length) {
    const at = bytes.indexOf(0x0a, from);
    const end = at < 0 ? bytes.length : at;
    try {
      decoder.decode(bytes.subarray(from, end));
    } catch {
      return { line };
    }
    line += 1;
    from = end + 1;
  }
  return { line };
}

/** Line and column, from 1, of an offset (in UTF-16 code units). */
export function placeOf(file: string, text: string, offset: number, key?: string): Place {
  let line = 1;
  let start = 0;
  for (let at = text.indexOf("\n"); at >= 0 && at < offset; at = text.indexOf("\n", at + 1)) {
    line += 1;
    start = at + 1;
  }
  return { file, line, column: offset - start + 1, ...(key !== undefined && { key }) };
}

/** Joins to a JSON pointer (RFC 6901). */
export function pointerTo(parent: string, key: string | number): string {
  return typeof key === "number" ? `${parent}/${key}` : `${parent}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}
