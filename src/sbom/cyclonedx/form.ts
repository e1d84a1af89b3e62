/**
 * CycloneDX XML and its JSON form, which is the form that the rest of this room works on. The two published schemas (XSD and JSON) are
 * walked side by side: an element becomes the member of the same name, a wrapper of repeated elements becomes a list, an
 * attribute becomes a member, text becomes what the JSON schema calls it. Here is what both directions share; what the two
 * schemas name differently is in the tables here and in `#special` of the reader and the writer, and nowhere else.
 */
import { text as commonText } from "../schemas/cyclonedx-common-json.ts";
import { text as jsonSchemaText } from "../schemas/cyclonedx-1.7-json.ts";
import { text as xsdText } from "../schemas/cyclonedx-1.7-xsd.ts";
import type { Particle, XsdSimple, XsdTables, XsdType } from "../xsd.ts";

export type Data = Record<string, unknown>;
export type JsonSchema = { readonly [keyword: string]: unknown };

/** What a JSON schema allows at one place, all alternatives taken together. */
export interface Shape {
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

export const RENAMED_ATTRIBUTES: Readonly<Record<string, string>> = {
  "content-type": "contentType",
  "license-identifier": "licenseIdentifier",
};

/** Members that hold an element's text, by what the JSON schema has at that place. */
export const TEXT_MEMBERS = ["content", "value", "classification", "text"] as const;

interface Tables {
  readonly xsd: XsdTables;
  readonly schema: JsonSchema;
  readonly common: Readonly<Record<string, JsonSchema>>;
}

let loaded: Tables | undefined;

export function tables(): Tables {
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

export function shapeOf(schemas: readonly JsonSchema[]): Shape {
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

export type Type = string | XsdType | XsdSimple;

/** The complex type behind a name, or null for simple ones. */
export function complexOf(type: Type): XsdType | null {
  if (typeof type === "string") return tables().xsd.types[type] ?? null;
  return "base" in type || "union" in type ? null : type;
}

export interface Slot {
  readonly name: string;
  readonly type: Type;
  readonly repeated: boolean;
}

const slotCache = new WeakMap<XsdType, readonly Slot[]>();

/** The elements that a type can hold, in the order in which they must stand. */
export function slotsOf(type: XsdType): readonly Slot[] {
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
export function slotsFor(type: XsdType, members: ReadonlySet<string>): readonly Slot[] {
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
export function textAs(text: string, type: Type): string {
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

export function memberFor(parent: string, element: string, shape: Shape): string {
  const renamed = RENAMED.find((one) => one.element === element && one.parent === parent && shape.members.has(one.member));
  return renamed?.member ?? element;
}

/** A list in JSON, and in XML one element that does nothing but hold its entries. */
export function isWrapper(slot: Slot, type: XsdType | null, shape: Shape): boolean {
  if (type === null || shape.items.length === 0 || type.text !== undefined || Object.keys(type.attributes ?? {}).length > 0) return false;
  const slots = slotsOf(type);
  if (!slot.repeated) return slots.length > 0;
  // Some wrappers may themselves be repeated: they hold nothing but entries that bear another name than any member.
  const [only] = slots;
  return slots.length === 1 && only !== undefined && only.repeated && !shapeOf(shape.items).members.has(only.name);
}

/** Elements that stand for their whole list, in a form of their own: read and written by `#special`. */
export const WHOLE: ReadonlySet<string> = new Set(["licenses", "tools"]);

export function isData(value: unknown): value is Data {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
