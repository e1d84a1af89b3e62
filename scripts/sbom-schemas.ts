/**
 * `node scripts/sbom-schemas.ts FOLDER [SPDX_FOLDER]`: makes `src/sbom/schemas/*.ts` from the published schemas.
 *
 * FOLDER holds CycloneDX's schemas (`bom-1.6.SNAPSHOT.schema.json`, `bom-1.6.SNAPSHOT.xsd` …) as the npm package
 * @cyclonedx/cyclonedx-library ships them in `res/schema`; SPDX_FOLDER holds `spdx-schema-v2.3.json` and `spdx-schema-v3.0.1.json`
 * of spdx/tools-java. All are Apache-2.0 (see NOTICE). What only people read (descriptions, examples) is left out, and the licence
 * ids, which we have already, are referred to.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type XmlElement, attributeOf, elementsOf, parseXml } from "../src/sbom/xml.ts";
import type { Occurs, Particle, XsdSimple, XsdTables, XsdType } from "../src/sbom/xsd.ts";

const [folder, spdxFolder] = process.argv.slice(2);
if (folder === undefined) throw new Error("which folder holds the schemas?");
const target = resolve(import.meta.dirname, "..", "src", "sbom", "schemas");

const forPeople = new Set(["title", "description", "examples", "default", "$comment", "meta:enum", "deprecated"]);
const maps = new Set(["properties", "definitions", "$defs", "patternProperties"]);

function slim(schema: unknown, isMap = false): unknown {
  if (Array.isArray(schema)) return schema.map((one) => slim(one));
  // The package names its copies `*.SNAPSHOT.*`; the published schemas refer to each other without it.
  if (typeof schema === "string") return schema.replace(".SNAPSHOT.", ".");
  if (typeof schema !== "object" || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key]) => isMap || !forPeople.has(key))
      .map(([key, value]) => [key, key === "enum" || key === "const" ? value : slim(value, !isMap && maps.has(key))]),
  );
}

function write(name: string, data: unknown, origin: string): void {
  const text = JSON.stringify(data);
  const file = `// Made by scripts/sbom-schemas.ts from ${origin}; do not edit. See NOTICE.\nexport const text =\n  ${JSON.stringify(text)};\n`;
  writeFileSync(join(target, `${name}.ts`), file);
  console.log(`${name}: ${(text.length / 1024).toFixed(0)} KiB`);
}

const json = (file: string): Record<string, unknown> => JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
const versions = ["1.2", "1.3", "1.4", "1.5", "1.6", "1.7"];
for (const version of versions) {
  const strict = version === "1.2" || version === "1.3" ? "-strict" : "";
  const name = `bom-${version}${strict}.SNAPSHOT.schema.json`;
  write(`cyclonedx-${version}-json`, slim(json(join(folder, name))), `CycloneDX ${version} (bom-${version}${strict}.schema.json)`);
  write(`cyclonedx-${version}-xsd`, xsdTables(join(folder, `bom-${version}.SNAPSHOT.xsd`)), `CycloneDX ${version} (bom-${version}.xsd)`);
}
write(
  "cyclonedx-common-json",
  {
    "spdx.schema.json": { type: "string", enumOf: "licences" },
    "jsf-0.82.schema.json": slim(json(join(folder, "jsf-0.82.SNAPSHOT.schema.json"))),
    "cryptography-defs.schema.json": slim(json(join(folder, "cryptography-defs.SNAPSHOT.schema.json"))),
  },
  "the schemas that CycloneDX's refer to (JSF 0.82, cryptography-defs)",
);
if (spdxFolder !== undefined) {
  write("spdx-2.3-json", slim(json(join(spdxFolder, "spdx-schema-v2.3.json"))), "SPDX 2.3 (spdx-schema.json)");
  write("spdx-3.0-json", slim(json(join(spdxFolder, "spdx-schema-v3.0.1.json"))), "SPDX 3.0.1 (spdx-json-schema.json)");
}

// ---- XSD ----

function xsdTables(file: string): XsdTables {
  const root = parseXml(readFileSync(file, "utf8"), file);
  const ns = attributeOf(root, "targetNamespace") ?? "";
  const groups = new Map(
    elementsOf(root)
      .filter((one) => one.local === "attributeGroup")
      .map((one) => [attributeOf(one, "name") ?? "", one]),
  );
  const types: Record<string, XsdType> = {};
  const simple: Record<string, XsdSimple> = {};
  const elements: Record<string, string | XsdType | XsdSimple> = {};
  for (const one of elementsOf(root)) {
    const name = attributeOf(one, "name") ?? "";
    if (one.local === "complexType") types[name] = complex(one, groups);
    else if (one.local === "simpleType") simple[name] = simpleType(one);
    else if (one.local === "element") elements[name] = elementType(one, groups);
  }
  return { ns, types, simple, elements };
}

function bare(name: string): string {
  return name.startsWith("xs:") || name.startsWith("spdx:") ? name : name.slice(name.indexOf(":") + 1);
}

function elementType(element: XmlElement, groups: ReadonlyMap<string, XmlElement>): string | XsdType | XsdSimple {
  const named = attributeOf(element, "type");
  if (named !== undefined) return bare(named);
  for (const one of elementsOf(element)) {
    if (one.local === "complexType") return complex(one, groups);
    if (one.local === "simpleType") return simpleType(one);
  }
  return "xs:anyType";
}

function complex(type: XmlElement, groups: ReadonlyMap<string, XmlElement>): XsdType {
  const attributes: Record<string, { type: string | XsdSimple; required?: true }> = {};
  const found: { content?: Particle; text?: string; anyAttribute?: true } = {};
  const visit = (node: XmlElement): void => {
    for (const one of elementsOf(node)) {
      if (one.local === "attribute") {
        const inner = elementsOf(one).find((child) => child.local === "simpleType");
        attributes[attributeOf(one, "name") ?? ""] = {
          type: inner === undefined ? bare(attributeOf(one, "type") ?? "xs:string") : simpleType(inner),
          ...(attributeOf(one, "use") === "required" && { required: true as const }),
        };
      } else if (one.local === "attributeGroup") {
        const group = groups.get(bare(attributeOf(one, "ref") ?? ""));
        if (group !== undefined) visit(group);
      } else if (one.local === "anyAttribute") found.anyAttribute = true;
      else if (one.local === "sequence" || one.local === "choice") found.content = particle(one, groups);
      else if (one.local === "simpleContent") visit(one);
      else if (one.local === "extension") {
        found.text = bare(attributeOf(one, "base") ?? "xs:string");
        visit(one);
      }
    }
  };
  visit(type);
  return {
    ...(Object.keys(attributes).length > 0 && { attributes }),
    ...found,
    ...(attributeOf(type, "mixed") === "true" && { mixed: true }),
  };
}

function occurs(node: XmlElement): Occurs {
  const min = Number(attributeOf(node, "minOccurs") ?? "1");
  const max = attributeOf(node, "maxOccurs") ?? "1";
  const most = max === "unbounded" ? -1 : Number(max);
  return { ...(min !== 1 && { min }), ...(most !== 1 && { max: most }) };
}

function particle(node: XmlElement, groups: ReadonlyMap<string, XmlElement>): Particle {
  if (node.local === "any") return { kind: "any", ...occurs(node) };
  if (node.local === "element")
    return { kind: "element", name: attributeOf(node, "name") ?? "", type: elementType(node, groups), ...occurs(node) };
  const parts = elementsOf(node)
    .filter((one) => ["element", "sequence", "choice", "any"].includes(one.local))
    .map((one) => particle(one, groups));
  return { kind: node.local === "choice" ? "choice" : "sequence", parts, ...occurs(node) };
}

function simpleType(node: XmlElement): XsdSimple {
  for (const one of elementsOf(node)) {
    if (one.local === "union") {
      return {
        union: [
          ...(attributeOf(one, "memberTypes") ?? "").split(/\s+/u).filter(Boolean).map(bare),
          ...elementsOf(one)
            .filter((child) => child.local === "simpleType")
            .map(simpleType),
        ],
      };
    }
    if (one.local !== "restriction") continue;
    const facets = elementsOf(one);
    const values = (name: string): string[] =>
      facets.filter((facet) => facet.local === name).map((facet) => attributeOf(facet, "value") ?? "");
    const number = (name: string): number | undefined => {
      const [value] = values(name);
      return value === undefined ? undefined : Number(value);
    };
    const options = values("enumeration");
    const patterns = values("pattern");
    const facetsOut: Record<string, unknown> = {
      base: bare(attributeOf(one, "base") ?? "xs:string"),
      ...(options.length > 0 && { values: options }),
      ...(patterns.length > 0 && { pattern: patterns.join("|") }),
    };
    for (const [from, to] of [
      ["minInclusive", "min"],
      ["maxInclusive", "max"],
      ["minLength", "minLength"],
      ["maxLength", "maxLength"],
    ] as const) {
      const value = number(from);
      if (value !== undefined) facetsOut[to] = value;
    }
    return facetsOut as unknown as XsdSimple;
  }
  return { base: "xs:string" };
}
