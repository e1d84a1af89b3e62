/** JSON with places: why a text is none, where a pointer stands in it, and which keys stand in it twice. */
import { Fault, type Place } from "../model/index.ts";
import { MAX_DEPTH, placeOf, pointerTo } from "./text.ts";

export interface JsonScan {
  /** Offsets of the values (or, for members, of their keys) that were asked for. */
  readonly offsets: ReadonlyMap<string, number>;
  /** Members whose key stands twice in one object: JSON.parse keeps only the last. */
  readonly duplicates: readonly { readonly pointer: string; readonly offset: number }[];
}

interface Frame {
  readonly kind: "object" | "array";
  readonly pointer: string;
  readonly keys: Set<string> | null;
  index: number;
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/**
 * Walks a JSON text once, without recursion. Throws `sbom/syntax` with the line where the text is no JSON (RFC 8259), or is nested
 * deeper than `MAX_DEPTH`.
 */
export function scanJson(text: string, file: string, wanted: ReadonlySet<string> = new Set()): JsonScan {
  const offsets = new Map<string, number>();
  const duplicates: { pointer: string; offset: number }[] = [];
  const stack: Frame[] = [];
  let at = text.startsWith("\ufeff") ? 1 : 0;
  const fail = (message: string, offset = at): never => {
    throw new Fault("sbom/syntax", `${file} is not JSON: ${message}`, { place: placeOf(file, text, offset) });
  };
  const space = (): void => {
    for (let c = text.charCodeAt(at); c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09; c = text.charCodeAt(at)) at += 1;
  };
  const stringEnd = (offset: number): number => {
    // The common case by hand: the regular expression overflows its stack on texts of megabytes.
    let position = offset + 1;
    for (;;) {
      const c = text.charCodeAt(position);
      if (c === 0x22) return position + 1;
      if (c === 0x5c) {
        const next = text[position + 1] ?? "";
        if (next === "u") {
          if (!/^[0-9a-fA-F]{4}$/u.test(text.slice(position + 2, position + 6)))
            return fail("“\\u” needs four hexadecimal digits", position);
          position += 6;
        } else if (`"\\/bfnrt`.includes(next) && next !== "") position += 2;
        else return fail(`“\\${next}” is no escape`, position);
      } else if (c < 0x20)
        return fail(`the character U+${c.toString(16).padStart(4, "0").toUpperCase()} must be escaped in a text`, position);
      else if (position >= text.length) return fail("a text does not end", offset);
      else position += 1;
    }
  };
  const note = (pointer: string, offset: number): void => {
    if (wanted.has(pointer)) offsets.set(pointer, offset);
  };
  const tracking = wanted.size > 0;

  let expectsValue = true;
  let pointer = "";
  note("", at);
  for (;;) {
    space();
    if (expectsValue) {
      const c = text[at];
      if (c === "{" || c === "[") {
        if (stack.length >= MAX_DEPTH) fail(`nested deeper than ${MAX_DEPTH}`);
        const kind = c === "{" ? "object" : "array";
        stack.push({ kind, pointer, keys: kind === "object" ? new Set() : null, index: -1 });
        at += 1;
        space();
        if (text[at] === (kind === "object" ? "}" : "]")) {
          at += 1;
          stack.pop();
          expectsValue = false;
          continue;
        }
        pointer = step(stack.at(-1) as Frame);
        continue;
      }
      if (c === '"') at = stringEnd(at);
      else if (text.startsWith("true", at) || text.startsWith("null", at)) at += 4;
      else if (text.startsWith("false", at)) at += 5;
      else {
        NUMBER.lastIndex = at;
        const number = NUMBER.exec(text)?.[0];
        if (number === undefined)
          return fail(at >= text.length ? "the text ends too early" : `“${text.slice(at, at + 1)}” is not expected here`);
        at += number.length;
      }
      expectsValue = false;
      continue;
    }
    const frame = stack.at(-1);
    if (frame === undefined) {
      if (at < text.length) fail("something stands after the end");
      return { offsets, duplicates };
    }
    const c = text[at];
    if (c === ",") {
      at += 1;
      space();
      pointer = step(frame);
      expectsValue = true;
    } else if (c === (frame.kind === "object" ? "}" : "]")) {
      at += 1;
      stack.pop();
    } else fail(at >= text.length ? "the text ends too early" : `“,” or “${frame.kind === "object" ? "}" : "]"}” is expected`);
  }

  /** Takes the key of the next member, or counts the next entry, and returns its pointer. */
  function step(frame: Frame): string {
    if (frame.kind === "array") {
      frame.index += 1;
      const next = tracking ? pointerTo(frame.pointer, frame.index) : "";
      note(next, at);
      return next;
    }
    const start = at;
    if (text[at] !== '"') fail(at >= text.length ? "the text ends too early" : "a key in double quotes is expected");
    at = stringEnd(at);
    const raw = text.slice(start, at);
    const key = raw.includes("\\") ? (JSON.parse(raw) as string) : raw.slice(1, -1);
    const next = tracking ? pointerTo(frame.pointer, key) : "";
    if (frame.keys?.has(key) === true) duplicates.push({ pointer: tracking ? next : `…/${key}`, offset: start });
    frame.keys?.add(key);
    note(next, start);
    space();
    if (text[at] !== ":") fail("“:” is expected after a key");
    at += 1;
    return next;
  }
}

/** Parses JSON; a fault `sbom/syntax` names line and column. Depth is bounded, so that what walks the value may recurse. */
export function parseJson(text: string, file: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text.startsWith("\ufeff") ? text.slice(1) : text);
  } catch (cause) {
    scanJson(text, file);
    throw new Fault("sbom/syntax", `${file} is not JSON`, { place: { file }, cause });
  }
  if (deeperThan(value, MAX_DEPTH)) scanJson(text, file);
  return value;
}

