import assert from "node:assert/strict";
import { test } from "node:test";
import { splitWorkflow } from "./agreement.ts";
import { buildFacts, kindOfPredicate, splitSource } from "./build-facts.ts";

const COMMIT = "0123456789012345678901234567890123456789";
const V1 = "https://slsa.dev/provenance/v1";
const V02 = "https://slsa.dev/provenance/v0.2";

const npm1 = {
  buildDefinition: {
    buildType: "https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1",
    externalParameters: {
      workflow: { ref: "refs/tags/v1.0.0", repository: "https://github.com/owner/thing", path: ".github/workflows/r.yml" },
    },
    internalParameters: { github: { event_name: "release", repository_id: "11", repository_owner_id: "22" } },
    resolvedDependencies: [{ uri: "git+https://github.com/owner/thing@refs/tags/v1.0.0", digest: { gitCommit: COMMIT } }],
  },
  runDetails: {
    builder: { id: "https://github.com/actions/runner/github-hosted" },
    metadata: { invocationId: "https://github.com/owner/thing/actions/runs/7/attempts/2" },
  },
};
const npm02 = {
  buildType: "https://github.com/npm/cli/gha/v2",
  builder: { id: "https://github.com/actions/runner" },
  invocation: {
    configSource: {
      uri: "git+https://github.com/owner/thing@refs/tags/v1.0.0",
      digest: { sha1: COMMIT },
      entryPoint: "owner/thing/.github/workflows/r.yml@refs/tags/v1.0.0",
    },
    parameters: {},
    environment: {
      GITHUB_EVENT_NAME: "release",
      GITHUB_REF: "refs/tags/v1.0.0",
      GITHUB_REPOSITORY: "owner/thing",
      GITHUB_REPOSITORY_ID: "11",
      GITHUB_REPOSITORY_OWNER_ID: "22",
      GITHUB_RUN_ATTEMPT: "2",
      GITHUB_RUN_ID: "7",
      GITHUB_SHA: COMMIT,
    },
  },
  metadata: { buildInvocationId: "7-2" },
  materials: [{ uri: "git+https://github.com/owner/thing@refs/tags/v1.0.0", digest: { sha1: COMMIT } }],
};

test("the same build is read alike from both versions of the predicate", () => {
  const one = buildFacts(V1, npm1);
  const two = buildFacts(V02, npm02);
  assert.ok(one !== null && two !== null);
  const shared = ({
    source,
    ref,
    commit,
    workflow,
    trigger,
    sourceId,
    ownerId,
    run,
    unknownParameters,
    contradictions,
  }: typeof one): object => ({ source, ref, commit, workflow, trigger, sourceId, ownerId, run, unknownParameters, contradictions });
  assert.deepEqual(shared(one), shared(two));
  assert.deepEqual(shared(one), {
    source: "https://github.com/owner/thing",
    ref: "refs/tags/v1.0.0",
    commit: COMMIT,
    workflow: ".github/workflows/r.yml",
    trigger: "release",
    sourceId: "11",
    ownerId: "22",
    run: "https://github.com/owner/thing/actions/runs/7/attempts/2",
    unknownParameters: [],
    contradictions: [],
  });
});

test("a statement that names two sources or two commits says so", () => {
  const other = {
    ...npm1.buildDefinition,
    resolvedDependencies: [{ uri: "git+https://github.com/evil/thing@refs/tags/v1.0.0", digest: { gitCommit: COMMIT } }],
  };
  assert.deepEqual(buildFacts(V1, { ...npm1, buildDefinition: other })?.contradictions, [
    "https://github.com/owner/thing",
    "https://github.com/evil/thing",
  ]);
  const commits = { ...npm02, materials: [{ uri: npm02.materials[0]?.uri, digest: { sha1: "f".repeat(40) } }] };
  assert.deepEqual(buildFacts(V02, commits)?.contradictions, [COMMIT, "f".repeat(40)]);
});

