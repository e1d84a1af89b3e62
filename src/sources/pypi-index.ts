/**
 * What a Python package index says of a project's releases, one request a project, and the attestations (PEP 740) that it keeps for their files.
 * Kept in the same reduced form as what npm registries say.
 */
import { type ArtifactClaim, Fault, type PackageDocument, type ReleaseFile, sha256 } from "../model/index.ts";
import { normalPep440, requireOrder } from "../versions/index.ts";
import type { HttpAnswer, HttpClient, RequestOptions } from "./http.ts";
import { type ArtifactSeen, type ReleaseStore, type ReleasesSeen, artifactAt, documentReleases } from "./npm-registry.ts";
import type { PythonIndex } from "./pypi-config.ts";
import { readCoreMetadata } from "./pypi-metadata.ts";
import { SIMPLE_API, projectName, readSimplePage } from "./pypi-simple.ts";

/** One attestation of a file, with the publisher under which the index keeps it. */
export interface FileAttestation {
  /** As parsed JSON, of whatever form it turns out to be. */
  readonly attestation: unknown;
  /** The index's word on who published the file; null where it names nobody. */
  readonly publisher: Readonly<Record<string, unknown>> | null;
  /** `sha256:` and the hash of attestation and publisher as JSON text. */
  readonly content: string;
}

export interface FileAttestationsSeen {
  /** The address that was asked. */
  readonly source: string;
  /** ISO 8601: when the index last said so. */
  readonly observedAt: string;
  readonly attestations: readonly FileAttestation[];
}

export interface PypiIndex {
  /** The named releases of a project on one index, in the order asked; null where it does not have one. Throws `source/*` faults. */
  readonly releases: (index: PythonIndex, name: string, versions: readonly string[]) => Promise<ReleasesSeen>;
  /** The whole page, from what is kept (`releases` fetches it); null where it is not there. */
  readonly document: (index: PythonIndex, name: string) => PackageDocument | null;
  /** The attestations of one file, by the address that the index's page gives for them. Throws `source/*` faults. */
  readonly attestations: (index: PythonIndex, address: string) => Promise<FileAttestationsSeen>;
  /** What a file's own metadata says, which the index serves beside it (PEP 658). Throws `source/*` faults. */
  readonly metadata: (index: PythonIndex, file: ReleaseFile) => Promise<ReturnType<typeof readCoreMetadata>>;
  /**
   * What is in one file, from where the index's page says that it is. Bytes seen before that have the page's hash need not be fetched again; others are
   * looked at again if they were seen before `asOf` (milliseconds). Whether they have that hash is for the caller to say. `mostBytes`: what is taken of a
   * file whose size the page does not give. `again`: whatever was seen before. Throws `source/*` faults.
   */
  readonly artifact: (
    index: PythonIndex,
    file: ReleaseFile,
    options: { readonly asOf: number; readonly mostBytes?: number; readonly again?: boolean },
  ) => Promise<ArtifactSeen>;
}

export interface PypiIndexOptions {
  readonly client: HttpClient;
  readonly store: ReleaseStore;
  /** Reads a file of a release: the artifacts room's `readPythonFile`. */
  readonly readFile: (url: string, name: string, bytes: Uint8Array) => Promise<ArtifactClaim>;
  /** Ask the index again, however young the kept answers are. */
  readonly fresh?: boolean;
}

/** The answers of today are below 20 kB a file. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;
/** Metadata holds a project's description as well; some are hundreds of kilobytes. */
const METADATA_BYTES = 8 * 1024 * 1024;
/** The largest wheels that are looked into; those of some frameworks are larger, and are refused by their size. */
const FILE_BYTES = 512 * 1024 * 1024;
/** Of one file; usual is one or two. */
const MAX_ATTESTATIONS = 100;
/** What was attested of a file does not change afterwards; more may be added later, which a month is soon enough for. */
const ATTESTATIONS_FRESH_MILLISECONDS = 30 * 24 * 3_600_000;

const order = requireOrder("PyPI");

