/**
 * YAML as pnpm and Yarn write it. A general YAML library needs seconds for a large lockfile; package managers write a small part of the
 * language, line by line: block mappings and lists, scalars on one line, flow collections on one line, literal blocks, several
 * documents. This reader takes exactly that part. Whatever lies outside makes it stop, and the general library reads the whole text
 * instead, to the same result: so this is a matter of speed and never of meaning.
 *
 * All scalars stay text (YAML's failsafe schema): a version `1.10` is not the number 1.1, and a package may be called `null`.
 */
import { Fault } from "../../model/index.ts";
import { MAX_DEPTH } from "../lines.ts";

export type YamlValue = string | YamlMap | readonly YamlValue[];

export interface YamlEntry {
  /** Line of the key, from 1. */
  readonly line: number;
  readonly value: YamlValue;
}

/** A mapping in the order of the file. An absent value is "". */
export type YamlMap = ReadonlyMap<string, YamlEntry>;

interface OpenMap {
  readonly indent: number;
  readonly map: Map<string, YamlEntry>;
  readonly list: null;
}
interface OpenList {
  readonly indent: number;
  readonly map: null;
  readonly list: YamlValue[];
}
/** A key whose value may follow on the next lines. */
interface Pending {
  readonly map: Map<string, YamlEntry>;
  readonly key: string;
  readonly line: number;
  readonly indent: number;
}

/** Thrown within this file where the text leaves the part of YAML that is read here. */
const OUTSIDE = Symbol("outside the part of YAML that is read quickly");

/**
 * The quick reader; null where the text uses more of YAML than it takes.
 * @throws Fault `inventory/depth`, `inventory/syntax` for a key that a mapping has twice
 */
export function quickYaml(text: string, file: string): readonly YamlMap[] | null {
  try {
    return readDocuments(text, file);
  } catch (cause) {
    if (cause === OUTSIDE) return null;
    throw cause;
  }
}

function readDocuments(text: string, file: string): YamlMap[] {
  const documents: YamlMap[] = [];
  let stack: (OpenMap | OpenList)[] = [];
  let pending = null as Pending | null;
  let started = false;
  let line = 0;
  let at = 0;

  const set = (map: Map<string, YamlEntry>, key: string, value: YamlValue): void => {
    if (map.has(key)) {
      throw new Fault("inventory/syntax", `${file} is not YAML: the key ${key.slice(0, 100)} stands twice in one mapping`, {
        place: { file, line, key },
        hint: "the package manager refuses such a file as well; a merge may have gone wrong",
      });
    }
    map.set(key, { line, value });
  };
  const endDocument = (): void => {
    const [bottom] = stack;
    if (bottom !== undefined) documents.push(bottom.map ?? outside());
    else if (started) documents.push(new Map());
    stack = [];
    pending = null;
  };

  while (at < text.length) {
    line += 1;
    let end = text.indexOf("\n", at);
    if (end === -1) end = text.length;
    const lineStart = at;
    at = end + 1;
    if (text.charCodeAt(end - 1) === 13) end -= 1;
    let first = lineStart;
    while (first < end && text.charCodeAt(first) === 32) first += 1;
    if (first >= end) continue;
    const code = text.charCodeAt(first);
    if (code === 35) continue;
    if (code === 9) outside();
    const indent = first - lineStart;
    if (indent === 0) {
      if (text.startsWith("---", first)) {
        const rest = text.slice(first + 3, end).trim();
        if (rest !== "" && !rest.startsWith("#")) outside();
        endDocument();
        started = true;
        continue;
      }
      if (code === 37 || text.startsWith("...", first)) outside();
    }
    while (end > first && isSpace(text.charCodeAt(end - 1))) end -= 1;

    let top = stack.at(-1);
    const isItem = code === 45 && (first + 1 === end || text.charCodeAt(first + 1) === 32);
    const waiting = pending as Pending | null;
    if (waiting !== null && (indent > waiting.indent || (isItem && indent === waiting.indent))) {
      top = isItem ? { indent, map: null, list: [] } : { indent, map: new Map(), list: null };
      waiting.map.set(waiting.key, { line: waiting.line, value: top.map ?? (top.list as YamlValue[]) });
      stack.push(top);
      if (stack.length > MAX_DEPTH) throw tooDeep(file, line);
    } else {
      // A list may stand as deep as the key it belongs to, so a key at its depth ends it.
      const listEnds = isItem ? indent + 1 : indent;
      while (stack.length > 1 && top !== undefined && (top.list === null ? top.indent > indent : top.indent >= listEnds)) {
        stack.pop();
        top = stack.at(-1);
      }
      if (top === undefined) {
        if (isItem) outside();
        top = { indent, map: new Map(), list: null };
        stack.push(top);
        started = true;
      }
      if (top.indent !== indent) outside();
    }
    pending = null;

    if (isItem) {
      if (top.list === null) outside();
      const item = text.slice(first + 1, end).trim();
      if (item === "") outside();
      (top.list as YamlValue[]).push(scalarOrFlow(item, file, line, true));
      continue;
    }
    if (top.map === null) outside();
    const map = top.map as Map<string, YamlEntry>;
    const [key, valueStart] = readKey(text, first, end);
    if (valueStart >= end) {
      set(map, key, "");
      pending = { map, key, line, indent };
      continue;
    }
    const marker = text.charCodeAt(valueStart);
    if (marker === 124 || marker === 62) {
      const keyLine = line;
      const block = readBlock(text, at, indent, text.slice(valueStart, end));
      set(map, key, block.value);
      line = keyLine + block.lines;
      at = block.next;
      continue;
    }
    set(map, key, scalarOrFlow(text.slice(valueStart, end), file, line, false));
  }
  endDocument();
  return documents;
}

