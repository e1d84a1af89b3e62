/** Bill -> CycloneDX 1.6 or 1.7 data, with traced values in it. */
import {
  ALGORITHMS,
  type Agent,
  type Bill,
  type Hash,
  type Item,
  type LicenceClaim,
  type LicenceText,
  REFERENCE_TYPES,
  type Reference,
  type Relation,
  TYPES,
  isReference,
} from "../bill/bill.ts";
import { Traced, join, made } from "../bill/traced.ts";

type Tree = Readonly<Record<string, unknown>>;

/** The tree that `place` turns into a document. `urn` is the serial number to use where the source has no UUID. */
export function billToCycloneDx(bill: Bill, version: "1.6" | "1.7", urn: string): Tree {
  const byKey = new Map(bill.items.map((item) => [item.key.value, item]));
  const keys = new Set(byKey.keys());
  const nesting = nest(bill);
  const [rootKey] = bill.described.length === 1 ? bill.described : [];
  const root = bill.items.find((item) => item.key.value === rootKey?.value && !nesting.parent.has(item.key.value));
  const textOf = new Map(bill.texts.map((text) => [text.id.value, text]));
  const component = (item: Item): Tree => {
    const inner = (nesting.children.get(item.key.value) ?? []).flatMap((key) => byKey.get(key) ?? []);
    return writeComponent(
      item,
      version,
      textOf,
      inner.map(component),
      nesting.relation.get(item.key.value),
      item === root ? rootKey : undefined,
    );
  };
  const top = bill.items.filter((item) => item !== root && !nesting.parent.has(item.key.value));
  const components = top.map(component);
  const namespace = bill.namespace;
  const isUuid = namespace !== undefined && /^urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u.test(namespace.value);
  const people = bill.creators.filter((agent) => agent.kind === "person");
  const tools = bill.creators.filter((agent) => agent.kind === "tool");
  const maker = bill.creators.find((agent) => agent.kind === "organization");
  const created = bill.created;
  return {
    $schema: `http://cyclonedx.org/schema/bom-${version}.schema.json`,
    bomFormat: "CycloneDX",
    specVersion: version,
    serialNumber: isUuid ? namespace : made(urn),
    version: 1,
    metadata: {
      timestamp: created,
      tools:
        tools.length === 0
          ? undefined
          : { components: tools.map((tool) => ({ type: "application", name: tool.name, version: tool.version })) },
      authors: people.length === 0 ? undefined : people.map((person) => ({ name: person.name, email: person.email })),
      manufacturer: maker === undefined ? undefined : organization(maker),
      component: root === undefined ? documentComponent(bill) : component(root),
      licenses: bill.dataLicence === undefined ? undefined : [{ license: { id: bill.dataLicence } }],
    },
    components: components.length === 0 ? undefined : components,
    // A namespace that is no UUID is the address of the document that this one was made from.
    externalReferences:
      namespace !== undefined && !isUuid && isReference(namespace.value)
        ? [{ type: "bom", url: namespace, comment: "SPDX document namespace" }]
        : undefined,
    dependencies: dependencies(bill.relations, keys),
  };
}

/** Where the document names no single thing that it is about, its own name still has a place. */
function documentComponent(bill: Bill): Tree | undefined {
  return bill.name === undefined || bill.name.value === "" ? undefined : { type: "application", name: bill.name };
}

interface Nesting {
  readonly parent: ReadonlyMap<string, string>;
  readonly children: ReadonlyMap<string, readonly string[]>;
  readonly relation: ReadonlyMap<string, Relation>;
}

/** `contains` becomes nesting where a thing is contained in one other only, and not in itself over others. */
function nest(bill: Bill): Nesting {
  const keys = new Set(bill.items.map((item) => item.key.value));
  const containers = new Map<string, Relation[]>();
  for (const relation of bill.relations) {
    if (
      relation.type.value !== "contains" ||
      !keys.has(relation.from.value) ||
      !keys.has(relation.to.value) ||
      relation.from.value === relation.to.value
    )
      continue;
    const list = containers.get(relation.to.value);
    if (list === undefined) containers.set(relation.to.value, [relation]);
    else list.push(relation);
  }
  const parent = new Map<string, string>();
  const relations = new Map<string, Relation>();
  const described = new Set(bill.described.map((one) => one.value));
  for (const [child, list] of containers) {
    const [only] = list;
    if (list.length !== 1 || only === undefined || described.has(child)) continue;
    let up: string | undefined = only.from.value;
    let depth = 0;
    // Nested as deep as readers of nested things take it.
    while (up !== undefined && up !== child && depth < 50) {
      up = parent.get(up);
      depth += 1;
    }
    if (up !== undefined) continue;
    parent.set(child, only.from.value);
    relations.set(child, only);
  }
  const children = new Map<string, string[]>();
  for (const [child, up] of parent) {
    const list = children.get(up);
    if (list === undefined) children.set(up, [child]);
    else list.push(child);
  }
  return { parent, children, relation: relations };
}

