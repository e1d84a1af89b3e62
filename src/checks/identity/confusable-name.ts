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

/** Imitations are found and taken down within days, seldom months: a name that has been there for two years with more than a handful of releases is a neighbour. */
const SETTLED_DAYS = 730;
const SETTLED_RELEASES = 5;

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
    const age = isUnavailable(document) ? null : ageOf(document, input.now);
    if (age !== null && age.days >= SETTLED_DAYS && age.releases >= SETTLED_RELEASES) return true;
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

/** null where the document does not say when its releases came. */
function ageOf(document: PackageDocument, now: string): { readonly days: number; readonly releases: number } | null {
  const first = document.time["created"] ?? Object.values(document.time).toSorted()[0];
  const days = first === undefined ? Number.NaN : (Date.parse(now) - Date.parse(first)) / DAY;
  return Number.isNaN(days) ? null : { days: Math.max(0, Math.floor(days)), releases: document.versions.length };
}

const days = (n: number): string => `${n} ${n === 1 ? "day" : "days"}`;