function outside(): never {
  throw OUTSIDE;
}

const isSpace = (code: number): boolean => code === 32 || code === 9;

export const tooDeep = (file: string, line: number): Fault =>
  new Fault("inventory/depth", `${file} nests deeper than ${MAX_DEPTH} levels`, {
    place: { file, line },
    hint: "no package manager writes such a file",
  });

/** The key that begins at `first`, and where its value begins (`end` where nothing follows on the line). */
function readKey(text: string, first: number, end: number): readonly [key: string, valueStart: number] {
  const code = text.charCodeAt(first);
  let key: string;
  let colon: number;
  if (code === 39 || code === 34) {
    const close = closingQuote(text, first, end, code);
    if (close === -1) outside();
    key = unquote(text.slice(first, close + 1));
    colon = close + 1;
    if (text.charCodeAt(colon) !== 58) outside();
    if (colon + 1 < end && text.charCodeAt(colon + 1) !== 32) outside();
  } else {
    if (isIndicator(code)) outside();
    colon = first;
    for (;;) {
      colon = text.indexOf(":", colon);
      if (colon === -1 || colon >= end) outside();
      if (colon + 1 >= end || text.charCodeAt(colon + 1) === 32) break;
      colon += 1;
    }
    key = text.slice(first, colon).trimEnd();
    if (key.includes(" #") || key.includes("\t")) outside();
  }
  let start = colon + 1;
  while (start < end && text.charCodeAt(start) === 32) start += 1;
  if (start < end && text.charCodeAt(start) === 35) outside();
  return [key, start];
}

/** Characters that a plain scalar cannot begin with, of which some could with what follows: those are left to the library. */
function isIndicator(code: number): boolean {
  // ! " # % & ' * , - > ? @ [ ] ` { | } and the colon. A leading "-" is common only as "- item", which is handled before.
  return "!\"#%&'*,->?@[]`{|}:".includes(String.fromCharCode(code));
}

/** Offset of the quote that closes the one at `open`, or -1. */
function closingQuote(text: string, open: number, end: number, quote: number): number {
  for (let at = open + 1; at < end; at++) {
    const code = text.charCodeAt(at);
    if (quote === 34 && code === 92) at += 1;
    else if (code === quote) {
      if (quote === 39 && at + 1 < end && text.charCodeAt(at + 1) === 39) at += 1;
      else return at;
    }
  }
  return -1;
}

function unquote(quoted: string): string {
  if (quoted.startsWith("'")) {
    const inner = quoted.slice(1, -1);
    return inner.includes("'") ? inner.replaceAll("''", "'") : inner;
  }
  const inner = quoted.slice(1, -1);
  if (!inner.includes("\\")) return inner;
  // YAML has escapes that JSON has not; those are left to the library.
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return outside();
  }
}

function scalarOrFlow(source: string, file: string, line: number, inList: boolean): YamlValue {
  const code = source.charCodeAt(0);
  if (code === 123 || code === 91) return new Flow(source, file, line).read();
  if (code === 39 || code === 34) {
    if (closingQuote(source, 0, source.length, code) !== source.length - 1) outside();
    return unquote(source);
  }
  if (isIndicator(code) && !(code === 45 && source.length > 1 && source.charCodeAt(1) !== 32)) outside();
  if (source.includes(" #") || source.includes("\t") || source.includes(": ") || source.endsWith(":")) outside();
  // "- a: b" begins a mapping within a list.
  if (inList && source.startsWith("- ")) outside();
  return source;
}

/** A flow collection on one line: `{integrity: sha512-…, cpu: [x64]}`. A class because it has a position. */
class Flow {
  readonly #source: string;
  readonly #file: string;
  readonly #line: number;
  #at = 0;
  #depth = 0;

