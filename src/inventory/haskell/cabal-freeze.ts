import type { Format } from "../../model/index.ts";
import { baseName, entryBuilder } from "../reading/builder.ts";
import { linesOf } from "../reading/positions.ts";

/** Cabal's freeze file (https://cabal.readthedocs.io/en/stable/cabal-commands.html#cabal-freeze): one constraint a package. */
export const cabalFreeze: Format = {
  id: "haskell/cabal-freeze",
  title: "cabal.project.freeze",
  role: "lockfile",
  matches: (path) => path.endsWith(".freeze") && baseName(path).includes("cabal"),
  read: (file) => {
    const builder = entryBuilder(file, "haskell/cabal-freeze", "Hackage");
    let inside = false;
    for (const [index, raw] of linesOf(file.text).entries()) {
      const text = raw.replace(/--.*$/, "").trim();
      if (text === "") continue;
      const field = /^([a-z][a-z-]*):\s*(.*)$/i.exec(text);
      if (field !== null && !text.startsWith("any.")) inside = field[1]?.toLowerCase() === "constraints";
      if (!inside) {
        const astray = text.match(/(?:^|[\s,])any\./g)?.length ?? 0;
        if (astray > 0) builder.problem("constraints outside the field for them", { line: index + 1, entry: true, count: astray });
        continue;
      }
      for (const part of (field?.[2] ?? text).split(",")) {
        const constraint = part.trim();
        if (constraint === "") continue;
        const pinned = /^any\.([A-Za-z0-9-]+)\s*==\s*([0-9.]+)$/.exec(constraint);
        if (pinned?.[1] !== undefined && pinned[2] !== undefined) builder.add({ name: pinned[1], version: pinned[2], line: index + 1 });
        // `name +flag -flag`: how a package is built, not which one.
        else if (!/^[A-Za-z0-9.-]+(?:\s+[+-][A-Za-z0-9_-]+)+$/.test(constraint))
          builder.problem(`${JSON.stringify(constraint.slice(0, 120))} pins no package`, { line: index + 1, entry: true });
      }
    }
    return builder.finish({ graph: "flat" });
  },
};
