/**
 * One exchange with one host: its gate, the tries, the redirects, and what an answer or a broken connection means.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Dispatcher } from "undici";
import { Fault } from "../model/index.ts";
import type { BodyHeaders } from "./http-body.ts";
import { HostGate } from "./http-gate.ts";
import { type Credentials, type HttpConfig, type Transport, withoutPassword } from "./http-transport.ts";

/** As many as a chain of mirrors needs; a loop is caught soon. */
const MOST_REDIRECTS = 5;
/** A host that asks for a longer pause than this gets no answer from us in this run: the user is told instead. */
const LONGEST_PAUSE_MILLISECONDS = 120_000;

export interface Outgoing {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The caller's own headers: like credentials, they stay with the first host. */
  readonly secrets?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly credentials?: Credentials;
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

export interface Incoming extends BodyHeaders {
  readonly url: URL;
  readonly status: number;
  readonly etag: string;
  readonly lastModified: string;
  readonly cacheControl: string;
  readonly retryAfter: string;
  /** Seconds that a shared cache has already kept it. */
  readonly age: number;
  readonly body: AsyncIterable<Uint8Array>;
  readonly discard: () => Promise<void>;
}

export interface ExchangeCounts {
  requests: number;
  retries: number;
}

/** Makes the function that exchanges one request for what `take` makes of its answer. `take` reads the body: what breaks in it is tried again as well. */
export function exchanger(
  config: HttpConfig,
  transport: Transport,
  counts: ExchangeCounts,
  runSignal: AbortSignal | undefined,
): <T>(request: Outgoing, take: (answer: Incoming) => Promise<T>) => Promise<T> {
  const gates = new Map<string, HostGate>();
  const gateOf = (url: URL): HostGate => {
    let gate = gates.get(url.host);
    if (gate === undefined) gates.set(url.host, (gate = new HostGate(config.maxSockets)));
    return gate;
  };

  /** One answer of one server, tried as often as the configuration allows. `take` reads the body: what breaks in it is tried again as well. */
  async function exchange<T>(request: Outgoing, take: (answer: Incoming) => Promise<T>): Promise<T> {
    const url = parse(request.url);
    const gate = gateOf(url);
    return await gate.pass(async () => {
      for (let attempt = 0; ; attempt++) {
        const again = attempt < config.retries;
        const watch = deadline(request.timeout ?? config.timeout, request.signal, runSignal);
        try {
          await gate.untilOpen(watch.signal);
          counts.requests++;
          const incoming = await follow(request, url, watch.signal);
          const fault = statusFault(incoming.url.href, incoming.status);
          if (fault === null) {
            const taken = await take(incoming);
            gate.answered();
            return taken;
          }
          await incoming.discard();
          if (!isTransient(incoming.status)) {
            gate.answered();
            throw fault;
          }
          const asked = retryAfter(incoming.retryAfter, Date.now());
          if (asked > LONGEST_PAUSE_MILLISECONDS)
            throw gate.close(
              new Fault("source/status", `${url.host} asks for a pause of ${Math.ceil(asked / 1000)} seconds.`, {
                hint: "Run again later: what was fetched is kept.",
              }),
            );
          const pause = Math.max(asked, again ? backOff(attempt, config) : 0);
          if (incoming.status === 429 || incoming.status === 503) gate.overloaded(pause);
          if (!again) {
            gate.failed(fault);
            throw fault;
          }
          counts.retries++;
          if (incoming.status !== 429 && incoming.status !== 503) await sleep(pause, undefined, { signal: watch.signal });
        } catch (error) {
          runSignal?.throwIfAborted();
          request.signal?.throwIfAborted();
          const fault = error instanceof Fault ? error : networkFault(error, url, watch.expired());
          // A body that came broken and a connection that broke may be better the next time; a wrong answer will not.
          const mayRetry = error instanceof Fault ? error.code === "source/body" && request.method === "GET" : isRetriable(error);
          if (!again || !mayRetry) {
            if (!(error instanceof Fault)) gate.failed(fault);
            throw fault;
          }
          counts.retries++;
          await sleep(backOff(attempt, config), undefined, runSignal === undefined ? {} : { signal: runSignal });
        } finally {
          watch.clear();
        }
      }
    });
  }

  /** Follows redirects; what identifies the user stays with the host that it was meant for. */
  async function follow(request: Outgoing, start: URL, signal: AbortSignal): Promise<Incoming> {
    let url = start;
    for (let hop = 0; ; hop++) {
      const mine = url.origin === start.origin;
      const answer = await transport.send({
        method: request.method,
        url,
        headers: {
          ...request.headers,
          ...(mine ? { ...request.secrets, ...request.credentials?.headers } : {}),
          "user-agent": config.userAgent,
        },
        ...(request.body === undefined ? {} : { body: request.body }),
        ...(mine && request.credentials !== undefined ? { credentials: request.credentials } : {}),
        signal,
      });
      const location = header(answer, "location");
      if (![301, 302, 303, 307, 308].includes(answer.statusCode) || location === "") return incoming(url, answer);
      await answer.body.dump().catch(() => undefined);
      if (hop === MOST_REDIRECTS)
        throw new Fault("source/status", `${withoutPassword(start.href)} redirects more than ${MOST_REDIRECTS} times.`);
      if (request.method !== "GET") throw new Fault("source/status", `${withoutPassword(start.href)} redirects a request that sends data.`);
      const next = URL.canParse(location, url.href) ? new URL(location, url) : null;
      if (next === null || (next.protocol !== "https:" && next.protocol !== "http:"))
        throw new Fault("source/status", `${withoutPassword(start.href)} redirects to what is no web address.`);
      if (url.protocol === "https:" && next.protocol === "http:")
        throw new Fault("source/status", `${withoutPassword(start.href)} redirects from https to plain http, which is not followed.`);
      next.username = "";
      next.password = "";
      url = next;
    }
  }

  return exchange;
}

function header(answer: Dispatcher.ResponseData, name: string): string {
  const value = answer.headers[name];
  return Array.isArray(value) ? (value[0] ?? "") : (value ?? "");
}

function incoming(url: URL, answer: Dispatcher.ResponseData): Incoming {
  const length = header(answer, "content-length");
  return {
    url,
    status: answer.statusCode,
    contentType: header(answer, "content-type"),
    contentEncoding: header(answer, "content-encoding"),
    contentLength: /^\d{1,15}$/.test(length) ? Number(length) : undefined,
    etag: header(answer, "etag"),
    lastModified: header(answer, "last-modified"),
    cacheControl: header(answer, "cache-control"),
    retryAfter: header(answer, "retry-after"),
    age: Number(/^\d{1,9}$/.exec(header(answer, "age"))?.[0] ?? 0),
    body: answer.body,
    discard: async () => {
      await answer.body.dump().catch(() => undefined);
    },
  };
}

function parse(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:"))
    throw new Fault("source/configuration", `"${withoutPassword(address)}" is no web address.`);
  return url;
}

/** What an answer means that cannot be taken; null for those that can (200, 201, 304, and 404 and 410, which are kept). */
function statusFault(address: string, status: number): Fault | null {
  if (status === 200 || status === 201 || status === 304 || status === 404 || status === 410) return null;
  const shown = withoutPassword(address);
  if (status === 401 || status === 403)
    return new Fault("source/denied", `${shown} refuses access (${status}).`, {
      hint: `Log in where your configuration names this host: npm login --registry ${new URL(address).origin}/`,
    });
  if (status === 407)
    return new Fault("source/configuration", `The proxy in front of ${shown} asks for a user and password (407).`, {
      hint: "Set https-proxy in .npmrc.",
    });
  return new Fault(
    "source/status",
    `${shown} answered with status ${status}.`,
    isTransient(status) ? { hint: "Run again later: what was fetched is kept." } : {},
  );
}

const isTransient = (status: number): boolean => status === 408 || status === 429 || (status >= 500 && status !== 501 && status !== 505);

/** Exponential with full jitter: any time between nothing and the doubled bound, so that many clients do not come back at once. */
function backOff(attempt: number, config: HttpConfig): number {
  return Math.random() * Math.min(config.maxRetryDelay, config.minRetryDelay * 2 ** attempt);
}

/** Retry-After in milliseconds: seconds or a date (RFC 9110, section 10.2.3); 0 where there is none. */
export function retryAfter(value: string, now: number): number {
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const date = value === "" ? Number.NaN : Date.parse(value);
  return Number.isNaN(date) ? 0 : Math.max(0, date - now);
}

/** The body as it comes, bounded, ended by the signals, and a fault where it is cut off. Whoever stops reading, even before the first byte, lets the connection go. */
export function bodyStream(
  incoming: Incoming,
  most: number,
  onBytes: (count: number) => void,
  signals: readonly (AbortSignal | undefined)[],
): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]: () => {
      const chunks = counted(incoming, most, onBytes, signals);
      return {
        next: () => chunks.next(),
        return: async () => {
          await incoming.discard();
          return await chunks.return(undefined);
        },
      };
    },
  };
}

