import assert from "node:assert/strict";
import { createHash, generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { signDsse } from "../attestation/index.ts";
import { Fault, type Json } from "../model/index.ts";
import { verify, type VerifyOptions } from "./verify.ts";
import { readAttestationFile } from "./verify-read.ts";

const ARTIFACT = "the bytes of a release";
const sha256 = createHash("sha256").update(ARTIFACT).digest("hex");

const provenance = (more: Readonly<Record<string, unknown>> = {}): Json =>
  ({
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: "thing.tgz", digest: { sha256 } }],
    predicateType: "https://slsa.dev/provenance/v1",
    predicate: {
      buildDefinition: {
        buildType: "https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1",
        externalParameters: {
          workflow: { ref: "refs/tags/v1.0.0", repository: "https://github.com/owner/thing", path: ".github/workflows/r.yml" },
        },
      },
      runDetails: { builder: { id: "https://builder.example/" } },
    },
    ...more,
  }) as Json;

interface Desk {
  readonly folder: string;
  readonly key: KeyObject;
  readonly ask: (content: object | string, more?: Partial<VerifyOptions>) => ReturnType<typeof verify>;
}

function desk(t: TestContext): Desk {
  const folder = mkdtempSync(join(tmpdir(), "tributary verify "));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  writeFileSync(join(folder, "thing.tgz"), ARTIFACT);
  writeFileSync(join(folder, "key.pem"), publicKey.export({ type: "spki", format: "pem" }));
  const ask: Desk["ask"] = async (content, more = {}) => {
    writeFileSync(join(folder, "a.json"), typeof content === "string" ? content : JSON.stringify(content));
    return await verify({
      artifact: "thing.tgz",
      attestations: ["a.json"],
      keys: ["key.pem"],
      wishes: {},
      cwd: folder,
      env: { TRIBUTARY_DATA: folder },
      ...more,
    });
  };
  return { folder, key: privateKey, ask };
}

test("an envelope by the given key verifies, and what it says is held against what is expected", async (t) => {
  const { key, ask } = desk(t);
  const envelope = signDsse(provenance(), key, "k");
  const good = await ask(envelope, { wishes: { sourceUri: "github.com/owner/thing", sourceTag: "v1.0.0" } });
  assert.equal(good.verified, true, good.because);
  assert.equal(good.level?.level, 1, "a key that nobody lists may claim that provenance exists");
  for (const [wishes, code] of [
    [{ sourceUri: "github.com/owner/thing2" }, "source-mismatch"],
    [{ sourceTag: "v1.0.1" }, "tag-mismatch"],
    [{ builder: "https://other.example/" }, "builder-mismatch"],
  ] as const) {
    const report = await ask(envelope, { wishes });
    assert.deepEqual(
      [report.verified, report.attestations[0]?.state, report.attestations[0]?.reasons[0]?.code],
      [false, "unexpected", code],
    );
  }
  assert.equal((await ask(envelope, { minimumLevel: 2 })).verified, false);
  assert.match((await ask(envelope, { minimumLevel: 2 })).because, /level 1, and 2 is asked for/);
  assert.equal((await ask(envelope, { artifact: `sha256:${sha256}` })).verified, true, "a digest stands for the bytes");
});

