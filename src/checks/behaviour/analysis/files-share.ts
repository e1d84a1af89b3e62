/**
 * Facts that take less memory and say the same. The files of a package show the same lines again and again, and a release shows nearly what the
 * one before it did: what is equal is there once, and both point to it. Facts are never changed, so that nobody can tell.
 */
import type { FileFacts, Spot } from "../../../model/index.ts";

/** Different texts that are remembered: more are no repetition any more. */
const MOST_TEXTS = 50_000;

/**
 * For the files of one package, one after the other: the same text is the same string in all of them. What is cut from a source keeps all of it in
 * memory for as long as the piece lives: every text is copied out, so that the source can be let go. Takes facts that nobody else holds yet.
 */
export function sharingTexts(): (facts: FileFacts) => FileFacts {
  const known = new Map<string, string>();
  const once = (text: string): string => {
    const first = known.get(text);
    if (first !== undefined) return first;
    const own = copied(text);
    if (known.size < MOST_TEXTS) known.set(own, own);
    return own;
  };
  const spot = (of: Spot): Spot => ({ line: of.line, column: of.column, text: once(of.text), scope: once(of.scope) });
  return (facts) => ({
    ...facts,
    sightings: each(facts.sightings, (one) => ({
      ...one,
      subject: once(one.subject),
      through: once(one.through),
      spots: each(one.spots, spot),
    })),
    flows: each(facts.flows, (one) => ({ ...one, source: once(one.source), sink: once(one.sink), spot: spot(one.spot) })),
    hidings: each(facts.hidings, (one) => ({ ...one, detail: once(one.detail), spots: each(one.spots, spot) })),
    hosts: each(facts.hosts, (one) => ({ ...one, host: once(one.host), spot: spot(one.spot) })),
    imports: each(facts.imports, (one) => ({ ...one, specifier: once(one.specifier), spot: spot(one.spot) })),
  });
}

/** Most files have nothing of most kinds, and that nothing is one for all of them. */
const nothing: readonly never[] = [];

const each = <Item>(items: readonly Item[], of: (item: Item) => Item): readonly Item[] => (items.length === 0 ? nothing : items.map(of));

/** From this length on a piece of a string is a view of the whole to V8. */
const SHORTEST_VIEW = 13;

/** A string of its own: to cut off what was put before, the two have to be written as one. */
const copied = (text: string): string => (text.length < SHORTEST_VIEW ? text : ` ${text}`.slice(1));

/** The facts, made of those parts of `before` that are equal to theirs. */
export function sharedWith(before: FileFacts | undefined, facts: FileFacts): FileFacts {
  if (before === undefined || before === facts) return facts;
  return {
    ...facts,
    sightings: shared(before.sightings, facts.sightings),
    flows: shared(before.flows, facts.flows),
    hidings: shared(before.hidings, facts.hidings),
    hosts: shared(before.hosts, facts.hosts),
    imports: shared(before.imports, facts.imports),
  };
}

/** How many of the earlier ones may be gone in a row for the next still to be found: both lists are in the same order. */
const AHEAD = 8;

function shared<Item extends object>(before: readonly Item[], now: readonly Item[]): readonly Item[] {
  if (now.length === 0) return nothing;
  let at = 0;
  const items = now.map((item) => {
    for (let next = at; next < Math.min(before.length, at + AHEAD); next++) {
      const old = before[next];
      if (old === undefined || !same(old, item)) continue;
      at = next + 1;
      return old;
    }
    return item;
  });
  return items.length === before.length && items.every((item, n) => item === before[n]) ? before : items;
}

/** Of plain data. */
function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => same((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]));
}