  constructor(source: string, file: string, line: number) {
    this.#source = source;
    this.#file = file;
    this.#line = line;
  }

  read(): YamlValue {
    const value = this.#value();
    if (this.#at !== this.#source.length) outside();
    return value;
  }

  #value(): YamlValue {
    const code = this.#source.charCodeAt(this.#at);
    if (code === 123) return this.#map();
    if (code === 91) return this.#list();
    return this.#scalar();
  }

  #open(): void {
    this.#at += 1;
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw tooDeep(this.#file, this.#line);
    this.#skip();
  }

  #close(): void {
    this.#at += 1;
    this.#depth -= 1;
  }

  #map(): YamlMap {
    const map = new Map<string, YamlEntry>();
    this.#open();
    while (this.#source.charCodeAt(this.#at) !== 125) {
      const key = this.#scalar();
      this.#skip();
      if (this.#source.charCodeAt(this.#at) !== 58 || key === "" || map.has(key)) outside();
      this.#at += 1;
      if (this.#source.charCodeAt(this.#at) !== 32) outside();
      this.#skip();
      map.set(key, { line: this.#line, value: this.#value() });
      this.#separator(125);
    }
    this.#close();
    return map;
  }

  #list(): readonly YamlValue[] {
    const list: YamlValue[] = [];
    this.#open();
    while (this.#source.charCodeAt(this.#at) !== 93) {
      list.push(this.#value());
      this.#separator(93);
    }
    this.#close();
    return list;
  }

  #separator(closing: number): void {
    this.#skip();
    const code = this.#source.charCodeAt(this.#at);
    if (code === 44) {
      this.#at += 1;
      this.#skip();
    } else if (code !== closing) outside();
  }

  #skip(): void {
    while (this.#source.charCodeAt(this.#at) === 32) this.#at += 1;
  }

  #scalar(): string {
    const source = this.#source;
    const start = this.#at;
    const code = source.charCodeAt(start);
    if (code === 39 || code === 34) {
      const close = closingQuote(source, start, source.length, code);
      if (close === -1) outside();
      this.#at = close + 1;
      return unquote(source.slice(start, close + 1));
    }
    if (start >= source.length || (isIndicator(code) && code !== 45)) outside();
    let at = start;
    for (; at < source.length; at++) {
      const here = source.charCodeAt(at);
      if (here === 44 || here === 125 || here === 93 || here === 123 || here === 91) break;
      if (here === 58 && isFlowEnd(source.charCodeAt(at + 1))) break;
      if (here === 35 || here === 9) outside();
    }
    this.#at = at;
    const plain = source.slice(start, at).trimEnd();
    if (plain === "" || (plain.startsWith("-") && (plain.length === 1 || plain[1] === " "))) outside();
    return plain;
  }
}

/** After a colon within a flow collection: what makes it end a key. NaN stands for the end of the text. */
const isFlowEnd = (code: number): boolean => code === 32 || code === 44 || code === 125 || code === 93 || Number.isNaN(code);

interface Block {
  readonly value: string;
  /** How many lines it takes below its header. */
  readonly lines: number;
  readonly next: number;
}

/** A literal block (`|`, `|-`, `|+`); a folded one has rules that are left to the library unless it is a single line. */
function readBlock(text: string, from: number, parentIndent: number, header: string): Block {
  const match = /^([|>])([+-]?)$/.exec(header);
  if (match === null) outside();
  const rows: string[] = [];
  let contentIndent = -1;
  let at = from;
  let lines = 0;
  let next = from;
  while (at < text.length) {
    let end = text.indexOf("\n", at);
    if (end === -1) end = text.length;
    const row = text.slice(at, text.charCodeAt(end - 1) === 13 ? end - 1 : end);
    const indent = row.search(/[^ ]/);
    if (indent === -1) {
      if (contentIndent !== -1 && row.length > contentIndent) outside();
      rows.push("");
    } else {
      if (indent <= parentIndent) break;
      if (contentIndent === -1) {
        if (rows.length > 0) outside();
        contentIndent = indent;
      }
      if (indent < contentIndent || row.charCodeAt(indent) === 9) outside();
      rows.push(row.slice(contentIndent));
    }
    lines += 1;
    at = end + 1;
    next = Math.min(at, text.length);
  }
  const ended = text.charCodeAt(next - 1) === 10;
  let last = rows.length;
  while (last > 0 && rows[last - 1] === "") last -= 1;
  if (last === 0) outside();
  if (match[1] === ">" && last > 1) outside();
  const body = rows.slice(0, last).join("\n");
  if (match[2] === "-") return { value: body, lines, next };
  if (match[2] === "+" || !ended) outside();
  return { value: `${body}\n`, lines, next };
}
