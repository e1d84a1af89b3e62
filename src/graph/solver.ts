/**
 * Is there an installation? Packages are variables; "p asks for one of a, b" is the clause ¬p ∨ a ∨ b, "p and q exclude each other" ¬p ∨ ¬q.
 * A small solver of the usual kind (conflict-driven clause learning: Marques-Silva and Sakallah 1996; two watched literals: Moskewicz and
 * others 2001), with two things of its own. It never guesses but where a package that is in has a requirement that nothing in satisfies yet:
 * what nobody asks for stays out, which every original clause allows. And it grows one installation as long as it can: most packages of a
 * distribution get along, so a single assignment shows thousands of them to be installable.
 *
 * A literal is twice the variable, plus one where it is negated. No clock and no random number: the same questions take the same steps.
 */

export interface SolverInput {
  readonly variables: number;
  /** Requirements in rows: `owner[c]` asks for one of `satisfiers[offsets[c]…]`, the preferred one first. */
  readonly owner: Int32Array;
  readonly offsets: Int32Array;
  readonly satisfiers: Int32Array;
  /** Pairs that exclude each other, in rows, both ways. */
  readonly conflicts: { readonly offsets: Int32Array; readonly values: Int32Array };
  /** Variables that are never true. */
  readonly never: Int32Array;
  /** Dead ends after which one search is given up. */
  readonly mostConflicts?: number;
}

export interface Solver {
  /** Forgets all that was assumed and guessed; what was learnt holds. */
  readonly reset: () => void;
  /** Assumes that a package is in or out and follows what that forces. false: it cannot be. */
  readonly assume: (variable: number, value: boolean) => boolean;
  /** Takes back everything above this many assumptions and guesses. */
  readonly back: (level: number) => void;
  /** How many assumptions and guesses stand. */
  readonly level: () => number;
  /**
   * Looks for an installation under what was assumed up to `base`, guessing above it. `no` is proven; `gave-up` says that the limit of
   * conflicts was reached.
   */
  readonly search: (base: number) => "yes" | "no" | "gave-up";
  /** Adds a package to the installation that was found, or leaves the installation as it was and says false. */
  readonly add: (variable: number) => boolean;
  /** 1 in, -1 out, 0 open. */
  readonly value: (variable: number) => number;
  /** At which assumption or guess an assigned variable was settled. */
  readonly levelOf: (variable: number) => number;
}

/** Dead ends in one search. Distributions take below a hundred; a puzzle made to be hard takes more than anybody waits for. */
const MAX_CONFLICTS = 50_000;

const NO_REASON = -1;
/** A reason is a clause's number, or, for the two-literal ones, the literal that forced it, as a number below NO_REASON. */
const byLiteral = (literal: number): number => -2 - literal;

