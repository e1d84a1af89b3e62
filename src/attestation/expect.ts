/**
 * What the caller expects of a verified provenance, held against the certificate first and the predicate second. Every expectation is compared to
 * the letter. The answer lists all that is not as expected, in the order in which the checks are made; an empty list is agreement.
 */
import type { Json } from "../model/index.ts";
import { compareClaims, GITHUB_RUNNER, isDelegator, sourceOf } from "./agreement.ts";
import type { Provenance } from "./provenance.ts";
import type { Statement } from "./statement.ts";
import type { CertificateSigner } from "./verify.ts";

export interface Expectations {
  /** `github.com/owner/repository`, with or without `https://` or `git+https://`. */
  readonly source?: string;
  /** The builder's id: `https://github.com/actions/runner/github-hosted`, or a workflow's address with or without `@ref`. */
  readonly builder?: string;
  /** Addresses of workflows, without ref, that may sign as builders. Given: another one is refused, unless `builder` names it. */
  readonly trustedBuilders?: readonly string[];
  /** The signing workflow must stand at a tag of a release (`refs/tags/vX.Y.Z`), which its owner has promised not to move. */
  readonly builderAtRelease?: boolean;
  /** Path of the workflow that started the build. */
  readonly workflow?: string;
  readonly branch?: string;
  readonly tag?: string;
  /** `v1` and `v1.2` stand for all tags `v1.…` and `v1.2.…`. */
  readonly versionedTag?: string;
  /** Inputs that must have been given with exactly these values. */
  readonly inputs?: Readonly<Record<string, Json>>;
  readonly packageName?: string;
  readonly packageVersion?: string;
}

export type MismatchCode =
  | "builder-untrusted"
  | "builder-mismatch"
  | "builder-unsupported"
  | "builder-incomplete"
  | "builder-ref"
  | "source-mismatch"
  | "workflow-mismatch"
  | "ref-unsuitable"
  | "branch-mismatch"
  | "tag-mismatch"
  | "versioned-tag-mismatch"
  | "inputs-mismatch"
  | "claims-disagree"
  | "package-unknown"
  | "package-name-mismatch"
  | "package-version-mismatch";

export interface Mismatch {
  readonly code: MismatchCode;
  /** One sentence for people, with what was expected and what is there. */
  readonly message: string;
}

const RELEASE_TAG = /^refs\/tags\/v\d+\.\d+\.\d+$/;

/** Holds a provenance, its certificate and its statement against what the caller expects. */
export function checkExpectations(
  subject: { readonly provenance: Provenance; readonly signer: CertificateSigner; readonly statement: Statement },
  expected: Expectations,
): readonly Mismatch[] {
  const { provenance, signer, statement } = subject;
  const found: Mismatch[] = [];
  const add = (code: MismatchCode, message: string): void => void found.push({ code, message });
  checkBuilder(provenance, signer, expected, add);
  checkSource(provenance, signer, expected, add);
  for (const { claim, predicate, certificate } of compareClaims(provenance, signer).disagreements)
    add("claims-disagree", `the ${claim} is ${predicate} by the provenance and ${certificate} by the certificate`);
  checkRef(provenance, expected, add);
  for (const [name, value] of Object.entries(expected.inputs ?? {})) {
    const given = provenance.inputs !== undefined && Object.hasOwn(provenance.inputs, name) ? provenance.inputs[name] : undefined;
    if (given !== value)
      add("inputs-mismatch", `the input ${name} is ${JSON.stringify(given) ?? "not given"}, not ${JSON.stringify(value)}`);
  }
  checkPackage(statement, expected, add);
  return found;
}

type Add = (code: MismatchCode, message: string) => void;

function checkBuilder({ builderId }: Provenance, signer: CertificateSigner, expected: Expectations, add: Add): void {
  const { builder, trustedBuilders, builderAtRelease } = expected;
  const [workflow = "", ref = ""] = cut(signer.identity);
  const onRunner = builderId === GITHUB_RUNNER || builderId.startsWith(`${GITHUB_RUNNER}/`);
  if (onRunner) {
    if (builder === undefined || builder === builderId) return;
    const runner = `${GITHUB_RUNNER}/${signer.claims.runnerEnvironment ?? "unknown"}`;
    // npm's first provenance left out the kind of runner; the certificate has it.
    if (builderId === GITHUB_RUNNER && builder === runner) return;
    if (builder === GITHUB_RUNNER)
      add("builder-incomplete", `${builder} does not say which kind of runner, and the build ran on ${builderId}`);
    else if (!builder.startsWith(`${GITHUB_RUNNER}/`) || !/\/(?:github|self)-hosted$/.test(builder))
      add("builder-unsupported", `${builder} is no builder that is known, and the build ran on ${builderId}`);
    else add("builder-mismatch", `built on ${builderId}, not on ${builder}`);
    return;
  }
  // A delegator vouches for the workflow that it ran, which the predicate names; any other builder is the signer itself.
  const actual = isDelegator(signer.identity) ? builderId : signer.identity;
  const matches = builder !== undefined && (builder === actual || builder === cut(actual)[0]);
  if (trustedBuilders !== undefined && !trustedBuilders.includes(workflow) && !matches)
    add("builder-untrusted", `signed by ${workflow}, which is no trusted builder`);
  else if (builder !== undefined && !matches) {
    const known = trustedBuilders === undefined || trustedBuilders.includes(cut(builder)[0] ?? "");
    add(known || isDelegator(signer.identity) ? "builder-mismatch" : "builder-untrusted", `built by ${actual}, not by ${builder}`);
  }
  if (builderAtRelease === true && !RELEASE_TAG.test(ref)) add("builder-ref", `the builder stands at ${ref}, which is no tag of a release`);
}

