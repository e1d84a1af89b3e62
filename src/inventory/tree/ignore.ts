import { matchGlob, parseGlob, type Part } from "./glob.ts";

interface Rule {
  readonly parts: readonly Part[];
  readonly negated: boolean;
  readonly folderOnly: boolean;
}

/** The rules of one .gitignore, for paths relative to the folder that it lies in. */
export interface Ignore {
  /** True: left out; false: taken back in by a `!`; null: the file says nothing of it. */
  readonly verdict: (path: readonly string[], isFolder: boolean) => boolean | null;
}

/** Rules in one file that are looked at; generated lists have some thousand. */
const MAX_RULES = 20_000;

/** Reads a .gitignore (https://git-scm.com/docs/gitignore#_pattern_format). */
export function parseIgnore(text: string): Ignore {
  const rules: Rule[] = [];
  for (const raw of text.split(/\r?\n/)) {
    if (rules.length >= MAX_RULES) break;
    // A space at the end counts only with a backslash before it.
    let line = raw.trimEnd();
    if (line.endsWith("\\")) line = raw.slice(0, line.length + 1);
    if (line === "" || line.startsWith("#")) continue;
    const negated = line.startsWith("!");
    if (negated) line = line.slice(1);
    const folderOnly = line.endsWith("/");
    if (folderOnly) line = line.slice(0, -1);
    // With a slash at its start or within, a pattern counts from here; without, at any depth.
    const anchored = line.includes("/");
    const pattern = line.replace(/^\//, "");
    if (pattern === "") continue;
    rules.push({ parts: parseGlob(anchored ? pattern : `**/${pattern}`), negated, folderOnly });
  }
  rules.reverse();
  return {
    verdict: (path, isFolder) => {
      for (const rule of rules) {
        if (rule.folderOnly && !isFolder) continue;
        if (matchGlob(rule.parts, path)) return !rule.negated;
      }
      return null;
    },
  };
}
