/** What CycloneDX's prose demands beyond its schemas: references that lead somewhere, names that are given once. */
import { parseLicence } from "../../model/licence.ts";
import type { SbomDocument } from "../document.ts";
import { pointerTo } from "../text.ts";
import type { RuleProblem } from "../validate.ts";

/** Becomes a pointer only where there is something to say. */
interface Path {
  readonly parent: Path | null;
  readonly key: string | number;
}

type Data = Readonly<Record<string, unknown>>;

export function cycloneDxRules(document: SbomDocument): readonly RuleProblem[] {
  const problems: RuleProblem[] = [];
  const refs = new Map<string, { readonly path: Path | null }>();
  const warn = (pointer: string, message: string): void => {
    problems.push({ severity: "warning", pointer, message });
  };
  const visit = (value: object, path: Path | null): void => {
    if (Array.isArray(value)) {
      for (let index = 0; index < value.length; index += 1) {
        const one: unknown = value[index];
        if (typeof one === "object" && one !== null) visit(one, { parent: path, key: index });
      }
      return;
    }
    const data = value as Data;
    const ref = data["bom-ref"];
    if (typeof ref === "string") {
      // "Every bom-ref must be unique within the BOM." The XML schema checks it; JSON's cannot.
      const before = refs.get(ref);
      if (before !== undefined)
        warn(`${pointerOf(path)}/bom-ref`, `the bom-ref “${ref}” is given twice, first at ${pointerOf(before.path)}`);
      else refs.set(ref, { path });
    }
    if (Object.hasOwn(data, "versionRange")) {
      // 1.7: "versionRange … may only be used with isExternal set to true"; an XSD 1.0 checker cannot see it.
      if (Object.hasOwn(data, "name") && data["isExternal"] !== true) {
        problems.push({
          severity: "error",
          pointer: `${pointerOf(path)}/versionRange`,
          message: "a range of versions is only for an external component",
        });
      }
      if (Object.hasOwn(data, "version")) {
        problems.push({
          severity: "error",
          pointer: `${pointerOf(path)}/versionRange`,
          message: "a component has a version or a range of versions, not both",
        });
      }
    }
    for (const key in data) {
      const member = data[key];
      if (typeof member === "object" && member !== null) visit(member, { parent: path, key });
    }
    if (typeof data["expression"] === "string" && path?.parent?.key === "licenses") {
      const tree = parseLicence(data["expression"]);
      if ("failed" in tree) warn(`${pointerOf(path)}/expression`, `“${data["expression"]}” is no SPDX expression: ${tree.message}`);
    }
  };
  visit(document.data, null);

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

function pointerOf(path: Path | null): string {
  return path === null ? "" : pointerTo(pointerOf(path.parent), path.key);
}
