/** An inventory as an SBOM. CycloneDX holds all of it; SPDX does not, and what it drops is said. */
import type { Project } from "../model/index.ts";
import { cycloneDxText, projectToCycloneDx } from "../report/cyclonedx.ts";
import { projectToSpdx } from "../report/spdx.ts";
import type { Loss } from "../sbom/convert.ts";
import { type SbomData } from "../sbom/document.ts";
import { writeSbom } from "../sbom/write.ts";
import { ownVersion } from "./version.ts";

export interface InventorySbom {
  readonly text: string;
  readonly losses: readonly Loss[];
}

/** `timestamp` is ISO 8601; without it the document carries no clock. */
export async function inventorySbom(project: Project, format: "cyclonedx" | "spdx", timestamp: string | undefined): Promise<InventorySbom> {
  const about = { toolVersion: ownVersion(), ...(timestamp === undefined ? {} : { timestamp }) };
  if (format === "cyclonedx") return { text: cycloneDxText(projectToCycloneDx(project, about)), losses: [] };
  const converted = projectToSpdx(project, "2.3", about);
  const written = await writeSbom("spdx2", "json", converted.data as SbomData);
  return { text: written.text, losses: converted.losses };
}
