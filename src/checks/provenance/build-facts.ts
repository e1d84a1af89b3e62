/**
 * Reads a SLSA provenance predicate, of version 0.2 or 1 and of any build type that is met in practice, into one form. What a build
 * type calls by another name (GitHub's `GITHUB_REF`, GitLab's `CI_COMMIT_REF_NAME`, `configSource`) has one name afterwards.
 * https://slsa.dev/spec/v1.2/build-provenance, https://slsa.dev/spec/v0.2/provenance
 */
import type { BuildFacts } from "../../model/index.ts";

type Loose = Readonly<Record<string, unknown>>;

const PROVENANCE_1 = "https://slsa.dev/provenance/v1";
const PROVENANCE_0_2 = "https://slsa.dev/provenance/v0.2";
/** The registry's or index's word that it took the bytes in. The version at the end may grow. */
const PUBLISH_TYPES: readonly string[] = [
  "https://github.com/npm/attestation/tree/main/specs/publish/",
  "https://docs.pypi.org/attestations/publish/",
];
const SUMMARY_TYPES: ReadonlySet<string> = new Set([
  "https://slsa.dev/verification_summary/v0.1",
  "https://slsa.dev/verification_summary/v0.2",
  "https://slsa.dev/verification_summary/v1",
]);

/** What a predicate of this type is about. Witness's `provenance/v1.0` is not the specification's type and counts as `other`. */
export function kindOfPredicate(type: string): "build" | "publish" | "summary" | "other" {
  if (type === PROVENANCE_1 || type === PROVENANCE_0_2) return "build";
  if (PUBLISH_TYPES.some((prefix) => type.startsWith(prefix))) return "publish";
  return SUMMARY_TYPES.has(type) ? "summary" : "other";
}

/** The parameters that each build type defines for its users: all others would do something to the build that nobody has described. */
const definedParameters: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ["https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1", new Set(["workflow", "inputs", "vars"])],
  ["https://actions.github.io/buildtypes/workflow/v1", new Set(["workflow", "inputs"])],
  ["https://github.com/slsa-framework/slsa-github-generator/delegator-generic@v0", new Set(["inputs", "vars"])],
  ["https://slsa.dev/container-based-build/v0.1?draft", new Set(["source", "builderImage", "configPath", "buildConfig"])],
  ["https://cloud.google.com/build/gcb-buildtypes/google-worker/v1", new Set(["buildConfigSource", "substitutions", "buildConfig"])],
  ["https://github.com/slsa-framework/slsa-github-generator@v1", new Set(["inputs", "event_inputs"])],
  ["https://github.com/slsa-framework/slsa-github-generator/generic@v1", new Set(["inputs", "event_inputs"])],
  ["https://github.com/slsa-framework/slsa-github-generator/go@v1", new Set(["inputs", "event_inputs"])],
  ["https://github.com/npm/cli/gha@v0", new Set()],
  ["https://github.com/npm/cli/gha@v1", new Set()],
  ["https://github.com/npm/cli/gha/v2", new Set()],
]);
/** GitLab's pipelines give their variables as parameters; those with its own prefixes are described in its manual. */
const GITLAB_NPM = "https://github.com/npm/cli/gitlab/v0alpha1";

/** null where the predicate lacks what the specification asks for at Build level 1: a build type and a builder. */
export function buildFacts(predicateType: string, predicate: unknown): BuildFacts | null {
  if (!isObject(predicate)) return null;
  if (predicateType === PROVENANCE_1) return fromVersion1(predicate);
  if (predicateType === PROVENANCE_0_2) return fromVersion02(predicate);
  return null;
}

