/**
 * `node scripts/compare-dose.ts PACKAGES [--remove NAME]… [--random N] [--top N] [--differing N] [--seed N] [--log FILE] [--full N]`
 *
 * Holds what cannot be installed once a package is gone (installing.ts) against `dose-distcheck` (of Debian's package of that name), a SAT
 * solver that others wrote: takes packages out of an index one by one, asks both, and prints one row each, with a reason, found by looking,
 * for every difference. `--random N` takes N packages by a seed, `--top N` those with the largest hard reach, `--differing N` those whose removal
 * hard reach by name alone answers wrongly (all removals are answered for that: half a minute), those in which conflicts have a part first. `--log FILE` keeps dose's
 * answers, so that a run that was stopped goes on where it was; `--full N` asks dose about N of the random ones once more with the whole
 * index in front of it (see dose-distcheck.ts for what it is spared otherwise). Ends with 1 where a difference remains without a reason.
 */
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { debianSuite } from "../src/graph/debian.ts";
import { failing, hardReach } from "../src/graph/hard.ts";
import { type Installability, installing } from "../src/graph/installing.ts";
import { readDebianIndex } from "../src/sources/debian.ts";
import { compareVersions } from "../src/versions/index.ts";
import { type DoseAnswer, doseIndex, doseOfAll, doseReasons, doseWithout, doseWithoutInFull, touched } from "./dose-distcheck.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    remove: { type: "string", multiple: true, default: [] },
    random: { type: "string", default: "0" },
    top: { type: "string", default: "0" },
    seed: { type: "string", default: "2026" },
    differing: { type: "string", default: "0" },
    full: { type: "string", default: "0" },
    log: { type: "string" },
  },
});
const [file] = positionals;
if (file === undefined) {
  console.error(
    "usage: node scripts/compare-dose.ts PACKAGES [--remove NAME]… [--random N] [--top N] [--differing N] [--seed N] [--log FILE] [--full N]",
  );
  process.exit(2);
}
/** Differences of one removal that are asked dose for their reason. */
const REASONS = 200;
/** Kinds of reasons that a row names. */
const SHOWN = 3;

const bytes = readDebianIndex(file, file);
const compare = (a: string, b: string): number => compareVersions("Debian", a, b);
const files = { packages: file, sources: "" };
const plain = debianSuite(bytes, null, { compareVersions: compare, files });
const exact = debianSuite(bytes, null, { compareVersions: compare, files, versions: true });
if (exact.constraints === null) throw new Error("an index that was read with versions has constraints");
const { names, ids } = exact;
const { without } = installing(exact, exact.constraints);
const index = doseIndex(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1"));
/** dose judges every version of a name; the highest one stands for the name on our side. */
const highest = new Map<string, string>();
for (const { name, version } of index.stanzas) {
  const held = highest.get(name);
  if (held === undefined || compare(held, version) < 0) highest.set(name, version);
}

// What dose said, from the log where it was asked before about these bytes.
const digest = createHash("sha256").update(bytes).digest("hex");
const logged = new Map<string, DoseAnswer>();
if (values.log !== undefined && existsSync(values.log)) {
  for (const line of readFileSync(values.log, "utf8").split("\n")) {
    if (line === "") continue;
    const entry = JSON.parse(line) as DoseAnswer & { readonly asked: string; readonly index: string };
    if (entry.index === digest) logged.set(entry.asked, entry);
  }
}
function ask(asked: string, how: () => DoseAnswer): ReadonlySet<string> {
  let answer = logged.get(asked);
  if (answer === undefined) {
    answer = how();
    if (values.log !== undefined) appendFileSync(values.log, `${JSON.stringify({ asked, index: digest, ...answer })}\n`);
  }
  return new Set(
    answer.broken.flatMap((entry) => {
      const [name = "", version = ""] = entry.split(" ");
      return highest.get(name) === version ? [name] : [];
    }),
  );
}

const hard = hardReach(plain.clauses);
const tops = Array.from(hard.keys())
  .toSorted((a, b) => hard[b]! - hard[a]! || a - b)
  .slice(0, Number(values.top))
  .map((node) => names[node]!);
let state = Number(values.seed) >>> 0;
const below = (most: number): number => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 2 ** 32) * most);
};
const random = new Set<string>();
while (random.size < Math.min(Number(values.random), names.length - tops.length)) {
  const name = names[below(names.length)]!;
  if (!tops.includes(name)) random.add(name);
}
for (const name of values.remove) {
  if (ids.has(name)) continue;
  console.error(`there is no package ${name} in ${file}`);
  process.exit(2);
}

