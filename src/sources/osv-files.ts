/**
 * Reads advisories from disk, whatever they lie in: a folder of them, a zip export (`<ecosystem>/all.zip`, as OSV publishes it and
 * osv-scanner keeps it), JSON, JSON lines or YAML, plain or compressed. Documents come in batches, so that neither the largest file nor the
 * number of records decides how much memory it takes.
 */
import { closeSync, createReadStream, openSync, readFileSync, readSync, readdirSync, statSync } from "node:fs";
import { basename, extname, join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream";
import { setImmediate } from "node:timers/promises";
import {
  brotliDecompressSync,
  createBrotliDecompress,
  createGunzip,
  createZstdDecompress,
  gunzipSync,
  zstdDecompressSync,
} from "node:zlib";
import { parse as parseYaml } from "yaml";
import { Fault, byCodeUnit } from "../model/index.ts";
import { RECORD_MAX_BYTES, zipEntries } from "./osv-zip.ts";

/** One document that claims to be an advisory. */
export interface AdvisoryDocument {
  /** Where it stands, for messages: `npm/all.zip: GHSA-….json`, `records.ndjson:17`. */
  readonly place: string;
  /** As it came, where it is JSON of one record; null where it had to be taken apart or converted. */
  readonly json: Buffer | null;
  readonly value: unknown;
  /** Why it could not be read; `value` is then undefined. */
  readonly problem?: string;
}

/** Large enough that handing batches over costs nothing, small enough to stay in the cache. */
const BATCH = 256;
/** Deeper trees of advisories are not known; a cycle of mounts would have no end. */
const DEPTH_MAX = 32;
/** Every whole JSON or YAML document is held in memory; record sets that are larger come as lines or zip. */
const DOCUMENT_MAX_BYTES = 256 * 1024 * 1024;

const compressions = [".gz", ".br", ".zst"] as const;
type Compression = (typeof compressions)[number] | "";
type Form = "zip" | "json" | "lines" | "yaml";

interface FileKind {
  readonly compression: Compression;
  readonly form: Form;
}

/** By the name; null where it is no file of advisories. */
function kindOf(path: string): FileKind | null {
  const name = basename(path).toLowerCase();
  const compression = compressions.find((ending) => name.endsWith(ending)) ?? "";
  const plain = name.slice(0, name.length - compression.length);
  switch (extname(plain)) {
    case ".zip":
      return compression === "" ? { compression, form: "zip" } : null;
    case ".json":
      return { compression, form: "json" };
    case ".ndjson":
    case ".jsonl":
      return { compression, form: "lines" };
    case ".yaml":
    case ".yml":
      return { compression, form: "yaml" };
    default:
      return null;
  }
}

/**
 * All documents under `path`, in the order of their names. In a folder that holds an `all.zip`, that is taken and the single records
 * beside it, which it repeats, are not; where ecosystems are named and their folders hold one each, only those are read. `known` says
 * what a file is whose name does not, and how messages call it.
 * A single bad document is handed on with its problem. Throws `input/not-found`, and `input/unreadable` or `artifact/*` where a container is
 * cut off or damaged: half of it must not pass for the whole.
 */
export async function* advisoryDocuments(
  path: string,
  ecosystems: readonly string[] = [],
  known?: { readonly form: "zip"; readonly place: string },
): AsyncGenerator<readonly AdvisoryDocument[]> {
  if (known !== undefined) {
    yield* fileDocuments(path, { compression: "", form: known.form }, known.place);
    return;
  }
  let isFolder: boolean;
  try {
    isFolder = statSync(path).isDirectory();
  } catch (error) {
    throw new Fault("input/not-found", `There is no file or folder ${path}.`, { cause: error });
  }
  if (!isFolder) {
    yield* fileDocuments(path, kindOf(path) ?? { compression: "", form: sniff(path) }, basename(path));
    return;
  }
  const exports = ecosystems.map((ecosystem) => join(path, ecosystem, "all.zip"));
  if (exports.length > 0 && exports.every((file) => statSync(file, { throwIfNoEntry: false })?.isFile() === true)) {
    for (const [index, file] of exports.entries())
      yield* fileDocuments(file, { compression: "", form: "zip" }, `${ecosystems[index]}/all.zip`);
    return;
  }
  yield* folderDocuments(path, "", 0);
}

async function* folderDocuments(root: string, relative: string, depth: number): AsyncGenerator<readonly AdvisoryDocument[]> {
  if (depth > DEPTH_MAX) throw new Fault("input/unreadable", `${join(root, relative)} lies too deep to be a folder of advisories.`);
  const folder = join(root, relative);
  const entries = readdirSync(folder, { withFileTypes: true }).toSorted((a, b) => byCodeUnit(a.name, b.name));
  const under = (name: string): string => (relative === "" ? name : `${relative}/${name}`);
  if (entries.some((entry) => entry.name === "all.zip" && entry.isFile())) {
    yield* fileDocuments(join(folder, "all.zip"), { compression: "", form: "zip" }, under("all.zip"));
    return;
  }
  let batch: AdvisoryDocument[] = [];
  for (const entry of entries) {
    const name = under(entry.name);
    const kind = kindOf(entry.name);
    if (entry.isDirectory()) {
      if (entry.name !== ".git" && entry.name !== "node_modules") yield* folderDocuments(root, name, depth + 1);
    } else if (kind !== null && kind.compression === "" && (kind.form === "json" || kind.form === "yaml")) {
      // The usual clone of a database: one small file for each record. Handed over many at a time.
      batch.push(...wholeDocument(readWhole(join(folder, entry.name), kind), kind.form, name));
      if (batch.length >= BATCH) {
        yield batch;
        batch = [];
      }
    } else if (kind !== null) yield* fileDocuments(join(folder, entry.name), kind, name);
  }
  if (batch.length > 0) yield batch;
}

async function* fileDocuments(path: string, kind: FileKind, place: string): AsyncGenerator<readonly AdvisoryDocument[]> {
  if (kind.form === "zip") yield* zipDocuments(path, place);
  else if (kind.form === "lines") yield* lineDocuments(path, kind.compression, place);
  else yield wholeDocument(readWhole(path, kind), kind.form, place);
}

async function* zipDocuments(path: string, place: string): AsyncGenerator<readonly AdvisoryDocument[]> {
  let batch: AdvisoryDocument[] = [];
  for (const { name, bytes } of zipEntries(path, (entry) => kindOf(entry) !== null)) {
    const kind = kindOf(name);
    if (kind?.form === "json" || kind?.form === "yaml") batch.push(...wholeDocument(bytes, kind.form, `${place}: ${name}`));
    else if (kind?.form === "lines")
      batch.push(...linesOf(bytes).map((line, index) => jsonDocument(line, `${place}: ${name}:${index + 1}`)));
    if (batch.length >= BATCH) {
      yield batch;
      batch = [];
      // The memory of each entry's decompressor is given back in a turn of the event loop; without one it would pile up to gigabytes.
      await setImmediate();
    }
  }
  if (batch.length > 0) yield batch;
}

/** Empty, or no more than the carriage return of an empty line. */
const isBlank = (line: Buffer): boolean => line.length === 0 || (line.length === 1 && line[0] === 13);

function linesOf(bytes: Buffer): readonly Buffer[] {
  const lines: Buffer[] = [];
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(10, start);
    const line = bytes.subarray(start, end === -1 ? bytes.length : end);
    if (!isBlank(line)) lines.push(line);
    start = end === -1 ? bytes.length : end + 1;
  }
  return lines;
}

