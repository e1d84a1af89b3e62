import type { Command } from "./command.ts";
import { deliver, formatNames, writeChoice, writeOptions } from "./sbom-output.ts";

export const sbom: Command = {
  name: "sbom",
  summary: "write a project's bill of materials, as CycloneDX or SPDX",
  positionals: "[PATH]",
  minPositionals: 0,
  maxPositionals: 1,
  options: {
    format: { type: "string", short: "f", value: "FORMAT", choices: formatNames, summary: "which format (default: cyclonedx-json)" },
    ...writeOptions,
  },
  description:
    "Reads a folder, a lockfile or another SBOM and writes every component with its purl, version, hashes, licence, scope and place, and who needs whom. It fetches nothing and carries no clock: the same files give the same bytes; SOURCE_DATE_EPOCH sets a timestamp.",
  examples: [
    { command: "tributary sbom", what: "CycloneDX 1.6 JSON of the project here" },
    { command: "tributary sbom --format spdx-json -o sbom.spdx.json", what: "SPDX 2.3 JSON into a file" },
    { command: "tributary sbom packages/web --format cyclonedx-xml --spec-version 1.7", what: "CycloneDX 1.7 XML of a part of it" },
  ],
  run: async (context) => {
    const { writeProjectSbom } = await import("../app/sbom.ts");
    const written = await writeProjectSbom(context.positionals[0] ?? ".", context.cwd, writeChoice(context, "format", "cyclonedx-json"));
    await deliver(context, written.text);
    return 0;
  },
};
