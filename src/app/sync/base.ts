import { randomUUID } from "node:crypto";
import { existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import { Fault, type OsvRecord, baseEcosystem, byCodeUnit } from "../../model/index.ts";
import type { AdvisoryDocument } from "../../sources/osv-files.ts";
import { fromNative } from "../../sources/osv-native.ts";
import { readOsvRecord } from "../../sources/osv-record.ts";
import {
  type Manifest,
  type SegmentEntry,
  type SourceEntry,
  emptyManifest,
  readManifest,
  writeManifest,
} from "../../store/advisories-manifest.ts";
import { type Segment, openSegment } from "../../store/advisories-segment.ts";
import { type SegmentWriter, writeSegment } from "../../store/advisories-writer.ts";

/** A record with something wrong in it. */
export interface FaultyRecord {
  readonly place: string;
  /** "" where it has none. */
  readonly id: string;
  readonly problems: readonly string[];
  /** Is what was right in it in the base? */
  readonly taken: boolean;
}

/** Each is named; beyond this many a source is broken rather than a record, and the count says it. */
const FAULTY_NAMED = 10_000;

export interface FaultyList {
  count: number;
  readonly named: FaultyRecord[];
}

/** What a sync works on, with the lock held. */
export interface BaseState {
  manifest: Manifest;
  readonly faulty: FaultyList;
  readonly notes: string[];
}

/** Reads the manifest. A damaged one is moved aside and said: every source has to be synced again. */
export function openState(folder: string): BaseState {
  const notes: string[] = [];
  let manifest = emptyManifest;
  try {
    manifest = readManifest(folder) ?? emptyManifest;
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== "store/corrupt") throw error;
    const path = join(folder, "manifest.json");
    if (existsSync(path)) renameSync(path, `${path}.corrupt`);
    notes.push(`${error.message} It was moved aside; sources that were synced before have to be synced again.`);
  }
  return { manifest, faulty: { count: 0, named: [] }, notes };
}

export interface TakenRecord {
  readonly record: OsvRecord;
  /** What is kept of it: as it came, or, where something was wrong or another form was, what we made of it. */
  readonly json: Buffer;
}

/** A document as an OSV record; null, and on the list of the faulty ones, where it is none. */
export function recordOf(document: AdvisoryDocument, faulty: FaultyList): TakenRecord | null {
  const problems: string[] = [];
  let taken: TakenRecord | null = null;
  let id = "";
  if (document.problem !== undefined) problems.push(document.problem);
  else {
    try {
      const native = fromNative(document.value);
      const reading = readOsvRecord(native ?? document.value);
      problems.push(...reading.problems);
      id = reading.record?.id ?? "";
      const asItCame = native === null && reading.problems.length === 0 ? document.json : null;
      if (reading.record !== null) taken = { record: reading.record, json: asItCame ?? Buffer.from(JSON.stringify(reading.record)) };
    } catch (error) {
      // A requirement that cannot be read, or nesting so deep that it cannot be written again.
      problems.push(error instanceof Error ? error.message : String(error));
    }
  }
  if (problems.length > 0) {
    faulty.count += 1;
    if (faulty.named.length < FAULTY_NAMED) faulty.named.push({ place: document.place, id, problems, taken: taken !== null });
  }
  return taken;
}

/** The ecosystems that a record speaks of, without release; `[""]` where it names no package. */
function ecosystemsOf(record: OsvRecord): readonly string[] {
  const named = new Set<string>();
  for (const entry of record.affected ?? []) if (entry.package !== undefined) named.add(baseEcosystem(entry.package.ecosystem));
  return named.size === 0 ? [""] : [...named];
}

export interface Segments {
  readonly take: (document: AdvisoryDocument) => void;
  readonly finish: () => readonly SegmentEntry[];
  readonly abort: () => void;
}

/** Sorts documents into one new main segment for each ecosystem. With `wanted`, only those of these ecosystems. */
export function segmentsFrom(folder: string, faulty: FaultyList, wanted: readonly string[] | null): Segments {
  const writers = new Map<string, { readonly file: string; readonly writer: SegmentWriter }>();
  const writerOf = (ecosystem: string): SegmentWriter => {
    const known = writers.get(ecosystem);
    if (known !== undefined) return known.writer;
    const made = newSegment(folder, ecosystem);
    writers.set(ecosystem, made);
    return made.writer;
  };
  return {
    take: (document) => {
      const taken = recordOf(document, faulty);
      if (taken === null) return;
      for (const ecosystem of ecosystemsOf(taken.record)) {
        if (wanted === null || wanted.includes(ecosystem)) writerOf(ecosystem).add(taken.record, taken.json);
      }
    },
    finish: () =>
      [...writers]
        .map(([ecosystem, { file, writer }]): SegmentEntry => ({ ecosystem, file, records: writer.finish().records, role: "main" }))
        .toSorted((a, b) => byCodeUnit(a.ecosystem, b.ecosystem)),
    abort: () => {
      for (const { writer } of writers.values()) writer.abort();
    },
  };
}

/** A segment under a name that was never used: whoever reads an older one keeps it. */
export function newSegment(folder: string, ecosystem: string): { readonly file: string; readonly writer: SegmentWriter } {
  const slug = ecosystem.replace(/[^\w.-]+/g, "_") || "none";
  const file = `${slug}-${randomUUID()}.segment`;
  return { file, writer: writeSegment(join(folder, file), ecosystem) };
}

/** Puts a source into the manifest, in place of what it was before, and counts the base anew. */
export function commitSource(folder: string, state: BaseState, entry: Omit<SourceEntry, "records">): void {
  const others = state.manifest.sources.filter((source) => source.key !== entry.key);
  const position = state.manifest.sources.findIndex((source) => source.key === entry.key);
  const ids = new Set<string>();
  const kept: SourceEntry[] = [];
  for (const source of others) {
    try {
      collectIds(folder, source.segments, ids);
      kept.push(source);
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== "store/corrupt") throw error;
      state.notes.push(`${error.message} What came from ${source.name} has to be synced again.`);
    }
  }
  const own = new Set<string>();
  collectIds(folder, entry.segments, own);
  for (const id of own) ids.add(id);
  const sources = kept.toSpliced(position === -1 ? kept.length : Math.min(position, kept.length), 0, { ...entry, records: own.size });
  state.manifest = { ...state.manifest, records: ids.size, sources };
  writeManifest(folder, state.manifest);
}

function collectIds(folder: string, segments: readonly SegmentEntry[], ids: Set<string>): void {
  const removed = new Set<string>();
  const own = new Set<string>();
  for (const entry of segments) {
    const segment = openKnown(folder, entry.file);
    for (const id of segment.ids()) own.add(id);
    for (const id of segment.removed()) removed.add(`${entry.ecosystem}\n${id}`);
    segment.close();
  }
  // What one ecosystem's export has dropped may still be in another's.
  for (const entry of segments) {
    if (entry.role !== "main" || removed.size === 0) continue;
    const segment = openKnown(folder, entry.file);
    for (const id of segment.ids()) if (removed.has(`${entry.ecosystem}\n${id}`)) own.delete(id);
    segment.close();
  }
  for (const id of own) ids.add(id);
}

/** A segment that the manifest names; one that is missing is damage too. */
export function openKnown(folder: string, file: string): Segment {
  try {
    return openSegment(join(folder, file));
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw new Fault("store/corrupt", `The advisory base in ${folder} lacks ${file}.`, {
      hint: "Run `tributary sync` again.",
      cause: error,
    });
  }
}
