/** What the SPDX 2.2 and 2.3 specifications demand beyond the JSON schema. Clause numbers are those of SPDX 2.3. */
import { isDeprecatedLicence, licenceAtoms, parseLicence } from "../../model/licence.ts";
import type { SbomDocument } from "../document.ts";
import type { RuleProblem } from "../validate.ts";

type Data = Readonly<Record<string, unknown>>;

/** New in 2.3: a document that says 2.2 must not use them (annex I of 2.3 lists the differences). */
const SINCE_2_3: Readonly<Record<string, readonly string[]>> = {
  packages: ["primaryPackagePurpose", "builtDate", "releaseDate", "validUntilDate"],
};
const CHECKSUMS_SINCE_2_3: ReadonlySet<string> = new Set([
  "SHA3-256",
  "SHA3-384",
  "SHA3-512",
  "BLAKE2b-256",
  "BLAKE2b-384",
  "BLAKE2b-512",
  "BLAKE3",
  "ADLER32",
]);
const RELATIONS_SINCE_2_3: ReadonlySet<string> = new Set(["REQUIREMENT_DESCRIPTION_FOR", "SPECIFICATION_FOR"]);
/** Mandatory in 2.2, optional since 2.3. */
const NEEDED_2_2: Readonly<Record<string, readonly string[]>> = {
  packages: ["licenseConcluded", "licenseDeclared", "copyrightText"],
  files: ["licenseConcluded", "licenseInfoInFiles", "copyrightText"],
  snippets: ["licenseConcluded", "copyrightText"],
};
/** Hexadecimal digits of each algorithm (8.4, 7.10). */
const DIGITS: Readonly<Record<string, number>> = {
  MD5: 32,
  SHA1: 40,
  SHA224: 56,
  SHA256: 64,
  SHA384: 96,
  SHA512: 128,
  "SHA3-256": 64,
  "SHA3-384": 96,
  "SHA3-512": 128,
};

const TIME = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/u;

