import assert from "node:assert/strict";
import { test } from "node:test";
import { artifactOf, manifestOf, sri } from "../testing.ts";
import { compareHashes, hashesOf, hashesOfBytes, hexHash, showHash } from "./hashes.ts";

/** What takes more than linear time does not come back within this at the sizes below; a slow machine does. */
const HANG = 120_000;

test("the strongest algorithm that both sides have decides, whatever a weaker one says", () => {
  const a = hashesOf([`${sri("one")} ${sri("same", "sha1")}`]);
  const b = hashesOf([sri("two"), sri("same", "sha1")]);
  assert.equal(compareHashes(a, b), "different");
  assert.equal(compareHashes(a, hashesOf([sri("same", "sha1")])), "same");
  assert.equal(compareHashes(a, hashesOf([sri("one", "sha256")])), "incomparable");
});

test("a set of several files' hashes agrees with any of them", () => {
  assert.equal(compareHashes(hashesOf([sri("wheel", "sha256"), sri("sdist", "sha256")]), hashesOf([sri("sdist", "sha256")])), "same");
});

test("options, padding, case of the algorithm and text that is no hash do not disturb the comparison", () => {
  const plain = hashesOf([sri("a")]);
  assert.equal(compareHashes(hashesOf([`${sri("a").replace("sha512", "SHA512")}?foo`]), plain), "same");
  assert.equal(compareHashes(hashesOf([sri("a").replace(/=+$/, "")]), plain), "same");
  assert.deepEqual(hashesOf(["", "sha512-", "sha512-==?x", "nonsense", "crc32-AAAA", "-", "__proto__-AA"]), []);
});

test("hexadecimal digests of the bytes are the same as their Subresource Integrity", () => {
  const { claim } = artifactOf(manifestOf("a", "1.0.0"));
  for (const algorithm of ["sha512", "sha256", "sha1"] as const) {
    assert.equal(compareHashes(hashesOfBytes(claim), hashesOf([sri("a@1.0.0", algorithm)])), "same");
  }
  assert.equal(showHash(hexHash("sha1", "00".repeat(20))), "sha1-AAAAAAAAAAAAAAAA…");
});

const many = (algorithm: string, mark: string): readonly string[] => [
  Array.from({ length: 100_000 }, (_, n) => `${algorithm}-${mark}${n}`).join(" "),
];

test("a hostile number of hashes in one entry is compared in time that grows with their number alone", { timeout: HANG }, () => {
  assert.equal(compareHashes(hashesOf(many("sha512", "a")), hashesOf(many("sha512", "b"))), "different");
  assert.equal(compareHashes(hashesOf(many("sha512", "a")), hashesOf(many("sha1", "b"))), "incomparable");
});

test("an empty digest agrees with nothing", () => {
  const both = hashesOf([sri("a"), sri("a", "sha1")]);
  for (const empty of ["sha512-", "sha512-=", "sha1-"]) assert.equal(compareHashes(both, hashesOf([empty])), "incomparable", empty);
});
