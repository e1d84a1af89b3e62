import type { ArtifactClaim, Check, CheckInput, CheckResult } from "../../model/index.ts";
import { eachComponent } from "../each.ts";
import { notApplicable, titleOf } from "../subjects.ts";

export const runsAtInstall: Check = {
  id: "behaviour/runs-at-install",
  question: "behaviour",
  title: "Does nothing of it run by itself when it is installed?",
  severity: "info",
  needs: ["artifact"],
  tags: ["CWE-829"],
  run,
};

/** npm runs these of a package that comes from a registry, in this order. `prepare` and the like run only where it is made. */
const installScripts = ["preinstall", "install", "postinstall"] as const;
/** Characters of a command that stand in a sentence, and names in the summary. */
const SHOWN = 120;
const NAMED = 6;

function run(input: CheckInput): CheckResult {
  const running: string[] = [];
  const result = eachComponent(input, runsAtInstall, ({ component, purl, title, gaps, find }) => {
    if (component.ecosystem !== "npm") return false;
    const artifact = input.evidence.artifact(purl);
    if (!gaps.has(purl, artifact)) return !notApplicable(artifact);
    const runs = runsOf(artifact.claim);
    if (runs.length === 0) return true;
    running.push(titleOf(component));
    find({
      message: `${title} runs when it is installed: ${runs.join("; ")}.`,
      evidence: [artifact],
      remedy: {
        text: "Know of it: install without scripts (--ignore-scripts) where the package works without, and let only what you have read run.",
      },
    });
    return true;
  });
  if (result.asked === 0) return result;
  const named = running.slice(0, NAMED).join(", ");
  const more = running.length > NAMED ? ` and ${running.length - NAMED} more` : "";
  const summary =
    running.length === 0
      ? "Nothing runs by itself when it is installed."
      : `${running.length} ${running.length === 1 ? "runs" : "run"} something when installed: ${named}${more}.`;
  return { ...result, summary };
}

/** What npm would run, by the bytes themselves: what the registry says of it may be something else. */
function runsOf({ manifest }: ArtifactClaim): readonly string[] {
  if (manifest === null) return [];
  const scripts = installScripts.flatMap((name) => {
    const command = manifest.scripts[name];
    return command === undefined ? [] : [`${name} ${JSON.stringify(command.length > SHOWN ? `${command.slice(0, SHOWN)}…` : command)}`];
  });
  // npm help scripts: a binding.gyp at the root, and no install or preinstall script, means `node-gyp rebuild`.
  return manifest.gypfile === true ? [...scripts, "node-gyp, since it has a binding.gyp"] : scripts;
}
