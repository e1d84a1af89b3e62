/** For tests: a listing from texts, and the same facts of it in a form that is easy to compare. */
import type { Format, Listing, ReadContext } from "../../model/index.ts";
import { inputFile } from "../input.ts";

/** Reads the first file; the others lie beside it. */
export function readSample(format: Format, path: string, files: Readonly<Record<string, string>>): Listing {
  const context: ReadContext = {
    beside: (name) => (files[name] === undefined ? null : inputFile(name, Buffer.from(files[name]))),
    folders: (folder) => {
      const below = folder === "" ? "" : `${folder}/`;
      const inside = Object.keys(files).filter((file) => file.startsWith(below) && file.slice(below.length).includes("/"));
      return [...new Set(inside.map((file) => file.slice(below.length).split("/")[0] ?? ""))].toSorted();
    },
  };
  return format.read(inputFile(path, Buffer.from(files[path] ?? "")), context);
}

/** `asker -> name@version kind`, sorted; `?` for what is not there. Roots are `.` or their path. */
export function edgesOf(listing: Listing): readonly string[] {
  const label = (index: number): string => {
    const node = listing.nodes[index];
    if (node === undefined) return "?";
    if (node.kind === "root") return `.${node.path}`;
    return `${listing.components[node.component]?.name}@${node.version}`;
  };
  return listing.nodes
    .flatMap((node, index) =>
      node.edges.map((edge) => `${label(index)} -> ${edge.to < 0 ? `${edge.name} ?` : label(edge.to)} ${edge.kind}`),
    )
    .toSorted();
}

/** `name@version:line scope[ direct]` of every node that is no root, in the order of the file. */
export function nodesOf(listing: Listing): readonly string[] {
  return listing.nodes
    .filter((node) => node.kind === "component")
    .map(
      (node) =>
        `${listing.components[node.component]?.name}@${node.version}:${node.place.line} ${node.scope}${node.direct === true ? " direct" : ""}`,
    );
}

/** What must hold of every listing: nothing that the file lists is unaccounted for. */
export function accountsForAll(listing: Listing): boolean {
  const nodes = listing.nodes.filter((node) => node.kind === "component").length;
  return nodes + listing.problems.reduce((sum, problem) => sum + (problem.entry ? (problem.count ?? 1) : 0), 0) === listing.listed;
}
