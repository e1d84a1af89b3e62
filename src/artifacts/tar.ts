/**
 * Reads tar as a stream: ustar and pax (POSIX.1-2017, "pax Interchange Format"), GNU long names, base-256 numbers. Where readers are known to differ (two
 * sizes for one entry, a name in two places, a line break in a pax record), the difference itself is a hazard: it is how
 * one archive shows two contents to two tools. What is taken then is what npm's reader takes.
 */
import { Fault } from "../model/index.ts";
import type { ArchiveEntry } from "./entry.ts";
import { type Hazards, PathWatch } from "./hazards.ts";
import { Stop } from "./inflate.ts";
import type { ArchiveLimits } from "./limits.ts";
import { Pull } from "./pull.ts";

const BLOCK = 512;
/** Names and pax records of one entry: npm's reader skips larger ones. */
const META_BYTES = 1024 * 1024;
/** Chains of sparse maps: 21 pieces a block, far more than any file has. */
const SPARSE_BLOCKS = 10_000;

export interface TarOptions {
  readonly hazards: Hazards;
  readonly limits: ArchiveLimits;
  /** Name of the archive within the archive, "" for the outermost. */
  readonly container: string;
  /** Links are part of the format's use (system packages) and no hazard by themselves. */
  readonly linksExpected: boolean;
}

interface Overrides {
  path?: string;
  link?: string;
  size?: number;
  sparse?: boolean;
}

/** Throws `Stop` where a limit or damage ends the reading; its hazard is then noted. Throws `artifact/format` where the first block is no tar header. */
export async function* readTar(source: AsyncIterable<Uint8Array>, options: TarOptions): AsyncGenerator<ArchiveEntry> {
  const { hazards, limits, container } = options;
  const pull = new Pull(source);
  const paths = new PathWatch(hazards, limits);
  let next: Overrides = {};
  let globalSize: number | undefined;
  let entries = 0;
  let anyValid = false;
  let zeroBlock = false;
  try {
    for (;;) {
      const block = await pull.take(BLOCK);
      if (block.length === 0) break;
      if (block.length < BLOCK) {
        if (!anyValid) throw notTar();
        if (block.some((byte) => byte !== 0)) hazards.add("truncated", "", "the archive ends within a header");
        break;
      }
      if (isZero(block)) {
        if (zeroBlock) {
          await noteWhatFollows(pull, hazards);
          return;
        }
        zeroBlock = true;
        continue;
      }
      if (zeroBlock) {
        zeroBlock = false;
        hazards.add("bad-header", "", "a block of zeros stands between two entries: some readers end there");
      }
      if (!checksumFits(block)) {
        if (!anyValid) throw notTar();
        hazards.add("bad-header", "", "a header's checksum is wrong; readers skip it");
        continue;
      }
      anyValid = true;
      const type = String.fromCharCode(block[156] ?? 0);
      const headerSize = numberAt(block, 124, 12);
      if (headerSize === null) {
        hazards.add("bad-header", text(block, 0, 100), "its size is no number");
        next = {};
        continue;
      }

      const meta = metaKind(type);
      if (meta !== null) {
        if (headerSize > META_BYTES) {
          hazards.add("too-large", "", `a name or pax record of ${headerSize} bytes`);
          await pull.skip(padded(headerSize));
          continue;
        }
        const data = (await takeAll(pull, headerSize, hazards)).subarray(0, headerSize);
        if (meta === "path") next.path = untilZero(data);
        else if (meta === "link") next.link = untilZero(data);
        else {
          const found = paxRecords(data, hazards);
          if (meta === "pax") next = { ...next, ...found };
          else {
            // A global header speaks of all that follows: a name in it makes no sense (npm ignores it), a size no more (npm takes it).
            if (found.path !== undefined || found.link !== undefined || found.size !== undefined)
              hazards.add("bad-header", found.path ?? "", "a global pax header names a path or a size: readers differ");
            globalSize = found.size ?? globalSize;
          }
        }
        continue;
      }

      const overrides = next;
      next = {};
      const own = ownPath(block);
      if (overrides.path !== undefined && own.prefix !== "" && !overrides.path.endsWith(own.name))
        hazards.add("bad-header", overrides.path, "it has a second name in the header's prefix: readers differ");
      const path = overrides.path ?? (own.prefix === "" ? own.name : `${own.prefix}/${own.name}`);
      const link = overrides.link ?? text(block, 157, 100);
      const kind = kindOf(type, path);
      if (overrides.size !== undefined && headerSize !== 0 && overrides.size !== headerSize)
        hazards.add("bad-header", path, `its size is ${overrides.size} in one place and ${headerSize} in another: readers differ`);
      // Folders and links have no content, whatever their size says; npm takes it so.
      const size = kind === "directory" ? 0 : (overrides.size ?? globalSize ?? headerSize);
      const mode = numberAt(block, 100, 8) ?? 0;
      if (++entries > limits.entries) {
        hazards.add("too-many-entries", path, `more than ${limits.entries} entries`);
        throw new Stop("artifact/limit", "The archive holds more than is taken in.");
      }
      // npm's reader takes neither for an entry, and goes on with the very next block.
      if ((kind === "symlink" || kind === "hardlink") === (link === "")) {
        hazards.add(
          "bad-header",
          path,
          link === "" ? "is a link to nothing; readers skip it" : `is no link and yet names ${JSON.stringify(link.slice(0, 100))}`,
        );
        continue;
      }
      if (path === "") {
        hazards.add("bad-header", "", "an entry has no name; readers skip it");
        continue;
      }
      paths.see(path, kind === "directory");
      if (kind === "symlink" || kind === "hardlink") paths.seeLink(path, link, kind === "hardlink", options.linksExpected);
      if (kind === "device") hazards.add("device", path, "is a device or a pipe");
      if (kind === "file" && (mode & 0o6000) !== 0) hazards.add("setuid", path, "runs with its owner's rights");
      if (type === "S" || overrides.sparse === true) {
        hazards.add("bad-header", path, "is stored with holes (GNU sparse); readers differ");
        if (type === "S") await skipSparseMap(block, pull);
      }

      const body = { left: size, open: true };
      yield {
        path,
        kind,
        size,
        mode,
        link,
        container,
        bytes: async (most = limits.entryBytes, room = Buffer.allocUnsafe) => {
          if (!body.open || body.left !== size) throw new Fault("artifact/format", `The content of ${path} was already gone over.`);
          if (size > most) throw new Fault("artifact/limit", `${path} has ${size} bytes; ${most} are read at most.`);
          const data = await pull.copy(size, room(size));
          body.left = size - data.length;
          if (data.length < size) throw new Fault("artifact/truncated", `The archive ends within ${path}.`);
          return data;
        },
      };
      body.open = false;
      const left = body.left;
      if ((await pull.skip(left + padded(size) - size)) < left) {
        hazards.add("truncated", path, "the archive ends within it");
        throw new Stop("artifact/truncated", "The archive is cut off or damaged.");
      }
    }
    if (!anyValid && !zeroBlock) throw notTar();
  } finally {
    await pull.stop();
  }
}

