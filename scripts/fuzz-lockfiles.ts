/**
 * `npm run fuzz:lockfiles -- [--count 200000] [--seed 1] [--data DIR]`
 *
 * Mutates lockfiles of every form that the npm family has and reads each. What must never happen: success with fewer packages than the
 * file lists, more than two seconds for one file, an error that is no fault, a prototype that was changed. What the file lists is counted
 * by other means (conformance/entries.ts). The same seed gives the same files; a failure is written out with its number.
 */
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { countEntries } from "../conformance/entries.ts";
import { samples } from "../src/inventory/samples.ts";
import { formatById, inputFile, noContext } from "../src/inventory/index.ts";
import { Fault, type Format } from "../src/model/index.ts";

const { values } = parseArgs({
  options: { count: { type: "string", default: "200000" }, seed: { type: "string", default: "1" }, data: { type: "string" } },
});
const count = Number(values.count);
const data = resolve(values.data ?? join(import.meta.dirname, "..", "..", "shared", "conformance"));
/** Longer seeds make every mutation slow and find nothing that shorter ones do not. */
const MAX_SEED_CHARACTERS = 12_000;
const MAX_MILLISECONDS = 2000;
/** Counting again by a general YAML library is slow: only every so manieth YAML file that was read is counted. */
const COUNT_YAML_EVERY = 10;

interface Seed {
  readonly format: Format;
  readonly text: string;
}

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

async function load(id: string): Promise<Format> {
  const line = formatById(id);
  if (line === undefined) throw new Error(`no format ${id}`);
  return line.load();
}

async function seeds(): Promise<readonly Seed[]> {
  const scratch = mkdtempSync(join(tmpdir(), "tributary-fuzz-"));
  process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));
  const found: Seed[] = [];
  const formats = {
    packageLock: await load("npm/package-lock"),
    pnpm: await load("npm/pnpm-lock"),
    yarn: await load("npm/yarn-lock"),
    bun: await load("npm/bun-lock"),
  };
  const add = (name: string, text: string): void => {
    const format = name.includes("pnpm")
      ? formats.pnpm
      : name.includes("yarn")
        ? formats.yarn
        : name.includes("bun")
          ? formats.bun
          : formats.packageLock;
    if (text.length > 0 && text.length <= MAX_SEED_CHARACTERS) found.push({ format, text });
  };
  const unpack = (archive: string): string | null => {
    const file = join(data, `${archive}.tar.gz`);
    if (!existsSync(file)) return null;
    execFileSync("tar", ["-xzf", file, "-C", scratch]);
    return scratch;
  };
  if (unpack("dep-graphs") !== null) {
    for (const line of readFileSync(join(scratch, "fixtures.ndjson"), "utf8").split("\n").filter(Boolean)) {
      const { files } = JSON.parse(line) as { files: Record<string, string> };
      for (const name of ["package-lock.json", "pnpm-lock.yaml", "yarn.lock"]) if (files[name] !== undefined) add(name, files[name]);
    }
  }
  if (unpack("scalibr-lockfiles") !== null) {
    const suites = "fixtures/language/javascript/{bunlock,packagelockjson,pnpmlock,yarnlock}/testdata/*.{json,json5,yaml,lock,txt}";
    for (const path of globSync(suites, { cwd: scratch }).toSorted()) add(path, readFileSync(join(scratch, path), "utf8"));
  }
  for (const [id, sample] of Object.entries(samples)) found.push({ format: await load(id), text: sample.text });
  if (found.length === 0) throw new Error(`no seeds: the archives dep-graphs and scalibr-lockfiles are not in ${data}`);
  return found;
}

const NASTY = [
  '"__proto__": {"a": 1},',
  "__proto__:\n",
  '"constructor": 1,',
  "\u0000",
  "\ufeff",
  "{",
  "}",
  "[",
  "]",
  '"',
  "'",
  ":",
  ": ",
  ",",
  "\n",
  "\n\n",
  "  ",
  "\t",
  "- ",
  "? ",
  "| ",
  "&a ",
  "*a",
  "!!x ",
  "---\n",
  "<<<<<<< HEAD\n",
  "null",
  "1e999",
  "../",
  "node_modules/",
  "@",
  "#",
  "%",
  "\\",
  "\ud800",
];

