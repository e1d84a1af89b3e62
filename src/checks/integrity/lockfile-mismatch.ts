import type { Check, CheckInput, CheckResult, Evidence, Node } from "../../model/index.ts";
import { isUnavailable } from "../../model/index.ts";
import { type Look, eachComponent } from "../each.ts";
import { entryEvidence, notApplicable } from "../subjects.ts";
import { relockRemedy } from "./remedies.ts";
import { type Hash, compareHashes, hashesOf, hashesOfBytes, hashesOfRelease, showHash } from "./hashes.ts";
import { promisesTarball } from "./formats.ts";

export const lockfileMismatch: Check = {
  id: "integrity/lockfile-mismatch",
  question: "integrity",
  title: "Does the lockfile promise the bytes that the registry publishes?",
  severity: "critical",
  needs: ["release", "artifact"],
  tags: ["CWE-345", "CWE-494"],
  run,
};

function run(input: CheckInput): CheckResult {
  return eachComponent(input, lockfileMismatch, (look) => {
    if (look.component.origin.kind !== "registry") return false;
    const promising = look.nodes.filter((node) => node.integrity.length > 0 && !node.bundled && promisesTarball(input.project, node));
    const [first] = promising;
    if (first === undefined) return false;
    disagreement(look, promising, input);
    const release = input.evidence.release(look.purl);
    if (!look.gaps.has(look.purl, release)) return !notApplicable(release);
    const published = hashesOfRelease(release.claim);
    if (published.length === 0) {
      look.gaps.add(look.purl, { unavailable: true, code: "no-hash", because: "the registry publishes no hash for it" });
      return true;
    }
    if (promising.every((node) => compareHashes(hashesOf(node.integrity), published) === "same")) return true;
    for (const [promise, nodes] of byPromise(promising)) {
      const promised = hashesOf(promise);
      const artifact = input.evidence.artifact(look.purl);
      const bytes = isUnavailable(artifact) ? null : artifact;
      const relation = compareHashes(promised, published);
      if (relation === "different") {
        const evidence: Evidence[] = [entryEvidence(input, look.purl, nodes[0] ?? first), release, ...(bytes === null ? [] : [bytes])];
        look.find({
          key: showHash(promised),
          message: sentence(look.title, first.place.file, promised, published, bytes === null ? null : hashesOfBytes(bytes.claim)),
          evidence,
          places: nodes.map(({ place }) => place),
          remedy: relockRemedy(
            "Do not install from this lockfile until you know who changed it. Compare the entry with the commit that brought it in, then let your package manager write it anew.",
          ),
        });
      } else if (relation === "incomparable" && !bridged(promised, published, bytes === null ? null : hashesOfBytes(bytes.claim))) {
        look.gaps.add(look.purl, {
          unavailable: true,
          code: "incomparable",
          because: `the lockfile promises ${algorithms(promised)}, the registry publishes ${algorithms(published)}, and the bytes are not here to tell`,
        });
      }
    }
    return true;
  });
}

/** Two entries of the user's own files that promise different bytes for one release: no evidence from outside is needed. */
function disagreement(look: Look, nodes: readonly Node[], input: CheckInput): void {
  const [first] = nodes;
  if (first === undefined) return;
  const other = nodes.find((node) => compareHashes(hashesOf(first.integrity), hashesOf(node.integrity)) === "different");
  if (other === undefined) return;
  const where =
    other.place.file === first.place.file ? `two entries of ${first.place.file}` : `${first.place.file} and ${other.place.file}`;
  look.find({
    key: "entries",
    message: `${where} promise different bytes for ${look.title}: ${showHash(hashesOf(first.integrity))} and ${showHash(hashesOf(other.integrity))}.`,
    evidence: [entryEvidence(input, look.purl, first), entryEvidence(input, look.purl, other)],
    places: [other.place, first.place],
    remedy: relockRemedy(
      "One release has one content. Find out which entry was changed and by whom, then let your package manager write it anew.",
    ),
  });
}

/** The nodes that promise the same, together: one finding, many places. */
function byPromise(nodes: readonly Node[]): ReadonlyMap<readonly string[], readonly Node[]> {
  const groups = new Map<string, [readonly string[], Node[]]>();
  for (const node of nodes) {
    const key = node.integrity.join(" ");
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [node.integrity, [node]]);
    else group[1].push(node);
  }
  return new Map(groups.values());
}

function sentence(
  title: string,
  file: string,
  promised: readonly Hash[],
  published: readonly Hash[],
  bytes: readonly Hash[] | null,
): string {
  const facts = `${file} promises ${showHash(promised)} for ${title}, the registry publishes ${showHash(published)}`;
  if (bytes === null) return `${facts}; the bytes were not looked at, so it is open which of the two is right.`;
  if (compareHashes(published, bytes) === "same") return `${facts}, and the bytes are the registry's: the lockfile is the odd one out.`;
  if (compareHashes(promised, bytes) === "same")
    return `${facts}, and the bytes are those that the lockfile promises: the registry is the odd one out.`;
  return `${facts}, and the bytes are ${showHash(bytes)}: no two agree.`;
}

const bridged = (promised: readonly Hash[], published: readonly Hash[], bytes: readonly Hash[] | null): boolean =>
  bytes !== null && compareHashes(promised, bytes) === "same" && compareHashes(published, bytes) === "same";

const algorithms = (hashes: readonly Hash[]): string =>
  [...new Set(hashes.map(({ algorithm }) => algorithm))].join(" and ") || "no known hash";
