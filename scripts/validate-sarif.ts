/**
 * `node scripts/validate-sarif.ts [FILE…]`: holds SARIF (by default the sample report) against the standard's JSON Schema and the
 * rules of Microsoft's Sarif.Multitool, GitHub's among them. Both come in the npm package `@microsoft/sarif-multitool-linux` (44 MB, so it
 * is no dependency of ours): it is installed, without scripts, into a scratch folder. Linux x64 only.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AnySchemaObject, Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { formatSarif } from "../src/report/sarif.ts";
import { sampleReport } from "../src/report/sample.ts";
import { screenOf } from "../src/report/tones.ts";

const MULTITOOL = "@microsoft/sarif-multitool-linux";
const VERSION = "5.7.0";

const scratch = mkdtempSync(join(tmpdir(), "tributary-sarif-"));
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));
writeFileSync(join(scratch, "package.json"), "{}");
execFileSync("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", `${MULTITOOL}@${VERSION}`], {
  cwd: scratch,
  stdio: "ignore",
});
const multitool = join(scratch, "node_modules", ...MULTITOOL.split("/"));

const files = process.argv.slice(2);
if (files.length === 0) {
  const sample = join(scratch, "sample.sarif");
  const context = {
    screen: screenOf(false, 80, {}, "linux"),
    textOf: () => "{\n".repeat(400),
    ruleOf: () => undefined,
    all: false,
    category: "",
  };
  writeFileSync(sample, formatSarif(sampleReport, context));
  files.push(sample);
}

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
const validate = ajv.compile(JSON.parse(readFileSync(join(multitool, "sarif-2.1.0.json"), "utf8")) as AnySchemaObject);
let passed = 0;
for (const file of files) {
  const valid = validate(JSON.parse(readFileSync(file, "utf8")));
  for (const error of validate.errors ?? []) console.error(`${file}${error.instancePath}: ${error.message}`);
  const program = join(multitool, "Sarif.Multitool");
  chmodSync(program, 0o755);
  const output = execFileSync(program, ["validate", file, "--rule-kind", "Sarif;Gh"], {
    encoding: "utf8",
    // The program looks for a library of locales that small systems do not have.
    env: { ...process.env, DOTNET_SYSTEM_GLOBALIZATION_INVARIANT: "1" },
  });
  const complaints = output.split("\n").filter((line) => /: (?:error|warning) /.test(line));
  // We have no address to name until Tributary is published under one.
  const unexpected = complaints.filter((line) => !line.includes("SARIF2005"));
  for (const line of unexpected) console.error(line);
  if (valid && unexpected.length === 0) passed += 1;
}
console.log(`sarif ${passed}/${files.length} valid against the schema and Sarif.Multitool ${VERSION}`);
process.exitCode = passed === files.length ? 0 : 1;
