/**
 * A release as a file of any ecosystem: a source distribution, a crate, a wheel, a gem, the tarball that a project puts beside its tags. Opened to what
 * can be held against a source: its files without the folder that they are packed in, its name and version, and how it was packed.
 */
import { createHash } from "node:crypto";
import { basename } from "node:path";
import { type ArchiveKind, type ArchiveReading, archiveKindOf, openArchive } from "../../artifacts/index.ts";
import { type ArchiveHazard, type ArtifactClaim, Fault, formatPurl } from "../../model/index.ts";
import { unpackXz } from "../../sources/xz.ts";
import { PUBLISHED_BYTES, type Published, type PublishedFile } from "./files.ts";
import { type Packer, packerOf, vcsInfo } from "./packers.ts";

export interface ReleaseArchive {
  readonly published: Published;
  readonly packer: Packer;
  readonly artifact: ArtifactClaim;
  readonly purl: string;
  readonly name: string;
  /** "" where the file's name tells none. */
  readonly version: string;
  /** By the word of whoever packed it; "" where it says none. */
  readonly commit: string;
  readonly directory: string;
}

/** Throws `input/not-understood` for a kind that is not read, `input/too-large`. What is wrong with the archive is among its hazards. */
export async function readReleaseArchive(file: string, bytes: Buffer): Promise<ReleaseArchive> {
  const { kind, unpacked } = opened(file, bytes);
  const read = await filesOf(openArchive(unpacked, kind), kind);
  const top = kind === "gem" ? "" : topFolder([...read.files.keys()]);
  const files = new Map([...read.files.values()].map((one) => [one.path.slice(top.length), { ...one, path: one.path.slice(top.length) }]));
  const packer = packerOf(file, (path) => files.has(path));
  const { name, version } = nameOf(basename(file), packer.id);
  const info = packer.id === "crate" ? vcsInfo(files.get(".cargo_vcs_info.json")?.bytes ?? Buffer.alloc(0)) : null;
  const hash = (algorithm: string): string => createHash(algorithm).update(bytes).digest("hex");
  const sizes = [...files.values()].reduce((sum, one) => sum + one.bytes.length, 0);
  return {
    published: { files, hazards: read.hazards, complete: read.complete },
    packer,
    artifact: {
      kind: "artifact",
      url: basename(file),
      size: bytes.length,
      sha1: hash("sha1"),
      sha256: hash("sha256"),
      sha512: hash("sha512"),
      files: files.size,
      unpackedSize: sizes,
      manifest: null,
      hazards: read.hazards,
    },
    purl: formatPurl({ type: purlTypes[packer.id], name, ...(version === "" ? {} : { version }) }),
    name,
    version,
    commit: info?.commit ?? "",
    directory: info?.directory ?? "",
  };
}

const purlTypes: Readonly<Record<Packer["id"], string>> = {
  npm: "npm",
  crate: "cargo",
  sdist: "pypi",
  wheel: "pypi",
  gem: "gem",
  plain: "generic",
};

function opened(file: string, bytes: Buffer): { readonly kind: ArchiveKind; readonly unpacked: Uint8Array } {
  if (/\.(?:tar\.xz|txz)$/i.test(file)) return { kind: "tar", unpacked: unpackXz(bytes, basename(file), PUBLISHED_BYTES) };
  const kind = archiveKindOf(file);
  if (kind === "" || kind === "deb")
    throw new Fault("input/not-understood", `${file} is no release that is read here.`, {
      place: { file },
      hint: "A .tar.gz, .tar.xz, .tar.zst, .tar, .tgz, .crate, .whl, .zip or .gem.",
    });
  return { kind, unpacked: bytes };
}

async function filesOf(reading: ArchiveReading, kind: ArchiveKind): Promise<Published> {
  const files = new Map<string, PublishedFile>();
  const more: ArchiveHazard[] = [];
  let total = 0;
  try {
    for await (const entry of reading) {
      if (entry.kind !== "file") continue;
      const path = entry.path.replace(/^(?:\.\/)+/, "");
      // What leads out of the archive is among its hazards.
      if (path === "" || path.startsWith("/") || path.split("/").includes("..")) continue;
      total += entry.size;
      if (total > PUBLISHED_BYTES) throw new Fault("input/too-large", `The release holds more than ${PUBLISHED_BYTES} bytes.`);
      // Zip archives that were not made on Unix have no modes.
      files.set(path, { path, bytes: await entry.bytes(PUBLISHED_BYTES), executable: kind !== "zip" && (entry.mode & 0o100) !== 0 });
    }
  } catch (error) {
    if (!(error instanceof Fault) || error.code === "input/too-large") throw error;
    more.push({ kind: "bad-header", path: "", detail: error.message });
  }
  return { files, hazards: [...reading.hazards(), ...more], complete: reading.complete() && more.length === 0 };
}

/** The one folder that everything is packed in, with its slash; "" where there is none. */
function topFolder(paths: readonly string[]): string {
  const [first = ""] = paths;
  const top = first.slice(0, first.indexOf("/") + 1);
  return top !== "" && paths.every((path) => path.startsWith(top)) ? top : "";
}

/** `xz-5.6.0.tar.gz`, `node-ini_3.0.1.orig.tar.gz`, `six-1.16.0-py2.py3-none-any.whl`. */
function nameOf(file: string, packed: Packer["id"]): { readonly name: string; readonly version: string } {
  const bare = file.replace(/\.(?:orig\.)?(?:tar(?:\.\w+)?|tgz|txz|tzst|crate|whl|egg|gem|zip)$/i, "");
  if (packed === "wheel") {
    const [name = bare, version = ""] = bare.split("-");
    return { name, version };
  }
  const found = /^(.+?)[-_]v?(\d[\w.+~-]*)$/.exec(bare);
  return { name: found?.[1] ?? bare, version: found?.[2] ?? "" };
}
