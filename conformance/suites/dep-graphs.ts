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

/**
 * What the expected graph was made with. Upstream's tests set it; the archive records only what stands in the names of the files. What
 * else differs by case is told by the case itself, as said beside each.
 */
interface Options {
  readonly manager: "npm" | "pnpm" | "yarn";
  /** In the file's name; and in `simple-out-of-sync`, whose missing packages are wanted for development. */
  readonly dev: boolean;
  /** All but pnpm. */
  readonly optional: boolean;
  /** The member of the workspace whose graph it is: the folder of the expected file, or the member that has the name of its root. */
  readonly member: string;
  /**
   * What becomes of an edge to what was seen already: the edge alone; a node of its own where it closes a circle (in the file's name);
   * a node of its own for all that was seen below the same direct dependency (pnpm's workspaces).
   */
  readonly prune: "no" | "cycles" | "seen";
  /** Whether an alias is shown by the name of what it stands for. Set where the expected graph has labels of aliases. */
  readonly aliases: boolean;
  /** The other members' versions were not given to the upstream parser. In the file's name. */
  readonly membersUnknown: boolean;
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
  const options = optionsOf(fixture, path, expected);
  const lockfile = { npm: "package-lock.json", pnpm: "pnpm-lock.yaml", yarn: "yarn.lock" } as const;
  const file = lockfile[options.manager];
  const text = fixture.files[file];
  if (text === undefined) return { name, outcome: "skipped", detail: `${file} is not in the archive` };
  try {
    const format = formatById(lockfiles[file]);
    const { listing } = await readListing(inputFile(file, Buffer.from(text)), contextOf(fixture), format);
    const detail = difference(expected, convert(listing, options, manifestIn(fixture, options.member)));
    return detail === null ? { name, outcome: "passed" } : { name, outcome: "failed", detail };
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    return { name, outcome: "failed", detail: `${cause.code}: ${cause.message}` };
  }
}

function optionsOf(fixture: Fixture, path: string, expected: DepGraph): Options {
  const manager = fixture.dir.startsWith("npm") ? "npm" : fixture.dir.startsWith("pnpm") ? "pnpm" : "yarn";
  const slash = path.lastIndexOf("/");
  const folder = slash === -1 ? "" : path.slice(0, slash);
  const rootName = expected.graph.nodes.find((node) => node.nodeId === "root-node")?.pkgId.replace(/@[^@]*$/, "");
  const members = Object.keys(fixture.files).filter((file) => file.endsWith("/package.json"));
  const namesake = members
    .map((file) => file.slice(0, -"/package.json".length))
    .find((member) => manifestIn(fixture, member).name === rootName);
  return {
    manager,
    dev: path.includes("-dev-deps-included") || fixture.dir.includes("simple-out-of-sync"),
    optional: manager !== "pnpm",
    member: folder === "" && manifestIn(fixture, "").name !== rootName ? (namesake ?? "") : folder,
    prune: path.includes("-cycles-pruned") ? "cycles" : manager === "pnpm" && fixture.dir.includes("workspace-") ? "seen" : "no",
    aliases: expected.graph.nodes.some((node) => node.info?.labels?.["alias"] !== undefined),
    membersUnknown: path.includes("-workspace-projects-undefined"),
  };
}

