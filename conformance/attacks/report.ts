/** `node conformance/attacks/report.ts DATA-FOLDER [--misses]`: what is flagged of each family, seen and held out apart. */
import { seenFamilies } from "./families.ts";
import { heldOutFamilies } from "./families-held-out.ts";
import { readPairs } from "./hosts.ts";
import { isFlagged, told } from "./judge.ts";
import { judgeVariants, wilson } from "./variants.ts";

const [folder = "../shared/data", ...flags] = process.argv.slice(2);
const pairs = await readPairs(folder);
for (const [title, families] of [
  ["seen", seenFamilies],
  ["held out", heldOutFamilies],
] as const) {
  const found = await Array.fromAsync(judgeVariants(pairs, families, "1"));
  const line = (name: string, these: typeof found): void => {
    const flagged = these.filter(({ verdict }) => isFlagged(verdict.verdict)).length;
    const blocked = these.filter(({ verdict }) => verdict.verdict === "block").length;
    const [low, high] = wilson(flagged, these.length);
    console.log(
      `${name.padEnd(34)} flagged ${flagged}/${these.length} (${(low * 100).toFixed(0)}–${(high * 100).toFixed(0)} %), blocked ${blocked}`,
    );
  };
  for (const { name } of families) {
    const these = found.filter(({ family }) => family === name);
    line(`${title}: ${name}`, these);
    if (flags.includes("--misses"))
      for (const { host, way, verdict } of these.filter((one) => !isFlagged(one.verdict.verdict)))
        console.log(`    missed: ${host} (${way}): ${told(verdict)}`);
  }
  line(`${title}: all`, found);
  for (const way of ["alone", "among"] as const)
    line(
      `${title}: ${way}`,
      found.filter((judged) => judged.way === way),
    );
}
