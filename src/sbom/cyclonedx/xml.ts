/**
 * CycloneDX XML to and from the JSON form, which is the form that the rest of this room works on. The two published schemas (XSD
 * and JSON) are walked side by side: an element becomes the member of the same name, a wrapper of repeated elements becomes a
 * list, an attribute becomes a member, text becomes what the JSON schema calls it. What the two schemas name differently is in
 * the tables `RENAMED` and `readSpecial`/`writeSpecial`, and nowhere else. What one form cannot hold is returned as a loss.
 */
import { Fault, type Json } from "../../model/index.ts";
import type { FormLoss } from "../form.ts";
import { text as jsonSchemaText } from "../schemas/cyclonedx-1.7-json.ts";
import { text as commonText } from "../schemas/cyclonedx-common-json.ts";
import { text as xsdText } from "../schemas/cyclonedx-1.7-xsd.ts";
import { placeOf, pointerTo } from "../text.ts";
import { type XmlElement, attributeOf, elementsOf, escapeXml, textOf } from "../xml.ts";
import type { Particle, XsdSimple, XsdTables, XsdType } from "../xsd.ts";

type Data = Record<string, unknown>;
type JsonSchema = { readonly [keyword: string]: unknown };

export interface FromXml {
  readonly data: Readonly<Record<string, Json>>;
  /** Offsets in the XML text by JSON pointer. */
  readonly offsets: ReadonlyMap<string, number>;
  readonly losses: readonly FormLoss[];
}

/** What a JSON schema allows at one place, all alternatives taken together. */
interface Shape {
  readonly members: ReadonlyMap<string, readonly JsonSchema[]>;
  readonly items: readonly JsonSchema[];
  readonly scalar: "string" | "number" | "boolean" | null;
}

/** XML element name under a parent ("" = any) -> JSON member, where the two differ. */
const RENAMED: readonly { readonly parent: string; readonly element: string; readonly member: string }[] = [
  { parent: "analysis", element: "responses", member: "response" },
  { parent: "protocolProperties", element: "cryptoRef", member: "cryptoRefArray" },
  { parent: "custodian", element: "individual", member: "contact" },
  { parent: "steward", element: "individual", member: "contact" },
  { parent: "owner", element: "individual", member: "contact" },
  { parent: "dependency", element: "dependency", member: "dependsOn" },
];

const RENAMED_ATTRIBUTES: Readonly<Record<string, string>> = { "content-type": "contentType", "license-identifier": "licenseIdentifier" };

/** Members that hold an element's text, by what the JSON schema has at that place. */
const TEXT_MEMBERS = ["content", "value", "classification", "text"] as const;

interface Tables {
  readonly xsd: XsdTables;
  readonly schema: JsonSchema;
  readonly common: Readonly<Record<string, JsonSchema>>;
}

let loaded: Tables | undefined;

function tables(): Tables {
  loaded ??= {
    xsd: JSON.parse(xsdText) as XsdTables,
    schema: JSON.parse(jsonSchemaText) as JsonSchema,
    common: JSON.parse(commonText) as Record<string, JsonSchema>,
  };
  return loaded;
}

const shapes = new Map<string, Shape>();
const shapeIds = new WeakMap<object, number>();
let nextShapeId = 0;

function idOf(schema: object): number {
  let id = shapeIds.get(schema);
  if (id === undefined) {
    id = nextShapeId;
    nextShapeId += 1;
    shapeIds.set(schema, id);
  }
  return id;
}

