/**
 * `node scripts/continuity-rates.ts FILE.ndjson.gz`: how often honest releases show each signal of continuity, from tags of public repositories
 * (one object a line: `kind: "tag"`, repository, tag, annotated, tagger {name, domain}, date, signed). Pre-releases are left out, and the first
 * five releases of each repository only teach. The table of `docs/review.md` is made with it.
 */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { continuitySignals } from "../src/checks/continuity/signals.ts";
import { fuse } from "../src/checks/fusion.ts";
import { historyOf, isTrial, LEARNING_RELEASES, type ReleaseEvent } from "../src/model/continuity.ts";

interface TagRow {
  readonly kind: string;
  readonly repository: string;
  readonly tag: string;
  readonly annotated: boolean;
  readonly tagger: { readonly name: string; readonly domain: string } | null;
  readonly date: string;
  readonly signed: boolean;
}

const [file = ""] = process.argv.slice(2);
const rows = gunzipSync(readFileSync(file))
  .toString("utf8")
  .split("\n")
  .filter((line) => line !== "")
  .map((line) => JSON.parse(line) as TagRow)
  .filter(({ kind }) => kind === "tag");

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

const seen = new Map<string, string[]>();
const verdicts = new Map<string, string[]>();
const count = (map: Map<string, string[]>, key: string, release: string): void => void map.set(key, [...(map.get(key) ?? []), release]);
let judged = 0;
for (const [repository, tags] of Map.groupBy(rows, (row) => row.repository)) {
  const events = tags.map(eventOf).filter(({ version }) => /^\d/.test(version) && !isTrial(version));
  for (const { version } of events) {
    const history = historyOf(events, version);
    if (history === null || history.earlier < LEARNING_RELEASES) continue;
    judged++;
    for (const { id } of continuitySignals(history)) count(seen, id, `${repository}@${version}`);
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
