/** Ways from the project to a component, and which of the direct dependencies bring it in. */
import { type DependencyPath, type Node, type Project, byCodeUnit } from "../model/index.ts";
import { components } from "./components.ts";
import { reversed } from "./csr.ts";
import { type ProjectGraph, projectGraph } from "./project-graph.ts";

export interface Paths {
  /** Shortest first, then by their text; the root is left out, the subject is last. */
  readonly paths: readonly DependencyPath[];
  /**
   * How many ways there are, one for each dependant: the shortest way to whoever asks for the subject, and then the subject. The number
   * of all ways in a graph grows without bound and tells nobody anything; the number of those that ask for it does.
   */
  readonly count: number;
}

/** At most this many ways are given where nothing else is asked for. */
const DEFAULT_LIMIT = 5;

/**
 * The ways to a component (by purl: to all places where it is installed) or to one node (by index).
 * Both are empty where there is no such component. Where nothing leads from a root to it, the way begins at whoever nobody asks for.
 */
export function pathsTo(
  project: Project,
  subject: number | string,
  options: { readonly limit?: number; readonly graph?: ProjectGraph } = {},
): Paths {
  return pathsIn(project, options.graph)(subject, options.limit);
}

/** `pathsTo` for many subjects of one project: what they share is found once. */
export function pathsIn(project: Project, known?: ProjectGraph): (subject: number | string, limit?: number) => Paths {
  const walked = known ?? projectGraph(project);
  const back = reversed(walked.graph);
  const nodesOf = new Map<string, number[]>();
  for (const [index, { component }] of project.nodes.entries()) {
    const purl = project.components[component]?.purl;
    if (purl === undefined) continue;
    const nodes = nodesOf.get(purl);
    if (nodes === undefined) nodesOf.set(purl, [index]);
    else nodes.push(index);
  }
  const isTarget = new Uint8Array(walked.graph.n);
  const open = search(walked, isTarget);

  return (subject, limit = DEFAULT_LIMIT) => {
    const targets = typeof subject === "string" ? (nodesOf.get(subject) ?? []) : project.nodes[subject] === undefined ? [] : [subject];
    if (targets.length === 0) return { paths: [], count: 0 };
    const askers = targets.flatMap((to) =>
      Array.from(back.targets.subarray(back.offsets[to], back.offsets[to + 1]), (from) => ({ from, to })),
    );
    for (const target of targets) isTarget[target] = 1;
    // A way that visits the subject twice is none. Hardly ever does the shortest way to who asks for it lead through it: then the search
    // for all holds for this one as well, since leaving the subject out only takes ways away.
    const through = (node: number): boolean => {
      for (let at = node; at >= 0; at = open.parent[at] ?? START) if (isTarget[at] === 1) return true;
      return false;
    };
    const found = askers.some(({ from }) => isTarget[from] === 0 && through(from)) ? search(walked, isTarget) : open;
    const ends = askers.filter(({ from }) => isTarget[from] === 0 && found.parent[from] !== UNSEEN);
    for (const to of targets) {
      const asked = ends.some((end) => end.to === to && found.late[end.from] === 0);
      if (walked.roots.includes(to) || (!asked && walked.directs.includes(to))) ends.push({ from: START, to });
    }
    // What is left hangs together in a circle that nothing leads into.
    if (ends.length === 0) for (const to of targets) ends.push({ from: START, to });
    for (const target of targets) isTarget[target] = 0;

    const texts = new Map<string, DependencyPath>();
    for (const { from, to } of ends) {
      const path = wayTo(project, found.parent, from, to);
      texts.set(path.join("\n"), path);
    }
    const paths = [...texts].toSorted(([a, one], [b, other]) => one.length - other.length || byCodeUnit(a, b)).map(([, path]) => path);
    return { paths: paths.slice(0, limit), count: paths.length };
  };
}

interface Search {
  /** By node: from where it was reached first; START where a walk begins. */
  readonly parent: Int32Array;
  /** 1 for what no root leads to. */
  readonly late: Uint8Array;
}

