import type { Format, Origin } from "../../model/index.ts";
import { baseName, entryBuilder, formatFault } from "../reading/builder.ts";
import { hexToSri, sriSet } from "../reading/integrity.ts";
import { readYaml, type Yaml, yamlMember, yamlMembers, yamlText } from "../reading/yaml.ts";

/** Pub's lock file (https://dart.dev/tools/pub/glossary#lockfile). It holds no edges, but says which packages are asked for directly. */
export const pubspecLock: Format = {
  id: "dart/pubspec-lock",
  title: "pubspec.lock",
  role: "lockfile",
  matches: (path) => baseName(path) === "pubspec.lock",
  read: (file) => {
    const document = readYaml(file);
    if (document.kind !== "map" || yamlMember(document, "packages") === undefined)
      throw formatFault(file, "there are no packages in it", 1);
    const builder = entryBuilder(file, "dart/pubspec-lock", "Pub");
    for (const { key: name, line, value } of yamlMembers(yamlMember(document, "packages"))) {
      const version = yamlText(yamlMember(value, "version"));
      if (version === "") {
        builder.problem(`${name} is locked to no version`, { line, key: name, entry: true });
        continue;
      }
      const dependency = yamlText(yamlMember(value, "dependency"));
      const dev = dependency === "direct dev";
      const description = yamlMember(value, "description");
      builder.add({
        name,
        version,
        line,
        key: name,
        origin: originOf(yamlText(yamlMember(value, "source")), description),
        integrity: sriSet([hexToSri("sha256", yamlText(yamlMember(description, "sha256")))]),
        resolved: yamlText(yamlMember(description, "url")),
        direct: dependency === "" ? null : dependency.startsWith("direct"),
        scope: dev ? "dev" : "prod",
        ...(dev ? { groups: ["dev"] } : {}),
      });
    }
    return builder.finish({ graph: "flat" });
  },
};

function originOf(source: string, description: Yaml | undefined): Origin {
  const url = yamlText(yamlMember(description, "url"));
  if (source === "git") return { kind: "git", url, commit: yamlText(yamlMember(description, "resolved-ref")) };
  if (source === "path") return { kind: "directory", path: yamlText(yamlMember(description, "path")) };
  // Comes with Dart or Flutter itself.
  return source === "sdk" ? { kind: "unknown" } : { kind: "registry" };
}
