/** The walk of this question's rules: over every component whose registry tells what came before it. */
import type {
  Check,
  CheckInput,
  CheckResult,
  Component,
  Evidence,
  RegistryReleaseClaim,
  ReleaseHistory,
  Remedy,
} from "../../model/index.ts";
import { type Look, eachComponent } from "../each.ts";
import { reviewCommand } from "../subjects.ts";

export interface HistoryLook extends Look {
  readonly history: ReleaseHistory;
  readonly release: Evidence<RegistryReleaseClaim>;
}

/**
 * `judge` returns false where the registry does not say what the rule asks about: mirrors leave much of it out, and what is left out is
 * neither fine nor suspicious. `continuity/suspicious-release` says for all of them of how many releases that is so.
 */
export function eachHistory(input: CheckInput, rule: Pick<Check, "id" | "severity">, judge: (look: HistoryLook) => boolean): CheckResult {
  return eachComponent(input, rule, (look) => {
    const release = input.evidence.release(look.purl);
    if (!look.gaps.has(look.purl, release)) return !("unavailable" in release && release.code === "not-applicable");
    const { history } = release.claim;
    return history !== undefined && judge({ ...look, history, release });
  });
}

/** The release before, in words for a remedy. */
export const stayWith = ({ before }: ReleaseHistory): string => (before === null ? "the release that you have" : before.version);

/** For a remedy: the command that shows what it changes against the release before it, where there is one. */
export const reviewAgainst = (component: Component, { before }: ReleaseHistory): Pick<Remedy, "command"> =>
  before === null ? {} : { command: reviewCommand(component, before.version) };