function shapeOf(schemas: readonly JsonSchema[]): Shape {
  const key = schemas.map(idOf).join(",");
  const known = shapes.get(key);
  if (known !== undefined) return known;
  const members = new Map<string, JsonSchema[]>();
  const items: JsonSchema[] = [];
  let scalar: Shape["scalar"] = null;
  const seen = new Set<JsonSchema>();
  const visit = (schema: JsonSchema, depth: number): void => {
    if (seen.has(schema) || depth > 8) return;
    seen.add(schema);
    if (typeof schema["$ref"] === "string") visit(follow(schema["$ref"]), depth);
    for (const keyword of ["oneOf", "anyOf", "allOf"]) {
      for (const one of (schema[keyword] ?? []) as readonly JsonSchema[]) visit(one, depth + 1);
    }
    for (const [name, member] of Object.entries((schema["properties"] ?? {}) as Record<string, JsonSchema>)) {
      const list = members.get(name);
      if (list === undefined) members.set(name, [member]);
      else list.push(member);
    }
    const inner = schema["items"] as JsonSchema | readonly JsonSchema[] | undefined;
    if (Array.isArray(inner)) items.push(...(inner as readonly JsonSchema[]));
    else if (inner !== undefined) items.push(inner as JsonSchema);
    const type = schema["type"];
    if (type === "string" || (type === undefined && (Array.isArray(schema["enum"]) || schema["enumOf"] !== undefined))) scalar = "string";
    else if (type === "number" || type === "integer") scalar ??= "number";
    else if (type === "boolean") scalar ??= "boolean";
    else if (Array.isArray(type) && type.includes("string")) scalar = "string";
  };
  for (const schema of schemas) visit(schema, 0);
  const shape: Shape = { members, items, scalar };
  shapes.set(key, shape);
  return shape;
}

function follow(reference: string): JsonSchema {
  const { schema, common } = tables();
  const hash = reference.indexOf("#");
  const file = hash < 0 ? reference : reference.slice(0, hash);
  let node: unknown = file === "" ? schema : common[file.slice(file.lastIndexOf("/") + 1)];
  for (const part of (hash < 0 ? "" : reference.slice(hash + 1)).split("/").slice(1)) node = (node as Data | undefined)?.[part];
  return (node ?? {}) as JsonSchema;
}

type Type = string | XsdType | XsdSimple;

/** The complex type behind a name, or null for simple ones. */
function complexOf(type: Type): XsdType | null {
  if (typeof type === "string") return tables().xsd.types[type] ?? null;
  return "base" in type || "union" in type ? null : type;
}

interface Slot {
  readonly name: string;
  readonly type: Type;
  readonly repeated: boolean;
}

const slotCache = new WeakMap<XsdType, readonly Slot[]>();

/** The elements that a type can hold, in the order in which they must stand. */
function slotsOf(type: XsdType): readonly Slot[] {
  const known = slotCache.get(type);
  if (known !== undefined) return known;
  const slots: Slot[] = [];
  const visit = (part: Particle, repeated: boolean): void => {
    const many = repeated || (part.max ?? 1) !== 1;
    if (part.kind === "element") {
      if (!slots.some((slot) => slot.name === part.name)) slots.push({ name: part.name, type: part.type, repeated: many });
    } else if (part.kind !== "any") for (const one of part.parts) visit(one, many);
  };
  if (type.content !== undefined) visit(type.content, false);
  slotCache.set(type, slots);
  return slots;
}

/** The slots in the order in which they must stand for these members: of a choice, the branch that holds most of them. */
function slotsFor(type: XsdType, members: ReadonlySet<string>): readonly Slot[] {
  const all = slotsOf(type);
  if (type.content === undefined || !hasChoice(type.content)) return all;
  const names: string[] = [];
  const visit = (part: Particle): void => {
    if (part.kind === "element") names.push(part.name);
    else if (part.kind === "sequence" || (part.kind === "choice" && (part.max ?? 1) !== 1)) for (const one of part.parts) visit(one);
    else if (part.kind === "choice") {
      let best: Particle | undefined;
      let most = 0;
      for (const one of part.parts) {
        const count = elementNames(one).filter((name) => members.has(name)).length;
        if (count > most) [best, most] = [one, count];
      }
      if (best !== undefined) visit(best);
    }
  };
  visit(type.content);
  // What no branch chose still gets its turn, so that it is written rather than lost; the schema will say if it may not stand there.
  const ordered = [...new Set([...names, ...all.map((slot) => slot.name)])];
  return ordered.flatMap((name) => all.filter((slot) => slot.name === name));
}

function hasChoice(part: Particle): boolean {
  return part.kind === "choice" || (part.kind === "sequence" && part.parts.some(hasChoice));
}

function elementNames(part: Particle): readonly string[] {
  if (part.kind === "element") return [part.name];
  return part.kind === "any" ? [] : part.parts.flatMap(elementNames);
}

