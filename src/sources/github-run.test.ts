import assert from "node:assert/strict";
import { once } from "node:events";
import { type IncomingHttpHeaders, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { Fault } from "../model/index.ts";
import { runAddress, workflowRun } from "./github-run.ts";
import { defaultHttpConfig, httpClient } from "./http.ts";

const PATH = "river/brook/actions/runs/42/attempts/1";
const RUN = `https://github.com/${PATH}`;

interface Asked {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

async function platform(t: TestContext, answers: Readonly<Record<string, object>>) {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    asked.push({ url: request.url ?? "", headers: request.headers });
    const body = answers[request.url ?? ""];
    response.writeHead(body === undefined ? 404 : 200, { "content-type": "application/json; charset=utf-8" });
    response.end(JSON.stringify(body ?? { message: "Not Found" }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = httpClient({ cache: null, config: { ...defaultHttpConfig, retries: 0, timeout: 2000 } });
  t.after(async () => {
    await client.close();
    server.close();
  });
  return {
    asked,
    client,
    env: { GITHUB_API_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`, GITHUB_TOKEN: "secret" },
  };
}

const run = {
  conclusion: "success",
  head_sha: "a".repeat(40),
  event: "release",
  path: ".github/workflows/release.yml@refs/tags/v1",
  repository: { id: 7 },
  head_repository: { id: 7, full_name: "river/brook" },
};

test("a run is asked for by the address in the certificate, with the token of the environment", async (t) => {
  const { asked, client, env } = await platform(t, { [`/api/repos/${PATH}`]: run });
  const record = await workflowRun(client, RUN, env);
  assert.deepEqual(
    [record.conclusion, record.commit, record.event, record.path, record.repositoryId, record.fromRepositoryId, record.jobs],
    ["success", "a".repeat(40), "release", ".github/workflows/release.yml", "7", "7", []],
  );
  assert.deepEqual(
    asked.map(({ url, headers }) => [url, headers.authorization]),
    [[`/api/repos/${PATH}`, "Bearer secret"]],
  );
});

test("only of a run that did not succeed the jobs are asked for", async (t) => {
  const jobs = { jobs: [{ name: "test", conclusion: "failure", started_at: "2026-02-01T00:00:00Z", completed_at: null }, 7] };
  const { client, env } = await platform(t, {
    [`/api/repos/${PATH}`]: { ...run, conclusion: "failure", head_repository: null },
    [`/api/repos/${PATH}/jobs?per_page=100`]: jobs,
  });
  const record = await workflowRun(client, RUN, env);
  assert.equal(record.fromRepositoryId, "", "a fork that is gone");
  assert.deepEqual(record.jobs[0], { name: "test", conclusion: "failure", started: "2026-02-01T00:00:00Z", completed: "" });
});

const missing = (error: unknown): boolean => error instanceof Fault && error.code === "source/not-found";

test("what is no run, or one that is not kept any more, is a fault, and a token goes to its own platform alone", async (t) => {
  const { asked, client, env } = await platform(t, {});
  await assert.rejects(workflowRun(client, RUN, env), missing);
  await assert.rejects(workflowRun(client, "https://gitlab.example/a/b/-/jobs/1", env), missing);
  for (const address of [
    `${RUN}/`,
    `${RUN}?x`,
    "http://github.com/a/b/actions/runs/1/attempts/1",
    "https://x@github.com/a/b/actions/runs/1/attempts/1",
  ])
    assert.equal(runAddress(address), null, address);
  const before = asked.length;
  // Another platform is asked at its own address, and never with this one's token.
  await assert.rejects(workflowRun(client, `https://127.0.0.1:1/${PATH}`, env), (error: unknown) => error instanceof Fault);
  assert.equal(asked.length, before);
});
