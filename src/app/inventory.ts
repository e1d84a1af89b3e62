/**
 * Everything that can be read in a tree, as one project: lockfiles of every ecosystem, manifests that no lockfile answers for, packed
 * artifacts; or what an installed system holds. One file that cannot be read never stops the rest: it is said, and counted.
 */
import { existsSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { diskContext, type FormatLine, formatOf, mergeListings, type ReadFile, readInputFile, readListing } from "../inventory/index.ts";
import { walk } from "../inventory/tree/walk.ts";
import { Fault, type Place, type Project } from "../model/index.ts";
import type { OnProgress } from "./progress.ts";

export interface InventoryOptions {
  /** Folders and files; by default the current folder. */
  readonly paths: readonly string[];
  readonly cwd: string;
  /** Patterns as in .gitignore, counted from each folder. */
  readonly exclude?: readonly string[];
  /** Look also into folders that package managers filled, and into what .gitignore leaves out. */
  readonly installed?: boolean;
  /** The root of an installed system, instead of paths. */
  readonly root?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
}

/** A file, or folder, that was not read. */
export interface Unread {
  readonly path: string;
  /** A fault's code. */
  readonly code: string;
  readonly message: string;
  readonly place?: Place;
}

export interface InventoryResult {
  readonly project: Project;
  readonly unread: readonly Unread[];
  /** Manifests that were left to the lockfile that answers for them. */
  readonly covered: readonly { readonly path: string; readonly by: string }[];
  /** Files of known formats that list nothing. */
  readonly empty: readonly string[];
  /** SBOMs in a tree: they say what others saw, and are read only where they are named. */
  readonly boms: readonly string[];
  /** Folders of installed packages that were not looked into. */
  readonly passed: readonly string[];
  /** Files looked at. */
  readonly scanned: number;
  /** Entries that problems stand for. */
  readonly lost: number;
  /** False where something of all this was not, or only partly, read. */
  readonly whole: boolean;
}

/** Kernel and run-time trees of a system: nothing in them is installed. */
const SYSTEM_EXCLUDES: readonly string[] = ["/proc", "/sys", "/dev", "/run", "/tmp"];
/** RPM's databases are not read: a system that has one is not known, and that is said. */
const RPM_DATABASES: readonly string[] = [
  "var/lib/rpm/rpmdb.sqlite",
  "var/lib/rpm/Packages",
  "var/lib/rpm/Packages.db",
  "usr/lib/sysimage/rpm/rpmdb.sqlite",
  "usr/lib/sysimage/rpm/Packages.db",
];

interface Candidate {
  readonly absolute: string;
  readonly shown: string;
  readonly format: FormatLine | undefined;
}

/** Mutable while the scan runs. */
interface Scan {
  readonly candidates: Candidate[];
  readonly unread: Unread[];
  readonly boms: string[];
  readonly passed: string[];
  scanned: number;
  complete: boolean;
}

/**
 * Takes the inventory.
 * @throws Fault `input/not-found` for a path that is not there, `inventory/no-lockfile` where nothing that can be read was found, and
 *   what reading threw where nothing at all could be read
 */
export async function takeInventory(options: InventoryOptions): Promise<InventoryResult> {
  const scan: Scan = { candidates: [], unread: [], boms: [], passed: [], scanned: 0, complete: true };
  const asked = options.root === undefined ? (options.paths.length === 0 ? ["."] : options.paths) : [options.root];
  for (const path of asked) collect(path, options, scan);

  const read: ReadFile[] = [];
  const manifests: ReadFile[] = [];
  const faults: Fault[] = [];
  const empty: string[] = [];
  for (const [index, candidate] of scan.candidates.entries()) {
    if (options.signal?.aborted === true) {
      scan.complete = false;
      break;
    }
    if (index % 64 === 0) options.onProgress?.({ work: "reading files", done: index, total: scan.candidates.length });
    try {
      const file = readInputFile(candidate.absolute, candidate.shown);
      const folder = dirname(candidate.absolute);
      const shownFolder = candidate.shown.includes("/") ? candidate.shown.slice(0, candidate.shown.lastIndexOf("/")) : "";
      const one = await readListing(file, diskContext(folder, shownFolder), candidate.format);
      if (one.file.listed === 0 && one.file.problems.length === 0 && candidate.format?.role === "manifest") empty.push(candidate.shown);
      else if (candidate.format?.role === "manifest") manifests.push(one);
      else read.push(one);
    } catch (cause) {
      if (!(cause instanceof Fault)) throw cause;
      faults.push(cause);
      scan.unread.push({
        path: candidate.shown,
        code: cause.code,
        message: cause.message,
        ...(cause.place === undefined ? {} : { place: cause.place }),
      });
    }
  }
  const covered: { path: string; by: string }[] = [];
  for (const manifest of manifests) {
    const by = read.find((lockfile) => answersFor(lockfile, manifest));
    if (by === undefined) continue;
    covered.push({ path: manifest.file.path, by: by.file.path });
  }
  const answered = new Set(covered.map(({ path }) => path));
  const all = [...read, ...manifests.filter(({ file }) => !answered.has(file.path))].toSorted((a, b) =>
    a.file.path < b.file.path ? -1 : a.file.path > b.file.path ? 1 : 0,
  );
  if (all.length === 0 && empty.length === 0) throw nothingRead(asked, scan, faults);

  const lost = all.reduce(
    (sum, { file }) => sum + file.problems.reduce((of, problem) => of + (problem.entry ? (problem.count ?? 1) : 0), 0),
    0,
  );
  return {
    project: mergeListings(all, { name: basename(resolve(options.cwd, asked[0] ?? ".")) }),
    unread: scan.unread,
    covered,
    empty,
    boms: scan.boms,
    passed: scan.passed,
    scanned: scan.scanned,
    lost,
    whole: scan.complete && scan.unread.length === 0 && lost === 0,
  };
}

function collect(path: string, options: InventoryOptions, scan: Scan): void {
  const absolute = resolve(options.cwd, path);
  const stat = statSync(absolute, { throwIfNoEntry: false });
  if (stat === undefined) throw new Fault("input/not-found", `${path} is not there`, { place: { file: path } });
  const shown = path
    .replaceAll("\\", "/")
    .replace(/\/+$/, "")
    .replace(/^\.(?:\/|$)/, "");
  if (!stat.isDirectory()) {
    scan.scanned += 1;
    scan.candidates.push({ absolute, shown, format: formatOf(shown) });
    return;
  }
  const system = options.root !== undefined;
  const walked = walk(absolute, {
    exclude: [...(options.exclude ?? []), ...(system ? SYSTEM_EXCLUDES : [])],
    installed: system || options.installed === true,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  // Within a system the paths are its own, so that the same system gives the same inventory wherever it is mounted.
  const shownAs = (relative: string): string => (system || shown === "" ? relative : `${shown}/${relative}`);
  scan.scanned += walked.files.length;
  scan.complete &&= walked.complete;
  for (const folder of walked.passed) scan.passed.push(shownAs(folder));
  for (const { path: where, reason } of walked.unreadable)
    scan.unread.push({ path: shownAs(where), code: "input/unreadable", message: `${shownAs(where)} cannot be read (${reason})` });
  for (const file of walked.files) {
    const format = formatOf(file);
    if (format === undefined || (system && format.role === "manifest")) continue;
    if (format.role === "sbom") scan.boms.push(shownAs(file));
    else scan.candidates.push({ absolute: join(absolute, file), shown: shownAs(file), format });
  }
  const rpm = system ? RPM_DATABASES.find((database) => existsSync(join(absolute, database))) : undefined;
  if (rpm !== undefined)
    scan.unread.push({ path: rpm, code: "input/not-understood", message: `${rpm} is not read: what RPM installed here is not known` });
}

const folderOf = (path: string): string => (path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "");

/** A lockfile answers for a manifest beside it, and for those of the members of its workspace. */
function answersFor(lockfile: ReadFile, manifest: ReadFile): boolean {
  const { listing, file } = lockfile;
  if (listing.ecosystem !== manifest.listing.ecosystem || listing.ecosystem === "") return false;
  const above = folderOf(file.path);
  const own = folderOf(manifest.file.path);
  if (above === own) return true;
  if (above !== "" && !own.startsWith(`${above}/`)) return false;
  const inside = above === "" ? own : own.slice(above.length + 1);
  return listing.roots.some((root) => {
    const node = listing.nodes[root];
    return node !== undefined && (node.path === inside || (node.path === "" && node.name !== "" && node.name === manifest.listing.name));
  });
}

function nothingRead(asked: readonly string[], scan: Scan, faults: readonly Fault[]): Fault {
  const [only] = faults;
  if (only !== undefined && scan.candidates.length === 1) return only;
  if (scan.unread.length > 0) {
    const [first] = scan.unread;
    return new Fault(
      "inventory/format",
      `nothing could be read: ${scan.unread.length} files or folders failed, the first of them ${first?.path ?? ""}: ${first?.message ?? ""}`,
      first?.place === undefined ? {} : { place: first.place },
    );
  }
  return new Fault(
    "inventory/no-lockfile",
    `there is nothing in ${asked.join(", ")} that tells what is in use (${scan.scanned} files looked at)`,
    {
      hint:
        scan.boms.length > 0
          ? `there is an SBOM, which is read when it is named: tributary inventory ${scan.boms[0] ?? ""}`
          : "tributary inventory reads lockfiles, manifests, and packed artifacts; --installed looks into installed packages as well",
    },
  );
}
