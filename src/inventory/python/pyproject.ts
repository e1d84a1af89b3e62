import type { Edge, Format, InputFile } from "../../model/index.ts";
import { baseName, entryBuilder } from "../reading/builder.ts";
import { linesOf } from "../reading/positions.ts";
import { readToml } from "../reading/toml.ts";
import { listOf, member, tableOf, textOf, textsOf } from "../reading/values.ts";
import { normalName, parseRequirement, type Requirement } from "./requirement.ts";
import { vcsOrigin } from "./vcs.ts";

/** What a project asks for, by the word of its `pyproject.toml`. */
export interface Ask {
  readonly requirement: Requirement;
  /** As it stands. */
  readonly text: string;
  readonly kind: Edge["kind"];
  /** The extra or group; "" for the project's own. */
  readonly group: string;
}

export interface PyProject {
  readonly name: string;
  readonly version: string;
  readonly asks: readonly Ask[];
  /** Entries that are no requirements. */
  readonly unread: readonly string[];
  readonly dynamic: boolean;
  readonly buildRequirements: number;
}

/** Reads PEP 621, PEP 735 and Poetry's own tables. Throws what the TOML reader throws. */
function readPyProject(file: InputFile): PyProject {
  const document = readToml(file);
  const project = tableOf(member(document, "project"));
  const poetry = tableOf(member(member(document, "tool"), "poetry"));
  const asks: Ask[] = [];
  const unread: string[] = [];
  const take = (text: string, kind: Edge["kind"], group: string): void => {
    const requirement = parseRequirement(text);
    if (requirement === null) unread.push(text);
    else asks.push({ requirement, text, kind, group });
  };
  for (const text of textsOf(member(project, "dependencies"))) take(text, "prod", "");
  for (const [extra, list] of Object.entries(tableOf(member(project, "optional-dependencies")))) {
    for (const text of textsOf(list)) take(text, "optional", extra);
  }
  for (const [group, list] of Object.entries(tableOf(member(document, "dependency-groups")))) {
    for (const text of textsOf(list)) take(text, "dev", group);
  }
  const takePoetry = (table: unknown, kind: Edge["kind"], group: string): void => {
    for (const [name, wanted] of Object.entries(tableOf(table))) {
      if (name === "python") continue;
      const range = typeof wanted === "string" ? wanted : textOf(member(wanted, "version"));
      // A bare version is exact for Poetry (https://python-poetry.org/docs/dependency-specification/#exact-requirements).
      const exact = /^(?:={2,3}\s*)?([0-9][A-Za-z0-9.!+]*)$/.exec(range)?.[1] ?? "";
      const optional = member(wanted, "optional") === true;
      const requirement: Requirement = { name, extras: [], specifier: range, url: "", marker: "", version: exact };
      asks.push({ requirement, text: `${name} ${range}`.trim(), kind: optional ? "optional" : kind, group });
    }
  };
  takePoetry(member(poetry, "dependencies"), "prod", "");
  takePoetry(member(poetry, "dev-dependencies"), "dev", "dev");
  for (const [group, table] of Object.entries(tableOf(member(poetry, "group")))) takePoetry(member(table, "dependencies"), "dev", group);
  return {
    name: textOf(member(project, "name")) || textOf(member(poetry, "name")),
    version: textOf(member(project, "version")) || textOf(member(poetry, "version")),
    asks,
    unread,
    dynamic: listOf(member(project, "dynamic")).includes("dependencies"),
    buildRequirements: listOf(member(member(document, "build-system"), "requires")).length,
  };
}

/** Who a lockfile's project asks for itself, where a `pyproject.toml` lies beside it: by normalised name. */
export function asksBeside(beside: (path: string) => InputFile | null): PyProject | null {
  const file = beside("pyproject.toml");
  if (file === null) return null;
  try {
    return readPyProject(file);
  } catch {
    // The lockfile can be read without it; that it is broken is said when it is read for its own sake.
    return null;
  }
}

/** Connects a root to what it asks for. `find` gives a node by normalised name, or undefined. */
export function connectRoot(
  builder: {
    readonly root: (root: { readonly name: string; readonly version?: string }) => number;
    readonly edge: (from: number, to: number, name: string, range?: string, kind?: Edge["kind"]) => void;
  },
  project: PyProject | null,
  find: (name: string) => number | undefined,
): boolean {
  if (project === null) return false;
  const root = builder.root({ name: project.name, version: project.version });
  for (const ask of project.asks) {
    builder.edge(root, find(normalName(ask.requirement.name)) ?? -1, ask.requirement.name, ask.requirement.specifier, ask.kind);
  }
  return project.asks.length > 0;
}

export const pyproject: Format = {
  id: "python/pyproject",
  title: "pyproject.toml",
  role: "manifest",
  matches: (path) => baseName(path) === "pyproject.toml",
  read: (file) => {
    const builder = entryBuilder(file, "python/pyproject", "PyPI");
    const project = readPyProject(file);
    const lines = linesOf(file.text);
    // Requirements come in the file's order, more or less: each is looked for from where the last was found.
    let last = 0;
    const lineOf = (text: string): number | undefined => {
      const key = `${text.split(" ")[0] ?? ""} =`;
      const quoted = JSON.stringify(text);
      const fits = (line: string): boolean => line.includes(text) || line.includes(quoted) || line.trimStart().startsWith(key);
      let at = lines.findIndex((line, index) => index >= last && fits(line));
      if (at < 0) at = lines.findIndex(fits);
      if (at >= 0) last = at;
      return at < 0 ? undefined : at + 1;
    };
    const root = builder.root({ name: project.name, version: project.version });
    for (const { requirement, text, kind, group } of project.asks) {
      const vcs = requirement.url === "" ? null : vcsOrigin(requirement.url);
      const node = builder.add({
        name: requirement.name,
        version: requirement.version,
        line: lineOf(text),
        direct: true,
        ...(group === "" ? {} : { groups: [group] }),
        ...(requirement.url === "" ? {} : { origin: vcs?.origin ?? { kind: "url", url: requirement.url }, resolved: requirement.url }),
      });
      builder.edge(root, node, requirement.name, requirement.specifier, kind);
    }
    for (const text of project.unread) builder.problem(`${JSON.stringify(text)} is no requirement`, { line: lineOf(text), entry: true });
    if (project.dynamic) builder.problem("the dependencies are dynamic: the build says which they are", { line: lineOf("dynamic") });
    if (project.buildRequirements > 0)
      builder.problem(`${project.buildRequirements} requirements of the build itself are not taken in`, { line: lineOf("[build-system]") });
    return builder.finish({ graph: "flat", name: project.name, version: project.version, knowsDirect: true });
  },
};
