/** SPDX 3 elements (JSON-LD in its published serialisation) -> bill. What is not taken here is a loss of every conversion. */
import {
  ALGORITHMS,
  type Agent,
  type Bill,
  type Hash,
  type Item,
  type LicenceClaim,
  type LicenceText,
  type Reference,
  type Relation,
  TYPES,
} from "../bill/bill.ts";
import { type Data, Traced, isObject, leaf, made, objects } from "../bill/traced.ts";
import type { SbomData } from "../document.ts";
import { pointerTo } from "../text.ts";

interface Entry {
  readonly data: Data;
  readonly pointer: string;
}

const PACKAGES: ReadonlySet<string> = new Set(["software_Package", "ai_AIPackage", "dataset_DatasetPackage"]);
const AGENTS: Readonly<Record<string, Agent["kind"]>> = {
  Person: "person",
  Organization: "organization",
  Tool: "tool",
  SoftwareAgent: "tool",
};

/** SPDX 3 allows one value or a list in several places; both are read. */
function many(data: Data, key: string, pointer: string): readonly Traced[] {
  const at = pointerTo(pointer, key);
  const value = data[key];
  if (Array.isArray(value)) return value.flatMap((_, index) => leaf(value as unknown as Data, index, at) ?? []);
  return [leaf(data, key, pointer)].flatMap((one) => one ?? []);
}

