/**
 * What an npm registry hands out to prove a release: the attestations that came with it, and the public keys that it signs with. Only
 * fetched and taken apart here; whether any of it holds is another room's question.
 * https://github.com/npm/registry/blob/main/docs/responses/package-metadata.md, https://docs.npmjs.com/about-registry-signatures
 */
import { Fault, sha256 } from "../model/index.ts";
import type { HttpClient } from "./http.ts";
import type { NpmConfig } from "./npm-config.ts";

export interface NpmAttestation {
  /** As the answer states it beside the bundle: a name for it, no more. */
  readonly predicateType: string;
  /** A Sigstore bundle as parsed JSON, of whatever form it turns out to be. */
  readonly bundle: unknown;
  /** `sha256:` and the hash of the bundle's JSON text. */
  readonly content: string;
}

export interface AttestationsSeen {
  /** The address that was asked. */
  readonly source: string;
  /** ISO 8601: when the registry last said so. */
  readonly observedAt: string;
  readonly attestations: readonly NpmAttestation[];
}

/** A registry's answer about its keys, as parsed JSON. */
export interface RegistryKeysSeen {
  readonly source: string;
  /** ISO 8601. */
  readonly observedAt: string;
  readonly document: unknown;
}

export interface NpmAttestations {
  /**
   * The attestations of one release, by the address that the registry's document gives for them (its path, on the configured registry:
   * a document cannot send us to another host). Throws `source/*` faults.
   */
  readonly attestations: (name: string, address: string) => Promise<AttestationsSeen>;
  /** The keys of the registry of a package; null where it publishes none. Throws `source/*` faults. */
  readonly keys: (name: string) => Promise<RegistryKeysSeen | null>;
}

/** npm's answers are below 50 kB; some hundred attestations of 30 kB are more than anybody makes. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;
/** One release; npm has two. */
const MAX_ATTESTATIONS = 100;
/** What was attested of a release does not change afterwards; more may be added later, which a month is soon enough for. */
const ATTESTATIONS_FRESH_MILLISECONDS = 30 * 24 * 3_600_000;
/** A day: a key that is withdrawn must be noticed. */
const KEYS_FRESH_MILLISECONDS = 24 * 3_600_000;

export interface NpmAttestationsOptions {
  readonly client: HttpClient;
  readonly config: NpmConfig;
  /** Ask again, however young the kept answers are. */
  readonly fresh?: boolean;
}

export function npmAttestations({ client, config, fresh = false }: NpmAttestationsOptions): NpmAttestations {
  const cache = fresh ? "renew" : "use";
  const keys = new Map<string, Promise<RegistryKeysSeen | null>>();

  const fetchKeys = async (registry: string): Promise<RegistryKeysSeen | null> => {
    const address = `${registry}-/npm/v1/keys`;
    try {
      const answer = await client.get(address, {
        credentials: config.credentialsFor(address, registry),
        maxBytes: MAX_ANSWER_BYTES,
        freshness: KEYS_FRESH_MILLISECONDS,
        cache,
      });
      return { source: address, observedAt: answer.fetchedAt, document: parse(address, answer.body) };
    } catch (error) {
      if (error instanceof Fault && error.code === "source/not-found") return null;
      throw error;
    }
  };

  return {
    attestations: async (name, address) => {
      const registry = config.registryFor(name);
      if (!URL.canParse(address))
        throw new Fault("source/body", `The registry names no address for the attestations of ${name}: ${address.slice(0, 100)}`);
      // As npm does it: the path is the document's, the host the configuration's (pacote, lib/registry.js).
      const asked = `${registry.replace(/\/$/, "")}${pathWithin(address, registry)}`;
      const answer = await client.get(asked, {
        credentials: config.credentialsFor(asked, registry),
        maxBytes: MAX_ANSWER_BYTES,
        freshness: ATTESTATIONS_FRESH_MILLISECONDS,
        cache,
      });
      return { source: asked, observedAt: answer.fetchedAt, attestations: readAttestations(asked, parse(asked, answer.body)) };
    },
    keys: async (name) => {
      const registry = config.registryFor(name);
      let known = keys.get(registry);
      if (known === undefined) keys.set(registry, (known = fetchKeys(registry)));
      return await known;
    },
  };
}

/** A registry below a path of its own (a mirror) may already have put that path into the address. */
function pathWithin(address: string, registry: string): string {
  const { pathname } = new URL(address);
  const base = new URL(registry).pathname.replace(/\/$/, "");
  return base !== "" && pathname.startsWith(`${base}/`) ? pathname.slice(base.length) : pathname;
}

/** Reads the answer of `/-/npm/v1/attestations/NAME@VERSION`. Throws `source/body`. */
export function readAttestations(address: string, value: unknown): readonly NpmAttestation[] {
  const list = isObject(value) ? value["attestations"] : undefined;
  if (!Array.isArray(list) || list.length > MAX_ATTESTATIONS)
    throw new Fault("source/body", `${address} answered with JSON that is no list of attestations.`);
  return list.map((entry: unknown) => {
    const fields = isObject(entry) ? entry : {};
    const { predicateType, bundle } = fields;
    // What is not there is handed on as it is: the verification then says so, and nothing is dropped.
    return {
      predicateType: typeof predicateType === "string" ? predicateType : "",
      bundle: bundle ?? null,
      content: `sha256:${sha256(JSON.stringify(bundle ?? null))}`,
    };
  });
}

function parse(address: string, body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch (cause) {
    throw new Fault("source/body", `${address} answered with what is no whole JSON text (${body.length} bytes).`, { cause });
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