/** White space as the type has it (XSD part 2, 4.3.6): kept in texts, folded in tokens, numbers, dates and the like. */
function textAs(text: string, type: Type): string {
  let name: Type = type;
  for (let depth = 0; depth < 8; depth += 1) {
    if (typeof name !== "string") name = "base" in name ? name.base : "xs:string";
    else if (Object.hasOwn(tables().xsd.simple, name)) name = tables().xsd.simple[name] as XsdSimple;
    else break;
  }
  // A normalized string would have its line breaks made spaces; kept, they do no harm, and JSON's come back as they were.
  if (name === "xs:string" || name === "xs:normalizedString") return text;
  return text.trim().replace(/[ \t\n\r]+/gu, " ");
}

function memberFor(parent: string, element: string, shape: Shape): string {
  const renamed = RENAMED.find((one) => one.element === element && one.parent === parent && shape.members.has(one.member));
  return renamed?.member ?? element;
}

/** A list in JSON, and in XML one element that does nothing but hold its entries. */
function isWrapper(slot: Slot, type: XsdType | null, shape: Shape): boolean {
  if (type === null || shape.items.length === 0 || type.text !== undefined || Object.keys(type.attributes ?? {}).length > 0) return false;
  const slots = slotsOf(type);
  if (!slot.repeated) return slots.length > 0;
  // Some wrappers may themselves be repeated: they hold nothing but entries that bear another name than any member.
  const [only] = slots;
  return slots.length === 1 && only !== undefined && only.repeated && !shapeOf(shape.items).members.has(only.name);
}

/** Elements that stand for their whole list, in a form of their own: read and written by `#special`. */
const WHOLE: ReadonlySet<string> = new Set(["licenses", "tools"]);

// ---- XML to JSON ----

const NAMESPACE = /^http:\/\/cyclonedx\.org\/schema\/bom\/(\d+\.\d+)$/u;

/** The version that the root element's namespace names, or null where it is no CycloneDX document. */
export function cycloneDxXmlVersion(root: XmlElement): string | null {
  return root.local === "bom" ? (NAMESPACE.exec(root.ns)?.[1] ?? null) : null;
}

/** Reads a CycloneDX document of any version up to 1.7. Throws `sbom/invalid` where the root is none. */
export function cycloneDxFromXml(root: XmlElement, text: string, file: string): FromXml {
  const version = cycloneDxXmlVersion(root);
  if (version === null) {
    throw new Fault("sbom/invalid", `${file} is not a CycloneDX document: its root is <${root.name}> of “${root.ns}”`, {
      place: placeOf(file, text, root.offset),
    });
  }
  const reader = new Reader(root.ns, version);
  const { schema, xsd } = tables();
  const type = complexOf(xsd.elements["bom"] ?? "");
  const body = reader.object(root, type as XsdType, shapeOf([schema]), "", "");
  const data: Data = { bomFormat: "CycloneDX", specVersion: version, ...body };
  return { data: data as Record<string, Json>, offsets: reader.offsets, losses: reader.losses };
}

class Reader {
  readonly offsets = new Map<string, number>();
  readonly losses: FormLoss[] = [];
  readonly #ns: string;
  readonly #version: string;

  constructor(ns: string, version: string) {
    this.#ns = ns;
    this.#version = version;
  }

  /** One element as the value of the given shape. */
  value(element: XmlElement, type: Type, shape: Shape, pointer: string, path: string): unknown {
    this.offsets.set(pointer, element.offset);
    const complex = complexOf(type);
    if (complex === null) return this.#simple(element, type, shape, path);
    const special = this.#special(element, complex, shape, pointer, path);
    if (special !== undefined) return special;
    if (complex.mixed === true && shape.scalar === "string" && elementsOf(element).length === 0) return textOf(element).trim();
    if (shape.items.length > 0 && shape.members.size === 0) return this.object(element, complex, shapeOf(shape.items), pointer, path);
    return this.object(element, complex, shape, pointer, path);
  }