const asIs = ask("", () => doseOfAll(index));
const { fail, order } = failing(plain.clauses);

/** The removals that hard reach by name answers wrongly though no essential package falls, and a line about all removals. */
function differing(): { readonly byConflicts: readonly string[]; readonly byVersions: readonly string[]; readonly said: string } {
  const byConflicts: string[] = [];
  const byVersions: string[] = [];
  let essential = 0;
  let undecided = 0;
  const broken = new Set(without([]).broken);
  names.forEach((name, node) => {
    const answer = without([node]);
    undecided += answer.undecided.length;
    if (answer.essential !== -1 || answer.essentialsClash) {
      essential++;
      return;
    }
    const fallen = answer.broken.filter((one) => !broken.has(one));
    const requirements = new Set(answer.byRequirements);
    fail([node]);
    const said = new Set(
      order()
        .subarray(1)
        .filter((one) => !broken.has(one)),
    );
    if (fallen.some((one) => !requirements.has(one))) byConflicts.push(name);
    else if (said.size !== fallen.length || fallen.some((one) => !said.has(one))) byVersions.push(name);
  });
  const rest = names.length - essential - byConflicts.length - byVersions.length;
  const said = `of ${names.length} removals, ${rest} are as hard reach by name says; ${byVersions.length} differ by versions, ${byConflicts.length} by what excludes what, ${essential} take an essential package and everything with it; ${undecided} packages undecided`;
  return { byConflicts, byVersions, said };
}
const hardest: string[] = [];
if (Number(values.differing) > 0) {
  const { byConflicts, byVersions, said } = differing();
  console.log(said);
  hardest.push(...byConflicts.slice(0, Number(values.differing)));
  const left = [...byVersions];
  while (hardest.length < Number(values.differing) && left.length > 0) hardest.push(...left.splice(below(left.length), 1));
}

interface Row {
  readonly removed: string;
  /** Hard reach by name alone, beside what cannot be installed anyway. */
  readonly byName: number;
  readonly byNameToo: boolean;
  readonly ours: number;
  readonly dose: number;
  readonly onlyOurs: readonly string[];
  readonly onlyDose: readonly string[];
  readonly undecided: number;
  /** What hard reach by name alone does not see. */
  readonly unseen: string;
  readonly why: string;
}

function row(removed: string, answer: Installability, theirs: ReadonlySet<string>, byName: ReadonlySet<string>): Row {
  const ours = new Set(Array.from(answer.broken, (node) => names[node]!));
  const onlyOurs = [...ours].filter((name) => !theirs.has(name));
  const onlyDose = [...theirs].filter((name) => !ours.has(name));
  const why = [...doubts(onlyOurs, removed, "only ours"), ...doubts(onlyDose, removed, "only dose")].join("; ");
  return {
    removed,
    byName: byName.size,
    byNameToo: sameSet(byName, theirs),
    ours: ours.size,
    dose: theirs.size,
    onlyOurs,
    onlyDose,
    undecided: answer.undecided.length,
    unseen: unseenByName(answer, byName),
    why,
  };
}

