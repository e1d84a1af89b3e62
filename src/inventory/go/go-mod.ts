import type { Format, InputFile, Origin } from "../../model/index.ts";
import { baseName, type EntryBuilder, entryBuilder } from "../reading/builder.ts";
import { base64ToSri } from "../reading/integrity.ts";
import { linesOf } from "../reading/positions.ts";
import { goPurl, goVersion } from "./module.ts";

interface Requirement {
  readonly path: string;
  readonly version: string;
  readonly line: number;
  readonly indirect: boolean;
}

interface Replacement {
  readonly path: string;
  readonly version: string;
  readonly to: string;
  readonly toVersion: string;
  readonly line: number;
}

/** From Go 1.17 on, go.mod itself names all modules of the build (https://go.dev/ref/mod#graph-pruning); before, only go.sum does. */
const COMPLETE_SINCE = 17;

/** Go's module file (https://go.dev/ref/mod#go-mod-file), with the hashes of the `go.sum` beside it. */
export const goMod: Format = {
  id: "go/mod",
  title: "go.mod",
  role: "lockfile",
  matches: (path) => baseName(path) === "go.mod",
  read: (file, context) => {
    const builder = entryBuilder(file, "go/mod", "Go");
    const requirements: Requirement[] = [];
    const replacements: Replacement[] = [];
    let module = "";
    let moduleLine: number | undefined;
    let go: { readonly version: string; readonly line: number } | null = null;
    let toolchain: { readonly version: string; readonly line: number } | null = null;
    for (const { verb, words, comment, line } of directives(file.text)) {
      const [first = "", second = ""] = words;
      if (verb === "module") {
        module = first;
        moduleLine = line;
      } else if (verb === "go") go = { version: first, line };
      else if (verb === "toolchain") {
        const version = /^go(\d[^-]*)/.exec(first)?.[1];
        if (version !== undefined) toolchain = { version, line };
      } else if (verb === "require") {
        if (first === "" || second === "") builder.problem(`${JSON.stringify(words.join(" "))} is no requirement`, { line, entry: true });
        else requirements.push({ path: first, version: second, line, indirect: /^\/\/\s*indirect\b/.test(comment) });
      } else if (verb === "replace") {
        const arrow = words.indexOf("=>");
        const to = words[arrow + 1];
        if (arrow < 1 || to === undefined) builder.problem(`${JSON.stringify(words.join(" "))} is no replacement`, { line });
        else replacements.push({ path: first, version: arrow > 1 ? second : "", to, toVersion: words[arrow + 2] ?? "", line });
      } else if (!["exclude", "retract", "tool", "godebug", "ignore"].includes(verb)) {
        builder.problem(`${JSON.stringify(verb)} is no directive of go.mod`, { line });
      }
    }

    const sums = sumsOf(context.beside("go.sum") ?? context.beside(baseName(file.path).replace(/\.mod$/, ".sum")), builder);
    const root = builder.root({ name: module, line: moduleLine });
    const listed = new Set<string>();
    for (const required of requirements) {
      const replaced = replacements.find((one) => one.path === required.path && (one.version === "" || one.version === required.version));
      const local = replaced !== undefined && /^(?:\.{1,2}(?:\/|$)|\/|[A-Za-z]:)/.test(replaced.to);
      // A folder that stands in for a module is no release of it.
      const name = replaced === undefined || local ? required.path : replaced.to;
      const version = replaced === undefined ? required.version : local ? "" : replaced.toVersion;
      const line = replaced?.line ?? required.line;
      // Two requirements that one replacement answers are one module in the build.
      const key = `${name}@${version}`;
      if (listed.has(key)) continue;
      listed.add(key);
      const origin: Origin = local && replaced !== undefined ? { kind: "directory", path: replaced.to } : { kind: "registry" };
      const sum = sums.get(`${name} ${version}`);
      const node = builder.add({
        name,
        version: goVersion(version),
        purl: goPurl(name, version),
        origin,
        line,
        direct: !required.indirect,
        as: required.path,
        integrity: sum === undefined ? [] : [sum.integrity],
      });
      if (!required.indirect) builder.edge(root, node, required.path, required.version);
    }
    const minor = Number(/^1\.(\d+)/.exec(go?.version ?? "")?.[1] ?? Number.NaN);
    if (minor < COMPLETE_SINCE) addFromSums(builder, sums, listed, requirements, replacements);
    const standard = toolchain ?? go;
    if (standard !== null) {
      const node = builder.add({
        name: "stdlib",
        version: standard.version,
        purl: { type: "golang", namespace: "", name: "stdlib", version: standard.version },
        line: standard.line,
        direct: true,
      });
      builder.edge(root, node, "stdlib", standard.version);
    }
    return builder.finish({ graph: "flat", name: module, knowsDirect: true, formatVersion: go?.version ?? "" });
  },
};

