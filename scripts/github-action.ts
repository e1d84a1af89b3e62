/**
 * What `action.yml` runs, on the runner's own Node and without any package: installs Tributary, checks the whole project (for code
 * scanning, which would close the alerts that a partial report does not name), on a pull request checks what it changes (for the
 * comment and the verdict), then tells GitHub.
 */
import { spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";

const { env } = process;
const input = (name: string): string => env[`INPUT_${name}`] ?? "";
const workspace = env["GITHUB_WORKSPACE"] ?? process.cwd();
const out = join(env["RUNNER_TEMP"] ?? workspace, "tributary");

/** Exit statuses of `tributary check`. */
const POLICY_SAYS_NO = 1;
const FAULT = 2;
/** Comments are read a hundred at a time; who has more than this has other troubles. */
const MOST_PAGES = 30;
const REQUEST_MILLISECONDS = 30_000;

interface PullRequest {
  readonly number: number;
  readonly base: { readonly sha: string };
}

interface Summary {
  readonly verdict: { readonly verdict: string };
  readonly findings: readonly unknown[];
  readonly unanswered: readonly unknown[];
}

mkdirSync(out, { recursive: true });
process.exitCode = await run();

async function run(): Promise<number> {
  const tributary = launcher();
  const pull = pullRequest();
  const since = pull === undefined ? "" : input("SINCE") === "base" ? pull.base.sha : input("SINCE");
  const files = { sarif: join(out, "report.sarif"), json: join(out, "report.json"), html: join(out, "report.html") };
  const outputs = Object.entries(files).flatMap(([format, file]) => ["--output", `${format}=${file}`]);
  const failOn = ["--fail-on", input("FAIL_ON") === "" ? "block" : input("FAIL_ON")];

  const comment = join(out, "comment.md");
  const whole = check(
    tributary,
    [...outputs, ...(since === "" ? [...failOn, "--output", `markdown=${comment}`] : ["--fail-on", "never"])],
    since !== "",
  );
  if (whole >= FAULT) return whole;
  const changed = join(out, "changed.json");
  let status = whole;
  if (since !== "") {
    fetchRevision(since);
    status = check(tributary, ["--since", since, ...failOn, "--output", `markdown=${comment}`, "--output", `json=${changed}`], false);
    if (status >= FAULT) return status;
  }
  const judged = JSON.parse(readFileSync(since === "" ? files.json : changed, "utf8")) as Summary;
  setOutputs({ verdict: judged.verdict.verdict, ...files });

  if (input("SARIF") === "true") await tell("code scanning", () => uploadSarif(files.sarif));
  if (input("COMMENT") === "true" && pull !== undefined) {
    const hasNews = judged.verdict.verdict !== "pass" || judged.findings.length > 0 || judged.unanswered.length > 0;
    await tell("the comment", () => keepComment(pull.number, readFileSync(comment, "utf8"), hasNews));
  }
  return status === POLICY_SAYS_NO ? POLICY_SAYS_NO : 0;
}

/** The launcher's path. npm runs in a folder of its own: a pull request's `.npmrc` must not decide where the checker comes from. */
function launcher(): string {
  const command = input("COMMAND");
  if (command !== "") return resolve(workspace, command);
  const { version } = JSON.parse(readFileSync(join(env["ACTION_PATH"] ?? "", "package.json"), "utf8")) as { readonly version: string };
  const wanted = input("VERSION") === "" ? version : input("VERSION");
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const installed = spawnSync(
    npm,
    ["install", "--prefix", out, "--ignore-scripts", "--no-audit", "--no-fund", "--no-save", `tributary@${wanted}`],
    {
      cwd: out,
      stdio: ["ignore", "inherit", "inherit"],
      shell: process.platform === "win32",
    },
  );
  if (installed.status !== 0) throw new Error(`tributary@${wanted} could not be installed`);
  return join(out, "node_modules", "tributary", "bin", "tributary.js");
}

/** Runs a check with the rest of the inputs. `quiet`: its summary and annotations would repeat those of the check that follows. */
function check(tributary: string, args: readonly string[], quiet: boolean): number {
  const policy = input("POLICY") === "" ? [] : ["--policy", input("POLICY")];
  const path = input("PATH") === "" ? "." : input("PATH");
  const { INPUT_TOKEN: _token, ...rest } = env;
  const result = spawnSync(process.execPath, [tributary, "check", ...args, ...policy, "--", path], {
    cwd: workspace,
    stdio: ["ignore", quiet ? "ignore" : "inherit", "inherit"],
    env: quiet ? { ...rest, GITHUB_ACTIONS: "", GITHUB_STEP_SUMMARY: "" } : rest,
  });
  return result.status ?? FAULT;
}

function pullRequest(): PullRequest | undefined {
  const file = env["GITHUB_EVENT_PATH"];
  if (file === undefined || !existsSync(file)) return undefined;
  return (JSON.parse(readFileSync(file, "utf8")) as { readonly pull_request?: PullRequest }).pull_request;
}

/** A checkout of depth one does not hold the revision to compare with. Where it cannot be fetched, the check says that it is missing. */
function fetchRevision(revision: string): void {
  const there = spawnSync("git", ["cat-file", "-e", `${revision}^{commit}`], { cwd: workspace, stdio: "ignore" });
  if (there.status === 0) return;
  spawnSync("git", ["fetch", "--no-tags", "--depth=1", "origin", "--", revision], {
    cwd: workspace,
    stdio: ["ignore", "ignore", "inherit"],
  });
}

function setOutputs(outputs: Readonly<Record<string, string>>): void {
  const file = env["GITHUB_OUTPUT"];
  if (file === undefined || file === "") return;
  for (const [name, value] of Object.entries(outputs)) appendFileSync(file, `${name}=${value.replaceAll(/[\r\n]/g, " ")}\n`);
}

/** What GitHub does not allow (a fork's token reads only) is said and costs nothing: the verdict is the step's status. */
async function tell(what: string, action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    console.log(`::warning title=Tributary::${what} could not be written: ${message.replaceAll("%", "%25").replaceAll(/[\r\n]+/g, " ")}`);
  }
}

