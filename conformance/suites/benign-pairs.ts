/** Honest releases after honest releases: none may be blocked, and at most one in two hundred may ask for a look. */
import { keeper } from "../../src/checks/behaviour/analysis/files.ts";
import { readPairs } from "../attacks/hosts.ts";
import { isFlagged, judge, sideOfArchive, told } from "../attacks/judge.ts";
import type { CaseResult, Suite } from "../suite.ts";

async function* run(folder: string): AsyncGenerator<CaseResult> {
  const kept = keeper();
  for (const { name, from, to, stratum, before, after } of await readPairs(folder)) {
    const { verdict } = await judge(sideOfArchive(from, before, "tgz"), sideOfArchive(to, after, "tgz"), kept);
    yield isFlagged(verdict.verdict)
      ? { name: `${name} ${from} to ${to}`, outcome: "failed", detail: `in stratum ${stratum}: ${told(verdict)}` }
      : { name: `${name} ${from} to ${to}`, outcome: "passed" };
  }
}

export const suite: Suite = { name: "benign-pairs", archive: "", data: ".", run };
