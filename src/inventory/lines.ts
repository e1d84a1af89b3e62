/**
 * JSON with lines. `JSON.parse` is by far the fastest reader there is, but it keeps neither the lines of keys nor keys that are
 * written twice, and it takes any depth. One scan over the text before it gives all three: it jumps from string to string and
 * looks only at what lies between them.
 */
import { Fault, type Place } from "../model/index.ts";

/** Deepest nesting that is read. npm's first lockfile format nests by installed depth, two levels each; no installation comes near. */
export const MAX_DEPTH = 512;

const QUOTE = 34;
const BACKSLASH = 92;
const NEWLINE = 10;

/**
 * Called for each key of an object, in the order of the file. `depth` is 1 for keys of the outermost object. `start` and `end` are the
 * offsets of the key's text between its quotes; `line` counts from 1.
 */
export type KeyVisitor = (depth: number, start: number, end: number, line: number) => void;

/**
 * Scans JSON text and reports its keys. Text that is no JSON is scanned as far as it goes: `JSON.parse` says what is wrong with it.
 * @throws Fault `inventory/depth` where it nests deeper than `MAX_DEPTH`
 */
export function scanJson(text: string, file: string, visit: KeyVisitor): void {
  let line = 1;
  let depth = 0;
  // A string is a key where an object, not an array, is open and no colon has come since the last comma.
  const inObject = new Uint8Array(MAX_DEPTH + 2);
  let keyNext = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = closingQuote(text, at);
      if (end === -1) return;
      if (keyNext) {
        visit(depth, at + 1, end, line);
        keyNext = false;
      }
      at = end;
    } else if (code === NEWLINE) {
      line += 1;
    } else if (code === 44) {
      keyNext = inObject[depth] === 1;
    } else if (code === 123 || code === 91) {
      depth += 1;
      if (depth > MAX_DEPTH) {
        throw new Fault("inventory/depth", `${file} nests deeper than ${MAX_DEPTH} levels`, {
          place: { file, line },
          hint: "no package manager writes such a file",
        });
      }
      inObject[depth] = code === 123 ? 1 : 0;
      keyNext = code === 123;
    } else if (code === 125 || code === 93) {
      depth = Math.max(0, depth - 1);
      keyNext = false;
    }
  }
}

function closingQuote(text: string, open: number): number {
  let end = text.indexOf('"', open + 1);
  while (end !== -1 && text.charCodeAt(end - 1) === BACKSLASH) {
    let slashes = 1;
    while (text.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes += 1;
    // An odd number of backslashes escapes the quote itself.
    if (slashes % 2 === 0) return end;
    end = text.indexOf('"', end + 1);
  }
  return end;
}

/** The key between two offsets, with its escapes resolved. */
export function keyText(text: string, start: number, end: number): string {
  const raw = text.slice(start, end);
  if (!raw.includes("\\")) return raw;
  try {
    return JSON.parse(`"${raw}"`) as string;
  } catch {
    return raw;
  }
}

/** A key that an object has twice: `JSON.parse` keeps only the last. */
export interface RepeatedKey {
  readonly section: string;
  readonly key: string;
  readonly line: number;
}

/** Lines of the keys of the outermost object (section "") and of the sections that were asked for. */
export interface KeyLines {
  readonly line: (section: string, key: string) => number | undefined;
  readonly repeated: readonly RepeatedKey[];
}

/**
 * Finds on which line each key of some top-level sections stands: `keyLines(text, file, ["packages"])` knows
 * `line("packages", "node_modules/ms")` and, for the sections themselves, `line("", "packages")`.
 * @throws Fault `inventory/depth`
 */
export function keyLines(text: string, file: string, sections: readonly string[]): KeyLines {
  const lines = new Map<string, Map<string, number>>([["", new Map()]]);
  for (const section of sections) lines.set(section, new Map());
  const repeated: RepeatedKey[] = [];
  let section = "";
  let current: Map<string, number> | undefined;
  const top = lines.get("");
  scanJson(text, file, (depth, start, end, line) => {
    if (depth === 1) {
      section = keyText(text, start, end);
      current = section === "" ? undefined : lines.get(section);
      if (top?.has(section)) repeated.push({ section: "", key: section, line });
      top?.set(section, line);
    } else if (depth === 2 && current !== undefined) {
      const key = keyText(text, start, end);
      if (current.has(key)) repeated.push({ section, key, line });
      current.set(key, line);
    }
  });
  return { line: (section, key) => lines.get(section)?.get(key), repeated };
}

/**
 * Parses JSON.
 * @throws Fault `inventory/syntax` with line and column
 */
export function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw syntaxFault(text, file, cause);
  }
}

