/**
 * `npm run honest-pairs -- [--pairs 400] [--cache DIR] [--half seen|held-out] [--only NAME] [--tree] [--fresh] [--names 120] [--each 2] [--largest BYTES] [--verbose]`
 *
 * False alarms on honest releases: consecutive releases of the packages that our own package.json names (with `--tree` all that the lock file
 * does, of every platform's binaries one would do for all, so none), fetched by the npm client and kept. Each step is reviewed from its contents
 * alone, as `tributary review` would; what is flagged is listed with its reasons and is there to be read by a person. Half of the names, by
 * their hash, is held out: it is looked at after the last change of a rule, and not before. `--fresh`: of the lock file only what package.json
 * does not name, so that no rule was changed by any of it; the first `--names` by their hash, of each the `--each` newest steps. `--largest 0` only fetches.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import semver from "semver";
import { isFlagged, judge, sideOfArchive } from "../conformance/attacks/judge.ts";
import { wilson } from "../conformance/attacks/variants.ts";
import type { ReviewSide } from "../src/app/review/sides.ts";
import { type Step, stepOf } from "../src/checks/behaviour/analysis/compare-step.ts";
import { keeper } from "../src/checks/behaviour/analysis/files.ts";
import type { ReviewVerdict } from "../src/model/index.ts";

const { values } = parseArgs({
  options: {
    pairs: { type: "string", default: "400" },
    cache: { type: "string", default: join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "tributary-honest-pairs") },
    half: { type: "string", default: "both" },
    only: { type: "string", default: "" },
    tree: { type: "boolean", default: false },
    fresh: { type: "boolean", default: false },
    names: { type: "string", default: "120" },
    each: { type: "string", default: "2" },
    largest: { type: "string", default: "3000000" },
    verbose: { type: "boolean", default: false },
  },
});
const repository = resolve(import.meta.dirname, "..");
const cache = resolve(values.cache);
if (cache === repository || cache.startsWith(`${repository}/`))
  throw new Error("the cache holds other people's code: keep it outside the repository");
mkdirSync(cache, { recursive: true });

/** Releases asked for in one call of the client: it holds them all in memory. */
const PACKED_AT_ONCE = 10;
const SHOWN_REASONS = 6;

interface Pair {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly step: Step;
}

const readJson = (path: string): Record<string, unknown> => JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;

function ownNames(): readonly string[] {
  const manifest = readJson(join(repository, "package.json"));
  const named = Object.keys({ ...(manifest["dependencies"] as object), ...(manifest["devDependencies"] as object) }).toSorted();
  if (!values.tree && !values.fresh) return named;
  const packages = readJson(join(repository, "package-lock.json"))["packages"] as Record<
    string,
    { name?: string; cpu?: unknown; os?: unknown; link?: boolean }
  >;
  const names = Object.entries(packages)
    .filter(
      ([path, { name, cpu, os, link }]) =>
        path.includes("node_modules/") && name === undefined && cpu === undefined && os === undefined && link !== true,
    )
    .map(([path]) => path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length));
  const all = [...new Set(names)].toSorted();
  if (!values.fresh) return all;
  const byHash = all.filter((name) => !named.includes(name)).toSorted((a, b) => hashOf(a).compare(hashOf(b)));
  return byHash.slice(0, Number(values.names)).toSorted();
}

const hashOf = (name: string): Buffer => createHash("sha256").update(name).digest();

const heldOut = (name: string): boolean => (hashOf(name)[0] ?? 0) % 2 === 1;

const fileName = (name: string): string => name.replace(/^@/, "").replace("/", "-");

/** Stable releases in the order of their numbers. Kept, so that the pairs stay the same from run to run. */
function versionsOf(name: string): readonly string[] {
  const kept = join(cache, `${fileName(name)}.versions.json`);
  if (!existsSync(kept)) writeFileSync(kept, execFileSync("npm", ["view", name, "versions", "--json", "--prefer-offline"], { cwd: cache }));
  const told = JSON.parse(readFileSync(kept, "utf8")) as string | readonly string[];
  return [told]
    .flat()
    .filter((version) => semver.prerelease(version) === null)
    .toSorted(semver.compare);
}

/** The newest steps of each size in turn, so that a package with a hundred patches does not hide its majors. */
function pairsOf(name: string, most: number): readonly Pair[] {
  const versions = versionsOf(name);
  const all = versions.slice(1).map((to, at): Pair => {
    const from = versions[at] ?? "";
    return { name, from, to, step: stepOf(from, to) };
  });
  const rows = Map.groupBy(all.toReversed(), ({ step }) => step);
  const chosen: Pair[] = [];
  for (let at = 0; chosen.length < most && at < all.length; at++)
    for (const step of ["patch", "minor", "major"] as const) {
      const pair = rows.get(step)?.[at];
      if (pair !== undefined && chosen.length < most) chosen.push(pair);
    }
  return chosen;
}

