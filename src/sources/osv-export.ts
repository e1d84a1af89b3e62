/**
 * OSV's public export, or a mirror of it: `<base>/<ecosystem>/all.zip`, `<base>/<ecosystem>/<id>.json`, `<base>/<ecosystem>/modified_id.csv`
 * (newest first), `<base>/ecosystems.txt`.
 */
import { closeSync, openSync, writeSync } from "node:fs";
import { Fault, byCodeUnit } from "../model/index.ts";
import type { HttpClient } from "./http.ts";

/** https://google.github.io/osv.dev/data/ */
export const OSV_EXPORT = "https://osv-vulnerabilities.storage.googleapis.com";

/** The list of the largest ecosystem had 20 MB in 2026. */
const LIST_MAX_BYTES = 256 * 1024 * 1024;
/** The export of everything together had 1.5 GB in 2026. */
const ARCHIVE_MAX_BYTES = 16 * 1024 * 1024 * 1024;
const RECORD_MAX_BYTES = 64 * 1024 * 1024;
/** An hour: a gigabyte over a slow line. */
const ARCHIVE_MILLISECONDS = 3_600_000;
/** Lists are asked for anew each time; a record that is fetched for its new stamp must not come from the cache either. */
const fresh = { cache: "none" } as const;

export interface ModifiedList {
  /** Stamp by id. */
  readonly stamps: ReadonlyMap<string, string>;
  /** The newest of them, "" for an empty list. */
  readonly newest: string;
}

const folderOf = (base: string, ecosystem: string): string => `${base.replace(/\/+$/, "")}/${encodeURIComponent(ecosystem)}`;

/** Names of all ecosystems that the export has a folder for. */
export async function exportEcosystems(client: HttpClient, base: string): Promise<readonly string[]> {
  const { body } = await client.get(`${base.replace(/\/+$/, "")}/ecosystems.txt`, { ...fresh, accept: "text/plain", expect: "bytes" });
  const names = body
    .toString("utf8")
    .split("\n")
    .map((line) => line.trim());
  return [...new Set(names.filter((name) => /^[A-Za-z0-9][\w .-]*$/.test(name)))].toSorted(byCodeUnit);
}

/** When each record of the ecosystem was last changed; null where the mirror keeps no such list. */
export async function modifiedList(client: HttpClient, base: string, ecosystem: string): Promise<ModifiedList | null> {
  let text: string;
  try {
    const url = `${folderOf(base, ecosystem)}/modified_id.csv`;
    const { body } = await client.get(url, { ...fresh, accept: "text/csv", expect: "bytes", maxBytes: LIST_MAX_BYTES });
    text = body.toString("utf8");
  } catch (error) {
    if (error instanceof Fault && error.code === "source/not-found") return null;
    throw error;
  }
  const stamps = new Map<string, string>();
  let newest = "";
  for (const line of text.split("\n")) {
    const comma = line.indexOf(",");
    if (comma <= 0) continue;
    const stamp = line.slice(0, comma);
    // Within the list of everything an id has its ecosystem before it.
    const id = line
      .slice(comma + 1)
      .trim()
      .replace(/^.*\//, "");
    if (id === "" || Number.isNaN(Date.parse(stamp))) continue;
    stamps.set(id, stamp);
    if (compareStamps(stamp, newest) > 0) newest = stamp;
  }
  return { stamps, newest };
}

/** Orders RFC 3339 times in UTC to the last digit: fractions have any length, and milliseconds would call different ones equal. "" is first. */
export function compareStamps(a: string, b: string): number {
  if (a === b) return 0;
  return byCodeUnit(stampKey(a), stampKey(b));
}

function stampKey(stamp: string): string {
  const [whole = "", fraction = ""] = stamp.replace(/(?:Z|\+00:00)$/, "").split(".");
  return `${whole}.${fraction.padEnd(12, "0")}`;
}

/** One record as JSON; null where the export does not have it any more. */
export async function exportRecord(client: HttpClient, base: string, ecosystem: string, id: string): Promise<Buffer | null> {
  try {
    const url = `${folderOf(base, ecosystem)}/${encodeURIComponent(id)}.json`;
    return (await client.get(url, { ...fresh, expect: "json", maxBytes: RECORD_MAX_BYTES })).body;
  } catch (error) {
    if (error instanceof Fault && error.code === "source/not-found") return null;
    throw error;
  }
}

export interface FetchedArchive {
  readonly etag: string;
  readonly bytes: number;
}

/**
 * Fetches the archive of an ecosystem into `path`. Returns null, having fetched nothing, where it still is the one that `knownEtag` stands for.
 */
export async function fetchArchive(
  client: HttpClient,
  base: string,
  ecosystem: string,
  path: string,
  knownEtag: string,
  onBytes: (done: number, total: number | undefined) => void,
): Promise<FetchedArchive | null> {
  const answer = await client.open(`${folderOf(base, ecosystem)}/all.zip`, {
    accept: "application/zip",
    maxBytes: ARCHIVE_MAX_BYTES,
    timeout: ARCHIVE_MILLISECONDS,
  });
  const body = answer.body[Symbol.asyncIterator]();
  if (knownEtag !== "" && answer.etag === knownEtag) {
    await body.return?.();
    return null;
  }
  const fd = openSync(path, "w", 0o600);
  let bytes = 0;
  try {
    for (let part = await body.next(); part.done !== true; part = await body.next()) {
      for (let done = 0; done < part.value.length;) done += writeSync(fd, part.value, done);
      bytes += part.value.length;
      onBytes(bytes, answer.size);
    }
  } finally {
    closeSync(fd);
  }
  return { etag: answer.etag, bytes };
}
