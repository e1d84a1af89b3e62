import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { crc32, deflateRawSync } from "node:zlib";
import { Fault } from "../model/index.ts";
import { zipEntries } from "./osv-zip.ts";

interface Options {
  readonly large?: boolean;
  /** What the directory claims as the size of the content. */
  readonly claims?: number;
  readonly localExtra?: Buffer;
}

/** A zip of one entry, with a zip64 end where asked. */
function zip(text: string, { large = false, claims, localExtra = Buffer.alloc(0) }: Options = {}): Buffer {
  const plain = Buffer.from(text);
  const packed = deflateRawSync(plain);
  const name = Buffer.from("A-1.json");
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(8, 8);
  local.writeUInt16LE(name.length, 26);
  local.writeUInt16LE(localExtra.length, 28);
  const central = Buffer.alloc(46);
  central.writeUInt32LE(0x02014b50, 0);
  central.writeUInt16LE(8, 10);
  central.writeUInt32LE(crc32(plain), 16);
  central.writeUInt32LE(packed.length, 20);
  central.writeUInt32LE(claims ?? plain.length, 24);
  central.writeUInt16LE(name.length, 28);
  const at = local.length + name.length + localExtra.length + packed.length;
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(large ? 0xffff : 1, 10);
  end.writeUInt32LE(central.length + name.length, 12);
  end.writeUInt32LE(large ? 0xffffffff : at, 16);
  const large64 = Buffer.alloc(76);
  large64.writeUInt32LE(0x06064b50, 0);
  large64.writeBigUInt64LE(1n, 32);
  large64.writeBigUInt64LE(BigInt(central.length + name.length), 40);
  large64.writeBigUInt64LE(BigInt(at), 48);
  large64.writeUInt32LE(0x07064b50, 56);
  large64.writeBigUInt64LE(BigInt(at + central.length + name.length), 64);
  return Buffer.concat([local, name, localExtra, packed, central, name, ...(large ? [large64] : []), end]);
}

function reading(t: TestContext): (bytes: Buffer) => readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), "tributary-zip-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return (bytes) => {
    writeFileSync(join(folder, "all.zip"), bytes);
    return [...zipEntries(join(folder, "all.zip"), () => true)].map((entry) => `${entry.name} ${entry.bytes.toString()}`);
  };
}

const isArtifactFault = (error: unknown): boolean => error instanceof Fault && error.code.startsWith("artifact/");

test("entries are read as they are, with zip64 directories, comments before the end and long local fields", (t) => {
  const read = reading(t);
  const expected = [`A-1.json ${"words ".repeat(50)}`];
  assert.deepEqual(read(zip("words ".repeat(50))), expected);
  assert.deepEqual(read(zip("words ".repeat(50), { large: true })), expected);
  assert.deepEqual(read(zip("words ".repeat(50), { localExtra: Buffer.alloc(5000) })), expected);
});

test("an entry that unpacks to more or less than it says is refused, however much it would be", (t) => {
  const read = reading(t);
  assert.throws(() => read(zip("0".repeat(1_000_000), { claims: 10 })), isArtifactFault);
  assert.throws(() => read(zip("short", { claims: 10 })), isArtifactFault);
  assert.throws(() => read(zip("short", { claims: 0xfffffffe })), isArtifactFault);
});

test("whatever byte is changed or cut off, the answer is the same or a fault of the archive", (t) => {
  const read = reading(t);
  for (const large of [false, true]) {
    const sound = zip("some words, some words", { large });
    const [expected] = read(sound);
    for (let at = 0; at < sound.length; at += 1) {
      const damaged = Buffer.from(sound);
      damaged[at] = (damaged[at] ?? 0) ^ (at % 2 === 0 ? 0xff : 0x01);
      let found: readonly string[] = [];
      try {
        found = read(damaged);
      } catch (error) {
        assert.ok(isArtifactFault(error), `byte ${at}: ${String(error)}`);
      }
      // A name may be damaged without the archive knowing; the content may not.
      for (const one of found) assert.equal(one.slice(8), expected?.slice(8), `byte ${at}`);
      if (at % 3 > 0) continue;
      assert.throws(() => read(sound.subarray(0, at)), isArtifactFault, `cut to ${at}`);
    }
  }
});
