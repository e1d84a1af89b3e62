/** What of a project leans on what: the figures that the rules of this question share, computed once a project. */
import { components } from "../../graph/components.ts";
import { reversed } from "../../graph/csr.ts";
import { type ProjectGraph, projectGraph } from "../../graph/index.ts";
import type { Project } from "../../model/index.ts";

export interface Leaning {
  readonly graph: ProjectGraph;
  /** How many direct dependencies there are: releases, wherever they are installed. */
  readonly directs: number;
  /** How many direct dependencies these components (by index) are or stand under; `others` leaves out what they are themselves. */
  readonly directsOver: (components: readonly number[], count?: "others") => number;
  /** How many other components stand on these (by component index; all places where they are installed), directly or not. Exact. */
  readonly standingOn: (components: readonly number[]) => number;
  /** Components of files that do not say who needs whom: about those nothing can be said. By component index, 1 for yes. */
  readonly unsaid: Uint8Array;
  /** By component index, 1 where some other component asks for it: only there anything can stand on it. */
  readonly asked: Uint8Array;
  /** Files that hold some of the edges only: true figures may be higher. */
  readonly partial: boolean;
}

/** The type of a canonical purl, without reading the rest of it: `pkg:npm/…` is `npm`. */
export const purlType = (purl: string): string => purl.slice("pkg:".length, purl.indexOf("/"));

const known = new WeakMap<Project, Leaning>();

export function leaningOf(project: Project): Leaning {
  let leaning = known.get(project);
  if (leaning === undefined) known.set(project, (leaning = build(project)));
  return leaning;
}

function build(project: Project): Leaning {
  const graph = projectGraph(project);
  const back = reversed(graph.graph);
  const { nodes } = project;
  const unsaid = new Uint8Array(project.components.length).fill(1);
  const nodesOf: number[][] = project.components.map(() => []);
  nodes.forEach(({ component, file }, number) => {
    if (component < 0) return;
    nodesOf[component]?.push(number);
    if (project.files[file]?.graph !== "flat") unsaid[component] = 0;
  });
  const asked = new Uint8Array(project.components.length);
  for (const { kind, edges } of nodes) {
    if (kind === "root") continue;
    for (const { to } of edges) {
      const component = nodes[to]?.component ?? -1;
      if (component >= 0) asked[component] = 1;
    }
  }
  const stamp = new Int32Array(nodes.length);
  const counted = new Int32Array(project.components.length);
  const queue = new Int32Array(nodes.length);
  let question = 0;
  return {
    graph,
    ...directsIn(project, graph, nodesOf),
    unsaid,
    asked,
    partial: project.files.some((file) => file.graph === "partial"),
    standingOn: (components) => {
      question++;
      let tail = 0;
      let others = 0;
      for (const component of components) {
        counted[component] = question;
        for (const node of nodesOf[component] ?? []) {
          if (stamp[node] === question) continue;
          stamp[node] = question;
          queue[tail++] = node;
        }
      }
      for (let head = 0; head < tail; head++) {
        const node = queue[head]!;
        for (let at = back.offsets[node]!; at < back.offsets[node + 1]!; at++) {
          const asker = back.targets[at]!;
          if (stamp[asker] === question) continue;
          stamp[asker] = question;
          queue[tail++] = asker;
          const component = nodes[asker]!.component;
          if (component >= 0 && counted[component] !== question) {
            counted[component] = question;
            others++;
          }
        }
      }
      return others;
    },
  };
}

/**
 * Which direct dependencies stand on what, as a set of bits for each component of the graph: one pass, askers before what they ask for. What
 * hangs on a root is brought by that dependency and not by the root's other ones.
 */
function directsIn(
  project: Project,
  { graph, directs }: ProjectGraph,
  nodesOf: readonly (readonly number[])[],
): Pick<Leaning, "directs" | "directsOver"> {
  const { nodes } = project;
  const { of, count } = components(graph);
  const bitOf = new Map<number, number>();
  for (const node of directs) {
    const component = nodes[node]!.component;
    if (component >= 0 && !bitOf.has(component)) bitOf.set(component, bitOf.size);
  }
  const words = Math.max(1, Math.ceil(bitOf.size / 32));
  const bits = new Uint32Array(count * words);
  for (const node of directs) {
    const bit = bitOf.get(nodes[node]!.component);
    if (bit !== undefined) bits[of[node]! * words + (bit >>> 5)]! |= 1 << (bit & 31);
  }
  // Edges lead from higher numbers to lower: counting sort by number, from the highest down.
  const begin = new Int32Array(count + 1);
  for (const part of of) begin[count - part]!++;
  for (let at = 1; at <= count; at++) begin[at]! += begin[at - 1]!;
  const order = new Int32Array(graph.n);
  for (let node = 0; node < graph.n; node++) order[begin[count - of[node]! - 1]!++] = node;
  for (const node of order) {
    if (nodes[node]!.kind === "root") continue;
    const from = of[node]! * words;
    for (let at = graph.offsets[node]!; at < graph.offsets[node + 1]!; at++) {
      const to = of[graph.targets[at]!]! * words;
      if (to !== from) for (let word = 0; word < words; word++) bits[to + word]! |= bits[from + word]!;
    }
  }
  const over = new Uint32Array(words);
  return {
    directs: bitOf.size,
    directsOver: (list, which) => {
      over.fill(0);
      for (const component of list) {
        for (const node of nodesOf[component] ?? []) {
          const from = of[node]! * words;
          for (let word = 0; word < words; word++) over[word]! |= bits[from + word]!;
        }
      }
      if (which === "others") {
        for (const component of list) {
          const bit = bitOf.get(component);
          if (bit !== undefined) over[bit >>> 5]! &= ~(1 << (bit & 31));
        }
      }
      let sum = 0;
      for (let word = 0; word < words; word++) for (let rest = over[word]!; rest !== 0; rest &= rest - 1) sum++;
      return sum;
    },
  };
}
