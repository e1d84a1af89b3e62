/** What a release asks for, and whether any of its code does. */
import { parse as parseToml } from "smol-toml";
import type { DependencyFact, PackageFile, PackageManifest, SelfRun } from "../../../model/index.ts";

export interface DependencyInput {
  readonly manifest: PackageManifest | null;
  readonly files: readonly PackageFile[];
  readonly texts: ReadonlyMap<string, string>;
  readonly selfRuns: readonly SelfRun[];
}

export function dependenciesOf(input: DependencyInput): readonly DependencyFact[] {
  return [...npm(input), ...python(input), ...cargo(input)].toSorted((a, b) => {
    const [x, y] = [`${a.name}\0${a.group}`, `${b.name}\0${b.group}`];
    return x < y ? -1 : x > y ? 1 : 0;
  });
}

function npm({ manifest, files, selfRuns }: DependencyInput): readonly DependencyFact[] {
  if (manifest === null) return [];
  const scripts = files.filter(({ facts }) => facts.language === "javascript" || facts.language === "typescript");
  const imported = new Set(scripts.flatMap(({ facts }) => facts.imports.map(({ specifier }) => packageOf(specifier))));
  const blind =
    scripts.some(({ facts }) => facts.depth === "none" || facts.depth === "bytes") ||
    scripts.some(({ facts }) => facts.imports.some(({ specifier }) => specifier === ""));
  const commands = selfRuns.map(({ command }) => command).join("\n");
  const used = (name: string): DependencyFact["used"] => {
    if (imported.has(name) || commands.includes(name)) return "yes";
    // Types of a package belong to who imports the package; a package of types alone is imported by nobody at run time.
    if (name.startsWith("@types/")) return "yes";
    return blind ? "unknown" : "no";
  };
  const group = (wanted: Readonly<Record<string, string>>, kind: DependencyFact["group"]): DependencyFact[] =>
    Object.entries(wanted).map(([name, range]) => ({ name, wanted: range, group: kind, from: originOf(range), used: used(name) }));
  return [
    ...group(manifest.dependencies, "runtime"),
    ...group(manifest.optionalDependencies, "optional"),
    ...group(manifest.peerDependencies, "peer"),
  ];
}

/** `@scope/name/sub/path` -> `@scope/name`; relative and built-in modules are no packages. */
function packageOf(specifier: string): string {
  if (specifier.startsWith(".") || specifier.startsWith("/") || specifier.startsWith("node:")) return "";
  const parts = specifier.replace(/^npm:/, "").split("/");
  return specifier.startsWith("@") ? parts.slice(0, 2).join("/") : (parts[0] ?? "");
}

/** https://docs.npmjs.com/cli/v11/configuring-npm/package-json#dependencies */
function originOf(wanted: string): DependencyFact["from"] {
  if (/^(?:git[+:]|github:|gitlab:|bitbucket:|gist:|ssh:)|^[\w.-]+\/[\w.-]+(?:#|$)|\.git(?:#|$)/.test(wanted)) return "git";
  if (/^https?:/.test(wanted)) return "address";
  if (/^(?:file|link|workspace|portal):|^\.{0,2}\//.test(wanted)) return "folder";
  return wanted.startsWith("npm:") ? "alias" : "registry";
}

/** Requires-Dist (core metadata), without those that only an extra asks for. The name to install need not be the name to import: only `yes` is known. */
function python({ texts, files }: DependencyInput): readonly DependencyFact[] {
  const metadata = [...texts].find(([path]) => /(?:^PKG-INFO|METADATA|egg-info\/PKG-INFO)$/.test(path))?.[1];
  if (metadata === undefined) return [];
  const imported = new Set(
    files.flatMap(({ facts }) =>
      facts.language === "python" ? facts.imports.map(({ specifier }) => normal(specifier.split(".")[0] ?? "")) : [],
    ),
  );
  return [...metadata.matchAll(/^Requires-Dist:\s*([A-Za-z0-9._-]+)([^\n;]*)(;[^\n]*)?$/gm)].flatMap((match): DependencyFact[] => {
    if (/\bextra\s*==/.test(match[3] ?? "")) return [];
    const name = match[1] ?? "";
    const wanted = (match[2] ?? "").trim();
    return [
      {
        name,
        wanted,
        group: "runtime",
        from: /@\s*git\+/.test(wanted) ? "git" : wanted.startsWith("@") ? "address" : "registry",
        used: imported.has(normal(name)) ? "yes" : "unknown",
      },
    ];
  });
}

const normal = (name: string): string => name.toLowerCase().replaceAll(/[-_.]+/g, "_");

function cargo({ texts, files }: DependencyInput): readonly DependencyFact[] {
  const source = texts.get("Cargo.toml");
  if (source === undefined) return [];
  let manifest: Readonly<Record<string, unknown>>;
  try {
    manifest = parseToml(source);
  } catch {
    return [];
  }
  const imported = new Set(
    files.flatMap(({ facts }) => (facts.language === "rust" ? facts.imports.map(({ specifier }) => specifier.split("::")[0] ?? "") : [])),
  );
  const group = (key: string, kind: DependencyFact["group"]): DependencyFact[] => {
    const wanted = manifest[key];
    if (typeof wanted !== "object" || wanted === null) return [];
    return Object.entries(wanted).map(([name, value]): DependencyFact => {
      const table = (typeof value === "object" && value !== null ? value : {}) as Readonly<Record<string, unknown>>;
      const from = "git" in table ? "git" : "path" in table ? "folder" : "package" in table ? "alias" : "registry";
      const used = imported.has(normal(name)) ? "yes" : "unknown";
      return { name, wanted: typeof value === "string" ? value : JSON.stringify(value), group: kind, from, used };
    });
  };
  return [...group("dependencies", "runtime"), ...group("build-dependencies", "build")];
}
