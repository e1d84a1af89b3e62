/**
 * What packers do to a source on its way into a release: files that they write themselves, files that they change or call by another name, files that
 * they leave out. Everything else that differs from the source has something to explain.
 */
import { posix } from "node:path";
import { manifestChange } from "./manifest.ts";
import { type PackedSource, expectedFiles } from "./packlist.ts";

export interface Packer {
  readonly id: "npm" | "crate" | "sdist" | "wheel" | "gem" | "plain";
  /** The name that the source has a file under, where packing gives it another; "" where it keeps its own. */
  readonly sourceName: (path: string) => string;
  /** What packing did to a file that the source has otherwise; null where it does nothing to it. */
  readonly change: (path: string, source: Buffer, published: Buffer) => PackingWord | null;
  /** Of a file that the source lacks: that the packer writes it; null where it does not. */
  readonly writes: (file: WrittenFile, source: PackedFolder) => (PackingWord & { readonly at: string }) | null;
  /** The source's files that a packer takes; null where the source does not let one know. */
  readonly expected: (source: PackedSource) => readonly string[] | null;
}

/** `derived` only where it was held against what is known, and changes nothing that runs; `generated` is not explained yet. */
interface PackingWord {
  readonly state: "derived" | "generated" | "unexplained";
  readonly how: string;
}

interface WrittenFile {
  readonly path: string;
  readonly bytes: Buffer;
}

/** The package's folder in the source. */
interface PackedFolder {
  readonly has: (path: string) => boolean;
  /** "" where the source is no repository. */
  readonly commit: string;
}

const asItIs: Pick<Packer, "sourceName" | "change" | "writes" | "expected"> = {
  sourceName: () => "",
  change: () => null,
  writes: () => null,
  expected: () => null,
};

export const npmPacker: Packer = {
  ...asItIs,
  id: "npm",
  change: (path, source, published) => {
    if (path !== "package.json") return null;
    const change = manifestChange(source.toString("utf8"), published.toString("utf8"));
    return change.kind === "packing"
      ? { state: "derived", how: `packing changed: ${change.what}` }
      : { state: "unexplained", how: `differs from the source in ${change.members.join(", ")}` };
  },
  expected: expectedFiles,
};

const written = (by: string, at: string): PackingWord & { readonly at: string } => ({
  state: "generated",
  how: `${by} writes it when packing; not made again`,
  at,
});

/** https://doc.rust-lang.org/cargo/commands/cargo-package.html: the manifest is normalised, the one of the source kept beside it. */
const cratePacker: Packer = {
  ...asItIs,
  id: "crate",
  sourceName: (path) => (path === "Cargo.toml.orig" ? "Cargo.toml" : ""),
  // What it makes of the manifest decides what is built, so that this is no explanation.
  change: (path) => (path === "Cargo.toml" ? written("Cargo", "Cargo.toml") : null),
  writes: ({ path, bytes }, { commit }) => {
    if (path === "Cargo.lock") return written("Cargo", "Cargo.toml");
    if (path !== ".cargo_vcs_info.json") return null;
    const named = vcsInfo(bytes)?.commit ?? "";
    if (commit === "")
      return { state: "generated", how: `names the commit ${named.slice(0, 12)}, and the source has none to hold it against`, at: "" };
    return named === commit
      ? { state: "derived", how: "Cargo writes it, and it names this very commit", at: "" }
      : { state: "unexplained", how: `names another commit: ${named.slice(0, 12)}`, at: "" };
  },
};

/** The commit and folder that a crate says it was packed from, by the word of whoever packed it; null where it says none. */
export function vcsInfo(bytes: Uint8Array): { readonly commit: string; readonly directory: string } | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
    const { git, path_in_vcs: directory } = value as { readonly git?: { readonly sha1?: unknown }; readonly path_in_vcs?: unknown };
    const commit = git?.sha1;
    if (typeof commit !== "string" || !/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(commit)) return null;
    return { commit, directory: typeof directory === "string" ? directory : "" };
  } catch {
    return null;
  }
}

/** https://packaging.python.org/specifications/source-distribution-format/: metadata, and what setuptools adds. */
const sdistPacker: Packer = {
  ...asItIs,
  id: "sdist",
  change: (path, source, published) =>
    // setuptools appends its own section, [egg_info], to what the source has.
    path === "setup.cfg" && withoutEggInfo(published) === withoutEggInfo(source)
      ? { state: "derived", how: "packing added the section egg_info" }
      : null,
  writes: ({ path, bytes }) => {
    if (path === "PKG-INFO" || /(?:^|\/)[^/]+\.egg-info\/[^/]+$/.test(path)) return written("the build backend", "");
    if (path === "setup.cfg" && withoutEggInfo(bytes) === "")
      return { state: "derived", how: "packing wrote the section egg_info, and nothing else", at: "" };
    return null;
  },
};

const withoutEggInfo = (bytes: Buffer): string =>
  bytes
    .toString("utf8")
    .replaceAll("\r\n", "\n")
    .replace(/\[egg_info\]\n(?:(?:tag_build|tag_date|tag_svn_revision) *=.*(?:\n|$))*/, "")
    .trim();

/** https://packaging.python.org/specifications/binary-distribution-format/: what is installed, and a folder of metadata. */
const wheelPacker: Packer = {
  ...asItIs,
  id: "wheel",
  writes: ({ path }) => (/^[^/]+\.dist-info\/[^/]+$/.test(path) ? written("the build backend", "") : null),
};

const gemPacker: Packer = {
  ...asItIs,
  id: "gem",
  writes: ({ path }) => (/^(?:metadata|checksums\.yaml)(?:\.gz)?$/.test(path) ? written("RubyGems", "") : null),
};

/** Files that autoconf, automake, libtool and gettext put into a release. Each is code that the build runs: named, and never fine by itself. */
const AUTOTOOLS =
  /^(?:configure|aclocal\.m4|config\.h\.in|INSTALL|(?:build-aux\/|config\/)?(?:ar-lib|compile|config\.(?:guess|sub|rpath)|depcomp|install-sh|ltmain\.sh|missing|mkinstalldirs|test-driver|ylwrap|texinfo\.tex)|m4\/[^/]+\.m4|po\/[^/]+|(?:.*\/)?Makefile\.in)$/;

const plainPacker: Packer = {
  ...asItIs,
  id: "plain",
  writes: ({ path }, { has }) => {
    const at = ["configure.ac", "configure.in"].find(has);
    return at !== undefined && AUTOTOOLS.test(path)
      ? { state: "generated", how: `looks like what the autotools make of ${at}; code that the build runs, not made again`, at }
      : null;
  },
};

/** By the name of the archive and what lies at its top. */
export function packerOf(file: string, has: (path: string) => boolean): Packer {
  const name = posix.basename(file).toLowerCase();
  if (name.endsWith(".crate") || has("Cargo.toml.orig")) return cratePacker;
  if (name.endsWith(".whl") || name.endsWith(".egg")) return wheelPacker;
  if (name.endsWith(".gem")) return gemPacker;
  if (has("PKG-INFO")) return sdistPacker;
  if (name.endsWith(".tgz") && has("package.json")) return npmPacker;
  return plainPacker;
}