async function* lineDocuments(path: string, compression: Compression, place: string): AsyncGenerator<readonly AdvisoryDocument[]> {
  let rest: Buffer = Buffer.alloc(0);
  let number = 0;
  try {
    for await (const chunk of stream(path, compression)) {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const batch: AdvisoryDocument[] = [];
      let start = 0;
      for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, start)) {
        number += 1;
        const line = bytes.subarray(start, end);
        if (!isBlank(line)) batch.push(jsonDocument(line, `${place}:${number}`));
        start = end + 1;
      }
      rest = bytes.subarray(start);
      if (rest.length > RECORD_MAX_BYTES)
        throw new Fault("input/too-large", `${place}:${number + 1} is a line of more than ${RECORD_MAX_BYTES} bytes.`);
      if (batch.length > 0) yield batch;
    }
  } catch (error) {
    throw unreadable(error, path);
  }
  if (!isBlank(rest)) yield [jsonDocument(rest, `${place}:${number + 1}`)];
}

/** Two to four records a chunk would make many small batches of a stream that decompresses 16 KiB at a time. */
const CHUNK_BYTES = 1024 * 1024;

function stream(path: string, compression: Compression): AsyncIterable<Buffer> {
  const file = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  const options = { chunkSize: CHUNK_BYTES };
  const unpack =
    compression === ".gz"
      ? createGunzip(options)
      : compression === ".br"
        ? createBrotliDecompress(options)
        : compression === ".zst"
          ? createZstdDecompress(options)
          : null;
  // An error of either side ends the other, and reaches the loop that reads.
  return unpack === null ? file : (pipeline(file, unpack, () => undefined) as Readable);
}

