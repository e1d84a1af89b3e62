/** Draws the steps of the way from what was gathered. Pure: the same facts give the same way. */
import type { FileState, Trace } from "../../model/index.ts";
import type { WayFacts } from "./way-facts.ts";
import { buildSteps, bytesStep, publishStep, signatureStep } from "./way-proved.ts";
import { branchStep, commitStep, filesStep, rebuildStep, tagStep, trackStep } from "./way-source.ts";

const fileStates: readonly FileState[] = ["in-tree", "copied", "derived", "reproduced", "generated", "unexplained", "missing"];

export function drawWay(facts: WayFacts): Trace {
  const { artifact, files } = facts;
  const counts = Object.fromEntries(fileStates.map((state) => [state, files.filter((file) => file.state === state).length]));
  const steps = [
    bytesStep(facts),
    ...(facts.kind === "package" ? [signatureStep(facts), publishStep(facts)] : []),
    ...buildSteps(facts),
    commitStep(facts),
    tagStep(facts),
    branchStep(facts),
    trackStep(facts),
    filesStep(facts, counts as Trace["counts"]),
    ...(facts.kind === "package" ? [rebuildStep(facts)] : []),
  ];
  const broken = steps.filter(({ state }) => state === "broken");
  // What proves the origin of the bytes is not asked of every release; the bytes, the commit and the files are.
  const needed: ReadonlySet<string> = new Set(["bytes", "commit", "files"]);
  // A run that is known to have failed is not the same as one of which nothing is known.
  const open = steps.filter(
    ({ id, state, facts: { outcome = "unknown" } }) => state === "unknown" && (needed.has(id) || outcome !== "unknown"),
  );
  return {
    purl: facts.purl,
    name: facts.name,
    version: facts.version,
    artifact: { source: artifact.url, size: artifact.size, sha256: artifact.sha256, sha512: artifact.sha512 },
    steps,
    source: facts.source,
    files,
    counts: counts as Trace["counts"],
    rebuild: facts.rebuild,
    verdict: broken.length > 0 ? "broken" : open.length > 0 ? "open" : "traced",
    because: (broken.length > 0 ? broken : open).map(({ says }) => says),
  };
}
