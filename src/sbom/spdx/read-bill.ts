/** SPDX 2 data -> bill. What is not taken here is not in the bill, and is a loss of every conversion. */
import {
  ALGORITHMS,
  type Agent,
  type Bill,
  type Hash,
  type Item,
  type LicenceClaim,
  type Reference,
  type Relation,
  TYPES,
} from "../bill/bill.ts";
import { type Data, Traced, isObject, leaf, made, objects, texts } from "../bill/traced.ts";
import type { SbomData } from "../document.ts";

/** SPDX 2 relationship -> the bill's word, and whether it is told the other way round. Those with a narrower meaning are losses of that meaning. */
const RELATIONS: Readonly<Record<string, readonly [type: string, reversed: boolean]>> = {
  DEPENDS_ON: ["dependsOn", false],
  DEPENDENCY_OF: ["dependsOn", true],
  CONTAINS: ["contains", false],
  CONTAINED_BY: ["contains", true],
};

export function spdx2ToBill(data: SbomData): Bill {
  const creation = isObject(data["creationInfo"]) ? data["creationInfo"] : {};
  const items: Item[] = [
    ...objects(data["packages"], "/packages").map((one) => readPackage(one.data, one.pointer)),
    ...objects(data["files"], "/files").map((one) => readFile(one.data, one.pointer)),
  ];
  const relations: Relation[] = [];
  const described = texts(data["documentDescribes"], "/documentDescribes").map((one) => one.as(one.value, "renamed"));
  const seen = new Set(described.map((one) => one.value));
  for (const { data: one, pointer } of objects(data["relationships"], "/relationships")) {
    const from = leaf(one, "spdxElementId", pointer);
    const to = leaf(one, "relatedSpdxElement", pointer);
    const type = leaf(one, "relationshipType", pointer);
    if (from === undefined || to === undefined || type === undefined) continue;
    const isDescribed = type.value === "DESCRIBES" && from.value === data["SPDXID"];
    const describes = type.value === "DESCRIBED_BY" && to.value === data["SPDXID"];
    if (isDescribed || describes) {
      const subject = isDescribed ? to : from;
      const whole = rename(subject).with(isDescribed ? from : to, type);
      if (seen.has(subject.value)) {
        const index = described.findIndex((before) => before.value === subject.value);
        const before = described[index];
        if (before !== undefined) described[index] = new Traced(before.value, [...before.sources, ...whole.sources], "renamed");
      } else described.push(whole);
      seen.add(subject.value);
      continue;
    }
    const known = RELATIONS[type.value];
    if (known === undefined) relations.push({ from: rename(from), to: rename(to), type });
    else relations.push({ from: rename(known[1] ? to : from), to: rename(known[1] ? from : to), type: type.as(known[0], "translated") });
  }
  for (const { data: one, pointer } of objects(data["packages"], "/packages")) {
    const from = leaf(one, "SPDXID", pointer);
    for (const to of texts(one["hasFiles"], `${pointer}/hasFiles`))
      if (from !== undefined) relations.push({ from: rename(from), to: rename(to), type: made("contains") });
  }
  return {
    name: leaf(data, "name", ""),
    namespace: leaf(data, "documentNamespace", ""),
    created: leaf(creation, "created", "/creationInfo"),
    comment: leaf(data, "comment", ""),
    dataLicence: leaf(data, "dataLicense", ""),
    creators: texts(creation["creators"], "/creationInfo/creators").flatMap((one) => agent(one) ?? []),
    items,
    described,
    relations,
    texts: objects(data["hasExtractedLicensingInfos"], "/hasExtractedLicensingInfos").flatMap(({ data: one, pointer }) => {
      const id = leaf(one, "licenseId", pointer);
      if (id === undefined) return [];
      return [
        {
          id,
          name: leaf(one, "name", pointer),
          text: leaf(one, "extractedText", pointer),
          seeAlso: texts(one["seeAlsos"], `${pointer}/seeAlsos`),
          comment: leaf(one, "comment", pointer),
        },
      ];
    }),
  };
}

function rename(one: Traced): Traced {
  return one.as(one.value, "renamed");
}

/** `Organization: Name (mail)`, `Person: Name`, `Tool: name-1.2`. */
export function agent(text: Traced): Agent | undefined {
  const parts = /^(Person|Organization|Tool):\s*(.*)$/su.exec(text.value);
  if (parts === null) return undefined;
  const [, kindWord = "", rest = ""] = parts;
  const kind = kindWord.toLowerCase() as Agent["kind"];
  const mail = kind === "tool" ? null : /^(.*?)\s*\(([^()]*)\)\s*$/su.exec(rest);
  if (mail === null) return { kind, name: text.as(rest.trim(), "part") };
  const [, name = "", email = ""] = mail;
  if (email.trim() === "") return { kind, name: text.as(name.trim(), "part") };
  const [nameLeaf, emailLeaf] = text.split([name.trim(), email.trim()]);
  return nameLeaf === undefined ? undefined : { kind, name: nameLeaf, email: emailLeaf };
}

