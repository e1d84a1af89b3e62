import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { test } from "node:test";
import type { Json } from "../model/index.ts";
import { preAuthenticationEncoding, verifyDsse } from "./dsse.ts";
import { loadPublicKey, type VerificationKey } from "./key.ts";
import { loadPrivateKey, signDsse } from "./sign.ts";
import { checkVsa, type VerificationSummary, vsaStatement } from "./vsa.ts";

interface Pair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}
const pairs: Readonly<Record<string, Pair>> = {
  "P-256": generateKeyPairSync("ec", { namedCurve: "P-256" }),
  "P-384": generateKeyPairSync("ec", { namedCurve: "P-384" }),
  "P-521": generateKeyPairSync("ec", { namedCurve: "P-521" }),
  RSA: generateKeyPairSync("rsa", { modulusLength: 2048 }),
  Ed25519: generateKeyPairSync("ed25519"),
};
const statement: Json = {
  _type: "https://in-toto.io/Statement/v1",
  subject: [{ name: "x", digest: { sha256: "ab".repeat(32) } }],
  predicateType: "https://example.com/p",
  predicate: { note: "übung" },
};
const pem = (pair: Pair | undefined): string => String(pair?.publicKey.export({ type: "spki", format: "pem" }));
const keyOf = (pair: Pair | undefined, keyId?: string): VerificationKey => loadPublicKey(pem(pair), keyId === undefined ? {} : { keyId });
const codeOf = (result: ReturnType<typeof verifyDsse>): string => (result.ok ? "verified" : result.code);

test("the bytes that are signed are those of the specification's example", () => {
  assert.equal(
    preAuthenticationEncoding("http://example.com/HelloWorld", Buffer.from("hello world")).toString(),
    "DSSEv1 29 http://example.com/HelloWorld 11 hello world",
  );
  assert.equal(preAuthenticationEncoding("ü", Buffer.from("ü")).toString(), "DSSEv1 2 ü 2 ü");
});

for (const [name, pair] of Object.entries(pairs))
  test(`what is signed with ${name} verifies with its key and with no other`, () => {
    const key = loadPrivateKey(String(pair.privateKey.export({ type: "pkcs8", format: "pem" })));
    const envelope = signDsse(statement, key, "mine");
    const result = verifyDsse(envelope, [keyOf(pair)]);
    assert.ok(result.ok);
    assert.equal(result.statement?.predicateType, "https://example.com/p");
    assert.equal(codeOf(verifyDsse(envelope, [keyOf(pair, "mine")])), "verified");
    assert.equal(codeOf(verifyDsse(envelope, [keyOf(pair, "yours")])), "key-missing");
    for (const [other, stranger] of Object.entries(pairs))
      if (other !== name) assert.equal(codeOf(verifyDsse(envelope, [keyOf(stranger)])), "signature-invalid");
    assert.equal(codeOf(verifyDsse({ ...envelope, payloadType: "application/json" }, [keyOf(pair)])), "signature-invalid");
    assert.equal(codeOf(verifyDsse(envelope, [])), "key-missing");
  });

test("ECDSA signatures as two bare numbers verify as well", () => {
  const pair = pairs["P-256"];
  assert.ok(pair);
  const payload = Buffer.from("{}");
  const sig = sign("sha256", preAuthenticationEncoding("text/plain", payload), { key: pair.privateKey, dsaEncoding: "ieee-p1363" });
  const envelope = { payload: payload.toString("base64"), payloadType: "text/plain", signatures: [{ sig: sig.toString("base64") }] };
  assert.equal(codeOf(verifyDsse(envelope, [keyOf(pair)])), "verified");
  sig[3] = (sig[3] ?? 0) ^ 1;
  envelope.signatures = [{ sig: sig.toString("base64") }];
  assert.equal(codeOf(verifyDsse(envelope, [keyOf(pair)])), "signature-invalid");
});

test("a threshold counts keys, not signatures and not two names of one key", () => {
  const pair = pairs["P-256"];
  assert.ok(pair);
  const one = signDsse(statement, pair.privateKey);
  const twice = { ...one, signatures: [...one.signatures, ...signDsse(statement, pair.privateKey).signatures] };
  assert.equal(codeOf(verifyDsse(twice, [keyOf(pair), keyOf(pair)], { threshold: 2 })), "signature-invalid");
  const other = pairs["Ed25519"];
  assert.ok(other);
  const both = { ...one, signatures: [...one.signatures, ...signDsse(statement, other.privateKey).signatures] };
  assert.equal(codeOf(verifyDsse(both, [keyOf(pair), keyOf(other)], { threshold: 2 })), "verified");
});

