import { type Format, type InputFile, type Listing, type ReadContext } from "../../model/index.ts";
import { entryBuilder, syntaxFault } from "../reading/builder.ts";
import { linesOf } from "../reading/positions.ts";
import { systemOf } from "./release.ts";

interface Paragraph {
  readonly fields: ReadonlyMap<string, string>;
  readonly line: number;
}

/** Paragraphs of `Key: value` with continuation lines (https://www.debian.org/doc/debian-policy/ch-controlfields.html#syntax-of-control-files). */
function paragraphs(file: InputFile): readonly Paragraph[] {
  const found: Paragraph[] = [];
  let fields = new Map<string, string>();
  let first = 0;
  let key = "";
  for (const [index, line] of linesOf(file.text).entries()) {
    if (line.trim() === "") {
      if (fields.size > 0) found.push({ fields, line: first });
      fields = new Map();
      key = "";
      continue;
    }
    if (/^\s/.test(line)) {
      if (key === "") throw syntaxFault(file, "a continuation line that continues nothing", { line: index + 1, column: 1 });
      // Descriptions are long and asked for by nobody here.
      if (key !== "description" && key !== "conffiles") fields.set(key, `${fields.get(key) ?? ""}\n${line.trim()}`);
      continue;
    }
    const colon = line.indexOf(":");
    if (colon < 1 || /\s/.test(line.slice(0, colon)))
      throw syntaxFault(file, `${JSON.stringify(line.slice(0, 80))} is no field`, { line: index + 1, column: 1 });
    key = line.slice(0, colon).toLowerCase();
    if (fields.size === 0) first = index + 1;
    if (!fields.has(key)) fields.set(key, line.slice(colon + 1).trim());
  }
  if (fields.size > 0) found.push({ fields, line: first });
  return found;
}

function read(file: InputFile, context: ReadContext, type: "deb" | "opkg"): Listing {
  const system = systemOf(context, type);
  const builder = entryBuilder(file, type === "deb" ? "os/dpkg" : "os/opkg", system.ecosystem);
  // status.d holds a paragraph a file, of packages that are installed, and lists of their files beside (distroless images).
  const single = /(?:^|\/)status\.d\/[^/]+$/.test(file.path);
  if (single && file.path.endsWith(".md5sums")) return builder.finish({ graph: "flat" });
  const all = paragraphs(file);
  if (all.length > 0 && system.id === "") builder.problem("there is no os-release: whose packages these are is not known");
  const automatic = single || type === "opkg" ? null : automaticallyInstalled(context);
  const byName = new Map<string, number>();
  const wanted: { readonly from: number; readonly depends: string }[] = [];
  for (const { fields, line } of all) {
    const name = fields.get("package") ?? "";
    const version = fields.get("version") ?? "";
    const status = fields.get("status") ?? (single ? "install ok installed" : "");
    // Removed packages that left their configuration behind stay in the list.
    if (status !== "" && !/\sinstalled$/.test(status)) continue;
    if (name === "" || version === "" || status === "") {
      builder.problem(`${name === "" ? "a paragraph" : name} has no ${name === "" ? "name" : version === "" ? "version" : "status"}`, {
        line,
        entry: true,
      });
      continue;
    }
    const architecture = fields.get("architecture") ?? "";
    const source = /^(\S+)(?:\s+\((.+)\))?/.exec(fields.get("source") ?? "");
    const upstream = source?.[1] === undefined ? "" : `${source[1]}${source[2] === undefined ? "" : `@${source[2]}`}`;
    const node = builder.add({
      name,
      version,
      line,
      purl: { type, namespace: system.id === "" ? "linux" : system.id, name, version },
      qualifiers: {
        ...(architecture === "" ? {} : { arch: architecture }),
        ...(system.distro === "" ? {} : { distro: system.distro }),
        // Advisories of Debian and Ubuntu name the source package.
        ...(upstream === "" || upstream === name ? {} : { upstream }),
      },
      direct: type === "opkg" ? fields.get("auto-installed") !== "yes" : automatic === null ? null : !automatic.has(name),
    });
    byName.set(name, node);
    for (const provided of (fields.get("provides") ?? "").split(",")) {
      const virtual = provided.trim().split(/[\s(]/)[0] ?? "";
      if (virtual !== "" && !byName.has(virtual)) byName.set(virtual, node);
    }
    for (const key of ["pre-depends", "depends"]) wanted.push({ from: node, depends: fields.get(key) ?? "" });
  }
  for (const { from, depends } of wanted) {
    for (const clause of depends.split(",")) {
      const alternatives = clause.split("|").map((one) => /^\s*([^\s(:]+)(?::\S+)?\s*(?:\(([^)]*)\))?/.exec(one));
      const chosen = alternatives.find((one) => byName.has(one?.[1] ?? "")) ?? alternatives[0];
      if (chosen?.[1] === undefined) continue;
      const to = byName.get(chosen[1]);
      builder.edge(from, to ?? -1, chosen[1], chosen[2] ?? "", to === undefined ? "optional" : "prod");
    }
  }
  return builder.finish({ graph: single ? "flat" : "full" });
}

/** What apt brought in for others (`/var/lib/apt/extended_states`); null where that is not known. */
function automaticallyInstalled(context: ReadContext): ReadonlySet<string> | null {
  const file = context.beside("../apt/extended_states");
  if (file === null) return null;
  try {
    return new Set(paragraphs(file).flatMap(({ fields }) => (fields.get("auto-installed") === "1" ? [fields.get("package") ?? ""] : [])));
  } catch {
    return null;
  }
}

/** dpkg's database (dpkg(1)). */
export const dpkg: Format = {
  id: "os/dpkg",
  title: "dpkg status",
  role: "installed",
  matches: (path) => /(?:^|\/)lib\/dpkg\/(?:status|status\.d\/[^/]+(?<!\.md5sums))$/.test(path),
  read: (file, context) => read(file, context, "deb"),
};

/** opkg's database, of OpenWrt and its kin: the same syntax, another package manager. */
export const opkg: Format = {
  id: "os/opkg",
  title: "opkg status",
  role: "installed",
  matches: (path) => /(?:^|\/)(?:usr|var)\/lib\/opkg\/status$/.test(path),
  read: (file, context) => read(file, context, "opkg"),
};
