/** Hashes as lockfiles write them, turned into Subresource Integrity strings (https://www.w3.org/TR/SRI/#the-integrity-attribute). */

/** Length of each hash in hexadecimal digits. */
const digits: Readonly<Record<string, number>> = { md5: 32, sha1: 40, sha256: 64, sha384: 96, sha512: 128 };

/** A hexadecimal hash as SRI, or null where it is none of that algorithm. */
export function hexToSri(algorithm: string, hex: string): string | null {
  const name = algorithm.toLowerCase().replace("sha-", "sha");
  if (digits[name] !== hex.length || !/^[0-9a-f]+$/i.test(hex)) return null;
  return `${name}-${Buffer.from(hex, "hex").toString("base64")}`;
}

/** `sha256:hex` (pip, Poetry, PDM, uv, Gemfile.lock with `=`) as SRI, or null. */
export function prefixedToSri(text: string): string | null {
  const match = /^(md5|sha1|sha256|sha384|sha512)[:=]([0-9a-f]+)$/i.exec(text.trim());
  return match?.[1] === undefined || match[2] === undefined ? null : hexToSri(match[1], match[2]);
}

/** A base64 hash of a known algorithm as SRI, or null where its length is wrong. */
export function base64ToSri(algorithm: string, base64: string): string | null {
  const bytes = Buffer.from(base64, "base64");
  return digits[algorithm] === bytes.length * 2 ? `${algorithm}-${bytes.toString("base64")}` : null;
}

/** What is left of hashes after conversion: sorted and without repeats, because they are a set of files that are allowed. */
export const sriSet = (hashes: Iterable<string | null>): readonly string[] =>
  [...new Set([...hashes].filter((hash) => hash !== null))].toSorted();
