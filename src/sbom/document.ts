/**
 * A bill of materials as it was read: which family, version and form it has, and its data in the JSON form of its family, whatever
 * form it came in. Everything else in this room (validate, convert, diff, merge) works on that.
 */
import { Fault, type Json, type Place } from "../model/index.ts";
import { cycloneDxFromXml, cycloneDxXmlVersion } from "./cyclonedx/from-xml.ts";
import type { FormLoss } from "./form.ts";
import { parseJson, placesInJson } from "./json.ts";
import { spdxFromRdf } from "./spdx/rdf.ts";
import { isTagValue, spdxFromTagValue } from "./spdx/tag-value.ts";
import { spdxFromXml } from "./spdx/xml.ts";
import { decodeText, placeOf } from "./text.ts";
import { type XmlElement, parseXml } from "./xml.ts";

export type SbomFamily = "cyclonedx" | "spdx2" | "spdx3";
export type SbomSyntax = "json" | "xml" | "yaml" | "tag-value" | "rdf";
export type SbomData = Readonly<Record<string, Json>>;

export interface SbomDocument {
  readonly family: SbomFamily;
  /** `1.6`, `2.3`, `3.0.1`; as the document has it, even where there is no such version. */
  readonly version: string;
  readonly syntax: SbomSyntax;
  readonly data: SbomData;
  /** The file's path as the user wrote it, for places. */
  readonly file: string;
  readonly text: string;
  /** Offsets by JSON pointer, for the forms that are not JSON. */
  readonly offsets: ReadonlyMap<string, number>;
  /** What the form held and the data could not (XML extensions, unknown tags). */
  readonly losses: readonly FormLoss[];
  /** The root element, for XML. */
  readonly root: XmlElement | null;
}

/** Reads YAML for us; given by the caller, since the library is only loaded where it is needed. */
export type YamlReader = (text: string, file: string) => { readonly data: SbomData; readonly offsets: ReadonlyMap<string, number> };

/** Reads a document of any supported family and form. Throws `sbom/syntax` or `sbom/invalid` with a place. */
export async function readSbom(bytes: Uint8Array, file: string): Promise<SbomDocument> {
  const text = decodeText(bytes, file);
  const yaml = formOf(text) === "yaml" ? (await import("./spdx/yaml.ts")).spdxFromYaml : undefined;
  return parseSbom(text, file, yaml);
}

/** The same from text, without loading anything: YAML is read only where a reader for it is given. */
export function parseSbom(text: string, file: string, yaml?: YamlReader): SbomDocument {
  const form = formOf(text);
  if (form === "json") {
    const value = parseJson(text, file);
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw notASbom(file);
    return identify(value as SbomData, file, { syntax: "json", text, offsets: new Map(), losses: [], root: null });
  }
  if (form === "tag-value") {
    const read = spdxFromTagValue(text, file);
    return identify(read.data, file, { syntax: "tag-value", text, offsets: read.offsets, losses: read.losses, root: null });
  }
  if (form === "xml") {
    const root = parseXml(text, file);
    if (root.local === "RDF") {
      const read = spdxFromRdf(root, text, file);
      return identify(read.data, file, { syntax: "rdf", text, offsets: read.offsets, losses: read.losses, root });
    }
    if (root.local === "Document") {
      const read = spdxFromXml(root, text, file);
      return identify(read.data, file, { syntax: "xml", text, offsets: read.offsets, losses: read.losses, root });
    }
    if (cycloneDxXmlVersion(root) === null) {
      throw new Fault(
        "sbom/invalid",
        `${file} is XML, but neither CycloneDX nor SPDX: its root is <${root.name}>${root.ns === "" ? "" : ` of ${root.ns}`}`,
        {
          place: placeOf(file, text, root.offset),
        },
      );
    }
    const read = cycloneDxFromXml(root, text, file);
    return identify(read.data, file, { syntax: "xml", text, offsets: read.offsets, losses: read.losses, root });
  }
  if (yaml === undefined) throw notASbom(file);
  const read = yaml(text, file);
  return identify(read.data, file, { syntax: "yaml", text, offsets: read.offsets, losses: [], root: null });
}

type Form = "json" | "xml" | "tag-value" | "yaml";

function formOf(text: string): Form {
  const [first] = text.trimStart();
  if (first === "{" || first === "[") return "json";
  if (first === "<") return "xml";
  return isTagValue(text) ? "tag-value" : "yaml";
}

type Rest = Omit<SbomDocument, "family" | "version" | "data" | "file">;

function identify(data: SbomData, file: string, rest: Rest): SbomDocument {
  const text = (key: string): string | undefined => (Object.hasOwn(data, key) && typeof data[key] === "string" ? data[key] : undefined);
  const context = Object.hasOwn(data, "@context") ? JSON.stringify(data["@context"]) : "";
  const spdx = text("spdxVersion");
  if (Object.hasOwn(data, "bomFormat") || (Object.hasOwn(data, "specVersion") && !Object.hasOwn(data, "@graph"))) {
    return { family: "cyclonedx", version: text("specVersion") ?? "", data, file, ...rest };
  }
  if (spdx !== undefined) return { family: "spdx2", version: spdx.replace(/^SPDX-/u, ""), data, file, ...rest };
  if (context.includes("spdx.org/rdf/") || Object.hasOwn(data, "@graph")) {
    return { family: "spdx3", version: /spdx\.org\/rdf\/(\d[\d.]*)\//u.exec(context)?.[1] ?? "", data, file, ...rest };
  }
  throw notASbom(file);
}

function notASbom(file: string): Fault {
  return new Fault("sbom/invalid", `${file} is not a bill of materials that we know`, {
    place: { file, line: 1 },
    hint: "CycloneDX (JSON, XML) and SPDX (JSON, YAML, tag-value, RDF/XML, XML, JSON-LD) are read",
  });
}

/** Where pointers stand in the document's text; the nearest parent stands in for what has no place of its own. */
export function placesOf(document: SbomDocument, pointers: readonly string[]): ReadonlyMap<string, Place> {
  if (document.syntax === "json") return placesInJson(document.text, document.file, pointers);
  const places = new Map<string, Place>();
  for (const pointer of pointers) {
    let part = pointer;
    while (part !== "" && !document.offsets.has(part)) part = part.slice(0, part.lastIndexOf("/"));
    places.set(pointer, placeOf(document.file, document.text, document.offsets.get(part) ?? 0, pointer));
  }
  return places;
}
