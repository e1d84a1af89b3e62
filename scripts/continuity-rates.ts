/**
 * `node scripts/continuity-rates.ts FILE.ndjson.gz`: how often honest releases show each signal of continuity, from tags of public repositories
 * (one object a line: `kind: "tag"`, repository, tag, annotated, tagger {name, domain}, date, signed). Pre-releases are left out, and the first
 * five releases of each repository only teach. The table of `docs/review.md` is made with it.
 */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { type Commit, committerSignals } from "../src/checks/continuity/committers.ts";
import { continuitySignals } from "../src/checks/continuity/signals.ts";
import { fuse } from "../src/checks/fusion.ts";
import { historyOf, inTime, isTrial, LEARNING_RELEASES, type ReleaseEvent } from "../src/model/continuity.ts";

interface TagRow {
  readonly kind: string;
  readonly repository: string;
  readonly tag: string;
  readonly annotated: boolean;
  readonly tagger: { readonly name: string; readonly domain: string } | null;
  readonly date: string;
  readonly commit: string;
  readonly signed: boolean;
}

interface CommitRow {
  readonly kind: string;
  readonly repository: string;
  readonly commit: string;
  readonly parents: readonly string[];
  readonly author: { readonly mail: string };
  readonly authored: string;
}

const [file = ""] = process.argv.slice(2);
const everything = gunzipSync(readFileSync(file))
  .toString("utf8")
  .split("\n")
  .filter((line) => line !== "")
  .map((line) => JSON.parse(line) as TagRow | CommitRow);
const rows = everything.filter((row): row is TagRow => row.kind === "tag");
const commits = new Map(
  everything.filter((row): row is CommitRow => row.kind === "commit").map((row) => [`${row.repository} ${row.commit}`, row]),
);

/** All commits that lead to a tag's, and of them those that no earlier release had. Merges are left out, as git's log does. */
function commitsOf(repository: string, tip: string, known: Set<string>): { all: Commit[]; range: Commit[] } {
  const [all, range]: [Commit[], Commit[]] = [[], []];
  const seen = new Set<string>();
  const queue = [tip];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    const row = commits.get(`${repository} ${id}`);
    if (row === undefined) continue;
    queue.push(...row.parents);
    if (row.parents.length < 2) {
      const commit: Commit = [row.author.mail, Date.parse(row.authored) / 1000];
      all.push(commit);
      if (!known.has(id)) range.push(commit);
    }
    known.add(id);
  }
  return { all, range };
}

const eventOf = ({ tag, annotated, tagger, date, signed }: TagRow): ReleaseEvent => ({
  version: tag.replace(/^.*?(?=\d)/, ""),
  at: date,
  publisher: annotated && tagger !== null ? { name: tagger.name, email: `x@${tagger.domain}` } : null,
  trusted: null,
  attested: null,
  // Which key it was is not in the data, only whether there was one.
  key: annotated && signed ? "signed" : "",
  commit: null,
  tagged: null,
  repository: null,
  installs: null,
});

/** The data shortens the ids of commits. */
const COMMIT_LENGTH = 16;

const seen = new Map<string, string[]>();
const verdicts = new Map<string, string[]>();
const count = (map: Map<string, string[]>, key: string, release: string): void => void map.set(key, [...(map.get(key) ?? []), release]);
let judged = 0;
for (const [repository, tags] of Map.groupBy(rows, (row) => row.repository)) {
  const events = tags.map(eventOf).filter(({ version }) => /^\d/.test(version) && !isTrial(version));
  const known = new Set<string>();
  const behind = new Map(
    inTime(events).map(({ version }) => {
      const tag = tags.find((row) => eventOf(row).version === version);
      return [version, commitsOf(repository, (tag?.commit ?? "").slice(0, COMMIT_LENGTH), known)] as const;
    }),
  );
  for (const { version } of events) {
    const history = historyOf(events, version);
    if (history === null || history.earlier < LEARNING_RELEASES) continue;
    judged++;
    for (const { id } of continuitySignals(history)) count(seen, id, `${repository}@${version}`);
    const { all, range } = behind.get(version) ?? { all: [], range: [] };
    for (const { id } of committerSignals(all, range)) count(seen, id, `${repository}@${version}`);
    count(verdicts, fuse(null, history).verdict, `${repository}@${version}`);
  }
}

/** Wilson score interval, 95 %, as percentages. */
function interval(hits: number, of: number): string {
  const z = 1.96;
  const share = hits / of;
  const middle = (share + (z * z) / (2 * of)) / (1 + (z * z) / of);
  const half = (z / (1 + (z * z) / of)) * Math.sqrt((share * (1 - share)) / of + (z * z) / (4 * of * of));
  return `${(100 * Math.max(0, middle - half)).toFixed(2)}-${(100 * (middle + half)).toFixed(2)}`;
}

console.log(`${judged} releases`);
for (const [title, map] of [
  ["signal", seen],
  ["verdict", verdicts],
] as const)
  for (const [key, releases] of [...map].toSorted())
    console.log(
      `${title} ${key}: ${releases.length} (${((100 * releases.length) / judged).toFixed(2)} %, ${interval(releases.length, judged)}) ${releases.slice(0, 6).join(" ")}`,
    );
