/**
 * Hard reach: what cannot stand without a package, honouring alternatives. A package asks for *clauses*; each is satisfied by any one of
 * its *satisfiers* (`a | b`, or whoever provides a virtual name). A package fails when all satisfiers of one of its clauses failed; the
 * hard reach of x is the number of others in the least fixpoint that starts with x failed. Without conflicts this is the *strong
 * dependency* of Abate, Boender, Di Cosmo and Zacchiroli (MANCOOSI TR 0002, 2009).
 *
 * Not modelled: conflicts, versions in relations, essential packages (see `essential` in the Debian loader).
 */

/** Clauses of a graph in compressed rows. Clause c belongs to `owner[c]`, satisfiers `satisfiers[offsets[c]]` to `[offsets[c + 1]]`, sorted, without repetition. */
export interface Clauses {
  readonly n: number;
  readonly owner: Int32Array;
  readonly offsets: Int32Array;
  readonly satisfiers: Int32Array;
}

/**
 * Builds clauses. A clause that its owner satisfies itself always holds and is dropped; one without satisfier can never hold, whatever
 * fails, and is dropped as well (`unsatisfiable` counts them); clauses are not merged.
 */
export function clausesOf(
  n: number,
  clauses: Iterable<readonly [owner: number, satisfiers: ArrayLike<number>]>,
): Clauses & { readonly unsatisfiable: number } {
  const owner: number[] = [];
  const offsets: number[] = [0];
  const satisfiers: number[] = [];
  let unsatisfiable = 0;
  for (const [who, any] of clauses) {
    const distinct = [...new Set(Array.from(any))].toSorted((a, b) => a - b);
    if (distinct.length === 0) unsatisfiable++;
    if (distinct.length === 0 || distinct.includes(who)) continue;
    owner.push(who);
    for (const satisfier of distinct) satisfiers.push(satisfier);
    offsets.push(satisfiers.length);
  }
  return { n, owner: Int32Array.from(owner), offsets: Int32Array.from(offsets), satisfiers: Int32Array.from(satisfiers), unsatisfiable };
}

/** A way to ask many questions of one graph without clearing anything in between: counters carry the number of the question. */
export interface Failing {
  /** Lets `starts` fail and returns how many others fail with them. The nodes themselves stand in `order`, starts first. */
  readonly fail: (starts: ArrayLike<number>) => number;
  /** After `fail`: who failed, in the order in which it happened. Valid until the next call. */
  readonly order: () => Int32Array;
}

export function failing(clauses: Clauses): Failing {
  const { n, owner, offsets, satisfiers } = clauses;
  const count = owner.length;
  // By node: the clauses that it satisfies.
  const first = new Int32Array(n + 1);
  for (const node of satisfiers) first[node + 1]!++;
  for (let node = 0; node < n; node++) first[node + 1]! += first[node]!;
  const next = first.slice();
  const satisfies = new Int32Array(satisfiers.length);
  for (let clause = 0; clause < count; clause++) {
    for (let at = offsets[clause]!; at < offsets[clause + 1]!; at++) satisfies[next[satisfiers[at]!]!++] = clause;
  }
  const width = new Int32Array(count);
  for (let clause = 0; clause < count; clause++) width[clause] = offsets[clause + 1]! - offsets[clause]!;

  const failed = new Int32Array(n);
  const asked = new Int32Array(count);
  const left = new Int32Array(count);
  const queue = new Int32Array(n);
  let question = 0;
  let tail = 0;
  const fail = (starts: ArrayLike<number>): number => {
    question++;
    tail = 0;
    for (let i = 0; i < starts.length; i++) {
      const node = starts[i]!;
      if (failed[node] === question) continue;
      failed[node] = question;
      queue[tail++] = node;
    }
    const begun = tail;
    for (let head = 0; head < tail; head++) {
      const node = queue[head]!;
      const end = first[node + 1]!;
      for (let at = first[node]!; at < end; at++) {
        const clause = satisfies[at]!;
        const who = owner[clause]!;
        if (failed[who] === question) continue;
        // Most clauses have one satisfier: then nothing has to be counted.
        if (width[clause]! > 1) {
          if (asked[clause] !== question) {
            asked[clause] = question;
            left[clause] = width[clause]!;
          }
          if (--left[clause]! > 0) continue;
        }
        failed[who] = question;
        queue[tail++] = who;
      }
    }
    return tail - begun;
  };
  return { fail, order: () => queue.slice(0, tail) };
}

/** Hard reach of every node. */
export function hardReach(clauses: Clauses): Int32Array {
  const { fail } = failing(clauses);
  const start = new Int32Array(1);
  const reach = new Int32Array(clauses.n);
  for (let node = 0; node < clauses.n; node++) {
    start[0] = node;
    reach[node] = fail(start);
  }
  return reach;
}
