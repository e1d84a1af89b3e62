/**
 * Reads the members of a zip archive that an inventory looks into (.vsix and the like), from its central directory. Data that follows no
 * entry, encrypted members and archives in several parts are not read. Nothing is ever unpacked to disk, and no member beyond the limit
 * that its reader sets.
 * https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT (4.3.12, 4.3.16)
 */
import { inflateRawSync } from "node:zlib";
import { Fault } from "../model/index.ts";

export interface ZipMember {
  readonly name: string;
  /** The unpacked bytes, at most `limit` of them. Throws Fault `artifact/limit`, `artifact/format`. */
  readonly read: (limit: number) => Uint8Array;
}

/** Most members that are looked at; the largest real archives of this kind have some 30,000. */
const MAX_MEMBERS = 200_000;
const END = 0x06054b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;

/** @throws Fault `artifact/format`, `artifact/limit` */
export function readZip(bytes: Uint8Array): readonly ZipMember[] {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(data);
  const count = data.readUInt16LE(end + 10);
  let at = data.readUInt32LE(end + 16);
  const members: ZipMember[] = [];
  for (let index = 0; index < count; index++) {
    if (at + 46 > data.length || data.readUInt32LE(at) !== ENTRY)
      throw new Fault("artifact/format", `the list of members is broken at entry ${index + 1} of ${count}`);
    if (members.length >= MAX_MEMBERS) throw new Fault("artifact/limit", `more than ${MAX_MEMBERS} members`);
    const nameLength = data.readUInt16LE(at + 28);
    const name = data.toString("utf8", at + 46, at + 46 + nameLength);
    const entry = at;
    members.push({ name, read: (limit) => readMember(data, entry, limit) });
    at += 46 + nameLength + data.readUInt16LE(at + 30) + data.readUInt16LE(at + 32);
  }
  return members;
}

function findEnd(data: Buffer): number {
  // The record has 22 bytes and a comment of at most 65,535 after it.
  for (let at = data.length - 22; at >= 0 && at >= data.length - 22 - 0xffff; at--) {
    if (data.readUInt32LE(at) === END) return at;
  }
  throw new Fault("artifact/format", "it has no end of a zip archive");
}

function readMember(data: Buffer, entry: number, limit: number): Uint8Array {
  const method = data.readUInt16LE(entry + 10);
  const packed = data.readUInt32LE(entry + 20);
  const size = data.readUInt32LE(entry + 24);
  const local = data.readUInt32LE(entry + 42);
  if (size > limit) throw new Fault("artifact/limit", `it has ${size} bytes, more than ${limit}`);
  if (local + 30 > data.length || data.readUInt32LE(local) !== LOCAL)
    throw new Fault("artifact/format", "its own header is not where the list says");
  const start = local + 30 + data.readUInt16LE(local + 26) + data.readUInt16LE(local + 28);
  if (start + packed > data.length) throw new Fault("artifact/format", "it reaches beyond the end of the archive");
  const body = data.subarray(start, start + packed);
  if (method === 0) return body;
  if (method !== 8) throw new Fault("artifact/format", `it is packed by method ${method}, which is not read`);
  try {
    return inflateRawSync(body, { maxOutputLength: Math.max(1, limit) });
  } catch (cause) {
    throw new Fault("artifact/format", "it does not unpack, or unpacks to more than it may", { cause });
  }
}
