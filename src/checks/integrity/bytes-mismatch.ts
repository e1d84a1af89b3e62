import type { Check, CheckInput, CheckResult, Evidence } from "../../model/index.ts";
import { isUnavailable } from "../../model/index.ts";
import { eachComponent } from "../each.ts";
import { entryEvidence, notApplicable } from "../subjects.ts";
import { compareHashes, hashesOf, hashesOfBytes, hashesOfRelease, showHash } from "./hashes.ts";
import { promisesTarball } from "./formats.ts";

export const bytesMismatch: Check = {
  id: "integrity/bytes-mismatch",
  question: "integrity",
  title: "Are the bytes that are served the ones that were promised?",
  severity: "critical",
  needs: ["release", "artifact"],
  tags: ["CWE-345", "CWE-494"],
  run,
};

function run(input: CheckInput): CheckResult {
  return eachComponent(input, bytesMismatch, ({ purl, title, nodes, gaps, find }) => {
    const artifact = input.evidence.artifact(purl);
    if (!gaps.has(purl, artifact)) return !notApplicable(artifact);
    const entry = nodes.find((node) => node.integrity.length > 0 && !node.bundled && promisesTarball(input.project, node));
    const release = input.evidence.release(purl);
    // Of a release that is several files one was fetched: the others' hashes say nothing of it.
    const file = isUnavailable(release) ? undefined : release.claim.files?.find(({ url }) => url === artifact.claim.url);
    const locked = entry?.files?.filter(({ name, integrity }) => name === file?.name && integrity !== "") ?? [];
    const promised = hashesOf(locked.length > 0 ? locked.map(({ integrity }) => integrity) : (entry?.integrity ?? []));
    const published = isUnavailable(release) ? [] : file === undefined ? hashesOfRelease(release.claim) : hashesOf([file.integrity]);
    const bytes = hashesOfBytes(artifact.claim);
    // Lockfile against registry is another rule's question, and it already says with which of the two the bytes agree.
    if (compareHashes(promised, published) === "different") return true;
    const toLockfile = compareHashes(promised, bytes);
    const toRegistry = compareHashes(published, bytes);
    if (toLockfile !== "different" && toRegistry !== "different") {
      if (toLockfile === "incomparable" && toRegistry === "incomparable") {
        gaps.add(purl, {
          unavailable: true,
          code: "no-hash",
          because: "neither lockfile nor registry gives a hash to hold the bytes against",
        });
      }
      return true;
    }
    const who =
      toLockfile === "different" && toRegistry === "different" && entry !== undefined
        ? `${entry.place.file} and the registry both promise ${showHash(promised)}`
        : toRegistry === "different"
          ? `the registry promises ${showHash(published)}`
          : `${entry?.place.file ?? "the lockfile"} promises ${showHash(promised)}`;
    const evidence: Evidence[] = [
      artifact,
      ...(entry === undefined ? [] : [entryEvidence(input, purl, entry)]),
      ...(isUnavailable(release) ? [] : [release]),
    ];
    find({
      message: `${who} for ${title}, but the bytes served at ${artifact.claim.url} are ${showHash(bytes)}.`,
      evidence,
      remedy: {
        text: "Do not install it from there. A cache or mirror on the way may be damaged: ask again without it. If the bytes stay different, tell the registry's security contact.",
      },
    });
    return true;
  });
}
