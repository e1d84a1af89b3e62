import type { Format } from "../../model/index.ts";
import { entryBuilder } from "../reading/builder.ts";
import { linesOf } from "../reading/positions.ts";
import { systemOf } from "./release.ts";

/** pacman's database: a `desc` a package, `%KEY%` and lines below it (https://man.archlinux.org/man/core/pacman/alpm_list.3, libalpm's `be_local.c`). */
export const pacman: Format = {
  id: "os/pacman",
  title: "pacman desc",
  role: "installed",
  matches: (path) => /(?:^|\/)lib\/pacman\/local\/[^/]+\/desc$/.test(path),
  read: (file, context) => {
    const system = systemOf(context, "alpm");
    const builder = entryBuilder(file, "os/pacman", system.ecosystem);
    const values = new Map<string, string[]>();
    let key = "";
    let line = 1;
    for (const [index, raw] of linesOf(file.text).entries()) {
      const header = /^%([A-Z0-9]+)%$/.exec(raw)?.[1];
      if (header !== undefined) {
        key = header;
        if (key === "NAME") line = index + 2;
      } else if (raw !== "" && key !== "") values.set(key, [...(values.get(key) ?? []), raw]);
    }
    const name = values.get("NAME")?.[0] ?? "";
    const version = values.get("VERSION")?.[0] ?? "";
    const architecture = values.get("ARCH")?.[0] ?? "";
    if (name === "" || version === "")
      builder.problem(`a package without ${name === "" ? "a name" : "a version"}`, { line: 1, entry: true });
    else {
      builder.add({
        name,
        version,
        line,
        purl: { type: "alpm", namespace: system.id === "" ? "arch" : system.id, name, version },
        qualifiers: { ...(architecture === "" ? {} : { arch: architecture }), ...(system.distro === "" ? {} : { distro: system.distro }) },
        licence: (values.get("LICENSE") ?? []).join(" AND "),
        // Reason 1: installed because another package needs it.
        direct: values.get("REASON")?.[0] !== "1",
      });
    }
    return builder.finish({ graph: "flat" });
  },
};
