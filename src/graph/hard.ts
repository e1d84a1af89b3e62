/**
 * Hard reach: what cannot stand without a package, honouring alternatives. A package asks for *clauses*; each is satisfied by any one of
 * its *satisfiers* (`a | b`, or whoever provides a virtual name). A package fails when all satisfiers of one of its clauses failed; the
 * hard reach of x is the number of others in the least fixpoint that starts with x failed. Without conflicts this is the *strong
 * dependency* of Abate, Boender, Di Cosmo and Zacchiroli (MANCOOSI TR 0002, 2009).
 *
 * Not modelled: what excludes what (installing.ts does), versions unless the loader read them, and essential packages unless they were made
 * edges (see `versions` and `essential` in the Debian loader).
 */

import type { World } from "./world.ts";

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
    // Most clauses have one satisfier: there is nothing to sort.
    const only = any.length === 1 ? any[0]! : -1;
    if (only >= 0) {
      if (only === who) continue;
      owner.push(who);
      satisfiers.push(only);
      offsets.push(satisfiers.length);
      continue;
    }
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
  /**
   * Lets `starts` fail and returns how many others fail with them. The nodes themselves stand in `order`, starts first. In another `world`
   * some nodes stand for others.
   */
  readonly fail: (starts: ArrayLike<number>, world?: World) => number;
  /** After `fail`: who failed, in the order in which it happened. Valid until the next call. */
  readonly order: () => Int32Array;
  /** After `fail`, by place in `order`: after how many rounds. 0 for the starts. */
  readonly rounds: () => Int32Array;
  /** After `fail`, by place in `order`: whose failure was the last straw, as a node; -1 for the starts. */
  readonly causes: () => Int32Array;
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
  const differs = new Int32Array(n);
  const asked = new Int32Array(count);
  const left = new Int32Array(count);
  const queue = new Int32Array(n);
  const round = new Int32Array(n);
  const cause = new Int32Array(n);
  let question = 0;
  /** The question in which one of a pair of spares fell already. */
  let spareQuestion = 0;
  let head = 0;
  let tail = 0;
  const push = (node: number, because: number, when: number): void => {
    if (failed[node] === question) return;
    failed[node] = question;
    round[tail] = when;
    cause[tail] = because;
    queue[tail++] = node;
  };
  /** The clauses that `row` satisfies lose one satisfier because `node` failed. */
  const take = (row: number, node: number): void => {
    const end = first[row + 1]!;
    for (let at = first[row]!; at < end; at++) {
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
      round[tail] = round[head]! + 1;
      cause[tail] = node;
      queue[tail++] = who;
    }
  };
  const takeIn = (world: World, node: number): void => {
    for (const other of world.together.get(node) ?? NONE) push(other, node, round[head]! + 1);
    const { spare } = world;
    if (spare !== null && (node === spare.of || node === spare.by)) {
      // Whoever leans on `of` is held by `by`: it falls with the second of the two.
      if (node === spare.by) take(node, node);
      if (spareQuestion === question) take(spare.of, node);
      spareQuestion = question;
      return;
    }
    for (const row of world.standsFor.get(node) ?? [node]) if (world.immune === null || world.immune[row] === 0) take(row, node);
  };
  const fail = (starts: ArrayLike<number>, world?: World): number => {
    question++;
    tail = 0;
    for (let i = 0; i < starts.length; i++) push(starts[i]!, -1, 0);
    const begun = tail;
    if (world === undefined) for (head = 0; head < tail; head++) take(queue[head]!, queue[head]!);
    else {
      // Nearly all nodes are as they were: only the few that are not are looked up.
      for (const node of world.together.keys()) differs[node] = question;
      for (const node of world.standsFor.keys()) differs[node] = question;
      if (world.spare !== null) differs[world.spare.of] = differs[world.spare.by] = question;
      for (head = 0; head < tail; head++) {
        const node = queue[head]!;
        if (differs[node] === question || world.immune !== null) takeIn(world, node);
        else take(node, node);
      }
    }
    return tail - begun;
  };
  return { fail, order: () => queue.slice(0, tail), rounds: () => round.slice(0, tail), causes: () => cause.slice(0, tail) };
}

const NONE: readonly number[] = [];

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
