import assert from "node:assert/strict";
import { test } from "node:test";
import type {
  ArtifactClaim,
  AttestationClaim,
  Evidence,
  RegistryReleaseClaim,
  RegistrySignatureClaim,
  Trace,
  TraceStep,
  TracedFile,
} from "../../model/index.ts";
import { nobody } from "../../checks/provenance/claim.ts";
import type { WorkflowRun } from "../../sources/github-run.ts";
import type { WayFacts } from "./way-facts.ts";
import { drawWay } from "./way.ts";

const commit = "a".repeat(40);
const other = "b".repeat(40);
const purl = "pkg:npm/brook@1.0.0";
const source = "https://github.com/river/brook";
const run = `${source}/actions/runs/1/attempts/1`;
const sha512 = "0f".repeat(64);
const integrity = `sha512-${Buffer.from(sha512, "hex").toString("base64")}`;

const manifest = {
  name: "brook",
  version: "1.0.0",
  dependencies: {},
  optionalDependencies: {},
  peerDependencies: {},
  bundleDependencies: [],
  scripts: {},
  bin: {},
  repository: `git+${source}.git`,
};
const artifact: ArtifactClaim = {
  kind: "artifact",
  url: "t",
  size: 1,
  sha1: "01",
  sha256: "02",
  sha512,
  files: 1,
  unpackedSize: 1,
  manifest,
  hazards: [],
};
const release: RegistryReleaseClaim = {
  kind: "registry-release",
  manifest,
  tarball: "t",
  integrity,
  shasum: "01",
  signatures: [],
  published: "2026-02-01T00:00:00.000Z",
};
const attestation = (over: Partial<AttestationClaim>): AttestationClaim => ({
  kind: "attestation",
  states: "build",
  predicateType: "https://slsa.dev/provenance/v1",
  signer: {
    ...nobody,
    identity: "w",
    workflow: `${source}/w.yml@refs/tags/v1.0.0`,
    source,
    commit,
    run,
    trigger: "release",
    runner: "github-hosted",
  },
  build: {
    version: "1",
    buildType: "",
    builder: "",
    source,
    ref: "refs/tags/v1.0.0",
    commit,
    workflow: "",
    trigger: "",
    sourceId: "",
    ownerId: "",
    runner: "",
    run,
    inputs: {},
    unknownParameters: [],
    contradictions: [],
  },
  publish: null,
  subjects: [{ name: purl, digest: { sha512 } }],
  disagreements: [],
  signedAt: "2026-02-01T00:00:00.000Z",
  timeFrom: "",
  content: "",
  ...over,
});
const publishing = (over: Partial<AttestationClaim>): AttestationClaim =>
  attestation({
    states: "publish",
    build: null,
    publish: { name: "brook", version: "1.0.0", registry: "https://registry.example" },
    ...over,
  });
const signature = (over: Partial<RegistrySignatureClaim>): RegistrySignatureClaim => ({
  kind: "registry-signature",
  keyid: "k",
  integrity,
  keyFrom: "pinned",
  ...over,
});

const evidence = <C extends Evidence["claim"]>(claim: C): Evidence<C> => ({
  subject: { purl },
  claim,
  source: "s",
  observedAt: "2026-02-02T00:00:00.000Z",
  strength: "verified",
});
const proofs = (signatures: readonly RegistrySignatureClaim[], attestations: readonly AttestationClaim[]): WayFacts["provenance"] => ({
  signatures: signatures.map(evidence),
  attestations: attestations.map(evidence),
  expectations: [],
});

const tag = { name: "v1.0.0", commit, made: "", annotated: false };
const repository: NonNullable<WayFacts["repository"]> = {
  name: source,
  present: true,
  shallow: false,
  committed: "2026-01-01T00:00:00.000Z",
  signed: false,
  branches: ["main"],
  tagsWith: ["v1.0.0"],
  versionTags: [tag],
  seenBefore: {},
  track: null,
};
const file: TracedFile = { path: "package.json", state: "in-tree", size: 1, blob: "c", at: "package.json", how: "" };
const facts: WayFacts = {
  kind: "package",
  purl,
  name: "brook",
  version: "1.0.0",
  artifact,
  release: evidence(release),
  provenance: proofs([signature({})], [attestation({}), publishing({})]),
  run: null,
  gitHead: "",
  attested: commit,
  repository,
  source: { kind: "git", name: source, commit, by: "provenance", directory: "", files: 1 },
  archive: null,
  noSource: "",
  files: [file],
  rebuild: null,
};

