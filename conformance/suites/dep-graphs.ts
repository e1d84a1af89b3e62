/**
 * Snyk's expected dependency graphs, held against ours: node for node, edge for edge, with labels. Our project keeps every installed
 * place of a package; Snyk's graph keeps one node a name and version and takes the children that a depth-first walk meets first. So
 * ours is walked here in Snyk's order and written in Snyk's form (dep-graph 1.3.0).
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { formatById, inputFile, readListing } from "../../src/inventory/index.ts";
import { type Edge, Fault, type Listing, type Node, type ReadContext } from "../../src/model/index.ts";
import type { CaseResult, Suite } from "../suite.ts";

interface Fixture {
  readonly dir: string;
  readonly files: Readonly<Record<string, string>>;
}

type Labels = Readonly<Record<string, string>>;
interface GraphNode {
  readonly nodeId: string;
  readonly pkgId: string;
  readonly deps: readonly { readonly nodeId: string }[];
  readonly info?: { readonly labels?: Labels };
}
interface DepGraph {
  readonly pkgs: readonly { readonly id: string }[];
  readonly graph: { readonly rootNodeId: string; readonly nodes: readonly GraphNode[] };
}

/** What the expected graph was made with. */
interface Options {
  readonly manager: "npm" | "pnpm" | "yarn";
  readonly dev: boolean;
  readonly optional: boolean;
  /** The folder whose graph it is: "" for the top. */
  readonly member: string;
  /** What becomes of an edge back into what is being walked: nothing, a node of its own, or a node of its own for all that was seen. */
  readonly prune: "no" | "cycles" | "seen";
}

const lockfiles = { "package-lock.json": "npm/package-lock", "pnpm-lock.yaml": "npm/pnpm-lock", "yarn.lock": "npm/yarn-lock" } as const;

export const suite: Suite = {
  name: "dep-graphs",
  archive: "dep-graphs",
  run: async function* (folder): AsyncGenerator<CaseResult> {
    for (const line of readFileSync(join(folder, "fixtures.ndjson"), "utf8").split("\n")) {
      if (line === "") continue;
      const fixture = JSON.parse(line) as Fixture;
      for (const [path, text] of Object.entries(fixture.files)) {
        if (/(?:^|\/)expected[^/]*\.json$/.test(path)) yield await judge(fixture, path, JSON.parse(text) as DepGraph);
      }
    }
  },
};

async function judge(fixture: Fixture, path: string, expected: DepGraph): Promise<CaseResult> {
  const name = `${fixture.dir}/${path}`;
  const options = optionsOf(fixture, path);
  const lockfile = { npm: "package-lock.json", pnpm: "pnpm-lock.yaml", yarn: "yarn.lock" } as const;
  const file = lockfile[options.manager];
  const text = fixture.files[file];
  if (text === undefined) return { name, outcome: "skipped", detail: `${file} is not in the archive` };
  try {
    const format = formatById(lockfiles[file]);
    const { listing } = await readListing(inputFile(file, Buffer.from(text)), contextOf(fixture), format);
    const detail = difference(expected, convert(listing, options));
    return detail === null ? { name, outcome: "passed" } : { name, outcome: "failed", detail };
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    return { name, outcome: "failed", detail: `${cause.code}: ${cause.message}` };
  }
}

function optionsOf(fixture: Fixture, path: string): Options {
  const manager = fixture.dir.startsWith("npm") ? "npm" : fixture.dir.startsWith("pnpm") ? "pnpm" : "yarn";
  const slash = path.lastIndexOf("/");
  return {
    manager,
    dev: path.includes("-dev-deps-included") || fixture.dir.includes("simple-out-of-sync"),
    optional: manager !== "pnpm",
    member: slash === -1 ? "" : path.slice(0, slash),
    prune: path.includes("-cycles-pruned") ? "cycles" : "no",
  };
}

function contextOf(fixture: Fixture): ReadContext {
  return {
    beside: (path) => {
      const text = fixture.files[path];
      return text === undefined ? null : inputFile(path, Buffer.from(text));
    },
    folders: (path) => {
      const below = path === "" ? "" : `${path}/`;
      const names = Object.keys(fixture.files).filter((file) => file.startsWith(below) && file.slice(below.length).includes("/"));
      return [...new Set(names.map((file) => file.slice(below.length).split("/")[0] ?? ""))].toSorted();
    },
  };
}

/** Snyk walks what is wanted for production first, and optional dependencies after it. */
const ORDER = { prod: 0, peer: 0, dev: 1, optional: 2 } as const;

