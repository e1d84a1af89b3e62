import type { Format } from "../../model/index.ts";
import { entryBuilder, formatFault } from "../reading/builder.ts";
import { jsonLineIndex, jsonPlaces, readJson, repeatedKeys } from "../reading/json.ts";
import { isTable, member, tableOf, textOf, versionText } from "../reading/values.ts";

const splitKey = (key: string): readonly [string, string] => {
  const at = key.lastIndexOf("/");
  return at < 0 ? [key, ""] : [key.slice(0, at), key.slice(at + 1)];
};

/** What .NET writes beside a built program (https://github.com/dotnet/sdk, `runtime-configuration-file.md`): its libraries, with hashes. */
export const depsJson: Format = {
  id: "dotnet/deps-json",
  title: "*.deps.json",
  role: "installed",
  matches: (path) => path.endsWith(".deps.json"),
  read: (file) => {
    const document = readJson(file);
    const libraries = member(document, "libraries");
    if (!isTable(libraries)) throw formatFault(file, "there are no libraries in it", 1);
    const places = jsonPlaces(file.text, [["libraries", "*"]]);
    const lineOf = jsonLineIndex(places);
    const builder = entryBuilder(file, "dotnet/deps-json", "NuGet");
    for (const repeated of repeatedKeys(places)) {
      builder.problem(`${repeated.path.at(-1) ?? ""} is listed twice; the later entry counts`, { line: repeated.line, entry: true });
    }
    const nodes = new Map<string, number>();
    for (const [key, value] of Object.entries(libraries)) {
      const [name, version] = splitKey(key);
      const line = lineOf(["libraries", key]);
      if (name === "" || version === "") {
        builder.problem(`${JSON.stringify(key)} has no ${name === "" ? "name" : "version"}`, { line, key, entry: true });
        continue;
      }
      const project = textOf(member(value, "type")) === "project";
      const hash = textOf(member(value, "sha512"));
      nodes.set(
        name.toLowerCase(),
        builder.add({
          name,
          version,
          line,
          key,
          integrity: hash.startsWith("sha512-") ? [hash] : [],
          ...(project
            ? { origin: { kind: "directory", path: textOf(member(value, "path")) }, purl: { type: "nuget", name, version } }
            : {}),
        }),
      );
    }
    for (const target of Object.values(tableOf(member(document, "targets")))) {
      for (const [key, value] of Object.entries(tableOf(target))) {
        const from = nodes.get(splitKey(key)[0].toLowerCase());
        if (from === undefined) continue;
        for (const [other, range] of Object.entries(tableOf(member(value, "dependencies")))) {
          const to = nodes.get(other.toLowerCase());
          builder.edge(from, to ?? -1, other, versionText(range), to === undefined ? "optional" : "prod");
        }
      }
    }
    return builder.finish({ graph: "full", formatVersion: textOf(member(member(document, "runtimeTarget"), "name")) });
  },
};
