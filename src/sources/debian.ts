/**
 * Debian's indexes (`Packages`, `Sources`) from files: as they lie in the archive (`.xz`, `.gz`), as apt keeps them (`.lz4`), `.zst`, or
 * plain. What they hold is told by their first bytes, not by their name.
 */
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { Fault } from "../model/index.ts";
import { isLz4, unpackLz4 } from "./lz4.ts";
import { isXz, unpackXz } from "./xz.ts";

/** Packed bytes of an index: the largest in any archive has 15 MB. */
const MAX_PACKED_BYTES = 512 * 1024 * 1024;
/** Unpacked bytes: the largest has 100 MB. */
const MAX_INDEX_BYTES = 1024 * 1024 * 1024;

/** Where apt keeps what `apt-get update` fetched, after checking its signature. */
export const APT_LISTS = "/var/lib/apt/lists";

/**
 * An index, unpacked.
 * @param shownAs the path as the user would write it
 * @throws Fault `input/not-found`, `input/unreadable`, `input/too-large`, `artifact/*`
 */
export function readDebianIndex(path: string, shownAs: string): Uint8Array {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) throw new Fault("input/not-found", `${shownAs} is not there`, { place: { file: shownAs } });
  if (!stat.isFile()) throw new Fault("input/unreadable", `${shownAs} is not a file`, { place: { file: shownAs } });
  if (stat.size > MAX_PACKED_BYTES) {
    throw new Fault("input/too-large", `${shownAs} has ${stat.size} bytes; no index has more than ${MAX_PACKED_BYTES}`, {
      place: { file: shownAs },
    });
  }
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new Fault("input/unreadable", `${shownAs} cannot be read`, { place: { file: shownAs }, cause });
  }
  return unpackIndex(bytes, shownAs);
}

/** Unpacks by the first bytes. */
export function unpackIndex(bytes: Uint8Array, file: string): Uint8Array {
  if (isXz(bytes)) return unpackXz(bytes, file, MAX_INDEX_BYTES);
  if (isLz4(bytes)) return unpackLz4(bytes, file, MAX_INDEX_BYTES);
  try {
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) return gunzipSync(bytes, { maxOutputLength: MAX_INDEX_BYTES });
    if (bytes[0] === 0x28 && bytes[1] === 0xb5 && bytes[2] === 0x2f && bytes[3] === 0xfd) {
      return zstdDecompressSync(bytes, { maxOutputLength: MAX_INDEX_BYTES });
    }
  } catch (cause) {
    if (cause instanceof RangeError)
      throw new Fault("artifact/limit", `${file} unpacks to more than ${MAX_INDEX_BYTES} bytes`, { place: { file }, cause });
    throw new Fault("artifact/format", `${file} is damaged, or was cut off`, { place: { file }, cause, hint: "fetch it again" });
  }
  if (bytes[0] === 0x42 && bytes[1] === 0x5a && bytes[2] === 0x68) {
    throw new Fault("artifact/format", `${file} is packed with bzip2, which is not read`, {
      place: { file },
      hint: "unpack it first: bunzip2",
    });
  }
  return bytes;
}

/** One of apt's lists. */
export interface AptList {
  /** `bookworm`, `bookworm-security`. */
  readonly suite: string;
  /** `main`. */
  readonly component: string;
  readonly kind: "packages" | "sources";
  readonly file: string;
}

const PACKAGES = /_dists_([^_]+(?:_updates)?)_([^_]+)_binary-([^_]+)_Packages(?:\.[a-z0-9]+)?$/;
const SOURCES = /_dists_([^_]+(?:_updates)?)_([^_]+)_source_Sources(?:\.[a-z0-9]+)?$/;

/**
 * The lists that lie in apt's folder, sorted by name.
 * @param suite only this one, and what belongs to it (`bookworm` and `bookworm-updates`)
 * @throws Fault `input/not-found` where the folder is not there
 */
export function findAptLists(folder: string, architecture: string, suite?: string): readonly AptList[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (cause) {
    throw new Fault("input/not-found", `${folder} cannot be listed`, {
      cause,
      place: { file: folder },
      hint: "apt-get update fills apt's lists; on another system, give the files: --packages FILE --sources FILE",
    });
  }
  const wanted = (name: string): boolean => suite === undefined || name === suite || name.startsWith(`${suite}-`);
  return names.toSorted().flatMap((name): AptList[] => {
    const binary = PACKAGES.exec(name);
    if (binary !== null) {
      const [, belongsTo = "", component = "", arch = ""] = binary;
      return arch === architecture && wanted(belongsTo)
        ? [{ suite: belongsTo, component, kind: "packages", file: join(folder, name) }]
        : [];
    }
    const source = SOURCES.exec(name);
    if (source === null) return [];
    const [, belongsTo = "", component = ""] = source;
    return wanted(belongsTo) ? [{ suite: belongsTo, component, kind: "sources", file: join(folder, name) }] : [];
  });
}
