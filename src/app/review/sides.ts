/**
 * One side of a review: a release from the registry, an archive, a folder, or a revision of this git repository. Its files are gone through
 * as often as somebody asks, and nothing of it is written to disk or run.
 */
import { createHash } from "node:crypto";
import { lstatSync, readFileSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { type ArchiveKind, archiveKindOf } from "../../artifacts/index.ts";
import { type PackageEntry, archiveEntries, kindByBytes } from "../../checks/behaviour/analysis/files-package.ts";
import { walk } from "../../inventory/tree/walk.ts";
import { type Evidence, Fault, formatPurl, type RegistryReleaseClaim, type ReleaseHistory, parsePurl } from "../../model/index.ts";
import { gitCommit, gitRoot } from "../../sources/git.ts";
import { readBlobs, readCommitTree } from "../../sources/git-objects.ts";
import { tagEvents } from "../../sources/git-tags.ts";
import type { PythonIndex } from "../../sources/pypi-config.ts";
import { unpackXz } from "../../sources/xz.ts";
import { historyOf } from "../../model/continuity.ts";
import { openSources, type Sources } from "../npm-evidence.ts";
import { likeFile, pypiRelease, type PypiWanted } from "../pypi-side.ts";

export interface ReviewSide {
  /** As it is shown: `name@1.2.3`, a file's name, `HEAD~1`. */
  readonly title: string;
  /** "" where it says no name. */
  readonly purl: string;
  /** Hexadecimal: of the archive's bytes, "" for folders and revisions. */
  readonly sha256: string;
  /** Those that are `wanted` by their path, all unless given. */
  readonly entries: (wanted?: (path: string) => boolean) => AsyncIterable<PackageEntry>;
  /** Grows while the entries are gone through. */
  readonly unread: { path: string; because: string }[];
  readonly history: ReleaseHistory | null;
  readonly historyBecause: string;
  /** Where it is a revision: of which repository, and its commit. */
  readonly revision?: { readonly root: string; readonly commit: string };
  /** Where it is a release of the registry: what that says of it. */
  readonly release?: {
    readonly name: string;
    readonly version: string;
    readonly evidence: Evidence<RegistryReleaseClaim>;
    /** Where a release is several files: the one that is read, and the index that has it. */
    readonly file?: string;
    readonly index?: PythonIndex;
  };
  /** Where it is one file that is opened by what its name says: that name, and the bytes. */
  readonly archive?: { readonly name: string; readonly bytes: () => Buffer };
}

export interface SideOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly offline: boolean;
  readonly signal?: AbortSignal;
}

/** The largest release that is read: above the largest prebuilt packages of npm. */
const LARGEST_ARCHIVE = 512 * 1024 * 1024;
/** One file of a folder or revision that is read whole. */
const LARGEST_FILE = 64 * 1024 * 1024;
/** Files of a revision whose content is held at once. */
const BLOBS_AT_ONCE = 500;

/** Opens what a user named. `like`: the other side, where one of several files is to be chosen. Throws `input/not-found`, `cli/usage`, `source/*` and `git/failed`. */
export async function openSide(
  wanted: string,
  options: SideOptions,
  sources: () => Promise<Sources>,
  like?: ReviewSide,
): Promise<ReviewSide> {
  const path = resolve(options.cwd, wanted);
  const there = statSync(path, { throwIfNoEntry: false });
  if (there?.isDirectory() === true) return folderSide(path, wanted);
  if (there?.isFile() === true) return fileSide(path, wanted, there.size);
  const release = releaseNamed(wanted);
  if (release?.ecosystem === "PyPI") return await pypiSide(release, await sources(), like?.release?.file);
  if (release !== null) return await releaseSide(release, options, await sources());
  return await revisionSide(wanted, options);
}

/** Of what nobody tells the history, with the reason. */
export const none = (because: string): Pick<ReviewSide, "history" | "historyBecause"> => ({ history: null, historyBecause: because });

function fileSide(path: string, title: string, size: number): ReviewSide {
  if (size > LARGEST_ARCHIVE) throw new Fault("input/too-large", `${title} has ${size} bytes; ${LARGEST_ARCHIVE} are read.`);
  const bytes = readFileSync(path);
  const about = {
    title,
    purl: "",
    archive: { name: path, bytes: () => readFileSync(path) },
    ...none("A file does not say what came before it."),
  };
  if (!/\.(?:tar\.xz|txz)$/i.test(path)) return archiveSide(bytes, archiveKindOf(basename(path)), about);
  // What it is made of is under xz; what is told of the file is told of its own bytes.
  const unpacked = unpackXz(bytes, title, LARGEST_ARCHIVE);
  return { ...archiveSide(unpacked, "tar", about), sha256: createHash("sha256").update(bytes).digest("hex") };
}

