import type { Check, CheckInput, CheckResult } from "../../model/index.ts";
import { continuitySignals } from "./signals.ts";
import { eachHistory, reviewAgainst } from "./walk.ts";

export const openTakeover: Check = {
  id: "continuity/open-takeover",
  question: "continuity",
  title: "Has somebody from before stood behind a release since it changed hands?",
  severity: "info",
  needs: ["release"],
  tags: [],
  run,
};

const asks: ReadonlySet<string> = new Set(["continuity/open-takeover"]);

function run(input: CheckInput): CheckResult {
  return eachHistory(input, openTakeover, ({ title, component, history, release, find }) => {
    if (history.self.publisher === null) return false;
    for (const { id, message } of continuitySignals(history)) {
      if (!asks.has(id)) continue;
      find({
        key: id,
        message: `${title}: ${message}`,
        evidence: [release],
        remedy: {
          text: `Nothing needs to be done at once. Where much rests on this package, look who its maintainer is and whether others look at what he releases.`,
          ...reviewAgainst(component, history),
        },
      });
    }
    return true;
  });
}
