import type { Check, CheckInput, CheckResult, Node, Severity } from "../../model/index.ts";
import { eachComponent } from "../each.ts";
import { askersOf, entryEvidence, indexOf, titleOf } from "../subjects.ts";
import { wellKnown } from "./well-known.ts";

export const hiddenAlias: Check = {
  id: "identity/hidden-alias",
  question: "identity",
  title: "Is every package installed under a name that tells what it is?",
  severity: "moderate",
  needs: [],
  tags: ["CWE-1021", "CWE-451"],
  run,
};

/**
 * An alias is honest work when its name tells of the package (`react-17`, `string-width-cjs`). It hides something when it is itself the
 * name of another package that people know, or that stands in this very project: whoever reads the code sees that other one.
 */
function run(input: CheckInput): CheckResult {
  const { names } = indexOf(input.project);
  return eachComponent(input, hiddenAlias, ({ component, purl, title, nodes, find }) => {
    // A folder is the project's own, under whatever name.
    if (component.ecosystem !== "npm" || component.origin.kind === "directory" || component.origin.kind === "file") return false;
    const hiding = nodes.filter((node) => node.name !== "" && node.name !== component.name && !tells(node.name, component.name));
    const by = new Map<string, Node[]>();
    for (const node of hiding) {
      const under = by.get(node.name);
      if (under === undefined) by.set(node.name, [node]);
      else under.push(node);
    }
    for (const [alias, under] of by) {
      const known = wellKnown.has(alias);
      if (!known && !names.has(alias)) continue;
      const askers = under.flatMap((node) => askersOf(input.project, node));
      if (askers.some(({ from }) => inScopeOf(input.project.nodes[from]?.name ?? "", component.name))) continue;
      const own = askers.length > 0 && askers.every(({ from }) => input.project.nodes[from]?.kind === "root");
      const [first] = under;
      const parent = input.project.nodes[askers[0]?.from ?? -1];
      const who = own || parent === undefined ? "The project" : titleOf(parent);
      find({
        key: alias,
        // What the project itself wrote into its package.json, its people know.
        severity: severityOf(own, known),
        message: `${who} installs ${title} under the name ${alias}, which is ${known ? "a well-known package" : "another package of this project"}.`,
        evidence: first === undefined ? [] : [entryEvidence(input, purl, first)],
        places: under.map(({ place }) => place),
        remedy: {
          text: own
            ? "If the swap is meant, say why in an ignore of the policy; an alias that names the real package is clearer to the next reader."
            : `Look at what ${component.name} is and why it stands in for ${alias} before you rely on it.`,
        },
      });
    }
    return true;
  });
}

const severityOf = (own: boolean, known: boolean): Severity => (own ? "info" : known ? "moderate" : "low");

/** Does the alias tell of the real name? It does if it holds it: `react-17` for `react`, `string-width-cjs` for `string-width`. */
function tells(alias: string, real: string): boolean {
  const [a, r] = [plain(alias), plain(real)];
  return a === r ? !real.startsWith("@") : r.length >= MIN_TELLING && a.includes(r);
}

const plain = (name: string): string =>
  name
    .replace(/^@[^/]*\//, "")
    .replaceAll(/[-_.]/g, "")
    .toLowerCase();

/** Shorter names are part of too many others to tell anything. */
const MIN_TELLING = 3;

/** `@docusaurus/core` that brings its own fork `@docusaurus/react-loadable` is one household. */
const inScopeOf = (asker: string, name: string): boolean => name.startsWith("@") && asker.startsWith(name.slice(0, name.indexOf("/") + 1));
