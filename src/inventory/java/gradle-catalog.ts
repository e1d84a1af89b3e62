import type { Format } from "../../model/index.ts";
import { entryBuilder } from "../reading/builder.ts";
import { readToml, tomlLines } from "../reading/toml.ts";
import { member, tableOf, textOf } from "../reading/values.ts";

/** Gradle's version catalogue (https://docs.gradle.org/current/userguide/version_catalogs.html). */
export const gradleCatalog: Format = {
  id: "java/gradle-catalog",
  title: "libs.versions.toml",
  role: "manifest",
  matches: (path) => path.endsWith(".versions.toml"),
  read: (file) => {
    const document = readToml(file);
    const lines = tomlLines(file.text);
    const builder = entryBuilder(file, "java/gradle-catalog", "Maven");
    const versions = tableOf(member(document, "versions"));
    const root = builder.root({ name: "" });
    for (const section of ["libraries", "plugins"] as const) {
      for (const [alias, value] of Object.entries(tableOf(member(document, section)))) {
        const line = lines.inTable(section, alias);
        const [group, artifact, range] = coordinates(section, value, versions);
        if (group === "" || artifact === "") {
          builder.problem(`${alias} names no module`, { line, key: alias, entry: true });
          continue;
        }
        // A plain version is a lower bound for Gradle, but what a catalogue means is the release that it names.
        const version = /^[^[\]()+,]+$/.test(range) ? range : "";
        const node = builder.add({
          name: `${group}:${artifact}`,
          version,
          line,
          key: alias,
          direct: true,
          scope: section === "plugins" ? "dev" : "prod",
        });
        builder.edge(root, node, `${group}:${artifact}`, range, section === "plugins" ? "dev" : "prod");
      }
    }
    return builder.finish({ graph: "flat", knowsDirect: true });
  },
};

function coordinates(section: "libraries" | "plugins", value: unknown, versions: unknown): readonly [string, string, string] {
  const text = typeof value === "string" ? value.split(":") : null;
  const id = section === "plugins" ? (text?.[0] ?? textOf(member(value, "id"))) : "";
  // A plugin's id is resolved through its marker artefact.
  if (section === "plugins")
    return [id, id === "" ? "" : `${id}.gradle.plugin`, text?.[1] ?? versionOf(member(value, "version"), versions)];
  if (text !== null) return [text[0] ?? "", text[1] ?? "", text[2] ?? ""];
  const [group = "", artifact = ""] = textOf(member(value, "module")).split(":");
  return [
    group || textOf(member(value, "group")),
    artifact || textOf(member(value, "name")),
    versionOf(member(value, "version"), versions),
  ];
}

/** A version is text, `{ ref = "alias" }`, or rich (`strictly`, `require`, `prefer`). */
function versionOf(value: unknown, versions: unknown): string {
  if (typeof value === "string") return value;
  const reference = textOf(member(value, "ref"));
  if (reference !== "") return versionOf(member(versions, reference), {});
  return textOf(member(value, "strictly")) || textOf(member(value, "require")) || textOf(member(value, "prefer"));
}
