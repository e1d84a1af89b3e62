/**
 * Undoes compression as a stream, within bounds. gzip is taken apart member by member (RFC 1952), because the library
 * does not say where one ends: what follows the last member, and that there are several, is worth knowing.
 */
import type { Transform } from "node:stream";
import { crc32, createInflateRaw, createZstdDecompress, inflateRawSync } from "node:zlib";
import { Fault } from "../model/index.ts";
import type { Hazards } from "./hazards.ts";
import { type ArchiveLimits, DENSE_AFTER_BYTES } from "./limits.ts";

/** Thrown to end a reading whose hazard is already noted. Whoever is reading an entry's content sees it as an ordinary fault. */
export class Stop extends Fault<"artifact/limit" | "artifact/truncated"> {}

/** Counts what comes out of a whole artifact, all its nested archives together. */
export class Budget {
  readonly #limits: ArchiveLimits;
  readonly #packedBytes: number;
  readonly #hazards: Hazards;
  #out = 0;

  constructor(limits: ArchiveLimits, packedBytes: number, hazards: Hazards) {
    this.#limits = limits;
    this.#packedBytes = packedBytes;
    this.#hazards = hazards;
  }

  /** Takes note of unpacked bytes; throws `Stop` where they are too many. */
  spend(bytes: number): void {
    this.#out += bytes;
    if (this.#out > this.#limits.unpackedBytes) {
      this.#hazards.add("too-large", "", `unpacks to more than ${this.#limits.unpackedBytes} bytes`);
      throw new Stop("artifact/limit", "The archive unpacks to more than is taken in.");
    }
    if (this.#out > DENSE_AFTER_BYTES && this.#out > this.#packedBytes * this.#limits.ratio) {
      this.#hazards.add("too-dense", "", `${this.#packedBytes} bytes unpack to more than ${this.#limits.ratio} times as many`);
      throw new Stop("artifact/limit", "The archive unpacks to far more than its size.");
    }
  }
}

/** Output comes in pieces of this size: large enough to be cheap, small enough that a bomb is noticed at once. */
const PIECE_BYTES = 256 * 1024;

/** Most packages are smaller; unpacking this much takes about a millisecond, for which nobody else need be let in between. */
const SMALL_PACKED_BYTES = 256 * 1024;
const SMALL_UNPACKED_BYTES = 4 * 1024 * 1024;

const GZIP_MAGIC = 0x1f8b;
const FLAG_HEADER_CRC = 2;
const FLAG_EXTRA = 4;
const FLAG_NAME = 8;
const FLAG_COMMENT = 16;
const HEADER_BYTES = 10;
const TRAILER_BYTES = 8;

/** The unpacked bytes of all members. Damage, and what follows the last member, becomes a hazard; after damage the stream just ends. */
export async function* gunzip(packed: Uint8Array, hazards: Hazards, budget: Budget): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.length);
  let at = 0;
  for (let member = 0; at < bytes.length; member++) {
    if (bytes.length - at < 2 || bytes.readUInt16BE(at) !== GZIP_MAGIC) {
      if (member === 0) throw new Fault("artifact/format", "This is no gzip file.");
      // Zeros that pad to a block are harmless and common.
      if (bytes.subarray(at).some((byte) => byte !== 0))
        hazards.add("trailing-data", "", `${bytes.length - at} bytes follow the gzip data`);
      return;
    }
    if (member === 1) hazards.add("trailing-data", "", "a second gzip member follows the first: readers differ in what they see");
    const start = headerEnd(bytes, at);
    if (start === null) {
      hazards.add("truncated", "", "the gzip header is cut off or unknown");
      throw new Stop("artifact/truncated", "The compressed data is cut off or damaged.");
    }
    let checksum = 0;
    let size = 0;
    const small = inflateSmall(bytes.subarray(start));
    if (small !== null) {
      budget.spend(small.bytes.length);
      checksum = crc32(small.bytes);
      size = small.bytes.length;
      yield small.bytes;
      at = start + small.consumed;
    } else {
      const stream = createInflateRaw({ chunkSize: PIECE_BYTES });
      stream.end(bytes.subarray(start));
      for await (const piece of unpacked(stream, hazards, budget)) {
        checksum = crc32(piece, checksum);
        size += piece.length;
        yield piece;
      }
      at = start + stream.bytesWritten;
    }
    if (bytes.length - at < TRAILER_BYTES) {
      hazards.add("truncated", "", "the gzip data ends before its checksum");
      throw new Stop("artifact/truncated", "The compressed data is cut off or damaged.");
    }
    if (bytes.readUInt32LE(at) !== checksum || bytes.readUInt32LE(at + 4) !== size % 2 ** 32)
      hazards.add("bad-header", "", "the gzip checksum does not fit the content");
    at += TRAILER_BYTES;
  }
}

/** Small data in one go, which costs a quarter less; null where it is not small, unpacks to much, or is damaged: the stream then says what there is to say. */
function inflateSmall(packed: Buffer): { readonly bytes: Buffer; readonly consumed: number } | null {
  if (packed.length > SMALL_PACKED_BYTES) return null;
  try {
    const result: unknown = inflateRawSync(packed, { info: true, maxOutputLength: SMALL_UNPACKED_BYTES });
    const { buffer, engine } = result as { readonly buffer: Buffer; readonly engine: { readonly bytesWritten: number } };
    return { bytes: buffer, consumed: engine.bytesWritten };
  } catch {
    return null;
  }
}

/** The unpacked bytes of a zstd stream. */
export async function* unzstd(packed: Uint8Array, hazards: Hazards, budget: Budget): AsyncGenerator<Buffer> {
  const stream = createZstdDecompress({ chunkSize: PIECE_BYTES });
  stream.end(packed);
  yield* unpacked(stream, hazards, budget);
}

async function* unpacked(stream: Transform, hazards: Hazards, budget: Budget): AsyncGenerator<Buffer> {
  try {
    for await (const piece of stream as AsyncIterable<Buffer>) {
      budget.spend(piece.length);
      yield piece;
    }
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string" || !/^(Z_|ZSTD_|ERR_)/.test(error.code))
      throw error;
    hazards.add(error.code === "Z_BUF_ERROR" ? "truncated" : "bad-header", "", `the compressed data is damaged (${error.code})`);
    throw new Stop("artifact/truncated", "The compressed data is cut off or damaged.");
  } finally {
    stream.destroy();
  }
}

function headerEnd(bytes: Buffer, start: number): number | null {
  const DEFLATE = 8;
  if (bytes.length - start < HEADER_BYTES || bytes[start + 2] !== DEFLATE) return null;
  const flags = bytes[start + 3] ?? 0;
  let at = start + HEADER_BYTES;
  if (flags & FLAG_EXTRA) {
    if (bytes.length - at < 2) return null;
    at += 2 + bytes.readUInt16LE(at);
  }
  for (const flag of [FLAG_NAME, FLAG_COMMENT]) {
    if (!(flags & flag)) continue;
    const end = bytes.indexOf(0, at);
    if (end === -1) return null;
    at = end + 1;
  }
  if (flags & FLAG_HEADER_CRC) at += 2;
  return at > bytes.length ? null : at;
}
