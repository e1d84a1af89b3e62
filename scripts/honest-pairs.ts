/**
 * `npm run honest-pairs -- [--tree | --fresh | --neighbours] [--natural] [--each 2] [--pairs 400] [--names 60] [--only NAME] [--cache DIR] [--data FOLDER] [--largest BYTES] [--verbose]`
 *
 * False alarms on honest releases: consecutive releases of packages, fetched by the npm client and kept. Each step is reviewed from its contents alone, as
 * `tributary review` would; what is flagged is listed with its reasons and is there to be read by a person.
 *
 * Which packages: those that our own package.json names; `--tree` all that the lock file does (of every platform's binaries one would do for all, so none);
 * `--fresh` of the lock file only what package.json does not name; `--neighbours` what the packages of the lock file depend on, or are developed with, and the lock file
 * does not hold: no rule was changed by any of them (nor do they carry the attacks: what `benign-pairs.tar` holds is left out). The first `--names` by their hash.
 *
 * Which steps: the newest patch, minor and major ones in turn, so that majors are far more frequent than in life, `--pairs` in all, or `--each` of a package. `--natural`: the `--each` newest
 * releases of each package, each with the release before it on its line, whatever their size: by their natural frequency, which is what a user meets.
 *
 * Rules were changed by what the samples without `--natural` of our own tree showed: what else has one of these pairs in it is counted apart. `--largest 0` only fetches.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import semver from "semver";
import { readPairs } from "../conformance/attacks/hosts.ts";
import { isFlagged, judge, sideOfArchive } from "../conformance/attacks/judge.ts";
import { wilson } from "../conformance/attacks/variants.ts";
import type { ReviewSide } from "../src/app/review/sides.ts";
import { type Step, stepOf } from "../src/checks/behaviour/analysis/compare-step.ts";
import { keeper } from "../src/checks/behaviour/analysis/files.ts";
import { historyOf, type ReleaseEvent, type ReviewVerdict } from "../src/model/index.ts";

const { values } = parseArgs({
  options: {
    pairs: { type: "string", default: "400" },
    cache: { type: "string", default: join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "tributary-honest-pairs") },
    only: { type: "string", default: "" },
    tree: { type: "boolean", default: false },
    fresh: { type: "boolean", default: false },
    neighbours: { type: "boolean", default: false },
    natural: { type: "boolean", default: false },
    data: { type: "string", default: "" },
    names: { type: "string", default: "" },
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

const manifestNames = (manifest: Record<string, unknown>): readonly string[] =>
  Object.keys({ ...(manifest["dependencies"] as object), ...(manifest["devDependencies"] as object) });

interface Locked {
  readonly path: string;
  readonly name: string;
  /** Whether it is one and the same for every platform, and not another name for something else. */
  readonly plain: boolean;
}

function locked(): readonly Locked[] {
  const packages = readJson(join(repository, "package-lock.json"))["packages"] as Record<
    string,
    { name?: string; cpu?: unknown; os?: unknown; link?: boolean }
  >;
  return Object.entries(packages)
    .filter(([path]) => path.includes("node_modules/"))
    .map(([path, { name, cpu, os, link }]) => ({
      path,
      name: path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length),
      plain: name === undefined && cpu === undefined && os === undefined && link !== true,
    }));
}

const named = manifestNames(readJson(join(repository, "package.json"))).toSorted();
const tree = [...new Set(locked().flatMap(({ name, plain }) => (plain ? [name] : [])))].toSorted();

async function namesAsked(): Promise<readonly string[]> {
  if (values.tree) return tree;
  if (values.fresh) return firstByHash(tree.filter((name) => !named.includes(name)));
  return values.neighbours ? firstByHash(await neighbours()) : named;
}

const MOST_NEIGHBOURS = 60;

async function neighbours(): Promise<readonly string[]> {
  const folder = values.data === "" ? join(repository, "..", "shared", "data") : resolve(values.data);
  const carriers = existsSync(join(folder, "benign-pairs.tar")) ? await readPairs(folder) : [];
  const known = new Set([...locked().map(({ name }) => name), ...carriers.map(({ name }) => name)]);
  const found = locked().flatMap(({ path }) => {
    const manifest = join(repository, path, "package.json");
    return existsSync(manifest) ? asksFor(readJson(manifest)) : [];
  });
  return [...new Set(found)].filter((name) => !known.has(name));
}

