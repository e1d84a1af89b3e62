/**
 * What was fetched and can be fetched again: answers of servers (one SQLite file, bodies as zstd) and artifacts (one file each, named by their
 * SHA-512). Everything is checked against its hash when it is read; what is damaged is taken out, said, and fetched again.
 * Answers are written in small batches, so that a run that is stopped at any moment keeps nearly all that it got.
 */
import { createHash, randomBytes } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { constants, zstdCompress, zstdDecompressSync } from "node:zlib";
import { Fault } from "../model/index.ts";
import { cacheMigrations } from "./cache-schema.ts";
import { type Store, openDatabase, storeFault } from "./database.ts";

/** Small answers are written together; this many at most, */
const BATCH_ENTRIES = 64;
/** or this many bytes, */
const BATCH_BYTES = 8 * 1024 * 1024;
/** or after this time: what a kill -9 can cost. */
const BATCH_MILLISECONDS = 250;
/** zstd's fast end: five times smaller than JSON at 400 MB/s. */
const COMPRESSION_LEVEL = 3;
/** Two gibibytes hold the tarballs of ten large projects. */
const ARTIFACT_BYTES = 2 * 1024 ** 3;
/** A gibibyte holds the documents of some ten thousand packages, each as it was last. */
const ANSWER_BYTES = 1024 ** 3;
/** When there is too much it is emptied to this share, so that not every run has to tidy up. */
const KEEP_SHARE = 0.9;

/** What is kept of an answer, without its body. Times in milliseconds since 1970. The same shape as in the sources room, which may not be named here. */
export interface KeptAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly etag: string;
  readonly lastModified: string;
  readonly fetchedAt: number;
  readonly freshUntil: number;
  readonly sha256: string;
}

export interface Cache {
  readonly folder: string;
  readonly store: Store;
  readonly look: (key: string) => KeptAnswer | null;
  readonly body: (key: string) => Buffer | null;
  readonly keep: (key: string, answer: KeptAnswer, body: Buffer) => Promise<void>;
  readonly renew: (key: string, fetchedAt: number, freshUntil: number) => void;
  /** Work that goes into the next batch, in one transaction with all else that is waiting. `done` is called when it is written for good. */
  readonly later: (write: () => void, bytes: number, done?: () => void) => void;
  /** The bytes with this hexadecimal SHA-512, checked against it; null where they are not kept or are damaged. */
  readonly artifact: (sha512: string) => Buffer | null;
  readonly keepArtifact: (sha512: string, bytes: Uint8Array) => Promise<void>;
  /** What a user should be told: entries that were damaged, a disk that is full. */
  readonly notes: readonly string[];
  /** Writes all that is waiting. Throws nothing: what cannot be kept is said in the notes. */
  readonly flush: () => void;
  readonly close: () => void;
}

export interface CacheOptions {
  /** Most bytes of artifacts that are kept. */
  readonly artifactBytes?: number;
  /** Most bytes of the file of answers. */
  readonly answerBytes?: number;
}