export function spdx2Rules(document: SbomDocument): readonly RuleProblem[] {
  const problems: RuleProblem[] = [];
  const error = (pointer: string, message: string): void => void problems.push({ severity: "error", pointer, message });
  const warn = (pointer: string, message: string): void => void problems.push({ severity: "warning", pointer, message });
  const data = document.data as Data;
  const old = document.version === "2.2";

  // 6.1, 6.2, 6.3, 6.5
  if (!/^SPDX-\d+\.\d+$/u.test(text(data["spdxVersion"])))
    error("/spdxVersion", `“${text(data["spdxVersion"])}” does not have the form SPDX-M.N (6.1)`);
  if (Object.hasOwn(data, "dataLicense") && data["dataLicense"] !== "CC0-1.0")
    error("/dataLicense", "the data of an SPDX document is under CC0-1.0 (6.2)");
  if (Object.hasOwn(data, "SPDXID") && data["SPDXID"] !== "SPDXRef-DOCUMENT") error("/SPDXID", "a document's id is SPDXRef-DOCUMENT (6.3)");
  const namespace = text(data["documentNamespace"]);
  if (namespace === "") error("/documentNamespace", "a document needs a namespace (6.5)");
  else if (!/^[A-Za-z][A-Za-z0-9+.-]*:[^\s#]+$/u.test(namespace))
    error("/documentNamespace", "a namespace is an absolute address without “#” (6.5)");
  const creation = (typeof data["creationInfo"] === "object" && data["creationInfo"] !== null ? data["creationInfo"] : {}) as Data;
  if (Object.hasOwn(creation, "created") && !TIME.test(text(creation["created"])))
    error("/creationInfo/created", "must have the form 2026-11-23T10:00:00Z (6.9)");
  for (const [index, creator] of strings(creation["creators"]).entries()) {
    if (!/^(?:Person|Organization|Tool):\s*\S/u.test(creator))
      error(`/creationInfo/creators/${index}`, "begins with “Person:”, “Organization:” or “Tool:” (6.8)");
  }

  const ids = new Map<string, string>([[text(data["SPDXID"]), ""]]);
  const documents = new Set(list(data["externalDocumentRefs"]).map((one) => text(one["externalDocumentId"])));
  const licenceRefs = new Set(list(data["hasExtractedLicensingInfos"]).map((one) => text(one["licenseId"])));
  for (const [index, one] of list(data["hasExtractedLicensingInfos"]).entries()) {
    if (!/^LicenseRef-[A-Za-z0-9.+-]+$/u.test(text(one["licenseId"])))
      error(`/hasExtractedLicensingInfos/${index}/licenseId`, "has the form LicenseRef-… (10.1)");
  }
  for (const [index, one] of list(data["externalDocumentRefs"]).entries()) {
    if (!/^DocumentRef-[A-Za-z0-9.+-]+$/u.test(text(one["externalDocumentId"])))
      error(`/externalDocumentRefs/${index}/externalDocumentId`, "has the form DocumentRef-… (6.6)");
  }

  const licence = (value: unknown, pointer: string): void => {
    const expression = text(value);
    if (expression === "" || expression === "NONE" || expression === "NOASSERTION") return;
    const tree = parseLicence(expression);
    if ("failed" in tree) return error(pointer, `“${expression.slice(0, 80)}” is no SPDX expression: ${tree.message} (annex D)`);
    for (const atom of licenceAtoms(tree)) {
      if (isDeprecatedLicence(atom)) warn(pointer, `the licence id ${atom} is deprecated`);
      if (atom.startsWith("LicenseRef-") && !licenceRefs.has(atom))
        error(pointer, `${atom} is not among hasExtractedLicensingInfos (10.1)`);
      if (atom.startsWith("DocumentRef-") && !documents.has(atom.slice(0, atom.indexOf(":"))))
        error(pointer, `${atom} is of a document that externalDocumentRefs does not have (6.6)`);
    }
  };

  for (const member of ["packages", "files", "snippets"] as const) {
    for (const [index, one] of list(data[member]).entries()) {
      const pointer = `/${member}/${index}`;
      const id = text(one["SPDXID"]);
      if (!/^SPDXRef-[A-Za-z0-9.-]+$/u.test(id))
        error(`${pointer}/SPDXID`, `“${id}” does not have the form SPDXRef-… of letters, digits, “.” and “-” (7.2)`);
      if (ids.has(id)) error(`${pointer}/SPDXID`, `the id ${id} is given twice`);
      ids.set(id, pointer);
      for (const key of ["licenseConcluded", "licenseDeclared"]) if (Object.hasOwn(one, key)) licence(one[key], `${pointer}/${key}`);
      for (const key of ["licenseInfoFromFiles", "licenseInfoInFiles", "licenseInfoInSnippets"]) {
        for (const [position, value] of strings(one[key]).entries()) licence(value, `${pointer}/${key}/${position}`);
      }
      for (const [position, hash] of list(one["checksums"]).entries()) {
        const digits = DIGITS[text(hash["algorithm"])];
        const value = text(hash["checksumValue"]);
        if (!/^[0-9a-f]*$/iu.test(value) || (digits !== undefined && value.length !== digits)) {
          error(
            `${pointer}/checksums/${position}/checksumValue`,
            `“${value.slice(0, 40)}” is no ${text(hash["algorithm"])}${digits === undefined ? "" : `, which has ${digits} hexadecimal digits`}`,
          );
        }
        if (old && CHECKSUMS_SINCE_2_3.has(text(hash["algorithm"])))
          error(`${pointer}/checksums/${position}/algorithm`, `${text(hash["algorithm"])} is new in SPDX 2.3, and the document says 2.2`);
      }
      for (const key of ["builtDate", "releaseDate", "validUntilDate"])
        if (Object.hasOwn(one, key) && !TIME.test(text(one[key]))) error(`${pointer}/${key}`, "must have the form 2026-11-23T10:00:00Z");
      for (const key of ["supplier", "originator"]) {
        if (Object.hasOwn(one, key) && !/^(?:(?:Person|Organization):\s*\S.*|NOASSERTION)$/su.test(text(one[key])))
          error(`${pointer}/${key}`, "begins with “Person:” or “Organization:”, or is NOASSERTION (7.5)");
      }
      for (const key of ["hasFiles", "fileDependencies", "artifactOfs"])
        if (Object.hasOwn(one, key)) warn(`${pointer}/${key}`, `“${key}” is deprecated: a relationship says it`);
      if (one["filesAnalyzed"] === false) {
        for (const key of ["packageVerificationCode", "licenseInfoFromFiles"]) {
          if (Object.hasOwn(one, key)) warn(`${pointer}/${key}`, "must be left out where filesAnalyzed is false (7.8)");
        }
      }
      if (!old) continue;
      for (const key of SINCE_2_3[member] ?? [])
        if (Object.hasOwn(one, key)) error(`${pointer}/${key}`, `“${key}” is new in SPDX 2.3, and the document says 2.2`);
      for (const key of NEEDED_2_2[member] ?? []) {
        if (!Object.hasOwn(one, key)) warn(pointer, `needs “${key}” in SPDX 2.2`);
      }
    }
  }

  const exists = (reference: unknown): boolean => {
    const id = text(reference);
    if (id === "NONE" || id === "NOASSERTION" || ids.has(id)) return true;
    return documents.has(id.slice(0, id.indexOf(":")));
  };
  for (const [index, one] of list(data["relationships"]).entries()) {
    for (const key of ["spdxElementId", "relatedSpdxElement"]) {
      if (Object.hasOwn(one, key) && !exists(one[key]))
        error(`/relationships/${index}/${key}`, `“${text(one[key])}” is the id of nothing here (11.1)`);
    }
    if (old && RELATIONS_SINCE_2_3.has(text(one["relationshipType"])))
      error(`/relationships/${index}/relationshipType`, `${text(one["relationshipType"])} is new in SPDX 2.3, and the document says 2.2`);
  }
  for (const [index, id] of strings(data["documentDescribes"]).entries())
    if (!exists(id)) error(`/documentDescribes/${index}`, `“${id}” is the id of nothing here`);
  if (Object.hasOwn(data, "revieweds")) warn("/revieweds", "“revieweds” is deprecated: annotations say it (13)");
  const described =
    strings(data["documentDescribes"]).length > 0 ||
    list(data["relationships"]).some((one) => one["relationshipType"] === "DESCRIBES" || one["relationshipType"] === "DESCRIBED_BY");
  if (!described && list(data["packages"]).length !== 1) warn("", "the document does not say what it describes (11.1)");
  return problems;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(text) : [];
}

function list(value: unknown): readonly Data[] {
  return Array.isArray(value) ? value.map((one) => (typeof one === "object" && one !== null ? (one as Data) : {})) : [];
}
