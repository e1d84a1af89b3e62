/** The globs with which npm, Yarn and Bun name the folders of a workspace: `packages/*`, `apps/**`, `!packages/old`, `{a,b}/*`. */
import type { ReadContext } from "../../model/index.ts";

/** Most folders that a workspace's globs are expanded to; the largest public monorepos have a few thousand members. */
const MAX_FOLDERS = 20_000;
/** Deepest level that `**` looks into. */
const MAX_LEVELS = 8;
/** Most patterns that braces are expanded to: nested braces multiply. */
const MAX_PATTERNS = 1000;

/** True where a folder (relative, with `/`) is named by the globs. A glob with `!` takes away again; the last one that fits decides. */
export function matchesWorkspace(globs: readonly string[], folder: string): boolean {
  let matches = false;
  for (const glob of globs) {
    const negative = glob.startsWith("!");
    for (const pattern of braces(negative ? glob.slice(1) : glob)) {
      if (matchSegments(segmentsOf(pattern), segmentsOf(folder))) matches = !negative;
    }
  }
  return matches;
}

/** The folders that the globs name and that have a package.json, sorted. */
export function expandWorkspaces(globs: readonly string[], context: ReadContext): readonly string[] {
  const found = new Set<string>();
  const positive = globs.filter((glob) => !glob.startsWith("!")).flatMap(braces);
  for (const pattern of positive) walk(context, "", segmentsOf(pattern), 0, found);
  return [...found].filter((folder) => matchesWorkspace(globs, folder) && context.beside(`${folder}/package.json`) !== null).toSorted();
}

function walk(context: ReadContext, folder: string, pattern: readonly string[], level: number, found: Set<string>): void {
  if (found.size >= MAX_FOLDERS || level > MAX_LEVELS) return;
  const [first, ...rest] = pattern;
  if (first === undefined) {
    if (folder !== "") found.add(folder);
    return;
  }
  const join = (name: string): string => (folder === "" ? name : `${folder}/${name}`);
  if (first === "**") {
    walk(context, folder, rest, level, found);
    for (const name of context.folders?.(folder) ?? []) walk(context, join(name), pattern, level + 1, found);
  } else if (first.includes("*") || first.includes("?")) {
    for (const name of context.folders?.(folder) ?? []) {
      if (matchSegment(first, name)) walk(context, join(name), rest, level + 1, found);
    }
  } else {
    walk(context, join(first), rest, level + 1, found);
  }
}

const segmentsOf = (path: string): readonly string[] => path.split("/").filter((segment) => segment !== "" && segment !== ".");

function matchSegments(pattern: readonly string[], path: readonly string[]): boolean {
  // The classic walk with one point to come back to, here over segments: linear for one `**`, never exponential.
  let p = 0;
  let s = 0;
  let starAt = -1;
  let resume = 0;
  while (s < path.length) {
    const part = pattern[p];
    if (part === "**") {
      starAt = p;
      resume = s;
      p += 1;
    } else if (part !== undefined && matchSegment(part, path[s] ?? "")) {
      p += 1;
      s += 1;
    } else if (starAt !== -1) {
      p = starAt + 1;
      resume += 1;
      s = resume;
    } else {
      return false;
    }
  }
  while (pattern[p] === "**") p += 1;
  return p === pattern.length;
}

/** `*` and `?` within one name. No regular expression: a pattern comes from the file and must not cost more than it is long. */
function matchSegment(pattern: string, name: string): boolean {
  let p = 0;
  let n = 0;
  let starAt = -1;
  let resume = 0;
  while (n < name.length) {
    const char = pattern[p];
    if (char === "*") {
      starAt = p;
      resume = n;
      p += 1;
    } else if (char !== undefined && (char === "?" || char === name[n])) {
      p += 1;
      n += 1;
    } else if (starAt !== -1) {
      p = starAt + 1;
      resume += 1;
      n = resume;
    } else {
      return false;
    }
  }
  while (pattern[p] === "*") p += 1;
  return p === pattern.length;
}

/** Expands `{a,b}`, innermost last. */
function braces(glob: string): readonly string[] {
  let patterns = [glob];
  for (;;) {
    const next: string[] = [];
    let changed = false;
    for (const pattern of patterns) {
      const close = pattern.indexOf("}");
      const open = close === -1 ? -1 : pattern.lastIndexOf("{", close);
      if (open === -1) {
        next.push(pattern);
        continue;
      }
      changed = true;
      for (const option of pattern.slice(open + 1, close).split(",")) next.push(pattern.slice(0, open) + option + pattern.slice(close + 1));
    }
    if (!changed || next.length > MAX_PATTERNS) return patterns;
    patterns = next;
  }
}
