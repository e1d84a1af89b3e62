import type { Check, CheckInput, CheckResult } from "../../model/index.ts";
import { continuitySignals } from "./signals.ts";
import { eachHistory, reviewAgainst } from "./walk.ts";

export const newPublisher: Check = {
  id: "continuity/new-publisher",
  question: "continuity",
  title: "Is it published by somebody who published it before?",
  severity: "low",
  needs: ["release"],
  tags: ["CWE-345"],
  run,
};

const asks: ReadonlySet<string> = new Set(["continuity/new-publisher", "continuity/new-mail-domain"]);

function run(input: CheckInput): CheckResult {
  return eachHistory(input, newPublisher, ({ title, component, history, release, find }) => {
    if (history.self.publisher === null) return false;
    for (const { id, message } of continuitySignals(history)) {
      if (!asks.has(id)) continue;
      find({
        key: id,
        message: `${title}: ${message}`,
        evidence: [release],
        remedy: {
          text: `Projects change hands all the time. Look whether the project itself names its new maintainer, and read what this release changes.`,
          ...reviewAgainst(component, history),
        },
      });
    }
    return true;
  });
}
