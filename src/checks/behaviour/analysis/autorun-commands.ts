/** The commands that recipes hold, format by format. Each reader takes what it knows and leaves the rest; none throws. */
import { parse as parseToml } from "smol-toml";
import { parse as parseYaml } from "yaml";

export interface RunCommand {
  /** Where within the file: `targets[0].actions[0]`, `jobs.build.steps[2]`; "" where the file is all there is. */
  readonly name: string;
  readonly command: string;
  readonly line: number;
  readonly language: "shell" | "python" | "rust" | "ruby";
}

type Loose = Readonly<Record<string, unknown>>;
const object = (value: unknown): Loose => (typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Loose) : {});
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string => (typeof value === "string" ? value : "");
const lineAt = (source: string, at: number): number => source.slice(0, Math.max(0, at)).split("\n").length;
const lineOf = (source: string, what: string): number => lineAt(source, source.indexOf(what.split("\n", 1)[0] ?? ""));
const shell = (name: string, command: string, line: number): RunCommand => ({ name, command, line, language: "shell" });
/** Aliases in YAML multiply; recipes of people use a handful. */
const MAX_ALIASES = 100;

function yaml(source: string): Loose {
  try {
    return object(parseYaml(source, { maxAliasCount: MAX_ALIASES, logLevel: "silent" }));
  } catch {
    return {};
  }
}

function toml(source: string): Loose {
  try {
    return object(parseToml(source));
  } catch {
    return {};
  }
}

function json(source: string): Loose {
  try {
    return object(JSON.parse(source.replaceAll(/^\s*\/\/.*$/gm, "")));
  } catch {
    return {};
  }
}

