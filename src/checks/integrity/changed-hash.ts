import type { Check, CheckInput, CheckResult } from "../../model/index.ts";
import { eachComponent } from "../each.ts";
import { entryEvidence } from "../subjects.ts";
import { compareHashes, hashesOf, showHash } from "./hashes.ts";
import { promisesTarball } from "./formats.ts";

export const changedHash: Check = {
  id: "integrity/changed-hash",
  question: "integrity",
  title: "Does a release that was here before still promise the same bytes?",
  severity: "critical",
  needs: ["earlier"],
  tags: ["CWE-345", "CWE-494"],
  run,
};

function run(input: CheckInput): CheckResult {
  return eachComponent(input, changedHash, ({ component, purl, title, nodes, find }) => {
    // A local file or folder changes when its owner changes it; a release does not.
    if (component.origin.kind === "file" || component.origin.kind === "directory") return false;
    const now = nodes.filter((node) => node.integrity.length > 0 && !node.bundled && promisesTarball(input.project, node));
    const before = input.evidence.earlier(purl).filter(({ claim }) => claim.integrity.length > 0);
    if (now.length === 0 || before.length === 0) return false;
    for (const node of now) {
      const hashes = hashesOf(node.integrity);
      const old = before.find(({ claim }) => compareHashes(hashesOf(claim.integrity), hashes) === "different");
      if (old === undefined) continue;
      // Two lockfiles of one project may have disagreed before as well; what was already promised is no change.
      if (before.some(({ claim }) => compareHashes(hashesOf(claim.integrity), hashes) === "same")) continue;
      const moved =
        old.claim.resolved !== node.resolved
          ? ` The address changed as well, from ${old.claim.resolved || "none"} to ${node.resolved || "none"}.`
          : "";
      find({
        message: `${node.place.file} now promises ${showHash(hashes)} for ${title}; before it was ${showHash(hashesOf(old.claim.integrity))}, for the same version.${moved}`,
        evidence: [old, entryEvidence(input, purl, node)],
        places: [node.place],
        remedy: {
          text: "A release never changes its content. Take the entry back to what it was and find out how it changed: a merge by hand, another registry, or someone who wants other bytes to be installed.",
        },
      });
      break;
    }
    return true;
  });
}
