/**
 * A small, strict reader of XML 1.0 documents as build tools write them. It knows where everything stands, expands only the five
 * predefined entities and numeric ones (so there is nothing to bomb with), reads no external entity, and stops at a fixed depth.
 */
import type { InputFile } from "../../model/project.ts";
import { Fault } from "../../model/fault.ts";
import { syntaxFault } from "./builder.ts";
import { positionsOf, type Positions } from "./positions.ts";

export interface XmlElement {
  /** Without its prefix. */
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** All text directly in it, joined, trimmed. */
  readonly text: string;
  readonly line: number;
}

/** No build file nests its elements anywhere near as deep; a bomb does. */
const MAX_DEPTH = 256;
/** The largest POM known (a bill of materials) has about 40,000 elements; beyond this a file is not a manifest. */
const MAX_ELEMENTS = 5_000_000;

interface Open {
  readonly qualified: string;
  readonly name: string;
  readonly attributes: Map<string, string>;
  readonly children: XmlElement[];
  readonly texts: string[];
  readonly line: number;
}

const NAME = /[A-Za-z_:\u00C0-\uFFFD][A-Za-z0-9_:.\-\u00B7-\uFFFD]*/y;

/** Reads the document's root element. Throws `inventory/syntax` or `inventory/depth` with line and column. */
export function readXml(file: InputFile): XmlElement {
  const text = decode(file);
  const positions = positionsOf(text);
  const fail = (message: string, offset: number): never => {
    throw syntaxFault(file, `not well-formed XML: ${message}`, positions.at(offset));
  };
  const stack: Open[] = [];
  let root: XmlElement | null = null;
  let elements = 0;
  let at = 0;

  const close = (open: Open): void => {
    const element: XmlElement = {
      name: open.name,
      attributes: open.attributes,
      children: open.children,
      text: open.texts.join("").trim(),
      line: open.line,
    };
    const parent = stack.at(-1);
    if (parent === undefined) root = element;
    else parent.children.push(element);
  };
  const skipTo = (end: string, from: number, what: string): number => {
    const found = text.indexOf(end, from);
    if (found < 0) fail(`${what} is not closed`, at);
    return found + end.length;
  };

  while (at < text.length) {
    if (text.charCodeAt(at) !== 60) {
      const next = text.indexOf("<", at);
      const end = next < 0 ? text.length : next;
      const chunk = text.slice(at, end);
      const open = stack.at(-1);
      if (open !== undefined) open.texts.push(entities(chunk, at, fail));
      else if (chunk.trim() !== "")
        fail(root === null ? "text before the root element" : "text after the root element", at + chunk.search(/\S/));
      at = end;
    } else if (text.startsWith("<!--", at)) at = skipTo("-->", at + 4, "a comment");
    else if (text.startsWith("<![CDATA[", at)) {
      const end = skipTo("]]>", at + 9, "a CDATA section");
      stack.at(-1)?.texts.push(text.slice(at + 9, end - 3));
      at = end;
    } else if (text.startsWith("<?", at)) at = skipTo("?>", at + 2, "a processing instruction");
    else if (text.startsWith("<!DOCTYPE", at)) at = doctype(text, at, fail);
    else if (text.startsWith("</", at)) {
      const end = skipTo(">", at + 2, "an end tag");
      const name = text.slice(at + 2, end - 1).trimEnd();
      const open = stack.pop();
      if (open === undefined || open.qualified !== name)
        fail(open === undefined ? `</${name}> closes nothing` : `</${name}> closes <${open.qualified}> of line ${open.line}`, at);
      else close(open);
      at = end;
    } else {
      if (root !== null) fail("a second root element", at);
      if (stack.length >= MAX_DEPTH) {
        throw new Fault("inventory/depth", `elements nest deeper than ${MAX_DEPTH}`, { place: { file: file.path, ...positions.at(at) } });
      }
      elements += 1;
      if (elements > MAX_ELEMENTS)
        throw new Fault("input/too-large", `more than ${MAX_ELEMENTS} elements`, { place: { file: file.path, ...positions.at(at) } });
      at = startTag(text, at, positions, stack, close, fail);
    }
  }
  const open = stack.at(-1);
  if (open !== undefined) fail(`<${open.qualified}> of line ${open.line} is not closed`, text.length);
  if (root === null) fail("no element in it", text.length);
  return root as unknown as XmlElement;
}

