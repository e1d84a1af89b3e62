/** Projects in memory for tests: as if they had been read from a package-lock.json. */
import { type Component, type Node, type Project, purlOf } from "../../src/model/index.ts";

export interface FakeEntry {
  readonly name: string;
  readonly version: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly origin?: Component["origin"];
  readonly bundled?: boolean;
}

export function fakeProject(entries: readonly FakeEntry[]): Project {
  const sorted = entries.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.version < b.version ? -1 : 1));
  const components = sorted.map((entry): Component => ({
    purl: purlOf("npm", entry.name, entry.version),
    ecosystem: "npm",
    name: entry.name,
    version: entry.version,
    origin: entry.origin ?? { kind: "registry" },
  }));
  const nodes = sorted.map((entry, at): Node => ({
    kind: "component",
    component: at,
    name: entry.name,
    version: entry.version,
    file: 0,
    place: { file: "package-lock.json", key: `packages/node_modules/${entry.name}` },
    path: `node_modules/${entry.name}`,
    integrity: entry.integrity === undefined ? [] : [entry.integrity],
    resolved: entry.resolved ?? "",
    edges: [],
    scope: "prod",
    direct: true,
    ...(entry.bundled === undefined ? {} : { bundled: entry.bundled }),
  }));
  const root: Node = {
    kind: "root",
    component: -1,
    name: "project",
    version: "1.0.0",
    file: 0,
    place: { file: "package-lock.json" },
    path: "",
    integrity: [],
    resolved: "",
    edges: sorted.map((entry, at) => ({ to: at, name: entry.name, range: entry.version, kind: "prod" as const })),
    scope: "prod",
    direct: null,
  };
  const file = {
    path: "package-lock.json",
    format: "npm/package-lock",
    formatVersion: "3",
    sha256: "0".repeat(64),
    ecosystem: "npm",
    listed: nodes.length,
    graph: "full" as const,
    problems: [],
  };
  return { name: "project", version: "1.0.0", files: [file], components, nodes: [...nodes, root], roots: [nodes.length] };
}
