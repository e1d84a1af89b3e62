/**
 * Checks XML against tables made from an XML Schema (XSD 1.0): the part that CycloneDX's schemas use. Content models obey the rule of
 * unique particle attribution (XSD 1.0 part 1, 3.8.6), so one element ahead decides and nothing is ever tried twice.
 */
import { type XmlElement, elementsOf, textOf } from "./xml.ts";

export interface Occurs {
  /** Absent: 1. */
  readonly min?: number;
  /** Absent: 1; -1: without end. */
  readonly max?: number;
}

export type Particle = Occurs &
  (
    | { readonly kind: "element"; readonly name: string; readonly type: string | XsdType | XsdSimple }
    | { readonly kind: "sequence" | "choice"; readonly parts: readonly Particle[] }
    /** Elements of any other namespace. */
    | { readonly kind: "any" }
  );

export interface XsdType {
  readonly attributes?: Readonly<Record<string, { readonly type: string | XsdSimple; readonly required?: true }>>;
  readonly anyAttribute?: true | boolean;
  readonly content?: Particle;
  /** Simple type of the text, where the element has text and attributes only. */
  readonly text?: string;
  readonly mixed?: boolean;
}

export type XsdSimple =
  | { readonly union: readonly (string | XsdSimple)[] }
  | {
      readonly base: string;
      readonly values?: readonly string[];
      readonly pattern?: string;
      readonly min?: number;
      readonly max?: number;
      readonly minLength?: number;
      readonly maxLength?: number;
    };

export interface XsdTables {
  readonly ns: string;
  readonly types: Readonly<Record<string, XsdType>>;
  readonly simple: Readonly<Record<string, XsdSimple>>;
  readonly elements: Readonly<Record<string, string | XsdType | XsdSimple>>;
}

export interface XsdError {
  readonly element: XmlElement;
  /** `/bom/components/component[2]`. */
  readonly path: string;
  readonly message: string;
}

const MAX_ERRORS = 100;
const XSI = "http://www.w3.org/2001/XMLSchema-instance";
const XML = "http://www.w3.org/XML/1998/namespace";

