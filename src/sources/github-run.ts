/**
 * How a workflow run ended, by GitHub's word: no attestation says so, and valid provenance has come out of runs that failed or that somebody
 * else's pull request had got into. https://docs.github.com/rest/actions/workflow-runs (get a workflow run attempt), .../workflow-jobs
 */
import { Fault } from "../model/index.ts";
import type { HttpClient } from "./http.ts";

export interface WorkflowJob {
  readonly name: string;
  /** `success`, `failure`, `cancelled`, `skipped`, …; "" while it runs. */
  readonly conclusion: string;
  /** ISO 8601; "" where it never began, or has not ended. */
  readonly started: string;
  readonly completed: string;
}

/** "" stands for what GitHub does not say. */
export interface WorkflowRun {
  /** The address that was asked. */
  readonly source: string;
  /** ISO 8601: when GitHub last said so. */
  readonly observedAt: string;
  /** As for a job. */
  readonly conclusion: string;
  readonly commit: string;
  readonly event: string;
  /** The workflow's file in its repository. */
  readonly path: string;
  readonly repositoryId: string;
  /** Where the commit is from: another repository, where a fork's pull request started the run. */
  readonly fromRepositoryId: string;
  readonly fromRepository: string;
  /** Only asked for where the run did not succeed: which of them made the release then matters. */
  readonly jobs: readonly WorkflowJob[];
}

type Env = Readonly<Record<string, string | undefined>>;

/** Some 20 kB in practice. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
/** A run that has ended does not change; one that is run again gets another attempt's number. */
const FRESH_MILLISECONDS = 7 * 24 * 3_600_000;
/** GitHub's most for one page. A run with more jobs is read in part, and none of the rest is taken for the one that signed. */
const JOBS = 100;

/** The address of a run as certificates state it (1.3.6.1.4.1.57264.1.21), taken apart; null where it is of another platform. */
export function runAddress(run: string): { readonly server: string; readonly path: string } | null {
  const found = /^(https:\/\/[\w.-]+(?::\d+)?)\/([\w.-]+\/[\w.-]+\/actions\/runs\/\d{1,20}\/attempts\/\d{1,10})$/.exec(run);
  return found === null ? null : { server: found[1] ?? "", path: found[2] ?? "" };
}

/**
 * Asks about the run with this address. The API is that of the server that the address names, or `GITHUB_API_URL` where `GITHUB_SERVER_URL`
 * (github.com unless set) is that server; only then a token of the environment (`GITHUB_TOKEN`, `GH_TOKEN`) goes along. Throws `source/*` faults, `source/not-found` also
 * for a run that GitHub does not keep any more.
 */
export async function workflowRun(client: HttpClient, run: string, env: Env): Promise<WorkflowRun> {
  const address = runAddress(run);
  if (address === null) throw new Fault("source/not-found", `${run} is no run of a platform that can be asked how it ended.`);
  const base = apiOf(address.server, env);
  const source = `${base.api}/repos/${address.path}`;
  const options = {
    accept: "application/vnd.github+json",
    headers: { "x-github-api-version": "2022-11-28" },
    expect: "json",
    maxBytes: MAX_ANSWER_BYTES,
    freshness: FRESH_MILLISECONDS,
    ...(base.token === "" ? {} : { credentials: { headers: { authorization: `Bearer ${base.token}` } } }),
  } as const;
  const answer = await client.get(source, options);
  const fields: unknown = JSON.parse(answer.body.toString("utf8"));
  const conclusion = text(own(fields, "conclusion"));
  return {
    source,
    observedAt: answer.fetchedAt,
    conclusion,
    commit: text(own(fields, "head_sha")),
    event: text(own(fields, "event")),
    path: text(own(fields, "path")).split("@")[0] ?? "",
    repositoryId: id(own(own(fields, "repository"), "id")),
    fromRepositoryId: id(own(own(fields, "head_repository"), "id")),
    fromRepository: text(own(own(fields, "head_repository"), "full_name")),
    jobs: conclusion === "" || conclusion === "success" ? [] : await jobsOf(client, source, options),
  };
}

async function jobsOf(client: HttpClient, source: string, options: Parameters<HttpClient["get"]>[1]): Promise<readonly WorkflowJob[]> {
  const answer = await client.get(`${source}/jobs?per_page=${JOBS}`, options);
  const jobs = own(JSON.parse(answer.body.toString("utf8")), "jobs");
  if (!Array.isArray(jobs)) return [];
  return jobs.map((job: unknown) => ({
    name: text(own(job, "name")),
    conclusion: text(own(job, "conclusion")),
    started: text(own(job, "started_at")),
    completed: text(own(job, "completed_at")),
  }));
}

/** GitHub's own instance has a host for its API; others have a path (https://docs.github.com/enterprise-server/rest). */
function apiOf(server: string, env: Env): { readonly api: string; readonly token: string } {
  const home = env["GITHUB_SERVER_URL"] ?? "https://github.com";
  if (server === home) {
    const api = env["GITHUB_API_URL"] ?? (server === "https://github.com" ? "https://api.github.com" : `${server}/api/v3`);
    return { api: api.replace(/\/+$/, ""), token: env["GITHUB_TOKEN"] ?? env["GH_TOKEN"] ?? "" };
  }
  return { api: server === "https://github.com" ? "https://api.github.com" : `${server}/api/v3`, token: "" };
}

const own = (value: unknown, key: string): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, key) ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
const text = (value: unknown): string => (typeof value === "string" ? value : "");
const id = (value: unknown): string => (typeof value === "number" && Number.isSafeInteger(value) ? String(value) : "");
