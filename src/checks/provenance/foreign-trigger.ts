import type { Check, CheckInput, CheckResult } from "../../model/index.ts";
import { isUnavailable } from "../../model/index.ts";
import { eachComponent } from "../each.ts";
import { provenanceOf, validOrigins } from "./evidence.ts";
import { FOREIGN_TRIGGERS } from "./level.ts";

export const foreignTrigger: Check = {
  id: "provenance/foreign-trigger",
  question: "provenance",
  title: "Could only the project's own people start the build?",
  severity: "moderate",
  needs: ["provenance"],
  tags: ["CWE-829", "CWE-284"],
  run,
};

function run(input: CheckInput): CheckResult {
  return eachComponent(input, foreignTrigger, ({ purl, title, find }) => {
    const evidence = provenanceOf(input, purl);
    if (isUnavailable(evidence)) return false;
    const builds = validOrigins(evidence);
    if (builds.length === 0) return false;
    const told = new Set<string>();
    for (const attestation of builds) {
      const { signer, build } = attestation.claim;
      const trigger = signer?.trigger || build?.trigger || "";
      // Many files of one release come out of one run: that is one thing to say.
      if (!FOREIGN_TRIGGERS.has(trigger) || told.has(trigger)) continue;
      told.add(trigger);
      find({
        key: trigger,
        message: `The build of ${title} was started by ${trigger}, which people outside the project can cause${signer?.run || build?.run ? ` (${build?.run || signer?.run})` : ""}.`,
        evidence: [attestation],
        remedy: {
          text: "Look at the run that it names: what was checked out, and whose change it was. Valid provenance from a workflow that strangers can start has been used in attacks. The project can publish from a workflow that only a release or a push to its own branch starts.",
        },
      });
    }
    return true;
  });
}
