import type { Format } from "../../model/index.ts";
import { baseName, entryBuilder, syntaxFault } from "../reading/builder.ts";
import { hexToSri, sriSet } from "../reading/integrity.ts";
import { readTerm, type Term, termItems, termText } from "./terms.ts";

/**
 * Mix's lock file: a map from names to tuples (https://hexdocs.pm/mix/Mix.Tasks.Deps.Get.html; Hex's `mix_tasks` write them as
 * `{:hex, name, version, inner checksum, managers, dependencies, repository, outer checksum}`). The outer checksum is SHA-256 over the
 * tarball's bytes; the inner one is over parts of it and promises nothing that we could compare with a file.
 */
export const mixLock: Format = {
  id: "hex/mix-lock",
  title: "mix.lock",
  role: "lockfile",
  matches: (path) => baseName(path) === "mix.lock",
  read: (file) => {
    const builder = entryBuilder(file, "hex/mix-lock", "Hex");
    if (file.text.trim() === "") return builder.finish({ graph: "full" });
    const { term, error } = readTerm(file.text);
    if (term?.kind !== "map")
      throw syntaxFault(file, `not a map of Elixir: ${error?.message ?? "it begins otherwise"}`, error ?? { line: 1, column: 1 });
    const nodes = new Map<string, number>();
    const wanted: { readonly from: number; readonly name: string; readonly range: string; readonly optional: boolean }[] = [];
    for (let index = 0; index < term.items.length; index += 2) {
      const key = term.items[index];
      const value = term.items[index + 1];
      const name = termText(key);
      const fields = termItems(value);
      const kind = termText(fields[0]);
      const line = key?.line;
      if (kind === "hex" && termText(fields[2]) !== "") {
        const packageName = termText(fields[1]) || name;
        const repository = termText(fields[6]);
        const node = builder.add({
          name: packageName,
          version: termText(fields[2]),
          line,
          as: name,
          ...(repository === "" || repository === "hexpm" ? {} : { purl: hexPurl(packageName, termText(fields[2]), repository) }),
          integrity: sriSet([hexToSri("sha256", termText(fields[7]))]),
          resolved: repository,
        });
        nodes.set(name, node);
        for (const dependency of termItems(fields[5])) {
          const [app, range, options] = termItems(dependency);
          wanted.push({ from: node, name: termText(app), range: termText(range), optional: flag(options, "optional") });
        }
      } else if (kind === "git" && termText(fields[2]) !== "") {
        nodes.set(
          name,
          builder.add({
            name,
            version: "",
            line,
            origin: { kind: "git", url: termText(fields[1]), commit: termText(fields[2]) },
            resolved: termText(fields[1]),
          }),
        );
      } else {
        builder.problem(`${name === "" ? "an entry" : name} is no lock that can be read`, { line, key: name, entry: true });
      }
    }
    for (const { from, name, range, optional } of wanted) {
      const to = nodes.get(name);
      builder.edge(from, to ?? -1, name, range, to === undefined || optional ? "optional" : "prod");
    }
    return builder.finish({ graph: "full" });
  },
};

/** `repo:organisation` is a private repository of hex.pm; its name is the purl's namespace. */
const hexPurl = (
  name: string,
  version: string,
  repository: string,
): { readonly type: string; readonly namespace: string; readonly name: string; readonly version: string } => ({
  type: "hex",
  namespace: repository.replace(/^hexpm:/, ""),
  name,
  version,
});

function flag(options: Term | undefined, name: string): boolean {
  const items = termItems(options);
  const at = items.findIndex((item) => termText(item) === name);
  return at >= 0 && termText(items[at + 1]) === "true";
}
