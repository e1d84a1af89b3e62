import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync, deflateSync } from "node:zlib";
import { decode32, decode64, decodedBy, unpacked } from "./script-decode.ts";

test("what decoders make of a text is what the languages make of it", () => {
  assert.equal(decode64("cHJpbnQ="), "print");
  assert.equal(decode32("OBZGS3TU"), "print");
  assert.equal(decodedBy("cevag", "rot13"), "print");
  assert.equal(decodedBy("7072696e74", "hex"), "print");
  assert.equal(decodedBy("\u0085\u00a5\u0081\u0093", "cp1026"), "eval");
  assert.equal(decodedBy("text", "utf-8"), null);
});

const packed = (bytes: Buffer): string => decode64(bytes.toString("base64"));

test("what is packed is unpacked within bounds, and what is not packed is left", () => {
  assert.equal(unpacked(packed(deflateSync("print(1)"))), "print(1)");
  assert.equal(unpacked(packed(gzipSync("print(1)"))), "print(1)");
  assert.equal(unpacked("print(1)"), null);
  assert.equal(unpacked(packed(deflateSync(Buffer.alloc(100_000_000)))), null);
});
