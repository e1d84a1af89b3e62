/**
 * The files of a commit, proved: commit, trees and blobs are read raw and hashed here, each id being the hash of what it names. So what is
 * said of a tree follows from the commit's id alone, whatever the object store of a clone (or a replaced object, or a graft) pretends.
 *
 *     commit id ─hash of─> commit ─names─> tree id ─hash of─> tree ─names─> blob ids ─hash of─> the published file?
 *
 * Object formats: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects, https://git-scm.com/docs/hash-function-transition.
 */
import { createHash } from "node:crypto";
import { Fault } from "../model/index.ts";
import { type GitOptions, failed, git } from "./git-run.ts";

export type ObjectFormat = "sha1" | "sha256";

/** The id that git gives these bytes as a file: `git hash-object`. */
export const gitBlobId = (bytes: Uint8Array, format: ObjectFormat = "sha1"): string => objectId("blob", bytes, format);

function objectId(type: string, bytes: Uint8Array, format: ObjectFormat): string {
  return createHash(format).update(`${type} ${bytes.length}\0`).update(bytes).digest("hex");
}

export interface TreeEntry {
  /** From the root, with `/`. */
  readonly path: string;
  readonly kind: "file" | "executable" | "symlink" | "submodule";
  readonly id: string;
}

export interface CommitTree {
  readonly format: ObjectFormat;
  readonly commit: string;
  readonly tree: string;
  readonly parents: readonly string[];
  /** ISO 8601, as the committer's clock had it; "" where it is no date. */
  readonly committed: string;
  /** The commit carries a signature (which is not looked at here). */
  readonly signed: boolean;
  /** Sorted as git sorts them. */
  readonly entries: readonly TreeEntry[];
}

/** Linux has 80,000 files; the largest monorepos some hundred thousand. */
const MAX_ENTRIES = 1_000_000;
/** Deeper trees break the tools that walk them. */
const MAX_DEPTH = 256;
/** Raw trees of one level, or files that are asked for together. */
const BATCH_BYTES = 512 * 1024 * 1024;

const isId = (text: string): boolean => /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
const formatOfId = (id: string): ObjectFormat => (id.length === 64 ? "sha256" : "sha1");

interface RawObject {
  readonly type: string;
  readonly bytes: Buffer;
}

/** Objects by id; what is not there is left out. Throws `git/failed` where an object is not what its id says. */
async function readObjects(folder: string, ids: readonly string[], options: GitOptions): Promise<Map<string, RawObject>> {
  const found = new Map<string, RawObject>();
  if (ids.length === 0) return found;
  for (const id of ids) if (!isId(id)) throw new Fault("git/failed", `"${id.slice(0, 80)}" is no object id.`);
  const input = Buffer.from(`${ids.join("\n")}\n`);
  const result = await git(folder, ["cat-file", "--batch"], { maxBytes: BATCH_BYTES, ...options, input });
  if (result.status !== 0) throw failed("git could not read its objects", result.error);
  let at = 0;
  for (const id of ids) {
    const end = result.out.indexOf(10, at);
    const line = result.out.toString("latin1", at, end === -1 ? result.out.length : end);
    at = end + 1;
    const head = /^([0-9a-f]+) (commit|tree|blob|tag) (\d+)$/.exec(line);
    if (head === null) {
      if (line.endsWith(" missing")) continue;
      throw new Fault("git/failed", `git answered "${line.slice(0, 80)}" where an object was asked for.`);
    }
    const size = Number(head[3]);
    const bytes = result.out.subarray(at, at + size);
    at += size + 1;
    const type = head[2] ?? "";
    if (head[1] !== id || bytes.length !== size || objectId(type, bytes, formatOfId(id)) !== id)
      throw new Fault("git/failed", `The object ${id} of this repository is damaged or forged: its content does not have that id.`, {
        hint: "git fsck shows what else is wrong; a fresh clone may be sound.",
      });
    found.set(id, { type, bytes });
  }
  return found;
}

/**
 * Reads a commit and all its trees, every one of them checked against its id. `commit` is a full id (see `gitCommit`).
 * Throws `git/failed` where something is missing (a shallow or partial clone) or forged, `input/too-large` beyond the limits.
 */
