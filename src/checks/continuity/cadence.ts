import type { Check, CheckInput, CheckResult } from "../../model/index.ts";
import { continuitySignals } from "./signals.ts";
import { eachHistory, reviewAgainst } from "./walk.ts";

export const cadence: Check = {
  id: "continuity/cadence",
  question: "continuity",
  title: "Is it one of a usual row of releases?",
  severity: "low",
  needs: ["release"],
  tags: [],
  run,
};

const asks: ReadonlySet<string> = new Set([
  "continuity/lines-together",
  "continuity/version-jump",
  "continuity/hour-moved",
  "continuity/latest-went-back",
  "continuity/trial-as-latest",
]);

function run(input: CheckInput): CheckResult {
  return eachHistory(input, cadence, ({ title, component, history, release, find }) => {
    if (history.self.at === "") return false;
    for (const { id, message } of continuitySignals(history)) {
      if (!asks.has(id)) continue;
      find({
        key: id,
        message: `${title}: ${message}`,
        evidence: [release],
        remedy: {
          text: `Look whether the project announced these releases. Whoever has stolen an account publishes for all lines at once, before somebody notices.`,
          ...reviewAgainst(component, history),
        },
      });
    }
    return true;
  });
}
