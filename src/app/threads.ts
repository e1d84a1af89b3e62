/**
 * Work that is calculation alone, shared between this thread and others. Batches go to whoever is free; results come back in the order of the
 * work, whatever the number of threads. A thread that fails fails the whole: an answer is never silently missing.
 */
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { Fault } from "../model/index.ts";

export interface ThreadsOptions {
  /** Name of the thread's file, without its ending: `provenance.worker`. It answers a batch (a list of work) with the list of results. */
  readonly worker: string;
  /** What each thread is told when it starts. */
  readonly data: unknown;
  /** Threads beside this one; undefined for as many as the machine has cores for. */
  readonly threads: number | undefined;
  readonly signal?: AbortSignal;
}

/** A batch takes some twenty milliseconds: short enough for the threads to end together, long enough for its messages not to count. */
const BATCH = 16;
/** Batches that a thread has at once, so that it never waits for the next. */
const AHEAD = 2;
/** More share a memory bus and a disk; the gain is over before. */
const MOST_THREADS = 7;

/**
 * The results of `here` on each of `work`, in its order; the threads must calculate the same. Throws what `here` throws, Fault
 * `internal/thread` where a thread ends before its work does, and the reason of an aborted signal. No thread outlives the call.
 */
export async function mapOnThreads<W, R>(work: readonly W[], here: (one: W) => R, options: ThreadsOptions): Promise<readonly R[]> {
  const { signal } = options;
  const results: R[] = [];
  let next = 0;
  let open = work.length;
  const take = (): { readonly from: number; readonly batch: readonly W[] } | null => {
    if (next >= work.length) return null;
    const from = next;
    next = Math.min(work.length, from + BATCH);
    return { from, batch: work.slice(from, next) };
  };
  const put = (from: number, batch: readonly R[]): void => {
    for (const [n, result] of batch.entries()) results[from + n] = result;
    open -= batch.length;
  };
  const wanted = Math.min(options.threads ?? availableParallelism() - 1, MOST_THREADS, Math.floor(work.length / BATCH));
  const workers = Array.from({ length: wanted }, () => new Worker(fileOf(options.worker), { workerData: options.data }));
  try {
    const others = Promise.all(workers.map((worker) => drive(worker, take, put)));
    // What fails while this thread calculates is looked at when it pauses.
    const failed = others.then(
      () => null,
      (error: unknown) => ({ error }),
    );
    for (let mine = take(); mine !== null; mine = take()) {
      signal?.throwIfAborted();
      put(mine.from, mine.batch.map(here));
      if (workers.length > 0) await new Promise((pause) => setImmediate(pause));
    }
    const failure = await Promise.race([failed, stopped(signal)]);
    if (failure !== null) throw failure.error;
    if (open !== 0) throw new Fault("internal/thread", `${open} of ${work.length} results did not come back`);
    return results;
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

/** Feeds one thread until there is nothing left; rejects where the thread fails or ends of itself. */
function drive<W, R>(
  worker: Worker,
  take: () => { readonly from: number; readonly batch: readonly W[] } | null,
  put: (from: number, batch: readonly R[]) => void,
): Promise<void> {
  return new Promise((done, failed) => {
    const waiting: { readonly from: number; readonly size: number }[] = [];
    const broken = (why: string, cause?: unknown): void =>
      failed(
        cause instanceof Fault
          ? cause
          : new Fault("internal/thread", `a thread of the verification ended before its work did: ${why}`, {
              hint: "run the command again; if it stays, please report it",
              cause,
            }),
      );
    const give = (): void => {
      while (waiting.length < AHEAD) {
        const more = take();
        if (more === null) break;
        waiting.push({ from: more.from, size: more.batch.length });
        worker.postMessage(more.batch, []);
      }
      if (waiting.length === 0) done();
    };
    worker.on("message", (batch: readonly R[]) => {
      const asked = waiting.shift();
      if (asked === undefined || asked.size !== batch.length) return broken("it answered something else than was asked");
      put(asked.from, batch);
      give();
    });
    worker.on("error", (error) => broken(error instanceof Error ? error.message : String(error), error));
    worker.on("messageerror", (error) => broken("its answer could not be read", error));
    worker.on("exit", (status) => broken(`it ended with ${status}`));
    give();
  });
}

function stopped(signal: AbortSignal | undefined): Promise<{ readonly error: unknown }> {
  return new Promise((stop) => {
    if (signal === undefined) return;
    if (signal.aborted) stop({ error: signal.reason });
    signal.addEventListener("abort", () => stop({ error: signal.reason }), { once: true });
  });
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
