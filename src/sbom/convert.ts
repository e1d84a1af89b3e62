/**
 * From one family to another, by way of the bill, with the list of all that the target could not hold. With an annex, the target also
 * carries the whole source, packed; converting such a document back gives the source again, to the last byte of its data, as long as
 * nobody changed the converted document in between.
 */
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { Fault, type Json, canonicalJson, sha256 } from "../model/index.ts";
import type { Bill } from "./bill/bill.ts";
import { type Kept, leavesOf, place } from "./bill/traced.ts";
import { cycloneDxToBill } from "./cyclonedx/read-bill.ts";
import { billToCycloneDx } from "./cyclonedx/write-bill.ts";
import type { SbomData, SbomDocument, SbomFamily } from "./document.ts";
import { spdx2ToBill } from "./spdx/read-bill.ts";
import { billToSpdx2 } from "./spdx/write-bill.ts";
import { spdx3ToBill } from "./spdx3/read-bill.ts";
import { billToSpdx3 } from "./spdx3/write-bill.ts";
import { parseJson } from "./json.ts";

export type SbomTarget = "cyclonedx-1.6" | "cyclonedx-1.7" | "spdx-2.3" | "spdx-3.0.1";

export interface Loss {
  /** JSON pointer into the source's data. */
  readonly pointer: string;
  readonly value: Json;
}

export interface Conversion {
  readonly family: SbomFamily;
  readonly version: string;
  readonly data: SbomData;
  /** What stands where now. */
  readonly kept: readonly Kept[];
  /** Every leaf of the source that the target does not hold, in document order. */
  readonly losses: readonly Loss[];
  /** True where the data came whole out of an annex. */
  readonly restored: boolean;
}

export interface ConvertOptions {
  readonly toolVersion: string;
  /** ISO 8601, for a source that does not say when it was made; SPDX needs one. */
  readonly created?: string;
  readonly annex?: boolean;
}

/** SPDX needs a time; where nobody says one, this says so plainly rather than making one up. */
const NO_TIME = "1970-01-01T00:00:00Z";

/** Members by which a family is known; they hold nothing to be lost. */
const MARKS: Readonly<Record<SbomFamily, ReadonlySet<string>>> = {
  cyclonedx: new Set(["/bomFormat", "/specVersion", "/$schema"]),
  spdx2: new Set(["/spdxVersion", "/SPDXID"]),
  spdx3: new Set(["/@context"]),
};

/** The document as a bill. */
export function toBill(document: Pick<SbomDocument, "family" | "data">): Bill {
  if (document.family === "cyclonedx") return cycloneDxToBill(document.data);
  return document.family === "spdx2" ? spdx2ToBill(document.data) : spdx3ToBill(document.data);
}