test("a key counts in its time only", () => {
  const pair = pairs["P-256"];
  assert.ok(pair);
  const key = { ...keyOf(pair), validFor: { start: Date.parse("2026-01-01"), end: Date.parse("2026-02-01") } };
  const envelope = signDsse(statement, pair.privateKey);
  assert.equal(codeOf(verifyDsse(envelope, [key], { at: new Date("2026-01-15") })), "verified");
  assert.equal(codeOf(verifyDsse(envelope, [key], { at: new Date("2026-03-01") })), "key-expired");
});

test("what is no envelope or no statement is refused by code", () => {
  const pair = pairs["P-256"];
  assert.ok(pair);
  const whole = signDsse(statement, pair.privateKey);
  const [signature] = whole.signatures;
  for (const broken of [
    null,
    [],
    {},
    { ...whole, payload: undefined },
    { ...whole, payload: `${whole.payload}=` },
    { ...whole, signatures: [] },
    { ...whole, signatures: [{}] },
    { ...whole, signatures: [{ ...signature, keyid: 4 }] },
    { ...whole, signatures: Array.from({ length: 1000 }, () => signature) },
  ])
    assert.equal(codeOf(verifyDsse(broken, [keyOf(pair)])), "envelope-malformed");
  for (const bad of [
    [],
    {},
    { ...(statement as object), subject: [] },
    { ...(statement as object), subject: [{ name: "x" }] },
    { ...(statement as object), _type: "x" },
  ])
    assert.equal(codeOf(verifyDsse(signDsse(bad as Json, pair.privateKey), [keyOf(pair)])), "statement-malformed");
});

test("a key that is none, or too weak, is a fault with a hint", () => {
  const weak = generateKeyPairSync("rsa", { modulusLength: 1024 });
  for (const source of ["", "key", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", pem(weak)])
    assert.throws(() => loadPublicKey(source), { name: "Fault", code: "input/not-understood" });
  assert.throws(
    () => loadPrivateKey("secret words"),
    (error: Error) => error.name === "Fault" && !error.message.includes("secret"),
  );
});

test("a summary is believed for its subject, verifier, resource and level, and only when it passed", () => {
  const summary: VerificationSummary = {
    verifier: { id: "https://verifier.example" },
    timeVerified: "2026-01-01T00:00:00Z",
    resourceUri: "pkg:npm/x@1.0.0",
    policy: { uri: "https://policy.example" },
    verificationResult: "PASSED",
    verifiedLevels: ["SLSA_BUILD_LEVEL_2", "SLSA_SOURCE_LEVEL_3"],
    dependencyLevels: { SLSA_BUILD_LEVEL_0: 3 },
    slsaVersion: "1.2",
  };
  const pair = pairs["P-384"];
  assert.ok(pair);
  const digests = { sha256: "cd".repeat(32) };
  const check = (changes: Partial<VerificationSummary>, expected: Parameters<typeof checkVsa>[1]): string => {
    const envelope = verifyDsse(signDsse(vsaStatement([{ name: "x", digest: digests }], { ...summary, ...changes }), pair.privateKey), [
      keyOf(pair),
    ]);
    assert.ok(envelope.ok && envelope.statement !== undefined);
    const verdict = checkVsa(envelope.statement, expected);
    return verdict.ok ? "passed" : verdict.code;
  };
  const all = { digests, verifierId: "https://verifier.example", resourceUri: "pkg:npm/x@1.0.0" };
  assert.equal(check({}, { ...all, levels: ["SLSA_BUILD_LEVEL_1", "SLSA_SOURCE_LEVEL_3"] }), "passed");
  assert.equal(check({}, { ...all, levels: ["SLSA_BUILD_LEVEL_3"] }), "vsa-level");
  assert.equal(check({}, { ...all, levels: ["OTHER"] }), "vsa-level");
  assert.equal(check({}, { ...all, digests: { sha256: "00".repeat(32) } }), "vsa-subject");
  assert.equal(check({}, { ...all, verifierId: "https://verifier.example/" }), "vsa-verifier");
  assert.equal(check({}, { ...all, resourceUri: "pkg:npm/x" }), "vsa-resource");
  assert.equal(check({ verificationResult: "FAILED" }, all), "vsa-result");
  assert.equal(check({ dependencyLevels: { SLSA_BUILD_LEVEL_0: -1 } }, all), "vsa-malformed");
});
