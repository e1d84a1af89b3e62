import { createHash } from "node:crypto";
import type { ArtifactClaim } from "../model/index.ts";

/** What is told of the bytes of a release whatever it is packed in: size and hashes (hexadecimal). */
export function bytesClaim(url: string, bytes: Uint8Array): Pick<ArtifactClaim, "kind" | "url" | "size" | "sha1" | "sha256" | "sha512"> {
  const hash = (algorithm: string): string => createHash(algorithm).update(bytes).digest("hex");
  return { kind: "artifact", url, size: bytes.length, sha1: hash("sha1"), sha256: hash("sha256"), sha512: hash("sha512") };
}
