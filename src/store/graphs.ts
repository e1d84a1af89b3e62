/**
 * Graphs that were loaded once and are asked often: a file each, `<name>.graph` in the folder `graphs` of the user's data. A header says
 * what the graph describes and where its arrays stand; the arrays follow as they lie in memory.
 *
 *     TRIBUTARY-GRAPH 1\n | length of header (4 bytes) | header (JSON) | padding to 8 | arrays, each padded to 8
 */
import { createHash } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { endianness } from "node:os";
import { join } from "node:path";
import { Fault } from "../model/index.ts";

const MAGIC = "TRIBUTARY-GRAPH 1\n";
/** A header holds a description and some twenty entries: kilobytes. */
const MAX_HEADER_BYTES = 16 * 1024 * 1024;
/** Node reads and writes at most 2 GiB at once. */
const PIECE_BYTES = 1024 * 1024 * 1024;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

export type Section = Int32Array | Uint8Array;

/** `about` is the writer's own; what was read comes back as unchecked JSON. */
export interface StoredGraph {
  readonly about: unknown;
  readonly sections: ReadonlyMap<string, Section>;
}

interface Entry {
  readonly name: string;
  readonly kind: "i32" | "u8";
  readonly length: number;
  readonly offset: number;
}

export const graphFolder = (data: string): string => join(data, "graphs");

/** Is it a name that a graph can be kept under? */
export const isGraphName = (name: string): boolean => NAME.test(name) && !name.endsWith(".graph");

const fileOf = (folder: string, name: string): string => {
  if (!isGraphName(name)) {
    throw new Fault("cli/usage", `${JSON.stringify(name)} is no name for a graph`, {
      hint: "letters, digits, dots, hyphens and underscores, at most 100",
    });
  }
  return join(folder, `${name}.graph`);
};

/** Keeps a graph, whole or not at all. Throws `cli/usage` for a name that is none, `store/full`, `store/unusable`. */
export function keepGraph(folder: string, name: string, about: unknown, sections: ReadonlyMap<string, Section>): void {
  if (endianness() !== "LE")
    throw new Fault("store/unusable", "graphs are kept with the lowest byte first, which this machine does not have");
  const file = fileOf(folder, name);
  const hash = createHash("sha256");
  const entries: Entry[] = [];
  let offset = 0;
  for (const [section, values] of sections) {
    entries.push({ name: section, kind: values instanceof Int32Array ? "i32" : "u8", length: values.length, offset });
    offset = padded(offset + values.byteLength);
  }
  // The description is part of what the digest speaks of: a turned bit in it is damage like any other.
  hash.update(JSON.stringify({ about, sections: entries }));
  for (const values of sections.values()) for (const piece of pieces(bytesOf(values))) hash.update(piece);
  const header = Buffer.from(JSON.stringify({ about, sections: entries, sha256: hash.digest("hex") }));
  const unfinished = `${file}.${process.pid}.unfinished`;
  let handle: number | undefined;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    handle = openSync(unfinished, "w", 0o600);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(header.length);
    const head = Buffer.concat([Buffer.from(MAGIC), length, header]);
    const begin = padded(head.length);
    writeSync(handle, head, 0, head.length, 0);
    for (const entry of entries) {
      let at = begin + entry.offset;
      for (const piece of pieces(bytesOf(sections.get(entry.name)!))) {
        for (let done = 0; done < piece.length;) done += writeSync(handle, piece, done, piece.length - done, at + done);
        at += piece.length;
      }
    }
    // The padding after the last array, and empty arrays there, are part of the file.
    ftruncateSync(handle, begin + offset);
    fsyncSync(handle);
    closeSync(handle);
    handle = undefined;
    renameSync(unfinished, file);
  } catch (cause) {
    if (handle !== undefined) closeSync(handle);
    rmSync(unfinished, { force: true });
    const full = cause instanceof Error && "code" in cause && cause.code === "ENOSPC";
    throw new Fault(
      full ? "store/full" : "store/unusable",
      `the graph could not be kept: ${cause instanceof Error ? cause.message : "?"}`,
      { cause },
    );
  }
}

