/** From a verification to evidence: what was proved, by whom, in the model's words. What was refused keeps its reason. */
import { type Rejected, type Signer as VerifiedSigner, type Statement, type Verified } from "../../attestation/index.ts";
import type { AttestationClaim, BuildFacts, Signer } from "../../model/index.ts";
import { compareClaims } from "./agreement.ts";
import { buildFacts, kindOfPredicate } from "./build-facts.ts";
import { sameDistribution } from "./distribution.ts";
import { packageOf } from "./match.ts";
import { comparePublisher, type PublisherWord } from "./publisher.ts";

/** What an attestation was found in, for those that are refused: nothing of it is believed, but it has to be called something. */
export interface Received {
  /** The predicate type that the envelope's wrapper or payload states. */
  readonly predicateType: string;
  /** `sha256:` and the hash of the attestation as it was received. */
  readonly content: string;
}

/** What it must be about. */
export interface About {
  readonly name?: string;
  readonly version?: string;
  /** A file of a Python package index: the statement has this one subject, and the index names who published it (PEP 740). */
  readonly file?: { readonly name: string; readonly publisher: PublisherWord | null };
}

/** The claim of an attestation that was looked at. Names are compared here, digests were by the verification. */
export function attestationClaim(verification: Verified | Rejected, received: Received, about: About = {}): AttestationClaim {
  if (!verification.ok) return refused(received, verification);
  const { content, times } = verification;
  const signer = signerOf(verification.signer);
  const [time] = times;
  const proved = {
    signer,
    signedAt: time?.time ?? "",
    timeFrom: time === undefined ? "" : time.source,
    content: received.content,
  };
  if (content.kind !== "statement") {
    return {
      ...nothing,
      ...proved,
      predicateType: content.kind === "envelope" ? content.payloadType : "",
      subjects: content.kind === "message" ? [{ name: "", digest: { [content.algorithm]: content.digest } }] : [],
    };
  }
  return { ...stated(content.statement, signer, about), ...proved };
}

/** What a statement says, whoever signed it. */
export function stated(statement: Statement, signer: Signer | null, about: About = {}): AttestationClaim {
  const { predicateType, predicate, subject } = statement;
  const states = kindOfPredicate(predicateType);
  const build = states === "build" ? buildFacts(predicateType, predicate) : null;
  const publish = states === "publish" ? publishOf(predicate, subject[0]?.name ?? "") : null;
  const published = about.file === undefined || signer === null ? null : comparePublisher(about.file.publisher, signer);
  const refusal =
    wrongSubject(statement, publish, about) ??
    (states === "build" ? incomplete(build) : null) ??
    (published?.ok === false ? { code: published.code, message: published.message } : null);
  return {
    ...nothing,
    states,
    predicateType,
    ...(refusal === null ? {} : { refusal }),
    signer,
    build,
    publish,
    subjects: subject.map(({ name, digest }) => ({ name, digest })),
    disagreements: [
      ...(signer === null || build === null || signer.by === "key" ? [] : compareClaims(signer, build).disagreements),
      ...(published?.ok === true ? published.disagreements : []),
    ],
  };
}

const nothing: AttestationClaim = {
  kind: "attestation",
  states: "other",
  predicateType: "",
  signer: null,
  build: null,
  publish: null,
  subjects: [],
  disagreements: [],
  signedAt: "",
  timeFrom: "",
  content: "",
};

/** A claim for what could not be believed. */
function refused(
  { predicateType, content }: Received,
  { code, message }: { readonly code: string; readonly message: string },
): AttestationClaim {
  return { ...nothing, states: kindOfPredicate(predicateType), predicateType, content, refusal: { code, message } };
}

