import assert from "node:assert/strict";
import { test } from "node:test";
import { gone, manifestOf, offline, onlyFinding, releaseOf } from "../testing.ts";
import { attestationInvalid } from "./attestation-invalid.ts";
import { buildLevelRule, summaryOf } from "./build-level.ts";
import { foreignTrigger } from "./foreign-trigger.ts";
import { lost } from "./lost.ts";
import { registrySignature } from "./registry-signature.ts";
import { sourceChanged } from "./source-changed.ts";
import { sourceMismatch } from "./source-mismatch.ts";
import { askOrigin, attested, claim, GENERATOR, learnt, origin, registrySigned } from "./testing.ts";

const wrong = { code: "signature-invalid", message: "the signature is wrong" };
const strange = { code: "key-missing", message: "the key is not known" };
const two = {
  packages: {
    "node_modules/a": {},
    "node_modules/b": {},
    "node_modules/c": {},
    "node_modules/own": { origin: { kind: "directory", path: "own" } as const },
  },
};
const at = (version: string) => ({ packages: { "node_modules/a": { version } } });

const fromRepository = (repository: string) =>
  askOrigin(sourceMismatch, origin({ attestations: [attested(claim())] }), {}, undefined, {
    releases: [releaseOf(manifestOf("a", "1.0.0", { repository }))],
  });
const next = (who: Parameters<typeof claim>[0], how: Parameters<typeof claim>[1] = {}) =>
  origin({ attestations: [attested(claim(who, how), "a", "1.1.0")], expectations: [learnt("1.0.0")] });
const after = (who: Parameters<typeof claim>[0], how: Parameters<typeof claim>[1]) =>
  origin({ attestations: [attested(claim(who, how))], expectations: [learnt("1.0.0")] });

test("a registry's wrong signature is critical, one by an unknown key is open, none is not asked about", () => {
  assert.deepEqual(askOrigin(registrySignature, origin({ signatures: [registrySigned()] })).findings, []);
  assert.equal(onlyFinding(askOrigin(registrySignature, origin({ signatures: [registrySigned(wrong)] }))).severity, "critical");
  assert.equal(
    onlyFinding(askOrigin(registrySignature, origin({ signatures: [registrySigned(), registrySigned(wrong)] }))).severity,
    "high",
  );
  const open = askOrigin(registrySignature, origin({ signatures: [registrySigned(strange)] }));
  assert.deepEqual([open.findings.length, open.asked, open.answered], [0, 1, 0]);
  // While keys change over, a release has one signature that we know and one that we do not.
  assert.equal(askOrigin(registrySignature, origin({ signatures: [registrySigned(strange), registrySigned()] })).answered, 1);
  assert.equal(askOrigin(registrySignature, origin()).asked, 0);
});

test("an attestation that does not hold, or that its certificate contradicts, is critical; one of a newer form is open", () => {
  assert.deepEqual(askOrigin(attestationInvalid, origin({ attestations: [attested(claim())] })).findings, []);
  assert.match(
    onlyFinding(askOrigin(attestationInvalid, origin({ attestations: [attested(claim({}, {}, { refusal: wrong }))] }))).message,
    /the signature is wrong/,
  );
  const contradicted = onlyFinding(
    askOrigin(attestationInvalid, origin({ attestations: [attested(claim({}, { source: "https://github.com/evil/thing" }))] })),
  );
  assert.equal(contradicted.severity, "critical");
  assert.match(contradicted.message, /repository https:\/\/github\.com\/owner\/thing against https:\/\/github\.com\/evil\/thing/);
  const newer = askOrigin(
    attestationInvalid,
    origin({ attestations: [attested(claim({}, {}, { refusal: { code: "bundle-version", message: "new" } }))] }),
  );
  assert.deepEqual([newer.findings.length, newer.unanswered.length], [0, 1]);
});

test("what was built elsewhere than the manifest says is told, whatever spelling the manifest uses", () => {
  for (const same of [
    "owner/thing",
    "github:owner/thing",
    "git+https://github.com/Owner/Thing.git",
    "git@github.com:owner/thing.git",
    "https://github.com/owner/thing/tree/main/packages/a",
    "ssh://git@github.com/owner/thing.git#main",
    "https://www.github.com/owner/thing/",
  ])
    assert.deepEqual(fromRepository(same).findings, [], same);
  for (const other of [
    "owner/thing2",
    "https://github.com/evil/thing",
    "gitlab:owner/thing",
    "https://github.com.evil.example/owner/thing",
  ])
    assert.match(onlyFinding(fromRepository(other)).message, /was built from github\.com\/owner\/thing/, other);
  assert.equal(fromRepository("see the homepage").asked, 0);
});

