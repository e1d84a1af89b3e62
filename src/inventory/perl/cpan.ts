import type { Format, InputFile, Listing } from "../../model/index.ts";
import { baseName, entryBuilder, formatFault } from "../reading/builder.ts";
import { jsonLineIndex, jsonPlaces, readJson } from "../reading/json.ts";
import { member, textOf, versionText } from "../reading/values.ts";
import { linesOf } from "../reading/positions.ts";
import { readYaml, yamlMember, yamlText } from "../reading/yaml.ts";

function one(file: InputFile, format: string, name: string, version: string, line: number | undefined): Listing {
  // OSV has no ecosystem for CPAN.
  const builder = entryBuilder(file, format, "");
  if (name === "" || version === "")
    builder.problem(`a distribution without ${name === "" ? "a name" : "a version"}`, { line: 1, entry: true });
  else builder.add({ name, version, line, purl: { type: "cpan", name, version } });
  return builder.finish({ graph: "flat", formatVersion: "" });
}

/** A distribution's own metadata (https://metacpan.org/pod/CPAN::Meta::Spec), as it lies in unpacked and installed distributions. */
export const cpanMeta: Format = {
  id: "perl/cpan-meta",
  title: "META.json, META.yml",
  role: "installed",
  matches: (path) => /^META\.(?:json|yml)$/.test(baseName(path)),
  read: (file) => {
    if (/\.ya?ml$/.test(file.path)) {
      const document = readYaml(file);
      if (document.kind !== "map") throw formatFault(file, "expected keys and values", 1);
      return one(
        file,
        "perl/cpan-meta",
        yamlText(yamlMember(document, "name")),
        yamlText(yamlMember(document, "version")),
        yamlMember(document, "name")?.line,
      );
    }
    const document = readJson(file);
    const line = jsonLineIndex(jsonPlaces(file.text, [["name"]]))(["name"]);
    return one(file, "perl/cpan-meta", textOf(member(document, "name")), versionText(member(document, "version")), line);
  },
};

/** Carton's lock file (https://metacpan.org/pod/Carton): distributions with what each provides and requires, by indentation. */
export const cpanfileSnapshot: Format = {
  id: "perl/cpanfile-snapshot",
  title: "cpanfile.snapshot",
  role: "lockfile",
  matches: (path) => baseName(path) === "cpanfile.snapshot",
  read: (file) => {
    const builder = entryBuilder(file, "perl/cpanfile-snapshot", "");
    const providers = new Map<string, number>();
    const wanted: { readonly from: number; readonly name: string; readonly range: string }[] = [];
    let current = -1;
    let section = "";
    for (const [index, raw] of linesOf(file.text).entries()) {
      const text = raw.trim();
      if (text === "" || text.startsWith("#")) continue;
      const indent = raw.search(/\S/);
      if (indent === 2) {
        const match = /^(.+)-v?([0-9][0-9A-Za-z._]*)$/.exec(text);
        section = "";
        if (match?.[1] === undefined || match[2] === undefined) {
          current = -1;
          builder.problem(`${JSON.stringify(text)} is not name-version`, { line: index + 1, entry: true });
        } else
          current = builder.add({
            name: match[1],
            version: match[2],
            line: index + 1,
            purl: { type: "cpan", name: match[1], version: match[2] },
          });
      } else if (indent === 4) section = text.replace(/:.*$/, "");
      else if (indent !== 0 && indent !== 6)
        builder.problem(`${JSON.stringify(text)} stands where nothing is expected`, { line: index + 1, entry: true });
      else if (indent === 6 && current >= 0) {
        const [name = "", range = ""] = text.split(/\s+/);
        if (section === "provides") providers.set(name, current);
        else if (section === "requirements") wanted.push({ from: current, name, range });
      }
    }
    // Perl's own modules are required, but locked nowhere.
    for (const { from, name, range } of wanted) {
      const to = providers.get(name);
      if (to !== from) builder.edge(from, to ?? -1, name, range, to === undefined ? "optional" : "prod");
    }
    return builder.finish({ graph: "full" });
  },
};
