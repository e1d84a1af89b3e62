/**
 * Reads zip (APPNOTE.TXT 6.3.10) by its central directory, as every installer does, and checks the local headers against it: an entry
 * that only one of the two lists, or under another name, is how one archive shows two contents to two tools.
 */
import { crc32, inflateRaw, zstdDecompress } from "node:zlib";
import { promisify } from "node:util";
import { Fault } from "../model/index.ts";
import type { ArchiveEntry } from "./entry.ts";
import { type Hazards, PathWatch } from "./hazards.ts";
import { type Budget, Stop } from "./inflate.ts";
import { type ArchiveLimits, DENSE_AFTER_BYTES } from "./limits.ts";

const END_SIGNATURE = 0x06054b50;
const END_BYTES = 22;
const END64_SIGNATURE = 0x06064b50;
const END64_LOCATOR_SIGNATURE = 0x07064b50;
const END64_LOCATOR_BYTES = 20;
const DIRECTORY_SIGNATURE = 0x02014b50;
const DIRECTORY_BYTES = 46;
const LOCAL_SIGNATURE = 0x04034b50;
const LOCAL_BYTES = 30;
/** The comment at the end has a length of 16 bits. */
const LONGEST_COMMENT = 0xffff;
/** After an entry's data its sizes may be repeated: a signature, a checksum and two sizes of 4 or 8 bytes. */
const LONGEST_DESCRIPTOR = 24;

const ENCRYPTED = 1;
const UTF8_NAME = 0x800;
const STORED = 0;
const DEFLATED = 8;
const ZSTD = 93;
/** In the upper half of the external attributes, where the archive was made on a POSIX system. */
const MADE_ON_UNIX = 3;
const TYPE_MASK = 0o170000;
const TYPE_LINK = 0o120000;
const TYPE_DIRECTORY = 0o040000;
const TYPE_DEVICES: ReadonlySet<number> = new Set([0o020000, 0o060000, 0o010000]);

export interface ZipOptions {
  readonly hazards: Hazards;
  readonly limits: ArchiveLimits;
  readonly budget: Budget;
  readonly container: string;
}

interface Listed {
  readonly path: string;
  readonly rawName: Buffer;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  readonly mode: number;
  readonly type: number;
  readonly offset: number;
}

const inflate = promisify(inflateRaw);
const unzstd = promisify(zstdDecompress);

/** Throws `artifact/format` where there is no central directory, `Stop` where a limit or damage ends the reading (its hazard is then noted). */
export async function* readZip(source: Uint8Array, options: ZipOptions): AsyncGenerator<ArchiveEntry> {
  const { hazards, limits, container } = options;
  const bytes = Buffer.from(source.buffer, source.byteOffset, source.length);
  const directory = findDirectory(bytes, hazards);
  const listed = readDirectory(bytes, directory, hazards, limits);
  checkSpans(bytes, listed, directory, hazards);
  const paths = new PathWatch(hazards, limits);
  for (const entry of listed) {
    const { path } = entry;
    const data = localData(bytes, entry, directory.shift, hazards);
    const kind = kindOf(entry);
    paths.see(path, kind === "directory");
    if (kind === "device") hazards.add("device", path, "is a device or a pipe");
    if (kind === "file" && (entry.mode & 0o6000) !== 0) hazards.add("setuid", path, "runs with its owner's rights");
    if (entry.size > DENSE_AFTER_BYTES && entry.size > entry.packed * limits.ratio)
      hazards.add("too-dense", path, `${entry.packed} bytes say that they unpack to ${entry.size}`);
    let link = "";
    if (kind === "symlink") {
      link = (await content(entry, data, options, limits.pathBytes).catch(() => Buffer.alloc(0))).toString();
      paths.seeLink(path, link, false, false);
    }
    yield {
      path,
      kind,
      size: entry.size,
      mode: entry.mode,
      link,
      container,
      bytes: async (most = limits.entryBytes) => await content(entry, data, options, most),
    };
  }
}

async function content(entry: Listed, data: Buffer | null, options: ZipOptions, most: number): Promise<Buffer> {
  const { path } = entry;
  if (entry.flags & ENCRYPTED) throw new Fault("artifact/format", `${path} is encrypted.`);
  if (entry.size > most) throw new Fault("artifact/limit", `${path} has ${entry.size} bytes; ${most} are read at most.`);
  if (data === null) throw new Fault("artifact/truncated", `The content of ${path} is not where the archive says.`);
  // One byte more than stated is let out, so that an entry that lies about its size is noticed and not cut.
  const bounded = { maxOutputLength: entry.size + 1 };
  let bytes: Buffer;
  try {
    if (entry.method === STORED) bytes = Buffer.from(data);
    else if (entry.method === DEFLATED) bytes = await inflate(data, bounded);
    else if (entry.method === ZSTD) bytes = await unzstd(data, bounded);
    else throw new Fault("artifact/format", `${path} is packed with method ${entry.method}, which is not read.`);
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    throw new Fault("artifact/truncated", `The content of ${path} is damaged, or larger than it says.`, { cause });
  }
  options.budget.spend(bytes.length);
  if (bytes.length !== entry.size || crc32(bytes) !== entry.crc)
    throw new Fault("artifact/truncated", `The content of ${path} does not fit its size and checksum.`);
  return bytes;
}

