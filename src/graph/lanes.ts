/**
 * Thirty-two questions at once. "Who falls if x falls, in a world that differs a little?" is asked for every package that a change
 * touches, and the answers share nearly all their work: so a node carries a word, one bit (a *lane*) a question. A clause is the AND of
 * its satisfiers' words, a node the OR of its clauses', and one walk over the nodes, dependencies first, settles all lanes; only inside a
 * cycle is there something to repeat.
 *
 * Two things keep the walk short. Only packages that stand on what is changed can fare differently (`above`), and what they fare depends on
 * nothing but what lies below them (`region`). And a change puts another word in the place of a node's own: the alternative's AND, the
 * replacement, the OR of what was merged. That word v may depend on itself (the alternative may stand on what it is to replace), but as
 * everything here is monotone the least answer is found by asking twice: with v = 0, and where that makes v true, with v true.
 */
import { components } from "./components.ts";
import type { Graph } from "./csr.ts";
import type { Clauses } from "./hard.ts";

/** A change to the graph, by node. */
export type Shift =
  | { readonly kind: "alternative" | "replaced"; readonly of: number; readonly by: number }
  | { readonly kind: "merged"; readonly parts: readonly number[] };

export interface Lanes {
  /**
   * By place in `starts`: how many more others fail (fewer: below zero) with that one in the changed world. The other parts of what is
   * merged are not counted as others, as in `failing`.
   */
  readonly differences: (starts: ArrayLike<number>, shift: Shift) => Int32Array;
}

export const LANES = 32;

/** A search that has come upon this share of all nodes is given up for a walk over everything: reading rows in order is quicker. */
const LARGE = 16;

/** Above this share of all nodes a region is walked by looking at every node, below it by sorting its own. */
const SPARSE = 16;

