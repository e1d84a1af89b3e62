import type { Check, CheckInput, CheckResult } from "../../model/index.ts";
import { isUnavailable } from "../../model/index.ts";
import { isDoubt, rangesOf, tagMoves } from "./tags.ts";
import { eachComponent } from "../each.ts";
import { reviewCommand } from "../subjects.ts";

export const tagMoved: Check = {
  id: "continuity/tag-moved",
  question: "continuity",
  title: "Do the registry's names for its releases stand for what they stood for, or for something newer?",
  severity: "moderate",
  needs: ["release", "document"],
  tags: ["CWE-345", "CWE-494"],
  run,
};

function run(input: CheckInput): CheckResult {
  const ranges = rangesOf(input.project);
  return eachComponent(input, tagMoved, ({ purl, title, component, nodes, find }) => {
    // What was never seen before is not asked about: it is not fine for that.
    const seen = input.evidence.tagsSeen?.(purl) ?? null;
    const document = input.evidence.document(purl);
    const release = input.evidence.release(purl);
    if (seen === null || isUnavailable(document) || isUnavailable(release)) return false;
    for (const { tag, from, to, signals } of tagMoves(component, ranges(nodes), seen, document)) {
      if (signals.length === 0) continue;
      find({
        key: tag,
        severity: signals.some(isDoubt) ? "moderate" : "low",
        message: `${title}: ${signals.map(({ message }) => message).join(" ")}`,
        evidence: [release],
        remedy: {
          text: `Stay with the release that your lockfile pins, and look whether the project says why: a name that goes back is a withdrawn release, or somebody who wants old code installed.`,
          command: reviewCommand({ ...component, version: to }, from),
        },
        references: signals.map(({ id }) => id),
      });
    }
    return true;
  });
}
