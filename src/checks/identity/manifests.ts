/**
 * Compares what a registry says of a release with the package.json in its archive. Publishing normalises package.json on the way
 * (https://github.com/npm/normalize-package-data, npm's own `@npmcli/package-json`), so honest packages differ in form; what is left
 * after both were brought to one form is a difference in substance.
 */
import type { PackageManifest, RegistryReleaseClaim } from "../../model/index.ts";
import { byCodeUnit } from "../../model/index.ts";

export interface Difference {
  readonly field: "name" | "version" | "scripts" | "dependencies" | "bin";
  /** The second half of a sentence. */
  readonly says: string;
}

/** Those that run when a package is installed from a registry. `prepare` and the publish scripts do not. https://docs.npmjs.com/cli/using-npm/scripts */
const installScripts = ["preinstall", "install", "postinstall"] as const;

export function differences(registry: RegistryReleaseClaim, inside: PackageManifest): readonly Difference[] {
  const outside = registry.manifest;
  const found: Difference[] = [];
  if (outside.name !== inside.name) found.push({ field: "name", says: `${quote(outside.name)} outside, ${quote(inside.name)} inside` });
  if (outside.version !== inside.version && plainVersion(outside.version) !== plainVersion(inside.version)) {
    found.push({ field: "version", says: `${quote(outside.version)} outside, ${quote(inside.version)} inside` });
  }
  const scripts = scriptDifference(registry, inside);
  if (scripts !== "") found.push({ field: "scripts", says: scripts });
  // Nearly always they are equal as they stand; only the others are brought to one form.
  const dependencies =
    sameRecord(outside.dependencies, inside.dependencies) && sameRecord(outside.optionalDependencies, inside.optionalDependencies)
      ? ""
      : mapDifference(dependenciesOf(outside), dependenciesOf(inside));
  if (dependencies !== "") found.push({ field: "dependencies", says: dependencies });
  const bin = sameRecord(outside.bin, inside.bin) ? "" : mapDifference(binOf(outside), binOf(inside));
  if (bin !== "") found.push({ field: "bin", says: bin });
  return found;
}

function sameRecord(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && a[name] === b[name]);
}

/** npm publishes `v1.0.0` and `1.0.0+build` as `1.0.0`. */
const plainVersion = (version: string): string =>
  version
    .trim()
    .replace(/^[=v\s]+/, "")
    .replace(/\+.*$/, "");

/** A short document has no scripts, only its word that there are some; npm writes `node-gyp rebuild` for a binding.gyp by itself. */
function scriptDifference(registry: RegistryReleaseClaim, inside: PackageManifest): string {
  const says: string[] = [];
  const outsideHasAny = registry.hasInstallScript === true || installScripts.some((name) => scriptOf(registry.manifest, name) !== "");
  const inTheDocument = installScripts.some((name) => scriptOf(registry.manifest, name) !== "");
  for (const name of installScripts) {
    const [outer, inner] = [scriptOf(registry.manifest, name), scriptOf(inside, name)];
    if (outer === inner) continue;
    if (outer === "" && !(outsideHasAny && !inTheDocument))
      says.push(`the archive runs ${quote(inner)} as ${name}, the document does not say so`);
    else if (inner === "" && outer !== "" && !(name === "install" && outer === "node-gyp rebuild" && inside.gypfile === true)) {
      says.push(`the document has ${quote(outer)} as ${name}, the archive has none`);
    } else if (inner !== "" && outer !== "") says.push(`${name} is ${quote(outer)} outside, ${quote(inner)} inside`);
  }
  return says.join("; ");
}

const scriptOf = (manifest: PackageManifest, name: string): string =>
  Object.hasOwn(manifest.scripts, name) ? (manifest.scripts[name] ?? "").trim() : "";

/** Older clients copied the optional dependencies into the others: together they are the same set. */
function dependenciesOf(manifest: PackageManifest): ReadonlyMap<string, string> {
  const all = new Map<string, string>();
  for (const [name, range] of [...Object.entries(manifest.dependencies), ...Object.entries(manifest.optionalDependencies)]) {
    all.set(name, plainRange(range));
  }
  return all;
}

/** Two ways to write one thing: "" and "*", white space, and a repository on a forge, short or as an address. */
function plainRange(range: string): string {
  const text = range.trim().replaceAll(/\s+/g, " ");
  if (text === "" || text === "x" || text === "latest") return "*";
  const hosted =
    /^(?:git\+)?(?:https?|git|ssh):\/\/(?:[^@/]*@)?(github\.com|gitlab\.com|bitbucket\.org)[/:]([^#]+?)(?:\.git)?(#.*)?$/i.exec(text);
  if (hosted !== null) return `${hosted[1]?.toLowerCase()}:${hosted[2]}${hosted[3] ?? ""}`;
  const short = /^(?:(github|gitlab|bitbucket):)?([\w.-]+\/[\w.-]+?)(?:\.git)?(#.*)?$/.exec(text);
  if (short === null) return text;
  return `${{ github: "github.com", gitlab: "gitlab.com", bitbucket: "bitbucket.org" }[short[1] ?? "github"]}:${short[2]}${short[3] ?? ""}`;
}

/** `./cli.js`, `/cli.js` and `cli.js` are one file of the package. */
function binOf(manifest: PackageManifest): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(manifest.bin).map(([name, path]) => [
      name.slice(name.lastIndexOf("/") + 1),
      path.replace(/^(?:\.?\/)+/, "").replace(/\.js$/, ""),
    ]),
  );
}

/** So many names are said; the evidence holds all. */
const MAX_NAMED = 3;

function mapDifference(outside: ReadonlyMap<string, string>, inside: ReadonlyMap<string, string>): string {
  const onlyInside = [...inside.keys()].filter((name) => !outside.has(name));
  const onlyOutside = [...outside.keys()].filter((name) => !inside.has(name));
  const changed = [...inside].flatMap(([name, value]) => {
    const other = outside.get(name);
    return other === undefined || other === value ? [] : [`${name} (${other} outside, ${value} inside)`];
  });
  return [
    ...(onlyInside.length === 0 ? [] : [`only the archive has ${some(onlyInside)}`]),
    ...(onlyOutside.length === 0 ? [] : [`only the document has ${some(onlyOutside)}`]),
    ...(changed.length === 0 ? [] : [some(changed)]),
  ].join("; ");
}

function some(names: readonly string[]): string {
  const shown = names.toSorted(byCodeUnit).slice(0, MAX_NAMED).join(", ");
  return names.length > MAX_NAMED ? `${shown} and ${names.length - MAX_NAMED} more` : shown;
}

/** Longer texts say no more in a sentence. */
const MAX_QUOTED = 120;

const quote = (text: string): string => JSON.stringify(text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text);
