/** What of a project leans on what: the figures that the rules of this question share, computed once a project. */
import { type ProjectGraph, directsThrough, projectGraph } from "../../graph/index.ts";
import { reversed } from "../../graph/csr.ts";
import type { Project } from "../../model/index.ts";

export interface Leaning {
  readonly graph: ProjectGraph;
  /** How many direct dependencies there are, by `name@version`. */
  readonly directs: number;
  /** By component: the direct dependencies that it stands under or is, as `name@version`, sorted. */
  readonly through: readonly (readonly string[])[];
  /** How many other components stand on these (by component index; all places where they are installed), directly or not. Exact. */
  readonly standingOn: (components: readonly number[]) => number;
  /** Components of files that do not say who needs whom: about those nothing can be said. By component index, 1 for yes. */
  readonly unsaid: Uint8Array;
  /** Files that hold some of the edges only: true figures may be higher. */
  readonly partial: boolean;
}

const known = new WeakMap<Project, Leaning>();

export function leaningOf(project: Project): Leaning {
  let leaning = known.get(project);
  if (leaning === undefined) known.set(project, (leaning = build(project)));
  return leaning;
}

function build(project: Project): Leaning {
  const graph = projectGraph(project);
  const through = directsThrough(project, graph);
  const back = reversed(graph.graph);
  const { nodes } = project;
  const unsaid = new Uint8Array(project.components.length).fill(1);
  const nodesOf: number[][] = project.components.map(() => []);
  nodes.forEach(({ component, file }, number) => {
    if (component < 0) return;
    nodesOf[component]?.push(number);
    if (project.files[file]?.graph !== "flat") unsaid[component] = 0;
  });
  const stamp = new Int32Array(nodes.length);
  const counted = new Int32Array(project.components.length);
  const queue = new Int32Array(nodes.length);
  let question = 0;
  return {
    graph,
    directs: new Set(through.flat()).size,
    through,
    unsaid,
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
