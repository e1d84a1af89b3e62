import type { Format } from "../../model/index.ts";
import { type EntryBuilder, entryBuilder, syntaxFault } from "../reading/builder.ts";
import { linesOf } from "../reading/positions.ts";
import { systemOf } from "./release.ts";

/**
 * apk's database (https://wiki.alpinelinux.org/wiki/Apk_spec#Installed_Database_V2): `P:name`, `V:version` and so on, a blank line
 * between packages. Its checksum is of the package's control segment, not of a file.
 */
export const apk: Format = {
  id: "os/apk",
  title: "apk installed",
  role: "installed",
  matches: (path) => /(?:^|\/)lib\/apk\/db\/installed$/.test(path),
  read: (file, context) => {
    const system = systemOf(context, "apk");
    const builder = entryBuilder(file, "os/apk", system.ecosystem);
    const world = context.beside("../../../etc/apk/world") ?? context.beside("../../../../etc/apk/world");
    const asked = world === null ? null : new Set(world.text.split(/\s+/).map((one) => one.replace(/[=<>~@].*$/, "")));
    const providers = new Map<string, number>();
    const wanted: { readonly from: number; readonly depends: string }[] = [];
    let fields = new Map<string, string>();
    let first = 1;
    const flush = (): void => {
      if (fields.size === 0) return;
      const name = fields.get("P") ?? "";
      const version = fields.get("V") ?? "";
      if (name === "" || version === "")
        builder.problem(`${name === "" ? "a package" : name} has no ${name === "" ? "name" : "version"}`, { line: first, entry: true });
      else {
        const node = add(builder, system, fields, first, asked === null ? null : asked.has(name));
        providers.set(name, node);
        for (const provided of (fields.get("p") ?? "").split(" ")) {
          const virtual = provided.replace(/[=<>~].*$/, "");
          if (virtual !== "" && !providers.has(virtual)) providers.set(virtual, node);
        }
        wanted.push({ from: node, depends: fields.get("D") ?? "" });
      }
      fields = new Map();
    };
    let any = false;
    for (const [index, line] of linesOf(file.text).entries()) {
      if (line === "") flush();
      else if (/^[A-Za-z]:/.test(line)) {
        if (fields.size === 0) first = index + 1;
        const key = line.slice(0, 1);
        if (!fields.has(key)) fields.set(key, line.slice(2).trim());
        any = true;
      } else throw syntaxFault(file, `${JSON.stringify(line.slice(0, 80))} is no field`, { line: index + 1, column: 1 });
    }
    flush();
    if (any && system.id === "") builder.problem("there is no os-release: whose packages these are is not known");
    for (const { from, depends } of wanted) {
      for (const item of depends.split(" ")) {
        // "!" forbids a package.
        if (item === "" || item.startsWith("!")) continue;
        const [, name = "", range = ""] = /^([^=<>~]+)(.*)$/.exec(item) ?? [];
        const to = providers.get(name);
        if (to !== from) builder.edge(from, to ?? -1, name, range, to === undefined ? "optional" : "prod");
      }
    }
    return builder.finish({ graph: "full" });
  },
};

function add(
  builder: EntryBuilder,
  system: { readonly id: string; readonly distro: string },
  fields: ReadonlyMap<string, string>,
  line: number,
  direct: boolean | null,
): number {
  const name = fields.get("P") ?? "";
  const version = fields.get("V") ?? "";
  const architecture = fields.get("A") ?? "";
  const origin = fields.get("o") ?? "";
  return builder.add({
    name,
    version,
    line,
    purl: { type: "apk", namespace: system.id === "" ? "alpine" : system.id, name, version },
    qualifiers: {
      ...(architecture === "" ? {} : { arch: architecture }),
      ...(system.distro === "" ? {} : { distro: system.distro }),
      // Alpine's advisories name the package that it was built from.
      ...(origin === "" || origin === name ? {} : { upstream: origin }),
    },
    licence: fields.get("L") ?? "",
    direct,
  });
}
