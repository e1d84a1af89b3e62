/** CycloneDX XML -> its JSON form. What JSON has no member for (extensions, foreign attributes) is returned as a loss. */
import { Fault, type Json } from "../../model/index.ts";
import type { FormLoss } from "../form.ts";
import { placeOf, pointerTo } from "../text.ts";
import { type XmlElement, attributeOf, elementsOf, textOf } from "../xml.ts";
import type { XsdType } from "../xsd.ts";
import {
  type Data,
  type Shape,
  type Type,
  RENAMED_ATTRIBUTES,
  TEXT_MEMBERS,
  tables,
  shapeOf,
  complexOf,
  slotsOf,
  textAs,
  memberFor,
  isWrapper,
  WHOLE,
} from "./form.ts";

export interface FromXml {
  readonly data: Readonly<Record<string, Json>>;
  /** Offsets in the XML text by JSON pointer. */
  readonly offsets: ReadonlyMap<string, number>;
  readonly losses: readonly FormLoss[];
}

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
