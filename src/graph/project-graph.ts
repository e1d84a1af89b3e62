/** A project's nodes as a graph, with where walks over it begin. */
import type { Project } from "../model/index.ts";
import { type Graph, graphOf } from "./csr.ts";

export interface ProjectGraph {
  /** Node for node as in `Project.nodes`; edges that reach nothing (`to` is -1) are left out. */
  readonly graph: Graph;
  readonly roots: Int32Array;
  /**
   * Nodes that some root asks for itself; where no root's wishes are known (an SBOM, a `yarn.lock` without its package.json), the nodes
   * that nobody asks for. Ascending.
   */
  readonly directs: Int32Array;
}

export function projectGraph(project: Pick<Project, "nodes" | "roots">): ProjectGraph {
  const { nodes } = project;
  const from: number[] = [];
  const to: number[] = [];
  for (const [index, node] of nodes.entries()) {
    for (const edge of node.edges) {
      if (edge.to < 0 || edge.to >= nodes.length) continue;
      from.push(index);
      to.push(edge.to);
    }
  }
  const graph = graphOf(nodes.length, from, to);
  const asked = new Uint8Array(nodes.length);
  const direct = new Uint8Array(nodes.length);
  for (const target of graph.targets) asked[target] = 1;
  let known = false;
  for (const root of project.roots) {
    for (let at = graph.offsets[root]!; at < graph.offsets[root + 1]!; at++) {
      const target = graph.targets[at]!;
      if (nodes[target]?.kind !== "component") continue;
      direct[target] = 1;
      known = true;
    }
  }
  const directs: number[] = [];
  for (const [index, node] of nodes.entries()) {
    if (node.kind === "component" && (known ? direct[index] === 1 : asked[index] === 0)) directs.push(index);
  }
  return { graph, roots: Int32Array.from(project.roots), directs: Int32Array.from(directs) };
}