test("a source is compared by its ids: a rename is no change, a taken-over name is one", () => {
  assert.deepEqual(askOrigin(sourceChanged, next({}), {}, at("1.1.0")).findings, []);
  const renamed = {
    source: "https://github.com/owner/renamed",
    config: "",
    identity: "https://github.com/owner/renamed/.github/workflows/release.yml@refs/tags/v1.1.0",
  };
  assert.deepEqual(askOrigin(sourceChanged, next(renamed, { source: renamed.source }), {}, at("1.1.0")).findings, []);
  const taken = onlyFinding(
    askOrigin(sourceChanged, next({ sourceId: "99", ownerId: "98" }, { sourceId: "99", ownerId: "98" }), {}, at("1.1.0")),
  );
  assert.equal(taken.severity, "high");
  assert.deepEqual(taken.references, ["repository", "owner"]);
  const workflow = onlyFinding(
    askOrigin(
      sourceChanged,
      next({ config: "https://github.com/owner/thing/.github/workflows/x.yml@refs/tags/v1.0.0" }, { workflow: ".github/workflows/x.yml" }),
      {},
      at("1.1.0"),
    ),
  );
  assert.deepEqual([workflow.severity, workflow.references], ["moderate", ["workflow"]]);
});

test("another release line may be built in another way, but not in another repository; and no release is held to its successors", () => {
  const elsewhere = { config: "https://github.com/owner/thing/.github/workflows/old.yml@refs/tags/v1.0.0" };
  assert.deepEqual(askOrigin(sourceChanged, after(elsewhere, { workflow: ".github/workflows/old.yml" }), {}, at("2.0.0")).findings, []);
  assert.equal(askOrigin(sourceChanged, after({ sourceId: "99" }, { sourceId: "99" }), {}, at("2.0.0")).findings.length, 1);
  assert.equal(askOrigin(sourceChanged, after({ sourceId: "99" }, { sourceId: "99" }), {}, at("0.9.0")).asked, 0);
});

test("a release without provenance after one that had it has lost it; one from before it has not", () => {
  const known = origin({ expectations: [learnt("1.2.0")] });
  assert.match(onlyFinding(askOrigin(lost, known, {}, at("1.3.0"))).message, /1\.2\.0, before it/);
  assert.deepEqual(askOrigin(lost, known, {}, at("1.1.0")).findings, []);
  assert.deepEqual(askOrigin(lost, known, {}, at("2.0.0")).findings, []);
  assert.deepEqual(askOrigin(lost, { ...known, attestations: [attested(claim())] }, {}, at("1.3.0")).findings, []);
  assert.deepEqual(askOrigin(lost, offline, {}, at("1.3.0")).findings, [], "what could not be asked is not lost");
});

test("a build that strangers can start is told, with its run", () => {
  assert.deepEqual(askOrigin(foreignTrigger, origin({ attestations: [attested(claim())] })).findings, []);
  const started = { trigger: "pull_request_target" };
  assert.match(
    onlyFinding(askOrigin(foreignTrigger, origin({ attestations: [attested(claim(started, started))] }))).message,
    /pull_request_target.*runs\/7/,
  );
});

test("levels are counted, unknown as unknown, and the project's own folders not at all", () => {
  const known = { "a@1.0.0": origin({ attestations: [attested(claim())] }), "b@1.0.0": origin(), "c@1.0.0": offline };
  const result = askOrigin(buildLevelRule, known, {}, two);
  assert.equal(result.summary, "1 of 3 from a known source: 1 at L2; 1 show no provenance, 1 unknown.");
  assert.deepEqual([result.findings.length, result.asked, result.answered], [0, 3, 2]);
  assert.equal(askOrigin(buildLevelRule, { ...known, "c@1.0.0": gone }, {}, two).answered, 2);
  assert.equal(summaryOf(1204, [792, 0, 381, 31], 0), "412 of 1,204 from a known source: 31 at L3, 381 at L2; 792 show no provenance.");
});

test("a policy that asks for a level makes a finding of each package below it, with what is missing", () => {
  const known = { "a@1.0.0": origin({ attestations: [attested(claim())] }), "b@1.0.0": origin(), "c@1.0.0": offline };
  assert.deepEqual(
    askOrigin(buildLevelRule, known, { minimum: 2 }, two).findings.map(({ subject }) => subject),
    ["pkg:npm/b@1.0.0"],
  );
  const [a] = askOrigin(buildLevelRule, known, { minimum: 3 }, two).findings;
  assert.equal(a?.subject, "pkg:npm/a@1.0.0");
  assert.deepEqual(a?.references, ["unforgeable", "isolated"]);
  const generic = { builder: GENERATOR, buildType: "https://github.com/slsa-framework/slsa-github-generator/generic@v1", runner: "" };
  const generated = origin({ attestations: [attested(claim({ identity: GENERATOR }, generic))] });
  assert.deepEqual(askOrigin(buildLevelRule, generated, { minimum: 3 }).findings, []);
});