/** Opens the cache in `folder`, which is made if need be. Throws the faults of `openDatabase`. */
export function openCache(folder: string, options: CacheOptions = {}): Cache {
  const store = openDatabase(join(folder, "cache.db"), cacheMigrations);
  const { db } = store;
  const notes: string[] = [...store.notes];
  const say = (note: string): void => {
    if (!notes.includes(note)) notes.push(note);
  };
  const limit = options.artifactBytes ?? ARTIFACT_BYTES;

  const selectAnswer = db.prepare(
    "SELECT status, content_type, etag, last_modified, fetched_at, fresh_until, lower(hex(sha256)) AS sha256 FROM answer WHERE key = ?",
  );
  const selectBody = db.prepare(
    "SELECT answer.sha256 AS sha256, answer.size AS size, zstd FROM answer JOIN body USING (sha256) WHERE key = ?",
  );
  const insertBody = db.prepare("INSERT INTO body (sha256, zstd) VALUES (unhex(?), ?) ON CONFLICT DO UPDATE SET zstd = excluded.zstd");
  const insertAnswer = db.prepare(
    "INSERT OR REPLACE INTO answer (key, status, content_type, etag, last_modified, fetched_at, fresh_until, sha256, size) VALUES (?, ?, ?, ?, ?, ?, ?, unhex(?), ?)",
  );
  const dropBody = db.prepare(
    "DELETE FROM body WHERE sha256 = (SELECT sha256 FROM answer WHERE key = ?1) AND NOT EXISTS (SELECT 1 FROM answer WHERE sha256 = body.sha256 AND key <> ?1)",
  );
  const dropAnswer = db.prepare("DELETE FROM answer WHERE key = ?");
  const renewAnswer = db.prepare("UPDATE answer SET fetched_at = ?, fresh_until = ? WHERE key = ?");

  let waiting: { write: () => void; done: (() => void) | undefined }[] = [];
  let waitingBytes = 0;
  /** Answers that are not in the file yet, so that the run itself sees them at once. */
  const fresh = new Map<string, { answer: KeptAnswer; body: Buffer }>();
  let timer: NodeJS.Timeout | undefined;
  let keeping = true;
  let artifactsRefused = false;
  let closed = false;

  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const writes = waiting;
    waiting = [];
    waitingBytes = 0;
    if (writes.length > 0 && keeping) {
      try {
        store.transaction(() => {
          for (const { write } of writes) write();
        });
        for (const { done } of writes) done?.();
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        // The run goes on without keeping: what it found out is right all the same, and what was kept before is whole.
        keeping = false;
        say(`Nothing more is kept in this run: ${error.message}${error.hint === undefined ? "" : ` ${error.hint}`}`);
      }
    }
    fresh.clear();
  };

  const later = (write: () => void, bytes: number, done?: () => void): void => {
    if (closed) return;
    waiting.push({ write, done });
    waitingBytes += bytes;
    if (waiting.length >= BATCH_ENTRIES || waitingBytes >= BATCH_BYTES) flush();
    else timer ??= setTimeout(flush, BATCH_MILLISECONDS).unref();
  };

  /** Reading a damaged page throws: then the entry counts as missing, the file is checked as a whole the next time, and it is said. */
  const reading = <T>(read: () => T): T | null => {
    try {
      return read();
    } catch (error) {
      const fault = storeFault(error, store.path);
      if (!(fault instanceof Fault)) throw fault;
      if (fault.code === "store/corrupt") store.suspect();
      say(`A part of ${store.path} could not be read and is fetched again: ${fault.message}`);
      return null;
    }
  };

  const artifactPath = (sha512: string): string => join(folder, "artifacts", sha512.slice(0, 2), sha512.slice(2));

  return {
    folder,
    store,
    notes,
    later,
    flush,
    look: (key) => {
      const waitingEntry = fresh.get(key);
      if (waitingEntry !== undefined) return waitingEntry.answer;
      const row = reading(() => selectAnswer.get(key));
      if (row === null || row === undefined) return null;
      return {
        status: Number(row["status"]),
        contentType: String(row["content_type"]),
        etag: String(row["etag"]),
        lastModified: String(row["last_modified"]),
        fetchedAt: Number(row["fetched_at"]),
        freshUntil: Number(row["fresh_until"]),
        sha256: String(row["sha256"]),
      };
    },
    body: (key) => {
      const waitingEntry = fresh.get(key);
      if (waitingEntry !== undefined) return waitingEntry.body;
      const bytes = reading(() => {
        const row = selectBody.get(key);
        if (row === undefined || !(row["zstd"] instanceof Uint8Array) || !(row["sha256"] instanceof Uint8Array)) return null;
        return unpack(row["zstd"], Number(row["size"]), row["sha256"]);
      });
      if (bytes === null) {
        later(() => {
          dropBody.run(key);
          dropAnswer.run(key);
        }, 0);
        flush();
        say(`A cached answer was damaged and is fetched again: ${key.split(" ")[1] ?? key}`);
      }
      return bytes;
    },
    keep: async (key, answer, body) => {
      if (!keeping) return;
      const zstd = await compress(body, { params: { [constants.ZSTD_c_compressionLevel]: COMPRESSION_LEVEL } });
      fresh.set(key, { answer, body });
      later(() => {
        dropBody.run(key);
        insertBody.run(answer.sha256, zstd);
        const { status, contentType, etag, lastModified, fetchedAt, freshUntil } = answer;
        insertAnswer.run(key, status, contentType, etag, lastModified, fetchedAt, freshUntil, answer.sha256, body.length);
      }, zstd.length);
    },
    renew: (key, fetchedAt, freshUntil) => later(() => renewAnswer.run(fetchedAt, freshUntil, key), 0),
    artifact: (sha512) => {
      const path = artifactPath(sha512);
      let bytes: Buffer;
      try {
        bytes = readFileSync(path);
      } catch {
        return null;
      }
      if (createHash("sha512").update(bytes).digest("hex") === sha512) return bytes;
      rmSync(path, { force: true });
      say(`A kept artifact was damaged and is fetched again: ${path}`);
      return null;
    },
    keepArtifact: async (sha512, bytes) => {
      if (!keeping || bytes.length > limit) return;
      const path = artifactPath(sha512);
      // Written under another name first: whoever sees the file under its own name sees all of it.
      const draft = `${path}.${process.pid}-${randomBytes(4).toString("hex")}`;
      try {
        await writeFile(draft, bytes, { mode: 0o600 }).catch(async (error: unknown) => {
          if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
          await mkdir(dirname(path), { recursive: true, mode: 0o700 });
          await writeFile(draft, bytes, { mode: 0o600 });
        });
        await rename(draft, path);
      } catch (error) {
        await rm(draft, { force: true }).catch(() => undefined);
        const fault = storeFault(error, path);
        if (!(fault instanceof Fault)) throw fault;
        // Said once: the next thousand will fare the same.
        if (!artifactsRefused) say(`Artifacts are not kept in this run: ${fault.message}`);
        artifactsRefused = true;
        return;
      }
      later(() => {
        db.prepare("INSERT OR REPLACE INTO artifact_file (sha512, size, kept_at) VALUES (unhex(?), ?, ?)").run(
          sha512,
          bytes.length,
          Date.now(),
        );
      }, 0);
    },
    close: () => {
      if (closed) return;
      flush();
      closed = true;
      if (keeping) {
        reading(() => tidyArtifacts(store, artifactPath, limit));
        reading(() => tidyAnswers(store, options.answerBytes ?? ANSWER_BYTES));
      }
      store.close();
    },
  };
}

