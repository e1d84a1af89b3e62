/**
 * The certificate's claims come from the platform, the predicate's may come from the build itself: where both speak of one thing they
 * must say the same. What only one of them says is no disagreement.
 */
import type { BuildFacts, Disagreement, Signer } from "../../model/index.ts";
import { plainAddress } from "./build-facts.ts";

export interface Agreement {
  /** What both say, and say alike. */
  readonly agreed: readonly string[];
  readonly disagreements: readonly Disagreement[];
}

export function compareClaims(signer: Signer, build: BuildFacts): Agreement {
  const agreed: string[] = [];
  const disagreements: Disagreement[] = [];
  const hold = (about: string, certificate: string, statement: string): void => {
    if (certificate === "" || statement === "") return;
    if (certificate === statement) agreed.push(about);
    else disagreements.push({ about, certificate, statement });
  };
  hold("repository", plainAddress(signer.source), build.source);
  hold("ref", signer.ref, build.ref);
  hold("commit", signer.commit, build.commit);
  hold("trigger", signer.trigger, build.trigger);
  hold("repository id", signer.sourceId, build.sourceId);
  hold("owner id", signer.ownerId, build.ownerId);
  hold("run", signer.run, build.run);
  hold("runner", signer.runner, build.runner);
  hold("workflow", callingWorkflow(signer).path, build.workflow);
  for (const place of build.contradictions.slice(1))
    disagreements.push({ about: "source inside the statement", certificate: build.contradictions[0] ?? "", statement: place });
  return { agreed, disagreements };
}

/** Repository, path and ref of `https://host/owner/name/.github/workflows/x.yml@ref`. */
export function splitWorkflow(address: string): { readonly repository: string; readonly path: string; readonly ref: string } {
  const at = address.indexOf("@", address.indexOf("://") + 3);
  const whole = at < 0 ? address : address.slice(0, at);
  const ref = at < 0 ? "" : address.slice(at + 1);
  // GitLab puts two slashes between the project and the file.
  const gitlab = whole.indexOf("//", whole.indexOf("://") + 3);
  if (gitlab >= 0) return { repository: whole.slice(0, gitlab), path: whole.slice(gitlab + 2), ref };
  const folder = whole.indexOf("/.github/workflows/");
  return folder < 0 ? { repository: whole, path: "", ref } : { repository: whole.slice(0, folder), path: whole.slice(folder + 1), ref };
}

/** The workflow that was started. Certificates from before 2023 name only the one that signed, which is the same unless it was called by another. */
export function callingWorkflow(signer: Signer): ReturnType<typeof splitWorkflow> {
  if (signer.config !== "") return splitWorkflow(signer.config);
  const own = splitWorkflow(signer.identity);
  return own.repository === plainAddress(signer.source) ? own : { repository: "", path: "", ref: "" };
}