function readWhole(path: string, kind: FileKind): Buffer {
  try {
    const size = statSync(path).size;
    if (size > DOCUMENT_MAX_BYTES)
      throw new Fault("input/too-large", `${path} has ${size} bytes; record sets of that size come as JSON lines or zip.`);
    const bytes = readFileSync(path);
    const limit = { maxOutputLength: DOCUMENT_MAX_BYTES };
    switch (kind.compression) {
      case ".gz":
        return gunzipSync(bytes, limit);
      case ".br":
        return brotliDecompressSync(bytes, limit);
      case ".zst":
        return zstdDecompressSync(bytes, limit);
      default:
        return bytes;
    }
  } catch (error) {
    throw unreadable(error, path);
  }
}

function unreadable(error: unknown, path: string): unknown {
  if (error instanceof Fault) return error;
  return new Fault("input/unreadable", `${path} cannot be read to its end: ${error instanceof Error ? error.message : String(error)}.`, {
    hint: "It may be cut off: fetch it again. The advisory base is as it was.",
    cause: error,
  });
}

/** A record, a list of records, or an API's answer (`{"vulns": […]}`). */
function wholeDocument(bytes: Buffer, form: "json" | "yaml", place: string): readonly AdvisoryDocument[] {
  let value: unknown;
  try {
    value = form === "json" ? JSON.parse(textOf(bytes)) : parseYaml(textOf(bytes), { schema: "core", logLevel: "silent" });
  } catch (error) {
    return [{ place, json: null, value: undefined, problem: problemOf(error) }];
  }
  const many = Array.isArray(value) ? value : isAnswer(value) ? value.vulns : null;
  if (many !== null) return many.map((record: unknown, index) => ({ place: `${place}[${index}]`, json: null, value: record }));
  // The native databases name their records by their place in the tree.
  return [{ place, json: form === "json" && !hasMark(bytes) ? bytes : null, value: withPath(value, place) }];
}

const isAnswer = (value: unknown): value is { readonly vulns: readonly unknown[] } =>
  typeof value === "object" && value !== null && "vulns" in value && Array.isArray(value.vulns);

/** RubySec and FriendsOfPHP have no ids in their files: the path is the id. An OSV record has one and stays as it is. */
function withPath(value: unknown, place: string): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value) || "id" in value || "_path" in value) return value;
  const path = /(?:^|\/)((?:gems|rubies)\/[^/]+\/[^/]+|[^/]+\/[^/]+\/[^/]+)$/.exec(place.slice(place.indexOf(": ") + 1).trim())?.[1];
  return path === undefined ? value : { ...value, _path: path };
}

function jsonDocument(line: Buffer, place: string): AdvisoryDocument {
  try {
    return { place, json: hasMark(line) ? null : line, value: JSON.parse(textOf(line)) };
  } catch (error) {
    return { place, json: null, value: undefined, problem: problemOf(error) };
  }
}

/** A byte order mark, which is no JSON. */
const hasMark = (bytes: Buffer): boolean => bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
const textOf = (bytes: Buffer): string => bytes.toString("utf8", hasMark(bytes) ? 3 : 0);

/** The parser quotes what it met; a line of it says enough. */
const problemOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split("\n", 1)[0]?.slice(0, 200) ?? "";

/** For a file whose name says nothing: a zip by its first bytes (PK), else records line by line. */
function sniff(path: string): Form {
  const head = Buffer.alloc(4);
  const fd = openSync(path, "r");
  try {
    readSync(fd, head, 0, head.length, 0);
  } finally {
    closeSync(fd);
  }
  return head.readUInt32LE(0) === 0x04034b50 ? "zip" : "lines";
}
