import type { PurlInput } from "../../model/index.ts";

/** The purl of a Maven artefact. `jar` without a classifier is what every build means that says nothing else. */
export function mavenPurl(group: string, artifact: string, version: string, type = "jar", classifier = ""): PurlInput {
  return {
    type: "maven",
    namespace: group,
    name: artifact,
    version,
    qualifiers: { ...(classifier === "" ? {} : { classifier }), ...(type === "" || type === "jar" ? {} : { type }) },
  };
}
