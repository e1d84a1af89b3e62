import type { Check, CheckInput, CheckResult } from "../../model/index.ts";
import { grouped, isUnavailable } from "../../model/index.ts";
import { eachComponent } from "../each.ts";
import { BUILD_LEVEL, componentLevel, isFromKnownSource, isPublished, provenanceOf } from "./evidence.ts";

export const buildLevelRule: Check = {
  id: BUILD_LEVEL,
  question: "provenance",
  title: "Is it shown where each package was built, at the level that the policy asks for?",
  severity: "info",
  needs: ["provenance"],
  tags: ["CWE-345"],
  options: {
    minimum: {
      type: "number",
      summary: "The SLSA Build level, 1 to 3, below which a package is a finding of its own.",
      standard: "0: levels are counted and no package is a finding",
    },
    "trusted-builders": {
      type: "strings",
      summary:
        "Reusable workflows that you trust to build and attest out of their caller's reach (level 3): `https://github.com/owner/name/.github/workflows/x.yml`, at any release tag, or with `@ref`, exactly so.",
      standard: "none besides slsa-github-generator's own",
    },
  },
  run,
};

function run(input: CheckInput): CheckResult {
  const setting = input.settings(BUILD_LEVEL);
  const minimum = Number(setting.options["minimum"] ?? 0);
  const counts: [number, number, number, number] = [0, 0, 0, 0];
  const words = new Map<string, number>();
  let unknown = 0;
  let published = 0;
  const result = eachComponent(input, buildLevelRule, ({ component, purl, title, nodes, gaps, find }) => {
    // What is the project's own, or is delivered inside another package, was not published by itself.
    if (!isPublished(component, nodes)) return false;
    const verdict = componentLevel(input, purl);
    if (isUnavailable(verdict)) {
      if (verdict.code === "not-applicable") return false;
      unknown++;
      gaps.add(purl, verdict);
      return true;
    }
    counts[verdict.level]++;
    if (verdict.word !== undefined) words.set(verdict.word, (words.get(verdict.word) ?? 0) + 1);
    if (verdict.level === 0) {
      const evidence = provenanceOf(input, purl);
      if (!isUnavailable(evidence) && isFromKnownSource(evidence)) published++;
    }
    if (verdict.level < minimum) {
      const evidence = provenanceOf(input, purl);
      const failed = verdict.requirements.filter(({ level, met }) => level <= minimum && met !== true);
      find({
        severity: setting.severity ?? "moderate",
        message: `${title} is at SLSA Build level ${verdict.level}; your policy asks for ${minimum}. ${failed[0]?.because ?? ""}`.trimEnd(),
        evidence: isUnavailable(evidence) ? [] : evidence.attestations.filter(({ claim }) => claim.states === "build"),
        remedy: { text: helpFor(verdict.level, minimum) },
        references: failed.map(({ id }) => id),
      });
    }
    return true;
  });
  if (result.asked === 0) return result;
  const summary = summaryOf(result.asked, counts, unknown, published);
  const borrowed = [...words]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([verifier, count]) => ` ${grouped(count)} of them by the word of ${verifier}.`);
  return { ...result, summary: `${summary}${borrowed.join("")}` };
}

/**
 * `412 of 1,204 from a known source: 31 at L3, 381 at L2; 700 show no provenance, 92 unknown.` `published`: those of level 0 of which it is proved whose
 * workflow published them, which is a source, but no level.
 */
export function summaryOf(asked: number, counts: readonly [number, number, number, number], unknown: number, published = 0): string {
  const [none, one, two, three] = counts;
  const levels = [
    [three, "L3"],
    [two, "L2"],
    [one, "L1"],
  ] as const;
  const reached = [
    ...levels.filter(([count]) => count > 0).map(([count, level]) => `${grouped(count)} at ${level}`),
    ...(published > 0 ? [`${grouped(published)} published by a known workflow, at no level`] : []),
  ];
  const rest = [
    ...(none > published ? [`${grouped(none - published)} show no provenance`] : []),
    ...(unknown > 0 ? [`${grouped(unknown)} unknown`] : []),
  ];
  return `${grouped(one + two + three + published)} of ${grouped(asked)} from a known source${reached.length === 0 ? "" : `: ${reached.join(", ")}`}${rest.length === 0 ? "" : `; ${rest.join(", ")}`}.`;
}

/** What the other side would need, as help. */
function helpFor(level: number, minimum: number): string {
  if (minimum === 3 && level === 2)
    return "Level 3 needs a builder that the build's own steps cannot reach: on GitHub a reusable workflow that builds and attests, named in your policy as trusted. Help its maintainers to one, or accept level 2 for this package.";
  return level === 0
    ? "The project would need no secret for it: trusted publishing on npm makes provenance by itself, on PyPI an attestation of the build can be uploaded with each file (PEP 740). A pull request with the workflow is the best help; until then, review this release, or pin it."
    : "Its build ran where nothing shows how the machine is kept, or in a way that our table of builders does not know. A build on the platform's own machines would reach level 2.";
}
