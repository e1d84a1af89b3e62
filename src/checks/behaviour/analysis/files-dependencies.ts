/** What a release asks for, and whether any of its code does. */
import { parse as parseToml } from "smol-toml";
import { parseDocument } from "yaml";
import type { DependencyFact, PackageFile, PackageManifest, SelfRun } from "../../../model/index.ts";
import { SHRINKWRAP, shrinkwrapped } from "./files-shrinkwrap.ts";
import { linesOf, linesOfEntries, linesOfMembers } from "./files-lines.ts";

export interface DependencyInput {
  readonly manifest: PackageManifest | null;
  readonly files: readonly PackageFile[];
  readonly texts: ReadonlyMap<string, string>;
  readonly selfRuns: readonly SelfRun[];
}

export function dependenciesOf(input: DependencyInput): readonly DependencyFact[] {
  return [...npm(input), ...python(input), ...cargo(input), ...gem(input)].toSorted((a, b) => {
    const [x, y] = [`${a.name}\0${a.group}`, `${b.name}\0${b.group}`];
    return x < y ? -1 : x > y ? 1 : 0;
  });
}

function npm({ manifest, files, texts, selfRuns }: DependencyInput): readonly DependencyFact[] {
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
  const text = texts.get("package.json") ?? "";
  const group = (member: "dependencies" | "optionalDependencies" | "peerDependencies", kind: DependencyFact["group"]): DependencyFact[] => {
    const lines = linesOfMembers(text, member);
    return Object.entries(manifest[member]).map(([name, range]) => ({
      name,
      wanted: range,
      group: kind,
      from: originOf(range),
      used: used(name),
      file: "package.json",
      line: lines.get(name) ?? 1,
    }));
  };
  const shrinkwrap = texts.get(SHRINKWRAP);
  return [
    ...group("dependencies", "runtime"),
    ...group("optionalDependencies", "optional"),
    ...group("peerDependencies", "peer"),
    ...(shrinkwrap === undefined ? [] : shrinkwrapped(shrinkwrap, manifest, used)),
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

/** Requires-Dist (core metadata), without those that only an extra, or Python 2, asks for. The name to install need not be the name to import: only `yes` is known. */
function python({ texts, files }: DependencyInput): readonly DependencyFact[] {
  const [path, metadata] = [...texts].find(([path]) => /(?:^PKG-INFO|METADATA|egg-info\/PKG-INFO)$/.test(path)) ?? ["", undefined];
  if (metadata === undefined) return [];
  const imported = new Set(
    files.flatMap(({ facts }) =>
      facts.language === "python" ? facts.imports.map(({ specifier }) => normal(specifier.split(".")[0] ?? "")) : [],
    ),
  );
  const lines = linesOf(metadata, /^Requires-Dist:\s*([A-Za-z0-9._-]+)/gm);
  return [...metadata.matchAll(/^Requires-Dist:\s*([A-Za-z0-9._-]+)([^\n;]*)(;[^\n]*)?$/gm)].flatMap((match): DependencyFact[] => {
    // Python 2 asks for it alone: no installer of today does.
    if (/\bextra\s*==|\bpython_version\s*<\s*["']3(?:\.0)?["']/.test(match[3] ?? "")) return [];
    const name = match[1] ?? "";
    const wanted = (match[2] ?? "").trim();
    return [
      {
        name,
        wanted,
        group: "runtime",
        from: /@\s*git\+/.test(wanted) ? "git" : wanted.startsWith("@") ? "address" : "registry",
        used: imported.has(normal(name)) ? "yes" : "unknown",
        file: path,
        line: lines.get(name) ?? 1,
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
    const lines = linesOfEntries(source, key);
    return Object.entries(wanted).map(([name, value]): DependencyFact => {
      const table = (typeof value === "object" && value !== null ? value : {}) as Readonly<Record<string, unknown>>;
      const from = "git" in table ? "git" : "path" in table ? "folder" : "package" in table ? "alias" : "registry";
      const used = imported.has(normal(name)) ? "yes" : "unknown";
      return {
        name,
        wanted: typeof value === "string" ? value : JSON.stringify(value),
        group: kind,
        from,
        used,
        file: "Cargo.toml",
        line: lines.get(name) ?? 1,
      };
    });
  };
  return [...group("dependencies", "runtime"), ...group("build-dependencies", "build")];
}

/** The specification in a gem (https://guides.rubygems.org/specification-reference/): objects of Ruby as YAML, whose tags say nothing that is needed. */
function gem({ texts, files }: DependencyInput): readonly DependencyFact[] {
  const text = texts.get("metadata.gz");
  if (text === undefined) return [];
  const document = parseDocument(text, { logLevel: "silent" });
  let specification: { readonly dependencies?: unknown } | null;
  try {
    specification = document.toJS({ maxAliasCount: MOST_ALIASES }) as typeof specification;
  } catch {
    return [];
  }
  if (document.errors.length > 0 || !Array.isArray(specification?.dependencies)) return [];
  const lines = linesOf(text, /^\s+name: ["']?([\w.-]+)["']?\s*$/gm);
  const required = new Set(
    files.flatMap(({ facts }) =>
      facts.language === "ruby" ? facts.imports.map(({ specifier }) => normal(specifier.split("/")[0] ?? "")) : [],
    ),
  );
  return (
    specification.dependencies as readonly { readonly name?: unknown; readonly type?: unknown; readonly requirement?: unknown }[]
  ).flatMap((one): DependencyFact[] => {
    if (typeof one?.name !== "string") return [];
    const { name } = one;
    return [
      {
        name,
        wanted: rubyRequirement(one.requirement),
        group: one.type === ":development" ? "development" : "runtime",
        from: "registry",
        used: required.has(normal(name)) || required.has(normal(name.split("-")[0] ?? "")) ? "yes" : "unknown",
        file: "metadata.gz",
        line: lines.get(name) ?? 1,
      },
    ];
  });
}

/** A specification repeats its requirements by aliases, once a dependency; far more than that is a bomb. */
const MOST_ALIASES = 1000;

/** `[[">=", {version: "1.2"}], …]` -> `>= 1.2, …`. */
function rubyRequirement(requirement: unknown): string {
  const pairs = (requirement as { readonly requirements?: unknown } | null | undefined)?.requirements;
  if (!Array.isArray(pairs)) return "";
  return pairs
    .flatMap((pair: unknown) => {
      const [sign, version] = Array.isArray(pair) ? (pair as readonly unknown[]) : [];
      const text = (version as { readonly version?: unknown } | null | undefined)?.version;
      return typeof sign === "string" && typeof text === "string" ? [`${sign} ${text}`] : [];
    })
    .join(", ");
}
