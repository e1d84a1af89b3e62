import type { Format } from "../../model/index.ts";
import { baseName, entryBuilder, formatFault } from "../reading/builder.ts";
import { childOf, childrenOf, childText, readXml, type XmlElement } from "../reading/xml.ts";
import { mavenPurl } from "./maven.ts";

/** How deep a property may refer to others. Maven itself stops at cycles; real ones go three or four deep. */
const MAX_INTERPOLATION = 32;
/** What a value may grow to while properties are put in: nothing that names a package is longer. */
const MAX_LENGTH = 4096;

/** Maven's project file (https://maven.apache.org/pom.html). Parents are not fetched: what only they define is said to be unknown. */
export const pom: Format = {
  id: "java/pom",
  title: "pom.xml",
  role: "manifest",
  matches: (path) => baseName(path) === "pom.xml" || path.endsWith(".pom"),
  read: (file) => {
    const project = readXml(file);
    if (project.name !== "project") throw formatFault(file, `expected <project>, found <${project.name}>`, project.line);
    const builder = entryBuilder(file, "java/pom", "Maven");
    const resolve = interpolator(project);
    const parent = childOf(project, "parent");
    const group = resolve(childText(project, "groupId") || childText(parent, "groupId"));
    const artifact = resolve(childText(project, "artifactId"));
    const version = resolve(childText(project, "version") || childText(parent, "version"));
    const name = artifact === "" ? "" : `${group}:${artifact}`;
    const root = builder.root({ name, version, line: project.line });
    const managed = new Map<string, string>();
    for (const dependency of dependenciesOf(childOf(project, "dependencyManagement"))) {
      managed.set(keyOf(dependency, resolve), resolve(childText(dependency, "version")));
    }
    if (parent !== undefined) {
      const of = `${resolve(childText(parent, "groupId"))}:${resolve(childText(parent, "artifactId"))}`;
      builder.problem(`the parent ${of} is not fetched: what it adds is not listed`, { line: parent.line });
    }
    const profiles = childrenOf(childOf(project, "profiles"), "profile");
    for (const [holder, profile] of [[project, ""] as const, ...profiles.map((one) => [one, childText(one, "id")] as const)]) {
      for (const dependency of dependenciesOf(holder)) {
        const groupId = resolve(childText(dependency, "groupId"));
        const artifactId = resolve(childText(dependency, "artifactId"));
        if (groupId === "" || artifactId === "") {
          builder.problem(`a dependency without ${groupId === "" ? "groupId" : "artifactId"}`, { line: dependency.line, entry: true });
          continue;
        }
        const range = resolve(childText(dependency, "version")) || (managed.get(keyOf(dependency, resolve)) ?? "");
        const unresolved = /\$\{[^}]*\}/.exec(`${groupId}${artifactId}${range}`)?.[0];
        if (unresolved !== undefined)
          builder.problem(`${groupId}:${artifactId} depends on ${unresolved}, which this file does not define`, { line: dependency.line });
        const release = unresolved !== undefined || /[[\](),]/.test(range) ? "" : range;
        const scope = childText(dependency, "scope");
        const optional = childText(dependency, "optional") === "true";
        const kind = scope === "test" ? "dev" : optional ? "optional" : scope === "provided" || scope === "system" ? "peer" : "prod";
        const node = builder.add({
          name: `${groupId}:${artifactId}`,
          version: release,
          purl: mavenPurl(
            groupId,
            artifactId,
            release,
            resolve(childText(dependency, "type")),
            resolve(childText(dependency, "classifier")),
          ),
          line: dependency.line,
          direct: true,
          groups: [...(scope === "" || scope === "compile" ? [] : [scope]), ...(profile === "" ? [] : [profile])],
        });
        builder.edge(root, node, `${groupId}:${artifactId}`, range, kind);
      }
    }
    return builder.finish({ graph: "flat", name, version, knowsDirect: true, formatVersion: childText(project, "modelVersion") });
  },
};

const dependenciesOf = (holder: XmlElement | undefined): readonly XmlElement[] => childrenOf(childOf(holder, "dependencies"), "dependency");

const keyOf = (dependency: XmlElement, resolve: (text: string) => string): string =>
  ["groupId", "artifactId", "type", "classifier"]
    .map((part) => resolve(childText(dependency, part)) || (part === "type" ? "jar" : ""))
    .join(":");

/** Puts the project's own properties in for `${…}`; what is not defined here stays as it stands. Bounded in depth and length. */
function interpolator(project: XmlElement): (text: string) => string {
  const parent = childOf(project, "parent");
  const properties = new Map<string, string>();
  for (const part of ["groupId", "artifactId", "version"]) {
    const own = childText(project, part) || (part === "artifactId" ? "" : childText(parent, part));
    for (const prefix of ["project.", "pom.", ""]) if (own !== "") properties.set(`${prefix}${part}`, own);
    if (childText(parent, part) !== "") properties.set(`project.parent.${part}`, childText(parent, part));
  }
  for (const property of childOf(project, "properties")?.children ?? []) properties.set(property.name, property.text);
  return (text) => {
    let value = text;
    for (let round = 0; round < MAX_INTERPOLATION && value.includes("${") && value.length < MAX_LENGTH; round += 1) {
      const next = value.replaceAll(/\$\{([^${}]{1,200})\}/g, (whole, name: string) => properties.get(name) ?? whole);
      if (next === value) break;
      value = next;
    }
    return value.trim();
  };
}
