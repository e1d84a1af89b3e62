import type { Format } from "../../model/index.ts";
import { baseName, entryBuilder } from "../reading/builder.ts";
import { linesOf, positionsOf } from "../reading/positions.ts";

/** What a switch holds: opam's list of installed packages, `name.version` a line (`opam list --installed --short --columns=package`). */
export const opamInstalled: Format = {
  id: "ocaml/opam-installed",
  title: ".opam-switch/install",
  role: "installed",
  matches: (path) => /(?:^|\/)\.opam-switch\/install(?:ed)?$/.test(path),
  read: (file) => {
    const builder = entryBuilder(file, "ocaml/opam-installed", "opam");
    for (const [index, raw] of linesOf(file.text).entries()) {
      const [entry = ""] = raw.trim().split(/\s+/);
      if (entry === "" || entry.startsWith("#")) continue;
      const at = entry.indexOf(".");
      if (at < 1 || at === entry.length - 1)
        builder.problem(`${JSON.stringify(entry.slice(0, 120))} is not name.version`, { line: index + 1, entry: true });
      else builder.add({ name: entry.slice(0, at), version: entry.slice(at + 1), line: index + 1 });
    }
    return builder.finish({ graph: "flat" });
  },
};

/**
 * `opam lock` writes exact versions into `depends` (https://opam.ocaml.org/doc/man/opam-lock.html); a `switch-state` lists what is
 * installed (https://opam.ocaml.org/doc/Manual.html#switch-state). Both are written in opam's own syntax.
 */
export const opamLocked: Format = {
  id: "ocaml/opam-locked",
  title: "*.opam.locked",
  role: "lockfile",
  matches: (path) => path.endsWith(".opam.locked") || /(?:^|\/)\.opam-switch\/switch-state$/.test(path) || baseName(path) === "opam.locked",
  read: (file) => {
    const builder = entryBuilder(file, "ocaml/opam-locked", "opam");
    // Comments are blanked, not cut out, so that offsets stay.
    const text = file.text.replaceAll(/#[^\n]*/g, (comment) => " ".repeat(comment.length));
    const positions = positionsOf(text);
    const field = /^(depends|installed)\s*:\s*\[/gm;
    if (text.trim() !== "" && text.search(/^(?:depends|installed)\s*:/m) < 0)
      builder.problem("there is no depends, or installed, in it", { line: 1 });
    for (const begin of text.matchAll(field)) {
      const from = begin.index + begin[0].length;
      const end = text.indexOf("\n]", from);
      const body = text.slice(from, end < 0 ? (text.indexOf("]", from) < 0 ? text.length : text.indexOf("]", from)) : end);
      for (const item of body.matchAll(/"([^"\n]+)"\s*(?:\{([^{}]*)\})?/g)) {
        const line = positions.at(from + item.index).line;
        const [, entry = "", filter] = item;
        if (begin[1] === "installed") {
          const at = entry.indexOf(".");
          if (at < 1) builder.problem(`${JSON.stringify(entry)} is not name.version`, { line, entry: true });
          else builder.add({ name: entry.slice(0, at), version: entry.slice(at + 1), line });
          continue;
        }
        const version = /(?:^|[&\s])=\s*"([^"]+)"/.exec(filter ?? "")?.[1] ?? "";
        if (version === "") builder.problem(`${entry} is locked to no version`, { line, entry: true });
        else
          builder.add({
            name: entry,
            version,
            line,
            ...(/with-(?:test|doc|dev-setup)/.test(filter ?? "") ? { scope: "dev", groups: ["dev"] } : {}),
          });
      }
    }
    return builder.finish({ graph: "flat" });
  },
};
