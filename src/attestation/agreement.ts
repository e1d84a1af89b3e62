/**
 * The predicate is what the build says about itself, the certificate what the platform said about the build. Where both speak of the same
 * thing they must say the same: a build that can write its own predicate could else claim any source.
 */
import type { FulcioClaims } from "./claims.ts";
import type { Provenance } from "./provenance.ts";
import type { CertificateSigner } from "./verify.ts";

export interface Disagreement {
  readonly claim: "source" | "ref" | "commit" | "workflow" | "trigger" | "repository-id" | "owner-id" | "invocation" | "builder";
  readonly predicate: string;
  readonly certificate: string;
}

export interface Agreement {
  /** What both say, and say alike. */
  readonly agreed: readonly Disagreement["claim"][];
  readonly disagreements: readonly Disagreement[];
}

export const GITHUB_RUNNER = "https://github.com/actions/runner";

/** Holds a predicate against the certificate that signed it. What only one of them says is in neither list. */
export function compareClaims(provenance: Provenance, signer: CertificateSigner): Agreement {
  const { claims } = signer;
  const agreed: Disagreement["claim"][] = [];
  const disagreements: Disagreement[] = [];
  const compare = (claim: Disagreement["claim"], predicate: string | undefined, certificate: string | undefined): void => {
    if (predicate === undefined || certificate === undefined) return;
    if (predicate === certificate) agreed.push(claim);
    else disagreements.push({ claim, predicate, certificate });
  };
  compare("source", provenance.source, sourceOf(claims));
  compare("ref", provenance.ref, claims.sourceRepositoryRef ?? claims.githubWorkflowRef);
  compare("commit", provenance.commit, claims.sourceRepositoryDigest ?? claims.githubWorkflowSha);
  compare("workflow", provenance.workflow, workflowOf(claims));
  compare("trigger", provenance.trigger, claims.buildTrigger ?? claims.githubWorkflowTrigger);
  compare("repository-id", provenance.repositoryId, claims.sourceRepositoryIdentifier);
  compare("owner-id", provenance.ownerId, claims.sourceRepositoryOwnerIdentifier);
  compare("invocation", runOf(provenance.invocation), runOf(claims.runInvocationUri));
  const builder = builderOf(provenance.builderId, signer);
  if (builder !== undefined) compare("builder", provenance.builderId, builder);
  return { agreed, disagreements };
}

/** The repository as the certificate names it. */
export const sourceOf = (claims: FulcioClaims): string | undefined =>
  claims.sourceRepositoryUri ??
  (claims.githubWorkflowRepository === undefined ? undefined : `https://github.com/${claims.githubWorkflowRepository}`);

function workflowOf(claims: FulcioClaims): string | undefined {
  const { buildConfigUri, sourceRepositoryUri } = claims;
  if (buildConfigUri === undefined || sourceRepositoryUri === undefined || !buildConfigUri.startsWith(`${sourceRepositoryUri}/`))
    return undefined;
  return buildConfigUri.slice(sourceRepositoryUri.length + 1).split("@")[0];
}

/** Run and attempt, of an address (`…/runs/1/attempts/2`) or of their short form (`1-2`); anything else as it is. */
function runOf(invocation: string | undefined): string | undefined {
  if (invocation === undefined) return undefined;
  const match = /\/runs\/(\d+)\/attempts\/(\d+)$/.exec(invocation);
  return match === null ? invocation : `${match[1]}-${match[2]}`;
}

/**
 * What the builder's id must be, by the certificate: the kind of runner where the id is one of GitHub's runners (npm once wrote it without its
 * kind), the signing workflow where the id is a workflow in the repository of the signer. undefined where the certificate does not say.
 */
function builderOf(builderId: string, signer: CertificateSigner): string | undefined {
  const { runnerEnvironment } = signer.claims;
  if (builderId === GITHUB_RUNNER || builderId.startsWith(`${GITHUB_RUNNER}/`))
    return runnerEnvironment === undefined || builderId === GITHUB_RUNNER ? undefined : `${GITHUB_RUNNER}/${runnerEnvironment}`;
  // A delegator signs for the builder that it ran: another workflow than its own, at its own ref.
  return isDelegator(signer.identity) ? undefined : signer.identity;
}

const DELEGATOR =
  /^https:\/\/github\.com\/slsa-framework\/slsa-github-generator\/\.github\/workflows\/delegator_(?:lowperms-)?generic_slsa3\.yml@/;

/** Signed by a delegator of slsa-github-generator ("bring your own builder"): then the predicate's builder id names the tool's workflow. */
export const isDelegator = (identity: string): boolean => DELEGATOR.test(identity);
