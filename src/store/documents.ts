/**
 * What was read out of fetched answers, in the form in which checks need it: package documents reduced to what is asked of them, the
 * releases in use by themselves, and what was seen in artifacts. All of it can be made again from the cache or the registry.
 */
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import {
  type ArtifactClaim,
  Fault,
  historyForm,
  type PackageDocument,
  type RegistryReleaseClaim,
  releaseWithHistory,
  sha256,
} from "../model/index.ts";
import type { Cache } from "./cache.ts";
import { storeFault } from "./database.ts";

/** Times in milliseconds since 1970. */
export interface KeptDocument {
  readonly fetchedAt: number;
  readonly freshUntil: number;
  /** Hexadecimal SHA-256 of the registry's answer that it was read from. */
  readonly answer: string;
}

/** A package document as plain data, ready to be kept. */
export interface DocumentData {
  readonly name: string;
  readonly status?: PackageDocument["status"];
  readonly distTags: Readonly<Record<string, string>>;
  readonly time: Readonly<Record<string, string>>;
  /** In the document's order. */
  readonly releases: readonly (readonly [version: string, claim: RegistryReleaseClaim])[];
}

export interface DocumentStore {
  /** The document's age, and the release where the document has it; null where the document is not kept. */
  readonly look: (
    registry: string,
    name: string,
    version: string,
  ) => (KeptDocument & { readonly release: RegistryReleaseClaim | null }) | null;
  readonly document: (registry: string, name: string) => (KeptDocument & { readonly document: PackageDocument }) | null;
  /** `wanted`: the releases that are kept by themselves as well. */
  readonly keepDocument: (
    registry: string,
    kept: KeptDocument,
    data: DocumentData,
    wanted: readonly (readonly [version: string, release: RegistryReleaseClaim])[],
  ) => void;
  readonly renewDocument: (registry: string, name: string, kept: KeptDocument) => void;
  /** What was last seen at an address. */
  readonly artifact: (url: string) => { readonly observedAt: number; readonly claim: ArtifactClaim } | null;
  readonly keepArtifactClaim: (url: string, observedAt: number, claim: ArtifactClaim) => void;
}

/** A document reduced to what is kept is a few megabytes at most; far more is no document that we wrote. */
const LARGEST_DOCUMENT_BYTES = 512 * 1024 * 1024;
/** Some thousand documents are read in a run and written once: the fast end. */
const COMPRESSION_LEVEL = 3;

