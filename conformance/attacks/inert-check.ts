/** `node conformance/attacks/inert-check.ts DATA-FOLDER`: makes every variant of the second writer on every host and looks whether it is inert. Nothing is judged. */
import { secondWriterFamilies } from "./families-second-writer.ts";
import { honestChanges, makeHonest } from "./honest-changes.ts";
import { type Host, hostOf } from "./host.ts";
import { readPairs, unpack } from "./hosts.ts";
import { checkChange } from "./inert.ts";

const [folder = "../shared/data"] = process.argv.slice(2);
const pairs = new Map((await readPairs(folder)).map((pair) => [pair.name, pair]));
let [variants, honest, faults] = [0, 0, 0];
const tell = (what: string, found: readonly string[]): void => {
  faults += found.length;
  for (const fault of found) console.log(`${what}: ${fault}`);
};
for (const { name, before, after } of pairs.values())
  for (const bytes of [before, after]) {
    const entries = await unpack(bytes);
    const make = (what: string) => (): Host => hostOf(name, entries, `1 ${what} ${name}`);
    for (const family of secondWriterFamilies) tell(`${family.name} on ${name}`, checkChange(make(family.name), family.change, true));
    variants += secondWriterFamilies.length;
    if (bytes === after) continue;
    for (const change of honestChanges)
      tell(
        `${change.name} on ${name}`,
        checkChange(make(change.name), (host) => makeHonest(host, change), false),
      );
    honest += honestChanges.length;
  }
console.log(
  `${variants} variants of ${secondWriterFamilies.length} families, ${honest} honest changes of ${honestChanges.length} kinds, on ${pairs.size} hosts: ${faults} faults`,
);
process.exitCode = faults === 0 ? 0 : 1;