/** Recurses no deeper than the limit that it tests for. */
function deeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels <= 0) return true;
  if (Array.isArray(value)) {
    for (const entry of value) if (typeof entry === "object" && deeperThan(entry, levels - 1)) return true;
    return false;
  }
  for (const key in value) {
    const member = (value as Record<string, unknown>)[key];
    if (typeof member === "object" && deeperThan(member, levels - 1)) return true;
  }
  return false;
}

/**
 * Does some object of a text have a key twice? Answered by counting: the text has one `:` outside of strings for each member, and
 * parsing keeps one member for each key. Only where the two differ is a full scan worth its time.
 */
export function hasDuplicateKeys(text: string, value: unknown): boolean {
  let colons = 0;
  for (let at = 0; at < text.length; at += 1) {
    const c = text.charCodeAt(at);
    if (c === 0x3a) colons += 1;
    else if (c === 0x22) {
      let end = text.indexOf('"', at + 1);
      while (end > 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
      if (end < 0) return true;
      at = end;
    }
  }
  return colons !== membersOf(value);
}

function isEscaped(text: string, quote: number): boolean {
  let slashes = 0;
  while (text.charCodeAt(quote - 1 - slashes) === 0x5c) slashes += 1;
  return slashes % 2 === 1;
}

function membersOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const entry of value) if (typeof entry === "object") count += membersOf(entry);
    return count;
  }
  for (const key in value) {
    count += 1;
    const member = (value as Record<string, unknown>)[key];
    if (typeof member === "object") count += membersOf(member);
  }
  return count;
}

/** The places of pointers in a JSON text; a pointer to what is not there gets that of its nearest parent. */
export function placesInJson(text: string, file: string, pointers: readonly string[]): ReadonlyMap<string, Place> {
  const wanted = new Set<string>();
  for (const pointer of pointers) {
    for (let part = pointer; ; part = part.slice(0, part.lastIndexOf("/"))) {
      wanted.add(part);
      if (part === "") break;
    }
  }
  const { offsets } = scanJson(text, file, wanted);
  const places = new Map<string, Place>();
  for (const pointer of pointers) {
    let part = pointer;
    while (part !== "" && !offsets.has(part)) part = part.slice(0, part.lastIndexOf("/"));
    places.set(pointer, placeOf(file, text, offsets.get(part) ?? 0, pointer));
  }
  return places;
}
