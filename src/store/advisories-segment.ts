import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { crc32, zstdDecompressSync } from "node:zlib";
import { Fault } from "../model/index.ts";
import type { OsvRecord } from "../model/index.ts";
import {
  BLOCK_WORDS,
  HEADER_BYTES,
  ID_SLOT_WORDS,
  PACKAGE_SLOT_WORDS,
  type PackedCandidate,
  RECORD_WORDS,
  type SegmentHeader,
  decodeHeader,
  hashName,
} from "./advisories-format.ts";
import { storeFault } from "./database.ts";

/** Blocks kept open: neighbours are often asked for together, and a block is at most some 32 KiB or one long record. */
const OPEN_BLOCKS = 32;
/** A compressed block that claims to be larger is damaged: the longest single record known is a tenth of it. */
const BLOCK_MAX_BYTES = 64 * 1024 * 1024;

/** One segment, opened for reading. What is damaged throws `store/corrupt` where it is touched. */
export interface Segment {
  readonly header: SegmentHeader;
  /** The packed entries that name the package; empty where none does. A miss touches no disk. */
  readonly list: (key: string) => readonly PackedCandidate[];
  /** `modified` in milliseconds of a record by its own id, null where the segment does not hold it. */
  readonly modifiedOf: (id: string) => number | null;
  /** Does the segment say that this id is there no more? */
  readonly removes: (id: string) => boolean;
  readonly record: (id: string) => OsvRecord | null;
  /** Ids of the records that name this as an alias. */
  readonly aliasOf: (alias: string) => readonly string[];
  /** All ids, sorted. */
  readonly ids: () => readonly string[];
  /** The ids that the segment says are there no more. */
  readonly removed: () => ReadonlySet<string>;
  /** The record as JSON, as it was taken in. */
  readonly json: (id: string) => Buffer | null;
  readonly close: () => void;
}

interface Directory {
  readonly blocks: Uint32Array;
  readonly records: Uint32Array;
  readonly modified: DataView;
  readonly ids: Uint32Array;
  readonly names: readonly string[];
  readonly removed: ReadonlySet<string>;
}

