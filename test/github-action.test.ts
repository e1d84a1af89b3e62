/** The action's script against a GitHub of our own on the loopback address, and a launcher that does what it is told. */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { parse } from "yaml";

const repository = resolve(import.meta.dirname, "..");
const scratch = mkdtempSync(join(tmpdir(), "tributary-action-"));
after(() => rmSync(scratch, { recursive: true, force: true }));

interface Request {
  readonly method: string;
  readonly path: string;
  readonly body: Readonly<Record<string, string>>;
}
interface Comment {
  readonly id: number;
  readonly body: string;
  readonly user: { readonly type: string };
}

// Writes every output that it is asked for, notes how it was called, and ends with the status that the test wants.
const launcher = `
import { appendFileSync, writeFileSync } from "node:fs";
const args = process.argv.slice(2);
appendFileSync(process.env.CALLS, JSON.stringify({ args, workflow: process.env.GITHUB_ACTIONS, token: process.env.INPUT_TOKEN ?? "" }) + "\\n");
const since = args.includes("--since");
const verdict = since ? process.env.VERDICT_SINCE : process.env.VERDICT_ALL;
args.forEach((arg, index) => {
  if (arg !== "--output") return;
  const [format, ...rest] = args[index + 1].split("=");
  const text = format === "json" ? JSON.stringify({ verdict: { verdict }, findings: verdict === "pass" ? [] : [1], unanswered: [] }) : format === "markdown" ? "<!-- tributary:check -->\\n### " + verdict + "\\n" : "{}";
  writeFileSync(rest.join("="), text);
});
process.exitCode = verdict === "block" && !args.includes("never") ? 1 : verdict === "fault" ? 2 : 0;
`;

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly requests: readonly Request[];
  readonly calls: readonly { readonly args: readonly string[]; readonly workflow: string; readonly token: string }[];
  readonly outputs: string;
}

let runs = 0;

async function runAction(
  options: {
    event?: object;
    comments?: readonly Comment[];
    verdicts?: readonly [all: string, since: string];
    refuse?: boolean;
    inputs?: Readonly<Record<string, string>>;
  } = {},
): Promise<Outcome> {
  const folder = join(scratch, String((runs += 1)));
  mkdirSync(folder);
  execFileSync("git", ["init", "-q"], { cwd: folder });
  writeFileSync(join(folder, "launcher.mjs"), launcher);
  writeFileSync(join(folder, "event.json"), JSON.stringify(options.event ?? {}));
  const requests: Request[] = [];
  const server: Server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => (text += chunk.toString()));
    request.on("end", () => {
      requests.push({
        method: request.method ?? "",
        path: request.url ?? "",
        body: text === "" ? {} : (JSON.parse(text) as Request["body"]),
      });
      response.statusCode = options.refuse === true ? 403 : 200;
      response.end(
        options.refuse === true
          ? '{"message":"Resource not accessible\\n::error::by integration"}'
          : JSON.stringify(request.method === "GET" ? (options.comments ?? []) : {}),
      );
    });
  });
  await new Promise<void>((ready) => void server.listen(0, "127.0.0.1", ready));
  const [all, since] = options.verdicts ?? ["pass", "pass"];
  const child = spawn(process.execPath, [join(repository, "scripts", "github-action.ts")], {
    cwd: folder,
    env: {
      PATH: process.env["PATH"],
      GITHUB_ACTIONS: "true",
      GITHUB_WORKSPACE: folder,
      RUNNER_TEMP: join(folder, "temp"),
      GITHUB_EVENT_PATH: join(folder, "event.json"),
      GITHUB_OUTPUT: join(folder, "outputs"),
      GITHUB_API_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      GITHUB_REPOSITORY: "o/r",
      GITHUB_SHA: "c0ffee",
      GITHUB_REF: "refs/pull/7/merge",
      INPUT_COMMAND: "launcher.mjs",
      INPUT_PATH: "--weird path",
      INPUT_SINCE: "base",
      INPUT_COMMENT: "true",
      INPUT_SARIF: "true",
      INPUT_FAIL_ON: "block",
      INPUT_TOKEN: "secret",
      CALLS: join(folder, "calls"),
      VERDICT_ALL: all,
      VERDICT_SINCE: since,
      ...options.inputs,
    },
  });
  let stdout = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  const status = await new Promise<number | null>((ended) => void child.on("close", ended));
  server.close();
  server.closeAllConnections();
  const lines = readFileSync(join(folder, "calls"), "utf8").trimEnd().split("\n");
  const outputs = join(folder, "outputs");
  return {
    status,
    stdout,
    requests,
    calls: lines.map((line) => JSON.parse(line) as Outcome["calls"][number]),
    outputs: existsSync(outputs) ? readFileSync(outputs, "utf8") : "",
  };
}