/** The signer in the model's words. */
function signerOf(signer: VerifiedSigner): Signer {
  if (signer.kind === "key") return { ...nobody, by: "key", identity: signer.keyId ?? signer.hint };
  const { claims } = signer;
  const repository = claims.githubWorkflowRepository;
  return {
    by: "certificate",
    identity: signer.identity,
    issuer: signer.issuer,
    workflow: claims.buildSignerUri ?? signer.identity,
    workflowDigest: claims.buildSignerDigest ?? "",
    runner: claims.runnerEnvironment ?? "",
    source: claims.sourceRepositoryUri ?? (repository === undefined ? "" : `https://github.com/${repository}`),
    commit: claims.sourceRepositoryDigest ?? claims.githubWorkflowSha ?? "",
    ref: claims.sourceRepositoryRef ?? claims.githubWorkflowRef ?? "",
    sourceId: claims.sourceRepositoryIdentifier ?? "",
    owner: claims.sourceRepositoryOwnerUri ?? "",
    ownerId: claims.sourceRepositoryOwnerIdentifier ?? "",
    config: claims.buildConfigUri ?? "",
    configDigest: claims.buildConfigDigest ?? "",
    trigger: claims.buildTrigger ?? claims.githubWorkflowTrigger ?? "",
    run: claims.runInvocationUri ?? "",
    visibility: claims.sourceRepositoryVisibility ?? "",
  };
}

/** A signer of whom a certificate says nothing. */
export const nobody: Signer = {
  by: "certificate",
  identity: "",
  issuer: "",
  workflow: "",
  workflowDigest: "",
  runner: "",
  source: "",
  commit: "",
  ref: "",
  sourceId: "",
  owner: "",
  ownerId: "",
  config: "",
  configDigest: "",
  trigger: "",
  run: "",
  visibility: "",
};

/** npm's statement of publication carries name and version; PyPI's carries nothing, and its subject is the file's name. */
function publishOf(predicate: unknown, subject: string): AttestationClaim["publish"] {
  const fields: Readonly<Record<string, unknown>> = typeof predicate === "object" && predicate !== null ? { ...predicate } : {};
  const text = (name: string): string => {
    const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
    return typeof value === "string" ? value : "";
  };
  const named = packageOf(subject);
  return { name: text("name") || named.name, version: text("version") || named.version, registry: text("registry") };
}

/** The statement must name this package: both in its subject, which is what the bytes hang on, and in npm's own predicate. */
function wrongSubject(
  statement: Statement,
  publish: AttestationClaim["publish"],
  about: About,
): NonNullable<AttestationClaim["refusal"]> | null {
  if (about.file !== undefined) return wrongFile(statement, about.file.name);
  if (about.name === undefined) return null;
  const names = statement.subject.map(({ name }) => packageOf(name));
  const right = (one: { readonly name: string; readonly version: string }): boolean =>
    one.name === about.name && (about.version === undefined || one.version === about.version);
  const wanted = `${about.name}${about.version === undefined ? "" : `@${about.version}`}`;
  if (!names.some(right))
    return {
      code: "subject-mismatch",
      message: `it speaks of ${names.map(({ name, version }) => `${name}@${version}`).join(", ")}, not of ${wanted}`,
    };
  if (publish !== null && publish.registry !== "" && !right(publish))
    return { code: "subject-mismatch", message: `it says that ${publish.name}@${publish.version} was published, not ${wanted}` };
  return null;
}

/** PEP 740, "Attestation verification": one subject, named as the file is, and a digest that the verification compared. */
function wrongFile({ subject }: Statement, file: string): NonNullable<AttestationClaim["refusal"]> | null {
  const [only, ...more] = subject;
  if (only === undefined || more.length > 0)
    return { code: "subject-mismatch", message: `it speaks of ${subject.length} files; an attestation of a package index speaks of one` };
  if (sameDistribution(only.name, file)) return null;
  return { code: "subject-mismatch", message: `it speaks of ${JSON.stringify(only.name).slice(0, 200)}, not of ${file}` };
}

/** Build level 1 asks for both (https://slsa.dev/spec/v1.2/build-requirements, "Provenance Exists"). */
function incomplete(build: BuildFacts | null): NonNullable<AttestationClaim["refusal"]> | null {
  return build === null ? { code: "predicate-malformed", message: "the provenance names no build type or no builder" } : null;
}
