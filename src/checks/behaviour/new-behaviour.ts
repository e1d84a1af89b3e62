import type { Check, CheckInput, CheckResult, Flow, News } from "../../model/index.ts";
import { byCodeUnit, capabilities, flowOrigins, grouped, hidings } from "../../model/index.ts";
import { weighChange } from "./analysis/compare-weigh.ts";
import { eachChange, notCompared, whereOf } from "./compared.ts";

/** How old a release may be to be compared by the registry's word on what came before it. */
export const COMPARE_DAYS = "compare-days";

export const newBehaviour: Check = {
  id: "behaviour/new-behaviour",
  question: "behaviour",
  title: "Can it do nothing of weight that the release before could not?",
  severity: "moderate",
  needs: ["artifact", "change"],
  tags: ["CWE-506"],
  options: {
    [COMPARE_DAYS]: {
      type: "number",
      summary: "releases that came out at most this many days ago are compared with the release before, whoever exchanged them",
      standard: "90",
    },
  },
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
  return { ...result, summary: summaryOf(input, result) };
}

/** Who was compared and who was not, and why: what nobody looked at must not look fine. */
function summaryOf({ project, evidence }: CheckInput, { asked, answered }: CheckResult): string {
  const reasons = new Map<string, number>();
  let cure = "";
  for (const { purl } of project.components) {
    const change = evidence.change?.(purl);
    if (change === undefined || !notCompared(change)) continue;
    reasons.set(change.because, (reasons.get(change.because) ?? 0) + 1);
    cure ||= change.cure ?? "";
  }
  // What is new can only be said against what was there before.
  if (asked === 0 && reasons.size === 0)
    return "Asked where one release takes another's place: tributary check --since REV, or tributary review.";
  const compared = `${grouped(answered)} ${answered === 1 ? "release was" : "releases were"} compared with the one before it.`;
  if (reasons.size === 0) return compared;
  const others = [...reasons]
    .toSorted(([a, m], [b, n]) => n - m || byCodeUnit(a, b))
    .map(([because, count]) => `${grouped(count)} that ${because}`);
  return `${compared} Not asked about ${others.join(", ")}${cure === "" ? "" : `: ${cure}`}.`;
}

const isOrigin = (from: Flow["from"]): from is keyof typeof flowOrigins => from in flowOrigins;
const carried = (from: Flow["from"]): string =>
  isOrigin(from) ? flowOrigins[from] : `what ${JSON.stringify(capabilities[from].title)} yields`;

function saying(news: News): string {
  switch (news.kind) {
    case "capability":
      return `${capabilities[news.sighting.capability].title}${news.sighting.subject === "" ? "" : `: ${news.sighting.subject}`}`;
    case "flow":
      return `carries ${carried(news.flow.from)} to where it ${capabilities[news.flow.to].title}`;
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