function readPackage(data: Data, pointer: string): Item {
  const references: Reference[] = [];
  let purl: Traced | undefined;
  let cpe: Traced | undefined;
  for (const { data: one, pointer: at } of objects(data["externalRefs"], `${pointer}/externalRefs`)) {
    const category = leaf(one, "referenceCategory", at);
    const type = leaf(one, "referenceType", at);
    const url = leaf(one, "referenceLocator", at);
    const comment = leaf(one, "comment", at);
    if (type === undefined || url === undefined) continue;
    const kind = type.value.replace(/^https?:\/\/spdx\.org\/rdf\/references\//u, "");
    const whole = (): Traced => url.with(type, category);
    if (kind === "purl" && purl === undefined && comment === undefined && url.value.startsWith("pkg:")) purl = whole();
    else if ((kind === "cpe23Type" || kind === "cpe22Type") && cpe === undefined && comment === undefined) cpe = whole();
    else references.push({ type: kind === "advisory" ? type.as("advisories", "translated") : type, category, url, comment });
  }
  const purpose = leaf(data, "primaryPackagePurpose", pointer);
  const type = TYPES.find(([, spdx2]) => spdx2 !== "" && spdx2 === purpose?.value);
  const supplier = leaf(data, "supplier", pointer);
  const originator = leaf(data, "originator", pointer);
  return {
    key: key(data, pointer),
    form: "package",
    name: leaf(data, "name", pointer) ?? made(""),
    version: leaf(data, "versionInfo", pointer),
    type: purpose === undefined || type === undefined ? undefined : purpose.as(type[0] === "" ? type[2] : type[0], "translated"),
    purl,
    cpe,
    description: leaf(data, "description", pointer),
    summary: leaf(data, "summary", pointer),
    comment: leaf(data, "comment", pointer),
    copyright: leaf(data, "copyrightText", pointer),
    homepage: leaf(data, "homepage", pointer),
    download: leaf(data, "downloadLocation", pointer),
    fileName: leaf(data, "packageFileName", pointer),
    supplier: supplier === undefined ? undefined : agent(supplier),
    originator: originator === undefined ? undefined : agent(originator),
    licences: [...claim(data, "licenseDeclared", "declared", pointer), ...claim(data, "licenseConcluded", "concluded", pointer)],
    licenceComment: leaf(data, "licenseComments", pointer),
    hashes: hashes(data, pointer),
    references,
    built: leaf(data, "builtDate", pointer),
    released: leaf(data, "releaseDate", pointer),
    validUntil: leaf(data, "validUntilDate", pointer),
    sourceInfo: leaf(data, "sourceInfo", pointer),
    attribution: texts(data["attributionTexts"], `${pointer}/attributionTexts`),
  };
}

function readFile(data: Data, pointer: string): Item {
  return {
    key: key(data, pointer),
    form: "file",
    name: leaf(data, "fileName", pointer) ?? made(""),
    comment: leaf(data, "comment", pointer),
    copyright: leaf(data, "copyrightText", pointer),
    licences: claim(data, "licenseConcluded", "concluded", pointer),
    licenceComment: leaf(data, "licenseComments", pointer),
    hashes: hashes(data, pointer),
    references: [],
    attribution: texts(data["attributionTexts"], `${pointer}/attributionTexts`),
  };
}

function key(data: Data, pointer: string): Traced {
  const id = leaf(data, "SPDXID", pointer);
  return id === undefined ? made(pointer) : rename(id);
}

function claim(data: Data, member: string, standing: "declared" | "concluded", pointer: string): readonly LicenceClaim[] {
  const value = leaf(data, member, pointer);
  if (value === undefined) return [];
  // A single id is an id; everything else is an expression.
  const single = /^[A-Za-z0-9.+-]+$/u.test(value.value) && !value.value.startsWith("LicenseRef-");
  return [{ kind: single ? "id" : "expression", value, standing }];
}

function hashes(data: Data, pointer: string): readonly Hash[] {
  return objects(data["checksums"], `${pointer}/checksums`).flatMap(({ data: one, pointer: at }) => {
    const algorithm = leaf(one, "algorithm", at);
    const value = leaf(one, "checksumValue", at);
    if (algorithm === undefined || value === undefined) return [];
    const known = ALGORITHMS.find(([, spdx2]) => spdx2 === algorithm.value);
    return [{ algorithm: known === undefined ? algorithm : algorithm.as(known[0], "translated"), value }];
  });
}
