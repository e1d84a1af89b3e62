/**
 * One way to open an embedded database: SQLite in WAL mode, migrated inside a transaction, safe when two processes open it at once
 * and whenever a process is killed. A file that is damaged is moved aside, built anew, and that is *said*: everything kept here
 * can either be fetched again or is named in the note as lost.
 *
 *     openDatabase ─ opens, cheap check ──ok──> migrate ──> Store
 *           └─ damaged ─> lock ─> look again ─> move aside ─> open anew, with a note
 */
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { basename, dirname } from "node:path";
import { Fault } from "../model/index.ts";

/** How long a process waits for another one's write: a batch takes milliseconds, a slow disk a second or two. */
const BUSY_MILLISECONDS = 15_000;
/** 16 MiB of pages in memory: the whole of a usual cache's index, far below what a run may use. */
const PAGE_CACHE_KIBIBYTES = 16_384;
/** A process that repairs needs milliseconds; a lock older than this was left by one that was killed. */
const RECOVERY_LOCK_MILLISECONDS = 10_000;
/** More damaged copies than this are not worth the disk: the oldest number is used again. */
const DAMAGED_COPIES = 9;

export interface OpenOptions {
  /** Opens without writing anything; the file must exist and have all migrations. */
  readonly readOnly?: boolean;
  /** What the reader should know is lost when the file had to be built anew. */
  readonly lost?: string;
}

export interface Store {
  readonly db: DatabaseSync;
  readonly path: string;
  /** What happened on opening that a user should be told: a damaged file that was moved aside. */
  readonly notes: readonly string[];
  /**
   * Runs `work` in one transaction that takes the write lock at once (two writers then wait instead of failing half-way). Whatever
   * it throws rolls back. SQLite's own errors come out as `store/*` faults.
   */
  readonly transaction: <T>(work: () => T) => T;
  /** Remembers that the file looked damaged, so that the next opening checks all of it. */
  readonly suspect: () => void;
  readonly close: () => void;
}

/**
 * Opens (or creates, with its folders, for this user only) the database at `path` and brings it to the newest of `migrations`: the n-th entry is
 * the SQL that leads from version n to n+1; `user_version` holds the version.
 *
 * Throws `store/newer` where the file was written by a later Tributary, `store/busy`, `store/full`, and `store/unusable` where the
 * place cannot be written to (or, read only, does not exist). A damaged file throws `store/corrupt` only when read only; else it
 * is moved aside as `<name>.corrupt-<n>` and the note says so.
 */
export function openDatabase(path: string, migrations: readonly string[], options: OpenOptions = {}): Store {
  if (options.readOnly) return openOnce(path, migrations, options, []);
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw storeFault(error, path);
  }
  try {
    return openOnce(path, migrations, options, []);
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== "store/corrupt") throw error;
  }
  return recover(path, migrations, options);
}

function openOnce(path: string, migrations: readonly string[], options: OpenOptions, notes: readonly string[]): Store {
  const readOnly = options.readOnly ?? false;
  let db: DatabaseSync;
  try {
    db = new DatabaseSync(path, { readOnly, timeout: BUSY_MILLISECONDS, enableForeignKeyConstraints: true });
  } catch (error) {
    throw storeFault(error, path);
  }
  try {
    if (!readOnly) setWal(db);
    db.exec(`PRAGMA synchronous = NORMAL; PRAGMA cache_size = -${PAGE_CACHE_KIBIBYTES}; PRAGMA temp_store = MEMORY;`);
    checkCheaply(db, path);
    if (existsSync(suspicion(path)) && !readOnly) checkThoroughly(db, path);
    migrate(db, path, migrations, readOnly);
  } catch (error) {
    closeQuietly(db);
    throw storeFault(error, path);
  }
  return {
    db,
    path,
    notes,
    transaction: (work) => transaction(db, path, work),
    suspect: () => markSuspect(path),
    close: () => closeQuietly(db),
  };
}

