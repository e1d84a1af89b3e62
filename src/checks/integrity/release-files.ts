/**
 * A release that is several files: each file that a lockfile allows is held against the index's file of that name, and each hash that stands alone
 * against all of them. That one of them is right says nothing of the others: an installer takes any.
 */
import type { Node, ReleaseFile } from "../../model/index.ts";
import { compareHashes, hashesOf, showHash } from "./hashes.ts";

/** One thing that the index does not publish as the lockfile has it. */
export interface Deviation {
  /** `other-bytes`: the index has that file with another hash. `swapped`: the hash is another file's. `unpublished`: the index has neither. */
  readonly kind: "other-bytes" | "swapped" | "unpublished";
  /** `a-1.0-py3-none-any.whl` or, where the lockfile names no file, the hash. */
  readonly what: string;
  /** Ends the sentence "the lockfile promises … for what, …". */
  readonly sentence: string;
}

export interface Comparison {
  readonly deviations: readonly Deviation[];
  /** How many of the promised files or hashes are the index's. */
  readonly right: number;
  /** How many could not be compared: no algorithm in common. */
  readonly open: number;
}

/** Holds what one entry of a lockfile allows against the files that the index publishes for the release. */
export function compareFiles(node: Pick<Node, "files" | "integrity">, published: readonly ReleaseFile[]): Comparison {
  const byName = new Map(published.map((file) => [file.name, file]));
  const byHash = new Map(published.flatMap((file) => file.integrity.split(" ").map((hash) => [hash, file] as const)));
  const algorithms = new Set([...byHash.keys()].map((hash) => hash.slice(0, hash.indexOf("-"))));
  const deviations: Deviation[] = [];
  let right = 0;
  let open = 0;
  const covered = new Set<string>();
  for (const { name, integrity } of node.files ?? []) {
    const own = byName.get(name);
    const other = byHash.get(integrity);
    covered.add(integrity);
    if (integrity === "") continue;
    const promised = hashesOf([integrity]);
    const relation = own === undefined ? "different" : compareHashes(promised, hashesOf([own.integrity]));
    if (relation === "same") right++;
    else if (relation === "incomparable") open++;
    else if (other !== undefined)
      deviations.push({
        kind: "swapped",
        what: name,
        sentence: `promises ${showHash(promised)} for ${name}, which is the hash of ${other.name}`,
      });
    else if (own !== undefined)
      deviations.push({
        kind: "other-bytes",
        what: name,
        sentence: `promises ${showHash(promised)} for ${name}, the index publishes ${showHash(hashesOf([own.integrity]))}`,
      });
    else
      deviations.push({
        kind: "unpublished",
        what: name,
        sentence: `promises ${showHash(promised)} for ${name}, a file that the index does not have`,
      });
  }
  for (const hash of node.integrity) {
    if (covered.has(hash)) continue;
    if (byHash.has(hash)) right++;
    else if (!algorithms.has(hash.slice(0, hash.indexOf("-")))) open++;
    else {
      const shown = showHash(hashesOf([hash]));
      deviations.push({
        kind: "unpublished",
        what: hash,
        sentence: `allows ${shown}, which is none of the ${published.length} files that the index has`,
      });
    }
  }
  return { deviations, right, open };
}
