import type { Format, InputFile, Origin } from "../../model/index.ts";
import { baseName, entryBuilder } from "../reading/builder.ts";
import { readToml, tomlLines } from "../reading/toml.ts";
import { isTable, member, tableOf, textOf, versionText } from "../reading/values.ts";

export interface CargoDependency {
  /** The key under which it is asked for. */
  readonly key: string;
  /** The crate's own name, where it is renamed. */
  readonly package: string;
  readonly range: string;
  readonly kind: "prod" | "dev" | "optional";
  readonly section: string;
  readonly origin: Origin;
}

export interface CargoManifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies: readonly CargoDependency[];
}

/** Reads what a `Cargo.toml` asks for (https://doc.rust-lang.org/cargo/reference/specifying-dependencies.html), its targets' tables too. */
export function cargoDependencies(file: InputFile): CargoManifest {
  const document = readToml(file);
  const own = tableOf(member(document, "package"));
  const dependencies: CargoDependency[] = [];
  const workspace = tableOf(member(member(document, "workspace"), "dependencies"));
  const take = (table: unknown, section: string, kind: CargoDependency["kind"]): void => {
    for (const [key, value] of Object.entries(tableOf(table))) {
      const inherited = isTable(value) && member(value, "workspace") === true ? (member(workspace, key) ?? value) : value;
      dependencies.push({
        key,
        package: textOf(member(inherited, "package")) || key,
        range: typeof inherited === "string" ? inherited : versionText(member(inherited, "version")),
        kind: member(value, "optional") === true ? "optional" : kind,
        section,
        origin: originOf(inherited),
      });
    }
  };
  const tables = (holder: unknown, prefix: string): void => {
    take(member(holder, "dependencies"), `${prefix}dependencies`, "prod");
    take(member(holder, "dev-dependencies"), `${prefix}dev-dependencies`, "dev");
    take(member(holder, "build-dependencies"), `${prefix}build-dependencies`, "prod");
  };
  tables(document, "");
  for (const [target, holder] of Object.entries(tableOf(member(document, "target")))) tables(holder, `target.${target}.`);
  if (Object.keys(own).length === 0) take(workspace, "workspace.dependencies", "prod");
  return { name: textOf(member(own, "name")), version: versionText(member(own, "version")), dependencies };
}

function originOf(value: unknown): Origin {
  const git = textOf(member(value, "git"));
  if (git !== "") {
    const revision = textOf(member(value, "rev"));
    return { kind: "git", url: git, commit: /^[0-9a-f]{40}$/.test(revision) ? revision : "" };
  }
  const path = textOf(member(value, "path"));
  return path === "" ? { kind: "registry" } : { kind: "directory", path };
}

export const cargoToml: Format = {
  id: "rust/cargo-toml",
  title: "Cargo.toml",
  role: "manifest",
  matches: (path) => baseName(path) === "Cargo.toml",
  read: (file) => {
    const manifest = cargoDependencies(file);
    const lines = tomlLines(file.text);
    const builder = entryBuilder(file, "rust/cargo-toml", "crates.io");
    const root = builder.root({ name: manifest.name, version: manifest.version, line: lines.inTable("package", "name") });
    for (const one of manifest.dependencies) {
      const version = /^=\s*(\d[^\s,]*)$/.exec(one.range)?.[1] ?? "";
      const group = one.section.replace(/^.*\.(?=[a-z-]+$)/, "").replace(/-?dependencies$/, "");
      const node = builder.add({
        name: one.package,
        version,
        as: one.key,
        line: lines.inTable(one.section, one.key) ?? lines.inTable(`${one.section}.${one.key}`, ""),
        origin: one.origin,
        direct: true,
        ...(group === "" ? {} : { groups: [group] }),
      });
      builder.edge(root, node, one.key, one.range, one.kind);
    }
    return builder.finish({ graph: "flat", name: manifest.name, version: manifest.version, knowsDirect: true });
  },
};
