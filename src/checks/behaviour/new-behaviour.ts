import type { Check, CheckInput, CheckResult, News } from "../../model/index.ts";
import { capabilities, hidings } from "../../model/index.ts";
import { weighChange } from "./analysis/compare-weigh.ts";
import { eachChange, whereOf } from "./compared.ts";

export const newBehaviour: Check = {
  id: "behaviour/new-behaviour",
  question: "behaviour",
  title: "Can it do nothing of weight that the release before could not?",
  severity: "moderate",
  needs: ["artifact", "change"],
  tags: ["CWE-506"],
  run,
};

/** Reasons that stand in the sentence; the review shows all. */
const REASONS = 4;

function run(input: CheckInput): CheckResult {
  const result = eachChange(input, newBehaviour, ({ title, change, cited, review, find }) => {
    const { tier, reasons } = weighChange(change);
    if (tier === "note") return;
    const said = reasons.slice(0, REASONS).map(({ news }) => {
      const where = whereOf(news);
      return where === "" ? saying(news) : `${saying(news)} (${where})`;
    });
    find({
      severity: tier === "block" ? "high" : "moderate",
      message: `Against ${change.before.version}, ${title} newly ${said.join("; ")}.`,
      evidence: cited,
      remedy: { text: "Read the places that are named before you take it in.", command: review },
      references: [...new Set(reasons.map(({ family }) => family))],
    });
  });
  if (result.asked > 0 || result.unanswered.length > 0) return result;
  // What is new can only be said against what was there before.
  const summary = "Asked where one release takes another's place: tributary check --since REV, or tributary review.";
  return { ...result, summary };
}

function saying(news: News): string {
  switch (news.kind) {
    case "capability":
      return `${capabilities[news.sighting.capability].title}${news.sighting.subject === "" ? "" : `: ${news.sighting.subject}`}`;
    case "flow":
      return `carries ${news.flow.from === "encoded-text" ? "encoded text" : `what ${JSON.stringify(capabilities[news.flow.from].title)} yields`} to where it ${capabilities[news.flow.to].title}`;
    case "hiding":
      return `holds ${hidings[news.hiding.kind]}`;
    case "host":
      return `names the host ${news.host.host}`;
    case "self-run":
      return `runs ${news.selfRun.trigger} ${news.selfRun.name}`.trim();
    case "dependency":
      return `asks for ${news.dependency.name}${news.dependency.used === "no" ? ", which none of its code uses" : ""}`;
    case "collapse":
      return `has lost nearly all of its code: ${news.detail}`;
    case "file":
      return `has ${news.detail}`;
  }
}
