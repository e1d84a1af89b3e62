import assert from "node:assert/strict";
import { createHash, generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { readCertificate } from "./certificate.ts";
import { DerReader, encodeDer, GENERALIZED_TIME, OCTET_STRING, SEQUENCE, UTC_TIME } from "./der.ts";
import { Rejection } from "./reject.ts";
import { oid, timestampResponse } from "./testing-der.ts";
import { TEST_TIME, testSigstore } from "./testing.ts";
import { checkTimestamp } from "./timestamp.ts";
import { verifyBundle } from "./verify.ts";

const der = new DerReader("test", "certificate-malformed");
const refuses = (run: () => unknown): void => assert.throws(run, Rejection);

test("what is written is read back, at the lengths where their form changes", () => {
  for (const length of [0, 1, 127, 128, 255, 256, 65_535, 65_536]) {
    const content = Buffer.alloc(length, 7);
    assert.deepEqual(der.only(encodeDer(OCTET_STRING, content), OCTET_STRING).content, content);
  }
  for (const id of ["1.2.840.113549.1.9.16.2.47", "2.5.29.15", "0.9.2342", "1.3.6.1.4.1.57264.1.8"])
    assert.equal(der.objectId(der.only(oid(id), 6)), id);
});

test("lengths that DER does not allow are refused: indefinite, not the shortest, beyond the end", () => {
  for (const hex of [
    "",
    "30",
    "3080",
    "30800000",
    "308101ff",
    "30820001ff",
    "3003ffff",
    "30857fffffffff",
    "3084ffffffff",
    "1f8100",
    "300000",
  ])
    refuses(() => der.only(Buffer.from(hex, "hex"), SEQUENCE));
});

const read = (tag: number, text: string): number => der.time(der.only(encodeDer(tag, Buffer.from(text)), tag));

test("times are read to the second and further, and those that do not exist are refused", () => {
  assert.equal(read(UTC_TIME, "491231235959Z"), Date.parse("2049-12-31T23:59:59Z"));
  assert.equal(read(UTC_TIME, "500101000000Z"), Date.parse("1950-01-01T00:00:00Z"));
  assert.equal(read(GENERALIZED_TIME, "20260304050607.25Z"), Date.parse("2026-03-04T05:06:07.250Z"));
  for (const text of ["20261304050607Z", "20260304050607", "20260304050607+0100", "2026-03-04T05:06Z", "20260304250607Z"])
    refuses(() => read(GENERALIZED_TIME, text));
});

test("a certificate with one bit changed is refused by code at every place, and never crashes its reader", () => {
  const sigstore = testSigstore();
  const bundle = sigstore.signStatement({
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: "x", digest: { sha256: "00" } }],
    predicateType: "p",
  });
  const { certificate } = bundle.verificationMaterial;
  assert.ok(certificate !== undefined);
  const raw = Buffer.from(certificate.rawBytes, "base64");
  assert.ok(verifyBundle(bundle, sigstore).ok);
  for (let i = 0; i < raw.length * 8; i += 7) {
    const changed = Buffer.from(raw);
    changed[i >> 3] = (changed[i >> 3] ?? 0) ^ (1 << (i & 7));
    certificate.rawBytes = changed.toString("base64");
    assert.equal(verifyBundle(bundle, sigstore).ok, false, `bit ${i}`);
  }
  for (let length = 0; length < raw.length; length += 7) refuses(() => readCertificate(raw.subarray(0, length)));
  refuses(() => readCertificate(Buffer.concat([raw, Buffer.from([0])])));
  refuses(() => readCertificate(Buffer.alloc(1_000_000, 0x30)));
});

test("a timestamp with one bit changed is refused by code at every place", () => {
  const { root, ...sigstore } = testSigstore();
  const bundle = sigstore.signMessage(Buffer.from("message"), { rekor: 2 });
  const [stamp] = bundle.verificationMaterial.timestampVerificationData?.rfc3161Timestamps ?? [];
  const raw = Buffer.from(stamp?.signedTimestamp ?? "", "base64");
  const signature = Buffer.from(bundle.messageSignature?.signature ?? "", "base64");
  assert.equal(checkTimestamp(raw, signature, root).time, TEST_TIME.getTime());
  for (let i = 0; i < raw.length * 8; i += 3) {
    const changed = Buffer.from(raw);
    changed[i >> 3] = (changed[i >> 3] ?? 0) ^ (1 << (i & 7));
    // Granted (0) and granted with modifications (1) are two words for the same answer; the answer's status is not signed.
    if (changed.subarray(0, 9).equals(Buffer.concat([raw.subarray(0, 8), Buffer.from([1])])) && raw[8] === 0) continue;
    refuses(() => checkTimestamp(changed, signature, root));
  }
  refuses(() => checkTimestamp(raw, Buffer.from("another signature"), root));
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const forged = timestampResponse({
    imprint: createHash("sha256").update(signature).digest(),
    at: TEST_TIME,
    signer: { raw: Buffer.from("x"), issuer: "stamps", serial: 4, key: privateKey },
  });
  refuses(() => checkTimestamp(forged, signature, root));
});
