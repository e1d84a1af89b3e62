import type { Check, CheckInput, CheckResult } from "../../model/index.ts";
import { continuitySignals } from "./signals.ts";
import { eachHistory, reviewAgainst } from "./walk.ts";

export const dormantReturn: Check = {
  id: "continuity/dormant-return",
  question: "continuity",
  title: "Does it come in the time in which its releases usually come?",
  severity: "low",
  needs: ["release"],
  tags: [],
  run,
};

const asks: ReadonlySet<string> = new Set(["continuity/dormant-return"]);

function run(input: CheckInput): CheckResult {
  return eachHistory(input, dormantReturn, ({ title, component, history, release, find }) => {
    if (history.gap < 0) return false;
    for (const { id, message } of continuitySignals(history)) {
      if (!asks.has(id)) continue;
      find({
        key: id,
        message: `${title}: ${message}`,
        evidence: [release],
        remedy: {
          text: `Many return honestly to an old project; so do thieves, because nobody is watching it. Read what this release changes.`,
          ...reviewAgainst(component, history),
        },
      });
    }
    return true;
  });
}
