/**
 * What every reader builds with: it collects components, nodes, edges and problems of one file, makes components unique, counts what
 * the file lists, and at the end works out who is direct and what a production install would bring. A reader thus holds only what is
 * particular to its format.
 */
import {
  type Component,
  type Ecosystem,
  type Edge,
  Fault,
  type Listing,
  type Node,
  type Origin,
  type Place,
  type Problem,
  purlOf,
} from "../model/index.ts";

/** What a reader knows of an entry; the rest has a default. */
export interface NewNode {
  readonly component: number;
  readonly name: string;
  readonly version?: string;
  readonly place: Place;
  readonly path?: string;
  readonly integrity?: readonly string[];
  readonly files?: Node["files"];
  readonly extraIndexes?: Node["extraIndexes"];
  readonly resolved?: string;
  readonly bundled?: boolean;
  readonly installScript?: boolean;
  readonly groups?: readonly string[];
  /** What the file itself says, for nodes that no root reaches. */
  readonly scope?: Node["scope"];
  /** What the file itself says. Otherwise a node is direct where a root has an edge to it. */
  readonly direct?: boolean | null;
}

export interface ListingBuilder {
  /** Index of the component; the same purl always gives the same index. Throws Fault `purl/invalid`. */
  readonly component: (about: NewComponent) => number;
  /** Index of the new node. Counts as listed. */
  readonly node: (about: NewNode) => number;
  /** Index of the new root: the project's own package, or a member of its workspace. */
  readonly root: (about: { readonly name: string; readonly version?: string; readonly place: Place; readonly path?: string }) => number;
  readonly edge: (from: number, edge: Edge) => void;
  /** An entry that was not understood: counts as listed. */
  readonly lost: (place: Place, message: string, count?: number) => void;
  /** Anything else to be said about the file. */
  readonly remark: (place: Place, message: string) => void;
  readonly finish: (about: ListingHead) => Listing;
}

export interface NewComponent {
  readonly ecosystem: Ecosystem;
  readonly name: string;
  readonly version: string;
  readonly origin: Origin;
  readonly licence?: string;
  /** Given where the ecosystem's own purl does not fit. */
  readonly purl?: string;
}

export interface ListingHead {
  readonly format: string;
  readonly formatVersion: string;
  readonly ecosystem: Ecosystem;
  readonly name?: string;
  readonly version?: string;
  readonly graph: Listing["graph"];
  /** False where the file does not say who asks for what: then `direct` is null unless a node says otherwise. */
  readonly knowsDirect?: boolean;
}

const REGISTRY: Origin = { kind: "registry" };

interface OpenNode extends Omit<Node, "scope" | "direct" | "edges"> {
  scope: Node["scope"];
  direct: boolean | null;
  edges: Edge[];
}

const NO_EDGES: Edge[] = [];

