/**
 * The table of builders: which level a signer may claim at most for a builder and a build type, and where that is written. It is
 * data with a version, so that a report says by which table it judged. Whatever no row knows may claim level 1: provenance exists.
 * https://slsa.dev/spec/v1.2/verifying-artifacts#forming-expectations, step "bootstrap"
 */
import type { BuildFacts, BuildLevel, Signer } from "../../model/index.ts";
import { callingWorkflow, splitWorkflow } from "./agreement.ts";

/** Goes up with every change of a row. */
export const BUILDER_TABLE = "2026-11-23";

export interface BuilderRow {
  readonly id: string;
  readonly level: BuildLevel;
  /** Why not higher, or why so high: one sentence. */
  readonly because: string;
  /** Where that is written. */
  readonly source: string;
  readonly matches: (signer: Signer, build: BuildFacts, trusted: readonly string[]) => boolean;
  /** What the row itself vouches for; level 3 asks for both. */
  readonly unforgeable: boolean;
  readonly isolated: boolean;
}

const GITHUB_ISSUER = "https://token.actions.githubusercontent.com";
const GITLAB_ISSUER = "https://gitlab.com";

const NPM_BUILDERS: ReadonlySet<string> = new Set([
  "https://github.com/actions/runner/github-hosted",
  "https://github.com/actions/runner/self-hosted",
  "https://github.com/actions/runner",
]);
const NPM_BUILD_TYPES: ReadonlySet<string> = new Set([
  "https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1",
  "https://github.com/npm/cli/gha/v2",
  "https://github.com/npm/cli/gha@v1",
  "https://github.com/npm/cli/gha@v0",
]);
const GITHUB_ATTESTATION = "https://actions.github.io/buildtypes/workflow/v1";
const GENERATOR = "https://github.com/slsa-framework/slsa-github-generator";
/** The workflows of slsa-github-generator that sign themselves. */
const GENERATOR_WORKFLOWS: ReadonlySet<string> = new Set([
  ".github/workflows/generator_generic_slsa3.yml",
  ".github/workflows/generator_container_slsa3.yml",
  ".github/workflows/builder_go_slsa3.yml",
  ".github/workflows/builder_container-based_slsa3.yml",
]);
/** Those that sign for a builder which called them. */
const DELEGATORS: ReadonlySet<string> = new Set([
  ".github/workflows/delegator_generic_slsa3.yml",
  ".github/workflows/delegator_lowperms-generic_slsa3.yml",
]);
const DELEGATED_BUILDERS: ReadonlySet<string> = new Set([
  ".github/workflows/builder_maven_slsa3.yml",
  ".github/workflows/builder_gradle_slsa3.yml",
  ".github/workflows/builder_nodejs_slsa3.yml",
  ".github/workflows/builder_bazel_slsa3.yml",
]);
/** A tag that names one release; a branch, or a tag like v1 that moves, names whatever is there today. */
const RELEASE_TAG = /^refs\/tags\/v?\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/;

const byGithub = (signer: Signer): boolean => signer.by === "certificate" && signer.issuer === GITHUB_ISSUER;

function signedByGenerator(signer: Signer, workflows: ReadonlySet<string>): boolean {
  const { repository, path, ref } = splitWorkflow(signer.identity);
  return byGithub(signer) && repository === GENERATOR && workflows.has(path) && RELEASE_TAG.test(ref);
}

/** A workflow that the policy trusts: named without a ref (then at any release tag), or with one (then exactly so). */
export function isTrusted(workflow: string, trusted: readonly string[]): boolean {
  const at = workflow.indexOf("@", workflow.indexOf("://") + 3);
  return trusted.includes(workflow) || (at > 0 && trusted.includes(workflow.slice(0, at)) && RELEASE_TAG.test(workflow.slice(at + 1)));
}

const reusable = (signer: Signer): boolean => {
  const own = splitWorkflow(signer.identity);
  const caller = callingWorkflow(signer);
  return signer.config !== "" && (own.repository !== caller.repository || own.path !== caller.path);
};

const npmOnGithub = (signer: Signer, build: BuildFacts): boolean =>
  byGithub(signer) && NPM_BUILDERS.has(build.builder) && NPM_BUILD_TYPES.has(build.buildType);

const githubAttestation = (signer: Signer, build: BuildFacts): boolean =>
  byGithub(signer) && build.buildType === GITHUB_ATTESTATION && build.builder === signer.identity;