/** A graph that was kept; null where there is none of that name. Throws `store/corrupt`. */
export function keptGraph(folder: string, name: string): StoredGraph | null {
  const file = fileOf(folder, name);
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) return null;
  const damaged = (why: string): Fault =>
    new Fault("store/corrupt", `the kept graph ${name} is damaged: ${why}`, { hint: `load it again: tributary graph load … --as ${name}` });
  const { header, begin, size } = readHeader(file, damaged);
  if (!Array.isArray(header.sections)) throw damaged("its header lists no arrays");
  const sections = new Map<string, Section>();
  const hash = createHash("sha256").update(JSON.stringify({ about: header.about, sections: header.sections }));
  const handle = openSync(file, "r");
  try {
    for (const entry of header.sections as readonly Entry[]) {
      const { length, offset, kind } = entry;
      const bytes = length * (kind === "i32" ? 4 : 1);
      if (!Number.isSafeInteger(length) || length < 0 || !Number.isSafeInteger(offset) || offset < 0 || begin + offset + bytes > size)
        throw damaged("it was cut off");
      const values = kind === "i32" ? new Int32Array(length) : new Uint8Array(length);
      let at = begin + offset;
      for (const piece of pieces(bytesOf(values))) {
        for (let done = 0; done < piece.length;) {
          const count = readSync(handle, piece, done, piece.length - done, at + done);
          if (count === 0) throw damaged("it was cut off");
          done += count;
        }
        hash.update(piece);
        at += piece.length;
      }
      sections.set(String(entry.name), values);
    }
  } finally {
    closeSync(handle);
  }
  if (hash.digest("hex") !== header.sha256) throw damaged("its contents are not what was kept");
  return { about: header.about, sections };
}

/** Names of the graphs that are kept, sorted, with what they say about themselves and their size in bytes; `about` is null for a damaged one. */
export function keptGraphs(folder: string): readonly { readonly name: string; readonly about: unknown; readonly bytes: number }[] {
  let files: string[];
  try {
    files = readdirSync(folder);
  } catch {
    return [];
  }
  return files
    .filter((file) => file.endsWith(".graph") && isGraphName(file.slice(0, -6)))
    .toSorted()
    .map((file) => {
      const path = join(folder, file);
      const bytes = statSync(path).size;
      try {
        return { name: file.slice(0, -6), about: readHeader(path, (why) => new Error(why)).header.about, bytes };
      } catch {
        return { name: file.slice(0, -6), about: null, bytes };
      }
    });
}

/** Forgets a graph. False where there was none of that name. */
export function forgetGraph(folder: string, name: string): boolean {
  const file = fileOf(folder, name);
  if (statSync(file, { throwIfNoEntry: false }) === undefined) return false;
  rmSync(file);
  return true;
}

interface Header {
  readonly about: unknown;
  readonly sections: unknown;
  readonly sha256: unknown;
}

function readHeader(
  file: string,
  damaged: (why: string) => Error,
): { readonly header: Header; readonly begin: number; readonly size: number } {
  const size = statSync(file).size;
  const handle = openSync(file, "r");
  try {
    const head = Buffer.alloc(MAGIC.length + 4);
    if (readSync(handle, head, 0, head.length, 0) < head.length || head.toString("latin1", 0, MAGIC.length) !== MAGIC)
      throw damaged("it does not begin as one");
    const length = head.readUInt32LE(MAGIC.length);
    if (length > MAX_HEADER_BYTES || head.length + length > size) throw damaged("its header was cut off");
    const text = Buffer.alloc(length);
    readSync(handle, text, 0, length, head.length);
    let header: unknown;
    try {
      header = JSON.parse(text.toString("utf8"));
    } catch {
      throw damaged("its header is no JSON");
    }
    if (typeof header !== "object" || header === null) throw damaged("its header says nothing");
    return { header: header as Header, begin: padded(head.length + length), size };
  } finally {
    closeSync(handle);
  }
}

const padded = (at: number): number => Math.ceil(at / 8) * 8;
const bytesOf = (values: Section): Uint8Array => new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
}