/** `<!(command)`, `<!@(command)` and `<|(file …)` are expanded when the file is read (GYP input format, "Command expansions"); actions run in the build. */
function gyp(source: string): readonly RunCommand[] {
  const found: RunCommand[] = [];
  for (const match of source.matchAll(/<!@?\(/g)) {
    let depth = 1;
    let at = match.index + match[0].length;
    for (; at < source.length && depth > 0; at++) {
      if (source[at] === "(") depth++;
      else if (source[at] === ")") depth--;
    }
    const command = source.slice(match.index + match[0].length, at - 1).replaceAll(/\\(["'])/g, "$1");
    found.push(shell(`expansion ${found.length + 1}`, command, lineAt(source, match.index)));
  }
  for (const match of source.matchAll(/['"](?:action|postbuilds)['"]\s*:\s*\[([^\]]{0,10000})\]/g)) {
    const words = [...(match[1] ?? "").matchAll(/'([^']*)'|"([^"]*)"/g)].map((word) => word[1] ?? word[2] ?? "");
    found.push(shell(`action ${found.length + 1}`, words.join(" "), lineAt(source, match.index)));
  }
  return found;
}

/** Python's site module runs a line that begins with `import` followed by a blank; all others are folders (docs.python.org, site). */
function pth(source: string): readonly RunCommand[] {
  return source
    .split("\n")
    .flatMap((line, index): RunCommand[] =>
      /^import[ \t]/.test(line) ? [{ name: "", command: line.trim(), line: index + 1, language: "python" }] : [],
    );
}

/** A backend within the source tree runs when the package is built (PEP 517, in-tree build backends). */
function pyproject(source: string): readonly RunCommand[] {
  const build = object(toml(source)["build-system"]);
  const path = list(build["backend-path"]).map(text);
  if (path.length === 0) return [];
  const backend = text(build["build-backend"]);
  const file = `${path[0] === "." || path[0] === "" ? "" : `${path[0] ?? ""}/`}${backend.split(":")[0]?.replaceAll(".", "/") ?? ""}.py`;
  return [shell("backend-path", `python ${file}`, lineOf(source, "backend-path"))];
}

/** A build script of another name, and libraries that the compiler itself loads (Cargo book, "build" and "proc-macro"). */
function cargo(source: string): readonly RunCommand[] {
  const manifest = toml(source);
  const build = text(object(manifest["package"])["build"]);
  const found = build === "" || build === "build.rs" ? [] : [shell("build", `rustc ${build}`, lineOf(source, build))];
  return object(manifest["lib"])["proc-macro"] === true
    ? [...found, shell("proc-macro", "rustc src/lib.rs", lineOf(source, "proc-macro"))]
    : found;
}

function make(source: string): readonly RunCommand[] {
  const found: RunCommand[] = [];
  let target = "";
  source.split("\n").forEach((line, index) => {
    const rule = /^([^\s#:=][^:=#]{0,200}):(?!=)/.exec(line);
    if (rule !== null) target = (rule[1] ?? "").trim();
    // `$(shell …)` and `!=` run when the file is read, whichever target is asked for.
    const expansion = /\$\(shell\s+(.{1,2000})\)|^\w+\s*!=\s*(.{1,2000})/.exec(line);
    if (expansion !== null) found.push(shell("expansion", expansion[1] ?? expansion[2] ?? "", index + 1));
    else if (line.startsWith("\t") && target !== "")
      found.push(
        shell(
          target,
          line
            .slice(1)
            .replace(/^[@\-+]+/, "")
            .replaceAll("$$", "$"),
          index + 1,
        ),
      );
  });
  return found;
}

function cmake(source: string): readonly RunCommand[] {
  return [...source.matchAll(/\b(execute_process|add_custom_command|add_custom_target)\s*\(([^)]{0,4000})\)/gi)].map((match) =>
    shell((match[1] ?? "").toLowerCase(), (match[2] ?? "").replace(/^.*?\bCOMMAND\b/s, "").trim(), lineAt(source, match.index)),
  );
}

function workflow(source: string): readonly RunCommand[] {
  const found: RunCommand[] = [];
  for (const [job, definition] of Object.entries(object(yaml(source)["jobs"]))) {
    list(object(definition)["steps"]).forEach((step, index) => {
      const run = text(object(step)["run"]);
      const uses = text(object(step)["uses"]);
      if (run !== "") found.push(shell(`${job}[${index}]`, run, lineOf(source, run)));
      else if (uses !== "") found.push(shell(`${job}[${index}]`, `uses ${uses}`, lineOf(source, uses)));
    });
  }
  return found;
}

/** Entry points and steps of an action (GitHub, "Metadata syntax"). */
function action(source: string): readonly RunCommand[] {
  const runs = object(yaml(source)["runs"]);
  const found = ["pre", "main", "post"].flatMap((key) =>
    text(runs[key]) === "" ? [] : [shell(key, `node ${text(runs[key])}`, lineOf(source, `${key}:`))],
  );
  const image = text(runs["image"]);
  if (image !== "") found.push(shell("image", `docker run ${image}`, lineOf(source, image)));
  list(runs["steps"]).forEach((step, index) => {
    const run = text(object(step)["run"]) || (text(object(step)["uses"]) === "" ? "" : `uses ${text(object(step)["uses"])}`);
    if (run !== "") found.push(shell(`steps[${index}]`, run, lineOf(source, run)));
  });
  return found;
}

function tasks(source: string): readonly RunCommand[] {
  return list(json(source)["tasks"]).flatMap((task) => {
    if (text(object(object(task)["runOptions"])["runOn"]) !== "folderOpen") return [];
    const command = [text(object(task)["command"]), ...list(object(task)["args"]).map(text)].join(" ");
    return [shell(text(object(task)["label"]), command, lineOf(source, "folderOpen"))];
  });
}

/** Hooks that assistants in editors run: every `command` below `hooks`. */
function assistant(source: string): readonly RunCommand[] {
  const found: RunCommand[] = [];
  const walk = (value: unknown, name: string, depth: number): void => {
    if (depth > 8) return;
    for (const entry of list(value)) walk(entry, name, depth + 1);
    for (const [key, inner] of Object.entries(object(value))) {
      if (key === "command" && typeof inner === "string")
        found.push(shell(name, inner, lineOf(source, JSON.stringify(inner).slice(1, -1))));
      else walk(inner, depth === 0 ? key : name, depth + 1);
    }
  };
  walk(json(source)["hooks"], "", 0);
  return found;
}

/** Steps of an installation from source that a `setup.py` puts code of its own into (setuptools, `cmdclass`); what compiles extensions is left out, since most do. */
function cmdclass(source: string): readonly RunCommand[] {
  const found: RunCommand[] = [];
  for (const match of source.matchAll(
    /\bcmdclass\s*(?:=|["']\s*:)\s*(?:dict\s*\(|\{)([^}]{0,4000})|\bcmdclass\s*\[([^\]]{1,40})\]\s*=\s*(\w+)/g,
  )) {
    const pairs =
      match[1] === undefined
        ? [[match[2] ?? "", match[3] ?? ""]]
        : [...match[1].matchAll(/["']?(\w+)["']?\s*(?::|=)\s*([\w.]+)/g)].map(([, key = "", value = ""]) => [key, value]);
    for (const [key = "", value = ""] of pairs) {
      const step =
        /^["']?(install|develop|egg_info|build|build_py|install_lib|install_data|install_scripts|sdist|bdist_wheel|bdist_egg|editable_wheel)["']?$/.exec(
          key,
        )?.[1];
      if (step !== undefined)
        found.push({ name: `cmdclass ${step}`, command: `${step}: ${value}`, line: lineAt(source, match.index), language: "python" });
    }
  }
  return found;
}

/** What a gem has built when it is installed (RubyGems, Specification, `extensions`). */
function gemspec(source: string): readonly RunCommand[] {
  return [...source.matchAll(/^[^\n#]*\.extensions\s*(?:=|<<|\+=)\s*([^\n]{1,500})/gm)].map((match) => ({
    name: "extensions",
    command: (match[1] ?? "").trim(),
    line: lineAt(source, match.index + match[0].length),
    language: "ruby",
  }));
}

type Format =
  | "cmdclass"
  | "gemspec"
  | "gyp"
  | "pth"
  | "pyproject"
  | "cargo"
  | "make"
  | "cmake"
  | "workflow"
  | "action"
  | "tasks"
  | "assistant";

export const commandsIn: Readonly<Record<Format, (source: string) => readonly RunCommand[]>> = {
  cmdclass,
  gemspec,
  gyp,
  pth,
  pyproject,
  cargo,
  make,
  cmake,
  workflow,
  action,
  tasks,
  assistant,
};
