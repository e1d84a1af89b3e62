import assert from "node:assert/strict";
import { test } from "node:test";
import type { AttestationClaim, CheckInput, Evidence, ProvenanceEvidence, PublisherClaim } from "../../model/index.ts";
import { inputOf, manifestOf, onlyFinding, releaseOf } from "../testing.ts";
import { oneAccount } from "./one-account.ts";
import { oneBuilder } from "./one-builder.ts";

const COUNT = 24;
const names = Array.from({ length: COUNT }, (_, i) => `p${i}`);
const packages = Object.fromEntries([
  ...names.map((name) => [`node_modules/${name}`, {}] as const),
  ["node_modules/top", { dependencies: { p0: "*" } }] as const,
]);
const fixture = { dependencies: { top: "*", p1: "*", p23: "*" }, packages };

const person = (name: string): PublisherClaim => ({ name, email: `${name}@people.example` });

/** One account may publish the first eight, twelve have one of their own, four are shared by two, and of `top` nobody says. */
const accounts = (i: number): readonly PublisherClaim[] =>
  i < 8 ? [person("quiet-giant")] : i < 20 ? [person(`solo-${i}`)] : [person("left"), person("right")];

test("accounts are counted, what stands on the largest is counted, and nobody is named", () => {
  const releases = names.map((name, i) => releaseOf(manifestOf(name, "1.0.0"), { maintainers: accounts(i) }));
  const finding = onlyFinding(oneAccount.run(inputOf(fixture, { releases: [...releases, releaseOf(manifestOf("top", "1.0.0"))] })));
  assert.equal(
    finding.message,
    "20 of 24 packages can be published by one account alone. The account that can publish most of them can publish 8, and 2 of your 3 direct dependencies are or stand on one of those; 2 accounts together can publish half. For 1 the registry does not say.",
  );
  assert.equal(finding.severity, "info");
  assert.ok(!/quiet-giant|solo|people\.example/.test(JSON.stringify(finding)));
});

test("where the registry names nobody, or few, nothing is said and nothing is left open that other rules leave open", () => {
  assert.deepEqual(oneAccount.run(inputOf(fixture)), { findings: [], unanswered: [], asked: 0, answered: 0 });
});

const attested = (builder: string, refused = false): ProvenanceEvidence => {
  const claim = {
    kind: "attestation",
    states: "build",
    build: { builder },
    ...(refused ? { refusal: { code: "x", message: "x" } } : {}),
  } as unknown as AttestationClaim;
  const evidence: Evidence<AttestationClaim> = { subject: { purl: "" }, claim, source: "", observedAt: "", strength: "verified" };
  return { signatures: [], attestations: [evidence], expectations: [] };
};

const provenance: NonNullable<CheckInput["evidence"]["provenance"]> = (purl) => {
  const i = Number(/p(\d+)@/.exec(purl)?.[1] ?? NaN);
  if (i < 12) return attested("https://github.com/actions/runner/github-hosted");
  if (i < 16) return attested("https://gitlab.com/gitlab-org/gitlab-runner");
  if (i < 20) return attested("https://github.com/actions/runner/github-hosted", true);
  return { unavailable: true, code: "source/not-found", because: "there is none" };
};

test("builders count only where an attestation holds, and the rest is said to prove nothing", () => {
  const input = inputOf(fixture);
  const finding = onlyFinding(oneBuilder.run({ ...input, evidence: { ...input.evidence, provenance } }));
  assert.equal(
    finding.message,
    "12 of the 16 packages that prove where they were built were built by github.com; 1 more stand on them, and 2 of your 3 direct dependencies are among or on them. Of 9 nobody proves where they were built.",
  );
});

test("without provenance there is nothing to say of builders", () => {
  assert.deepEqual(oneBuilder.run(inputOf(fixture)).findings, []);
});
