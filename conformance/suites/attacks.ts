/**
 * Published techniques on honest hosts, and honest changes that look alike. A family passes where the contents alone flag nine in ten of its variants, and
 * is kept where no more of them pass than did (`reached.ts`); an honest change where it is never blocked and no more often asked about than it was. Every miss is
 * named: the suite hides none behind a share. Of what the second writer wrote only the open half is held here. `conformance/attacks/report.ts` prints the shares with their intervals.
 */
import { seenFamilies } from "../attacks/families.ts";
import { heldOutFamilies } from "../attacks/families-held-out.ts";
import { secondWriterFamilies } from "../attacks/families-second-writer.ts";
import { isOpen } from "../attacks/halves.ts";
import { honestChanges } from "../attacks/honest-changes.ts";
import { readPairs } from "../attacks/hosts.ts";
import { isFlagged } from "../attacks/judge.ts";
import { alarms, missed as mayMiss } from "../attacks/reached.ts";
import { type Judged, judgeHonest, judgeVariants, wilson } from "../attacks/variants.ts";
import type { CaseResult, Suite } from "../suite.ts";

/** Goal of recall for a family. */
const GOAL = 0.9;

const places = (these: readonly Judged[]): string => these.map(({ host, way }) => `${host} ${way}`).join(", ");

async function* run(folder: string): AsyncGenerator<CaseResult> {
  const pairs = await readPairs(folder);
  for (const [title, families] of [
    ["seen", seenFamilies],
    ["held out", heldOutFamilies],
    ["second, open", secondWriterFamilies.filter(({ name }) => isOpen(name))],
  ] as const) {
    const judged = await Array.fromAsync(judgeVariants(pairs, families, "1"));
    for (const family of families) {
      const name = `${title}: ${family.name}`;
      const these = judged.filter((one) => one.family === family.name);
      const missed = these.filter(({ verdict }) => !isFlagged(verdict.verdict));
      const flagged = these.length - missed.length;
      const [low, high] = wilson(flagged, these.length);
      const share = `${flagged} of ${these.length} flagged (${Math.round(low * 100)} to ${Math.round(high * 100)} %)`;
      const most = mayMiss[name] ?? 0;
      const detail = `${share}; missed: ${places(missed)}`;
      yield { name, outcome: flagged >= these.length * GOAL ? "passed" : "failed", detail };
      yield { name: `${name}, kept`, outcome: missed.length <= most ? "passed" : "failed", detail: `${most} may be missed; ${detail}` };
    }
  }
  const changes = honestChanges.filter(({ name }) => isOpen(name));
  const judged = await Array.fromAsync(judgeHonest(pairs, changes, "1"));
  for (const change of changes) {
    const name = `honest, open: ${change.name}`;
    const alarmed = judged.filter(({ family, verdict }) => family === change.name && isFlagged(verdict.verdict));
    const blocked = alarmed.filter(({ verdict }) => verdict.verdict === "block").length;
    const most = alarms[name] ?? 0;
    const count = `${alarmed.length} asked about, ${blocked} of them blocked; ${most} may be asked about`;
    yield blocked === 0 && alarmed.length <= most
      ? { name, outcome: "passed", detail: count }
      : { name, outcome: "failed", detail: `${count}: ${places(alarmed)}` };
  }
}

export const suite: Suite = { name: "attacks", archive: "", data: ".", run };
