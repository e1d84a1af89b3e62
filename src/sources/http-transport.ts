/** How bytes reach a host: connections that stay open, proxies, certificates. One transport serves a whole run. */
import type { Dispatcher } from "undici";
import { Fault } from "../model/index.ts";

/** What a user's configuration says about the way to a host. */
export interface Credentials {
  /** Sent to the host they were made for, never along a redirect to another one. */
  readonly headers: Readonly<Record<string, string>>;
  /** Client certificate and key, PEM. */
  readonly cert?: string;
  readonly key?: string;
}

export interface HttpConfig {
  /** How often a request is tried again. */
  readonly retries: number;
  /** Bounds of the back-off between two tries, milliseconds. */
  readonly minRetryDelay: number;
  readonly maxRetryDelay: number;
  /** For one whole answer, milliseconds. */
  readonly timeout: number;
  /** Connections, and requests under way, for each host. */
  readonly maxSockets: number;
  readonly userAgent: string;
  /** PEM; replaces the system's list, as npm's `ca` does. */
  readonly ca?: readonly string[];
  readonly cert?: string;
  readonly key?: string;
  readonly strictSsl: boolean;
  /** The proxy for https targets, and the one for http targets. */
  readonly httpsProxy?: string;
  readonly httpProxy?: string;
  readonly noProxy: readonly string[];
}

/** npm's own numbers (fetch-retries, fetch-timeout, maxsockets), but a shorter first wait: see docs/sources.md. */
export const defaultHttpConfig: HttpConfig = {
  retries: 2,
  minRetryDelay: 500,
  maxRetryDelay: 60_000,
  timeout: 300_000,
  maxSockets: 15,
  userAgent: "tributary",
  strictSsl: true,
  noProxy: [],
};

/** A server that says nothing for this long is not coming back: half of what most proxies wait. */
const SILENCE_MILLISECONDS = 30_000;
const CONNECT_MILLISECONDS = 10_000;
/** Idle connections are kept a little less long than usual servers keep them (5 s and more), so that we seldom write into a closed one. */
const KEEP_ALIVE_MILLISECONDS = 4_000;

export interface TransportRequest {
  readonly method: "GET" | "POST";
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly credentials?: Credentials;
  readonly signal: AbortSignal;
}

export interface Transport {
  readonly send: (request: TransportRequest) => Promise<Dispatcher.ResponseData>;
  readonly close: () => Promise<void>;
}

/** Loads the HTTP library (75 ms) only when the first request is made: a run that finds all in its cache never pays for it. */
export function httpTransport(config: HttpConfig): Transport {
  const dispatchers = new Map<string, Dispatcher>();
  let library: Promise<typeof import("undici")> | undefined;
  const dispatcherFor = (undici: typeof import("undici"), url: URL, credentials: Credentials | undefined): Dispatcher => {
    const proxy = proxyFor(url, config);
    const cert = credentials?.cert ?? config.cert;
    const key = credentials?.key ?? config.key;
    const id = JSON.stringify([proxy?.href ?? "", cert ?? "", key ?? ""]);
    const existing = dispatchers.get(id);
    if (existing !== undefined) return existing;
    const tls = {
      ...(config.ca === undefined ? {} : { ca: [...config.ca] }),
      ...(cert === undefined || key === undefined ? {} : { cert, key }),
      rejectUnauthorized: config.strictSsl,
    };
    const options = {
      connections: config.maxSockets,
      headersTimeout: SILENCE_MILLISECONDS,
      bodyTimeout: SILENCE_MILLISECONDS,
      keepAliveTimeout: KEEP_ALIVE_MILLISECONDS,
    };
    const made =
      proxy === null
        ? new undici.Agent({ ...options, connect: { timeout: CONNECT_MILLISECONDS, ...tls } })
        : // A plain http target is asked for through the proxy itself; only https needs a tunnel.
          new undici.ProxyAgent({ ...options, uri: proxy.href, requestTls: tls, proxyTls: tls, proxyTunnel: url.protocol === "https:" });
    dispatchers.set(id, made);
    return made;
  };
  return {
    send: async (request) => {
      library ??= import("undici");
      const undici = await library;
      return await undici.request(request.url.href, {
        dispatcher: dispatcherFor(undici, request.url, request.credentials),
        method: request.method,
        headers: request.headers,
        body: request.body ?? null,
        signal: request.signal,
      });
    },
    close: async () => {
      await Promise.all([...dispatchers.values()].map((dispatcher) => dispatcher.destroy()));
      dispatchers.clear();
    },
  };
}

/** The proxy for an address; null where it is reached directly. */
function proxyFor(url: URL, config: HttpConfig): URL | null {
  const named = url.protocol === "https:" ? config.httpsProxy : config.httpProxy;
  if (named === undefined || named === "" || bypassesProxy(url.hostname, config.noProxy)) return null;
  let proxy: URL;
  try {
    proxy = new URL(named);
  } catch (cause) {
    throw new Fault("source/configuration", `The proxy "${withoutPassword(named)}" of the npm configuration is no address.`, { cause });
  }
  if (proxy.protocol !== "http:" && proxy.protocol !== "https:")
    throw new Fault(
      "source/configuration",
      `Tributary speaks to http and https proxies; the npm configuration names one for ${proxy.protocol.slice(0, -1)}.`,
      {
        hint: "Set https-proxy in .npmrc, or HTTPS_PROXY, to an http:// or https:// address.",
      },
    );
  return proxy;
}

/** True where `noproxy` covers the host: each entry covers the host itself and what lies below it, with or without a leading dot; `*` covers all. */
export function bypassesProxy(hostname: string, noProxy: readonly string[]): boolean {
  const host = hostname.toLowerCase();
  return noProxy.some((entry) => {
    const name = entry
      .trim()
      .toLowerCase()
      .replace(/^\*?\./, "");
    return name === "*" || (name !== "" && (host === name || host.endsWith(`.${name}`)));
  });
}

/** An address as it may be shown: user and password are left out. */
export function withoutPassword(address: string): string {
  return address.replace(/\/\/[^/@]*@/, "//");
}
