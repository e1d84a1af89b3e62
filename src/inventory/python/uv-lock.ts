import type { Format, Origin } from "../../model/index.ts";
import { baseName, entryBuilder } from "../reading/builder.ts";
import { prefixedToSri } from "../reading/integrity.ts";
import { readToml, tomlLines } from "../reading/toml.ts";
import { listOf, member, type Table, tableOf, textOf, versionText } from "../reading/values.ts";
import { fileNameOf, indexAddress, lockedFiles } from "./locked-files.ts";
import { drawEdges, lockedNames, type Wanted } from "./named.ts";

/** uv's lock file (https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile). Members of the workspace are its roots. */
export const uvLock: Format = {
  id: "python/uv-lock",
  title: "uv.lock",
  role: "lockfile",
  matches: (path) => baseName(path) === "uv.lock",
  read: (file) => {
    const document = readToml(file);
    const lines = tomlLines(file.text, new Set(["name"]));
    const builder = entryBuilder(file, "python/uv-lock", "PyPI");
    const locked = lockedNames();
    const wanted: Wanted[] = [];
    let first: { readonly name: string; readonly version: string } | null = null;
    let roots = 0;
    for (const [index, item] of listOf(member(document, "package")).entries()) {
      const entry = tableOf(item);
      const name = textOf(member(entry, "name"));
      const version = versionText(member(entry, "version"));
      const line = lines.inArray("package", index, "name");
      if (name === "") {
        builder.problem(`package ${index + 1} has no name`, { line, entry: true });
        continue;
      }
      const source = tableOf(member(entry, "source"));
      const own = textOf(member(source, "virtual")) || textOf(member(source, "editable"));
      const files = [member(entry, "sdist"), ...listOf(member(entry, "wheels"))];
      const origin = originOf(source);
      let node: number;
      if (own === "") {
        node = builder.add({
          name,
          version,
          line,
          ...lockedFiles(
            files.map((one) => ({
              name: textOf(member(one, "filename")) || fileNameOf(textOf(member(one, "url")) || textOf(member(one, "path"))),
              hash: prefixedToSri(textOf(member(one, "hash"))),
            })),
          ),
          resolved: indexAddress(textOf(member(source, "registry"))) || textOf(member(source, "git")) || textOf(member(source, "url")),
          ...(origin === null ? {} : { origin }),
        });
      } else {
        node = builder.root({ name, version, path: own === "." ? "" : own, line });
        roots += 1;
        if (first === null || own === ".") first = { name, version };
      }
      locked.put(name, version, node);
      const take = (list: unknown, kind: Wanted["kind"]): void => {
        for (const dependency of listOf(list)) {
          const pinned = versionText(member(dependency, "version"));
          wanted.push({
            from: node,
            name: textOf(member(dependency, "name")),
            range: pinned,
            kind,
            ...(pinned === "" ? {} : { version: pinned }),
          });
        }
      };
      take(member(entry, "dependencies"), "prod");
      for (const list of Object.values(tableOf(member(entry, "optional-dependencies")))) take(list, "optional");
      for (const list of Object.values(tableOf(member(entry, "dev-dependencies")))) take(list, "dev");
    }
    drawEdges(builder, locked, wanted);
    return builder.finish({
      graph: "full",
      formatVersion: versionText(member(document, "version")),
      knowsDirect: roots > 0,
      ...(first === null ? {} : first),
    });
  },
};

function originOf(source: Table): Origin | null {
  const git = textOf(member(source, "git"));
  if (git !== "") {
    const at = git.indexOf("#");
    return { kind: "git", url: (at < 0 ? git : git.slice(0, at)).replace(/\?.*$/, ""), commit: at < 0 ? "" : git.slice(at + 1) };
  }
  const url = textOf(member(source, "url"));
  if (url !== "") return { kind: "url", url };
  const path = textOf(member(source, "path"));
  if (path !== "") return { kind: "file", path };
  const registry = textOf(member(source, "registry"));
  // A folder of wheels serves as an index: nobody else could be asked about what is in it.
  if (registry !== "" && !/^[a-z][a-z0-9+.-]*:/i.test(registry)) return { kind: "directory", path: registry };
  const directory = textOf(member(source, "directory"));
  return directory === "" ? null : { kind: "directory", path: directory };
}
