/**
 * SPDX 2 as tag-value (SPDX 2.3, annexes and the examples of each clause) to and from the JSON form. A tag belongs to the entry that
 * was begun last: `PackageName`, `FileName`, `SnippetSPDXID`, `LicenseID`, `Annotator` and `Reviewer` each begin one. A file that follows a
 * package belongs to it; in the JSON form that is said by a relationship.
 */
import { Fault, type Json } from "../../model/index.ts";
import type { FormLoss } from "../form.ts";
import { pointerTo } from "../text.ts";
import type { SpdxRead } from "./xml.ts";

type Data = Record<string, unknown>;
type Section =
  | "document"
  | "creation"
  | "package"
  | "file"
  | "snippet"
  | "licence"
  | "annotation"
  | "review"
  | "relationship"
  | "externalRef";
type Kind = "text" | "list" | "boolean" | "checksum" | "code" | "reference" | "document" | "relationship" | "range" | "begin";

interface Tag {
  readonly tag: string;
  readonly section: Section;
  readonly member: string;
  readonly kind: Kind;
}

const tag = (name: string, section: Section, member: string, kind: Kind = "text"): Tag => ({ tag: name, section, member, kind });

/** In the order in which they are written. */
const TAGS: readonly Tag[] = [
  tag("SPDXVersion", "document", "spdxVersion"),
  tag("DataLicense", "document", "dataLicense"),
  tag("SPDXID", "document", "SPDXID"),
  tag("DocumentName", "document", "name"),
  tag("DocumentNamespace", "document", "documentNamespace"),
  tag("DocumentComment", "document", "comment"),
  tag("ExternalDocumentRef", "document", "externalDocumentRefs", "document"),
  tag("LicenseListVersion", "creation", "licenseListVersion"),
  tag("Creator", "creation", "creators", "list"),
  tag("Created", "creation", "created"),
  tag("CreatorComment", "creation", "comment"),
  tag("FileName", "file", "fileName", "begin"),
  tag("SPDXID", "file", "SPDXID"),
  tag("FileType", "file", "fileTypes", "list"),
  tag("FileChecksum", "file", "checksums", "checksum"),
  tag("LicenseConcluded", "file", "licenseConcluded"),
  tag("LicenseInfoInFile", "file", "licenseInfoInFiles", "list"),
  tag("LicenseComments", "file", "licenseComments"),
  tag("FileCopyrightText", "file", "copyrightText"),
  tag("FileComment", "file", "comment"),
  tag("FileNotice", "file", "noticeText"),
  tag("FileContributor", "file", "fileContributors", "list"),
  tag("FileAttributionText", "file", "attributionTexts", "list"),
  tag("FileDependency", "file", "fileDependencies", "list"),
  tag("PackageName", "package", "name", "begin"),
  tag("SPDXID", "package", "SPDXID"),
  tag("PackageVersion", "package", "versionInfo"),
  tag("PackageFileName", "package", "packageFileName"),
  tag("PackageSupplier", "package", "supplier"),
  tag("PackageOriginator", "package", "originator"),
  tag("PackageDownloadLocation", "package", "downloadLocation"),
  tag("FilesAnalyzed", "package", "filesAnalyzed", "boolean"),
  tag("PackageVerificationCode", "package", "packageVerificationCode", "code"),
  tag("PackageChecksum", "package", "checksums", "checksum"),
  tag("PackageHomePage", "package", "homepage"),
  tag("PackageSourceInfo", "package", "sourceInfo"),
  tag("PackageLicenseConcluded", "package", "licenseConcluded"),
  tag("PackageLicenseInfoFromFiles", "package", "licenseInfoFromFiles", "list"),
  tag("PackageLicenseDeclared", "package", "licenseDeclared"),
  tag("PackageLicenseComments", "package", "licenseComments"),
  tag("PackageCopyrightText", "package", "copyrightText"),
  tag("PackageSummary", "package", "summary"),
  tag("PackageDescription", "package", "description"),
  tag("PackageComment", "package", "comment"),
  tag("ExternalRef", "package", "externalRefs", "reference"),
  tag("ExternalRefComment", "externalRef", "comment"),
  tag("PackageAttributionText", "package", "attributionTexts", "list"),
  tag("PrimaryPackagePurpose", "package", "primaryPackagePurpose"),
  tag("ReleaseDate", "package", "releaseDate"),
  tag("BuiltDate", "package", "builtDate"),
  tag("ValidUntilDate", "package", "validUntilDate"),
  tag("SnippetSPDXID", "snippet", "SPDXID", "begin"),
  tag("SnippetFromFileSPDXID", "snippet", "snippetFromFile"),
  tag("SnippetByteRange", "snippet", "offset", "range"),
  tag("SnippetLineRange", "snippet", "lineNumber", "range"),
  tag("SnippetLicenseConcluded", "snippet", "licenseConcluded"),
  tag("LicenseInfoInSnippet", "snippet", "licenseInfoInSnippets", "list"),
  tag("SnippetLicenseComments", "snippet", "licenseComments"),
  tag("SnippetCopyrightText", "snippet", "copyrightText"),
  tag("SnippetComment", "snippet", "comment"),
  tag("SnippetName", "snippet", "name"),
  tag("SnippetAttributionText", "snippet", "attributionTexts", "list"),
  tag("LicenseID", "licence", "licenseId", "begin"),
  tag("ExtractedText", "licence", "extractedText"),
  tag("LicenseName", "licence", "name"),
  tag("LicenseCrossReference", "licence", "seeAlsos", "list"),
  tag("LicenseComment", "licence", "comment"),
  tag("Relationship", "document", "relationships", "relationship"),
  tag("RelationshipComment", "relationship", "comment"),
  tag("Annotator", "annotation", "annotator", "begin"),
  tag("AnnotationDate", "annotation", "annotationDate"),
  tag("AnnotationType", "annotation", "annotationType"),
  tag("SPDXREF", "annotation", "SPDXREF"),
  tag("AnnotationComment", "annotation", "comment"),
  tag("Reviewer", "review", "reviewer", "begin"),
  tag("ReviewDate", "review", "reviewDate"),
  tag("ReviewComment", "review", "comment"),
];

