/**
 * What a user expects of one artifact, held against one attestation that verified. Every comparison is exact: a source, a workflow or an
 * identity that merely begins alike is another one. Each answer is a code of a closed union, so that a script can tell them apart.
 * Signature and bytes are not this file's matter.
 */
import type { AttestationClaim } from "../../model/index.ts";
import { splitWorkflow } from "./agreement.ts";
import { plainAddress } from "./build-facts.ts";
import { isTrusted, rowOf, unlisted } from "./builders.ts";

export interface ProvenanceWishes {
  /** `github.com/owner/name`, with or without `https://` and `git+`. */
  readonly sourceUri?: string;
  readonly sourceTag?: string;
  /** `v1` is met by the tags v1.2.3 and v1, `v1.2` by v1.2.3: what is given must be equal, what is not may be anything. */
  readonly sourceVersionedTag?: string;
  readonly sourceBranch?: string;
  readonly sourceCommit?: string;
  /** The numeric id of the repository, which outlives its name. */
  readonly sourceId?: string;
  /** With `@ref` exactly, without at any. npm's own builders: `https://github.com/actions/runner/github-hosted`. */
  readonly builder?: string;
  readonly buildType?: string;
  readonly identity?: string;
  readonly issuer?: string;
  /** The workflow that signed, without its ref. */
  readonly signerWorkflow?: string;
  readonly workflowInputs?: Readonly<Record<string, string>>;
  readonly packageName?: string;
  readonly packageVersion?: string;
  readonly denySelfHosted?: boolean;
}

export type MismatchCode =
  | "no-provenance"
  | "claims-disagree"
  | "source-mismatch"
  | "ref-missing"
  | "tag-mismatch"
  | "versioned-tag-mismatch"
  | "branch-mismatch"
  | "commit-mismatch"
  | "builder-mismatch"
  | "builder-untrusted"
  | "builder-unknown"
  | "build-type-mismatch"
  | "identity-mismatch"
  | "issuer-mismatch"
  | "workflow-input-mismatch"
  | "package-name-mismatch"
  | "package-version-mismatch"
  | "self-hosted";

export interface Mismatch {
  readonly code: MismatchCode;
  readonly message: string;
}

/** All wishes that an attestation does not meet, in the order in which they are looked at: empty is what one wants. */
export function mismatches(claim: AttestationClaim, wishes: ProvenanceWishes): readonly Mismatch[] {
  const found: Mismatch[] = [];
  const say = (code: MismatchCode, message: string): void => void found.push({ code, message });
  const { signer, build } = claim;
  for (const { about, certificate, statement } of claim.disagreements)
    say("claims-disagree", `the certificate says ${about} ${certificate}, the statement ${statement}`);
  if (signer !== null) {
    if (wishes.issuer !== undefined && signer.issuer !== wishes.issuer)
      say("issuer-mismatch", `vouched for by ${signer.issuer || "nobody"}, not by ${wishes.issuer}`);
    if (wishes.identity !== undefined && signer.identity !== wishes.identity)
      say("identity-mismatch", `signed by ${signer.identity}, not by ${wishes.identity}`);
    if (wishes.signerWorkflow !== undefined && !sameWorkflow(signer.identity, wishes.signerWorkflow))
      say("identity-mismatch", `signed by the workflow ${signer.identity}, not by ${wishes.signerWorkflow}`);
    if (wishes.denySelfHosted === true && signer.runner !== "github-hosted" && signer.runner !== "gitlab-hosted")
      say(
        "self-hosted",
        signer.runner === "" ? "the certificate does not say on whose machine it was built" : `built on a machine that is ${signer.runner}`,
      );
  }
  if (build === null) {
    const asks = Object.keys(wishes).some((wish) => ofBuild.has(wish as keyof ProvenanceWishes));
    if (asks) say("no-provenance", `a statement of type ${claim.predicateType} says nothing of source and builder`);
  } else matchBuild(claim, wishes, say);
  matchPackage(claim, wishes, say);
  return found;
}

const ofBuild: ReadonlySet<keyof ProvenanceWishes> = new Set([
  "sourceUri",
  "sourceTag",
  "sourceVersionedTag",
  "sourceBranch",
  "sourceCommit",
  "sourceId",
  "builder",
  "buildType",
  "workflowInputs",
]);

type Say = (code: MismatchCode, message: string) => void;

