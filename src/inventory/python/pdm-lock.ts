import type { Format, Origin } from "../../model/index.ts";
import { baseName, entryBuilder } from "../reading/builder.ts";
import { prefixedToSri } from "../reading/integrity.ts";
import { readToml, tomlLines } from "../reading/toml.ts";
import { listOf, member, type Table, tableOf, textOf, textsOf, versionText } from "../reading/values.ts";
import { fileNameOf, lockedFiles } from "./locked-files.ts";
import { drawEdges, lockedNames, type Wanted } from "./named.ts";
import { asksBeside, connectRoot } from "./pyproject.ts";
import { parseRequirement } from "./requirement.ts";

/** PDM's lock file, 4.x (https://pdm-project.org/latest/usage/lockfile/). */
export const pdmLock: Format = {
  id: "python/pdm-lock",
  title: "pdm.lock",
  role: "lockfile",
  matches: (path) => baseName(path) === "pdm.lock",
  read: (file, context) => {
    const document = readToml(file);
    const lines = tomlLines(file.text, new Set(["name"]));
    const builder = entryBuilder(file, "python/pdm-lock", "PyPI");
    const metadata = tableOf(member(document, "metadata"));
    const oldFiles = tableOf(member(metadata, "files"));
    const locked = lockedNames();
    const wanted: Wanted[] = [];
    for (const [index, item] of listOf(member(document, "package")).entries()) {
      const entry = tableOf(item);
      const name = textOf(member(entry, "name"));
      const version = versionText(member(entry, "version"));
      const line = lines.inArray("package", index, "name");
      if (name === "" || version === "") {
        builder.problem(`package ${index + 1} has no ${name === "" ? "name" : "version"}`, { line, entry: true });
        continue;
      }
      const groups = textsOf(member(entry, "groups"));
      const files = [...listOf(member(entry, "files")), ...listOf(member(oldFiles, `${name} ${version}`))];
      const origin = originOf(entry);
      const node = builder.add({
        name,
        version,
        line,
        ...lockedFiles(
          files.map((one) => ({
            // `static_urls` writes addresses in the place of names.
            name: textOf(member(one, "file")) || fileNameOf(textOf(member(one, "url"))),
            hash: prefixedToSri(textOf(member(one, "hash"))),
          })),
        ),
        groups: groups.filter((group) => group !== "default"),
        scope: groups.length === 0 || groups.includes("default") ? "prod" : groups.includes("dev") ? "dev" : "optional",
        ...(origin === null ? {} : { origin }),
      });
      locked.put(name, version, node);
      for (const text of textsOf(member(entry, "dependencies"))) {
        const requirement = parseRequirement(text);
        if (requirement === null) builder.problem(`${name} asks for ${JSON.stringify(text)}, which is no requirement`, { line });
        // An extra of a package depends on the package itself: they are two entries of one release.
        else if (locked.find(requirement.name) !== node)
          wanted.push({ from: node, name: requirement.name, range: requirement.specifier, kind: "prod" });
      }
    }
    drawEdges(builder, locked, wanted);
    const knowsDirect = connectRoot(builder, asksBeside(context.beside), (name) => locked.find(name));
    return builder.finish({ graph: "full", formatVersion: textOf(member(metadata, "lock_version")), knowsDirect });
  },
};

function originOf(entry: Table): Origin | null {
  const git = textOf(member(entry, "git"));
  if (git !== "") return { kind: "git", url: git, commit: textOf(member(entry, "revision")) };
  const url = textOf(member(entry, "url"));
  if (url !== "") return { kind: "url", url };
  const path = textOf(member(entry, "path"));
  return path === "" ? null : { kind: "directory", path };
}
