/**
 * Files that lie in a package and that nobody who uses it runs: tests, examples, what builds it, and declarations of types. What they can do is
 * no news of the package, as long as nothing leads to them: neither the manifest, nor what runs by itself, nor another file.
 * What is hidden in them, and what only an attack does, counts wherever it lies (xz hid among test data).
 */
import type { Language, PackageFile, SelfRun } from "../../../model/index.ts";
import { reacher } from "./autorun.ts";
import { connectsAtLoad, runsAtHome } from "./compare-whom.ts";
import { codeLanguages } from "./files-codes.ts";

const ofMakers =
  /(?:^|\/)(?:tests?|__tests__|__mocks__|specs?|(?:__)?fixtures?(?:__)?|examples?|bench|benchmarks?|e2e)\/|(?:^|\/)(?:(?:.+[._-])?(?:test|tests|spec|bench|benchmark)|gulpfile|gruntfile|jakefile|.+\.config)\.[cm]?[jt]sx?$/i;
const declaration = /\.d(?:\.[^./]+)?\.[cm]?ts$/;

/** Members of package.json that say what a program loads. `types` and `typings` are read by compilers only. */
const entryMembers = ["main", "module", "browser", "exports", "bin", "imports", "unpkg", "jsdelivr", "react-native", "svelte"];

type Members = Readonly<Record<string, unknown>>;
type WaysIn = (manifest: Members) => readonly unknown[];
const everyWayIn: WaysIn = (manifest) => entryMembers.map((member) => manifest[member]);
/** What is loaded into somebody's program: a program of its own may do at once what it is there for. */
const everyModule: WaysIn = (manifest) => entryMembers.flatMap((member) => (member === "bin" ? [] : [manifest[member]]));

/** What is loaded by the package's own name, and what it puts on the path. */
function mainWayIn(manifest: Members): readonly unknown[] {
  const { exports } = manifest;
  const subpaths = Object.keys(Object(exports)).some((key) => key.startsWith("."));
  return [manifest["main"], manifest["module"], manifest["browser"], manifest["bin"], subpaths ? (exports as Members)["."] : exports];
}

const isScript = (language: Language): boolean => language === "javascript" || language === "typescript";

export interface Asides {
  /** Paths of tests, examples and the like that nothing leads to; sorted. */
  readonly asides: readonly string[];
  /** Paths of declarations that nothing loads as code; sorted. */
  readonly declarations: readonly string[];
  /**
   * Paths of code with a loop without an end that neither the package's name, nor its programs, nor an import leads to: whoever starts it asks for it by a name of its
   * own, in a thread of its own, and it hangs nobody else. Sorted.
   */
  readonly idle: readonly string[];
  /** Paths of code that opens a connection as soon as it is loaded, which nothing but its own name or that of a program loads; sorted. */
  readonly unloaded: readonly string[];
}

const none: Asides = { asides: [], declarations: [], idle: [], unloaded: [] };

/** Of npm packages and Python's distributions only: of others nobody says where one comes in. `texts`: the files that say so, by path. */
export function asidesOf(files: readonly PackageFile[], selfRuns: readonly SelfRun[], texts: ReadonlyMap<string, string>): Asides {
  const manifest = texts.get("package.json");
  if (manifest === undefined) return { ...none, asides: pythonAsides(files, selfRuns, texts) };
  const scripts = files.filter(({ facts: { language } }) => isScript(language));
  const declarations = scripts.filter(({ path }) => declaration.test(path));
  // What builds or publishes the package is its makers' as well, under whatever name.
  const building = new Set(selfRuns.filter(runsAtHome).flatMap(({ reaches }) => reaches));
  const asides = files.filter(
    ({ path, facts: { language } }) =>
      codeLanguages.has(language) && !declaration.test(path) && (building.has(path) || (isScript(language) && ofMakers.test(path))),
  );
  const loops = scripts.filter(({ facts }) => facts.sightings.some(({ capability }) => capability === "endless-loop"));
  const connecting = files.filter(({ facts }) => facts.sightings.some(connectsAtLoad));
  if (declarations.length + asides.length + loops.length + connecting.length === 0) return none;
  const paths = new Set(files.map(({ path }) => path));
  const running = selfRuns.filter((run) => !runsAtHome(run)).flatMap(({ reaches }) => reaches);
  const reach = reacher(files);
  const ledTo = (those: readonly PackageFile[], isEntry: (path: string) => boolean): ReadonlySet<string> => {
    const set = new Set(those);
    const rest = files.filter((file) => !set.has(file)).map(({ path }) => path);
    return new Set(reach([...rest, ...[...paths].filter(isEntry), ...running]));
  };
  const reached = ledTo([...declarations, ...asides], entries(manifest, paths, everyWayIn));
  // A name made at run time may be that of a declaration, which is code to Node where it is required: one that does anything is no declaration then.
  const makers = new Set([...declarations, ...asides]);
  const blind = files.some((file) => !makers.has(file) && file.facts.imports.some(({ specifier }) => specifier === ""));
  const left = (those: readonly PackageFile[]): readonly string[] => those.map(({ path }) => path).filter((path) => !reached.has(path));
  const unledTo = (those: readonly PackageFile[], waysIn: WaysIn): readonly string[] => {
    const led = those.length === 0 ? reached : ledTo(those, entries(manifest, paths, waysIn));
    return those.map(({ path }) => path).filter((path) => !led.has(path));
  };
  return {
    asides: left(asides),
    declarations: left(declarations.filter((file) => !blind || idle(file))),
    idle: unledTo(loops, mainWayIn),
    unloaded: unledTo(connecting, everyModule),
  };
}