interface Directory {
  readonly offset: number;
  readonly size: number;
  readonly count: number;
  /** Bytes that stand before the archive (a script, a program): all stated positions are that much too small. */
  readonly shift: number;
}

/** The end record is looked for from the back; its comment may hold what looks like one. */
function findDirectory(bytes: Buffer, hazards: Hazards): Directory {
  const first = Math.max(0, bytes.length - END_BYTES - LONGEST_COMMENT);
  let found = -1;
  for (let at = bytes.length - END_BYTES; at >= first; at--) {
    if (bytes.readUInt32LE(at) !== END_SIGNATURE) continue;
    const rest = bytes.length - at - END_BYTES - bytes.readUInt16LE(at + 20);
    if (rest === 0) {
      found = at;
      break;
    }
    // Kept in case there is no exact one: data behind the archive, or a comment that is cut off.
    if (found === -1) found = at;
  }
  if (found === -1) throw new Fault("artifact/format", "This is no zip archive: it has no end record.");
  const rest = bytes.length - found - END_BYTES - bytes.readUInt16LE(found + 20);
  if (rest > 0) hazards.add("trailing-data", "", `${rest} bytes follow the end of the archive`);
  if (rest < 0) hazards.add("truncated", "", "the archive's comment is cut off");
  let size = bytes.readUInt32LE(found + 12);
  let offset = bytes.readUInt32LE(found + 16);
  let count = bytes.readUInt16LE(found + 10);
  let before = found;
  const locator = found - END64_LOCATOR_BYTES;
  if (locator >= 0 && bytes.readUInt32LE(locator) === END64_LOCATOR_SIGNATURE) {
    const at = safe(bytes.readBigUInt64LE(locator + 8));
    if (at + 56 > locator || bytes.readUInt32LE(at) !== END64_SIGNATURE)
      throw new Fault("artifact/format", "The zip archive's zip64 end record is not where it should be.");
    const wide = {
      size: safe(bytes.readBigUInt64LE(at + 40)),
      offset: safe(bytes.readBigUInt64LE(at + 48)),
      count: safe(bytes.readBigUInt64LE(at + 32)),
    };
    if ((size !== 0xffffffff && size !== wide.size) || (offset !== 0xffffffff && offset !== wide.offset))
      hazards.add("bad-header", "", "the archive has two directories: readers differ");
    ({ size, offset, count } = wide);
    before = at;
  }
  const shift = before - size - offset;
  if (shift < 0) throw new Fault("artifact/truncated", "The zip archive's directory does not fit into the file.");
  if (shift > 0) hazards.add("trailing-data", "", `${shift} bytes stand before the archive`);
  return { offset: offset + shift, size, count, shift };
}

function readDirectory(bytes: Buffer, directory: Directory, hazards: Hazards, limits: ArchiveLimits): Listed[] {
  const listed: Listed[] = [];
  const end = directory.offset + directory.size;
  let total = 0;
  for (let at = directory.offset; at < end;) {
    if (at + DIRECTORY_BYTES > end || bytes.readUInt32LE(at) !== DIRECTORY_SIGNATURE) {
      hazards.add("truncated", "", "the archive's directory is cut off");
      throw new Stop("artifact/truncated", "The archive is cut off or damaged.");
    }
    const nameEnd = at + DIRECTORY_BYTES + bytes.readUInt16LE(at + 28);
    const extraEnd = nameEnd + bytes.readUInt16LE(at + 30);
    const next = extraEnd + bytes.readUInt16LE(at + 32);
    if (next > end) {
      hazards.add("truncated", "", "the archive's directory is cut off");
      throw new Stop("artifact/truncated", "The archive is cut off or damaged.");
    }
    if (listed.length >= limits.entries) {
      hazards.add("too-many-entries", "", `more than ${limits.entries} entries`);
      throw new Stop("artifact/limit", "The archive holds more than is taken in.");
    }
    const rawName = bytes.subarray(at + DIRECTORY_BYTES, nameEnd);
    const attributes = bytes.readUInt32LE(at + 38);
    const posix = bytes[at + 5] === MADE_ON_UNIX ? attributes >>> 16 : 0;
    const flags = bytes.readUInt16LE(at + 8);
    const wide = widen(
      { size: bytes.readUInt32LE(at + 24), packed: bytes.readUInt32LE(at + 20), offset: bytes.readUInt32LE(at + 42) },
      bytes.subarray(nameEnd, extraEnd),
    );
    const path = nameOf(rawName, flags);
    if (path.includes("\\")) hazards.add("bad-header", path, "the path is written with backslashes: readers differ");
    total += wide.size;
    listed.push({
      path,
      rawName,
      flags,
      method: bytes.readUInt16LE(at + 10),
      crc: bytes.readUInt32LE(at + 16),
      ...wide,
      mode: posix & 0o7777,
      type: posix & TYPE_MASK,
    });
    at = next;
  }
  if (listed.length !== directory.count && listed.length % 0x10000 !== directory.count)
    hazards.add("bad-header", "", `the directory lists ${listed.length} entries and counts ${directory.count}`);
  if (total > limits.unpackedBytes) {
    hazards.add("too-large", "", `unpacks to ${total} bytes`);
    throw new Stop("artifact/limit", "The archive holds more than is taken in.");
  }
  return listed;
}

