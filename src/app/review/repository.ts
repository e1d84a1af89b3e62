/**
 * The repository that a release's source is in: the folder or address that the user names, or, with `auto`, the one that is proved or named for each release.
 * Several reviews of one run share one clone.
 */
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { repositoryKey } from "../../checks/provenance/repository.ts";
import { Fault, type OriginFact, type SourceDifference } from "../../model/index.ts";
import { gitClone } from "../../sources/git-refs.ts";
import { readCoreMetadata } from "../../sources/pypi-metadata.ts";
import type { ReviewSide, SideOptions } from "./sides.ts";

/** What a user writes for "of each release its own". */
export const AUTO = "auto";

export interface Repositories {
  /** The folder of a clone. Throws `git/failed`, `source/offline`. */
  readonly open: (address: string) => Promise<string>;
  readonly close: () => Promise<void>;
}

/** Repositories that one run fetches by itself: an update of a few dozen packages; each may be some hundred megabytes. */
const MOST_FETCHED = 20;
/** For all of them: who waits longer names clones of his own. */
const FETCHING_MILLISECONDS = 10 * 60_000;

/** Clones are kept until `close`. `bounded`: the addresses are not the user's own. */
export function openRepositories(options: SideOptions & { readonly bounded: boolean }): Repositories {
  const clones = new Map<string, Promise<string>>();
  const folders: string[] = [];
  let spent = 0;
  const fetched = async (address: string): Promise<string> => {
    if (options.offline)
      throw new Fault("source/offline", `${address} is no folder here, and fetching it needs the network.`, {
        hint: "Clone it first, and name the folder.",
      });
    if (options.bounded && (clones.size > MOST_FETCHED || spent > FETCHING_MILLISECONDS))
      throw new Fault(
        "git/failed",
        `${address} was not fetched: at most ${MOST_FETCHED} repositories are in one run, for ${FETCHING_MILLISECONDS / 60_000} minutes.`,
        { hint: "tributary review OLD NEW --git FOLDER" },
      );
    const into = await mkdtemp(join(tmpdir(), "tributary-source-"));
    folders.push(into);
    const begun = performance.now();
    try {
      await gitClone(address, into, options.signal === undefined ? {} : { signal: options.signal });
    } finally {
      spent += performance.now() - begun;
    }
    return into;
  };
  return {
    open: async (address) => {
      const given = resolve(options.cwd, address);
      if (!options.bounded && (await isFolder(given))) return given;
      let clone = clones.get(address);
      if (clone === undefined) {
        // Two at once would share a line and a disk: they come one after the other.
        const last = [...clones.values()].at(-1);
        clone = (last ?? Promise.resolve("")).catch(() => "").then(() => fetched(address));
        clones.set(address, clone);
      }
      return await clone;
    },
    close: async () => {
      await Promise.allSettled(clones.values());
      for (const folder of folders) await rm(folder, { recursive: true, force: true });
    },
  };
}

const isFolder = async (path: string): Promise<boolean> =>
  await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

export interface NamedRepository {
  readonly address: string;
  readonly by: NonNullable<SourceDifference["repositoryBy"]>;
}

/** Where a release's source is: what verified provenance says before the registry's word, and that before the package's own; null where nobody says so. */
export async function repositoryOf(side: ReviewSide, proved: readonly OriginFact[] | null): Promise<NamedRepository | null> {
  const fact = proved?.find(({ about }) => about === "repository")?.value.replace(/ \(id \S+\)$/, "") ?? "";
  const claim = side.release?.evidence.claim;
  const words: readonly (readonly [string, NamedRepository["by"]])[] = [
    [fact, "provenance"],
    [claim?.manifest.repository ?? "", "registry"],
    [await ownWord(side), "package"],
  ];
  for (const [word, by] of words) {
    const address = fetchable(word);
    if (address !== "") return { address, by };
  }
  return null;
}

/** Anybody can name anything there: only names of hosts on the web are asked, over a closed connection. */
function fetchable(word: string): string {
  const key = word === "" ? "" : repositoryKey(word);
  return /^(?:[a-z\d-]+\.)+[a-z]{2,}\/[\w.~/-]+$/.test(key) ? `https://${key}` : "";
}

/** Metadata of a Python file holds a project's description as well. */
const MOST_METADATA = 8 * 1024 * 1024;

async function ownWord(side: ReviewSide): Promise<string> {
  if (side.release?.file === undefined) return "";
  for await (const { path, bytes } of side.entries())
    if (/^(?:[^/]+\.dist-info\/METADATA|PKG-INFO)$/.test(path) && bytes.length <= MOST_METADATA)
      return readCoreMetadata(Buffer.from(bytes).toString("utf8")).repository ?? "";
  return "";
}
