/**
 * Reads an npm package's tarball as npm unpacks it (pacote, with tar's `strip: 1`): the first part of every path is taken off whatever it
 * is called, links are left out, paths with `..` are left out, and of two entries with one path the later one wins.
 */
import { win32 } from "node:path";
import { type ArtifactClaim, type ArchiveHazard, Fault, type PackageManifest, packageManifest } from "../model/index.ts";
import { openArchive } from "./archive.ts";
import { bytesClaim } from "./claim.ts";
import { type ArchiveLimits, archiveLimits } from "./limits.ts";

/** A package.json of some kilobytes is usual, of a megabyte already absurd. */
const MANIFEST_BYTES = 8 * 1024 * 1024;
/** JSON within JSON deeper than this is no manifest; the parser itself would take far more. */
const MANIFEST_DEPTH = 500;

/** What the bytes of an npm package are: their hashes, size, hazards and manifest. What is no tarball at all has a hazard and no manifest. */
export async function readNpmTarball(url: string, bytes: Uint8Array, limits: ArchiveLimits = archiveLimits): Promise<ArtifactClaim> {
  let files = 0;
  let unpackedSize = 0;
  let manifestBytes: Buffer | null = null;
  let manifests = 0;
  let bindingGyp = false;
  const more: ArchiveHazard[] = [];
  // npm takes a tarball that is not packed as well.
  const reading = openArchive(bytes, bytes[0] === 0x1f && bytes[1] === 0x8b ? "tgz" : "tar", limits);
  try {
    for await (const entry of reading) {
      if (entry.kind !== "file") continue;
      files++;
      unpackedSize += entry.size;
      const path = installedPath(entry.path);
      if (path === "binding.gyp") bindingGyp = true;
      if (path !== "package.json") continue;
      manifests++;
      manifestBytes = null;
      try {
        manifestBytes = await entry.bytes(MANIFEST_BYTES);
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        more.push({ kind: "manifest-unreadable", path: entry.path, detail: error.message });
      }
    }
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    more.push({ kind: "bad-header", path: "", detail: error.message });
  }
  if (manifests === 0) more.push({ kind: "manifest-missing", path: "package.json", detail: "the tarball has no package.json at its top" });
  if (manifests > 1)
    more.push({
      kind: "manifest-duplicate",
      path: "package.json",
      detail: `the tarball has ${manifests} of them; the last is what npm installs`,
    });
  const manifest = manifestBytes === null ? null : manifestOf(manifestBytes, bindingGyp, more);
  return {
    ...bytesClaim(url, bytes),
    files,
    unpackedSize,
    manifest,
    hazards: [...reading.hazards(), ...more],
  };
}

/** Where npm puts an entry, relative to the package's folder; "" where it leaves it out. */
export function installedPath(entryPath: string): string {
  // The first part goes, even an empty one before a leading slash; then roots go, those of Windows on every system.
  let rest = entryPath.split("/").slice(1).join("/");
  for (let root = rootOf(rest); root !== ""; root = rootOf(rest)) rest = rest.slice(root.length);
  const parts = rest.split("/");
  if (parts.includes("..")) return "";
  return parts.filter((part) => part !== "" && part !== ".").join("/");
}

const rootOf = (path: string): string => (path.startsWith("/") && !path.startsWith("//?/") ? "/" : win32.parse(path).root);

function manifestOf(bytes: Buffer, bindingGyp: boolean, hazards: ArchiveHazard[]): PackageManifest | null {
  const unreadable = (detail: string): null => {
    hazards.push({ kind: "manifest-unreadable", path: "package.json", detail });
    return null;
  };
  const text = bytes.toString("utf8").replace(/^\ufeff/, "");
  if (depthOf(text) > MANIFEST_DEPTH) return unreadable(`it is nested more than ${MANIFEST_DEPTH} deep`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return unreadable("it is no JSON");
  }
  return packageManifest(value, { bindingGyp }) ?? unreadable("it is no JSON object");
}

/** How deep brackets open within each other, outside texts. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inText = false;
  for (let at = 0; at < text.length; at++) {
    const c = text.charCodeAt(at);
    if (inText) {
      if (c === 92) at++;
      else if (c === 34) inText = false;
    } else if (c === 34) inText = true;
    else if (c === 123 || c === 91) deepest = Math.max(deepest, ++depth);
    else if (c === 125 || c === 93) depth--;
  }
  return deepest;
}
