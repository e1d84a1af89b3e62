import type { Format, Origin } from "../../model/index.ts";
import { baseName, entryBuilder } from "../reading/builder.ts";
import { readToml, tomlLines } from "../reading/toml.ts";
import { isTable, listOf, member, type Table, tableOf, textOf, textsOf, versionText } from "../reading/values.ts";

const purl = (
  name: string,
  version: string,
  uuid: string,
): { readonly type: string; readonly name: string; readonly version: string; readonly qualifiers: Readonly<Record<string, string>> } => ({
  type: "julia",
  name,
  version,
  qualifiers: uuid === "" ? {} : { uuid },
});

/** Julia's lock file (https://pkgdocs.julialang.org/v1/toml-files/#Manifest.toml). A package without a version comes with Julia. */
export const juliaManifest: Format = {
  id: "julia/manifest",
  title: "Manifest.toml",
  role: "lockfile",
  matches: (path) => /^(?:Julia)?Manifest(?:-v[\d.]+)?\.toml$/.test(baseName(path)),
  read: (file, context) => {
    const document = readToml(file);
    const lines = tomlLines(file.text, new Set(["uuid"]));
    const builder = entryBuilder(file, "julia/manifest", "Julia");
    const formatVersion = versionText(member(document, "manifest_format"));
    // Format 1 has the packages at the top, format 2 under `deps`.
    const wrapped = isTable(member(document, "deps")) || formatVersion !== "";
    const holder = wrapped ? tableOf(member(document, "deps")) : document;
    const byName = new Map<string, { readonly node: number; readonly uuid: string }[]>();
    const wanted: { readonly from: number; readonly name: string; readonly uuid: string }[] = [];
    for (const [name, list] of Object.entries(holder)) {
      if (!Array.isArray(list)) continue;
      for (const [index, item] of listOf(list).entries()) {
        const entry = tableOf(item);
        const version = versionText(member(entry, "version"));
        const uuid = textOf(member(entry, "uuid"));
        const line = lines.inArray(wrapped ? `deps.${name}` : name, index, "");
        const origin = originOf(entry, version);
        const node = builder.add({
          name,
          version,
          line,
          purl: purl(name, version, uuid),
          origin,
          resolved: textOf(member(entry, "repo-url")),
        });
        const same = byName.get(name);
        if (same === undefined) byName.set(name, [{ node, uuid }]);
        else same.push({ node, uuid });
        const deps = member(entry, "deps");
        for (const dependency of textsOf(deps)) wanted.push({ from: node, name: dependency, uuid: "" });
        for (const [dependency, id] of Object.entries(isTable(deps) ? deps : {}))
          wanted.push({ from: node, name: dependency, uuid: textOf(id) });
      }
    }
    for (const { from, name, uuid } of wanted) {
      const same = byName.get(name) ?? [];
      const to = (same.find((one) => one.uuid === uuid) ?? same[0])?.node;
      builder.edge(from, to ?? -1, name, "", to === undefined ? "optional" : "prod");
    }
    const project = context.beside("Project.toml") ?? context.beside("JuliaProject.toml");
    let knowsDirect = false;
    if (project !== null) {
      try {
        const manifest = readToml(project);
        const root = builder.root({ name: textOf(member(manifest, "name")), version: versionText(member(manifest, "version")) });
        for (const name of Object.keys(tableOf(member(manifest, "deps"))))
          builder.edge(root, byName.get(name)?.[0]?.node ?? -1, name, "", byName.has(name) ? "prod" : "optional");
        knowsDirect = true;
      } catch {
        // It is read, and its faults are said, for its own sake.
      }
    }
    return builder.finish({ graph: "full", formatVersion, knowsDirect });
  },
};

function originOf(entry: Table, version: string): Origin {
  const url = textOf(member(entry, "repo-url"));
  // The manifest knows the hash of the tree, which names the same content as the commit does.
  if (url !== "") return { kind: "git", url, commit: textOf(member(entry, "git-tree-sha1")) };
  const path = textOf(member(entry, "path"));
  if (path !== "") return { kind: "directory", path };
  return version === "" ? { kind: "unknown" } : { kind: "registry" };
}

/** Julia's project file (https://pkgdocs.julialang.org/v1/toml-files/#Project.toml). */
export const juliaProject: Format = {
  id: "julia/project",
  title: "Project.toml",
  role: "manifest",
  matches: (path) => /^(?:Julia)?Project\.toml$/.test(baseName(path)),
  read: (file) => {
    const document = readToml(file);
    const lines = tomlLines(file.text);
    const builder = entryBuilder(file, "julia/project", "Julia");
    const about = { name: textOf(member(document, "name")), version: versionText(member(document, "version")) };
    const compat = member(document, "compat");
    const root = builder.root({ ...about, line: lines.inTable("", "name") });
    for (const [section, kind] of [
      ["deps", "prod"],
      ["weakdeps", "optional"],
      ["extras", "dev"],
    ] as const) {
      for (const [name, uuid] of Object.entries(tableOf(member(document, section)))) {
        const range = textOf(member(compat, name));
        const version = /^=\s*(\d[\w.+-]*)$/.exec(range)?.[1] ?? "";
        const node = builder.add({
          name,
          version,
          line: lines.inTable(section, name),
          purl: purl(name, version, textOf(uuid)),
          direct: true,
          ...(kind === "prod" ? {} : { groups: [section] }),
        });
        builder.edge(root, node, name, range, kind);
      }
    }
    return builder.finish({ graph: "flat", ...about, knowsDirect: true });
  },
};
