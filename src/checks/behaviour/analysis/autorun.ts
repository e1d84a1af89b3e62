/**
 * What runs although nobody calls it: scripts of npm's lifecycle, `binding.gyp` (whose mere presence makes npm start a build, and whose
 * expansions are commands), `.pth` files, `setup.py`, build scripts, extensions of gems, recipes, workflows, tasks of editors and hooks;
 * and which files of the package each of them reaches, through commands and imports.
 */
import type { PackageFile, PackageManifest, SelfRun, Sighting } from "../../../model/index.ts";
import { commandsIn, type RunCommand } from "./autorun-commands.ts";
import { commandsOfSettings, isSetting } from "./autorun-settings.ts";
import { Gatherer, Lines } from "./files-gather.ts";
import { linesOfMembers } from "./files-lines.ts";
import { readers } from "./files-readers.ts";
import { gatherShell } from "./shell.ts";

export interface SelfRunInput {
  readonly manifest: PackageManifest | null;
  /** By path. */
  readonly files: readonly PackageFile[];
  /** The texts of telling files. */
  readonly texts: ReadonlyMap<string, string>;
}

/** Characters of a command that are shown and compared; two that differ later are seen by their files. */
const COMMAND_CHARACTERS = 2_000;
/** Files that one self-run may reach before the list says nothing any more. */
const MAX_REACHES = 2_000;

/** https://docs.npmjs.com/cli/v11/using-npm/scripts: what runs when a package is installed as a dependency, and what only where it is made. */
const npmWhen: Readonly<Record<string, SelfRun["when"]>> = {
  preinstall: "install",
  install: "install",
  postinstall: "install",
  preprepare: "build",
  prepare: "build",
  postprepare: "build",
  prepublish: "publish",
  prepublishOnly: "publish",
  prepack: "publish",
  postpack: "publish",
  publish: "publish",
  postpublish: "publish",
  preuninstall: "build",
  uninstall: "build",
  postuninstall: "build",
  dependencies: "build",
};

/** Programs that everybody calls: a package that puts one of these names on the path stands before the real one. */
const usualPrograms: ReadonlySet<string> = new Set([
  "node",
  "npm",
  "npx",
  "git",
  "sh",
  "bash",
  "zsh",
  "python",
  "python3",
  "pip",
  "curl",
  "wget",
  "ssh",
  "sudo",
  "ls",
  "cat",
  "cp",
  "mv",
  "rm",
  "make",
  "gcc",
  "cc",
  "docker",
  "gh",
  "aws",
  "kubectl",
  "cargo",
  "go",
  "java",
  "tar",
  "grep",
  "sed",
  "which",
  "env",
  "kill",
  "ps",
]);

const whole = (name: string, command: string, language: RunCommand["language"]): RunCommand => ({ name, command, line: 1, language });

