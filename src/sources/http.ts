/**
 * The one polite HTTP client through which everything is fetched: bounded, patient, cached.
 *
 *     get ─ fresh in the cache? ──> that
 *       └─ gate of the host ─> send (with the validators of the cached one) ─> 304: the cached one ─┐
 *              ^    └─ 429, 503, broken, silent: wait and try again                                ├─> keep, answer
 *              └──────────────┘                                   200: body within bounds ─────────┘
 */
import { Fault, sha256 } from "../model/index.ts";
import { ACCEPTED_CODINGS, requireJson, takeBody } from "./http-body.ts";
import { type Outgoing, bodyStream, exchanger } from "./http-exchange.ts";
import { type Credentials, type HttpConfig, defaultHttpConfig, httpTransport, withoutPassword } from "./http-transport.ts";

export type { Credentials, HttpConfig } from "./http-transport.ts";
export { defaultHttpConfig } from "./http-transport.ts";

/** What is kept of an answer, without its body. Times in milliseconds since 1970. */
export interface CachedAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly etag: string;
  readonly lastModified: string;
  /** When the server last said that this is its answer. */
  readonly fetchedAt: number;
  readonly freshUntil: number;
  /** Of the decoded body. */
  readonly sha256: string;
}

/** Where answers are kept. The store room has one; the client knows only this. None of it throws for a full or damaged disk: that is said in the cache's own notes. */
export interface AnswerCache {
  readonly look: (key: string) => CachedAnswer | null;
  /** The body, decompressed and checked against its hash; null where it is damaged (the entry is then gone). */
  readonly body: (key: string) => Buffer | null;
  readonly keep: (key: string, answer: CachedAnswer, body: Buffer) => Promise<void>;
  /** The server said that the answer still holds. */
  readonly renew: (key: string, fetchedAt: number, freshUntil: number) => void;
}

export interface RequestOptions {
  readonly accept?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly credentials?: Credentials;
  /** Most bytes that are taken in, on the wire and decoded. */
  readonly maxBytes?: number;
  /** `json`: a web page or half a text is a fault. */
  readonly expect?: "json" | "bytes";
  /** `use` (default): fresh answers are taken from the cache. `renew`: the server is asked in any case. `none`: neither read nor kept. */
  readonly cache?: "use" | "renew" | "none";
  /** Of what is sent; JSON unless given. */
  readonly contentType?: string;
  /** How long an answer is fresh whose server does not say, milliseconds. */
  readonly freshness?: number;
  /** For one whole answer, milliseconds; default: the configuration's. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

export interface HttpAnswer {
  /** After redirects. */
  readonly url: string;
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
  /** Hexadecimal, of the body. */
  readonly sha256: string;
  /** ISO 8601: when the server last said so. */
  readonly fetchedAt: string;
  readonly freshUntil: number;
  readonly from: "network" | "renewed" | "cache";
}

export interface OpenAnswer {
  readonly url: string;
  readonly status: number;
  readonly contentType: string;
  readonly etag: string;
  readonly lastModified: string;
  readonly size: number | undefined;
  /** The bytes as they come, at most `maxBytes`; fewer than promised throws `source/body`. Nothing is kept, nothing tried again once it flows. */
  readonly body: AsyncIterable<Uint8Array>;
}

export interface HttpStats {
  readonly requests: number;
  readonly retries: number;
  readonly bytes: number;
  readonly fromCache: number;
  readonly renewed: number;
}

export interface HttpClient {
  readonly offline: boolean;
  /** Throws `source/*` faults; what is 404 or 410 is `source/not-found` (and remembered like an answer). */
  readonly get: (url: string, options?: RequestOptions) => Promise<HttpAnswer>;
  /** Sends JSON, unless told otherwise. Cached like `get`, under the address and the hash of what is sent; what makes something anew (201) never is. */
  readonly post: (url: string, body: string | Buffer, options?: RequestOptions) => Promise<HttpAnswer>;
  /** For what is too large to hold: never cached. */
  readonly open: (url: string, options?: RequestOptions) => Promise<OpenAnswer>;
  readonly stats: () => HttpStats;
  /** Ends all connections. */
  readonly close: () => Promise<void>;
}