/** An address of a workflow and its ref. */
function cut(identity: string): readonly [string, string] {
  const mark = identity.indexOf("@");
  return mark === -1 ? [identity, ""] : [identity.slice(0, mark), identity.slice(mark + 1)];
}

/** `github.com/o/r`, `https://github.com/o/r`, `git+https://github.com/o/r` are one source. Anything else is compared as it is. */
const canonicalSource = (source: string): string => source.replace(/^(?:git\+)?https:\/\//, "").replace(/\.git$/, "");

function checkSource(provenance: Provenance, signer: CertificateSigner, { source, workflow }: Expectations, add: Add): void {
  if (source !== undefined) {
    const certified = sourceOf(signer.claims) ?? "";
    const claimed = provenance.source ?? "";
    if (canonicalSource(certified) !== canonicalSource(source))
      add("source-mismatch", `built from ${certified || "an unknown source"}, not from ${source}`);
    else if (canonicalSource(claimed) !== canonicalSource(source))
      add("source-mismatch", `the provenance names ${claimed || "no source"}, not ${source}`);
  }
  if (workflow !== undefined && provenance.workflow !== workflow)
    add("workflow-mismatch", `built by the workflow ${provenance.workflow ?? "of an unknown name"}, not by ${workflow}`);
}

function checkRef({ ref = "", baseRef }: Provenance, { branch, tag, versionedTag }: Expectations, add: Add): void {
  if (branch !== undefined) {
    // A build of a tag belongs to the branch that the tag was pushed from, where the event says so.
    const actual = ref.startsWith("refs/heads/") ? ref : baseRef;
    if (actual === undefined || !actual.startsWith("refs/heads/"))
      add("ref-unsuitable", `built from ${ref || "an unknown ref"}, which is on no known branch`);
    else if (actual !== `refs/heads/${branch}`) add("branch-mismatch", `built from ${actual}, not from the branch ${branch}`);
  }
  const isTag = ref.startsWith("refs/tags/");
  if ((tag !== undefined || versionedTag !== undefined) && !isTag) {
    add("ref-unsuitable", `built from ${ref || "an unknown ref"}, which is no tag`);
    return;
  }
  if (tag !== undefined && ref !== `refs/tags/${tag}`) add("tag-mismatch", `built from ${ref}, not from the tag ${tag}`);
  if (versionedTag !== undefined && !coversTag(versionedTag, ref.slice("refs/tags/".length)))
    add("versioned-tag-mismatch", `built from ${ref}, which is no tag of ${versionedTag}`);
}

const VERSION = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(-[\w.-]+)?(\+[\w.-]+)?$/;

/** Does `v13.0` cover the tag `v13.0.30`? Parts that the tag leaves out are 0; what is said after the numbers must be the same. */
function coversTag(versioned: string, tag: string): boolean {
  const wanted = VERSION.exec(versioned);
  const actual = VERSION.exec(tag);
  if (wanted === null || actual === null) return versioned === tag;
  const full = wanted[3] !== undefined;
  if (full && (wanted[4] !== actual[4] || wanted[5] !== actual[5])) return false;
  return [1, 2, 3].every((i) => wanted[i] === undefined || Number(wanted[i]) === Number(actual[i] ?? 0));
}

const NPM_PURL = /^pkg:npm\/((?:%40|@)[^/@]+\/[^/@]+|[^/@]+)@([^?#]+)/;

/** Name and version in an npm statement's subject (`pkg:npm/%40scope/name@1.0.0`). */
export function npmSubject(statement: Statement): { readonly name: string; readonly version: string } | undefined {
  const match = NPM_PURL.exec(statement.subject[0]?.name ?? "");
  if (match === null || statement.subject.length !== 1) return undefined;
  const [, name = "", version = ""] = match;
  try {
    return { name: decodeURIComponent(name), version: decodeURIComponent(version) };
  } catch {
    return undefined;
  }
}

function checkPackage(statement: Statement, { packageName, packageVersion }: Expectations, add: Add): void {
  if (packageName === undefined && packageVersion === undefined) return;
  const named = npmSubject(statement);
  if (named === undefined) {
    add("package-unknown", "the statement's subject is not one package with a version");
    return;
  }
  if (packageName !== undefined && named.name !== packageName)
    add("package-name-mismatch", `the package is ${named.name}, not ${packageName}`);
  if (packageVersion !== undefined && named.version !== packageVersion)
    add("package-version-mismatch", `the version is ${named.version}, not ${packageVersion}`);
}