/** Two processes that create the file at the same moment both want the exclusive lock for this one statement, and SQLite may then answer "locked" at once. */
function setWal(db: DatabaseSync): void {
  const ATTEMPTS = 50;
  for (let attempt = 1; ; attempt++) {
    try {
      db.exec("PRAGMA journal_mode = WAL");
      return;
    } catch (error) {
      if (attempt === ATTEMPTS || primaryCode(error) !== SQLITE_BUSY) throw error;
      pause(20);
    }
  }
}

/** Reads the header and the schema, and compares the size that the header states with the file's: what a torn copy or an overwritten start gets wrong. */
function checkCheaply(db: DatabaseSync, path: string): void {
  db.prepare("SELECT count(*) FROM sqlite_schema").get();
  const pages = numberOf(db, "PRAGMA page_count");
  const size = numberOf(db, "PRAGMA page_size");
  const log = statSync(`${path}-wal`, { throwIfNoEntry: false });
  // With a log beside it the file may rightly be shorter than the database: pages are then still in the log.
  if ((log === undefined || log.size === 0) && statSync(path).size < pages * size)
    throw new Fault("store/corrupt", `${path} is shorter than it says it is.`);
}

function checkThoroughly(db: DatabaseSync, path: string): void {
  const rows = db.prepare("PRAGMA integrity_check(1)").all();
  const first = Object.values(rows[0] ?? {})[0];
  if (first !== "ok") throw new Fault("store/corrupt", `${path} is damaged: ${String(first)}`);
  rmSync(suspicion(path), { force: true });
}

function migrate(db: DatabaseSync, path: string, migrations: readonly string[], readOnly: boolean): void {
  const version = numberOf(db, "PRAGMA user_version");
  if (version > migrations.length)
    throw new Fault(
      "store/newer",
      `${path} was written by a later version of Tributary (its form is ${version}, this one knows ${migrations.length}).`,
      {
        hint: "Update Tributary, or name another folder with TRIBUTARY_CACHE or TRIBUTARY_DATA.",
      },
    );
  if (version === migrations.length) return;
  if (readOnly) throw new Fault("store/unusable", `${path} has an older form (${version}) and was opened for reading only.`);
  transaction(db, path, () => {
    // Another process may have migrated while this one waited for the lock.
    for (let at = numberOf(db, "PRAGMA user_version"); at < migrations.length; at++) {
      db.exec(migrations[at] ?? "");
      db.exec(`PRAGMA user_version = ${at + 1}`);
    }
  });
}

function transaction<T>(db: DatabaseSync, path: string, work: () => T): T {
  try {
    db.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      db.exec("COMMIT");
      return result;
    } catch (error) {
      // A full disk ends the transaction by itself; then there is nothing left to roll back.
      if (db.isTransaction) db.exec("ROLLBACK");
      throw error;
    }
  } catch (error) {
    const fault = storeFault(error, path);
    if (fault instanceof Fault && fault.code === "store/corrupt") markSuspect(path);
    throw fault;
  }
}

/** One process repairs, the others wait and then find a sound file: without the lock the second would move the first one's new file aside. */
function recover(path: string, migrations: readonly string[], options: OpenOptions): Store {
  return withLock(`${path}.repair`, path, () => {
    try {
      return openOnce(path, migrations, options, []);
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== "store/corrupt") throw error;
      const aside = freeName(path);
      for (const suffix of ["", "-wal", "-shm"]) if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
      rmSync(suspicion(path), { force: true });
      const lost = options.lost ?? "What it held is fetched again when it is needed.";
      return openOnce(path, migrations, options, [`${path} was damaged. It is now ${basename(aside)}, and a new one was begun. ${lost}`]);
    }
  });
}

function freeName(path: string): string {
  for (let n = 1; n <= DAMAGED_COPIES; n++) if (!existsSync(`${path}.corrupt-${n}`)) return `${path}.corrupt-${n}`;
  for (const suffix of ["", "-wal", "-shm"]) rmSync(`${path}.corrupt-${DAMAGED_COPIES}${suffix}`, { force: true });
  return `${path}.corrupt-${DAMAGED_COPIES}`;
}

