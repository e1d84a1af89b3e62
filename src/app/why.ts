import { type Paths, pathsIn } from "../graph/index.ts";
import { readProject } from "../inventory/index.ts";
import { byCodeUnit } from "../model/canonical.ts";
import { Fault } from "../model/fault.ts";
import type { Component, Node, Project } from "../model/project.ts";

export interface Why {
  readonly project: Project;
  /** One for each release that fits, by purl. */
  readonly components: readonly WhyComponent[];
}

export interface WhyComponent extends Paths {
  readonly component: Component;
  /** The places where it is installed. */
  readonly nodes: readonly Node[];
}

export interface WhyOptions {
  readonly path: string;
  readonly cwd: string;
  /** `name`, `name@version` or a purl. */
  readonly wanted: string;
  /** How many ways are given for each release. */
  readonly limit: number;
}

/** The ways in which a package comes into a project. Throws `input/not-found` where it does not. */
export async function why({ path, cwd, wanted, limit }: WhyOptions): Promise<Why> {
  const project = await readProject(path, { cwd });
  const found = project.components.map((component, index) => ({ component, index })).filter(({ component }) => fits(component, wanted));
  if (found.length === 0) throw new Fault("input/not-found", `${wanted} is not in ${project.name || path}`, hintFor(project, wanted));
  const pathsTo = pathsIn(project);
  const components = found.map(({ component, index }): WhyComponent => {
    const { paths, count } = pathsTo(component.purl, limit);
    return { component, nodes: project.nodes.filter((node) => node.component === index), paths, count };
  });
  return { project, components: components.toSorted((a, b) => byCodeUnit(a.component.purl, b.component.purl)) };
}

function fits({ name, version, purl }: Component, wanted: string): boolean {
  return name === wanted || purl === wanted || `${name}@${version}` === wanted;
}

/** Other releases of the same package, or names that hold the word. */
function hintFor(project: Project, wanted: string): { readonly hint?: string } {
  const at = wanted.lastIndexOf("@");
  const bare = at > 0 ? wanted.slice(0, at) : wanted;
  const releases = project.components.filter(({ name }) => name === bare).map(({ name, version }) => `${name}@${version}`);
  const similar =
    releases.length > 0
      ? releases
      : [...new Set(project.components.map(({ name }) => name).filter((name) => bare.length > 2 && name.includes(bare)))];
  return similar.length === 0
    ? {}
    : { hint: `there is ${similar.slice(0, 5).join(", ")}${similar.length > 5 ? ` and ${similar.length - 5} more` : ""}` };
}
