import type { Format, Origin } from "../../model/index.ts";
import { baseName, entryBuilder, formatFault } from "../reading/builder.ts";
import { jsonLineIndex, jsonPlaces, readJson, repeatedKeys } from "../reading/json.ts";
import { isTable, member, type Table, tableOf, textOf, textsOf, versionText } from "../reading/values.ts";

/** Names that R itself brings: they are required, but locked nowhere. */
const base: ReadonlySet<string> = new Set([
  "R",
  "base",
  "compiler",
  "datasets",
  "graphics",
  "grDevices",
  "grid",
  "methods",
  "parallel",
  "splines",
  "stats",
  "stats4",
  "tcltk",
  "tools",
  "utils",
]);

/** renv's lock file (https://rstudio.github.io/renv/articles/lockfile.html). Its hashes are of the package's description: no integrity. */
export const renvLock: Format = {
  id: "r/renv-lock",
  title: "renv.lock",
  role: "lockfile",
  matches: (path) => baseName(path) === "renv.lock",
  read: (file) => {
    const document = readJson(file);
    const packages = member(document, "Packages");
    if (packages !== undefined && !isTable(packages)) throw formatFault(file, "Packages is no table", 1);
    const places = jsonPlaces(file.text, [["Packages", "*"]]);
    const lineOf = jsonLineIndex(places);
    const builder = entryBuilder(file, "r/renv-lock", "CRAN");
    for (const repeated of repeatedKeys(places)) {
      builder.problem(`${repeated.path.at(-1) ?? ""} is listed twice; the later entry counts`, { line: repeated.line, entry: true });
    }
    const nodes = new Map<string, number>();
    const wanted: { readonly from: number; readonly name: string }[] = [];
    for (const [key, value] of Object.entries(tableOf(packages))) {
      const entry = tableOf(value);
      const name = textOf(member(entry, "Package")) || key;
      const version = versionText(member(entry, "Version"));
      const line = lineOf(["Packages", key]);
      if (version === "") {
        builder.problem(`${name} is locked to no version`, { line, key, entry: true });
        continue;
      }
      const source = textOf(member(entry, "Source"));
      const origin = originOf(entry, source);
      const ecosystem = source === "Bioconductor" ? "Bioconductor" : origin.kind === "registry" || origin.kind === "unknown" ? "CRAN" : "";
      const node = builder.add({
        name,
        version,
        line,
        key,
        origin,
        ...(ecosystem === "CRAN" ? {} : ecosystem === "" ? { ecosystem, purl: { type: "cran", name, version } } : { ecosystem }),
        resolved: textOf(member(entry, "RemoteUrl")) || textOf(member(entry, "Repository")),
      });
      nodes.set(name, node);
      for (const requirement of textsOf(member(entry, "Requirements")))
        if (!base.has(requirement)) wanted.push({ from: node, name: requirement });
    }
    for (const { from, name } of wanted) builder.edge(from, nodes.get(name) ?? -1, name, "", nodes.has(name) ? "prod" : "optional");
    return builder.finish({
      graph: wanted.length > 0 ? "full" : "flat",
      formatVersion: versionText(member(member(document, "R"), "Version")),
    });
  },
};

function originOf(entry: Table, source: string): Origin {
  const commit = textOf(member(entry, "RemoteSha"));
  const user = textOf(member(entry, "RemoteUsername"));
  const repository = textOf(member(entry, "RemoteRepo"));
  const forges: Readonly<Record<string, string>> = { GitHub: "github.com", GitLab: "gitlab.com", Bitbucket: "bitbucket.org" };
  const forge = Object.hasOwn(forges, source) ? forges[source] : undefined;
  if (forge !== undefined && user !== "" && repository !== "")
    return { kind: "git", url: `https://${forge}/${user}/${repository}`, commit };
  if (source === "git" || source === "Git") return { kind: "git", url: textOf(member(entry, "RemoteUrl")), commit };
  if (source === "Local") return { kind: "file", path: textOf(member(entry, "RemoteUrl")) };
  if (source === "URL") return { kind: "url", url: textOf(member(entry, "RemoteUrl")) };
  if (source === "Repository" || source === "CRAN" || source === "Bioconductor") return { kind: "registry" };
  return { kind: "unknown" };
}
