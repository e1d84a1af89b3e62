import type { Format, Origin } from "../../model/index.ts";
import { baseName, entryBuilder } from "../reading/builder.ts";
import { linesOf } from "../reading/positions.ts";

/** A hash, whole or cut short; a version that is all digits is no hash. */
const COMMIT = /^(?=.*[a-f])[0-9a-f]{7,64}$/;

const githubPurl = (
  repository: string,
  version: string,
): { readonly type: string; readonly namespace: string; readonly name: string; readonly version: string } => {
  const [namespace = "", name = ""] = repository.split("/");
  return { type: "github", namespace, name, version };
};

/** What Paket is asked for (https://fsprojects.github.io/Paket/dependencies-file.html). */
export const paketDependencies: Format = {
  id: "dotnet/paket-dependencies",
  title: "paket.dependencies",
  role: "manifest",
  matches: (path) => baseName(path) === "paket.dependencies",
  read: (file) => {
    const builder = entryBuilder(file, "dotnet/paket-dependencies", "NuGet");
    const root = builder.root({ name: "" });
    let group = "";
    let understood = false;
    let wrong = 0;
    for (const [index, raw] of linesOf(file.text).entries()) {
      const line = index + 1;
      // A comment begins with `#` or `//`; the `//` of an address has a colon before it.
      const text = raw
        .replace(/(?:^|\s)#.*$/, "")
        .replace(/(?<!:)\/\/.*$/, "")
        .trim();
      if (text === "") continue;
      const [verb = "", subject = "", ...rest] = text.split(/\s+/);
      const groups = group === "" ? {} : { groups: [group] };
      if (verb === "group") group = subject;
      else if ((verb === "nuget" || verb === "clitool" || verb === "dotnet") && subject !== "") {
        // Options are written `key: value`, after the versions.
        const range = rest
          .join(" ")
          .replace(/\s*[a-z_]+:\s.*$/i, "")
          .trim();
        const version = /^(?:={1,2}\s*)?(\d[^\s,]*)$/.exec(range)?.[1] ?? "";
        const node = builder.add({ name: subject, version, line, direct: true, ...groups });
        builder.edge(root, node, subject, range);
      } else if (verb === "github" && subject.includes("/")) {
        const [repository = "", reference = ""] = subject.split(":");
        const commit = COMMIT.test(reference) ? reference : "";
        const version = commit === "" ? reference : "";
        const origin: Origin = { kind: "git", url: `https://github.com/${repository}`, commit };
        const node = builder.add({
          name: repository,
          version,
          ecosystem: "",
          purl: githubPurl(repository, reference),
          origin,
          line,
          direct: true,
          ...groups,
        });
        builder.edge(root, node, repository, reference);
      } else if (["git", "gist", "http"].includes(verb)) {
        builder.problem(`${verb} ${subject} is no package`, { line, entry: true });
      } else if (
        ![
          "source",
          "storage",
          "framework",
          "frameworks",
          "content",
          "references",
          "redirects",
          "version",
          "strategy",
          "lowest_matching",
          "cache",
          "copy_local",
          "import_targets",
          "generate_load_scripts",
          "license_download",
        ].includes(verb.replace(/:$/, ""))
      ) {
        wrong += 1;
        builder.problem(`${JSON.stringify(text.slice(0, 120))} is not understood`, { line });
        continue;
      }
      understood = true;
    }
    if (!understood && wrong > 0) builder.problem("nothing in this file was understood", { line: 1 });
    return builder.finish({ graph: "flat", knowsDirect: true });
  },
};

/** Paket's lock file (https://fsprojects.github.io/Paket/lock-file.html): groups, sources, packages and below each what it asks for. */
export const paketLock: Format = {
  id: "dotnet/paket-lock",
  title: "paket.lock",
  role: "lockfile",
  matches: (path) => baseName(path) === "paket.lock",
  read: (file) => {
    const builder = entryBuilder(file, "dotnet/paket-lock", "NuGet");
    const nodes = new Map<string, number>();
    const wanted: { readonly from: number; readonly group: string; readonly name: string; readonly range: string }[] = [];
    let section = "";
    let group = "";
    let remote = "";
    let current = -1;
    for (const [index, raw] of linesOf(file.text).entries()) {
      const line = index + 1;
      const text = raw.trim();
      if (text === "") continue;
      const indent = raw.search(/\S/);
      if (indent === 0) {
        const named = /^GROUP\s+(.+)$/.exec(text);
        if (named?.[1] !== undefined) group = named[1];
        else if (/^[A-Z][A-Z-]*$/.test(text)) section = text;
        else if (!/^[A-Z][A-Z-]*:/.test(text)) builder.problem(`${JSON.stringify(text.slice(0, 120))} is not understood`, { line });
        continue;
      }
      if (text.startsWith("remote:")) {
        remote = text.slice(7).trim();
        continue;
      }
      if (indent < 4) {
        // Settings of a source stand beside its address (`specs:`, `protocol: …`).
        if (!/^[a-z_-]+:/i.test(text))
          builder.problem(`${JSON.stringify(text.slice(0, 120))} stands where nothing is expected`, { line, entry: true });
        continue;
      }
      const entry = /^(\S+)\s*(?:\(([^)]*)\))?/.exec(text);
      if (entry?.[1] === undefined) continue;
      if (indent >= 6) {
        if (current >= 0) wanted.push({ from: current, group, name: entry[1], range: entry[2] ?? "" });
        continue;
      }
      const release = entry[2] ?? "";
      if (section !== "NUGET" && section !== "GITHUB") {
        builder.problem(`${section} entries are no packages: ${entry[1]}`, { line, entry: true });
        continue;
      }
      if (release === "" || (section === "GITHUB" && !/^[^/\s]+\/[^/\s]+$/.test(remote))) {
        builder.problem(`${entry[1]} is locked to no ${release === "" ? "version" : "repository"}`, { line, entry: true });
        continue;
      }
      const common = { line, path: group, resolved: remote, ...(group === "" ? {} : { groups: [group] }) };
      if (section === "GITHUB") {
        const commit = COMMIT.test(release) ? release : "";
        current = builder.add({
          ...common,
          name: remote,
          version: commit === "" ? release : "",
          ecosystem: "",
          purl: githubPurl(remote, release),
          origin: { kind: "git", url: `https://github.com/${remote}`, commit },
        });
      } else {
        current = builder.add({ ...common, name: entry[1], version: release });
        nodes.set(`${group}\0${entry[1].toLowerCase()}`, current);
      }
    }
    for (const { from, group: of, name, range } of wanted) {
      const to = nodes.get(`${of}\0${name.toLowerCase()}`);
      builder.edge(from, to ?? -1, name, range, to === undefined ? "optional" : "prod");
    }
    return builder.finish({ graph: "full" });
  },
};
