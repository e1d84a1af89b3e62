import { posix } from "node:path";
import type { Format, InputFile, ReadContext } from "../../model/index.ts";
import { baseName, type EntryBuilder, entryBuilder } from "../reading/builder.ts";
import { prefixedToSri, sriSet } from "../reading/integrity.ts";
import { linesOf } from "../reading/positions.ts";
import { indexAddress } from "./locked-files.ts";
import { parseRequirement } from "./requirement.ts";
import { archiveName, vcsOrigin } from "./vcs.ts";

/** How deep `-r` may lead from file to file: people use two levels. */
const MAX_INCLUDES = 16;

/** pip's requirements file (https://pip.pypa.io/en/stable/reference/requirements-file-format/). */
export const requirements: Format = {
  id: "python/requirements",
  title: "requirements.txt",
  role: "manifest",
  matches: (path) => /requirements[^/]*\.txt$/i.test(baseName(path)) || /(?:^|\/)requirements\/[^/]+\.txt$/i.test(path),
  read: (file, context) => {
    const builder = entryBuilder(file, "python/requirements", "PyPI");
    const root = builder.root({ name: "" });
    // pip's options hold for the whole run, wherever they stand: the last index that is named is the one.
    const options = { index: "", extra: [] };
    const entries: (() => void)[] = [];
    readInto({ builder, root, context, seen: new Set([file.path]), options, entries }, file, "");
    for (const add of entries) add();
    return builder.finish({ graph: "flat", knowsDirect: false });
  },
};

interface Reading {
  readonly builder: EntryBuilder;
  readonly root: number;
  readonly context: ReadContext;
  readonly seen: Set<string>;
  /** `index` is "" until a file names one. */
  readonly options: { index: string; readonly extra: string[] };
  /** What is to be added once all options are known, in the order of the files. */
  readonly entries: (() => void)[];
}

function readInto(reading: Reading, file: InputFile, folder: string): void {
  const { builder, context, seen, options, entries } = reading;
  for (const { text, line } of logicalLines(file.text)) {
    const at = { line, file: file.path };
    const include = /^(?:-r|--requirement)[\s=]+(\S+)/.exec(text);
    if (include?.[1] !== undefined) {
      // Only below: a file from elsewhere could be made to show what it must not.
      const path = posix.normalize(`${folder}${include[1]}`);
      const below = !path.startsWith("..") && !path.startsWith("/") && !/^[a-z]+:/i.test(include[1]);
      const other = below && seen.size < MAX_INCLUDES ? context.beside(path) : null;
      if (other === null) builder.problem(`refers to ${include[1]}, which was not read`, at);
      else if (!seen.has(other.path)) {
        seen.add(other.path);
        readInto(reading, other, path.includes("/") ? path.slice(0, path.lastIndexOf("/") + 1) : "");
      }
      continue;
    }
    const index = /^(?:-i|--index-url|--pypi-url)[\s=]+(\S+)/.exec(text);
    if (index?.[1] !== undefined) options.index = indexAddress(index[1]);
    const extra = /^--extra-index-url[\s=]+(\S+)/.exec(text);
    if (extra?.[1] !== undefined) options.extra.push(indexAddress(extra[1]));
    const editable = /^(?:-e|--editable)[\s=]+(.+)$/.exec(text);
    if (editable === null && text.startsWith("-")) continue;
    entries.push(() => readRequirement(reading, (editable?.[1] ?? text).trim(), at));
  }
}

function readRequirement(
  { builder, root, options: { index, extra } }: Reading,
  text: string,
  at: { readonly line: number; readonly file: string },
): void {
  // Options of a single requirement begin at white space; what stands before them is the specifier.
  const options = /\s(?:--[a-z]|-C\b)/.exec(text);
  const specifier = (options === null ? text : text.slice(0, options.index)).trim();
  const integrity = sriSet([...text.matchAll(/\s--hash[=\s]\s*(\S+)/g)].map((match) => prefixedToSri(match[1] ?? "")));
  if (/\$\{[A-Za-z0-9_]+\}/.test(specifier)) {
    builder.problem(`${JSON.stringify(specifier)} depends on an environment variable`, { ...at, entry: true });
    return;
  }
  const address = specifier.split(/\s+;\s*/)[0] ?? "";
  const vcs = vcsOrigin(address);
  if (vcs !== null || /^(?:https?|file):\/\//i.test(address) || /^\.{0,2}\//.test(address) || /\.(?:whl|zip|tar\.gz)$/.test(address)) {
    const archive = archiveName(address);
    const name = vcs?.egg ?? /#egg=([^&[]+)/.exec(address)?.[1] ?? archive?.name ?? "";
    if (name === "") {
      builder.problem(`${JSON.stringify(address)} does not say which project it is`, { ...at, entry: true });
      return;
    }
    const remote = /^https?:/i.test(address);
    const node = builder.add({
      ...at,
      name,
      version: archive?.version ?? "",
      origin: vcs?.origin ?? (remote ? { kind: "url", url: address } : { kind: "directory", path: address }),
      resolved: address,
      integrity,
      direct: true,
    });
    builder.edge(root, node, name, address);
    return;
  }
  const requirement = parseRequirement(specifier);
  if (requirement === null || (requirement.specifier !== "" && /^(?:===|==|~=|!=|<=|>=|<|>)\s*$/.test(requirement.specifier))) {
    builder.problem(`${JSON.stringify(specifier)} is no requirement`, { ...at, entry: true });
    return;
  }
  if (/^[^,]*[A-Za-z0-9]\s+[A-Za-z0-9]/.test(requirement.specifier))
    builder.problem(`${JSON.stringify(requirement.specifier)} is no version clause: pip refuses this line`, at);
  const vcsOfUrl = requirement.url === "" ? null : vcsOrigin(requirement.url);
  const node = builder.add({
    ...at,
    name: requirement.name,
    version: requirement.version,
    integrity,
    direct: true,
    ...(requirement.url === ""
      ? { resolved: index, extraIndexes: extra.filter((address) => address !== "") }
      : { origin: vcsOfUrl?.origin ?? { kind: "url", url: requirement.url }, resolved: requirement.url }),
  });
  builder.edge(root, node, requirement.name, requirement.specifier);
}

interface LogicalLine {
  readonly text: string;
  readonly line: number;
}

/** Joins lines that end in a backslash and takes comments off, as pip does: a comment on a line of its own ends a joined line. */
function* logicalLines(text: string): Generator<LogicalLine> {
  let joined: string[] = [];
  let first = 0;
  const flush = function* (): Generator<LogicalLine> {
    const whole = joined
      .join(" ")
      .replace(/(?:^|\s)#.*$/, "")
      // One blank does for many; later patterns may then not go back and forth over them.
      .replaceAll(/\s+/g, " ")
      .trim();
    joined = [];
    if (whole !== "") yield { text: whole, line: first };
  };
  for (const [index, raw] of linesOf(text).entries()) {
    const comment = /^\s*#/.test(raw);
    if (joined.length === 0) first = index + 1;
    if (!comment && raw.endsWith("\\")) {
      joined.push(raw.slice(0, -1));
      continue;
    }
    if (!comment) joined.push(raw);
    yield* flush();
  }
  yield* flush();
}
