import { type Check, type CheckInput, type CheckResult, isUnavailable } from "../../model/index.ts";
import { projectPurl } from "../subjects.ts";
import { leaningOf } from "./leaning.ts";

/** Below this many, shares say nothing. */
const FEWEST_KNOWN = 10;
/** Half of all that is known is where one builder's loss is everybody's. */
const SHARE = 0.5;

export const oneBuilder: Check = {
  id: "exposure/one-builder",
  question: "exposure",
  title: "Is what you take in not all built in one place?",
  severity: "info",
  needs: ["provenance"],
  tags: [],
  run,
};

/** Builders as attestations that hold name them. That nobody says how most packages were built is question three's to say. */
function run(input: CheckInput): CheckResult {
  const { project, evidence } = input;
  const leaning = leaningOf(project);
  const builtBy = new Map<string, number[]>();
  let known = 0;
  project.components.forEach(({ purl }, number) => {
    const origin = evidence.provenance?.(purl);
    if (origin === undefined || isUnavailable(origin)) return;
    const builder = origin.attestations
      .map(({ claim }) => (claim.refusal === undefined && claim.states === "build" ? platformOf(claim.build?.builder ?? "") : ""))
      .find((name) => name !== "");
    if (builder === undefined) return;
    known++;
    const built = builtBy.get(builder);
    if (built === undefined) builtBy.set(builder, [number]);
    else built.push(number);
  });
  const nothing = { findings: [], unanswered: [], asked: known, answered: known };
  const [largest] = [...builtBy].toSorted(([a, one], [b, other]) => other.length - one.length || (a < b ? -1 : 1));
  if (known < FEWEST_KNOWN || largest === undefined || largest[1].length < SHARE * known) return nothing;
  const [platform, built] = largest;
  const directs = leaning.directsOver(built);
  const others = leaning.standingOn(built);
  const [file] = project.files;
  const rest = project.components.length - known;
  return {
    ...nothing,
    findings: [
      {
        rule: oneBuilder.id,
        question: "exposure",
        subject: projectPurl(project),
        severity: oneBuilder.severity,
        message: `${built.length} of the ${known} packages that prove where they were built were built by ${platform}; ${others} more stand on them, and ${directs} of your ${leaning.directs} direct dependencies are among or on them.${rest === 0 ? "" : ` Of ${rest} nobody proves where they were built.`}`,
        evidence: [],
        places: file === undefined ? [] : [{ file: file.path }],
        remedy: {
          text: "A proof from one platform is better than none, so nothing has to change. For what matters most, a second build elsewhere that gives the same bytes (tributary trace --rebuild) is what makes the platform's word unnecessary.",
        },
        key: "",
        references: [],
      },
    ],
  };
}

/** The host of a builder's id; what GitHub and GitLab build themselves or on machines of others is told apart by the id's end. */
function platformOf(builder: string): string {
  const host = /^https?:\/\/([^/\s]+)/.exec(builder)?.[1]?.toLowerCase() ?? "";
  if (host === "") return builder.slice(0, LONGEST_NAME);
  const machines = builder.endsWith("self-hosted") ? " on machines of others" : "";
  return `${host.slice(0, LONGEST_NAME)}${machines}`;
}

/** An id is an address; what is longer was not meant to be read. */
const LONGEST_NAME = 100;
