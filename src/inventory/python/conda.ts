import type { Format, PurlInput } from "../../model/index.ts";
import { baseName, entryBuilder, formatFault } from "../reading/builder.ts";
import { hexToSri, sriSet } from "../reading/integrity.ts";
import { jsonLineIndex, jsonPlaces, readJson } from "../reading/json.ts";
import { member, textOf, versionText } from "../reading/values.ts";
import { readYaml, yamlItems, yamlMember, yamlMembers, yamlText } from "../reading/yaml.ts";

const purlParts = (name: string, version: string, build: string, channel: string, subdir: string): PurlInput => ({
  type: "conda",
  name,
  version,
  qualifiers: {
    ...(build === "" ? {} : { build }),
    ...(channel === "" ? {} : { channel: channel.replace(/^https?:\/\/[^/]+\//, "").replace(/\/$/, "") }),
    ...(subdir === "" ? {} : { subdir }),
  },
});

/** What conda keeps of each package that it installed: `conda-meta/<name>-<version>-<build>.json`. OSV has no ecosystem for conda. */
export const condaMeta: Format = {
  id: "python/conda-meta",
  title: "conda-meta record",
  role: "installed",
  matches: (path) => /(?:^|\/)conda-meta\/[^/]+\.json$/.test(path),
  read: (file) => {
    const record = readJson(file);
    const name = textOf(member(record, "name"));
    const version = versionText(member(record, "version"));
    if (name === "" || version === "") throw formatFault(file, `a conda record must have ${name === "" ? "a name" : "a version"}`, 1);
    const builder = entryBuilder(file, "python/conda-meta", "");
    builder.add({
      name,
      version,
      line: jsonLineIndex(jsonPlaces(file.text, [["name"]]))(["name"]),
      purl: purlParts(
        name,
        version,
        textOf(member(record, "build_string")) || textOf(member(record, "build")),
        textOf(member(record, "channel")),
        textOf(member(record, "subdir")),
      ),
      licence: textOf(member(record, "license")),
      integrity: sriSet([hexToSri("sha256", textOf(member(record, "sha256"))), hexToSri("md5", textOf(member(record, "md5")))]),
      resolved: textOf(member(record, "url")),
    });
    return builder.finish({ graph: "flat" });
  },
};

/** conda-lock's unified lock file (https://conda.github.io/conda-lock/): one entry a package and platform. */
export const condaLock: Format = {
  id: "python/conda-lock",
  title: "conda-lock.yml",
  role: "lockfile",
  matches: (path) => /^conda-lock\.ya?ml$/.test(baseName(path)),
  read: (file) => {
    const document = readYaml(file);
    if (yamlMember(document, "package")?.kind !== "list") throw formatFault(file, "there is no list of packages in it", 1);
    const builder = entryBuilder(file, "python/conda-lock", "");
    const nodes = new Map<string, number>();
    const wanted: { readonly from: number; readonly platform: string; readonly name: string; readonly range: string }[] = [];
    for (const item of yamlItems(yamlMember(document, "package"))) {
      const name = yamlText(yamlMember(item, "name"));
      const version = yamlText(yamlMember(item, "version"));
      if (name === "" || version === "") {
        builder.problem(`an entry without ${name === "" ? "a name" : "a version"}`, { line: item.line, entry: true });
        continue;
      }
      const platform = yamlText(yamlMember(item, "platform"));
      const hash = yamlMember(item, "hash");
      const category = yamlText(yamlMember(item, "category"));
      const url = yamlText(yamlMember(item, "url"));
      const pip = yamlText(yamlMember(item, "manager")) === "pip";
      const node = builder.add({
        name,
        version,
        line: item.line,
        ...(pip
          ? { ecosystem: "PyPI" }
          : { purl: purlParts(name, version, "", /^https?:\/\/[^/]+\/(.+)\/[^/]+\/[^/]+$/.exec(url)?.[1] ?? "", platform) }),
        integrity: sriSet([hexToSri("sha256", yamlText(yamlMember(hash, "sha256"))), hexToSri("md5", yamlText(yamlMember(hash, "md5")))]),
        resolved: url,
        scope: category === "dev" ? "dev" : yamlText(yamlMember(item, "optional")) === "true" ? "optional" : "prod",
        ...(category === "" || category === "main" ? {} : { groups: [category] }),
      });
      nodes.set(`${platform}\0${name}`, node);
      for (const dependency of yamlMembers(yamlMember(item, "dependencies")))
        wanted.push({ from: node, platform, name: dependency.key, range: yamlText(dependency.value) });
    }
    // What begins with two underscores is a property of the machine (glibc, CUDA), not a package.
    for (const { from, platform, name, range } of wanted) {
      if (!name.startsWith("__"))
        builder.edge(from, nodes.get(`${platform}\0${name}`) ?? -1, name, range, nodes.has(`${platform}\0${name}`) ? "prod" : "optional");
    }
    return builder.finish({ graph: "full", formatVersion: yamlText(yamlMember(document, "version")) });
  },
};
