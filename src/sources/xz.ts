/**
 * Unpacks `.xz` (The .xz File Format 1.2.1: streams, blocks, LZMA2, integrity checks). Node has no xz of its own, and Debian's indexes come
 * in nothing else. The whole output is the dictionary, so nothing is copied twice. Only the LZMA2 filter is known: the others prepare
 * machine code, which an index is not.
 */
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { Fault } from "../model/index.ts";

const MAGIC = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00];
const LZMA2 = 0x21;
/** Room that is made first; indexes unpack to five times their size. */
const USUAL_RATIO = 6;

export const isXz = (bytes: Uint8Array): boolean => MAGIC.every((byte, at) => bytes[at] === byte);

/**
 * All streams of the file, one after the other.
 * @param most bytes that the result may have
 * @throws Fault `artifact/format`, `artifact/truncated`, `artifact/limit`
 */
export function unpackXz(bytes: Uint8Array, file: string, most: number): Uint8Array {
  const output = new Output(Math.min(most, Math.max(1024, bytes.length * USUAL_RATIO)), most, file);
  let at = 0;
  const bad = (message: string): Fault => new Fault("artifact/format", `${file} is no sound xz file: ${message}`, { place: { file } });
  const need = (count: number): void => {
    if (at + count > bytes.length) throw cutOff(file);
  };
  const number32 = (from: number): number =>
    (bytes[from]! | (bytes[from + 1]! << 8) | (bytes[from + 2]! << 16) | (bytes[from + 3]! << 24)) >>> 0;
  /** Section 1.2: seven bits a byte, lowest first; here below 2^53. */
  const variable = (): number => {
    let value = 0;
    for (let shift = 0; ; shift++) {
      need(1);
      if (shift === 8) throw bad("a length is beyond any file");
      const byte = bytes[at++]!;
      value += (byte & 0x7f) * 2 ** (7 * shift);
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    need(12);
    if (!isXz(bytes.subarray(at))) throw bad("a stream does not begin as one");
    if (crc32(bytes.subarray(at + 6, at + 8)) !== number32(at + 8)) throw bad("the stream's header is damaged");
    const check = bytes[at + 7]! & 15;
    at += 12;
    let blocks = 0;
    for (;;) {
      need(1);
      if (bytes[at] === 0) break;
      const headerSize = (bytes[at]! + 1) * 4;
      need(headerSize);
      const header = at;
      if (crc32(bytes.subarray(header, header + headerSize - 4)) !== number32(header + headerSize - 4))
        throw bad("a block's header is damaged");
      const flags = bytes[header + 1]!;
      at = header + 2;
      if (flags & 0x40) variable();
      if (flags & 0x80) variable();
      if ((flags & 3) !== 0 || variable() !== LZMA2) throw bad("it uses a filter other than LZMA2");
      at = header + headerSize;
      const begun = output.size;
      at = unpackLzma2(bytes, at, output, file);
      at = (at + 3) & ~3;
      const size = CHECK_SIZES[check]!;
      need(size);
      if (!sound(check, output.bytes.subarray(begun, output.size), bytes.subarray(at, at + size))) throw bad("its contents are damaged");
      at += size;
      blocks++;
    }
    // Index (section 4): its own length is what matters here; every block was checked by itself.
    const index = at++;
    const records = variable();
    if (records !== blocks) throw bad("its index counts other blocks than there are");
    for (let record = 0; record < records; record++) {
      variable();
      variable();
    }
    at = index + ((at - index + 3) & ~3);
    need(16);
    if (crc32(bytes.subarray(index, at)) !== number32(at)) throw bad("its index is damaged");
    at += 4;
    if (bytes[at + 10] !== 0x59 || bytes[at + 11] !== 0x5a) throw bad("a stream does not end as one");
    at += 12;
    // Stream padding (section 2.2).
    while (at < bytes.length && bytes[at] === 0) at++;
  }
  return output.bytes.subarray(0, output.size);
}

const cutOff = (file: string): Fault =>
  new Fault("artifact/truncated", `${file} ends before its contents do: it was cut off`, { place: { file }, hint: "fetch it again" });

/** Section 2.1.1.2: sizes of the integrity checks by their number. */
const CHECK_SIZES: readonly number[] = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64];