/** Python's own packages of tests (`numpy.testing` is none: others use it), and what stands beside a source distribution's package. */
const ofPythonMakers =
  /(?:^|\/)tests?\/|(?:^|\/)(?:conftest|test_[^/]*|[^/]*_test|runtests)\.py$|^(?:docs?|examples?|bench|benchmarks?|ci|tools)\//i;
const metadataOfPython = /^(?:[^/]+\.dist-info\/METADATA|PKG-INFO)$/;
const entryPoints = /^(?:[^/]+\.dist-info|[^/]+\.egg-info|src\/[^/]+\.egg-info)\/entry_points\.txt$/;

/** The same of a wheel or source distribution: led to are tests by what is no test, by what runs by itself, and by the programs that are installed. */
function pythonAsides(files: readonly PackageFile[], selfRuns: readonly SelfRun[], texts: ReadonlyMap<string, string>): readonly string[] {
  if (![...texts.keys()].some((path) => metadataOfPython.test(path))) return [];
  const asides = files.filter(({ path, facts: { language } }) => codeLanguages.has(language) && ofPythonMakers.test(path));
  if (asides.length === 0) return [];
  const set = new Set(asides);
  const running = selfRuns.filter((run) => !runsAtHome(run)).flatMap(({ reaches }) => reaches);
  const named = [...texts].filter(([path]) => entryPoints.test(path)).flatMap(([, text]) => modulesNamed(text));
  const reached = new Set(reacher(files)([...files.filter((file) => !set.has(file)).map(({ path }) => path), ...running, ...named]));
  // `from .tests import one` names the package, and takes any module of it.
  const opened = [...reached]
    .filter((path) => path.endsWith("/__init__.py") && ofPythonMakers.test(path))
    .map((path) => path.slice(0, -"__init__.py".length));
  return asides.map(({ path }) => path).filter((path) => !reached.has(path) && !opened.some((folder) => path.startsWith(folder)));
}

/** `name = package.module:function` (https://packaging.python.org/en/latest/specifications/entry-points/), as the files that it may be. */
const modulesNamed = (text: string): readonly string[] =>
  [...text.matchAll(/^[^=\n[#]{1,200}=\s*([\w.]{1,200})/gm)].flatMap(([, module = ""]) => {
    const path = module.replaceAll(".", "/");
    return [`${path}.py`, `${path}/__init__.py`, `src/${path}.py`, `src/${path}/__init__.py`];
  });

/** It names modules, and does nothing with them. */
const idle = ({ facts }: PackageFile): boolean => facts.flows.length === 0 && facts.sightings.every(({ subject }) => subject === "");

/** Whether the manifest names a file as one that is loaded, by one of these ways in. A manifest that cannot be read names them all. */
function entries(manifest: string, paths: ReadonlySet<string>, waysIn: WaysIn): (path: string) => boolean {
  let value: Members;
  try {
    value = Object(JSON.parse(manifest)) as Members;
  } catch {
    return () => true;
  }
  const named = new Set(paths.has("index.js") ? ["index.js"] : []);
  const patterns: (readonly [start: string, end: string])[] = [];
  for (const target of targets(waysIn(value), 0)) {
    const path = target.replace(/^(?:\.?\/)+/, "");
    const star = path.indexOf("*");
    // `./*` opens a package as it is without `exports`, and leads nowhere in particular.
    if (star > 0) patterns.push([path.slice(0, star), path.slice(star + 1)]);
    else for (const end of ["", ".js", ".cjs", ".mjs", ".json", "/index.js"]) named.add(`${path.replace(/\/$/, "")}${end}`);
  }
  const { bin } = Object(value["directories"]) as { readonly bin?: unknown };
  if (typeof bin === "string") patterns.push([`${bin.replace(/^(?:\.?\/)+|\/$/g, "")}/`, ""]);
  return (path) => named.has(path) || patterns.some(([start, end]) => path.startsWith(start) && path.endsWith(end));
}

/** Conditions within conditions: npm knows three or four. */
const MAX_CONDITIONS = 32;

function* targets(value: unknown, depth: number): Generator<string> {
  if (typeof value === "string") yield value;
  if (typeof value !== "object" || value === null || depth > MAX_CONDITIONS) return;
  for (const [key, inner] of Object.entries(value)) if (!/^types(?:@|$)/.test(key)) yield* targets(inner, depth + 1);
}