test("another key, other bytes, a changed payload and a broken digest are each refused for their reason", async (t) => {
  const { folder, key, ask } = desk(t);
  const envelope = signDsse(provenance(), key, "k");
  const code = async (content: object, more?: Partial<VerifyOptions>): Promise<string | undefined> =>
    (await ask(content, more)).attestations[0]?.reasons[0]?.code;
  const stranger = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  assert.equal(await code(signDsse(provenance(), stranger, "k")), "signature-invalid");
  assert.equal(
    await code({ ...envelope, payload: Buffer.from(JSON.stringify(provenance({ x: 1 }))).toString("base64") }),
    "signature-invalid",
  );
  assert.equal(await code(envelope, { artifact: `sha256:${"0".repeat(64)}` }), "artifact-mismatch");
  const sha1 = createHash("sha1").update(ARTIFACT).digest("hex");
  const weak = provenance({ subject: [{ name: "thing.tgz", digest: { sha1 } }] });
  assert.equal(await code(signDsse(weak, key, "k"), { artifact: `sha1:${sha1}` }), "artifact-mismatch", "SHA-1 binds nothing");
  assert.equal(await code(envelope, { keyId: "other" }), "key-missing");
  assert.equal(await code({ mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json" }), "bundle-material");
  writeFileSync(join(folder, "thing.tgz"), `${ARTIFACT}.`);
  assert.equal(await code(envelope), "artifact-mismatch");
});

test("somebody has to be expected, or anyone be said to do", async (t) => {
  const { key, ask } = desk(t);
  const envelope = signDsse(provenance(), key);
  await assert.rejects(
    ask(envelope, { keys: [], wishes: { sourceTag: "v1.0.0" } }),
    (error) => error instanceof Fault && error.code === "cli/usage",
  );
  const looked = await ask(envelope, { keys: [], anyone: true });
  assert.deepEqual([looked.verified, looked.attestations[0]?.reasons[0]?.code], [false, "key-missing"]);
});

test("a verification summary is held to its verifier, resource and levels", async (t) => {
  const { key, ask } = desk(t);
  const summary = provenance({
    predicateType: "https://slsa.dev/verification_summary/v1",
    predicate: {
      verifier: { id: "https://verifier.example/" },
      resourceUri: "pkg:npm/a@1.0.0",
      verificationResult: "PASSED",
      verifiedLevels: ["SLSA_BUILD_LEVEL_2"],
    },
  });
  const wanted = { verifier: "https://verifier.example/", resource: "pkg:npm/a@1.0.0", levels: ["SLSA_BUILD_LEVEL_1"] };
  const code = async (more: object): Promise<string | undefined> =>
    (await ask(signDsse(summary, key), { summary: { ...wanted, ...more } })).attestations[0]?.reasons[0]?.code;
  assert.equal(await code({}), undefined);
  assert.equal(await code({ verifier: "https://other.example/" }), "vsa-verifier");
  assert.equal(await code({ resource: "pkg:npm/b@1.0.0" }), "vsa-resource");
  assert.equal(await code({ levels: ["SLSA_BUILD_LEVEL_3"] }), "vsa-level");
});

const from = (value: unknown): readonly string[] =>
  readAttestationFile("f", typeof value === "string" ? value : JSON.stringify(value)).map((one) => `${one.from} ${one.predicateType}`);

test("a file is read by what is in it, in every form that attestations come in; what is none is a fault with its place", () => {
  const bundle = {
    mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
    dsseEnvelope: { payload: Buffer.from('{"predicateType":"p"}').toString("base64") },
  };
  assert.deepEqual(from(bundle), ["bundle p"]);
  assert.deepEqual(from(`${JSON.stringify(bundle)}\n${JSON.stringify(bundle)}\n`), ["bundle p", "bundle p"]);
  assert.deepEqual(from({ attestations: [{ predicateType: "lie", bundle }] }), ["registry p"]);
  assert.deepEqual(from({ attestations: [{ repository_id: 1, bundle }] }), ["bundle p"]);
  assert.deepEqual(from([{ attestation: { bundle }, verificationResult: {} }]), ["bundle p"]);
  assert.deepEqual(from({ payload: "e30=", payloadType: "x", signatures: [] }), ["envelope "]);
  for (const bad of ["", "{", "[]", "3", "null", "{}", '{"a":1}\n{', '{"attestations":[]}'])
    assert.throws(
      () => from(bad),
      (error) => error instanceof Fault && error.code === "input/not-understood" && error.place?.file === "f",
      bad,
    );
});
