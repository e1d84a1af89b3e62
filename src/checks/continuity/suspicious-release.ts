import type { Check, CheckInput, CheckResult } from "../../model/index.ts";
import { isUnavailable } from "../../model/index.ts";
import { fuse } from "../fusion.ts";
import { eachHistory, stayWith } from "./walk.ts";

export const suspiciousRelease: Check = {
  id: "continuity/suspicious-release",
  question: "continuity",
  title: "Does not everything about it change at once?",
  severity: "high",
  needs: ["release"],
  tags: ["CWE-506"],
  run,
};

function run(input: CheckInput): CheckResult {
  return eachHistory(input, suspiciousRelease, ({ purl, title, component, history, release, find }) => {
    const change = input.evidence.change?.(purl);
    const compared = change === undefined || isUnavailable(change) ? null : change;
    const { verdict, because, reasons } = fuse(compared, history);
    if (verdict === "block" || verdict === "review") {
      find({
        severity: verdict === "block" ? "critical" : "high",
        message: `${title}: ${because} ${reasons
          .slice(0, 4)
          .map(({ message }) => message)
          .join(" ")}`,
        evidence: [release],
        remedy: {
          text: `Stay with ${stayWith(history)} until somebody has read what changed.`,
          command: `tributary review ${component.name}@${stayWith(history)} ${title}`,
          ...(history.before === null
            ? {}
            : { change: { kind: "replace" as const, name: component.name, from: component.version, to: history.before.version } }),
        },
        references: reasons.map(({ id }) => id),
      });
    }
    return true;
  });
}
