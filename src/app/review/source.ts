/**
 * What in a release is not in its source. Packages that are built always have files of their own, so that both releases are held against their own
 * commit, and the news is what only the new one has outside: xz 5.6.0 brought a build script that no commit ever had, where the tarballs
 * before had none.
 */
import { basename } from "node:path";
import { Fault, type OriginFact, type Signal, type SourceDifference, type TracedFile, type TraceSource } from "../../model/index.ts";
import { userFolders } from "../../store/folders.ts";
import { whoseCommits } from "./committers.ts";
import { AUTO, type Repositories, repositoryOf } from "./repository.ts";
import type { ReviewSide, SideOptions } from "./sides.ts";
import { readReleaseArchive } from "../trace/archive.ts";
import { classifyFiles, type Published, type PublishedFile } from "../trace/files.ts";
import { tagLedger } from "../trace/ledger.ts";
import { npmPacker, type Packer } from "../trace/packers.ts";
import { type FoundSource, findSource } from "../trace/source.ts";
import { openTrust } from "../trust.ts";

export interface SourceGiven {
  /** What the user gave: a clone's folder, an address to fetch one from, or `auto`; undefined where nothing. */
  readonly git?: string;
  readonly repositories: Repositories;
  readonly onNote?: (note: string) => void;
  /** What is proved of where the new release was built. */
  readonly proved: readonly OriginFact[] | null;
  /** The commit that provenance proves for a side, by title; "" where none does. */
  readonly attested: (title: string) => string;
}

export interface SourceHeld {
  readonly difference: SourceDifference;
  /** Of the commits between the two releases, where both are of one repository. */
  readonly commits: readonly Signal[];
}

const notAsked = (because: string): SourceHeld => ({
  difference: { because, source: null, before: null, news: [], asBefore: 0, inSource: 0 },
  commits: [],
});

/**
 * Throws the faults of git and of opening the source that the user named; a source in which the release is not found is said, and so is one that nobody
 * names or that cannot be had where each release's own is looked for.
 */
export async function sourceDifference(
  before: ReviewSide,
  after: ReviewSide,
  given: SourceGiven,
  options: SideOptions,
): Promise<SourceHeld> {
  if (after.revision !== undefined) return notAsked("It is a revision of its source itself.");
  if (given.git === undefined) return notAsked(`Not asked: --git FOLDER or ADDRESS of ${namedSource(after)}, or --git ${AUTO}.`);
  if (given.git !== AUTO) return await heldAgainst(before, after, await given.repositories.open(given.git), given, options);
  const named = await repositoryOf(after, given.proved);
  if (named === null) return notAsked(`Neither a proof, nor the registry, nor ${after.title} itself names a repository on the web.`);
  try {
    const found = await heldAgainst(before, after, await given.repositories.open(named.address), given, options);
    return { ...found, difference: { ...found.difference, repositoryBy: named.by } };
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!(error instanceof Fault)) throw error;
    return notAsked(`${named.address} could not be looked into: ${error.message}`);
  }
}

async function heldAgainst(
  before: ReviewSide,
  after: ReviewSide,
  folder: string,
  given: SourceGiven,
  options: SideOptions,
): Promise<SourceHeld> {
  const now = await held(after, folder, given, options);
  if (now.files === null || now.source === null) return notAsked(now.because);
  const old = await held(before, folder, given, options);
  const outside = now.files.filter(isOutside);
  const inSource = now.files.filter(({ state }) => state !== "missing").length - outside.length;
  const { source } = now;
  // Without the release before nobody can say what of it is new.
  if (old.files === null || old.source === null)
    return { difference: { because: old.because, source, before: null, news: [], asBefore: outside.length, inSource }, commits: [] };
  const was = new Map(old.files.map((file) => [file.path, file]));
  const news = outside.filter((file) => {
    // What packing names after the version is the same file: `brook-1.1.dist-info/METADATA`.
    const known = was.get(file.path) ?? (now.version === "" ? undefined : was.get(file.path.replaceAll(now.version, old.version)));
    // Outside before as well, in the same way: the source had none, or another, of its path.
    return known === undefined || !isOutside(known) || differs(known) !== differs(file);
  });
  const how = {
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(given.onNote === undefined ? {} : { onNote: given.onNote }),
  };
  return {
    difference: { because: "", source, before: old.source, news, asBefore: outside.length - news.length, inSource },
    commits: await whoseCommits(folder, old.source.commit, source.commit, how),
  };
}

