import type { Check, CheckInput, CheckResult, SelfRun } from "../../model/index.ts";
import { eachChange, whereOf } from "./compared.ts";

export const newSelfRun: Check = {
  id: "behaviour/new-self-run",
  question: "behaviour",
  title: "Does it run nothing by itself that the release before did not?",
  severity: "moderate",
  needs: ["artifact", "change"],
  tags: ["CWE-506", "CWE-829"],
  run,
};

/** What runs where somebody installs or uses it; what runs only where it is made is no matter of its users. */
const here: ReadonlySet<SelfRun["when"]> = new Set<SelfRun["when"]>(["install", "start", "open"]);
/** Characters of the command that stand in a sentence. */
const SHOWN = 120;

const whenSays = {
  install: "when it is installed",
  start: "whenever its language or command is started",
  open: "when its folder is opened in an editor",
} as const;

function run(input: CheckInput): CheckResult {
  return eachChange(input, newSelfRun, ({ title, change, cited, review, find }) => {
    for (const news of change.news) {
      if (news.kind !== "self-run" || !here.has(news.selfRun.when)) continue;
      const { trigger, name, command, when } = news.selfRun;
      const does = news.selfRun.sightings.some(({ capability }) => capability === "network" || capability === "dynamic-code");
      const shown = command.length > SHOWN ? `${command.slice(0, SHOWN)}…` : command;
      const what = `${trigger}${name === "" ? "" : ` ${name}`}`;
      find({
        key: `${trigger} ${name} ${news.file}`,
        severity: does ? "high" : news.before === null ? "moderate" : "low",
        message: `${title} ${news.before === null ? "newly runs" : "runs something else than before"} ${whenSays[when as keyof typeof whenSays]}: ${what} in ${whereOf(news)}: ${JSON.stringify(shown)}; ${change.before.version} did not.`,
        evidence: cited,
        remedy: { text: "Read what it runs before you install it, or install without scripts until you have.", command: review },
      });
    }
  });
}
