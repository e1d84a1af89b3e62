/**
 * Node's rule over the paths of a lockfile: a package gets what lies in the nearest node_modules at or above its own folder. Each folder
 * is looked up once and then knows the one above it, so that a long path costs its length once and not for everything that it asks for.
 */
export const MODULES = "node_modules/";
const NESTED = "/node_modules/";

/** Longest path that is followed: what Linux takes as a path at all (PATH_MAX). Real ones stay below 300 characters. */
const MAX_PATH = 4096;
/** Most folders in one path. npm nests an installed package in a handful of others; each level costs every look-up below it. */
const MAX_SEGMENTS = 256;

/** True for a path that no installation can have. */
export function isOverlong(path: string): boolean {
  if (path.length > MAX_PATH) return true;
  let segments = 1;
  for (let at = path.indexOf("/"); at !== -1; at = path.indexOf("/", at + 1)) segments += 1;
  return segments > MAX_SEGMENTS;
}

/** True for a path outside of every node_modules: a member of the workspace, or a folder that is depended on. */
export const isFolderPath = (path: string): boolean => !path.startsWith(MODULES) && !path.includes(NESTED);

/** The name under which the package at a path is installed; null where it lies in no node_modules. */
export function installedName(path: string): string | null {
  const cut = path.lastIndexOf(MODULES);
  return cut === 0 || (cut > 0 && path[cut - 1] === "/") ? path.slice(cut + MODULES.length) : null;
}

interface Folder {
  readonly above: Folder | null;
  /** What lies in its node_modules: from the name to the path of the package (for a link: where it leads). */
  children: Map<string, string> | null;
}

/** Finds what a package at `from` gets when it asks for `name`; undefined where nothing is installed for it. */
export type Resolver = (from: string) => (name: string) => string | undefined;

/**
 * @param paths of the packages that are there
 * @param links from the path of a link to the folder it leads to; a link hides a package at the same path
 */
export function resolver(paths: Iterable<string>, links: ReadonlyMap<string, string>): Resolver {
  const folders = new Map<string, Folder>();
  const folderAt = (path: string): Folder => {
    const missing: string[] = [];
    let known: Folder | null = null;
    for (let at: string | null = path; at !== null; at = pathAbove(at)) {
      const found = folders.get(at);
      if (found !== undefined) {
        known = found;
        break;
      }
      missing.push(at);
    }
    for (const at of missing.toReversed()) {
      known = { above: known, children: null };
      folders.set(at, known);
    }
    return known!;
  };
  const place = (path: string, target: string): void => {
    const name = installedName(path);
    if (name === null) return;
    const folder = folderAt(path.slice(0, Math.max(0, path.length - name.length - NESTED.length)));
    folder.children ??= new Map();
    folder.children.set(name, target);
  };
  for (const path of paths) place(path, path);
  for (const [path, target] of links) place(path, target);

  return (from) => {
    const start = folderAt(from);
    return (name) => {
      for (let folder: Folder | null = start; folder !== null; folder = folder.above) {
        const found = folder.children?.get(name);
        if (found !== undefined) return found;
      }
      return undefined;
    };
  };
}

/** The folder whose node_modules Node looks into next; null above the top. */
function pathAbove(folder: string): string | null {
  if (folder === "") return null;
  const nested = folder.lastIndexOf(NESTED);
  if (nested !== -1) return folder.slice(0, nested);
  if (folder.startsWith(MODULES)) return "";
  const slash = folder.lastIndexOf("/");
  const above = slash === -1 ? "" : folder.slice(0, slash);
  // A folder outside the project has nothing of ours above it.
  return folder.startsWith("..") && above === "" ? null : above;
}
