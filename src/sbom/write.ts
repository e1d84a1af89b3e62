/** From data to text, in any form that we write. The same data gives the same bytes. */
import { Fault } from "../model/index.ts";
import { cycloneDxToXml } from "./cyclonedx/to-xml.ts";
import type { SbomData, SbomFamily, SbomSyntax } from "./document.ts";
import type { FormLoss } from "./form.ts";
import { spdxToTagValue } from "./spdx/tag-value.ts";
import { spdxToXml } from "./spdx/xml.ts";

export interface Written {
  readonly text: string;
  /** What the form has no place for. */
  readonly losses: readonly FormLoss[];
}

/** Which forms each family is written in. */
export const WRITTEN_FORMS: Readonly<Record<SbomFamily, readonly SbomSyntax[]>> = {
  cyclonedx: ["json", "xml"],
  spdx2: ["json", "yaml", "tag-value", "xml"],
  spdx3: ["json"],
};

/** @throws Fault `sbom/invalid` where the family is not written in that form. */
export async function writeSbom(family: SbomFamily, syntax: SbomSyntax, data: SbomData): Promise<Written> {
  if (!WRITTEN_FORMS[family].includes(syntax)) throw new Fault("sbom/invalid", `${family} is not written as ${syntax}`);
  if (syntax === "json") return { text: `${JSON.stringify(data, null, 2)}\n`, losses: [] };
  if (syntax === "tag-value") return spdxToTagValue(data);
  if (syntax === "yaml") return { text: (await import("./spdx/yaml.ts")).spdxToYaml(data), losses: [] };
  return family === "cyclonedx" ? cycloneDxToXml(data) : spdxToXml(data);
}
