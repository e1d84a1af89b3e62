/**
 * Compares a rebuilt tarball with the published one after the stabilisers that the field agrees on (OSS Rebuild's "gzip" and "tar" passes:
 * the order of entries, times, owners, modes but for the right to be run), and names those that had something to do. What no stabiliser takes
 * away (two entries with one path, links, data behind the end) is a difference.
 */
import { gunzipSync } from "node:zlib";
import { openArchive } from "../../artifacts/index.ts";
import { type ArchiveComparison, Fault, sha256 } from "../../model/index.ts";

/** As for what is read of a package. */
const TAR_BYTES = 512 * 1024 * 1024;
const BLOCK = 512;
/** Lists in the result; the counts say how many there are. */
const MAX_LISTED = 1_000;

interface Stable {
  /** Unpacked. */
  readonly tar: Buffer;
  readonly stabilised: Buffer;
  /** SHA-256 of content and the right to be run, by path as it stands in the archive. */
  readonly entries: ReadonlyMap<string, string>;
  /** What each stabiliser takes away, as one text: where two differ, it had something to do. */
  readonly order: string;
  readonly times: string;
  readonly owners: string;
  readonly modes: string;
  readonly strange: readonly string[];
}

/** Never throws for what is wrong with the archives: that is part of the answer. */
export async function compareTarballs(published: Uint8Array, rebuilt: Uint8Array): Promise<ArchiveComparison> {
  const [theirs, ours] = [await stabilise(published), await stabilise(rebuilt)];
  const onlyPublished = [...theirs.entries.keys()].filter((path) => !ours.entries.has(path)).toSorted();
  const onlyRebuilt = [...ours.entries.keys()].filter((path) => !theirs.entries.has(path)).toSorted();
  const different = [...theirs.entries]
    .filter(([path, hash]) => ours.entries.has(path) && ours.entries.get(path) !== hash)
    .map(([path]) => path);
  const bits = Buffer.compare(published, rebuilt) === 0;
  const tar = theirs.tar.length > 0 && theirs.tar.equals(ours.tar);
  // What is strange in the published one counts even where ours shares it: an archive that readers see differently has no one content.
  const stable = theirs.stabilised.equals(ours.stabilised) && theirs.strange.length === 0 && ours.strange.length === 0;
  const stabilisers = [
    ...(bits ? [] : ["gzip"]),
    ...(bits || tar
      ? []
      : [
          ...(theirs.order === ours.order ? [] : ["tar-entry-order"]),
          ...(theirs.times === ours.times ? [] : ["tar-time"]),
          ...(theirs.owners === ours.owners ? [] : ["tar-owners"]),
          ...(theirs.modes === ours.modes ? [] : ["tar-mode"]),
        ]),
  ];
  // Equal in all of these and yet not as tar: pax headers, padding, another dialect.
  if (stabilisers.length === 1 && !bits && !tar) stabilisers.push("tar-format");
  return {
    equal: bits && stable ? "bits" : tar && stable ? "tar" : stable ? "stable" : "no",
    stabilisers: stable ? stabilisers : [],
    stabilised: { published: sha256(theirs.stabilised), rebuilt: sha256(ours.stabilised) },
    onlyPublished: onlyPublished.slice(0, MAX_LISTED),
    onlyRebuilt: onlyRebuilt.slice(0, MAX_LISTED),
    different: different.toSorted().slice(0, MAX_LISTED),
    notes: [...theirs.strange.map((what) => `published: ${what}`), ...ours.strange.map((what) => `rebuilt: ${what}`)],
  };
}

