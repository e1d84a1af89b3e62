/**
 * Pairs of releases, the whole way from two tarballs in memory to the change. Facts are kept by content hash as in real use, for one pair
 * only (a file that both releases have is read once), with the older release known from before, or not at all.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { comparePackages } from "../../src/checks/behaviour/analysis/compare.ts";
import { archiveFacts } from "../../src/checks/behaviour/analysis/files-package.ts";
import { type FactsKeeper, keeper } from "../../src/checks/behaviour/analysis/files.ts";
import { type Pair, readPairs } from "../../conformance/attacks/hosts.ts";
import type { BenchContext, BenchRow } from "../bench.ts";

const ROUNDS = 5;
const GOAL_PAIRS = 100;
const GOAL_MILLISECONDS = 100;
const GOAL_UPDATE = 15;

async function change({ before, after }: Pair, kept?: FactsKeeper): Promise<void> {
  const options = { kind: "tgz" as const, ...(kept === undefined ? {} : { kept }) };
  comparePackages(await archiveFacts("", before, options), await archiveFacts("", after, options));
}

/** CPU of one pair, in milliseconds. */
async function milliseconds(work: () => Promise<void>): Promise<number> {
  const began = process.cpuUsage();
  await work();
  const used = process.cpuUsage(began);
  return (used.user + used.system) / 1e3;
}

interface Way {
  readonly name: string;
  /** The keeper of one pair. */
  readonly kept: (pair: Pair) => Promise<FactsKeeper | undefined>;
}

const ways: readonly Way[] = [
  // oxlint-disable-next-line require-await -- the third one has to read first
  { name: "neither seen before", kept: async () => keeper() },
  {
    name: "the older one known",
    kept: async ({ before }) => {
      const kept = keeper();
      await archiveFacts("", before, { kind: "tgz", kept });
      return kept;
    },
  },
  // oxlint-disable-next-line require-await -- the second one has to read first
  { name: "nothing kept", kept: async () => undefined },
];

export async function releasePairs({ data }: BenchContext): Promise<readonly BenchRow[]> {
  const pairs = await readPairs(data);
  const rows: BenchRow[] = [];
  for (const { name, kept } of ways) {
    const rounds: number[][] = [];
    // The first round warms up.
    for (let round = 0; round <= ROUNDS; round++) {
      const times: number[] = [];
      for (const pair of pairs) {
        const facts = await kept(pair);
        times.push(await milliseconds(async () => await change(pair, facts)));
      }
      rounds.push(times);
    }
    const measured = rounds.slice(1).map((times) => ({
      perSecond: (pairs.length * 1e3) / times.reduce((sum, time) => sum + time, 0),
      p95: times.toSorted((a, b) => a - b)[Math.ceil(times.length * 0.95) - 1] ?? 0,
    }));
    const { perSecond, p95 } = measured.toSorted((a, b) => a.perSecond - b.perSecond)[Math.floor(ROUNDS / 2)] ?? { perSecond: 0, p95: 0 };
    rows.push({
      work: `${pairs.length} pairs of releases, from tarballs to the change, ${name}`,
      who: "tributary",
      figures: { pairsPerCpuSecond: perSecond, p95Milliseconds: p95 },
      goal: `${GOAL_PAIRS} pairs, p95 ${GOAL_MILLISECONDS} ms`,
      met: perSecond >= GOAL_PAIRS && p95 <= GOAL_MILLISECONDS,
    });
  }
  return rows;
}

/** In a process of its own, which has to warm up as a user's has. */
// oxlint-disable-next-line require-await -- one row of several that have to be waited for
export async function update({ data }: BenchContext): Promise<readonly BenchRow[]> {
  const out = execFileSync(process.execPath, [join(import.meta.dirname, "update.ts"), data], { encoding: "utf8", maxBuffer: 1 << 20 });
  const { packages, megabytes, cpuSeconds } = JSON.parse(out) as Readonly<Record<string, number>>;
  return [
    {
      work: `an update of ${packages} packages, ${Math.round(megabytes ?? 0)} MB unpacked, from a cold start, no file ever seen before`,
      who: "tributary",
      figures: { cpuSeconds: cpuSeconds ?? Infinity },
      goal: `at most ${GOAL_UPDATE} s of CPU`,
      met: (cpuSeconds ?? Infinity) <= GOAL_UPDATE,
    },
  ];
}
