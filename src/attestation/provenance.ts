/**
 * Build provenance in one shape, whatever wrote it: SLSA 0.2 and 1, as npm, GitHub, GitLab, slsa-github-generator and its delegators write them.
 * It reads, it does not judge. All of it is the signer's word; `agreement.ts` holds it against the certificate, which is the platform's.
 */
import type { Json } from "../model/index.ts";
import type { Digests, Statement } from "./statement.ts";

export const PROVENANCE_V02 = "https://slsa.dev/provenance/v0.2";
export const PROVENANCE_V1 = "https://slsa.dev/provenance/v1";

export interface Material {
  readonly uri: string;
  readonly digest: Digests;
}

export interface Provenance {
  readonly predicateType: typeof PROVENANCE_V02 | typeof PROVENANCE_V1;
  readonly buildType: string;
  readonly builderId: string;
  /** The repository's address without scheme prefix and ref: `https://github.com/sigstore/sigstore-js`. */
  readonly source?: string;
  /** `refs/tags/v1.0.0`, `refs/heads/main`. */
  readonly ref?: string;
  /** The commit, hexadecimal. */
  readonly commit?: string;
  /** Path of the workflow in the repository. */
  readonly workflow?: string;
  /** What started the build: `push`, `release`, `workflow_dispatch` … */
  readonly trigger?: string;
  /** The platform's numeric ids: they survive a rename, and a take-over of the name does not have them. */
  readonly repositoryId?: string;
  readonly ownerId?: string;
  /** Address of the run, or `<run>-<attempt>` where that is all there is. */
  readonly invocation?: string;
  /** For a tag: the branch that it was made from, where the platform's event says. */
  readonly baseRef?: string;
  /** Inputs that a person gave when starting the run. */
  readonly inputs?: Readonly<Record<string, Json>>;
  readonly materials: readonly Material[];
  /** ISO 8601, as written. */
  readonly startedOn?: string;
  readonly finishedOn?: string;
}

export type ProvenanceReading =
  | { readonly ok: true; readonly provenance: Provenance }
  | { readonly ok: false; readonly code: "provenance-type" | "provenance-malformed"; readonly message: string };

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);

function at(value: unknown, ...path: readonly string[]): unknown {
  let here: unknown = value;
  for (const key of path) here = isFields(here) && Object.hasOwn(here, key) ? here[key] : undefined;
  return here;
}

/** Text that is there; numbers (some writers give run ids so) as text. */
function text(value: unknown): string | undefined {
  if (typeof value === "string") return value === "" ? undefined : value;
  return typeof value === "number" && Number.isSafeInteger(value) ? String(value) : undefined;
}

/** Reads the provenance in a statement. Foreign predicate types (witness writes `…/provenance/v1.0`) are refused, not taken for the specification's. */
export function readProvenance(statement: Statement): ProvenanceReading {
  const { predicateType, predicate } = statement;
  if (predicateType !== PROVENANCE_V02 && predicateType !== PROVENANCE_V1)
    return { ok: false, code: "provenance-type", message: `"${predicateType}" is no SLSA build provenance that is known` };
  const provenance = predicateType === PROVENANCE_V1 ? readV1(predicate) : readV02(predicate);
  if (provenance.builderId === "" || provenance.buildType === "")
    return { ok: false, code: "provenance-malformed", message: "the provenance names no builder or no type of build" };
  return { ok: true, provenance };
}

function readV1(predicate: unknown): Provenance {
  const definition = at(predicate, "buildDefinition");
  const external = at(definition, "externalParameters");
  const internal = at(definition, "internalParameters");
  const github = isFields(at(internal, "github")) ? at(internal, "github") : undefined;
  const materials = readMaterials(at(definition, "resolvedDependencies"));
  // npm and GitHub name the workflow; container-based builds a source; delegators leave it to the dependencies.
  const workflow = at(external, "workflow");
  const source = text(at(workflow, "repository")) ?? text(at(external, "source", "uri")) ?? materials[0]?.uri;
  const located = split(source);
  const environment = readEnvironment(internal);
  const metadata = at(predicate, "runDetails", "metadata");
  return {
    predicateType: PROVENANCE_V1,
    buildType: text(at(definition, "buildType")) ?? "",
    builderId: text(at(predicate, "runDetails", "builder", "id")) ?? "",
    materials,
    ...pick({
      source: located.repository,
      ref: text(at(workflow, "ref")) ?? located.ref ?? environment.ref,
      commit: commitOf(materials, located.repository) ?? environment.commit,
      workflow: text(at(workflow, "path")) ?? environment.workflow,
      trigger: text(at(github, "event_name")) ?? environment.trigger,
      repositoryId: text(at(github, "repository_id")) ?? environment.repositoryId,
      ownerId: text(at(github, "repository_owner_id")) ?? environment.ownerId,
      invocation: text(at(metadata, "invocationId")) ?? environment.invocation,
      baseRef: environment.baseRef,
      inputs: inputsOf(at(external, "inputs")) ?? environment.inputs,
      startedOn: text(at(metadata, "startedOn")),
      finishedOn: text(at(metadata, "finishedOn")),
    }),
  };
}

