/**
 * `node scripts/compare-dose.ts PACKAGES [--remove NAME]… [--random N] [--top N]`
 *
 * Holds hard reach against `dose-distcheck` (of apt), a SAT solver that knows conflicts and versions: takes one package out of an
 * index, lets both say what cannot be installed any more, and prints every difference with dose's own reason for it. Essential packages are
 * modelled on our side (dose installs them with everything that there is): where one of them falls, everything does. Each removal takes dose
 * half a minute, so this is a command and no part of the tests.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { debianSuite } from "../src/graph/debian.ts";
import { failing, hardReach } from "../src/graph/hard.ts";
import { readDebianIndex } from "../src/sources/debian.ts";
import { compareVersions } from "../src/versions/index.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    remove: { type: "string", multiple: true, default: [] },
    random: { type: "string", default: "0" },
    top: { type: "string", default: "0" },
  },
});
const [index] = positionals;
if (index === undefined) {
  console.error("usage: node scripts/compare-dose.ts PACKAGES [--remove NAME]… [--random N] [--top N]");
  process.exit(2);
}
const text = Buffer.from(readDebianIndex(index, index)).toString("latin1");
const suite = debianSuite(Buffer.from(text, "latin1"), null, { compareVersions: (a, b) => compareVersions("Debian", a, b) });
const scratch = mkdtempSync(join(tmpdir(), "tributary-dose-"));
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));

type Reason = "missing" | "conflict";

/** What dose cannot install, with the kind of its first reason. */
function broken(stanzas: string): ReadonlyMap<string, Reason> {
  const file = join(scratch, "Packages");
  writeFileSync(file, stanzas, "latin1");
  let report: string;
  try {
    report = execFileSync("dose-distcheck", ["--deb-native-arch=amd64", "--failures", "--explain", "--explain-minimal", `deb://${file}`], {
      encoding: "latin1",
      maxBuffer: 2 ** 31 - 1,
    });
  } catch (error) {
    // It ends with 1 where something is broken: that is an answer.
    const { stdout, status } = error as { readonly stdout?: string; readonly status?: number };
    if (status !== 1 || stdout === undefined) throw error;
    report = stdout;
  }
  const reasons = new Map<string, Reason>();
  let name = "";
  for (const line of report.split("\n")) {
    const named = /^ {2}package: (\S+)/.exec(line);
    if (named !== null) name = named[1] ?? "";
    const reason = /^ {4}(missing|conflict):/.exec(line);
    if (reason !== null && !reasons.has(name)) reasons.set(name, reason[1] as Reason);
  }
  return reasons;
}

const stanzaOf = (name: string): RegExp => new RegExp(`^Package: ${name.replaceAll(/[.+]/g, "\\$&")}\\n(?:.+\\n)*\\n?`, "gm");
const before = broken(text);
console.log(`${before.size} packages cannot be installed as it is`);

const hard = hardReach(suite.clauses);
const order = Array.from(hard.keys()).toSorted((a, b) => hard[b]! - hard[a]! || a - b);
let state = 2026;
const chosen = new Set([
  ...values.remove,
  ...order.slice(0, Number(values.top)).map((node) => suite.names[node]!),
  ...Array.from({ length: Number(values.random) }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return suite.names[Math.floor((state / 2 ** 32) * suite.names.length)]!;
  }),
]);
const { fail, order: fallen } = failing(suite.clauses);
const essential = new Set(suite.essential);
let same = 0;
for (const name of chosen) {
  const node = suite.ids.get(name);
  if (node === undefined) {
    console.log(`${name}: not in the index`);
    continue;
  }
  fail([node]);
  const down = [...fallen()];
  // What is itself gone is not asked for: dose enforces Essential only for packages that are there.
  const everything = down.some((one) => one !== node && essential.has(one));
  const expected = new Set(everything ? suite.names : down.map((one) => suite.names[one]!));
  for (const one of before.keys()) expected.add(one);
  expected.delete(name);
  const found = broken(text.replace(stanzaOf(name), ""));
  const more = [...found.keys()].filter((one) => !expected.has(one));
  const fewer = [...expected].filter((one) => !found.has(one));
  if (more.length + fewer.length === 0) same++;
  const conflicts = more.filter((one) => found.get(one) === "conflict").length;
  const why = [
    conflicts === 0 ? "" : `${conflicts} by conflicts, which hard reach does not model`,
    more.length === conflicts ? "" : `${more.length - conflicts} by versions that are missing, which hard reach does not model`,
    fewer.length === 0 ? "" : `${fewer.length} that dose can still install: ${fewer.slice(0, 5).join(", ")}`,
  ].filter((part) => part !== "");
  console.log(
    `${name}: ours ${expected.size}, dose ${found.size}${everything ? " (an essential package falls)" : ""}${why.length === 0 ? "" : `; ${why.join("; ")}`}`,
  );
}
console.log(`${same} of ${chosen.size} identical`);