/** Converts a document. Within one family and version the data stays as it is. */
export function convertSbom(
  document: Pick<SbomDocument, "family" | "version" | "data">,
  target: SbomTarget,
  options: ConvertOptions,
): Conversion {
  const family: SbomFamily = target.startsWith("cyclonedx") ? "cyclonedx" : target === "spdx-2.3" ? "spdx2" : "spdx3";
  const version = target.slice(target.indexOf("-") + 1);
  const { data: source, annex } = takeAnnex(document);
  if (annex !== null && annex.family === family && annex.of === sha256(canonicalJson(source))) {
    return { family, version: annex.version, data: annex.data, kept: [], losses: [], restored: true };
  }
  if (document.family === family && (document.version === version || family === "spdx2")) {
    return { family, version: document.version, data: source, kept: identity(source), losses: [], restored: false };
  }
  if (document.family === family && family === "cyclonedx" && document.version < version) {
    // Each version of CycloneDX takes what the one before took: only the marks change.
    const data = {
      ...source,
      ...(source["$schema"] !== undefined && { $schema: `http://cyclonedx.org/schema/bom-${version}.schema.json` }),
      specVersion: version,
    };
    return { family, version, data, kept: identity(source), losses: [], restored: false };
  }
  const bill = toBill({ family: document.family, data: source });
  const hash = sha256(JSON.stringify(source));
  const urn = `urn:uuid:${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-9${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
  const defaults = { namespace: urn, created: options.created ?? NO_TIME, toolVersion: options.toolVersion };
  const tree =
    family === "cyclonedx"
      ? billToCycloneDx(bill, version === "1.7" ? "1.7" : "1.6", urn)
      : family === "spdx2"
        ? billToSpdx2(bill, defaults)
        : billToSpdx3(bill, defaults);
  const placed = place(tree);
  const kept = new Set(placed.kept.map((one) => one.from));
  const losses: Loss[] = [];
  for (const [pointer, value] of leavesOf(source)) {
    if (!kept.has(pointer) && !MARKS[document.family].has(pointer)) losses.push({ pointer, value: value as Json });
  }
  const data =
    options.annex === true
      ? withAnnex(placed.data, family, { family: document.family, version: document.version, data: source })
      : placed.data;
  return { family, version, data, kept: placed.kept, losses, restored: false };
}

function identity(data: SbomData): readonly Kept[] {
  return [...leavesOf(data).keys()].map((pointer) => ({ from: pointer, to: pointer, how: "same" }));
}

// ---- the annex ----

const ANNEX = "tributary:annex";
/** An annex that unpacks to more than this is not taken: it is as large as the largest document that is read. */
const MAX_ANNEX_BYTES = 256 * 1024 * 1024;

interface Annex {
  readonly family: string;
  readonly version: string;
  /** SHA-256 of the canonical form of the converted document without its annex. */
  readonly of: string;
  readonly data: SbomData;
}

function withAnnex(
  data: SbomData,
  family: SbomFamily,
  source: { readonly family: string; readonly version: string; readonly data: SbomData },
): SbomData {
  const body = JSON.stringify({ ...source, of: sha256(canonicalJson(data)) });
  const packed = deflateRawSync(body).toString("base64");
  if (family === "cyclonedx") {
    return { ...data, properties: [...((data["properties"] ?? []) as readonly Json[]), { name: ANNEX, value: packed }] };
  }
  if (family === "spdx2") {
    const created = (data["creationInfo"] as { readonly created: string }).created;
    const annotation = { annotator: "Tool: tributary", annotationDate: created, annotationType: "OTHER", comment: `${ANNEX} ${packed}` };
    return { ...data, annotations: [...((data["annotations"] ?? []) as readonly Json[]), annotation] };
  }
  const graph = data["@graph"] as readonly { readonly [key: string]: Json | undefined }[];
  const document = graph.find((one) => one["type"] === "SpdxDocument");
  const id = `${String(document?.["spdxId"])}#annex`;
  return {
    ...data,
    "@graph": [
      ...graph,
      {
        type: "Annotation",
        spdxId: id,
        creationInfo: "_:creationinfo",
        annotationType: "other",
        subject: document?.["spdxId"],
        contentType: "text/plain",
        statement: `${ANNEX} ${packed}`,
      },
    ] as Json,
  };
}

/** Splits a document into itself and the annex that it carries. */
function takeAnnex(document: Pick<SbomDocument, "family" | "data">): { readonly data: SbomData; readonly annex: Annex | null } {
  const { data, family } = document;
  const [member, isAnnex, text]: [string, (one: Record<string, unknown>) => boolean, (one: Record<string, unknown>) => string] =
    family === "cyclonedx"
      ? ["properties", (one) => one["name"] === ANNEX, (one) => String(one["value"])]
      : family === "spdx2"
        ? ["annotations", (one) => String(one["comment"]).startsWith(`${ANNEX} `), (one) => String(one["comment"]).slice(ANNEX.length + 1)]
        : ["@graph", (one) => String(one["statement"]).startsWith(`${ANNEX} `), (one) => String(one["statement"]).slice(ANNEX.length + 1)];
  const list = data[member];
  if (!Array.isArray(list)) return { data, annex: null };
  const entries = list as readonly Record<string, unknown>[];
  const found = entries.find((one) => typeof one === "object" && one !== null && isAnnex(one));
  if (found === undefined) return { data, annex: null };
  const rest = entries.filter((one) => one !== found) as unknown as Json;
  const { [member]: _, ...others } = data;
  const without = (rest as readonly Json[]).length === 0 ? others : { ...data, [member]: rest };
  try {
    const unpacked = inflateRawSync(Buffer.from(text(found), "base64"), { maxOutputLength: MAX_ANNEX_BYTES }).toString("utf8");
    return { data: without, annex: parseJson(unpacked, ANNEX) as Annex };
  } catch (cause) {
    throw new Fault("sbom/invalid", "the annex that the document carries cannot be unpacked", {
      cause,
      hint: "remove the entry tributary:annex to convert without it",
    });
  }
}
