/** Base64, strictly: one text for one value, so that no byte of a signed document can be written in two ways. */
import { type RejectCode, reject } from "./reject.ts";

/**
 * Bytes of a Base64 text (RFC 4648 §4, with padding). URL-safe letters, white space, missing padding and stray bits are refused: a
 * lenient reader would let a bundle be changed without its signature noticing.
 */
export function fromBase64(text: string, what: string, code: RejectCode = "bundle-malformed"): Buffer {
  const bytes = Buffer.from(text, "base64");
  if (bytes.toString("base64") !== text) reject(code, `${what} is not valid Base64`);
  return bytes;
}
