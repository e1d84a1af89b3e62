/** What changes nothing of what a release does changes nothing of its verdict: attacks stay flagged, honest releases stay unflagged. */
import { readPairs } from "../attacks/hosts.ts";
import { judgeAll } from "../metamorphic/judge.ts";
import type { CaseResult, Suite } from "../suite.ts";

async function* run(folder: string): AsyncGenerator<CaseResult> {
  for await (const { kind, transformation, subject, plain, changed, passed } of judgeAll(await readPairs(folder))) {
    const name = `${kind}, ${transformation}: ${subject}`;
    yield passed ? { name, outcome: "passed" } : { name, outcome: "failed", detail: `${plain} became ${changed}` };
  }
}

export const suite: Suite = { name: "metamorphic", archive: "", data: ".", run };
