import type { Check, CheckInput, CheckResult } from "../../model/index.ts";
import { isUnavailable } from "../../model/index.ts";
import { eachComponent } from "../each.ts";
import { isUndecidable, provenanceOf } from "./evidence.ts";

export const registrySignature: Check = {
  id: "provenance/registry-signature",
  question: "provenance",
  title: "Does the registry's own signature on the release hold?",
  severity: "critical",
  needs: ["provenance"],
  tags: ["CWE-347", "CWE-345"],
  run,
};

function run(input: CheckInput): CheckResult {
  return eachComponent(input, registrySignature, ({ purl, title, gaps, find }) => {
    const evidence = provenanceOf(input, purl);
    // Without any signature there is nothing to hold; that a registry does not sign is no finding against the package.
    if (isUnavailable(evidence) || evidence.signatures.length === 0) return false;
    const good = evidence.signatures.find(({ claim }) => claim.refusal === undefined);
    const wrong = evidence.signatures.find(({ claim }) => claim.refusal !== undefined && !isUndecidable(claim.refusal));
    // Registries sign with the old and the new key while they change over: one that holds is what npm asks for, one that is wrong is still told.
    if (wrong?.claim.refusal !== undefined) {
      find({
        severity: good === undefined ? "critical" : "high",
        message: `The registry's signature on ${title} does not hold: ${wrong.claim.refusal.message}.`,
        evidence: [wrong],
        remedy: {
          text: "Do not install it. What the registry hands out now is not what it signed: ask from another network, compare with a mirror, and tell the registry.",
          command: "npm audit signatures",
        },
      });
      return true;
    }
    const [open] = evidence.signatures;
    if (good === undefined && open?.claim.refusal !== undefined)
      gaps.add(purl, {
        unavailable: true,
        code: open.claim.refusal.code,
        because: `The registry's signature could not be judged: ${open.claim.refusal.message}`,
        cure: "tributary trust update",
      });
    return true;
  });
}
