import type { Command } from "./command.ts";
import { exitStatus } from "./fault.ts";
import { visible } from "./sbom-output.ts";

export const sbomDiff: Command = {
  name: "sbom diff",
  summary: "say what changed from one bill of materials to another, of any format",
  positionals: "BEFORE AFTER",
  minPositionals: 2,
  maxPositionals: 2,
  options: {
    format: { type: "string", short: "f", value: "FMT", choices: ["terminal", "json"], summary: "what standard output shows" },
    "exit-code": { type: "boolean", summary: "exit with 1 where anything changed" },
  },
  description:
    "Compares components by purl (or name) across formats: which came, which went, and of those that stayed the version, licence, hashes, supplier and direct dependencies. A hash that changed without a version change is worth a look.",
  examples: [
    { command: "tributary sbom diff old.cdx.json new.cdx.json", what: "two releases of a product" },
    { command: "tributary sbom diff supplier.spdx.json ours.cdx.json --format json", what: "a supplier's list against our own" },
  ],
  run: async (context) => {
    const { diffDocuments } = await import("../app/sbom.ts");
    const [before = "", after = ""] = context.positionals;
    const source = { cwd: context.cwd, stdin: context.stdin };
    const diff = await diffDocuments({ ...source, file: before }, { ...source, file: after });
    const changes = diff.added.length + diff.removed.length + diff.changed.length;
    if (context.options["format"] === "json") await context.out(`${JSON.stringify({ schemaVersion: "1.0", ...diff }, null, 2)}\n`);
    else {
      const lines = [`${diff.added.length} added, ${diff.removed.length} removed, ${diff.changed.length} changed, ${diff.same} as before`];
      for (const one of diff.added) lines.push(`+ ${visible(one.id)}`);
      for (const one of diff.removed) lines.push(`- ${visible(one.id)}`);
      for (const change of diff.changed) {
        lines.push(`~ ${visible(change.to.id)}`);
        for (const { field, from, to } of change.fields) {
          if (field !== "dependencies")
            lines.push(`    ${field}: ${visible(from === "" ? "(none)" : from)} -> ${visible(to === "" ? "(none)" : to)}`);
          else {
            const [had, has] = [new Set(from.split(" ")), new Set(to.split(" "))];
            const more = [...has].filter((name) => name !== "" && !had.has(name));
            const fewer = [...had].filter((name) => name !== "" && !has.has(name));
            if (more.length > 0) lines.push(`    now needs ${visible(more.join(", "))}`);
            if (fewer.length > 0) lines.push(`    no longer needs ${visible(fewer.join(", "))}`);
          }
        }
      }
      await context.out(`${lines.join("\n")}\n`);
    }
    return changes > 0 && context.options["exit-code"] === true ? exitStatus.policySaysNo : exitStatus.pass;
  },
};