/** `graph` leads from owners to satisfiers; it may hold more edges than the clauses have. */
export function lanesOf(clauses: Clauses, graph: Graph): Lanes {
  const { n } = graph;
  const { position, part, alone, mustFrom, musts, choiceFrom, optionFrom, options, upFrom, up } = layoutOf(clauses, graph);
  /** By position two words side by side, for most of the work is to fetch them: who fails as things are, and who in the changed world. */
  const words = new Int32Array(2 * n);
  const starting = new Int32Array(n);
  /** By position: 1 where the change puts another word in the place of the node's own, which then stands in `own`. */
  const pinned = new Uint8Array(n);
  const own = new Int32Array(n);
  const waiting = new Uint8Array(n);
  const queue = new Int32Array(n + 1);

  /** Evaluates a place; whether that changed anything. */
  const evaluate = (at: number): boolean => {
    let before = starting[at]!;
    let after = before;
    const end = mustFrom[at + 1]!;
    for (let one = mustFrom[at]!; one < end; one++) {
      const word = musts[one]! << 1;
      before |= words[word]!;
      after |= words[word + 1]!;
    }
    const last = choiceFrom[at + 1]!;
    for (let choice = choiceFrom[at]!; choice < last; choice++) {
      let allBefore = -1;
      let allAfter = -1;
      for (let one = optionFrom[choice]!; one < optionFrom[choice + 1]!; one++) {
        const word = options[one]! << 1;
        allBefore &= words[word]!;
        allAfter &= words[word + 1]!;
      }
      before |= allBefore;
      after |= allAfter;
    }
    const word = at << 1;
    if (pinned[at] === 1) {
      own[at] = after;
      after = words[word + 1]!;
    }
    if (before === words[word] && after === words[word + 1]) return false;
    words[word] = before;
    words[word + 1] = after;
    return true;
  };
  /** Members of one cycle: from nothing upwards, again whenever one of those that they ask for changed. */
  const settleCycle = (order: Int32Array, from: number, to: number): void => {
    const size = to - from;
    for (let i = 0; i < size; i++) {
      const at = order[from + i]!;
      words[at << 1] = 0;
      if (pinned[at] === 0) words[(at << 1) + 1] = 0;
      waiting[at] = 1;
      queue[i] = at;
    }
    let head = 0;
    let length = size;
    while (length > 0) {
      const at = queue[head]!;
      head = head + 1 === size ? 0 : head + 1;
      length--;
      waiting[at] = 0;
      if (!evaluate(at)) continue;
      for (let edge = upFrom[at]!; edge < upFrom[at + 1]!; edge++) {
        const asks = up[edge]!;
        if (part[asks] !== part[at] || waiting[asks] === 1) continue;
        waiting[asks] = 1;
        queue[(head + length++) % size] = asks;
      }
    }
  };
  const settle = (order: Int32Array): void => {
    for (let i = 0; i < order.length;) {
      const at = order[i]!;
      if (alone[at] === 1) {
        evaluate(at);
        i++;
        continue;
      }
      let end = i + 1;
      while (end < order.length && part[order[end]!] === part[at]) end++;
      settleCycle(order, i, end);
      i = end;
    }
  };

  const stamp = new Int32Array(n);
  const everything = Int32Array.from({ length: n }, (_, at) => at);
  let generation = 0;
  let reached = 0;
  const push = (at: number): void => {
    if (stamp[at] === generation) return;
    stamp[at] = generation;
    queue[reached++] = at;
  };
  /** What was reached, ascending: dependencies come first. */
  const inOrder = (): Int32Array => {
    if (reached === n) return everything;
    if (reached * SPARSE < n) return queue.subarray(0, reached).toSorted();
    const order = new Int32Array(reached);
    for (let at = 0, filled = 0; filled < reached; at++) if (stamp[at] === generation) order[filled++] = at;
    return order;
  };
  const begin = (): void => {
    generation++;
    reached = 0;
  };
  /** All that `leads` comes upon from what was pushed; once that is a good part of the graph, everything, which costs no search. */
  const spread = (leads: (at: number) => void): Int32Array => {
    for (let head = 0; head < reached; head++) {
      if (reached * LARGE > n) return everything;
      leads(queue[head]!);
    }
    return inOrder();
  };
  const upwards = (at: number): void => {
    for (let edge = upFrom[at]!; edge < upFrom[at + 1]!; edge++) push(up[edge]!);
  };
  const downwards = (at: number): void => {
    for (let one = mustFrom[at]!; one < mustFrom[at + 1]!; one++) push(musts[one]!);
    const last = optionFrom[choiceFrom[at + 1]!]!;
    for (let one = optionFrom[choiceFrom[at]!]!; one < last; one++) push(options[one]!);
  };
  /** The seeds and all that stand on them, or everything. */
  const aboveOf = (seeds: readonly number[]): Int32Array => {
    begin();
    for (const seed of seeds) push(seed);
    return spread(upwards);
  };
  /** The seeds and all that they stand on, or everything. */
  const belowOf = (...seeds: readonly ArrayLike<number>[]): Int32Array => {
    begin();
    for (const some of seeds) for (let i = 0; i < some.length; i++) push(some[i]!);
    return spread(downwards);
  };
  /** Does one of `from` stand on one of `on`, not counting itself as long as it is in no cycle? Where that is long to find out: maybe. */
  const standsOn = (from: readonly number[], on: readonly number[]): boolean => {
    begin();
    for (const one of from) downwards(one);
    return spread(downwards) === everything || on.some((one) => stamp[one] === generation);
  };

  /** Lets each of up to 32 starts fail in a lane of its own. */
  const start = (starts: Int32Array): void => starts.forEach((at, lane) => (starting[at]! |= 1 << lane));
  const stop = (starts: Int32Array): void => starts.forEach((at) => (starting[at] = 0));

  /** The starts that take down one of the changed nodes: for all others nothing changes. Places in `starts`. */
  const concerned = (starts: Int32Array, changed: readonly number[]): Int32Array => {
    const region = belowOf(changed, starts);
    const found: number[] = [];
    for (let from = 0; from < starts.length; from += LANES) {
      const some = starts.subarray(from, from + LANES);
      start(some);
      settle(region);
      stop(some);
      const hit = changed.reduce((any, one) => any | words[one << 1]!, 0);
      some.forEach((_, lane) => {
        if ((hit >>> lane) & 1) found.push(from + lane);
      });
    }
    return Int32Array.from(found);
  };

  return {
    differences: (asked, shift) => {
      const starts = Int32Array.from({ length: asked.length }, (_, i) => position[asked[i]!]!);
      const result = new Int32Array(starts.length);
      const pins = (shift.kind === "merged" ? shift.parts : [shift.of]).map((node) => position[node]!);
      const by = shift.kind === "merged" ? pins : [position[shift.by]!];
      const places = starts.length <= LANES ? Int32Array.from(starts.keys()) : concerned(starts, [...pins, ...by]);
      if (places.length === 0) return result;
      const region = belowOf(aboveOf(pins), by, starts);
      // Where the word that is put in another's place cannot depend on itself, what is below says what it is, before the change.
      const known = shift.kind !== "alternative" && !standsOn(by, pins);
      const below = known ? belowOf(by) : region;
      const replacing = (word: (at: number) => number): number =>
        shift.kind === "alternative" ? word(pins[0]!) & word(by[0]!) : by.reduce((any, one) => any | word(one), 0);

      for (let from = 0; from < places.length; from += LANES) {
        const lanes = places.subarray(from, from + LANES);
        const some = lanes.map((place) => starts[place]!);
        start(some);
        let value = 0;
        if (known) {
          settle(below);
          value = replacing((at) => words[at << 1]!);
        }
        for (const pin of pins) {
          pinned[pin] = 1;
          words[(pin << 1) + 1] = value;
        }
        settle(region);
        if (!known) value = replacing((at) => (pinned[at] === 1 ? own[at]! : words[(at << 1) + 1]!));
        // With both gone all is as it was before there was an alternative; in the other worlds it is asked again.
        const unchanged = shift.kind === "alternative" ? value : 0;
        if (!known && value !== unchanged) {
          for (const pin of pins) words[(pin << 1) + 1] = value;
          settle(region);
        }
        stop(some);
        for (const pin of pins) {
          pinned[pin] = 0;
          words[(pin << 1) + 1] = shift.kind === "merged" ? value : own[pin]!;
        }
        const more = laneCounter();
        const fewer = laneCounter();
        for (let i = 0; i < region.length; i++) {
          const word = region[i]! << 1;
          const after = words[word + 1]!;
          const differs = (words[word]! ^ after) & ~unchanged;
          if (differs === 0) continue;
          more.add(differs & after);
          fewer.add(differs & ~after);
        }
        const [gained, lost] = [more.counts(), fewer.counts()];
        lanes.forEach((place, lane) => {
          const others = shift.kind === "merged" && pins.includes(starts[place]!) ? pins.length - 1 : 0;
          result[place] = gained[lane]! - lost[lane]! - others;
        });
      }
      return result;
    },
  };
}