const notTar = (): Fault => new Fault("artifact/format", "This is no tar archive.");

const padded = (size: number): number => Math.ceil(size / BLOCK) * BLOCK;

const isZero = (block: Buffer): boolean => block.every((byte) => byte === 0);

function metaKind(type: string): "path" | "link" | "pax" | "global" | null {
  switch (type) {
    case "L":
    case "N":
      return "path";
    case "K":
      return "link";
    case "x":
    case "X":
      return "pax";
    case "g":
      return "global";
    default:
      return null;
  }
}

function kindOf(type: string, path: string): ArchiveEntry["kind"] {
  switch (type) {
    case "0":
    case "\0":
    case "7":
      // Old archives mark folders by the slash alone.
      return path.endsWith("/") ? "directory" : "file";
    case "1":
      return "hardlink";
    case "2":
      return "symlink";
    case "3":
    case "4":
    case "6":
      return "device";
    case "5":
    case "D":
      return "directory";
    default:
      return "other";
  }
}

/** The name and, in POSIX archives only (GNU's keep other things there), its prefix. */
function ownPath(block: Buffer): { name: string; prefix: string } {
  const posix = block.toString("latin1", 257, 263) === "ustar\0";
  return { name: text(block, 0, 100), prefix: posix ? text(block, 345, 155) : "" };
}

const text = (block: Buffer, start: number, length: number): string => untilZero(block.subarray(start, start + length));

function untilZero(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString("utf8", 0, end === -1 ? bytes.length : end);
}