async function stabilise(tarball: Uint8Array): Promise<Stable> {
  const strange: string[] = [];
  const listed: { readonly path: string; readonly executable: boolean; readonly bytes: Buffer }[] = [];
  const entries = new Map<string, string>();
  const packed = tarball[0] === 0x1f && tarball[1] === 0x8b;
  let tar: Buffer = Buffer.alloc(0);
  const reading = openArchive(tarball, packed ? "tgz" : "tar");
  try {
    for await (const entry of reading) {
      // A folder without content is made by every unpacker anyway.
      if (entry.kind === "directory") continue;
      if (entry.kind !== "file") {
        strange.push(`${entry.path} is a ${entry.kind}`);
        continue;
      }
      if (entries.has(entry.path)) strange.push(`${entry.path} is there twice`);
      const bytes = await entry.bytes(TAR_BYTES);
      const executable = (entry.mode & 0o100) !== 0;
      listed.push({ path: entry.path, executable, bytes });
      entries.set(entry.path, `${sha256(bytes)}${executable ? " x" : ""}`);
    }
    for (const hazard of reading.hazards()) strange.push(`${hazard.kind} ${hazard.path}: ${hazard.detail}`);
    if (!reading.complete()) strange.push("it could not be read to its end");
    tar = packed ? gunzipSync(tarball, { maxOutputLength: TAR_BYTES }) : Buffer.from(tarball);
  } catch (error) {
    if (!(error instanceof Fault) && !(error instanceof RangeError) && !isZlib(error)) throw error;
    strange.push(error instanceof Error ? error.message : "it could not be read");
  }
  const headers = tarHeaders(tar);
  const sorted = headers.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const each = (of: (header: Header) => string): string => sorted.map((header) => `${header.path}\0${of(header)}`).join("\n");
  return {
    tar,
    stabilised: writeStable(listed),
    entries,
    order: headers.map((header) => header.path).join("\n"),
    times: each((header) => header.time),
    owners: each((header) => header.owner),
    modes: each((header) => header.mode),
    strange,
  };
}

const isZlib = (error: unknown): error is Error => error instanceof Error && "code" in error && /^(?:Z_|ERR_)/.test(String(error.code));

interface Header {
  readonly path: string;
  readonly mode: string;
  readonly owner: string;
  readonly time: string;
}

/** The fields of ustar headers that stabilisers take away. Only to name what they did: nothing is decided by it. */
function tarHeaders(tar: Buffer): readonly Header[] {
  const headers: Header[] = [];
  const field = (at: number, start: number, length: number): string => {
    const text = tar.toString("latin1", at + start, at + start + length);
    const end = text.indexOf("\0");
    return (end === -1 ? text : text.slice(0, end)).trim();
  };
  for (let at = 0; at + BLOCK <= tar.length;) {
    const size = Number.parseInt(field(at, 124, 12) || "0", 8);
    if (tar[at] === 0 || !Number.isSafeInteger(size)) break;
    const type = field(at, 156, 1);
    if (type === "" || type === "0")
      headers.push({
        path: `${field(at, 345, 155)}/${field(at, 0, 100)}`,
        mode: field(at, 100, 8),
        owner: [field(at, 108, 8), field(at, 116, 8), field(at, 265, 32), field(at, 297, 32)].join(":"),
        time: field(at, 136, 12),
      });
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return headers;
}

/** A tar with its entries sorted, no times and no owners, modes 644 or 755; a name beyond 100 bytes stands in a pax header. */
function writeStable(files: readonly { readonly path: string; readonly executable: boolean; readonly bytes: Buffer }[]): Buffer {
  const parts: Buffer[] = [];
  for (const { path, executable, bytes } of files.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))) {
    if (Buffer.byteLength(path) > 100) {
      const record = paxRecord("path", path);
      parts.push(header("pax", record.length, "x", false), record, padding(record.length));
    }
    parts.push(header(path, bytes.length, "0", executable), bytes, padding(bytes.length));
  }
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}

const padding = (size: number): Buffer => Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);

function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + 1;
  while (String(length).length + rest !== length) length = String(length).length + rest;
  return Buffer.from(`${length} ${key}=${value}\n`);
}

function header(path: string, size: number, type: string, executable: boolean): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, width: number): number =>
    block.write(`${value.toString(8).padStart(width - 1, "0")}\0`, at, "latin1");
  Buffer.from(path).copy(block, 0, 0, 100);
  octal(executable ? 0o755 : 0o644, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(0, 136, 12);
  block.write("        ", 148, "latin1");
  block.write(type, 156, "latin1");
  block.write("ustar\x0000", 257, "latin1");
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}