/** All complaints about a document; none means valid. `licences` are the values of the type `spdx:licenseId`. */
export function validateXsd(root: XmlElement, tables: XsdTables, licences: () => ReadonlySet<string>): readonly XsdError[] {
  const errors: XsdError[] = [];
  const refs = new Map<string, XmlElement>();
  const patterns = new Map<string, RegExp>();
  const complain = (element: XmlElement, path: string, message: string): void => {
    if (errors.length < MAX_ERRORS) errors.push({ element, path, message });
  };

  const simpleProblem = (given: string, type: string | XsdSimple): string | null => {
    if (typeof type === "string") {
      if (type === "spdx:licenseId") return licences().has(given.trim()) ? null : `“${given}” is not on the SPDX licence list`;
      const named = Object.hasOwn(tables.simple, type) ? tables.simple[type] : undefined;
      return named === undefined ? builtinProblem(given, type) : simpleProblem(given, named);
    }
    if ("union" in type) {
      const problems = type.union.map((member) => simpleProblem(given, member));
      return problems.includes(null) ? null : (problems[0] ?? "has no allowed form");
    }
    const problem = simpleProblem(given, type.base);
    if (problem !== null) return problem;
    const value = collapses(type.base, tables) ? given.trim().replace(/\s+/gu, " ") : given;
    if (type.values !== undefined && !type.values.includes(value)) {
      const listed = type.values.length > 12 ? `${type.values.slice(0, 12).join(", ")}, …` : type.values.join(", ");
      return `must be one of ${listed}; it is “${shorten(value)}”`;
    }
    if (type.pattern !== undefined) {
      let pattern = patterns.get(type.pattern);
      if (pattern === undefined) {
        pattern = new RegExp(`^(?:${type.pattern})$`);
        patterns.set(type.pattern, pattern);
      }
      if (!pattern.test(value)) return `“${shorten(value)}” does not have the form ${shorten(type.pattern)}`;
    }
    if (type.min !== undefined && Number(value) < type.min) return `must be at least ${type.min}`;
    if (type.max !== undefined && Number(value) > type.max) return `must be at most ${type.max}`;
    if (type.minLength !== undefined && value.length < type.minLength)
      return type.minLength === 1 ? "must not be empty" : `must have at least ${type.minLength} characters`;
    if (type.maxLength !== undefined && value.length > type.maxLength) return `must have at most ${type.maxLength} characters`;
    return null;
  };

  const checkElement = (element: XmlElement, type: string | XsdType | XsdSimple, path: string): void => {
    const named = typeof type === "string" && Object.hasOwn(tables.types, type) ? tables.types[type] : undefined;
    if (named === undefined && (typeof type === "string" || isSimple(type))) {
      if (type === "xs:anyType") return;
      for (const attribute of element.attributes) {
        if (attribute.ns !== XSI && attribute.ns !== XML) complain(element, path, `the attribute ${attribute.name} is not known here`);
      }
      const [child] = elementsOf(element);
      if (child !== undefined) return complain(child, path, `<${child.name}> is not expected: only text can stand here`);
      const problem = simpleProblem(textOf(element), type);
      if (problem !== null) complain(element, path, problem);
      return;
    }
    checkComplex(element, named ?? (type as XsdType), path);
  };

  const checkComplex = (element: XmlElement, type: XsdType, path: string): void => {
    const known = type.attributes ?? {};
    for (const attribute of element.attributes) {
      if (attribute.ns === XSI || attribute.ns === XML) continue;
      const rule = attribute.ns === "" && Object.hasOwn(known, attribute.local) ? known[attribute.local] : undefined;
      if (rule === undefined) {
        if (type.anyAttribute !== true) complain(element, path, `the attribute ${attribute.name} is not known here`);
        continue;
      }
      const problem = simpleProblem(attribute.value, rule.type);
      if (problem !== null) complain(element, `${path}/@${attribute.name}`, problem);
      if (attribute.local === "bom-ref") {
        if (refs.has(attribute.value)) complain(element, `${path}/@bom-ref`, `the bom-ref “${shorten(attribute.value)}” is given twice`);
        refs.set(attribute.value, element);
      }
    }
    for (const [name, rule] of Object.entries(known)) {
      if (rule.required === true && !element.attributes.some((attribute) => attribute.ns === "" && attribute.local === name)) {
        complain(element, path, `needs the attribute ${name}`);
      }
    }
    const children = elementsOf(element);
    if (type.text !== undefined) {
      const [child] = children;
      if (child !== undefined) return complain(child, path, `<${child.name}> is not expected: only text can stand here`);
      const problem = simpleProblem(textOf(element), type.text);
      if (problem !== null) complain(element, path, problem);
      return;
    }
    if (type.mixed !== true && textOf(element).trim() !== "")
      complain(element, path, `text is not expected here: “${shorten(textOf(element).trim())}”`);
    checkChildren(element, children, type.content, path);
  };

  const checkChildren = (parent: XmlElement, children: readonly XmlElement[], content: Particle | undefined, path: string): void => {
    const counts = new Map<string, number>();
    const childPath = (child: XmlElement): string => {
      const number = (counts.get(child.local) ?? 0) + 1;
      counts.set(child.local, number);
      return `${path}/${child.local}${number > 1 ? `[${number}]` : ""}`;
    };
    let next = 0;
    let failed = false;

    const starts = (part: Particle, child: XmlElement | undefined): boolean => {
      if (child === undefined) return false;
      if (part.kind === "any") return child.ns !== tables.ns;
      if (part.kind === "element") return child.ns === tables.ns && child.local === part.name;
      if (part.kind === "choice") return part.parts.some((one) => starts(one, child));
      for (const one of part.parts) {
        if (starts(one, child)) return true;
        if (!optional(one)) return false;
      }
      return false;
    };
    const once = (part: Particle): void => {
      const child = children[next];
      if (part.kind === "element" || part.kind === "any") {
        if (child === undefined || !starts(part, child)) return missing(part);
        next += 1;
        const at = childPath(child);
        if (part.kind === "element") checkElement(child, part.type, at);
        return;
      }
      if (part.kind === "choice") {
        const chosen = part.parts.find((one) => starts(one, child));
        if (chosen !== undefined) return repeat(chosen);
        if (!part.parts.some(optional)) missing(part);
        return;
      }
      for (const one of part.parts) {
        if (failed) return;
        repeat(one);
      }
    };
    const repeat = (part: Particle): void => {
      const most = part.max ?? 1;
      let count = 0;
      for (;;) {
        if (failed || count === most || !starts(part, children[next])) break;
        const before = next;
        once(part);
        count += 1;
        if (next === before) break;
      }
      if (!failed && count < (part.min ?? 1) && !optional(part)) missing(part);
    };
    const missing = (part: Particle): void => {
      if (failed) return;
      failed = true;
      const child = children[next];
      const expected = [...new Set(names(part))]
        .slice(0, 6)
        .map((name) => `<${name}>`)
        .join(" or ");
      complain(child ?? parent, path, child === undefined ? `needs ${expected}` : `<${child.name}> stands where ${expected} is expected`);
    };

    if (content !== undefined) repeat(content);
    const left = children[next];
    if (!failed && left !== undefined)
      complain(left, path, `<${left.name}> is not expected here${left.ns === tables.ns ? "" : ` (namespace “${left.ns}”)`}`);
  };

  const rootType = root.ns === tables.ns && Object.hasOwn(tables.elements, root.local) ? tables.elements[root.local] : undefined;
  if (rootType === undefined)
    complain(root, "", `the root element must be <${Object.keys(tables.elements).join("> or <")}> of ${tables.ns}`);
  else checkElement(root, rootType, `/${root.local}`);
  return errors;
}

