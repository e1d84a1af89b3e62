/**
 * Is a document what its specification says? First the published schema of its version (JSON Schema, or XSD for CycloneDX XML), then
 * what the specification's prose demands and no schema can say. Each complaint has a pointer and a line.
 */
import type { Place } from "../model/index.ts";
import { licenceIds } from "../model/licence.ts";
import { cycloneDxRules } from "./cyclonedx/rules.ts";
import { type SbomDocument, placesOf } from "./document.ts";
import { type SchemaObject, type Validator, compileSchema } from "./json-schema.ts";
import { hasDuplicateKeys, scanJson } from "./json.ts";
import { spdx2Rules } from "./spdx/rules.ts";
import { spdx3Rules } from "./spdx3/rules.ts";
import { placeOf } from "./text.ts";
import { type XsdTables, validateXsd } from "./xsd.ts";

export interface SbomProblem {
  /** An error makes the document invalid; a warning is for what is deprecated or points nowhere. */
  readonly severity: "error" | "warning";
  /** JSON pointer, or a path of elements for XML. */
  readonly at: string;
  readonly message: string;
  readonly place: Place;
}

/** What the rules return; places are found afterwards, all in one pass. */
export interface RuleProblem {
  readonly severity: "error" | "warning";
  readonly pointer: string;
  readonly message: string;
}

type Loader = () => Promise<{ readonly text: string }>;

const CYCLONEDX_JSON: Readonly<Record<string, Loader>> = {
  "1.2": () => import("./schemas/cyclonedx-1.2-json.ts"),
  "1.3": () => import("./schemas/cyclonedx-1.3-json.ts"),
  "1.4": () => import("./schemas/cyclonedx-1.4-json.ts"),
  "1.5": () => import("./schemas/cyclonedx-1.5-json.ts"),
  "1.6": () => import("./schemas/cyclonedx-1.6-json.ts"),
  "1.7": () => import("./schemas/cyclonedx-1.7-json.ts"),
};

const CYCLONEDX_XSD: Readonly<Record<string, Loader>> = {
  "1.2": () => import("./schemas/cyclonedx-1.2-xsd.ts"),
  "1.3": () => import("./schemas/cyclonedx-1.3-xsd.ts"),
  "1.4": () => import("./schemas/cyclonedx-1.4-xsd.ts"),
  "1.5": () => import("./schemas/cyclonedx-1.5-xsd.ts"),
  "1.6": () => import("./schemas/cyclonedx-1.6-xsd.ts"),
  "1.7": () => import("./schemas/cyclonedx-1.7-xsd.ts"),
};

const compiled = new Map<string, Promise<Validator>>();

/** All complaints: errors first, then by line. An empty list means valid, with nothing to remark. */
export async function validateSbom(document: SbomDocument): Promise<readonly SbomProblem[]> {
  const problems: RuleProblem[] = [];
  const placed: SbomProblem[] = [];
  const known = versionsOf(document);
  if (!known.includes(document.version)) {
    problems.push({
      severity: "error",
      pointer: { cyclonedx: "/specVersion", spdx2: "/spdxVersion", spdx3: "/@context" }[document.family],
      message: `version “${document.version}” is not known; there are ${known.join(", ")}`,
    });
  } else if (document.family === "cyclonedx" && document.root !== null) placed.push(...(await xsdProblems(document)));
  else problems.push(...(await schemaProblems(document)));

  if (document.family === "cyclonedx") problems.push(...cycloneDxRules(document));
  else if (document.family === "spdx2") problems.push(...spdx2Rules(document));
  else problems.push(...spdx3Rules(document));

  if (document.family === "spdx2") {
    for (const loss of document.losses) {
      // RDF may say more than SPDX does; in tag-value and XML what is not known is a mistake.
      if (document.syntax !== "rdf") problems.push({ severity: "error", pointer: "", message: `${loss.at}: ${loss.what}` });
    }
  }
  if (document.syntax === "json" && hasDuplicateKeys(document.text, document.data)) {
    for (const { pointer, offset } of scanJson(document.text, document.file, new Set([""])).duplicates) {
      placed.push({
        severity: "warning",
        at: pointer,
        message: "the key stands twice in one object; the last one counts",
        place: placeOf(document.file, document.text, offset),
      });
    }
  }
  if (problems.length > 0) {
    const places = placesOf(
      document,
      problems.map((problem) => problem.pointer),
    );
    for (const { severity, pointer, message } of problems)
      placed.push({ severity, at: pointer, message, place: places.get(pointer) ?? { file: document.file } });
  }
  return placed.toSorted(
    (a, b) =>
      Number(a.severity === "warning") - Number(b.severity === "warning") ||
      (a.place.line ?? 0) - (b.place.line ?? 0) ||
      (a.place.column ?? 0) - (b.place.column ?? 0),
  );
}

/** The versions that can be validated, by family. */
export function versionsOf(document: Pick<SbomDocument, "family">): readonly string[] {
  if (document.family === "cyclonedx") return Object.keys(CYCLONEDX_JSON);
  return document.family === "spdx2" ? ["2.2", "2.3"] : ["3.0.0", "3.0.1"];
}

async function xsdProblems(document: SbomDocument): Promise<readonly SbomProblem[]> {
  const loader = CYCLONEDX_XSD[document.version];
  if (loader === undefined || document.root === null) return [];
  const tables = JSON.parse((await loader()).text) as XsdTables;
  return validateXsd(document.root, tables, licenceIds).map((error) => ({
    severity: "error",
    at: error.path,
    message: error.message,
    place: placeOf(document.file, document.text, error.element.offset, error.path),
  }));
}

async function schemaProblems(document: SbomDocument): Promise<readonly RuleProblem[]> {
  const key = document.family === "cyclonedx" ? `cyclonedx ${document.version}` : document.family;
  let validator = compiled.get(key);
  if (validator === undefined) {
    validator = load(document);
    compiled.set(key, validator);
  }
  const check = await validator;
  return check(document.data).map(({ pointer, message }) => ({ severity: "error", pointer, message }));
}

async function load(document: SbomDocument): Promise<Validator> {
  if (document.family === "cyclonedx") {
    const loader = CYCLONEDX_JSON[document.version] as Loader;
    const [root, others] = await Promise.all([loader(), import("./schemas/cyclonedx-common-json.ts")]);
    return compileSchema({
      root: JSON.parse(root.text) as SchemaObject,
      others: JSON.parse(others.text) as Record<string, SchemaObject>,
      enumerations: { licences: licenceIds },
    });
  }
  const { text } = document.family === "spdx2" ? await import("./schemas/spdx-2.3-json.ts") : await import("./schemas/spdx-3.0-json.ts");
  const root = JSON.parse(text) as SchemaObject;
  if (document.family === "spdx3") {
    // 3.0.0 differs from 3.0.1 in the address of its context only, as far as its classes and members go.
    const context = (root["properties"] as Record<string, Record<string, unknown>>)["@context"];
    if (context !== undefined) {
      delete context["const"];
      context["enum"] = ["https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "https://spdx.org/rdf/3.0.0/spdx-context.jsonld"];
    }
  }
  return compileSchema({ root });
}