const pull = { pull_request: { number: 7, base: { sha: "1234567890123456789012345678901234567890" } } };

test("on a pull request code scanning gets the whole project, the comment and the verdict only what it changes", async () => {
  const { status, calls, requests, outputs } = await runAction({ event: pull, verdicts: ["block", "review"] });
  assert.equal(status, 0);
  assert.deepEqual(
    calls.map(({ args }) => [args.includes("--since"), args.includes("never")]),
    [
      [false, true],
      [true, false],
    ],
  );
  assert.deepEqual(
    requests.map(({ method, path }) => `${method} ${path}`),
    ["POST /repos/o/r/code-scanning/sarifs", "GET /repos/o/r/issues/7/comments?per_page=100&page=1", "POST /repos/o/r/issues/7/comments"],
  );
  const [sarif, , comment] = requests;
  assert.deepEqual([sarif?.body["commit_sha"], sarif?.body["ref"]], ["c0ffee", "refs/pull/7/merge"]);
  assert.equal(gunzipSync(Buffer.from(sarif?.body["sarif"] ?? "", "base64")).toString(), "{}");
  assert.match(comment?.body["body"] ?? "", /### review/);
  assert.match(outputs, /^verdict=review\nsarif=.*report\.sarif\n/);
});

test("the comment of an earlier run is changed, but never one that a person wrote", async () => {
  const body = "<!-- tributary:check -->\nold";
  const comments = [
    { id: 1, body, user: { type: "User" } },
    { id: 2, body, user: { type: "Bot" } },
  ];
  const { requests } = await runAction({ event: pull, comments });
  assert.deepEqual(
    requests.filter(({ method }) => method === "PATCH").map(({ path }) => path),
    ["/repos/o/r/issues/comments/2"],
  );
});

test("where nothing is to be said and nothing was said, there is no comment", async () => {
  const { requests } = await runAction({ event: pull });
  assert.deepEqual(
    requests.filter(({ path, method }) => path.includes("comments") && method !== "GET"),
    [],
  );
});

test("outside of a pull request there is one check, and its verdict is the step's", async () => {
  const { status, calls, requests } = await runAction({ event: { ref: "refs/heads/main" }, verdicts: ["block", ""] });
  assert.deepEqual([status, calls.length], [1, 1]);
  assert.deepEqual(
    requests.map(({ path }) => path),
    ["/repos/o/r/code-scanning/sarifs"],
  );
});

test("a token that may only read costs the comment and not the verdict, and its answer gives the runner no command", async () => {
  const { status, stdout } = await runAction({ event: pull, verdicts: ["block", "block"], refuse: true });
  assert.equal(status, 1);
  assert.equal(stdout.match(/^::warning title=Tributary::/gm)?.length, 2);
  assert.doesNotMatch(stdout, /^::error/m);
});

test("a check that could not be done fails the step before anything is told", async () => {
  const { status, requests } = await runAction({ event: pull, verdicts: ["fault", ""] });
  assert.deepEqual([status, requests], [2, []]);
});

test("inputs are data: an odd path is no option, and the token stays out of the check", async () => {
  const { calls } = await runAction({ event: pull });
  for (const { args, token } of calls) {
    assert.deepEqual(args.slice(-2), ["--", "--weird path"]);
    assert.equal(token, "");
  }
});

test("action.yml hands over every input, puts none into a command, and uses no action of others", () => {
  const action = parse(readFileSync(join(repository, "action.yml"), "utf8")) as {
    inputs: Record<string, { description: string; default: string }>;
    outputs: Record<string, { value: string }>;
    runs: { using: string; steps: { run: string; env: Record<string, string>; uses?: string }[] };
  };
  const [step, ...others] = action.runs.steps;
  assert.ok(step !== undefined && others.length === 0 && step.uses === undefined);
  const handed = Object.entries(step.env).filter(([name]) => name.startsWith("INPUT_"));
  assert.deepEqual(
    handed.map(([, value]) => value).toSorted(),
    Object.keys(action.inputs)
      .map((name) => `\${{ inputs.${name} }}`)
      .toSorted(),
  );
  for (const [name, value] of handed) assert.equal(`\${{ inputs.${name.slice(6).toLowerCase().replaceAll("_", "-")} }}`, value);
  assert.doesNotMatch(step.run, /\$\{\{/);
  const script = readFileSync(join(repository, "scripts", "github-action.ts"), "utf8");
  for (const [name] of handed) assert.ok(script.includes(`input("${name.slice(6)}")`), name);
});
