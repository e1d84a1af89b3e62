/**
 * A segment is one file with the advisories of one source for one ecosystem. It is written once, from front to back, and never changed:
 * whoever has it open keeps what it saw. Little endian throughout.
 *
 *     header 128 bytes │ blocks … │ package lists … │ block directory │ package table │
 *     record directory │ id table │ names
 *
 * - *blocks*: whole records as JSON, some 32 KiB together, zstd. Read only when a match is explained.
 * - *package list*: every `affected` entry that names one package, compact JSON. Read when that package is asked for.
 * - *package table*: open addressing over a hash of the package's name. Read whole: it answers "nothing is known" from memory.
 * - *id table*: the same over ids and aliases, for `explain` and to see which records a newer segment replaces.
 * - *names*: the ids, sorted, in the record directory's order, and those that are no more.
 *
 * The header, the tables, each block and each package list carry a CRC-32, so that a damaged byte is noticed where it is read.
 */
import { crc32 } from "node:zlib";
import type { AdvisoryCandidate, OsvAffected, OsvEvent, OsvRange, OsvRecord } from "../model/index.ts";
import { baseEcosystem, packageKey } from "../model/index.ts";

const SEGMENT_MAGIC = "TRIBADV1";
export const HEADER_BYTES = 128;
/** Uncompressed. Larger blocks compress better, smaller ones are read faster for a single record: 32 KiB takes some 60 µs to open. */
export const BLOCK_BYTES = 32_768;
/** Hash, offset, length: three unsigned 32-bit numbers. */
export const PACKAGE_SLOT_WORDS = 3;
/** Hash, and the record's number plus one, with the alias bit below it. */
export const ID_SLOT_WORDS = 2;
/** Block, start and length in the block, then `modified` in milliseconds as two 32-bit halves of a double. */
export const RECORD_WORDS = 5;
/** Offset (two words), compressed length, uncompressed length, CRC-32. */
export const BLOCK_WORDS = 5;

export interface SegmentHeader {
  readonly fileBytes: number;
  readonly records: number;
  readonly removed: number;
  readonly packages: number;
  readonly listsAt: number;
  readonly blocksAt: number;
  readonly blocks: number;
  readonly packagesAt: number;
  readonly packageSlots: number;
  readonly packagesCrc: number;
  readonly recordsAt: number;
  readonly idsAt: number;
  readonly idSlots: number;
  /** Of block directory, record directory and id table. */
  readonly directoryCrc: number;
}

const headerFields: readonly (keyof SegmentHeader)[] = [
  "fileBytes",
  "records",
  "removed",
  "packages",
  "listsAt",
  "blocksAt",
  "blocks",
  "packagesAt",
  "packageSlots",
  "packagesCrc",
  "recordsAt",
  "idsAt",
  "idSlots",
  "directoryCrc",
];

export function encodeHeader(header: SegmentHeader): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.write(SEGMENT_MAGIC, "latin1");
  let at = SEGMENT_MAGIC.length;
  for (const field of headerFields) {
    bytes.writeDoubleLE(header[field], at);
    at += 8;
  }
  bytes.writeUInt32LE(crc32(bytes.subarray(0, HEADER_BYTES - 4)), HEADER_BYTES - 4);
  return bytes;
}

/** The header, or null where the bytes are not the whole header of a segment. */
export function decodeHeader(bytes: Buffer): SegmentHeader | null {
  if (bytes.length < HEADER_BYTES || bytes.toString("latin1", 0, SEGMENT_MAGIC.length) !== SEGMENT_MAGIC) return null;
  if (crc32(bytes.subarray(0, HEADER_BYTES - 4)) !== bytes.readUInt32LE(HEADER_BYTES - 4)) return null;
  const header: Partial<Record<keyof SegmentHeader, number>> = {};
  let at = SEGMENT_MAGIC.length;
  for (const field of headerFields) {
    header[field] = bytes.readDoubleLE(at);
    at += 8;
  }
  return header as SegmentHeader;
}

/** FNV-1a over UTF-16 code units with a final mix, so that the low bits, which choose the slot, depend on every character. Never 0. */
export function hashName(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0 || 1;
}

/** Slots for `count` entries: a power of two, at most two thirds full, so that a miss ends after one or two steps. */
export function slotsFor(count: number): number {
  let slots = 16;
  while (slots * 2 < count * 3) slots *= 2;
  return slots;
}

