/**
 * A gemspec is a program in Ruby; it is read, never run. The assignments that every gemspec has are found line by line; a version that
 * stands in a constant is looked up in the files that the gemspec requires by a path that can be read off.
 */
import type { Format, InputFile, ReadContext } from "../../model/index.ts";
import { entryBuilder } from "../reading/builder.ts";
import { linesOf } from "../reading/positions.ts";

const BLOCK = /Gem::Specification\.new\b[^|]*\|\s*(\w+)\s*\|/;

export const gemspec: Format = {
  id: "ruby/gemspec",
  title: "*.gemspec",
  role: "manifest",
  matches: (path) => path.endsWith(".gemspec"),
  read: (file, context) => {
    const builder = entryBuilder(file, "ruby/gemspec", "RubyGems");
    const lines = linesOf(file.text);
    const variable = BLOCK.exec(file.text)?.[1];
    if (variable === undefined) {
      if (file.text.trim() !== "") builder.problem("no Gem::Specification in it that can be read without running it", { line: 1 });
      return builder.finish({ graph: "flat" });
    }
    let name = "";
    let version = "";
    let nameLine = 0;
    const asks: { readonly name: string; readonly ranges: readonly string[]; readonly dev: boolean; readonly line: number }[] = [];
    const seen = new Set<string>();
    const assignment = new RegExp(`(?:^|\\s|;)${variable}\\.(name|version)\\s*=\\s*(.+)$`);
    const adding = new RegExp(`(?:^|\\s|;)${variable}\\.add_(runtime_|development_)?dependency[\\s(]+(.+)$`);
    const assignedBefore = new Set<string>();
    for (const [index, line] of lines.entries()) {
      const code = line.replace(/^\s*#.*$/, "");
      const assigned = assignment.exec(code);
      const first = assigned?.[1] !== undefined && !assignedBefore.has(assigned[1]);
      if (assigned?.[1] !== undefined) assignedBefore.add(assigned[1]);
      if (first && assigned?.[1] === "name") {
        name = literal(assigned[2] ?? "") ?? "";
        nameLine = index + 1;
      } else if (first && assigned?.[1] === "version") {
        const value = (assigned[2] ?? "").trim();
        version = literal(value) ?? constant(value, file, lines, context) ?? "";
        if (version === "")
          builder.problem(`the version is computed (${value}): it is not known without running the program`, { line: index + 1 });
      }
      const dependency = adding.exec(code);
      const asked = dependency?.[2] === undefined ? null : strings(dependency[2]);
      if (asked !== null && asked[0] !== undefined && !seen.has(asked[0])) {
        // The classic stub lists everything twice, for old versions of RubyGems; the first time counts.
        seen.add(asked[0]);
        asks.push({ name: asked[0], ranges: asked.slice(1), dev: dependency?.[1] === "development_", line: index + 1 });
      }
    }
    if (name === "") {
      builder.problem("the gem's name is computed, or missing", { line: 1, entry: true });
      return builder.finish({ graph: "flat" });
    }
    const root = builder.root({ name, version, line: nameLine });
    for (const ask of asks) {
      const node = builder.add({ name: ask.name, version: "", line: ask.line, direct: true });
      builder.edge(root, node, ask.name, ask.ranges.join(", "), ask.dev ? "dev" : "prod");
    }
    return builder.finish({ graph: "flat", name, version, knowsDirect: true });
  },
};

/** A string literal that stands alone: `"x"`, `'x'`, `%q<x>`, with or without `.freeze`; null for anything else. */
function literal(code: string): string | null {
  const match = /^(?:"([^"#\\]*)"|'([^'\\]*)'|%[qQ]?[<({[|]([^>)}\]|]*)[>)}\]|])(?:\.freeze)?(?:\s+if\b.*)?;?$/.exec(code.trim());
  return match === null ? null : (match[1] ?? match[2] ?? match[3] ?? "");
}

/** All string literals of a piece of code. */
const strings = (code: string): readonly string[] =>
  [...code.matchAll(/"([^"\\]*)"|'([^'\\]*)'|%[qQ]?[<({[|]([^>)}\]|]*)[>)}\]|]/g)].map((match) => match[1] ?? match[2] ?? match[3] ?? "");

/** `Some::VERSION`, looked up in the files that are required: `require_relative 'lib/x/version'`, `File.join(…)`, `__dir__` and the like. */
function constant(code: string, file: InputFile, lines: readonly string[], context: ReadContext): string | null {
  const wanted = /^(?:::)?(?:[A-Z]\w*::)*([A-Z]\w*)(?:\.(?:freeze|dup|to_s))*$/.exec(code.trim())?.[1];
  if (wanted === undefined) return null;
  const here = constantIn(file.text, wanted);
  if (here !== null) return here;
  for (const line of lines) {
    const required = /^\s*(?:require|require_relative|load)\b(.*)$/.exec(line)?.[1];
    if (required === undefined) continue;
    const path = strings(required.replace(/\b(?:unless|if)\b.*$/, ""))
      .join("/")
      .replace(/^\/+/, "")
      .replace(/^\.\//, "");
    if (path === "" || path.split("/").includes("..")) continue;
    for (const candidate of path.endsWith(".rb") ? [path] : [`${path}.rb`, `lib/${path}.rb`]) {
      const other = context.beside(candidate);
      const found = other === null ? null : constantIn(other.text, wanted);
      if (found !== null) return found;
    }
  }
  return null;
}

function constantIn(text: string, name: string): string | null {
  // Ruby knows VERSION and Version as two constants; gems are inconsistent, so the case that is asked for wins.
  const match = new RegExp(`^\\s*${name}\\s*=\\s*(?:"([^"#\\\\]*)"|'([^'\\\\]*)')(?:\\.freeze)?`, "m").exec(text);
  return match === null ? null : (match[1] ?? match[2] ?? null);
}
