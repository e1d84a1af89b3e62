/**
 * Most formats outside npm are lists of packages under OSV's names. This is the builder of `listing.ts` in the shape that they need:
 * one call an entry, places from line numbers, purls from the ecosystem, and a purl of type `generic` where a name makes no purl.
 */
import {
  type Ecosystem,
  type Edge,
  Fault,
  formatPurl,
  type InputFile,
  type Listing,
  type Node,
  type Origin,
  type Place,
  type PurlInput,
  purlOf,
  sha256,
} from "../../model/index.ts";
import { listingBuilder } from "../listing.ts";

/** No registry takes names or addresses near as long, in characters; a hostile file may. */
const LONGEST_NAME = 4096;

/** One package as its file names it. */
export interface Entry {
  /** As the ecosystem writes it. */
  readonly name: string;
  readonly version: string;
  /** Where it is not the file's. */
  readonly ecosystem?: Ecosystem;
  /** Where it does not follow from ecosystem, name and version. */
  readonly purl?: PurlInput;
  readonly qualifiers?: Readonly<Record<string, string>>;
  readonly origin?: Origin;
  readonly licence?: string;
  readonly line?: number | undefined;
  readonly key?: string;
  /** Where the entry stands in another file than the one that is read (`go.sum` beside `go.mod`). */
  readonly file?: string;
  readonly path?: string;
  readonly integrity?: readonly string[];
  readonly files?: Node["files"];
  readonly extraIndexes?: Node["extraIndexes"];
  readonly resolved?: string;
  readonly scope?: Node["scope"];
  readonly direct?: boolean | null;
  readonly groups?: readonly string[];
  readonly bundled?: boolean;
  /** The name under which it is asked for, where it is another. */
  readonly as?: string;
}

export interface ProblemDetails {
  readonly line?: number | undefined;
  readonly key?: string;
  /** True where the problem stands for an entry that would have been a node. */
  readonly entry?: boolean;
  readonly count?: number;
  readonly file?: string;
}

export interface Outcome {
  readonly graph: Listing["graph"];
  readonly name?: string;
  readonly version?: string;
  readonly formatVersion?: string;
  /** True where the file says who is asked for by the project itself. */
  readonly knowsDirect?: boolean;
}

export interface EntryBuilder {
  /** Adds an entry; returns its node's index. */
  readonly add: (entry: Entry) => number;
  /** Adds the project itself, or a member of its workspace; returns its node's index. */
  readonly root: (root: {
    readonly name: string;
    readonly version?: string;
    readonly path?: string;
    readonly line?: number | undefined;
  }) => number;
  /** `to` is a node's index, or -1 where nothing stands for it. */
  readonly edge: (from: number, to: number, name: string, range?: string, kind?: Edge["kind"]) => void;
  readonly problem: (message: string, details?: ProblemDetails) => void;
  readonly finish: (outcome: Outcome) => Listing;
}

