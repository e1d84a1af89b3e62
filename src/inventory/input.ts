/** The files that are read: from disk within a limit of size, decoded once, with a look at the files beside them. */
import { isUtf8 } from "node:buffer";
import { closeSync, constants, fstatSync, openSync, readSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { Fault, type InputFile, type ReadContext } from "../model/index.ts";

/**
 * Largest file that is read, in bytes. The largest lockfiles in public repositories are near 20 MB; parsed, a file takes six to ten
 * times its size, and Node's heap ends at 2 to 4 GB on a common machine: 128 MiB is the most that surely fits.
 */
export const MAX_FILE_BYTES: number = 128 * 1024 * 1024;

/** A file from bytes that are there already. The text is decoded when it is first asked for. */
export function inputFile(path: string, bytes: Uint8Array): InputFile {
  let text: string | undefined;
  return {
    path,
    bytes,
    get text(): string {
      return (text ??= decodeText(bytes));
    },
  };
}

/** Decodes UTF-8, or UTF-16 where a byte order mark says so; the mark itself is taken off. Bytes that are not UTF-8 become U+FFFD. */
export function decodeText(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  const start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, bytes.byteLength - start).toString("utf8");
}

/** True where the bytes are text in an encoding that `decodeText` takes without loss. */
export function isCleanText(bytes: Uint8Array): boolean {
  return isUtf8(bytes) || (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
}

/**
 * Reads one file.
 * @param file where it is
 * @param shownAs the path as the user would write it; it is what places and messages name
 * @throws Fault `input/not-found`, `input/unreadable`, `input/too-large`
 */
export function readInputFile(file: string, shownAs: string): InputFile {
  let handle: number;
  try {
    // Without O_NONBLOCK (which Windows has not and needs not) opening a named pipe would wait for a writer.
    handle = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (cause) {
    throw openFault(cause, shownAs);
  }
  try {
    const stat = fstatSync(handle);
    // A device or a pipe may never end; a lockfile is a file.
    if (!stat.isFile()) throw new Fault("input/unreadable", `${shownAs} is not a file`, { place: { file: shownAs } });
    if (stat.size > MAX_FILE_BYTES) {
      throw new Fault("input/too-large", `${shownAs} has ${stat.size} bytes; at most ${MAX_FILE_BYTES} are read`, {
        place: { file: shownAs },
        hint: "a lockfile of this size is not written by a package manager; look at what is in it",
      });
    }
    const bytes = Buffer.allocUnsafe(stat.size);
    let read = 0;
    while (read < stat.size) {
      const count = readSync(handle, bytes, read, stat.size - read, read);
      if (count === 0) break;
      read += count;
    }
    return inputFile(shownAs, read === stat.size ? bytes : bytes.subarray(0, read));
  } catch (cause) {
    throw cause instanceof Fault ? cause : openFault(cause, shownAs);
  } finally {
    closeSync(handle);
  }
}

/** Looks for files in `folder`, and below or above it, as a reader asks for them. A file that cannot be read counts as not there. */
export function diskContext(folder: string, shownAs: string): ReadContext {
  const shown = (relative: string): string => (shownAs === "" || shownAs === "." ? relative : `${shownAs}/${relative}`);
  return {
    beside: (relativePath) => {
      try {
        return readInputFile(join(folder, relativePath), shown(relativePath));
      } catch {
        return null;
      }
    },
    folders: (relativePath) => {
      try {
        return readdirSync(join(folder, relativePath), { withFileTypes: true })
          .filter((entry) => entry.isDirectory() && entry.name !== "node_modules" && entry.name !== ".git")
          .map((entry) => entry.name)
          .toSorted();
      } catch {
        return [];
      }
    },
  };
}

/** The context of a file that comes alone. */
export const noContext: ReadContext = { beside: () => null };

/** `a/b` for `a/b/c.json`, "" for a bare name; with `/` as separator. */
export function folderOf(path: string): string {
  const folder = dirname(path);
  return folder === "." ? "" : folder;
}

function openFault(cause: unknown, shownAs: string): Fault {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  if (code === "ENOENT" || code === "ENOTDIR") {
    return new Fault("input/not-found", `${shownAs} is not there`, { cause, place: { file: shownAs } });
  }
  return new Fault("input/unreadable", `${shownAs} cannot be read${code === "" ? "" : ` (${code})`}`, { cause, place: { file: shownAs } });
}
