import type { Format, Origin } from "../../model/index.ts";
import { baseName, entryBuilder } from "../reading/builder.ts";
import { hexToSri } from "../reading/integrity.ts";
import { readToml, tomlLines } from "../reading/toml.ts";
import { listOf, member, type Table, tableOf, textOf, versionText } from "../reading/values.ts";
import { fileNameOf, indexAddress, lockedFiles } from "./locked-files.ts";
import { drawEdges, lockedNames, type Wanted } from "./named.ts";

/** pylock.toml, PEP 751 (https://packaging.python.org/en/latest/specifications/pylock-toml/). */
export const pylock: Format = {
  id: "python/pylock",
  title: "pylock.toml",
  role: "lockfile",
  matches: (path) => /^pylock(?:\.[^.]+)?\.toml$/.test(baseName(path)),
  read: (file) => {
    const document = readToml(file);
    const lines = tomlLines(file.text, new Set(["name"]));
    const builder = entryBuilder(file, "python/pylock", "PyPI");
    const names = lockedNames();
    const wanted: Wanted[] = [];
    let graph = false;
    for (const [index, item] of listOf(member(document, "packages")).entries()) {
      const entry = tableOf(item);
      const name = textOf(member(entry, "name"));
      const version = versionText(member(entry, "version"));
      const line = lines.inArray("packages", index, "name");
      if (name === "") {
        builder.problem(`package ${index + 1} has no name`, { line, entry: true });
        continue;
      }
      const files = [member(entry, "archive"), member(entry, "sdist"), ...listOf(member(entry, "wheels"))];
      const locked = files.flatMap((one) => {
        const address = textOf(member(one, "url")) || textOf(member(one, "path"));
        const called = textOf(member(one, "name")) || fileNameOf(address);
        return Object.entries(tableOf(member(one, "hashes"))).map(([algorithm, hex]) => ({
          name: called,
          hash: hexToSri(algorithm, textOf(hex)),
        }));
      });
      const origin = originOf(entry);
      const node = builder.add({
        name,
        version,
        line,
        ...lockedFiles(locked),
        resolved: indexAddress(textOf(member(entry, "index"))),
        ...(origin === null ? {} : { origin }),
      });
      names.put(name, version, node);
      for (const dependency of listOf(member(entry, "dependencies"))) {
        graph = true;
        const pinned = versionText(member(dependency, "version"));
        wanted.push({
          from: node,
          name: textOf(member(dependency, "name")),
          range: pinned,
          kind: "prod",
          ...(pinned === "" ? {} : { version: pinned }),
        });
      }
    }
    drawEdges(builder, names, wanted);
    return builder.finish({ graph: graph ? "partial" : "flat", formatVersion: versionText(member(document, "lock-version")) });
  },
};

function originOf(entry: Table): Origin | null {
  const vcs = tableOf(member(entry, "vcs"));
  if (Object.keys(vcs).length > 0)
    return { kind: "git", url: textOf(member(vcs, "url")) || textOf(member(vcs, "path")), commit: textOf(member(vcs, "commit-id")) };
  const directory = textOf(member(member(entry, "directory"), "path"));
  if (directory !== "") return { kind: "directory", path: directory };
  const archive = member(entry, "archive");
  const url = textOf(member(archive, "url"));
  if (url !== "") return { kind: "url", url };
  const path = textOf(member(archive, "path"));
  return path === "" ? null : { kind: "file", path };
}
