/** GraphML (http://graphml.graphdrawing.org/specification.html): nodes and edges; a `name` or `label` of a node is its name, else its id. */
import type { GraphNode } from "../../graph/package-exposure.ts";
import { Fault } from "../../model/index.ts";
import { type XmlElement, attributeOf, elementsOf, parseXml, textOf } from "../../sbom/xml.ts";

/** Throws `sbom/syntax` where it is not well-formed, `inventory/format` where it is no GraphML. */
export function readGraphml(text: string, file: string): readonly GraphNode[] {
  const root = parseXml(text, file);
  if (root.local !== "graphml")
    throw new Fault("inventory/format", `${file} is no GraphML: its root is <${root.name}>`, { place: { file } });
  const nameKeys = new Set(
    elementsOf(root)
      .filter((element) => element.local === "key" && ["name", "label"].includes(attributeOf(element, "attr.name") ?? ""))
      .map((element) => attributeOf(element, "id")),
  );
  const nodes: XmlElement[] = [];
  const edges: XmlElement[] = [];
  const open = elementsOf(root).filter(({ local }) => local === "graph");
  // Nodes may hold graphs of their own (section 3.3): all of it is one graph to us.
  for (let graph = open.pop(); graph !== undefined; graph = open.pop()) {
    for (const element of elementsOf(graph)) {
      if (element.local === "edge") edges.push(element);
      if (element.local !== "node") continue;
      nodes.push(element);
      open.push(...elementsOf(element).filter(({ local }) => local === "graph"));
    }
  }
  const names = new Map<string, string>();
  const taken = new Set<string>();
  for (const node of nodes) {
    const id = attributeOf(node, "id") ?? "";
    const data = elementsOf(node).find((element) => element.local === "data" && nameKeys.has(attributeOf(element, "key")));
    const name = data === undefined ? id : textOf(data).trim();
    const own = name === "" || taken.has(name) ? id : name;
    if (id === "" || names.has(id))
      throw new Fault("inventory/syntax", `${file}: ${id === "" ? "a node has no id" : `two nodes are called ${id}`}`, { place: { file } });
    taken.add(own);
    names.set(id, own);
  }
  const asks = new Map<string, string[][]>([...names.values()].map((name) => [name, []]));
  for (const edge of edges) {
    const from = names.get(attributeOf(edge, "source") ?? "");
    const target = attributeOf(edge, "target") ?? "";
    if (from === undefined) throw new Fault("inventory/syntax", `${file}: an edge begins at no node`, { place: { file } });
    // An edge to nothing is kept as such: it is counted as dangling.
    asks.get(from)!.push([names.get(target) ?? `\u0000${target}`]);
  }
  return [...asks].map(([name, list]) => ({ name, asks: list }));
}