interface Named {
  readonly name?: string;
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** Upstream names the root after its package.json, whatever the lockfile calls it. */
function manifestIn(fixture: Fixture, member: string): Named {
  const text = fixture.files[member === "" ? "package.json" : `${member}/package.json`];
  return text === undefined ? {} : (JSON.parse(text) as Named);
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

function convert(listing: Listing, options: Options, manifest: Named): DepGraph {
  const root = listing.roots.find((index) => listing.nodes[index]?.path === options.member) ?? -1;
  const top = listing.nodes[root];
  if (top === undefined) throw new Fault("inventory/format", `no root stands for "${options.member}"`);
  const nodes = new Map<string, { pkgId: string; deps: string[]; labels: Record<string, string> }>();
  const none = options.manager === "pnpm" ? "undefined" : "";
  const rootId = `${manifest.name ?? top.name}@${manifest.version ?? none}`;
  nodes.set("root-node", { pkgId: rootId, deps: [], labels: {} });
  const open = new Set<string>();

  const walk = (id: string, node: Node, scope: string, atTop: boolean, seen: Set<string>): void => {
    open.add(id);
    const wanted = node.edges.filter((edge) => isWanted(edge, options, atTop)).toSorted((a, b) => ORDER[a.kind] - ORDER[b.kind]);
    for (const edge of wanted) {
      const target = edge.to < 0 ? undefined : listing.nodes[edge.to];
      // For pnpm and Berry upstream walks anew below each direct dependency, and the labels of the last walk stay.
      const below = atTop && (options.manager === "pnpm" || isBerry(listing)) ? new Set<string>() : seen;
      // Upstream knows the member that it was asked about, and reads what the top asks for from its package.json.
      const known = options.membersUnknown && edge.to !== root ? "undefined" : (target?.version ?? "");
      const asked = (atTop ? manifest.dependencies?.[edge.name] : undefined) ?? edge.range;
      const { name, version, alias } = shownAs(listing, options, edge, target, known, asked);
      const childScope = atTop ? (edge.kind === "dev" ? "dev" : "prod") : scope;
      let childId = `${name}@${version === "" ? "undefined" : version}`;
      const pkgId = `${name}@${version}`;
      if (options.prune === "cycles" && open.has(childId)) {
        childId = `${childId}|1`;
        nodes.set(childId, { pkgId, deps: [], labels: { scope: childScope, pruned: "cyclic" } });
      } else if (options.prune === "seen" && (below.has(childId) || childId === rootId)) {
        childId = `${childId}:pruned`;
        nodes.set(childId, { pkgId, deps: [], labels: { scope: childScope, pruned: "true" } });
      } else if (!below.has(childId)) {
        below.add(childId);
        const labels: Record<string, string> = { scope: childScope, ...alias };
        if (target === undefined && !isBerry(listing)) labels["missingLockFileEntry"] = "true";
        nodes.set(childId, { pkgId, deps: nodes.get(childId)?.deps ?? [], labels });
        if (target !== undefined) walk(childId, target, childScope, false, below);
      }
      nodes.get(id)?.deps.push(childId);
    }
    open.delete(id);
  };
  walk("root-node", top, "prod", true, new Set());
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

/** For Yarn 2 and later upstream puts the label for a missing entry on what that entry would ask for, so on nothing. */
const isBerry = (listing: Listing): boolean => listing.formatVersion.startsWith("berry");

function shownAs(
  listing: Listing,
  options: Options,
  edge: Edge,
  target: Node | undefined,
  memberVersion: string,
  range: string,
): { readonly name: string; readonly version: string; readonly alias: Record<string, string> } {
  if (target === undefined) return { name: edge.name, version: edge.range, alias: {} };
  const component = listing.components[target.component];
  if (component === undefined) return { name: target.name, version: memberVersion, alias: {} };
  // A folder that pnpm gives no version has its address for one upstream.
  const folder =
    options.manager === "pnpm" && target.version === "" && component.origin.kind === "directory" ? `file:${component.origin.path}` : "";
  const version = target.version || folder;
  if (options.manager === "pnpm") return { name: component.name, version, alias: {} };
  if (!options.aliases) return { name: edge.name, version, alias: {} };
  const asked = /^npm:((?:@[^/@]+\/)?[^@]+)@/.exec(range)?.[1];
  const real = asked ?? component.name;
  return { name: real, version, alias: asked === undefined ? {} : { alias: `${edge.name}=>${real}@${version || "undefined"}` } };
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

/** Upstream puts a resolution's range into the id of what is reached through it; here a node is called after its package. */
function normalised(expected: DepGraph): DepGraph {
  const ids = new Set(expected.graph.nodes.map((node) => node.nodeId));
  const renamed = new Map<string, string>();
  for (const { nodeId, pkgId } of expected.graph.nodes) {
    if (nodeId !== pkgId && nodeId !== "root-node" && !/\|\d+$|:pruned$/.test(nodeId) && !pkgId.endsWith("@") && !ids.has(pkgId))
      renamed.set(nodeId, pkgId);
  }
  const rename = (id: string): string => renamed.get(id) ?? id;
  const nodes = expected.graph.nodes.map((node): GraphNode => {
    const common = { nodeId: rename(node.nodeId), pkgId: node.pkgId, deps: node.deps.map((dep) => ({ nodeId: rename(dep.nodeId) })) };
    return node.info === undefined ? common : { nodeId: common.nodeId, pkgId: common.pkgId, deps: common.deps, info: node.info };
  });
  return { pkgs: expected.pkgs, graph: { rootNodeId: expected.graph.rootNodeId, nodes } };
}

function difference(upstream: DepGraph, ours: DepGraph): string | null {
  const expected = normalised(upstream);
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
    if (node.info?.labels === undefined) continue;
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
