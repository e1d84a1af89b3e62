/**
 * `npm run metamorphic -- [--data FOLDER] [--times 100]`: passed of all, by transformation, and each failure by name; then every incident's review
 * so many times over, in all formats. Without the data only the incidents are asked.
 */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { readPairs } from "../attacks/hosts.ts";
import { incidents } from "../incidents/replay.ts";
import { unsteadyFormats } from "./determinism.ts";
import { type Told, judgeAll } from "./judge.ts";

const { values } = parseArgs({ options: { data: { type: "string" }, times: { type: "string", default: "100" } } });
const folder = resolve(values.data ?? join(import.meta.dirname, "..", "..", "..", "shared", "data"));
const pairs = existsSync(join(folder, "benign-pairs.tar")) ? await readPairs(folder) : [];
if (pairs.length === 0) console.log(`no benign-pairs.tar in the folder of data: only the incidents are asked`);
const all: Told[] = await Array.fromAsync(judgeAll(pairs));
for (const kind of ["attack", "honest"] as const) {
  const these = all.filter((told) => told.kind === kind);
  for (const [name, group] of Map.groupBy(these, ({ transformation }) => transformation)) {
    const weaker = group.filter(({ plain, changed }) => plain === "block" && changed === "review").length;
    console.log(
      `${kind.padEnd(6)} ${name.padEnd(40)} ${group.filter(({ passed }) => passed).length}/${group.length}${weaker > 0 ? `, ${weaker} of them from block to review` : ""}`,
    );
  }
  console.log(`${kind.padEnd(6)} ${"all".padEnd(40)} ${these.filter(({ passed }) => passed).length}/${these.length}`);
}
for (const { kind, transformation, subject, plain, changed } of all.filter(({ passed }) => !passed))
  console.log(`  failed: ${kind}, ${transformation}: ${subject}: ${plain} became ${changed}`);

let unsteady = 0;
for (const incident of incidents()) {
  const names = await unsteadyFormats(incident, Number(values.times));
  unsteady += names.length;
  if (names.length > 0) console.log(`  not the same every time: ${incident.id} as ${names.join(", ")}`);
}
console.log(
  `${incidents().length} reviews ${values.times} times each, their files in another order each time, in five formats: ${unsteady === 0 ? "byte-identical" : `${unsteady} differ`}`,
);
process.exitCode = unsteady > 0 ? 1 : 0;
