import type { Format, Origin } from "../../model/index.ts";
import { baseName, entryBuilder } from "../reading/builder.ts";
import { hexToSri, sriSet } from "../reading/integrity.ts";
import { readToml, tomlLines } from "../reading/toml.ts";
import { listOf, member, tableOf, textOf, textsOf, versionText } from "../reading/values.ts";
import { cargoDependencies } from "./cargo-toml.ts";

interface Locked {
  readonly node: number;
  readonly name: string;
  readonly version: string;
  readonly source: string;
  readonly dependencies: readonly string[];
  readonly own: boolean;
}

/**
 * Cargo's lock file, versions 1 to 4 (https://doc.rust-lang.org/cargo/reference/resolver.html, cargo's `resolver/encode.rs`). Packages
 * without a source are members of the workspace, or crates on disk: the file does not tell the two apart. They are the roots.
 */
export const cargoLock: Format = {
  id: "rust/cargo-lock",
  title: "Cargo.lock",
  role: "lockfile",
  matches: (path) => baseName(path) === "Cargo.lock",
  read: (file, context) => {
    const document = readToml(file);
    const lines = tomlLines(file.text, new Set(["name"]));
    const builder = entryBuilder(file, "rust/cargo-lock", "crates.io");
    // Version 1 keeps the checksums in one table: `checksum name version (source)`.
    const metadata = tableOf(member(document, "metadata"));
    const locked: Locked[] = [];
    const byName = new Map<string, Locked[]>();
    // Version 1 calls the package that the file belongs to [root].
    const old = member(document, "root");
    const entries = listOf(member(document, "package"));
    for (const [index, item] of [...(old === undefined ? [] : [old]), ...entries].entries()) {
      const entry = tableOf(item);
      const name = textOf(member(entry, "name"));
      const version = versionText(member(entry, "version"));
      const source = textOf(member(entry, "source"));
      const line = item === old ? lines.inTable("root", "name") : lines.inArray("package", index - (old === undefined ? 0 : 1), "name");
      if (name === "" || version === "") {
        builder.problem(`package ${index + 1} has no ${name === "" ? "name" : "version"}`, { line, entry: true });
        continue;
      }
      const checksum = textOf(member(entry, "checksum")) || textOf(member(metadata, `checksum ${name} ${version} (${source})`));
      const own = source === "";
      const node = own
        ? builder.root({ name, version, line })
        : builder.add({
            name,
            version,
            line,
            origin: originOf(source),
            integrity: sriSet([hexToSri("sha256", checksum)]),
            resolved: source,
          });
      const one = { node, name, version, source, own, dependencies: textsOf(member(entry, "dependencies")) };
      locked.push(one);
      const same = byName.get(name);
      if (same === undefined) byName.set(name, [one]);
      else same.push(one);
    }
    const kinds = kindsOf(context.beside("Cargo.toml"));
    for (const one of locked) {
      for (const dependency of one.dependencies) {
        // `name`, `name version` or `name version (source)`: no more than it takes to be unambiguous.
        const [name = "", version = "", source = ""] = dependency.split(" ");
        const target = byName
          .get(name)
          ?.find((other) => (version === "" || other.version === version) && (source === "" || `(${other.source})` === source));
        const kind = one.own && kinds?.name === one.name ? (kinds.kinds.get(name) ?? "prod") : "prod";
        if (target === undefined)
          builder.problem(`${one.name} ${one.version} depends on ${dependency}, which is not listed`, { key: one.name });
        builder.edge(one.node, target?.node ?? -1, name, version, target === undefined ? "optional" : kind);
      }
    }
    const first = locked.find((one) => one.own && (kinds === null || one.name === kinds.name)) ?? locked.find((one) => one.own);
    return builder.finish({
      graph: "full",
      formatVersion: versionText(member(document, "version")),
      knowsDirect: locked.some((one) => one.own),
      ...(first === undefined ? {} : { name: first.name, version: first.version }),
    });
  },
};

/** Which dependencies of the package beside are for development or for the build only: the lock file itself does not say. */
function kindsOf(
  file: Parameters<typeof cargoDependencies>[0] | null,
): { readonly name: string; readonly kinds: ReadonlyMap<string, "prod" | "dev" | "optional"> } | null {
  if (file === null) return null;
  try {
    const manifest = cargoDependencies(file);
    const kinds = new Map<string, "prod" | "dev" | "optional">();
    for (const one of manifest.dependencies) if (kinds.get(one.package) !== "prod") kinds.set(one.package, one.kind);
    return { name: manifest.name, kinds };
  } catch {
    return null;
  }
}

/** `registry+url`, `sparse+url`, `git+url?branch=x#commit`, `path+file://…`. */
function originOf(source: string): Origin {
  const git = /^git\+([^?#]+)(?:\?[^#]*)?(?:#(.*))?$/.exec(source);
  if (git?.[1] !== undefined) return { kind: "git", url: git[1], commit: git[2] ?? "" };
  const path = /^(?:path|directory|local-registry)\+(?:file:\/\/)?(.*)$/.exec(source);
  if (path?.[1] !== undefined) return { kind: "directory", path: path[1] };
  return { kind: "registry" };
}