function sound(check: number, contents: Uint8Array, expected: Uint8Array): boolean {
  const stated = Buffer.from(expected.buffer, expected.byteOffset, expected.byteLength);
  if (check === 1) return crc32(contents) === stated.readUInt32LE(0);
  if (check === 4) {
    const [high, low] = crc64(contents);
    return low === stated.readUInt32LE(0) && high === stated.readUInt32LE(4);
  }
  if (check === 10) return createHash("sha256").update(contents).digest().equals(stated);
  // Without a check, or with one that nobody defined, LZMA's own consistency is all there is.
  return true;
}

/** CRC-64 of ECMA-182, reflected, as a high and a low half. */
function crc64(bytes: Uint8Array): readonly [high: number, low: number] {
  const highs = new Int32Array(256);
  const lows = new Int32Array(256);
  for (let index = 0; index < 256; index++) {
    let high = 0;
    let low = index;
    for (let bit = 0; bit < 8; bit++) {
      const odd = low & 1;
      low = (low >>> 1) | (high << 31);
      high >>>= 1;
      if (odd === 1) {
        high ^= 0xc96c5795;
        low ^= 0xd7870f42;
      }
    }
    highs[index] = high;
    lows[index] = low;
  }
  let high = ~0;
  let low = ~0;
  for (let at = 0; at < bytes.length; at++) {
    const index = (low ^ bytes[at]!) & 255;
    low = ((low >>> 8) | (high << 24)) ^ lows[index]!;
    high = (high >>> 8) ^ highs[index]!;
  }
  return [~high >>> 0, ~low >>> 0];
}