const isOutside = ({ state }: TracedFile): boolean => state === "unexplained" || state === "generated";

/** The source has a file of its path, and a different one. */
const differs = ({ state, at }: TracedFile): boolean => state === "unexplained" && at !== "";

const namedSource = ({ release }: ReviewSide): string => {
  const named = release?.evidence.claim.history?.self.repository ?? "";
  return named === null || named === "" ? "its repository" : `its repository (it names ${named})`;
};

interface Held {
  readonly files: readonly TracedFile[] | null;
  readonly source: TraceSource | null;
  readonly because: string;
  /** "" where none is known. */
  readonly version: string;
}

async function held(side: ReviewSide, folder: string, given: SourceGiven, options: SideOptions): Promise<Held> {
  const packed = await packedOf(side);
  const { data } = userFolders(options.env);
  const found: FoundSource = await findSource({
    name: packed.name,
    version: packed.version,
    cwd: options.cwd,
    offline: options.offline,
    attested: given.attested(side.title),
    stated: packed.commit === "" ? null : { commit: packed.commit, by: packed.by },
    root: () => openTrust(data).root,
    ledger: tagLedger(data),
    directory: packed.directory,
    git: folder,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  try {
    const { tree, source, why } = found;
    if (tree === null || source === null)
      return { files: null, source, version: packed.version, because: `${side.title} could not be held against its source: ${why}` };
    const files = await classifyFiles(packed.published, tree, {
      directory: source.directory,
      packer: packed.packer,
      commit: source.commit,
    });
    return { files, source, version: packed.version, because: "" };
  } finally {
    await found.close();
  }
}

interface Packed {
  readonly published: Published;
  readonly packer: Packer;
  readonly name: string;
  readonly version: string;
  readonly commit: string;
  readonly by: "registry" | "package";
  readonly directory: string;
}

async function packedOf(side: ReviewSide): Promise<Packed> {
  if (side.archive !== undefined) return { by: "package", ...(await readReleaseArchive(side.archive.name, side.archive.bytes())) };
  const files = new Map<string, PublishedFile>();
  for await (const { path, executable, bytes } of side.entries()) files.set(path, { path, executable, bytes: Buffer.from(bytes) });
  const published: Published = { files, hazards: [], complete: side.unread.length === 0 };
  const claim = side.release?.evidence.claim;
  const manifest = manifestIn(files.get("package.json")?.bytes);
  return {
    published,
    packer: npmPacker,
    name: side.release?.name ?? manifest.name ?? basename(side.title),
    version: side.release?.version ?? manifest.version ?? "",
    commit: claim?.commit ?? "",
    by: "registry",
    directory: manifest.directory ?? "",
  };
}

interface Named {
  readonly name?: string;
  readonly version?: string;
  readonly directory?: string;
}

function manifestIn(bytes: Buffer | undefined): Named {
  try {
    const { name, version, repository } = JSON.parse(bytes?.toString("utf8") ?? "{}") as Readonly<Record<string, unknown>>;
    const directory = typeof repository === "object" && repository !== null ? (repository as { directory?: unknown }).directory : undefined;
    const texts = Object.entries({ name, version, directory }).filter(
      (member): member is [string, string] => typeof member[1] === "string",
    );
    return Object.fromEntries(texts);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return {};
    throw error;
  }
}
