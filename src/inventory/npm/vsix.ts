/** A packed extension of an editor (.vsix): a zip with the packages it brings in `node_modules` folders, each with its package.json. */
import { Fault, type Format, type InputFile, type Listing } from "../../model/index.ts";
import { listingBuilder } from "../listing.ts";
import { type ZipMember, readZip } from "../zip.ts";
import { isObject, textMember } from "./manifest.ts";
import { decodeText } from "../input.ts";

export const vsix: Format = {
  id: "npm/vsix",
  title: "packed editor extension (.vsix)",
  role: "installed",
  matches: (path) => path.endsWith(".vsix"),
  read,
};

/** Largest package.json that is read, in bytes; the largest on the registry are below 1 MiB. */
const MAX_MANIFEST = 4 * 1024 * 1024;

function read(file: InputFile): Listing {
  const build = listingBuilder();
  const place = { file: file.path };
  let members: readonly ZipMember[] = [];
  try {
    members = readZip(file.bytes);
  } catch (cause) {
    // An extension folder is full of files; one that is broken is said, and the rest goes on.
    build.remark(place, `the archive cannot be read: ${cause instanceof Error ? cause.message : "?"}`);
  }
  for (const entry of members) {
    if (!isInstalledManifest(entry.name)) continue;
    const at = { file: file.path, key: entry.name };
    try {
      const value: unknown = JSON.parse(decodeText(entry.read(MAX_MANIFEST)));
      const name = isObject(value) ? textMember(value, "name") : "";
      const version = isObject(value) ? textMember(value, "version") : "";
      if (name.trim() === "" || version.trim() === "") {
        build.lost(at, `${entry.name} has no name or no version`);
        continue;
      }
      build.node({
        component: build.component({ ecosystem: "npm", name, version, origin: { kind: "registry" } }),
        name,
        place: at,
        path: folderOf(entry.name),
      });
    } catch (cause) {
      build.lost(at, `${entry.name} cannot be read: ${cause instanceof Fault || cause instanceof Error ? cause.message : "?"}`);
    }
  }
  return build.finish({ format: vsix.id, formatVersion: "", ecosystem: "npm", graph: "flat", knowsDirect: false });
}

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf("/"));

/** `…/node_modules/name/package.json` or `…/node_modules/@scope/name/package.json`: the manifest of an installed package, no file in it. */
function isInstalledManifest(path: string): boolean {
  return /(?:^|\/)node_modules\/(?:@[^/]+\/)?[^/@][^/]*\/package\.json$/.test(path);
}
