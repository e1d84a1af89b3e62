export { type ArchiveKind, archiveKindOf, openArchive } from "./archive.ts";
export type { ArchiveEntry, ArchiveReading } from "./entry.ts";
export { gemSpecification } from "./gem-specification.ts";
export { type ArchiveLimits, archiveLimits } from "./limits.ts";
export { installedPath, readNpmTarball } from "./npm-tarball.ts";
export { readPythonFile } from "./python-file.ts";
