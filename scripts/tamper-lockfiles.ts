/**
 * `node scripts/tamper-lockfiles.ts [--count 2000] [--seed 1] [FILE…]`
 *
 * Tampers with real package-lock files (this project's own, and those that are named), one entry at a time, as an attacker with a pull request would,
 * and asks the rules of the first two questions. The untouched files are the truth: what they promise is what the registry of this test publishes.
 * Every edit must be told and the untouched must stay silent. A swap to an older release of the same package, with that release's own right
 * hash and address, is no lie about bytes: it must be told as a change against the file before (`--since`). The same seed gives the same edits.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { compareProjects } from "../src/app/since.ts";
import { checks } from "../src/checks/list.ts";
import { runChecks } from "../src/checks/run.ts";
import { evidenceOf, manifestOf, npmPurl, releaseOf } from "../src/checks/testing.ts";
import { formatById, inputFile, mergeListings, readListing } from "../src/inventory/index.ts";
import type { Component, Evidence, Project, RegistryReleaseClaim } from "../src/model/index.ts";
import { requireOrder } from "../src/versions/index.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { count: { type: "string", default: "2000" }, seed: { type: "string", default: "1" } },
});
const count = Number(values.count);
const files = [join(import.meta.dirname, "..", "package-lock.json"), ...positionals.map((file) => resolve(file))];

let state = (Number(values.seed) * 2_654_435_761) >>> 0 || 1;
/** xorshift32: small, and the same on every machine. */
function random(below: number): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  state >>>= 0;
  return state % below;
}
const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T;

interface Entry {
  version: string;
  resolved: string;
  integrity: string;
  name?: string;
}
interface Lock {
  readonly lockfileVersion: number;
  readonly packages: Record<string, Partial<Entry> & Readonly<Record<string, unknown>>>;
}

const hash = (text: string): string => `sha512-${createHash("sha512").update(text).digest("base64")}`;
const base = (name: string): string => name.slice(name.indexOf("/") + 1);
const nameAt = (place: string): string => place.slice(place.lastIndexOf("node_modules/") + "node_modules/".length);

/** A file as it is before anybody touched it, and what its registry publishes. */
interface Truth {
  readonly file: string;
  readonly lock: Lock;
  readonly registry: string;
  readonly places: readonly string[];
  readonly project: Project;
  readonly releases: ReadonlyMap<string, Evidence<RegistryReleaseClaim>>;
}

/** Older than any release that a real file names. */
const older = "0.0.0-0";
const other = "left-aside";
/** That a name could be taken for another's is true of a package whoever wrote the lockfile. */
const rules = checks.filter(
  ({ id, question }) => (question === "identity" || question === "integrity") && id !== "identity/confusable-name",
);
const line = formatById("npm/package-lock");
if (line === undefined) throw new Error("there is no reader for package-lock.json");
const format = line;

const read = async (lock: Lock): Promise<Project> =>
  mergeListings([await readListing(inputFile("package-lock.json", Buffer.from(JSON.stringify(lock, null, 2))), undefined, format)]);

async function truthOf(file: string): Promise<Truth | null> {
  const lock = JSON.parse(readFileSync(file, "utf8")) as Lock;
  if (typeof lock.packages !== "object" || lock.lockfileVersion < 2) return null;
  const addresses = Object.values(lock.packages).flatMap(({ resolved }) =>
    typeof resolved === "string" && URL.canParse(resolved) ? [new URL(resolved)] : [],
  );
  const host = addresses.find(({ protocol }) => protocol === "https:")?.host ?? "registry.example";
  const registry = `https://${host}/`;
  const places = Object.entries(lock.packages).flatMap(([place, entry]) => {
    const ofRegistry = entry.resolved === undefined || entry.resolved.startsWith(registry);
    // Members that others' tarballs bring, links and git dependencies have no address or hash of their own to be tampered with.
    return place.includes("node_modules/") &&
      ofRegistry &&
      entry.integrity?.startsWith("sha512-") === true &&
      entry["link"] !== true &&
      entry["inBundle"] !== true &&
      entry.name === undefined
      ? [place]
      : [];
  });
  if (places.length < 2) return null;
  const releases = new Map<string, Evidence<RegistryReleaseClaim>>();
  const publish = (name: string, version: string, integrity: string): void => {
    const tarball = `${registry}${name}/-/${base(name)}-${version}.tgz`;
    releases.set(npmPurl(name, version), releaseOf(manifestOf(name, version), { tarball, integrity }));
  };
  for (const place of places) {
    const entry = lock.packages[place] ?? {};
    const name = nameAt(place);
    // Where npm was told to leave addresses out they are put in: an attacker can change only what is there.
    entry.resolved ??= `${registry}${name}/-/${base(name)}-${entry.version ?? ""}.tgz`;
    publish(name, entry.version ?? "", entry.integrity ?? "");
    publish(name, older, hash(`${name}@${older}`));
  }
  publish(other, "1.0.0", hash(other));
  return { file, lock, registry, places, project: await read(lock), releases };
}

