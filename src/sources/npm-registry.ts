/**
 * What the npm registry says of a release, and what is in the bytes that it hands out. Both are kept in a reduced form, so that a second run
 * reads them without parsing a document or opening a tarball; the answers and the tarballs themselves stay in the cache as the evidence.
 */
import { type ArtifactClaim, Fault, type PackageDocument, type RegistryReleaseClaim, releaseWithHistory } from "../model/index.ts";
import type { HttpAnswer, HttpClient } from "./http.ts";
import type { NpmConfig } from "./npm-config.ts";
import { type DocumentData, readPackageDocument } from "./npm-document.ts";

/** Times in milliseconds since 1970. */
export interface KeptDocument {
  readonly fetchedAt: number;
  readonly freshUntil: number;
  /** Hexadecimal SHA-256 of the answer that it was read from. */
  readonly answer: string;
}

/** Where what was read is kept. The store room has one; reading never throws, what is damaged counts as not kept. */
export interface ReleaseStore {
  readonly look: (
    registry: string,
    name: string,
    version: string,
  ) => (KeptDocument & { readonly release: RegistryReleaseClaim | null }) | null;
  readonly document: (registry: string, name: string) => (KeptDocument & { readonly document: PackageDocument }) | null;
  readonly keepDocument: (
    registry: string,
    kept: KeptDocument,
    data: DocumentData,
    wanted: readonly (readonly [version: string, release: RegistryReleaseClaim])[],
  ) => void;
  readonly renewDocument: (registry: string, name: string, kept: KeptDocument) => void;
  readonly artifact: (url: string) => { readonly observedAt: number; readonly claim: ArtifactClaim } | null;
  readonly keepArtifactClaim: (url: string, observedAt: number, claim: ArtifactClaim) => void;
  /** Keeps the bytes, addressed by their SHA-512 (hexadecimal). */
  readonly keepArtifact: (sha512: string, bytes: Uint8Array) => Promise<void>;
}

export interface RegistryOptions {
  readonly client: HttpClient;
  readonly config: NpmConfig;
  readonly store: ReleaseStore;
  /** Reads a tarball: the artifacts room's `readNpmTarball`. */
  readonly readTarball: (url: string, bytes: Uint8Array) => Promise<ArtifactClaim>;
  /** Ask again, however young the kept answers are; those that did not change still cost nothing but the question. */
  readonly fresh?: boolean;
  readonly now?: () => number;
}

export interface NpmRegistry {
  /** The named releases of one package, in the order asked; null where the document does not have one. Throws `source/*` faults. */
  readonly releases: (name: string, versions: readonly string[]) => Promise<ReleasesSeen>;
  /** The whole document, from what is kept (`releases` fetches it); null where it is not there. */
  readonly document: (name: string) => PackageDocument | null;
  /**
   * What is in the tarball at an address. `expected` are the hashes that the registry's document gives for it: bytes seen before that have
   * them need not be fetched again. Others are looked at again if they were seen before `asOf` (milliseconds). Throws `source/*` faults.
   */
  readonly artifact: (name: string, url: string, expected: ExpectedHashes, asOf: number) => Promise<ArtifactSeen>;
}

export interface ReleasesSeen {
  /** Address of the document. */
  readonly source: string;
  /** Milliseconds. */
  readonly observedAt: number;
  readonly claims: readonly (RegistryReleaseClaim | null)[];
}

export interface ArtifactSeen {
  readonly observedAt: number;
  readonly claim: ArtifactClaim;
}

/** Subresource Integrity and hexadecimal SHA-1, "" where not known. */
export interface ExpectedHashes {
  readonly integrity: string;
  readonly shasum: string;
}

/** The full document, not npm's short form: that leaves out scripts and dates. */
const DOCUMENT_TYPE = "application/json";
/** The largest tarballs on npm are some hundred megabytes. */
const TARBALL_BYTES = 512 * 1024 * 1024;

export function npmRegistry(options: RegistryOptions): NpmRegistry {
  const { client, config, store } = options;
  const now = options.now ?? Date.now;

  const releases: NpmRegistry["releases"] = async (name, versions) => {
    const registry = config.registryFor(name);
    const address = documentAddress(registry, name);
    return await documentReleases({ ...options, now }, registry, name, versions, {
      address,
      get: (cache) => client.get(address, { accept: DOCUMENT_TYPE, credentials: config.credentialsFor(address, registry), cache }),
      read: ({ body }) => readPackageDocument(name, address, body),
    });
  };
  const artifact: NpmRegistry["artifact"] = async (name, url, expected, asOf) =>
    await artifactAt(options, url, expected, asOf, {
      get: () =>
        client.get(url, {
          accept: "application/octet-stream, */*;q=0.5",
          credentials: config.credentialsFor(url, config.registryFor(name)),
          cache: "none",
          expect: "bytes",
          maxBytes: TARBALL_BYTES,
        }),
      read: async (answer) => {
        if (/^text\/html\b/i.test(answer.contentType) && answer.body[0] !== GZIP_FIRST_BYTE)
          throw new Fault("source/body", `${url} answered with a web page where a tarball was expected.`, {
            hint: "A login page or a proxy is usual; open the address in a browser.",
          });
        return await options.readTarball(url, answer.body);
      },
    });

  return { releases, artifact, document: (name) => store.document(config.registryFor(name), name)?.document ?? null };
}

