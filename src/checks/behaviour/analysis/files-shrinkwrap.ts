/**
 * What a package makes its users install besides what its manifest says: npm follows `npm-shrinkwrap.json` also in a dependency
 * (https://docs.npmjs.com/cli/v11/configuring-npm/npm-shrinkwrap-json).
 */
import type { DependencyFact, PackageManifest } from "../../../model/index.ts";

export const SHRINKWRAP = "npm-shrinkwrap.json";

const FOLDER = "node_modules/";
/** A person looks at no more of them. */
const MOST_TOLD = 100;

interface Locked {
  readonly resolved?: unknown;
  readonly integrity?: unknown;
  readonly dependencies?: unknown;
}

const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : {};

/** What it takes from an address without saying what the bytes are, and what it asks for that the manifest does not. Nothing where it is no JSON. */
export function shrinkwrapped(
  text: string,
  manifest: PackageManifest,
  used: (name: string) => DependencyFact["used"],
): readonly DependencyFact[] {
  let lock: Readonly<Record<string, unknown>>;
  try {
    lock = record(JSON.parse(text));
  } catch {
    return [];
  }
  const packages = record(lock["packages"]);
  const declared = new Set(
    [manifest.dependencies, manifest.optionalDependencies, manifest.peerDependencies].flatMap((group) => Object.keys(group)),
  );
  const asked = record(record(packages[""])["dependencies"]);
  const found = new Map<string, DependencyFact>();
  const add = (name: string, wanted: string, from: DependencyFact["from"]): void => {
    const line = text.slice(0, Math.max(0, text.indexOf(JSON.stringify(name).slice(1, -1)))).split("\n").length;
    if (!found.has(name)) found.set(name, { name, wanted, group: "bundled", from, used: used(name), file: SHRINKWRAP, line });
  };
  const locked: (readonly [string, Locked])[] = [
    ...Object.entries(packages)
      .filter(([path]) => path.includes(FOLDER))
      .map(([path, one]) => [path.slice(path.lastIndexOf(FOLDER) + FOLDER.length), record(one)] as const),
    ...Object.entries(record(lock["dependencies"])).map(([name, one]) => [name, record(one)] as const),
  ];
  // Before npm 5 nobody said what the bytes are.
  const says = Number(lock["lockfileVersion"]) >= 2 || locked.some(([, { integrity }]) => typeof integrity === "string");
  for (const [name, { resolved, integrity }] of locked) {
    if (typeof resolved !== "string" || found.size >= MOST_TOLD) continue;
    if (/^git[+:]/.test(resolved)) add(name, resolved, "git");
    else if (says && /^https?:/.test(resolved) && typeof integrity !== "string") add(name, resolved, "address");
  }
  for (const [name, wanted] of Object.entries(asked).slice(0, MOST_TOLD))
    if (!declared.has(name) && typeof wanted === "string") add(name, wanted, "registry");
  return [...found.values()];
}
