/**
 * Where one signs: Sigstore's SigningConfig 0.2 (protobuf-specs, sigstore_trustroot.proto), which the same repository hands out as the trust
 * root. Services have a version of their API and a time in which they are to be used; of those that fit, the newest that we speak is taken.
 */
import { Fault } from "../model/index.ts";

export interface SigningService {
  readonly url: string;
  readonly version: number;
}

export interface SigningServices {
  /** Fulcio. */
  readonly authority: SigningService;
  /** Rekor, of version 1 or 2; empty where the instance has none. */
  readonly logs: readonly SigningService[];
  /** RFC 3161; whole addresses. */
  readonly timestamps: readonly SigningService[];
}

const MEDIA_TYPE = "application/vnd.dev.sigstore.signingconfig.v0.2+json";
/** Services of one kind that we are ready to read; the public instance has one or two. */
const MAX_SERVICES = 100;

/** sigstore/root-signing@60cf2ce8b2e45d600dc17c4421e8c751e75772be, target `signing_config.v0.2.json`. Licensed under the Apache License 2.0. */
export const embeddedSigningConfig: unknown = {
  mediaType: MEDIA_TYPE,
  caUrls: [{ url: "https://fulcio.sigstore.dev", majorApiVersion: 1, validFor: { start: "2022-04-13T20:06:15Z" } }],
  rekorTlogUrls: [{ url: "https://rekor.sigstore.dev", majorApiVersion: 1, validFor: { start: "2021-01-12T11:53:27Z" } }],
  tsaUrls: [{ url: "https://timestamp.sigstore.dev/api/v1/timestamp", majorApiVersion: 1, validFor: { start: "2025-07-04T00:00:00Z" } }],
  rekorTlogConfig: { selector: "ANY" },
  tsaConfig: { selector: "ANY" },
};

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * The services to sign with at a time. Throws `Fault` input/not-understood where it is no SigningConfig 0.2, and where it has no authority, or
 * fewer logs or timestamp authorities than it asks for, that is in use then and that we speak.
 */
export function signingServices(document: unknown, from: string, now: Date): SigningServices {
  const bad = (why: string): never => {
    throw new Fault("input/not-understood", `the signing config ${from} ${why}`, { hint: `a document of the type ${MEDIA_TYPE}` });
  };
  if (!isFields(document) || document["mediaType"] !== MEDIA_TYPE) return bad("is of another form");
  const services = (name: string, versions: readonly number[]): readonly (SigningService & { readonly operator: string })[] => {
    const list = document[name] ?? [];
    if (!Array.isArray(list) || list.length > MAX_SERVICES) return bad(`has no list of ${name}`);
    const usable = list.flatMap((entry: unknown) => {
      if (!isFields(entry)) return bad(`has something in ${name} that is no service`);
      const { url, majorApiVersion, validFor, operator } = entry;
      if (typeof url !== "string" || !/^https?:\/\//.test(url) || !URL.canParse(url))
        return bad(`has something in ${name} without an address`);
      if (!isIn(validFor, now) || typeof majorApiVersion !== "number" || !versions.includes(majorApiVersion)) return [];
      return [{ url: url.replace(/\/+$/, ""), version: majorApiVersion, operator: typeof operator === "string" ? operator : "" }];
    });
    // The highest version of an API that the client speaks; one service an operator, so that two words are two opinions.
    const best = usable.toSorted((a, b) => b.version - a.version);
    return best.filter((one, at) => best.findIndex((other) => other.operator === one.operator) === at);
  };
  const chosen = (name: string, config: string, versions: readonly number[]): readonly SigningService[] => {
    const all = services(name, versions).map(({ url, version }): SigningService => ({ url, version }));
    const { selector = "ANY", count } = isFields(document[config]) ? document[config] : {};
    const offered = Array.isArray(document[name]) && document[name].length > 0;
    if (!offered) return [];
    const wanted = selector === "ANY" ? 1 : selector === "ALL" ? all.length : selector === "EXACT" ? Number(count) : Number.NaN;
    if (!Number.isSafeInteger(wanted) || wanted < 1) return bad(`selects from ${name} in a way that is not known: ${String(selector)}`);
    if (all.length < wanted) return bad(`asks for ${wanted} of ${name}, and has ${all.length} that are in use now and that are understood`);
    return all.slice(0, wanted);
  };
  const [authority] = services("caUrls", [1]);
  if (authority === undefined) return bad("names no certificate authority that is in use now and that is understood");
  return {
    authority: { url: authority.url, version: authority.version },
    logs: chosen("rekorTlogUrls", "rekorTlogConfig", [1, 2]),
    timestamps: chosen("tsaUrls", "tsaConfig", [1]),
  };
}

function isIn(validity: unknown, now: Date): boolean {
  if (!isFields(validity)) return false;
  const { start, end } = validity;
  const from = typeof start === "string" ? Date.parse(start) : Number.NaN;
  const until = end === undefined || end === null ? Number.POSITIVE_INFINITY : typeof end === "string" ? Date.parse(end) : Number.NaN;
  return from <= now.getTime() && now.getTime() <= until;
}
