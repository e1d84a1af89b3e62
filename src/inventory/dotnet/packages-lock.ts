import type { Format } from "../../model/index.ts";
import { baseName, entryBuilder, formatFault } from "../reading/builder.ts";
import { base64ToSri, sriSet } from "../reading/integrity.ts";
import { jsonLineIndex, jsonPlaces, readJson, repeatedKeys } from "../reading/json.ts";
import { isTable, member, tableOf, textOf, versionText } from "../reading/values.ts";

/** NuGet's lock file (https://learn.microsoft.com/nuget/consume-packages/package-references-in-project-files#locking-dependencies): a table a target framework. */
export const packagesLock: Format = {
  id: "dotnet/packages-lock",
  title: "packages.lock.json",
  role: "lockfile",
  matches: (path) => /^packages\..*lock\.json$|^packages\.lock\.json$/.test(baseName(path)),
  read: (file) => {
    const document = readJson(file);
    const frameworks = member(document, "dependencies");
    if (!isTable(frameworks)) throw formatFault(file, "there are no dependencies in it", 1);
    const places = jsonPlaces(file.text, [["dependencies", "*", "*"]]);
    const lineOf = jsonLineIndex(places);
    const builder = entryBuilder(file, "dotnet/packages-lock", "NuGet");
    for (const repeated of repeatedKeys(places))
      builder.problem(`${repeated.path[2] ?? ""} is listed twice; the later entry counts`, { line: repeated.line, entry: true });
    for (const [framework, packages] of Object.entries(frameworks)) {
      if (!isTable(packages)) {
        builder.problem(`${framework} is no table of packages`, { key: framework, entry: true });
        continue;
      }
      const root = builder.root({ name: framework, path: framework });
      const nodes = new Map<string, number>();
      const entries = Object.entries(packages);
      for (const [name, value] of entries) {
        const entry = tableOf(value);
        const type = textOf(member(entry, "type"));
        const version = versionText(member(entry, "resolved"));
        const line = lineOf(["dependencies", framework, name]);
        if (type === "Project") {
          nodes.set(name.toLowerCase(), builder.root({ name, path: `${framework}/${name}`, line }));
          continue;
        }
        if (version === "") {
          builder.problem(`${name} is resolved to no version`, { line, key: name, entry: true });
          continue;
        }
        const hash = textOf(member(entry, "contentHash"));
        nodes.set(
          name.toLowerCase(),
          builder.add({
            name,
            version,
            line,
            key: name,
            path: framework,
            integrity: sriSet([base64ToSri("sha512", hash)]),
            direct: type === "Direct",
            scope: "prod",
          }),
        );
      }
      for (const [name, value] of entries) {
        const from = nodes.get(name.toLowerCase());
        if (from === undefined) continue;
        const type = textOf(member(value, "type"));
        if (type === "Direct" || type === "Project") builder.edge(root, from, name, textOf(member(value, "requested")));
        for (const [other, range] of Object.entries(tableOf(member(value, "dependencies")))) {
          builder.edge(
            from,
            nodes.get(other.toLowerCase()) ?? -1,
            other,
            versionText(range),
            nodes.has(other.toLowerCase()) ? "prod" : "optional",
          );
        }
      }
    }
    return builder.finish({ graph: "full", formatVersion: versionText(member(document, "version")), knowsDirect: true });
  },
};