const compress = promisify(zstdCompress);

function unpack(zstd: Uint8Array, size: number, hash: Uint8Array): Buffer | null {
  try {
    const bytes = zstdDecompressSync(zstd, { maxOutputLength: Math.max(1, size) });
    return createHash("sha256").update(bytes).digest().equals(hash) ? bytes : null;
  } catch {
    return null;
  }
}

/** Takes out the artifacts that were kept first, until the rest is well below the limit. */
function tidyArtifacts(store: Store, pathOf: (sha512: string) => string, limit: number): void {
  let total = Number(store.db.prepare("SELECT coalesce(sum(size), 0) AS total FROM artifact_file").get()?.["total"] ?? 0);
  if (total <= limit) return;
  const oldest = store.db.prepare("SELECT lower(hex(sha512)) AS sha512, size FROM artifact_file ORDER BY kept_at, sha512");
  const gone: string[] = [];
  for (const row of oldest.iterate()) {
    if (total <= limit * KEEP_SHARE) break;
    gone.push(String(row["sha512"]));
    total -= Number(row["size"]);
  }
  store.transaction(() => {
    const drop = store.db.prepare("DELETE FROM artifact_file WHERE sha512 = unhex(?)");
    for (const sha512 of gone) {
      rmSync(pathOf(sha512), { force: true });
      drop.run(sha512);
    }
  });
}

/** Takes out the answers that nobody has asked for longest, with what was read out of them. The file keeps its size, but its room is used again. */
function tidyAnswers(store: Store, limit: number): void {
  const { db } = store;
  const pragma = (name: string): number => Number(Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0] ?? 0);
  const used = (pragma("page_count") - pragma("freelist_count")) * pragma("page_size");
  if (used <= limit) return;
  const share = (KEEP_SHARE * limit) / used;
  store.transaction(() => {
    // Answers are about equally large in the mean, so a share of them is about that share of the bytes.
    db.prepare(
      "DELETE FROM answer WHERE fetched_at < (SELECT fetched_at FROM answer ORDER BY fetched_at LIMIT 1 OFFSET (SELECT CAST(count(*) * (1 - ?) AS INTEGER) FROM answer))",
    ).run(share);
    db.prepare("DELETE FROM document WHERE fetched_at < (SELECT coalesce(min(fetched_at), 0) FROM answer)").run();
    db.exec("DELETE FROM body WHERE sha256 NOT IN (SELECT sha256 FROM answer)");
  });
}
