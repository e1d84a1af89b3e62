/** Finds the source of a release: which commit of which repository, or which archive; and the package's folder in it. */
import { createHash } from "node:crypto";
import { mkdtemp, readFile, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { archiveKindOf } from "../../artifacts/index.ts";
import { type SourceContinuity, type TrustRoot, walkSource } from "../../attestation/index.ts";
import { repositoryKey } from "../../checks/provenance/repository.ts";
import { Fault, type TraceSource } from "../../model/index.ts";
import { gitCommit, gitRoot } from "../../sources/git.ts";
import { readBlobs, readCommitTree } from "../../sources/git-objects.ts";
import {
  type GitTag,
  gitBranchesWith,
  gitClone,
  gitFirstParents,
  gitInHistory,
  gitIsShallow,
  gitOrigin,
  gitTags,
  gitTagsWith,
} from "../../sources/git-refs.ts";
import { attestedNotes, readNotes } from "../source-notes.ts";
import type { SourceTree } from "./files.ts";
import { archiveTree } from "./files.ts";
import type { RepositoryFacts } from "./way-facts.ts";

export interface SourceWanted {
  readonly name: string;
  readonly version: string;
  /** A folder with a clone, or an address; undefined where an archive or nothing is given. */
  readonly git?: string;
  readonly archive?: string;
  /** A commit, tag or branch that the user names. */
  readonly commit?: string;
  /** The package's folder, where the user or the manifest names one. */
  readonly directory?: string;
  /** The commit that the provenance names; "" where none. */
  readonly attested: string;
  /** The commit that somebody states without proof, and who does; null where nobody does. */
  readonly stated: { readonly commit: string; readonly by: "registry" | "package" } | null;
  readonly cwd: string;
  readonly offline: boolean;
  /** What attestations in the repository's notes are verified with; asked for where there are any. */
  readonly root: () => TrustRoot;
  /** Where tags of this repository were before: reads and keeps. */
  readonly ledger: (repository: string, tags: readonly GitTag[]) => Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface FoundSource {
  readonly source: TraceSource | null;
  readonly tree: SourceTree | null;
  readonly repository: RepositoryFacts | null;
  readonly archive: { readonly sha256: string; readonly vouchedBy: string } | null;
  readonly why: string;
  /** To be called when the tree is no longer read. */
  readonly close: () => Promise<void>;
}

const nothing = (why: string): FoundSource => ({
  source: null,
  tree: null,
  repository: null,
  archive: null,
  why,
  close: () => Promise.resolve(),
});

/** Source archives of Debian are some megabytes, the largest some hundred. */
const ARCHIVE_BYTES = 1024 * 1024 * 1024;
/** package.json files of a monorepo that are read to find the package's folder. */
const MAX_MANIFESTS = 2_000;

/** Throws `git/failed`, `input/*`, `artifact/format`, `source/offline`. */
export async function findSource(wanted: SourceWanted): Promise<FoundSource> {
  if (wanted.archive !== undefined) return await fromArchive(wanted, wanted.archive);
  if (wanted.git === undefined) return nothing("No source was given to hold the files against.");
  const given = resolve(wanted.cwd, wanted.git);
  const isFolder = await stat(given).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (isFolder) return await fromGit(wanted, given, () => Promise.resolve());
  if (wanted.offline)
    throw new Fault("source/offline", `${wanted.git} is no folder here, and fetching it needs the network.`, {
      hint: "Clone it first, and name the folder.",
    });
  const into = await mkdtemp(join(tmpdir(), "tributary-source-"));
  const close = async (): Promise<void> => await rm(into, { recursive: true, force: true });
  try {
    await gitClone(wanted.git, into, wanted.signal === undefined ? {} : { signal: wanted.signal });
    return await fromGit(wanted, into, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function fromGit(wanted: SourceWanted, folder: string, close: () => Promise<void>): Promise<FoundSource> {
  const git = wanted.signal === undefined ? {} : { signal: wanted.signal };
  if (!(await isBare(folder)) && (await gitRoot(folder, git)) === null) throw new Fault("git/failed", `${folder} is no git repository.`);
  const name = (await gitOrigin(folder, git)) || basename(folder);
  const shallow = await gitIsShallow(folder, git);
  const allTags = await gitTags(folder, git);
  const versionTags = tagsOf(allTags, wanted.name, wanted.version, wanted.directory);
  const chosen = await chooseCommit(wanted, folder, versionTags);
  if (chosen === null)
    return { ...nothing(`Neither an attestation, nor the registry, nor a tag says from which commit of ${name} it was made.`), close };
  const base = { kind: "git" as const, name, commit: chosen.commit, by: chosen.by };
  const missing = {
    name,
    present: false,
    shallow,
    committed: "",
    signed: false,
    branches: [],
    tagsWith: [],
    versionTags,
    seenBefore: {},
    track: null,
  };
  let commitTree: Awaited<ReturnType<typeof readCommitTree>>;
  try {
    commitTree = await readCommitTree(folder, chosen.commit, git);
  } catch (error) {
    // Not there is an answer; there and not what its id says is a fault.
    if (!(error instanceof Fault) || !/is not in this repository/.test(error.message)) throw error;
    return { source: { ...base, directory: "", files: 0 }, tree: null, repository: missing, archive: null, why: error.message, close };
  }
  const tree: SourceTree = {
    format: commitTree.format,
    entries: commitTree.entries,
    read: async (ids) => await readBlobs(folder, ids, git),
    history: async (ids) => await gitInHistory(folder, ids, git),
  };
  const directory = await findDirectory(tree, wanted);
  return {
    source: { ...base, directory, files: tree.entries.length },
    tree,
    repository: {
      ...missing,
      present: true,
      committed: commitTree.committed,
      signed: commitTree.signed,
      branches: await gitBranchesWith(folder, chosen.commit, git),
      tagsWith: await gitTagsWith(folder, chosen.commit, git),
      seenBefore: wanted.ledger(name, versionTags),
      track: await sourceTrack(folder, chosen.commit, name, wanted),
    },
    archive: null,
    why: "",
    close,
  };
}

/** Commits behind the release's that are looked at: some years of a busy branch, and a second of work. */
const TRACK_COMMITS = 500;

/** What the notes attest of the commit and the first parents behind it; null where the repository has no notes that are attestations. */
async function sourceTrack(folder: string, commit: string, name: string, wanted: SourceWanted): Promise<SourceContinuity | null> {
  const git = wanted.signal === undefined ? {} : { signal: wanted.signal };
  const texts = await attestedNotes(folder, git);
  if (texts.size === 0) return null;
  const line = await gitFirstParents(folder, commit, TRACK_COMMITS, git);
  const notes = readNotes(line, texts, { root: wanted.root() });
  const repository = repositoryKey(name);
  return walkSource(line, notes, repository === "" ? {} : { repositories: [repository] });
}

/** A repository without a working tree: its parts lie in the folder itself. */
const isBare = async (folder: string): Promise<boolean> =>
  await Promise.all(["HEAD", "objects", "refs"].map((name) => stat(join(folder, name)))).then(
    () => true,
    () => false,
  );

const isId = (text: string): boolean => /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);

type Chosen = Pick<TraceSource, "commit" | "by">;

/** The strongest word wins: what the user names, then what is attested, then what was published along, then a tag. */
async function chooseCommit(wanted: SourceWanted, folder: string, tags: readonly GitTag[]): Promise<Chosen | null> {
  if (wanted.commit !== undefined) {
    const commit = isId(wanted.commit) ? wanted.commit : await gitCommit(folder, wanted.commit);
    return { commit, by: "given" };
  }
  if (isId(wanted.attested)) return { commit: wanted.attested, by: "provenance" };
  if (wanted.stated !== null && isId(wanted.stated.commit)) return wanted.stated;
  const [tag] = tags;
  return tag === undefined || tag.commit === "" ? null : { commit: tag.commit, by: "tag" };
}

/** Tags that are named after a version of a package, the likeliest first: those that name the package go before those that do not. */
function tagsOf(tags: readonly GitTag[], name: string, version: string, directory: string = ""): readonly GitTag[] {
  if (version === "") return [];
  const short = name.replace(/^@[^/]*\//, "");
  const folder = directory.split("/").at(-1) ?? "";
  const names = [...new Set([name, short, folder].filter((text) => text !== ""))];
  const wanted = [
    ...names.flatMap((text) => [
      `${text}@${version}`,
      `${text}@v${version}`,
      `${text}-v${version}`,
      `${text}/v${version}`,
      `${text}-${version}`,
      `${text}/${version}`,
    ]),
    `v${version}`,
    version,
    ...["release-", "release/", "release-v", "release/v", "V"].map((before) => `${before}${version}`),
  ];
  const byName = new Map(tags.map((tag) => [tag.name, tag]));
  return wanted.flatMap((text) => byName.get(text) ?? []).filter((tag, index, all) => all.indexOf(tag) === index);
}

/** Where in the source the package lies: as said, else the package.json that has its name, the one nearest to the root. */
async function findDirectory(tree: SourceTree, wanted: SourceWanted): Promise<string> {
  const said = (wanted.directory ?? "").replace(/^(?:\.?\/)+/, "").replace(/\/+$/, "");
  const manifests = tree.entries
    .filter(
      ({ path, kind }) =>
        (kind === "file" || kind === "executable") && /(?:^|\/)package\.json$/.test(path) && !/(?:^|\/)node_modules\//.test(path),
    )
    .toSorted((a, b) => a.path.split("/").length - b.path.split("/").length)
    .slice(0, MAX_MANIFESTS);
  // Other ecosystems' packages have no package.json; their folder counts where the source has it.
  if (
    said !== "" &&
    (manifests.some(({ path }) => folderOf(path) === said) || tree.entries.some(({ path }) => path.startsWith(`${said}/`)))
  )
    return said;
  const contents = await tree.read(manifests.map(({ id }) => id));
  const found = manifests.find(({ id }) => nameIn(contents.get(id)) === wanted.name);
  return found === undefined ? "" : folderOf(found.path);
}

const folderOf = (path: string): string => (path === "package.json" ? "" : dirname(path));

function nameIn(bytes: Buffer | undefined): string {
  try {
    const value: unknown = JSON.parse(bytes?.toString("utf8") ?? "");
    const name = typeof value === "object" && value !== null ? (value as { readonly name?: unknown }).name : "";
    return typeof name === "string" ? name : "";
  } catch {
    return "";
  }
}

async function fromArchive(wanted: SourceWanted, file: string): Promise<FoundSource> {
  const path = resolve(wanted.cwd, file);
  const kind = archiveKindOf(path);
  if (kind !== "tgz" && kind !== "tar" && kind !== "zip")
    throw new Fault("input/not-understood", `${file} is no archive that is read as a source.`, {
      hint: "A .tar.gz, .tar or .zip, as a host packs a tag or Debian keeps it.",
    });
  const found = await stat(path).catch((cause: unknown) => {
    throw new Fault("input/not-found", `${file} is not there.`, { cause });
  });
  if (found.size > ARCHIVE_BYTES) throw new Fault("input/too-large", `${file} is larger than ${ARCHIVE_BYTES} bytes.`);
  const bytes = await readFile(path);
  const tree = await archiveTree(bytes, kind);
  if (!tree.complete) throw new Fault("artifact/truncated", `${file} could not be read to its end.`);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return {
    source: {
      kind: "archive",
      name: basename(file),
      commit: "",
      by: "given",
      directory: await findDirectory(tree, wanted),
      files: tree.entries.length,
    },
    tree,
    repository: null,
    archive: { sha256, vouchedBy: await vouchedBy(path, sha256, found.size) },
    why: "",
    close: () => Promise.resolve(),
  };
}

/** A Debian source description (.dsc) beside the archive that lists its SHA-256. Its signature is not looked at here: apt does that. */
async function vouchedBy(archive: string, sha256: string, size: number): Promise<string> {
  const beside = await readdir(dirname(archive)).catch(() => []);
  for (const name of beside.filter((one) => one.endsWith(".dsc")).toSorted()) {
    const text = await readFile(join(dirname(archive), name), "utf8").catch(() => "");
    const section = /^Checksums-Sha256:\n((?: .*(?:\n|$))+)/m.exec(text)?.[1] ?? "";
    const listed = section.split("\n").map((line) => line.trim().split(/\s+/));
    const line = listed.find(([, , file]) => file === basename(archive));
    if (line === undefined) continue;
    if (line[0] !== sha256 || line[1] !== String(size))
      throw new Fault("input/not-understood", `${basename(archive)} is not the archive that ${name} describes: its SHA-256 differs.`);
    return name;
  }
  return "";
}