  #simple(element: XmlElement, type: Type, shape: Shape, path: string): unknown {
    for (const attribute of element.attributes)
      this.#lose(`${path}/@${attribute.name}`, "an attribute that JSON has no member for", attribute.value);
    for (const child of elementsOf(element)) this.#lose(`${path}/${child.name}`, "an element that JSON has no member for", textOf(child));
    const text = textAs(textOf(element), type);
    if (shape.scalar === null && shape.members.has("text")) return { text };
    if (shape.scalar === null && shape.members.has("ref")) return { ref: text };
    return scalar(text, shape.scalar);
  }

  list(element: XmlElement, type: XsdType, shape: Shape, pointer: string, path: string, into: unknown[]): unknown[] {
    const slots = slotsOf(type);
    const item = shapeOf(shape.items);
    for (const attribute of element.attributes)
      this.#lose(`${path}/@${attribute.name}`, "an attribute that JSON has no member for", attribute.value);
    for (const child of elementsOf(element)) {
      const slot = child.ns === this.#ns ? slots.find((one) => one.name === child.local) : undefined;
      if (slot === undefined) this.#extension(child, path);
      else into.push(this.value(child, slot.type, item, pointerTo(pointer, into.length), `${path}/${child.local}`));
    }
    return into;
  }

  object(element: XmlElement, type: XsdType, shape: Shape, pointer: string, path: string): Data {
    this.offsets.set(pointer, element.offset);
    const data: Data = {};
    for (const attribute of element.attributes) {
      const member = RENAMED_ATTRIBUTES[attribute.local] ?? attribute.local;
      const schemas = attribute.ns === "" ? shape.members.get(member) : undefined;
      if (schemas === undefined) this.#lose(`${path}/@${attribute.name}`, "an attribute that JSON has no member for", attribute.value);
      else data[member] = scalar(attribute.value, shapeOf(schemas).scalar);
    }
    if (type.text !== undefined) {
      const member = TEXT_MEMBERS.find((one) => shape.members.has(one));
      const own = textAs(textOf(element), type.text);
      // XML cannot tell an empty text from none, and a property may have none.
      if (member !== undefined && (own !== "" || member !== "value")) data[member] = own;
      return data;
    }
    const slots = slotsOf(type);
    const extra = textOf(element).trim();
    if (extra !== "") this.#lose(path, "text between elements", extra);
    for (const child of elementsOf(element)) {
      const slot = child.ns === this.#ns ? slots.find((one) => one.name === child.local) : undefined;
      const member = memberFor(element.local, child.local, shape);
      const schemas = shape.members.get(member);
      if (slot === undefined || schemas === undefined) {
        this.#extension(child, path);
        continue;
      }
      const inner = shapeOf(schemas);
      const at = pointerTo(pointer, member);
      const childPath = `${path}/${child.local}`;
      const complex = complexOf(slot.type);
      const before = Object.hasOwn(data, member) ? data[member] : undefined;
      // Evidence of identity is one object up to 1.5, a list since.
      const single = member === "identity" && this.#version <= "1.5";
      if (WHOLE.has(child.local) && before === undefined) data[member] = this.value(child, slot.type, inner, at, childPath);
      else if (complex !== null && !single && isWrapper(slot, complex, inner)) {
        data[member] = this.list(child, complex, inner, at, childPath, Array.isArray(before) ? before : []);
      } else if (inner.items.length > 0 && !single) {
        const list = Array.isArray(before) ? before : [];
        list.push(this.value(child, slot.type, shapeOf(inner.items), pointerTo(at, list.length), childPath));
        data[member] = list;
      } else if (before !== undefined) this.#lose(childPath, "a second element where JSON holds one", textOf(child));
      else data[member] = this.value(child, slot.type, inner, at, childPath);
    }
    return data;
  }

  /** Where XML and JSON are built differently. Returns undefined where they are not. */
  #special(element: XmlElement, type: XsdType, shape: Shape, pointer: string, path: string): unknown {
    const children = elementsOf(element).filter((child) => child.ns === this.#ns);
    switch (element.local) {
      case "licenses":
        return shape.items.length === 0 ? undefined : this.#licences(element, type, shape, pointer, path);
      case "tools":
        // Up to 1.4 a list of tools; since 1.5 components and services.
        if (!children.some((child) => child.local === "tool") && shape.members.has("components")) return undefined;
        return this.list(element, type, shape, pointer, path, []);
      case "classification":
      case "dataflow":
        return shape.members.has("flow") && shape.members.has("classification")
          ? this.#dataflow(element, type, shape, pointer, path)
          : undefined;
      case "environmentVar":
        return { name: attributeOf(element, "name") ?? "", value: textOf(element) };
      default:
        break;
    }
    // `<assembly ref="…"/>` and its like are plain texts in JSON.
    const attributes = Object.keys(type.attributes ?? {});
    if (shape.scalar === "string" && shape.members.size === 0 && attributes.includes("ref") && slotsOf(type).length === 0)
      return attributeOf(element, "ref") ?? "";
    if (element.local === "dependency" && shape.scalar === "string") return attributeOf(element, "ref") ?? "";
    return undefined;
  }

  #licences(element: XmlElement, type: XsdType, shape: Shape, pointer: string, path: string): unknown[] {
    const item = shapeOf(shape.items);
    const result: unknown[] = [];
    const slots = slotsOf(type);
    for (const child of elementsOf(element)) {
      const slot = child.ns === this.#ns ? slots.find((one) => one.name === child.local) : undefined;
      const at = pointerTo(pointer, result.length);
      const childPath = `${path}/${child.local}`;
      const complex = slot === undefined ? null : complexOf(slot.type);
      if (slot === undefined) this.#extension(child, path);
      else if (child.local === "license")
        result.push({
          license: this.value(child, slot.type, shapeOf(item.members.get("license") ?? []), pointerTo(at, "license"), childPath),
        });
      else if (child.local === "expression") {
        this.offsets.set(at, child.offset);
        const entry: Data = { expression: textOf(child) };
        for (const name of ["acknowledgement", "bom-ref"]) {
          const value = attributeOf(child, name);
          if (value !== undefined) entry[name] = value;
        }
        result.push(entry);
      } else if (complex !== null) {
        const { details, ...rest } = this.object(
          child,
          complex,
          { ...item, members: new Map([...item.members, ["details", item.members.get("expressionDetails") ?? []]]) },
          at,
          childPath,
        );
        result.push(details === undefined ? rest : { ...rest, expressionDetails: details });
      }
    }
    return result;
  }

  #dataflow(element: XmlElement, type: XsdType, shape: Shape, pointer: string, path: string): Data {
    if (element.local === "classification") {
      const flow = attributeOf(element, "flow");
      return { ...(flow !== undefined && { flow }), classification: textOf(element) };
    }
    const data = this.object(element, type, shape, pointer, path);
    const classification = elementsOf(element).find((child) => child.local === "classification" && child.ns === this.#ns);
    if (classification !== undefined) {
      data["classification"] = textOf(classification);
      const flow = attributeOf(classification, "flow");
      if (flow !== undefined) data["flow"] = flow;
      // `flow` was counted as lost when the classification was read as a plain text.
      const lost = this.losses.findIndex((loss) => loss.at === `${path}/classification/@flow`);
      if (lost >= 0) this.losses.splice(lost, 1);
    }
    return data;
  }

  #extension(element: XmlElement, path: string): void {
    const flat = (one: XmlElement): string =>
      one.children
        .map((child) => (typeof child === "string" ? child : flat(child)))
        .join("")
        .trim();
    this.#lose(
      `${path}/${element.name}`,
      element.ns === this.#ns
        ? "an element that JSON has no member for"
        : `an extension of ${element.ns === "" ? "no namespace" : element.ns}`,
      flat(element),
    );
  }

  #lose(at: string, what: string, value: string): void {
    this.losses.push({ at, what, value });
  }
}