function unseenByName({ broken, byRequirements, essential, essentialsClash }: Installability, byName: ReadonlySet<string>): string {
  if (essential !== -1) return `${names[essential]} is essential, and falls`;
  if (essentialsClash) return "essential packages exclude each other";
  const requirements = new Set(byRequirements);
  const more = broken.filter((node) => !byName.has(names[node]!));
  const conflicts = more.filter((node) => !requirements.has(node)).length;
  return [
    more.length === conflicts ? "" : `${more.length - conflicts} by versions`,
    conflicts === 0 ? "" : `${conflicts} by what excludes what`,
  ]
    .filter((part) => part !== "")
    .join(", ");
}

/** Why the two differ about these: what dose misses or sees in conflict, or that there is an older version which ours does not know. */
function doubts(different: readonly string[], removed: string, where: string): readonly string[] {
  if (different.length === 0) return [];
  const some = different.slice(0, REASONS);
  const reasons = where === "only dose" ? doseReasons(index, removed, some) : new Map<string, string>();
  const counts = new Map<string, number>();
  for (const name of some) {
    const older = (index.byName.get(name) ?? []).length > 1 ? "an older version of it can be installed" : "";
    const why = reasons.get(name) ?? (older === "" ? "no reason was found" : older);
    counts.set(why, (counts.get(why) ?? 0) + 1);
  }
  return [...counts]
    .toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .slice(0, SHOWN)
    .map(([why, count]) => `${where}: ${count} because ${why}`);
}

const sameSet = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean => a.size === b.size && [...a].every((one) => b.has(one));

/** Whom a removal cannot touch dose was not asked about again: they are as they were. */
function addUntouched(broken: Set<string>, removed: string): void {
  const judged = new Set(Array.from(touched(index, removed).judged, (stanza) => index.stanzas[stanza]!.name));
  for (const one of asIs) if (one !== removed && !judged.has(one)) broken.add(one);
}

const rows: Row[] = [row("(nothing)", without([]), asIs, asIs)];
for (const name of new Set([...values.remove, ...tops, ...hardest, ...random])) {
  const node = ids.get(name)!;
  const theirs = new Set(ask(name, () => doseWithout(index, name)));
  addUntouched(theirs, name);
  fail([node]);
  const byName = new Set([...Array.from(order().subarray(1), (one) => names[one]!), ...asIs]);
  byName.delete(name);
  rows.push(row(name, without([node]), theirs, byName));
}
let wider = 0;
for (const name of [...random].slice(0, Number(values.full))) {
  const short = new Set(ask(name, () => doseWithout(index, name)));
  addUntouched(short, name);
  const full = ask(`full ${name}`, () => doseWithoutInFull(index, name));
  if (!sameSet(short, full)) wider++;
}

const head = ["removed", "by name", "ours", "dose", "only ours", "only dose", "not seen by name", "why they differ"];
const table = rows.map((one) => [
  one.removed,
  one.byName.toLocaleString("en"),
  one.ours.toLocaleString("en"),
  one.dose.toLocaleString("en"),
  one.onlyOurs.length.toLocaleString("en"),
  one.onlyDose.length.toLocaleString("en"),
  one.unseen,
  one.undecided > 0 ? `${one.undecided} undecided; ${one.why}` : one.why,
]);
for (const cells of [head, head.map(() => "---"), ...table]) console.log(`| ${cells.join(" | ")} |`);
const same = rows.slice(1).filter(({ onlyOurs, onlyDose }) => onlyOurs.length + onlyDose.length === 0).length;
const sameByName = rows.slice(1).filter(({ byNameToo }) => byNameToo).length;
console.log(`${same} of ${rows.length - 1} removals identical, package by package; ${sameByName} by names alone`);
if (Number(values.full) > 0)
  console.log(
    `${Math.min(random.size, Number(values.full)) - wider} of ${Math.min(random.size, Number(values.full))} identical when dose is given the whole index`,
  );
if (rows.some(({ why, undecided }) => undecided > 0 || why.includes("no reason was found"))) process.exitCode = 1;