function readV02(predicate: unknown): Provenance {
  const invocation = at(predicate, "invocation");
  const config = at(invocation, "configSource");
  const materials = readMaterials(at(predicate, "materials"));
  const located = split(text(at(config, "uri")));
  const environment = readEnvironment(at(invocation, "environment"));
  const metadata = at(predicate, "metadata");
  return {
    predicateType: PROVENANCE_V02,
    buildType: text(at(predicate, "buildType")) ?? "",
    builderId: text(at(predicate, "builder", "id")) ?? "",
    materials,
    ...pick({
      source: located.repository,
      ref: located.ref ?? environment.ref,
      commit: text(at(config, "digest", "sha1")) ?? text(at(config, "digest", "gitCommit")) ?? environment.commit,
      workflow: text(at(config, "entryPoint")),
      trigger: environment.trigger,
      repositoryId: environment.repositoryId,
      ownerId: environment.ownerId,
      // The specification writes it with a small d at the end, slsa-github-generator with a capital.
      invocation: text(at(metadata, "buildInvocationId")) ?? text(at(metadata, "buildInvocationID")) ?? environment.invocation,
      baseRef: environment.baseRef,
      inputs:
        inputsOf(at(invocation, "parameters", "event_inputs")) ?? environment.inputs ?? inputsOf(at(invocation, "parameters", "inputs")),
      startedOn: text(at(metadata, "buildStartedOn")),
      finishedOn: text(at(metadata, "buildFinishedOn")),
    }),
  };
}

interface Environment {
  readonly ref: string | undefined;
  readonly commit: string | undefined;
  readonly workflow: string | undefined;
  readonly trigger: string | undefined;
  readonly repositoryId: string | undefined;
  readonly ownerId: string | undefined;
  readonly invocation: string | undefined;
  readonly baseRef: string | undefined;
  readonly inputs: Readonly<Record<string, Json>> | undefined;
}

/** GitHub's variables: npm and the delegators write them in capitals, slsa-github-generator's own builders in small letters. */
function readEnvironment(environment: unknown): Environment {
  const read = (name: string): unknown => at(environment, name) ?? at(environment, name.toLowerCase());
  const workflow = text(read("GITHUB_WORKFLOW_REF"));
  const run = text(read("GITHUB_RUN_ID"));
  const attempt = text(read("GITHUB_RUN_ATTEMPT"));
  const event = read("GITHUB_EVENT_PAYLOAD");
  return {
    ref: text(read("GITHUB_REF")),
    commit: text(read("GITHUB_SHA")) ?? text(read("GITHUB_SHA1")),
    // owner/repository/path@ref
    workflow: workflow === undefined ? undefined : /^[^/]+\/[^/]+\/([^@]+)@/.exec(workflow)?.[1],
    trigger: text(read("GITHUB_EVENT_NAME")),
    repositoryId: text(read("GITHUB_REPOSITORY_ID")),
    ownerId: text(read("GITHUB_REPOSITORY_OWNER_ID")),
    invocation: run === undefined || attempt === undefined ? undefined : `${run}-${attempt}`,
    baseRef: text(read("GITHUB_BASE_REF")) ?? text(at(event, "base_ref")),
    inputs: inputsOf(at(event, "inputs")),
  };
}

function inputsOf(value: unknown): Readonly<Record<string, Json>> | undefined {
  return isFields(value) && Object.keys(value).length > 0 ? (value as Readonly<Record<string, Json>>) : undefined;
}

/** Materials of one build that are read; a build from a large lockfile may list every package. */
const MAX_MATERIALS = 100_000;

function readMaterials(value: unknown): readonly Material[] {
  if (!Array.isArray(value)) return [];
  return value.slice(0, MAX_MATERIALS).map((entry: unknown) => {
    const digest = at(entry, "digest");
    const digests = isFields(digest) ? Object.fromEntries(Object.entries(digest).filter(([, hex]) => typeof hex === "string")) : {};
    return { uri: text(at(entry, "uri")) ?? "", digest: digests as Digests };
  });
}

/** The commit of the material that is the source. */
function commitOf(materials: readonly Material[], source: string | undefined): string | undefined {
  const own = materials.find((material) => source !== undefined && split(material.uri).repository === source);
  return own?.digest["gitCommit"] ?? own?.digest["sha1"];
}

/** `git+https://github.com/o/r@refs/tags/v1` into its repository and its ref. */
function split(uri: string | undefined): { readonly repository: string | undefined; readonly ref: string | undefined } {
  if (uri === undefined) return { repository: undefined, ref: undefined };
  const bare = uri.startsWith("git+") ? uri.slice(4) : uri;
  const mark = bare.lastIndexOf("@");
  // An `@` before the host's end belongs to a user name.
  const split_ = mark > bare.indexOf("/", bare.indexOf("//") + 2) && mark !== -1;
  const repository = (split_ ? bare.slice(0, mark) : bare).replace(/\.git$/, "");
  return { repository: repository === "" ? undefined : repository, ref: split_ ? bare.slice(mark + 1) : undefined };
}

type Picked<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

/** Leaves out what is not there. */
function pick<T extends object>(values: T): Picked<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Picked<T>;
}
