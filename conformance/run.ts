/**
 * `npm run conformance -- [suite…] [--data DIR] [--verbose]`
 *
 * Unpacks each archive into a scratch folder, runs its suite and prints `suite passed/total`. A failure that `known.json` lists
 * with its reason does not fail the run; one that it does not list does; and so does a listed one that passes by now.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { CaseResult } from "./suite.ts";
import { suites } from "./suites.ts";

type Known = Readonly<Record<string, Readonly<Record<string, string>>>>;

const repository = resolve(import.meta.dirname, "..");
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { data: { type: "string" }, verbose: { type: "boolean", default: false } },
});
const data = resolve(values.data ?? join(repository, "..", "shared", "conformance"));
const known = JSON.parse(readFileSync(join(import.meta.dirname, "known.json"), "utf8")) as Known;

const scratch = mkdtempSync(join(tmpdir(), "tributary-conformance-"));
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));

function unpack(archive: string): string | null {
  if (archive === "") return scratch;
  const file = join(data, `${archive}.tar.gz`);
  if (!existsSync(file)) return null;
  const folder = join(scratch, archive);
  if (!existsSync(folder)) {
    mkdirSync(folder);
    execFileSync("tar", ["-xzf", file, "-C", folder]);
  }
  return folder;
}

const loaded = await Promise.all(suites.map((load) => load()));
const unknownNames = positionals.filter((name) => !loaded.some((suite) => suite.name === name));
if (unknownNames.length > 0) {
  console.error(`error: no suite is called ${unknownNames.join(", ")}. There are: ${loaded.map((suite) => suite.name).join(", ")}`);
  process.exit(2);
}

let unexpected = 0;
let passedInAll = 0;
let totalOfAll = 0;
for (const suite of loaded) {
  if (positionals.length > 0 && !positionals.includes(suite.name)) continue;
  const beside = suite.data === undefined ? null : join(data, "..", "data", suite.data);
  const folder = beside === null ? unpack(suite.archive) : existsSync(beside) ? beside : null;
  const absent = [...(beside === null ? [suite.archive] : []), ...(suite.beside ?? [])].find((archive) => unpack(archive) === null);
  if (folder === null || absent !== undefined) {
    const missing = folder === null && suite.data !== undefined ? `data/${suite.data}` : `${absent ?? suite.archive}.tar.gz`;
    console.log(`${suite.name} not run: ${missing} is not in ${values.data ?? "the data folder"}`);
    unexpected += 1;
    continue;
  }
  const started = performance.now();
  const results: CaseResult[] = [];
  for await (const result of suite.run(folder)) results.push(result);
  const listed = known[suite.name] ?? {};
  const failed = results.filter((result) => result.outcome === "failed");
  const skipped = results.filter((result) => result.outcome === "skipped");
  const passed = results.length - failed.length - skipped.length;
  const total = results.length - skipped.length;
  passedInAll += passed;
  totalOfAll += total;
  const notListed = failed.filter((result) => listed[result.name] === undefined);
  const stale = Object.keys(listed).filter((name) => results.some((result) => result.name === name && result.outcome === "passed"));
  unexpected += notListed.length + stale.length + (total === 0 ? 1 : 0);
  const notes = [
    skipped.length > 0 ? `${skipped.length} skipped` : "",
    failed.length > notListed.length ? `${failed.length - notListed.length} known` : "",
    `${((performance.now() - started) / 1000).toFixed(1)} s`,
  ].filter((note) => note !== "");
  console.log(`${suite.name} ${passed}/${total} (${notes.join(", ")})`);
  const shown = values.verbose ? failed : notListed.slice(0, 10);
  for (const result of shown) {
    const reason = listed[result.name];
    console.log(
      `  failed: ${result.name}${result.detail === undefined ? "" : `: ${result.detail}`}${reason === undefined ? "" : ` [known: ${reason}]`}`,
    );
  }
  if (values.verbose)
    for (const result of skipped) console.log(`  skipped: ${result.name}${result.detail === undefined ? "" : `: ${result.detail}`}`);
  for (const name of stale) console.log(`  listed in known.json, but passes: ${name}`);
}
console.log(`all ${passedInAll}/${totalOfAll}`);
process.exitCode = unexpected > 0 ? 1 : 0;
