/** SPDX 2 as XML: the JSON form with elements for members, a list being the element repeated. */
import { Fault, type Json } from "../../model/index.ts";
import type { FormLoss } from "../form.ts";
import { placeOf, pointerTo } from "../text.ts";
import { type XmlElement, elementsOf, escapeXml, isXmlText, textOf } from "../xml.ts";
import { type SpdxShape, documentShape, spdxScalar } from "./shape.ts";

export interface SpdxRead {
  readonly data: Readonly<Record<string, Json>>;
  /** Offsets in the text by JSON pointer. */
  readonly offsets: ReadonlyMap<string, number>;
  readonly losses: readonly FormLoss[];
}

/** Reads `<Document>…`. Elements that the JSON form does not know become losses. */
export function spdxFromXml(root: XmlElement, text: string, file: string): SpdxRead {
  if (root.local !== "Document")
    throw new Fault("sbom/invalid", `${file} is not an SPDX document: its root is <${root.name}>`, {
      place: placeOf(file, text, root.offset),
    });
  const offsets = new Map<string, number>();
  const losses: FormLoss[] = [];
  const read = (element: XmlElement, shape: SpdxShape, pointer: string, path: string): unknown => {
    offsets.set(pointer, element.offset);
    for (const attribute of element.attributes)
      losses.push({ at: `${path}/@${attribute.name}`, what: "an attribute", value: attribute.value });
    const children = elementsOf(element);
    if (shape.type !== "object" || shape.members.size === 0) {
      for (const child of children)
        losses.push({ at: `${path}/${child.name}`, what: "an element that SPDX does not have here", value: textOf(child) });
      return shape.type === "object" ? {} : spdxScalar(textOf(element), shape);
    }
    const data: Record<string, unknown> = {};
    const extra = textOf(element).trim();
    if (extra !== "") losses.push({ at: path, what: "text between elements", value: extra });
    for (const child of children) {
      const member = shape.members.get(child.local);
      const at = pointerTo(pointer, child.local);
      const childPath = `${path}/${child.local}`;
      if (member === undefined)
        losses.push({ at: childPath, what: "an element that SPDX does not have here", value: textOf(child).trim() });
      else if (member.items !== null) {
        const list = (data[child.local] as unknown[] | undefined) ?? [];
        list.push(read(child, member.items, pointerTo(at, list.length), childPath));
        data[child.local] = list;
      } else if (Object.hasOwn(data, child.local))
        losses.push({ at: childPath, what: "a second element where one is allowed", value: textOf(child) });
      else data[child.local] = read(child, member, at, childPath);
    }
    return data;
  };
  return { data: read(root, documentShape(), "", "/Document") as Record<string, Json>, offsets, losses };
}

/** Writes an SPDX 2 document as XML. */
export function spdxToXml(data: Readonly<Record<string, Json>>): { readonly text: string; readonly losses: readonly FormLoss[] } {
  const losses: FormLoss[] = [];
  const lines: string[] = [`<?xml version="1.0" encoding="UTF-8"?>`];
  const write = (name: string, value: unknown, depth: number, pointer: string): void => {
    const indent = "  ".repeat(depth);
    if (Array.isArray(value)) {
      for (const [index, one] of value.entries()) write(name, one, depth, pointerTo(pointer, index));
      if (value.length === 0) losses.push({ at: pointer, what: "an empty list: XML cannot tell it from none", value: "[]" });
    } else if (typeof value === "object" && value !== null) {
      lines.push(`${indent}<${name}>`);
      for (const [key, member] of Object.entries(value)) {
        if (/^[A-Za-z_][\w.-]*$/u.test(key)) write(key, member, depth + 1, pointerTo(pointer, key));
        else losses.push({ at: pointerTo(pointer, key), what: "a name that XML cannot hold", value: JSON.stringify(member) });
      }
      lines.push(`${indent}</${name}>`);
    } else {
      const text = String(value);
      if (!isXmlText(text)) losses.push({ at: pointer, what: "a control character, which XML cannot hold", value: text });
      lines.push(`${indent}<${name}>${escapeXml(text)}</${name}>`);
    }
  };
  write("Document", data, 0, "");
  return { text: `${lines.join("\n")}\n`, losses };
}
