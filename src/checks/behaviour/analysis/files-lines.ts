/** In which line of a file something is declared, for a person who wants to see it there. Each goes through its text once, however much is declared. */

/** The first line, from 1, of each text that group 1 of `pattern` (global) finds from `start` on. */
export function linesOf(text: string, pattern: RegExp, start = 0): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  let line = 1;
  let counted = 0;
  pattern.lastIndex = start;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    for (let at = text.indexOf("\n", counted); at !== -1 && at < match.index; at = text.indexOf("\n", at + 1)) {
      line += 1;
      counted = at + 1;
    }
    const key = match[1] ?? "";
    if (!found.has(key)) found.set(key, line);
  }
  return found;
}

/** The lines of the members of the object `"member"` in a JSON text, by name as it is written there. Empty where there is no such object. */
export function linesOfMembers(text: string, member: string): ReadonlyMap<string, number> {
  const object = new RegExp(`"${member}"\\s*:\\s*\\{`).exec(text);
  return object === null ? new Map() : linesOf(text, /"((?:[^"\\\n]|\\.)*)"[ \t]*:/g, object.index + object[0].length);
}

/** The lines of the entries of a table in a TOML text: `name = …` below `[table]`, or `[table.name]`. */
export function linesOfEntries(text: string, table: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  let here = "";
  for (const [index, line] of text.split("\n").entries()) {
    const head = /^\s*\[([^\]]*)\]/.exec(line)?.[1]?.replaceAll(/["'\s]/g, "");
    const entry = head?.startsWith(`${table}.`)
      ? head.slice(table.length + 1)
      : here === table
        ? /^\s*["']?([\w-]+)/.exec(line)?.[1]
        : undefined;
    if (head !== undefined) here = head;
    if (entry !== undefined && !found.has(entry)) found.set(entry, index + 1);
  }
  return found;
}
