/**
 * Files that lie in a package and that nobody who uses it runs: tests, examples, what builds it, and declarations of types. What they can do is
 * no news of the package, as long as nothing leads to them: neither the manifest, nor what runs by itself, nor another file.
 * What is hidden in them, and what only an attack does, counts wherever it lies (xz hid among test data).
 */
import type { PackageFile, SelfRun } from "../../../model/index.ts";
import { reacher } from "./autorun.ts";

const ofMakers =
  /(?:^|\/)(?:tests?|__tests__|__mocks__|specs?|(?:__)?fixtures?(?:__)?|examples?|bench|benchmarks?|e2e)\/|(?:^|\/)(?:(?:.+[._-])?(?:test|tests|spec|bench|benchmark)|gulpfile|gruntfile|jakefile|.+\.config)\.[cm]?[jt]sx?$/i;
const declaration = /\.d(?:\.[^./]+)?\.[cm]?ts$/;

/** Members of package.json that say what a program loads. `types` and `typings` are read by compilers only. */
const entryMembers = ["main", "module", "browser", "exports", "bin", "imports", "unpkg", "jsdelivr", "react-native", "svelte"];

export interface Asides {
  /** Paths of tests, examples and the like that nothing leads to; sorted. */
  readonly asides: readonly string[];
  /** Paths of declarations that nothing loads as code; sorted. */
  readonly declarations: readonly string[];
}

/** Of npm packages only: of others nobody says where one comes in. `manifest`: the text of package.json, undefined where there is none. */
export function asidesOf(files: readonly PackageFile[], selfRuns: readonly SelfRun[], manifest: string | undefined): Asides {
  if (manifest === undefined) return { asides: [], declarations: [] };
  const scripts = files.filter(({ facts: { language } }) => language === "javascript" || language === "typescript");
  const declarations = scripts.filter(({ path }) => declaration.test(path));
  const asides = scripts.filter(({ path }) => !declaration.test(path) && ofMakers.test(path));
  if (declarations.length + asides.length === 0) return { asides: [], declarations: [] };
  const set = new Set([...declarations, ...asides]);
  const rest = files.filter((file) => !set.has(file));
  const entry = entries(manifest, new Set(files.map(({ path }) => path)));
  const reached = new Set(
    reacher(files)([
      ...rest.map(({ path }) => path),
      ...files.flatMap(({ path }) => (entry(path) ? [path] : [])),
      ...selfRuns.filter(({ when }) => when !== "publish" && when !== "ci").flatMap(({ reaches }) => reaches),
    ]),
  );
  // A name made at run time may be that of a declaration, which is code to Node where it is required: one that does anything is no declaration then.
  const blind = rest.some(({ facts }) => facts.imports.some(({ specifier }) => specifier === ""));
  const left = (those: readonly PackageFile[]): readonly string[] => those.map(({ path }) => path).filter((path) => !reached.has(path));
  return { asides: left(asides), declarations: left(declarations.filter((file) => !blind || idle(file))) };
}

/** It names modules, and does nothing with them. */
const idle = ({ facts }: PackageFile): boolean => facts.flows.length === 0 && facts.sightings.every(({ subject }) => subject === "");

/** Whether the manifest names a file as one that is loaded. A manifest that cannot be read names them all. */
function entries(manifest: string, paths: ReadonlySet<string>): (path: string) => boolean {
  let value: Readonly<Record<string, unknown>>;
  try {
    value = Object(JSON.parse(manifest)) as Readonly<Record<string, unknown>>;
  } catch {
    return () => true;
  }
  const named = new Set(paths.has("index.js") ? ["index.js"] : []);
  const patterns: (readonly [start: string, end: string])[] = [];
  const members = entryMembers.map((member) => value[member]);
  for (const target of targets(members, 0)) {
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
