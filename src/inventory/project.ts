/** Puts what several files gave together: one project, in which every component stands once. */
import { type Component, type Edge, type Listing, type Node, type Project, type ProjectFile, byCodeUnit } from "../model/index.ts";

/** One file that was read: what it is, and what it gave. */
export interface ReadFile {
  readonly file: ProjectFile;
  readonly listing: Listing;
}

/**
 * Merges listings into a project. Files keep their order, nodes the order of their file; components are unique by purl and sorted by it,
 * so the same files give the same project.
 * @param about name and version of the project; by default those of the first file that has them
 */
export function mergeListings(read: readonly ReadFile[], about: { readonly name?: string; readonly version?: string } = {}): Project {
  const unique = new Map<string, Component>();
  for (const { listing } of read) {
    for (const component of listing.components) {
      const known = unique.get(component.purl);
      if (known === undefined || (known.licence === undefined && component.licence !== undefined)) unique.set(component.purl, component);
    }
  }
  const components = [...unique.values()].toSorted((a, b) => byCodeUnit(a.purl, b.purl));
  const indexOf = new Map(components.map((component, index) => [component.purl, index]));

  const nodes: Node[] = [];
  const roots: number[] = [];
  for (const [file, { listing }] of read.entries()) {
    const base = nodes.length;
    const renumbered = listing.components.map((component) => indexOf.get(component.purl) ?? -1);
    for (const node of listing.nodes) {
      nodes.push({
        ...node,
        component: node.component < 0 ? -1 : (renumbered[node.component] ?? -1),
        file,
        edges: base === 0 ? node.edges : node.edges.map((edge) => rebased(edge, base)),
      });
    }
    for (const root of listing.roots) roots.push(base + root);
  }
  const named = read.find(({ listing }) => listing.name !== "")?.listing;
  return {
    name: about.name ?? named?.name ?? "",
    version: about.version ?? (about.name === undefined ? (named?.version ?? "") : ""),
    files: read.map(({ file }) => file),
    components,
    nodes,
    roots,
  };
}

const rebased = (edge: Edge, base: number): Edge => (edge.to < 0 ? edge : { ...edge, to: edge.to + base });
