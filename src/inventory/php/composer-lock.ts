import type { Edge, Format, InputFile, Origin } from "../../model/index.ts";
import { baseName, entryBuilder, formatFault } from "../reading/builder.ts";
import { hexToSri, sriSet } from "../reading/integrity.ts";
import { jsonLineIndex, jsonPlaces, readJson } from "../reading/json.ts";
import { listOf, member, type Table, tableOf, textOf, textsOf, versionText } from "../reading/values.ts";

/** Not packages: PHP itself, its extensions and libraries, Composer (https://getcomposer.org/doc/01-basic-usage.md#platform-packages). */
const isPlatform = (name: string): boolean => !name.includes("/");

/** Composer's lock file (https://getcomposer.org/doc/01-basic-usage.md#commit-your-composer-lock-file-to-version-control). */
export const composerLock: Format = {
  id: "php/composer-lock",
  title: "composer.lock",
  role: "lockfile",
  matches: (path) => baseName(path) === "composer.lock",
  read: (file, context) => {
    const document = readJson(file);
    return listing(
      file,
      document,
      [
        ["packages", "prod"],
        ["packages-dev", "dev"],
      ],
      "php/composer-lock",
      context.beside("composer.json"),
    );
  },
};

/** What Composer installed (`vendor/composer/installed.json`). */
export const composerInstalled: Format = {
  id: "php/composer-installed",
  title: "vendor/composer/installed.json",
  role: "installed",
  matches: (path) => /(?:^|\/)vendor\/composer\/installed\.json$/.test(path),
  read: (file) => listing(file, readJson(file), [["packages", "prod"]], "php/composer-installed", null),
};

type Section = readonly [key: string, scope: "prod" | "dev"];

function listing(
  file: InputFile,
  document: Table,
  sections: readonly Section[],
  format: string,
  manifest: InputFile | null,
): ReturnType<Format["read"]> {
  if (!sections.some(([key]) => Array.isArray(member(document, key))))
    throw formatFault(file, `there is no ${sections.map(([key]) => key).join(" and no ")} in it`, 1);
  const lineOf = jsonLineIndex(
    jsonPlaces(
      file.text,
      sections.map(([key]) => [key, "*", "name"]),
    ),
  );
  const builder = entryBuilder(file, format, "Packagist");
  const byName = new Map<string, number>();
  const wanted: { readonly from: number; readonly name: string; readonly range: string }[] = [];
  const devNames = new Set(textsOf(member(document, "dev-package-names")));
  for (const [section, scope] of sections) {
    for (const [index, item] of listOf(member(document, section)).entries()) {
      const entry = tableOf(item);
      const name = textOf(member(entry, "name"));
      const version = versionText(member(entry, "version"));
      const line = lineOf([section, String(index), "name"]);
      if (name === "" || version === "") {
        builder.problem(`entry ${index + 1} of ${section} has no ${name === "" ? "name" : "version"}`, { line, entry: true });
        continue;
      }
      const dist = tableOf(member(entry, "dist"));
      const source = tableOf(member(entry, "source"));
      const dev = scope === "dev" || devNames.has(name);
      const node = builder.add({
        name,
        version,
        line,
        origin: originOf(dist, source),
        licence: textsOf(member(entry, "license")).join(" OR "),
        // Composer names it shasum and means SHA-1; most archives, made by the forge on demand, have none.
        integrity: sriSet([hexToSri("sha1", textOf(member(dist, "shasum")))]),
        resolved: textOf(member(dist, "url")) || textOf(member(source, "url")),
        scope: dev ? "dev" : "prod",
        ...(dev ? { groups: ["dev"] } : {}),
      });
      if (!byName.has(name)) byName.set(name, node);
      for (const [other, range] of Object.entries(tableOf(member(entry, "require")))) {
        if (!isPlatform(other)) wanted.push({ from: node, name: other, range: versionText(range) });
      }
      // What replaces or provides another package answers for it.
      for (const other of [...Object.keys(tableOf(member(entry, "replace"))), ...Object.keys(tableOf(member(entry, "provide")))]) {
        if (!byName.has(other)) byName.set(other, node);
      }
    }
  }
  for (const { from, name, range } of wanted)
    builder.edge(from, byName.get(name) ?? -1, name, range, byName.has(name) ? "prod" : "optional");
  const direct = connectRoot(builder, byName, manifest);
  return builder.finish({
    graph: "full",
    knowsDirect: direct !== null,
    ...direct,
    formatVersion: textOf(member(document, "plugin-api-version")),
  });
}

function connectRoot(
  builder: ReturnType<typeof entryBuilder>,
  byName: ReadonlyMap<string, number>,
  manifest: InputFile | null,
): { readonly name: string; readonly version: string } | null {
  if (manifest === null) return null;
  let document: Table;
  try {
    document = readJson(manifest);
  } catch {
    return null;
  }
  const about = { name: textOf(member(document, "name")), version: versionText(member(document, "version")) };
  const root = builder.root(about);
  const kinds: readonly (readonly [string, Edge["kind"]])[] = [
    ["require", "prod"],
    ["require-dev", "dev"],
  ];
  for (const [key, kind] of kinds) {
    for (const [name, range] of Object.entries(tableOf(member(document, key)))) {
      if (!isPlatform(name)) builder.edge(root, byName.get(name) ?? -1, name, versionText(range), byName.has(name) ? kind : "optional");
    }
  }
  return about;
}

/** Composer's registry points at archives that a forge makes of a commit: that is the ordinary case. A path on disk is not. */
function originOf(dist: Table, source: Table): Origin {
  if (textOf(member(dist, "type")) === "path") return { kind: "directory", path: textOf(member(dist, "url")) };
  if (Object.keys(dist).length === 0 && textOf(member(source, "type")) === "git") {
    return { kind: "git", url: textOf(member(source, "url")), commit: textOf(member(source, "reference")) };
  }
  return { kind: "registry" };
}
