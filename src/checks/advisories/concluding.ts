/** What the rules about advisories share: the walk over matched advisories, and the sentence about one. */
import type { AdvisoryClaim, Check, CheckInput, CheckResult, Evidence } from "../../model/index.ts";
import { type Conclusion, type Look, eachComponent } from "../each.ts";

export interface Matched {
  readonly advisory: Evidence<AdvisoryClaim>;
  readonly claim: AdvisoryClaim;
  /** Index of the component. */
  readonly number: number;
  /** Advisories of the same type on the same component for which a fixed release is known. */
  readonly curable: readonly AdvisoryClaim[];
}

/** One finding for each advisory of a type. Where no base of advisories could be asked, the component stays unanswered. */
export function eachAdvisory(
  input: CheckInput,
  rule: Pick<Check, "id" | "severity">,
  type: AdvisoryClaim["type"],
  conclude: (matched: Matched, look: Look) => Conclusion,
): CheckResult {
  let number = -1;
  return eachComponent(input, rule, (look) => {
    number++;
    const advisories = input.evidence.advisories(look.purl);
    if (!look.gaps.has(look.purl, advisories)) return !("code" in advisories && advisories.code === "not-applicable");
    const these = advisories.filter(({ claim }) => claim.type === type);
    const curable = these.map(({ claim }) => claim).filter(({ fixed }) => fixed.length > 0);
    for (const advisory of these) look.find(conclude({ advisory, claim: advisory.claim, number, curable }, look));
    return true;
  });
}

/** An advisory's text comes from outside; the first line of its summary is enough for a sentence. */
const MAX_SUMMARY = 160;

export function summaryOf(claim: AdvisoryClaim): string {
  const text =
    (claim.summary === "" ? claim.details : claim.summary)
      .trim()
      .split("\n", 1)[0]
      ?.replace(/[.\s]+$/, "") ?? "";
  return text.length > MAX_SUMMARY ? `${text.slice(0, MAX_SUMMARY)}…` : text;
}

/** `GHSA-xxxx, CVE-2021-23337`. */
export const idsOf = (claim: AdvisoryClaim): string => [claim.id, ...claim.ids.filter((id) => id !== claim.id)].join(", ");

export const referencesOf = (claim: AdvisoryClaim): readonly string[] => [...new Set([...claim.ids, ...claim.cwes])];
