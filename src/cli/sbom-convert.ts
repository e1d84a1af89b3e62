import type { Command } from "./command.ts";
import { writeAtomically } from "./output.ts";
import { deliver, formatNames, lossesJson, tellLosses, writeChoice, writeOptions } from "./sbom-output.ts";

export const sbomConvert: Command = {
  name: "sbom convert",
  summary: "convert a bill of materials, and list what the other format cannot hold",
  positionals: "FILE",
  minPositionals: 1,
  maxPositionals: 1,
  options: {
    to: { type: "string", short: "t", value: "FORMAT", choices: formatNames, summary: "which format (default: cyclonedx-json)" },
    ...writeOptions,
    losses: { type: "string", value: "FILE", summary: "write every loss, with its JSON pointer and value, to a file" },
    annex: { type: "boolean", summary: "carry the source along, packed, so that converting back gives it again" },
  },
  description:
    "Reads CycloneDX 1.2 to 1.7 (JSON, XML), SPDX 2.2 and 2.3 (JSON, YAML, tag-value, XML, RDF/XML) and SPDX 3.0 (JSON-LD), and writes any of them. No two of them hold the same: every value of the source that the target has no place for is listed, by JSON pointer; nothing disappears unlisted. FILE may be - for standard input.",
  examples: [
    {
      command: "tributary sbom convert bom.json --to spdx-json -o sbom.spdx.json",
      what: "CycloneDX to SPDX, with the losses on standard error",
    },
    {
      command: "tributary sbom convert sbom.spdx --to cyclonedx-json --spec-version 1.7 --losses lost.json",
      what: "tag-value to CycloneDX 1.7, and the full list",
    },
    { command: "tributary sbom convert bom.json --to spdx3-json --annex", what: "so that nothing is lost on the way back" },
  ],
  run: async (context) => {
    const { convertDocument } = await import("../app/sbom.ts");
    const written = await convertDocument(
      { file: context.positionals[0] ?? "-", cwd: context.cwd, stdin: context.stdin },
      { ...writeChoice(context, "to", "cyclonedx-json"), ...(context.options["annex"] === true && { annex: true }) },
    );
    await deliver(context, written.text);
    const losses = context.options["losses"];
    if (typeof losses === "string") await writeAtomically(losses, lossesJson(written.losses, written.formLosses), context.cwd);
    if (written.restored) context.err("the source was restored whole from the annex that the document carries\n");
    else tellLosses(context, written);
    return 0;
  },
};
