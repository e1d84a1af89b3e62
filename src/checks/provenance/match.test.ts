import assert from "node:assert/strict";
import { test } from "node:test";
import { builderRefusal, mismatches, packageOf, type ProvenanceWishes } from "./match.ts";
import { claim, GENERATOR } from "./testing.ts";

const codes = (wishes: ProvenanceWishes, one = claim()): readonly string[] => mismatches(one, wishes).map(({ code }) => code);

const tagged = (tag: string) => claim({ ref: `refs/tags/${tag}` }, { ref: `refs/tags/${tag}` });

test("a source matches to the letter, with or without its scheme, and nothing that merely begins or ends alike does", () => {
  for (const same of ["github.com/owner/thing", "https://github.com/owner/thing", "git+https://github.com/owner/thing.git"])
    assert.deepEqual(codes({ sourceUri: same }), [], same);
  for (const other of [
    "github.com/owner/thing2",
    "github.com/owner/thin",
    "github.com/Aowner/thing",
    "Agithub.com/owner/thing",
    "github.com/owner/thinG",
    "owner/thing",
    "",
  ])
    assert.deepEqual(codes({ sourceUri: other }), ["source-mismatch"], other);
  assert.deepEqual(codes({ sourceId: "11" }), []);
  assert.deepEqual(codes({ sourceId: "12" }), ["source-mismatch"]);
});

test("identities, issuers and workflows are never patterns", () => {
  const { identity = "" } = claim().signer ?? {};
  assert.deepEqual(codes({ identity, issuer: "https://token.actions.githubusercontent.com" }), []);
  for (const loose of [".*", "https://github.com/owner/thing/", identity.slice(0, -1), `${identity}.`])
    assert.deepEqual(codes({ identity: loose }), ["identity-mismatch"], loose);
  assert.deepEqual(codes({ issuer: "https://token.actions.githubusercontent.com/" }), ["issuer-mismatch"]);
  assert.deepEqual(codes({ signerWorkflow: "github.com/owner/thing/.github/workflows/release.yml" }), []);
  assert.deepEqual(codes({ signerWorkflow: "github.com/owner/thing/.github/workflows/release" }), ["identity-mismatch"]);
});

test("tags match whole, versioned tags part by part, and a branch is no tag", () => {
  assert.deepEqual(codes({ sourceTag: "v1.0.0" }), []);
  assert.deepEqual(codes({ sourceTag: "v1" }), ["tag-mismatch"]);
  for (const [tag, wanted, fits] of [
    ["v13.0.30", "v13", true],
    ["v13.0.30", "v13.0", true],
    ["v13.0.30", "v13.0.30", true],
    ["v13.0.30", "v13.0.3", false],
    ["v13.0.30", "v13.1", false],
    ["v13.0.30", "v1", false],
    ["v14", "v14.0", true],
    ["v14", "v14.1", false],
    ["v14.2", "v14.2.1", false],
    ["release-x", "v1", false],
  ] as const)
    assert.deepEqual(codes({ sourceVersionedTag: wanted }, tagged(tag)), fits ? [] : ["versioned-tag-mismatch"], `${tag} for ${wanted}`);
  const branch = claim({ ref: "refs/heads/main" }, { ref: "refs/heads/main" });
  assert.deepEqual(codes({ sourceTag: "main" }, branch), ["ref-missing"]);
  assert.deepEqual(codes({ sourceBranch: "main" }, branch), []);
  assert.deepEqual(codes({ sourceBranch: "master" }, branch), ["branch-mismatch"]);
  assert.deepEqual(codes({ sourceBranch: "main" }), ["ref-missing"]);
});

test("a builder is named with its ref, exactly, or without one; packages, inputs and machines are compared as they stand", () => {
  const generated = claim({ identity: GENERATOR }, { builder: GENERATOR });
  assert.deepEqual(codes({ builder: GENERATOR }, generated), []);
  assert.deepEqual(codes({ builder: GENERATOR.split("@")[0] ?? "" }, generated), []);
  assert.deepEqual(codes({ builder: GENERATOR.replace("v2.1.0", "v2.0.0") }, generated), ["builder-mismatch"]);
  assert.deepEqual(codes({ builder: "https://github.com/actions/runner" }), ["builder-mismatch"]);
  assert.deepEqual(codes({ packageName: "a", packageVersion: "1.0.0" }), []);
  assert.deepEqual(codes({ packageName: "b", packageVersion: "1.0.1" }), ["package-name-mismatch", "package-version-mismatch"]);
  assert.deepEqual(codes({ workflowInputs: { level: "3" } }, claim({}, { inputs: { level: "3" } })), []);
  assert.deepEqual(codes({ workflowInputs: { level: "3", toString: "x" } }, claim({}, { inputs: { level: "2" } })), [
    "workflow-input-mismatch",
    "workflow-input-mismatch",
  ]);
  assert.deepEqual(codes({ denySelfHosted: true }, claim({ runner: "" })), ["self-hosted"]);
  assert.deepEqual(codes({ sourceUri: "github.com/owner/thing" }, claim({}, {}, { states: "publish", build: null })), ["no-provenance"]);
});

test("whoever is not in the table of builders is refused, unless the user names them", () => {
  assert.equal(builderRefusal(claim(), []), null);
  const stranger = claim(
    { identity: "https://github.com/x/y/.github/workflows/z.yml@refs/tags/v1.0.0" },
    { builder: "https://builder.example/" },
  );
  assert.equal(builderRefusal(stranger, [])?.code, "builder-untrusted");
  assert.equal(builderRefusal(stranger, ["https://github.com/x/y/.github/workflows/z.yml"]), null);
});

test("a package's purl gives npm's own name and version", () => {
  assert.deepEqual(packageOf("pkg:npm/%40scope/name@1.0.0"), { name: "@scope/name", version: "1.0.0" });
  assert.deepEqual(packageOf("pkg:npm/name@1.0.0-rc.1%2Bbuild?x=y"), { name: "name", version: "1.0.0-rc.1+build" });
  assert.deepEqual(packageOf("thing.tar.gz"), { name: "thing.tar.gz", version: "" });
});