export function listingBuilder(): ListingBuilder {
  const components: Component[] = [];
  const byPurl = new Map<string, number>();
  const nodes: OpenNode[] = [];
  const roots: number[] = [];
  const problems: Problem[] = [];
  const stated: { readonly scope: Node["scope"] | undefined; readonly direct: boolean | null | undefined }[] = [];
  let listed = 0;

  const builder: ListingBuilder = {
    component: (about) => {
      if (about.name.trim() === "") throw new Fault("purl/invalid", "a package without a name");
      const purl = about.purl ?? purlOf(about.ecosystem, about.name, about.version, purlQualifiers(about.origin));
      const known = byPurl.get(purl);
      if (known !== undefined) {
        const before = components[known];
        if (before !== undefined && before.licence === undefined && about.licence !== undefined) {
          components[known] = { ...before, licence: about.licence };
        }
        return known;
      }
      const index = components.length;
      byPurl.set(purl, index);
      const { ecosystem, name, version } = about;
      const origin = about.origin.kind === "registry" ? REGISTRY : about.origin;
      components.push(
        about.licence === undefined
          ? { purl, ecosystem, name, version, origin }
          : { purl, ecosystem, name, version, origin, licence: about.licence },
      );
      return index;
    },
    node: (about) => {
      const node: OpenNode & {
        files?: Node["files"];
        extraIndexes?: Node["extraIndexes"];
        bundled?: boolean;
        installScript?: boolean;
        groups?: readonly string[];
      } = {
        kind: "component",
        component: about.component,
        name: about.name,
        version: about.version ?? components[about.component]?.version ?? "",
        file: 0,
        place: about.place,
        path: about.path ?? "",
        integrity: about.integrity ?? [],
        resolved: about.resolved ?? "",
        edges: NO_EDGES,
        scope: "prod",
        direct: null,
      };
      if (about.files !== undefined && about.files.length > 0) node.files = about.files;
      if (about.extraIndexes !== undefined && about.extraIndexes.length > 0) node.extraIndexes = about.extraIndexes;
      if (about.bundled === true) node.bundled = true;
      if (about.installScript === true) node.installScript = true;
      if (about.groups !== undefined && about.groups.length > 0) node.groups = about.groups;
      stated.push({ scope: about.scope, direct: about.direct });
      listed += 1;
      return nodes.push(node) - 1;
    },
    root: (about) => {
      stated.push({ scope: undefined, direct: undefined });
      const index = nodes.length;
      roots.push(index);
      nodes.push({
        kind: "root",
        component: -1,
        name: about.name,
        version: about.version ?? "",
        file: 0,
        place: about.place,
        path: about.path ?? "",
        integrity: [],
        resolved: "",
        edges: NO_EDGES,
        scope: "prod",
        direct: false,
      });
      return index;
    },
    edge: (from, edge) => {
      const node = nodes[from];
      if (node === undefined) throw new Fault("internal/bug", `edge from node ${from}, which is not there`);
      if (node.edges === NO_EDGES) node.edges = [edge];
      else node.edges.push(edge);
    },
    lost: (place, message, count) => {
      listed += count ?? 1;
      problems.push(count === undefined ? { place, message, entry: true } : { place, message, entry: true, count });
    },
    remark: (place, message) => {
      problems.push({ place, message, entry: false });
    },
    finish: (about) => {
      settle(nodes, roots, stated, about.knowsDirect !== false);
      return {
        format: about.format,
        formatVersion: about.formatVersion,
        ecosystem: about.ecosystem,
        name: about.name ?? "",
        version: about.version ?? "",
        components,
        nodes,
        roots,
        listed,
        graph: about.graph,
        problems,
      };
    },
  };
  return builder;
}

/** Two releases of one name and version that come from different places are two components: the qualifiers tell them apart. */
function purlQualifiers(origin: Origin): Record<string, string> | undefined {
  switch (origin.kind) {
    case "git":
      return { vcs_url: vcsUrl(origin.url, origin.commit) };
    case "url":
      return { download_url: origin.url };
    case "file":
    case "directory":
      return { download_url: `file:${origin.path}` };
    default:
      return undefined;
  }
}

/** SPDX's form of a download location in a version control system, which purl's `vcs_url` asks for: `git+https://host/path@commit`. */
function vcsUrl(url: string, commit: string): string {
  const scheme = url.startsWith("git+") || url.startsWith("git:") ? url : `git+${url}`;
  return commit === "" ? scheme : `${scheme}@${commit}`;
}

/**
 * Works out `direct` and `scope`. One walk from the roots in three turns: first what prod and peer edges reach, then what is left and
 * optional edges lead to, then the rest, which is there for development. Each node is met once, in the best of its turns. A node that no
 * root reaches keeps what the file says of it.
 */
function settle(
  nodes: readonly OpenNode[],
  roots: readonly number[],
  stated: readonly { readonly scope: Node["scope"] | undefined; readonly direct: boolean | null | undefined }[],
  knowsDirect: boolean,
): void {
  const scopes = ["prod", "optional", "dev"] as const;
  // 0: not met; otherwise the turn in which it was, from 1.
  const turn = new Uint8Array(nodes.length);
  const waiting: readonly number[][] = [[...roots], [], []];
  for (const [index, queue] of waiting.entries()) {
    for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
      if (turn[at] !== 0) continue;
      turn[at] = index + 1;
      const edges = nodes[at]?.edges ?? NO_EDGES;
      for (let position = 0; position < edges.length; position++) {
        const { to, kind } = edges[position]!;
        if (to < 0 || turn[to] !== 0) continue;
        waiting[Math.max(index, kind === "dev" ? 2 : kind === "optional" ? 1 : 0)]!.push(to);
      }
    }
  }
  for (const root of roots) {
    for (const edge of nodes[root]?.edges ?? NO_EDGES) {
      const target = edge.to < 0 ? undefined : nodes[edge.to];
      if (target !== undefined && target.kind === "component") target.direct = true;
    }
  }
  for (let index = 0; index < nodes.length; index++) {
    const node = nodes[index]!;
    if (node.kind === "root") continue;
    const said = stated[index]!;
    node.scope = turn[index] === 0 ? (said.scope ?? "prod") : scopes[turn[index]! - 1]!;
    if (said.direct !== undefined) node.direct = said.direct;
    else if (node.direct === null && knowsDirect) node.direct = false;
  }
}
