/**
 * Reads the entries of a zip file on disk one by one, through its central directory (APPNOTE.TXT 6.3.10, §4.3), without ever holding the
 * whole of it. Only what the advisory exports use: stored and deflated entries, zip64.
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { crc32, inflateRawSync } from "node:zlib";
import { Fault } from "../model/index.ts";

/** The export of everything held some 600,000 records in 2026. */
const ENTRIES_MAX = 5_000_000;
/** The longest single record known has 4 MB. */
export const RECORD_MAX_BYTES: number = 64 * 1024 * 1024;
/** The directory of five million entries at a hundred bytes each. */
const DIRECTORY_MAX_BYTES = 512 * 1024 * 1024;
/** §4.3.16: a record of 22 bytes and a comment of at most 65,535. */
const END_MAX_BYTES = 22 + 65_535;
/** The local header may carry another extra field than the directory; what it has more than this is read separately. */
const LOCAL_SLACK_BYTES = 256;

export interface ZipEntry {
  readonly name: string;
  readonly bytes: Buffer;
}

/** Yields the files whose name passes. Throws `artifact/truncated`, `artifact/format` and `artifact/limit`, naming `path` and the entry. */
export function* zipEntries(path: string, wanted: (name: string) => boolean): Generator<ZipEntry> {
  const fd = openSync(path, "r");
  try {
    const size = fstatSync(fd).size;
    const read = reader(fd, path, size);
    const { count, offset, length } = endOfDirectory(read, size, path);
    if (count > ENTRIES_MAX || length > DIRECTORY_MAX_BYTES) throw new Fault("artifact/limit", `${path} has ${count} entries`);
    const directory = read(offset, length);
    for (let at = 0, number = 0; number < count; number += 1) {
      if (at + 46 > directory.length || directory.readUInt32LE(at) !== 0x02014b50) {
        throw new Fault("artifact/format", `${path}: entry ${number + 1} of the directory is not one`);
      }
      const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) => directory.readUInt16LE(at + field)) as [
        number,
        number,
        number,
      ];
      const end = at + 46 + nameLength + extraLength + commentLength;
      if (end > directory.length) throw new Fault("artifact/truncated", `${path}: the directory ends within entry ${number + 1}`);
      const name = directory.toString("utf8", at + 46, at + 46 + nameLength);
      if (!name.endsWith("/") && wanted(name)) {
        const extra = directory.subarray(at + 46 + nameLength, at + 46 + nameLength + extraLength);
        yield { name, bytes: content(read, size, directory.subarray(at, at + 46), extra, `${path}: ${name}`) };
      }
      at = end;
    }
  } finally {
    closeSync(fd);
  }
}

type Read = (offset: number, length: number) => Buffer;

function reader(fd: number, path: string, size: number): Read {
  return (offset, length) => {
    // Before any memory is taken for it: the numbers come from the file.
    if (!(offset >= 0 && length >= 0 && offset + length <= size)) {
      throw new Fault("artifact/truncated", `${path} points beyond its end`);
    }
    const bytes = Buffer.allocUnsafe(length);
    for (let done = 0; done < length;) {
      const got = readSync(fd, bytes, done, length - done, offset + done);
      if (got === 0) throw new Fault("artifact/truncated", `${path} ends at byte ${offset + done}, in the middle of something`);
      done += got;
    }
    return bytes;
  };
}

