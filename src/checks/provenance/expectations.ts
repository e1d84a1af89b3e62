/**
 * What the releases of a package had before: which repository, owner, workflow, builder, kind of ref. Kept per release line, because a
 * maintenance line is rightly built elsewhere than the newest one, and compared by the platform's numeric ids wherever there are any:
 * names can be given up and taken by somebody else, ids cannot.
 */
import type { AttestationClaim, ProvenanceExpectation } from "../../model/index.ts";
import { callingWorkflow } from "./agreement.ts";
import { plainAddress } from "./build-facts.ts";

/** One thing that is not as it was. */
export interface SourceChange {
  readonly about: "repository" | "owner" | "workflow" | "builder" | "runner" | "issuer" | "ref";
  readonly before: string;
  readonly now: string;
}

/** `1.4.2` is of line `1`, `0.3.1` of line `0.3`; what begins with no number is a line of its own. */
export function releaseLine(version: string): string {
  const match = /^[vV]?(?:\d+!)?(\d{1,15})(?:\.(\d{1,15}))?/.exec(version);
  if (match === null) return version;
  return Number(match[1]) === 0 ? `0.${match[2] ?? "0"}` : (match[1] ?? "");
}

/** What a valid statement of provenance, or of publication by a workflow, teaches about the releases to come; null where it says too little. */
export function expectationOf(purl: string, version: string, claim: AttestationClaim, seenAt: string): ProvenanceExpectation | null {
  const { signer, build } = claim;
  if (claim.refusal !== undefined || claim.disagreements.length > 0 || signer === null) return null;
  // A statement of publication teaches what its certificate proves: whose workflow it was. Of the builder it says nothing.
  if (build === null && (claim.states !== "publish" || signer.by === "key")) return null;
  const source = plainAddress(signer.source) || (build?.source ?? "");
  if (source === "") return null;
  return {
    package: withoutVersion(purl),
    line: releaseLine(version),
    versions: [version],
    source,
    sourceId: signer.sourceId || (build?.sourceId ?? ""),
    owner: signer.owner,
    ownerId: signer.ownerId || (build?.ownerId ?? ""),
    issuer: signer.issuer,
    workflow: callingWorkflow(signer).path || (build?.workflow ?? ""),
    builder: stable(build?.builder ?? ""),
    runner: signer.runner || (build?.runner ?? ""),
    refKind: kindOfRef(signer.ref || (build?.ref ?? "")),
    seenAt,
  };
}

/** What changed from one expectation to the next. What either of them does not say has not changed. */
export function sourceChanges(before: ProvenanceExpectation, now: ProvenanceExpectation): readonly SourceChange[] {
  const changes: SourceChange[] = [];
  const hold = (about: SourceChange["about"], old: string, current: string): void => {
    if (old !== "" && current !== "" && old !== current) changes.push({ about, before: old, now: current });
  };
  // The same id under another name is a rename; the same name under another id is another repository.
  const sameKey = before.sourceId !== "" && now.sourceId !== "" ? before.sourceId === now.sourceId : sameAddress(before.source, now.source);
  if (!sameKey) changes.push({ about: "repository", before: ids(before.source, before.sourceId), now: ids(now.source, now.sourceId) });
  if (before.ownerId !== "" && now.ownerId !== "") {
    if (before.ownerId !== now.ownerId)
      changes.push({ about: "owner", before: ids(before.owner, before.ownerId), now: ids(now.owner, now.ownerId) });
  } else hold("owner", before.owner, now.owner);
  hold("issuer", before.issuer, now.issuer);
  hold("workflow", before.workflow, now.workflow);
  hold("builder", before.builder, now.builder);
  hold("runner", before.runner, now.runner);
  if (before.refKind !== "other" && before.refKind !== now.refKind)
    changes.push({ about: "ref", before: before.refKind, now: now.refKind });
  return changes;
}

const ids = (address: string, id: string): string => (id === "" ? address : `${address} (id ${id})`);

const sameAddress = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

function kindOfRef(ref: string): ProvenanceExpectation["refKind"] {
  return ref.startsWith("refs/tags/") ? "tag" : ref.startsWith("refs/heads/") ? "branch" : "other";
}

/** A builder's own release goes up all the time; GitLab numbers its machines, and npm's first statements the client's version. */
function stable(builder: string): string {
  const at = builder.lastIndexOf("@");
  const named = at > builder.indexOf("://") + 2 ? builder.slice(0, at) : builder;
  return named
    .replace(/\/-\/runners\/\d+$/, "/-/runners")
    .replace(/^https:\/\/github\.com\/actions\/runner$/, "https://github.com/actions/runner/github-hosted");
}

/** A purl up to its version; the version's `@` is the last one before any qualifier. */
export function withoutVersion(purl: string): string {
  const end = purl.search(/[?#]/);
  const head = end < 0 ? purl : purl.slice(0, end);
  const at = head.lastIndexOf("@");
  return at < 0 ? head : head.slice(0, at);
}
