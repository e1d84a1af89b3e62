/**
 * From attestations to a SLSA Build level with its reasons. A level is reached when every requirement up to it is met and the table of
 * builders lets this signer claim it; what is not known is not met, so the level is never above what can be shown.
 * https://slsa.dev/spec/v1.2/build-requirements
 */
import type { AttestationClaim, BuildLevel, LevelRequirement, LevelVerdict } from "../../model/index.ts";
import { compareClaims } from "./agreement.ts";
import { BUILDER_TABLE, rowOf } from "./builders.ts";

export interface LevelOptions {
  /** Workflows that the policy trusts to build and attest for others: with a ref exactly so, without one at any release tag. */
  readonly trustedBuilders?: readonly string[];
}

/** Events that only people with write access can cause, and which GitHub's build type allows (github-actions-buildtypes/workflow/v1). */
const OWN_TRIGGERS: ReadonlySet<string> = new Set(["create", "release", "push", "workflow_dispatch"]);
/** Events that anybody can cause, with a pull request or a comment: what they start may run a stranger's code with the project's rights. */
export const FOREIGN_TRIGGERS: ReadonlySet<string> = new Set([
  "pull_request",
  "pull_request_target",
  "issue_comment",
  "issues",
  "discussion",
  "discussion_comment",
  "workflow_run",
  "fork",
  "watch",
]);

const nothing: LevelVerdict = {
  level: 0,
  requirements: [{ id: "provenance-exists", level: 1, met: false, because: "No statement says how it was built." }],
  row: "none",
  table: BUILDER_TABLE,
};

/** The best that any of the attestations shows. Those that were refused show nothing. */
export function buildLevel(attestations: readonly AttestationClaim[], options: LevelOptions = {}): LevelVerdict {
  let best = nothing;
  for (const claim of attestations) {
    if (claim.states !== "build") continue;
    const verdict = levelOf(claim, options);
    if (verdict.level > best.level || best === nothing) best = verdict;
  }
  return best;
}

const none = (because: string): LevelVerdict => ({
  ...nothing,
  requirements: [{ id: "provenance-exists", level: 1, met: false, because }],
});

/** What one attestation shows. */
export function levelOf(claim: AttestationClaim, options: LevelOptions = {}): LevelVerdict {
  const { signer, build, refusal } = claim;
  if (claim.states !== "build") return none(`A statement of type ${claim.predicateType} does not say how it was built.`);
  if (refusal !== undefined) return none(`The statement was refused: ${refusal.message}.`);
  if (build === null) return none("The statement lacks a build type or a builder.");
  if (signer === null) return none("Nobody signed the statement.");
  const row = rowOf(signer, build, options.trustedBuilders ?? []);
  const agreement = compareClaims(signer, build);
  const requirements: LevelRequirement[] = [];
  const ask = (id: string, level: 1 | 2 | 3, met: LevelRequirement["met"], because: string): void => {
    requirements.push({ id, level, met, because });
  };

  ask("provenance-exists", 1, true, `A statement names these bytes, builder ${build.builder} and build type ${build.buildType}.`);
  const [first] = agreement.disagreements;
  ask(
    "consistent",
    1,
    first === undefined,
    first === undefined
      ? `Certificate and statement agree${agreement.agreed.length === 0 ? " (they share nothing)" : ` on ${agreement.agreed.join(", ")}`}.`
      : `Certificate and statement disagree on the ${first.about}: ${first.certificate} against ${first.statement}.`,
  );
  ask(
    "authentic",
    2,
    signer.by === "key" || agreement.agreed.includes("repository"),
    signer.by === "key"
      ? `Signed with the key ${signer.identity}.`
      : agreement.agreed.includes("repository")
        ? `Signed by ${signer.identity}, as ${signer.issuer} vouches${claim.signedAt === "" ? "" : `, on ${claim.signedAt.slice(0, 10)}`}.`
        : `Signed by ${signer.identity}, whose certificate does not name the source that the statement names.`,
  );
  ask("hosted", 2, ...hosted(signer.runner, row.id, signer.by));
  ask("builder-known", 2, row.level >= 2, row.because);
  ask(
    "unforgeable",
    3,
    row.unforgeable,
    row.unforgeable ? row.because : "The build's own steps could reach what signs, or nobody has shown that they cannot.",
  );
  ask(
    "isolated",
    3,
    row.isolated,
    row.isolated
      ? "The builder runs each build on a machine of its own (the builder's own word)."
      : "Nothing shows that other builds, or a shared cache, could not reach into this one.",
  );
  ask(
    "parameters-complete",
    3,
    build.unknownParameters.length === 0,
    build.unknownParameters.length === 0
      ? "All parameters are those that the build type defines."
      : `Parameters that the build type does not define: ${build.unknownParameters.slice(0, 5).join(", ")}.`,
  );
  ask(
    "trigger",
    3,
    build.trigger === "" && signer.trigger === ""
      ? "unknown"
      : OWN_TRIGGERS.has(signer.trigger || build.trigger) || row.id === "google-cloud-build",
    build.trigger === "" && signer.trigger === ""
      ? "What started the build is not said."
      : `Started by ${signer.trigger || build.trigger}${FOREIGN_TRIGGERS.has(signer.trigger || build.trigger) ? ", which people outside the project can cause" : ""}.`,
  );
  return { level: highest(requirements, row.level), requirements, row: row.id, table: BUILDER_TABLE };
}

function hosted(runner: string, row: string, by: "certificate" | "key"): readonly [LevelRequirement["met"], string] {
  if (runner === "self-hosted") return [false, "It ran on a machine of the project's own."];
  if (runner !== "") return [true, `The certificate says that it ran on a machine of the platform (${runner}).`];
  if (row.startsWith("slsa-github-generator")) return [true, "The builder's workflow runs on machines of the platform only."];
  if (row === "google-cloud-build" && by === "key") return [true, "The builder is the platform itself."];
  return ["unknown", "The certificate does not say on whose machine it ran."];
}

function highest(requirements: readonly LevelRequirement[], most: BuildLevel): BuildLevel {
  let level: BuildLevel = 0;
  for (const next of [1, 2, 3] as const) {
    if (next > most || requirements.some((requirement) => requirement.level === next && requirement.met !== true)) break;
    level = next;
  }
  return level;
}
