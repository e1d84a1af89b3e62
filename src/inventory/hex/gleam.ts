import type { Format } from "../../model/index.ts";
import { baseName, entryBuilder } from "../reading/builder.ts";
import { hexToSri, sriSet } from "../reading/integrity.ts";
import { readToml, tomlLines } from "../reading/toml.ts";
import { isTable, listOf, member, tableOf, textOf, textsOf, versionText } from "../reading/values.ts";

/** Gleam's project file (https://gleam.run/writing-gleam/gleam-toml/). */
export const gleamToml: Format = {
  id: "hex/gleam-toml",
  title: "gleam.toml",
  role: "manifest",
  matches: (path) => baseName(path) === "gleam.toml",
  read: (file) => {
    const document = readToml(file);
    const lines = tomlLines(file.text);
    const builder = entryBuilder(file, "hex/gleam-toml", "Hex");
    const about = { name: textOf(member(document, "name")), version: versionText(member(document, "version")) };
    const root = builder.root({ ...about, line: lines.inTable("", "name") });
    for (const [section, kind] of [
      ["dependencies", "prod"],
      ["dev-dependencies", "dev"],
      ["dev_dependencies", "dev"],
    ] as const) {
      for (const [name, value] of Object.entries(tableOf(member(document, section)))) {
        const range = typeof value === "string" ? value : "";
        const version = /^(?:==\s*)?(\d[^\s]*)$/.exec(range)?.[1] ?? "";
        const git = textOf(member(value, "git"));
        const path = textOf(member(value, "path"));
        const node = builder.add({
          name,
          version,
          line: lines.inTable(section, name),
          direct: true,
          ...(git === ""
            ? path === ""
              ? {}
              : { origin: { kind: "directory", path } }
            : { origin: { kind: "git", url: git, commit: textOf(member(value, "ref")) } }),
          ...(kind === "dev" ? { groups: ["dev"] } : {}),
        });
        builder.edge(root, node, name, range, kind);
      }
    }
    return builder.finish({ graph: "flat", ...about, knowsDirect: true });
  },
};

/** Gleam's lock file, `manifest.toml`: packages with what each requires, and what the project asks for. */
export const gleamManifest: Format = {
  id: "hex/gleam-manifest",
  title: "manifest.toml",
  role: "lockfile",
  matches: (path) => baseName(path) === "manifest.toml",
  read: (file) => {
    const document = readToml(file);
    const builder = entryBuilder(file, "hex/gleam-manifest", "Hex");
    const lines = new Map<string, number>();
    for (const [index, row] of file.text.split(/\r?\n/).entries()) {
      const named = /^\s*\{\s*name = "([^"]+)"/.exec(row)?.[1];
      if (named !== undefined && !lines.has(named)) lines.set(named, index + 1);
    }
    const nodes = new Map<string, number>();
    const entries = listOf(member(document, "packages"));
    for (const [index, item] of entries.entries()) {
      const name = textOf(member(item, "name"));
      const version = versionText(member(item, "version"));
      const line = lines.get(name);
      if (name === "" || version === "") {
        builder.problem(`package ${index + 1} has no ${name === "" ? "name" : "version"}`, { line, entry: true });
        continue;
      }
      const source = textOf(member(item, "source"));
      nodes.set(
        name,
        builder.add({
          name,
          version,
          line,
          integrity: sriSet([hexToSri("sha256", textOf(member(item, "outer_checksum")))]),
          ...(source === "git"
            ? { origin: { kind: "git", url: textOf(member(item, "repo")), commit: textOf(member(item, "commit")) } }
            : source === "local"
              ? { origin: { kind: "directory", path: textOf(member(item, "path")) } }
              : {}),
        }),
      );
    }
    for (const item of entries) {
      const from = nodes.get(textOf(member(item, "name")));
      if (from === undefined) continue;
      for (const name of textsOf(member(item, "requirements")))
        builder.edge(from, nodes.get(name) ?? -1, name, "", nodes.has(name) ? "prod" : "optional");
    }
    const asked = Object.entries(tableOf(member(document, "requirements")));
    if (asked.length > 0) {
      const root = builder.root({ name: "" });
      for (const [name, value] of asked) {
        const range = isTable(value) ? textOf(member(value, "version")) : textOf(value);
        builder.edge(root, nodes.get(name) ?? -1, name, range, nodes.has(name) ? "prod" : "optional");
      }
    }
    return builder.finish({ graph: "full", knowsDirect: asked.length > 0 });
  },
};
