/** A folder of registries' package documents, and graphs that somebody wrote as JSON, as exposure graphs. */
import type { GraphDescription } from "../model/exposure.ts";
import { Fault } from "../model/fault.ts";
import { accountKey, looksLikeTeam } from "./accounts.ts";
import { exposureOfEdges } from "./edge-list.ts";
import { type Accounts, type Builders, type ExposureGraph, rowsOf } from "./exposure-graph.ts";

/** What is known of one package, or node. */
export interface GraphNode {
  readonly name: string;
  /** What it asks for; alternatives stand together. */
  readonly asks: readonly (readonly string[])[];
  readonly accounts?: readonly string[];
  readonly builder?: string;
  /** It is the user's own. */
  readonly root?: boolean;
}

/** Edges to names that no node has are counted as dangling and left out, unless `open`: then they are nodes of which nothing more is known. */
export function exposureOfNodes(
  list: readonly GraphNode[],
  about: Pick<GraphDescription, "name" | "kind" | "inputs">,
  options: { readonly open?: boolean } = {},
): ExposureGraph {
  const names: string[] = [];
  const ids = new Map<string, number>();
  const id = (name: string): number => {
    let number = ids.get(name);
    if (number === undefined) {
      number = names.length;
      ids.set(name, number);
      names.push(name);
    }
    return number;
  };
  for (const { name } of list) id(name);
  const from: number[] = [];
  const to: number[] = [];
  const clause: number[] = [];
  let group = 0;
  let dangling = 0;
  for (const node of list) {
    for (const any of node.asks) {
      const targets = any.filter((name) => ids.has(name) || options.open === true);
      dangling += any.length - targets.length;
      group++;
      for (const target of targets) {
        from.push(id(node.name));
        to.push(id(target));
        clause.push(group);
      }
    }
  }
  const alternatives = list.some(({ asks }) => asks.some((any) => any.length > 1));
  const raw = {
    names,
    from: Int32Array.from(from),
    to: Int32Array.from(to),
    clause: alternatives ? Int32Array.from(clause) : null,
    problems: [],
    problemCount: 0,
  };
  const roots = Int32Array.from(list.flatMap(({ name, root }) => (root === true ? [id(name)] : []))).toSorted();
  return exposureOfEdges(
    raw,
    { ...about, dangling },
    { roots, accounts: accountsOf(list, id), builders: buildersOf(list, id, names.length) },
  );
}

function accountsOf(list: readonly GraphNode[], id: (name: string) => number): Accounts | null {
  const known = new Map<string, { readonly owned: Set<number>; readonly team: boolean }>();
  for (const { name, accounts } of list) {
    for (const account of accounts ?? []) {
      const key = accountKey(account);
      const entry = known.get(key);
      if (entry === undefined) known.set(key, { owned: new Set([id(name)]), team: looksLikeTeam(account.toLowerCase()) });
      else entry.owned.add(id(name));
    }
  }
  if (known.size === 0) return null;
  const entries = [...known];
  return {
    count: entries.length,
    owns: rowsOf(entries.map(([, { owned }]) => Int32Array.from(owned).toSorted())),
    isTeam: Uint8Array.from(entries, ([, { team }]) => (team ? 1 : 0)),
    teams: entries.map(() => ""),
    keys: entries.map(([key]) => key),
  };
}

