import type { Check, CheckInput, CheckResult } from "../../model/index.ts";
import { eachChange } from "./compared.ts";

export const newDependency: Check = {
  id: "behaviour/new-dependency",
  question: "behaviour",
  title: "Does it ask for nothing new that none of its code uses, or that no registry keeps?",
  severity: "low",
  needs: ["artifact", "change"],
  tags: ["CWE-829"],
  run,
};

function run(input: CheckInput): CheckResult {
  return eachChange(input, newDependency, ({ title, change, cited, review, find }) => {
    for (const news of change.news) {
      if (news.kind !== "dependency") continue;
      const { name, wanted, from, used } = news.dependency;
      const outside = from === "git" || from === "address";
      if (!outside && (used !== "no" || news.before !== null)) continue;
      find({
        key: name,
        severity: outside ? "moderate" : "low",
        message: outside
          ? `${title} newly takes ${name} from outside any registry: ${wanted}.`
          : `${title} newly asks for ${name} (${wanted}), and none of its code does.`,
        evidence: cited,
        remedy: { text: `Look at what ${name} is, how old it is and whose, before it comes in with ${title}.`, command: review },
      });
    }
  });
}