function endOfDirectory(
  read: Read,
  size: number,
  path: string,
): { readonly count: number; readonly offset: number; readonly length: number } {
  const tailLength = Math.min(size, END_MAX_BYTES);
  const tail = read(size - tailLength, tailLength);
  let at = tail.length - 22;
  while (at >= 0 && tail.readUInt32LE(at) !== 0x06054b50) at -= 1;
  if (at < 0) {
    const begins = size >= 4 && read(0, 4).readUInt32LE(0) === 0x04034b50;
    if (begins) throw new Fault("artifact/truncated", `${path} begins as a zip file and has no end: it is cut off`);
    throw new Fault("artifact/format", `${path} is not a zip file`);
  }
  const end = { count: tail.readUInt16LE(at + 10), length: tail.readUInt32LE(at + 12), offset: tail.readUInt32LE(at + 16) };
  const isLarge = end.count === 0xffff || end.length === 0xffffffff || end.offset === 0xffffffff;
  const locator = size - tailLength + at - 20;
  if (!isLarge || locator < 0) return within(end, size, path);
  const pointer = read(locator, 20);
  if (pointer.readUInt32LE(0) !== 0x07064b50) return within(end, size, path);
  const large = read(Number(pointer.readBigUInt64LE(8)), 56);
  if (large.readUInt32LE(0) !== 0x06064b50) throw new Fault("artifact/format", `${path}: its zip64 directory is not where it says`);
  const whole = {
    count: Number(large.readBigUInt64LE(32)),
    length: Number(large.readBigUInt64LE(40)),
    offset: Number(large.readBigUInt64LE(48)),
  };
  return within(whole, size, path);
}

function within<T extends { readonly offset: number; readonly length: number }>(end: T, size: number, path: string): T {
  if (end.offset + end.length > size) throw new Fault("artifact/truncated", `${path}: its directory lies outside of the file`);
  return end;
}

function content(read: Read, size: number, fixed: Buffer, extra: Buffer, place: string): Buffer {
  const flags = fixed.readUInt16LE(8);
  const method = fixed.readUInt16LE(10);
  const checksum = fixed.readUInt32LE(16);
  const { packed, plain, offset } = sizes(fixed, extra, place);
  if ((flags & 1) !== 0) throw new Fault("artifact/format", `${place} is encrypted`);
  if (plain > RECORD_MAX_BYTES || packed > RECORD_MAX_BYTES) {
    throw new Fault("artifact/limit", `${place} has ${plain} bytes; the limit is ${RECORD_MAX_BYTES}`);
  }
  // Local header and content in one reading: the header's length is only known once it is read, so a guess goes first.
  const guess = 30 + fixed.readUInt16LE(28) + extra.length + LOCAL_SLACK_BYTES + packed;
  const head = read(offset, Math.max(30, Math.min(guess, size - offset)));
  if (head.length < 30 || head.readUInt32LE(0) !== 0x04034b50)
    throw new Fault("artifact/format", `${place} is not where the directory says`);
  const start = 30 + head.readUInt16LE(26) + head.readUInt16LE(28);
  const bytes = start + packed <= head.length ? head.subarray(start, start + packed) : read(offset + start, packed);
  let inflated: Buffer;
  if (method === 0) inflated = bytes;
  else if (method === 8) {
    try {
      inflated = inflateRawSync(bytes, { maxOutputLength: Math.max(plain, 1) });
    } catch (error) {
      throw new Fault("artifact/format", `${place} cannot be unpacked`, { cause: error });
    }
  } else throw new Fault("artifact/format", `${place} is compressed in a way that we do not read (method ${method})`);
  if (inflated.length !== plain || crc32(inflated) !== checksum)
    throw new Fault("artifact/format", `${place} is not what its checksum promises`);
  return inflated;
}

/** §4.5.3: what does not fit into 32 bits stands in the extra field 0x0001, in this order, only those that do not fit. */
function sizes(fixed: Buffer, extra: Buffer, place: string): { readonly packed: number; readonly plain: number; readonly offset: number } {
  let packed = fixed.readUInt32LE(20);
  let plain = fixed.readUInt32LE(24);
  let offset = fixed.readUInt32LE(42);
  if (packed !== 0xffffffff && plain !== 0xffffffff && offset !== 0xffffffff) return { packed, plain, offset };
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    let next = at + 4;
    const take = (): number => {
      if (next + 8 > extra.length) throw new Fault("artifact/format", `${place}: its zip64 field is too short`);
      next += 8;
      return Number(extra.readBigUInt64LE(next - 8));
    };
    if (plain === 0xffffffff) plain = take();
    if (packed === 0xffffffff) packed = take();
    if (offset === 0xffffffff) offset = take();
    break;
  }
  return { packed, plain, offset };
}
