/**
 * Work that is calculation alone, shared between this thread and others. Batches go to whoever is free, from the moment that there are enough;
 * results come back in the order in which the work was added, whatever the number of threads. A thread that fails fails the whole: an answer
 * is never silently missing.
 */
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { Fault } from "../model/index.ts";

export interface PoolOptions {
  /** Name of the thread's file, without its ending: `provenance.worker`. */
  readonly worker: string;
  /** What each thread is told when it starts. */
  readonly data: unknown;
  /** Threads beside this one; undefined for as many as the machine has cores for. */
  readonly threads: number | undefined;
  /** Work that has to be waiting before other threads are started. */
  readonly worth: number;
  readonly signal?: AbortSignal;
}

/** What a thread is sent; it answers each batch with the list of its results. */
export type ToThread<W> = { readonly kind: "batch"; readonly work: readonly W[] } | { readonly kind: "news"; readonly news: unknown };

export interface Pool<W, R> {
  /** The other threads begin with it at once. */
  readonly add: (work: readonly W[]) => void;
  /** Something that all threads have to know before what is added from now on. */
  readonly tell: (news: unknown) => void;
  /**
   * All results, in the order of `add`; this thread takes its part with `here`, and the threads must calculate the same. To be called once, when
   * all is added. Throws what `here` throws, Fault `internal/thread` where a thread ends before its work does, and the reason of an aborted signal.
   */
  readonly results: (here: (one: W) => R) => Promise<readonly R[]>;
  /** Ends the threads; to be called in any case. */
  readonly close: () => Promise<void>;
}

/** A batch takes some twenty milliseconds: short enough for the threads to end together, long enough for its messages not to count. */
const BATCH = 16;
/** Batches that a thread has at once, so that it never waits for the next. */
const AHEAD = 2;
/** More share a memory bus and a disk; the gain is over before. */
const MOST_THREADS = 7;

interface Thread {
  readonly worker: Worker;
  readonly waiting: { readonly from: number; readonly size: number }[];
}

export function openPool<W, R>(options: PoolOptions): Pool<W, R> {
  const { signal } = options;
  const work: W[] = [];
  const results: R[] = [];
  const threads: Thread[] = [];
  const news: unknown[] = [];
  let next = 0;
  let open = 0;
  let complete = false;
  const failures: unknown[] = [];
  /** Called when the last result is there, when something failed, and when the work is to stop. */
  const ends = new EventTarget();
  const wake = (): boolean => ends.dispatchEvent(new Event("end"));

  const take = (): { readonly from: number; readonly batch: readonly W[] } | null => {
    // Until all is added, single pieces wait for company.
    if (next >= work.length || (!complete && work.length - next < BATCH)) return null;
    const from = next;
    next = Math.min(work.length, from + BATCH);
    return { from, batch: work.slice(from, next) };
  };
  const put = (from: number, batch: readonly R[]): void => {
    for (const [n, result] of batch.entries()) results[from + n] = result;
    open -= batch.length;
    if (open === 0) wake();
  };
  const fail = (error: unknown): void => {
    failures.push(error);
    wake();
  };
  const broken = (why: string, cause?: unknown): void =>
    fail(
      new Fault("internal/thread", `a thread ended before its work did: ${why}`, {
        hint: "run the command again; if it stays, please report it",
        cause,
      }),
    );
  const send = ({ worker }: Thread, message: ToThread<W>): void => worker.postMessage(message, []);
  const give = (thread: Thread): void => {
    while (failures.length === 0 && thread.waiting.length < AHEAD) {
      const more = take();
      if (more === null) return;
      thread.waiting.push({ from: more.from, size: more.batch.length });
      send(thread, { kind: "batch", work: more.batch });
    }
  };
  const start = (): Thread => {
    const worker = new Worker(fileOf(options.worker), { workerData: options.data });
    const thread: Thread = { worker, waiting: [] };
    worker.on("message", (batch: readonly R[]) => {
      const asked = thread.waiting.shift();
      if (asked === undefined || asked.size !== batch.length) return broken("it answered something else than was asked");
      put(asked.from, batch);
      give(thread);
    });
    worker.on("error", (error) => broken(error instanceof Error ? error.message : String(error), error));
    worker.on("messageerror", (error) => broken("its answer could not be read", error));
    worker.on("exit", (status) => broken(`it ended with ${status}`));
    for (const one of news) send(thread, { kind: "news", news: one });
    return thread;
  };
  const feed = (): void => {
    if (threads.length === 0 && work.length - next >= Math.max(1, options.worth)) {
      const wanted = Math.min(options.threads ?? availableParallelism() - 1, MOST_THREADS);
      while (threads.length < wanted) threads.push(start());
    }
    for (const thread of threads) give(thread);
  };

  return {
    add: (more) => {
      work.push(...more);
      open += more.length;
      feed();
    },
    tell: (one) => {
      news.push(one);
      for (const thread of threads) send(thread, { kind: "news", news: one });
    },
    results: async (here) => {
      complete = true;
      feed();
      const check = (): void => {
        signal?.throwIfAborted();
        if (failures.length > 0) throw failures[0];
      };
      for (let mine = take(); mine !== null; mine = take()) {
        check();
        put(mine.from, mine.batch.map(here));
        // What the others have done is only looked at when this thread pauses.
        if (threads.length > 0) await new Promise((pause) => setImmediate(pause));
      }
      signal?.addEventListener("abort", wake, { once: true });
      await new Promise<void>((done) => {
        ends.addEventListener("end", () => done(), { once: true });
        if (open === 0 || failures.length > 0 || signal?.aborted === true) done();
      });
      signal?.removeEventListener("abort", wake);
      check();
      if (open !== 0 || results.length !== work.length)
        throw new Fault("internal/thread", `${open} of ${work.length} results did not come back`);
      return results;
    },
    close: async () => {
      await Promise.all(threads.map(({ worker }) => worker.terminate()));
    },
  };
}

/** The results of `here` on work that is all there at once, in its order: a pool for one call. Throws what `Pool.results` throws. */
export async function mapOnThreads<W, R>(
  work: readonly W[],
  here: (one: W) => R,
  options: Omit<PoolOptions, "worth">,
): Promise<readonly R[]> {
  const pool = openPool<W, R>({ ...options, worth: BATCH });
  try {
    pool.add(work);
    return await pool.results(here);
  } finally {
    await pool.close();
  }
}

/** Beside the sources, or at the top of what is built, where every thread is a file of its own. */
function fileOf(worker: string): string {
  const places = [
    join(import.meta.dirname, `${worker}.ts`),
    join(import.meta.dirname, `${worker}.js`),
    join(import.meta.dirname, "..", `${worker}.js`),
  ];
  const found = places.find((place) => existsSync(place));
  if (found === undefined) throw new Fault("internal/bug", `${worker} is not part of this installation`);
  return found;
}
