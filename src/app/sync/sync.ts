/**
 * Brings the advisory base up to date, from OSV's public export, a mirror of it, or files. Each ecosystem of an export is taken in on its own
 * and committed as a whole: whatever ends a sync early, the base is the old one or the new one, never half of either.
 *
 *     address ─ list of changes ─ few ──> single records ──> delta ──┐
 *                     └─ many, first time ──> all.zip ──> main ──────┤── manifest, replaced at once
 *     folder, file ── documents ──> main of each ecosystem ──────────┘
 */
import { resolve } from "node:path";
import { Fault, type AdvisoryBaseInfo, baseEcosystem, byCodeUnit } from "../../model/index.ts";
import { advisoryDocuments } from "../../sources/osv-files.ts";
import { OSV_EXPORT, exportEcosystems } from "../../sources/osv-export.ts";
import type { HttpClient } from "../../sources/http.ts";
import { openAdvisoryBase } from "../../store/advisories.ts";
import { type SourceEntry, lockBase } from "../../store/advisories-manifest.ts";
import { type BaseState, type FaultyRecord, commitSource, openState, segmentsFrom } from "./base.ts";
import { syncEcosystem } from "./export.ts";

export interface SyncOptions {
  /** Where the base lies; made where it is missing. */
  readonly folder: string;
  /** A base address (`https://…`), a folder or a file; default: OSV's public export. */
  readonly from?: string;
  /** Ecosystems without release. `all`: every one that the source has. From files, none named means all. */
  readonly ecosystems: readonly string[] | "all";
  /** Needed for an address. */
  readonly client: HttpClient | null;
  /** Reads everything anew, even where only a little changed. */
  readonly whole?: boolean;
  /** ISO 8601: what the base is then as of. */
  readonly now: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: SyncProgress) => void;
}

export interface SyncProgress {
  readonly doing: "listing" | "fetching" | "reading";
  /** "" where files are read, which hold any. */
  readonly ecosystem: string;
  /** Bytes while fetching an archive, else records. */
  readonly done: number;
  readonly total?: number;
}

export interface EcosystemSync {
  readonly ecosystem: string;
  /** `whole`: read anew. `changes`: only what changed. `unchanged`: there was nothing to do. */
  readonly how: "whole" | "changes" | "unchanged";
  readonly records: number;
  /** Records that were taken in, and records that the source does not have any more. With `whole`, all and those that are gone. */
  readonly taken: number;
  readonly removed: number;
}

export interface SyncResult {
  readonly source: string;
  readonly ecosystems: readonly EcosystemSync[];
  /** Records with something wrong in them; those that could be read in part are in the base all the same. */
  readonly faulty: readonly FaultyRecord[];
  readonly faultyCount: number;
  /** Damaged files that were given up, and the like. */
  readonly notes: readonly string[];
  readonly info: AdvisoryBaseInfo | null;
}

export type { FaultyRecord } from "./base.ts";

/**
 * Syncs one source. Throws `source/*` and `input/*` faults with the base as it was (an export's ecosystems that were done before stay done),
 * `store/busy` where another sync runs, `store/full`. A single bad record is never fatal.
 */
export async function sync(options: SyncOptions): Promise<SyncResult> {
  const from = options.from ?? OSV_EXPORT;
  const unlock = lockBase(options.folder);
  try {
    const state = openState(options.folder);
    const ecosystems = isAddress(from)
      ? await syncAddress(from.replace(/\/+$/, ""), options, state)
      : await syncFiles(from, options, state);
    return {
      source: nameOf(from),
      ecosystems: ecosystems.toSorted((a, b) => byCodeUnit(a.ecosystem, b.ecosystem)),
      faulty: state.faulty.named,
      faultyCount: state.faulty.count,
      notes: state.notes,
      info: infoOf(options.folder),
    };
  } finally {
    unlock();
  }
}

const isAddress = (from: string): boolean => /^https?:\/\//i.test(from);

/** How reports call the source: the public export by its name, a mirror by its address, files by how they were named. */
function nameOf(from: string): string {
  if (from.replace(/\/+$/, "") === OSV_EXPORT) return "OSV";
  if (!isAddress(from)) return from;
  const url = new URL(from);
  return `${url.host}${url.pathname.replace(/\/+$/, "")}`;
}

function infoOf(folder: string): AdvisoryBaseInfo | null {
  const base = openAdvisoryBase(folder);
  const info = base.info();
  base.close();
  return info;
}

async function syncAddress(base: string, options: SyncOptions, state: BaseState): Promise<readonly EcosystemSync[]> {
  const { client } = options;
  if (client === null) throw new Fault("internal/bug", "a sync from an address needs a client");
  const wanted = options.ecosystems === "all" ? await exportEcosystems(client, base) : [...new Set(options.ecosystems.map(baseEcosystem))];
  const done: EcosystemSync[] = [];
  const failed: { readonly ecosystem: string; readonly error: Fault }[] = [];
  for (const ecosystem of wanted) {
    options.signal?.throwIfAborted();
    try {
      done.push(await syncEcosystem({ ...options, client, base, key: base, name: nameOf(base), ecosystem }, state));
    } catch (error) {
      // One ecosystem that a mirror does not have must not keep the others from being brought up to date; no network keeps all.
      if (!(error instanceof Fault) || error.code !== "source/not-found") throw error;
      failed.push({ ecosystem, error });
    }
  }
  const [first] = failed;
  if (first !== undefined) {
    throw new Fault("source/not-found", `${nameOf(base)} has no advisories for ${failed.map(({ ecosystem }) => ecosystem).join(", ")}.`, {
      hint: `Ecosystems are written as OSV does: npm, PyPI, crates.io, Maven.${done.length > 0 ? " The others are up to date." : ""}`,
      cause: first.error,
    });
  }
  return done;
}

async function syncFiles(from: string, options: SyncOptions, state: BaseState): Promise<readonly EcosystemSync[]> {
  const path = resolve(from);
  const wanted = options.ecosystems === "all" || options.ecosystems.length === 0 ? null : options.ecosystems.map(baseEcosystem);
  const key = `file:${path}`;
  const before = state.manifest.sources.find((source) => source.key === key);
  const segments = segmentsFrom(options.folder, state.faulty, wanted);
  let segmentEntries: SourceEntry["segments"];
  try {
    let done = 0;
    for await (const batch of advisoryDocuments(path, wanted ?? [])) {
      options.signal?.throwIfAborted();
      for (const document of batch) segments.take(document);
      done += batch.length;
      options.onProgress?.({ doing: "reading", ecosystem: "", done });
    }
    if (done === 0) {
      throw new Fault("input/not-understood", `There are no advisories in ${from}.`, {
        hint: "OSV records are read as .json, .ndjson, .jsonl, .yaml (plain, .gz, .br, .zst) and .zip.",
      });
    }
    segmentEntries = segments.finish();
  } catch (error) {
    segments.abort();
    throw error;
  }
  const kept = wanted === null ? [] : (before?.segments ?? []).filter((segment) => !wanted.includes(segment.ecosystem));
  commitSource(options.folder, state, {
    key,
    name: nameOf(from),
    asOf: options.now,
    segments: [...kept, ...segmentEntries],
    progress: [],
  });
  return segmentEntries.map(({ ecosystem, records }) => {
    const old = (before?.segments ?? [])
      .filter((segment) => segment.ecosystem === ecosystem)
      .reduce((sum, segment) => sum + segment.records, 0);
    return { ecosystem, how: "whole", records, taken: records, removed: Math.max(0, old - records) };
  });
}
