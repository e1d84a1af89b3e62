import type { Validation } from "../app/sbom.ts";
import { formatPlace } from "../model/index.ts";
import type { Command } from "./command.ts";
import { exitStatus } from "./fault.ts";
import { visible } from "./sbom-output.ts";

/** More complaints about one file than this are counted; `--format json` has all. */
const SHOWN = 50;

export const sbomValidate: Command = {
  name: "sbom validate",
  summary: "say whether bills of materials are what their specification says, and where not",
  positionals: "FILE...",
  minPositionals: 1,
  maxPositionals: 10_000,
  options: {
    format: { type: "string", short: "f", value: "FMT", choices: ["terminal", "json"], summary: "what standard output shows" },
    strict: { type: "boolean", summary: "take warnings for errors" },
  },
  description:
    "Checks against the published schema of the version that the document names, and then what the specification's prose demands: ids given once, references that lead somewhere, licence expressions, hash lengths, what is new in which version. Each complaint names its line and JSON pointer. The exit status is 1 where a document is invalid.",
  examples: [
    { command: "tributary sbom validate bom.json", what: "one document" },
    { command: "tributary sbom validate *.spdx.json --strict --format json", what: "several, strictly, as data" },
  ],
  run: async (context) => {
    const { validateDocument } = await import("../app/sbom.ts");
    const strict = context.options["strict"] === true;
    const results: Validation[] = [];
    for (const file of context.positionals) results.push(await validateDocument({ file, cwd: context.cwd, stdin: context.stdin }));
    const good = (one: Validation): boolean => one.valid && !(strict && one.problems.length > 0);
    if (context.options["format"] === "json") {
      await context.out(`${JSON.stringify({ schemaVersion: "1.0", documents: results }, null, 2)}\n`);
    } else {
      const lines: string[] = [];
      for (const one of results) {
        const kind = `${{ cyclonedx: "CycloneDX", spdx2: "SPDX", spdx3: "SPDX" }[one.family]} ${one.version} (${one.syntax})`;
        const errors = one.problems.filter((problem) => problem.severity === "error").length;
        const warnings = one.problems.length - errors;
        const counts = [
          errors === 0 ? "" : `${errors} ${errors === 1 ? "error" : "errors"}`,
          warnings === 0 ? "" : `${warnings} ${warnings === 1 ? "warning" : "warnings"}`,
        ].filter((part) => part !== "");
        lines.push(
          `${visible(one.file)}: ${visible(kind)}: ${good(one) ? "valid" : "not valid"}${counts.length === 0 ? "" : `, ${counts.join(", ")}`}`,
        );
        for (const { severity, at, message, place } of one.problems.slice(0, SHOWN)) {
          lines.push(`  ${visible(formatPlace(place))}: ${severity}: ${visible(at === "" ? message : `${at}: ${message}`)}`);
        }
        if (one.problems.length > SHOWN) lines.push(`  and ${one.problems.length - SHOWN} more: --format json has all of them`);
      }
      await context.out(`${lines.join("\n")}\n`);
    }
    return results.every(good) ? exitStatus.pass : exitStatus.policySaysNo;
  },
};
