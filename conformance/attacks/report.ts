/**
 * `node conformance/attacks/report.ts DATA-FOLDER [--groups seen,held-out,second,honest] [--misses]`: what is flagged of each family, group by
 * group, and what is said of honest changes that look alike. `--misses` lists what went wrong: attacks that passed, honest changes that did not.
 */
import { parseArgs } from "node:util";
import { seenFamilies } from "./families.ts";
import { heldOutFamilies } from "./families-held-out.ts";
import { secondWriterFamilies } from "./families-second-writer.ts";
import { honestChanges } from "./honest-changes.ts";
import type { ReviewWord } from "../../src/model/index.ts";
import { readPairs } from "./hosts.ts";
import { isFlagged, told } from "./judge.ts";
import { attackLine, honestLine } from "./report-lines.ts";
import { type Judged, judgeHonest, judgeVariants } from "./variants.ts";

const attacks = new Map([
  ["seen", { title: "seen", families: seenFamilies }],
  ["held-out", { title: "held out", families: heldOutFamilies }],
  ["second", { title: "second", families: secondWriterFamilies }],
]);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { groups: { type: "string", default: "seen,held-out" }, misses: { type: "boolean", default: false } },
});
const groups = values.groups.split(",");
const unknown = groups.filter((group) => group !== "honest" && !attacks.has(group));
if (unknown.length > 0) {
  console.error(`no group ${unknown.join(", ")}: there are ${[...attacks.keys(), "honest"].join(", ")}`);
  process.exit(2);
}
const pairs = await readPairs(positionals[0] ?? "../shared/data");

const tiersOf = (these: readonly Judged[]): readonly ReviewWord[] => these.map(({ verdict: { verdict } }) => verdict);
const flagged = ({ verdict: { verdict } }: Judged): boolean => isFlagged(verdict);

/** The most that is listed of one family. */
const LISTED = 6;

const listed = (what: string, these: readonly Judged[]): void => {
  for (const { host, way, verdict } of these.slice(0, LISTED)) console.log(`    ${what}: ${host} (${way}): ${told(verdict)}`);
};

for (const group of groups) {
  const attack = attacks.get(group);
  if (attack === undefined) {
    const found = await Array.fromAsync(judgeHonest(pairs, honestChanges, "1"));
    for (const { name, step } of honestChanges) {
      const these = found.filter(({ family }) => family === name);
      console.log(honestLine(`honest: ${name} (${step})`, tiersOf(these)));
      if (values.misses) listed("alarmed", these.filter(flagged));
    }
    for (const step of ["patch", "minor", "major"] as const) {
      const names = new Set(honestChanges.filter((change) => change.step === step).map(({ name }) => name));
      console.log(honestLine(`honest: ${step}`, tiersOf(found.filter(({ family }) => names.has(family)))));
    }
    console.log(honestLine("honest: all", tiersOf(found)));
    continue;
  }
  const { title, families } = attack;
  const found = await Array.fromAsync(judgeVariants(pairs, families, "1"));
  for (const { name } of families) {
    const these = found.filter(({ family }) => family === name);
    console.log(attackLine(`${title}: ${name}`, tiersOf(these)));
    if (values.misses)
      listed(
        "missed",
        these.filter((one) => !flagged(one)),
      );
  }
  console.log(attackLine(`${title}: all`, tiersOf(found)));
  if (group === "second")
    for (const [part, again] of [
      ["new techniques", false],
      ["techniques seen, written again", true],
    ] as const)
      console.log(attackLine(`${title}: ${part}`, tiersOf(found.filter(({ family }) => family.endsWith("/second") === again))));
  for (const way of ["alone", "among"] as const)
    console.log(attackLine(`${title}: ${way}`, tiersOf(found.filter((judged) => judged.way === way))));
}
