import type { Check, CheckInput, CheckResult, Evidence, Node, RegistryReleaseClaim, ReleaseFile } from "../../model/index.ts";
import { isUnavailable } from "../../model/index.ts";
import { type Look, eachComponent } from "../each.ts";
import { entryEvidence, notApplicable } from "../subjects.ts";
import { relockRemedy } from "./remedies.ts";
import { type Hash, compareHashes, hashesOf, hashesOfBytes, hashesOfRelease, showHash } from "./hashes.ts";
import { promisesTarball } from "./formats.ts";
import { compareFiles } from "./release-files.ts";

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
    const release = input.evidence.release(look.purl);
    const files = isUnavailable(release) ? undefined : release.claim.files;
    // Two lockfiles may each allow other files of one release; what the index says of each decides.
    if (files === undefined) disagreement(look, promising, input);
    if (!look.gaps.has(look.purl, release)) return !notApplicable(release);
    if (files !== undefined && files.length > 0) {
      eachFile(look, promising, input, release, files);
      return true;
    }
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

/** So many deviations of one entry are named; the rest are counted. */
const MOST_NAMED = 3;

/** A release of several files: one finding for each entry that promises what the index does not publish. */
function eachFile(
  look: Look,
  nodes: readonly Node[],
  input: CheckInput,
  release: Evidence<RegistryReleaseClaim>,
  files: readonly ReleaseFile[],
): void {
  if (files.every(({ integrity }) => integrity === "")) {
    look.gaps.add(look.purl, { unavailable: true, code: "no-hash", because: "the package index publishes no hash for it" });
    return;
  }
  for (const node of nodes) {
    const { deviations, right, open } = compareFiles(node, files);
    if (open > 0)
      look.gaps.add(look.purl, {
        unavailable: true,
        code: "incomparable",
        because: `the lockfile promises ${algorithms(hashesOf(node.integrity))}, the package index publishes ${algorithms(hashesOfRelease(release.claim))}, and the bytes are not here to tell`,
      });
    if (deviations.length === 0) continue;
    const more = deviations.length - MOST_NAMED;
    // A file may have been taken from the index since; that all of them were, or that one has other bytes, is something else.
    const onlyGone = right > 0 && deviations.every(({ kind }) => kind === "unpublished");
    look.find({
      ...(onlyGone ? { severity: "high" } : {}),
      key: `${node.place.file} ${deviations[0]?.what ?? ""}`,
      message: `For ${look.title} ${node.place.file} ${deviations
        .slice(0, MOST_NAMED)
        .map(({ sentence }) => sentence)
        .join("; it ")}${more > 0 ? `; and ${more} more` : ""}.`,
      evidence: [entryEvidence(input, look.purl, node), release],
      places: [node.place],
      remedy: relockRemedy(
        onlyGone
          ? "Other files of this release are as published. If this one was taken from the index, let your package manager write the entry anew; if it never was there, find out who added it."
          : "Do not install from this lockfile until you know who changed it. Compare the entry with the commit that brought it in, then let your package manager write it anew.",
      ),
    });
  }
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
