import assert from "node:assert/strict";
import { test } from "node:test";
import type { AttestationClaim, LevelVerdict } from "../../model/index.ts";
import { builders } from "./builders.ts";
import { buildLevel, levelOf } from "./level.ts";
import { claim, GENERATOR } from "./testing.ts";

const unmet = (verdict: LevelVerdict): readonly string[] => verdict.requirements.filter(({ met }) => met !== true).map(({ id }) => id);
const generic = { buildType: "https://github.com/slsa-framework/slsa-github-generator/generic@v1", runner: "" };

test("npm's own provenance from GitHub's machines is level 2, and no policy makes it 3", () => {
  const one = claim();
  assert.equal(levelOf(one).level, 2);
  assert.equal(levelOf(one).row, "npm-github");
  assert.equal(levelOf(one, { trustedBuilders: [one.signer?.identity ?? ""] }).level, 2);
  assert.deepEqual(unmet(levelOf(one)), ["unforgeable", "isolated"]);
});

test("slsa-github-generator at a release tag is level 3; at a branch, or under another name, it is not", () => {
  const at = (identity: string): AttestationClaim => claim({ identity, workflow: identity }, { ...generic, builder: identity });
  assert.equal(levelOf(at(GENERATOR)).level, 3);
  assert.equal(levelOf(at(GENERATOR.replace("refs/tags/v2.1.0", "refs/heads/main"))).level, 1);
  assert.equal(levelOf(at(GENERATOR.replace("refs/tags/v2.1.0", "refs/tags/v2"))).level, 1);
  assert.equal(levelOf(at(GENERATOR.replace("slsa-framework", "slsa-framework2"))).level, 1);
  assert.equal(levelOf(at(`${GENERATOR.replace("https://github.com/", "https://github.com/evil/")}`)).level, 1);
  // The statement may not name a builder other than the one that signed.
  assert.equal(levelOf(claim({ identity: GENERATOR }, { ...generic, builder: GENERATOR.replace("2.1.0", "2.0.0") })).level, 1);
});

test("GitHub's attestation is level 2 in the caller's workflow, and 3 only in a reusable one that the policy names", () => {
  const shared = "https://github.com/platform/build/.github/workflows/build.yml@refs/tags/v3.0.1";
  const attestation = { buildType: "https://actions.github.io/buildtypes/workflow/v1" };
  const own = claim();
  const called = claim({ identity: shared, workflow: shared }, { ...attestation, builder: shared });
  assert.equal(levelOf(claim({}, { ...attestation, builder: own.signer?.identity ?? "" })).level, 2);
  assert.equal(levelOf(called).level, 2);
  assert.equal(levelOf(called, { trustedBuilders: [shared.split("@")[0] ?? ""] }).level, 3);
  assert.equal(levelOf(called, { trustedBuilders: [shared] }).level, 3);
  assert.equal(levelOf(called, { trustedBuilders: [shared.replace("v3.0.1", "v3.0.0")] }).level, 2);
  // Trusting a workflow is not trusting whatever stands at a branch of it.
  const moving = shared.replace("refs/tags/v3.0.1", "refs/heads/main");
  assert.equal(
    levelOf(claim({ identity: moving }, { ...attestation, builder: moving }), { trustedBuilders: [shared.split("@")[0] ?? ""] }).level,
    2,
  );
});

test("what is not shown is not met: a machine that nobody names, a machine of one's own, a builder that nobody knows", () => {
  const unnamed = levelOf(
    claim({ runner: "" }, { builder: "https://github.com/actions/runner", runner: "", buildType: "https://github.com/npm/cli/gha/v2" }),
  );
  assert.equal(unnamed.level, 1);
  assert.deepEqual(unmet(unnamed).slice(0, 1), ["hosted"]);
  assert.equal(
    levelOf(claim({ runner: "self-hosted" }, { builder: "https://github.com/actions/runner/self-hosted", runner: "self-hosted" })).row,
    "self-hosted",
  );
  assert.equal(
    levelOf(claim({ runner: "self-hosted" }, { builder: "https://github.com/actions/runner/self-hosted", runner: "self-hosted" })).level,
    1,
  );
  assert.equal(levelOf(claim({}, { builder: "https://builder.example/" })).level, 1);
  assert.equal(levelOf(claim({ issuer: "https://issuer.example" })).level, 1);
  assert.equal(
    levelOf(claim({}, { trigger: "pull_request_target" })).level,
    0,
    "and a statement that its certificate contradicts shows nothing",
  );
});

test("a statement that the certificate contradicts, in any of what both say, is level 0", () => {
  for (const change of [
    { source: "https://github.com/owner/other" },
    { ref: "refs/heads/main" },
    { commit: "dead" },
    { trigger: "push" },
    { sourceId: "12" },
    { ownerId: "23" },
    { run: "https://github.com/owner/thing/actions/runs/8/attempts/1" },
    { runner: "self-hosted" },
    { workflow: ".github/workflows/other.yml" },
  ])
    assert.equal(levelOf(claim({}, change)).level, 0, JSON.stringify(change));
});

test("a refused statement, one that says nothing of a build, and none are level 0; the best of several counts", () => {
  const refusal = { code: "signature-invalid", message: "the signature is wrong" };
  const refused = claim({}, {}, { refusal });
  assert.equal(levelOf(refused).level, 0);
  assert.match(levelOf(refused).requirements[0]?.because ?? "", /the signature is wrong/);
  assert.equal(levelOf(claim({}, {}, { states: "publish" })).level, 0);
  assert.equal(buildLevel([]).level, 0);
  assert.equal(buildLevel([refused, claim()]).level, 2);
  assert.equal(buildLevel([claim(), refused]).level, 2);
});

test("no row's word goes above what the requirements show, and every row says where it is written", () => {
  assert.equal(levelOf(claim({ identity: GENERATOR }, { ...generic, builder: GENERATOR, unknownParameters: ["x"] })).level, 2);
  assert.equal(levelOf(claim({ identity: GENERATOR, trigger: "" }, { ...generic, builder: GENERATOR, trigger: "" })).level, 2);
  for (const row of builders) assert.match(row.source, /^https:\/\//, row.id);
  assert.equal(new Set(builders.map(({ id }) => id)).size, builders.length);
});
