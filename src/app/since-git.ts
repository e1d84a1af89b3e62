/** The project as it was at another git revision: the same files, read out of git's objects; nothing is checked out. */
import { dirname, posix, relative, resolve } from "node:path";
import { formatOf, inputFile, mergeListings, readListing, type ReadFile } from "../inventory/index.ts";
import { Fault, type InputFile, type Project, type ReadContext } from "../model/index.ts";
import { gitCommit, gitFile, gitFiles, gitRoot } from "../sources/git.ts";
import type { CheckOptions } from "./check-options.ts";

export interface ProjectBefore {
  readonly project: Project;
  /** The revision as it was named. */
  readonly revision: string;
  readonly commit: string;
  /** What the user should be told: a lockfile that could not be read at that revision counts as not there. */
  readonly notes: readonly string[];
}

/** Files that readers look for beside a lockfile. They are fetched beforehand, because a reader asks without waiting. */
const COMPANIONS: ReadonlySet<string> = new Set(["package.json", "pnpm-workspace.yaml", ".yarnrc.yml", ".npmrc"]);
/** A monorepo with more manifests than this is read without the rest: who is direct is then not known for some, and nothing worse. */
const MAX_COMPANIONS = 2_000;

/**
 * Reads the project as it was. Files that did not exist then, or could not be read, count as empty: all that is in them now is new.
 * @throws Fault `git/failed` where there is no repository, no such revision, or no git
 */
export async function projectAt(revision: string, now: Project, options: CheckOptions): Promise<ProjectBefore> {
  const { cwd, signal } = options;
  const git = signal === undefined ? {} : { signal };
  const folder = resolve(cwd, dirname(now.files[0]?.path ?? "."));
  const root = await gitRoot(folder, git);
  if (root === null) {
    throw new Fault(
      "git/failed",
      `${dirname(now.files[0]?.path ?? ".")} is in no git repository, so there is no ${revision} to compare with`,
      {
        hint: "leave --since out, or run inside the repository",
      },
    );
  }
  const commit = await gitCommit(root, revision, git);
  const listed = new Set(await gitFiles(root, commit, git));
  const inRepository = (shown: string): string => relative(root, resolve(cwd, shown)).replaceAll("\\", "/");

  // Lockfiles that are there now, and those that lay beside them and are gone.
  const wanted = new Map<string, string>();
  for (const { path } of now.files) {
    wanted.set(inRepository(path), path);
    const place = posix.dirname(inRepository(path));
    for (const other of listed) {
      if (posix.dirname(other) === place && !wanted.has(other) && formatOf(other)?.role === "lockfile") {
        wanted.set(other, posix.join(posix.dirname(path), posix.basename(other)));
      }
    }
  }
  const companions = new Map<string, Buffer>();
  for (const path of [...listed].filter((path) => COMPANIONS.has(posix.basename(path))).slice(0, MAX_COMPANIONS)) {
    const bytes = await gitFile(root, commit, path, git);
    if (bytes !== null) companions.set(path, bytes);
  }

  const read: ReadFile[] = [];
  const notes: string[] = [];
  for (const [path, shown] of wanted) {
    if (!listed.has(path)) continue;
    const bytes = await gitFile(root, commit, path, git);
    if (bytes === null) continue;
    try {
      read.push(await readListing(inputFile(shown, bytes), contextAt(posix.dirname(path), shown, companions, listed)));
    } catch (cause) {
      if (!(cause instanceof Fault)) throw cause;
      notes.push(`${shown} could not be read as it was at ${revision}, so everything in it counts as new: ${cause.message}`);
    }
  }
  return { project: mergeListings(read, { name: now.name, version: now.version }), revision, commit, notes };
}

function contextAt(folder: string, shown: string, companions: ReadonlyMap<string, Buffer>, listed: ReadonlySet<string>): ReadContext {
  const at = (path: string): string => posix.join(folder, path);
  return {
    beside: (path): InputFile | null => {
      const bytes = companions.get(at(path));
      return bytes === undefined ? null : inputFile(posix.join(posix.dirname(shown), path), bytes);
    },
    folders: (path) => {
      const prefix = at(path) === "." ? "" : `${at(path)}/`;
      const names = new Set<string>();
      for (const file of listed) {
        const rest = file.startsWith(prefix) ? file.slice(prefix.length) : "";
        const slash = rest.indexOf("/");
        if (slash > 0 && !rest.startsWith("node_modules/")) names.add(rest.slice(0, slash));
      }
      return [...names].toSorted();
    },
  };
}
