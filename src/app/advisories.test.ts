import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type Component, type OsvRecord, isUnavailable } from "../model/index.ts";
import { type HttpClient, defaultHttpConfig, httpClient } from "../sources/http.ts";
import { type GatheredAdvisories, gatherAdvisories } from "./advisories.ts";
import { sync } from "./sync/sync.ts";

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "tributary-gather-"));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const component = (name: string, version = "1.0.0", ecosystem = "npm"): Component => ({
  purl: `pkg:${ecosystem.toLowerCase()}/${name}@${version}`,
  ecosystem,
  name,
  version,
  origin: { kind: "registry" },
});

const record = (id: string, name: string, fixed = "2.0.0"): OsvRecord => ({
  id,
  modified: "2026-01-01T00:00:00Z",
  affected: [{ package: { ecosystem: "npm", name }, ranges: [{ type: "SEMVER", events: [{ introduced: "0" }, { fixed }] }] }],
});

const idsOf = (gathered: GatheredAdvisories, what: Component): readonly string[] | string => {
  const answer = gathered.advisories(what.purl);
  return isUnavailable(answer) ? answer.because : answer.map(({ claim }) => claim.id);
};

const send = (response: ServerResponse, status: number, value: unknown): void => {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(value));
};

interface Query {
  readonly package: { readonly ecosystem: string; readonly name: string };
  readonly version: string;
  readonly page_token?: string;
}

/** Answers like OSV's API: one id a page, `Nowhere` refused as a whole, `LOST` named and not to be had. */
async function api(t: TestContext, records: readonly OsvRecord[]): Promise<{ readonly url: string; readonly batches: number[] }> {
  const batches: number[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      if (request.url !== "/v1/querybatch") {
        const found = records.find(({ id }) => request.url === `/v1/vulns/${id}` && id !== "LOST");
        send(response, found === undefined ? 404 : 200, found ?? { code: 5 });
        return;
      }
      const { queries } = JSON.parse(Buffer.concat(chunks).toString()) as { queries: readonly Query[] };
      batches.push(queries.length);
      if (queries.some((query) => query.package.ecosystem === "Nowhere")) {
        send(response, 400, { code: 3, message: "Invalid ecosystem" });
        return;
      }
      const results = queries.map((query) => {
        const named = records.filter((one) => one.affected?.some((entry) => entry.package?.name === query.package.name) === true);
        const page = Number(query.page_token ?? "0");
        const vuln = named[page];
        if (vuln === undefined) return {};
        const vulns = [{ id: vuln.id }];
        return page + 1 < named.length ? { vulns, next_page_token: String(page + 1) } : { vulns };
      });
      send(response, 200, { results });
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, batches };
}

function client(t: TestContext, offline = false): HttpClient {
  const made = httpClient({
    cache: null,
    offline,
    config: { ...defaultHttpConfig, minRetryDelay: 5, maxRetryDelay: 10, retries: 0, timeout: 2000 },
  });
  t.after(() => made.close());
  return made;
}

test("a synced base answers, and nobody is asked over the network", async (t) => {
  const [base, from] = [folder(t), join(folder(t), "records.json")];
  writeFileSync(from, JSON.stringify([record("GHSA-1", "a")]));
  await sync({ folder: base, from, ecosystems: [], client: null, now: "2026-05-01T00:00:00Z" });
  const server = await api(t, []);
  const [bad, good] = [component("a"), component("b")];
  const gathered = await gatherAdvisories([bad, good], { folder: base, client: client(t), api: server.url });
  assert.deepEqual([idsOf(gathered, bad), idsOf(gathered, good)], [["GHSA-1"], []]);
  assert.deepEqual(gathered.basis, { source: from, records: 1, asOf: "2026-05-01T00:00:00Z" });
  assert.deepEqual(server.batches, []);
});

test("without a base the API is asked, a thousand at a time and page by page", async (t) => {
  const records = [record("GHSA-1", "p7"), record("GHSA-2", "p7"), record("GHSA-3", "p7", "0.5.0"), record("GHSA-4", "p1500")];
  const server = await api(t, records);
  const components = Array.from({ length: 1600 }, (_, index) => component(`p${index}`));
  const gathered = await gatherAdvisories(components, { folder: folder(t), client: client(t), api: server.url });
  assert.deepEqual(server.batches, [1000, 1, 1, 600]);
  assert.deepEqual(idsOf(gathered, component("p7")), ["GHSA-1", "GHSA-2"]);
  assert.deepEqual(idsOf(gathered, component("p1500")), ["GHSA-4"]);
  assert.deepEqual(idsOf(gathered, component("p8")), []);
  assert.equal(gathered.basis?.source, "OSV API");
});

test("what the API refuses or cannot deliver is unanswered for those whom it concerns, and for them only", async (t) => {
  const server = await api(t, [record("GHSA-1", "a"), record("LOST", "b")]);
  const [found, lost, refused] = [component("a"), component("b"), component("c", "1", "Nowhere")];
  const gathered = await gatherAdvisories([found, lost, refused], { folder: folder(t), client: client(t), api: server.url });
  assert.deepEqual(idsOf(gathered, found), ["GHSA-1"]);
  assert.match(String(idsOf(gathered, lost)), /names LOST, which could not be read/);
  assert.match(String(idsOf(gathered, refused)), /does not answer for Nowhere/);
  assert.deepEqual(
    gathered.undecided.map(({ purl, id }) => [purl, id]),
    [
      [lost.purl, "LOST"],
      [refused.purl, ""],
    ],
  );
});

test("with neither base nor network the question is unanswered, with the command that cures it", async (t) => {
  for (const made of [null, client(t, true)]) {
    const gathered = await gatherAdvisories([component("a")], { folder: folder(t), client: made });
    const answer = gathered.advisories(component("a").purl);
    assert.ok(isUnavailable(answer));
    assert.equal(answer.cure, "tributary sync");
    assert.equal(gathered.basis, null);
  }
  const nobody = await gatherAdvisories([component("a")], { folder: folder(t), client: client(t), api: "http://127.0.0.1:1" });
  assert.match(String(idsOf(nobody, component("a"))), /API could not be asked/);
});

test("a damaged base is said, and the question is not answered from it", async (t) => {
  const [base, from] = [folder(t), join(folder(t), "records.json")];
  writeFileSync(from, JSON.stringify([record("GHSA-1", "a")]));
  await sync({ folder: base, from, ecosystems: [], client: null, now: "2026-05-01T00:00:00Z" });
  const segment = join(base, readdirSync(base).find((name) => name.endsWith(".segment")) ?? "");
  writeFileSync(segment, "damaged");
  const gathered = await gatherAdvisories([component("a")], { folder: base, client: null });
  assert.ok(isUnavailable(gathered.advisories(component("a").purl)));
  assert.match(gathered.notes.join(), /damaged/);
});
