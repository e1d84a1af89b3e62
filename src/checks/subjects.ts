/**
 * What several rules need to know about a project, computed once a project: which nodes are a component, who asks for a node, and how
 * a node's entry in a lockfile becomes evidence.
 */
import type {
  CheckInput,
  Component,
  Edge,
  Evidence,
  LockfileEntryClaim,
  Node,
  Place,
  Project,
  Unavailable,
  Unanswered,
} from "../model/index.ts";
import { byCodeUnit, formatPurl, isUnavailable } from "../model/index.ts";

/** Who asks for a node. */
export interface Asker {
  /** Index into `Project.nodes`. */
  readonly from: number;
  readonly edge: Edge;
}

export interface Index {
  /** Nodes of each component, by component index, in the project's order. */
  readonly nodesOf: readonly (readonly Node[])[];
  /** Node indices of each component. */
  readonly nodeNumbersOf: readonly (readonly number[])[];
  /** By node index. */
  readonly askersOf: readonly (readonly Asker[])[];
  readonly numberOf: ReadonlyMap<Node, number>;
  /** Names of all components. */
  readonly names: ReadonlySet<string>;
}

const indexes = new WeakMap<Project, Index>();

export function indexOf(project: Project): Index {
  let index = indexes.get(project);
  if (index === undefined) indexes.set(project, (index = buildIndex(project)));
  return index;
}

function buildIndex(project: Project): Index {
  const nodesOf: Node[][] = project.components.map(() => []);
  const nodeNumbersOf: number[][] = project.components.map(() => []);
  const askersOf: Asker[][] = project.nodes.map(() => []);
  const numberOf = new Map<Node, number>();
  project.nodes.forEach((node, number) => {
    numberOf.set(node, number);
    if (node.component >= 0) {
      nodesOf[node.component]?.push(node);
      nodeNumbersOf[node.component]?.push(number);
    }
    for (const edge of node.edges) if (edge.to >= 0) askersOf[edge.to]?.push({ from: number, edge });
  });
  return { nodesOf, nodeNumbersOf, askersOf, numberOf, names: new Set(project.components.map(({ name }) => name)) };
}

/** Who asks for a node of the project. */
export function askersOf(project: Project, node: Node): readonly Asker[] {
  const index = indexOf(project);
  return index.askersOf[index.numberOf.get(node) ?? -1] ?? [];
}

/** The entry in the lockfile as evidence: we read it ourselves. */
export function entryEvidence(input: CheckInput, purl: string, node: Node): Evidence<LockfileEntryClaim> {
  return {
    subject: { purl },
    claim: { kind: "lockfile-entry", place: node.place, integrity: node.integrity, resolved: node.resolved },
    source: node.place.file,
    observedAt: input.now,
    strength: "observed",
  };
}

/** `name@version`, for sentences; the name alone where no version is known. */
export const titleOf = ({ name, version }: { readonly name: string; readonly version: string }): string =>
  version === "" ? name : `${name}@${version}`;

/** A command that shows what a release changes against another one of its package. */
export function reviewCommand(component: Pick<Component, "ecosystem" | "name" | "version">, before: string): string {
  const scheme = component.ecosystem === "PyPI" ? "pypi:" : "";
  return `tributary review ${scheme}${component.name}@${before} ${scheme}${titleOf(component)}`;
}

/** The project itself has no registry, so it is named generically. */
export const projectPurl = (project: Project): string =>
  formatPurl({ type: "generic", name: project.name === "" ? "project" : project.name });

export const placesOf = (nodes: readonly Node[]): readonly Place[] => nodes.map(({ place }) => place);

/** Collects what could not be answered, one entry a reason. */
export class Gaps {
  /** The same reason often stands for thousands of subjects: its text is put together once. */
  private last: { readonly reason: Unavailable; readonly key: string } | null = null;
  private readonly byReason = new Map<string, { readonly reason: Unavailable; readonly subjects: string[] }>();

  /**
   * True where the evidence is there. Where it is not, the subject is kept with the reason, unless the evidence cannot exist at all
   * (`not-applicable`): then there is nothing to answer.
   */
  has<T extends object>(purl: string, evidence: T | Unavailable): evidence is T {
    if (!isUnavailable(evidence)) return true;
    if (evidence.code !== "not-applicable") this.add(purl, evidence);
    return false;
  }

  add(purl: string, reason: Unavailable): void {
    if (this.last?.reason !== reason) this.last = { reason, key: JSON.stringify([reason.because, reason.cure ?? ""]) };
    const { key } = this.last;
    const group = this.byReason.get(key);
    if (group === undefined) this.byReason.set(key, { reason, subjects: [purl] });
    else if (group.subjects.at(-1) !== purl) group.subjects.push(purl);
  }

  /** How many subjects there are with at least one gap. */
  get size(): number {
    return new Set([...this.byReason.values()].flatMap(({ subjects }) => subjects)).size;
  }

  list(rule: string): readonly Unanswered[] {
    const question = rule.slice(0, rule.indexOf("/")) as Unanswered["question"];
    return [...this.byReason.values()].map(({ reason, subjects }) => {
      const gap = { question, rule, subjects: subjects.toSorted(byCodeUnit), because: reason.because };
      return reason.cure === undefined ? gap : Object.assign(gap, { cure: reason.cure });
    });
  }
}

/** True where the evidence cannot exist: nothing was asked. */
export const notApplicable = (evidence: object): boolean => isUnavailable(evidence) && evidence.code === "not-applicable";
