import type { Check, CheckInput, CheckResult } from "../../model/index.ts";
import { isUnavailable } from "../../model/index.ts";
import { eachComponent } from "../each.ts";
import { isUndecidable, provenanceOf } from "./evidence.ts";

export const attestationInvalid: Check = {
  id: "provenance/attestation-invalid",
  question: "provenance",
  title: "Do the attestations that come with the release hold?",
  severity: "critical",
  needs: ["provenance"],
  tags: ["CWE-347", "CWE-345"],
  run,
};

const called = {
  build: "statement of provenance",
  publish: "statement of publication",
  summary: "verification summary",
  other: "attestation",
} as const;

function run(input: CheckInput): CheckResult {
  return eachComponent(input, attestationInvalid, ({ purl, title, gaps, find }) => {
    const evidence = provenanceOf(input, purl);
    if (isUnavailable(evidence) || evidence.attestations.length === 0) return false;
    for (const attestation of evidence.attestations) {
      const { refusal, states, disagreements, content } = attestation.claim;
      if (refusal !== undefined && isUndecidable(refusal)) {
        gaps.add(purl, {
          unavailable: true,
          code: refusal.code,
          because: `An attestation could not be judged: ${refusal.message}`,
          cure: "tributary trust update",
        });
      } else if (refusal !== undefined) {
        find({
          // A certificate authority that our trust root does not know may be newer than the root.
          severity: refusal.code === "certificate-untrusted" ? "high" : "critical",
          key: content,
          message: `The ${called[states]} of ${title} does not hold: ${refusal.message}.`,
          evidence: [attestation],
          remedy: {
            text: "Do not take this release in until it is explained. Bring the trust root up to date and look again; if it still does not hold, tell the package's maintainers and the registry: they will want to know.",
            command: "tributary trust update",
          },
          references: [refusal.code],
        });
      } else if (disagreements.length > 0) {
        find({
          key: content,
          message: `The ${called[states]} of ${title} is signed, but its certificate says otherwise: ${disagreements
            .map(({ about, certificate, statement }) => `${about} ${certificate} against ${statement}`)
            .join("; ")}.`,
          evidence: [attestation],
          remedy: {
            text: disagreements.some(({ about }) => about.startsWith("publisher"))
              ? "The certificate is proved, whom the index names is the index's own word: it keeps this attestation under a publisher who did not make it. Stay with the release before, and tell the index."
              : "The certificate is the platform's word, the statement the build's own: somebody who could run a build there wrote a statement about another one. Stay with the release before.",
          },
        });
      }
    }
    return true;
  });
}