const LISTS = {
  package: "packages",
  file: "files",
  snippet: "snippets",
  licence: "hasExtractedLicensingInfos",
  review: "revieweds",
} as const;

/** True where the text looks like tag-value of SPDX 2: its first tag is one of the document's. */
export function isTagValue(text: string): boolean {
  return /^(?:\ufeff)?(?:\s*#[^\n]*\n|\s*\n)*\s*SPDXVersion:/u.test(text.slice(0, 4096));
}

/** Reads a tag-value document. Throws `sbom/syntax` with the line that is none; unknown tags become losses. */
export function spdxFromTagValue(text: string, file: string): SpdxRead {
  const data: Data = {};
  const offsets = new Map<string, number>();
  const losses: FormLoss[] = [];
  const current = new Map<Section, { readonly data: Data; readonly pointer: string }>([["document", { data, pointer: "" }]]);
  const annotations: Data[] = [];
  const contained: { from: string; to: Data }[] = [];
  let open: Section = "document";

  for (const { name, value, line, offset } of lines(text, file)) {
    const rule = ruleFor(name, open);
    if (rule === undefined) {
      losses.push({ at: `line ${line}`, what: `the tag ${name}, which SPDX does not have here`, value });
      continue;
    }
    const fault = (message: string): Fault => new Fault("sbom/syntax", `${file}: ${name}: ${message}`, { place: { file, line } });
    if (rule.kind === "begin") {
      open = rule.section;
      const entry: Data = {};
      if (rule.section === "annotation") {
        annotations.push(entry);
        current.set("annotation", { data: entry, pointer: "/annotations" });
      } else {
        const member = LISTS[rule.section as keyof typeof LISTS];
        const list = listOf(data, member);
        const pointer = pointerTo(pointerTo("", member), list.length);
        list.push(entry);
        offsets.set(pointer, offset);
        current.set(rule.section, { data: entry, pointer });
        if (rule.section === "package") current.set("document", { data, pointer: "" });
        const owner = current.get("package");
        if (rule.section === "file" && owner !== undefined) contained.push({ from: String(owner.data["SPDXID"] ?? ""), to: entry });
      }
      entry[rule.member] = value;
      continue;
    }
    const section =
      rule.section === "creation" ? { data: objectOf(data, "creationInfo"), pointer: "/creationInfo" } : current.get(rule.section);
    if (section === undefined) throw fault("nothing has begun to which it could belong");
    const { data: target, pointer } = section;
    if (!offsets.has(pointerTo(pointer, rule.member))) offsets.set(pointerTo(pointer, rule.member), offset);
    switch (rule.kind) {
      case "list":
        listOf(target, rule.member).push(value);
        break;
      case "boolean":
        target[rule.member] = /^(?:true|false)$/iu.test(value) ? value.toLowerCase() === "true" : value;
        break;
      case "checksum":
        listOf(target, rule.member).push(checksum(value, fault));
        break;
      case "code": {
        const parts = /^([^\s(]+)\s*(?:\((?:excludes:\s*)?(.*)\))?$/u.exec(value);
        if (parts === null) throw fault("a hash is expected");
        const excluded = (parts[2] ?? "")
          .split(",")
          .map((one) => one.trim())
          .filter((one) => one !== "");
        target[rule.member] = {
          packageVerificationCodeValue: parts[1],
          ...(excluded.length > 0 && { packageVerificationCodeExcludedFiles: excluded }),
        };
        break;
      }
      case "reference": {
        const parts = /^(\S+)\s+(\S+)\s+(.+)$/su.exec(value);
        if (parts === null) throw fault("category, type and locator are expected");
        const entry: Data = { referenceCategory: parts[1], referenceType: parts[2], referenceLocator: parts[3] };
        listOf(target, rule.member).push(entry);
        current.set("externalRef", { data: entry, pointer });
        break;
      }
      case "document": {
        const parts = /^(\S+)\s+(\S+)\s+(\S.*)$/u.exec(value);
        if (parts === null) throw fault("an id, an address and a checksum are expected");
        listOf(target, rule.member).push({
          externalDocumentId: parts[1],
          spdxDocument: parts[2],
          checksum: checksum(parts[3] ?? "", fault),
        });
        break;
      }
      case "relationship": {
        const parts = /^(\S+)\s+(\S+)\s+(\S+)$/u.exec(value);
        if (parts === null) throw fault("two elements with a relationship between them are expected");
        const entry: Data = { spdxElementId: parts[1], relationshipType: parts[2], relatedSpdxElement: parts[3] };
        listOf(data, rule.member).push(entry);
        current.set("relationship", { data: entry, pointer: "/relationships" });
        break;
      }
      case "range": {
        const parts = /^(\d{1,15})\s*:\s*(\d{1,15})$/u.exec(value);
        if (parts === null) throw fault("two numbers with “:” between them are expected");
        const end = (number: string | undefined): Data => ({ reference: target["snippetFromFile"] ?? "", [rule.member]: Number(number) });
        listOf(target, "ranges").push({ startPointer: end(parts[1]), endPointer: end(parts[2]) });
        break;
      }
      default:
        if (Object.hasOwn(target, rule.member)) losses.push({ at: `line ${line}`, what: `a second ${name}`, value });
        else target[rule.member] = value;
    }
  }
  placeAnnotations(data, annotations);
  addContained(data, contained);
  // A snippet's file may be told after its ranges.
  for (const snippet of (data["snippets"] ?? []) as Data[]) {
    for (const range of (snippet["ranges"] ?? []) as Record<string, Data>[])
      for (const end of Object.values(range)) end["reference"] = snippet["snippetFromFile"] ?? "";
  }
  return { data: data as Record<string, Json>, offsets, losses };
}

function ruleFor(name: string, open: Section): Tag | undefined {
  if (name === "SPDXID")
    return TAGS.find((one) => one.tag === name && one.section === (open === "package" || open === "file" ? open : "document"));
  return BY_NAME.get(name);
}

const BY_NAME: ReadonlyMap<string, Tag> = new Map(TAGS.filter((one) => one.tag !== "SPDXID").map((one) => [one.tag, one]));

interface Line {
  readonly name: string;
  readonly value: string;
  readonly line: number;
  readonly offset: number;
}

function* lines(text: string, file: string): Iterable<Line> {
  let offset = text.startsWith("\ufeff") ? 1 : 0;
  let line = 0;
  while (offset < text.length) {
    line += 1;
    const start = offset;
    const end = text.indexOf("\n", start);
    const stop = end < 0 ? text.length : end;
    offset = stop + 1;
    const content = text.slice(start, stop).trim();
    if (content === "" || content.startsWith("#")) continue;
    const colon = content.indexOf(":");
    if (colon <= 0 || !/^[A-Za-z0-9]+$/u.test(content.slice(0, colon))) {
      throw new Fault("sbom/syntax", `${file}: “${content.length > 60 ? `${content.slice(0, 57)}…` : content}” is no tag with a value`, {
        place: { file, line },
      });
    }
    const name = content.slice(0, colon);
    let value = content.slice(colon + 1).trim();
    const begun = line;
    if (value.startsWith("<text>")) {
      const from = text.indexOf("<text>", start) + "<text>".length;
      const close = text.indexOf("</text>", from);
      if (close < 0) throw new Fault("sbom/syntax", `${file}: the <text> of ${name} does not end`, { place: { file, line } });
      value = text.slice(from, close).replaceAll("\r\n", "\n");
      for (let at = text.indexOf("\n", start); at >= 0 && at < close; at = text.indexOf("\n", at + 1)) line += 1;
      const after = text.indexOf("\n", close);
      const rest = text.slice(close + "</text>".length, after < 0 ? text.length : after).trim();
      if (rest !== "") throw new Fault("sbom/syntax", `${file}: “${rest.slice(0, 40)}” stands after </text>`, { place: { file, line } });
      offset = after < 0 ? text.length : after + 1;
    }
    yield { name, value, line: begun, offset: start };
  }
}

function checksum(value: string, fault: (message: string) => Fault): Data {
  const colon = value.indexOf(":");
  if (colon <= 0) throw fault("an algorithm, “:” and a value are expected");
  return { algorithm: value.slice(0, colon).trim(), checksumValue: value.slice(colon + 1).trim() };
}

function listOf(target: Data, member: string): unknown[] {
  const list = (Object.hasOwn(target, member) ? target[member] : []) as unknown[];
  target[member] = list;
  return list;
}

function objectOf(target: Data, member: string): Data {
  const object = (Object.hasOwn(target, member) ? target[member] : {}) as Data;
  target[member] = object;
  return object;
}

/** Tag-value keeps annotations apart and says whose they are; the JSON form keeps them with their element. */
function placeAnnotations(data: Data, annotations: readonly Data[]): void {
  const elements = new Map<string, Data>();
  for (const list of ["packages", "files", "snippets"])
    for (const entry of (data[list] ?? []) as Data[]) elements.set(String(entry["SPDXID"]), entry);
  for (const { SPDXREF: reference, ...annotation } of annotations) {
    const owner = elements.get(String(reference));
    if (owner !== undefined) listOf(owner, "annotations").push(annotation);
    else if (reference === undefined || reference === data["SPDXID"]) listOf(data, "annotations").push(annotation);
    // Whose it is cannot be said in JSON where the element is not here: kept on the document, with its reference in the comment.
    else
      listOf(data, "annotations").push({ ...annotation, comment: `[about ${String(reference)}] ${String(annotation["comment"] ?? "")}` });
  }
}

function addContained(data: Data, contained: readonly { readonly from: string; readonly to: Data }[]): void {
  if (contained.length === 0) return;
  const relationships = listOf(data, "relationships") as Data[];
  const known = new Set(
    relationships.map((one) => `${String(one["spdxElementId"])} ${String(one["relationshipType"])} ${String(one["relatedSpdxElement"])}`),
  );
  for (const { from, to } of contained) {
    const id = String(to["SPDXID"] ?? "");
    if (id === "" || from === "" || known.has(`${from} CONTAINS ${id}`) || known.has(`${id} CONTAINED_BY ${from}`)) continue;
    relationships.push({ spdxElementId: from, relationshipType: "CONTAINS", relatedSpdxElement: id });
  }
}

// ---- writing ----

/** Writes a document as tag-value. What it has no tag for is a loss. */
export function spdxToTagValue(given: Readonly<Record<string, Json>>): { readonly text: string; readonly losses: readonly FormLoss[] } {
  const losses: FormLoss[] = [];
  const out: string[] = [];
  const document = given as Data;
  const lose = (at: string, value: unknown, what = "a member that tag-value has no tag for"): void => {
    losses.push({ at, what, value: typeof value === "string" ? value : JSON.stringify(value) });
  };
  const line = (name: string, value: unknown, pointer: string): void => {
    const text = String(value);
    if (text.includes("\r")) lose(pointer, text, "carriage returns, which a reader folds into line ends");
    if (text.includes("</text>")) lose(pointer, text, "a text that holds “</text>”");
    else if (/[\n\r]|^\s|\s$|^<text>/u.test(text) || text === "") out.push(`${name}: <text>${text}</text>`);
    else out.push(`${name}: ${text}`);
  };
  const section = (data: Data, name: Section, pointer: string, elsewhere: readonly string[]): void => {
    const left = new Set(Object.keys(data).filter((key) => !elsewhere.includes(key)));
    for (const rule of TAGS) {
      if (rule.section !== name) continue;
      if (rule.kind === "range") {
        if (left.has("ranges") && rule.member === "offset") ranges(data, pointer);
        left.delete("ranges");
        continue;
      }
      if (!left.has(rule.member)) continue;
      left.delete(rule.member);
      const value = data[rule.member];
      const at = pointerTo(pointer, rule.member);
      if (Array.isArray(value) && value.length === 0) lose(at, value, "an empty list");
      for (const [index, one] of (Array.isArray(value) ? value : [value]).entries())
        entry(rule, one, Array.isArray(value) ? pointerTo(at, index) : at);
    }
    for (const key of left) lose(pointerTo(pointer, key), data[key]);
  };
  const entry = (rule: Tag, value: unknown, pointer: string): void => {
    const object = value as Data;
    const hash = (one: Data): string => `${String(one["algorithm"])}: ${String(one["checksumValue"])}`;
    switch (rule.kind) {
      case "checksum":
        return line(rule.tag, hash(object), pointer);
      case "code": {
        const excluded = (object["packageVerificationCodeExcludedFiles"] ?? []) as string[];
        for (const [index, one] of excluded.entries())
          if (/[,)]/u.test(one))
            lose(`${pointer}/packageVerificationCodeExcludedFiles/${index}`, one, "a file name with a comma or parenthesis");
        const good = excluded.filter((one) => !/[,)]/u.test(one));
        return line(
          rule.tag,
          `${String(object["packageVerificationCodeValue"])}${good.length > 0 ? ` (excludes: ${good.join(", ")})` : ""}`,
          pointer,
        );
      }
      case "reference":
        line(
          rule.tag,
          `${String(object["referenceCategory"])} ${String(object["referenceType"])} ${String(object["referenceLocator"])}`,
          pointer,
        );
        if (object["comment"] !== undefined) line("ExternalRefComment", object["comment"], `${pointer}/comment`);
        return;
      case "document":
        return line(
          rule.tag,
          `${String(object["externalDocumentId"])} ${String(object["spdxDocument"])} ${hash((object["checksum"] ?? {}) as Data)}`,
          pointer,
        );
      default:
        return line(rule.tag, value, pointer);
    }
  };
  const ranges = (snippet: Data, pointer: string): void => {
    for (const [index, range] of ((snippet["ranges"] ?? []) as Record<string, Data>[]).entries()) {
      const [start, end] = [range["startPointer"] ?? {}, range["endPointer"] ?? {}];
      const written = [
        ["SnippetByteRange", "offset"],
        ["SnippetLineRange", "lineNumber"],
      ].filter(([, member]) => Object.hasOwn(start, member ?? "") && Object.hasOwn(end, member ?? ""));
      for (const [name, member] of written) line(name ?? "", `${String(start[member ?? ""])}:${String(end[member ?? ""])}`, pointer);
      if (written.length === 0) lose(`${pointer}/ranges/${index}`, range);
      for (const [name, side] of [
        ["startPointer", start],
        ["endPointer", end],
      ] as const) {
        if (side["reference"] !== snippet["snippetFromFile"])
          lose(`${pointer}/ranges/${index}/${name}/reference`, side["reference"], "a range in another file than the snippet's");
      }
    }
  };
  const annotate = (owner: Data, pointer: string): void => {
    for (const [index, annotation] of ((owner["annotations"] ?? []) as Data[]).entries()) {
      section({ ...annotation, SPDXREF: owner["SPDXID"] ?? "" }, "annotation", `${pointer}/annotations/${index}`, []);
      out.push("");
    }
  };

  const apart = [
    "creationInfo",
    "packages",
    "files",
    "snippets",
    "hasExtractedLicensingInfos",
    "revieweds",
    "relationships",
    "annotations",
    "documentDescribes",
  ];
  section(document, "document", "", apart);
  section((document["creationInfo"] ?? {}) as Data, "creation", "/creationInfo", []);
  out.push("");
  // Files come before the packages: after one, they would be taken to be inside it.
  for (const [member, name] of [
    ["files", "file"],
    ["packages", "package"],
    ["snippets", "snippet"],
    ["hasExtractedLicensingInfos", "licence"],
    ["revieweds", "review"],
  ] as const) {
    for (const [index, one] of ((document[member] ?? []) as Data[]).entries()) {
      section(one, name, `/${member}/${index}`, ["annotations", "hasFiles"]);
      out.push("");
      annotate(one, `/${member}/${index}`);
    }
  }
  annotate(document, "");
  for (const relationship of relationshipsOf(document)) {
    out.push(
      `Relationship: ${String(relationship["spdxElementId"])} ${String(relationship["relationshipType"])} ${String(relationship["relatedSpdxElement"])}`,
    );
    if (relationship["comment"] !== undefined) line("RelationshipComment", relationship["comment"], "/relationships");
  }
  return { text: `${out.join("\n").replace(/\n+$/u, "")}\n`, losses };
}

