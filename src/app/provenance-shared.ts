/** What the origins of every ecosystem's packages are gathered with. */
import { Fault, type Unavailable } from "../model/index.ts";

/** Does work for each item, so many at once. Throws what the work throws. */
export async function eachAtOnce<T>(items: Iterable<T>, atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  const queue = items[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (const item of { [Symbol.iterator]: () => queue }) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

/** A fault of a source as the reason why something is not there. Throws where the signal is aborted. */
export async function orUnavailable<T extends object>(
  signal: AbortSignal | undefined,
  work: () => Promise<T | Unavailable>,
): Promise<T | Unavailable> {
  try {
    return await work();
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof Fault)) throw error;
    return {
      unavailable: true,
      code: error.code,
      because: error.message,
      ...(error.code === "source/not-found" ? {} : { cure: "tributary check" }),
    };
  }
}