export function spdx3ToBill(data: SbomData): Bill {
  const isGraph = Array.isArray(data["@graph"]);
  const entries: readonly Entry[] = isGraph ? objects(data["@graph"], "/@graph") : [{ data, pointer: "" }];
  const byId = new Map<string, Entry>();
  for (const entry of entries)
    for (const key of ["spdxId", "@id"]) if (typeof entry.data[key] === "string") byId.set(entry.data[key], entry);
  const typed = (type: string): readonly Entry[] => entries.filter((entry) => entry.data["type"] === type);
  const agent = (reference: Traced | undefined): Agent | undefined => {
    const entry = reference === undefined ? undefined : byId.get(reference.value);
    const kind = AGENTS[String(entry?.data["type"])];
    const name = entry === undefined ? undefined : leaf(entry.data, "name", entry.pointer);
    if (entry === undefined || kind === undefined || name === undefined || reference === undefined) return undefined;
    const mail = objects(entry.data["externalIdentifier"], `${entry.pointer}/externalIdentifier`).find(
      (one) => one.data["externalIdentifierType"] === "email",
    );
    const email = mail === undefined ? undefined : leaf(mail.data, "identifier", mail.pointer);
    // The reference, the element's own id and its class are said by where the name then stands.
    const id = leaf(entry.data, "spdxId", entry.pointer);
    return {
      kind,
      name: name.with(reference, id, ...structure(entry)),
      email,
    };
  };

  const [document] = typed("SpdxDocument");
  const sboms = typed("software_Sbom");
  const info = creationInfo(document ?? entries.find((entry) => entry.data["creationInfo"] !== undefined), entries, byId);
  const licences = new Map<string, LicenceClaim["value"]>();
  for (const entry of [
    ...typed("simplelicensing_LicenseExpression"),
    ...entries.filter((one) => one.data["simplelicensing_licenseExpression"] !== undefined),
  ]) {
    const expression = leaf(entry.data, "simplelicensing_licenseExpression", entry.pointer);
    const id = leaf(entry.data, "spdxId", entry.pointer);
    if (expression !== undefined && id !== undefined) {
      licences.set(id.value, expression.with(id, ...structure(entry)));
    }
  }

  const relations: Relation[] = [];
  const claims = new Map<string, LicenceClaim[]>();
  for (const { data: one, pointer } of entries) {
    if (one["type"] !== "Relationship" && one["type"] !== "LifecycleScopedRelationship") continue;
    const from = leaf(one, "from", pointer);
    const type = leaf(one, "relationshipType", pointer);
    if (from === undefined || type === undefined) continue;
    const standing = type.value === "hasDeclaredLicense" ? "declared" : type.value === "hasConcludedLicense" ? "concluded" : null;
    for (const to of many(one, "to", pointer)) {
      if (standing === null) {
        const end = to.value.endsWith("/NoneElement") ? to.as("NONE", "translated") : rename(to);
        relations.push({
          from: rename(from),
          to: end,
          type: type.as(type.value, "translated").with(leaf(one, "spdxId", pointer), ...structure({ data: one, pointer })),
        });
        continue;
      }
      const expression = licences.get(to.value) ?? listed(to);
      if (expression === undefined) continue;
      const value = expression.with(from, to, type, leaf(one, "spdxId", pointer), ...structure({ data: one, pointer }));
      const single = /^[A-Za-z0-9.+-]+$/u.test(value.value) && !value.value.startsWith("LicenseRef-");
      const list = claims.get(from.value) ?? [];
      list.push({ kind: single ? "id" : "expression", value, standing });
      claims.set(from.value, list);
    }
  }

  const items = entries.flatMap((entry): Item[] => {
    const type = String(entry.data["type"]);
    if (PACKAGES.has(type)) return [readItem(entry, "package", claims, agent)];
    return type === "software_File" ? [readItem(entry, "file", claims, agent)] : [];
  });
  const roots = (sboms.length > 0 ? sboms : document === undefined ? [] : [document])
    .flatMap((entry) => many(entry.data, "rootElement", entry.pointer))
    .map(rename);
  const keys = new Set(items.map((item) => item.key.value));
  return {
    name: document === undefined ? undefined : leaf(document.data, "name", document.pointer),
    namespace: document === undefined ? undefined : leaf(document.data, "spdxId", document.pointer),
    created: info === undefined ? undefined : leaf(info.data, "created", info.pointer),
    comment: document === undefined ? undefined : leaf(document.data, "comment", document.pointer),
    dataLicence: dataLicence(document, licences),
    creators:
      info === undefined
        ? []
        : [...many(info.data, "createdBy", info.pointer), ...many(info.data, "createdUsing", info.pointer)].flatMap(
            (one) => agent(one) ?? [],
          ),
    items,
    described: roots.filter((one) => keys.has(one.value)),
    relations,
    texts: typed("simplelicensing_SimpleLicensingText").flatMap(({ data: one, pointer }): LicenceText[] => {
      const id = leaf(one, "spdxId", pointer);
      return id === undefined
        ? []
        : [
            {
              id,
              name: leaf(one, "name", pointer),
              text: leaf(one, "simplelicensing_licenseText", pointer),
              seeAlso: [],
              comment: leaf(one, "comment", pointer),
            },
          ];
    }),
  };
}

/** An element's class and the creation information that it shares with its document: said by where the element then stands. */
function structure(entry: Entry): readonly (Traced | undefined)[] {
  const info = entry.data["creationInfo"];
  return [leaf(entry.data, "type", entry.pointer), typeof info === "string" ? leaf(entry.data, "creationInfo", entry.pointer) : undefined];
}

function rename(one: Traced): Traced {
  return one.as(one.value, "renamed");
}

function listed(reference: Traced): Traced | undefined {
  const id = /^https?:\/\/spdx\.org\/licenses\/([A-Za-z0-9.+-]+)$/u.exec(reference.value)?.[1];
  return id === undefined ? undefined : reference.as(id, "part");
}

function dataLicence(document: Entry | undefined, licences: ReadonlyMap<string, Traced>): Traced | undefined {
  const reference = document === undefined ? undefined : leaf(document.data, "dataLicense", document.pointer);
  if (reference === undefined) return undefined;
  const expression = licences.get(reference.value) ?? listed(reference);
  return expression === undefined ? undefined : expression.with(reference);
}

