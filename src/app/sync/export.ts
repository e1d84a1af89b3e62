import { rmSync } from "node:fs";
import { join } from "node:path";
import { randomUUID } from "node:crypto";
import { Fault, byCodeUnit } from "../../model/index.ts";
import type { HttpClient } from "../../sources/http.ts";
import { type ModifiedList, compareStamps, exportRecord, fetchArchive, modifiedList } from "../../sources/osv-export.ts";
import { advisoryDocuments } from "../../sources/osv-files.ts";
import type { Progress, SegmentEntry } from "../../store/advisories-manifest.ts";
import type { Segment } from "../../store/advisories-segment.ts";
import { type BaseState, commitSource, newSegment, openKnown, recordOf } from "./base.ts";
import type { EcosystemSync, SyncOptions } from "./sync.ts";

/** Beyond this many single records, one archive is less work for the server and sooner here. */
const SINGLE_RECORDS_MAX = 1_000;
/** Requests at once for single records; the client's own bound for each host holds as well. */
const SINGLE_RECORDS_AT_ONCE = 16;
/** A list that lost more than this share of what we know was cut off, rather than that many records withdrawn without a trace. */
const LOST_SHARE = 0.1;
const LOST_LEAST = 100;

export interface ExportOptions extends SyncOptions {
  readonly client: HttpClient;
  readonly base: string;
  readonly key: string;
  readonly name: string;
  readonly ecosystem: string;
}

/** Brings one ecosystem of an export up to date and commits it. */
export async function syncEcosystem(options: ExportOptions, state: BaseState): Promise<EcosystemSync> {
  const { client, base, ecosystem } = options;
  const source = state.manifest.sources.find((entry) => entry.key === options.key);
  const progress = source?.progress.find((entry) => entry.ecosystem === ecosystem);
  options.onProgress?.({ doing: "listing", ecosystem, done: 0 });
  // The list comes before the archive: what changes in between is then newer than the stamp, and fetched next time.
  const list = await modifiedList(client, base, ecosystem);
  const known = openOwn(options, state);
  try {
    if (known !== null && progress !== undefined && list !== null && options.whole !== true) {
      const plan = planChanges(known, list, progress.stamp);
      if (plan !== null) return await takeChanges(options, state, known, list, plan);
    }
    return await takeWhole(options, state, list, known === null || options.whole === true ? "" : (progress?.etag ?? ""), known);
  } finally {
    known?.main.close();
    known?.delta?.close();
  }
}

interface Known {
  readonly main: Segment;
  readonly mainEntry: SegmentEntry;
  readonly delta: Segment | null;
  readonly ids: ReadonlySet<string>;
}

/** What the base holds of this ecosystem from this source; null where that is nothing, or damaged. */
function openOwn(options: ExportOptions, state: BaseState): Known | null {
  const entries = state.manifest.sources.find((entry) => entry.key === options.key)?.segments ?? [];
  const own = entries.filter((entry) => entry.ecosystem === options.ecosystem);
  const mainEntry = own.find((entry) => entry.role === "main");
  const deltaEntry = own.find((entry) => entry.role === "delta");
  if (mainEntry === undefined) return null;
  const opened: Segment[] = [];
  try {
    const main = openKnown(options.folder, mainEntry.file);
    opened.push(main);
    const delta = deltaEntry === undefined ? null : openKnown(options.folder, deltaEntry.file);
    if (delta !== null) opened.push(delta);
    const ids = new Set(main.ids());
    for (const id of delta?.removed() ?? []) ids.delete(id);
    for (const id of delta?.ids() ?? []) ids.add(id);
    return { main, mainEntry, delta, ids };
  } catch (error) {
    for (const segment of opened) segment.close();
    if (!(error instanceof Fault) || error.code !== "store/corrupt") throw error;
    state.notes.push(`${error.message} ${options.ecosystem} is read anew.`);
    return null;
  }
}

interface Plan {
  readonly changed: readonly string[];
  readonly gone: readonly string[];
}

/** Which records to fetch and which to drop; null where reading everything anew is the better way. */
function planChanges(known: Known, list: ModifiedList, stamp: string): Plan | null {
  const changed: string[] = [];
  for (const [id, modified] of list.stamps) {
    if (compareStamps(modified, stamp) > 0 || !known.ids.has(id)) changed.push(id);
  }
  const gone = [...known.ids].filter((id) => !list.stamps.has(id));
  if (changed.length > SINGLE_RECORDS_MAX) return null;
  if (gone.length > LOST_LEAST && gone.length > known.ids.size * LOST_SHARE) return null;
  return { changed: changed.toSorted(byCodeUnit), gone: gone.toSorted(byCodeUnit) };
}