test("parameters that the build type does not define are named, and of a build type that nobody knows all are", () => {
  const more = { ...npm1.buildDefinition, externalParameters: { ...npm1.buildDefinition.externalParameters, cache: "shared" } };
  assert.deepEqual(buildFacts(V1, { ...npm1, buildDefinition: more })?.unknownParameters, ["cache"]);
  assert.deepEqual(buildFacts(V1, { ...npm1, buildDefinition: { ...more, buildType: "https://other.example/" } })?.unknownParameters, [
    "cache",
    "workflow",
  ]);
});

test("GitLab's variables and the generator's lower-case ones are read as well", () => {
  const gitlab = buildFacts(V02, {
    buildType: "https://github.com/npm/cli/gitlab/v0alpha1",
    builder: { id: "https://gitlab.com/group/thing/-/runners/12270848" },
    invocation: {
      configSource: { uri: "git+https://gitlab.com/group/thing", digest: { sha1: COMMIT }, entryPoint: "publish" },
      parameters: { CI_COMMIT_TAG: "v1.0.0", CI_PIPELINE_SOURCE: "push", CI_PROJECT_ID: 5, CI_COMMIT_SHA: COMMIT },
    },
  });
  assert.deepEqual(
    [gitlab?.source, gitlab?.ref, gitlab?.trigger, gitlab?.sourceId],
    ["https://gitlab.com/group/thing", "refs/tags/v1.0.0", "push", "5"],
  );
  const go = buildFacts(V02, {
    buildType: "https://github.com/slsa-framework/slsa-github-generator/go@v1",
    builder: { id: "x" },
    invocation: {
      configSource: {},
      environment: {
        github_ref: "refs/heads/main",
        github_event_name: "workflow_dispatch",
        github_sha1: COMMIT,
        github_event_payload: { inputs: { level: 3 } },
      },
    },
  });
  assert.deepEqual([go?.ref, go?.trigger, go?.commit, go?.inputs], ["refs/heads/main", "workflow_dispatch", COMMIT, { level: "3" }]);
});

test("what is no predicate, or lacks builder or build type, gives nothing; hostile members give nothing either", () => {
  for (const bad of [null, [], "x", {}, { buildDefinition: { buildType: "x" } }, { runDetails: { builder: { id: "x" } } }])
    assert.equal(buildFacts(V1, bad), null);
  assert.equal(buildFacts("https://slsa.dev/provenance/v1.0", npm1), null, "witness's own type is not the specification's");
  const hostile = JSON.parse(
    '{"buildType":"x","builder":{"id":"y"},"invocation":{"parameters":{"__proto__":{"a":1},"inputs":{"__proto__":"z"}},"environment":[],"configSource":"?"},"materials":{}}',
  ) as unknown;
  const facts = buildFacts(V02, hostile);
  assert.deepEqual(facts?.unknownParameters, ["__proto__", "inputs"]);
  assert.deepEqual(Object.keys(facts?.inputs ?? {}), ["__proto__"]);
  assert.equal(({} as Record<string, unknown>)["a"], undefined);
});

test("predicates are told apart by their types, sources and workflows taken apart at the right places", () => {
  assert.equal(kindOfPredicate("https://github.com/npm/attestation/tree/main/specs/publish/v0.1"), "publish");
  assert.equal(kindOfPredicate("https://docs.pypi.org/attestations/publish/v1"), "publish");
  assert.equal(kindOfPredicate("https://slsa.dev/verification_summary/v1"), "summary");
  assert.equal(kindOfPredicate("https://slsa.dev/provenance/v1.0"), "other");
  assert.deepEqual(splitSource("git+ssh://git@host.example/o/n.git@refs/heads/a@b"), {
    source: "ssh://git@host.example/o/n.git@refs/heads/a@b",
    ref: "",
  });
  assert.deepEqual(splitSource("git+https://host.example/o/n.git@refs/heads/main"), {
    source: "https://host.example/o/n",
    ref: "refs/heads/main",
  });
  assert.deepEqual(splitWorkflow("https://gitlab.com/g/s/p//.gitlab-ci.yml@refs/heads/main"), {
    repository: "https://gitlab.com/g/s/p",
    path: ".gitlab-ci.yml",
    ref: "refs/heads/main",
  });
});