/** An octal number, or base-256 where the first bit is set (GNU, for what octal cannot hold); null where it is neither, negative, or beyond exact integers. */
function numberAt(block: Buffer, start: number, length: number): number | null {
  const first = block[start] ?? 0;
  if (first & 0x80) {
    if (first & 0x40) return null;
    let value = first & 0x3f;
    for (let at = start + 1; at < start + length; at++) {
      value = value * 256 + (block[at] ?? 0);
      if (!Number.isSafeInteger(value)) return null;
    }
    return value;
  }
  // As nearly everybody writes it: digits, then a zero.
  let value = 0;
  let at = start;
  for (; at < start + length; at++) {
    const byte = block[at] ?? 0;
    if (byte < 48 || byte > 55) break;
    value = value * 8 + byte - 48;
  }
  if (at > start && (at === start + length || block[at] === 0)) return value;
  const digits = text(block, start, length).trim();
  if (digits === "") return 0;
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : null;
}

const CHECKSUM_AT = 148;
const CHECKSUM_BYTES = 8;

/** The sum of the header's bytes, its own field taken as spaces; very old writers summed them as signed. */
function checksumFits(block: Buffer): boolean {
  const stated = numberAt(block, CHECKSUM_AT, CHECKSUM_BYTES);
  let sum = CHECKSUM_BYTES * 32;
  let above = 0;
  for (let at = 0; at < BLOCK; at++) {
    const byte = block[at] ?? 0;
    sum += byte;
    above += byte >> 7;
  }
  for (let at = CHECKSUM_AT; at < CHECKSUM_AT + CHECKSUM_BYTES; at++) {
    const byte = block[at] ?? 0;
    sum -= byte;
    above -= byte >> 7;
  }
  return stated === sum || stated === sum - 256 * above;
}

/** `LENGTH key=value\n`, the length counting itself and the line break. */
function paxRecords(data: Buffer, hazards: Hazards): Overrides {
  const found: Overrides = {};
  for (let at = 0; at < data.length;) {
    const space = data.indexOf(32, at);
    const digits = space === -1 ? "" : data.toString("latin1", at, space);
    const length = /^[1-9]\d{0,7}$/.test(digits) ? Number(digits) : 0;
    const end = at + length;
    if (length === 0 || end > data.length || end <= space + 1 || data[end - 1] !== 10) {
      // What is left may be zeros up to the block's end.
      if (data.subarray(at).some((byte) => byte !== 0)) hazards.add("bad-header", "", "a pax record is malformed");
      break;
    }
    const record = data.toString("utf8", space + 1, end - 1);
    const equals = record.indexOf("=");
    const key = record.slice(0, equals);
    const value = record.slice(equals + 1);
    if (equals > 0) {
      if (record.includes("\n")) hazards.add("bad-header", value, `the pax record "${key}" holds a line break: readers differ`);
      if (key === "path") found.path = upToZero(value);
      else if (key === "linkpath") found.link = upToZero(value);
      else if (key === "size" && /^\d{1,15}$/.test(value)) found.size = Number(value);
      else if (key.startsWith("GNU.sparse.")) found.sparse = true;
    }
    at = end;
  }
  return found;
}

const upToZero = (value: string): string => (value.includes("\0") ? value.slice(0, value.indexOf("\0")) : value);

async function takeAll(pull: Pull, size: number, hazards: Hazards): Promise<Buffer> {
  const data = await pull.take(padded(size));
  if (data.length < size) {
    hazards.add("truncated", "", "the archive ends within a name or pax record");
    throw new Stop("artifact/truncated", "The archive is cut off or damaged.");
  }
  return data;
}

async function skipSparseMap(block: Buffer, pull: Pull): Promise<void> {
  let more = block[482] === 1;
  for (let count = 0; more && count < SPARSE_BLOCKS; count++) more = (await pull.take(BLOCK))[504] === 1;
}

/** After the two blocks of zeros that end an archive only zeros may follow (tapes are written in larger blocks). */
async function noteWhatFollows(pull: Pull, hazards: Hazards): Promise<void> {
  const STEP = 64 * 1024;
  for (let piece = await pull.take(STEP); piece.length > 0; piece = await pull.take(STEP)) {
    if (!piece.some((byte) => byte !== 0)) continue;
    hazards.add("trailing-data", "", "data follows the end of the archive");
    return;
  }
}
