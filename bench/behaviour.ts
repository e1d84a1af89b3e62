/**
 * What JavaScript can do, in MB of source per CPU second, beside @nodesecure/js-x-ray on the same files in one run: the honest releases of
 * the benign pairs, each file once. Both read from memory; the files that a peer refuses are left out of its time and counted.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { openArchive } from "../src/artifacts/index.ts";
import { Lines } from "../src/checks/behaviour/analysis/files-gather.ts";
import { javascriptReading } from "../src/checks/behaviour/analysis/javascript/reading.ts";
import type { Bench, BenchContext, BenchRow } from "./bench.ts";

const PEER = "@nodesecure/js-x-ray@16.0.0";
const ROUNDS = 5;
/** The peer takes seconds for what takes us a fraction of one. */
const PEER_ROUNDS = 1;
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

/** Megabytes per CPU second (user and system), the median of the rounds. */
function rate(texts: readonly string[], rounds: number, read: (text: string) => void): number {
  const megabytes = texts.reduce((sum, text) => sum + text.length, 0) / 1e6;
  const rates = Array.from({ length: rounds }, () => {
    const began = process.cpuUsage();
    for (const text of texts) read(text);
    const used = process.cpuUsage(began);
    return (megabytes * 1e6) / (used.user + used.system);
  });
  return rates.toSorted((a, b) => a - b)[Math.floor(rounds / 2)] ?? 0;
}

interface Scanner {
  readonly AstAnalyser: new () => { readonly analyse: (source: string) => unknown };
}

async function run({ scratch, data }: BenchContext): Promise<readonly BenchRow[]> {
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
  for (const text of texts) {
    try {
      analyser.analyse(text);
    } catch {
      refused.add(text);
    }
  }
  const ours = rate(texts, ROUNDS, (text) => void javascriptReading(text, new Lines(text)));
  const taken = texts.filter((text) => !refused.has(text));
  const theirs = rate(taken, PEER_ROUNDS, (text) => void analyser.analyse(text));
  const times = ours / theirs;
  return [
    {
      work,
      who: "tributary",
      figures: { megabytesPerCpuSecond: ours, timesThePeer: times },
      goal: `${GOAL} times the peer`,
      met: times >= GOAL,
    },
    { work, who: PEER, figures: { megabytesPerCpuSecond: theirs }, note: `${refused.size} files refused and left out of its time` },
  ];
}

export const bench: Bench = { name: "behaviour", title: "What code can do", run };