async function* counted(
  incoming: Incoming,
  most: number,
  onBytes: (count: number) => void,
  signals: readonly (AbortSignal | undefined)[],
): AsyncGenerator<Uint8Array, undefined> {
  const shown = withoutPassword(incoming.url.href);
  let size = 0;
  try {
    for await (const chunk of incoming.body) {
      for (const signal of signals) signal?.throwIfAborted();
      size += chunk.length;
      if (size > most) throw new Fault("source/too-large", `${shown} is larger than ${most} bytes, the most that is taken in.`);
      onBytes(chunk.length);
      yield chunk;
    }
  } catch (error) {
    for (const signal of signals) signal?.throwIfAborted();
    throw error instanceof Fault ? error : networkFault(error, incoming.url, false);
  }
  if (incoming.contentLength !== undefined && size !== incoming.contentLength)
    throw new Fault("source/body", `${shown} promised ${incoming.contentLength} bytes and sent ${size}.`);
  return undefined;
}

/** Ends a request that takes too long as a whole (a server that sends a byte now and then never falls silent). */
function deadline(
  milliseconds: number,
  ...others: readonly (AbortSignal | undefined)[]
): { signal: AbortSignal; expired: () => boolean; clear: () => void } {
  const controller = new AbortController();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    controller.abort();
  }, milliseconds);
  const stop = (): void => controller.abort();
  for (const other of others) {
    if (other?.aborted) stop();
    other?.addEventListener("abort", stop, { once: true });
  }
  return {
    signal: controller.signal,
    expired: () => late,
    clear: () => {
      clearTimeout(timer);
      for (const other of others) other?.removeEventListener("abort", stop);
    },
  };
}

