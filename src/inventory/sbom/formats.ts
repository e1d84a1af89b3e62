/** SBOMs of every family as inventory formats. The form (JSON, XML, YAML, tag-value, RDF) is told from the content. */
import { Fault, type Format, type InputFile } from "../../model/index.ts";
import { type YamlReader, parseSbom } from "../../sbom/document.ts";
import { listingOf } from "./bill.ts";
import { isCycloneDxName, isSpdxName, isSpdxYamlName } from "./table.ts";

const reader = (id: string, title: string, matches: Format["matches"], yaml?: YamlReader): Format => ({
  id,
  title,
  role: "sbom",
  matches,
  read: (file: InputFile) => {
    try {
      return listingOf(parseSbom(file.text, file.path, yaml), id);
    } catch (cause) {
      // Who reads an inventory knows the inventory's faults.
      if (cause instanceof Fault && (cause.code === "sbom/syntax" || cause.code === "sbom/invalid")) {
        throw new Fault(cause.code === "sbom/syntax" ? "inventory/syntax" : "inventory/format", cause.message, {
          cause,
          ...(cause.place !== undefined && { place: cause.place }),
          ...(cause.hint !== undefined && { hint: cause.hint }),
        });
      }
      throw cause;
    }
  },
});

export const cycloneDx: Format = reader("sbom/cyclonedx", "CycloneDX (JSON, XML)", isCycloneDxName);
export const spdx: Format = reader("sbom/spdx", "SPDX (JSON, JSON-LD, tag-value, RDF/XML, XML)", isSpdxName);

/** Made with the YAML reader, which only its own line in the table loads. */
export const spdxYaml = (yaml: YamlReader): Format => reader("sbom/spdx-yaml", "SPDX (YAML)", isSpdxYamlName, yaml);