type Edit = (entry: Entry, truth: Truth, place: string) => void;

const strange = "registry.evil.example";
const onHost = (address: string, host: string): string => {
  const url = new URL(address);
  url.host = host;
  return url.href;
};

const edits: Readonly<Record<string, Edit>> = {
  host: (entry) => void (entry.resolved = onHost(entry.resolved, strange)),
  "a host that looks alike": (entry, { registry }) =>
    void (entry.resolved = onHost(entry.resolved, `${new URL(registry).host}.evil.example`)),
  "no encryption": (entry) => void (entry.resolved = entry.resolved.replace(/^https:/, "http:")),
  "another package's address": (entry, { registry }) => void (entry.resolved = `${registry}${other}/-/${other}-1.0.0.tgz`),
  "another package's address and hash": (entry, { registry }) => {
    entry.resolved = `${registry}${other}/-/${other}-1.0.0.tgz`;
    entry.integrity = hash(other);
  },
  "another version alone": (entry) => void (entry.version = older),
  "another hash": (entry) => void (entry.integrity = hash(`evil ${random(1_000_000)}`)),
  "hash and address together": (entry) => {
    entry.resolved = onHost(entry.resolved, strange);
    entry.integrity = hash(`evil ${random(1_000_000)}`);
  },
  "hash and version together": (entry) => {
    entry.version = older;
    entry.integrity = hash(`evil ${random(1_000_000)}`);
  },
  "no hash": (entry) => void Reflect.deleteProperty(entry, "integrity"),
  "a weak hash": (entry) =>
    void (entry.integrity = `sha1-${createHash("sha1")
      .update(String(random(1_000_000)))
      .digest("base64")}`),
  alias: (entry, { registry }) => {
    entry.name = other;
    entry.version = "1.0.0";
    entry.resolved = `${registry}${other}/-/${other}-1.0.0.tgz`;
    entry.integrity = hash(other);
  },
  downgrade: (entry, { registry }, place) => {
    const name = nameAt(place);
    entry.version = older;
    entry.resolved = `${registry}${name}/-/${base(name)}-${older}.tgz`;
    entry.integrity = hash(`${name}@${older}`);
  },
};

const order = requireOrder("npm");
const byVersion = (a: Component, b: Component): number => order.compare(a.version, b.version);

function told(truth: Truth, project: Project): readonly string[] {
  const host = new URL(truth.registry).host;
  const evidence = evidenceOf({ releases: [...truth.releases.values()], registry: truth.registry, replacedHosts: [host] });
  const { findings } = runChecks({ project, evidence, settings: () => ({ options: {} }), now: "2026-11-23T00:00:00Z" }, rules);
  return findings.map(({ rule, subject, message }) => `${rule} ${subject} ${message}`);
}

const truths = (await Promise.all(files.map(truthOf))).filter((truth) => truth !== null);
const before = new Map(truths.map((truth) => [truth, new Set(told(truth, truth.project))]));
let alarms = 0;
for (const truth of truths) {
  // What an untouched file is told for cannot be told again as news; only silence about it counts as clean.
  const known = before.get(truth)?.size ?? 0;
  alarms += known;
  console.log(`${truth.file.split("/").slice(-2).join("/")}: ${truth.places.length} entries, ${known} findings untouched`);
  for (const finding of before.get(truth) ?? []) console.log(`  ${finding}`);
}

const results = new Map<string, { made: number; byRule: number; asChange: number }>();
const missed: string[] = [];
const names = Object.keys(edits);
for (let number = 0; number < count; number++) {
  const truth = pick(truths);
  const place = pick(truth.places);
  const name = names[number % names.length] ?? "";
  const lock = structuredClone(truth.lock);
  edits[name]?.(lock.packages[place] as unknown as Entry, truth, place);
  // oxlint-disable-next-line no-await-in-loop
  const project = await read(lock);
  const news = told(truth, project).filter((finding) => before.get(truth)?.has(finding) !== true);
  const change = compareProjects(truth.project, project, byVersion);
  const result = results.get(name) ?? { made: 0, byRule: 0, asChange: 0 };
  results.set(name, result);
  result.made++;
  if (news.length > 0) result.byRule++;
  else if (change.touched.size > 0 && (change.changed.length > 0 || change.added.length > 0)) result.asChange++;
  else missed.push(`${name} at ${place} of ${truth.file}`);
}

for (const [name, { made, byRule, asChange }] of results)
  console.log(`${name}: ${made} edits, ${byRule} told by a rule, ${asChange} told as a change`);
console.log(`${count - missed.length} of ${count} edits told; ${alarms} findings on ${truths.length} untouched files`);
for (const miss of missed.slice(0, 10)) console.log(`  missed: ${miss}`);
if (missed.length > 0 || alarms > 0) process.exitCode = 1;