/** An archive's bytes as a side. The kind is told by the bytes where it is not given. */
export function archiveSide(
  bytes: Uint8Array,
  given: ArchiveKind | "",
  about: Pick<ReviewSide, "title" | "purl" | "history" | "historyBecause" | "release" | "archive">,
): ReviewSide {
  const kind = given || kindByBytes(bytes);
  const unread: { path: string; because: string }[] = [];
  async function* entries(wanted?: (path: string) => boolean): AsyncGenerator<PackageEntry> {
    unread.length = 0;
    try {
      yield* archiveEntries(bytes, kind, unread, wanted);
    } catch (error) {
      // What is no archive at all is a fault of the file that was named.
      if (!(error instanceof Fault)) throw error;
      throw new Fault(error.code, `${about.title}: ${error.message}`, {
        cause: error,
        ...(error.hint === undefined ? {} : { hint: error.hint }),
      });
    }
  }
  return { ...about, sha256: createHash("sha256").update(bytes).digest("hex"), entries, unread };
}

const all = (_path: string): boolean => true;

function folderSide(folder: string, title: string): ReviewSide {
  const unread: ReviewSide["unread"] = [];
  // oxlint-disable-next-line require-await -- a side is gone through as if it came from afar
  async function* entries(wanted = all): AsyncGenerator<PackageEntry> {
    unread.length = 0;
    const walked = walk(folder, { installed: true });
    for (const { path, reason } of walked.unreadable) unread.push({ path, because: reason });
    if (!walked.complete) unread.push({ path: "", because: "The folder has more files than are looked at." });
    for (const path of walked.files) {
      if (!wanted(path)) continue;
      const stat = lstatSync(join(folder, path), { throwIfNoEntry: false });
      if (stat?.isFile() !== true) continue;
      if (stat.size > LARGEST_FILE) {
        unread.push({ path, because: `It has ${stat.size} bytes.` });
        continue;
      }
      yield { path, executable: (stat.mode & 0o111) !== 0, bytes: readFileSync(join(folder, path)) };
    }
  }
  return { title, purl: "", sha256: "", entries, unread, ...none("A folder does not say what came before it.") };
}

interface ReleaseName {
  readonly ecosystem?: "npm" | "PyPI";
  readonly name: string;
  readonly version: string;
}

/** `name@1.2.3`, `@scope/name@1.2.3`, `pkg:npm/name@1.2.3`, `pypi:name@1.2`, `pkg:pypi/name@1.2`; null where it is none of these. */
function releaseNamed(wanted: string): ReleaseName | null {
  if (wanted.startsWith("pkg:")) {
    const purl = parsePurl(wanted);
    const ecosystem = purl.type === "pypi" ? "PyPI" : purl.type === "npm" ? "npm" : null;
    if (ecosystem === null || purl.version === undefined || purl.version === "")
      throw new Fault("cli/usage", `${wanted} cannot be fetched: only npm's and PyPI's releases are.`, {
        hint: "Fetch both releases and name the files.",
      });
    return {
      ecosystem,
      name: [purl.namespace, purl.name].filter((part) => part !== undefined && part !== "").join("/"),
      version: purl.version,
    };
  }
  const python = /^pypi:([A-Za-z0-9._-]{1,214})@(\d[^\s@/]{0,255})$/.exec(wanted);
  if (python !== null) return { ecosystem: "PyPI", name: python[1] ?? "", version: python[2] ?? "" };
  const match = /^(@[^@/\s]{1,214}\/[^@/\s]{1,214}|[^@/\s]{1,214})@(\d[^\s@/]{0,255})$/.exec(wanted);
  return match === null ? null : { name: match[1] ?? "", version: match[2] ?? "" };
}

/** A release of npm's registry, its bytes fetched or kept. Throws `source/*`. */
export async function releaseSide({ name, version }: ReleaseName, options: SideOptions, sources: Sources): Promise<ReviewSide> {
  const title = `${name}@${version}`;
  const { registry, config, cache } = sources;
  const seen = await registry.releases(name, [version]);
  const claim = seen.claims[0] ?? null;
  if (claim === null) throw new Fault("source/not-found", `${seen.source} has no release ${version}.`);
  const address = config.tarballAddress(claim.tarball, config.registryFor(name));
  const expected = { integrity: claim.integrity, shasum: claim.shasum };
  const { claim: artifact } = await registry.artifact(name, address, expected, seen.observedAt);
  let bytes = cache.artifact(artifact.sha512);
  // What was seen in it is kept for longer than the bytes are.
  if (bytes === null && !options.offline) {
    const again = await registry.artifact(name, address, { integrity: "", shasum: "" }, Number.POSITIVE_INFINITY);
    bytes = cache.artifact(again.claim.sha512);
  }
  if (bytes === null)
    throw new Fault(options.offline ? "source/offline" : "store/corrupt", `The kept bytes of ${title} are gone.`, {
      hint: "tributary check --fresh",
    });
  const [namespace, bare] = name.startsWith("@") ? (name.split("/", 2) as [string, string]) : ["", name];
  const purl = formatPurl({ type: "npm", ...(namespace === "" ? {} : { namespace }), name: bare, version });
  const { history } = claim;
  return archiveSide(bytes, "tgz", {
    title,
    purl,
    release: { name, version, evidence: releaseEvidence(purl, claim, seen) },
    ...(history === undefined
      ? none("The registry's document does not tell what came before it.")
      : { history, historyBecause: silence(history) }),
  });
}