const codeOf = (error: unknown): string => {
  if (!(error instanceof Error)) return "";
  if ("code" in error && typeof error.code === "string") return error.code;
  return error.cause === undefined ? "" : codeOf(error.cause);
};

const isCertificate = (code: string): boolean => /CERT|SIGNATURE|^ERR_TLS|^ERR_SSL|^EPROTO/.test(code);

/** A name that does not exist and a certificate that is not trusted stay so for this run. */
const isRetriable = (error: unknown): boolean => {
  const code = codeOf(error);
  return code !== "ENOTFOUND" && !isCertificate(code);
};

function networkFault(error: unknown, url: URL, late: boolean): Fault {
  const code = codeOf(error);
  const why = late
    ? "it did not answer in time"
    : code === "ENOTFOUND" || code === "EAI_AGAIN"
      ? "its name is not known"
      : code === "ECONNREFUSED"
        ? "it refuses connections"
        : /TIMEOUT|ETIMEDOUT/.test(code)
          ? "it fell silent"
          : isCertificate(code)
            ? `its certificate is not trusted (${code})`
            : `the connection broke (${code || (error instanceof Error ? error.message : String(error))})`;
  return new Fault("source/unreachable", `${url.host} cannot be reached: ${why}.`, {
    hint: isCertificate(code)
      ? "Name the authority with cafile in .npmrc, or in NODE_EXTRA_CA_CERTS."
      : "Check the network and the proxy settings, or run with --offline to use what is cached.",
    cause: error,
  });
}
