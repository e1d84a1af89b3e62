/**
 * What a base is made of: the sources that were synced, and the segments of each. One small JSON file, replaced as a whole; a sync
 * that is killed leaves the old one, and with it the old base.
 */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, readdirSync, renameSync, rmSync, writeSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { Fault, sha256 } from "../model/index.ts";
import { storeFault } from "./database.ts";

const MANIFEST = "manifest.json";
const MANIFEST_VERSION = 1;
/** A sync of everything takes minutes: whoever comes second is told rather than kept waiting. */
const LOCK_WAIT_MILLISECONDS = 500;

export interface SegmentEntry {
  /** Without release; "" for records that name no package. */
  readonly ecosystem: string;
  readonly file: string;
  readonly records: number;
  /** `main` holds all; `delta`, read after it, what changed since. */
  readonly role: "main" | "delta";
}

/** How far one ecosystem of a source has been followed. */
export interface Progress {
  readonly ecosystem: string;
  /** The newest stamp of `modified_id.csv` that is taken in; "" where the source has no such list. */
  readonly stamp: string;
  /** Validator of the archive, where the source sent one. */
  readonly etag: string;
  /** ISO 8601: when the ecosystem was last brought up to date, and when it was last read whole. */
  readonly asOf: string;
  readonly wholeAsOf: string;
}

export interface SourceEntry {
  /** The address or folder that it is followed under: a second sync from there replaces the first. */
  readonly key: string;
  /** What reports call it. */
  readonly name: string;
  readonly asOf: string;
  /** Distinct ids of this source. */
  readonly records: number;
  readonly segments: readonly SegmentEntry[];
  readonly progress: readonly Progress[];
}

export interface Manifest {
  readonly version: number;
  /** Distinct ids of all sources. */
  readonly records: number;
  readonly sources: readonly SourceEntry[];
}

export const emptyManifest: Manifest = { version: MANIFEST_VERSION, records: 0, sources: [] };

/** The manifest, or null where nothing has been synced. Throws `store/corrupt` and `store/newer`. */
export function readManifest(folder: string): Manifest | null {
  const path = join(folder, MANIFEST);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw storeFault(error, path);
  }
  const end = text.lastIndexOf("\n", text.length - 2);
  const body = text.slice(0, end);
  if (end < 0 || text.slice(end + 1).trim() !== sha256(body)) {
    throw new Fault("store/corrupt", `The advisory base's list of parts, ${path}, is damaged.`, {
      hint: "Run `tributary sync` to build the base anew.",
    });
  }
  const manifest = JSON.parse(body) as Manifest;
  if (manifest.version > MANIFEST_VERSION) {
    throw new Fault("store/newer", `The advisory base in ${folder} was written by a later Tributary.`, {
      hint: "Update Tributary, or name another folder with TRIBUTARY_DATA.",
    });
  }
  return manifest;
}

/** Replaces the manifest, then deletes the segments that it no longer names. Only with the lock held. */
export function writeManifest(folder: string, manifest: Manifest): void {
  const path = join(folder, MANIFEST);
  const next = `${path}.next`;
  const body = JSON.stringify(manifest, null, 1);
  try {
    const fd = openSync(next, "w", 0o600);
    try {
      writeSync(fd, `${body}\n${sha256(body)}\n`);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(next, path);
    syncFolder(folder);
  } catch (error) {
    throw storeFault(error, path);
  }
  const named = new Set(manifest.sources.flatMap((source) => source.segments.map((segment) => segment.file)));
  for (const file of readdirSync(folder)) {
    // Whoever reads an old segment has it open already; where the system refuses to delete it then, the next sync will.
    if (isSegmentFile(file) && !named.has(file)) rmSync(join(folder, file), { force: true, maxRetries: 0 });
  }
}

/** Segments, and archives that were being fetched when a sync was killed. */
const isSegmentFile = (file: string): boolean => file.endsWith(".segment") || file.endsWith(".part");

/** A rename is on disk when its folder is; not every system lets a folder be synced, and there it needs none. */
function syncFolder(folder: string): void {
  if (process.platform === "win32") return;
  const fd = openSync(folder, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/**
 * One sync at a time. The lock is SQLite's on a file of its own: the system takes it back when the process ends, however it ends.
 * Throws `store/busy` where another sync is at work.
 */
export function lockBase(folder: string): () => void {
  const path = join(folder, "lock.sqlite");
  try {
    if (!existsSync(folder)) mkdirSync(folder, { recursive: true, mode: 0o700 });
    const db = new DatabaseSync(path, { timeout: LOCK_WAIT_MILLISECONDS });
    try {
      db.exec("BEGIN EXCLUSIVE");
    } catch (error) {
      db.close();
      throw error;
    }
    return () => db.close();
  } catch (error) {
    const fault = storeFault(error, path);
    if (fault instanceof Fault && fault.code === "store/busy") {
      throw new Fault("store/busy", `Another sync is writing the advisory base in ${folder}.`, {
        hint: "Wait for it to end; checks can read the base meanwhile.",
        cause: error,
      });
    }
    throw fault;
  }
}
