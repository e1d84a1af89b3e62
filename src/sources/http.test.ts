import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { gzipSync } from "node:zlib";
import { Fault, type FaultCode } from "../model/index.ts";
import { type Misbehave, type RunningRegistry, startRegistry } from "../../test/registry/registry.ts";
import { freshFor } from "./http.ts";
import { retryAfter } from "./http-exchange.ts";
import { type AnswerCache, type CachedAnswer, type HttpConfig, defaultHttpConfig, httpClient } from "./http.ts";

const config: HttpConfig = { ...defaultHttpConfig, minRetryDelay: 5, maxRetryDelay: 20, timeout: 1000 };
const faultOf =
  (code: FaultCode, message = /./) =>
  (error: unknown): boolean =>
    error instanceof Fault && error.code === code && message.test(error.message);

/** The cache as the client knows it, in memory. */
function memoryCache(): AnswerCache & { readonly held: Map<string, { answer: CachedAnswer; body: Buffer }> } {
  const held = new Map<string, { answer: CachedAnswer; body: Buffer }>();
  return {
    held,
    look: (key) => held.get(key)?.answer ?? null,
    body: (key) => held.get(key)?.body ?? null,
    keep: async (key, answer, body) => {
      held.set(key, { answer, body });
      await Promise.resolve();
    },
    renew: (key, fetchedAt, freshUntil) => {
      const entry = held.get(key);
      if (entry !== undefined) held.set(key, { ...entry, answer: { ...entry.answer, fetchedAt, freshUntil } });
    },
  };
}

async function server(t: TestContext, misbehave?: Misbehave): Promise<RunningRegistry> {
  const registry = await startRegistry({
    packages: [{ name: "a", releases: [{ version: "1.0.0" }] }],
    ...(misbehave === undefined ? {} : { misbehave }),
  });
  t.after(() => registry.close());
  return registry;
}

test("an answer is fresh as long as its server says, is then asked for by its tag, and costs no body if it still holds", async (t) => {
  const registry = await server(t);
  const cache = memoryCache();
  let now = Date.parse("2026-01-01T00:00:00Z");
  const client = httpClient({ cache, config, now: () => now });
  t.after(() => client.close());
  const seen: string[] = [];
  for (const minutes of [0, 4, 2, 1]) {
    now += minutes * 60_000;
    const answer = await client.get(`${registry.url}a`);
    seen.push(`${answer.from} ${answer.fetchedAt}`);
  }
  assert.deepEqual(seen, [
    "network 2026-01-01T00:00:00.000Z",
    "cache 2026-01-01T00:00:00.000Z",
    "renewed 2026-01-01T00:06:00.000Z",
    "cache 2026-01-01T00:06:00.000Z",
  ]);
  assert.equal(registry.requests.length, 2);
});

test("what is not there is remembered as such, offline too", async (t) => {
  const registry = await server(t);
  const cache = memoryCache();
  for (const offline of [false, false, true]) {
    const client = httpClient({ cache, config, offline });
    await assert.rejects(client.get(`${registry.url}none`), faultOf("source/not-found"));
    await client.close();
  }
  assert.equal(registry.requests.length, 1);
});

test("what is sent with POST is part of the name under which the answer is kept, and is not sent twice", async (t) => {
  const registry = await server(t, (_path, _count, request) =>
    request.method === "POST" ? { kind: "body", body: '{"results":[]}', headers: { "cache-control": "max-age=60" } } : null,
  );
  const client = httpClient({ cache: memoryCache(), config });
  t.after(() => client.close());
  for (const body of ['{"q":1}', '{"q":2}', '{"q":1}'])
    assert.equal((await client.post(`${registry.url}query`, body)).body.toString(), '{"results":[]}');
  assert.deepEqual(
    registry.requests.map(({ body }) => body),
    ['{"q":1}', '{"q":2}'],
  );
});

test("an answer that is too large, packed or unpacked, ends before it is taken in", async (t) => {
  const bomb = gzipSync(Buffer.alloc(50 * 1024 * 1024, 32));
  const registry = await server(t, (path) =>
    path === "/bomb"
      ? { kind: "body", body: bomb, headers: { "content-encoding": "gzip" } }
      : { kind: "body", body: `"${"x".repeat(5000)}"` },
  );
  const client = httpClient({ cache: null, config });
  t.after(() => client.close());
  await assert.rejects(client.get(`${registry.url}bomb`, { maxBytes: 1024 * 1024 }), faultOf("source/too-large"));
  await assert.rejects(client.get(`${registry.url}large`, { maxBytes: 1000 }), faultOf("source/too-large"));
});

test("a server that never answers, or drips, is given up on in time", async (t) => {
  const drip = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    const timer = setInterval(() => response.write(" "), 20);
    response.on("close", () => clearInterval(timer));
  });
  await new Promise<void>((resolve) => drip.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    drip.closeAllConnections();
    drip.close();
  });
  const registry = await server(t, () => ({ kind: "silent" }));
  const client = httpClient({ cache: null, config: { ...config, retries: 0, timeout: 150 } });
  t.after(() => client.close());
  for (const url of [registry.url, `http://127.0.0.1:${(drip.address() as AddressInfo).port}/`]) {
    const started = Date.now();
    await assert.rejects(client.get(url), faultOf("source/unreachable", /in time/));
    assert.ok(Date.now() - started < 60_000, "it waited for the whole answer");
  }
});

