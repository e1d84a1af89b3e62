/** Bill -> SPDX 2.3 data, with traced values in it. */
import { licenceAtoms, licenceId, licenceRef, parseLicence } from "../../model/licence.ts";
import { ALGORITHMS, type Agent, type Bill, type Item, type LicenceClaim, TYPES, utcSeconds } from "../bill/bill.ts";
import { Traced, join, made } from "../bill/traced.ts";

type Tree = Readonly<Record<string, unknown>>;

const DOCUMENT = "SPDXRef-DOCUMENT";
const RELATIONS: Readonly<Record<string, string>> = { dependsOn: "DEPENDS_ON", contains: "CONTAINS" };
/** SPDX 2 relationships keep their own name on the way through the bill. */
const IS_SPDX2 = /^[A-Z]+(?:_[A-Z]+)+$/u;

export interface SpdxDefaults {
  /** The document's namespace where the source has nothing to make one from. */
  readonly namespace: string;
  /** When the document was made, for a source that does not say. */
  readonly created: string;
  readonly toolVersion: string;
}

function relation(from: Traced, type: Traced | string, to: Traced): Tree {
  return { spdxElementId: from, relationshipType: type, relatedSpdxElement: to };
}

/** The tree that `place` turns into a document. */
export function billToSpdx2(bill: Bill, defaults: SpdxDefaults): Tree {
  const ids = spdxIds(bill);
  const refs = new LicenceRefs(bill);
  const idOf = (key: Traced): Traced | undefined => {
    const id = ids.get(key.value);
    return id === undefined ? undefined : key.as(id, "renamed");
  };
  const packages = bill.items.filter((item) => !isFile(item)).map((item) => writePackage(item, idOf(item.key) as Traced, refs));
  const files = bill.items.filter(isFile).map((item) => writeFile(item, idOf(item.key) as Traced, refs));
  const relationships = [
    ...bill.described.flatMap((key) => {
      const to = idOf(key);
      return to === undefined ? [] : [relation(made(DOCUMENT), "DESCRIBES", to)];
    }),
    ...bill.relations.flatMap((one) => {
      const [from, to] = [
        idOf(one.from),
        idOf(one.to) ?? (/^(?:NONE|NOASSERTION|DocumentRef-.+)$/u.test(one.to.value) ? one.to : undefined),
      ];
      const type = RELATIONS[one.type.value] ?? (IS_SPDX2.test(one.type.value) ? one.type.value : undefined);
      if (from === undefined || to === undefined || type === undefined) return [];
      return [relation(from, one.type.as(type, "translated"), to)];
    }),
  ];
  const created = bill.created === undefined ? undefined : utcSeconds(bill.created.value);
  const creators = bill.creators.map((agent) => creator(agent));
  return {
    spdxVersion: "SPDX-2.3",
    dataLicense: bill.dataLicence?.value === "CC0-1.0" ? bill.dataLicence : "CC0-1.0",
    SPDXID: DOCUMENT,
    name: bill.name ?? made("unnamed"),
    documentNamespace: namespace(bill, defaults),
    comment: bill.comment,
    creationInfo: {
      created:
        bill.created !== undefined && created !== undefined
          ? bill.created.as(created, created === bill.created.value ? bill.created.how : "translated")
          : defaults.created,
      creators: [...creators, `Tool: tributary-${defaults.toolVersion}`],
    },
    packages,
    files: files.length === 0 ? undefined : files,
    hasExtractedLicensingInfos: refs.written(),
    relationships: relationships.length === 0 ? undefined : relationships,
  };
}

