import assert from "node:assert/strict";
import { generateKeyPairSync, sign } from "node:crypto";
import { test } from "node:test";
import { embeddedTrustRoot, freshness } from "./embedded.ts";
import { bundleFromPep740, verifyPypiAttestations } from "./pep740.ts";
import { attestationKey, embeddedRegistryKeys, loadRegistryKeys, type SignedRelease, verifyRegistrySignature } from "./registry.ts";
import { testSigstore } from "./testing.ts";

const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const rawBytes = publicKey.export({ type: "spki", format: "der" }).toString("base64");
const pinned = (usage: string): unknown => ({
  keyId: "SHA256:test",
  keyUsage: usage,
  publicKey: { rawBytes, keyDetails: "PKIX_ECDSA_P256_SHA_256", validFor: { start: "2020-01-01T00:00:00Z", end: "2025-01-01T00:00:00Z" } },
});
const keys = loadRegistryKeys({ keys: [pinned("npm:signatures"), pinned("npm:attestations")] });
const integrity = "sha512-AAAA";
const signed = (message: string): string => sign("sha256", Buffer.from(message), privateKey).toString("base64");
const release = (changes: Partial<SignedRelease> = {}): SignedRelease => ({
  name: "@scope/name",
  version: "1.0.0",
  integrity,
  signatures: [{ keyid: "SHA256:test", sig: signed(`@scope/name@1.0.0:${integrity}`) }],
  ...changes,
});
const codeOf = (changes: Partial<SignedRelease>): string => {
  const result = verifyRegistrySignature(release(changes), keys);
  return result.ok ? "verified" : result.code;
};

test("a registry signature covers name, version and integrity together", () => {
  assert.equal(codeOf({}), "verified");
  for (const changes of [{ name: "@scope/other" }, { version: "1.0.1" }, { integrity: "sha512-AAAB" }])
    assert.equal(codeOf(changes), "signature-invalid");
  assert.equal(codeOf({ integrity: "" }), "artifact-undecidable");
  assert.equal(codeOf({ signatures: [] }), "signature-invalid");
  assert.equal(codeOf({ signatures: [{ keyid: "SHA256:other", sig: "AAAA" }] }), "key-missing");
});

test("one wrong signature of a known key spoils a right one, and a key counts in its time", () => {
  const right = release().signatures;
  assert.equal(codeOf({ signatures: [...right, { keyid: "SHA256:test", sig: "AAAA" }] }), "signature-invalid");
  assert.equal(codeOf({ published: new Date("2024-06-01") }), "verified");
  assert.equal(codeOf({ published: new Date("2025-06-01") }), "key-expired");
});

const only = (usage: string): ReturnType<typeof loadRegistryKeys> => loadRegistryKeys({ keys: [pinned(usage)] });

test("a key for attestations does not verify signatures, nor the other way round", () => {
  assert.equal(verifyRegistrySignature(release(), only("npm:attestations")).ok, false);
  assert.equal(attestationKey(only("npm:signatures"))("SHA256:test"), undefined);
  assert.ok(attestationKey(keys)("SHA256:test"));
});

test("a registry's own list of keys is read as well, and what is no list is a fault", () => {
  const own = loadRegistryKeys({
    keys: [{ keyid: "SHA256:test", keytype: "ecdsa-sha2-nistp256", scheme: "ecdsa-sha2-nistp256", key: rawBytes, expires: null }],
  });
  assert.equal(verifyRegistrySignature(release(), own).ok, true);
  for (const document of [
    null,
    {},
    { keys: "x" },
    { keys: [{}] },
    { keys: [{ keyid: "x", key: rawBytes, keytype: "ecdsa-sha2-nistp256", expires: "soon" }] },
  ])
    assert.throws(() => loadRegistryKeys(document), { name: "Fault", code: "input/not-understood" });
});

test("the embedded roots are whole, and say how old they are and when their publishers stop to vouch for them", () => {
  const { instances } = embeddedTrustRoot();
  assert.equal(instances.length, 2);
  assert.equal(embeddedRegistryKeys().keys.length, 4);
  for (const instance of instances)
    for (const authority of [...instance.certificateAuthorities, ...instance.timestampAuthorities]) assert.equal(authority.soundFrom(), 0);
  const origin = { source: "a test", date: "2026-01-01", expires: "2026-02-01T00:00:00Z" };
  assert.deepEqual(freshness(origin, new Date("2026-01-11T12:00:00Z")), { ageInDays: 10, expired: false });
  assert.deepEqual(freshness(origin, new Date("2026-02-02T00:00:00Z")), { ageInDays: 32, expired: true });
  for (const { origin: own } of instances) assert.ok(own.date !== undefined);
});

test("an attestation as PyPI writes it is the same bundle by other names", () => {
  const sigstore = testSigstore();
  const digests = { sha256: "ab".repeat(32) };
  const subject = { name: "x-1.0.0-py3-none-any.whl", digest: digests };
  const bundle = sigstore.signStatement({
    _type: "https://in-toto.io/Statement/v1",
    subject: [subject],
    predicateType: "https://docs.pypi.org/attestations/publish/v1",
    predicate: null,
  });
  const attestation = {
    version: 1,
    verification_material: {
      certificate: bundle.verificationMaterial.certificate?.rawBytes,
      transparency_entries: bundle.verificationMaterial.tlogEntries,
    },
    envelope: { statement: bundle.dsseEnvelope?.payload, signature: bundle.dsseEnvelope?.signatures[0]?.sig },
  };
  const options = { root: sigstore.root, digests, file: subject.name };
  const codes = (document: unknown, more: object = {}): string[] =>
    verifyPypiAttestations(document, { ...options, ...more }).map(({ verification }) => (verification.ok ? "verified" : verification.code));
  assert.deepEqual(codes(attestation), ["verified"]);
  const publisher = { kind: "GitHub", repository: "example/project" };
  const [wrapped] = verifyPypiAttestations({ version: 1, attestation_bundles: [{ publisher, attestations: [attestation] }] }, options);
  assert.ok(wrapped?.verification.ok);
  assert.deepEqual(wrapped.publisher, publisher);
  assert.deepEqual(codes(attestation, { file: "y-1.0.0-py3-none-any.whl" }), ["artifact-mismatch"]);
  assert.deepEqual(codes({ ...attestation, version: 2 }), ["bundle-version"]);
  for (const broken of [null, [], {}, { version: 1 }, { ...attestation, envelope: {} }])
    assert.equal(codes(broken).includes("verified"), false);
  assert.deepEqual(codes({ attestation_bundles: [{ attestations: Array.from({ length: 1000 }, () => attestation) }] }), [
    "bundle-malformed",
  ]);
  assert.equal(bundleFromPep740("text").ok, false);
});
