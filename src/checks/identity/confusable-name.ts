import type { Check, CheckInput, CheckResult, PackageDocument } from "../../model/index.ts";
import { isUnavailable } from "../../model/index.ts";
import { eachComponent } from "../each.ts";
import { askersOf, entryEvidence } from "../subjects.ts";
import { honestNeighbours } from "./neighbours.ts";
import { likenessIndex } from "./similarity.ts";
import { wellKnown } from "./well-known.ts";

export const confusableName: Check = {
  id: "identity/confusable-name",
  question: "identity",
  title: "Is every name far enough from far better known ones?",
  severity: "high",
  needs: ["document"],
  tags: ["CWE-1007", "CWE-451"],
  options: {
    allow: { type: "strings", summary: "Names that are known to be what they say.", standard: "none" },
  },
  run,
};

/**
 * Imitations are found and taken down within days, seldom months. A name that has been there for two years is a neighbour if it has been
 * lived in (five releases) or left alone (the release in use is half a year old); a name that was parked and wakes up is not.
 */
const SETTLED_DAYS = 730;
const SETTLED_RELEASES = 5;
const RESTED_DAYS = 180;

const DAY = 86_400_000;

const likeness = likenessIndex(wellKnown);

function run(input: CheckInput): CheckResult {
  const { allow } = input.settings(confusableName.id).options;
  const allowed = new Set<unknown>(Array.isArray(allow) ? allow : []);
  return eachComponent(input, confusableName, ({ component, purl, title, nodes, find }) => {
    if (component.ecosystem !== "npm" || component.origin.kind === "directory" || component.origin.kind === "file") return false;
    const { name } = component;
    const like = wellKnown.has(name) || honestNeighbours.has(name) || allowed.has(name) ? null : likeness.find(name);
    if (like === null) return true;
    const document = input.evidence.document(purl);
    const age = isUnavailable(document) ? null : ageOf(document, component.version, input.now);
    if (age !== null && age.days >= SETTLED_DAYS && (age.releases >= SETTLED_RELEASES || age.rested >= RESTED_DAYS)) return true;
    const [node] = nodes;
    const own = nodes.some((each) => askersOf(input.project, each).some(({ from }) => input.project.nodes[from]?.kind === "root"));
    find({
      // Without its age the name alone is a hint, not more.
      severity: age === null ? "low" : "high",
      message: `${title} could be taken for ${like.to}: it is that name with ${like.how}. ${
        age === null
          ? "How long it has been there is not known."
          : `It was first published ${days(age.days)} ago and has ${age.releases} ${age.releases === 1 ? "release" : "releases"}.`
      }`,
      evidence: node === undefined ? [] : [entryEvidence(input, purl, node)],
      remedy: {
        text: `${own ? "Look into your package.json" : "Look at who asks for it"}: was ${like.to} meant? If ${name} is right, allow it in the policy (rules › identity/confusable-name › options › allow).`,
      },
    });
    return true;
  });
}

interface Age {
  /** Since the first release. */
  readonly days: number;
  /** Since the release in use; 0 where that is not known. */
  readonly rested: number;
  readonly releases: number;
}

/** null where the document does not say when its releases came. */
function ageOf(document: PackageDocument, version: string, now: string): Age | null {
  const since = (time: string | undefined): number => Math.floor((Date.parse(now) - Date.parse(time ?? "")) / DAY);
  const first = since(document.time["created"] ?? Object.values(document.time).toSorted()[0]);
  const own = since(Object.hasOwn(document.time, version) ? document.time[version] : undefined);
  if (Number.isNaN(first)) return null;
  return { days: Math.max(0, first), rested: Number.isNaN(own) ? 0 : own, releases: document.versions.length };
}

const days = (n: number): string => `${n} ${n === 1 ? "day" : "days"}`;
