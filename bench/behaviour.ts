/**
 * What code can do: megabytes of JavaScript a second beside @nodesecure/js-x-ray; pairs of releases a second; an update of 1,500 packages;
 * and the memory of a review of two large ones. The sources are the honest releases of the benign pairs, all read from memory.
 */
import type { Bench, BenchContext, BenchRow } from "./bench.ts";
import { largePackages } from "./behaviour/large.ts";
import { releasePairs, update } from "./behaviour/pairs.ts";
import { scripts } from "./behaviour/scripts.ts";

const run = async (context: BenchContext): Promise<readonly BenchRow[]> => [
  ...(await scripts(context)),
  ...(await releasePairs(context)),
  ...(await update(context)),
  ...(await largePackages(context)),
];

export const bench: Bench = { name: "behaviour", title: "What code can do", run };
