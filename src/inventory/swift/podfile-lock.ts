import type { Format } from "../../model/index.ts";
import { baseName, entryBuilder, formatFault } from "../reading/builder.ts";
import { readYaml, type Yaml, yamlItems, yamlMember, yamlMembers, yamlText } from "../reading/yaml.ts";

/**
 * CocoaPods' lock file (https://guides.cocoapods.org/using/using-cocoapods.html#what-is-podfilelock). Its checksums are of podspecs, not
 * of what is fetched. Subspecs (`Pod/Part`) are parts of one pod: purl knows them as its subpath.
 */
export const podfileLock: Format = {
  id: "swift/podfile-lock",
  title: "Podfile.lock",
  role: "lockfile",
  matches: (path) => baseName(path) === "Podfile.lock",
  read: (file) => {
    const document = readYaml(file);
    const pods = yamlMember(document, "PODS");
    if (document.kind !== "map" || pods === undefined) throw formatFault(file, "there are no PODS in it", 1);
    // OSV has no ecosystem for CocoaPods.
    const builder = entryBuilder(file, "swift/podfile-lock", "");
    const external = yamlMember(document, "EXTERNAL SOURCES");
    const checkout = yamlMember(document, "CHECKOUT OPTIONS");
    const nodes = new Map<string, number>();
    const wanted: { readonly from: number; readonly name: string; readonly range: string }[] = [];
    for (const item of yamlItems(pods)) {
      const [member] = yamlMembers(item);
      const text = member === undefined ? yamlText(item) : member.key;
      const { name, range: version } = split(text);
      const line = member?.line ?? item.line;
      if (name === "" || version === "") {
        builder.problem(`${JSON.stringify(text)} is no locked pod`, { line, entry: true });
        continue;
      }
      const [pod = "", ...parts] = name.split("/");
      const git = yamlText(yamlMember(yamlMember(checkout, pod), ":git"));
      const path = yamlText(yamlMember(yamlMember(external, pod), ":path"));
      const node = builder.add({
        name,
        version,
        line,
        purl: { type: "cocoapods", name: pod, version, subpath: parts.join("/") },
        ...(git === ""
          ? path === ""
            ? {}
            : { origin: { kind: "directory", path } }
          : { origin: { kind: "git", url: git, commit: commitOf(yamlMember(checkout, pod)) } }),
      });
      nodes.set(name, node);
      for (const dependency of yamlItems(member?.value)) wanted.push({ from: node, ...split(yamlText(dependency)) });
    }
    for (const { from, name, range } of wanted)
      builder.edge(from, nodes.get(name) ?? -1, name, range, nodes.has(name) ? "prod" : "optional");
    const asked = yamlItems(yamlMember(document, "DEPENDENCIES"));
    if (asked.length > 0) {
      const root = builder.root({ name: "", line: asked[0]?.line });
      for (const item of asked) {
        const { name, range } = split(yamlText(item));
        builder.edge(root, nodes.get(name) ?? -1, name, range, nodes.has(name) ? "prod" : "optional");
      }
    }
    return builder.finish({ graph: "full", formatVersion: yamlText(yamlMember(document, "COCOAPODS")), knowsDirect: asked.length > 0 });
  },
};

/** `Name (1.2.3)`, `Name (~> 1.0)`, `Name (from ...)`, `Name`. */
function split(text: string): { readonly name: string; readonly range: string } {
  const match = /^(\S+)(?:\s+\((.*)\))?$/.exec(text.trim());
  return { name: match?.[1] ?? "", range: match?.[2] ?? "" };
}

const commitOf = (options: Yaml | undefined): string => yamlText(yamlMember(options, ":commit"));