/**
 * The relationships of a document with those that the deprecated members `documentDescribes` and `hasFiles` stand for (SPDX 2.3, 11.1:
 * DESCRIBES and CONTAINS), each once.
 */
export function relationshipsOf(document: Readonly<Record<string, unknown>>): readonly Readonly<Record<string, unknown>>[] {
  const result = [...((document["relationships"] ?? []) as Data[])];
  const key = (one: Data): string =>
    `${String(one["spdxElementId"])} ${String(one["relationshipType"])} ${String(one["relatedSpdxElement"])}`;
  const inverse = (one: Data): string =>
    `${String(one["relatedSpdxElement"])} ${one["relationshipType"] === "DESCRIBES" ? "DESCRIBED_BY" : "CONTAINED_BY"} ${String(one["spdxElementId"])}`;
  const known = new Set(result.map(key));
  const add = (from: unknown, type: string, to: unknown): void => {
    const one: Data = { spdxElementId: from, relationshipType: type, relatedSpdxElement: to };
    if (known.has(key(one)) || known.has(inverse(one))) return;
    known.add(key(one));
    result.push(one);
  };
  for (const id of (document["documentDescribes"] ?? []) as unknown[]) add(document["SPDXID"], "DESCRIBES", id);
  for (const one of (document["packages"] ?? []) as Data[])
    for (const id of (one["hasFiles"] ?? []) as unknown[]) add(one["SPDXID"], "CONTAINS", id);
  return result;
}