/** The first row that matches decides. */
export const builders: readonly BuilderRow[] = [
  {
    id: "self-hosted",
    level: 1,
    because: "It ran on a machine of the project's own, and nothing shows how that is kept.",
    source: "https://slsa.dev/spec/v1.2/build-requirements#hosted",
    matches: (signer, build) => signer.runner === "self-hosted" || build.runner === "self-hosted",
    unforgeable: false,
    isolated: false,
  },
  {
    id: "npm-github",
    level: 2,
    because: "npm makes its statement in the build's own job, so steps of the build could have had a hand in it: never level 3.",
    source: "https://slsa.dev/blog/2023/05/bringing-improved-supply-chain-security-to-the-nodejs-ecosystem",
    matches: (signer, build) => npmOnGithub(signer, build),
    unforgeable: false,
    isolated: false,
  },
  {
    id: "slsa-github-generator",
    level: 3,
    because: "A workflow of slsa-github-generator at a release tag made and signed the statement, out of the build's reach.",
    source: "https://github.com/slsa-framework/slsa-github-generator#specifications-for-slsa-3",
    matches: (signer, build) => signedByGenerator(signer, GENERATOR_WORKFLOWS) && build.builder === signer.identity,
    unforgeable: true,
    isolated: true,
  },
  {
    id: "slsa-github-generator-delegated",
    level: 3,
    because: "slsa-github-generator's delegator at a release tag signed for a builder that it names.",
    source: "https://github.com/slsa-framework/slsa-github-generator/blob/main/BYOB.md",
    matches: (signer, build, trusted) => {
      const { repository, path, ref } = splitWorkflow(build.builder);
      const known = repository === GENERATOR && DELEGATED_BUILDERS.has(path) && RELEASE_TAG.test(ref);
      return signedByGenerator(signer, DELEGATORS) && (known || isTrusted(build.builder, trusted));
    },
    unforgeable: true,
    isolated: true,
  },
  {
    id: "slsa-github-generator-other-builder",
    level: 2,
    because: "slsa-github-generator's delegator signed for a builder that nobody here has vouched for.",
    source: "https://github.com/slsa-framework/slsa-github-generator/blob/main/BYOB.md",
    matches: (signer) => signedByGenerator(signer, DELEGATORS),
    unforgeable: false,
    isolated: false,
  },
  {
    id: "github-attestation-trusted",
    level: 3,
    because: "A reusable workflow that the policy trusts built and attested; the caller's steps could not reach its signing.",
    source: "https://docs.github.com/actions/security-for-github-actions/using-artifact-attestations (the vendor's own assessment)",
    matches: (signer, build, trusted) => githubAttestation(signer, build) && reusable(signer) && isTrusted(signer.identity, trusted),
    unforgeable: true,
    isolated: true,
  },
  {
    id: "github-attestation",
    level: 2,
    because: "It was attested in the caller's own workflow, or in one that the policy does not name as trusted.",
    source: "https://docs.github.com/actions/security-for-github-actions/using-artifact-attestations",
    matches: (signer, build) => githubAttestation(signer, build),
    unforgeable: false,
    isolated: false,
  },
  {
    id: "google-cloud-build",
    level: 3,
    because: "Google Cloud Build made and signed the statement itself.",
    source: "https://slsa.dev/spec/v1.2/get-started",
    matches: (signer, build) =>
      signer.by === "key" &&
      /^projects\/verified-builder\/locations\/[a-z0-9-]+\/keyRings\/attestor\/cryptoKeys\/[\w-]+(?:\/cryptoKeyVersions\/\d+)?$/.test(
        signer.identity,
      ) &&
      /^https:\/\/cloudbuild\.googleapis\.com\/GoogleHostedWorker(?:@v\d+\.\d+)?$/.test(build.builder),
    unforgeable: true,
    isolated: true,
  },
  {
    id: "npm-gitlab",
    level: 2,
    because: "npm makes its statement in the pipeline's own job; GitLab's runners have no stable name.",
    source: "https://github.com/slsa-framework/slsa-verifier/issues/593",
    matches: (signer, build) =>
      signer.by === "certificate" &&
      signer.issuer === GITLAB_ISSUER &&
      signer.runner === "gitlab-hosted" &&
      build.buildType === "https://github.com/npm/cli/gitlab/v0alpha1",
    unforgeable: false,
    isolated: false,
  },
];

/** For what no row knows (https://slsa.dev/spec/v1.2/verifying-artifacts, "check SLSA Build level"). */
export const unlisted: BuilderRow = {
  id: "not-listed",
  level: 1,
  because: "No row of the table of builders knows this signer together with this builder and build type.",
  source: "https://slsa.dev/spec/v1.2/verifying-artifacts",
  matches: () => true,
  unforgeable: false,
  isolated: false,
};

export function rowOf(signer: Signer, build: BuildFacts, trusted: readonly string[]): BuilderRow {
  return builders.find((row) => row.matches(signer, build, trusted)) ?? unlisted;
}
