/**
 * What in a release is not in its source. Packages that are built always have files of their own, so that both releases are held against their own
 * commit, and the news is what only the new one has outside: xz 5.6.0 brought a build script that no commit ever had, where the tarballs
 * before had none.
 */
import { basename } from "node:path";
import { readFileSync } from "node:fs";
import { type SourceDifference, type TracedFile, type TraceSource } from "../../model/index.ts";
import { userFolders } from "../../store/folders.ts";
import type { ReviewSide, SideOptions } from "./sides.ts";
import { readReleaseArchive } from "../trace/archive.ts";
import { classifyFiles, type Published, type PublishedFile } from "../trace/files.ts";
import { tagLedger } from "../trace/ledger.ts";
import { npmPacker, type Packer } from "../trace/packers.ts";
import { type FoundSource, findSource } from "../trace/source.ts";
import { openTrust } from "../trust.ts";

export interface SourceGiven {
  /** A clone's folder, or an address to fetch one from. */
  readonly git?: string;
  /** The commit that provenance proves for a side, by title; "" where none does. */
  readonly attested: (title: string) => string;
}

const notAsked = (because: string): SourceDifference => ({ because, source: null, before: null, news: [], asBefore: 0, inSource: 0 });

/** Throws the faults of git and of opening the source; a source in which the release is not found is said. */
export async function sourceDifference(
  before: ReviewSide,
  after: ReviewSide,
  given: SourceGiven,
  options: SideOptions,
): Promise<SourceDifference> {
  if (after.revision !== undefined) return notAsked("It is a revision of its source itself.");
  if (given.git === undefined) return notAsked(`Not asked: --git FOLDER or ADDRESS of ${namedSource(after)}.`);
  const now = await held(after, given, options);
  if (now.files === null || now.source === null) return notAsked(now.because);
  const old = await held(before, given, options);
  const outside = now.files.filter(isOutside);
  const inSource = now.files.filter(({ state }) => state !== "missing").length - outside.length;
  // Without the release before nobody can say what of it is new.
  if (old.files === null) return { because: old.because, source: now.source, before: null, news: [], asBefore: outside.length, inSource };
  const was = new Map(old.files.map((file) => [file.path, file]));
  const news = outside.filter((file) => {
    const known = was.get(file.path);
    // Outside before as well, in the same way: the source had none, or another, of its path.
    return known === undefined || !isOutside(known) || differs(known) !== differs(file);
  });
  return { because: "", source: now.source, before: old.source, news, asBefore: outside.length - news.length, inSource };
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
}

async function held(side: ReviewSide, given: SourceGiven, options: SideOptions): Promise<Held> {
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
    ...(given.git === undefined ? {} : { git: given.git }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  try {
    const { tree, source, why } = found;
    if (tree === null || source === null)
      return { files: null, source, because: `${side.title} could not be held against its source: ${why}` };
    const files = await classifyFiles(packed.published, tree, {
      directory: source.directory,
      packer: packed.packer,
      commit: source.commit,
    });
    return { files, source, because: "" };
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
  if (side.file !== undefined) return { by: "package", ...(await readReleaseArchive(side.file, readFileSync(side.file))) };
  const files = new Map<string, PublishedFile>();
  for await (const { path, executable, bytes } of side.entries())
    files.set(path, { path, executable, bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) });
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
