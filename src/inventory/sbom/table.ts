/** The SBOM formats' lines in the inventory's table; small, since the table is loaded at every start. */
import type { FormatLine } from "../formats.ts";

const lastPart = (path: string): string => path.slice(path.lastIndexOf("/") + 1).toLowerCase();

export const sbomFormats: readonly FormatLine[] = [
  {
    id: "sbom/cyclonedx",
    title: "CycloneDX (JSON, XML)",
    role: "sbom",
    ecosystem: "",
    matches: (path) => isCycloneDxName(path),
    begins: (head) => /"bomFormat"\s*:|cyclonedx\.org\/schema\/bom/.test(head),
    load: () => import("./formats.ts").then((m) => m.cycloneDx),
  },
  {
    id: "sbom/spdx",
    title: "SPDX (JSON, JSON-LD, tag-value, RDF/XML, XML)",
    role: "sbom",
    ecosystem: "",
    matches: (path) => isSpdxName(path),
    begins: (head) =>
      /^\ufeff?\s*(?:#[^\n]*\n\s*)*SPDXVersion:|"spdxVersion"\s*:|spdx\.org\/rdf\/(?:terms|3\.)/.test(head) ||
      /<Document>[^]*<(?:SPDXID|spdxVersion)>/.test(head),
    load: () => import("./formats.ts").then((m) => m.spdx),
  },
  {
    id: "sbom/spdx-yaml",
    title: "SPDX (YAML)",
    role: "sbom",
    ecosystem: "",
    matches: (path) => isSpdxYamlName(path),
    begins: (head) => /^["']?(?:spdxVersion|SPDXID)["']?\s*:/m.test(head) && !head.trimStart().startsWith("{"),
    load: () => import("./spdx-yaml.ts").then((m) => m.spdxYaml),
  },
];

/** `bom.json`, `bom.xml`, `*.cdx.json`, `*.cdx.xml`: the names that CycloneDX recommends. */
export function isCycloneDxName(path: string): boolean {
  return /^bom\.(?:json|xml)$|\.(?:cdx|bom)\.(?:json|xml)$/u.test(lastPart(path));
}

/** `*.spdx` and `*.spdx.json`, `.xml`, `.rdf`, `.rdf.xml`, `*.spdx3.json`: the names that SPDX recommends. */
export function isSpdxName(path: string): boolean {
  return /\.spdx(?:\.json|\.xml|\.rdf|\.rdf\.xml|3\.json)?$|^\.spdx\..*\.json$/u.test(lastPart(path));
}

/** The same as YAML, which needs a library that the others do not. */
export function isSpdxYamlName(path: string): boolean {
  return /\.spdx\.ya?ml$/u.test(lastPart(path));
}