export function selfRunsOf({ manifest, files, texts }: SelfRunInput): readonly SelfRun[] {
  const found: SelfRun[] = [];
  const reach = reacher(files);
  const add = (trigger: SelfRun["trigger"], when: SelfRun["when"], file: string, { name, command, line, language }: RunCommand): void => {
    const sightings = sightingsOf(command, language);
    const starts = language === "shell" ? [...named(command, files)] : [];
    // What a file says by itself is a command of the package only where the file is code; the manifest names others.
    const own = file === "package.json" || language === "shell" ? [] : [file];
    found.push({
      trigger,
      when,
      name,
      command: command.slice(0, COMMAND_CHARACTERS),
      file,
      line,
      reaches: reach([...starts, ...own]),
      sightings,
    });
  };
  const manifestText = texts.get("package.json") ?? "";
  const scriptLines = linesOfMembers(manifestText, "scripts");
  for (const [script, command] of Object.entries(manifest?.scripts ?? {})) {
    const when = Object.hasOwn(npmWhen, script) ? npmWhen[script] : undefined;
    if (when !== undefined)
      add("npm-script", when, "package.json", { name: script, command, line: scriptLines.get(script) ?? 1, language: "shell" });
  }
  const binLines = linesOfMembers(manifestText, "bin");
  for (const [name, target] of Object.entries(manifest?.bin ?? {})) {
    const own = manifest?.name.split("/").at(-1) === name;
    if (usualPrograms.has(name) && !own)
      found.push({
        trigger: "bin-shadow",
        when: "start",
        name,
        command: target,
        file: "package.json",
        line: binLines.get(name) ?? 1,
        reaches: reach([target]),
        sightings: [],
      });
  }
  for (const [path, text] of texts) {
    const base = path.slice(path.lastIndexOf("/") + 1);
    if (path === "binding.gyp") {
      // npm runs it by itself only where the manifest has no install script of its own; one that does calls node-gyp nearly always.
      const commands = commandsIn.gyp(text);
      if (manifest?.gypfile === true || commands.length > 0)
        add("binding-gyp", "install", path, whole("", manifest?.gypfile === true ? "node-gyp rebuild" : "", "shell"));
      for (const command of commands) add("binding-gyp", "install", path, command);
    } else if (base.endsWith(".pth")) {
      for (const command of commandsIn.pth(text)) add("pth", "start", path, command);
    } else if (/^(?:site|user)customize\.py$/.test(base)) add("pth", "start", path, whole("", text, "python"));
    else if (path === "setup.py") {
      add("setup-py", "install", path, whole("", text, "python"));
      for (const command of commandsIn.cmdclass(text)) add("setup-py", "install", path, command);
    } else if (path === "pyproject.toml") for (const command of commandsIn.pyproject(text)) add("build-backend", "build", path, command);
    else if (path === "build.rs") add("build-script", "build", path, whole("", text, "rust"));
    else if (path === "Cargo.toml") {
      for (const command of commandsIn.cargo(text))
        add(command.name === "proc-macro" ? "proc-macro" : "build-script", "build", path, command);
    } else if (base === "extconf.rb") add("gem-extension", "install", path, whole("", text, "ruby"));
    // RubyGems loads it, of every gem that is installed, whenever it is started itself.
    else if (base === "rubygems_plugin.rb") add("gem-extension", "start", path, whole("", text, "ruby"));
    else if (base.endsWith(".gemspec")) for (const command of commandsIn.gemspec(text)) add("gem-extension", "install", path, command);
    else if (/^(?:GNU)?[Mm]akefile/.test(base)) for (const command of commandsIn.make(text)) add("make", "build", path, command);
    else if (base.startsWith("configure") || base.endsWith(".m4")) add("configure", "build", path, whole("", text, "shell"));
    else if (base === "CMakeLists.txt") for (const command of commandsIn.cmake(text)) add("cmake", "build", path, command);
    else if (path.startsWith(".github/workflows/")) for (const command of commandsIn.workflow(text)) add("workflow", "ci", path, command);
    else if (/^action\.ya?ml$/.test(path)) for (const command of commandsIn.action(text)) add("action", "ci", path, command);
    else if (path === ".vscode/tasks.json") for (const command of commandsIn.tasks(text)) add("editor-task", "open", path, command);
    else if (/^\.(?:claude|gemini|cursor)\//.test(path))
      for (const command of commandsIn.assistant(text)) add("editor-task", "open", path, command);
    else if (isSetting(path)) for (const command of commandsOfSettings(path, text)) add("manager-settings", "open", path, command);
    else if (/^\.(?:husky|githooks)\//.test(path)) add("git-hook", "publish", path, whole("", text, "shell"));
    else if (/^(?:DEBIAN\/)?(?:pre|post)(?:inst|rm)$/.test(path)) add("maintainer-script", "install", path, whole("", text, "shell"));
  }
  return found.toSorted((a, b) => {
    const [x, y] = [a, b].map(({ trigger, file, name, line }) => `${trigger}\0${file}\0${String(line).padStart(9, "0")}\0${name}`);
    return (x ?? "") < (y ?? "") ? -1 : (x ?? "") > (y ?? "") ? 1 : 0;
  });
}

/** What the command itself can do. */
function sightingsOf(command: string, language: RunCommand["language"]): readonly Sighting[] {
  const lines = new Lines(command);
  if (language !== "shell") return readers[language]?.(command, lines).sightings ?? [];
  const gatherer = new Gatherer();
  gatherShell(command, gatherer, (offset, scope) => lines.spot(offset, scope));
  return gatherer.reading("tokens").sightings;
}

/** Files of the package that a command names. */
function* named(command: string, files: readonly PackageFile[]): Generator<string> {
  const paths = new Set(files.map(({ path }) => path));
  for (const part of command.split(/[\s;&|'"`()<>=,]+/)) {
    const path = part.replace(/^(?:\.\/)+/, "").replaceAll("\\", "/");
    if (path === "") continue;
    for (const candidate of [path, `${path}.js`, `${path}.cjs`, `${path}.mjs`, `${path}/index.js`]) {
      if (paths.has(candidate) && candidate !== "package.json") {
        yield candidate;
        break;
      }
    }
    if (part === "." && paths.has("index.js")) yield "index.js";
  }
}

/** Follows imports within the package. */
export function reacher(files: readonly PackageFile[]): (starts: readonly string[]) => readonly string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  return (starts) => {
    const reached = new Set<string>();
    const queue = starts.filter((path) => byPath.has(path));
    for (let path = queue.pop(); path !== undefined && reached.size < MAX_REACHES; path = queue.pop()) {
      if (reached.has(path)) continue;
      reached.add(path);
      for (const { specifier } of byPath.get(path)?.facts.imports ?? []) {
        const target = resolved(path, specifier, byPath);
        if (target !== "" && !reached.has(target)) queue.push(target);
      }
    }
    return [...reached].toSorted();
  };
}

function resolved(from: string, specifier: string, byPath: ReadonlyMap<string, PackageFile>): string {
  const folder = from.includes("/") ? from.slice(0, from.lastIndexOf("/")) : "";
  const candidates: string[] = [];
  if (specifier.startsWith(".") && !/^\.+[A-Za-z_]/.test(specifier)) {
    const path = joined(folder, specifier);
    candidates.push(
      path,
      ...["js", "cjs", "mjs", "json", "ts", "node", "rb"].map((extension) => `${path}.${extension}`),
      joined(path, "index.js"),
    );
    // TypeScript and bundlers name the file that will be.
    candidates.push(path.replace(/\.js$/, ".ts"));
  } else {
    // Python: `.util`, `package.module`; Ruby: `name/part` below lib.
    const dots = /^\.*/.exec(specifier)?.[0].length ?? 0;
    const rest = specifier.slice(dots).replaceAll(".", "/");
    let base = folder;
    for (let up = 1; up < dots; up++) base = base.includes("/") ? base.slice(0, base.lastIndexOf("/")) : "";
    for (const start of dots > 0 ? [base] : [folder, "", "src"])
      candidates.push(joined(start, `${rest}.py`), joined(start, `${rest}/__init__.py`));
    candidates.push(`lib/${specifier}.rb`);
  }
  return candidates.find((candidate) => byPath.has(candidate)) ?? "";
}

function joined(folder: string, path: string): string {
  const parts = folder === "" ? [] : folder.split("/");
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "." && part !== "") parts.push(part);
  }
  return parts.join("/");
}
