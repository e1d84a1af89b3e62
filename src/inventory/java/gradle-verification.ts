import type { Format } from "../../model/index.ts";
import { entryBuilder, formatFault } from "../reading/builder.ts";
import { hexToSri, sriSet } from "../reading/integrity.ts";
import { childOf, childrenOf, readXml } from "../reading/xml.ts";

/** Gradle's verification metadata (https://docs.gradle.org/current/userguide/dependency_verification.html): which bytes may come in. */
export const gradleVerification: Format = {
  id: "java/gradle-verification",
  title: "gradle/verification-metadata.xml",
  role: "lockfile",
  matches: (path) => /(?:^|\/)gradle\/verification-metadata\.xml$/.test(path),
  read: (file) => {
    const document = readXml(file);
    if (document.name !== "verification-metadata")
      throw formatFault(file, `expected <verification-metadata>, found <${document.name}>`, document.line);
    const builder = entryBuilder(file, "java/gradle-verification", "Maven");
    for (const component of childrenOf(childOf(document, "components"), "component")) {
      const group = component.attributes.get("group") ?? "";
      const artifact = component.attributes.get("name") ?? "";
      const version = component.attributes.get("version") ?? "";
      const missing = [group === "" ? "group" : "", artifact === "" ? "name" : "", version === "" ? "version" : ""].filter(
        (one) => one !== "",
      );
      if (missing.length > 0) builder.problem(`a component without ${missing.join(" and ")}`, { line: component.line });
      const hashes = childrenOf(component, "artifact").flatMap((one) =>
        one.children.flatMap((hash) =>
          [hash, ...hash.children].map((each) =>
            each.name === "also-trust"
              ? hexToSri(hash.name, each.attributes.get("value") ?? "")
              : hexToSri(each.name, each.attributes.get("value") ?? ""),
          ),
        ),
      );
      builder.add({ name: `${group}:${artifact}`, version, line: component.line, integrity: sriSet(hashes) });
    }
    return builder.finish({ graph: "flat" });
  },
};
