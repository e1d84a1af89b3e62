/** The second half of the way: the commit, what the repository says of it, the files, and our own build. */
import { repositoryKey } from "../../checks/provenance/repository.ts";
import { type Trace, type TraceStep, isUnavailable } from "../../model/index.ts";
import { type WayFacts, tell } from "./way-facts.ts";

export function commitStep({ source, repository, archive, noSource, release, provenance, attested }: WayFacts): TraceStep {
  const say = tell("commit", "source");
  if (source === null) return say("unknown", noSource, {}, `--git ${address(provenance, release)}`);
  if (source.kind === "archive") {
    const facts = { archive: source.name, sha256: archive?.sha256 ?? "", vouchedBy: archive?.vouchedBy ?? "" };
    const vouched = archive?.vouchedBy ? `, whose hash ${archive.vouchedBy} has` : "";
    return say("observed", `Held against the source archive ${source.name}${vouched}; it has no history to be looked at.`, facts);
  }
  const facts = { attested, commit: source.commit, by: source.by, repository: source.name, committed: repository?.committed ?? "" };
  const short = source.commit.slice(0, 12);
  if (repository === null || !repository.present) {
    const shallow = repository?.shallow === true;
    return say(
      shallow ? "unknown" : "broken",
      `${source.name} does not hold the commit ${short} that ${words[source.by]}${shallow ? ", but it is a shallow clone" : ""}.`,
      facts,
      shallow ? "git fetch --unshallow --tags" : undefined,
    );
  }
  if (attested !== "" && attested !== source.commit)
    return say("broken", `The build provenance names the commit ${attested.slice(0, 12)}, not ${short}, which ${words[source.by]}.`, facts);
  const published = isUnavailable(release) ? undefined : release.claim.published;
  const signed = isUnavailable(provenance)
    ? undefined
    : provenance.attestations.find(({ claim }) => claim.states === "publish")?.claim.signedAt;
  const moment = signed !== undefined && signed !== "" ? signed : published;
  if (moment !== undefined && repository.committed !== "" && Date.parse(repository.committed) > Date.parse(moment) + CLOCK_MILLISECONDS)
    return say("broken", `The commit ${short} was made on ${repository.committed}, after the release was published (${moment}).`, facts);
  const state = source.by === "provenance" ? "verified" : source.by === "registry" ? "asserted" : "observed";
  return say(
    state,
    `Commit ${short}, which ${words[source.by]}${repository.signed ? "; it carries a signature, not looked at here" : ""}.`,
    facts,
  );
}

/** Where the source may be had, by the best word there is for it. */
function address(provenance: WayFacts["provenance"], release: WayFacts["release"]): string {
  const built = isUnavailable(provenance)
    ? ""
    : (provenance.attestations.find(({ claim }) => claim.refusal === undefined && claim.build !== null)?.claim.build?.source ?? "");
  const stated = isUnavailable(release) ? "" : repositoryKey(release.claim.manifest.repository ?? "");
  return built !== "" ? built : stated === "" ? "DIR-OR-ADDRESS" : `https://${stated}`;
}

/** Clocks of committers and registries differ by minutes at most; a day leaves room for time zones that were written wrongly. */
const CLOCK_MILLISECONDS = 24 * 3_600_000;

const words = {
  provenance: "the build provenance names",
  registry: "the registry's document names by the word of whoever published it",
  package: "the package itself names by the word of whoever packed it",
  tag: "the version's tag leads to",
  given: "was given to be compared with",
} as const;

export function tagStep({ repository, source, provenance, version }: WayFacts): TraceStep {
  const say = tell("tag", "version tag");
  if (repository === null || source === null || source.kind === "archive")
    return say("unknown", "There is no repository to look for a tag in.");
  const named = isUnavailable(provenance)
    ? ""
    : (/^refs\/tags\/(.+)$/.exec(
        provenance.attestations.find(({ claim }) => claim.states === "build" && claim.refusal === undefined)?.claim.build?.ref ?? "",
      )?.[1] ?? "");
  const tags = repository.versionTags;
  const built = tags.find(({ name }) => name === named);
  if (named !== "" && built === undefined && !repository.shallow)
    return say("broken", `It was built from the tag ${named}, which the repository does not have (any more).`, { tag: named });
  const right = built ?? tags.find(({ commit }) => commit === source.commit) ?? tags[0];
  if (right === undefined) return say("unknown", `No tag is named after ${version}.`);
  const facts = { tag: right.name, commit: right.commit, made: right.made, annotated: String(right.annotated) };
  const before = repository.seenBefore[right.name];
  if (before !== undefined)
    return say(
      "broken",
      `The tag ${right.name} was moved: we saw it at ${before.slice(0, 12)}, now it is at ${right.commit.slice(0, 12)}.`,
      facts,
    );
  if (right.commit !== source.commit)
    return say(
      "broken",
      `The tag ${right.name} is at ${right.commit.slice(0, 12)}, and the release comes from ${source.commit.slice(0, 12)}: the tag was moved, or the release was not made from it.`,
      facts,
    );
  return say("observed", `The tag ${right.name} is at that commit.`, facts);
}