function isSimple(type: string | XsdType | XsdSimple): type is XsdSimple {
  return typeof type !== "string" && ("base" in type || "union" in type);
}

/** Can it stand for nothing? */
function optional(part: Particle): boolean {
  if ((part.min ?? 1) === 0) return true;
  if (part.kind === "sequence") return part.parts.every(optional);
  if (part.kind === "choice") return part.parts.some(optional);
  return false;
}

function names(part: Particle): readonly string[] {
  if (part.kind === "element") return [part.name];
  if (part.kind === "any") return ["element of another namespace"];
  if (part.kind === "choice") return part.parts.flatMap(names);
  const required = part.parts.filter((one) => !optional(one));
  return (required.length > 0 ? required.slice(0, 1) : part.parts).flatMap(names);
}

function collapses(base: string, tables: XsdTables): boolean {
  if (base === "xs:string") return false;
  const named = Object.hasOwn(tables.simple, base) ? tables.simple[base] : undefined;
  return named === undefined || !("base" in named) || collapses(named.base, tables);
}

const shorten = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}…` : text);

const BUILTIN: Readonly<Record<string, { readonly test: RegExp; readonly words: string }>> = {
  "xs:boolean": { test: /^(?:true|false|1|0)$/u, words: "true or false" },
  "xs:integer": { test: /^[+-]?\d+$/u, words: "a whole number" },
  "xs:int": { test: /^[+-]?\d+$/u, words: "a whole number" },
  "xs:positiveInteger": { test: /^\+?0*[1-9]\d*$/u, words: "a positive whole number" },
  "xs:nonNegativeInteger": { test: /^(?:\+?\d+|-0+)$/u, words: "a whole number that is not negative" },
  "xs:decimal": { test: /^[+-]?(?:\d+\.?\d*|\.\d+)$/u, words: "a number" },
  "xs:float": { test: /^(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|-?INF|NaN)$/u, words: "a number" },
  "xs:double": { test: /^(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|-?INF|NaN)$/u, words: "a number" },
  "xs:dateTime": {
    test: /^-?\d{4,}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-4]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?$/u,
    words: "a date with time (2026-11-23T10:00:00Z)",
  },
  "xs:date": { test: /^-?\d{4,}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?:Z|[+-]\d\d:\d\d)?$/u, words: "a date (2026-11-23)" },
  "xs:language": { test: /^[a-zA-Z]{1,8}(?:-[a-zA-Z0-9]{1,8})*$/u, words: "a language (en, de-AT)" },
};

function builtinProblem(given: string, type: string): string | null {
  const rule = Object.hasOwn(BUILTIN, type) ? BUILTIN[type] : undefined;
  if (rule !== undefined) return rule.test.test(given.trim()) ? null : `“${shorten(given.trim())}” is not ${rule.words}`;
  return null;
}
