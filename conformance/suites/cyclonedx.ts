/** CycloneDX's own test resources and examples: validation, XML and JSON as two forms of one document, conversion to SPDX. */
import { readFileSync, readdirSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { type SbomData, type SbomDocument, parseSbom } from "../../src/sbom/document.ts";
import { validateSbom } from "../../src/sbom/validate.ts";
import { writeSbom } from "../../src/sbom/write.ts";
import type { CaseResult, Suite } from "../suite.ts";
import { asDocument, census, roundTrip } from "./sbom-census.ts";

export const suite: Suite = {
  name: "cyclonedx",
  archive: "cyclonedx",
  run: async function* (folder): AsyncGenerator<CaseResult> {
    const resources = join(folder, "test-resources");
    for (const version of readdirSync(resources).toSorted()) {
      for (const file of readdirSync(join(resources, version)).toSorted()) {
        const path = join(resources, version, file);
        yield* document(`${version}/${file}`, path, file.startsWith("valid-"));
      }
    }
    const examples = join(folder, "bom-examples");
    for (const file of readdirSync(examples, { recursive: true, encoding: "utf8" }).toSorted()) {
      if (extname(file) === ".json" || extname(file) === ".xml") yield* document(`bom-examples/${file}`, join(examples, file), true);
    }
  },
};

async function* document(name: string, path: string, isValid: boolean): AsyncGenerator<CaseResult> {
  let read: SbomDocument | undefined;
  const errors: string[] = [];
  try {
    read = parseSbom(readFileSync(path, "utf8"), basename(path));
    for (const problem of await validateSbom(read)) {
      if (problem.severity === "error") errors.push(`${problem.place.line ?? "?"}: ${problem.at}: ${problem.message}`);
      // A complaint without a line helps nobody.
      if (problem.place.line === undefined) yield { name: `${name} names the line`, outcome: "failed", detail: problem.message };
    }
  } catch (error) {
    errors.push(String(error));
  }
  yield verdict(
    `${name} is ${isValid ? "accepted" : "rejected"}`,
    (errors.length === 0) === isValid ? [] : isValid ? errors : ["accepted"],
  );
  if (read === undefined || !isValid || errors.length > 0) return;

  yield verdict(`${name} -> XML -> equal`, await attempt(() => roundTrip(read, "xml", normal)));
  yield verdict(`${name} -> JSON -> equal`, await attempt(() => roundTrip(read, "json", (data) => data)));
  yield verdict(`${name} in the other form is valid`, await attempt(() => otherForm(read)));
  for (const target of ["spdx-2.3", "spdx-3.0.1"] as const)
    yield verdict(`${name} -> ${target}`, await attempt(() => census(read, target)));
}

/** XML data as JSON must be valid JSON data, JSON data as XML valid XML; what JSON's schema lets pass and XML's does not is left out. */
async function otherForm(read: SbomDocument): Promise<readonly string[]> {
  if (read.syntax === "xml") {
    const problems = await validateSbom(asDocument(read.family, read.version, read.data));
    return problems.filter((problem) => problem.severity === "error").map((problem) => `${problem.at}: ${problem.message}`);
  }
  const written = await writeSbom("cyclonedx", "xml", read.data);
  const problems = await validateSbom(parseSbom(written.text, "written.xml"));
  // The XML schema wants every bom-ref to be unique; JSON's cannot say so, and some samples repeat one.
  return problems
    .filter((problem) => problem.severity === "error" && !problem.message.includes("is given twice"))
    .map((problem) => `${problem.at}: ${problem.message}`);
}

/** The one place where JSON has two spellings for what XML has one: evidence of identity, an object up to 1.5 and a list since. */
function normal(data: SbomData): SbomData {
  const listed = String(data["specVersion"]) >= "1.6";
  const walk = (value: unknown, key: string): unknown => {
    if (Array.isArray(value)) return value.map((one) => walk(one, ""));
    if (typeof value !== "object" || value === null) return value;
    const copy = Object.fromEntries(Object.entries(value).map(([name, member]) => [name, walk(member, name)]));
    return key === "identity" && listed && "field" in copy ? [copy] : copy;
  };
  return walk(data, "") as SbomData;
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
