import type { Format } from "../../model/index.ts";
import { inputFile } from "../input.ts";
import { entryBuilder, formatFault } from "../reading/builder.ts";
import { gunzip, tarMember } from "../reading/member.ts";
import { readYaml, yamlItems, yamlMember, yamlText } from "../reading/yaml.ts";

/** A gem's metadata lists all its files: the largest has a few megabytes. */
const MAX_METADATA = 16 * 1024 * 1024;

/** A packed gem (https://guides.rubygems.org/specification-reference/): a tar with `metadata.gz`, which is YAML. */
export const gem: Format = {
  id: "ruby/gem",
  title: "*.gem",
  role: "installed",
  matches: (path) => path.endsWith(".gem"),
  read: (file) => {
    const packed = tarMember(file, file.bytes, (path) => path === "metadata.gz", MAX_METADATA);
    if (packed === null) throw formatFault(file, "there is no metadata.gz in it");
    const metadata = readYaml(inputFile(`${file.path}!metadata.gz`, gunzip(file, packed, MAX_METADATA)));
    const builder = entryBuilder(file, "ruby/gem", "RubyGems");
    const name = yamlText(yamlMember(metadata, "name"));
    const version = yamlText(yamlMember(yamlMember(metadata, "version"), "version"));
    const platform = yamlText(yamlMember(metadata, "platform"));
    if (name === "" || version === "")
      builder.problem(`the metadata has no ${name === "" ? "name" : "version"}`, { key: "metadata.gz", entry: true });
    else {
      const licences = yamlItems(yamlMember(metadata, "licenses")).map(yamlText);
      builder.add({
        name,
        version,
        key: "metadata.gz",
        licence: licences.join(" OR "),
        ...(platform === "" || platform === "ruby" ? {} : { qualifiers: { platform } }),
      });
    }
    return builder.finish({ graph: "flat" });
  },
};