/** The documents within an open cache. Reading never throws for what is damaged: it then counts as not kept, and the cache's notes say so. */
export function openDocuments(cache: Cache): DocumentStore {
  const { db, path } = cache.store;
  const select = db.prepare(
    `SELECT d.id AS id, d.fetched_at AS fetched_at, d.fresh_until AS fresh_until, lower(hex(d.answer)) AS answer, r.claim AS claim
     FROM document d LEFT JOIN release r ON r.document = d.id AND r.version = ? WHERE d.registry = ? AND d.name = ?`,
  );
  const selectDocument = db.prepare(
    "SELECT id, fetched_at, fresh_until, lower(hex(answer)) AS answer, sha256, size, zstd FROM document WHERE registry = ? AND name = ?",
  );
  const selectHead = db.prepare(
    "SELECT fetched_at, fresh_until, lower(hex(answer)) AS answer, dist_tags FROM document WHERE registry = ? AND name = ?",
  );
  const dropDocument = db.prepare("DELETE FROM document WHERE registry = ? AND name = ?");
  const insertDocument = db.prepare(
    "INSERT INTO document (registry, name, fetched_at, fresh_until, answer, sha256, size, zstd, dist_tags) VALUES (?, ?, ?, ?, unhex(?), unhex(?), ?, ?, ?)",
  );
  const insertRelease = db.prepare("INSERT OR REPLACE INTO release (document, version, claim) VALUES (?, ?, ?)");
  const renew = db.prepare("UPDATE document SET fetched_at = ?, fresh_until = ? WHERE registry = ? AND name = ?");
  const selectArtifact = db.prepare(
    "SELECT s.observed_at AS observed_at, a.claim AS claim FROM artifact_seen s JOIN artifact_claim a USING (sha512) WHERE s.url = ?",
  );
  const insertClaim = db.prepare("INSERT OR REPLACE INTO artifact_claim (sha512, claim) VALUES (unhex(?), ?)");
  const insertSeen = db.prepare("INSERT OR REPLACE INTO artifact_seen (url, sha512, observed_at) VALUES (?, unhex(?), ?)");
  /** Kept in this run and perhaps not yet in the file. */
  const recent = new Map<string, { kept: KeptDocument; data: DocumentData }>();
  const recentArtifacts = new Map<string, { observedAt: number; claim: ArtifactClaim }>();

  const reading = <T>(read: () => T): T | null => {
    try {
      return read();
    } catch (error) {
      const fault = storeFault(error, path);
      if (fault instanceof Fault && fault.code === "store/corrupt") cache.store.suspect();
      else if (!(fault instanceof Fault) && !(fault instanceof SyntaxError)) throw fault;
      return null;
    }
  };

  const load = (registry: string, name: string): { id: number; kept: KeptDocument; data: DocumentData } | null =>
    reading(() => {
      const row = selectDocument.get(registry, name);
      if (row === undefined || !(row["zstd"] instanceof Uint8Array) || !(row["sha256"] instanceof Uint8Array)) return null;
      const data = unpack(row["zstd"], Number(row["size"]), Buffer.from(row["sha256"]).toString("hex"));
      return data === null ? null : { id: Number(row["id"]), kept: keptOf(row), data };
    });

  return {
    look: (registry, name, version) => {
      const here = recent.get(idOf(registry, name));
      if (here !== undefined) return { ...here.kept, release: releaseOf(here.data, version) };
      const row = reading(() => select.get(version, registry, name));
      if (row === null || row === undefined) return null;
      const kept = keptOf(row);
      const claim = typeof row["claim"] === "string" ? reading(() => JSON.parse(String(row["claim"])) as RegistryReleaseClaim) : null;
      // One that was kept with an older telling of what came before it is made anew from the document, once.
      if (claim?.history?.form === historyForm) return { ...kept, release: claim };
      const loaded = load(registry, name);
      if (loaded === null) return null;
      const release = releaseOf(loaded.data, version);
      if (release !== null)
        cache.later(
          () =>
            db.prepare("SELECT 1 FROM document WHERE id = ?").get(loaded.id) &&
            insertRelease.run(loaded.id, version, JSON.stringify(release)),
          0,
        );
      return { ...kept, release };
    },
    document: (registry, name) => {
      const here = recent.get(idOf(registry, name));
      if (here !== undefined) return { ...here.kept, document: packageDocument(here.data) };
      const row = reading(() => selectHead.get(registry, name));
      if (row === null || row === undefined) return null;
      const distTags = reading(() => JSON.parse(String(row["dist_tags"])) as DocumentData["distTags"]);
      const whole = (): DocumentData | null => load(registry, name)?.data ?? null;
      if (distTags !== null) return { ...keptOf(row), document: documentOnDemand(name, distTags, whole, path) };
      const data = whole();
      return data === null ? null : { ...keptOf(row), document: packageDocument(data) };
    },
    keepDocument: (registry, kept, data, wanted) => {
      const entry = { kept, data };
      const id = idOf(registry, data.name);
      recent.set(id, entry);
      const text = Buffer.from(JSON.stringify(data));
      const zstd = zstdCompressSync(text, { params: { [constants.ZSTD_c_compressionLevel]: COMPRESSION_LEVEL } });
      cache.later(
        () => {
          dropDocument.run(registry, data.name);
          const { lastInsertRowid } = insertDocument.run(
            registry,
            data.name,
            kept.fetchedAt,
            kept.freshUntil,
            kept.answer,
            sha256(text),
            text.length,
            zstd,
            JSON.stringify(data.distTags),
          );
          for (const [version, release] of wanted) insertRelease.run(lastInsertRowid, version, JSON.stringify(release));
        },
        zstd.length,
        () => recent.get(id) === entry && recent.delete(id),
      );
    },
    renewDocument: (registry, name, kept) => cache.later(() => renew.run(kept.fetchedAt, kept.freshUntil, registry, name), 0),
    artifact: (url) => {
      const here = recentArtifacts.get(url);
      if (here !== undefined) return here;
      return reading(() => {
        const row = selectArtifact.get(url);
        return row === undefined
          ? null
          : { observedAt: Number(row["observed_at"]), claim: JSON.parse(String(row["claim"])) as ArtifactClaim };
      });
    },
    keepArtifactClaim: (url, observedAt, claim) => {
      const entry = { observedAt, claim };
      recentArtifacts.set(url, entry);
      cache.later(
        () => {
          insertClaim.run(claim.sha512, JSON.stringify(claim));
          insertSeen.run(url, claim.sha512, observedAt);
        },
        0,
        () => recentArtifacts.get(url) === entry && recentArtifacts.delete(url),
      );
    },
  };
}

const keptOf = (row: Readonly<Record<string, unknown>>): KeptDocument => ({
  fetchedAt: Number(row["fetched_at"]),
  freshUntil: Number(row["fresh_until"]),
  answer: String(row["answer"]),
});

const idOf = (registry: string, name: string): string => `${registry} ${name}`;

/** With what came before it, so that nobody has to unpack the document to know. */
const releaseOf = releaseWithHistory;

/** Plain data as a document that answers questions. */
function packageDocument(data: DocumentData): PackageDocument {
  const releases = new Map(data.releases);
  return {
    name: data.name,
    ...(data.status === undefined ? {} : { status: data.status }),
    distTags: data.distTags,
    time: data.time,
    versions: [...releases.keys()],
    release: (version) => releases.get(version),
  };
}

/** A document of which only the tags are read yet; the rest is unpacked when it is first asked for. */
function documentOnDemand(
  name: string,
  distTags: DocumentData["distTags"],
  load: () => DocumentData | null,
  path: string,
): PackageDocument {
  let known: PackageDocument | undefined;
  const whole = (): PackageDocument => {
    if (known !== undefined) return known;
    const data = load();
    // Said instead of answered with "no releases": that would be taken for a fact.
    if (data === null) throw new Fault("store/corrupt", `The kept document of ${name} in ${path} cannot be read any more.`);
    return (known = packageDocument(data));
  };
  return {
    name,
    distTags,
    get status() {
      return whole().status;
    },
    get time() {
      return whole().time;
    },
    get versions() {
      return whole().versions;
    },
    release: (version) => whole().release(version),
  };
}

function unpack(zstd: Uint8Array, size: number, hash: string): DocumentData | null {
  if (size > LARGEST_DOCUMENT_BYTES) return null;
  try {
    const text = zstdDecompressSync(zstd, { maxOutputLength: Math.max(1, size) });
    // Our own writing, proved by its hash.
    return sha256(text) === hash ? (JSON.parse(text.toString()) as DocumentData) : null;
  } catch {
    return null;
  }
}