function creationInfo(owner: Entry | undefined, entries: readonly Entry[], byId: ReadonlyMap<string, Entry>): Entry | undefined {
  const value = owner?.data["creationInfo"];
  if (owner !== undefined && isObject(value)) return { data: value, pointer: `${owner.pointer}/creationInfo` };
  return (typeof value === "string" ? byId.get(value) : undefined) ?? entries.find((entry) => entry.data["type"] === "CreationInfo");
}

function readItem(
  entry: Entry,
  form: Item["form"],
  claims: ReadonlyMap<string, readonly LicenceClaim[]>,
  agent: (reference: Traced | undefined) => Agent | undefined,
): Item {
  const { data, pointer } = entry;
  const id = leaf(data, "spdxId", pointer);
  const text = (key: string): Traced | undefined => leaf(data, key, pointer);
  const purpose = text("software_primaryPurpose");
  const type = TYPES.find(([, , spdx3]) => spdx3 === purpose?.value);
  let purl = text("software_packageUrl");
  let cpe: Traced | undefined;
  for (const one of objects(data["externalIdentifier"], `${pointer}/externalIdentifier`)) {
    const kind = leaf(one.data, "externalIdentifierType", one.pointer);
    const value = leaf(one.data, "identifier", one.pointer);
    if (kind === undefined || value === undefined || Object.keys(one.data).length > 3) continue;
    const whole = value.with(kind, leaf(one.data, "type", one.pointer));
    if (kind.value === "packageUrl" && (purl === undefined || purl.value === value.value))
      purl = purl === undefined ? whole : purl.with(whole);
    else if ((kind.value === "cpe23" || kind.value === "cpe22") && cpe === undefined) cpe = whole;
  }
  const references: Reference[] = [];
  for (const one of objects(data["externalRef"], `${pointer}/externalRef`)) {
    const kind = leaf(one.data, "externalRefType", one.pointer);
    const comment = leaf(one.data, "comment", one.pointer);
    const [first, ...more] = many(one.data, "locator", one.pointer);
    const word =
      kind === undefined
        ? made("other")
        : kind.as(
            kind.value.replace(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`),
            "translated",
          );
    if (first !== undefined) references.push({ type: word, url: first, comment });
    for (const url of more) references.push({ type: made(word.value), url });
  }
  const [supplier] = many(data, "suppliedBy", pointer);
  const [originator] = many(data, "originatedBy", pointer);
  return {
    key: (id === undefined ? made(pointer) : rename(id)).with(...structure(entry)),
    form,
    name: text("name") ?? made(""),
    version: text("software_packageVersion"),
    type: purpose === undefined || type === undefined ? undefined : purpose.as(type[0] === "" ? type[2] : type[0], "translated"),
    purl,
    cpe,
    description: text("description"),
    summary: text("summary"),
    comment: text("comment"),
    copyright: text("software_copyrightText"),
    homepage: text("software_homePage"),
    download: text("software_downloadLocation"),
    supplier: agent(supplier),
    originator: agent(originator),
    licences: claims.get(id?.value ?? "") ?? [],
    hashes: hashes(data, pointer),
    references,
    built: text("builtTime"),
    released: text("releaseTime"),
    validUntil: text("validUntilTime"),
    sourceInfo: text("software_sourceInfo"),
    attribution: many(data, "software_attributionText", pointer),
  };
}

function hashes(data: Data, pointer: string): readonly Hash[] {
  return objects(data["verifiedUsing"], `${pointer}/verifiedUsing`).flatMap(({ data: one, pointer: at }) => {
    const algorithm = leaf(one, "algorithm", at);
    const value = leaf(one, "hashValue", at);
    if (algorithm === undefined || value === undefined) return [];
    const known = ALGORITHMS.find(([, , spdx3]) => spdx3 === algorithm.value);
    return [
      { algorithm: algorithm.as(known?.[0] ?? algorithm.value.toUpperCase(), "translated"), value: value.with(leaf(one, "type", at)) },
    ];
  });
}