export async function readCommitTree(folder: string, commit: string, options: GitOptions = {}): Promise<CommitTree> {
  const format = formatOfId(commit);
  const object = (await readObjects(folder, [commit], options)).get(commit);
  if (object?.type !== "commit") throw new Fault("git/failed", `The commit ${commit} is not in this repository.`);
  // Bytes that are no UTF-8 may only stand in names and messages, which are not read.
  const [head = ""] = object.bytes.toString("utf8").split("\n\n", 1);
  const lines = head.split("\n");
  const tree = /^tree ([0-9a-f]+)$/.exec(lines[0] ?? "")?.[1] ?? "";
  const parents = lines.flatMap((line) => /^parent ([0-9a-f]+)$/.exec(line)?.[1] ?? []);
  const seconds = /^committer .*> (\d{1,12}) [+-]\d{4}$/m.exec(head)?.[1];
  const entries: TreeEntry[] = [];
  let level: { readonly path: string; readonly id: string }[] = [{ path: "", id: tree }];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) throw new Fault("input/too-large", `The tree of ${commit} is deeper than ${MAX_DEPTH} folders.`);
    const trees = await readObjects(folder, [...new Set(level.map(({ id }) => id))], options);
    const next: typeof level = [];
    for (const { path, id } of level) {
      const found = trees.get(id);
      if (found?.type !== "tree")
        throw new Fault("git/failed", `The folder "${path}" of commit ${commit} is not in this repository.`, {
          hint: "A partial clone has not all of it: git fetch --refetch --no-filter",
        });
      for (const entry of treeMembers(found.bytes, id)) {
        const full = path === "" ? entry.name : `${path}/${entry.name}`;
        if (entry.kind === "folder") next.push({ path: full, id: entry.id });
        else entries.push({ path: full, kind: entry.kind, id: entry.id });
        if (entries.length + next.length > MAX_ENTRIES)
          throw new Fault("input/too-large", `The tree of ${commit} has more than ${MAX_ENTRIES} entries.`);
      }
    }
    level = next;
  }
  return {
    format,
    commit,
    tree,
    parents,
    committed: seconds === undefined ? "" : isoSeconds(Number(seconds)),
    signed: lines.some((line) => /^gpgsig(?:-sha256)? /.test(line)),
    entries: entries.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0)),
  };
}

/** Dates beyond what a Date can hold are none. */
const isoSeconds = (seconds: number): string => (seconds > 8_640_000_000_000 ? "" : new Date(seconds * 1000).toISOString());

type Member = { readonly name: string; readonly kind: TreeEntry["kind"] | "folder"; readonly id: string };

/** A raw tree: `<mode> <name>\0<binary id>`, again and again. */
function treeMembers(bytes: Buffer, id: string): Member[] {
  const width = id.length / 2;
  const members: Member[] = [];
  const names = new Set<string>();
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(32, at);
    const zero = bytes.indexOf(0, space);
    if (space === -1 || zero === -1 || zero + 1 + width > bytes.length) throw new Fault("git/failed", `The tree ${id} is malformed.`);
    const name = bytes.toString("utf8", space + 1, zero);
    if (name === "" || name === "." || name === ".." || name.includes("/"))
      throw new Fault("git/failed", `The tree ${id} has an entry with the name "${name}", which git refuses as well.`);
    // Two entries of one name (a link and a folder, say) are one thing to one program and another to the next.
    if (names.has(name)) throw new Fault("git/failed", `The tree ${id} has the name "${name}" twice, which git refuses as well.`);
    names.add(name);
    members.push({ name, kind: kindOf(bytes.toString("latin1", at, space)), id: bytes.toString("hex", zero + 1, zero + 1 + width) });
    at = zero + 1 + width;
  }
  return members;
}

function kindOf(mode: string): Member["kind"] {
  if (mode === "40000" || mode === "040000") return "folder";
  if (mode === "120000") return "symlink";
  if (mode === "160000") return "submodule";
  return (Number.parseInt(mode, 8) & 0o100) === 0 ? "file" : "executable";
}

/** The content of files by id, each checked against it; those that are not there are left out. */
export async function readBlobs(folder: string, ids: Iterable<string>, options: GitOptions = {}): Promise<ReadonlyMap<string, Buffer>> {
  const objects = await readObjects(folder, [...new Set(ids)], options);
  const blobs = new Map<string, Buffer>();
  for (const [id, { type, bytes }] of objects) if (type === "blob") blobs.set(id, bytes);
  return blobs;
}