/** A release of a Python package index, by one of its files. `like`: the name of a file of another release that it is held against. Throws `source/*`. */
export async function pypiSide(wanted: PypiWanted, sources: Sources, like?: string): Promise<ReviewSide> {
  const choice = like === undefined ? {} : { choose: likeFile(like) };
  const { name, version } = wanted;
  const { purl, file, bytes, kind, index, evidence } = await pypiRelease({ ...choice, ...wanted }, sources);
  const { history, files = [] } = evidence.claim;
  const others = files.length === 1 ? "" : ` Of its ${files.length} files ${file} was read.`;
  return archiveSide(bytes, kind, {
    title: `${name}@${version}`,
    purl,
    release: { name, version, evidence, file, index },
    archive: { name: file, bytes: () => bytes },
    ...(history === undefined
      ? none(`The index does not tell what came before it.${others}`)
      : { history, historyBecause: `${silence(history)}${others}`.trim() }),
  });
}

const releaseEvidence = (
  purl: string,
  claim: RegistryReleaseClaim,
  { source, observedAt }: { readonly source: string; readonly observedAt: number },
): Evidence<RegistryReleaseClaim> => ({
  subject: { purl },
  claim,
  source,
  observedAt: new Date(observedAt).toISOString(),
  strength: "asserted",
});

/** What the registry leaves out is said, so that nobody takes it for a good sign. */
const silence = ({ self }: ReleaseHistory): string =>
  self.publisher === null
    ? "The registry does not say who published it, nor how."
    : self.at === ""
      ? "The registry does not say when it was published."
      : "";

async function revisionSide(revision: string, { cwd, signal }: SideOptions): Promise<ReviewSide> {
  const git = signal === undefined ? {} : { signal };
  const root = await gitRoot(cwd, git);
  if (root === null)
    throw new Fault("input/not-found", `${revision} is no file, no folder and no release, and this folder is in no git repository.`, {
      hint: "A release is named like name@1.2.3; two files or two folders do as well.",
    });
  const commit = await gitCommit(root, revision, git);
  const tree = await readCommitTree(root, commit, git);
  const unread: ReviewSide["unread"] = [];
  async function* entries(wanted = all): AsyncGenerator<PackageEntry> {
    unread.length = 0;
    const files = tree.entries.filter(({ kind, path }) => (kind === "file" || kind === "executable") && wanted(path));
    for (const { path, kind } of tree.entries) if (kind === "submodule") unread.push({ path, because: "It is a submodule." });
    for (let at = 0; at < files.length; at += BLOBS_AT_ONCE) {
      const some = files.slice(at, at + BLOBS_AT_ONCE);
      const blobs = await readBlobs(
        root ?? "",
        some.map(({ id }) => id),
        git,
      );
      for (const { path, kind, id } of some) {
        const bytes = blobs.get(id);
        if (bytes === undefined) unread.push({ path, because: "This clone does not have its content." });
        else yield { path, executable: kind === "executable", bytes };
      }
    }
  }
  const events = await tagEvents(root, git);
  const tag = events.find((event) => event.commit === commit)?.event.version;
  const history =
    tag === undefined
      ? null
      : historyOf(
          events.map(({ event }) => event),
          tag,
        );
  return {
    title: revision,
    purl: "",
    sha256: "",
    revision: { root, commit },
    entries,
    unread,
    history,
    historyBecause: history === null ? `${revision} is no tagged release of this repository.` : "",
  };
}

/** Opens the registry once, and only where somebody asks for it. */
export function lazySources(options: SideOptions): { readonly open: () => Promise<Sources>; readonly close: () => Promise<void> } {
  let opened: Promise<Sources> | undefined;
  return {
    open: () =>
      (opened ??= openSources({
        cwd: options.cwd,
        env: options.env,
        offline: options.offline,
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      })),
    close: async () => {
      const sources = await opened?.catch(() => undefined);
      await sources?.close();
    },
  };
}
