import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { signDsse } from "../attestation/index.ts";
import { testSigstore } from "../attestation/testing.ts";
import { componentLevel } from "../checks/provenance/evidence.ts";
import { type CheckInput, isUnavailable, type Json, type Node, type Project } from "../model/index.ts";
import { defaultPolicy, type Policy, readPolicy } from "../policy/index.ts";
import { type Summaries, trustedSummaries } from "./summaries.ts";

const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const sigstore = testSigstore();
const ID = "https://verifier.example/v1";
const hex = "ab".repeat(64);
const integrity = `sha512-${Buffer.from(hex, "hex").toString("base64")}`;

const node = (component: number, more: Partial<Node> = {}): Node => ({
  kind: "component",
  component,
  name: "",
  version: "1.0.0",
  file: 0,
  place: { file: "package-lock.json" },
  path: "",
  integrity: [integrity],
  resolved: "https://registry.example/a.tgz",
  edges: [],
  scope: "prod",
  direct: true,
  ...more,
});
const component = (name: string, ecosystem = "npm"): Project["components"][number] => ({
  purl: `pkg:${ecosystem === "npm" ? "npm" : "pypi"}/${name}@1.0.0`,
  ecosystem,
  name,
  version: "1.0.0",
  origin: { kind: "registry" },
});
const project: Project = {
  name: "p",
  version: "",
  components: [component("a"), component("unlocked"), component("two", "PyPI")],
  nodes: [
    node(0),
    node(1, { integrity: [] }),
    node(2, {
      integrity: [],
      files: ["11", "22"].map((byte) => ({
        name: `two-${byte}.whl`,
        integrity: `sha256-${Buffer.from(byte.repeat(32), "hex").toString("base64")}`,
      })),
    }),
  ],
  files: [],
  problems: [],
} as unknown as Project;

const summary = (
  over: Readonly<Record<string, Json>> = {},
  digest: Readonly<Record<string, string>> = { sha512: hex },
): { [name: string]: Json } => ({
  _type: "https://in-toto.io/Statement/v1",
  subject: [{ name: "a", digest }],
  predicateType: "https://slsa.dev/verification_summary/v1",
  predicate: {
    verifier: { id: ID },
    timeVerified: "2026-03-01T00:00:00Z",
    resourceUri: "pkg:npm/a@1.0.0",
    policy: { uri: "https://verifier.example/policy" },
    verificationResult: "PASSED",
    verifiedLevels: ["SLSA_BUILD_LEVEL_3"],
    ...over,
  },
});

const byKey = (statement: Json): unknown => signDsse(statement, privateKey);

async function look(t: TestContext, files: Readonly<Record<string, unknown>>, verifier: object = {}): Promise<Summaries> {
  const home = mkdtempSync(join(tmpdir(), "tributary summaries "));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  mkdirSync(join(home, ".tributary", "summaries"), { recursive: true });
  mkdirSync(join(home, "data", "trust", "own"), { recursive: true });
  writeFileSync(join(home, "data", "trust", "own", "root.json"), JSON.stringify(sigstore.rootDocument));
  writeFileSync(join(home, "key.pem"), publicKey.export({ type: "spki", format: "pem" }));
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(home, ".tributary", "summaries", name), typeof content === "string" ? content : JSON.stringify(content));
  const given = { id: ID, key: "key.pem", upTo: "SLSA_BUILD_LEVEL_3", ...verifier };
  const policy: Policy = readPolicy(JSON.stringify({ verifiers: [JSON.parse(JSON.stringify(given))] }), "tributary.json", []);
  const found = await trustedSummaries({ policy, project, cwd: home, data: join(home, "data"), now: "2026-04-01T00:00:00Z" });
  assert.ok(found !== null);
  return found;
}

const levelOf = (summaries: Summaries, purl = "pkg:npm/a@1.0.0"): readonly unknown[] => {
  const nothing = { unavailable: true, code: "source/unreachable", because: "nobody was reached" } as const;
  const evidence = { provenance: () => nothing, summaries: summaries.of } as unknown as CheckInput["evidence"];
  const verdict = componentLevel({ settings: () => ({ options: {} }), evidence }, purl);
  return isUnavailable(verdict) ? [verdict.code] : [verdict.level, verdict.word];
};

test("the word of a trusted verifier about the locked bytes counts as its word, in an envelope or a bundle", async (t) => {
  const keyed = await look(t, { "a.json": byKey(summary()) });
  assert.deepEqual(keyed.notes, []);
  const [evidence] = keyed.of("pkg:npm/a@1.0.0");
  assert.equal(evidence?.strength, "verified");
  assert.deepEqual([evidence?.claim.verifier, evidence?.claim.level, evidence?.source], [ID, 3, ".tributary/summaries/a.json"]);
  assert.deepEqual(levelOf(keyed), [3, ID]);
  assert.deepEqual(levelOf(keyed, "pkg:pypi/two@1.0.0"), ["source/unreachable"], "and of nothing else");
  const identity = { key: undefined, identity: "https://signer.example", issuer: "https://issuer.example" };
  const bundle = sigstore.signStatement(summary(), { identity: "https://signer.example", issuer: "https://issuer.example" });
  assert.deepEqual(levelOf(await look(t, { "a.jsonl": `${JSON.stringify(bundle)}\n` }, identity)), [3, ID]);
});

