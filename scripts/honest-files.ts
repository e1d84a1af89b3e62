/**
 * `node scripts/honest-files.ts FOLDER… [--largest BYTES] [--verbose]`: false alarms on Python releases that one has as files. Of each project the releases in the folders are put
 * into a row, and each is reviewed against the one before it by the file that a check would choose, from its contents alone. What is flagged is listed, to be read by a person.
 */
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { isFlagged, judge, sideOfArchive } from "../conformance/attacks/judge.ts";
import { wilson } from "../conformance/attacks/variants.ts";
import { archiveKindOf } from "../src/artifacts/index.ts";
import { type Step, stepOf } from "../src/checks/behaviour/analysis/compare-step.ts";
import { keeper } from "../src/checks/behaviour/analysis/files.ts";
import type { ReleaseFile, ReviewWord } from "../src/model/index.ts";
import { fileLike, fileToRead } from "../src/sources/pypi-files.ts";
import { projectName, versionOfFile } from "../src/sources/pypi-simple.ts";
import { requireOrder } from "../src/versions/index.ts";

const { values, positionals } = parseArgs({
  options: { largest: { type: "string", default: "16000000" }, verbose: { type: "boolean", default: false } },
  allowPositionals: true,
});
const SHOWN_REASONS = 6;
const order = requireOrder("PyPI");

const paths = new Map<string, string>();
const projects = new Map<string, Map<string, ReleaseFile[]>>();
for (const folder of positionals.map((given) => resolve(given)))
  for (const name of readdirSync(folder).toSorted()) {
    const project = projectName(/^(.+?)-\d/.exec(name)?.[1] ?? "");
    const version = project === "" || archiveKindOf(name) === "" ? null : versionOfFile(project, name);
    if (version === null || !order.valid(version) || statSync(join(folder, name)).size > Number(values.largest)) continue;
    paths.set(name, join(folder, name));
    const releases = projects.get(project) ?? new Map<string, ReleaseFile[]>();
    releases.set(version, [...(releases.get(version) ?? []), { name, url: "", integrity: "" }]);
    projects.set(project, releases);
  }

const found: { readonly step: Step; readonly word: ReviewWord }[] = [];
for (const [project, releases] of [...projects].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
  const versions = [...releases.keys()].toSorted(order.compare);
  const kept = keeper();
  for (const [at, to] of versions.slice(1).entries()) {
    const from = versions[at] ?? "";
    const right = fileToRead(releases.get(to) ?? []);
    const left = right === null ? null : fileLike(releases.get(from) ?? [], right.name);
    if (left === null || right === null) continue;
    const side = ({ name }: ReleaseFile, version: string): ReturnType<typeof sideOfArchive> =>
      sideOfArchive(version, readFileSync(paths.get(name) ?? ""), archiveKindOf(name) || "zip");
    const { verdict } = await judge(side(left, from), side(right, to), kept);
    found.push({ step: stepOf(from, to), word: verdict.verdict });
    if (!isFlagged(verdict.verdict)) continue;
    console.log(`${verdict.verdict}: ${project} ${from} to ${to} (${stepOf(from, to)}), ${verdict.bits} bits: ${verdict.because}`);
    for (const { message, spots } of verdict.reasons.slice(0, values.verbose ? Infinity : SHOWN_REASONS))
      console.log(`    ${message}${spots[0] === undefined ? "" : ` [${spots[0].line}: ${spots[0].text}]`}`);
  }
}

const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;
for (const step of ["patch", "minor", "major", "all"] as const) {
  const these = found.filter((one) => step === "all" || one.step === step);
  const counted = (["block", "review"] as const).map((word) => {
    const hits = these.filter((one) => one.word === word).length;
    const [low, high] = wilson(hits, these.length);
    return `${word} ${hits} (${percent(hits / Math.max(1, these.length))}, 95 % ${percent(low)} to ${percent(high)})`;
  });
  console.log(`${step.padEnd(6)} ${String(these.length).padStart(4)} pairs: ${counted.join(", ")}`);
}
process.exitCode = found.some(({ word }) => word === "block") ? 1 : 0;
