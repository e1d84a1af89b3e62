import { SEEN, alternativesTo, effectOfRemoval, instead, whereWritten } from "../../graph/alternatives.ts";
import { type Check, type CheckInput, type CheckResult, type Finding } from "../../model/index.ts";
import { entryEvidence, indexOf, placesOf, titleOf } from "../subjects.ts";
import { leaningOf, purlType } from "./leaning.ts";

/** What a note costs a reader is paid once a package; more than five at a time are not read. */
const MOST = 5;

export const alternative: Check = {
  id: "exposure/alternative",
  question: "exposure",
  title: "Is there no easier way to what your own dependencies are for?",
  severity: "info",
  needs: [],
  tags: [],
  options: { most: { type: "number", summary: "How many switches are noted at most, the largest first.", standard: "5" } },
  run,
};

/** Only what the user can switch, and only where the switch changes something: others leave with it, or its makers have ended it. */
function run(input: CheckInput): CheckResult {
  const { project } = input;
  const { graph } = leaningOf(project);
  const direct = new Set(Array.from(graph.directs, (node) => project.nodes[node]?.component ?? -1));
  const found: { readonly finding: Finding; readonly leave: number }[] = [];
  let asked = 0;
  for (const number of [...direct].toSorted((a, b) => a - b)) {
    const component = project.components[number];
    if (component === undefined) continue;
    asked++;
    const known = alternativesTo(purlType(component.purl), component.name);
    if (known === undefined) continue;
    const ended = known.instead.some(({ kind }) => kind === "successor");
    const { leave, askers } = effectOfRemoval(project, number, graph);
    // As long as another dependency asks for it, it stays whatever the project does.
    if (askers.length > 0 || (leave.length === 0 && !ended)) continue;
    const nodes = indexOf(project).nodesOf[number] ?? [];
    const [node] = nodes;
    const names = leave.slice(0, NAMED).map((other) => titleOf(project.components[other]!));
    const rest = leave.length - names.length;
    const gone =
      leave.length === 0
        ? "Only your project asks for it."
        : `Only your project asks for it, and ${leave.length === 1 ? "one more package" : `${leave.length} more packages`} would leave with it: ${names.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}.`;
    found.push({
      leave: leave.length,
      finding: {
        rule: alternative.id,
        question: "exposure",
        subject: component.purl,
        severity: alternative.severity,
        message: `${titleOf(component)} could give way to ${instead(known)}. ${gone}`,
        evidence: node === undefined ? [] : [entryEvidence(input, component.purl, node)],
        places: placesOf(nodes),
        remedy: {
          text: `Look whether the switch fits your use of it.${known.mind === "" ? "" : ` ${known.mind}`} What the table rests on, seen ${SEEN}: ${whereWritten(known)}`,
        },
        key: "",
        references: known.sources.map(({ address }) => address),
      },
    });
  }
  const { options } = input.settings(alternative.id);
  const most = typeof options["most"] === "number" ? Math.max(0, Math.floor(options["most"])) : MOST;
  const findings = found
    .toSorted((a, b) => b.leave - a.leave)
    .slice(0, most)
    .map(({ finding }) => finding);
  return { findings, unanswered: [], asked, answered: asked };
}

const NAMED = 5;
