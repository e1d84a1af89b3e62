/**
 * package.json where there is no lockfile: what the project asks for. It pins nothing, so a dependency has a version only where one
 * exact version is asked for.
 * https://docs.npmjs.com/cli/v11/configuring-npm/package-json
 */
import { Fault, type Ecosystem, type Format, type InputFile, type Listing, type Place } from "../../model/index.ts";
import { listingBuilder } from "../listing.ts";
import { type Manifest, isObject, member, parseManifest } from "./manifest.ts";
import { aliasOf, originOf } from "./spec.ts";

export const packageJson: Format = {
  id: "npm/package-json",
  title: "package.json",
  role: "manifest",
  matches: (path) => path === "package.json" || path.endsWith("/package.json"),
  read,
};

const EXACT = /^=?v?(\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?)$/;
const SECTION = { prod: "dependencies", dev: "devDependencies", optional: "optionalDependencies", peer: "peerDependencies" } as const;

function read(file: InputFile): Listing {
  const { manifest, lines } = parseManifest(file);
  const build = listingBuilder();
  const root = build.root({
    name: manifest.name,
    version: manifest.version,
    place: { file: file.path, line: lines.line("", "name") ?? 1 },
  });
  const ecosystem = ecosystemOf(manifest);
  // What an engine's manifest asks for is no package of npm, though it looks the same.
  for (const ask of ecosystem === "" ? [] : manifest.asks) {
    const section = SECTION[ask.kind];
    const place: Place = {
      file: file.path,
      line: lines.line(section, ask.name) ?? lines.line("", section) ?? 1,
      key: `${section}/${ask.name}`,
    };
    const alias = aliasOf(ask.range);
    const range = alias?.range ?? ask.range;
    try {
      const component = build.component({
        ecosystem: "npm",
        name: alias?.name ?? ask.name,
        version: EXACT.exec(range)?.[1] ?? "",
        origin: originOf(ask.range) ?? { kind: "registry" },
      });
      const node = build.node({ component, name: ask.name, place, groups: ask.kind === "prod" ? [] : [ask.kind] });
      build.edge(root, { to: node, name: ask.name, range: ask.range, kind: ask.kind, ...(ask.optionalPeer ? { optionalPeer: true } : {}) });
    } catch (cause) {
      if (!(cause instanceof Fault)) throw cause;
      build.lost(place, `${ask.name} is a name that no package can have: ${cause.message}`);
    }
  }
  return build.finish({
    format: packageJson.id,
    formatVersion: "",
    ecosystem,
    name: manifest.name,
    version: manifest.version,
    graph: "partial",
  });
}

/** What kind of package the manifest itself is: an editor's extension and an engine's package use the same file for their own stores. */
function ecosystemOf(manifest: Manifest): Ecosystem {
  const engines = member(manifest.raw, "engines");
  if (typeof member(manifest.raw, "unity") === "string") return "";
  if (isObject(member(manifest.raw, "contributes")) || (isObject(engines) && member(engines, "vscode") !== undefined)) return "VSCode";
  return "npm";
}
