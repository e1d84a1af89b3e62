/** Unpacks LZ4 frames (LZ4 Frame Format 1.6.1), in which apt keeps its lists. */
import { Fault } from "../model/index.ts";

const MAGIC = 0x184d2204;

export const isLz4 = (bytes: Uint8Array): boolean => bytes.length >= 4 && view(bytes).getUint32(0, true) === MAGIC;

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/**
 * All frames of the file, one after the other; those that the format lets a reader skip are skipped.
 * @param most bytes that the result may have
 * @throws Fault `artifact/format`, `artifact/truncated`, `artifact/limit`
 */
export function unpackLz4(bytes: Uint8Array, file: string, most: number): Uint8Array {
  const data = view(bytes);
  let output = new Uint8Array(Math.min(most, Math.max(1024, bytes.length * 4)));
  let size = 0;
  let at = 0;
  const damaged = (message: string): Fault => new Fault("artifact/format", `${file} is no sound LZ4 file: ${message}`, { place: { file } });
  const need = (count: number): void => {
    if (at + count > bytes.length) {
      throw new Fault("artifact/truncated", `${file} ends before its contents do: it was cut off`, {
        place: { file },
        hint: "fetch it again",
      });
    }
  };
  const reserve = (count: number): void => {
    const wanted = size + count;
    if (wanted <= output.length) return;
    if (wanted > most) throw new Fault("artifact/limit", `${file} unpacks to more than ${most} bytes`, { place: { file } });
    const larger = new Uint8Array(Math.min(most, Math.max(wanted, output.length * 2)));
    larger.set(output.subarray(0, size));
    output = larger;
  };
  /** LZ4 Block Format 1.6.3: literals, then a copy of what came before. */
  const block = (end: number, dictionary: number): void => {
    const longer = (length: number): number => {
      let total = length;
      if (length !== 15) return total;
      for (let byte = 255; byte === 255;) {
        if (at >= end) throw damaged("a length is cut off");
        byte = bytes[at++]!;
        total += byte;
      }
      return total;
    };
    while (at < end) {
      const token = bytes[at++]!;
      const literals = longer(token >> 4);
      if (at + literals > end) throw damaged("literals lead beyond their block");
      reserve(literals);
      output.set(bytes.subarray(at, at + literals), size);
      at += literals;
      size += literals;
      if (at === end) return;
      if (at + 2 > end) throw damaged("an offset is cut off");
      const back = data.getUint16(at, true);
      at += 2;
      const length = longer(token & 15) + 4;
      if (back === 0 || back > size - dictionary) throw damaged("a copy leads before the beginning");
      reserve(length);
      if (back >= length) output.copyWithin(size, size - back, size - back + length);
      else for (let index = 0; index < length; index++) output[size + index] = output[size + index - back]!;
      size += length;
    }
  };
  while (at < bytes.length) {
    need(7);
    const magic = data.getUint32(at, true);
    if (magic >>> 4 === 0x184d2a5) {
      need(8);
      const skipped = data.getUint32(at + 4, true);
      at += 8;
      need(skipped);
      at += skipped;
      continue;
    }
    if (magic !== MAGIC) throw damaged("a frame does not begin as one");
    const flags = bytes[at + 4]!;
    if (flags >> 6 !== 1) throw damaged("its version is not 1");
    const header = at + 4;
    at += 6;
    if (flags & 8) at += 8;
    if (flags & 1) throw damaged("it needs a dictionary");
    need(1);
    if (((hash32(bytes.subarray(header, at)) >>> 8) & 255) !== bytes[at]) throw damaged("its header is damaged");
    at++;
    const begun = size;
    for (;;) {
      need(4);
      const word = data.getUint32(at, true);
      at += 4;
      if (word === 0) break;
      const length = word & 0x7fffffff;
      need(length);
      const end = at + length;
      if (word >>> 31 === 1) {
        reserve(length);
        output.set(bytes.subarray(at, end), size);
        size += length;
        at = end;
      } else block(end, flags & 0x20 ? size : begun);
      if (flags & 16) at += 4;
    }
    if (flags & 4) {
      need(4);
      if (hash32(output.subarray(begun, size)) !== data.getUint32(at, true)) throw damaged("its contents are damaged");
      at += 4;
    }
  }
  return output.subarray(0, size);
}

const P1 = 0x9e3779b1;
const P2 = 0x85ebca77;
const P3 = 0xc2b2ae3d;
const P4 = 0x27d4eb2f;
const P5 = 0x165667b1;
const turned = (value: number, by: number): number => (value << by) | (value >>> (32 - by));

/** xxHash 32 with seed 0 (xxHash specification 0.1.1), which LZ4 frames are checked with. */
function hash32(bytes: Uint8Array): number {
  const data = view(bytes);
  const n = bytes.length;
  let at = 0;
  let hash: number;
  if (n >= 16) {
    let [a, b, c, d] = [(P1 + P2) | 0, P2 | 0, 0, -P1 | 0];
    const round = (lane: number, word: number): number => Math.imul(turned((lane + Math.imul(word, P2)) | 0, 13), P1);
    for (; at + 16 <= n; at += 16) {
      a = round(a, data.getInt32(at, true));
      b = round(b, data.getInt32(at + 4, true));
      c = round(c, data.getInt32(at + 8, true));
      d = round(d, data.getInt32(at + 12, true));
    }
    hash = (turned(a, 1) + turned(b, 7) + turned(c, 12) + turned(d, 18)) | 0;
  } else hash = P5;
  hash = (hash + n) | 0;
  for (; at + 4 <= n; at += 4) hash = Math.imul(turned((hash + Math.imul(data.getInt32(at, true), P3)) | 0, 17), P4);
  for (; at < n; at++) hash = Math.imul(turned((hash + Math.imul(bytes[at]!, P5)) | 0, 11), P1);
  hash = Math.imul(hash ^ (hash >>> 15), P2);
  hash = Math.imul(hash ^ (hash >>> 13), P3);
  return (hash ^ (hash >>> 16)) >>> 0;
}