test("a pause that is longer than anyone would wait is said at once, and nobody else asks that host again", async (t) => {
  const registry = await server(t, () => ({ kind: "status", status: 429, headers: { "retry-after": "3600" } }));
  const client = httpClient({ cache: null, config });
  t.after(() => client.close());
  await assert.rejects(client.get(`${registry.url}a`), faultOf("source/status", /3600 seconds/));
  await assert.rejects(client.get(`${registry.url}b`), faultOf("source/status", /3600 seconds/));
  assert.equal(registry.requests.length, 1);
});

test("no more requests are under way at a host than the configuration allows", async (t) => {
  let most = 0;
  let current = 0;
  const busy = createServer((_request, response) => {
    most = Math.max(most, ++current);
    setTimeout(() => {
      current--;
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
    }, 10);
  });
  await new Promise<void>((resolve) => busy.listen(0, "127.0.0.1", resolve));
  t.after(() => busy.close());
  const client = httpClient({ cache: null, config: { ...config, maxSockets: 4 } });
  t.after(() => client.close());
  const url = `http://127.0.0.1:${(busy.address() as AddressInfo).port}/`;
  await Promise.all(Array.from({ length: 30 }, (_, n) => client.get(`${url}${n}`)));
  assert.equal(most, 4);
});

test("a proxy is used for what it is set for: http through it, https in a tunnel, and not for what noproxy names", async (t) => {
  const registry = await server(t);
  const through: string[] = [];
  const proxy = createServer((request, response) => {
    through.push(`${request.method} ${request.url} ${request.headers["proxy-authorization"]}`);
    response.writeHead(200, { "content-type": "application/json" }).end('{"by":"proxy"}');
  });
  proxy.on("connect", (request, socket) => {
    through.push(`CONNECT ${request.url} ${request.headers["proxy-authorization"]}`);
    socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  const address = `http://me:pw@127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const authorization = `Basic ${Buffer.from("me:pw").toString("base64")}`;
  const client = httpClient({
    cache: null,
    config: { ...config, retries: 0, httpProxy: address, httpsProxy: address, noProxy: ["127.0.0.1"] },
  });
  t.after(() => client.close());
  assert.equal((await client.get("http://registry.example/a")).body.toString(), '{"by":"proxy"}');
  await assert.rejects(client.get("https://registry.example/a"), Fault);
  assert.equal((await client.get(`${registry.url}a`)).status, 200);
  assert.deepEqual(through, [`GET http://registry.example/a ${authorization}`, `CONNECT registry.example:443 ${authorization}`]);
});

test("a stream is bounded, and ends in a fault where it is cut off", async (t) => {
  const registry = await server(t, (path) => (path === "/half" ? { kind: "half" } : null));
  const client = httpClient({ cache: null, config });
  t.after(() => client.close());
  const drain = async (path: string, maxBytes: number): Promise<number> => {
    let size = 0;
    for await (const chunk of (await client.open(`${registry.url}${path}`, { maxBytes })).body) size += chunk.length;
    return size;
  };
  assert.ok((await drain("a", 1e6)) > 100);
  await assert.rejects(drain("a", 10), faultOf("source/too-large"));
  await assert.rejects(drain("half", 1e6), (error) => error instanceof Fault);
});

test("a stream that nobody wants lets its connection go, and one that is stopped ends at once", async (t) => {
  const large = Buffer.alloc(8 * 1024 * 1024, "x");
  const registry = await server(t, () => ({ kind: "body", body: large }));
  const client = httpClient({ cache: null, config: { ...config, maxSockets: 1 } });
  t.after(() => client.close());
  for (let n = 0; n < 3; n++) await (await client.open(`${registry.url}large`)).body[Symbol.asyncIterator]().return?.();
  const stop = new AbortController();
  const { body } = await client.open(`${registry.url}large`, { signal: stop.signal });
  await assert.rejects(async () => {
    for await (const chunk of body) if (chunk.length > 0) stop.abort(new Error("stopped"));
  }, /stopped/);
});

test("nobody listening is said plainly", async () => {
  const free = createServer();
  await new Promise<void>((resolve) => free.listen(0, "127.0.0.1", resolve));
  const { port } = free.address() as AddressInfo;
  await new Promise((resolve) => free.close(resolve));
  const client = httpClient({ cache: null, config });
  await assert.rejects(client.get(`http://127.0.0.1:${port}/`), faultOf("source/unreachable", /refuses connections/));
  await assert.rejects(client.get("file:///etc/passwd"), faultOf("source/configuration"));
  await client.close();
});

test("Retry-After is seconds or a date; freshness is max-age less age, within a day, and nothing for what must not be stored", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  assert.deepEqual(
    ["7", "Thu, 01 Jan 2026 00:00:09 GMT", "Thu, 01 Jan 2025 00:00:00 GMT", "soon", "-3", ""].map((value) => retryAfter(value, now)),
    [7000, 9000, 0, 0, 0, 0],
  );
  assert.deepEqual(
    [
      freshFor("public, max-age=300", 0, 1),
      freshFor("max-age=300", 100, 1),
      freshFor("no-store, max-age=300", 0, 1),
      freshFor("", 0, 1),
      freshFor("max-age=99999999", 0, 1),
    ],
    [300_000, 200_000, 0, 1, 86_400_000],
  );
});