/** Sizes and positions beyond 32 bits stand in the zip64 extra field (APPNOTE 4.5.3), only those that do not fit, in this order. */
function widen(narrow: { size: number; packed: number; offset: number }, extra: Buffer): { size: number; packed: number; offset: number } {
  const ZIP64 = 1;
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== ZIP64) continue;
    const field = extra.subarray(at + 4, at + 4 + extra.readUInt16LE(at + 2));
    let from = 0;
    const next = (value: number): number => {
      if (value !== 0xffffffff || from + 8 > field.length) return value;
      from += 8;
      return safe(field.readBigUInt64LE(from - 8));
    };
    return { size: next(narrow.size), packed: next(narrow.packed), offset: next(narrow.offset) };
  }
  return narrow;
}

/** The packed bytes of an entry; null where they are not there, or the local header speaks of another entry (a hazard is then noted). */
function localData(bytes: Buffer, entry: Listed, shift: number, hazards: Hazards): Buffer | null {
  const at = entry.offset + shift;
  if (at + LOCAL_BYTES > bytes.length || bytes.readUInt32LE(at) !== LOCAL_SIGNATURE) {
    hazards.add("truncated", entry.path, "is not where the directory says");
    return null;
  }
  const nameEnd = at + LOCAL_BYTES + bytes.readUInt16LE(at + 26);
  const start = nameEnd + bytes.readUInt16LE(at + 28);
  const name = bytes.subarray(at + LOCAL_BYTES, nameEnd);
  if (!name.equals(entry.rawName)) hazards.add("bad-header", entry.path, `has another name in its own header: ${name.toString()}`);
  const method = bytes.readUInt16LE(at + 8);
  if (method !== entry.method) hazards.add("bad-header", entry.path, "is packed in another way by its own header");
  // Where the sizes follow the data, the header's own are zero; else both places must say the same.
  const SIZES_FOLLOW = 8;
  const localSize = bytes.readUInt32LE(at + 22);
  if (!(entry.flags & SIZES_FOLLOW) && localSize !== 0xffffffff && localSize !== entry.size % 2 ** 32)
    hazards.add("bad-header", entry.path, "has another size in its own header");
  if (start + entry.packed > bytes.length) {
    hazards.add("truncated", entry.path, "ends outside the file");
    return null;
  }
  return bytes.subarray(start, start + entry.packed);
}

/** Entries that lie over each other (how small zips become huge ones), and entries between them that no directory lists. */
function checkSpans(bytes: Buffer, listed: readonly Listed[], directory: Directory, hazards: Hazards): void {
  const byOffset = listed.toSorted((a, b) => a.offset - b.offset);
  let end = directory.shift;
  for (const entry of byOffset) {
    const start = entry.offset + directory.shift;
    if (start < end) {
      hazards.add("too-dense", entry.path, "lies over another entry");
      throw new Stop("artifact/limit", "The archive holds more than is taken in.");
    }
    // Not in the file at all: said when the entry itself is read.
    if (start + LOCAL_BYTES > bytes.length) break;
    if (start - end >= LOCAL_BYTES) noteHidden(bytes, end, start, hazards);
    end = start + LOCAL_BYTES + bytes.readUInt16LE(start + 26) + bytes.readUInt16LE(start + 28) + entry.packed;
  }
  if (directory.offset - end >= LOCAL_BYTES) noteHidden(bytes, end, directory.offset, hazards);
}

function noteHidden(bytes: Buffer, from: number, to: number, hazards: Hazards): void {
  // A descriptor of the entry before may stand first.
  for (let at = from; at <= Math.min(from + LONGEST_DESCRIPTOR, to - LOCAL_BYTES); at++) {
    if (bytes.readUInt32LE(at) !== LOCAL_SIGNATURE) continue;
    const name = bytes.toString("utf8", at + LOCAL_BYTES, Math.min(to, at + LOCAL_BYTES + bytes.readUInt16LE(at + 26)));
    hazards.add("trailing-data", name, "an entry that the archive's directory does not list");
    return;
  }
}

function kindOf(entry: Listed): ArchiveEntry["kind"] {
  if (entry.path.endsWith("/") || entry.type === TYPE_DIRECTORY) return "directory";
  if (entry.type === TYPE_LINK) return "symlink";
  return TYPE_DEVICES.has(entry.type) ? "device" : "file";
}

/** UTF-8 where it is marked so, or is valid (most writers forget the mark); else each byte a character. */
function nameOf(raw: Buffer, flags: number): string {
  const decoded = raw.toString("utf8");
  return flags & UTF8_NAME || !decoded.includes("\ufffd") ? decoded : raw.toString("latin1");
}

/** No file is larger than exact integers reach; what says so is taken as the largest, and then fits nowhere. */
const safe = (value: bigint): number => (value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(value));
