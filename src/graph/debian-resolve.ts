/**
 * Which packages satisfy a term of a relation. Two readings:
 *
 * - by name alone: a package of that name, or one that provides it, whatever the version;
 * - with *versions*: the version of the package, or the one that it provides the name in, has to stand in the relation that is asked for. A
 *   name that is provided without a version satisfies no relation with one (Debian Policy, 7.5). `:any` and `:native` mean the
 *   one architecture that the index is for (7.1; deb-src-control(5)); another architecture's package is none.
 */
import { Fault } from "../model/index.ts";
import type { Term } from "./debian-relations.ts";

/** A package as relations see it. */
export interface Candidate {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  /** What its stanza says it provides. */
  readonly provides: readonly Term[];
  /** Line of the index on which its stanza begins. */
  readonly line: number;
}

export interface Resolver {
  /** Ids of those that satisfy the term: the package of that name first, then providers, ascending. `asker` is whose relation it is. */
  readonly satisfying: (term: Term, asker: number) => readonly number[];
}

/** Who has a name: the package of that name first, then those that provide it, ascending. A provider may say no version. */
interface Offer {
  readonly by: { readonly id: number; readonly version: string | null }[];
  /** Those whose version stands in a relation. An archive asks for `libc6 (>= 2.34)` thousands of times. */
  known: Map<string, readonly number[]> | null;
}

type Compare = (a: string, b: string) => number;

/** Reads the relation by names alone. */
export function resolvingNames(candidates: readonly Candidate[]): Resolver {
  const found = new Map<string, number[]>();
  candidates.forEach(({ name }, id) => found.set(name, [id]));
  candidates.forEach(({ provides }, id) => {
    for (const { name } of provides) {
      const list = found.get(name);
      if (list === undefined) found.set(name, [id]);
      else if (list.at(-1) !== id && list[0] !== id) list.push(id);
    }
  });
  return { satisfying: ({ name }) => found.get(name) ?? NONE };
}

/** `>=` and its four siblings (Debian Policy, 7.1), as what the comparison may come out as. */
const OPERATORS: Readonly<Record<string, (order: number) => boolean>> = {
  "<<": (order) => order < 0,
  "<=": (order) => order <= 0,
  "=": (order) => order === 0,
  ">=": (order) => order >= 0,
  ">>": (order) => order > 0,
};
const RELATION = /^([<>=!~]+)\s*(\S+)$/;

/**
 * Reads the relation with versions.
 * @throws Fault `inventory/syntax` with file and line where a relation has no operator that there is, or a version that is none
 */
export function resolvingVersions(candidates: readonly Candidate[], file: string, compareVersions: Compare): Resolver {
  const native = nativeArchitecture(candidates);
  const wrong = (id: number, what: string): Fault => {
    const { name, line } = candidates[id]!;
    return new Fault("inventory/syntax", `the package ${name} ${what}`, {
      place: { file, line },
      hint: "a relation is << <= = >= or >> and a version; without --versions relations are not looked at",
    });
  };
  const read = (relation: string, asker: number): readonly [holds: (order: number) => boolean, version: string] => {
    const match = RELATION.exec(relation);
    const holds = match === null ? undefined : OPERATORS[match[1]!];
    if (match === null || holds === undefined) throw wrong(asker, `asks for (${relation}), which is no relation to a version`);
    return [holds, match[2]!];
  };
  const compared = (a: string, b: string, asker: number): number => {
    try {
      return compareVersions(a, b);
    } catch (cause) {
      if (!(cause instanceof Fault)) throw cause;
      throw new Fault("inventory/syntax", `the package ${candidates[asker]!.name}: ${cause.message}`, {
        place: { file, line: candidates[asker]!.line },
        cause,
      });
    }
  };

  const offers = new Map<string, Offer>();
  candidates.forEach(({ name, version }, id) => offers.set(name, { by: [{ id, version }], known: null }));
  candidates.forEach(({ provides }, id) => {
    for (const { name, relation } of provides) {
      const [operator, version] = relation === "" ? [null, null] : (RELATION.exec(relation)?.slice(1) ?? ["", null]);
      if (operator !== null && operator !== "=") throw wrong(id, `provides ${name} (${relation}): only (= VERSION) can be provided`);
      const one = { id, version: version ?? null };
      const offer = offers.get(name);
      if (offer === undefined) offers.set(name, { by: [one], known: null });
      else offer.by.push(one);
    }
  });
  const isOf = (id: number, qualifier: string): boolean => {
    if (qualifier === "" || qualifier === "any" || qualifier === "native") return true;
    const { architecture } = candidates[id]!;
    return (architecture === "all" ? native : architecture) === qualifier;
  };
  const satisfying: Resolver["satisfying"] = ({ name, qualifier, relation }, asker) => {
    const offer = offers.get(name);
    const key = qualifier === "" ? relation : `${qualifier} ${relation}`;
    const before = offer?.known?.get(key);
    if (before !== undefined) return before;
    const test = relation === "" ? null : read(relation, asker);
    // Only now: what is no relation is wrong whether or not anything has that name.
    if (offer === undefined) return NONE;
    const found: number[] = [];
    for (const { id, version } of offer.by) {
      const fits = test === null || (version !== null && test[0](compared(version, test[1], asker)));
      if (fits && isOf(id, qualifier) && !found.includes(id)) found.push(id);
    }
    (offer.known ??= new Map()).set(key, found);
    return found;
  };
  return { satisfying };
}

/** The architecture that an index is for: the one of most of its packages that are not for all. */
function nativeArchitecture(candidates: readonly Candidate[]): string {
  const counts = new Map<string, number>();
  for (const { architecture } of candidates) {
    if (architecture !== "all") counts.set(architecture, (counts.get(architecture) ?? 0) + 1);
  }
  return [...counts].reduce((best, one) => (one[1] > best[1] ? one : best), ["", 0] as [string, number])[0];
}

const NONE: readonly number[] = [];
