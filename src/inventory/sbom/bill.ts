/**
 * A bill of materials as a listing: each package becomes a node, at the line where the document describes it; what the document says
 * it is about becomes the root; `dependsOn` becomes edges. Files inside packages are not listed: they are no components of their own.
 */
import { type Ecosystem, Fault, type Listing, type Origin, type Place, ecosystemOf, formatPurl, parsePurl } from "../../model/index.ts";
import type { Bill, Item } from "../../sbom/bill/bill.ts";
import { toBill } from "../../sbom/convert.ts";
import { type SbomDocument, placesOf } from "../../sbom/document.ts";
import { listingBuilder } from "../listing.ts";

const HASHES: Readonly<Record<string, string>> = {
  MD5: "md5",
  "SHA-1": "sha1",
  "SHA-256": "sha256",
  "SHA-384": "sha384",
  "SHA-512": "sha512",
};

/** The document as a listing. Packages whose purl is none, or that have no purl, are kept as `pkg:generic/…` and remarked upon. */
export function listingOf(document: SbomDocument, format: string): Listing {
  const bill = toBill(document);
  const packages = bill.items.filter((item) => item.form === "package");
  const places = placesOf(document, packages.map(pointerOf));
  const placeOf = (item: Item): Place => places.get(pointerOf(item)) ?? { file: document.file };
  const builder = listingBuilder();
  // CycloneDX keeps what it is about apart. SPDX lists it among the others: where it is alone, it is what is in use.
  const [subject] = bill.described.length === 1 && (packages.length > 1 || document.family === "cyclonedx") ? bill.described : [];
  const nodes = new Map<string, number>();
  let name: string | undefined;
  let version: string | undefined;
  for (const item of packages) {
    const place = placeOf(item);
    const key = item.key.value;
    if (subject?.value === key && !nodes.has(key)) {
      name = fullName(item);
      version = item.version?.value;
      nodes.set(key, builder.root({ name, ...(version !== undefined && { version }), place }));
      continue;
    }
    const about = component(item);
    const node = builder.node({
      component: builder.component(about.component),
      name: about.component.name,
      version: about.component.version,
      place,
      integrity: integrity(item),
      resolved: item.download !== undefined && /^https?:/u.test(item.download.value) ? item.download.value : "",
      ...(item.scope !== undefined && {
        scope: item.scope.value === "excluded" ? "dev" : item.scope.value === "optional" ? "optional" : "prod",
      }),
    });
    if (about.remark !== null) builder.remark(place, about.remark);
    if (nodes.has(key)) builder.remark(place, `the id “${key}” stands for more than one package; dependencies are taken to mean the first`);
    else nodes.set(key, node);
  }
  const told = edges(bill, nodes, builder.edge, (message) => builder.remark({ file: document.file }, message));
  for (const loss of document.losses.slice(0, MAX_REMARKS)) builder.remark({ file: document.file, key: loss.at }, `${loss.what}: not read`);
  return builder.finish({
    format,
    formatVersion: document.version,
    ecosystem: "",
    ...(name !== undefined && { name }),
    ...(version !== undefined && { version }),
    graph: told === 0 ? "flat" : told >= nodes.size ? "full" : "partial",
    knowsDirect: subject !== undefined && told > 0,
  });
}

/** Extensions of the notation are remarked upon one by one only up to here. */
const MAX_REMARKS = 20;

/** The item's own pointer: that of its name without the member. */
function pointerOf(item: Item): string {
  const pointer = item.name.sources[0]?.pointer ?? "";
  return pointer.slice(0, Math.max(0, pointer.lastIndexOf("/")));
}

function fullName(item: Item): string {
  const { group, name } = item;
  if (group === undefined || group.value === "") return name.value;
  return item.purl?.value.startsWith("pkg:maven/") === true ? `${group.value}:${name.value}` : `${group.value}/${name.value}`;
}