export function solverOf(input: SolverInput): Solver {
  const { variables: n, owner, offsets, satisfiers, mostConflicts = MAX_CONFLICTS } = input;

  // Two-literal clauses as implications: literal -> literals.
  const { starts: impliedFrom, values: implied } = implications(input);

  // Longer ones with two watched literals. Watches start at satisfiers: a requirement matters once its satisfiers fall.
  const clauses: Int32Array[] = [];
  const watches: (number[] | undefined)[] = Array.from({ length: 2 * n });
  const longOf: (number[] | undefined)[] = Array.from({ length: n });
  const watch = (literal: number, clause: number): void => {
    const list = watches[literal];
    if (list === undefined) watches[literal] = [clause];
    else list.push(clause);
  };
  for (let c = 0; c < owner.length; c++) {
    const width = offsets[c + 1]! - offsets[c]!;
    if (width < 2) continue;
    const clause = new Int32Array(width + 1);
    for (let i = 0; i < width; i++) clause[i] = 2 * satisfiers[offsets[c]! + i]!;
    clause[width] = 2 * owner[c]! + 1;
    watch(clause[0]!, clauses.length);
    watch(clause[1]!, clauses.length);
    (longOf[owner[c]!] ??= []).push(clauses.length);
    clauses.push(clause);
  }

  const values = new Int8Array(n);
  const levels = new Int32Array(n);
  const reasons = new Int32Array(n);
  const trail = new Int32Array(n);
  let size = 0;
  let head = 0;
  /** By level: where its literals begin in the trail, and how far requirements were met when it was opened. */
  const begins: number[] = [];
  const metAt: number[] = [];
  /** Requirements of all packages before this place in the trail are met. */
  let met = 0;
  /** Facts that were learnt: true in every installation. */
  const facts: number[] = [];
  const seen = new Uint8Array(n);

  const valueOf = (literal: number): number => ((literal & 1) === 0 ? values[literal >> 1]! : -values[literal >> 1]!);
  const set = (literal: number, reason: number): void => {
    const variable = literal >> 1;
    values[variable] = (literal & 1) === 0 ? 1 : -1;
    levels[variable] = begins.length;
    reasons[variable] = reason;
    trail[size++] = literal;
  };
  const open = (literal: number): void => {
    begins.push(size);
    metAt.push(met);
    set(literal, NO_REASON);
  };
  const back = (level: number): void => {
    if (begins.length <= level) return;
    const to = begins[level]!;
    while (size > to) values[trail[--size]! >> 1] = 0;
    head = to;
    met = metAt[level]!;
    begins.length = level;
    metAt.length = level;
  };

  /** The literals of the clause that failed, all false. */
  let failed: ArrayLike<number> = [];
  const propagate = (): boolean => {
    while (head < size) {
      const literal = trail[head++]!;
      for (let at = impliedFrom[literal]!; at < impliedFrom[literal + 1]!; at++) {
        const next = implied[at]!;
        const value = valueOf(next);
        if (value === 1) continue;
        if (value === -1) {
          failed = [literal ^ 1, next];
          return false;
        }
        set(next, byLiteral(literal));
      }
      const fallen = literal ^ 1;
      const list = watches[fallen];
      if (list === undefined) continue;
      let kept = 0;
      for (let at = 0; at < list.length; at++) {
        const number = list[at]!;
        const clause = clauses[number]!;
        if (clause[0] === fallen) {
          clause[0] = clause[1]!;
          clause[1] = fallen;
        }
        list[kept++] = number;
        if (valueOf(clause[0]!) === 1) continue;
        let other = 2;
        while (other < clause.length && valueOf(clause[other]!) === -1) other++;
        if (other < clause.length) {
          clause[1] = clause[other]!;
          clause[other] = fallen;
          watch(clause[1]!, number);
          kept--;
        } else if (valueOf(clause[0]!) === -1) {
          while (++at < list.length) list[kept++] = list[at]!;
          list.length = kept;
          failed = clause;
          return false;
        } else set(clause[0]!, number);
      }
      list.length = kept;
    }
    return true;
  };

  const reasonOf = (literal: number): ArrayLike<number> => {
    const reason = reasons[literal >> 1]!;
    return reason >= 0 ? clauses[reason]! : [literal, (-2 - reason) ^ 1];
  };
  /** Resolves the failed clause up to the first point that alone explains the failure; that one stands first in what comes back. */
  const learn = (): number[] => {
    const level = begins.length;
    const learnt: number[] = [-1];
    let open = 0;
    let at = size;
    let clause = failed;
    let pivot = -1;
    for (;;) {
      for (let i = 0; i < clause.length; i++) {
        const literal = clause[i]!;
        const variable = literal >> 1;
        if (literal === pivot || seen[variable] === 1 || levels[variable] === 0) continue;
        seen[variable] = 1;
        if (levels[variable] === level) open++;
        else learnt.push(literal);
      }
      do at--;
      while (seen[trail[at]! >> 1] === 0);
      pivot = trail[at]!;
      seen[pivot >> 1] = 0;
      if (--open === 0) break;
      clause = reasonOf(pivot);
    }
    learnt[0] = pivot ^ 1;
    for (const literal of learnt) seen[literal >> 1] = 0;
    return learnt;
  };

  /** The next guess: the preferred satisfier of a requirement that is not met. -1 when all are. */
  const guess = (): number => {
    for (; met < size; met++) {
      const literal = trail[met]!;
      if ((literal & 1) === 1) continue;
      for (const number of longOf[literal >> 1] ?? []) {
        const clause = clauses[number]!;
        let choice = -1;
        let satisfied = false;
        for (let i = 0; i < clause.length; i++) {
          const one = clause[i]!;
          if ((one & 1) === 1) continue;
          const value = values[one >> 1]!;
          if (value === 1) {
            satisfied = true;
            break;
          }
          // Watching moves literals about: the order of preference is the one of the input.
          if (value === 0 && (choice === -1 || rank(number, one) < rank(number, choice))) choice = one;
        }
        if (!satisfied) return choice;
      }
    }
    return -1;
  };
  const firstOf: Int32Array = Int32Array.from(clauses, (clause) => clause[0]!);
  /** The preferred satisfier first, then by number. */
  const rank = (clause: number, literal: number): number => (firstOf[clause] === literal ? -1 : literal);

  const search = (base: number): "yes" | "no" | "gave-up" => {
    for (let conflictsMet = 0; ;) {
      if (propagate()) {
        const next = guess();
        if (next === -1) return "yes";
        open(next);
        continue;
      }
      if (begins.length <= base) return "no";
      if (++conflictsMet > mostConflicts) return "gave-up";
      const learnt = learn();
      let highest = 0;
      let second = 1;
      for (let i = 1; i < learnt.length; i++) {
        const at = levels[learnt[i]! >> 1]!;
        if (at > highest) {
          highest = at;
          second = i;
        }
      }
      // What was assumed stands: where the clause reaches back further, what it forces is set here all the same.
      back(Math.max(base, highest));
      if (learnt.length === 1) {
        facts.push(learnt[0]!);
        set(learnt[0]!, NO_REASON);
        continue;
      }
      [learnt[1], learnt[second]] = [learnt[second]!, learnt[1]!];
      const number = clauses.length;
      clauses.push(Int32Array.from(learnt));
      watch(learnt[0]!, number);
      watch(learnt[1]!, number);
      set(learnt[0]!, number);
    }
  };
  const add = (variable: number): boolean => {
    if (values[variable] !== 0) return values[variable] === 1;
    const level = begins.length;
    for (let next = 2 * variable; next !== -1; next = guess()) {
      open(next);
      if (propagate()) continue;
      back(level);
      return false;
    }
    return true;
  };
  const reset = (): void => {
    back(0);
    for (const literal of facts) if (valueOf(literal) === 0) set(literal, NO_REASON);
    propagate();
  };

  for (const variable of input.never) if (values[variable] === 0) set(2 * variable + 1, NO_REASON);
  propagate();
  return {
    reset,
    back,
    search,
    add,
    assume: (variable, value) => {
      const literal = 2 * variable + (value ? 0 : 1);
      const is = valueOf(literal);
      if (is !== 0) return is === 1;
      open(literal);
      return propagate();
    },
    level: () => begins.length,
    value: (variable) => values[variable]!,
    levelOf: (variable) => levels[variable]!,
  };
}

/** What a literal forces through clauses of two literals: a requirement with one satisfier, and a conflict. */
function implications({ variables, owner, offsets, satisfiers, conflicts }: SolverInput): {
  readonly starts: Int32Array;
  readonly values: Int32Array;
} {
  const starts = new Int32Array(2 * variables + 1);
  const each = (call: (from: number, to: number) => void): void => {
    for (let c = 0; c < owner.length; c++) {
      if (offsets[c + 1]! - offsets[c]! !== 1) continue;
      const [who, what] = [owner[c]!, satisfiers[offsets[c]!]!];
      call(2 * who, 2 * what);
      call(2 * what + 1, 2 * who + 1);
    }
    for (let who = 0; who < variables; who++) {
      for (let at = conflicts.offsets[who]!; at < conflicts.offsets[who + 1]!; at++) call(2 * who, 2 * conflicts.values[at]! + 1);
    }
  };
  each((from) => starts[from + 1]!++);
  for (let literal = 0; literal < 2 * variables; literal++) starts[literal + 1]! += starts[literal]!;
  const next = starts.slice();
  const values = new Int32Array(starts[2 * variables]!);
  each((from, to) => {
    values[next[from]!++] = to;
  });
  return { starts, values };
}
