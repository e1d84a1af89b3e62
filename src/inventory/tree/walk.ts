/** Walks a tree of files as git sees it: what .gitignore leaves out, and what package managers put there, is not looked into. */
import { existsSync, type Dirent, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { type Ignore, parseIgnore } from "./ignore.ts";

/** Never project, always machinery. */
const NEVER: ReadonlySet<string> = new Set([".git", ".hg", ".svn", ".jj"]);

/** Folders that package managers fill: what is in them is in the lockfiles already. */
const INSTALLED: ReadonlySet<string> = new Set([
  "node_modules",
  "bower_components",
  "jspm_packages",
  "vendor",
  "site-packages",
  ".venv",
  "venv",
  ".tox",
  ".nox",
  "__pycache__",
  ".gradle",
  ".m2",
  ".cargo",
  "Pods",
  "Carthage",
  ".build",
  ".dart_tool",
  ".yarn",
  ".pnpm-store",
  "conda-meta",
]);

/** Folders deeper than this are not looked into: no project nests so deep, a loop through mounts would. */
const MAX_DEPTH = 100;
/** Files looked at in all: twenty times the largest monorepos that are public. */
const MAX_FILES = 5_000_000;
/** Largest .gitignore that is read, in characters. */
const MAX_IGNORE = 1_000_000;

export interface WalkOptions {
  /** Patterns, written as in .gitignore and counted from the folder that is walked. */
  readonly exclude?: readonly string[];
  /** Look also into what package managers installed, and into what .gitignore leaves out. */
  readonly installed?: boolean;
  readonly signal?: AbortSignal;
}

export interface Walked {
  /** Relative to the folder, with `/`, sorted folder by folder. */
  readonly files: readonly string[];
  /** Folders of installed packages that were passed by. */
  readonly passed: readonly string[];
  readonly unreadable: readonly { readonly path: string; readonly reason: string }[];
  /** False where a limit ended the walk. */
  readonly complete: boolean;
}

interface Level {
  /** Parts of the path from the folder that the rules belong to, to the folder that is walked. */
  readonly base: number;
  readonly above: readonly string[];
  readonly ignore: Ignore;
}

/** Links are not followed: what they lead to is either in the tree, or not of it. */
export function walk(folder: string, options: WalkOptions = {}): Walked {
  const files: string[] = [];
  const passed: string[] = [];
  const unreadable: { path: string; reason: string }[] = [];
  const excluded = parseIgnore((options.exclude ?? []).join("\n"));
  let complete = true;

  const visit = (parts: readonly string[], levels: readonly Level[]): void => {
    if (options.signal?.aborted === true || files.length >= MAX_FILES) {
      complete = false;
      return;
    }
    const path = parts.join("/");
    let entries: Dirent[];
    try {
      entries = readdirSync(join(folder, ...parts), { withFileTypes: true });
    } catch (error) {
      unreadable.push({
        path: path === "" ? "." : path,
        reason: error instanceof Error && "code" in error ? String(error.code) : String(error),
      });
      return;
    }
    entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
    let here = levels;
    if (options.installed !== true && entries.some((entry) => entry.name === ".gitignore" && entry.isFile())) {
      const ignore = readIgnore(join(folder, ...parts, ".gitignore"));
      if (ignore !== null) here = [...levels, { base: parts.length, above: [], ignore }];
    }
    const folders: string[] = [];
    for (const entry of entries) {
      const isFolder = entry.isDirectory();
      if (!isFolder && !entry.isFile()) continue;
      const inside = [...parts, entry.name];
      if (isFolder && NEVER.has(entry.name)) continue;
      if (excluded.verdict(inside, isFolder) === true) continue;
      if (isFolder && options.installed !== true && INSTALLED.has(entry.name)) {
        passed.push(inside.join("/"));
        continue;
      }
      if (leftOut(here, inside, isFolder)) continue;
      if (isFolder) folders.push(entry.name);
      else files.push(inside.join("/"));
    }
    if (parts.length >= MAX_DEPTH && folders.length > 0) {
      unreadable.push({ path, reason: `folders below depth ${MAX_DEPTH} are not looked into` });
      return;
    }
    for (const name of folders) visit([...parts, name], here);
  };
  visit([], options.installed === true ? [] : rulesAbove(folder));
  return { files, passed, unreadable, complete };
}

/** The nearest .gitignore that has a word on a path decides. */
function leftOut(levels: readonly Level[], path: readonly string[], isFolder: boolean): boolean {
  for (let index = levels.length - 1; index >= 0; index -= 1) {
    const level = levels[index];
    const verdict = level?.ignore.verdict(level.above.length > 0 ? [...level.above, ...path] : path.slice(level.base), isFolder) ?? null;
    if (verdict !== null) return verdict;
  }
  return false;
}

/** Rules of the repository that the folder lies in: of the folders above it, and of `.git/info/exclude`. */
function rulesAbove(folder: string): readonly Level[] {
  const above: string[] = [];
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, ".git"))) {
      above.push(at);
      break;
    }
    if (dirname(at) === at) return [];
    above.push(at);
  }
  const levels: Level[] = [];
  const top = above.at(-1) ?? folder;
  for (const [index, at] of above.toReversed().entries()) {
    const from = relative(at, folder)
      .split(sep)
      .filter((part) => part !== "");
    const rules = [...(index === 0 ? [join(top, ".git", "info", "exclude")] : []), ...(at === folder ? [] : [join(at, ".gitignore")])];
    for (const file of rules) {
      const ignore = readIgnore(file);
      if (ignore !== null) levels.push({ base: 0, above: from, ignore });
    }
  }
  return levels;
}

function readIgnore(file: string): Ignore | null {
  try {
    return parseIgnore(readFileSync(file, "utf8").slice(0, MAX_IGNORE));
  } catch {
    // Not there (the rule, for those above), or not ours to read: then it says nothing.
    return null;
  }
}