function withLock<T>(lock: string, path: string, work: () => T): T {
  const started = Date.now();
  for (;;) {
    try {
      const handle = openSync(lock, "wx", 0o600);
      try {
        writeSync(handle, String(process.pid));
        return work();
      } finally {
        closeSync(handle);
        rmSync(lock, { force: true });
      }
    } catch (error) {
      if (!isErrno(error, "EEXIST")) throw storeFault(error, path);
    }
    const age = lockAge(lock);
    if (age > RECOVERY_LOCK_MILLISECONDS) rmSync(lock, { force: true });
    else if (Date.now() - started > 2 * RECOVERY_LOCK_MILLISECONDS)
      throw new Fault("store/busy", `${path} is being repaired by another process.`, { hint: `If none is running, remove ${lock}.` });
    else pause(25);
  }
}

/** Milliseconds since the lock was taken; endless where the process that took it is gone. */
function lockAge(lock: string): number {
  try {
    const owner = Number(readFileSync(lock, "utf8"));
    if (Number.isInteger(owner) && owner > 0 && !isAlive(owner)) return Number.POSITIVE_INFINITY;
    return Date.now() - statSync(lock).mtimeMs;
  } catch {
    return 0;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isErrno(error, "EPERM");
  }
}

const suspicion = (path: string): string => `${path}.suspect`;

function markSuspect(path: string): void {
  try {
    closeSync(openSync(suspicion(path), "a", 0o600));
  } catch {
    // Where not even this can be written there is nothing more to remember with; the error itself is on its way to the user.
  }
}

function closeQuietly(db: DatabaseSync): void {
  try {
    if (db.isOpen) db.close();
  } catch {
    // Closing a damaged file may fail; what it means was already said.
  }
}

function numberOf(db: DatabaseSync, sql: string): number {
  return Number(Object.values(db.prepare(sql).get() ?? {})[0] ?? 0);
}

/** Blocks this thread: opening is synchronous, and there is nothing else to do before the store is there. */
function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

const isErrno = (error: unknown, code: string): boolean => error instanceof Error && "code" in error && error.code === code;

/** https://www.sqlite.org/rescode.html */
const SQLITE_PERM = 3;
const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;
const SQLITE_READONLY = 8;
const SQLITE_IOERR = 10;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_CANTOPEN = 14;
const SQLITE_NOTADB = 26;

function primaryCode(error: unknown): number | undefined {
  return error instanceof Error && "errcode" in error && typeof error.errcode === "number" ? error.errcode & 0xff : undefined;
}

/** Turns an error of SQLite or of the file system into a `store/*` fault; anything else is given back as it is. */
export function storeFault(error: unknown, path: string): unknown {
  const message = error instanceof Error ? error.message : String(error);
  switch (primaryCode(error)) {
    case SQLITE_FULL:
      return full(path, error);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return new Fault("store/busy", `${path} is locked by another process.`, { hint: "Wait for the other run to end.", cause: error });
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return new Fault("store/corrupt", `${path} is damaged: ${message}.`, {
        hint: "Run again: a damaged file is moved aside and built anew.",
        cause: error,
      });
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
      return unusable(path, message, error);
    case undefined:
      break;
    default:
      return error;
  }
  if (isErrno(error, "ENOSPC") || isErrno(error, "EDQUOT")) return full(path, error);
  if (error instanceof Error && "syscall" in error) return unusable(path, message, error);
  return error;
}

const full = (path: string, cause: unknown): Fault =>
  new Fault("store/full", `There is no room left to write ${path}.`, {
    hint: "Free some space, or name a folder on another disk with TRIBUTARY_CACHE. What was kept before is whole.",
    cause,
  });

const unusable = (path: string, message: string, cause: unknown): Fault =>
  new Fault("store/unusable", `${path} cannot be used: ${message}.`, {
    hint: "Check who owns the folder, or name another one with TRIBUTARY_CACHE or TRIBUTARY_DATA.",
    cause,
  });
