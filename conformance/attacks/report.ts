/**
 * `node conformance/attacks/report.ts DATA-FOLDER [--groups seen,held-out,second[-open|-closed],honest[-open|-closed]] [--misses]`: what is
 * flagged of each family, group by group, and what is said of honest changes that look alike. `--misses` lists what went wrong: attacks that passed, honest changes that did not.
 */
import { parseArgs } from "node:util";
import { type Family, seenFamilies } from "./families.ts";
import { heldOutFamilies } from "./families-held-out.ts";
import { secondWriterFamilies } from "./families-second-writer.ts";
import { isOpen } from "./halves.ts";
import { honestChanges } from "./honest-changes.ts";
import type { HonestChange } from "./honest-place.ts";
import type { ReviewWord } from "../../src/model/index.ts";
import { readPairs } from "./hosts.ts";
import { isFlagged, told } from "./judge.ts";
import { attackLine, honestLine } from "./report-lines.ts";
import { type Judged, judgeHonest, judgeVariants } from "./variants.ts";

const attacks = new Map([
  ["seen", { title: "seen", families: seenFamilies }],
  ["held-out", { title: "held out", families: heldOutFamilies }],
  ["second", { title: "second", families: secondWriterFamilies }],
  ["second-open", { title: "second, open", families: secondWriterFamilies.filter(({ name }) => isOpen(name)) }],
  ["second-closed", { title: "second, closed", families: secondWriterFamilies.filter(({ name }) => !isOpen(name)) }],
]);
const honest = new Map([
  ["honest", { title: "honest", changes: honestChanges }],
  ["honest-open", { title: "honest, open", changes: honestChanges.filter(({ name }) => isOpen(name)) }],
  ["honest-closed", { title: "honest, closed", changes: honestChanges.filter(({ name }) => !isOpen(name)) }],
]);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { groups: { type: "string", default: "seen,held-out" }, misses: { type: "boolean", default: false } },
});
const groups = values.groups.split(",");
const unknown = groups.filter((group) => !honest.has(group) && !attacks.has(group));
if (unknown.length > 0) {
  console.error(`no group ${unknown.join(", ")}: there are ${[...attacks.keys(), ...honest.keys()].join(", ")}`);
  process.exit(2);
}
const pairs = await readPairs(positionals[0] ?? "../shared/data");

const wordsOf = (these: readonly Judged[]): readonly ReviewWord[] => these.map(({ verdict: { verdict } }) => verdict);
const flagged = ({ verdict: { verdict } }: Judged): boolean => isFlagged(verdict);

/** The most that is listed of one family. */
const LISTED = 6;

const listed = (what: string, these: readonly Judged[]): void => {
  for (const { host, way, verdict } of these.slice(0, LISTED)) console.log(`    ${what}: ${host} (${way}): ${told(verdict)}`);
};

for (const group of groups) {
  const attack = attacks.get(group);
  if (attack !== undefined) await tellAttacks(attack.title, attack.families);
  const changes = honest.get(group);
  if (changes !== undefined) await tellHonest(changes.title, changes.changes);
}

async function tellHonest(title: string, changes: readonly HonestChange[]): Promise<void> {
  const found = await Array.fromAsync(judgeHonest(pairs, changes, "1"));
  for (const { name, step } of changes) {
    const these = found.filter(({ family }) => family === name);
    console.log(honestLine(`${title}: ${name} (${step})`, wordsOf(these)));
    if (values.misses) listed("alarmed", these.filter(flagged));
  }
  for (const step of ["patch", "minor", "major"] as const) {
    const names = new Set(changes.filter((change) => change.step === step).map(({ name }) => name));
    console.log(honestLine(`${title}: ${step}`, wordsOf(found.filter(({ family }) => names.has(family)))));
  }
  console.log(honestLine(`${title}: all`, wordsOf(found)));
}

async function tellAttacks(title: string, families: readonly Family[]): Promise<void> {
  const found = await Array.fromAsync(judgeVariants(pairs, families, "1"));
  for (const { name } of families) {
    const these = found.filter(({ family }) => family === name);
    console.log(attackLine(`${title}: ${name}`, wordsOf(these)));
    if (values.misses)
      listed(
        "missed",
        these.filter((one) => !flagged(one)),
      );
  }
  console.log(attackLine(`${title}: all`, wordsOf(found)));
  const again = found.filter(({ family }) => family.endsWith("/second"));
  if (again.length > 0) {
    console.log(attackLine(`${title}: new techniques`, wordsOf(found.filter((one) => !again.includes(one)))));
    console.log(attackLine(`${title}: techniques seen, written again`, wordsOf(again)));
  }
  for (const way of ["alone", "among"] as const)
    console.log(attackLine(`${title}: ${way}`, wordsOf(found.filter((judged) => judged.way === way))));
}
