/**
 * SPDX 2 as RDF/XML to the JSON form. RDF may write the same graph in many ways (nested, by reference, in pieces), so the graph is
 * built first; the JSON schema then says what each property is called and whether it is a list. The texts of listed licences, which
 * tools copy into RDF, are left out: the id stands for them.
 */
import { Fault, type Json } from "../../model/index.ts";
import type { FormLoss } from "../form.ts";
import { placeOf } from "../text.ts";
import { type XmlElement, attributeOf, elementsOf, textOf } from "../xml.ts";
import { type SpdxShape, documentShape, spdxScalar } from "./shape.ts";
import type { SpdxRead } from "./xml.ts";

const RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
const TERMS = "http://spdx.org/rdf/terms#";
const LICENCES = /^https?:\/\/spdx\.org\/licenses\//u;

type Value = { readonly kind: "literal"; readonly text: string } | { readonly kind: "node"; readonly id: string };

interface RdfNode {
  readonly id: string;
  type: string;
  readonly properties: Map<string, Value[]>;
  offset: number;
}

/** RDF property -> JSON member, where it is neither the same nor the same with an `s`. */
const RENAMED: Readonly<Record<string, string>> = {
  specVersion: "spdxVersion",
  describesPackage: "documentDescribes",
  reviewed: "revieweds",
  licenseInfoInSnippet: "licenseInfoInSnippets",
};

export function spdxFromRdf(root: XmlElement, text: string, file: string): SpdxRead {
  if (root.local !== "RDF" || root.ns !== RDF)
    throw new Fault("sbom/invalid", `${file} is not RDF/XML: its root is <${root.name}>`, { place: placeOf(file, text, root.offset) });
  const graph = buildGraph(root);
  const document = [...graph.values()].find((node) => node.type === "SpdxDocument");
  if (document === undefined) throw new Fault("sbom/invalid", `${file} holds no SpdxDocument`, { place: { file, line: 1 } });
  return new Converter(graph, document).convert();
}

