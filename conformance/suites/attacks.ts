/**
 * Published techniques on honest hosts. A family passes where the contents alone flag nine in ten of its variants; every miss is named: the suite
 * hides none behind a share. `conformance/attacks/report.ts` prints the shares with their intervals, seen and held-out families apart.
 */
import { seenFamilies } from "../attacks/families.ts";
import { heldOutFamilies } from "../attacks/families-held-out.ts";
import { readPairs } from "../attacks/hosts.ts";
import { isFlagged } from "../attacks/judge.ts";
import { judgeVariants, wilson } from "../attacks/variants.ts";
import type { CaseResult, Suite } from "../suite.ts";

/** Goal of recall for a family. */
const GOAL = 0.9;

async function* run(folder: string): AsyncGenerator<CaseResult> {
  const pairs = await readPairs(folder);
  for (const [title, families] of [
    ["seen", seenFamilies],
    ["held out", heldOutFamilies],
  ] as const) {
    const judged = await Array.fromAsync(judgeVariants(pairs, families, "1"));
    for (const { name } of families) {
      const these = judged.filter(({ family }) => family === name);
      const missed = these.filter(({ verdict }) => !isFlagged(verdict.verdict));
      const flagged = these.length - missed.length;
      const [low, high] = wilson(flagged, these.length);
      const share = `${flagged} of ${these.length} flagged (${Math.round(low * 100)} to ${Math.round(high * 100)} %)`;
      const detail = `${share}; missed: ${missed.map(({ host, way }) => `${host} ${way}`).join(", ")}`;
      yield flagged >= these.length * GOAL
        ? { name: `${title}: ${name}`, outcome: "passed", detail: share }
        : { name: `${title}: ${name}`, outcome: "failed", detail };
    }
  }
}

export const suite: Suite = { name: "attacks", archive: "", data: ".", run };
