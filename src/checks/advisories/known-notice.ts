import type { Check, CheckInput, CheckResult } from "../../model/index.ts";
import { eachAdvisory, idsOf, referencesOf, summaryOf } from "./concluding.ts";
import { cureOf } from "./cure.ts";

export const knownNotice: Check = {
  id: "advisories/known-notice",
  question: "advisories",
  title: "Is there nothing that the advisory databases would like you to know?",
  severity: "low",
  needs: ["advisories", "document"],
  tags: ["CWE-1104"],
  run,
};

function run(input: CheckInput): CheckResult {
  return eachAdvisory(input, knownNotice, "notice", ({ advisory, claim, number, curable }, { title }) => ({
    key: claim.id,
    message: `${title}: ${summaryOf(claim) || "no summary is given"} (${idsOf(claim)}).`,
    evidence: [advisory],
    remedy:
      claim.fixed.length > 0
        ? cureOf(input, number, claim, curable)
        : {
            text: "No vulnerability, but worth a thought when the next change is due: a maintained successor, or help for those who maintain it.",
          },
    references: referencesOf(claim),
  }));
}
