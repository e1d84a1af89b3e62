/** The walk that the rules of this question share: over every component whose contents were compared with those of the release before it. */
import type { Check, CheckInput, CheckResult, Evidence, News, PackageChange, Unavailable } from "../../model/index.ts";
import { isUnavailable } from "../../model/index.ts";
import { type Look, eachComponent } from "../each.ts";
import { notApplicable, reviewCommand } from "../subjects.ts";

export interface Compared extends Look {
  readonly change: PackageChange;
  /** What is cited: the artifact that was read, where it was. */
  readonly cited: readonly Evidence[];
  /** A command that shows the difference. */
  readonly review: string;
}

export function eachChange(input: CheckInput, rule: Pick<Check, "id" | "severity">, judge: (compared: Compared) => void): CheckResult {
  let notAsked = 0;
  const result = eachComponent(input, rule, (look) => {
    const change = input.evidence.change?.(look.purl);
    if (change === undefined) return false;
    if (notCompared(change)) {
      notAsked++;
      return false;
    }
    if (!look.gaps.has(look.purl, change)) return !notApplicable(change);
    const artifact = input.evidence.artifact(look.purl);
    judge({
      ...look,
      change,
      cited: isUnavailable(artifact) ? [] : [artifact],
      review: reviewCommand(look.component, change.before.version),
    });
    return true;
  });
  return notAsked === 0 ? result : { ...result, notAsked };
}

/** It could have been compared with the release before, and was not in this run. */
export const notCompared = (change: PackageChange | Unavailable): change is Unavailable =>
  isUnavailable(change) && change.code === "not-compared";

/** Where in the package, for a sentence. */
export const whereOf = (news: News): string => {
  const line =
    news.kind === "capability"
      ? news.sighting.spots[0]?.line
      : news.kind === "flow"
        ? news.flow.spot.line
        : news.kind === "hiding"
          ? news.hiding.spots[0]?.line
          : news.kind === "self-run"
            ? news.selfRun.line
            : news.kind === "host"
              ? news.host.spot.line
              : undefined;
  return news.file === "" ? "" : line === undefined ? news.file : `${news.file}:${line}`;
};