async function api(method: string, path: string, body?: object): Promise<unknown> {
  const response = await fetch(`${env["GITHUB_API_URL"] ?? "https://api.github.com"}/repos/${env["GITHUB_REPOSITORY"] ?? ""}${path}`, {
    method,
    headers: {
      accept: "application/vnd.github+json",
      authorization: `Bearer ${input("TOKEN")}`,
      "content-type": "application/json",
      "x-github-api-version": "2022-11-28",
    },
    signal: AbortSignal.timeout(REQUEST_MILLISECONDS),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} answers ${response.status}: ${text.slice(0, 200)}`);
  return text === "" ? null : JSON.parse(text);
}

async function uploadSarif(file: string): Promise<void> {
  const sarif = gzipSync(readFileSync(file)).toString("base64");
  await api("POST", "/code-scanning/sarifs", { commit_sha: env["GITHUB_SHA"], ref: env["GITHUB_REF"], sarif });
}

interface Comment {
  readonly id: number;
  readonly body?: string;
  readonly user?: { readonly type?: string } | null;
}

/** One comment, found again by its first line. Nothing new is written where there is nothing to say. */
async function keepComment(pull: number, body: string, hasNews: boolean): Promise<void> {
  const marker = body.split("\n", 1)[0] ?? "";
  for (let page = 1; page <= MOST_PAGES; page++) {
    const comments = (await api("GET", `/issues/${pull}/comments?per_page=100&page=${page}`)) as readonly Comment[];
    // Only what a bot wrote: a person could set our marker before words of their own, and the token may edit those.
    const own = comments.find((comment) => comment.user?.type === "Bot" && comment.body?.startsWith(marker) === true);
    if (own !== undefined) {
      await api("PATCH", `/issues/comments/${own.id}`, { body });
      return;
    }
    if (comments.length < 100) break;
  }
  if (hasNews) await api("POST", `/issues/${pull}/comments`, { body });
}
