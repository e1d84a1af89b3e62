/** Reads one file of a Python release: a wheel (a zip archive) or a source distribution (a packed tar archive, or a zip archive). */
import { type ArchiveHazard, type ArtifactClaim, Fault } from "../model/index.ts";
import { archiveKindOf, openArchive } from "./archive.ts";
import { bytesClaim } from "./claim.ts";
import { type ArchiveLimits, archiveLimits } from "./limits.ts";

/**
 * What the bytes of a file of a Python release are: their hashes, size and hazards. `name` is the file's, which tells what it is. Of what is packed in a way
 * that is not read here (`.tar.bz2`) only the hashes are told; what is no archive of its kind has a hazard.
 */
export async function readPythonFile(
  url: string,
  name: string,
  bytes: Uint8Array,
  limits: ArchiveLimits = archiveLimits,
): Promise<ArtifactClaim> {
  const hazards: ArchiveHazard[] = [];
  let files = 0;
  let unpackedSize = 0;
  const kind = archiveKindOf(name);
  if (kind !== "") {
    const reading = openArchive(bytes, kind, limits);
    try {
      for await (const entry of reading) {
        if (entry.kind !== "file") continue;
        files++;
        unpackedSize += entry.size;
      }
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      hazards.push({ kind: "bad-header", path: "", detail: error.message });
    }
    // Installers of Python's take links that stay within the archive (PEP 706); only npm leaves them out.
    hazards.unshift(...reading.hazards().filter((hazard) => hazard.kind !== "link"));
  }
  return {
    ...bytesClaim(url, bytes),
    files,
    unpackedSize,
    manifest: null,
    hazards,
  };
}
