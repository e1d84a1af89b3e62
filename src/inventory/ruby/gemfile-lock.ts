import type { Format, Origin } from "../../model/index.ts";
import { baseName, entryBuilder } from "../reading/builder.ts";
import { prefixedToSri, sriSet } from "../reading/integrity.ts";
import { linesOf } from "../reading/positions.ts";

interface Source {
  readonly kind: string;
  remote: string;
  revision: string;
}

interface Spec {
  readonly name: string;
  readonly version: string;
  readonly platform: string;
  readonly line: number;
  readonly source: Source;
  readonly dependencies: { readonly name: string; readonly range: string }[];
}

/** Bundler knows about twenty platforms. */
const MAX_PLATFORMS = 64;

const sources: ReadonlySet<string> = new Set(["GEM", "GIT", "PATH", "PLUGIN SOURCE"]);

/** Bundler's lock file (https://bundler.io/man/bundle-lock.1.html; bundler's `lockfile_parser.rb`). */
export const gemfileLock: Format = {
  id: "ruby/gemfile-lock",
  title: "Gemfile.lock",
  role: "lockfile",
  matches: (path) => /^(?:Gemfile|gems)\.(?:lock|locked)$/.test(baseName(path)),
  read: (file) => {
    const builder = entryBuilder(file, "ruby/gemfile-lock", "RubyGems");
    const specs: Spec[] = [];
    const asked: { readonly name: string; readonly range: string; readonly line: number }[] = [];
    const checksums = new Map<string, string[]>();
    let section = "";
    let source: Source = { kind: "", remote: "", revision: "" };
    let bundler = "";
    for (const [index, raw] of linesOf(file.text).entries()) {
      const number = index + 1;
      if (raw.trim() === "") continue;
      if (!raw.startsWith(" ")) {
        section = raw.trim();
        if (sources.has(section)) source = { kind: section, remote: "", revision: "" };
        continue;
      }
      const indent = raw.search(/\S/);
      const text = raw.trim();
      if (sources.has(section)) {
        const option = indent === 2 ? /^(remote|revision):\s*(.*)$/.exec(text) : null;
        if (option?.[1] === "remote") source.remote = source.remote === "" ? (option[2] ?? "") : source.remote;
        else if (option?.[1] === "revision") source.revision = option[2] ?? "";
        const entry = indent >= 4 ? /^([^\s()!]+)(?: \(([^()]*)\))?(!)?$/.exec(text) : null;
        if (indent === 4) {
          // `nokogiri (1.13.3-x86_64-linux)`: the first dash begins the platform.
          const release = /^([^-\s]+)(?:-(.+))?$/.exec(entry?.[2] ?? "");
          if (entry?.[1] === undefined || release?.[1] === undefined)
            builder.problem(`${JSON.stringify(text)} is no locked gem`, { line: number, entry: true });
          else specs.push({ name: entry[1], version: release[1], platform: release[2] ?? "", line: number, source, dependencies: [] });
        } else if (indent !== 2 && (indent !== 6 || entry?.[1] === undefined)) {
          builder.problem(`${JSON.stringify(text)} stands where nothing is expected`, { line: number, entry: true });
        } else if (indent === 6 && entry?.[1] !== undefined) specs.at(-1)?.dependencies.push({ name: entry[1], range: entry[2] ?? "" });
      } else if (section === "DEPENDENCIES") {
        const entry = /^([^\s()!]+)(?: \(([^()]*)\))?!?$/.exec(text);
        if (entry?.[1] !== undefined) asked.push({ name: entry[1], range: entry[2] ?? "", line: number });
      } else if (section === "CHECKSUMS") {
        const entry = /^(\S+) \(([^()]*)\)\s*(.*)$/.exec(text);
        if (entry?.[1] !== undefined)
          checksums.set(
            `${entry[1]} ${entry[2] ?? ""}`,
            (entry[3] ?? "").split(",").map((one) => one.trim()),
          );
      } else if (section === "BUNDLED WITH") bundler = text;
    }

    const byName = new Map<string, number[]>();
    const nodes = specs.map((spec) => {
      const origin = originOf(spec.source);
      const node = builder.add({
        name: spec.name,
        version: spec.version,
        line: spec.line,
        origin,
        resolved: spec.source.remote,
        ...(spec.platform === "" ? {} : { qualifiers: { platform: spec.platform } }),
        integrity: sriSet(
          (checksums.get(`${spec.name} ${spec.version}${spec.platform === "" ? "" : `-${spec.platform}`}`) ?? []).map(prefixedToSri),
        ),
      });
      const same = byName.get(spec.name);
      if (same === undefined) byName.set(spec.name, [node]);
      else same.push(node);
      return node;
    });
    // A gem is locked once for each platform.
    const connect = (from: number, name: string, range: string): void => {
      const targets = (byName.get(name) ?? []).slice(0, MAX_PLATFORMS);
      if (targets.length === 0) builder.edge(from, -1, name, range, "optional");
      for (const to of targets) builder.edge(from, to, name, range);
    };
    for (const [index, spec] of specs.entries()) {
      for (const { name, range } of spec.dependencies) connect(nodes[index] ?? -1, name, range);
    }
    if (asked.length > 0) {
      const root = builder.root({ name: "", line: asked[0]?.line });
      for (const { name, range } of asked) connect(root, name, range);
    }
    return builder.finish({ graph: "full", formatVersion: bundler, knowsDirect: asked.length > 0 });
  },
};

function originOf(source: Source): Origin {
  if (source.kind === "GIT") return { kind: "git", url: source.remote, commit: source.revision };
  if (source.kind === "PATH") return { kind: "directory", path: source.remote };
  return source.kind === "GEM" ? { kind: "registry" } : { kind: "unknown" };
}
