/** Which files of a folder tell what is in use: lockfiles before manifests, ecosystem by ecosystem. */
import { existsSync, readdirSync } from "node:fs";
import { Fault } from "../model/index.ts";
import { type FormatLine, formatOf } from "./formats.ts";

export interface Found {
  /** Relative to the folder, with `/`. */
  readonly path: string;
  readonly format: FormatLine;
}

export interface FoundFiles {
  /** In the order of the table of formats, then of names. */
  readonly files: readonly Found[];
  /** What the user should know about the choice: two lockfiles of one ecosystem, say. */
  readonly remarks: readonly string[];
  /** Where nothing was found: folders right below that have something, to say so. */
  readonly below: readonly string[];
}

/** Lockfiles by name that are known and not read, with what to do about each. */
const unread: ReadonlyMap<string, string> = new Map([
  [
    "bun.lockb",
    "bun.lockb is Bun's old binary lockfile, which is not read: write the text form with `bun install --save-text-lockfile --lockfile-only`",
  ],
  ["shrinkwrap.yaml", "shrinkwrap.yaml is the lockfile of pnpm 2 and earlier, which is not read: write a new one with a current pnpm"],
]);

/** How many folders are looked into for the hint when a folder has no lockfile. */
const LOOK_BELOW = 50;

/**
 * The inventory files of one folder (not of the folders below it: `tributary inventory` walks trees).
 * A manifest is taken only where no lockfile of its ecosystem is there; an SBOM only where nothing else is.
 * @throws Fault `input/unreadable`
 */
export function findInventoryFiles(folder: string): FoundFiles {
  const all = candidates(folder);
  const passedOver = [...unread].filter(([name]) => existsSync(`${folder}/${name}`)).map(([, remark]) => remark);
  const lockfiles = all.filter((found) => found.format.role === "lockfile");
  const locked = new Set(lockfiles.map((found) => found.format.ecosystem));
  const manifests = all.filter((found) => found.format.role === "manifest" && !locked.has(found.format.ecosystem));
  const chosen = [...lockfiles, ...manifests];
  const files = chosen.length > 0 ? chosen : all.filter((found) => found.format.role === "sbom");
  return { files, remarks: [...twice(lockfiles), ...passedOver], below: files.length > 0 ? [] : foldersWithFiles(folder) };
}

function candidates(folder: string): readonly Found[] {
  const found: Found[] = [];
  let names: readonly string[];
  try {
    names = readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile() || entry.isSymbolicLink())
      .map((entry) => entry.name)
      .toSorted();
  } catch (cause) {
    throw new Fault("input/unreadable", `the folder ${folder} cannot be read`, { cause, place: { file: folder } });
  }
  for (const name of names) {
    const format = formatOf(name);
    if (format !== undefined && format.role !== "installed") found.push({ path: name, format });
  }
  return found;
}

function twice(lockfiles: readonly Found[]): readonly string[] {
  const byEcosystem = Map.groupBy(lockfiles, (found) => found.format.ecosystem);
  const remarks: string[] = [];
  for (const [ecosystem, found] of byEcosystem) {
    if (ecosystem === "" || found.length < 2) continue;
    const names = found.map((file) => file.path).join(" and ");
    remarks.push(`${names} are lockfiles of one ecosystem (${ecosystem}): all were read, but only one of them says what gets installed`);
  }
  return remarks;
}

function foldersWithFiles(folder: string): readonly string[] {
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== "node_modules" && !entry.name.startsWith("."))
    .map((entry) => entry.name)
    .toSorted()
    .slice(0, LOOK_BELOW);
  return names.filter((name) => {
    try {
      return candidates(`${folder}/${name}`).some((found) => found.format.role !== "manifest");
    } catch {
      return false;
    }
  });
}
