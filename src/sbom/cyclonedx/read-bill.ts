/** CycloneDX data -> bill. What is not taken here is not in the bill, and is a loss of every conversion. */
import type { Agent, Bill, Hash, Item, LicenceClaim, LicenceText, Reference, Relation } from "../bill/bill.ts";
import { type Data, Traced, isObject, leaf, made, objects, texts } from "../bill/traced.ts";
import type { SbomData } from "../document.ts";
import { pointerTo } from "../text.ts";

export function cycloneDxToBill(data: SbomData): Bill {
  const metadata = isObject(data["metadata"]) ? data["metadata"] : {};
  const items: Item[] = [];
  const relations: Relation[] = [];
  const described: Traced[] = [];
  const root = metadata["component"];
  if (isObject(root)) described.push(readComponent(root, "/metadata/component", items, relations, null).key);
  for (const { data: component, pointer } of objects(data["components"], "/components"))
    readComponent(component, pointer, items, relations, null);
  for (const { data: dependency, pointer } of objects(data["dependencies"], "/dependencies")) {
    const ref = leaf(dependency, "ref", pointer);
    if (ref === undefined) continue;
    const from = ref.as(ref.value, "renamed");
    const needed = texts(dependency["dependsOn"], `${pointer}/dependsOn`);
    for (const to of needed) relations.push({ from, to: to.as(to.value, "renamed"), type: made("dependsOn") });
    // An entry without any says that nothing is needed, which is more than no entry says.
    if (needed.length === 0 && !Object.hasOwn(dependency, "provides")) relations.push({ from, to: made("NONE"), type: made("dependsOn") });
  }
  const [rootItem] = items;
  return {
    name: described.length > 0 && rootItem !== undefined ? rootItem.name : undefined,
    namespace: leaf(data, "serialNumber", ""),
    created: leaf(metadata, "timestamp", "/metadata"),
    dataLicence: dataLicence(metadata),
    creators: creators(metadata),
    items,
    described,
    relations,
    texts: licenceTexts(data),
  };
}

/** Texts that 1.7 keeps with an expression, by the `LicenseRef-` that they are of; the first of each. */
function licenceTexts(data: SbomData): readonly LicenceText[] {
  const found = new Map<string, LicenceText>();
  for (const { data: component, pointer } of objects(data["components"], "/components")) {
    for (const entry of objects(component["licenses"], `${pointer}/licenses`)) {
      for (const { data: detail, pointer: at } of objects(entry.data["expressionDetails"], `${entry.pointer}/expressionDetails`)) {
        const id = leaf(detail, "licenseIdentifier", at);
        if (id === undefined || !/^LicenseRef-[A-Za-z0-9.-]+$/u.test(id.value) || found.has(id.value)) continue;
        const attached = isObject(detail["text"]) && !Object.hasOwn(detail["text"], "encoding") ? detail["text"] : undefined;
        const url = leaf(detail, "url", at);
        found.set(id.value, { id, text: leaf(attached, "content", `${at}/text`), seeAlso: url === undefined ? [] : [url] });
      }
    }
  }
  return [...found.values()];
}

function dataLicence(metadata: Data): Traced | undefined {
  for (const { data, pointer } of objects(metadata["licenses"], "/metadata/licenses")) {
    const id = isObject(data["license"]) ? leaf(data["license"], "id", `${pointer}/license`) : undefined;
    if (id?.value === "CC0-1.0") return id;
  }
  return undefined;
}

function creators(metadata: Data): readonly Agent[] {
  const agents: Agent[] = [];
  const tools = metadata["tools"];
  const list = isObject(tools) ? objects(tools["components"], "/metadata/tools/components") : objects(tools, "/metadata/tools");
  for (const { data, pointer } of list) {
    const name = leaf(data, "name", pointer);
    if (name !== undefined) agents.push({ kind: "tool", name, version: leaf(data, "version", pointer) });
  }
  for (const { data, pointer } of objects(metadata["authors"], "/metadata/authors")) {
    const name = leaf(data, "name", pointer);
    if (name !== undefined) agents.push({ kind: "person", name, email: leaf(data, "email", pointer) });
  }
  for (const key of ["manufacturer", "manufacture", "supplier"]) {
    const agent = organization(metadata[key], `/metadata/${key}`);
    if (agent !== undefined) agents.push(agent);
  }
  return agents;
}

function organization(value: unknown, pointer: string): Agent | undefined {
  if (!isObject(value)) return undefined;
  const name = leaf(value, "name", pointer);
  const [contact] = objects(value["contact"], `${pointer}/contact`);
  return name === undefined
    ? undefined
    : { kind: "organization", name, email: contact === undefined ? undefined : leaf(contact.data, "email", contact.pointer) };
}

