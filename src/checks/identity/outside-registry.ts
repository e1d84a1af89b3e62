import type { Check, CheckInput, CheckResult } from "../../model/index.ts";
import { eachComponent } from "../each.ts";
import { askersOf, entryEvidence, titleOf } from "../subjects.ts";

export const outsideRegistry: Check = {
  id: "identity/outside-registry",
  question: "identity",
  title: "Does everything that your dependencies ask for come from a registry?",
  severity: "moderate",
  needs: [],
  tags: ["CWE-829"],
  run,
};

/**
 * What the project itself takes from git or an address is its own decision. A published package that does so brings in bytes that no
 * registry holds, that no advisory names and that can be gone or different tomorrow.
 */
function run(input: CheckInput): CheckResult {
  const { project } = input;
  return eachComponent(input, outsideRegistry, ({ component, purl, title, nodes, find }) => {
    const { origin } = component;
    if (origin.kind !== "git" && origin.kind !== "url") return origin.kind === "registry";
    const askers = nodes.flatMap((node) => askersOf(project, node));
    if (askers.length === 0 || askers.some(({ from }) => project.nodes[from]?.kind === "root")) return true;
    const [asker] = askers;
    const parent = project.nodes[asker?.from ?? -1];
    const pinned = origin.kind === "git" && origin.commit !== "";
    const where =
      origin.kind === "git" ? `git (${origin.url}${pinned ? ` at ${origin.commit.slice(0, SHOWN)}` : ", at no given commit"})` : origin.url;
    const [node] = nodes;
    find({
      severity: pinned ? "low" : "moderate",
      message: `${parent === undefined ? "A dependency" : titleOf(parent)} takes ${title} from ${where}, not from a registry.`,
      evidence: node === undefined ? [] : [entryEvidence(input, purl, node)],
      remedy: {
        text: "Look at what is there before you rely on it: advisories and the registry's records do not cover it. A release of the dependency that takes it from the registry is the cure.",
      },
    });
    return true;
  });
}

/** Twelve digits of a commit tell it from any other. */
const SHOWN = 12;