/** Modules that go.sum holds the contents of, but go.mod does not name. */
function addFromSums(
  builder: EntryBuilder,
  sums: ReadonlyMap<string, Sum>,
  listed: ReadonlySet<string>,
  requirements: readonly Requirement[],
  replacements: readonly Replacement[],
): void {
  const required = new Set(requirements.map((one) => `${one.path} ${one.version}`));
  for (const [key, sum] of sums) {
    const [path = "", version = ""] = key.split(" ");
    if (listed.has(`${path}@${version}`) || required.has(key)) continue;
    if (replacements.some((one) => one.path === path && (one.version === "" || one.version === version))) continue;
    builder.add({
      name: path,
      version: goVersion(version),
      purl: goPurl(path, version),
      line: sum.line,
      file: sum.file,
      direct: false,
      integrity: [sum.integrity],
    });
  }
}

interface Sum {
  readonly integrity: string;
  readonly line: number;
  readonly file: string;
}

/**
 * Hashes of module contents, by `path version`. `h1:` is SHA-256 over the sorted list of the module's files and their hashes
 * (https://go.dev/ref/mod#go-sum-files), not over an archive's bytes; it is marked so with the option `?h1`.
 */
function sumsOf(file: InputFile | null, builder: EntryBuilder): ReadonlyMap<string, Sum> {
  const sums = new Map<string, Sum>();
  if (file === null) return sums;
  for (const [index, raw] of linesOf(file.text).entries()) {
    const line = raw.trim();
    if (line === "") continue;
    const [path = "", version = "", hash = "", ...rest] = line.split(/\s+/);
    const sri = hash.startsWith("h1:") ? base64ToSri("sha256", hash.slice(3)) : null;
    if (sri === null || rest.length > 0)
      builder.problem(`${JSON.stringify(line.slice(0, 120))} is no line of go.sum`, { line: index + 1, file: file.path });
    else if (!version.endsWith("/go.mod")) sums.set(`${path} ${version}`, { integrity: `${sri}?h1`, line: index + 1, file: file.path });
  }
  return sums;
}

interface Directive {
  readonly verb: string;
  readonly words: readonly string[];
  readonly comment: string;
  readonly line: number;
}

/** Lines of go.mod, with the verb of a block repeated for each of its lines. */
function* directives(text: string): Generator<Directive> {
  let block = "";
  for (const [index, raw] of linesOf(text).entries()) {
    const at = raw.search(/(?:^|\s)\/\//);
    const comment = at < 0 ? "" : raw.slice(at).trim();
    const words = ((at < 0 ? raw : raw.slice(0, at)).match(/"[^"]*"|`[^`]*`|[()]|[^\s()]+/g) ?? []).map((word) =>
      word.replace(/^["`](.*)["`]$/, "$1"),
    );
    const [first = ""] = words;
    if (words.length === 0) continue;
    if (block !== "") {
      if (first === ")") block = "";
      else yield { verb: block, words, comment, line: index + 1 };
    } else if (words[1] === "(" || (words.length === 1 && first.endsWith("("))) {
      block = first.replace(/\($/, "");
      if (words.at(-1) === ")") block = "";
    } else yield { verb: first, words: words.slice(1), comment, line: index + 1 };
  }
}
