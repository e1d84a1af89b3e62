import type { Format } from "../../model/index.ts";
import { baseName, entryBuilder, formatFault } from "../reading/builder.ts";
import { readYaml, yamlItems, yamlMember, yamlText } from "../reading/yaml.ts";

/**
 * Stack's lock file (https://docs.haskellstack.org/en/stable/topics/lock_files/): only what is not in the snapshot. The hash after `@`
 * is of the package's Cabal file, not of its archive, so it is kept as no integrity.
 */
export const stackLock: Format = {
  id: "haskell/stack-lock",
  title: "stack.yaml.lock",
  role: "lockfile",
  matches: (path) => /^stack[^/]*\.ya?ml\.lock$/.test(baseName(path)),
  read: (file) => {
    const document = readYaml(file);
    if (document.kind !== "map") throw formatFault(file, "expected keys and values", 1);
    const builder = entryBuilder(file, "haskell/stack-lock", "Hackage");
    for (const item of yamlItems(yamlMember(document, "packages"))) {
      const completed = yamlMember(item, "completed");
      const hackage = yamlMember(completed, "hackage");
      const match = /^(.+)-([0-9]+(?:\.[0-9]+)*)(?:@.*)?$/.exec(yamlText(hackage));
      const git = yamlText(yamlMember(completed, "git"));
      const url = yamlText(yamlMember(completed, "url"));
      const name = yamlText(yamlMember(completed, "name"));
      const version = yamlText(yamlMember(completed, "version"));
      if (match?.[1] !== undefined && match[2] !== undefined) builder.add({ name: match[1], version: match[2], line: hackage?.line });
      else if (name !== "" && git !== "")
        builder.add({
          name,
          version,
          line: item.line,
          origin: { kind: "git", url: git, commit: yamlText(yamlMember(completed, "commit")) },
        });
      else if (name !== "" && url !== "") builder.add({ name, version, line: item.line, origin: { kind: "url", url }, resolved: url });
      else builder.problem("an entry that names no package", { line: item.line, entry: true });
    }
    const snapshots = yamlItems(yamlMember(document, "snapshots")).length;
    if (snapshots > 0)
      builder.problem("what the snapshot itself holds is not listed here", { line: yamlMember(document, "snapshots")?.line });
    return builder.finish({ graph: "flat" });
  },
};
