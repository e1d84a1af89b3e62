/** What the hash in a lockfile is a hash of, and which files could hold one. */
import type { Node, Project } from "../../model/index.ts";

/**
 * Yarn from version 2 on hashes the zip file that it makes of a package, not the tarball: its `checksum` says nothing about the bytes
 * that the registry serves, and the inventory does not take it for a hash of them. https://yarnpkg.com/configuration/yarnrc#checksumBehavior
 */
export function promisesTarball(project: Project, node: Node): boolean {
  return !pinsOwnArchive(project, node.file);
}

/** True for a lockfile whose hashes are of the package manager's own archives: they pin, but nobody else can compare them. */
export const pinsOwnArchive = (project: Project, file: number): boolean => {
  const { format = "", formatVersion = "" } = project.files[file] ?? {};
  return format === "npm/yarn-lock" && formatVersion.startsWith("berry");
};

/** Formats that write a hash for everything that they take from a registry: an entry without one is an exception. */
const alwaysHash: ReadonlySet<string> = new Set(["npm/package-lock", "npm/shrinkwrap", "npm/pnpm-lock", "npm/yarn-v1", "npm/bun-lock"]);

export const shouldHoldHashes = (project: Project, file: number): boolean =>
  alwaysHash.has(project.files[file]?.format ?? "") && !pinsOwnArchive(project, file);