/** What GitHub says of the run when everything is as it should be. */
const record: WorkflowRun = {
  source: "a",
  observedAt: "2026-02-02T00:00:00.000Z",
  conclusion: "success",
  commit,
  event: "release",
  path: "w.yml",
  repositoryId: "7",
  fromRepositoryId: "7",
  fromRepository: "river/brook",
  jobs: [],
};
const bound = attestation({});
const signed = proofs(
  [signature({})],
  [{ ...bound, signer: { ...(bound.signer ?? nobody), sourceId: "7", config: `${source}/w.yml@refs/tags/v1.0.0` } }, publishing({})],
);
const job = { name: "publish", conclusion: "success", started: "2026-01-31T23:59:00Z", completed: "2026-02-01T00:01:00Z" };
const earlier = { name: "test", conclusion: "failure", started: "2026-01-31T23:00:00Z", completed: "2026-01-31T23:10:00Z" };

const stateOf = (way: Trace, id: TraceStep["id"]): string => way.steps.find((step) => step.id === id)?.state ?? "";

test("where everything holds, every step is verified or seen, and the release is traced", () => {
  const way = drawWay(facts);
  assert.equal(way.verdict, "traced");
  assert.deepEqual(
    way.steps.map(({ id, state }) => `${id} ${state}`),
    [
      "bytes verified",
      "registry-signature verified",
      "publish-attestation verified",
      "provenance verified",
      "run verified",
      "commit verified",
      "tag observed",
      "branch observed",
      "source-track unknown",
      "files observed",
      "rebuild unknown",
    ],
  );
});

const wrong = { code: "signature-invalid", message: "wrong" };
const subjects = [{ name: purl, digest: { sha512: "00".repeat(64) } }];
const build = attestation({}).build;

const breaks: readonly (readonly [string, TraceStep["id"], Partial<WayFacts>])[] = [
  ["other bytes than were published", "bytes", { artifact: { ...artifact, sha512: "1f".repeat(64) } }],
  ["another package inside", "bytes", { artifact: { ...artifact, manifest: { ...manifest, version: "1.0.1" } } }],
  ["no package.json", "bytes", { artifact: { ...artifact, manifest: null } }],
  ["two entries of one name", "bytes", { artifact: { ...artifact, hazards: [{ kind: "duplicate-entry", path: "a", detail: "twice" }] } }],
  ["a wrong registry signature", "registry-signature", { provenance: proofs([signature({ refusal: wrong })], []) }],
  ["a registry signature on other bytes", "registry-signature", { provenance: proofs([signature({ integrity: "sha512-AAAA" })], []) }],
  ["a publish attestation of other bytes", "publish-attestation", { provenance: proofs([], [publishing({ subjects })]) }],
  [
    "a publish attestation of another release",
    "publish-attestation",
    { provenance: proofs([], [publishing({ publish: { name: "brook", version: "2.0.0", registry: "" } })]) },
  ],
  ["provenance of other bytes", "provenance", { provenance: proofs([], [attestation({ subjects })]) }],
  ["a weak digest alone", "provenance", { provenance: proofs([], [attestation({ subjects: [{ name: purl, digest: { sha1: "01" } }] })]) }],
  ["provenance that is forged", "provenance", { provenance: proofs([], [attestation({ refusal: wrong })]) }],
  [
    "provenance that contradicts its certificate",
    "provenance",
    { provenance: proofs([], [attestation({ disagreements: [{ about: "commit", certificate: commit, statement: other }] })]) },
  ],
  [
    "provenance of another repository",
    "provenance",
    { provenance: proofs([], [attestation({ signer: { ...nobody, source: "https://github.com/evil/brook" } })]) },
  ],
  [
    "provenance with two sources",
    "provenance",
    { provenance: proofs([], [attestation({ build: build === null ? null : { ...build, contradictions: ["a", "b"] } })]) },
  ],
  ["a run of another commit", "run", { provenance: signed, run: { ...record, commit: other } }],
  ["a run that something else started", "run", { provenance: signed, run: { ...record, event: "push" } }],
  ["a run of another repository", "run", { provenance: signed, run: { ...record, repositoryId: "8", fromRepositoryId: "8" } }],
  ["a run of what a fork had sent", "run", { provenance: signed, run: { ...record, fromRepositoryId: "9", fromRepository: "evil/brook" } }],
  ["a run of another workflow", "run", { provenance: signed, run: { ...record, path: "other.yml" } }],
  ["a commit that is not there", "commit", { repository: { ...repository, present: false } }],
  ["a commit other than the attested", "commit", { attested: other }],
  ["a commit from after the release", "commit", { repository: { ...repository, committed: "2026-03-01T00:00:00.000Z" } }],
  ["a tag at another commit", "tag", { repository: { ...repository, versionTags: [{ ...tag, commit: other }] } }],
  ["a tag that was elsewhere", "tag", { repository: { ...repository, seenBefore: { "v1.0.0": other } } }],
  ["a tag that is gone", "tag", { repository: { ...repository, versionTags: [] } }],
  ["a commit on no branch", "branch", { repository: { ...repository, branches: [], tagsWith: [] } }],
  ["an unexplained file", "files", { files: [file, { ...file, path: "x.js", state: "unexplained" }] }],
  ["a missing file", "files", { files: [file, { ...file, path: "x.js", state: "missing" }] }],
];