/** Bytes that grow by doubling up to a limit. */
class Output {
  bytes: Uint8Array<ArrayBuffer>;
  size = 0;
  readonly #most: number;
  readonly #file: string;
  constructor(room: number, most: number, file: string) {
    this.bytes = new Uint8Array(room);
    this.#most = most;
    this.#file = file;
  }
  /** Makes room for so many bytes more. */
  reserve(count: number): void {
    const wanted = this.size + count;
    if (wanted <= this.bytes.length) return;
    if (wanted > this.#most) {
      throw new Fault("artifact/limit", `${this.#file} unpacks to more than ${this.#most} bytes`, { place: { file: this.#file } });
    }
    const larger = new Uint8Array(Math.min(this.#most, Math.max(wanted, this.bytes.length * 2)));
    larger.set(this.bytes.subarray(0, this.size));
    this.bytes = larger;
  }
}

/** A block's LZMA2 chunks (the .xz format's filter 0x21, as in LZMA SDK 9.20). Returns where they end. */
function unpackLzma2(bytes: Uint8Array, from: number, output: Output, file: string): number {
  const damaged = (): Fault => new Fault("artifact/format", `${file} is no sound xz file: its LZMA2 data are damaged`, { place: { file } });
  const lzma = new Lzma();
  const dictionary = output.size;
  let at = from;
  let ready = false;
  for (;;) {
    const control = bytes[at++];
    if (control === undefined) throw cutOff(file);
    if (control === 0) return at;
    if (control < 0x80) {
      if (control > 2) throw damaged();
      const size = ((bytes[at]! << 8) | bytes[at + 1]!) + 1;
      at += 2;
      if (at + size > bytes.length) throw cutOff(file);
      output.reserve(size);
      output.bytes.set(bytes.subarray(at, at + size), output.size);
      output.size += size;
      at += size;
      continue;
    }
    if (at + 5 > bytes.length) throw cutOff(file);
    const unpacked = (((control & 0x1f) << 16) | (bytes[at]! << 8) | bytes[at + 1]!) + 1;
    const packed = ((bytes[at + 2]! << 8) | bytes[at + 3]!) + 1;
    at += 4;
    const reset = (control >> 5) & 3;
    if (reset >= 2) {
      if (!lzma.setProperties(bytes[at++]!)) throw damaged();
      ready = true;
    }
    if (!ready) throw damaged();
    if (reset >= 1) lzma.reset();
    if (at + packed > bytes.length) throw cutOff(file);
    output.reserve(unpacked);
    if (!lzma.decode(bytes, at, at + packed, output.bytes, dictionary, output.size, output.size + unpacked)) throw damaged();
    output.size += unpacked;
    at += packed;
  }
}

const STATES = 12;
const LITERAL_SIZE = 0x300;
const HALF = 1024;
/** Probabilities of a length coder: choice, choice 2, low and mid for 16 position states, high. */
const LENGTH_SIZE = 2 + 16 * 8 + 16 * 8 + 256;
// Where each group of probabilities begins.
const IS_MATCH = 0;
const IS_REP = IS_MATCH + STATES * 16;
const IS_REP0 = IS_REP + STATES;
const IS_REP1 = IS_REP0 + STATES;
const IS_REP2 = IS_REP1 + STATES;
const IS_REP0_LONG = IS_REP2 + STATES;
const SLOT = IS_REP0_LONG + STATES * 16;
const SPECIAL = SLOT + 4 * 64;
const ALIGN = SPECIAL + 128;
const MATCH_LENGTH = ALIGN + 16;
const REP_LENGTH = MATCH_LENGTH + LENGTH_SIZE;
const LITERAL = REP_LENGTH + LENGTH_SIZE;

/** LZMA's decoder (LZMA specification of the SDK, 2015): a range coder over adaptive bits. State lives on from chunk to chunk. */
class Lzma {
  #lc = 0;
  #lp = 0;
  #pb = 0;
  #probabilities = new Uint16Array(0);
  #state = 0;
  #rep0 = 0;
  #rep1 = 0;
  #rep2 = 0;
  #rep3 = 0;

  // While a chunk is decoded.
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #range = 0;
  #code = 0;

  /** Section "LZMA properties"; LZMA2 allows lc + lp up to 4. */
  setProperties(byte: number): boolean {
    if (byte >= 225) return false;
    this.#lc = byte % 9;
    const rest = (byte - this.#lc) / 9;
    this.#lp = rest % 5;
    this.#pb = (rest - this.#lp) / 5;
    if (this.#lc + this.#lp > 4) return false;
    this.#probabilities = new Uint16Array(LITERAL + (LITERAL_SIZE << (this.#lc + this.#lp)));
    return true;
  }

  reset(): void {
    this.#probabilities.fill(HALF);
    this.#state = this.#rep0 = this.#rep1 = this.#rep2 = this.#rep3 = 0;
  }

  #bit(index: number): number {
    const probability = this.#probabilities[index]!;
    const bound = (this.#range >>> 11) * probability;
    let bit: number;
    if (this.#code >>> 0 < bound >>> 0) {
      this.#range = bound;
      this.#probabilities[index] = probability + ((2048 - probability) >> 5);
      bit = 0;
    } else {
      this.#range = (this.#range - bound) | 0;
      this.#code = (this.#code - bound) | 0;
      this.#probabilities[index] = probability - (probability >> 5);
      bit = 1;
    }
    if (this.#range >>> 0 < 0x1000000) {
      this.#range <<= 8;
      this.#code = (this.#code << 8) | this.#bytes[this.#at++]!;
    }
    return bit;
  }

  #tree(base: number, bits: number): number {
    let symbol = 1;
    for (let left = bits; left > 0; left--) symbol = (symbol << 1) | this.#bit(base + symbol);
    return symbol - (1 << bits);
  }

  #reverseTree(base: number, bits: number): number {
    let symbol = 1;
    let value = 0;
    for (let at = 0; at < bits; at++) {
      const bit = this.#bit(base + symbol);
      symbol = (symbol << 1) | bit;
      value |= bit << at;
    }
    return value;
  }

  #direct(bits: number): number {
    let value = 0;
    for (let left = bits; left > 0; left--) {
      this.#range >>>= 1;
      const high = this.#code >>> 0 >= this.#range >>> 0 ? 1 : 0;
      if (high === 1) this.#code = (this.#code - this.#range) | 0;
      value = (value << 1) | high;
      if (this.#range >>> 0 < 0x1000000) {
        this.#range <<= 8;
        this.#code = (this.#code << 8) | this.#bytes[this.#at++]!;
      }
    }
    return value >>> 0;
  }

  #length(base: number, position: number): number {
    if (this.#bit(base) === 0) return this.#tree(base + 2 + (position << 3), 3);
    if (this.#bit(base + 1) === 0) return 8 + this.#tree(base + 2 + 128 + (position << 3), 3);
    return 16 + this.#tree(base + 2 + 256, 8);
  }

  /** Decodes one chunk into `out` from `from` to `to`; `start` is where the dictionary begins. False where it is damaged. */
  decode(bytes: Uint8Array, at: number, end: number, out: Uint8Array, start: number, from: number, to: number): boolean {
    this.#bytes = bytes;
    if (end - at < 5 || bytes[at] !== 0) return false;
    this.#range = -1;
    this.#code = (bytes[at + 1]! << 24) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 8) | bytes[at + 4]!;
    this.#at = at + 5;
    const positionMask = (1 << this.#pb) - 1;
    const literalMask = (1 << this.#lp) - 1;
    const lc = this.#lc;
    let position = from;
    while (position < to) {
      if (this.#at > end) return false;
      const counted = position - start;
      const place = counted & positionMask;
      const state = this.#state;
      if (this.#bit(IS_MATCH + (state << 4) + place) === 0) {
        const before = counted === 0 ? 0 : out[position - 1]!;
        const base = LITERAL + LITERAL_SIZE * (((counted & literalMask) << lc) + (before >> (8 - lc)));
        let symbol = 1;
        if (state >= 7) {
          if (this.#rep0 >= counted) return false;
          let match = out[position - this.#rep0 - 1]!;
          do {
            const matchBit = (match >> 7) & 1;
            match <<= 1;
            const bit = this.#bit(base + ((1 + matchBit) << 8) + symbol);
            symbol = (symbol << 1) | bit;
            if (matchBit !== bit) break;
          } while (symbol < 0x100);
        }
        while (symbol < 0x100) symbol = (symbol << 1) | this.#bit(base + symbol);
        out[position++] = symbol;
        this.#state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
        continue;
      }
      let length: number;
      if (this.#bit(IS_REP + state) === 1) {
        if (this.#bit(IS_REP0 + state) === 0) {
          if (this.#bit(IS_REP0_LONG + (state << 4) + place) === 0) {
            if (this.#rep0 >= counted) return false;
            out[position] = out[position - this.#rep0 - 1]!;
            position++;
            this.#state = state < 7 ? 9 : 11;
            continue;
          }
        } else {
          let distance: number;
          if (this.#bit(IS_REP1 + state) === 0) distance = this.#rep1;
          else {
            if (this.#bit(IS_REP2 + state) === 0) distance = this.#rep2;
            else {
              distance = this.#rep3;
              this.#rep3 = this.#rep2;
            }
            this.#rep2 = this.#rep1;
          }
          this.#rep1 = this.#rep0;
          this.#rep0 = distance;
        }
        length = this.#length(REP_LENGTH, place);
        this.#state = state < 7 ? 8 : 11;
      } else {
        this.#rep3 = this.#rep2;
        this.#rep2 = this.#rep1;
        this.#rep1 = this.#rep0;
        length = this.#length(MATCH_LENGTH, place);
        this.#state = state < 7 ? 7 : 10;
        const slot = this.#tree(SLOT + (Math.min(length, 3) << 6), 6);
        if (slot < 4) this.#rep0 = slot;
        else {
          const bits = (slot >> 1) - 1;
          const base = ((2 | (slot & 1)) << bits) >>> 0;
          // Special positions begin at 1: the tree's own root is never asked for.
          if (slot < 14) this.#rep0 = base + this.#reverseTree(SPECIAL + base - slot, bits);
          else this.#rep0 = base + this.#direct(bits - 4) * 16 + this.#reverseTree(ALIGN, 4);
        }
      }
      length += 2;
      const back = this.#rep0 + 1;
      if (back > counted || position + length > to) return false;
      if (back >= length) {
        out.copyWithin(position, position - back, position - back + length);
        position += length;
      } else for (let left = length; left > 0; left--, position++) out[position] = out[position - back]!;
    }
    // Reading one byte ahead at the end of a chunk is the range coder's way; more is damage.
    return this.#at <= end;
  }
}
