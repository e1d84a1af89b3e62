import type { Check, CheckInput, CheckResult } from "../../model/index.ts";
import { isUnavailable } from "../../model/index.ts";
import { orderOf } from "../../versions/index.ts";
import { eachComponent } from "../each.ts";
import { attestationsOf, filesWithoutOrigin, provenanceOf } from "./evidence.ts";
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
    const states = new Set(evidence.attestations.map(({ claim }) => claim.states));
    const line = releaseLine(component.version);
    const own = evidence.expectations.filter((expectation) => expectation.line === line);
    const built = own.some(({ builder }) => builder !== "");
    // What is said must be as much as before: how it was built, or at least whose workflow published it.
    const says = states.has("build") || (!built && states.has("publish"));
    const bare = says ? filesWithoutOrigin(evidence).filter((file) => attestationsOf(evidence, file).length === 0) : [];
    if (says && bare.length === 0) return true;
    const order = orderOf(component.ecosystem);
    if (order === null || !order.valid(component.version)) return false;
    const older = own
      .flatMap(({ versions }) => versions)
      .filter((version) => order.valid(version) && order.compare(version, component.version) < 0);
    const last = older.at(-1);
    // A release from before its line began to make provenance has lost nothing.
    if (last === undefined) return false;
    const release = input.evidence.release(purl);
    find({
      message: says
        ? `${bare[0]?.name || "A file that the lockfile allows"} of ${title} says nothing of where it comes from${bare.length > 1 ? `, nor do ${bare.length - 1} more` : ""}; ${last}, before it on the same line, came with that for each file.`
        : `${title} says nothing of where it ${built ? "was built" : "comes from"}; ${last}, before it on the same line, came with a statement of ${built ? "provenance" : "publication"}.`,
      evidence: isUnavailable(release) ? [] : [release],
      remedy: {
        text: `Somebody published it by hand, or past the workflow: with a stolen token that is all that can be done. Stay with ${last} until the maintainers say why.`,
        change: { kind: "replace", name: component.name, from: component.version, to: last },
      },
    });
    return true;
  });
}