export interface ClientOptions {
  readonly cache: AnswerCache | null;
  readonly config?: HttpConfig;
  readonly offline?: boolean;
  readonly signal?: AbortSignal;
  readonly onBytes?: (count: number) => void;
  /** The clock, milliseconds; for tests. */
  readonly now?: () => number;
}

/** Nothing that is asked for as a whole is larger; the largest package documents are some tens of megabytes. */
const MAX_BODY_BYTES = 128 * 1024 * 1024;
/** Where the server does not say: long enough for a day's repeated runs to be cheap, short enough to see a release of this morning. */
const FRESH_MILLISECONDS = 10 * 60_000;
/** No server's word counts for longer: a year-long max-age on a document would hide every later release. */
const MOST_FRESH_MILLISECONDS = 24 * 3_600_000;

export function httpClient(options: ClientOptions): HttpClient {
  const config = options.config ?? defaultHttpConfig;
  const offline = options.offline ?? false;
  const now = options.now ?? Date.now;
  const transport = httpTransport(config);
  const counts = { requests: 0, retries: 0, bytes: 0, fromCache: 0, renewed: 0 };
  const exchange = exchanger(config, transport, counts, options.signal);

  const onBytes = (count: number): void => {
    counts.bytes += count;
    options.onBytes?.(count);
  };

  async function cached(
    method: "GET" | "POST",
    address: string,
    body: string | Buffer | undefined,
    request: RequestOptions,
  ): Promise<HttpAnswer> {
    const accept = request.accept ?? "application/json";
    const mode = request.cache ?? "use";
    const cache = mode === "none" ? null : options.cache;
    const key = answerKey(method, address, accept, body);
    const held = cache?.look(key) ?? null;
    const fromCache = (entry: CachedAnswer, from: "cache" | "renewed"): HttpAnswer | null => {
      const bytes = cache?.body(key) ?? null;
      if (bytes === null) return null;
      counts[from === "cache" ? "fromCache" : "renewed"]++;
      return answerOf(address, entry, bytes, from);
    };
    if (held !== null && (offline || (mode === "use" && held.freshUntil > now()))) {
      const answer = fromCache(held, "cache");
      if (answer !== null) return answer;
    }
    if (offline)
      throw new Fault("source/offline", `${withoutPassword(address)} is not in the cache, and this run is offline.`, {
        hint: "Run once without --offline.",
      });
    // Where the body was damaged its entry is gone, and asking "has it changed?" would bring nothing.
    const known = cache === null || held === null || !cache.look(key) ? null : held;
    return await exchange(
      {
        method,
        url: address,
        ...outgoing(request),
        headers: {
          accept,
          "accept-encoding": request.expect === "bytes" ? "identity" : ACCEPTED_CODINGS,
          ...(body === undefined ? {} : { "content-type": request.contentType ?? "application/json" }),
          ...(known?.etag ? { "if-none-match": known.etag } : {}),
          ...(known?.lastModified && !known.etag ? { "if-modified-since": known.lastModified } : {}),
        },
        ...(body === undefined ? {} : { body: Buffer.from(body) }),
      },
      async (incoming) => {
        const fetchedAt = now();
        const freshUntil = fetchedAt + freshFor(incoming.cacheControl, incoming.age, request.freshness ?? FRESH_MILLISECONDS);
        if (incoming.status === 304 && known !== null && cache !== null) {
          await incoming.discard();
          const answer = fromCache({ ...known, fetchedAt, freshUntil }, "renewed");
          if (answer === null) throw new Fault("source/body", `The cached answer of ${withoutPassword(address)} is damaged.`);
          cache.renew(key, fetchedAt, freshUntil);
          return answer.status === 200 ? answer : notFound(address, answer.status);
        }
        const bytes = await takeBody(incoming.url.href, incoming.body, incoming, request.maxBytes ?? MAX_BODY_BYTES, onBytes);
        const gone = incoming.status === 404 || incoming.status === 410;
        if (!gone && request.expect !== "bytes") requireJson(incoming.url.href, incoming.contentType, bytes);
        const entry: CachedAnswer = {
          status: incoming.status,
          contentType: incoming.contentType,
          etag: incoming.etag,
          lastModified: incoming.lastModified,
          fetchedAt,
          freshUntil,
          sha256: sha256(bytes),
        };
        if (cache !== null && incoming.status !== 201) await cache.keep(key, entry, bytes);
        return answerOf(incoming.url.href, entry, bytes, "network");
      },
    );
  }

  return {
    offline,
    get: async (url, request = {}) => found(await cached("GET", url, undefined, request), url),
    post: async (url, body, request = {}) => found(await cached("POST", url, body, request), url),
    open: async (url, request = {}) => {
      if (offline)
        throw new Fault("source/offline", `${withoutPassword(url)} is not fetched: this run is offline.`, {
          hint: "Run once without --offline.",
        });
      return await exchange(
        { method: "GET", url, ...outgoing(request), headers: { accept: request.accept ?? "*/*", "accept-encoding": "identity" } },
        (incoming) => {
          if (incoming.status !== 200) notFound(url, incoming.status);
          const { contentType, etag, lastModified, status } = incoming;
          const most = request.maxBytes ?? Number.POSITIVE_INFINITY;
          return Promise.resolve({
            url: incoming.url.href,
            status,
            contentType,
            etag,
            lastModified,
            size: incoming.contentLength,
            body: bodyStream(incoming, most, onBytes, [options.signal, request.signal]),
          });
        },
      );
    },
    stats: () => ({ ...counts }),
    close: () => transport.close(),
  };
}