function buildersOf(list: readonly GraphNode[], id: (name: string) => number, n: number): Builders | null {
  const names: string[] = [];
  const of = new Int32Array(n).fill(-1);
  for (const { name, builder } of list) {
    if (builder === undefined || builder === "") continue;
    let at = names.indexOf(builder);
    if (at === -1) at = names.push(builder) - 1;
    of[id(name)] = at;
  }
  return names.length === 0 ? null : { names, of };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const own = (value: Readonly<Record<string, unknown>>, key: string): unknown => (Object.hasOwn(value, key) ? value[key] : undefined);
const textOf = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

/** Does it look like a graph, rather than a lockfile or an SBOM? */
export const isGraphJson = (value: unknown): boolean =>
  isObject(value) && Array.isArray(own(value, "edges")) && own(value, "bomFormat") === undefined;

/**
 * `{"nodes": ["a", {"name": "b", "accounts": ["x"], "builder": "y", "root": true}], "edges": [["a", "b"], {"from": "a", "to": ["b", "c"]}]}`;
 * an array under `to` lists alternatives. `id`, `source` and `target` are understood as well. Throws `inventory/syntax`.
 */
export function nodesOfJson(value: unknown, file: string): readonly GraphNode[] {
  const bad = (where: string, what: string): Fault =>
    new Fault("inventory/syntax", `${file}: ${where} ${what}`, { place: { file, key: where } });
  if (!isObject(value)) throw bad("the file", "is no object with nodes and edges");
  interface Open extends Omit<GraphNode, "asks"> {
    readonly asks: string[][];
  }
  const nodes = new Map<string, Open>();
  const nodeList = own(value, "nodes") ?? [];
  const edgeList = own(value, "edges");
  if (!Array.isArray(nodeList) || !Array.isArray(edgeList)) throw bad("nodes and edges", "are lists");
  for (const [index, node] of nodeList.entries()) {
    const name = textOf(node) ?? (isObject(node) ? (textOf(own(node, "name")) ?? textOf(own(node, "id"))) : undefined);
    if (name === undefined) throw bad(`nodes/${index}`, "has no name");
    if (nodes.has(name)) throw bad(`nodes/${index}`, `is a second node called ${name}`);
    const accounts = isObject(node) ? own(node, "accounts") : undefined;
    const builder = isObject(node) ? textOf(own(node, "builder")) : undefined;
    nodes.set(name, {
      name,
      asks: [],
      ...(Array.isArray(accounts) ? { accounts: accounts.filter((account) => typeof account === "string") } : {}),
      ...(builder === undefined ? {} : { builder }),
      ...(isObject(node) && own(node, "root") === true ? { root: true } : {}),
    });
  }
  const nodeOf = (name: string): Open => {
    const known = nodes.get(name);
    if (known !== undefined) return known;
    const fresh: Open = { name, asks: [] };
    nodes.set(name, fresh);
    return fresh;
  };
  for (const [index, edge] of edgeList.entries()) {
    const from = textOf(Array.isArray(edge) ? edge[0] : isObject(edge) ? (own(edge, "from") ?? own(edge, "source")) : undefined);
    const target: unknown = Array.isArray(edge) ? edge[1] : isObject(edge) ? (own(edge, "to") ?? own(edge, "target")) : undefined;
    const targets = (Array.isArray(target) ? target : [target]).map(textOf);
    if (from === undefined || targets.length === 0 || targets.includes(undefined))
      throw bad(`edges/${index}`, "does not lead from a name to a name");
    nodeOf(from).asks.push(targets as string[]);
    for (const one of targets as string[]) nodeOf(one);
  }
  return [...nodes.values()];
}

/**
 * A registry's document of one package (npm's form): its newest release, by `dist-tags.latest`. null where it is none.
 * Dependencies and optional dependencies are asked for; peers are somebody else's to bring.
 */
export function nodeOfDocument(value: unknown): GraphNode | null {
  if (!isObject(value)) return null;
  const name = textOf(own(value, "name"));
  const tags = own(value, "dist-tags");
  const versions = own(value, "versions");
  if (name === undefined || !isObject(tags) || !isObject(versions)) return null;
  const release = own(versions, textOf(own(tags, "latest")) ?? "");
  if (!isObject(release)) return null;
  const asked = ["dependencies", "optionalDependencies"].flatMap((field) => {
    const map = own(release, field);
    return isObject(map) ? Object.keys(map) : [];
  });
  const maintainers = own(release, "maintainers") ?? own(value, "maintainers");
  const accounts = Array.isArray(maintainers)
    ? maintainers.flatMap((one) => {
        const account = isObject(one) ? (textOf(own(one, "name")) ?? textOf(own(one, "email"))) : textOf(one);
        return account === undefined ? [] : [account];
      })
    : [];
  return { name, asks: [...new Set(asked)].map((one) => [one]), accounts };
}
