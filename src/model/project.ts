/**
 * What is checked. A project is read from files; each file that was understood gives *nodes* (one per entry: a package at a
 * place in the installed tree) and the *edges* between them. Several nodes may be the same *component* (one release of a
 * package, named by its purl): npm installs `ms@2.0.0` in five places, that is five nodes and one component.
 *
 *     file ──lists──> node ──is──> component
 *                      └─edge─> node
 *
 * An entry that was not understood becomes a problem; `listed` counts what the file holds, so that
 * `listed === nodes of that file that are no roots + problems that stand for an entry` always holds.
 */
import type { Place } from "./fault.ts";

/**
 * The ecosystem's name as OSV writes it (`npm`, `PyPI`, `crates.io`, `Debian:12` …), or "" where OSV has none.
 * https://ossf.github.io/osv-schema/#defined-ecosystems
 */
export type Ecosystem = string;

/** Where the bytes of a component come from. */
export type Origin =
  | { readonly kind: "registry" }
  | { readonly kind: "git"; readonly url: string; readonly commit: string }
  | { readonly kind: "url"; readonly url: string }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "directory"; readonly path: string }
  | { readonly kind: "unknown" };

export interface Component {
  /** Canonical purl, with version where one is known, and with `vcs_url` or `download_url` where it is not the registry's. */
  readonly purl: string;
  readonly ecosystem: Ecosystem;
  /** As its ecosystem writes it: `@scope/name`, `org.group:artifact`. */
  readonly name: string;
  /** "" where the file gives none. */
  readonly version: string;
  readonly origin: Origin;
  /** SPDX expression or text, as the file gives it. */
  readonly licence?: string;
}

/** How one package asks for another. `peer` edges that nothing fills and `optional` ones that were not installed have no target. */
export interface Edge {
  /** Index into `Project.nodes`; -1 where nothing is installed for it. */
  readonly to: number;
  /** The key under which it is asked for; differs from the component's name for an alias. */
  readonly name: string;
  /** The range or specifier as declared; "" where the file does not hold it. */
  readonly range: string;
  readonly kind: "prod" | "dev" | "optional" | "peer";
  /** A peer that may be missing (`peerDependenciesMeta`). */
  readonly optionalPeer?: boolean;
}

/** One of the files that a lockfile allows for a release: Python's releases are several files, any of which may be installed. */
export interface LockedFile {
  /** As it stands on the index: `name-1.0-py3-none-any.whl`. */
  readonly name: string;
  /** Subresource Integrity, "" where the lockfile gives none. */
  readonly integrity: string;
}

export interface Node {
  /** `root`: the project's own package or a workspace member of it; its `component` is -1. */
  readonly kind: "root" | "component";
  /** Index into `Project.components`, or -1 for a root. */
  readonly component: number;
  /** The name under which it is installed: an alias where there is one. */
  readonly name: string;
  readonly version: string;
  /** Index into `Project.files`. */
  readonly file: number;
  readonly place: Place;
  /** Where it stands in the installed tree or among the importers: `node_modules/a/node_modules/b`, `packages/web`. "" for the top. */
  readonly path: string;
  /** The hashes that the file promises, as Subresource Integrity strings (`sha512-…`); hex hashes are converted. */
  readonly integrity: readonly string[];
  /** The files that the lockfile names for it, where it names them one by one. */
  readonly files?: readonly LockedFile[];
  /**
   * The address that the file gives, as it stands there; "" where it gives none. Of what comes from a registry of Python's it is that of the
   * index, without user and password.
   */
  readonly resolved: string;
  /** Further indexes that the file lets it come from (pip's `--extra-index-url`, Pipenv's other sources), in the file's order. */
  readonly extraIndexes?: readonly string[];
  readonly edges: readonly Edge[];
  /** What a production install would bring: `prod` if some way from a root has only prod (and peer) edges, else `optional`, else `dev`. */
  readonly scope: "prod" | "optional" | "dev";
  /** Asked for by a root itself. `null` where the file does not say. */
  readonly direct: boolean | null;
  /** Delivered inside another package's tarball: it has no tarball or hash of its own. */
  readonly bundled?: boolean;
  /** Runs code at install by the lockfile's own word (`hasInstallScript`). */
  readonly installScript?: boolean;
  /** What the ecosystem calls its groups (`dev`, `test`, an extra's name), where it has them. */
  readonly groups?: readonly string[];
}

/** Something in a file that we could not take in. */
export interface Problem {
  readonly place: Place;
  readonly message: string;
  /** True where the problem stands for an entry that would otherwise have been a node. */
  readonly entry: boolean;
  /** The place in the file where several problems of one kind begin may stand for many; then how many. */
  readonly count?: number;
}

export interface ProjectFile {
  readonly path: string;
  /** The reader's id: `npm/package-lock`. */
  readonly format: string;
  /** Version of the format where it has one: "3", "9.0", "berry-8". */
  readonly formatVersion: string;
  readonly sha256: string;
  readonly ecosystem: Ecosystem;
  /** Entries that the file holds. */
  readonly listed: number;
  /** `full`: who needs whom is known. `flat`: only what there is. `partial`: the file holds some of the edges. */
  readonly graph: "full" | "partial" | "flat";
  readonly problems: readonly Problem[];
}

export interface Project {
  readonly name: string;
  readonly version: string;
  readonly files: readonly ProjectFile[];
  /** Unique by purl, sorted by purl. */
  readonly components: readonly Component[];
  readonly nodes: readonly Node[];
  /** Indices of the nodes that are roots. */
  readonly roots: readonly number[];
}

/** One file to be read, as the inventory gets it. Text is decoded once, as UTF-8 (a byte order mark is taken off; UTF-16 is recognised). */
export interface InputFile {
  /** As the user would write it, with `/`. */
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly text: string;
}

/** What a reader gets besides its file. */
export interface ReadContext {
  /** Another file, by its path relative to the folder of the one being read; null where there is none. */
  readonly beside: (relativePath: string) => InputFile | null;
  /** Names of the folders in a folder beside it, sorted, for workspace globs; absent where there is no file system behind the file. */
  readonly folders?: (relativePath: string) => readonly string[];
}

/** What one file gave: a project of one file, before the merge. Node and component indices are its own. */
export interface Listing {
  readonly format: string;
  readonly formatVersion: string;
  readonly ecosystem: Ecosystem;
  readonly name: string;
  readonly version: string;
  readonly components: readonly Component[];
  /** `file` is 0 in each. */
  readonly nodes: readonly Node[];
  readonly roots: readonly number[];
  readonly listed: number;
  readonly graph: "full" | "partial" | "flat";
  readonly problems: readonly Problem[];
}

/** A lockfile, manifest or SBOM format. One file in `inventory/`, one line in its table. */
export interface Format {
  /** `npm/package-lock`. */
  readonly id: string;
  readonly title: string;
  /** Is this my file? By its path alone (relative, with `/`). */
  readonly matches: (path: string) => boolean;
  /** A lockfile pins what is installed; a manifest only asks; an `sbom` says what somebody saw; `installed` is what a system holds. */
  readonly role: "lockfile" | "manifest" | "sbom" | "installed";
  /** Throws a Fault (`inventory/*`) with a place where the file as a whole cannot be read; a single bad entry is a problem in the listing. */
  readonly read: (file: InputFile, context: ReadContext) => Listing;
}
