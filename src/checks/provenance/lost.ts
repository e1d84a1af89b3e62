import type { Check, CheckInput, CheckResult } from "../../model/index.ts";
import { isUnavailable } from "../../model/index.ts";
import { orderOf } from "../../versions/index.ts";
import { eachComponent } from "../each.ts";
import { provenanceOf } from "./evidence.ts";
import { releaseLine } from "./expectations.ts";

export const lost: Check = {
  id: "provenance/lost",
  question: "provenance",
  title: "Does it still say where it comes from, as the releases before it did?",
  severity: "high",
  needs: ["provenance", "release"],
  tags: ["CWE-345", "CWE-757"],
  run,
};

function run(input: CheckInput): CheckResult {
  return eachComponent(input, lost, ({ component, purl, title, find }) => {
    const evidence = provenanceOf(input, purl);
    if (isUnavailable(evidence) || evidence.expectations.length === 0) return false;
    if (evidence.attestations.some(({ claim }) => claim.states === "build")) return true;
    const order = orderOf(component.ecosystem);
    if (order === null || !order.valid(component.version)) return false;
    const line = releaseLine(component.version);
    const older = evidence.expectations
      .filter((expectation) => expectation.line === line)
      .flatMap(({ versions }) => versions)
      .filter((version) => order.valid(version) && order.compare(version, component.version) < 0);
    const last = older.at(-1);
    // A release from before its line began to make provenance has lost nothing.
    if (last === undefined) return false;
    const release = input.evidence.release(purl);
    find({
      message: `${title} says nothing of where it was built; ${last}, before it on the same line, came with a statement of provenance.`,
      evidence: isUnavailable(release) ? [] : [release],
      remedy: {
        text: `Somebody published it by hand, or past the workflow: with a stolen token that is all that can be done. Stay with ${last} until the maintainers say why.`,
        change: { kind: "replace", name: component.name, from: component.version, to: last },
      },
    });
    return true;
  });
}