function fromVersion1(predicate: Loose): BuildFacts | null {
  const definition = member(predicate, "buildDefinition");
  const details = member(predicate, "runDetails");
  const buildType = text(definition["buildType"]);
  const builder = text(member(details, "builder")["id"]);
  if (buildType === "" || builder === "") return null;
  const external = member(definition, "externalParameters");
  const internal = member(definition, "internalParameters");
  const github = member(internal, "github");
  const workflow = member(external, "workflow");
  const env = variables(internal);
  const named = sourceParameter(external);
  const dependencies = list(definition["resolvedDependencies"]).map(material);
  const [first] = dependencies;
  const asked = plainAddress(text(workflow["repository"])) || named.source;
  const places = [asked, first?.source ?? "", repositoryAddress(env)];
  return {
    version: "1",
    buildType,
    builder,
    source: asked || places.find((place) => place !== "") || "",
    ref: text(workflow["ref"]) || named.ref || first?.ref || env("REF"),
    commit: named.commit || first?.commit || env("SHA"),
    workflow: text(workflow["path"]) || workflowPath(env("WORKFLOW_REF")),
    trigger: text(github["event_name"]) || env("EVENT_NAME"),
    sourceId: text(github["repository_id"]) || env("REPOSITORY_ID"),
    ownerId: text(github["repository_owner_id"]) || env("REPOSITORY_OWNER_ID"),
    runner: text(github["runner_environment"]) || runnerOf(builder),
    run: runAddress(text(member(details, "metadata")["invocationId"]), asked || repositoryAddress(env), env),
    inputs: inputsOf(member(external, "inputs"), internal),
    unknownParameters: unknownOf(buildType, external),
    contradictions: contradictionsOf(places, [named.commit, first?.commit ?? "", env("SHA")]),
  };
}

function fromVersion02(predicate: Loose): BuildFacts | null {
  const buildType = text(predicate["buildType"]);
  const builder = text(member(predicate, "builder")["id"]);
  if (buildType === "" || builder === "") return null;
  const invocation = member(predicate, "invocation");
  const config = member(invocation, "configSource");
  const parameters = member(invocation, "parameters");
  const environment = member(invocation, "environment");
  const gitlab = buildType === GITLAB_NPM;
  const env = gitlab ? gitlabVariables(parameters) : variables(environment);
  const asked = material(config);
  const [first] = list(predicate["materials"]).map(material);
  const places = [asked.source, first?.source ?? "", repositoryAddress(env)];
  return {
    version: "0.2",
    buildType,
    builder,
    source: places.find((place) => place !== "") ?? "",
    ref: asked.ref || first?.ref || env("REF"),
    commit: asked.commit || first?.commit || env("SHA"),
    workflow: gitlab ? env("CONFIG_PATH") : workflowPath(text(config["entryPoint"])),
    trigger: env("EVENT_NAME"),
    sourceId: env("REPOSITORY_ID"),
    ownerId: env("REPOSITORY_OWNER_ID"),
    runner: runnerOf(builder),
    run: runAddress(text(member(predicate, "metadata")["buildInvocationId"]), places.find((place) => place !== "") ?? "", env),
    inputs: inputsOf(member(parameters, "inputs"), environment),
    unknownParameters: gitlab
      ? Object.keys(parameters)
          .filter((name) => !/^(?:CI|GITLAB|RUNNER)(?:_|$)/.test(name))
          .toSorted()
      : unknownOf(buildType, parameters),
    contradictions: contradictionsOf(places, [asked.commit, first?.commit ?? "", env("SHA")]),
  };
}

type Variables = (name: string) => string;

/** GitHub's own variables; the generator's Go builder writes their names in lower case. */
const variables =
  (record: Loose): Variables =>
  (name) =>
    text(own(record, `GITHUB_${name}`)) || text(own(record, `github_${name.toLowerCase()}`)) || shaName(record, name);

/** The lower-case form calls the commit `github_sha1`. */
const shaName = (record: Loose, name: string): string => (name === "SHA" ? text(own(record, "github_sha1")) : "");

const gitlabNames: Readonly<Record<string, string>> = {
  SHA: "CI_COMMIT_SHA",
  EVENT_NAME: "CI_PIPELINE_SOURCE",
  REPOSITORY_ID: "CI_PROJECT_ID",
  REPOSITORY_OWNER_ID: "CI_PROJECT_NAMESPACE_ID",
  CONFIG_PATH: "CI_CONFIG_PATH",
};

const gitlabVariables =
  (record: Loose): Variables =>
  (name) => {
    if (name === "REF") {
      const tag = text(own(record, "CI_COMMIT_TAG"));
      const branch = text(own(record, "CI_COMMIT_BRANCH"));
      return tag !== "" ? `refs/tags/${tag}` : branch !== "" ? `refs/heads/${branch}` : "";
    }
    return text(own(record, gitlabNames[name] ?? ""));
  };

