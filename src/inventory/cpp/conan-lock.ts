import type { Format, PurlInput } from "../../model/index.ts";
import { baseName, type EntryBuilder, entryBuilder, formatFault } from "../reading/builder.ts";
import { jsonLineIndex, jsonPlaces, readJson, repeatedKeys } from "../reading/json.ts";
import { isTable, listOf, member, type Table, tableOf, textOf, versionText } from "../reading/values.ts";

interface Reference {
  readonly name: string;
  readonly version: string;
  readonly user: string;
  readonly channel: string;
  readonly revision: string;
}

/** `name/version@user/channel#recipe revision:package id#package revision%timestamp` (https://docs.conan.io/2/reference/conanfile/attributes.html#reference). */
function parseReference(text: string): Reference {
  const [reference = ""] = text.split(/[%:]/);
  const [before = "", revision = ""] = reference.split("#");
  const [nameVersion = "", userChannel = ""] = before.split("@");
  const slash = nameVersion.indexOf("/");
  const [user = "", channel = ""] = userChannel.split("/");
  return {
    name: slash < 0 ? "" : nameVersion.slice(0, slash),
    version: slash < 0 ? nameVersion : nameVersion.slice(slash + 1),
    user,
    channel,
    revision,
  };
}

const purlOf = (one: Reference): PurlInput => ({
  type: "conan",
  // purl wants user and channel both or not at all; the user is the namespace too.
  ...(one.user === "" ? {} : { namespace: one.user }),
  name: one.name,
  version: one.version,
  qualifiers: {
    ...(one.user === "" ? {} : { user: one.user }),
    ...(one.channel === "" ? {} : { channel: one.channel }),
    ...(one.revision === "" ? {} : { rrev: one.revision }),
  },
});

/** Conan's lock files of version 1 (0.0 to 0.4, a graph) and 2 (0.5, lists) (https://docs.conan.io/2/tutorial/versioning/lockfiles.html). */
export const conanLock: Format = {
  id: "cpp/conan-lock",
  title: "conan.lock",
  role: "lockfile",
  matches: (path) => baseName(path) === "conan.lock",
  read: (file) => {
    const document = readJson(file);
    const builder = entryBuilder(file, "cpp/conan-lock", "ConanCenter");
    const formatVersion = versionText(member(document, "version"));
    const graph = member(document, "graph_lock");
    if (isTable(graph)) {
      const places = jsonPlaces(file.text, [["graph_lock", "nodes", "*"]]);
      for (const repeated of repeatedKeys(places)) {
        builder.problem(`node ${repeated.path.at(-1) ?? ""} is listed twice; the later entry counts`, { line: repeated.line, entry: true });
      }
      readGraph(builder, tableOf(member(graph, "nodes")), jsonLineIndex(places));
    } else if (!readLists(builder, document, jsonLineIndex(jsonPlaces(file.text, [["*", "*"]]))))
      throw formatFault(file, "there is neither a graph_lock nor a list of requirements in it", 1);
    return builder.finish({ graph: isTable(graph) ? "full" : "flat", formatVersion, knowsDirect: isTable(graph) });
  },
};

function readGraph(builder: EntryBuilder, nodes: Table, lineOf: (path: readonly string[]) => number | undefined): void {
  const indices = new Map<string, number>();
  for (const [id, value] of Object.entries(nodes)) {
    const text = textOf(member(value, "ref")) || textOf(member(value, "pref"));
    const reference = parseReference(text);
    const line = lineOf(["graph_lock", "nodes", id]);
    // The recipe that was locked is there by its path, or, in the oldest files, has no reference at all.
    if (text === "" || member(value, "path") !== undefined)
      indices.set(id, builder.root({ name: reference.name, version: reference.version, line }));
    else if (reference.name === "") builder.problem(`${JSON.stringify(text)} names no package`, { line, key: id, entry: true });
    else indices.set(id, builder.add({ name: reference.name, version: reference.version, line, key: id, purl: purlOf(reference) }));
  }
  for (const [id, value] of Object.entries(nodes)) {
    const from = indices.get(id);
    if (from === undefined) continue;
    for (const [key, kind] of [
      ["requires", "prod"],
      ["build_requires", "dev"],
    ] as const) {
      const wanted = member(value, key);
      // Up to 0.2 a table from references to ids, then a list of ids.
      for (const target of isTable(wanted) ? Object.values(wanted) : listOf(wanted)) {
        const to = indices.get(String(target));
        if (to !== undefined) builder.edge(from, to, textOf(member(nodes[String(target)], "ref")).split("/")[0] ?? "", "", kind);
      }
    }
  }
}

function readLists(builder: EntryBuilder, document: Table, lineOf: (path: readonly string[]) => number | undefined): boolean {
  let any = false;
  for (const [key, group, scope] of [
    ["requires", "requires", "prod"],
    ["build_requires", "build-requires", "dev"],
    ["python_requires", "python-requires", "dev"],
    ["config_requires", "config-requires", "dev"],
  ] as const) {
    const list = member(document, key);
    if (!Array.isArray(list)) {
      if (list !== undefined && list !== null) builder.problem(`${key} is no list`, { key, entry: true });
      continue;
    }
    any = true;
    for (const [index, item] of list.entries()) {
      // Overridden references come with what they were: [reference, [by, …]].
      const reference = parseReference(textOf(Array.isArray(item) ? item[0] : item));
      const line = lineOf([key, String(index)]);
      if (reference.name === "") builder.problem(`${JSON.stringify(item)} names no package`, { line, entry: true });
      else builder.add({ name: reference.name, version: reference.version, line, purl: purlOf(reference), groups: [group], scope });
    }
  }
  return any;
}