for (const [what, id, over] of breaks)
  test(`${what} breaks the way at "${id}", and the verdict says so`, () => {
    const way = drawWay({ ...facts, ...over });
    assert.equal(stateOf(way, id), "broken");
    assert.equal(way.verdict, "broken");
    assert.ok(way.because.length > 0);
  });

test("what could not be looked at is unknown and never fine", () => {
  const unavailable = { unavailable: true as const, code: "source/offline", because: "It is offline." };
  const blind = drawWay({
    ...facts,
    release: unavailable,
    provenance: unavailable,
    attested: "",
    repository: null,
    source: null,
    files: [],
    noSource: "No source.",
  });
  assert.deepEqual(new Set(blind.steps.map(({ state }) => state)), new Set(["unknown"]));
  assert.equal(blind.verdict, "open");
  const stranger = drawWay({ ...facts, provenance: proofs([signature({ refusal: { code: "key-missing", message: "not known" } })], []) });
  assert.equal(stateOf(stranger, "registry-signature"), "unknown");
  const shallow = drawWay({ ...facts, repository: { ...repository, shallow: true, present: false } });
  assert.equal(stateOf(shallow, "commit"), "unknown");
  assert.equal(drawWay({ ...facts, files: [file, { ...file, path: "dist/x.js", state: "generated" }] }).verdict, "open");
});

/** The run's step, how the run ended, and the verdict. */
const ended = (run: WayFacts["run"]): readonly [string, string, string] => {
  const way = drawWay({ ...facts, provenance: signed, run });
  const step = way.steps.find(({ id }) => id === "run");
  return [step?.state ?? "", step?.facts["outcome"] ?? "", way.verdict];
};

test("how the run ended counts: a release out of a run that failed is not traced, unless the job that made it succeeded", () => {
  assert.deepEqual(ended(record), ["verified", "success", "traced"]);
  assert.deepEqual(ended({ ...record, conclusion: "failure", jobs: [job, earlier] }), ["verified", "failure", "traced"]);
  assert.deepEqual(ended({ ...record, conclusion: "failure", jobs: [{ ...job, conclusion: "failure" }] }), ["unknown", "failure", "open"]);
  assert.deepEqual(ended({ ...record, conclusion: "failure", jobs: [earlier] }), ["unknown", "failure", "open"], "no job was running then");
  assert.deepEqual(ended({ ...record, conclusion: "cancelled", jobs: [] }), ["unknown", "cancelled", "open"]);
  assert.deepEqual(ended({ ...record, conclusion: "" }), ["unknown", "running", "open"]);
  assert.deepEqual(ended({ unavailable: true, code: "source/offline", because: "It is offline." }), ["verified", "unknown", "traced"]);
});