interface About {
  readonly component: {
    readonly ecosystem: Ecosystem;
    readonly name: string;
    readonly version: string;
    readonly origin: Origin;
    readonly purl?: string;
    readonly licence?: string;
  };
  readonly remark: string | null;
}

function component(item: Item): About {
  const licences = item.licences.map((one) => one.value.value).filter((one) => one !== "NONE" && one !== "NOASSERTION");
  const licence =
    licences.length === 0
      ? {}
      : { licence: [...new Set(licences)].map((one) => (licences.length > 1 && /\sOR\s/iu.test(one) ? `(${one})` : one)).join(" AND ") };
  const fallback = (remark: string): About => {
    const version = item.version?.value ?? "";
    const purl = formatPurl({
      type: "generic",
      name: item.name.value === "" ? "unnamed" : fullName(item),
      ...(version !== "" && { version }),
    });
    return { component: { ecosystem: "", name: fullName(item), version, origin: { kind: "unknown" }, purl, ...licence }, remark };
  };
  if (item.purl === undefined) {
    const cpe = item.cpe === undefined ? "" : ` (its CPE is ${item.cpe.value})`;
    return fallback(`${item.name.value} has no purl: which package of which ecosystem it is stays unknown${cpe}`);
  }
  try {
    const purl = parsePurl(item.purl.value);
    const known = ecosystemOf(purl);
    const plain = purl.namespace === "" ? purl.name : `${purl.namespace}/${purl.name}`;
    const version = purl.version === "" ? (item.version?.value ?? "") : purl.version;
    return {
      component: {
        ecosystem: known?.ecosystem ?? "",
        name: known?.name ?? plain,
        version,
        origin: originOf(purl.qualifiers, known !== null),
        purl: formatPurl({ ...purl, version }),
        ...licence,
      },
      remark: null,
    };
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    return fallback(`${item.name.value}: ${cause.message}`);
  }
}

function originOf(qualifiers: Readonly<Record<string, string>>, known: boolean): Origin {
  const vcs = /^git\+(.+)@([0-9a-f]{7,64})$/u.exec(qualifiers["vcs_url"] ?? "");
  if (vcs !== null) return { kind: "git", url: vcs[1] ?? "", commit: vcs[2] ?? "" };
  const url = qualifiers["download_url"];
  if (url !== undefined) return { kind: "url", url };
  return known ? { kind: "registry" } : { kind: "unknown" };
}

function integrity(item: Item): readonly string[] {
  return item.hashes.flatMap((one) => {
    const algorithm = HASHES[one.algorithm.value];
    const hex = one.value.value;
    return algorithm === undefined || !/^(?:[0-9a-f]{2})+$/iu.test(hex)
      ? []
      : [`${algorithm}-${Buffer.from(hex, "hex").toString("base64")}`];
  });
}

/** Adds the edges; returns of how many nodes the document tells what they need. */
function edges(
  bill: Bill,
  nodes: ReadonlyMap<string, number>,
  add: ReturnType<typeof listingBuilder>["edge"],
  remark: (message: string) => void,
): number {
  const told = new Set<number>();
  const nameOf = new Map(bill.items.map((item) => [item.key.value, fullName(item)]));
  const seen = new Set<string>();
  let astray = 0;
  for (const relation of bill.relations) {
    if (relation.type.value !== "dependsOn") continue;
    const from = nodes.get(relation.from.value);
    if (from === undefined) continue;
    told.add(from);
    if (relation.to.value === "NONE") continue;
    const to = nodes.get(relation.to.value);
    if (to === undefined) {
      astray += 1;
      continue;
    }
    const key = `${from} ${to}`;
    if (seen.has(key)) continue;
    seen.add(key);
    add(from, { to, name: nameOf.get(relation.to.value) ?? "", range: "", kind: "prod" });
  }
  if (astray > 0)
    remark(`${astray} ${astray === 1 ? "dependency leads" : "dependencies lead"} to something that the document does not list`);
  return told.size;
}
