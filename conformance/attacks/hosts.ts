/** Honest packages that carry the changes: consecutive releases of npm packages, from an archive of tarballs and a table of pairs. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { installedPath, openArchive } from "../../src/artifacts/index.ts";
import type { PackageEntry } from "../../src/checks/behaviour/analysis/files-package.ts";

export interface Pair {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly stratum: string;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

/** Every pair of the table, in its order. `folder` holds `benign-pairs.tar`. */
export async function readPairs(folder: string): Promise<readonly Pair[]> {
  const files = new Map<string, Buffer>();
  for await (const entry of openArchive(readFileSync(join(folder, "benign-pairs.tar")), "tar"))
    if (entry.kind === "file") files.set(entry.path, await entry.bytes());
  const tarball = (name: string, version: string): Buffer => {
    const path = `tarballs/${name.replace("/", "__")}-${version}.tgz`;
    const bytes = files.get(path);
    if (bytes === undefined) throw new Error(`the archive has no ${path}`);
    return bytes;
  };
  const rows = files.get("pairs.tsv")?.toString("utf8").trim().split("\n").slice(1) ?? [];
  return rows.map((row) => {
    const [name = "", from = "", to = "", stratum = ""] = row.split("\t");
    return { name, from, to, stratum, before: tarball(name, from), after: tarball(name, to) };
  });
}

/** The files of a tarball, by path. */
export async function unpack(bytes: Uint8Array): Promise<readonly PackageEntry[]> {
  const files = new Map<string, PackageEntry>();
  for await (const entry of openArchive(bytes, "tgz")) {
    const path = entry.kind === "file" ? installedPath(entry.path) : "";
    if (path !== "") files.set(path, { path, executable: (entry.mode & 0o111) !== 0, bytes: Buffer.from(await entry.bytes()) });
  }
  return [...files.values()];
}