/** How a registry's document of a package is asked for and read. */
interface DocumentQuestion {
  readonly address: string;
  readonly get: (cache: "use" | "renew") => Promise<HttpAnswer>;
  /** Throws `source/body`. */
  readonly read: (answer: HttpAnswer) => DocumentData;
}

/**
 * The named releases out of a registry's document of one package: from what was read of it before where that holds, else from the registry.
 * Throws `source/*` faults.
 */
export async function documentReleases(
  { client, store, fresh = false, now = Date.now }: Pick<RegistryOptions, "client" | "store" | "fresh" | "now">,
  registry: string,
  name: string,
  versions: readonly string[],
  { address, get, read }: DocumentQuestion,
): Promise<ReleasesSeen> {
  const kept = versions.map((version) => store.look(registry, name, version));
  const first = kept[0] ?? null;
  const complete = first !== null && kept.every((entry) => entry?.release);
  // A release that a fresh document does not have may just have been published: then the registry is asked.
  if (first !== null && (client.offline || (complete && first.freshUntil > now() && !fresh)))
    return { source: address, observedAt: first.fetchedAt, claims: kept.map((entry) => entry?.release ?? null) };
  const answer = await get((first !== null && !complete) || fresh ? "renew" : "use");
  const newly = { fetchedAt: Date.parse(answer.fetchedAt), freshUntil: answer.freshUntil, answer: answer.sha256 };
  if (complete && first.answer === answer.sha256) {
    store.renewDocument(registry, name, newly);
    return { source: address, observedAt: newly.fetchedAt, claims: kept.map((entry) => entry?.release ?? null) };
  }
  const data = read(answer);
  const claims = versions.map((version) => releaseWithHistory(data, version));
  const wanted = versions.flatMap((version, at) =>
    claims[at] === null || claims[at] === undefined ? [] : [[version, claims[at]] as const],
  );
  store.keepDocument(registry, newly, data, wanted);
  return { source: address, observedAt: newly.fetchedAt, claims };
}

/** How the bytes at an address are asked for, and what is read of them. */
interface ArtifactQuestion {
  readonly get: () => Promise<HttpAnswer>;
  /** Throws `source/body`. */
  readonly read: (answer: HttpAnswer) => Promise<ArtifactClaim>;
}

/** What is in the bytes at an address: by what was seen there before where that holds, else by the bytes, which are kept. Throws `source/*` faults. */
export async function artifactAt(
  { client, store }: Pick<RegistryOptions, "client" | "store">,
  url: string,
  expected: ExpectedHashes,
  asOf: number,
  { get, read }: ArtifactQuestion,
): Promise<ArtifactSeen> {
  const seen = store.artifact(url);
  if (seen !== null && (client.offline || fits(seen.claim, expected) || seen.observedAt >= asOf)) return seen;
  const answer = await get();
  const claim = await read(answer);
  const observedAt = Date.parse(answer.fetchedAt);
  await store.keepArtifact(claim.sha512, answer.body);
  store.keepArtifactClaim(url, observedAt, claim);
  return { claim, observedAt };
}

const GZIP_FIRST_BYTE = 0x1f;

/** npm's own way to write a scoped name into an address: the slash alone is escaped, in lower case. */
export function documentAddress(registry: string, name: string): string {
  return `${registry}${encodeURIComponent(name).replace(/^%40/, "@").replace("%2F", "%2f")}`;
}

/** True where the bytes have a hash that was expected: any of the strongest kind that is given, as Subresource Integrity has it. */
export function fits(claim: ArtifactClaim, expected: ExpectedHashes): boolean {
  const hashes = expected.integrity.split(/\s+/).filter((hash) => hash !== "");
  for (const algorithm of ["sha512", "sha256", "sha1"] as const) {
    const mine = hashes.filter((hash) => hash.startsWith(`${algorithm}-`));
    if (mine.length === 0) continue;
    const own = `${algorithm}-${Buffer.from(claim[algorithm], "hex").toString("base64")}`;
    return mine.some((hash) => hash.split("?")[0] === own);
  }
  return expected.shasum !== "" && expected.shasum.toLowerCase() === claim.sha1;
}
