/**
 * What holds for every conversion, whatever the document: each leaf of the source is either found in the target or on the list of
 * losses; what is said to be kept is really there; the target is valid; with an annex the way back gives the source again.
 */
import { canonicalJson } from "../../src/model/index.ts";
import { leavesOf } from "../../src/sbom/bill/traced.ts";
import { type SbomTarget, convertSbom } from "../../src/sbom/convert.ts";
import type { SbomData, SbomDocument, SbomFamily } from "../../src/sbom/document.ts";
import { validateSbom } from "../../src/sbom/validate.ts";
import { writeSbom } from "../../src/sbom/write.ts";
import { parseSbom } from "../../src/sbom/document.ts";
import { spdxFromYaml } from "../../src/sbom/spdx/yaml.ts";

/** Members by which a family is known, and nothing else. */
const MARKS: ReadonlySet<string> = new Set(["/bomFormat", "/specVersion", "/$schema", "/spdxVersion", "/SPDXID", "/@context"]);

/** The problems with one conversion; none means that all of the above holds. */
export async function census(document: SbomDocument, target: SbomTarget): Promise<readonly string[]> {
  const problems: string[] = [];
  const options = { toolVersion: "0.0.0" };
  const converted = convertSbom(document, target, options);
  const source = leavesOf(document.data);
  const result = leavesOf(converted.data);
  const kept = new Set(converted.kept.map((one) => one.from));
  const lost = new Set(converted.losses.map((one) => one.pointer));
  for (const pointer of source.keys()) {
    if (MARKS.has(pointer)) continue;
    if (!kept.has(pointer) && !lost.has(pointer)) problems.push(`${pointer} is neither kept nor listed as lost`);
    if (kept.has(pointer) && lost.has(pointer)) problems.push(`${pointer} is both kept and lost`);
  }
  for (const loss of converted.losses)
    if (canonicalJson(loss.value) !== canonicalJson(source.get(loss.pointer) as never))
      problems.push(`the loss ${loss.pointer} has another value than the source`);
  // Ids are renamed consistently: two that differ stay different, and equal ones stay equal.
  const names = new Map<string, string>();
  const owners = new Map<string, string>();
  for (const { from, to, how } of converted.kept) {
    const [was, is] = [source.get(from), result.get(to)];
    if (was === undefined) problems.push(`${from}, said to be kept, is not in the source`);
    else if (is === undefined) problems.push(`${from} is said to stand at ${to}, where nothing is`);
    else if (how === "same" && String(was) !== String(is)) problems.push(`${from} is ${show(was)}, and at ${to} stands ${show(is)}`);
    else if (how === "part" && !holds(String(is), String(was)) && !holds(String(was), String(is)))
      problems.push(`${from} is ${show(was)}, which ${to} (${show(is)}) holds no part of`);
    else if (how === "renamed") {
      const name = names.get(String(was));
      const owner = owners.get(String(is));
      if (name !== undefined && name !== String(is))
        problems.push(`the id ${show(was)} became ${show(is)} here and ${show(name)} elsewhere`);
      if (owner !== undefined && owner !== String(was)) problems.push(`the ids ${show(was)} and ${show(owner)} both became ${show(is)}`);
      names.set(String(was), String(is));
      owners.set(String(is), String(was));
    }
  }
  const errors = (await validateSbom(asDocument(converted.family, converted.version, converted.data))).filter(
    (problem) => problem.severity === "error",
  );
  for (const error of errors) problems.push(`the target is not valid: ${error.at}: ${error.message}`);

  const carrying = convertSbom(document, target, { ...options, annex: true });
  const home: SbomTarget = document.family === "cyclonedx" ? "cyclonedx-1.6" : document.family === "spdx2" ? "spdx-2.3" : "spdx-3.0.1";
  const back = convertSbom(carrying, home, options);
  if (!back.restored || canonicalJson(back.data as never) !== canonicalJson(document.data as never))
    problems.push("the annex does not give the source again");
  return problems;
}

function holds(long: string, short: string): boolean {
  if (long.includes(short)) return true;
  try {
    return decodeURIComponent(long).includes(short);
  } catch {
    return false;
  }
}

function show(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

export function asDocument(family: SbomFamily, version: string, data: SbomData): SbomDocument {
  return {
    family,
    version,
    syntax: "json",
    data,
    file: "converted",
    text: JSON.stringify(data),
    offsets: new Map(),
    losses: [],
    root: null,
  };
}

/** Writes a document in one of its forms, reads that, and says where the two differ beyond the losses that the writer declared. */
export async function roundTrip(
  document: SbomDocument,
  syntax: "json" | "xml" | "yaml" | "tag-value",
  normal: (data: SbomData) => SbomData,
): Promise<readonly string[]> {
  const written = await writeSbom(document.family, syntax, document.data);
  const again = await writeSbom(document.family, syntax, document.data);
  const problems: string[] = written.text === again.text ? [] : ["two writings of the same data differ"];
  const read = parseSbom(written.text, `written.${syntax}`, spdxFromYaml);
  const [before, after] = [leavesOf(normal(document.data)), leavesOf(normal(read.data))];
  const declared = (pointer: string): boolean => written.losses.some((loss) => pointer === loss.at || pointer.startsWith(`${loss.at}/`));
  for (const [pointer, value] of before) {
    if (pointer === "/$schema" || declared(pointer)) continue;
    if (!after.has(pointer)) problems.push(`${pointer} (${show(value)}) is gone`);
    else if (canonicalJson(after.get(pointer) as never) !== canonicalJson(value as never))
      problems.push(`${pointer}: ${show(value)} became ${show(after.get(pointer))}`);
  }
  // Where all that an object held was declared lost, the empty object is left.
  const emptied = (pointer: string): boolean => written.losses.some((loss) => loss.at.startsWith(`${pointer}/`));
  for (const [pointer, value] of after)
    if (!before.has(pointer) && !emptied(pointer)) problems.push(`${pointer} (${show(value)}) came from nowhere`);
  return problems;
}
