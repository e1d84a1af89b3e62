/** SPDX documents of all forms and versions: read, judged, written and read again, converted; and every id of the licence list. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { formatLicence, isDeprecatedLicence, licenceId, parseLicence, readLicence } from "../../src/model/licence.ts";
import { type SbomData, type SbomDocument, readSbom } from "../../src/sbom/document.ts";
import { relationshipsOf } from "../../src/sbom/spdx/tag-value.ts";
import { type SbomProblem, validateSbom } from "../../src/sbom/validate.ts";
import type { CaseResult, Suite } from "../suite.ts";
import { census, roundTrip } from "./sbom-census.ts";

/** Wrong on purpose. */
const INVALID: ReadonlySet<string> = new Set(["BadJSON.spdx.json", "SPDXJSONExample-wrongversion.spdx.json"]);
/** Examples of JSON-LD in general, which the published JSON schema (one serialisation of it) does not take: to be read, not judged. */
const ONLY_READ: ReadonlySet<string> = new Set(["sbom1.json", "spdx_document4.json", "converted_from_spdx_2.json"]);

export const suite: Suite = {
  name: "spdx",
  archive: "spdx",
  run: async function* (folder): AsyncGenerator<CaseResult> {
    for (const part of ["tools-java/testResources", "tools-python/tests/spdx/data", "spdx-examples", "spdx-3-model"]) {
      for (const file of readdirSync(join(folder, part), { recursive: true, encoding: "utf8" }).toSorted()) {
        if (/\.(?:spdx|json|yaml|ya?ml|xml|rdf)$/u.test(file)) yield* document(`${part}/${file}`, join(folder, part, file));
      }
    }
    yield* licences(folder);
  },
};

async function* document(name: string, path: string): AsyncGenerator<CaseResult> {
  let read: SbomDocument;
  let problems: readonly SbomProblem[];
  const file = basename(path);
  try {
    read = await readSbom(readFileSync(path), file);
    problems = await validateSbom(read);
  } catch (error) {
    yield { name: `${name} is read`, outcome: "failed", detail: String(error) };
    return;
  }
  yield { name: `${name} is read`, outcome: "passed" };
  const errors = problems
    .filter((problem) => problem.severity === "error")
    .map((problem) => `${problem.place.line ?? "?"}: ${problem.at}: ${problem.message}`);
  if (file === "BadJSON.spdx.json")
    yield verdict(`${name} has its 4 findings`, errors.length === 4 ? [] : [`${errors.length} findings: ${errors.join("; ")}`]);
  if (INVALID.has(file)) {
    yield verdict(`${name} is rejected`, errors.length > 0 ? [] : ["accepted"]);
    return;
  }
  if (file.includes("-warning"))
    yield verdict(
      `${name} is warned of as deprecated`,
      problems.some((one) => one.severity === "warning" && one.message.includes("deprecated")) ? [] : ["no such warning"],
    );
  if (!ONLY_READ.has(file)) yield verdict(`${name} is accepted`, errors);
  const forms = read.family === "spdx2" ? (["json", "yaml", "tag-value", "xml"] as const) : (["json"] as const);
  for (const form of forms)
    yield verdict(
      `${name} -> ${form} -> equal`,
      await attempt(() => roundTrip(read, form, read.family === "spdx2" ? normal : (data) => data)),
    );
  if (errors.length > 0) return;
  const others =
    read.family === "spdx2"
      ? (["cyclonedx-1.6", "cyclonedx-1.7", "spdx-3.0.1"] as const)
      : (["cyclonedx-1.6", "cyclonedx-1.7", "spdx-2.3"] as const);
  for (const target of others) yield verdict(`${name} -> ${target}`, await attempt(() => census(read, target)));
}

/** SPDX 2 has two ways to say what describes and contains what; relationships are the ones that stay. */
function normal(data: SbomData): SbomData {
  const copy = structuredClone(data) as Record<string, unknown>;
  const relationships = relationshipsOf(copy);
  delete copy["documentDescribes"];
  for (const one of Array.isArray(copy["packages"]) ? (copy["packages"] as Record<string, unknown>[]) : []) delete one["hasFiles"];
  delete copy["relationships"];
  return { ...copy, ...(relationships.length > 0 && { relationships }) } as SbomData;
}

function* licences(folder: string): Generator<CaseResult> {
  const file = join(folder, "stdlicenses.ndjson.br");
  if (!existsSync(file)) return;
  for (const line of brotliDecompressSync(readFileSync(file)).toString("utf8").split("\n")) {
    if (line === "") continue;
    const entry = JSON.parse(line) as { licenseId?: string; exceptionId?: string; name?: string; deprecated?: boolean };
    if (entry.exceptionId !== undefined) {
      const tree = parseLicence(`MIT WITH ${entry.exceptionId.toLowerCase()}`);
      yield verdict(
        `exception ${entry.exceptionId}`,
        "failed" in tree ? [tree.message] : formatLicence(tree) === `MIT WITH ${entry.exceptionId}` ? [] : [formatLicence(tree)],
      );
      continue;
    }
    const id = entry.licenseId ?? "";
    const problems: string[] = [];
    if (licenceId(id.toUpperCase()) !== id) problems.push("the id is not known");
    const reading = readLicence(id);
    // A deprecated id becomes another that is in force; every other one stays what it is.
    if (entry.deprecated === true) {
      if (!isDeprecatedLicence(id)) problems.push("not known to be deprecated");
      if (reading.node?.kind === "licence" && reading.node.id !== id && isDeprecatedLicence(reading.node.id))
        problems.push(`became ${reading.expression}, which is deprecated`);
    } else if (reading.expression !== id) problems.push(`became ${reading.expression}`);
    if (entry.name !== undefined && entry.deprecated !== true && readLicence(entry.name).notes.some((note) => note.kind === "unknown"))
      problems.push(`its name, ${entry.name}, is not known`);
    yield verdict(`licence ${id}`, problems);
  }
}

async function attempt(work: () => Promise<readonly string[]>): Promise<readonly string[]> {
  try {
    return await work();
  } catch (error) {
    return [error instanceof Error ? (error.stack ?? error.message) : String(error)];
  }
}

function verdict(name: string, problems: readonly string[]): CaseResult {
  if (problems.length === 0) return { name, outcome: "passed" };
  return {
    name,
    outcome: "failed",
    detail: `${problems.slice(0, 3).join("; ")}${problems.length > 3 ? ` (${problems.length} in all)` : ""}`,
  };
}