const tarballOf = (name: string, version: string): string => join(cache, `${fileName(name)}-${version}.tgz`);

function fetchAll(pairs: readonly Pair[]): void {
  for (const [name, these] of Map.groupBy(pairs, (pair) => pair.name)) {
    const missing = [...new Set(these.flatMap(({ from, to }) => [from, to]))].filter((version) => !existsSync(tarballOf(name, version)));
    for (let at = 0; at < missing.length; at += PACKED_AT_ONCE) {
      const some = missing.slice(at, at + PACKED_AT_ONCE).map((version) => `${name}@${version}`);
      console.error(`fetching ${some.join(" ")}`);
      execFileSync("npm", ["pack", ...some, "--ignore-scripts", "--prefer-offline", "--silent", "--pack-destination", cache], {
        cwd: cache,
        stdio: ["ignore", "ignore", "inherit"],
      });
    }
  }
}

/** A release is on both sides of a step, and most of its files stay from one to the next: of one package they are kept. */
let kept = { name: "", facts: keeper() };
const sideOf = (name: string, version: string): ReviewSide => sideOfArchive(version, readFileSync(tarballOf(name, version)), "tgz");

const names = ownNames();
// Packages with few releases leave room that the others take.
let quota = Math.ceil(Number(values.pairs) / names.length);
let pairs: readonly Pair[] = values.fresh ? names.flatMap((name) => pairsOf(name, Number(values.each))) : [];
for (let last = -1; !values.fresh && pairs.length < Number(values.pairs) && pairs.length > last; quota++) {
  last = pairs.length;
  pairs = names.flatMap((name) => pairsOf(name, quota));
}
if (values.only !== "") pairs = pairs.filter(({ name }) => name === values.only);
pairs = pairs.filter(({ name }) => values.half === "both" || heldOut(name) === (values.half === "held-out"));
fetchAll(pairs);
const sized = pairs.filter(({ name, from, to }) =>
  [from, to].every((version) => statSync(tarballOf(name, version)).size <= Number(values.largest)),
);
const leftOut = pairs.length - sized.length;

const found: { readonly pair: Pair; readonly word: ReviewVerdict["verdict"] }[] = [];
for (const pair of sized) {
  if (kept.name !== pair.name) kept = { name: pair.name, facts: keeper() };
  const { verdict } = await judge(sideOf(pair.name, pair.from), sideOf(pair.name, pair.to), kept.facts);
  found.push({ pair, word: verdict.verdict });
  if (!isFlagged(verdict.verdict)) continue;
  console.log(
    `${verdict.verdict}: ${pair.name} ${pair.from} to ${pair.to} (${pair.step}, ${values.fresh ? "fresh" : heldOut(pair.name) ? "held out" : "seen"}), ${verdict.bits} bits: ${verdict.because}`,
  );
  for (const { message, spots } of verdict.reasons.slice(0, values.verbose ? Infinity : SHOWN_REASONS))
    console.log(`    ${message}${spots[0] === undefined ? "" : ` [${spots[0].line}: ${spots[0].text}]`}`);
}

const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;
function line(title: string, these: typeof found): void {
  const counted = (["block", "review", "note", "nothing"] as const).map((word) => {
    const hits = these.filter((one) => one.word === word).length;
    const [low, high] = wilson(hits, these.length);
    return word === "block" || word === "review"
      ? `${word} ${hits} (${percent(hits / Math.max(1, these.length))}, 95 % ${percent(low)} to ${percent(high)})`
      : `${word} ${hits}`;
  });
  console.log(`${title.padEnd(10)} ${String(these.length).padStart(4)} pairs: ${counted.join(", ")}`);
}
for (const step of ["patch", "minor", "major"] as const)
  line(
    step,
    found.filter(({ pair }) => pair.step === step),
  );
if (!values.fresh)
  for (const [title, held] of [
    ["seen", false],
    ["held out", true],
  ] as const)
    line(
      title,
      found.filter(({ pair }) => heldOut(pair.name) === held),
    );
line("all", found);
if (leftOut > 0) console.log(`${leftOut} pairs were left out: a tarball of more than ${values.largest} bytes takes half a minute`);
console.log(`${names.length} packages: ${names.join(", ")}`);
process.exitCode = found.some(({ word }) => word === "block") ? 1 : 0;
