/**
 * Where npm would fetch from, and with what: the user's configuration as npm itself resolves it, by npm's own package. All its
 * layers count (built in, global, user, project, environment), so no registry is ever named in our sources.
 */
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { basename, delimiter, dirname, join } from "node:path";
import { Fault } from "../model/index.ts";
import { type Credentials, type HttpConfig, defaultHttpConfig } from "./http-transport.ts";

export interface NpmConfig {
  readonly http: HttpConfig;
  /** Base address, with a slash at its end, of the registry that is set for a package's scope, else of the default one. */
  readonly registryFor: (packageName: string) => string;
  /**
   * What npm sends to an address: the token, or user and password, and the client certificate that are set for it or for a folder above it; else,
   * on the registry's own host, what is set for the registry.
   */
  readonly credentialsFor: (url: string, registry: string) => Credentials;
  /** The address from which npm fetches a tarball that a document or lockfile names (`replace-registry-host`). */
  readonly tarballAddress: (named: string, registry: string) => string;
  /** The hosts that `replace-registry-host` replaces; null stands for all of them. */
  readonly replacedHosts: readonly string[] | null;
  /** Hosts, with port, of all registries that the configuration names. */
  readonly hosts: ReadonlySet<string>;
}

export interface NpmConfigOptions {
  /** The project's folder: its `.npmrc`, or that of the workspace that it belongs to, counts. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly userAgent?: string;
}

type Flat = Readonly<Record<string, unknown>>;

/** Throws `source/configuration` where the configuration cannot be read, or names a registry that is no web address. */
export async function loadNpmConfig(options: NpmConfigOptions): Promise<NpmConfig> {
  const [{ default: Config }, { default: npm }] = await Promise.all([
    import("@npmcli/config"),
    import("@npmcli/config/lib/definitions/index.js"),
  ]);
  const { definitions, shorthands, flatten, nerfDarts } = npm;
  // A copy: loading sets variables for npm's children in it.
  const env = { ...options.env };
  const config = new Config({
    definitions,
    shorthands,
    flatten,
    nerfDarts,
    npmPath: npmFolder(env),
    env,
    argv: [],
    execPath: nodeOf(env),
    cwd: options.cwd,
    warn: false,
  });
  let flat: Flat;
  try {
    await config.load();
    flat = config.flat;
  } catch (cause) {
    throw new Fault(
      "source/configuration",
      `The npm configuration cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        hint: "Compare: npm config list",
        cause,
      },
    );
  }
  const official = definitions["registry"]?.default;
  return fromFlat(flat, options, {
    officialHost: typeof official === "string" ? hostOf(official) : "",
    retryDelaySet: config.find("fetch-retry-mintimeout") !== "default",
  });
}

function fromFlat(flat: Flat, options: NpmConfigOptions, known: { officialHost: string; retryDelaySet: boolean }): NpmConfig {
  const registries = new Map<string, string>();
  for (const [key, value] of Object.entries(flat))
    if (typeof value === "string" && /^@[^:]*:registry$/i.test(key))
      registries.set(key.slice(0, -":registry".length), registryAddress(value, key));
  const standard = registryAddress(text(flat["registry"]), "registry");
  const replace = text(flat["replaceRegistryHost"]) || "npmjs";
  const replacedHosts = replace === "always" ? null : replace === "never" ? [] : [replace === "npmjs" ? known.officialHost : replace];
  const sent = new Map<string, Credentials>();

  return {
    http: httpConfig(flat, options, known.retryDelaySet),
    registryFor: (name) => (name.startsWith("@") ? (registries.get(name.split("/")[0] ?? "") ?? standard) : standard),
    credentialsFor: (url, registry) => {
      const key = credentialKey(url, flat) ?? (hostOf(url) === hostOf(registry) ? credentialKey(registry, flat) : null);
      if (key === null) return { headers: {} };
      let credentials = sent.get(key);
      if (credentials === undefined) sent.set(key, (credentials = credentialsAt(key, flat)));
      return credentials;
    },
    tarballAddress: (named, registry) => {
      if (!URL.canParse(named)) return named;
      const url = new URL(named);
      return replacedHosts === null || replacedHosts.includes(url.host) ? new URL(url.pathname, registry).href : named;
    },
    replacedHosts,
    hosts: new Set([standard, ...registries.values()].map(hostOf)),
  };
}

function httpConfig(flat: Flat, options: NpmConfigOptions, retryDelaySet: boolean): HttpConfig {
  const lower = new Map(Object.entries(options.env).map(([key, value]) => [key.toLowerCase(), value ?? ""]));
  const retry = (typeof flat["retry"] === "object" && flat["retry"] !== null ? flat["retry"] : {}) as Flat;
  const own = text(flat["httpsProxy"]) || text(flat["proxy"]);
  const httpsProxy = own || lower.get("https_proxy") || "";
  const httpProxy = httpsProxy || lower.get("http_proxy") || lower.get("proxy") || "";
  const noProxy = flat["noProxy"] || lower.get("no_proxy") || "";
  const ca = Array.isArray(flat["ca"])
    ? flat["ca"].filter((entry) => typeof entry === "string")
    : text(flat["ca"]) === ""
      ? []
      : [text(flat["ca"])];
  const maxRetryDelay = number(retry["maxTimeout"], defaultHttpConfig.maxRetryDelay);
  return {
    retries: number(retry["retries"], defaultHttpConfig.retries),
    // npm's standard first wait is ten seconds; with full jitter half a second is polite enough. A wait that the user set is kept.
    minRetryDelay: Math.min(
      retryDelaySet ? number(retry["minTimeout"], defaultHttpConfig.minRetryDelay) : defaultHttpConfig.minRetryDelay,
      maxRetryDelay,
    ),
    maxRetryDelay,
    timeout: number(flat["timeout"], 0) || defaultHttpConfig.timeout,
    maxSockets: Math.max(1, number(flat["maxSockets"], defaultHttpConfig.maxSockets)),
    userAgent: options.userAgent ?? defaultHttpConfig.userAgent,
    ...(ca.length === 0 ? {} : { ca }),
    ...(text(flat["cert"]) === "" || text(flat["key"]) === "" ? {} : { cert: text(flat["cert"]), key: text(flat["key"]) }),
    strictSsl: flat["strictSSL"] !== false,
    ...(httpsProxy === "" ? {} : { httpsProxy }),
    ...(httpProxy === "" ? {} : { httpProxy }),
    noProxy: (Array.isArray(noProxy) ? noProxy.map(String) : String(noProxy).split(/[\s,]+/)).filter((entry) => entry !== ""),
  };
}

const number = (value: unknown, otherwise: number): number =>
  typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : otherwise;

const text = (value: unknown): string => (typeof value === "string" ? value : "");

function registryAddress(value: string, key: string): string {
  const url = URL.canParse(value) ? new URL(value) : null;
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:"))
    throw new Fault("source/configuration", `The npm configuration sets ${key} to "${value}", which is no web address.`, {
      hint: `Correct it: npm config set ${key} https://…/`,
    });
  return url.href.endsWith("/") ? url.href : `${url.href}/`;
}

/** The longest `//host/path` at or above an address for which credentials are set (npm-registry-fetch, lib/auth.js). */
function credentialKey(address: string, flat: Flat): string | null {
  if (!URL.canParse(address)) return null;
  const { host, pathname } = new URL(address);
  for (let key = `//${host}${pathname}`; key.length > 2; key = key.replace(/([^/]+|\/)$/, "")) {
    const has = (name: string): boolean => Boolean(flat[`${key}:${name}`]);
    if (has("_authToken") || has("_auth") || (has("username") && has("_password")) || (has("certfile") && has("keyfile"))) return key;
  }
  return null;
}

function credentialsAt(key: string, flat: Flat): Credentials {
  const at = (name: string): string => text(flat[`${key}:${name}`]);
  const basic =
    at("_auth") ||
    (at("username") && at("_password") ? base64(`${at("username")}:${Buffer.from(at("_password"), "base64").toString("utf8")}`) : "");
  const authorization = at("_authToken") ? `Bearer ${at("_authToken")}` : basic ? `Basic ${basic}` : "";
  const cert = at("certfile") && at("keyfile") ? pem(at("certfile")) : "";
  const clientKey = cert === "" ? "" : pem(at("keyfile"));
  // What a header cannot hold (a line break from a badly set variable) would end the run in the middle of a request.
  if (/[^\t\u0020-\u007e]/.test(authorization))
    throw new Fault("source/configuration", `The credentials for ${key} in the npm configuration hold characters that cannot be sent.`);
  return {
    headers: authorization === "" ? {} : { authorization },
    ...(cert === "" || clientKey === "" ? {} : { cert, key: clientKey }),
  };
}

const base64 = (text: string): string => Buffer.from(text, "utf8").toString("base64");

function pem(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new Fault("source/configuration", `The client certificate ${file} that the npm configuration names cannot be read.`, { cause });
  }
}

const hostOf = (address: string): string => (URL.canParse(address) ? new URL(address).host : "");

/** The folder of the user's npm, whose own `npmrc` is a layer of the configuration; a folder that is not there is an empty layer. */
function npmFolder(env: Readonly<Record<string, string | undefined>>): string {
  const running = env["npm_execpath"];
  const found = running !== undefined && basename(running) === "npm-cli.js" ? running : onPath("npm", env);
  if (found !== "" && basename(found) === "npm-cli.js") return dirname(dirname(found));
  return join(dirname(dirname(nodeOf(env))), "lib", "node_modules", "npm");
}

/** The Node that the user's npm runs on: npm looks for its global configuration beside it. */
function nodeOf(env: Readonly<Record<string, string | undefined>>): string {
  return env["npm_node_execpath"] || onPath("node", env) || process.execPath;
}

function onPath(name: string, env: Readonly<Record<string, string | undefined>>): string {
  for (const folder of (env["PATH"] ?? env["Path"] ?? "").split(delimiter)) {
    const file = folder === "" ? "" : join(folder, name);
    if (file === "" || !existsSync(file)) continue;
    try {
      return realpathSync(file);
    } catch {
      // A link to nowhere: the next one.
    }
  }
  return "";
}
