import type { Check, CheckInput, CheckResult, RegistryReleaseClaim, ReleaseHistory } from "../../model/index.ts";
import { LEARNING_RELEASES } from "../../model/index.ts";
import { continuitySignal } from "./signals.ts";
import { eachHistory, reviewAgainst, stayWith } from "./walk.ts";

export const burst: Check = {
  id: "continuity/burst",
  question: "continuity",
  title: "Did its owner not release many packages at once for the first time?",
  severity: "moderate",
  needs: ["release"],
  tags: ["CWE-506"],
  run,
};

/** A worm publishes as fast as it can; the known ones took from six minutes to some hours for all that an account owns. */
const BURST = 60 * 60 * 1000;
/** Two packages at once are a fix and its dependency. */
const FEWEST = 3;

interface Release {
  readonly purl: string;
  readonly title: string;
  readonly at: number;
  readonly before: number;
  readonly owners: readonly string[];
  readonly history: ReleaseHistory;
}

/**
 * Packages of one owner that were released within an hour although their releases before were not: a repository of many packages
 * always releases them together, a worm does it once.
 */
function run(input: CheckInput): CheckResult {
  const releases: Release[] = [];
  const first = eachHistory(input, burst, ({ purl, title, component, history, release }) => {
    const at = Date.parse(history.self.at);
    const before = Date.parse(history.before?.at ?? "");
    if (Number.isNaN(at) || Number.isNaN(before) || history.earlier < LEARNING_RELEASES) return !Number.isNaN(at);
    releases.push({ purl, title, at, before, owners: ownersOf(component.name, release.claim), history });
    return true;
  });
  const guilty = burstsOf(releases);
  if (guilty.size === 0) return first;
  return eachHistory(input, burst, ({ purl, title, component, history, release, find }) => {
    const found = guilty.get(purl);
    if (found !== undefined) {
      const signal = continuitySignal(
        "continuity/owner-burst",
        `${found.packages.length} packages of ${found.owner} were released within an hour, which they were not the time before: ${found.packages.slice(0, 5).join(", ")}${found.packages.length > 5 ? " and others" : ""}.`,
      );
      find({
        message: `${title}: ${signal.message}`,
        evidence: [release],
        remedy: {
          text: `Wait: what spreads like this is found within hours. Stay with ${stayWith(history)} until then.`,
          ...reviewAgainst(component, history),
        },
        references: found.packages,
      });
    }
    return !Number.isNaN(Date.parse(history.self.at));
  });
}

/** The scope stands for its organisation; without one the account that published. */
function ownersOf(name: string, { publisher }: RegistryReleaseClaim): readonly string[] {
  const scope = /^@[^/]+(?=\/)/.exec(name)?.[0];
  return [...(scope === undefined ? [] : [scope]), ...(publisher === undefined || publisher.name === "" ? [] : [publisher.name])];
}

function burstsOf(releases: readonly Release[]): ReadonlyMap<string, { readonly owner: string; readonly packages: readonly string[] }> {
  const guilty = new Map<string, { owner: string; packages: readonly string[] }>();
  const byOwner = new Map<string, Release[]>();
  for (const release of releases)
    for (const owner of release.owners) {
      const known = byOwner.get(owner);
      if (known === undefined) byOwner.set(owner, [release]);
      else known.push(release);
    }
  for (const [owner, all] of [...byOwner].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const ordered = all.toSorted((a, b) => a.at - b.at || (a.purl < b.purl ? -1 : 1));
    let start = 0;
    for (let end = 0; end < ordered.length; end++) {
      while ((ordered[end]?.at ?? 0) - (ordered[start]?.at ?? 0) > BURST) start++;
      // The widest row that ends here is judged when the next release lies outside of it.
      const next = ordered[end + 1];
      if (next !== undefined && next.at - (ordered[start]?.at ?? 0) <= BURST) continue;
      const together = ordered.slice(start, end + 1);
      if (new Set(together.map(({ title }) => nameOf(title))).size < FEWEST || usual(together)) continue;
      const packages = together.map(({ title }) => title);
      for (const { purl } of together) if (!guilty.has(purl)) guilty.set(purl, { owner, packages });
    }
  }
  return guilty;
}

const nameOf = (title: string): string => title.slice(0, Math.max(0, title.lastIndexOf("@")));

/** They came together the time before as well: most of the releases before lie within an hour of another one of them. */
function usual(together: readonly Release[]): boolean {
  const times = together.map(({ before }) => before).toSorted((a, b) => a - b);
  const near = times.filter((at, index) => at - (times[index - 1] ?? -Infinity) <= BURST || (times[index + 1] ?? Infinity) - at <= BURST);
  return near.length * 2 >= times.length;
}
