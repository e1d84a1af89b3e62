/**
 * Greedy cover: choose k of many sets so that together they hold as much as possible. The best choice is NP-hard; greedy holds at least
 * 1 - 1/e of it (Nemhauser, Wolsey, Fisher 1978), and on a given input mostly far more: `atLeastOfBest` says how much, from the gains that
 * were left. Lazy (Minoux 1978): what a set still adds only shrinks, so most need not be looked at again.
 */
export interface Cover {
  readonly steps: readonly { readonly index: number; readonly gain: number; readonly total: number }[];
  /** Of the best k, the chosen k hold at least this share. */
  readonly atLeastOfBest: number;
}

/**
 * @param count number of sets
 * @param members what set number `index` holds, as numbers below n
 * @param sizes upper bounds of the sets' sizes (the sizes themselves are best)
 */
export function coverGreedily(
  count: number,
  members: (index: number) => Int32Array,
  n: number,
  k: number,
  sizes: ArrayLike<number>,
): Cover {
  const covered = new Uint8Array(n);
  const heap = heapOf(count, sizes);
  const largestSets = heap.largest(k).reduce((sum, size) => sum + size, 0);
  const steps: { index: number; gain: number; total: number }[] = [];
  let total = 0;
  const gainOf = (index: number): number => {
    let gain = 0;
    for (const member of members(index)) gain += 1 - covered[member]!;
    return gain;
  };
  // In which step a bound was computed: of the present one, it is exact.
  const fresh = new Int32Array(count).fill(-1);
  for (let step = 0; step < k; step++) {
    for (;;) {
      const top = heap.top();
      if (top === -1) break;
      if (fresh[top] === step) break;
      fresh[top] = step;
      heap.lower(gainOf(top));
    }
    const index = heap.top();
    if (index === -1 || heap.value() === 0) break;
    const gain = heap.value();
    for (const member of members(index)) covered[member] = 1;
    total += gain;
    steps.push({ index, gain, total });
    heap.lower(0);
  }
  // No k sets can hold more than what is held and the k largest gains that are left; nor more than the k largest sets.
  let left = 0;
  for (let best = 0; best < k; best++) {
    for (let top = heap.top(); top !== -1 && fresh[top] !== k; top = heap.top()) {
      fresh[top] = k;
      heap.lower(gainOf(top));
    }
    if (heap.value() === 0) break;
    left += heap.value();
    heap.lower(0);
  }
  const most = Math.min(n, largestSets, total + left);
  return { steps, atLeastOfBest: total === 0 ? 1 : total / most };
}

interface Heap {
  /** The index with the largest value; -1 where there is none. */
  readonly top: () => number;
  readonly value: () => number;
  /** Gives the top a new, not larger value. */
  readonly lower: (value: number) => void;
  /** The k largest values. */
  readonly largest: (k: number) => number[];
}

/** A binary heap of indices by value, largest first; of equal ones the lowest index, so that runs agree. */
function heapOf(count: number, values: ArrayLike<number>): Heap {
  const value = Float64Array.from({ length: count }, (_, index) => values[index]!);
  const heap = Int32Array.from({ length: count }, (_, index) => index);
  const before = (a: number, b: number): boolean => value[a]! > value[b]! || (value[a] === value[b] && a < b);
  const sink = (from: number): void => {
    let at = from;
    for (;;) {
      let best = at;
      for (let child = 2 * at + 1; child <= 2 * at + 2 && child < count; child++) if (before(heap[child]!, heap[best]!)) best = child;
      if (best === at) return;
      [heap[at], heap[best]] = [heap[best]!, heap[at]!];
      at = best;
    }
  };
  for (let at = (count >> 1) - 1; at >= 0; at--) sink(at);
  return {
    top: () => heap[0] ?? -1,
    value: () => (count === 0 ? 0 : value[heap[0]!]!),
    lower: (lowered) => {
      value[heap[0]!] = lowered;
      sink(0);
    },
    largest: (k) => Array.from(value.toSorted().toReversed().subarray(0, k)),
  };
}