function convert(listing: Listing, options: Options): DepGraph {
  const root = listing.roots.find((index) => listing.nodes[index]?.path === options.member) ?? -1;
  const top = listing.nodes[root];
  if (top === undefined) throw new Fault("inventory/format", `no root stands for "${options.member}"`);
  const nodes = new Map<string, { pkgId: string; deps: string[]; labels: Record<string, string> }>();
  const rootId = `${top.name}@${top.version}`;
  nodes.set("root-node", { pkgId: rootId, deps: [], labels: {} });
  const visited = new Set<string>();
  const open = new Set<string>();

  const walk = (id: string, node: Node, scope: string, atTop: boolean): void => {
    open.add(id);
    const wanted = node.edges.filter((edge) => isWanted(edge, options, atTop)).toSorted((a, b) => ORDER[a.kind] - ORDER[b.kind]);
    for (const edge of wanted) {
      const target = edge.to < 0 ? undefined : listing.nodes[edge.to];
      const component = target === undefined ? undefined : listing.components[target.component];
      const name = component?.name ?? target?.name ?? edge.name;
      const version = target === undefined ? edge.range : target.version;
      const childScope = atTop ? (edge.kind === "dev" ? "dev" : "prod") : scope;
      let childId = `${name}@${version}`;
      if (options.prune === "cycles" && open.has(childId)) {
        childId = `${childId}|1`;
        nodes.set(childId, { pkgId: `${name}@${version}`, deps: [], labels: { scope: childScope, pruned: "cyclic" } });
      } else if (!visited.has(childId)) {
        visited.add(childId);
        const labels: Record<string, string> = { scope: childScope };
        if (target === undefined) labels["missingLockFileEntry"] = "true";
        nodes.set(childId, { pkgId: childId, deps: [], labels });
        if (target !== undefined) walk(childId, target, childScope, false);
      }
      nodes.get(id)?.deps.push(childId);
    }
    open.delete(id);
  };
  walk("root-node", top, "prod", true);
  return {
    pkgs: [...new Set([...nodes.values()].map((node) => node.pkgId))].map((id) => ({ id })),
    graph: {
      rootNodeId: "root-node",
      nodes: [...nodes].map(([nodeId, { pkgId, deps, labels }]) => ({
        nodeId,
        pkgId,
        deps: deps.map((dep) => ({ nodeId: dep })),
        info: { labels },
      })),
    },
  };
}

function isWanted(edge: Edge, options: Options, atTop: boolean): boolean {
  switch (edge.kind) {
    case "dev":
      return atTop && options.dev;
    case "optional":
      return options.optional;
    case "peer":
      return options.manager === "pnpm" ? edge.to >= 0 : options.manager === "npm" && atTop;
    case "prod":
      return true;
  }
}

function difference(expected: DepGraph, ours: DepGraph): string | null {
  const wanted = new Map(expected.graph.nodes.map((node) => [node.nodeId, node]));
  const given = new Map(ours.graph.nodes.map((node) => [node.nodeId, node]));
  const missing = [...wanted.keys()].filter((id) => !given.has(id));
  const extra = [...given.keys()].filter((id) => !wanted.has(id));
  if (missing.length > 0 || extra.length > 0)
    return `missing ${missing.slice(0, 5).join(", ")} (${missing.length}); only ours ${extra.slice(0, 5).join(", ")} (${extra.length})`;
  for (const [id, node] of wanted) {
    const mine = given.get(id);
    if (mine?.pkgId !== node.pkgId) return `${id} is ${mine?.pkgId}, expected ${node.pkgId}`;
    const edges = edgesOf(node);
    const myEdges = edgesOf(mine);
    if (edges.join(" ") !== myEdges.join(" ")) {
      const lacks = edges.filter((edge) => !myEdges.includes(edge));
      const adds = myEdges.filter((edge) => !edges.includes(edge));
      return `${id} lacks the edges ${lacks.join(", ")}; has besides ${adds.join(", ")}`;
    }
    const labels = labelsOf(node);
    const myLabels = labelsOf(mine);
    if (labels !== myLabels) return `${id} has the labels ${myLabels}, expected ${labels}`;
  }
  const packages = new Set(expected.pkgs.map((pkg) => pkg.id));
  const strange = ours.pkgs.find((pkg) => !packages.has(pkg.id));
  return strange === undefined && packages.size === ours.pkgs.length ? null : `packages differ: ${strange?.id ?? "one is missing"}`;
}

const edgesOf = (node: GraphNode): readonly string[] => [...new Set(node.deps.map((dep) => dep.nodeId))].toSorted();
const labelsOf = (node: GraphNode): string =>
  Object.entries(node.info?.labels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .toSorted()
    .join(" ");
