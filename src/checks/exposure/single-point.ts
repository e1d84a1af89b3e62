import { alternativesTo, instead, whereWritten } from "../../graph/alternatives.ts";
import { type Check, type CheckInput, type CheckResult, type Finding, byCodeUnit } from "../../model/index.ts";
import { Gaps, askersOf, entryEvidence, indexOf, placesOf, titleOf } from "../subjects.ts";
import { type Leaning, leaningOf, purlType } from "./leaning.ts";

/** Under a quarter of the direct dependencies is more than chance: most packages stand under one or two. */
const SHARE = 0.25;
/** A share of a handful is no share. */
const FEWEST_STANDING = 5;
/** The rule points at the few that matter; the page of `tributary exposure` ranks them all. */
const MOST = 3;

export const singlePoint: Check = {
  id: "exposure/single-point",
  question: "exposure",
  title: "Does no single package stand under much of what you take in?",
  severity: "info",
  needs: [],
  tags: [],
  options: {
    share: { type: "number", summary: "From which share of your direct dependencies on it is noted.", standard: "0.25" },
    most: { type: "number", summary: "How many packages are noted at most, the heaviest first.", standard: "3" },
  },
  run,
};

interface Point {
  readonly component: number;
  /** Other direct dependencies that stand on it. */
  readonly directs: number;
  readonly others: number;
}

function run(input: CheckInput): CheckResult {
  const { project } = input;
  const leaning = leaningOf(project);
  const gaps = new Gaps();
  project.components.forEach(({ purl }, number) => {
    if (leaning.unsaid[number] === 1)
      gaps.add(purl, { unavailable: true, code: "inventory/flat", because: "the file that names it does not say who needs whom" });
  });
  const { options } = input.settings(singlePoint.id);
  const points = heaviest(
    input,
    leaning,
    typeof options["share"] === "number" ? options["share"] : SHARE,
    typeof options["most"] === "number" ? options["most"] : MOST,
  );
  const asked = project.components.length;
  return {
    findings: points.map((point) => findingOf(input, leaning, point)),
    unanswered: gaps.list(singlePoint.id),
    asked,
    answered: asked - gaps.size,
  };
}

function heaviest({ project }: CheckInput, leaning: Leaning, share: number, most: number): readonly Point[] {
  const fewest = Math.max(FEWEST_STANDING, share * leaning.directs);
  const candidates: { readonly component: number; readonly directs: number }[] = [];
  for (let number = 0; number < project.components.length; number++) {
    if (leaning.unsaid[number] === 1 || leaning.asked[number] === 0) continue;
    const directs = leaning.directsOver([number], "others");
    if (directs >= fewest) candidates.push({ component: number, directs });
  }
  return candidates
    .toSorted((a, b) => b.directs - a.directs || a.component - b.component)
    .slice(0, Math.max(0, Math.floor(most)))
    .map(({ component, directs }) => ({ component, directs, others: leaning.standingOn([component]) }));
}

function findingOf(input: CheckInput, leaning: Leaning, { component: number, directs, others }: Point): Finding {
  const { project } = input;
  const component = project.components[number]!;
  const nodes = indexOf(project).nodesOf[number] ?? [];
  const askers = new Set<number>();
  for (const node of nodes)
    for (const { from } of askersOf(project, node)) {
      const asker = project.nodes[from]?.component ?? -1;
      if (asker >= 0) askers.add(asker);
    }
  const atLeast = leaning.partial ? "at least " : "";
  const [node] = nodes.toSorted((a, b) => byCodeUnit(a.path, b.path));
  const alternatives = alternativesTo(purlType(component.purl), component.name);
  return {
    rule: singlePoint.id,
    question: "exposure",
    subject: component.purl,
    severity: singlePoint.severity,
    message: `${titleOf(component)} stands under ${atLeast}${directs} of your ${leaning.directs} direct dependencies and ${others} of the ${project.components.length} packages you take in; ${askers.size === 1 ? "one of them asks" : `${askers.size} of them ask`} for it themselves.`,
    evidence: node === undefined ? [] : [entryEvidence(input, component.purl, node)],
    places: placesOf(nodes),
    remedy: {
      text: `Nothing is wrong with it; if it falls, this is what falls. Watch its releases, pin it, and think of helping those who keep it.${
        alternatives === undefined ? "" : ` Others do the same job: ${instead(alternatives)} (${whereWritten(alternatives)}).`
      }`,
    },
    key: "",
    references: [],
  };
}