/** The name under which an answer is kept: the address without user and password, what was asked for, and what was sent. */
function answerKey(method: "GET" | "POST", address: string, accept: string, body?: string | Buffer): string {
  return `${method} ${withoutPassword(address)} ${accept}${body === undefined ? "" : ` ${sha256(body)}`}`;
}

const found = (answer: HttpAnswer, address: string): HttpAnswer =>
  answer.status === 200 || answer.status === 201 ? answer : notFound(address, answer.status);

const outgoing = (request: RequestOptions): Pick<Outgoing, "secrets" | "credentials" | "timeout" | "signal"> => ({
  ...(request.headers === undefined ? {} : { secrets: request.headers }),
  ...(request.credentials === undefined ? {} : { credentials: request.credentials }),
  ...(request.timeout === undefined ? {} : { timeout: request.timeout }),
  ...(request.signal === undefined ? {} : { signal: request.signal }),
});

function answerOf(url: string, entry: CachedAnswer, body: Buffer, from: HttpAnswer["from"]): HttpAnswer {
  const { status, contentType, freshUntil } = entry;
  return { url, status, contentType, body, sha256: entry.sha256, fetchedAt: new Date(entry.fetchedAt).toISOString(), freshUntil, from };
}

function notFound(address: string, status: number): never {
  throw new Fault("source/not-found", `${withoutPassword(address)} is not there (${status}).`);
}

/** For how long an answer needs not be asked for again, milliseconds (RFC 9111, section 5.2.2). What must not be stored is still kept, as evidence, but never fresh. */
export function freshFor(cacheControl: string, age: number, otherwise: number): number {
  const control = cacheControl.toLowerCase();
  if (/\bno-(store|cache)\b/.test(control)) return 0;
  const maxAge = /\bmax-age\s*=\s*"?(\d{1,10})/.exec(control)?.[1];
  if (maxAge === undefined) return otherwise;
  return Math.min(MOST_FRESH_MILLISECONDS, Math.max(0, Number(maxAge) - age) * 1000);
}
