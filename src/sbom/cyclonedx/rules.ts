/** What CycloneDX's prose demands beyond its schemas: references that lead somewhere, names that are given once. */
import { parseLicence } from "../../model/licence.ts";
import type { SbomDocument } from "../document.ts";
import { pointerTo } from "../text.ts";
import type { RuleProblem } from "../validate.ts";

type Data = Readonly<Record<string, unknown>>;

export function cycloneDxRules(document: SbomDocument): readonly RuleProblem[] {
  const problems: RuleProblem[] = [];
  const refs = new Map<string, string>();
  const warn = (pointer: string, message: string): void => {
    problems.push({ severity: "warning", pointer, message });
  };
  const visit = (value: unknown, pointer: string): void => {
    if (Array.isArray(value)) {
      for (const [index, one] of value.entries()) if (typeof one === "object") visit(one, pointerTo(pointer, index));
      return;
    }
    if (typeof value !== "object" || value === null) return;
    const data = value as Data;
    const ref = data["bom-ref"];
    if (typeof ref === "string") {
      // "Every bom-ref must be unique within the BOM." The XML schema checks it; JSON's cannot.
      if (refs.has(ref)) warn(`${pointer}/bom-ref`, `the bom-ref “${ref}” is given twice, first at ${refs.get(ref) ?? ""}`);
      else refs.set(ref, pointer);
    }
    // 1.7: "versionRange … may only be used with isExternal set to true"; an XSD 1.0 checker cannot see it.
    if (Object.hasOwn(data, "versionRange") && Object.hasOwn(data, "name") && data["isExternal"] !== true) {
      problems.push({
        severity: "error",
        pointer: `${pointer}/versionRange`,
        message: "a range of versions is only for an external component",
      });
    }
    if (Object.hasOwn(data, "versionRange") && Object.hasOwn(data, "version")) {
      problems.push({
        severity: "error",
        pointer: `${pointer}/versionRange`,
        message: "a component has a version or a range of versions, not both",
      });
    }
    for (const [key, member] of Object.entries(data)) if (typeof member === "object") visit(member, pointerTo(pointer, key));
    if (typeof data["expression"] === "string" && pointer.includes("/licenses/")) {
      const tree = parseLicence(data["expression"]);
      if ("failed" in tree) warn(`${pointer}/expression`, `“${data["expression"]}” is no SPDX expression: ${tree.message}`);
    }
  };
  visit(document.data, "");

  for (const [index, dependency] of list(document.data["dependencies"]).entries()) {
    const known = (ref: unknown): boolean => typeof ref !== "string" || refs.has(ref) || ref.startsWith("urn:cdx:");
    if (!known(dependency["ref"])) warn(`/dependencies/${index}/ref`, `“${String(dependency["ref"])}” is the bom-ref of nothing here`);
    for (const member of ["dependsOn", "provides"]) {
      for (const [position, ref] of ((Array.isArray(dependency[member]) ? dependency[member] : []) as unknown[]).entries()) {
        if (!known(ref)) warn(`/dependencies/${index}/${member}/${position}`, `“${String(ref)}” is the bom-ref of nothing here`);
      }
    }
  }
  return problems;
}

function list(value: unknown): readonly Data[] {
  return Array.isArray(value) ? value.filter((one): one is Data => typeof one === "object" && one !== null) : [];
}