function dependencies(relations: readonly Relation[], keys: ReadonlySet<string>): readonly Tree[] | undefined {
  const byRef = new Map<string, { ref: Traced; on: Map<string, Traced> }>();
  for (const relation of relations) {
    const none = relation.to.value === "NONE";
    if (relation.type.value !== "dependsOn" || !keys.has(relation.from.value) || !(none || keys.has(relation.to.value))) continue;
    const type = relation.type;
    const entry = byRef.get(relation.from.value) ?? { ref: relation.from, on: new Map<string, Traced>() };
    // One leaf of CycloneDX says what SPDX says in three: who, whom, and that it is a dependency.
    entry.ref = merged(entry.ref, relation.from);
    if (none) {
      entry.ref = entry.ref.with(relation.to, type);
      byRef.set(relation.from.value, entry);
      continue;
    }
    const to = relation.to.with(type);
    const before = entry.on.get(relation.to.value);
    entry.on.set(relation.to.value, before === undefined ? to : merged(before, to));
    byRef.set(relation.from.value, entry);
  }
  if (byRef.size === 0) return undefined;
  return [...byRef.values()].map(({ ref, on }) => ({ ref, dependsOn: on.size === 0 ? undefined : [...on.values()] }));
}

function merged(a: Traced, b: Traced): Traced {
  return a === b ? a : new Traced(a.value, [...a.sources, ...b.sources], "renamed");
}

function writeComponent(
  item: Item,
  version: "1.6" | "1.7",
  textOf: ReadonlyMap<string, LicenceText>,
  inner: readonly Tree[],
  contained: Relation | undefined,
  described: Traced | undefined,
): Tree {
  const hashes = item.hashes.flatMap(hash);
  const references = [
    ...(item.homepage !== undefined && isReference(item.homepage.value) ? [{ type: "website", url: item.homepage }] : []),
    ...(item.download !== undefined && isReference(item.download.value) && !/^(?:NONE|NOASSERTION)$/u.test(item.download.value)
      ? [{ type: /^(?:git|hg|svn|bzr)\+/u.test(item.download.value) ? "vcs" : "distribution", url: item.download }]
      : []),
    ...item.references.flatMap(reference),
  ];
  const type = item.form === "file" ? "file" : typeName(item.type);
  // Where containment or being described was said by a relationship, the nesting says it now.
  const said = [
    ...(contained === undefined ? [] : [contained.from, contained.to, contained.type]),
    ...(described === undefined ? [] : [described]),
  ];
  const key = item.key.with(...said);
  return {
    type,
    "bom-ref": key,
    supplier: item.supplier === undefined ? undefined : organization(item.supplier),
    manufacturer: item.originator?.kind === "organization" ? organization(item.originator) : undefined,
    authors: item.originator?.kind === "person" ? [{ name: item.originator.name, email: item.originator.email }] : undefined,
    group: item.group,
    name: item.name,
    version: item.version,
    description: item.description ?? item.summary,
    scope: item.scope,
    hashes: hashes.length === 0 ? undefined : hashes,
    licenses: licences(item.licences, version, textOf),
    copyright: item.copyright !== undefined && /^(?:NONE|NOASSERTION)$/u.test(item.copyright.value) ? undefined : item.copyright,
    cpe: item.cpe,
    purl: item.purl,
    externalReferences: references.length === 0 ? undefined : references,
    components: inner.length === 0 ? undefined : inner,
  };
}

function typeName(type: Traced | undefined): Traced | string {
  if (type === undefined) return "library";
  return TYPES.some(([cyclonedx]) => cyclonedx === type.value) ? type : "library";
}

