/** A project as SPDX 2.3 or 3.0.1: its CycloneDX BOM, converted. What SPDX has no place for (occurrences, scopes) is in `losses`. */
import type { Project } from "../model/index.ts";
import { type Conversion, convertSbom } from "../sbom/convert.ts";
import { type CycloneDxOptions, projectToCycloneDx } from "./cyclonedx.ts";

export function projectToSpdx(project: Project, version: "2.3" | "3.0.1", options: Omit<CycloneDxOptions, "version"> = {}): Conversion {
  const bom = JSON.parse(JSON.stringify(projectToCycloneDx(project, { ...options, version: "1.6" }))) as ReturnType<
    typeof projectToCycloneDx
  >;
  return convertSbom(
    { family: "cyclonedx", version: "1.6", data: bom as unknown as Conversion["data"] },
    version === "2.3" ? "spdx-2.3" : "spdx-3.0.1",
    {
      toolVersion: options.toolVersion ?? "",
      ...(options.timestamp !== undefined && { created: options.timestamp }),
    },
  );
}
