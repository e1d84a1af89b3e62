/** Dependency specifiers of Python (https://packaging.python.org/en/latest/specifications/dependency-specifiers/, PEP 508). */

export interface Requirement {
  readonly name: string;
  readonly extras: readonly string[];
  /** The version clauses as they stand: `>=2.20,<3.0`; "" for none. */
  readonly specifier: string;
  /** What stands after `@`, "" for none. */
  readonly url: string;
  readonly marker: string;
  /** The release that the clauses pin (`==`, `===`); "" where they leave a choice. */
  readonly version: string;
}

const NAME = /^\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[([^\]]*)\])?\s*/;

/** Reads one specifier; null where it has no name. */
export function parseRequirement(written: string): Requirement | null {
  const text = written.replaceAll(/\s+/g, " ");
  const head = NAME.exec(text);
  if (head?.[1] === undefined) return null;
  const rest = text.slice(head[0].length);
  const extras = (head[2] ?? "").split(",").flatMap((extra) => (extra.trim() === "" ? [] : [extra.trim()]));
  if (rest.startsWith("@")) {
    const [url = "", ...marker] = rest
      .slice(1)
      .trim()
      .split(/\s+;\s*/);
    return { name: head[1], extras, specifier: "", url: url.trim(), marker: marker.join(";"), version: "" };
  }
  const semicolon = rest.indexOf(";");
  const clauses = (semicolon < 0 ? rest : rest.slice(0, semicolon))
    .trim()
    .replace(/^\((.*)\)$/s, "$1")
    .trim();
  const marker = semicolon < 0 ? "" : rest.slice(semicolon + 1).trim();
  if (clauses !== "" && !/^(?:===|==|~=|!=|<=|>=|<|>|\^|~)/.test(clauses)) return null;
  return { name: head[1], extras, specifier: clauses, url: "", marker, version: pinnedVersion(clauses) };
}

function pinnedVersion(clauses: string): string {
  return /^={2,3}\s*([A-Za-z0-9.!+_-]+)$/.exec(clauses)?.[1] ?? "";
}

/**
 * The first release that version clauses name and admit (`>=2.20,<3.0` names 2.20); "" where there is none. For those who must state
 * one version where the project left a choice.
 */
export function namedVersion(clauses: string): string {
  for (const clause of clauses.split(",")) {
    const match = /^\s*(===|==|~=|<=|>=)\s*(.*?)\s*$/s.exec(clause);
    if (match?.[2] !== undefined && match[2] !== "" && !match[2].includes("*")) return match[2];
  }
  return "";
}

/** Name after PEP 503: by it two spellings of one project are compared. */
export const normalName = (name: string): string => name.replaceAll(/[-_.]+/g, "-").toLowerCase();