/** One `affected` entry as the package list holds it. */
export type PackedCandidate = readonly [
  id: string,
  aliases: readonly string[],
  modified: string,
  withdrawn: 0 | 1,
  affected: number,
  ecosystem: string,
  ranges: readonly PackedRange[],
  /** One line feed before and after each, so that a search for a line is a search for a version. */
  versions: string,
  fixedVersions: readonly string[],
  lastKnown: string,
];

/** `S` or `E`, then kind (`i`, `f`, `a`, `l`) and version in turn. */
type PackedRange = readonly [type: "S" | "E", ...events: string[]];

const eventKinds = { introduced: "i", fixed: "f", last_affected: "a", limit: "l" } as const;

/**
 * The entries of a record that name a package of the given ecosystem (without release), by package key. Records that cannot match
 * anything any more (`withdrawn`) are kept, marked.
 */
export function packRecord(record: OsvRecord, ecosystem: string): readonly (readonly [key: string, candidate: PackedCandidate])[] {
  const packed: (readonly [string, PackedCandidate])[] = [];
  for (const [index, entry] of (record.affected ?? []).entries()) {
    if (entry.package === undefined || baseEcosystem(entry.package.ecosystem) !== ecosystem) continue;
    packed.push([packageKey(ecosystem, entry.package.name), packEntry(record, entry, index)]);
  }
  return packed;
}

function packEntry(record: OsvRecord, entry: OsvAffected, index: number): PackedCandidate {
  const ranges: PackedRange[] = [];
  for (const range of entry.ranges ?? []) {
    if (range.type === "GIT") continue;
    const events: string[] = [];
    for (const event of range.events) {
      for (const [name, kind] of Object.entries(eventKinds)) {
        const version = event[name as keyof typeof eventKinds];
        if (version !== undefined) events.push(kind, version);
      }
    }
    ranges.push([range.type === "SEMVER" ? "S" : "E", ...events]);
  }
  const specific = entry.database_specific ?? {};
  const fixed = specific["fixed_versions"];
  const lastKnown = specific["last_known_affected_version_range"];
  const versions = entry.versions ?? [];
  return [
    record.id,
    record.aliases ?? [],
    record.modified,
    record.withdrawn === undefined ? 0 : 1,
    index,
    entry.package?.ecosystem ?? "",
    ranges,
    versions.length === 0 ? "" : `\n${versions.join("\n")}\n`,
    Array.isArray(fixed) ? fixed.filter((version) => typeof version === "string") : [],
    typeof lastKnown === "string" ? lastKnown : "",
  ];
}

const eventOf = (kind: string, version: string): OsvEvent => {
  switch (kind) {
    case "i":
      return { introduced: version };
    case "f":
      return { fixed: version };
    case "a":
      return { last_affected: version };
    default:
      return { limit: version };
  }
};

function unpackRange([type, ...events]: PackedRange): OsvRange {
  const unpacked: OsvEvent[] = [];
  for (let i = 0; i + 1 < events.length; i += 2) unpacked.push(eventOf(events[i] ?? "", events[i + 1] ?? ""));
  return { type: type === "S" ? "SEMVER" : "ECOSYSTEM", events: unpacked };
}

export function unpackCandidate(packed: PackedCandidate, source: string, record: () => OsvRecord): AdvisoryCandidate {
  const [id, aliases, modified, withdrawn, affected, ecosystem, ranges, versions, fixedVersions, lastKnown] = packed;
  return {
    id,
    aliases,
    modified,
    withdrawn: withdrawn === 1,
    source,
    affected,
    ecosystem,
    ranges: ranges.map(unpackRange),
    lists: (version) => versions !== "" && !version.includes("\n") && versions.includes(`\n${version}\n`),
    versions: () => (versions === "" ? [] : versions.slice(1, -1).split("\n")),
    fixedVersions,
    lastKnown,
    record,
  };
}

/** Milliseconds since 1970 of a record's `modified`; where it is no time, before all others, so that it never wins. */
export function modifiedTime(record: Pick<OsvRecord, "modified">): number {
  const time = Date.parse(record.modified);
  return Number.isFinite(time) ? time : Number.NEGATIVE_INFINITY;
}
