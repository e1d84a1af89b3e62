/** Honest releases after honest releases: none may be blocked, and at most one in two hundred may ask for a look. */
import { archiveFacts } from "../../src/checks/behaviour/analysis/files-package.ts";
import { comparePackages } from "../../src/checks/behaviour/analysis/compare.ts";
import { weighChange } from "../../src/checks/behaviour/analysis/compare-weigh.ts";
import { readPairs } from "../attacks/hosts.ts";
import { keeper } from "../attacks/variants.ts";
import type { CaseResult, Suite } from "../suite.ts";

async function* run(folder: string): AsyncGenerator<CaseResult> {
  const kept = keeper();
  for (const { name, from, to, stratum, before, after } of await readPairs(folder)) {
    const [old, now] = [await archiveFacts("", before, { kind: "tgz", kept }), await archiveFacts("", after, { kind: "tgz", kept })];
    const { tier, reasons } = weighChange(comparePackages(old, now));
    const because = reasons
      .map(({ family, weight, news }) => `${family} ${weight} (${news.kind} in ${news.file || "the package"})`)
      .join(", ");
    yield tier === "note"
      ? { name: `${name} ${from} to ${to}`, outcome: "passed" }
      : { name: `${name} ${from} to ${to}`, outcome: "failed", detail: `${tier} in stratum ${stratum}: ${because}` };
  }
}

export const suite: Suite = { name: "benign-pairs", archive: "", data: ".", run };
