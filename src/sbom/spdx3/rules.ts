/** What SPDX 3.0 demands beyond its JSON schema: ids given once, references that lead somewhere or are declared as external. */
import type { SbomDocument } from "../document.ts";
import { pointerTo } from "../text.ts";
import type { RuleProblem } from "../validate.ts";

type Data = Readonly<Record<string, unknown>>;

/** Members whose text is an address or a name and never a reference to an element. */
const NO_REFERENCE: ReadonlySet<string> = new Set(["spdxId", "@id", "type", "@type", "@context"]);

export function spdx3Rules(document: SbomDocument): readonly RuleProblem[] {
  const problems: RuleProblem[] = [];
  const graph = Array.isArray(document.data["@graph"]) ? (document.data["@graph"] as readonly unknown[]) : [document.data];
  const single = !Array.isArray(document.data["@graph"]);
  const ids = new Map<string, string>();
  const external = new Set<string>();
  for (const [index, one] of graph.entries()) {
    if (typeof one !== "object" || one === null) continue;
    const element = one as Data;
    const pointer = single ? "" : `/@graph/${index}`;
    for (const key of ["spdxId", "@id"]) {
      const id = element[key];
      if (typeof id !== "string") continue;
      if (ids.has(id))
        problems.push({
          severity: "warning",
          pointer: pointerTo(pointer, key),
          message: `the id ${id} is given twice, first at ${ids.get(id) ?? ""}`,
        });
      else ids.set(id, pointer);
    }
    for (const entry of Array.isArray(element["import"]) ? (element["import"] as readonly Data[]) : [])
      external.add(String(entry["externalSpdxId"]));
  }
  // A blank node (`_:…`) exists only in this file: one that is not here is nowhere.
  const visit = (value: unknown, pointer: string, key: string): void => {
    if (typeof value === "string") {
      if (value.startsWith("_:") && !NO_REFERENCE.has(key) && !ids.has(value))
        problems.push({ severity: "error", pointer, message: `“${value}” is the id of nothing here` });
    } else if (Array.isArray(value)) for (const [index, one] of value.entries()) visit(one, pointerTo(pointer, index), key);
    else if (typeof value === "object" && value !== null)
      for (const [name, member] of Object.entries(value)) visit(member, pointerTo(pointer, name), name);
  };
  visit(document.data, "", "");
  for (const [index, one] of graph.entries()) {
    const element = one as Data;
    for (const key of ["from", "to"]) {
      for (const [position, reference] of [element[key]].flat().entries()) {
        if (typeof reference !== "string" || ids.has(reference) || external.has(reference) || reference.startsWith("_:")) continue;
        if (/^https?:\/\/spdx\.org\/(?:licenses|rdf)\//u.test(reference)) continue;
        const at = Array.isArray(element[key]) ? `/@graph/${index}/${key}/${position}` : `/@graph/${index}/${key}`;
        problems.push({
          severity: "warning",
          pointer: at,
          message: `“${reference}” is neither here nor among the imports of the document`,
        });
      }
    }
  }
  return problems;
}
