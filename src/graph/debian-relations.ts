/** Relation fields of Debian's indexes (`Depends`, `Provides`, `Build-Depends` …) as clauses of terms (Debian Policy, 7.1). */

/** One term of a dependency: `name` of `name:any (>= 1.2) [amd64] <!nocheck>`, and the rest as texts. */
export interface Term {
  readonly name: string;
  /** `any` of `name:any`. */
  readonly qualifier: string;
  /** `>= 1.2` */
  readonly relation: string;
  readonly architectures: string;
  readonly profiles: string;
}

/** A clause: terms of which one has to hold. */
export interface Alternatives {
  readonly terms: readonly Term[];
  /** The same bytes of one file have the same number, so that what is found out about them can be kept under it; -1 where it has none. */
  readonly number: number;
}

export interface Relation {
  readonly clauses: readonly Alternatives[];
  /** Terms that could not be read, and were left out. */
  readonly bad: number;
}

export const NO_RELATION: Relation = { clauses: [], bad: 0 };

const TERM = /^\s*([^\s:(<[]+)(?::([^\s(<[]+))?\s*(?:\(\s*([^)]*?)\s*\))?\s*(?:\[([^\]]*)\])?\s*((?:<[^>]*>\s*)*)$/;

interface Clause {
  readonly alternatives: Alternatives;
  readonly bad: number;
}

function clauseOf(item: string, number: number): Clause {
  let bad = 0;
  const terms: Term[] = [];
  for (const alternative of item.trim() === "" ? [] : item.split("|")) {
    const match = TERM.exec(alternative);
    if (match === null) bad++;
    else {
      terms.push({
        name: match[1]!,
        qualifier: match[2] ?? "",
        relation: match[3] ?? "",
        architectures: match[4] ?? "",
        profiles: match[5] ?? "",
      });
    }
  }
  return { alternatives: { terms, number }, bad };
}

const relationOf = (read: readonly Clause[]): Relation => ({
  clauses: read.map(({ alternatives }) => alternatives).filter(({ terms }) => terms.length > 0),
  bad: read.reduce((sum, { bad }) => sum + bad, 0),
});

/** Reads a relation field. What is no term is left out and counted. */
export const readRelation = (text: string): Relation => relationOf(text.split(",").map((item) => clauseOf(item, -1)));

function wider(old: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const made = new Int32Array(old.length * 2);
  made.set(old);
  return made;
}

const COMMA = 44;
const SPACE = 32;

/**
 * Reads relation fields where they lie in a file. An archive says `libc6 (>= 2.34)` twenty thousand times: each clause is made text and read
 * once, and found again by its bytes (FNV-1a, a table with linear probing).
 */
export function relationsIn(buffer: Buffer): (from: number, to: number) => Relation {
  const clauses: Clause[] = [];
  let starts = new Int32Array(1 << 12);
  let ends = new Int32Array(1 << 12);
  let hashes = new Int32Array(1 << 12);
  /** Number of a clause and one, or 0 where nothing is. Always less than half full. */
  let slots = new Int32Array(1 << 13);

  const grow = (): void => {
    [starts, ends, hashes] = [wider(starts), wider(ends), wider(hashes)];
    slots = new Int32Array(slots.length * 2);
    for (let clause = 0; clause < clauses.length; clause++) {
      let slot = hashes[clause]! & (slots.length - 1);
      while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1);
      slots[slot] = clause + 1;
    }
  };
  const isAt = (clause: number, from: number, to: number): boolean => {
    const start = starts[clause]!;
    if (ends[clause]! - start !== to - from) return false;
    for (let at = from; at < to; at++) if (buffer[at] !== buffer[start + at - from]) return false;
    return true;
  };
  const clauseAt = (from: number, to: number): Clause => {
    let hash = 0x811c9dc5;
    for (let at = from; at < to; at++) hash = Math.imul(hash ^ buffer[at]!, 0x01000193);
    const mask = slots.length - 1;
    let slot = hash & mask;
    for (let held = slots[slot]!; held !== 0; held = slots[slot]!) {
      if (hashes[held - 1] === hash && isAt(held - 1, from, to)) return clauses[held - 1]!;
      slot = (slot + 1) & mask;
    }
    const made = clauseOf(buffer.toString("latin1", from, to), clauses.length);
    if (clauses.length === starts.length) {
      grow();
      slot = hash & (slots.length - 1);
      while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1);
    }
    starts[clauses.length] = from;
    ends[clauses.length] = to;
    hashes[clauses.length] = hash;
    slots[slot] = clauses.push(made);
    return made;
  };
  return (from, to) => {
    const read: Alternatives[] = [];
    let bad = 0;
    for (let at = from; at < to;) {
      let stop = at;
      while (stop < to && buffer[stop] !== COMMA) stop++;
      let last = stop;
      while (at < last && buffer[at]! <= SPACE) at++;
      while (last > at && buffer[last - 1]! <= SPACE) last--;
      if (last > at) {
        const clause = clauseAt(at, last);
        if (clause.alternatives.terms.length > 0) read.push(clause.alternatives);
        bad += clause.bad;
      }
      at = stop + 1;
    }
    return { clauses: read, bad };
  };
}

/** Two relation fields as one. */
export const together = (a: Relation, b: Relation): Relation =>
  b.clauses.length === 0 && b.bad === 0
    ? a
    : a.clauses.length === 0 && a.bad === 0
      ? b
      : { clauses: [...a.clauses, ...b.clauses], bad: a.bad + b.bad };

/** Wildcards and names that mean the architecture amd64 on Linux (Debian Policy, 11.1). */
const AMD64: ReadonlySet<string> = new Set([
  "amd64",
  "any",
  "linux-any",
  "any-amd64",
  "linux-amd64",
  "gnu-any-amd64",
  "gnu-linux-any",
  "gnu-any-any",
]);

/** Does a term restricted to `[…]` hold on amd64? A list with `!` holds if none of the negated ones matches. */
export function holdsOnAmd64(list: string): boolean {
  const names = list.trim() === "" ? [] : list.trim().split(/\s+/);
  if (names.length === 0) return true;
  if (names.some((name) => name.startsWith("!"))) return !names.some((name) => AMD64.has(name.replace(/^!/, "")));
  return names.some((name) => AMD64.has(name));
}

/** Does a term with `<…> <…>` hold when no build profile is active? It does if one formula has negated terms only. */
export function holdsWithoutProfiles(text: string): boolean {
  const formulas = text.match(/<[^>]*>/g);
  if (formulas === null) return true;
  return formulas.some((formula) => {
    const terms = formula.slice(1, -1).trim().split(/\s+/);
    return terms.every((term) => term.startsWith("!"));
  });
}
