/**
 * `node scripts/reach-rates.ts FOLDER…`: in how many releases somebody's reach grows (`continuity/reach-grows`), beside the other signals that commits give. A
 * folder is a git repository with tags that look like versions, or an unpacked source release with ChangeLog files in which each commit names its files: GNU's
 * form (GNU Coding Standards, "Style of Change Logs") or that of `git log --stat`; its releases are the commits that say so in their first line. Trials are left
 * out, each release is held against the one before it, and the first five of each folder only teach. The files that a release had are, by ChangeLog, those
 * that were named until then.
 */
import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { wilson } from "../conformance/attacks/variants.ts";
import { whoseCommits } from "../src/app/review/committers.ts";
import { committerSignals } from "../src/checks/continuity/committers.ts";
import { reachSignals, type Work } from "../src/checks/continuity/reach.ts";
import { historyOf, isTrial, LEARNING_RELEASES } from "../src/model/continuity.ts";
import { isBot, tagEvents } from "../src/sources/git-tags.ts";

interface Said extends Work {
  readonly subject: string;
}

/** `2020-01-02  A Name  <mail>`, then `\t* path, path (what): text`; several commits may stand under one heading. */
function* gnu(text: string): Generator<Said> {
  let heading: { author: string; at: number } | null = null;
  let [subject, paths, blank]: [string, string[], boolean] = ["", [], false];
  const done = function* (): Generator<Said> {
    if (heading !== null && (subject !== "" || paths.length > 0)) yield { ...heading, subject, paths };
    [subject, paths] = ["", []];
  };
  for (const line of text.split("\n")) {
    const found = /^(\d{4}-\d\d-\d\d)\s+\S.*<([^<>\s]+@[^<>\s]+)>/.exec(line);
    if (found !== null) {
      yield* done();
      heading = { author: (found[2] ?? "").toLowerCase(), at: Date.parse(found[1] ?? "") / 1000 };
      continue;
    }
    const told = /^\s+\* ([^:(]+)[:(]/.exec(line)?.[1];
    const first = /^\s+(\S.*)$/.exec(line)?.[1] ?? "";
    if (told === undefined && first !== "" && blank && paths.length > 0) yield* done();
    if (first !== "" && subject === "") subject = first;
    if (told !== undefined) paths.push(...told.split(/[,\s]+/).filter((path) => /^[\w./@+-]+$/.test(path)));
    blank = first === "";
  }
  yield* done();
}

/** `commit ID`, `Author:`, `Date:`, the message, and ` path | 2 +-` for each file. */
function* gitLog(text: string): Generator<Said> {
  for (const block of text.split(/^commit (?=[0-9a-f]{40}$)/m).slice(1)) {
    const author = /^Author:.*<([^<>]+)>/m.exec(block)?.[1]?.toLowerCase() ?? "";
    const at = Date.parse(/^Date:\s*(.+)$/m.exec(block)?.[1] ?? "") / 1000;
    const paths = [...block.matchAll(/^ (?:\.\.\.\/)?(\S+) +\| /gm)].map(([, path = ""]) => path);
    if (author !== "" && !Number.isNaN(at)) yield { author, at, subject: /^ {4}(\S.*)$/m.exec(block)?.[1] ?? "", paths };
  }
}

const released =
  /^(?:maint: |\* )?(?:bump (?:the )?version\b.*?\b(?:to|for)|(?:make )?(?:version|release)(?: version)?|[a-z\d]+-(?=\d)) ?v?(\d+\.\d[\w.]*?)(?: released)?[.:]?(?: .*)?$/i;

let judged = 0;
const seen = new Map<string, string[]>();
function count(folder: string, version: string, signals: readonly { readonly id: string; readonly message: string }[]): void {
  judged++;
  for (const { id, message } of signals) {
    seen.set(id, [...(seen.get(id) ?? []), `${basename(folder)}@${version}`]);
    if (process.env["VERBOSE"] !== undefined) console.log(`${basename(folder)}@${version} ${message}`);
  }
}

function byChangeLog(folder: string): void {
  const texts = globSync("ChangeLog*", { cwd: folder }).map((name) => readFileSync(join(folder, name), "utf8"));
  const all = texts
    .flatMap((text) => Array.from(/^commit [0-9a-f]{40}$/m.test(text) ? gitLog(text) : gnu(text)))
    .filter(({ author }) => !isBot(author))
    .toReversed()
    .toSorted((a, b) => a.at - b.at);
  let [before, releases] = [0, 0];
  for (const [index, { subject }] of all.entries()) {
    const version = released.exec(subject)?.[1];
    if (version === undefined || isTrial(version)) continue;
    const range = all.slice(before, index + 1);
    const earlier = all.slice(0, before);
    if (releases++ >= LEARNING_RELEASES) {
      const commits = all.slice(0, index + 1).map(({ author, at }) => [author, at] as const);
      const files = [...new Set(earlier.flatMap(({ paths }) => paths))];
      const past = (who: string): readonly Work[] => earlier.filter(({ author }) => author === who);
      count(folder, version, [
        ...committerSignals(
          commits,
          range.map(({ author, at }) => [author, at] as const),
        ),
        ...reachSignals({ all: commits, range, files, past }).slice(0, 1),
      ]);
    }
    before = index + 1;
  }
  console.log(`${basename(folder)}: ${all.length} commits, ${releases} releases`);
}

async function byGit(folder: string): Promise<void> {
  const tags = (await tagEvents(folder)).filter(({ event }) => !isTrial(event.version));
  const commitOf = new Map(tags.map(({ event, commit }) => [event.version, commit]));
  for (const version of commitOf.keys()) {
    const history = historyOf(
      tags.map(({ event }) => event),
      version,
    );
    const [from, to] = [commitOf.get(history?.before?.version ?? ""), commitOf.get(version)];
    if (history === null || history.earlier < LEARNING_RELEASES || from === undefined || to === undefined) continue;
    const signals = await whoseCommits(folder, from, to, { onNote: (note) => console.error(`${folder} ${version}: ${note}`) });
    count(folder, version, [...new Map(signals.map((signal) => [signal.id, signal])).values()]);
  }
}

for (const folder of process.argv.slice(2).map((given) => resolve(given))) {
  if (existsSync(join(folder, ".git")) || existsSync(join(folder, "objects"))) await byGit(folder);
  else byChangeLog(folder);
}
console.log(`${judged} releases`);
for (const [id, releases] of [...seen].toSorted()) {
  const [low, high] = wilson(releases.length, judged);
  const share = [releases.length / judged, low, high].map((part) => (100 * part).toFixed(2));
  console.log(`${id}: ${releases.length} (${share[0]} %, ${share[1]}-${share[2]}) ${releases.slice(0, 8).join(" ")}`);
}
