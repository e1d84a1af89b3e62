import type { Check, CheckInput, CheckResult } from "../../model/index.ts";
import { isUnavailable } from "../../model/index.ts";
import { eachComponent } from "../each.ts";
import { provenanceOf, validOrigins } from "./evidence.ts";
import { repositoryKey } from "./repository.ts";

export const sourceMismatch: Check = {
  id: "provenance/source-mismatch",
  question: "provenance",
  title: "Was it built from the repository that its manifest names?",
  severity: "high",
  needs: ["provenance", "release"],
  tags: ["CWE-345"],
  run,
};

function run(input: CheckInput): CheckResult {
  return eachComponent(input, sourceMismatch, ({ component, purl, title, find }) => {
    const evidence = provenanceOf(input, purl);
    if (isUnavailable(evidence)) return false;
    const builds = validOrigins(evidence);
    const release = input.evidence.release(purl);
    if (builds.length === 0 || isUnavailable(release)) return false;
    const named = repositoryKey(release.claim.manifest.repository ?? "");
    if (named === "") return false;
    const told = new Set<string>();
    for (const build of builds) {
      const source = build.claim.build?.source ?? build.claim.signer?.source ?? "";
      const built = repositoryKey(source);
      // Many files of one release come out of one repository: that is one thing to say.
      if (built === "" || built === named || told.has(built)) continue;
      told.add(built);
      find({
        key: built,
        message: `${title} says that it comes from ${named}, but it was ${build.claim.states === "publish" ? "published" : "built"} from ${built}.`,
        evidence: [build, release],
        remedy: {
          text: `Look at both. A fork, a rename or a move explains most of these; a stranger's repository explains the rest. If it moved, its maintainers can ${
            component.ecosystem === "PyPI"
              ? `name ${source} as "Source" among its project URLs.`
              : `set "repository" in package.json to ${source}: npm asks for that when it makes provenance.`
          }`,
        },
      });
    }
    return true;
  });
}