function readComponent(data: Data, pointer: string, items: Item[], relations: Relation[], parent: Traced | null): Item {
  const name = leaf(data, "name", pointer) ?? made("");
  const ref = leaf(data, "bom-ref", pointer);
  const key = ref === undefined ? made(pointer) : ref.as(ref.value, "renamed");
  const references: Reference[] = [];
  let homepage: Traced | undefined;
  let download: Traced | undefined;
  for (const { data: reference, pointer: at } of objects(data["externalReferences"], `${pointer}/externalReferences`)) {
    const type = leaf(reference, "type", at);
    const url = leaf(reference, "url", at);
    const comment = leaf(reference, "comment", at);
    if (type === undefined || url === undefined) continue;
    // What SPDX has a member of its own for; the type is said by the member.
    if (type.value === "website" && homepage === undefined && comment === undefined) homepage = url.with(type.as(type.value, "translated"));
    else if (type.value === "distribution" && download === undefined && comment === undefined)
      download = url.with(type.as(type.value, "translated"));
    else references.push({ type, url, comment });
  }
  const item: Item = {
    key,
    form: "package",
    name,
    group: leaf(data, "group", pointer),
    version: leaf(data, "version", pointer),
    type: leaf(data, "type", pointer),
    purl: leaf(data, "purl", pointer),
    cpe: leaf(data, "cpe", pointer),
    description: leaf(data, "description", pointer),
    copyright: leaf(data, "copyright", pointer),
    homepage,
    download,
    supplier: organization(data["supplier"], `${pointer}/supplier`),
    originator: originator(data, pointer),
    licences: objects(data["licenses"], `${pointer}/licenses`).flatMap((one) => licence(one.data, one.pointer)),
    hashes: hashes(data["hashes"], `${pointer}/hashes`),
    references,
    attribution: [],
    scope: leaf(data, "scope", pointer),
  };
  items.push(item);
  if (parent !== null) relations.push({ from: parent, to: made(key.value), type: made("contains") });
  for (const inner of objects(data["components"], `${pointer}/components`))
    readComponent(inner.data, inner.pointer, items, relations, made(key.value));
  return item;
}

function originator(data: Data, pointer: string): Agent | undefined {
  const manufacturer = organization(data["manufacturer"], `${pointer}/manufacturer`);
  if (manufacturer !== undefined) return manufacturer;
  const [first] = objects(data["authors"], `${pointer}/authors`);
  const person = first === undefined ? undefined : leaf(first.data, "name", first.pointer);
  if (first !== undefined && person !== undefined) return { kind: "person", name: person, email: leaf(first.data, "email", first.pointer) };
  const author = leaf(data, "author", pointer);
  if (author !== undefined) return { kind: "person", name: author };
  const publisher = leaf(data, "publisher", pointer);
  return publisher === undefined ? undefined : { kind: "organization", name: publisher };
}

function standing(data: Data, pointer: string): Pick<LicenceClaim, "standing" | "standingFrom"> {
  const said = leaf(data, "acknowledgement", pointer);
  return {
    standing: said?.value === "declared" || said?.value === "concluded" ? said.value : null,
    standingFrom: said?.as(said.value, "translated"),
  };
}

function licence(entry: Data, pointer: string): readonly LicenceClaim[] {
  const expression = leaf(entry, "expression", pointer);
  if (expression !== undefined) return [{ kind: "expression", value: expression, ...standing(entry, pointer) }];
  const data = entry["license"];
  if (!isObject(data)) return [];
  const at = pointerTo(pointer, "license");
  const attached = isObject(data["text"]) ? data["text"] : undefined;
  const plain = attached !== undefined && !Object.hasOwn(attached, "encoding");
  const text = plain ? leaf(attached, "content", `${at}/text`) : undefined;
  const url = leaf(data, "url", at);
  const id = leaf(data, "id", at);
  if (id !== undefined) return [{ kind: "id", value: id, text, url, ...standing(data, at) }];
  const name = leaf(data, "name", at);
  return name === undefined ? [] : [{ kind: "name", value: name, text, url, ...standing(data, at) }];
}

function hashes(value: unknown, pointer: string): readonly Hash[] {
  return objects(value, pointer).flatMap(({ data, pointer: at }) => {
    const algorithm = leaf(data, "alg", at);
    const content = leaf(data, "content", at);
    return algorithm === undefined || content === undefined ? [] : [{ algorithm, value: content }];
  });
}
