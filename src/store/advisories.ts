/**
 * The advisory base: answers "what is known against this package?" from a few files (see `advisories-format.ts`), without a server and
 * without reading more than it must. Several sources may speak of one advisory: of each id only the newest record counts, so that
 * one that was narrowed or withdrawn takes back what an older copy said.
 *
 *     manifest ── source ── segment (ecosystem, main) ◄── segment (delta: changed since, removed since)
 */
import { join } from "node:path";
import {
  type AdvisoryBase,
  type AdvisoryBaseInfo,
  type AdvisoryCandidate,
  Fault,
  type OsvRecord,
  baseEcosystem,
  byCodeUnit,
  packageKey,
  sameRelease,
} from "../model/index.ts";
import { modifiedTime, unpackCandidate } from "./advisories-format.ts";
import { type Manifest, readManifest } from "./advisories-manifest.ts";
import { type Segment, openSegment } from "./advisories-segment.ts";

/** Packages whose answer is kept: a project asks for the same ones again and again. The oldest goes first. */
const KEPT_ANSWERS = 8192;
/** A sync may replace the files between our reading the list and our opening them; it does not do so often. */
const OPEN_ATTEMPTS = 5;

interface Part {
  readonly source: string;
  /** Later parts of one source speak for it. */
  readonly rank: number;
  readonly sourceIndex: number;
  readonly segment: Segment;
}

/**
 * Opens the base in `folder`. The files are opened at once, so that a sync that runs meanwhile changes nothing for this reader; their
 * tables are read when an ecosystem is first asked for. A folder without a base answers nothing and its `info()` is null.
 * Throws `store/corrupt` (here, or where a damaged part is first touched), `store/newer`, `store/unusable`.
 */
export function openAdvisoryBase(folder: string): AdvisoryBase {
  const { manifest, parts } = openParts(folder);
  const answers = new Map<string, readonly AdvisoryCandidate[]>();
  const none: readonly AdvisoryCandidate[] = [];
  const all = [...parts.values()].flat();

  const find = (ecosystem: string, base: string, key: string): readonly AdvisoryCandidate[] => {
    const peers = parts.get(base);
    if (peers === undefined) return none;
    let found: AdvisoryCandidate[] | null = null;
    for (const part of peers) {
      for (const packed of part.segment.list(key)) {
        if (!sameRelease(packed[5], ecosystem)) continue;
        if (peers.length > 1 && outdated(part, peers, packed[0], modifiedTime({ modified: packed[2] }))) continue;
        found ??= [];
        found.push(unpackCandidate(packed, part.source, () => recordOf(part.segment, packed[0])));
      }
    }
    return found === null ? none : found.toSorted((a, b) => byCodeUnit(a.id, b.id) || a.affected - b.affected);
  };

  return {
    covers: (ecosystem) => parts.has(baseEcosystem(ecosystem)),
    candidates: (ecosystem, name) => {
      const base = baseEcosystem(ecosystem);
      const key = packageKey(ecosystem, name);
      const question = `${ecosystem}\n${key}`;
      const known = answers.get(question);
      if (known !== undefined) return known;
      const answer = find(ecosystem, base, key);
      if (answer.length > 0) {
        const oldest = answers.size >= KEPT_ANSWERS ? answers.keys().next() : undefined;
        if (oldest !== undefined && oldest.done !== true) answers.delete(oldest.value);
        answers.set(question, answer);
      }
      return answer;
    },
    record: (id) => newest(all, id) ?? newestAlias(all, id),
    info: () => (manifest === null || manifest.sources.length === 0 ? null : infoOf(manifest)),
    close: () => {
      for (const part of all) part.segment.close();
    },
  };
}

