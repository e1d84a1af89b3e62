import assert from "node:assert/strict";
import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { test } from "node:test";
import type { Hash } from "./key.ts";
import { verifiesDigest } from "./prehash.ts";

const message = Buffer.from("what was signed");
const digestOf = (hash: Hash, data = message): Buffer => createHash(hash).update(data).digest();

for (const [namedCurve, hash] of [
  ["P-256", "sha256"],
  ["P-384", "sha384"],
  ["P-521", "sha512"],
  ["P-256", "sha512"],
] as const)
  test(`signatures of OpenSSL on ${namedCurve} with ${hash} verify by the digest alone, and nothing else does`, () => {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve });
    for (let i = 0; i < 4; i++) {
      const data = Buffer.from(`message ${i}`);
      const signature = sign(hash, data, privateKey);
      assert.equal(verifiesDigest(publicKey, digestOf(hash, data), signature, hash), "right");
      assert.equal(verifiesDigest(publicKey, digestOf(hash), signature, hash), "wrong");
      const changed = Buffer.from(signature);
      changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
      assert.equal(verifiesDigest(publicKey, digestOf(hash, data), changed, hash), "wrong");
    }
  });

test("degenerate signatures are wrong: zero, the order itself, negative and cut short", () => {
  const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const order = "00ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
  for (const hex of ["3006020100020100", `3026020101 0221${order}`, "3006020101 0201ff", "30060201010201", "", "3000"])
    assert.equal(verifiesDigest(publicKey, digestOf("sha256"), Buffer.from(hex.replaceAll(" ", ""), "hex"), "sha256"), "wrong");
});

test("RSA signatures verify by the digest alone; Ed25519 needs the message", () => {
  const rsa: { readonly privateKey: KeyObject; readonly publicKey: KeyObject } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const signature = sign("sha256", message, rsa.privateKey);
  assert.equal(verifiesDigest(rsa.publicKey, digestOf("sha256"), signature, "sha256"), "right");
  assert.equal(verifiesDigest(rsa.publicKey, digestOf("sha512"), signature, "sha512"), "wrong");
  assert.equal(verifiesDigest(rsa.publicKey, digestOf("sha256"), Buffer.alloc(256, 1), "sha256"), "wrong");
  const edwards = generateKeyPairSync("ed25519");
  assert.equal(verifiesDigest(edwards.publicKey, digestOf("sha256"), sign(null, message, edwards.privateKey), "sha256"), "cannot");
});
