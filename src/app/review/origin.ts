/**
 * Where two releases of the registry were built, by what can be proved of it: repository and owner by the ids that stay when names change, workflow,
 * builder, runner, kind of ref, and what started the run. A thief who publishes through the project's own hijacked workflow has a valid
 * statement; what he seldom has is the same workflow, started by the same event from the same kind of ref.
 */
import { expectationOf, sourceChanges } from "../../checks/provenance/expectations.ts";
import { isFromKnownSource, isUndecidable, validOrigins } from "../../checks/provenance/evidence.ts";
import type { OriginDifference, OriginFact, ProvenanceEvidence, Project, Unavailable } from "../../model/index.ts";
import { isUnavailable } from "../../model/index.ts";
import { userFolders } from "../../store/folders.ts";
import type { Sources } from "../npm-evidence.ts";
import { gatherOrigins } from "../origins.ts";
import type { ReviewSide, SideOptions } from "./sides.ts";

const nothing = (because: string): OriginDifference => ({ before: null, after: null, changes: [], refused: [], because });

/** Throws where the signal is aborted; what cannot be fetched is said. */
export async function originDifference(
  before: ReviewSide,
  after: ReviewSide,
  sources: () => Promise<Sources>,
  options: SideOptions,
): Promise<OriginDifference> {
  const sides = [before, after].flatMap(({ purl, release }) => (release === undefined ? [] : [{ purl, ...release }]));
  if (after.release === undefined) return nothing("Only a registry hands out statements of where a release was built.");
  const components = sides.map(({ purl, name, version }) => ({
    purl,
    ecosystem: purl.startsWith("pkg:pypi/") ? "PyPI" : "npm",
    name,
    version,
    origin: { kind: "registry" as const },
  }));
  const project: Project = { name: "", version: "", files: [], components, nodes: [], roots: [] };
  const unknown: Unavailable = { unavailable: true, code: "not-applicable", because: "It was not asked about." };
  const { client, config, pypi } = await sources();
  const origins = await gatherOrigins({
    project,
    wanted: () => true,
    release: (purl) => sides.find((side) => side.purl === purl)?.evidence ?? unknown,
    client,
    config,
    pypi: { source: pypi, indexOf: (purl) => sides.find((side) => side.purl === purl)?.index ?? null },
    fresh: false,
    ...userFolders(options.env),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  try {
    return differenceOf(before, after, origins.provenance);
  } finally {
    origins.close();
  }
}

type Proved = Pick<ReviewSide, "title" | "purl" | "release">;

/** The difference of what was gathered of both. */
export function differenceOf(
  before: Proved,
  after: Proved,
  provenance: (purl: string) => ProvenanceEvidence | Unavailable,
): OriginDifference {
  const [old, now] = [before, after].map((side) => (side.release === undefined ? null : provenance(side.purl)));
  const [left, right] = [proven(before, old ?? null), proven(after, now ?? null)];
  const refused = [old ?? null, now ?? null].flatMap((evidence, at) => refusals(at === 0 ? before.title : after.title, evidence));
  const changes =
    left === null || right === null
      ? []
      : [
          ...sourceChanges(left.expectation, right.expectation).map(({ about, before: was, now: is }) => ({ about, before: was, now: is })),
          ...(left.trigger !== "" && right.trigger !== "" && left.trigger !== right.trigger
            ? [{ about: "trigger", before: left.trigger, now: right.trigger }]
            : []),
        ];
  return {
    before: left?.facts ?? null,
    after: right?.facts ?? null,
    changes,
    refused,
    because: right === null ? whyNot(after, now ?? null) : "",
  };
}

interface Proven {
  readonly expectation: NonNullable<ReturnType<typeof expectationOf>>;
  readonly trigger: string;
  readonly facts: readonly OriginFact[];
}

function proven({ purl, release }: Proved, evidence: ProvenanceEvidence | Unavailable | null): Proven | null {
  const build = evidence === null || isUnavailable(evidence) || !isFromKnownSource(evidence) ? undefined : validOrigins(evidence)[0];
  if (build === undefined || release === undefined) return null;
  const { claim, observedAt } = build;
  const expectation = expectationOf(purl, release.version, claim, observedAt);
  if (expectation === null) return null;
  const trigger = claim.signer?.trigger || (claim.build?.trigger ?? "");
  const { source, sourceId, owner, workflow, builder, runner, issuer } = expectation;
  const facts: readonly OriginFact[] = [
    { about: "repository", value: sourceId === "" ? source : `${source} (id ${sourceId})` },
    { about: "commit", value: claim.signer?.commit || (claim.build?.commit ?? "") },
    { about: "ref", value: claim.signer?.ref || (claim.build?.ref ?? "") },
    { about: "workflow", value: workflow },
    { about: "trigger", value: trigger },
    { about: "builder", value: builder },
    { about: "runner", value: runner },
    { about: "owner", value: owner },
    { about: "issuer", value: issuer },
  ];
  return { expectation, trigger, facts: facts.filter(({ value }) => value !== "") };
}

function refusals(title: string, evidence: ProvenanceEvidence | Unavailable | null): readonly string[] {
  if (evidence === null || isUnavailable(evidence)) return [];
  return evidence.attestations.flatMap(({ claim: { states, refusal } }) =>
    // What we cannot judge says something about us, and nothing about the release.
    refusal === undefined || isUndecidable(refusal) ? [] : [`A statement on ${title} (${states}) does not hold: ${refusal.message}`],
  );
}

function whyNot({ title, release }: Proved, evidence: ProvenanceEvidence | Unavailable | null): string {
  if (evidence !== null && isUnavailable(evidence)) return `Where ${title} was built could not be asked: ${evidence.because}`;
  const open = evidence?.attestations.find(({ claim: { refusal } }) => refusal !== undefined && isUndecidable(refusal))?.claim.refusal;
  if (open !== undefined) return `A statement on ${title} cannot be judged here: ${open.message}`;
  const { files } = release?.evidence.claim ?? {};
  if (files !== undefined && evidence !== null)
    return evidence.attestations.length === 0
      ? `The package index has no statement of where ${title} comes from.`
      : `Not every file of ${title} has a statement that holds and says where it comes from.`;
  if (release?.evidence.claim.attestationsUrl !== undefined) return `No statement on ${title} holds that says where it was built.`;
  return release?.evidence.claim.publisher === undefined
    ? `The registry shows no statement of where ${title} was built; as it does not say who published either, it may leave that out.`
    : `The registry has no statement of where ${title} was built.`;
}