/** Names that a manifest asks for in the registry: no other name for something else, no folder, no repository. */
const asksFor = (manifest: Record<string, unknown>): readonly string[] => {
  const wanted = Object.entries({ ...(manifest["dependencies"] as object), ...(manifest["devDependencies"] as object) });
  return wanted.filter(([, range]) => semver.validRange(String(range)) !== null).map(([name]) => name);
};

const firstByHash = (all: readonly string[]): readonly string[] =>
  all
    .toSorted((a, b) => hashOf(a).compare(hashOf(b)))
    .slice(0, values.names === "" ? MOST_NEIGHBOURS * (values.neighbours ? 1 : 2) : Number(values.names))
    .toSorted();

const hashOf = (name: string): Buffer => createHash("sha256").update(name).digest();

const fileName = (name: string): string => name.replace(/^@/, "").replace("/", "-");

/** The registry's own list; an empty one where it has no such package. */
function versionsTold(name: string): Buffer | string {
  try {
    return execFileSync("npm", ["view", name, "versions", "--json", "--prefer-offline"], { cwd: cache, stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    if (!String((error as { stdout?: Buffer }).stdout).includes("E404")) throw error;
    return "[]";
  }
}

/** Stable releases in the order of their numbers. Kept, so that the pairs stay the same from run to run. */
function versionsOf(name: string): readonly string[] {
  const kept = join(cache, `${fileName(name)}.versions.json`);
  if (!existsSync(kept)) writeFileSync(kept, versionsTold(name));
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

/** The newest releases, each with the one that a check would hold it against: by versions, since a mirror's times are often those at which it fetched. */
function naturalOf(name: string, most: number): readonly Pair[] {
  const events = versionsOf(name).map((version): ReleaseEvent => Object.assign({}, untimed, { version }));
  return events
    .toReversed()
    .flatMap(({ version: to }): readonly Pair[] => {
      const from = historyOf(events, to)?.before?.version ?? "";
      return from === "" ? [] : [{ name, from, to, step: stepOf(from, to) }];
    })
    .slice(0, most);
}

const untimed: Omit<ReleaseEvent, "version"> = {
  at: "",
  publisher: null,
  trusted: null,
  attested: null,
  commit: null,
  tagged: null,
  key: null,
  repository: null,
  installs: null,
};

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

const each = Number(values.each);

/** Packages with few releases leave room that the others take. */
function filled(those: readonly string[], wanted: number): readonly Pair[] {
  let found: readonly Pair[] = [];
  for (let [quota, last] = [Math.ceil(wanted / those.length), -1]; found.length < wanted && found.length > last; quota++) {
    last = found.length;
    found = those.flatMap((name) => pairsOf(name, quota));
  }
  return found;
}

/** Pairs that rules were changed by: 400 of what package.json names, and the newest four steps of the rest of the tree. */
const keyOf = ({ name, from, to }: Pair): string => `${name} ${from} ${to}`;
const knownPairs = new Set(
  values.natural && values.tree
    ? [...filled(named, 400), ...tree.filter((name) => !named.includes(name)).flatMap((name) => pairsOf(name, 4))].map(keyOf)
    : [],
);

const names = await namesAsked();
const chosen = values.natural
  ? names.flatMap((name) => naturalOf(name, each))
  : values.fresh || values.neighbours
    ? names.flatMap((name) => pairsOf(name, each))
    : filled(names, Number(values.pairs));
const pairs = chosen.filter(({ name }) => values.only === "" || name === values.only);
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
    `${verdict.verdict}: ${pair.name} ${pair.from} to ${pair.to} (${pair.step}${values.natural && knownPairs.has(keyOf(pair)) ? ", looked at before" : ""}), ${verdict.bits} bits: ${verdict.because}`,
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
  const share = percent(these.length / Math.max(1, found.length));
  console.log(`${title.padEnd(16)} ${String(these.length).padStart(4)} pairs (${share} of all): ${counted.join(", ")}`);
}
for (const step of ["patch", "minor", "major"] as const)
  line(
    step,
    found.filter(({ pair }) => pair.step === step),
  );
if (values.natural)
  for (const [title, before] of [
    ["looked at before", true],
    ["not before", false],
  ] as const)
    line(
      title,
      found.filter(({ pair }) => knownPairs.has(keyOf(pair)) === before),
    );
line("all", found);
if (leftOut > 0) console.log(`${leftOut} pairs were left out: a tarball of more than ${values.largest} bytes takes half a minute`);
console.log(`${names.length} packages: ${names.join(", ")}`);
process.exitCode = found.some(({ word }) => word === "block") ? 1 : 0;
