/** Hashes of lockfile, registry and bytes, brought to one form so that they can be held against each other. */
import type { ArtifactClaim, RegistryReleaseClaim } from "../../model/index.ts";

export interface Hash {
  readonly algorithm: string;
  /** Base64, as Subresource Integrity writes it. */
  readonly digest: string;
}

/** Weakest first. https://www.w3.org/TR/SRI/#hash-collision-attacks leaves the order to the reader; this is the usual one. */
const strength: readonly string[] = ["md5", "sha1", "sha256", "sha384", "sha512"];

/** Hashes against which nobody can make a second file of one's own choosing in practice. MD5 and SHA-1 collisions are cheap. */
export const isStrong = (hash: Hash): boolean => strength.indexOf(hash.algorithm) >= strength.indexOf("sha256");

/** Several rules ask for the hashes of one entry or claim: they are read once, and kept as long as what they were read from. */
const kept = new WeakMap<object, readonly Hash[]>();

function once<K extends object>(key: K, read: (key: K) => readonly Hash[]): readonly Hash[] {
  let hashes = kept.get(key);
  if (hashes === undefined) kept.set(key, (hashes = read(key)));
  return hashes;
}

/** Reads Subresource Integrity strings; several may stand in one, divided by spaces. What is no known hash is left out. */
export const hashesOf = (integrity: readonly string[]): readonly Hash[] => once(integrity, readHashes);

function readHashes(integrity: readonly string[]): readonly Hash[] {
  const hashes: Hash[] = [];
  for (const text of integrity) {
    for (const part of text.includes(" ") ? text.split(" ") : [text]) {
      const dash = part.indexOf("-");
      const algorithm = part.slice(0, dash).toLowerCase();
      if (dash <= 0 || !strength.includes(algorithm)) continue;
      const options = part.indexOf("?", dash);
      const digest = unpadded(options === -1 ? part.slice(dash + 1) : part.slice(dash + 1, options));
      if (digest !== "") hashes.push({ algorithm, digest });
    }
  }
  return hashes;
}

function unpadded(base64: string): string {
  let end = base64.length;
  while (base64[end - 1] === "=") end--;
  return base64.slice(0, end);
}

/** A hexadecimal digest; `[]` where there is none. It is turned into Base64 when it is first compared: of four mostly one is. */
export function hexHash(algorithm: string, hex: string): readonly Hash[] {
  if (hex === "") return [];
  let digest: string | undefined;
  return [
    {
      algorithm,
      get digest() {
        return (digest ??= unpadded(Buffer.from(hex, "hex").toString("base64")));
      },
    },
  ];
}

export const hashesOfRelease = (claim: RegistryReleaseClaim): readonly Hash[] =>
  once(claim, ({ integrity, shasum }) => [...readHashes([integrity]), ...hexHash("sha1", shasum)]);

export const hashesOfBytes = (claim: ArtifactClaim): readonly Hash[] =>
  once(claim, ({ sha512, sha256, sha1 }) => [...hexHash("sha512", sha512), ...hexHash("sha256", sha256), ...hexHash("sha1", sha1)]);

export type Comparison = "same" | "different" | "incomparable";

/**
 * Do two sets of hashes speak of the same bytes? The strongest algorithm that both have decides; within it one match is enough, since
 * a set may name several files that are allowed. `incomparable` where they have no algorithm in common.
 */
export function compareHashes(a: readonly Hash[], b: readonly Hash[]): Comparison {
  for (let rank = strength.length - 1; rank >= 0; rank--) {
    const algorithm = strength[rank];
    const left = a.find((hash) => hash.algorithm === algorithm);
    const right = left === undefined ? undefined : b.find((hash) => hash.algorithm === algorithm);
    if (left === undefined || right === undefined) continue;
    if (left.digest === right.digest) return "same";
    // Through a set: a hostile lockfile may promise a million hashes for one entry.
    const digests = new Set(a.filter((hash) => hash.algorithm === algorithm).map(({ digest }) => digest));
    return b.some((hash) => hash.algorithm === algorithm && digests.has(hash.digest)) ? "same" : "different";
  }
  return "incomparable";
}

/** The strongest one, shortened for a sentence: `sha512-z4PhNX7vuL3x…`. The whole stands in the evidence. */
export function showHash(hashes: readonly Hash[]): string {
  const [best] = hashes.toSorted((a, b) => strength.indexOf(b.algorithm) - strength.indexOf(a.algorithm));
  if (best === undefined) return "no hash";
  return `${best.algorithm}-${best.digest.length > SHOWN ? `${best.digest.slice(0, SHOWN)}…` : best.digest}`;
}

/** Sixteen base64 characters are 96 bits: enough to tell any two apart by eye. */
const SHOWN = 16;