export function pypiIndex({ client, store, readFile, fresh = false }: PypiIndexOptions): PypiIndex {
  /** As the index spells the version: `1.0` may be its `1.0.0`. */
  const spelled = (index: string, name: string, version: string): string => {
    const normal = normalPep440(version);
    const kept = store.look(index, name, normal);
    if (kept === null || kept.release !== null || !order.valid(normal)) return normal;
    const all = store.document(index, name)?.document.versions ?? [];
    return all.find((one) => order.valid(one) && order.compare(one, normal) === 0) ?? normal;
  };

  /** An answer with the bytes that lie where the index's page says. */
  const answerAt = async (
    index: PythonIndex,
    url: string,
    name: string,
    more: Pick<RequestOptions, "maxBytes" | "cache">,
  ): Promise<HttpAnswer> => {
    const own = new URL(url).host === new URL(index.url).host;
    if (!own && !url.startsWith("https:"))
      throw new Fault("source/configuration", `The index names an open connection to another host for ${name}; it was not fetched.`);
    return await client.get(url, {
      accept: "application/octet-stream, */*;q=0.5",
      // Files often lie on another host than the index; what is meant for the index is not for that one.
      ...(own ? { credentials: index.credentials } : {}),
      expect: "bytes",
      freshness: ATTESTATIONS_FRESH_MILLISECONDS,
      ...more,
    });
  };
  /** Bytes that have the hash that the index's page gives. */
  const bytesAt = async (index: PythonIndex, url: string, name: string, integrity: string, maxBytes: number): Promise<Buffer> => {
    const answer = await answerAt(index, url, name, { maxBytes });
    const hash = `sha256-${Buffer.from(answer.sha256, "hex").toString("base64")}`;
    if (!integrity.split(" ").includes(hash))
      throw new Fault(
        "source/body",
        `The bytes served for ${name} have not the SHA-256 that the index gives (they have ${answer.sha256}).`,
      );
    return answer.body;
  };

  return {
    releases: async (index, written, versions) => {
      const name = projectName(written);
      const address = `${index.url}${encodeURIComponent(name)}/`;
      const ask = async (wanted: readonly string[]): Promise<ReleasesSeen> =>
        await documentReleases({ client, store, fresh }, index.url, name, wanted, {
          address,
          get: (cache) => client.get(address, { accept: SIMPLE_API, credentials: index.credentials, expect: "bytes", cache }),
          read: ({ url, contentType, body }) => readSimplePage(name, url, contentType, body),
        });
      const first = versions.map((version) => spelled(index.url, name, version));
      const seen = await ask(first);
      // What was just fetched may spell them otherwise; it is kept by now, so that this asks nobody.
      const second = versions.map((version) => spelled(index.url, name, version));
      if (second.every((version, at) => version === first[at])) return seen;
      return { ...seen, claims: second.map((version, at) => seen.claims[at] ?? store.look(index.url, name, version)?.release ?? null) };
    },
    document: (index, name) => store.document(index.url, projectName(name))?.document ?? null,
    attestations: async (index, address) => {
      // A page must not send us to a stranger: its own host is asked, and none besides.
      if (!URL.canParse(address) || new URL(address).host !== new URL(index.url).host)
        throw new Fault(
          "source/configuration",
          `The index names ${URL.canParse(address) ? new URL(address).host : "no address"} for its attestations, another host than its own; it was not asked.`,
        );
      const answer = await client.get(address, {
        accept: "application/vnd.pypi.integrity.v1+json, application/json;q=0.9",
        credentials: index.credentials,
        maxBytes: MAX_ANSWER_BYTES,
        freshness: ATTESTATIONS_FRESH_MILLISECONDS,
        cache: fresh ? "renew" : "use",
      });
      return { source: address, observedAt: answer.fetchedAt, attestations: readProvenanceObject(address, answer.body) };
    },
    metadata: async (index, { name, url, metadata = "" }) =>
      readCoreMetadata((await bytesAt(index, `${url}.metadata`, `${name}.metadata`, metadata, METADATA_BYTES)).toString("utf8")),
    artifact: async (index, { name, url, integrity, size }, { asOf, mostBytes = FILE_BYTES, again = false }) =>
      await artifactAt({ client, store }, url, { integrity: again ? "" : integrity, shasum: "" }, again ? Number.POSITIVE_INFINITY : asOf, {
        // A file is as large as its index says, or it is another one.
        get: async () => await answerAt(index, url, name, { maxBytes: Math.min(size ?? mostBytes, FILE_BYTES), cache: "none" }),
        read: async ({ body }) => await readFile(url, name, body),
      }),
  };
}

/** Reads a provenance object (PEP 740, "Provenance objects"). Throws `source/body`. */
export function readProvenanceObject(address: string, body: Buffer): readonly FileAttestation[] {
  let value: unknown;
  try {
    value = JSON.parse(body.toString("utf8"));
  } catch (cause) {
    throw new Fault("source/body", `${address} answered with what is no whole JSON text (${body.length} bytes).`, { cause });
  }
  const bundles = isObject(value) ? value["attestation_bundles"] : undefined;
  if (!isObject(value) || !Array.isArray(bundles))
    throw new Fault("source/body", `${address} answered with JSON that is no provenance object (PEP 740).`);
  if (value["version"] !== 1)
    throw new Fault(
      "source/body",
      `${address} answered with a provenance object of version ${String(value["version"]).slice(0, 20)}; 1 is known.`,
    );
  const all = bundles.slice(0, MAX_ATTESTATIONS + 1).flatMap((bundle: unknown) => {
    const publisher = isObject(bundle) && isObject(bundle["publisher"]) ? bundle["publisher"] : null;
    // What is not there is handed on as it is: the verification then says so, and nothing is dropped.
    const list: readonly unknown[] = isObject(bundle) && Array.isArray(bundle["attestations"]) ? bundle["attestations"] : [null];
    return list.slice(0, MAX_ATTESTATIONS + 1).map((attestation): FileAttestation => ({
      attestation,
      publisher,
      content: `sha256:${sha256(JSON.stringify([attestation, publisher]))}`,
    }));
  });
  if (all.length > MAX_ATTESTATIONS)
    throw new Fault("source/body", `${address} holds more than ${MAX_ATTESTATIONS} attestations of one file.`);
  return all;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
