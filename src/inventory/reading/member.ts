import { gunzipSync } from "node:zlib";
import { Fault, type InputFile } from "../../model/index.ts";

const BLOCK = 512;

/** Unpacks gzip, at most `limit` bytes of it. Throws `artifact/format`, `artifact/limit`. */
export function gunzip(file: InputFile, bytes: Uint8Array, limit: number): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: limit });
  } catch (cause) {
    const tooLarge = cause instanceof RangeError;
    throw new Fault(
      tooLarge ? "artifact/limit" : "artifact/format",
      tooLarge ? `it unpacks to more than ${limit} bytes` : "it is not gzip, or damaged",
      { place: { file: file.path }, cause },
    );
  }
}

/**
 * The first regular member of a tar whose path fits, or null. Only what it takes to find one small file: `artifacts/` reads archives
 * whole, with all that can be wrong with them. Throws `artifact/format`, `artifact/limit`.
 */
export function tarMember(file: InputFile, tar: Uint8Array, fits: (path: string) => boolean, limit: number): Uint8Array | null {
  const data = Buffer.from(tar.buffer, tar.byteOffset, tar.byteLength);
  for (let at = 0; at + BLOCK <= data.length;) {
    if (data[at] === 0) return null;
    const text = (from: number, length: number): string => data.toString("latin1", at + from, at + from + length).replace(/\0.*$/s, "");
    const octal = text(124, 12).trim();
    const size = /^[0-7]+$/.test(octal) ? Number.parseInt(octal, 8) : Number.NaN;
    if (!Number.isSafeInteger(size) || text(257, 5) !== "ustar")
      throw new Fault("artifact/format", "it is no tar archive, or damaged", { place: { file: file.path } });
    const prefix = text(345, 155);
    const path = prefix === "" ? text(0, 100) : `${prefix}/${text(0, 100)}`;
    const kind = text(156, 1);
    if ((kind === "0" || kind === "") && fits(path)) {
      if (size > limit)
        throw new Fault("artifact/limit", `${path} has ${size} bytes; at most ${limit} are read`, { place: { file: file.path } });
      return data.subarray(at + BLOCK, at + BLOCK + size);
    }
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return null;
}
