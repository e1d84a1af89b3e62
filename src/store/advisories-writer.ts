import { closeSync, fsyncSync, openSync, rmSync, writeSync } from "node:fs";
import { crc32, zstdCompressSync } from "node:zlib";
import { Fault, byCodeUnit } from "../model/index.ts";
import type { OsvRecord } from "../model/index.ts";
import {
  BLOCK_BYTES,
  BLOCK_WORDS,
  HEADER_BYTES,
  ID_SLOT_WORDS,
  PACKAGE_SLOT_WORDS,
  RECORD_WORDS,
  encodeHeader,
  hashName,
  modifiedTime,
  packRecord,
  slotsFor,
} from "./advisories-format.ts";
import { storeFault } from "./database.ts";

/** Package lists are addressed with 32 bits. The largest ecosystem needs a twentieth of it. */
const LISTS_MAX_BYTES = 0xffff_ffff;
/** Written in pieces of a megabyte: fewer calls, little memory. */
const WRITE_BYTES = 1024 * 1024;

interface SegmentSummary {
  readonly records: number;
  readonly removed: number;
  readonly packages: number;
  readonly bytes: number;
}

export interface SegmentWriter {
  /** Takes a record in. `json` is the record as it came, for those who ask for the whole of it. Of two with one id the newer stays. */
  readonly add: (record: OsvRecord, json: Uint8Array) => void;
  /** Says that this id, which an older segment of the same source holds, is there no more. */
  readonly remove: (id: string) => void;
  /** Completes the file and forces it to disk. Nobody may read it before. */
  readonly finish: () => SegmentSummary;
  /** Gives up and deletes the file. */
  readonly abort: () => void;
}

interface Placed {
  readonly block: number;
  readonly start: number;
  readonly length: number;
  readonly modified: number;
  readonly aliases: readonly string[];
}

/**
 * Writes one segment (see `advisories-format.ts`) to `path`, which must not exist yet. Records are written as they come; what
 * stays in memory is the compact list of each package. Throws `store/full`, `store/unusable` and the like.
 */