/** Breadth first from the roots, then from direct dependencies that no root leads to; never through what is blocked. */
function search({ graph, roots, directs }: ProjectGraph, isBlocked: Uint8Array): Search {
  const { offsets, targets } = graph;
  const parent = new Int32Array(graph.n).fill(UNSEEN);
  const late = new Uint8Array(graph.n);
  const queue = new Int32Array(graph.n);
  let filled = 0;
  let taken = 0;
  const reach = (node: number, from: number): void => {
    if (parent[node] !== UNSEEN || isBlocked[node] === 1) return;
    parent[node] = from;
    queue[filled++] = node;
  };
  const spread = (): void => {
    while (taken < filled) {
      const node = queue[taken++]!;
      for (let at = offsets[node]!; at < offsets[node + 1]!; at++) reach(targets[at]!, node);
    }
  };
  for (const root of roots) reach(root, START);
  spread();
  const early = filled;
  for (const direct of directs) reach(direct, START);
  spread();
  for (let at = early; at < filled; at++) late[queue[at]!] = 1;
  return { parent, late };
}

const UNSEEN = -2;
const START = -1;

function wayTo(project: Project, parent: Int32Array, from: number, to: number): DependencyPath {
  const path = [labelOf(project, to)];
  for (let node = from; node >= 0; node = parent[node] ?? START) {
    if (project.nodes[node]?.kind === "component") path.push(labelOf(project, node));
  }
  return path.toReversed();
}

/** `name@version` as its ecosystem writes it; the alias is not the name. */
export function labelOf(project: Project, index: number): string {
  const node: Node | undefined = project.nodes[index];
  const component = node === undefined ? undefined : project.components[node.component];
  const name = component?.name ?? node?.name ?? "";
  const version = component?.version || (node?.version ?? "");
  return version === "" ? name : `${name}@${version}`;
}

/**
 * For each component (by its index) the direct dependencies that bring it in, as `name@version`, sorted. A direct dependency brings
 * itself. One pass over the graph for all of them: each node carries a set of bits, one bit a direct dependency.
 */
export function directsThrough(project: Project, known?: ProjectGraph): readonly (readonly string[])[] {
  const { graph, directs } = known ?? projectGraph(project);
  const { of, count } = components(graph);
  const labels = [...new Set(Array.from(directs, (index) => labelOf(project, index)))].toSorted(byCodeUnit);
  const bitOf = new Map(labels.map((label, bit) => [label, bit]));
  const words = Math.max(1, Math.ceil(labels.length / 32));
  const bits = new Uint32Array(count * words);
  for (const index of directs) {
    const bit = bitOf.get(labelOf(project, index))!;
    bits[of[index]! * words + (bit >>> 5)]! |= 1 << (bit & 31);
  }
  // Nodes by descending number of their component: askers come before what they ask for.
  const downwards = Int32Array.from({ length: graph.n }, (_, index) => index).toSorted((a, b) => of[b]! - of[a]!);
  for (const node of downwards) {
    // What hangs on a root is brought by that dependency, not by the root's other ones.
    if (project.nodes[node]?.kind === "root") continue;
    const from = of[node]! * words;
    for (let at = graph.offsets[node]!; at < graph.offsets[node + 1]!; at++) {
      const to = of[graph.targets[at]!]! * words;
      if (to !== from) for (let word = 0; word < words; word++) bits[to + word]! |= bits[from + word]!;
    }
  }
  const through: Set<number>[] = project.components.map(() => new Set());
  for (const [index, node] of project.nodes.entries()) {
    const set = through[node.component];
    if (set === undefined) continue;
    const from = of[index]! * words;
    for (let word = 0; word < words; word++) {
      for (let rest = bits[from + word]!; rest !== 0; rest &= rest - 1) set.add(word * 32 + 31 - Math.clz32(rest & -rest));
    }
  }
  return through.map((set) => [...set].toSorted((a, b) => a - b).map((bit) => labels[bit]!));
}