function repositoryAddress(env: Variables): string {
  const repository = env("REPOSITORY");
  return /^[\w.-]+\/[\w.-]+$/.test(repository) ? `${env("SERVER_URL") || "https://github.com"}/${repository}` : "";
}

/** A source that the user names by a parameter of its own (container-based builds). */
function sourceParameter(external: Loose): { readonly source: string; readonly ref: string; readonly commit: string } {
  const source = external["source"];
  return isObject(source) ? material(source) : material({ uri: source });
}

function material(value: unknown): { readonly source: string; readonly ref: string; readonly commit: string } {
  if (!isObject(value)) return { source: "", ref: "", commit: "" };
  const digest = member(value, "digest");
  return { ...splitSource(text(value["uri"])), commit: text(digest["gitCommit"]) || text(digest["sha1"]) };
}

/** `git+https://host/owner/name.git@refs/tags/v1` into the plain address and the ref (SPDX's form of a download location). */
export function splitSource(uri: string): { readonly source: string; readonly ref: string } {
  const at = uri.lastIndexOf("@");
  const hasRef = at > uri.lastIndexOf("://") + 2 && uri.slice(at + 1).startsWith("refs/");
  return { source: plainAddress(hasRef ? uri.slice(0, at) : uri), ref: hasRef ? uri.slice(at + 1) : "" };
}

/** An address of a repository without what does not change which one it is: `git+`, `.git`, a slash at the end. */
export function plainAddress(address: string): string {
  return address
    .replace(/^git\+/, "")
    .replace(/\/$/, "")
    .replace(/\.git$/, "");
}

/** `owner/name/.github/workflows/x.yml@refs/tags/v1` and plain paths into `.github/workflows/x.yml`. */
function workflowPath(entry: string): string {
  const path = entry.split("@")[0] ?? "";
  const at = path.indexOf(".github/workflows/");
  return at > 0 ? path.slice(at) : path;
}

/** npm's builders carry the kind of machine at the end of their name. */
const runnerOf = (builder: string): string => /^https:\/\/github\.com\/actions\/runner\/([\w-]+)$/.exec(builder)?.[1] ?? "";

/** The run's address: given as such, or as `RUN-ATTEMPT`, or by the run's variables. */
function runAddress(stated: string, repository: string, env: Variables): string {
  if (stated.startsWith("https://")) return stated;
  const [run = "", attempt = ""] = /^\d+-\d+$/.test(stated) ? stated.split("-") : [env("RUN_ID"), env("RUN_ATTEMPT")];
  return run === "" || attempt === "" || repository === "" ? stated : `${repository}/actions/runs/${run}/attempts/${attempt}`;
}

/** What was given in by hand when the workflow was started: in the event's payload, or as parameters. */
function inputsOf(parameters: Loose, around: Loose): Readonly<Record<string, string>> {
  const payload = own(around, "GITHUB_EVENT_PAYLOAD") ?? own(around, "github_event_payload");
  const given = isObject(payload) && isObject(payload["inputs"]) ? payload["inputs"] : parameters;
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, asText(value)]));
}

function unknownOf(buildType: string, parameters: Loose): readonly string[] {
  const known = definedParameters.get(buildType);
  return Object.keys(parameters)
    .filter((name) => known?.has(name) !== true)
    .toSorted();
}

function contradictionsOf(places: readonly string[], commits: readonly string[]): readonly string[] {
  return [...differing(places), ...differing(commits)];
}

function differing(values: readonly string[]): readonly string[] {
  const different = new Set(values.filter((value) => value !== ""));
  return different.size > 1 ? [...different] : [];
}

const isObject = (value: unknown): value is Loose => typeof value === "object" && value !== null && !Array.isArray(value);
const own = (record: Loose, name: string): unknown => (Object.hasOwn(record, name) ? record[name] : undefined);
const member = (record: Loose, name: string): Loose => {
  const value = own(record, name);
  return isObject(value) ? value : {};
};
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
/** Ids are written as text by some and as numbers by others. */
const text = (value: unknown): string => (typeof value === "string" ? value : typeof value === "number" ? String(value) : "");
const asText = (value: unknown): string => (typeof value === "string" ? value : (JSON.stringify(value) ?? ""));
