/** Which file of a Python release is looked into. A release is several files, any of which may be installed; one stands for all. */
import type { ReleaseFile } from "../model/index.ts";

const isWheel = (name: string): boolean => /\.whl$/i.test(name);
/** PEP 625 has `.tar.gz`; zip archives are older. */
const isSource = (name: string): boolean => /\.(?:tar\.gz|tgz)$/i.test(name);
const isZip = (name: string): boolean => /\.zip$/i.test(name);

/**
 * What an installer would take on any machine: the wheel of pure Python, else the source distribution, from which all others are built, else the first
 * wheel by name. `allowed`: the hashes that a lockfile pins (Subresource Integrity); a file without one of them is not what would be installed, unless
 * none has one.
 */
export function fileToRead(files: readonly ReleaseFile[], allowed: ReadonlySet<string> = new Set()): ReleaseFile | null {
  const pinned = files.filter(({ integrity }) => integrity.split(" ").some((hash) => allowed.has(hash)));
  const among = pinned.length > 0 ? pinned : files;
  const pure = among.find(({ name }) => /-none-any\.whl$/i.test(name));
  const source = among.find(({ name }) => isSource(name)) ?? among.find(({ name }) => isZip(name));
  return pure ?? source ?? among.find(({ name }) => isWheel(name)) ?? null;
}

/** The file of another release to hold one against: of the same kind where there is one, so that what packing adds is on both sides. */
export function fileLike(files: readonly ReleaseFile[], name: string): ReleaseFile | null {
  const tags = tagsOf(name);
  const same =
    tags === ""
      ? (files.find((file) => isSource(file.name)) ?? files.find((file) => isZip(file.name)))
      : (files.find((file) => tagsOf(file.name) === tags) ??
        files.find((file) => isWheel(file.name) && platformOf(file.name) === platformOf(name)));
  return same ?? fileToRead(files);
}

/** `py3-none-any` of a wheel (PEP 427), "" for anything else. */
const tagsOf = (name: string): string => (isWheel(name) ? name.slice(0, -".whl".length).split("-").slice(-3).join("-") : "");

const platformOf = (name: string): string => tagsOf(name).split("-").at(-1) ?? "";
