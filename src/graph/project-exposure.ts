/** Projects as an exposure graph: releases are nodes, and so is each project that stands on them. */
import type { GraphDescription } from "../model/exposure.ts";
import type { Project } from "../model/project.ts";
import { type ExposureGraph } from "./exposure-graph.ts";
import { exposureOfEdges } from "./edge-list.ts";

export interface ProjectOfGraph {
  readonly project: Pick<Project, "nodes" | "roots" | "components" | "name">;
  /** What it is called among others: a folder. */
  readonly label: string;
}

/**
 * One project, or a portfolio of several: a release that several use is one node. Where a file names no root of its own, the project itself
 * stands for it and asks for whatever nobody else asks for.
 */
export function exposureOfProjects(
  projects: readonly ProjectOfGraph[],
  about: Pick<GraphDescription, "name" | "kind" | "inputs">,
): ExposureGraph {
  const names: string[] = [];
  const ids = new Map<string, number>();
  const taken = new Set<string>();
  const from: number[] = [];
  const to: number[] = [];
  const roots: number[] = [];
  let dangling = 0;
  const add = (key: string, label: string): number => {
    const known = ids.get(key);
    if (known !== undefined) return known;
    // Two ecosystems may have a release of one name and version: then the purl tells them apart.
    const name = taken.has(label) ? key : label;
    taken.add(name);
    ids.set(key, names.length);
    names.push(name);
    return names.length - 1;
  };
  for (const { project, label } of projects) {
    const own = project.nodes.map((node, index) => {
      const component = project.components[node.component];
      if (component !== undefined)
        return add(component.purl, component.version === "" ? component.name : `${component.name}@${component.version}`);
      const path = node.path === "" ? label : `${label}/${node.path}`;
      return add(`root:${path}:${index}`, path);
    });
    const root = project.roots.length === 0 ? add(`root:${label}`, label) : -1;
    const asked = new Uint8Array(project.nodes.length);
    for (const [index, node] of project.nodes.entries()) {
      for (const edge of node.edges) {
        const target = own[edge.to];
        if (target === undefined) {
          dangling++;
          continue;
        }
        asked[edge.to] = 1;
        from.push(own[index]!);
        to.push(target);
      }
    }
    for (const index of project.roots) roots.push(own[index]!);
    if (root !== -1) {
      roots.push(root);
      for (const index of project.nodes.keys()) {
        if (asked[index] === 1) continue;
        from.push(root);
        to.push(own[index]!);
      }
    }
  }
  const raw = { names, from: Int32Array.from(from), to: Int32Array.from(to), clause: null, problems: [], problemCount: 0 };
  const graph = exposureOfEdges(raw, { ...about, dangling }, { roots: Int32Array.from(new Set(roots)).toSorted() });
  return {
    ...graph,
    about: {
      ...graph.about,
      notModelled: [
        ...graph.about.notModelled,
        "the places of one release: it is one node, with all that it asks for in any of them",
        ...(projects.length > 1 ? ["what stands on the projects themselves"] : []),
      ],
    },
  };
}
