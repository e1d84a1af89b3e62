import type { ArchiveHazard, Check, CheckInput, CheckResult, Severity } from "../../model/index.ts";
import { eachComponent } from "../each.ts";
import { notApplicable } from "../subjects.ts";

export const archiveHazard: Check = {
  id: "integrity/archive-hazard",
  question: "integrity",
  title: "Is the archive free of what an honest archive does not hold?",
  severity: "high",
  needs: ["artifact"],
  tags: ["CWE-22", "CWE-59", "CWE-409"],
  run,
};

/** What each hazard is, and how much it weighs: what writes outside its folder, or lets two readers see two packages, weighs most. */
const hazards: Readonly<Record<ArchiveHazard["kind"], { readonly severity: Severity; readonly says: string }>> = {
  "path-escapes": { severity: "critical", says: "entries that would be written outside the package's folder" },
  "absolute-path": { severity: "critical", says: "entries with an absolute path" },
  "link-escapes": { severity: "critical", says: "links that lead out of the package's folder" },
  device: { severity: "high", says: "device files" },
  "manifest-duplicate": { severity: "high", says: "more than one package.json, so that two readers may see two packages" },
  "manifest-missing": { severity: "moderate", says: "no package.json" },
  "manifest-unreadable": { severity: "moderate", says: "a package.json that cannot be read" },
  setuid: { severity: "moderate", says: "files that ask to run with their owner's rights" },
  "too-dense": { severity: "high", says: "far more content than its size allows for honestly" },
  "too-large": { severity: "moderate", says: "more content than we open" },
  "too-many-entries": { severity: "moderate", says: "more entries than we open" },
  "bad-header": { severity: "moderate", says: "headers that are damaged" },
  truncated: { severity: "moderate", says: "an end that is missing" },
  "trailing-data": { severity: "low", says: "bytes after its end" },
  "duplicate-entry": { severity: "low", says: "the same path more than once" },
  "case-collision": { severity: "low", says: "paths that differ only in case" },
  link: { severity: "low", says: "links, which npm leaves out" },
};

/** So many paths are named; the evidence holds all. */
const MAX_PATHS = 3;

function run(input: CheckInput): CheckResult {
  return eachComponent(input, archiveHazard, ({ purl, title, gaps, find }) => {
    const artifact = input.evidence.artifact(purl);
    if (!gaps.has(purl, artifact)) return !notApplicable(artifact);
    for (const kind of new Set(artifact.claim.hazards.map((hazard) => hazard.kind))) {
      const these = artifact.claim.hazards.filter((hazard) => hazard.kind === kind);
      const { severity, says } = hazards[kind];
      const paths = these.map(({ path }) => path).filter((path) => path !== "");
      const named =
        paths.length === 0
          ? ""
          : `: ${paths
              .slice(0, MAX_PATHS)
              .map((path) => JSON.stringify(path))
              .join(", ")}${paths.length > MAX_PATHS ? ` and ${paths.length - MAX_PATHS} more` : ""}`;
      find({
        key: kind,
        severity,
        message: `The archive of ${title} holds ${says}${named}.`,
        evidence: [artifact],
        remedy: {
          text:
            severity === "low"
              ? "Nothing that your package manager could not handle; worth a word to the maintainers if you are in touch with them."
              : "Do not unpack it. Look at the release before it, and ask the maintainers whether this archive is what they meant to publish.",
        },
      });
    }
    return true;
  });
}