function syntaxFault(text: string, file: string, cause: unknown): Fault {
  const message = cause instanceof Error ? cause.message : String(cause);
  // V8 says "… at position 17 (line 2 column 3)", or only that the input ended.
  const position = /at position (\d+)/.exec(message)?.[1];
  const offset = position === undefined ? text.length : Number(position);
  const what = message.replace(/^.*?JSON\.parse:?\s*/, "").replace(/\s*(in JSON )?at position \d+.*$/s, "");
  const truncated = offset >= text.length;
  return new Fault("inventory/syntax", `${file} is not JSON: ${truncated ? "it ends in the middle" : printable(what)}`, {
    cause,
    place: placeAt(text, file, Math.min(offset, text.length)),
    hint: truncated
      ? "the file was cut off; write it again with the package manager, or take it from version control"
      : conflictHint(text, offset),
  });
}

/** Messages of the parser quote the file: control characters and endless lines must not reach a terminal. */
function printable(message: string): string {
  const clean = message.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, " ");
  return clean.length > 120 ? `${clean.slice(0, 120)}…` : clean;
}

function conflictHint(text: string, offset: number): string {
  const around = text.slice(Math.max(0, offset - 10), offset + 20);
  return /<<<<<<<|=======|>>>>>>>/.test(around)
    ? "the file holds an unresolved merge conflict"
    : "write the file again with the package manager, or take it from version control";
}

/** Line and column (both from 1) of an offset. */
export function placeAt(text: string, file: string, offset: number): Place {
  let line = 1;
  let lineStart = 0;
  for (let at = text.indexOf("\n"); at !== -1 && at < offset; at = text.indexOf("\n", at + 1)) {
    line += 1;
    lineStart = at + 1;
  }
  return { file, line, column: offset - lineStart + 1 };
}

/**
 * Makes plain JSON of JSON with comments and trailing commas. What is taken out becomes spaces, so that every offset, line and column
 * stays where it is.
 */
export function relaxJson(text: string): string {
  const out: [from: number, to: number][] = [];
  let comma = -1;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      comma = -1;
      const end = closingQuote(text, at);
      if (end === -1) break;
      at = end;
    } else if (code === 47 && (text.charCodeAt(at + 1) === 47 || text.charCodeAt(at + 1) === 42)) {
      const end = commentEnd(text, at);
      out.push([at, end]);
      at = end - 1;
    } else if (code === 44) {
      comma = at;
    } else if (code === 125 || code === 93) {
      if (comma !== -1) out.push([comma, comma + 1]);
      comma = -1;
    } else if (code !== 32 && code !== NEWLINE && code !== 13 && code !== 9) {
      comma = -1;
    }
  }
  if (out.length === 0) return text;
  out.sort((a, b) => a[0] - b[0]);
  const pieces: string[] = [];
  let kept = 0;
  for (const [from, to] of out) {
    pieces.push(text.slice(kept, from), text.slice(from, to).replaceAll(/[^\n\r]/g, " "));
    kept = to;
  }
  pieces.push(text.slice(kept));
  return pieces.join("");
}

function commentEnd(text: string, at: number): number {
  const block = text.charCodeAt(at + 1) === 42;
  const close = text.indexOf(block ? "*/" : "\n", at + 2);
  if (close === -1) return text.length;
  return block ? close + 2 : close;
}
