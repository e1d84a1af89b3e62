import { coverGreedily } from "../../graph/cover.ts";
import { type Check, type CheckInput, type CheckResult, type PublisherClaim, isUnavailable } from "../../model/index.ts";
import { projectPurl } from "../subjects.ts";
import { leaningOf } from "./leaning.ts";

/** Below this many, shares say nothing. */
const FEWEST_KNOWN = 20;

export const oneAccount: Check = {
  id: "exposure/one-account",
  question: "exposure",
  title: "Does no single account carry much of what you take in?",
  severity: "info",
  needs: ["release"],
  tags: [],
  run,
};

/**
 * Counts, and nothing else: who the accounts are is neither said nor cited, because a list of accounts by what they could break is a list of
 * targets. An account of a service that publishes for others is no person's; it counts for the question of builders.
 */
function run(input: CheckInput): CheckResult {
  const { project, evidence } = input;
  const leaning = leaningOf(project);
  const ownedBy = new Map<string, number[]>();
  let known = 0;
  let alone = 0;
  let unsaid = 0;
  project.components.forEach(({ purl, origin }, number) => {
    if (origin.kind !== "registry") return;
    const release = evidence.release(purl);
    // That a release could not be had is said by the rules that are about releases.
    if (isUnavailable(release)) return;
    const accounts = new Set((release.claim.maintainers ?? []).map(keyOf).filter((key) => key !== ""));
    if (accounts.size === 0) {
      unsaid++;
      return;
    }
    known++;
    if (accounts.size === 1) alone++;
    for (const account of accounts) {
      const owned = ownedBy.get(account);
      if (owned === undefined) ownedBy.set(account, [number]);
      else owned.push(number);
    }
  });
  const nothing = { findings: [], unanswered: [], asked: known, answered: known };
  if (known < FEWEST_KNOWN) return nothing;
  const largest = [...ownedBy.values()].reduce<readonly number[]>((best, owned) => (owned.length > best.length ? owned : best), []);
  const directs = leaning.directsOver(largest);
  const half = accountsForHalf([...ownedBy.values()], known, project.components.length);
  const [file] = project.files;
  return {
    ...nothing,
    findings: [
      {
        rule: oneAccount.id,
        question: "exposure",
        subject: projectPurl(project),
        severity: oneAccount.severity,
        message: `${alone} of ${known} packages can be published by one account alone. The account that can publish most of them can publish ${largest.length}, and ${directs} of your ${leaning.directs} direct dependencies are or stand on one of those; ${half} ${half === 1 ? "account" : "accounts"} together can publish half.${unsaid === 0 ? "" : ` For ${unsaid} the registry does not say.`}`,
        evidence: [],
        places: file === undefined ? [] : [{ file: file.path }],
        remedy: {
          text: "Take releases in by a lockfile with hashes and let new ones rest some days: an account that is taken over is mostly noticed within hours. Packages that one person keeps alone are where help is needed most.",
        },
        key: "",
        references: [],
      },
    ],
  };
}

const keyOf = ({ name, email }: PublisherClaim): string => (name === "" ? email : name).toLowerCase();

/** How many accounts, taken for the most packages that are not held yet, can publish half of them: greedy, so at most a little too many. */
function accountsForHalf(owners: readonly (readonly number[])[], known: number, components: number): number {
  const rows = owners.map((owned) => Int32Array.from(owned));
  const sizes = rows.map(({ length }) => length);
  const { steps } = coverGreedily(rows.length, (account) => rows[account]!, components, rows.length, sizes);
  return steps.findIndex(({ total }) => total * 2 >= known) + 1;
}
