import type { Command } from "./command.ts";
import { writeAtomically } from "./output.ts";
import { deliver, formatNames, lossesJson, tellLosses, visible, writeChoice, writeOptions } from "./sbom-output.ts";

/** More contradictions than this are counted; they are all in the exit of `--losses`. */
const SHOWN = 50;

export const sbomMerge: Command = {
  name: "sbom merge",
  summary: "put several bills of materials together, and say where they contradict each other",
  positionals: "FILE FILE...",
  minPositionals: 2,
  maxPositionals: 10_000,
  options: {
    to: { type: "string", short: "t", value: "FORMAT", choices: formatNames, summary: "which format (default: cyclonedx-json)" },
    ...writeOptions,
    name: { type: "string", value: "NAME", summary: "what the whole is called" },
    version: { type: "string", value: "VERSION", summary: "its version" },
    losses: { type: "string", value: "FILE", summary: "write every loss to a file" },
  },
  description:
    "A component that several documents list is listed once, with what each of them knows; what each document was about becomes a dependency of the whole. Where two documents say different things of one component, the first one's word stands and the contradiction is told on standard error.",
  examples: [
    {
      command: "tributary sbom merge web.cdx.json api.spdx.json --name shop --version 4.2.0 -o shop.cdx.json",
      what: "one document for a product of two parts",
    },
  ],
  run: async (context) => {
    const { mergeDocuments } = await import("../app/sbom.ts");
    const { name, version, losses } = context.options;
    const merged = await mergeDocuments(
      context.positionals.map((file) => ({ file, cwd: context.cwd, stdin: context.stdin })),
      {
        ...writeChoice(context, "to", "cyclonedx-json"),
        ...(typeof name === "string" && { name }),
        ...(typeof version === "string" && { version }),
      },
    );
    await deliver(context, merged.text);
    if (typeof losses === "string") await writeAtomically(losses, lossesJson(merged.losses, merged.formLosses), context.cwd);
    for (const { component, member, kept, other } of merged.conflicts.slice(0, SHOWN)) {
      context.err(
        visible(
          `conflict: ${component}: ${member}: ${JSON.stringify(kept.value)} (${kept.from}, kept) against ${JSON.stringify(other.value)} (${other.from})`,
        ) + "\n",
      );
    }
    if (merged.conflicts.length > SHOWN) context.err(`and ${merged.conflicts.length - SHOWN} more conflicts\n`);
    tellLosses(context, merged);
    return 0;
  },
};
