/** From a path to a project: finds the files, reads each with the format that claims it, and merges what they gave. */
import { statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { Fault, type InputFile, type Listing, type Problem, type Project, type ReadContext, sha256 } from "../model/index.ts";
import { type Found, findInventoryFiles } from "./find.ts";
import { type FormatLine, formatOf, formats } from "./formats.ts";
import { diskContext, folderOf, isCleanText, noContext, readInputFile } from "./input.ts";
import { type ReadFile, mergeListings } from "./project.ts";

/** How much of a file that was named by hand is looked at to recognise it, in characters. */
const HEAD = 4096;

/**
 * Reads one file with the format that claims it (or with the one that is given).
 * @throws Fault `input/not-understood` where no format claims it; `inventory/*` where the file as a whole cannot be read
 */
export async function readListing(file: InputFile, context: ReadContext = noContext, format?: FormatLine): Promise<ReadFile> {
  const line = format ?? formatOf(file.path, () => file.text.slice(0, HEAD));
  if (line === undefined) {
    throw new Fault("input/not-understood", `${file.path} is none of the ${formats.length} formats that are read`, {
      place: { file: file.path },
      hint: "name a lockfile, an SBOM, or the folder of a project",
    });
  }
  const reader = await line.load();
  let listing: Listing;
  try {
    listing = reader.read(file, context);
  } catch (cause) {
    // A reader that trips over a hostile file must say which file it was; that it tripped is our mistake and is said as such.
    if (cause instanceof Fault) throw cause;
    throw new Fault(
      "internal/bug",
      `the reader of ${line.title} stumbled over ${file.path}: ${cause instanceof Error ? cause.message : "?"}`,
      {
        cause,
        place: { file: file.path },
        hint: "please report this, with the file if you can share it",
      },
    );
  }
  const problems: readonly Problem[] =
    line.role === "installed" || isCleanText(file.bytes) || file.bytes.subarray(0, HEAD).includes(0)
      ? listing.problems
      : [
          ...listing.problems,
          { place: { file: file.path }, message: "the file is not valid UTF-8: some names may be wrong", entry: false },
        ];
  return {
    listing,
    file: {
      path: file.path,
      format: listing.format,
      formatVersion: listing.formatVersion,
      sha256: sha256(file.bytes),
      ecosystem: listing.ecosystem,
      listed: listing.listed,
      graph: listing.graph,
      problems,
    },
  };
}

/** A read file with one more problem. */
export function withProblem(read: ReadFile, problem: Problem): ReadFile {
  return { ...read, file: { ...read.file, problems: [...read.file.problems, problem] } };
}

export interface ReadProjectOptions {
  /** The folder against which paths are shown; by default the one that is read. */
  readonly cwd?: string;
}

/**
 * Reads the project at a path.
 * @param path a folder (its lockfiles, or its manifests where it has none), a lockfile, a manifest or an SBOM
 * @throws Fault `input/not-found`, `inventory/no-lockfile`, `input/not-understood`, and what reading a named file throws. In a folder
 *   with several files one that cannot be read becomes a problem, as long as another can.
 */
export async function readProject(path: string, options: ReadProjectOptions = {}): Promise<Project> {
  const cwd = options.cwd ?? process.cwd();
  const absolute = resolve(cwd, path);
  const stat = statSync(absolute, { throwIfNoEntry: false });
  if (stat === undefined) throw new Fault("input/not-found", `${path} is not there`, { place: { file: path } });
  if (!stat.isDirectory()) return readNamedFile(absolute, path);

  const found = findInventoryFiles(absolute);
  if (found.files.length === 0) {
    throw new Fault("inventory/no-lockfile", `there is no lockfile in ${path}`, {
      place: { file: path },
      hint:
        found.remarks[0] !== undefined
          ? found.remarks[0]
          : found.below.length > 0
            ? `there is one below: tributary check ${join(path, found.below[0] ?? "")}`
            : "go to the folder of a project, install its dependencies once so that a lockfile is written, or name a lockfile or an SBOM",
    });
  }
  const shown = path === "" || path === "." ? "" : path.replaceAll("\\", "/").replace(/\/+$/, "");
  const read: ReadFile[] = [];
  const failed: { readonly found: Found; readonly fault: Fault }[] = [];
  for (const file of found.files) {
    const shownAs = shown === "" ? file.path : `${shown}/${file.path}`;
    try {
      read.push(await readListing(readInputFile(join(absolute, file.path), shownAs), diskContext(absolute, shown), file.format));
    } catch (cause) {
      if (!(cause instanceof Fault)) throw cause;
      failed.push({ found: file, fault: cause });
    }
  }
  const [first] = read;
  if (first === undefined) throw failed[0]?.fault ?? new Fault("internal/bug", "nothing was read");
  // What could not be read is part of the answer: it hangs on the first file that could.
  let head = first;
  for (const { fault } of failed) {
    head = withProblem(head, { place: fault.place ?? { file: first.file.path }, message: `not read: ${fault.message}`, entry: false });
  }
  for (const message of found.remarks) head = withProblem(head, { place: { file: head.file.path }, message, entry: false });
  return mergeListings([head, ...read.slice(1)], first.listing.name === "" ? { name: basename(absolute) } : {});
}

async function readNamedFile(absolute: string, shownAs: string): Promise<Project> {
  const shown = shownAs.replaceAll("\\", "/");
  const read = await readListing(readInputFile(absolute, shown), diskContext(resolve(absolute, ".."), folderOf(shown)));
  return mergeListings([read], read.listing.name === "" ? { name: basename(resolve(absolute, "..")) } : {});
}
