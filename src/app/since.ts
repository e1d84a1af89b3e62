import { byCodeUnit, type Component, type Project } from "../model/index.ts";

export interface ProjectChange {
  /** purls that are new and replace nothing. */
  readonly added: readonly string[];
  /** purls that are gone and were replaced by nothing. */
  readonly removed: readonly string[];
  /** One release taken for another of the same package. */
  readonly changed: readonly { readonly from: string; readonly to: string }[];
  /** purls whose entry is new, or promises other bytes or another address than before: what a reviewer has to look at. */
  readonly touched: ReadonlySet<string>;
}

/**
 * What changed between two states of a project, by component. Releases of one package are paired in their order from the highest
 * down (`2.0.1 -> 2.0.2` beside an untouched `1.4.0`), so `order` must compare two versions of that ecosystem.
 */
export function compareProjects(before: Project, after: Project, order: (a: Component, b: Component) => number): ProjectChange {
  const old = new Set(before.components.map((component) => component.purl));
  const now = new Set(after.components.map((component) => component.purl));
  const gone = groupByPackage(before.components.filter((component) => !now.has(component.purl)));
  const come = groupByPackage(after.components.filter((component) => !old.has(component.purl)));

  const added: string[] = [];
  const removed: string[] = [];
  const changed: { from: string; to: string }[] = [];
  for (const key of new Set([...gone.keys(), ...come.keys()])) {
    const from = (gone.get(key) ?? []).toSorted(order).toReversed();
    const to = (come.get(key) ?? []).toSorted(order).toReversed();
    for (let index = 0; index < Math.max(from.length, to.length); index++) {
      const left = from[index];
      const right = to[index];
      if (left !== undefined && right !== undefined) changed.push({ from: left.purl, to: right.purl });
      else if (left !== undefined) removed.push(left.purl);
      else if (right !== undefined) added.push(right.purl);
    }
  }

  const promisedBefore = promises(before);
  const touched = new Set<string>();
  for (const [purl, promise] of promises(after)) {
    if (promisedBefore.get(purl) !== promise) touched.add(purl);
  }
  return {
    added: added.toSorted(byCodeUnit),
    removed: removed.toSorted(byCodeUnit),
    changed: changed.toSorted((a, b) => byCodeUnit(a.from, b.from)),
    touched,
  };
}

function groupByPackage(components: readonly Component[]): Map<string, Component[]> {
  const groups = new Map<string, Component[]>();
  for (const component of components) {
    const key = `${component.ecosystem}\n${component.name}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [component]);
    else group.push(component);
  }
  return groups;
}

/** All that a project's files promise about each component, as one comparable text. */
function promises(project: Project): Map<string, string> {
  const sets = new Map<string, Set<string>>();
  for (const node of project.nodes) {
    const component = project.components[node.component];
    if (component === undefined) continue;
    let set = sets.get(component.purl);
    if (set === undefined) sets.set(component.purl, (set = new Set()));
    set.add(`${node.resolved} ${node.integrity.toSorted(byCodeUnit).join(" ")}`);
  }
  return new Map([...sets].map(([purl, set]) => [purl, [...set].toSorted(byCodeUnit).join("\n")]));
}
