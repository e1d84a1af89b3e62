/** SPDX 2 as YAML: the JSON form in another notation. Scalars are read by the schema, so that a version `3.10` stays what it is. */
import { LineCounter, isAlias, isMap, isScalar, isSeq, parseDocument, stringify } from "yaml";
import { Fault, type Json } from "../../model/index.ts";
import type { SbomData } from "../document.ts";
import { MAX_DEPTH, pointerTo } from "../text.ts";
import { type SpdxShape, documentShape, spdxScalar } from "./shape.ts";

/** Aliases are not part of any SPDX document that we know of; a few are let through, bombs are not. */
const MAX_ALIASES = 50;

export function spdxFromYaml(text: string, file: string): { readonly data: SbomData; readonly offsets: ReadonlyMap<string, number> } {
  const lines = new LineCounter();
  const document = parseDocument(text, { schema: "failsafe", lineCounter: lines, uniqueKeys: true, strict: true });
  const [error] = document.errors;
  if (error !== undefined) {
    const { line, col } = lines.linePos(error.pos[0]);
    throw new Fault("sbom/syntax", `${file} is not YAML: ${error.message.split("\n")[0] ?? ""}`, { place: { file, line, column: col } });
  }
  const offsets = new Map<string, number>();
  let aliases = 0;
  const read = (node: unknown, shape: SpdxShape | null, pointer: string, depth: number): unknown => {
    if (depth > MAX_DEPTH) throw new Fault("sbom/syntax", `${file} is nested deeper than ${MAX_DEPTH}`, { place: { file } });
    if (isAlias(node)) {
      aliases += 1;
      if (aliases > MAX_ALIASES) throw new Fault("sbom/syntax", `${file} has more than ${MAX_ALIASES} YAML aliases`, { place: { file } });
      return read(node.resolve(document), shape, pointer, depth + 1);
    }
    if (isMap(node)) {
      if (node.range) offsets.set(pointer, node.range[0]);
      const entries: [string, unknown][] = [];
      for (const pair of node.items) {
        const key = String(isScalar(pair.key) ? pair.key.value : pair.key);
        const at = pointerTo(pointer, key);
        if (isScalar(pair.key) && pair.key.range) offsets.set(at, pair.key.range[0]);
        entries.push([key, read(pair.value, shape?.members.get(key) ?? null, at, depth + 1)]);
      }
      return Object.fromEntries(entries);
    }
    if (isSeq(node)) return node.items.map((item, index) => read(item, shape?.items ?? null, pointerTo(pointer, index), depth + 1));
    const value = isScalar(node) ? String(node.value ?? "") : "";
    return shape === null ? value : spdxScalar(value, shape);
  };
  const data = read(document.contents, documentShape(), "", 0);
  if (typeof data !== "object" || data === null || Array.isArray(data)) {
    throw new Fault("sbom/invalid", `${file} is not a bill of materials that we know`, { place: { file, line: 1 } });
  }
  return { data: data as Record<string, Json>, offsets };
}

/** Writes a document as YAML. */
export function spdxToYaml(data: SbomData): string {
  return stringify(data, { lineWidth: 0, aliasDuplicateObjects: false });
}
