import type { Check, CheckInput, CheckResult } from "../../model/index.ts";
import { continuitySignals } from "./signals.ts";
import { eachHistory, reviewAgainst, stayWith } from "./walk.ts";

export const publishingPath: Check = {
  id: "continuity/publishing-path",
  question: "continuity",
  title: "Was it published the way the releases of its line were?",
  severity: "moderate",
  needs: ["release"],
  tags: ["CWE-345"],
  run,
};

const asks: ReadonlySet<string> = new Set(["continuity/trusted-lost", "continuity/signature-lost", "continuity/new-key"]);

function run(input: CheckInput): CheckResult {
  return eachHistory(input, publishingPath, ({ title, component, history, release, find }) => {
    if (history.self.trusted === null && history.self.key === null) return false;
    for (const { id, message } of continuitySignals(history)) {
      if (!asks.has(id)) continue;
      find({
        key: id,
        message: `${title}: ${message}`,
        evidence: [release],
        remedy: {
          text: `With a stolen token or key, this is what it looks like. Stay with ${stayWith(history)} until the maintainers say why it changed, or look at what changed in it.`,
          ...reviewAgainst(component, history),
        },
      });
    }
    return true;
  });
}