export function openSegment(path: string): Segment {
  const corrupt = (what: string): Fault =>
    new Fault("store/corrupt", `The advisory base is damaged: ${what} in ${path}.`, { hint: "Run `tributary sync` to build it anew." });
  const fd = openSync(path, "r");
  let isOpen = true;
  const close = (): void => {
    if (isOpen) closeSync(fd);
    isOpen = false;
  };

  const read = (offset: number, length: number, what: string): Buffer => {
    const bytes = Buffer.allocUnsafeSlow(length);
    let done = 0;
    try {
      while (done < length) {
        const got = readSync(fd, bytes, done, length - done, offset + done);
        if (got === 0) throw corrupt(`${what} is cut off`);
        done += got;
      }
    } catch (error) {
      throw storeFault(error, path);
    }
    return bytes;
  };

  let header: SegmentHeader;
  try {
    const size = fstatSync(fd).size;
    const decoded = size < HEADER_BYTES ? null : decodeHeader(read(0, HEADER_BYTES, "the header"));
    if (decoded === null) throw corrupt("the header is not one of ours");
    if (decoded.fileBytes !== size) throw corrupt(`the file has ${size} bytes instead of ${decoded.fileBytes}`);
    header = decoded;
  } catch (error) {
    close();
    throw error;
  }
  const mask = header.packageSlots - 1;
  let packageTable: Uint32Array | null = null;
  const readTable = (): Uint32Array => {
    const bytes = read(header.packagesAt, header.packageSlots * PACKAGE_SLOT_WORDS * 4, "the package table");
    if (crc32(bytes) !== header.packagesCrc) throw corrupt("the package table is wrong");
    return wordsOf(bytes);
  };

  const list = (key: string): readonly PackedCandidate[] => {
    packageTable ??= readTable();
    const table = packageTable;
    const hash = hashName(key);
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const found = table[slot * PACKAGE_SLOT_WORDS];
      if (found === 0) return [];
      if (found !== hash) continue;
      const offset = header.listsAt + (table[slot * PACKAGE_SLOT_WORDS + 1] ?? 0);
      const bytes = read(offset, table[slot * PACKAGE_SLOT_WORDS + 2] ?? 0, "a package list");
      if (crc32(bytes.subarray(4)) !== bytes.readUInt32LE(0)) throw corrupt("a package list is wrong");
      const [name, ...entries] = JSON.parse(bytes.toString("utf8", 4)) as [string, ...PackedCandidate[]];
      if (name === key) return entries;
    }
  };

  let loaded: Directory | null = null;
  const directory = (): Directory => {
    if (loaded !== null) return loaded;
    const { blocksAt, packagesAt, recordsAt, idsAt, idSlots, fileBytes } = header;
    const blocks = read(blocksAt, packagesAt - blocksAt, "the block directory");
    const records = read(recordsAt, idsAt - recordsAt, "the record directory");
    const idBytes = idSlots * ID_SLOT_WORDS * 4;
    const ids = read(idsAt, idBytes, "the id table");
    const nameBytes = read(idsAt + idBytes, fileBytes - idsAt - idBytes, "the list of ids");
    if (crc32(nameBytes, crc32(ids, crc32(records, crc32(blocks)))) !== header.directoryCrc) throw corrupt("the directory is wrong");
    const [names, removed] = JSON.parse(nameBytes.toString()) as [string[], string[]];
    loaded = {
      blocks: wordsOf(blocks),
      records: wordsOf(records),
      modified: new DataView(records.buffer, records.byteOffset, records.byteLength),
      ids: wordsOf(ids),
      names,
      removed: new Set(removed),
    };
    return loaded;
  };

  const openBlocks = new Map<number, Buffer>();
  const readBlock = (index: number): Buffer => {
    const { blocks } = directory();
    const at = index * BLOCK_WORDS;
    const offset = (blocks[at] ?? 0) + (blocks[at + 1] ?? 0) * 2 ** 32;
    const plain = blocks[at + 3] ?? 0;
    if (plain > BLOCK_MAX_BYTES) throw corrupt("a block is too large");
    const packed = read(offset, blocks[at + 2] ?? 0, "a block");
    if (crc32(packed) !== blocks[at + 4]) throw corrupt("a block is wrong");
    return zstdDecompressSync(packed, { maxOutputLength: Math.max(plain, 1) });
  };
  const block = (index: number): Buffer => {
    const known = openBlocks.get(index);
    if (known !== undefined) return known;
    const bytes = readBlock(index);
    const oldest = openBlocks.size >= OPEN_BLOCKS ? openBlocks.keys().next() : undefined;
    if (oldest !== undefined && oldest.done !== true) openBlocks.delete(oldest.value);
    openBlocks.set(index, bytes);
    return bytes;
  };

  const json = (number: number): Buffer => {
    const { records } = directory();
    const at = number * RECORD_WORDS;
    const start = records[at + 1] ?? 0;
    return block(records[at] ?? 0).subarray(start, start + (records[at + 2] ?? 0));
  };
  const parse = (number: number): OsvRecord => JSON.parse(json(number).toString()) as OsvRecord;

  /** Numbers of the records under this hash: by id, or by alias. */
  function* numbers(id: string, alias: 0 | 1): Generator<number> {
    const { ids } = directory();
    const hash = hashName(id);
    for (let slot = hash & (header.idSlots - 1); ids[slot * ID_SLOT_WORDS] !== 0; slot = (slot + 1) & (header.idSlots - 1)) {
      const value = ids[slot * ID_SLOT_WORDS + 1] ?? 0;
      if (ids[slot * ID_SLOT_WORDS] === hash && (value & 1) === alias) yield (value >>> 1) - 1;
    }
  }
  const numberOf = (id: string): number => {
    for (const number of numbers(id, 0)) if (directory().names[number] === id) return number;
    return -1;
  };

  return {
    header,
    list,
    close,
    modifiedOf: (id) => {
      const number = numberOf(id);
      return number < 0 ? null : directory().modified.getFloat64(number * RECORD_WORDS * 4 + 12, true);
    },
    removes: (id) => header.removed > 0 && directory().removed.has(id),
    record: (id) => {
      const number = numberOf(id);
      return number < 0 ? null : parse(number);
    },
    aliasOf: (alias) => {
      const ids: string[] = [];
      for (const number of numbers(alias, 1)) {
        const record = parse(number);
        if (record.aliases?.includes(alias) === true) ids.push(record.id);
      }
      return ids;
    },
    ids: () => directory().names,
    removed: () => directory().removed,
    json: (id) => {
      const number = numberOf(id);
      return number < 0 ? null : json(number);
    },
  };
}

const wordsOf = (bytes: Buffer): Uint32Array => new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
