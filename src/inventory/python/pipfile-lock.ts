import type { Format, Origin } from "../../model/index.ts";
import { baseName, entryBuilder } from "../reading/builder.ts";
import { prefixedToSri, sriSet } from "../reading/integrity.ts";
import { jsonLineIndex, jsonPlaces, readJson, repeatedKeys } from "../reading/json.ts";
import { isTable, listOf, member, type Table, tableOf, textOf, textsOf, versionText } from "../reading/values.ts";
import { indexAddress } from "./locked-files.ts";

/** Pipenv's lock file (https://pipenv.pypa.io/en/latest/pipfile.html): a table a category, `default` and `develop` first among them. */
export const pipfileLock: Format = {
  id: "python/pipfile-lock",
  title: "Pipfile.lock",
  role: "lockfile",
  matches: (path) => baseName(path) === "Pipfile.lock",
  read: (file) => {
    const document = readJson(file);
    const places = jsonPlaces(file.text, [["*"], ["*", "*"]]);
    const lineOf = jsonLineIndex(places);
    const builder = entryBuilder(file, "python/pipfile-lock", "PyPI");
    for (const repeated of repeatedKeys(places)) {
      if (repeated.path[0] !== "_meta" && repeated.path.length === 2)
        builder.problem(`${repeated.path[1] ?? ""} is listed twice; the later entry counts`, { line: repeated.line, entry: true });
    }
    // An entry names its index by a name that `_meta` explains; without one it is the first.
    const indexes = listOf(member(member(document, "_meta"), "sources")).map((source) => ({
      name: textOf(member(source, "name")),
      address: indexAddress(textOf(member(source, "url"))),
    }));
    const indexOf = (name: string): string => (name === "" ? indexes[0] : indexes.find((one) => one.name === name))?.address ?? "";
    for (const [category, packages] of Object.entries(document)) {
      if (category === "_meta") continue;
      if (!isTable(packages)) {
        builder.problem(`${category} is no table of packages`, { line: lineOf([category]), key: category, entry: true });
        continue;
      }
      const group = category === "default" ? "" : category === "develop" ? "dev" : category;
      for (const [name, value] of Object.entries(packages)) {
        const entry = tableOf(value);
        const version = versionText(member(entry, "version")).replace(/^={2,3}\s*/, "");
        const origin = originOf(entry);
        const line = lineOf([category, name]);
        if (version === "" && origin === null) {
          builder.problem(`${name} is locked to no version and no source`, { line, key: name, entry: true });
          continue;
        }
        builder.add({
          name,
          version,
          line,
          key: name,
          integrity: sriSet(textsOf(member(entry, "hashes")).map(prefixedToSri)),
          ...(origin === null && textOf(member(entry, "index")) === ""
            ? { extraIndexes: indexes.slice(1).flatMap(({ address }) => (address === "" ? [] : [address])) }
            : {}),
          resolved: origin === null ? indexOf(textOf(member(entry, "index"))) : "",
          scope: group === "dev" ? "dev" : "prod",
          ...(group === "" ? {} : { groups: [group] }),
          ...(origin === null ? {} : { origin }),
        });
      }
    }
    return builder.finish({ graph: "flat", formatVersion: versionText(member(member(document, "_meta"), "pipfile-spec")) });
  },
};

function originOf(entry: Table): Origin | null {
  const git = textOf(member(entry, "git"));
  if (git !== "") return { kind: "git", url: git, commit: textOf(member(entry, "ref")) };
  const url = textOf(member(entry, "file"));
  if (url !== "") return /^https?:/.test(url) ? { kind: "url", url } : { kind: "file", path: url };
  const path = textOf(member(entry, "path"));
  return path === "" ? null : { kind: "directory", path };
}
