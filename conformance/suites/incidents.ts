import { incidents, replay } from "../incidents/replay.ts";
import type { CaseResult, Suite } from "../suite.ts";

/** Each catalogued incident must ask for a person's look at least, and be seen by two independent families. */
export const suite: Suite = {
  name: "incidents",
  archive: "",
  run: async function* run(): AsyncGenerator<CaseResult> {
    for (const incident of incidents()) {
      const { verdict, byContents, byHistory } = await replay(incident);
      const seen = `${verdict.verdict} at ${verdict.bits} bits by ${verdict.families.join(", ")} (contents alone: ${byContents.verdict}; circumstances alone: ${byHistory.verdict})`;
      const flagged = verdict.verdict === "block" || verdict.verdict === "review";
      yield { name: `${incident.id}: flagged`, outcome: flagged ? "passed" : "failed", ...(flagged ? {} : { detail: seen }) };
      const twice = verdict.families.length >= 2;
      yield { name: `${incident.id}: by two families`, outcome: twice ? "passed" : "failed", ...(twice ? {} : { detail: seen }) };
    }
  },
};
