/**
 * A small, strict reader of XML 1.0 with namespaces. Document type declarations are refused, and with them every entity but the
 * five that XML itself has: no expansion bombs, no fetching. Each element keeps its offset, so that a complaint names its line.
 */
import { Fault } from "../model/index.ts";
import { MAX_DEPTH, placeOf } from "./text.ts";

export interface XmlAttribute {
  readonly name: string;
  readonly ns: string;
  readonly local: string;
  readonly value: string;
}

export interface XmlElement {
  /** As written, with its prefix. */
  readonly name: string;
  readonly ns: string;
  readonly local: string;
  readonly attributes: readonly XmlAttribute[];
  /** Elements and texts in their order; comments and processing instructions are left out. */
  readonly children: readonly (XmlElement | string)[];
  /** Where its `<` stands in the text. */
  readonly offset: number;
}

const NAME = /[\p{L}_][\p{L}\p{N}\p{M}._·-]*(?::[\p{L}_][\p{L}\p{N}\p{M}._·-]*)?/uy;
const ENTITIES: ReadonlyMap<string, string> = new Map([
  ["lt", "<"],
  ["gt", ">"],
  ["amp", "&"],
  ["quot", '"'],
  ["apos", "'"],
]);
// Characters that XML 1.0 (section 2.2) does not have.
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/u;
const XML_NS = "http://www.w3.org/XML/1998/namespace";

interface Open {
  readonly element: XmlElement & { readonly children: (XmlElement | string)[] };
  readonly scope: ReadonlyMap<string, string>;
}