function startTag(
  text: string,
  from: number,
  positions: Positions,
  stack: Open[],
  close: (open: Open) => void,
  fail: (message: string, offset: number) => never,
): number {
  const qualified = nameAt(text, from + 1);
  if (qualified === "") return fail("a name was expected after <", from + 1);
  const open: Open = { qualified, name: local(qualified), attributes: new Map(), children: [], texts: [], line: positions.at(from).line };
  let at = from + 1 + qualified.length;
  for (;;) {
    const before = at;
    while (text.charCodeAt(at) <= 32) at += 1;
    if (at >= text.length) return fail(`<${qualified}> is not closed`, from);
    if (text[at] === ">") {
      stack.push(open);
      return at + 1;
    }
    if (text.startsWith("/>", at)) {
      close(open);
      return at + 2;
    }
    const name = nameAt(text, at);
    if (name === "" || before === at) return fail(`unexpected ${JSON.stringify(text[at] ?? "")} in <${qualified}>`, at);
    at += name.length;
    while (text.charCodeAt(at) <= 32) at += 1;
    if (text[at] !== "=") return fail(`attribute ${name} has no value`, at);
    at += 1;
    while (text.charCodeAt(at) <= 32) at += 1;
    const quote = text[at];
    if (quote !== '"' && quote !== "'") return fail(`the value of ${name} is not quoted`, at);
    const end = text.indexOf(quote, at + 1);
    if (end < 0) return fail(`the value of ${name} is not closed`, at);
    open.attributes.set(local(name), entities(text.slice(at + 1, end), at + 1, fail));
    at = end + 1;
  }
}

const local = (name: string): string => name.slice(name.indexOf(":") + 1);

function nameAt(text: string, at: number): string {
  NAME.lastIndex = at;
  return NAME.exec(text)?.[0] ?? "";
}

/** The document type is skipped, declarations and all: none of its entities is ever expanded. */
function doctype(text: string, from: number, fail: (message: string, offset: number) => never): number {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const char = text[at];
    if (char === "[") depth += 1;
    else if (char === "]") depth -= 1;
    else if (char === ">" && depth <= 0) return at + 1;
    else if ((char === '"' || char === "'") && depth > 0) {
      const end = text.indexOf(char, at + 1);
      if (end < 0) break;
      at = end;
    }
  }
  return fail("the document type is not closed", from);
}

const predefined: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

function entities(text: string, offset: number, fail: (message: string, offset: number) => never): string {
  if (!text.includes("&")) return text;
  return text.replaceAll(/&(#x[0-9a-f]{1,6}|#[0-9]{1,7}|[A-Za-z][\w.-]{0,63})?;?/gi, (whole, name: string | undefined, at: number) => {
    if (name === undefined || !whole.endsWith(";")) return fail("& stands alone", offset + at);
    if (name.startsWith("#")) {
      const code = name[1]?.toLowerCase() === "x" ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
      return code <= 0x10ffff ? String.fromCodePoint(code) : fail(`${whole} is no character`, offset + at);
    }
    // An entity of the document's own: left as it stands, never expanded.
    return Object.hasOwn(predefined, name) ? (predefined[name] ?? whole) : whole;
  });
}

/** Text is decoded as UTF-8 before we get it; a declaration that says otherwise is honoured from the bytes. */
function decode(file: InputFile): string {
  const declared = /^<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']/.exec(file.text)?.[1]?.toLowerCase();
  if (declared === undefined || declared === "utf-8" || declared === "utf8" || declared.startsWith("utf-16")) return file.text;
  try {
    return new TextDecoder(declared).decode(file.bytes);
  } catch {
    return file.text;
  }
}

/** First child of that name. */
export const childOf = (element: XmlElement | undefined, name: string): XmlElement | undefined =>
  element?.children.find((child) => child.name === name);
export const childrenOf = (element: XmlElement | undefined, name: string): readonly XmlElement[] =>
  element?.children.filter((child) => child.name === name) ?? [];
export const childText = (element: XmlElement | undefined, name: string): string => childOf(element, name)?.text ?? "";

/** All elements of that name below, in document order. */
export function descendantsOf(element: XmlElement, name: string): XmlElement[] {
  const found: XmlElement[] = [];
  const queue: XmlElement[] = [element];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (next.name === name) found.push(next);
    for (const child of next.children.toReversed()) queue.push(child);
  }
  return found;
}
