import type { Check, CheckInput, CheckResult, Evidence, Node } from "../../model/index.ts";
import { isUnavailable } from "../../model/index.ts";
import { eachComponent } from "../each.ts";
import { entryEvidence } from "../subjects.ts";

export const unpublished: Check = {
  id: "integrity/unpublished",
  question: "integrity",
  title: "Does the registry still have this release?",
  severity: "high",
  needs: ["release", "document"],
  tags: ["CWE-672"],
  run,
};

/** What npm puts in the place of a package that it took down for security's sake. */
const holding = /^0\.0\.1-security(?:\.\d+)?$/;

function run(input: CheckInput): CheckResult {
  return eachComponent(input, unpublished, ({ component, purl, title, nodes, gaps, find }) => {
    if (component.origin.kind !== "registry" || nodes.every(({ bundled }) => bundled === true)) return false;
    const release = input.evidence.release(purl);
    if (isUnavailable(release) && release.code !== "source/not-found") {
      gaps.has(purl, release);
      return release.code !== "not-applicable";
    }
    const document = input.evidence.document(purl);
    const latest = isUnavailable(document) ? "" : (document.distTags["latest"] ?? "");
    // What is under quarantine has no files, so that what has some need not be asked.
    const hasFiles = !isUnavailable(release) && release.claim.files?.length !== 0;
    const status = isUnavailable(document) || hasFiles ? undefined : document.status;
    if (status?.name === "quarantined") {
      find({
        severity: "critical",
        message: `The package index has put ${component.name} under quarantine${status.reason === "" ? "" : `: ${sentence(status.reason)}`}.`,
        evidence: entryOf(input, purl, nodes),
        remedy: {
          text: "Indexes do this to projects that they take for harmful. Do not install it; treat machines on which it was installed as you would after malware until the index says more.",
          change: { kind: "remove", name: component.name, from: component.version, to: "" },
        },
      });
      return true;
    }
    if (!isUnavailable(release) && release.claim.yanked !== undefined) {
      find({
        severity: "moderate",
        key: "yanked",
        message: `Its maintainers have yanked ${title}: it is still served, but not meant to be used${release.claim.yanked === "" ? "" : ` (${sentence(release.claim.yanked)})`}.`,
        evidence: [...entryOf(input, purl, nodes), release],
        remedy: {
          text: `Move to a release that is not yanked${latest === "" || latest === component.version ? "" : ` (the latest is ${latest})`}; a yanked one may be broken or leave its users open.`,
        },
      });
      return true;
    }
    const takenDown = holding.test(latest) || holding.test(component.version);
    if (hasFiles && !takenDown) return true;
    const evidence = [...entryOf(input, purl, nodes), ...(isUnavailable(release) ? [] : [release])];
    if (takenDown) {
      find({
        severity: "critical",
        message: `The registry has put a security placeholder (${holding.test(latest) ? latest : component.version}) in the place of ${component.name}: it was taken down.`,
        evidence,
        remedy: {
          text: "Remove it, and treat machines on which it was installed as you would after malware: look what it did, and change the secrets that were within its reach.",
          change: { kind: "remove", name: component.name, from: component.version, to: "" },
        },
      });
    } else if (isUnavailable(document)) {
      const scoped = component.name.startsWith("@");
      find({
        severity: scoped ? "moderate" : "high",
        message: `The registry does not know ${component.name}: it was removed, was never published, or is private and not shown to you.`,
        evidence,
        remedy: {
          text: "If it is private, configure the registry and token for it. If it is not, somebody else could take this name tomorrow: remove it, or point it to where it really comes from.",
        },
      });
    } else {
      find({
        message: `The registry has ${component.name}, but no longer ${title}: that release was withdrawn or never published.`,
        evidence,
        remedy: {
          text: `Find out why it was withdrawn, and move to a release that is there${latest === "" ? "" : ` (the latest is ${latest})`}.`,
        },
      });
    }
    return true;
  });
}

function entryOf(input: CheckInput, purl: string, [node]: readonly Node[]): readonly Evidence[] {
  return node === undefined ? [] : [entryEvidence(input, purl, node)];
}

/** A stranger's words in a sentence of ours: one line, not for ever. */
const sentence = (text: string): string => text.replaceAll(/\s+/g, " ").trim().slice(0, MOST_WORDS).replace(/\.$/, "");

const MOST_WORDS = 200;