interface Layout {
  /** By node: its place in an order in which dependencies come before those who ask for them, but for cycles. All else goes by place. */
  readonly position: Int32Array;
  /** The cycle that a place belongs to. */
  readonly part: Int32Array;
  /** 1 where the node is in no cycle. */
  readonly alone: Uint8Array;
  /** What a place cannot do without: its clauses of one satisfier, which are nearly all. */
  readonly mustFrom: Int32Array;
  readonly musts: Int32Array;
  /** Its other clauses, and their satisfiers. */
  readonly choiceFrom: Int32Array;
  readonly optionFrom: Int32Array;
  readonly options: Int32Array;
  readonly upFrom: Int32Array;
  readonly up: Int32Array;
}

function layoutOf(clauses: Clauses, graph: Graph): Layout {
  const { n } = graph;
  const { count, of, size } = components(graph);
  const next = new Int32Array(count + 1);
  for (let one = 0; one < count; one++) next[one + 1] = next[one]! + size[one]!;
  const position = new Int32Array(n);
  const part = new Int32Array(n);
  const alone = new Uint8Array(n);
  for (let node = 0; node < n; node++) {
    const at = next[of[node]!]!++;
    position[node] = at;
    part[at] = of[node]!;
    alone[at] = size[of[node]!] === 1 ? 1 : 0;
  }
  const { owner, offsets } = clauses;
  const mustFrom = new Int32Array(n + 1);
  const choiceFrom = new Int32Array(n + 1);
  const optionCount = new Int32Array(n + 1);
  const upFrom = new Int32Array(n + 1);
  for (let clause = 0; clause < owner.length; clause++) {
    const next = position[owner[clause]!]! + 1;
    const width = offsets[clause + 1]! - offsets[clause]!;
    if (width === 1) mustFrom[next]!++;
    else {
      choiceFrom[next]!++;
      optionCount[next]! += width;
    }
  }
  for (const node of clauses.satisfiers) upFrom[position[node]! + 1]!++;
  for (const counts of [mustFrom, choiceFrom, optionCount, upFrom]) for (let at = 0; at < n; at++) counts[at + 1]! += counts[at]!;
  const [nextMust, nextChoice, nextOption, nextUp] = [mustFrom.slice(), choiceFrom.slice(), optionCount.slice(), upFrom.slice()];
  const musts = new Int32Array(mustFrom[n]!);
  const optionFrom = new Int32Array(choiceFrom[n]! + 1);
  const options = new Int32Array(optionCount[n]!);
  const up = new Int32Array(clauses.satisfiers.length);
  optionFrom[choiceFrom[n]!] = options.length;
  for (let clause = 0; clause < owner.length; clause++) {
    const at = position[owner[clause]!]!;
    const [from, to] = [offsets[clause]!, offsets[clause + 1]!];
    if (to - from > 1) optionFrom[nextChoice[at]!++] = nextOption[at]!;
    for (let one = from; one < to; one++) {
      const satisfier = position[clauses.satisfiers[one]!]!;
      if (to - from === 1) musts[nextMust[at]!++] = satisfier;
      else options[nextOption[at]!++] = satisfier;
      up[nextUp[satisfier]!++] = at;
    }
  }
  return { position, part, alone, mustFrom, musts, choiceFrom, optionFrom, options, upFrom, up };
}

export interface LaneCounter {
  /** Counts one in every lane whose bit is set. */
  readonly add: (word: number) => void;
  /** By lane. */
  readonly counts: () => Int32Array;
}

/** Counts in all lanes at once: digit k of all 32 counts stands in one word, and adding one is a carry that soon ends. */
export function laneCounter(): LaneCounter {
  const digits = new Int32Array(31);
  return {
    add: (word) => {
      for (let digit = 0; word !== 0; digit++) {
        const carry = digits[digit]! & word;
        digits[digit]! ^= word;
        word = carry;
      }
    },
    counts: () =>
      Int32Array.from({ length: LANES }, (_, lane) => digits.reduce((sum, word, digit) => sum + ((word >>> lane) & 1) * 2 ** digit, 0)),
  };
}