function scalar(text: string, kind: Shape["scalar"]): unknown {
  if (kind === "boolean") return text.trim() === "true" || text.trim() === "1";
  if (kind === "number") {
    const number = Number(text);
    return text.trim() !== "" && Number.isFinite(number) ? number : text;
  }
  return text;
}

// ---- JSON to XML ----

export interface ToXml {
  readonly text: string;
  readonly losses: readonly FormLoss[];
}

/** Writes CycloneDX data as XML of the version that it names. Members that XML has no place for (JSF signatures) are losses. */
export function cycloneDxToXml(data: Readonly<Record<string, Json>>): ToXml {
  const version = String(data["specVersion"]);
  const { xsd, schema } = tables();
  const writer = new Writer();
  const { bomFormat: _format, specVersion: _version, $schema: _schema, ...rest } = data;
  writer.object(
    "bom",
    rest,
    complexOf(xsd.elements["bom"] ?? "") as XsdType,
    shapeOf([schema]),
    "",
    0,
    ` xmlns="http://cyclonedx.org/schema/bom/${version}"`,
  );
  return { text: `<?xml version="1.0" encoding="UTF-8"?>\n${writer.lines.join("\n")}\n`, losses: writer.losses };
}

class Writer {
  readonly lines: string[] = [];
  readonly losses: FormLoss[] = [];