function buildGraph(root: XmlElement): Map<string, RdfNode> {
  const graph = new Map<string, RdfNode>();
  let blank = 0;
  const nodeFor = (id: string, offset: number): RdfNode => {
    let node = graph.get(id);
    if (node === undefined) {
      node = { id, type: "", properties: new Map(), offset };
      graph.set(id, node);
    }
    return node;
  };
  const readNode = (element: XmlElement): RdfNode => {
    const about = attributeOf(element, "about", RDF);
    const nodeId = attributeOf(element, "nodeID", RDF);
    const id = attributeOf(element, "ID", RDF);
    blank += 1;
    const node = nodeFor(
      about ?? (nodeId !== undefined ? `_:${nodeId}` : id !== undefined ? `#${id}` : `_:blank ${blank}`),
      element.offset,
    );
    if (element.local !== "Description" || element.ns !== RDF) node.type = element.local;
    const add = (name: string, value: Value): void => {
      const values = node.properties.get(name);
      if (values === undefined) node.properties.set(name, [value]);
      else values.push(value);
    };
    for (const attribute of element.attributes)
      if (attribute.ns !== RDF && attribute.ns !== "") add(attribute.local, { kind: "literal", text: attribute.value });
    for (const property of elementsOf(element)) {
      const resource = attributeOf(property, "resource", RDF);
      const referred = attributeOf(property, "nodeID", RDF);
      const inner = elementsOf(property);
      if (property.ns === RDF && property.local === "type") {
        node.type = (resource ?? "").replace(/^.*[#/]/u, "");
      } else if (resource !== undefined) {
        nodeFor(resource, property.offset);
        add(property.local, { kind: "node", id: resource });
      } else if (referred !== undefined) add(property.local, { kind: "node", id: nodeFor(`_:${referred}`, property.offset).id });
      else if (inner.length > 0) for (const child of inner) add(property.local, { kind: "node", id: readNode(child).id });
      else add(property.local, { kind: "literal", text: textOf(property) });
    }
    return node;
  };
  for (const element of elementsOf(root)) readNode(element);
  return graph;
}

class Converter {
  readonly #graph: ReadonlyMap<string, RdfNode>;
  readonly #document: RdfNode;
  readonly #namespace: string;
  readonly #losses: FormLoss[] = [];
  readonly #offsets = new Map<string, number>();
  #licenceTexts = 0;

  constructor(graph: ReadonlyMap<string, RdfNode>, document: RdfNode) {
    this.#graph = graph;
    this.#document = document;
    const hash = document.id.indexOf("#");
    this.#namespace = hash < 0 ? document.id : document.id.slice(0, hash);
  }

  convert(): SpdxRead {
    const shape = documentShape();
    const data = this.#object(this.#document, shape, ["packages", "files", "snippets", "relationships"]);
    data["SPDXID"] = this.#id(this.#document.id);
    data["documentNamespace"] = this.#namespace;
    const lists: Readonly<Record<string, string>> = { Package: "packages", File: "files", Snippet: "snippets" };
    const relationships: unknown[] = [];
    this.#relate(this.#document, relationships);
    for (const node of this.#graph.values()) {
      const member = lists[node.type];
      if (member === undefined) continue;
      const list = (data[member] as unknown[] | undefined) ?? [];
      this.#offsets.set(`/${member}/${list.length}`, node.offset);
      list.push({
        SPDXID: this.#id(node.id),
        ...this.#object(node, shape.members.get(member)?.items as SpdxShape, ["relationships", "SPDXID"]),
      });
      data[member] = list;
      this.#relate(node, relationships);
    }
    if (relationships.length > 0) data["relationships"] = relationships;
    if (this.#licenceTexts > 0)
      this.#losses.push({ at: "/", what: "copies of the texts of listed licences", value: String(this.#licenceTexts) });
    return { data: data as Record<string, Json>, offsets: this.#offsets, losses: this.#losses };
  }

  #relate(node: RdfNode, into: unknown[]): void {
    for (const value of node.properties.get("relationship") ?? []) {
      const relation = value.kind === "node" ? this.#graph.get(value.id) : undefined;
      if (relation === undefined) continue;
      const shape = documentShape().members.get("relationships")?.items as SpdxShape;
      into.push({ spdxElementId: this.#id(node.id), ...this.#object(relation, shape, []) });
    }
  }

  #object(node: RdfNode, shape: SpdxShape, elsewhere: readonly string[]): Record<string, unknown> {
    const data: Record<string, unknown> = {};
    for (const [property, values] of node.properties) {
      const member = memberOf(property, shape);
      if (member === undefined || elsewhere.includes(member)) {
        if (member === undefined && property !== "relationship")
          this.#losses.push({
            at: `${node.id} ${property}`,
            what: "a property that JSON has no member for",
            value: values.map((one) => (one.kind === "literal" ? one.text : one.id)).join(", "),
          });
        continue;
      }
      const inner = shape.members.get(member) as SpdxShape;
      if (inner.items !== null) data[member] = values.map((value) => this.#value(value, inner.items as SpdxShape, member));
      else {
        const [first, ...rest] = values;
        if (first !== undefined) data[member] = this.#value(first, inner, member);
        for (const one of rest)
          this.#losses.push({
            at: `${node.id} ${property}`,
            what: "a second value where one is allowed",
            value: one.kind === "literal" ? one.text : one.id,
          });
      }
    }
    // Where a node is named by its address, the id may be left to that.
    for (const [member, form] of [
      ["externalDocumentId", /#(DocumentRef-[\w.+-]+)$/u],
      ["licenseId", /#(LicenseRef-[\w.+-]+)$/u],
    ] as const) {
      const id = form.exec(node.id)?.[1];
      if (id !== undefined && shape.members.has(member) && !Object.hasOwn(data, member)) data[member] = id;
    }
    return data;
  }

  #value(value: Value, shape: SpdxShape, member: string): unknown {
    if (value.kind === "literal") return spdxScalar(value.text, shape);
    const node = this.#graph.get(value.id);
    if (/^licen[cs]e(?:Concluded|Declared|Info)|^dataLicense$/u.test(member)) return this.#licence(value.id, 0);
    if (shape.type === "object" && node !== undefined) return this.#object(node, shape, []);
    const term = value.id.startsWith(TERMS) ? value.id.slice(TERMS.length) : undefined;
    if (term === "noassertion" || term === "none") return term.toUpperCase();
    if (term !== undefined && shape.values.length > 0) return enumeration(term, shape.values);
    if (member === "referenceType") return value.id.replace(/^https?:\/\/spdx\.org\/rdf\/references\//u, "");
    return this.#id(value.id);
  }

  /** Elements of this document by their id, everything else by its address. */
  #id(address: string): string {
    if (address.startsWith(`${this.#namespace}#`)) return address.slice(this.#namespace.length + 1);
    if (address.startsWith(TERMS)) return address.slice(TERMS.length).toUpperCase();
    for (const value of this.#document.properties.get("externalDocumentRef") ?? []) {
      const reference = value.kind === "node" ? this.#graph.get(value.id) : undefined;
      const [target] = reference?.properties.get("spdxDocument") ?? [];
      const [id] = reference?.properties.get("externalDocumentId") ?? [];
      const name = id?.kind === "literal" ? id.text : /#(DocumentRef-[\w.+-]+)$/u.exec(reference?.id ?? "")?.[1];
      if (target?.kind === "node" && name !== undefined && address.startsWith(`${target.id}#`))
        return `${name}:${address.slice(target.id.length + 1)}`;
    }
    return address.startsWith("#") ? address.slice(1) : address;
  }

  #licence(id: string, depth: number): string {
    const node = this.#graph.get(id);
    const members = (): string[] =>
      (node?.properties.get("member") ?? []).map((one) => (one.kind === "node" ? this.#licence(one.id, depth + 1) : one.text)).toSorted();
    const single = (property: string): string => {
      const [value] = node?.properties.get(property) ?? [];
      return value === undefined ? "NOASSERTION" : value.kind === "literal" ? value.text : this.#licence(value.id, depth + 1);
    };
    // Sets may name themselves through a reference: a licence is never that deep.
    if (depth > 50) return "NOASSERTION";
    switch (node?.type) {
      case "ConjunctiveLicenseSet":
        return depth > 0 ? `(${members().join(" AND ")})` : members().join(" AND ");
      case "DisjunctiveLicenseSet":
        return depth > 0 ? `(${members().join(" OR ")})` : members().join(" OR ");
      case "OrLaterOperator":
        return `${single("member")}+`;
      case "WithExceptionOperator":
        return `${single("member")} WITH ${single("licenseException")}`;
      case "ListedLicenseException":
      case "LicenseException":
        return single("licenseExceptionId");
      default:
        if (node?.properties.has("licenseText") === true) this.#licenceTexts += 1;
        if (LICENCES.test(id)) return id.replace(LICENCES, "");
        return this.#id(id);
    }
  }
}

function memberOf(property: string, shape: SpdxShape): string | undefined {
  const renamed = RENAMED[property];
  for (const candidate of [renamed, property, `${property}s`])
    if (candidate !== undefined && shape.members.has(candidate)) return candidate;
  return undefined;
}

function plain(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/gu, "");
}

/** `checksumAlgorithm_sha1` -> `SHA1`, `relationshipType_generatedFrom` -> `GENERATED_FROM`. */
function enumeration(term: string, values: readonly string[]): string {
  const wanted = plain(term.slice(term.indexOf("_") + 1));
  return values.find((value) => plain(value) === wanted) ?? term;
}