function matchBuild({ signer, build }: AttestationClaim, wishes: ProvenanceWishes, say: Say): void {
  if (build === null) return;
  // Where there is a certificate its word counts: the statement may only repeat it.
  const source = plainAddress(signer?.source || build.source);
  const ref = build.ref || signer?.ref || "";
  const commit = signer?.commit || build.commit;
  if (wishes.builder !== undefined) matchBuilder(build.builder, wishes.builder, say);
  if (wishes.buildType !== undefined && build.buildType !== wishes.buildType)
    say("build-type-mismatch", `the build type is ${build.buildType}, not ${wishes.buildType}`);
  if (wishes.sourceUri !== undefined && source !== addressOf(wishes.sourceUri))
    say("source-mismatch", `built from ${source || "an unnamed source"}, not from ${addressOf(wishes.sourceUri)}`);
  if (wishes.sourceId !== undefined && (signer?.sourceId || build.sourceId) !== wishes.sourceId)
    say("source-mismatch", `built from the repository with id ${signer?.sourceId || build.sourceId || "unknown"}, not ${wishes.sourceId}`);
  if (wishes.sourceCommit !== undefined && commit !== wishes.sourceCommit.toLowerCase())
    say("commit-mismatch", `built from commit ${commit || "unknown"}, not ${wishes.sourceCommit}`);
  const tag = ref.startsWith("refs/tags/") ? ref.slice("refs/tags/".length) : "";
  const branch = ref.startsWith("refs/heads/") ? ref.slice("refs/heads/".length) : "";
  if (wishes.sourceTag !== undefined) {
    if (tag === "") say("ref-missing", `built from ${ref || "no named ref"}, which is no tag`);
    else if (tag !== wishes.sourceTag) say("tag-mismatch", `built from the tag ${tag}, not ${wishes.sourceTag}`);
  }
  if (wishes.sourceVersionedTag !== undefined) {
    if (tag === "") say("ref-missing", `built from ${ref || "no named ref"}, which is no tag`);
    else if (!tagFits(tag, wishes.sourceVersionedTag))
      say("versioned-tag-mismatch", `built from the tag ${tag}, which is no ${wishes.sourceVersionedTag}`);
  }
  if (wishes.sourceBranch !== undefined) {
    if (branch === "") say("ref-missing", `built from ${ref || "no named ref"}, which is no branch`);
    else if (branch !== wishes.sourceBranch) say("branch-mismatch", `built from the branch ${branch}, not ${wishes.sourceBranch}`);
  }
  for (const [name, value] of Object.entries(wishes.workflowInputs ?? {})) {
    const given = Object.hasOwn(build.inputs, name) ? build.inputs[name] : undefined;
    if (given !== value)
      say(
        "workflow-input-mismatch",
        `the input ${name} was ${given === undefined ? "not given" : JSON.stringify(given)}, not ${JSON.stringify(value)}`,
      );
  }
}

function matchBuilder(built: string, wanted: string, say: Say): void {
  const at = wanted.indexOf("@", wanted.indexOf("://") + 3);
  const own = built.indexOf("@", built.indexOf("://") + 3);
  const same = built === wanted || (at < 0 && own > 0 && built.slice(0, own) === wanted);
  // npm's older statements leave the kind of machine out of the name; the certificate says it.
  const short = built === "https://github.com/actions/runner" && wanted === `${built}/github-hosted`;
  if (!same && !short) say("builder-mismatch", `built by ${built}, not by ${wanted}`);
}

function matchPackage({ subjects, publish }: AttestationClaim, wishes: ProvenanceWishes, say: Say): void {
  if (wishes.packageName === undefined && wishes.packageVersion === undefined) return;
  const names = publish === null ? subjects.map(({ name }) => packageOf(name)) : [{ name: publish.name, version: publish.version }];
  if (wishes.packageName !== undefined && !names.some(({ name }) => name === wishes.packageName))
    say("package-name-mismatch", `it speaks of ${names.map(({ name }) => name || "nothing").join(", ")}, not of ${wishes.packageName}`);
  if (wishes.packageVersion !== undefined && !names.some(({ version }) => version === wishes.packageVersion))
    say(
      "package-version-mismatch",
      `it speaks of version ${names.map(({ version }) => version || "unknown").join(", ")}, not of ${wishes.packageVersion}`,
    );
}

/** `pkg:npm/%40scope/name@1.0.0` as npm names it. */
export function packageOf(subject: string): { readonly name: string; readonly version: string } {
  const match = /^pkg:npm\/((?:%40|@)[^/@]+\/)?([^/@]+)@([^?#]+)/.exec(subject);
  if (match === null) return { name: subject, version: "" };
  return { name: `${(match[1] ?? "").replace(/^%40/, "@")}${match[2] ?? ""}`, version: decoded(match[3] ?? "") };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Whoever signed and built must be in the table of builders, or be named by the user (slsa-verifier's rule for what it accepts at all). */
export function builderRefusal(claim: AttestationClaim, trusted: readonly string[]): Mismatch | null {
  const { signer, build } = claim;
  if (signer === null || build === null) return null;
  const row = rowOf(signer, build, trusted);
  if (row.id !== unlisted.id || isTrusted(signer.identity, trusted)) return null;
  return { code: "builder-untrusted", message: `nobody has vouched for ${signer.identity} as a builder` };
}

function addressOf(wanted: string): string {
  const plain = plainAddress(wanted);
  return plain.includes("://") ? plain : `https://${plain}`;
}

function sameWorkflow(identity: string, wanted: string): boolean {
  const { repository, path } = splitWorkflow(identity);
  return path !== "" && `${repository}/${path}` === addressOf(wanted);
}

/** The parts of the version that are wanted must be those of the tag. A tag with fewer parts has no others. */
function tagFits(tag: string, wanted: string): boolean {
  const have = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/.exec(tag);
  const want = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/.exec(wanted);
  if (have === null || want === null) return tag === wanted;
  for (const part of [1, 2, 3] as const) {
    if (want[part] === undefined) continue;
    // `v14` is the release 14.0.0 by another name.
    if ((have[part] ?? "0") !== want[part]) return false;
  }
  return want[4] === undefined ? true : want[4] === have[4];
}
