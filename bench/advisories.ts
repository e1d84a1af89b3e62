/**
 * The advisory base by itself: filling it from a zip of 60,000 records, opening it in a fresh process, looking names up, matching the
 * components of a large project. No peer keeps such a base for Node, so the figures stand beside the goals alone.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Bench, BenchRow } from "./bench.ts";
import { writeRecordsZip } from "./advisories/zip.ts";

const RECORDS = 60_000;
const ROUNDS = 5;
const PROCESSES = 9;

type Figures = Readonly<Record<string, number>>;

const worker = join(import.meta.dirname, "advisories", "worker.ts");
const work = (...args: readonly string[]): Figures =>
  JSON.parse(execFileSync(process.execPath, [worker, ...args], { encoding: "utf8", maxBuffer: 1024 * 1024 })) as Figures;

/** Of each figure the median by itself. */
function medians(runs: readonly Figures[]): Figures {
  const names = Object.keys(runs[0] ?? {});
  return Object.fromEntries(
    names.map((name) => [name, runs.map((run) => run[name] ?? 0).toSorted((a, b) => a - b)[runs.length >> 1] ?? 0]),
  );
}

export const bench: Bench = {
  name: "advisories",
  title: "The advisory base: filling, opening, looking up, matching",
  run: async ({ scratch, conformance }): Promise<readonly BenchRow[]> => {
    if (conformance === "") return [];
    const archive = join(scratch, "osv");
    mkdirSync(archive, { recursive: true });
    execFileSync("tar", ["-xzf", join(conformance, "osv.tar.gz"), "-C", archive]);
    const zip = join(scratch, "all.zip");
    await writeRecordsZip(archive, zip, RECORDS);
    const base = join(scratch, "base");
    const rows: BenchRow[] = [];
    const filled = medians(Array.from({ length: 3 }, (_, round) => work("sync", zip, `${base}-${round}`)));
    rows.push({
      work: `sync of ${RECORDS.toLocaleString("en-US")} records from zip`,
      who: "tributary",
      figures: filled,
      goal: "at most 10 s",
      met: (filled["seconds"] ?? 99) <= 10,
    });
    const opened = medians(Array.from({ length: PROCESSES }, () => work("open", `${base}-0`)));
    rows.push({
      work: "open cold and answer once, fresh process",
      who: "tributary",
      figures: opened,
      goal: "at most 20 ms",
      met: (opened["milliseconds"] ?? 99) <= 20,
      note: "with loading its code: withCodeMilliseconds, uncompiled sources",
    });
    const asked = medians(Array.from({ length: ROUNDS }, () => work("look", `${base}-0`)));
    rows.push({
      work: "look-ups, nine misses for each hit",
      who: "tributary",
      figures: asked,
      goal: "at least 500,000 a second",
      met: (asked["perSecond"] ?? 0) >= 500_000,
      note: "firstPerSecond: every name for the first time",
    });
    rows.push({
      work: "match of 1,600 components, 160 of them with advisories",
      who: "tributary",
      figures: medians(Array.from({ length: ROUNDS }, () => work("match", `${base}-0`))),
    });
    return rows;
  },
};