function hash(one: Hash): readonly Tree[] {
  const known = ALGORITHMS.some(([cyclonedx]) => cyclonedx === one.algorithm.value) || one.algorithm.value.startsWith("Streebog-");
  const value = one.value.value.toLowerCase();
  if (!known || !/^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})$/u.test(value)) return [];
  return [{ alg: one.algorithm, content: one.value }];
}

function reference(one: Reference): readonly Tree[] {
  if (!isReference(one.url.value)) return [];
  if (REFERENCE_TYPES.has(one.type.value)) return [{ type: one.type.with(one.category), url: one.url, comment: one.comment }];
  const comment = join([
    one.category,
    one.category === undefined ? "" : " ",
    one.type,
    ...(one.comment === undefined ? [] : [": ", one.comment]),
  ]);
  return [{ type: "other", url: one.url, comment }];
}

function organization(agent: Agent): Tree {
  return { name: agent.name, contact: agent.email === undefined ? undefined : [{ email: agent.email }] };
}

/** 1.6 takes either one expression or a list of ids and names; 1.7 takes any mixture. */
function licences(
  claims: readonly LicenceClaim[],
  version: "1.6" | "1.7",
  textOf: ReadonlyMap<string, LicenceText>,
): readonly Tree[] | undefined {
  const said = claims.filter((claim) => claim.value.value !== "NONE" && claim.value.value !== "NOASSERTION" && claim.value.value !== "");
  const unified = unify(said);
  const trees = unified.map((claim) => ({ claim, tree: licence(claim, version, textOf) }));
  const expressions = trees.filter(({ claim }) => claim.kind === "expression" && !isSingleText(claim, textOf));
  if (trees.length === 0) return undefined;
  if (version === "1.7" || expressions.length === 0) return trees.map(({ tree }) => tree);
  const [chosen] = [...expressions].toSorted((a, b) => Number(b.claim.standing === "concluded") - Number(a.claim.standing === "concluded"));
  return chosen === undefined ? undefined : [chosen.tree];
}

/** The same licence declared and concluded is one entry that says neither standing less. */
function unify(claims: readonly LicenceClaim[]): readonly LicenceClaim[] {
  const result: LicenceClaim[] = [];
  for (const claim of claims) {
    const twin = result.findIndex(
      (one) => one.kind === claim.kind && one.value.value === claim.value.value && one.standing === claim.standing,
    );
    const before = result[twin];
    if (before === undefined) result.push(claim);
    else
      result[twin] = {
        ...before,
        value: new Traced(before.value.value, [...before.value.sources, ...claim.value.sources], before.value.how),
      };
  }
  return result;
}

const isSingleText = (claim: LicenceClaim, textOf: ReadonlyMap<string, LicenceText>): boolean =>
  claim.kind === "expression" && textOf.has(claim.value.value);

function licence(claim: LicenceClaim, version: "1.6" | "1.7", textOf: ReadonlyMap<string, LicenceText>): Tree {
  const acknowledgement = claim.standingFrom ?? (claim.standing === null ? undefined : claim.standing);
  const text = textOf.get(claim.value.value);
  if (text !== undefined) {
    // A LicenseRef alone: its text and name come with it. The reference itself stays as the entry's own name.
    const [url] = text.seeAlso;
    return {
      license: {
        name: text.name ?? claim.value,
        acknowledgement,
        text: text.text === undefined ? undefined : { content: text.text },
        url: url !== undefined && isReference(url.value) ? url : undefined,
        ...(text.name !== undefined && {
          properties: [
            { name: "spdx:licenseId", value: new Traced(claim.value.value, [...claim.value.sources, ...text.id.sources], "same") },
          ],
        }),
      },
    };
  }
  if (claim.kind === "expression") {
    const used = version === "1.7" ? [...textOf.values()].filter((one) => claim.value.value.split(/[\s()]+/u).includes(one.id.value)) : [];
    const details = used.map((one) => ({
      licenseIdentifier: one.id,
      text: one.text === undefined ? undefined : { content: one.text },
      url: one.seeAlso[0] !== undefined && isReference(one.seeAlso[0].value) ? one.seeAlso[0] : undefined,
    }));
    return { expression: claim.value, acknowledgement, expressionDetails: details.length === 0 ? undefined : details };
  }
  return {
    license: {
      ...(claim.kind === "id" ? { id: claim.value } : { name: claim.value }),
      acknowledgement,
      text: claim.text === undefined ? undefined : { content: claim.text },
      url: claim.url !== undefined && isReference(claim.url.value) ? claim.url : undefined,
    },
  };
}
