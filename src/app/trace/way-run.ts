/**
 * The workflow run that made a release: who says that it was this one, what GitHub says of it, and how it ended. Valid provenance has come out
 * of runs that ended in failure, because what was run in them was not what its owners had meant; so a run that failed is never passed over.
 */
import { type AttestationClaim, type Signer, type TraceStep, type Unavailable, isUnavailable } from "../../model/index.ts";
import type { WorkflowRun } from "../../sources/github-run.ts";
import { tell } from "./way-facts.ts";

/** Events in which the commit that is run is the one that GitHub names as the run's head; in others it may be a merge, or the default branch's. */
const headEvents: ReadonlySet<string> = new Set(["push", "release", "workflow_dispatch"]);

/** `record`: what GitHub said of the run, why it could not be asked, or null where nobody was to be asked. */
export function runStep(claim: AttestationClaim, record: WorkflowRun | Unavailable | null): TraceStep {
  const say = tell("run", "workflow run");
  const { signer, build } = claim;
  const run = runOf(claim);
  if (run === "") return say("unknown", "The provenance names no run.");
  const trigger = signer?.trigger || build?.trigger || "";
  const named = `${run}${trigger === "" ? "" : `, started by ${trigger}`}${signer?.runner ? `, ${signer.runner}` : ""}.`;
  const facts = { run, trigger, runner: signer?.runner ?? "" };
  const state = signer?.run === run ? "verified" : "asserted";
  if (record === null || isUnavailable(record)) {
    const why = record === null ? "How it ended is not in the evidence." : `How it ended is not known: ${record.because}`;
    return say(state, `${named} ${why}`, { ...facts, outcome: "unknown" });
  }
  const told = {
    ...facts,
    outcome: record.conclusion === "" ? "running" : record.conclusion,
    source: record.source,
    seen: record.observedAt,
  };
  const contradiction = signer === null ? "" : contradictionOf(signer, trigger, record);
  if (contradiction !== "") return say("broken", `${named} ${contradiction}`, told);
  if (record.conclusion === "success") return say(state, `${named} It ended well.`, told);
  const cure = `Read what the run did: ${run}`;
  if (record.conclusion === "") return say("unknown", `${named} It has not ended.`, told, cure);
  const jobs = jobsAt(record, claim.signedAt);
  const names = jobs.map(({ name, conclusion }) => `${name} (${conclusion})`).join(", ");
  if (jobs.length > 0 && jobs.every(({ conclusion }) => conclusion === "success"))
    return say(
      state,
      `${named} The run ended in ${record.conclusion}; what was running when the release was signed succeeded: ${names}.`,
      told,
    );
  const during = names === "" ? "and which of its jobs made the release is not known" : `the release having been signed during ${names}`;
  return say(
    "unknown",
    `${named} The run ended in ${record.conclusion}, ${during}. A build that was taken over looks like this.`,
    told,
    cure,
  );
}

/** The address of the run, by the certificate before the predicate; "" where none is named. */
export const runOf = ({ signer, build }: AttestationClaim): string => signer?.run || build?.run || "";

function contradictionOf(signer: Signer, trigger: string, record: WorkflowRun): string {
  const { sourceId, commit, config, source } = signer;
  if (record.repositoryId !== "" && sourceId !== "" && record.repositoryId !== sourceId)
    return `GitHub knows this run as one of repository ${record.repositoryId}, the certificate names ${sourceId}.`;
  if (record.fromRepositoryId !== "" && record.repositoryId !== "" && record.fromRepositoryId !== record.repositoryId)
    return `It ran what another repository had sent (${record.fromRepository}), not what ${source} holds.`;
  if (record.event !== "" && trigger !== "" && record.event !== trigger)
    return `GitHub says that ${record.event} started it, the certificate says ${trigger}.`;
  if (headEvents.has(record.event) && record.commit !== "" && commit !== "" && record.commit !== commit)
    return `GitHub says that it ran commit ${record.commit}, the certificate names ${commit}.`;
  const path = config.startsWith(`${source}/`) ? (config.slice(source.length + 1).split("@")[0] ?? "") : "";
  if (record.path !== "" && path !== "" && record.path !== path)
    return `GitHub says that it ran ${record.path}, the certificate names ${path}.`;
  return "";
}

/** The jobs that were running at a time; none where the time is not known. */
function jobsAt({ jobs }: WorkflowRun, time: string): WorkflowRun["jobs"] {
  const at = Date.parse(time);
  if (Number.isNaN(at)) return [];
  // GitHub's times are whole seconds, those of signatures as well.
  return jobs.filter(({ started, completed }) => {
    const end = completed === "" ? Number.POSITIVE_INFINITY : Date.parse(completed);
    return Date.parse(started) <= at + 1000 && at - 1000 <= end;
  });
}