async function takeChanges(options: ExportOptions, state: BaseState, known: Known, list: ModifiedList, plan: Plan): Promise<EcosystemSync> {
  const { ecosystem, folder } = options;
  const { changed, gone } = plan;
  const own = ownEntries(options, state);
  if (changed.length === 0 && gone.length === 0) {
    commit(options, state, own, { stamp: list.newest });
    return { ecosystem, how: "unchanged", records: known.ids.size, taken: 0, removed: 0 };
  }
  const fetched = await fetchRecords(options, changed);
  const { file, writer } = newSegment(folder, ecosystem);
  let records = known.ids.size;
  let entry: SegmentEntry;
  let taken = 0;
  let removed = 0;
  try {
    const replaced = new Set([...changed, ...gone]);
    for (const id of known.delta?.removed() ?? []) if (!replaced.has(id)) writer.remove(id);
    for (const id of known.delta?.ids() ?? []) {
      const json = replaced.has(id) ? null : (known.delta?.json(id) ?? null);
      if (json === null) continue;
      const kept = recordOf({ place: id, json, value: JSON.parse(json.toString()) }, { count: 0, named: [] });
      if (kept !== null) writer.add(kept.record, kept.json);
    }
    for (const [id, json] of fetched) {
      const document = json === null ? null : asDocument(`${ecosystem}/${id}.json`, json);
      const record = document === null ? null : recordOf(document, state.faulty);
      if (record !== null && record.record.id === id) {
        writer.add(record.record, record.json);
        taken += 1;
        if (!known.ids.has(id)) records += 1;
      } else if (json === null && known.ids.has(id)) {
        writer.remove(id);
        removed += 1;
        records -= 1;
      }
    }
    for (const id of gone) writer.remove(id);
    removed += gone.length;
    records -= gone.length;
    entry = { ecosystem, file, records: writer.finish().records, role: "delta" };
  } catch (error) {
    writer.abort();
    throw error;
  }
  commit(options, state, [known.mainEntry, entry], { stamp: list.newest });
  return { ecosystem, how: "changes", records, taken, removed };
}

function asDocument(place: string, json: Buffer): { place: string; json: Buffer | null; value: unknown; problem?: string } {
  try {
    return { place, json, value: JSON.parse(json.toString()) };
  } catch (error) {
    return { place, json: null, value: undefined, problem: error instanceof Error ? error.message : String(error) };
  }
}

async function fetchRecords(options: ExportOptions, ids: readonly string[]): Promise<ReadonlyMap<string, Buffer | null>> {
  const fetched = new Map<string, Buffer | null>();
  const queue = ids.values();
  const work = async (): Promise<void> => {
    // The workers share one iterator: each takes the next id that nobody has.
    for (const id of queue) {
      options.signal?.throwIfAborted();
      fetched.set(id, await exportRecord(options.client, options.base, options.ecosystem, id));
      options.onProgress?.({ doing: "fetching", ecosystem: options.ecosystem, done: fetched.size, total: ids.length });
    }
  };
  await Promise.all(Array.from({ length: Math.min(SINGLE_RECORDS_AT_ONCE, ids.length) }, work));
  return fetched;
}

async function takeWhole(
  options: ExportOptions,
  state: BaseState,
  list: ModifiedList | null,
  knownEtag: string,
  known: Known | null,
): Promise<EcosystemSync> {
  const { client, base, ecosystem, folder } = options;
  const archive = join(folder, `${randomUUID()}.part`);
  try {
    const fetched = await fetchArchive(client, base, ecosystem, archive, list === null ? knownEtag : "", (done, total) => {
      options.signal?.throwIfAborted();
      options.onProgress?.({ doing: "fetching", ecosystem, done, ...(total === undefined ? {} : { total }) });
    });
    if (fetched === null) {
      commit(options, state, ownEntries(options, state), { stamp: "" });
      return { ecosystem, how: "unchanged", records: known?.ids.size ?? 0, taken: 0, removed: 0 };
    }
    const { file, writer } = newSegment(folder, ecosystem);
    let entry: SegmentEntry;
    const seen = new Set<string>();
    try {
      let done = 0;
      for await (const batch of advisoryDocuments(archive, [], { form: "zip", place: `${ecosystem}/all.zip` })) {
        options.signal?.throwIfAborted();
        for (const document of batch) {
          const taken = recordOf(document, state.faulty);
          if (taken === null) continue;
          writer.add(taken.record, taken.json);
          seen.add(taken.record.id);
        }
        done += batch.length;
        options.onProgress?.({ doing: "reading", ecosystem, done });
      }
      entry = { ecosystem, file, records: writer.finish().records, role: "main" };
    } catch (error) {
      writer.abort();
      throw error;
    }
    commit(options, state, [entry], { stamp: list?.newest ?? "", etag: fetched.etag, whole: true });
    const removed = [...(known?.ids ?? [])].filter((id) => !seen.has(id)).length;
    return { ecosystem, how: "whole", records: entry.records, taken: entry.records, removed };
  } finally {
    rmSync(archive, { force: true });
  }
}

function ownEntries(options: ExportOptions, state: BaseState): readonly SegmentEntry[] {
  const source = state.manifest.sources.find((entry) => entry.key === options.key);
  return (source?.segments ?? []).filter((entry) => entry.ecosystem === options.ecosystem);
}

function commit(
  options: ExportOptions,
  state: BaseState,
  entries: readonly SegmentEntry[],
  reached: { readonly stamp: string; readonly etag?: string; readonly whole?: boolean },
): void {
  const { ecosystem, now } = options;
  const source = state.manifest.sources.find((entry) => entry.key === options.key);
  const old = source?.progress.find((entry) => entry.ecosystem === ecosystem);
  const progress: Progress = {
    ecosystem,
    stamp: reached.stamp,
    etag: reached.etag ?? old?.etag ?? "",
    asOf: now,
    wholeAsOf: reached.whole === true ? now : (old?.wholeAsOf ?? now),
  };
  const all = [...(source?.progress ?? []).filter((entry) => entry.ecosystem !== ecosystem), progress];
  commitSource(options.folder, state, {
    key: options.key,
    name: options.name,
    // A source is as old as the part of it that has waited longest.
    asOf: all.map((entry) => entry.asOf).toSorted(byCodeUnit)[0] ?? now,
    segments: [...(source?.segments ?? []).filter((entry) => entry.ecosystem !== ecosystem), ...entries],
    progress: all.toSorted((a, b) => byCodeUnit(a.ecosystem, b.ecosystem)),
  });
}
