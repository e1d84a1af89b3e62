import type { Format, InputFile, Listing } from "../../model/index.ts";
import { baseName, entryBuilder, formatFault } from "../reading/builder.ts";
import { childText, descendantsOf, readXml, type XmlElement } from "../reading/xml.ts";

/** A project file of MSBuild (https://learn.microsoft.com/nuget/consume-packages/package-references-in-project-files). */
export const csproj: Format = {
  id: "dotnet/csproj",
  title: "*.csproj",
  role: "manifest",
  matches: (path) => /\.(?:cs|fs|vb)proj$/.test(path),
  read: (file, context) => {
    const central =
      context.beside("Directory.Packages.props") ??
      context.beside("../Directory.Packages.props") ??
      context.beside("../../Directory.Packages.props");
    return read(file, "dotnet/csproj", ["PackageReference", "GlobalPackageReference"], centralVersions(central));
  },
};

/** Central package management (https://learn.microsoft.com/nuget/consume-packages/central-package-management). */
export const centralPackages: Format = {
  id: "dotnet/central-packages",
  title: "Directory.Packages.props",
  role: "manifest",
  matches: (path) => baseName(path) === "Directory.Packages.props",
  read: (file) => read(file, "dotnet/central-packages", ["PackageVersion", "GlobalPackageReference", "PackageReference"], new Map()),
};

function read(file: InputFile, format: string, elements: readonly string[], central: ReadonlyMap<string, string>): Listing {
  const project = readXml(file);
  if (project.name !== "Project") throw formatFault(file, `expected <Project>, found <${project.name}>`, project.line);
  const builder = entryBuilder(file, format, "NuGet");
  const resolve = properties(project);
  const root = builder.root({ name: baseName(file.path).replace(/\.\w+proj$/, "") });
  for (const element of elements.flatMap((name) => descendantsOf(project, name)).toSorted((a, b) => a.line - b.line)) {
    const name = resolve(element.attributes.get("Include") ?? "").trim();
    if (name === "") {
      // `Update` changes an item that another file includes: it is no entry of its own.
      if (element.attributes.has("Update") || element.attributes.has("Remove")) continue;
      builder.problem(`a ${element.name} without a name`, { line: element.line, entry: true });
      continue;
    }
    const own =
      element.attributes.get("VersionOverride") ??
      element.attributes.get("Version") ??
      (childText(element, "VersionOverride") || childText(element, "Version"));
    const range = resolve(own.trim() === "" ? (central.get(name.toLowerCase()) ?? "") : own).trim();
    const version = exactVersion(range);
    if (range === "") builder.problem(`${name} has no version here`, { line: element.line });
    else if (range.includes("$("))
      builder.problem(
        `the version of ${name} depends on ${/\$\([^)]*\)/.exec(range)?.[0] ?? "a property"}, which this file does not define`,
        { line: element.line },
      );
    const assets = element.attributes.get("PrivateAssets") ?? childText(element, "PrivateAssets");
    const dev = assets.toLowerCase() === "all";
    const node = builder.add({ name, version, line: element.line, direct: true, ...(dev ? { groups: ["dev"] } : {}) });
    builder.edge(root, node, name, range, dev ? "dev" : "prod");
  }
  return builder.finish({ graph: "flat", knowsDirect: true });
}

/** A plain version is a lower bound for NuGet, yet it is the release that restoring brings; floating ones and ranges leave a choice. */
const exactVersion = (range: string): string => /^\[?\s*(\d[^\s,*\])$]*)\s*\]?$/.exec(range)?.[1] ?? "";

/** Puts in properties of the file itself, in the one form that versions are written in: `$(Name)`. */
function properties(project: XmlElement): (text: string) => string {
  const values = new Map<string, string>();
  for (const group of descendantsOf(project, "PropertyGroup"))
    for (const property of group.children) values.set(property.name.toLowerCase(), property.text);
  return (text) => {
    let value = text;
    // Properties refer to properties two or three deep; the bound ends cycles.
    for (let round = 0; round < 8 && value.includes("$(") && value.length < 4096; round += 1) {
      value = value.replaceAll(/\$\((\w{1,100})\)/g, (whole, name: string) => values.get(name.toLowerCase()) ?? whole);
    }
    return value;
  };
}

function centralVersions(file: InputFile | null): ReadonlyMap<string, string> {
  const versions = new Map<string, string>();
  if (file === null) return versions;
  try {
    const project = readXml(file);
    const resolve = properties(project);
    for (const element of descendantsOf(project, "PackageVersion"))
      versions.set((element.attributes.get("Include") ?? "").toLowerCase(), resolve(element.attributes.get("Version") ?? ""));
  } catch {
    // It is read, and its faults are said, for its own sake.
  }
  return versions;
}

/** The list that NuGet kept before package references (https://learn.microsoft.com/nuget/reference/packages-config). */
export const packagesConfig: Format = {
  id: "dotnet/packages-config",
  title: "packages.config",
  role: "lockfile",
  matches: (path) => /^packages(?:\.[^/]+)?\.config$/.test(baseName(path)),
  read: (file) => {
    const document = readXml(file);
    if (document.name !== "packages") throw formatFault(file, `expected <packages>, found <${document.name}>`, document.line);
    const builder = entryBuilder(file, "dotnet/packages-config", "NuGet");
    for (const element of document.children) {
      if (element.name !== "package") continue;
      const name = element.attributes.get("id") ?? "";
      const version = element.attributes.get("version") ?? "";
      if (name === "" || version === "")
        builder.problem(`a package without ${name === "" ? "an id" : `a version: ${name}`}`, { line: element.line, entry: true });
      else
        builder.add({
          name,
          version,
          line: element.line,
          scope: element.attributes.get("developmentDependency") === "true" ? "dev" : "prod",
        });
    }
    return builder.finish({ graph: "flat" });
  },
};