  #lose(pointer: string, value: unknown): void {
    this.losses.push({
      at: pointer,
      what: "a member that XML has no place for",
      value: typeof value === "string" ? value : JSON.stringify(value),
    });
  }

  #leaf(name: string, attributes: string, text: string, depth: number): void {
    this.lines.push(`${"  ".repeat(depth)}<${name}${attributes}${text === "" ? "/>" : `>${escapeXml(text)}</${name}>`}`);
  }

  value(name: string, value: unknown, type: Type, shape: Shape, pointer: string, depth: number): void {
    const complex = complexOf(type);
    if (complex === null) {
      const text = isData(value) ? (value["text"] ?? value["ref"]) : value;
      this.#leaf(name, "", String(text), depth);
      if (isData(value))
        for (const [key, member] of Object.entries(value)) if (key !== "text" && key !== "ref") this.#lose(pointerTo(pointer, key), member);
      return;
    }
    if (this.#special(name, value, complex, shape, pointer, depth)) return;
    if (Array.isArray(value)) this.list(name, value, complex, shape, pointer, depth);
    else if (isData(value)) this.object(name, value, complex, shape, pointer, depth);
    else if (complex.attributes !== undefined && Object.hasOwn(complex.attributes, "ref") && complex.text === undefined)
      this.#leaf(name, ` ref="${escapeXml(String(value))}"`, "", depth);
    else if (complex.text !== undefined || complex.mixed === true) this.#leaf(name, "", String(value), depth);
    else this.#lose(pointer, value);
  }

  list(name: string, values: readonly unknown[], type: XsdType, shape: Shape, pointer: string, depth: number): void {
    const slots = slotsOf(type);
    const item = shapeOf(shape.items);
    if (values.length === 0) return this.#leaf(name, "", "", depth);
    this.lines.push(`${"  ".repeat(depth)}<${name}>`);
    for (const [index, value] of values.entries()) {
      const slot = chooseSlot(slots, value);
      if (slot === undefined) this.#lose(pointerTo(pointer, index), value);
      else this.value(slot.name, value, slot.type, item, pointerTo(pointer, index), depth + 1);
    }
    this.lines.push(`${"  ".repeat(depth)}</${name}>`);
  }

  object(name: string, data: Data, type: XsdType, shape: Shape, pointer: string, depth: number, namespace = ""): void {
    const left = new Set(Object.keys(data));
    let attributes = namespace;
    for (const attribute of Object.keys(type.attributes ?? {})) {
      const member = RENAMED_ATTRIBUTES[attribute] ?? attribute;
      const value = Object.hasOwn(data, member) ? data[member] : undefined;
      if (value === undefined || typeof value === "object") continue;
      attributes += ` ${attribute}="${attributeText(value)}"`;
      left.delete(member);
    }
    if (type.text !== undefined) {
      const member = TEXT_MEMBERS.find((one) => left.has(one));
      const text = member === undefined ? "" : String(data[member]);
      if (member !== undefined && (text !== "" || member !== "value")) left.delete(member);
      this.#leaf(name, attributes, text, depth);
    } else {
      const before = this.lines.length;
      this.lines.push(`${"  ".repeat(depth)}<${name}${attributes}>`);
      for (const slot of slotsFor(type, left)) {
        const member = memberFor(name, slot.name, shape);
        if (!left.has(member)) continue;
        left.delete(member);
        const value = data[member];
        const at = pointerTo(pointer, member);
        const inner = shapeOf(shape.members.get(member) ?? []);
        const complex = complexOf(slot.type);
        if (Array.isArray(value) && !WHOLE.has(slot.name) && !isWrapper(slot, complex, inner)) {
          const item = shapeOf(inner.items);
          for (const [index, one] of value.entries()) this.value(slot.name, one, slot.type, item, pointerTo(at, index), depth + 1);
          if (value.length === 0) this.#lose(at, value);
        } else this.value(slot.name, value, slot.type, inner, at, depth + 1);
      }
      if (this.lines.length === before + 1) {
        this.lines.pop();
        this.#leaf(name, attributes, "", depth);
      } else this.lines.push(`${"  ".repeat(depth)}</${name}>`);
    }
    for (const member of left) this.#lose(pointerTo(pointer, member), data[member]);
  }

  #special(name: string, value: unknown, type: XsdType, shape: Shape, pointer: string, depth: number): boolean {
    if (name === "licenses" && Array.isArray(value)) {
      this.#licences(value, type, shape, pointer, depth);
      return true;
    }
    if (name === "dataflow" && isData(value)) {
      const { flow, classification, ...rest } = value;
      // The classification comes first in the content model: it is written as an element with the flow as its attribute.
      const inner = slotsOf(type).find((slot) => slot.name === "classification");
      const marker = this.lines.length;
      this.object(name, { ...rest, classification: "" }, type, shape, pointer, depth);
      const at = this.lines.findIndex((line, index) => index > marker && /^\s*<classification\/>$/u.test(line));
      const flowText = flow === undefined ? "" : ` flow="${escapeXml(String(flow))}"`;
      if (at >= 0 && inner !== undefined)
        this.lines[at] = `${"  ".repeat(depth + 1)}<classification${flowText}>${escapeXml(String(classification))}</classification>`;
      return true;
    }
    if (name === "environmentVar" && isData(value)) {
      this.#leaf(name, ` name="${escapeXml(String(value["name"] ?? ""))}"`, String(value["value"] ?? ""), depth);
      return true;
    }
    return false;
  }

  #licences(values: readonly unknown[], type: XsdType, shape: Shape, pointer: string, depth: number): void {
    const item = shapeOf(shape.items);
    const slots = slotsOf(type);
    const slot = (name: string): Type => slots.find((one) => one.name === name)?.type ?? "xs:string";
    if (values.length === 0) return this.#leaf("licenses", "", "", depth);
    this.lines.push(`${"  ".repeat(depth)}<licenses>`);
    for (const [index, value] of values.entries()) {
      const at = pointerTo(pointer, index);
      if (!isData(value)) this.#lose(at, value);
      else if ("license" in value) {
        this.value(
          "license",
          value["license"],
          slot("license"),
          shapeOf(item.members.get("license") ?? []),
          pointerTo(at, "license"),
          depth + 1,
        );
        for (const [key, member] of Object.entries(value)) if (key !== "license") this.#lose(pointerTo(at, key), member);
      } else if ("expressionDetails" in value || "licensing" in value || "properties" in value) {
        const { expressionDetails, ...rest } = value;
        const members = new Map([...item.members, ["details", item.members.get("expressionDetails") ?? []] as const]);
        const data = expressionDetails === undefined ? rest : { ...rest, details: expressionDetails };
        this.object("expression-detailed", data, complexOf(slot("expression-detailed")) as XsdType, { ...item, members }, at, depth + 1);
      } else {
        const { expression, ...rest } = value;
        let attributes = "";
        for (const [key, member] of Object.entries(rest)) {
          if (key === "acknowledgement" || key === "bom-ref") attributes += ` ${key}="${escapeXml(String(member))}"`;
          else this.#lose(pointerTo(at, key), member);
        }
        this.#leaf("expression", attributes, String(expression), depth + 1);
      }
    }
    this.lines.push(`${"  ".repeat(depth)}</licenses>`);
  }
}

/** Which of several elements an entry of a list becomes. */
function chooseSlot(slots: readonly Slot[], value: unknown): Slot | undefined {
  if (slots.length === 1) return slots[0];
  const named = (name: string): Slot | undefined => slots.find((slot) => slot.name === name);
  if (!isData(value)) return named("value") ?? slots[0];
  // Tools: in the list form. Datasets: a reference or the data. Data of services: a classification or a flow. Patents: one or a family.
  const only = Object.keys(value);
  return (
    named("tool") ??
    (only.length === 1 && only[0] === "ref" ? named("ref") : undefined) ??
    named("dataset") ??
    (named("dataflow") !== undefined && only.every((key) => key === "flow" || key === "classification")
      ? named("classification")
      : named("dataflow")) ??
    ("familyId" in value ? named("patentFamily") : named("patent")) ??
    named("environmentVar") ??
    slots[0]
  );
}

function isData(value: unknown): value is Data {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Line breaks in attributes would come back as spaces. */
function attributeText(value: unknown): string {
  return escapeXml(String(value)).replaceAll("\n", "&#10;").replaceAll("\t", "&#9;");
}