function mutated(text: string, other: string): string {
  let out = text;
  for (let rounds = random(2) === 0 ? 1 : 1 + random(4); rounds > 0; rounds--) {
    const at = random(out.length + 1);
    const length = Math.min(out.length - at, 1 + random(random(10) === 0 ? 400 : 12));
    switch (random(9)) {
      case 0:
        out = out.slice(0, at);
        break;
      case 1:
        out = out.slice(0, at) + out.slice(at + length);
        break;
      case 2:
        out = out.slice(0, at) + out.slice(at, at + length) + out.slice(at);
        break;
      case 3:
        out = out.slice(0, at) + pick(NASTY) + out.slice(at);
        break;
      case 4:
        out = out.slice(0, at) + String.fromCharCode(32 + random(95)) + out.slice(at + 1);
        break;
      case 5: {
        const from = random(other.length + 1);
        out = out.slice(0, at) + other.slice(from, from + length * 10) + out.slice(at);
        break;
      }
      case 6: {
        const lines = out.split("\n");
        const from = random(lines.length);
        lines.splice(random(lines.length), 0, ...lines.slice(from, from + 1 + random(5)));
        out = lines.join("\n");
        break;
      }
      case 7: {
        const lines = out.split("\n");
        lines.splice(random(lines.length), 1 + random(4));
        out = lines.join("\n");
        break;
      }
      default:
        out = out.slice(0, at) + pick(NASTY).repeat(1 + random(50)) + out.slice(at);
    }
  }
  return out;
}

/** What is wrong with how a text was read, or null. */
function verdict(format: Format, text: string, countToo: boolean): string | null {
  const file = inputFile("fuzz", Buffer.from(text));
  const started = performance.now();
  let listing: ReturnType<Format["read"]> | null = null;
  try {
    listing = format.read(file, noContext);
  } catch (cause) {
    if (!(cause instanceof Fault)) return `an error that is no fault: ${cause instanceof Error ? cause.stack : String(cause)}`;
    if (cause.place === undefined) return `a fault without a place: ${cause.message}`;
  }
  if (performance.now() - started > MAX_MILLISECONDS) return "it took more than two seconds";
  if (Object.keys(Object.prototype).length > 0) return "the prototype of all objects was changed";
  if (listing === null) return null;
  read += 1;
  const nodes = listing.nodes.filter((node) => node.kind === "component").length;
  const lost = listing.problems.reduce((sum, problem) => sum + (problem.entry ? (problem.count ?? 1) : 0), 0);
  if (nodes + lost !== listing.listed) return `it lists ${listing.listed} and accounts for ${nodes + lost}`;
  if (listing.nodes.some((node) => node.edges.some((edge) => edge.to >= listing.nodes.length))) return "an edge leads to no node";
  if (!countToo) return null;
  const counted = countEntries(format.id, file.text);
  if (counted === null) return null;
  recounted += 1;
  return listing.listed < counted.entries - counted.apart
    ? `the file holds ${counted.entries} entries, ${listing.listed} are listed`
    : null;
}

let read = 0;
let recounted = 0;
let failures = 0;
const all = await seeds();
const started = performance.now();
for (let number = 0; number < count; number++) {
  const seed = pick(all);
  const text = mutated(seed.text, pick(all).text);
  const isYaml = seed.format.id === "npm/pnpm-lock" || /^__metadata:/m.test(text);
  const wrong = verdict(seed.format, text, !isYaml || number % COUNT_YAML_EVERY === 0);
  if (wrong === null) continue;
  failures += 1;
  const kept = join(tmpdir(), `tributary-fuzz-${values.seed}-${number}.txt`);
  writeFileSync(kept, text);
  console.log(`file ${number} (${seed.format.id}): ${wrong}\n  kept as ${kept}`);
  if (failures >= 10) break;
}
const seconds = (performance.now() - started) / 1000;
console.log(
  `${count} mutated lockfiles of ${all.length} seeds in ${seconds.toFixed(1)} s: ${read} read, ${count - read} refused, ${recounted} counted again, ${failures} failures`,
);
process.exitCode = failures > 0 ? 1 : 0;
