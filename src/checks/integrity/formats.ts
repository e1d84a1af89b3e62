/** What the hash in a lockfile is a hash of, and which files could hold one. */
import type { Node, Project } from "../../model/index.ts";

/**
 * Yarn from version 2 on hashes the zip file that it makes of a package, not the tarball: its `checksum` says nothing about the bytes
 * that the registry serves. https://yarnpkg.com/configuration/yarnrc#checksumBehavior
 */
const ownArchive: ReadonlySet<string> = new Set(["npm/yarn-berry"]);

/** True where the entry's hash is one of the file that the registry serves. */
export function promisesTarball(project: Project, node: Node): boolean {
  return !ownArchive.has(project.files[node.file]?.format ?? "");
}

/** Formats that write a hash for everything that they take from a registry: an entry without one is an exception. */
const alwaysHash: ReadonlySet<string> = new Set(["npm/package-lock", "npm/shrinkwrap", "npm/pnpm-lock", "npm/yarn-v1", "npm/bun-lock"]);

/** Yarn from version 2 on knows a checksum only of what it fetched, and does not fetch what its `conditions` rule out here. */
export const mayLeaveOut = (project: Project, file: number): boolean => ownArchive.has(project.files[file]?.format ?? "");

export const shouldHoldHashes = (project: Project, file: number): boolean => alwaysHash.has(project.files[file]?.format ?? "");
