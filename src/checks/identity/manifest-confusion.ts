import type { Check, CheckInput, CheckResult, PackageManifest, Severity } from "../../model/index.ts";
import { isUnavailable } from "../../model/index.ts";
import { eachComponent } from "../each.ts";
import { notApplicable } from "../subjects.ts";
import { type Difference, differences } from "./manifests.ts";

export const manifestConfusion: Check = {
  id: "identity/manifest-confusion",
  question: "identity",
  title: "Does the registry describe the package that is in the archive?",
  severity: "high",
  needs: ["release", "artifact"],
  tags: ["CWE-345", "CWE-436"],
  run,
};

function run(input: CheckInput): CheckResult {
  return eachComponent(input, manifestConfusion, ({ component, purl, title, gaps, find }) => {
    // Elsewhere the registry reads the package's own manifest: there are no two that could differ.
    if (component.ecosystem !== "npm") return false;
    const release = input.evidence.release(purl);
    const artifact = input.evidence.artifact(purl);
    if (notApplicable(release) || notApplicable(artifact)) return false;
    const both = [gaps.has(purl, release), gaps.has(purl, artifact)].every(Boolean);
    if (!both || isUnavailable(release) || isUnavailable(artifact)) return true;
    const inside: PackageManifest | null = artifact.claim.manifest;
    if (inside === null) {
      gaps.add(purl, { unavailable: true, code: "no-manifest", because: "its archive holds no package.json that can be read" });
      return true;
    }
    for (const difference of differences(release.claim, inside)) {
      find({
        key: difference.field,
        severity: weights[difference.field],
        message: `The registry's document and the archive of ${title} differ in ${difference.field}: ${difference.says}.`,
        evidence: [release, artifact],
        remedy: {
          text: "Judge this release by its archive, not by its page. Ask the maintainers if the difference is meant; publishing tools that rewrite package.json on the way cause it honestly.",
        },
      });
    }
    return true;
  });
}

/** What runs, and what a package calls itself, weighs most: tools that read only the document would be blind to it. */
const weights: Readonly<Record<Difference["field"], Severity>> = {
  name: "high",
  version: "moderate",
  scripts: "high",
  dependencies: "moderate",
  bin: "moderate",
};