export function branchStep({ repository, source }: WayFacts): TraceStep {
  const say = tell("branch", "on a branch");
  if (repository === null || source === null || source.kind === "archive" || !repository.present)
    return say("unknown", "There is no history to look for the commit in.");
  const { branches, tagsWith, shallow } = repository;
  const facts = { branches: branches.slice(0, 20).join(" "), tags: tagsWith.slice(0, 20).join(" ") };
  if (branches.length > 0)
    return say(
      "observed",
      `The commit is on ${branches.length === 1 ? (branches[0] ?? "") : `${branches.length} branches, among them ${mainOf(branches)}`}.`,
      facts,
    );
  if (shallow)
    return say("unknown", "The clone is shallow, so a branch that holds the commit may only be cut off.", facts, "git fetch --unshallow");
  if (tagsWith.length > 0) return say("unknown", `The commit is on no branch, only behind the tag ${tagsWith[0] ?? ""}.`, facts);
  return say(
    "broken",
    "The commit is on no branch and behind no tag: anybody who can fork the repository could have made it appear there.",
    facts,
  );
}

const mainOf = (branches: readonly string[]): string =>
  branches.find((name) => /(?:^|\/)(?:main|master|trunk|default)$/.test(name)) ?? branches[0] ?? "";

/** SLSA's Source track: what the repository's notes attest of the commit, and of the line behind it. */
export function trackStep({ repository }: WayFacts): TraceStep {
  const say = tell("source-track", "source track");
  if (repository === null) return say("unknown", "There is no repository whose notes could be read.");
  const { track } = repository;
  if (track === null) return say("unknown", "The repository's notes attest nothing of how its branches are kept.");
  const { stated, unbroken, since, level, gaps } = track;
  const first = gaps[0];
  const facts = {
    stated: String(stated),
    level: String(level),
    unbroken: String(unbroken),
    since,
    gaps: gaps
      .slice(0, 20)
      .map(({ commit, kind }) => `${commit.slice(0, 12)} ${kind}`)
      .join(", "),
  };
  const gap = first === undefined ? "" : `; the first gap is at ${first.commit.slice(0, 12)}: ${first.says}`;
  if (unbroken === 0 || stated === 0) return say("unknown", `No source level is attested of the commit${gap}.`, facts);
  return say(
    "verified",
    `Source level ${stated}, attested without a gap over ${unbroken} ${unbroken === 1 ? "commit" : "commits"} back to ${since.slice(0, 12)}${gap}.`,
    facts,
  );
}

export function filesStep({ files, source }: WayFacts, counts: Trace["counts"]): TraceStep {
  const facts = Object.fromEntries(Object.entries(counts).map(([state, count]) => [state, String(count)]));
  const tellFiles = tell("files", "file by file");
  const say = (state: TraceStep["state"], says: string, cure?: string): TraceStep => tellFiles(state, says, facts, cure);
  if (source === null || files.length === 0) return say("unknown", "There is no source to hold the files against.");
  const total = files.length - counts.missing;
  const explained = total - counts.generated - counts.unexplained;
  if (counts.unexplained + counts.missing > 0) {
    const worst = files.find(({ state }) => state === "unexplained" || state === "missing");
    const more = counts.unexplained + counts.missing - 1;
    return say(
      "broken",
      `${explained} of ${total} files are explained by the source. ${worst?.path ?? ""}: ${worst?.how ?? ""}${more > 0 ? `; and ${more} more like it` : ""}.`,
    );
  }
  if (counts.generated > 0)
    return say(
      "unknown",
      `${explained} of ${total} files are explained by the source; ${counts.generated} look generated and were not made again.`,
      "--rebuild",
    );
  return say("observed", `All ${total} files are explained by the source: ${describe(counts)}.`);
}

const describe = (counts: Trace["counts"]): string =>
  [
    [counts["in-tree"], "as they stand in it"],
    [counts.copied, "copied from another place of it"],
    [counts.derived, "changed by packing alone"],
    [counts.reproduced, "made again by our own build"],
  ]
    .filter(([count]) => count !== 0)
    .map(([count, what]) => `${count} ${what}`)
    .join(", ");

export function rebuildStep({ rebuild }: WayFacts): TraceStep {
  const say = tell("rebuild", "rebuild");
  if (rebuild === null) return say("unknown", "Not built again.", {}, "--rebuild");
  const facts = { sandbox: rebuild.sandbox, sha256: rebuild.sha256, equal: rebuild.comparison?.equal ?? "" };
  if (rebuild.outcome !== "done" || rebuild.comparison === null) return say("unknown", `Not built again: ${rebuild.because}.`, facts);
  const { comparison } = rebuild;
  if (comparison.equal !== "no") {
    const but = comparison.stabilisers.length === 0 ? ", bit for bit" : ` but for ${comparison.stabilisers.join(", ")}`;
    return say("observed", `Our own build of the source is the same${but}.`, facts);
  }
  const differing = comparison.different.length + comparison.onlyPublished.length + comparison.onlyRebuilt.length;
  return say(
    "unknown",
    `Our own build differs in ${differing} ${differing === 1 ? "file" : "files"}${comparison.notes.length > 0 ? `; ${comparison.notes[0]}` : ""}.`,
    facts,
  );
}