export function writeSegment(path: string, ecosystem: string): SegmentWriter {
  let fd: number;
  try {
    fd = openSync(path, "wx", 0o600);
  } catch (error) {
    throw storeFault(error, path);
  }
  let at = HEADER_BYTES;
  let open = true;
  let pending: Uint8Array[] = [];
  let pendingBytes = 0;

  const flush = (): void => {
    if (pendingBytes === 0) return;
    const bytes = Buffer.concat(pending, pendingBytes);
    try {
      for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done, bytes.length - done, at - bytes.length + done);
    } catch (error) {
      throw storeFault(error, path);
    }
    pending = [];
    pendingBytes = 0;
  };
  const write = (bytes: Uint8Array): number => {
    const place = at;
    pending.push(bytes);
    pendingBytes += bytes.length;
    at += bytes.length;
    if (pendingBytes >= WRITE_BYTES) flush();
    return place;
  };

  const blockWords: number[] = [];
  let block: Uint8Array[] = [];
  let blockBytes = 0;
  const endBlock = (): void => {
    if (blockBytes === 0) return;
    const packed = zstdCompressSync(Buffer.concat(block, blockBytes));
    const place = write(packed);
    blockWords.push(place % 2 ** 32, Math.floor(place / 2 ** 32), packed.length, blockBytes, crc32(packed));
    block = [];
    blockBytes = 0;
  };

  const records = new Map<string, Placed>();
  const removed = new Set<string>();
  const packages = new Map<string, string[]>();
  const packagesOf = new Map<string, readonly string[]>();

  const forget = (id: string): void => {
    for (const key of packagesOf.get(id) ?? []) {
      const marker = `[${JSON.stringify(id)},`;
      const kept = (packages.get(key) ?? []).filter((entry) => !entry.startsWith(marker));
      if (kept.length === 0) packages.delete(key);
      else packages.set(key, kept);
    }
  };

  const add = (record: OsvRecord, json: Uint8Array): void => {
    removed.delete(record.id);
    const before = records.get(record.id);
    if (before !== undefined) {
      if (before.modified > modifiedTime(record)) return;
      forget(record.id);
    }
    if (blockBytes > 0 && blockBytes + json.length > BLOCK_BYTES) endBlock();
    records.set(record.id, {
      block: blockWords.length / BLOCK_WORDS,
      start: blockBytes,
      length: json.length,
      modified: modifiedTime(record),
      aliases: record.aliases ?? [],
    });
    block.push(json);
    blockBytes += json.length;
    const keys: string[] = [];
    for (const [key, candidate] of packRecord(record, ecosystem)) {
      const list = packages.get(key);
      const text = JSON.stringify(candidate);
      if (list === undefined) packages.set(key, [text]);
      else list.push(text);
      keys.push(key);
    }
    packagesOf.set(record.id, keys);
  };

  const remove = (id: string): void => {
    if (records.has(id)) forget(id);
    records.delete(id);
    removed.add(id);
  };

  const finish = (): SegmentSummary => {
    endBlock();
    const listsAt = at;
    const packageSlots = slotsFor(packages.size);
    const packageTable = new Uint32Array(packageSlots * PACKAGE_SLOT_WORDS);
    for (const [key, entries] of packages) {
      const list = Buffer.from(`[${JSON.stringify(key)},${entries.join(",")}]`);
      const crc = Buffer.alloc(4);
      crc.writeUInt32LE(crc32(list));
      const offset = write(crc) - listsAt;
      write(list);
      if (at - listsAt > LISTS_MAX_BYTES) throw new Fault("store/full", `the advisories of ${ecosystem} do not fit into one segment`);
      insert(packageTable, packageSlots, PACKAGE_SLOT_WORDS, hashName(key), [offset, list.length + 4]);
    }
    const blocksAt = at;
    const blockDirectory = bytesOf(Uint32Array.from(blockWords));
    write(blockDirectory);
    const packagesAt = at;
    const packageBytes = bytesOf(packageTable);
    write(packageBytes);

    const ids = [...records.keys()].toSorted(byCodeUnit);
    const gone = [...removed].toSorted(byCodeUnit);
    const recordWords = new Uint32Array(ids.length * RECORD_WORDS);
    const double = new DataView(new ArrayBuffer(8));
    let aliasCount = 0;
    for (const placed of records.values()) aliasCount += placed.aliases.length;
    const idSlots = slotsFor(ids.length + aliasCount);
    const idTable = new Uint32Array(idSlots * ID_SLOT_WORDS);
    for (const [number, id] of ids.entries()) {
      const placed = records.get(id);
      if (placed === undefined) continue;
      double.setFloat64(0, placed.modified, true);
      recordWords.set(
        [placed.block, placed.start, placed.length, double.getUint32(0, true), double.getUint32(4, true)],
        number * RECORD_WORDS,
      );
      insert(idTable, idSlots, ID_SLOT_WORDS, hashName(id), [(number + 1) * 2]);
      for (const alias of placed.aliases) insert(idTable, idSlots, ID_SLOT_WORDS, hashName(alias), [(number + 1) * 2 + 1]);
    }
    const recordsAt = at;
    const recordBytes = bytesOf(recordWords);
    write(recordBytes);
    const idsAt = at;
    const idBytes = bytesOf(idTable);
    write(idBytes);
    const names = Buffer.from(JSON.stringify([ids, gone]));
    write(names);
    const directoryCrc = crc32(names, crc32(idBytes, crc32(recordBytes, crc32(blockDirectory))));
    flush();
    const header = encodeHeader({
      fileBytes: at,
      records: ids.length,
      removed: gone.length,
      packages: packages.size,
      listsAt,
      blocksAt,
      blocks: blockWords.length / BLOCK_WORDS,
      packagesAt,
      packageSlots,
      packagesCrc: crc32(packageBytes),
      recordsAt,
      idsAt,
      idSlots,
      directoryCrc,
    });
    try {
      writeSync(fd, header, 0, header.length, 0);
      fsyncSync(fd);
      closeSync(fd);
      open = false;
    } catch (error) {
      throw storeFault(error, path);
    }
    return { records: ids.length, removed: gone.length, packages: packages.size, bytes: at };
  };

  const abort = (): void => {
    if (open) closeSync(fd);
    open = false;
    rmSync(path, { force: true });
  };

  return { add, remove, finish, abort };
}

const bytesOf = (words: Uint32Array): Uint8Array => new Uint8Array(words.buffer, words.byteOffset, words.byteLength);

function insert(table: Uint32Array, slots: number, width: number, hash: number, rest: readonly number[]): void {
  let slot = hash & (slots - 1);
  while (table[slot * width] !== 0) slot = (slot + 1) & (slots - 1);
  table[slot * width] = hash;
  table.set(rest, slot * width + 1);
}
