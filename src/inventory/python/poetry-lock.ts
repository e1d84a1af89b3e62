import type { Format, Origin } from "../../model/index.ts";
import { baseName, entryBuilder } from "../reading/builder.ts";
import { prefixedToSri } from "../reading/integrity.ts";
import { readToml, tomlLines } from "../reading/toml.ts";
import { listOf, member, type Table, tableOf, textOf, textsOf, versionText } from "../reading/values.ts";
import { indexAddress, lockedFiles } from "./locked-files.ts";
import { drawEdges, lockedNames, type Wanted } from "./named.ts";
import { asksBeside, connectRoot } from "./pyproject.ts";
import { normalName } from "./requirement.ts";

/** Poetry's lock file, 1.0 to 2.1 (https://python-poetry.org/docs/, `poetry.lock`). */
export const poetryLock: Format = {
  id: "python/poetry-lock",
  title: "poetry.lock",
  role: "lockfile",
  matches: (path) => baseName(path) === "poetry.lock",
  read: (file, context) => {
    const document = readToml(file);
    const lines = tomlLines(file.text, new Set(["name"]));
    const builder = entryBuilder(file, "python/poetry-lock", "PyPI");
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
      const category = textOf(member(entry, "category"));
      const groups = [...textsOf(member(entry, "groups")), ...(category === "" ? [] : [category])].filter((group) => group !== "main");
      const inMain = textsOf(member(entry, "groups")).includes("main") || category === "main" || (category === "" && groups.length === 0);
      const files = [...listOf(member(entry, "files")), ...listOf(member(oldFiles, name)), ...listOf(member(oldFiles, normalName(name)))];
      const origin = originOf(tableOf(member(entry, "source")));
      const node = builder.add({
        name,
        version,
        line,
        ...lockedFiles(files.map((one) => ({ name: textOf(member(one, "file")), hash: prefixedToSri(textOf(member(one, "hash"))) }))),
        groups,
        scope: !inMain ? "dev" : member(entry, "optional") === true ? "optional" : "prod",
        // A source without an origin of its own is another index (`legacy`).
        resolved:
          origin === null ? indexAddress(textOf(member(member(entry, "source"), "url"))) : textOf(member(member(entry, "source"), "url")),
        ...(origin === null ? {} : { origin }),
      });
      locked.put(name, version, node);
      for (const [dependency, value] of Object.entries(tableOf(member(entry, "dependencies")))) {
        const one = listOf(value)[0] ?? value;
        const range = typeof one === "string" ? one : textOf(member(one, "version"));
        wanted.push({ from: node, name: dependency, range, kind: member(one, "optional") === true ? "optional" : "prod" });
      }
    }
    drawEdges(builder, locked, wanted);
    const knowsDirect = connectRoot(builder, asksBeside(context.beside), (name) => locked.find(name));
    return builder.finish({ graph: "full", formatVersion: textOf(member(metadata, "lock-version")), knowsDirect });
  },
};

/** null for the registry. A `legacy` source is another registry. */
function originOf(source: Table): Origin | null {
  const url = textOf(member(source, "url"));
  switch (textOf(member(source, "type"))) {
    case "git":
      return { kind: "git", url, commit: textOf(member(source, "resolved_reference")) || textOf(member(source, "reference")) };
    case "url":
      return { kind: "url", url };
    case "file":
      return { kind: "file", path: url };
    case "directory":
      return { kind: "directory", path: url };
    default:
      return null;
  }
}
