/** CycloneDX's JSON form -> XML. What XML has no place for (JSF signatures, empty lists) is returned as a loss. */
import type { Json } from "../../model/index.ts";
import type { FormLoss } from "../form.ts";
import { pointerTo } from "../text.ts";
import { escapeXml, isXmlText } from "../xml.ts";
import type { XsdType } from "../xsd.ts";
import {
  type Data,
  type Shape,
  type Slot,
  type Type,
  RENAMED_ATTRIBUTES,
  TEXT_MEMBERS,
  tables,
  shapeOf,
  complexOf,
  slotsOf,
  slotsFor,
  memberFor,
  isWrapper,
  WHOLE,
  isData,
} from "./form.ts";

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
  for (const [pointer, value] of badTexts(rest))
    writer.losses.push({ at: pointer, what: "a control character, which XML cannot hold", value });
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

function* badTexts(value: unknown, pointer = ""): Generator<readonly [string, string]> {
  if (typeof value === "string") {
    if (!isXmlText(value)) yield [pointer, value];
  } else if (typeof value === "object" && value !== null) {
    for (const [key, member] of Array.isArray(value) ? value.entries() : Object.entries(value))
      yield* badTexts(member, pointerTo(pointer, key));
  }
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

/** Line breaks in attributes would come back as spaces. */
function attributeText(value: unknown): string {
  return escapeXml(String(value)).replaceAll("\n", "&#10;").replaceAll("\t", "&#9;");
}