function namespace(bill: Bill, defaults: SpdxDefaults): Traced | string {
  const given = bill.namespace;
  if (given === undefined) return defaults.namespace;
  // 6.5: an absolute address without a fragment; a `urn:uuid:` is one.
  return /^[A-Za-z][A-Za-z0-9+.-]*:[^\s#]+$/u.test(given.value) ? given : defaults.namespace;
}

/** SPDX ids may hold letters, digits, dots and hyphens only (7.2); each key gets one of its own. */
function spdxIds(bill: Bill): ReadonlyMap<string, string> {
  const taken = new Set<string>([DOCUMENT]);
  const ids = new Map<string, string>();
  // Many keys may come down to one name: where its numbering stands is remembered, or naming them would take quadratic time.
  const numbers = new Map<string, number>();
  for (const { key } of bill.items) {
    if (ids.has(key.value)) continue;
    const plain = key.value
      .replace(/^SPDXRef-/u, "")
      .replace(/[^A-Za-z0-9.]+/gu, "-")
      .replace(/^-+|-+$/gu, "");
    const base = `SPDXRef-${plain === "" ? "item" : plain.slice(0, 200)}`;
    let id = base;
    let number = numbers.get(base) ?? 1;
    while (taken.has(id)) {
      number += 1;
      id = `${base}-${number}`;
    }
    numbers.set(base, number);
    taken.add(id);
    ids.set(key.value, id);
  }
  return ids;
}

function creator(agent: Agent): Traced {
  if (agent.kind === "tool") return join(["Tool: ", agent.name, ...(agent.version === undefined ? [] : ["-", agent.version])]);
  return join([
    agent.kind === "person" ? "Person: " : "Organization: ",
    agent.name,
    ...(agent.email === undefined ? [] : [" (", agent.email, ")"]),
  ]);
}

function writePackage(item: Item, id: Traced, refs: LicenceRefs): Tree {
  const purl = item.purl?.holding(item.group !== undefined && purlHolds(item.purl.value, item.group.value) ? item.group : undefined);
  const external = [
    ...(purl === undefined ? [] : [{ referenceCategory: "PACKAGE-MANAGER", referenceType: "purl", referenceLocator: purl }]),
    ...(item.cpe === undefined
      ? []
      : [
          {
            referenceCategory: "SECURITY",
            referenceType: item.cpe.value.startsWith("cpe:2.3:") ? "cpe23Type" : "cpe22Type",
            referenceLocator: item.cpe,
          },
        ]),
    ...item.references
      .filter((one) => !/\s/u.test(one.url.value) && one.url.value !== "")
      .map((one) => ({
        referenceCategory: one.category ?? (one.type.value === "advisories" ? "SECURITY" : "OTHER"),
        referenceType: one.type.value === "advisories" ? one.type.as("advisory", "translated") : one.type,
        referenceLocator: one.url,
        comment: one.comment,
      })),
  ];
  const purpose = TYPES.find(
    ([cyclonedx, , spdx3]) => item.type !== undefined && (cyclonedx === item.type.value || spdx3 === item.type.value),
  );
  return {
    name: item.name,
    SPDXID: id,
    versionInfo: item.version,
    packageFileName: item.fileName,
    supplier: item.supplier === undefined ? undefined : creator(item.supplier),
    originator: item.originator === undefined ? undefined : creator(item.originator),
    downloadLocation: item.download ?? "NOASSERTION",
    filesAnalyzed: false,
    checksums: checksums(item),
    homepage: item.homepage,
    sourceInfo: item.sourceInfo,
    licenseConcluded: refs.expression(item.licences.filter((one) => one.standing === "concluded")),
    licenseDeclared: refs.expression(item.licences.filter((one) => one.standing !== "concluded")),
    licenseComments: item.licenceComment,
    copyrightText: item.copyright ?? "NOASSERTION",
    summary: item.summary,
    description: item.description,
    comment: item.comment,
    attributionTexts: item.attribution.length === 0 ? undefined : item.attribution,
    externalRefs: external.length === 0 ? undefined : external,
    primaryPackagePurpose:
      purpose !== undefined && purpose[1] !== "" && item.type !== undefined ? item.type.as(purpose[1], "translated") : undefined,
    builtDate: date(item.built),
    releaseDate: date(item.released),
    validUntilDate: date(item.validUntil),
  };
}

/** A file needs a checksum (8.4); one without is told as a package that is a file (7.24). */
function isFile(item: Item): boolean {
  return item.form === "file" && checksums(item) !== undefined;
}

function writeFile(item: Item, id: Traced, refs: LicenceRefs): Tree {
  return {
    fileName: item.name,
    SPDXID: id,
    checksums: checksums(item),
    // A file has a concluded licence only; what is declared in it is another thing (8.6).
    licenseConcluded: refs.expression(item.licences.filter((one) => one.standing === "concluded")),
    licenseComments: item.licenceComment,
    copyrightText: item.copyright ?? "NOASSERTION",
    comment: item.comment,
    attributionTexts: item.attribution.length === 0 ? undefined : item.attribution,
  };
}

function checksums(item: Item): readonly Tree[] | undefined {
  const list = item.hashes.flatMap((one) => {
    const known = ALGORITHMS.find(([cyclonedx]) => cyclonedx === one.algorithm.value);
    const name = known?.[1] ?? (/^(?:MD2|MD4|MD6|SHA224|ADLER32)$/u.test(one.algorithm.value) ? one.algorithm.value : undefined);
    return name === undefined ? [] : [{ algorithm: one.algorithm.as(name, "translated"), checksumValue: one.value }];
  });
  return list.length === 0 ? undefined : list;
}

function date(given: Traced | undefined): Traced | undefined {
  const text = given === undefined ? undefined : utcSeconds(given.value);
  return given === undefined || text === undefined ? undefined : given.as(text, text === given.value ? given.how : "translated");
}

function purlHolds(purl: string, group: string): boolean {
  try {
    return decodeURIComponent(purl).includes(`/${group}/`);
  } catch {
    return false;
  }
}

/** Gives every licence that is on no list a `LicenseRef-`, and keeps its text for `hasExtractedLicensingInfos`. */
class LicenceRefs {
  readonly #entries = new Map<string, Tree>();

  constructor(bill: Bill) {
    for (const one of bill.texts) {
      this.#entries.set(one.id.value, {
        licenseId: one.id,
        extractedText: one.text ?? made("NOASSERTION"),
        name: one.name,
        comment: one.comment,
        seeAlsos: one.seeAlso.length === 0 ? undefined : one.seeAlso,
      });
    }
  }

  /** Several licences without a word between them all hold: SPDX says that with AND. */
  expression(claims: readonly LicenceClaim[]): Traced | string {
    // Beside a licence, "nothing is said" and "there is none" say nothing more.
    const said = claims.filter((claim) => !/^(?:NONE|NOASSERTION|)$/u.test(claim.value.value));
    const parts = (said.length > 0 ? said : claims.slice(0, 1)).map((claim) => this.#part(claim));
    const [only] = parts;
    if (only === undefined) return "NOASSERTION";
    if (parts.length === 1) return only;
    const words: (string | Traced)[] = [];
    for (const [index, part] of parts.entries()) {
      if (index > 0) words.push(" AND ");
      if (/\sOR\s/iu.test(part.value)) words.push("(", part, ")");
      else words.push(part);
    }
    return join(words);
  }

  #part(claim: LicenceClaim): Traced {
    const value = claim.standingFrom === undefined ? claim.value : claim.value.with(claim.standingFrom);
    if (claim.kind === "id" && licenceId(claim.value.value) !== undefined) return value;
    if (claim.kind === "expression") {
      const tree = parseLicence(claim.value.value);
      if (!("failed" in tree)) {
        for (const atom of licenceAtoms(tree)) {
          // The source names a licence whose text it does not have; SPDX wants an entry for it all the same (10.1).
          if (atom.startsWith("LicenseRef-") && !this.#entries.has(atom))
            this.#entries.set(atom, { licenseId: atom, extractedText: "NOASSERTION" });
        }
        return value;
      }
    }
    if (claim.value.value === "NONE" || claim.value.value === "NOASSERTION") return value;
    const base = licenceRef(claim.value.value);
    let id = base;
    for (let number = 2; ; number += 1) {
      const before = this.#entries.get(id);
      if (before === undefined) {
        this.#entries.set(id, {
          licenseId: id,
          extractedText: claim.text ?? made("NOASSERTION"),
          name: value,
          seeAlsos: claim.url === undefined ? undefined : [claim.url],
        });
        break;
      }
      const same =
        before["name"] instanceof Traced &&
        before["name"].value === claim.value.value &&
        textValue(before["extractedText"]) === (claim.text?.value ?? "NOASSERTION");
      if (same) {
        // Said again of another component: the one entry now speaks for both.
        this.#entries.set(id, {
          ...before,
          name: (before["name"] as Traced).holding(value),
          ...(claim.text !== undefined &&
            before["extractedText"] instanceof Traced && { extractedText: before["extractedText"].holding(claim.text) }),
        });
        break;
      }
      id = `${base}-${number}`;
    }
    return made(id);
  }

  written(): readonly Tree[] | undefined {
    return this.#entries.size === 0 ? undefined : [...this.#entries.values()];
  }
}

function textValue(value: unknown): string {
  return value instanceof Traced ? value.value : "";
}
