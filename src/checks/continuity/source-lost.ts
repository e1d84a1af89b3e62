import type { Check, CheckInput, CheckResult } from "../../model/index.ts";
import { continuitySignals } from "./signals.ts";
import { eachHistory, reviewAgainst } from "./walk.ts";

export const sourceLost: Check = {
  id: "continuity/source-lost",
  question: "continuity",
  title: "Does it still name the commit and tag that it was made from?",
  severity: "low",
  needs: ["release"],
  tags: ["CWE-345"],
  run,
};

const asks: ReadonlySet<string> = new Set(["continuity/commit-missing", "continuity/tag-missing"]);

function run(input: CheckInput): CheckResult {
  return eachHistory(input, sourceLost, ({ title, component, history, release, find }) => {
    if (history.self.commit === null && history.self.tagged === null) return false;
    for (const { id, message } of continuitySignals(history)) {
      if (!asks.has(id)) continue;
      find({
        key: id,
        message: `${title}: ${message}`,
        evidence: [release],
        remedy: {
          text: `Look whether the repository has this release; what is not in it cannot be read there.`,
          ...reviewAgainst(component, history),
        },
      });
    }
    return true;
  });
}
