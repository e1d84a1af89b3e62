import { gunzipSync } from "node:zlib";

/**
 * The specification of a gem, which lies in it as gzip (`metadata.gz`: https://guides.rubygems.org/specification-reference/), as text of YAML. Null for
 * what is no gzip, and for what unpacks to more than `most` bytes.
 */
export function gemSpecification(packed: Uint8Array, most: number): string | null {
  try {
    return gunzipSync(packed, { maxOutputLength: most }).toString("utf8");
  } catch {
    return null;
  }
}