test("it never counts for more than the policy lets this verifier say, and only of the packages that it may speak of", async (t) => {
  const capped = await look(t, { "a.json": byKey(summary()) }, { upTo: "SLSA_BUILD_LEVEL_2" });
  assert.deepEqual(levelOf(capped), [2, ID]);
  assert.deepEqual([capped.of("pkg:npm/a@1.0.0")[0]?.claim.states], [3]);
  const lower = await look(t, { "a.json": byKey(summary({ verifiedLevels: ["SLSA_BUILD_LEVEL_1"] })) });
  assert.deepEqual(levelOf(lower), [1, ID]);
  const others = await look(t, { "a.json": byKey(summary()) }, { packages: ["pkg:npm/@team/*"] });
  assert.match(others.notes[0] ?? "", /does not let .* speak of pkg:npm\/a@1\.0\.0/);
  assert.deepEqual(levelOf(others), ["source/unreachable"]);
});

test("each step of a consumer that fails is said, and nothing counts then", async (t) => {
  const stranger = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  const identity = { key: undefined, identity: "https://signer.example", issuer: "https://issuer.example" };
  const other = { verifier: { id: "https://other.example" } };
  const cases: readonly (readonly [string, unknown, RegExp, object?])[] = [
    ["the signature is another's", signDsse(summary(), stranger), /signature/],
    ["the bytes are others, of the same name", byKey(summary({}, { sha512: "cd".repeat(64) })), /about other bytes than the lockfile's/],
    [
      "it is about nothing here",
      byKey(summary({ resourceUri: "pkg:npm/z@1.0.0" }, { sha512: "cd".repeat(64) })),
      /about nothing in this project/,
    ],
    ["its type is another", byKey({ ...summary(), predicateType: "https://example/p" }), /no verification summary/],
    ["its verifier is not the policy's", byKey(summary(other)), /other\.example, whom the policy does not trust/],
    ["its resource is another", byKey(summary({ resourceUri: "pkg:npm/b@1.0.0" })), /says to be for pkg:npm\/b@1\.0\.0/],
    ["it failed", byKey(summary({ verificationResult: "FAILED" })), /did not pass/],
    ["it verified no build level", byKey(summary({ verifiedLevels: ["SLSA_SOURCE_LEVEL_3"] })), /no build level/],
    ["it is from the future", byKey(summary({ timeVerified: "2026-05-01T00:00:00Z" })), /in the future/],
    ["its day has passed", byKey(summary()), /for 30 days only/, { days: 30 }],
    ["it has no day where one is asked for", byKey(summary({ timeVerified: "" })), /does not say when/, { days: 30 }],
    ["an envelope proves no identity", byKey(summary()), /proves no identity/, identity],
    [
      "another identity signed",
      sigstore.signStatement(summary(), { identity: "https://else.example" }),
      /not by https:\/\/signer\.example/,
      identity,
    ],
    ["it is no JSON", "{", /is no JSON/],
    ["its only hash is broken", byKey(summary({}, { sha1: "00".repeat(20) })), /other bytes/],
  ];
  for (const [what, content, says, verifier] of cases) {
    const found = await look(t, { "x.json": content }, verifier);
    assert.equal(found.notes.length, 1, what);
    assert.match(found.notes[0] ?? "", says, what);
    assert.deepEqual(levelOf(found), ["source/unreachable"], what);
  }
  assert.deepEqual((await look(t, { "old.json": byKey(summary()) }, { days: 60 })).notes, []);
});

test("of a release of several files every one must be verified, and one without a locked hash is never", async (t) => {
  const two = { resourceUri: "pkg:pypi/two" };
  const half = await look(t, { "two.json": byKey(summary(two, { sha256: "11".repeat(32) })) });
  assert.deepEqual(levelOf(half, "pkg:pypi/two@1.0.0"), ["source/unreachable"]);
  assert.match(half.notes[0] ?? "", /other bytes/);
  const subject = ["11", "22"].map((byte) => ({ name: byte, digest: { sha256: byte.repeat(32) } }));
  const whole = await look(t, { "two.json": byKey({ ...summary(two), subject }) });
  assert.deepEqual(levelOf(whole, "pkg:pypi/two@1.0.0"), [3, ID]);
  const unlocked = await look(t, { "x.json": byKey(summary({ resourceUri: "pkg:npm/unlocked@1.0.0" })) });
  assert.deepEqual(levelOf(unlocked, "pkg:npm/unlocked@1.0.0"), ["source/unreachable"]);
});

test("nothing is read where the policy trusts nobody, and a key that is not there ends the run", async (t) => {
  const input = { project, cwd: "/nowhere", data: "/nowhere", now: "2026-04-01T00:00:00Z" };
  assert.equal(await trustedSummaries({ ...input, policy: defaultPolicy }), null);
  await assert.rejects(look(t, {}, { key: "missing.pem" }), /missing\.pem of the verifier/);
});