/** Parses a document and returns its root element. Throws `sbom/syntax` with line and column. */
export function parseXml(text: string, file: string): XmlElement {
  const fail = (offset: number, message: string, hint?: string): never => {
    throw new Fault("sbom/syntax", `${file} is not well-formed XML: ${message}`, {
      place: placeOf(file, text, offset),
      ...(hint !== undefined && { hint }),
    });
  };
  const forbidden = FORBIDDEN.exec(text);
  if (forbidden !== null) {
    fail(
      forbidden.index,
      `the character U+${(forbidden[0].codePointAt(0) ?? 0).toString(16).padStart(4, "0").toUpperCase()} cannot stand in XML`,
    );
  }

  const unescape = (raw: string, offset: number): string => {
    if (!raw.includes("&")) return raw;
    return raw.replace(/&([^;\s&]{0,32})(;?)/gu, (whole, name: string, end: string, at: number) => {
      if (end === "") return fail(offset + at, "“&” must be written as “&amp;”");
      const entity = ENTITIES.get(name);
      if (entity !== undefined) return entity;
      const code = /^#x[0-9a-fA-F]{1,6}$/u.test(name)
        ? Number.parseInt(name.slice(2), 16)
        : /^#\d{1,7}$/u.test(name)
          ? Number(name.slice(1))
          : -1;
      if (code < 1 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return fail(offset + at, `${whole} is not known here`);
      const character = String.fromCodePoint(code);
      return FORBIDDEN.test(character) ? fail(offset + at, `${whole} cannot stand in XML`) : character;
    });
  };
  const nameAt = (offset: number): string => {
    NAME.lastIndex = offset;
    return NAME.exec(text)?.[0] ?? fail(offset, "a name is expected");
  };
  const skipSpace = (offset: number): number => {
    let at = offset;
    for (let c = text.charCodeAt(at); c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09; c = text.charCodeAt(at)) at += 1;
    return at;
  };
  const resolve = (
    scope: ReadonlyMap<string, string>,
    name: string,
    offset: number,
    isAttribute: boolean,
  ): { ns: string; local: string } => {
    const colon = name.indexOf(":");
    if (colon < 0) return { ns: isAttribute ? "" : (scope.get("") ?? ""), local: name };
    const prefix = name.slice(0, colon);
    const ns = prefix === "xml" ? XML_NS : scope.get(prefix);
    return { ns: ns ?? fail(offset, `the prefix “${prefix}” has no namespace`), local: name.slice(colon + 1) };
  };

  const stack: Open[] = [];
  let root: XmlElement | undefined;
  let at = text.startsWith("\ufeff") ? 1 : 0;

  const addText = (raw: string, offset: number, verbatim: boolean): void => {
    // Line ends are folded before references are read (section 2.11): a written `&#13;` stays.
    const folded = raw.replace(/\r\n?/gu, "\n");
    const value = verbatim ? folded : unescape(folded, offset);
    const parent = stack.at(-1);
    if (parent === undefined) {
      if (value.trim() !== "" || verbatim) fail(skipSpace(offset), "text stands outside the root element");
      return;
    }
    if (value === "") return;
    const children = parent.element.children;
    const last = children.at(-1);
    if (typeof last === "string") children[children.length - 1] = last + value;
    else children.push(value);
  };

  const openTag = (offset: number): number => {
    const name = nameAt(offset + 1);
    let position = offset + 1 + name.length;
    const raw: { name: string; value: string; offset: number }[] = [];
    let scope = stack.at(-1)?.scope ?? new Map<string, string>();
    let own: Map<string, string> | undefined;
    let closed = false;
    for (;;) {
      const before = position;
      position = skipSpace(position);
      if (text.startsWith("/>", position)) {
        closed = true;
        position += 2;
        break;
      }
      if (text[position] === ">") {
        position += 1;
        break;
      }
      if (position >= text.length) fail(offset, `<${name}> is never closed`);
      if (position === before) fail(position, "a space is expected before an attribute");
      const attribute = nameAt(position);
      const start = position;
      position = skipSpace(position + attribute.length);
      if (text[position] !== "=") fail(position, `“=” is expected after the attribute ${attribute}`);
      position = skipSpace(position + 1);
      const quote = text[position];
      if (quote !== '"' && quote !== "'") fail(position, `the value of ${attribute} must stand in quotes`);
      const end = text.indexOf(quote as string, position + 1);
      if (end < 0) fail(position, `the value of ${attribute} does not end`);
      const literal = text.slice(position + 1, end);
      if (literal.includes("<")) fail(position, `“<” stands in the value of ${attribute}`);
      const value = unescape(literal.replace(/[\t\n\r]/gu, " "), position + 1);
      position = end + 1;
      if (attribute === "xmlns" || attribute.startsWith("xmlns:")) {
        own ??= new Map(scope);
        own.set(attribute === "xmlns" ? "" : attribute.slice(6), value);
        scope = own;
      } else raw.push({ name: attribute, value, offset: start });
    }
    const attributes: XmlAttribute[] = [];
    const seen = new Set<string>();
    for (const attribute of raw) {
      const { ns, local } = resolve(scope, attribute.name, attribute.offset, true);
      if (seen.has(`${ns}\0${local}`)) fail(attribute.offset, `the attribute ${attribute.name} is given twice`);
      seen.add(`${ns}\0${local}`);
      attributes.push({ name: attribute.name, ns, local, value: attribute.value });
    }
    const element = { name, ...resolve(scope, name, offset, false), attributes, children: [], offset };
    const parent = stack.at(-1);
    if (parent !== undefined) parent.element.children.push(element);
    else if (root === undefined) root = element;
    else fail(offset, "there is a second root element");
    if (!closed) {
      if (stack.length >= MAX_DEPTH) fail(offset, `elements are nested deeper than ${MAX_DEPTH}`);
      stack.push({ element, scope });
    }
    return position;
  };

  while (at < text.length) {
    const open = text.indexOf("<", at);
    if (open !== at) {
      addText(text.slice(at, open < 0 ? text.length : open), at, false);
      if (open < 0) break;
      at = open;
    }
    const until = (mark: string, from: number, what: string): number => {
      const end = text.indexOf(mark, from);
      return end < 0 ? fail(at, `${what} does not end`) : end;
    };
    if (text.startsWith("<!--", at)) at = until("-->", at + 4, "a comment") + 3;
    else if (text.startsWith("<![CDATA[", at)) {
      const end = until("]]>", at + 9, "a CDATA section");
      addText(text.slice(at + 9, end), at + 9, true);
      at = end + 3;
    } else if (text.startsWith("<?", at)) at = until("?>", at + 2, "a processing instruction") + 2;
    else if (text.startsWith("<!", at)) {
      fail(
        at,
        "a document type declaration is not taken",
        "remove the DOCTYPE: entities of its own can make a small file expand without end",
      );
    } else if (text.startsWith("</", at)) {
      const name = nameAt(at + 2);
      const end = skipSpace(at + 2 + name.length);
      if (text[end] !== ">") fail(end, `“>” is expected after </${name}`);
      const top = stack.pop();
      if (top === undefined) return fail(at, `</${name}> closes nothing`);
      if (top.element.name !== name) fail(at, `</${name}> stands where </${top.element.name}> is expected`);
      at = end + 1;
    } else at = openTag(at);
  }
  const unclosed = stack.at(-1);
  if (unclosed !== undefined) fail(unclosed.element.offset, `<${unclosed.element.name}> is never closed`);
  return root ?? fail(0, "there is no element");
}

/** The element's own text, with that of CDATA sections. */
export function textOf(element: XmlElement): string {
  return element.children.filter((child) => typeof child === "string").join("");
}

export function elementsOf(element: XmlElement): readonly XmlElement[] {
  return element.children.filter((child) => typeof child !== "string");
}

export function attributeOf(element: XmlElement, local: string, ns = ""): string | undefined {
  return element.attributes.find((attribute) => attribute.local === local && attribute.ns === ns)?.value;
}

/** Can XML 1.0 hold this text as it is? */
export function isXmlText(text: string): boolean {
  return !FORBIDDEN.test(text);
}

/** Escapes text for an element or an attribute; characters that XML cannot hold become U+FFFD. */
export function escapeXml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("\r", "&#13;")
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/gu, "\ufffd");
}
