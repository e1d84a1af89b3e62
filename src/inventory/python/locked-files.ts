/** What Python's lockfiles say of the files of a release, and of the index that they come from. */
import type { LockedFile } from "../../model/index.ts";
import { sriSet } from "../reading/integrity.ts";

/** A release has some hundred files at most (wheels for every platform and version of Python); what a hostile file lists beyond is left to the hashes. */
const MOST_FILES = 2000;

export interface Locked {
  readonly integrity: readonly string[];
  readonly files: readonly LockedFile[];
}

/** The files of an entry, sorted by name and without repeats, and their hashes as a set. `hash` is null where there is none that can be read. */
export function lockedFiles(all: readonly { readonly name: string; readonly hash: string | null }[]): Locked {
  const known = new Map<string, LockedFile>();
  for (const { name, hash } of all) {
    if (name === "" || known.size >= MOST_FILES) continue;
    known.set(`${name} ${hash ?? ""}`, { name, integrity: hash ?? "" });
  }
  return {
    integrity: sriSet(all.map(({ hash }) => hash)),
    files: [...known].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, file]) => file),
  };
}

/** The last part of an address or path, decoded: what the file is called. */
export function fileNameOf(address: string): string {
  const path = address.replace(/[?#].*$/s, "");
  const last = path.slice(path.lastIndexOf("/") + 1);
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}

/** An index's address as it may be shown: without user and password. "" for what is no web address (a folder, a variable that is not filled in). */
export function indexAddress(text: string): string {
  if (!/^https?:\/\//i.test(text) || text.includes("${") || !URL.canParse(text)) return "";
  const url = new URL(text);
  if (url.username === "" && url.password === "") return text;
  url.username = "";
  url.password = "";
  return url.href;
}