/** Does another part hold a statement on this id that counts more than this part's? */
function outdated(part: Part, peers: readonly Part[], id: string, modified: number): boolean {
  return peers.some((peer) => {
    if (peer === part) return false;
    if (peer.sourceIndex === part.sourceIndex) {
      return peer.rank > part.rank && (peer.segment.removes(id) || peer.segment.modifiedOf(id) !== null);
    }
    const other = peer.segment.modifiedOf(id);
    if (other === null || other < modified) return false;
    if (other === modified && peer.sourceIndex > part.sourceIndex) return false;
    return !peers.some((newer) => newer.sourceIndex === peer.sourceIndex && newer.rank > peer.rank && newer.segment.removes(id));
  });
}

function recordOf(segment: Segment, id: string): OsvRecord {
  const record = segment.record(id);
  if (record === null) throw new Error(`the advisory base lists ${id} and does not hold it`);
  return record;
}

function newest(parts: readonly Part[], id: string): { readonly record: OsvRecord; readonly source: string } | null {
  let best: Part | null = null;
  // Some records bear the year 1: times may be negative.
  let bestTime = Number.NEGATIVE_INFINITY;
  for (const part of parts) {
    const time = part.segment.modifiedOf(id);
    if (time === null) continue;
    const replaced = parts.some((peer) => peer.sourceIndex === part.sourceIndex && peer.rank > part.rank && peer.segment.removes(id));
    const later = best !== null && best.sourceIndex === part.sourceIndex && part.rank > best.rank;
    if (!replaced && (best === null || later || time > bestTime)) {
      best = part;
      bestTime = time;
    }
  }
  return best === null ? null : { record: recordOf(best.segment, id), source: best.source };
}

function newestAlias(parts: readonly Part[], alias: string): { readonly record: OsvRecord; readonly source: string } | null {
  const ids = new Set(parts.flatMap((part) => [...part.segment.aliasOf(alias)]));
  const [first] = [...ids].toSorted(byCodeUnit);
  return first === undefined ? null : newest(parts, first);
}

function openParts(folder: string): { readonly manifest: Manifest | null; readonly parts: ReadonlyMap<string, readonly Part[]> } {
  for (let attempt = 1; ; attempt += 1) {
    const manifest = readManifest(folder);
    const parts = new Map<string, Part[]>();
    try {
      for (const [sourceIndex, source] of (manifest?.sources ?? []).entries()) {
        for (const entry of source.segments) {
          const part = {
            source: source.name,
            rank: entry.role === "main" ? 0 : 1,
            sourceIndex,
            segment: openSegment(join(folder, entry.file)),
          };
          const known = parts.get(entry.ecosystem);
          if (known === undefined) parts.set(entry.ecosystem, [part]);
          else known.push(part);
        }
      }
      return { manifest, parts };
    } catch (error) {
      for (const part of [...parts.values()].flat()) part.segment.close();
      const gone = error instanceof Error && "code" in error && error.code === "ENOENT";
      if (!gone) throw error;
      if (attempt >= OPEN_ATTEMPTS) {
        throw new Fault("store/corrupt", `The advisory base in ${folder} lacks one of its files.`, {
          hint: "Run `tributary sync` to build it anew.",
          cause: error,
        });
      }
    }
  }
}

function ecosystemsOf(segments: readonly { readonly ecosystem: string }[]): readonly string[] {
  return [...new Set(segments.map((segment) => segment.ecosystem).filter((ecosystem) => ecosystem !== ""))].toSorted(byCodeUnit);
}

function infoOf(manifest: Manifest): AdvisoryBaseInfo {
  return {
    source: manifest.sources.map((source) => source.name).join(", "),
    records: manifest.records,
    asOf: manifest.sources.map((source) => source.asOf).toSorted(byCodeUnit)[0] ?? "",
    ecosystems: ecosystemsOf(manifest.sources.flatMap((source) => source.segments)),
    sources: manifest.sources.map((source) => ({
      name: source.name,
      asOf: source.asOf,
      records: source.records,
      ecosystems: ecosystemsOf(source.segments),
    })),
  };
}
