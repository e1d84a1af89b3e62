/** Capabilities of JavaScript, in megabytes of source per CPU second, beside a peer on the same files: each file once, the files that the peer refuses left out of its time and counted. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { openArchive } from "../../src/artifacts/index.ts";
import { Lines } from "../../src/checks/behaviour/analysis/files-gather.ts";
import { javascriptReading } from "../../src/checks/behaviour/analysis/javascript/reading.ts";
import type { BenchContext, BenchRow } from "../bench.ts";

const PEER = "@nodesecure/js-x-ray@16.0.0";
const ROUNDS = 9;
/** The peer takes seconds for what takes us a fraction of one. */
const PEER_ROUNDS = 3;
const GOAL = 20;

async function sources(tar: string): Promise<readonly string[]> {
  const found = new Set<string>();
  for await (const tarball of openArchive(readFileSync(tar), "tar")) {
    if (tarball.kind !== "file" || !tarball.path.endsWith(".tgz")) continue;
    for await (const file of openArchive(await tarball.bytes(), "tgz"))
      if (file.kind === "file" && /\.[cm]?js$/.test(file.path)) found.add((await file.bytes()).toString("utf8"));
  }
  return [...found];
}

/** CPU of user and system, in seconds. */
export function cpuSeconds(work: () => void): number {
  const began = process.cpuUsage();
  work();
  const used = process.cpuUsage(began);
  return (used.user + used.system) / 1e6;
}

export const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** Megabytes per CPU second, the median of the rounds, after as many seconds of warming up as asked for: whoever is faster has been compiled less. */
function rate(texts: readonly string[], rounds: number, warm: number, read: (text: string) => void): number {
  const megabytes = texts.reduce((sum, text) => sum + text.length, 0) / 1e6;
  const round = (): number =>
    cpuSeconds(() => {
      for (const text of texts) read(text);
    });
  for (let spent = 0; spent < warm;) spent += round();
  return megabytes / median(Array.from({ length: rounds }, round));
}

interface Scanner {
  readonly AstAnalyser: new () => { readonly analyse: (source: string) => unknown };
}

export async function scripts({ scratch, data }: BenchContext): Promise<readonly BenchRow[]> {
  const texts = await sources(join(data, "benign-pairs.tar"));
  const work = `capabilities of ${texts.length} files of JavaScript, ${(texts.reduce((sum, text) => sum + text.length, 0) / 1e6).toFixed(1)} MB`;
  execFileSync("npm", [
    "install",
    "--prefix",
    scratch,
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--silent",
    "--engine-strict=false",
    PEER,
  ]);
  // It exports nothing to `require`.
  const entry = join(scratch, "node_modules", "@nodesecure", "js-x-ray", "dist", "index.js");
  const { AstAnalyser } = (await import(pathToFileURL(entry).href)) as Scanner;
  const analyser = new AstAnalyser();
  const refused = new Set<string>();
  const warm = cpuSeconds(() => {
    for (const text of texts) {
      try {
        analyser.analyse(text);
      } catch {
        refused.add(text);
      }
    }
  });
  const taken = texts.filter((text) => !refused.has(text));
  const theirs = rate(taken, PEER_ROUNDS, 0, (text) => void analyser.analyse(text));
  const ours = rate(texts, ROUNDS, warm, (text) => void javascriptReading(text, new Lines(text)));
  const times = ours / theirs;
  return [
    {
      work,
      who: "tributary",
      figures: { megabytesPerCpuSecond: ours, timesThePeer: times },
      goal: `${GOAL} times the peer`,
      met: times >= GOAL,
      note: `both warmed for ${warm.toFixed(1)} s of CPU`,
    },
    { work, who: PEER, figures: { megabytesPerCpuSecond: theirs }, note: `${refused.size} files refused and left out of its time` },
  ];
}
