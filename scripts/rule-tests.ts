/**
 * `node scripts/rule-tests.ts FOLDER [--verbose]`
 *
 * Holds the analysis against the tests of an open rule set (DataDog/guarddog's, copied by hand into a folder outside the repository). Two forms:
 *
 * - annotated files: what stands below `ruleid: NAME` must be found, what stands below `ok: NAME` must not. A place is what is lost from the
 *   file's facts when its lines are taken out, and what is found when all other places are; so that it is judged where it stands, not by itself.
 * - whole files, named after their rule: one must be found; one in `benign/` must not be worth a look (by the fusion that a user gets) when a
 *   patch adds it to a package that could do nothing before.
 *
 * Which of our words a rule's finding is, is in `rule-tests-table.ts`. An `ok` place fails where anything in it asks for a review by itself; a mere
 * capability of the rule's kind there is context, since what counts is the difference of two releases. Languages that are not read are said to be.
 */
import { readFileSync, readdirSync, statSync } from "node:fs";
import { basename, extname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { comparePackages } from "../src/checks/behaviour/analysis/compare.ts";
import { weightOf } from "../src/checks/behaviour/analysis/compare-weigh.ts";
import { packageFacts } from "../src/checks/behaviour/analysis/files-package.ts";
import { fileFacts } from "../src/checks/behaviour/analysis/files.ts";
import { fuse } from "../src/checks/fusion.ts";
import type { FileFacts, News, ReviewVerdict } from "../src/model/index.ts";
import { type Place, commentOf, placesIn, withoutLines } from "./rule-tests-places.ts";
import { ruleTable } from "./rule-tests-table.ts";

const { values, positionals } = parseArgs({ options: { verbose: { type: "boolean", default: false } }, allowPositionals: true });
const folder = positionals[0];
if (folder === undefined || !statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
  console.error(`error: ${folder ?? "no folder"}: give the folder that the annotated files were copied into`);
  process.exit(2);
}
const repository = resolve(import.meta.dirname, "..");
if (resolve(folder).startsWith(`${repository}/`)) {
  console.error(`error: ${folder}: other people's tests stay outside of the repository`);
  process.exit(2);
}

/** From here on one piece of news asks for a review by itself. */
const ASKS = 45;

interface Score {
  seen: number;
  toSee: number;
  quiet: number;
  context: number;
  toBeQuiet: number;
  /** Positive files for which the fusion asks for a look when a patch brings them: told, not judged. */
  looked: number;
  files: number;
  unread: number;
}
const scores = new Map<string, Score>();
const misses: string[] = [];
function scoreOf(group: string, rule: string, name: string): Score {
  const key = `${group}\0${rule}\0${extname(name).slice(1)}`;
  let score = scores.get(key);
  if (score === undefined)
    scores.set(key, (score = { seen: 0, toSee: 0, quiet: 0, context: 0, toBeQuiet: 0, looked: 0, files: 0, unread: 0 }));
  return score;
}

interface Sign {
  readonly news: News;
  readonly count: number;
}

/** The file of a package that says what runs by itself, which this one would be; "" for all others. */
function pathOf(name: string, text: string): string {
  if (name.endsWith(".json")) return "package.json";
  if (name.endsWith(".py") && /\bsetup\(/.test(text)) return "setup.py";
  return name.endsWith(".rb") && text.includes("Gem::Specification") ? "a.gemspec" : "";
}

/** What a file's facts say, and what would run by itself if it were the file of the package that its content shows, as if all of it were new. */
async function signsOf(
  name: string,
  text: string,
  path: string = pathOf(name, text),
): Promise<{ readonly facts: FileFacts; readonly signs: ReadonlyMap<string, Sign> }> {
  const facts = fileFacts(name, Buffer.from(text));
  const base = { file: "", reachedBy: "", level: "package" } as const;
  const signs = new Map<string, Sign>();
  const add = (key: string, news: News, count = 1): void => void signs.set(key, { news, count });
  for (const sighting of facts.sightings)
    add(`can ${sighting.capability} ${sighting.subject} ${sighting.through}`, { ...base, kind: "capability", sighting }, sighting.count);
  for (const flow of facts.flows)
    add(`flow ${flow.from} ${flow.to} ${flow.source} ${flow.sink} ${flow.spot.line}`, { ...base, kind: "flow", flow });
  for (const hiding of facts.hidings) add(`hide ${hiding.kind}`, { ...base, kind: "hiding", hiding }, hiding.count);
  for (const host of facts.hosts) add(`host ${host.host}`, { ...base, kind: "host", host });
  for (const { specifier } of facts.imports) add(`import ${specifier}`, { ...base, kind: "file", detail: `import ${specifier}` });
  if (path !== "") {
    const { selfRuns, dependencies } = await packageFacts("", [entry(path, text)]);
    for (const selfRun of selfRuns)
      add(`run ${selfRun.trigger} ${selfRun.name} ${selfRun.line}`, { ...base, kind: "self-run", selfRun, before: null });
    for (const dependency of dependencies) add(`needs ${dependency.name}`, { ...base, kind: "dependency", dependency, before: null });
  }
  return { facts, signs };
}

/** What is in the first and not, or less often, in the second. */
function lost(all: ReadonlyMap<string, Sign>, less: ReadonlyMap<string, Sign>): readonly News[] {
  return [...all].flatMap(([key, { news, count }]) => {
    const left = less.get(key);
    if (left === undefined) return [news];
    if (news.kind !== "capability" || left.news.kind !== "capability") return count > left.count ? [news] : [];
    // Places of one sighting are one sighting: what is concealed in another place is not so in this.
    const concealed = news.sighting.concealed && !left.news.sighting.concealed;
    return count > left.count || concealed ? [{ ...news, sighting: { ...news.sighting, concealed } }] : [];
  });
}

const entry = (path: string, text: string): { path: string; executable: boolean; bytes: Buffer } => ({
  path,
  executable: false,
  bytes: Buffer.from(text),
});

const tell = (news: readonly News[]): string =>
  news
    .map((one) => {
      switch (one.kind) {
        case "capability":
          return `${one.sighting.capability} ${one.sighting.subject}${one.sighting.concealed ? " (concealed)" : ""}`;
        case "flow":
          return `${one.flow.from} -> ${one.flow.to}`;
        case "hiding":
          return one.hiding.kind;
        case "host":
          return `host ${one.host.host}`;
        case "self-run":
          return `runs by itself: ${one.selfRun.trigger}`;
        case "dependency":
          return `dependency from ${one.dependency.from}`;
        default:
          return one.detail;
      }
    })
    .join(", ") || "nothing";

const isRead = ({ depth, language }: FileFacts): boolean => depth !== "bytes" || language === "json";

async function judgePlaces(name: string, text: string, places: readonly Place[]): Promise<void> {
  const path = pathOf(name, text);
  const { facts, signs: all } = await signsOf(name, text, path);
  const { signs: none } = await signsOf(name, withoutLines(text, places), path);
  for (const place of places) {
    const score = scoreOf("annotated", place.rule, name);
    if (!isRead(facts)) {
      score.unread++;
      continue;
    }
    const others = places.filter((other) => other.from !== place.from);
    const without = await signsOf(name, withoutLines(text, [place]), path);
    const alone = await signsOf(name, withoutLines(text, others), path);
    const news = [...lost(all, without.signs), ...lost(alone.signs, none)];
    const rule = ruleTable[place.rule];
    const found = rule !== undefined && rule(news);
    if (place.must) {
      score.toSee++;
      if (found) score.seen++;
      else misses.push(`${name}:${place.from}: not seen: ${place.rule} (${tell(news)}): ${place.shown}`);
    } else {
      score.toBeQuiet++;
      const loud = news.filter((one) => weightOf(one) >= ASKS);
      if (loud.length > 0) misses.push(`${name}:${place.from}: not quiet: ${place.rule} (${tell(loud)}): ${place.shown}`);
      else if (found) score.context++;
      else score.quiet++;
    }
  }
}

const hostManifest = (version: string): string => JSON.stringify({ name: "host", version, main: "main.js", files: ["main.js"] });

/** The package that the file is added to: it could do nothing. */
async function adding(name: string, text: string): Promise<ReviewVerdict> {
  const isManifest = name.endsWith(".json");
  const main = `export const one = 1;\n`;
  const before = await packageFacts("", [entry("package.json", hostManifest("1.0.0")), entry("main.js", main)]);
  const after = await packageFacts("", [
    entry("package.json", isManifest ? text.replace(/"version":\s*"[^"]*"/, `"version": "1.0.1"`) : hostManifest("1.0.1")),
    entry("main.js", `${main}import "./${name}";\n`),
    ...(isManifest ? [] : [entry(name, text)]),
  ]);
  return fuse(comparePackages(before, after), null);
}

const asks = ({ verdict }: ReviewVerdict): boolean => verdict === "review" || verdict === "block";

async function judgeFile(name: string, text: string, benign: boolean): Promise<void> {
  const rule = basename(name).split(".")[0] ?? "";
  const score = scoreOf("whole files", rule, name);
  const { facts, signs } = await signsOf(basename(name), text);
  if (!isRead(facts)) {
    score.unread++;
    return;
  }
  const verdict = await adding(basename(name), text);
  const news = [...signs.values()].map((sign) => sign.news);
  if (benign) {
    score.toBeQuiet++;
    if (asks(verdict)) misses.push(`${name}: not quiet: ${verdict.verdict}: ${verdict.because} (${tell(news)})`);
    else score.quiet++;
    return;
  }
  score.toSee++;
  score.files++;
  if (asks(verdict)) score.looked++;
  if (ruleTable[rule]?.(news) === true) score.seen++;
  else misses.push(`${name}: not seen: ${rule} (${tell(news)})`);
}

const list = (path: string): readonly string[] =>
  readdirSync(path, { withFileTypes: true })
    .flatMap((one) => (one.isDirectory() ? list(join(path, one.name)).map((inner) => `${one.name}/${inner}`) : [one.name]))
    .toSorted();

for (const name of list(folder)) {
  const text = readFileSync(join(folder, name), "utf8");
  const places = placesIn(text, commentOf(extname(name)));
  if (places.length > 0) await judgePlaces(basename(name), text, places);
  else await judgeFile(name, text, name.startsWith("benign/"));
}

const line = (title: string, { seen, toSee, quiet, context, toBeQuiet, looked, files, unread }: Score): void =>
  console.log(
    [
      `  ${title.padEnd(44)}`,
      toSee > 0 ? `seen ${seen}/${toSee}` : "",
      toBeQuiet > 0 ? `quiet ${quiet + context}/${toBeQuiet}${context > 0 ? ` (${context} context)` : ""}` : "",
      files > 0 ? `worth a look by itself ${looked}/${files}` : "",
      unread > 0 ? `not read ${unread}` : "",
    ]
      .filter((part) => part !== "")
      .join("  "),
  );
/** What several rows come to together. */
const sum = (rows: readonly (readonly [string, Score])[]): Score =>
  rows.reduce<Score>(
    (all, [, one]) => {
      for (const key of Object.keys(all) as (keyof Score)[]) all[key] += one[key];
      return all;
    },
    { seen: 0, toSee: 0, quiet: 0, context: 0, toBeQuiet: 0, looked: 0, files: 0, unread: 0 },
  );
const part = (key: string, index: number): string => key.split("\0")[index] ?? "";
for (const group of ["annotated", "whole files"]) {
  const rows = [...scores].filter(([key]) => part(key, 0) === group).toSorted(([one], [other]) => (one < other ? -1 : 1));
  console.log(`${group}:`);
  for (const [rule, those] of Map.groupBy(rows, ([key]) => part(key, 1))) line(rule, sum(those));
  for (const [extension, those] of Map.groupBy(rows, ([key]) => part(key, 2))) line(`all of .${extension}`, sum(those));
  line("all", sum(rows));
}
console.log(`${misses.length} places are not as the rule set says${values.verbose ? ":" : "; --verbose lists them"}`);
if (values.verbose) for (const miss of misses) console.log(`  ${miss}`);