/** A builder for one file. `ecosystem` is what its entries belong to unless they say otherwise. */
export function entryBuilder(file: InputFile, format: string, ecosystem: Ecosystem): EntryBuilder {
  const inner = listingBuilder();
  let edges = false;
  const placeOf = (at: { readonly line?: number | undefined; readonly key?: string; readonly file?: string }): Place => ({
    file: at.file ?? file.path,
    ...(at.line === undefined ? {} : { line: at.line }),
    ...(at.key === undefined ? {} : { key: at.key }),
  });
  return {
    add: (entry) => {
      const { name, version } = entry;
      const own = entry.ecosystem ?? ecosystem;
      // Readers make such entries problems; one that forgot must not make a component without a name.
      if (name === "") throw formatFault(file, "an entry without a name", entry.line);
      const component = inner.component({
        ecosystem: own,
        name,
        version,
        origin: entry.origin ?? { kind: "registry" },
        purl: purlOfEntry(entry, own),
        ...(entry.licence === undefined || entry.licence === "" ? {} : { licence: entry.licence }),
      });
      return inner.node({
        component,
        name: entry.as ?? name,
        version,
        place: placeOf(entry),
        ...(entry.path === undefined ? {} : { path: entry.path }),
        ...(entry.integrity === undefined ? {} : { integrity: entry.integrity }),
        ...(entry.files === undefined ? {} : { files: entry.files }),
        ...(entry.extraIndexes === undefined ? {} : { extraIndexes: entry.extraIndexes }),
        ...(entry.resolved === undefined ? {} : { resolved: entry.resolved }),
        ...(entry.scope === undefined ? {} : { scope: entry.scope }),
        ...(entry.direct === undefined ? {} : { direct: entry.direct }),
        ...(entry.groups === undefined ? {} : { groups: entry.groups }),
        ...(entry.bundled === undefined ? {} : { bundled: entry.bundled }),
      });
    },
    root: ({ name, version, path, line }) =>
      inner.root({
        name,
        ...(version === undefined ? {} : { version }),
        ...(path === undefined ? {} : { path }),
        place: placeOf({ line }),
      }),
    edge: (from, to, name, range = "", kind = "prod") => {
      edges = true;
      inner.edge(from, { to, name, range, kind });
    },
    problem: (message, details = {}) => {
      if (details.entry === true) inner.lost(placeOf(details), message, details.count);
      else inner.remark(placeOf(details), message);
    },
    finish: (outcome) =>
      inner.finish({
        format,
        formatVersion: outcome.formatVersion ?? "",
        ecosystem,
        // What the project itself asks for is a part of the graph, where the file holds no more of it.
        graph: outcome.graph === "flat" && edges ? "partial" : outcome.graph,
        knowsDirect: outcome.knowsDirect ?? false,
        ...(outcome.name === undefined ? {} : { name: outcome.name }),
        ...(outcome.version === undefined ? {} : { version: outcome.version }),
      }),
  };
}

function purlOfEntry(entry: Entry, ecosystem: Ecosystem): string {
  const qualifiers: Record<string, string> = { ...entry.purl?.qualifiers, ...entry.qualifiers };
  const { origin } = entry;
  if (origin?.kind === "git" && origin.url !== "" && entry.purl?.type !== "github") {
    const scheme = /^git[+:]/.test(origin.url) ? "" : "git+";
    qualifiers["vcs_url"] = `${scheme}${origin.url}${origin.commit === "" ? "" : `@${origin.commit}`}`;
  } else if (origin?.kind === "url") qualifiers["download_url"] = origin.url;
  else if (origin?.kind === "file" || origin?.kind === "directory") qualifiers["download_url"] = `file:${origin.path}`;
  try {
    return entry.purl === undefined ? purlOf(ecosystem, entry.name, entry.version, qualifiers) : formatPurl({ ...entry.purl, qualifiers });
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    // A name that its type forbids (a Maven artefact without a group), or that is too long for any: still one component, under the
    // type that takes all names; a hash stands for what cannot be written out.
    const whole = `${ecosystem === "" ? "" : `${ecosystem}:`}${entry.name === "" ? "?" : entry.name}`;
    const fits = whole.length + entry.version.length < LONGEST_NAME && Object.values(qualifiers).join("").length < LONGEST_NAME;
    return fits
      ? formatPurl({ type: "generic", name: whole, version: entry.version, qualifiers })
      : formatPurl({ type: "generic", name: `${whole.slice(0, 64)}-${sha256(`${whole}@${entry.version}`)}` });
  }
}

/** The file as a whole is not what its format demands. */
export function formatFault(file: InputFile, message: string, line?: number, key?: string): Fault {
  return new Fault("inventory/format", message, {
    place: { file: file.path, ...(line === undefined ? {} : { line }), ...(key === undefined ? {} : { key }) },
  });
}

/** The file breaks the grammar that its format is written in. */
export function syntaxFault(
  file: InputFile,
  message: string,
  at?: { readonly line: number; readonly column: number },
  cause?: unknown,
): Fault {
  return new Fault("inventory/syntax", message, { place: { file: file.path, ...at }, ...(cause === undefined ? {} : { cause }) });
}

/** The last part of a path: what a format is recognised by. */
export const baseName = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
