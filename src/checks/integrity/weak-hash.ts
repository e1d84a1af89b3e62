import type { Check, CheckInput, CheckResult } from "../../model/index.ts";
import { isUnavailable } from "../../model/index.ts";
import { eachComponent } from "../each.ts";
import { entryEvidence } from "../subjects.ts";
import { hashesOf, hashesOfRelease, isStrong, showHash } from "./hashes.ts";

export const weakHash: Check = {
  id: "integrity/weak-hash",
  question: "integrity",
  title: "Is every promised hash one that cannot be forged?",
  severity: "low",
  needs: ["release"],
  tags: ["CWE-328"],
  run,
};

function run(input: CheckInput): CheckResult {
  return eachComponent(input, weakHash, ({ purl, title, nodes, find }) => {
    const hashed = nodes.filter((node) => node.integrity.length > 0);
    if (hashed.length === 0) return false;
    const weak = hashed.filter((node) => !hashesOf(node.integrity).some(isStrong));
    const [first] = weak;
    if (first === undefined) return true;
    const release = input.evidence.release(purl);
    const better = isUnavailable(release) ? [] : hashesOfRelease(release.claim).filter(isStrong);
    const known = hashesOf(first.integrity);
    find({
      message:
        known.length === 0
          ? `${first.place.file} promises ${JSON.stringify(first.integrity[0] ?? "").slice(0, 60)} for ${title}, which is no hash that is known.`
          : `${first.place.file} promises only ${showHash(known)} for ${title}${better.length === 0 ? "" : `; the registry publishes ${showHash(better)}`}.`,
      evidence: [entryEvidence(input, purl, first), ...(isUnavailable(release) ? [] : [release])],
      places: weak.map(({ place }) => place),
      remedy: {
        text:
          better.length === 0
            ? "Move to a release that its registry publishes with SHA-256 or stronger."
            : "Let your package manager write this entry anew: the registry has the strong hash by now.",
      },
    });
    return true;
  });
}
