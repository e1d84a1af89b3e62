import type { Format, Origin } from "../../model/index.ts";
import { entryBuilder } from "../reading/builder.ts";
import { linesOf } from "../reading/positions.ts";
import { goPurl, goVersion } from "./module.ts";

interface Section {
  readonly header: string;
  readonly line: number;
  explicit: boolean;
  packages: number;
}

/** What `go mod vendor` copied (https://go.dev/ref/mod#vendoring): a header a module, then the packages of it that lie there. */
export const vendorModules: Format = {
  id: "go/vendor-modules",
  title: "vendor/modules.txt",
  role: "installed",
  matches: (path) => /(?:^|\/)vendor\/modules\.txt$/.test(path),
  read: (file) => {
    const builder = entryBuilder(file, "go/vendor-modules", "Go");
    const sections: Section[] = [];
    for (const [index, raw] of linesOf(file.text).entries()) {
      const line = raw.trim();
      if (line === "") continue;
      const current = sections.at(-1);
      if (line.startsWith("## ")) {
        if (current !== undefined && line.split(";").some((word) => word.replace(/^##/, "").trim() === "explicit")) current.explicit = true;
      } else if (line.startsWith("# ")) sections.push({ header: line.slice(2).trim(), line: index + 1, explicit: false, packages: 0 });
      else if (current !== undefined) current.packages += 1;
      else builder.problem(`${JSON.stringify(line.slice(0, 120))} stands under no module`, { line: index + 1 });
    }
    const listed = new Map<string, number>();
    for (const { header, line, explicit, packages } of sections) {
      const [from = "", to = ""] = header.split(" => ");
      const [path = "", version = ""] = from.split(/\s+/);
      const [newPath = "", newVersion = ""] = to.split(/\s+/);
      const local = /^(?:\.{1,2}(?:\/|$)|\/)/.test(newPath);
      const replaced = newPath !== "" && !local;
      const name = replaced ? newPath : path;
      const release = replaced ? newVersion : version;
      // Where no package of a module lies here, nothing of it is in use: it is named only so that go.mod and this file can be compared.
      if (packages === 0) {
        const known = release !== "" && path !== "";
        builder.problem(known ? `no package of ${name} is vendored` : `${JSON.stringify(header)} is no module`, { line, entry: true });
        continue;
      }
      if (listed.has(`${name}@${release}`)) {
        builder.problem(`${name} ${release} is listed again; its first entry stands for both`, { line, entry: true });
        continue;
      }
      const origin: Origin = local ? { kind: "directory", path: newPath } : { kind: "registry" };
      const node = builder.add({
        name,
        version: goVersion(release),
        purl: goPurl(name, release),
        origin,
        line,
        as: path,
        direct: explicit,
      });
      listed.set(`${name}@${release}`, node);
    }
    return builder.finish({ graph: "flat", knowsDirect: true });
  },
};
