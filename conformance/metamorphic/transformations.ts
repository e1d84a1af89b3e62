/**
 * Changes of a release that change nothing of what it does: whoever hides something makes them, and whoever builds software does too. Each gets
 * the files of a release and the paths in which it differs from the one before, and gives the files anew.
 */
import { minifySync, parseSync } from "rolldown/utils";

export type Files = ReadonlyMap<string, Buffer>;

export interface Transformation {
  readonly name: string;
  /** What the release before gets as well, where the change itself would be news. */
  readonly both?: true;
  /** null where it cannot be made here: nothing to order, no script, another language. */
  readonly change: (files: Files, changed: ReadonlySet<string>, random: (below: number) => number) => Files | null;
}

/** Bytes of harmless text in or beside a file; what is larger is what `padding` is asked for. */
const MEGABYTE = 1024 * 1024;

const script = /\.[cm]?js$/;
const commented: readonly (readonly [RegExp, string])[] = [
  [/\.[cm]?[jt]sx?$/, "//"],
  [/\.(?:py|pth|rb|sh)$/, "#"],
];
const text = (bytes: Buffer): string => bytes.toString("utf8");
const isModule = (path: string, source: string): boolean =>
  path.endsWith(".mjs") || (!path.endsWith(".cjs") && /^\s*(?:import\s|import\{|export\s|export\{)/m.test(source));

/** Every changed script by a function of its text; null where none could be changed. */
function eachScript(files: Files, changed: ReadonlySet<string>, edit: (source: string, path: string) => string | null): Files | null {
  const out = new Map(files);
  let edited = 0;
  for (const [path, bytes] of files) {
    if (!changed.has(path) || !script.test(path)) continue;
    const now = edit(text(bytes), path);
    if (now === null) continue;
    edited += 1;
    out.set(path, Buffer.from(now));
  }
  return edited === 0 ? null : out;
}

/** Every changed text in which a comment can stand. */
function eachText(files: Files, changed: ReadonlySet<string>, edit: (source: string, mark: string) => string): Files | null {
  const out = new Map(files);
  let edited = 0;
  for (const [path, bytes] of files) {
    const mark = changed.has(path) ? commented.find(([pattern]) => pattern.test(path))?.[1] : undefined;
    if (mark === undefined) continue;
    edited += 1;
    out.set(path, Buffer.from(edit(text(bytes), mark)));
  }
  return edited === 0 ? null : out;
}

/** A first line that says who runs the file stays the first. */
const afterHead = (source: string, put: string): string => {
  const head = /^#![^\n]*\n/.exec(source)?.[0] ?? "";
  return head + put + source.slice(head.length);
};

export function shuffled<T>(list: readonly T[], random: (below: number) => number): readonly T[] {
  const out = [...list];
  for (let at = out.length - 1; at > 0; at--) {
    const other = random(at + 1);
    [out[at], out[other]] = [out[other] as T, out[at] as T];
  }
  return out;
}

/** By a minifier that others wrote (oxc, as it comes with rolldown). `keeps`: layout and what is never used. */
const minified =
  (way: "renamed" | "minified" | "compressed") =>
  (source: string, path: string): string | null => {
    const module = isModule(path, source);
    const { code, errors } = minifySync(module ? "a.mjs" : "a.cjs", source, {
      module,
      // What nobody calls would be left out, and with it what the variant put in.
      compress: way === "compressed" ? { unused: false } : false,
      mangle: { toplevel: true },
      codegen: { removeWhitespace: way !== "renamed" },
    });
    return errors.length > 0 ? null : code;
  };

/** Declarations of functions are hoisted: in which order they stand is nobody's matter. */
function reordered(source: string, path: string, random: (below: number) => number): string | null {
  const { program, errors } = parseSync(isModule(path, source) ? "a.mjs" : "a.cjs", source);
  if (errors.length > 0) return null;
  const functions = program.body.filter(({ type }) => type === "FunctionDeclaration");
  if (functions.length < 2) return null;
  const order = shuffled(functions, random);
  let out = "";
  let last = 0;
  functions.forEach((one, at) => {
    const other = order[at] ?? one;
    out += source.slice(last, one.start) + source.slice(other.start, other.end);
    last = one.end;
  });
  return out + source.slice(last);
}

/** The file's whole text moves to a file of its own, which takes its place in what it gives. */
function moved(files: Files, changed: ReadonlySet<string>): Files | null {
  const out = new Map(files);
  let edited = 0;
  for (const [path, bytes] of files) {
    if (!changed.has(path) || !script.test(path)) continue;
    const source = text(bytes);
    const dot = path.lastIndexOf(".");
    const part = `${path.slice(0, dot)}-part${path.slice(dot)}`;
    const name = `./${part.slice(part.lastIndexOf("/") + 1)}`;
    if (files.has(part)) continue;
    edited += 1;
    out.set(part, bytes);
    const hasDefault = /\bexport\s+default\b|\bas\s+default\b/.test(source);
    out.set(
      path,
      Buffer.from(
        isModule(path, source)
          ? `export * from "${name}";\n${hasDefault ? `export { default } from "${name}";\n` : ""}`
          : `module.exports = require("${name}");\n`,
      ),
    );
  }
  return edited === 0 ? null : out;
}

/** As a bundler does it: every CommonJS script of the package in one file, in functions that are called when they are asked for. */
function merged(files: Files, changed: ReadonlySet<string>): Files | null {
  const scripts = [...files].filter(([path]) => script.test(path) && !/(?:^|\/)(?:test|tests|example|bench)/.test(path));
  const target = scripts.find(([path]) => changed.has(path))?.[0];
  if (target === undefined || scripts.length < 2 || scripts.some(([path, bytes]) => isModule(path, text(bytes)))) return null;
  const parts = scripts.map(
    ([path, bytes]) => `${JSON.stringify(path)}: function (module, exports, require) {\n${text(bytes).replace(/^#!.*/, "")}\n}`,
  );
  const out = new Map([...files].filter(([path]) => !scripts.some(([one]) => one === path)));
  out.set(
    target,
    Buffer.from(
      `var parts = {\n${parts.join(",\n")}\n};\nvar kept = {};\nfunction load(name) { if (kept[name]) return kept[name].exports; var module = (kept[name] = { exports: {} }); parts[name](module, module.exports, function (wanted) { return parts[wanted] ? load(wanted) : require(wanted); }); return module.exports; }\nmodule.exports = load(${JSON.stringify(target)});\n`,
    ),
  );
  return out;
}

const DECOYS = 100;
const decoys = (mark: string): string =>
  Array.from({ length: DECOYS }, (_, at) =>
    mark === "//"
      ? `function decoy${at}() { return process.env.DECOY_${at} === "on" || typeof process.platform === "string"; }\n`
      : `# decoy ${at}\n`,
  ).join("");

/** `megabytes` of comments: read as slowly as any, and nothing in them. */
const padding = (mark: string, megabytes: number): string => {
  const line = `${mark} ${"all work and no play makes a dull text, said the author of this file\n"}`;
  return line.repeat(Math.ceil((megabytes * MEGABYTE) / line.length));
};

export const transformations: readonly Transformation[] = [
  { name: "files in another order", change: (files, _, random) => new Map(shuffled([...files], random)) },
  {
    name: "functions in another order",
    change: (files, changed, random) => eachScript(files, changed, (source, path) => reordered(source, path, random)),
  },
  { name: "identifiers renamed", change: (files, changed) => eachScript(files, changed, minified("renamed")) },
  { name: "minified", change: (files, changed) => eachScript(files, changed, minified("minified")) },
  { name: "compressed", change: (files, changed) => eachScript(files, changed, minified("compressed")) },
  { name: "moved into a second file", change: moved },
  { name: "merged into one file", change: merged },
  {
    name: "a hundred decoys first",
    both: true,
    change: (files, changed) => eachText(files, changed, (source, mark) => afterHead(source, decoys(mark))),
  },
  {
    name: "comments and dead code",
    change: (files, changed) =>
      eachText(files, changed, (source, mark) => {
        const dead = mark === "//" ? `function neverCalled(list) { if (false) { return list.map((one) => one + 1); } return list; }\n` : "";
        return `${afterHead(source, `${mark} ${"a comment that says nothing ".repeat(20)}\n${dead}`)}\n${mark} the end\n`;
      }),
  },
  {
    name: "lines that end in CR LF",
    change: (files, changed) => eachText(files, changed, (source) => source.replaceAll(/\r?\n/g, "\r\n")),
  },
  {
    name: "a byte order mark",
    change: (files, changed) => eachText(files, changed, (source) => (source.startsWith("#!") ? source : `\ufeff${source}`)),
  },
  {
    name: "a megabyte of comments around",
    change: (files, changed) =>
      eachText(files, changed, (source, mark) => `${afterHead(source, padding(mark, 0.5))}\n${padding(mark, 0.5)}`),
  },
];

/** Those that cost seconds each: asked of one variant a family. */
export const large: readonly Transformation[] = [
  {
    name: "100 MB of comments in the file",
    change: (files, changed) => eachText(files, changed, (source, mark) => `${afterHead(source, padding(mark, 50))}\n${padding(mark, 50)}`),
  },
  { name: "a file of 100 MB beside", change: (files) => new Map([...files, ["notes/all.txt", Buffer.from(padding("", 100))]]) },
];
