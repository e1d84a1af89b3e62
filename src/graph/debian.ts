/**
 * From the indexes of a Debian suite to graphs. Three readings of one relation field, because they answer different questions:
 *
 * - *first*: one target a clause, what a fresh installation would take. "Who is exposed?"
 * - *all*: every alternative and every provider. "Who could be?"
 * - *clauses*: the alternatives kept as such. "What breaks?" (see hard.ts)
 *
 * By default relations are read by name: versions, conflicts and `:arch` qualifiers are not looked at; `Essential: yes` is no edge unless
 * asked for. With `versions` only those satisfy a relation whose version does, and what excludes what is kept beside the clauses, so that
 * installing.ts can say exactly what cannot be installed. Nodes are numbered by their name's rank in bytewise order.
 */
import { Fault } from "../model/index.ts";
import { accountKey, looksLikeTeam, teamName } from "./accounts.ts";
import { type Graph, graphOf } from "./csr.ts";
import { readStanzas } from "./debian-index.ts";
import {
  type Alternatives,
  NO_RELATION,
  type Relation,
  type Term,
  holdsOnAmd64,
  holdsWithoutProfiles,
  together,
} from "./debian-relations.ts";
import { type Candidate, type Resolver, resolvingNames, resolvingVersions } from "./debian-resolve.ts";
import { type Rows, rowsOf } from "./exposure-graph.ts";
import { type Clauses, clausesOf } from "./hard.ts";
import type { Constraints } from "./installing.ts";

export interface DebianSuite {
  /** By node id. */
  readonly names: readonly string[];
  readonly ids: ReadonlyMap<string, number>;
  /** Ids of the packages that are `Essential: yes`. */
  readonly essential: Int32Array;
  readonly first: Graph;
  readonly all: Graph;
  readonly clauses: Clauses;
  /** Clauses that nothing in the suite satisfies: their packages cannot be installed. */
  readonly unsatisfiable: number;
  /** Conflicts and all else that installing needs; null where relations were read by name. */
  readonly constraints: Constraints | null;
  /** Stanzas read, before duplicate names were merged. */
  readonly stanzas: number;
  /** Terms that could not be read. */
  readonly badTerms: number;
  readonly sources: DebianSources | null;
}

interface DebianSources {
  readonly names: readonly string[];
  /** By source: binaries that its build asks for (first rule), as targets among the binaries, with build-essential. Sorted, distinct. */
  readonly build: readonly Int32Array[];
  /** By binary: its source; a source that the index does not hold has an id all the same, from `indexed` on. */
  readonly of: Int32Array;
  /** How many of `names` stand in the index. */
  readonly indexed: number;
  /** By source: identities (lower-cased addresses) of Maintainer and Uploaders, as indices into `people`. */
  readonly peopleOf: readonly Int32Array[];
  /** How many people there are. Their addresses are not kept. */
  readonly people: number;
  /** By person: is it a list or team rather than a person, as far as the address says? */
  readonly isTeam: Uint8Array;
  /** By person: the team's name where the address is a list's; "" for all others. */
  readonly teams: readonly string[];
  /** By person: a digest of the address, so that somebody who knows an account can ask for it. */
  readonly keys: readonly string[];
}

export interface DebianOptions {
  /** Order of two Debian versions: negative, zero, positive. */
  readonly compareVersions: (a: string, b: string) => number;
  /** Names for messages. */
  readonly files?: { readonly packages: string; readonly sources: string };
  /** Let every package depend on every essential one. */
  readonly essential?: boolean;
  /** Read version relations, versioned Provides, Conflicts and Breaks. */
  readonly versions?: boolean;
}

interface Binary extends Candidate {
  readonly relation: Relation;
  /** Conflicts and Breaks: both forbid to be installed at once (Debian Policy, 7.3 and 7.4). Read with versions only. */
  readonly against: Relation;
  readonly source: string;
  readonly essential: boolean;
}

const FIELDS = ["Package", "Version", "Pre-Depends", "Depends", "Provides", "Source", "Essential", "Architecture", "Conflicts", "Breaks"];
const [PACKAGE, VERSION, PRE_DEPENDS, DEPENDS, PROVIDES, SOURCE, ESSENTIAL, ARCHITECTURE, CONFLICTS, BREAKS] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
] as const;

/**
 * Builds the graphs of a suite from the text of its `Packages` and, for builds and people, its `Sources`. Throws what `readStanzas` throws,
 * and with `versions` what `resolvingVersions` throws.
 */
export function debianSuite(packages: Uint8Array, sources: Uint8Array | null, options: DebianOptions): DebianSuite {
  const newest = new Map<string, Binary>();
  const file = options.files?.packages ?? "Packages";
  const versions = options.versions === true;
  let badTerms = 0;
  /** By name alone, a term that cannot be read is left out and counted; where the answer is to be exact, nothing may be left out. */
  const termsOf = ({ clauses, bad }: Relation, name: string, line: number): readonly Alternatives[] => {
    badTerms += bad;
    if (versions && bad > 0)
      throw new Fault("inventory/syntax", `the package ${name} has a relation that cannot be read`, { place: { file, line } });
    return clauses;
  };
  const stanzas = readStanzas(packages, file, FIELDS, ({ text, relation, line }) => {
    const [name, version, architecture] = [text(PACKAGE), text(VERSION), versions ? text(ARCHITECTURE) : ""];
    if (name === "") return;
    if (versions && (version === "" || architecture === ""))
      throw new Fault("inventory/syntax", `the stanza of ${name} has no ${version === "" ? "Version" : "Architecture"}: it was cut off`, {
        place: { file, line: line() },
        hint: "fetch the index again",
      });
    const held = newest.get(name);
    if (held !== undefined && options.compareVersions(held.version, version) >= 0) return;
    newest.set(name, {
      name,
      version,
      architecture,
      line: line(),
      relation: together(relation(PRE_DEPENDS), relation(DEPENDS)),
      against: versions ? together(relation(CONFLICTS), relation(BREAKS)) : NO_RELATION,
      provides: termsOf(relation(PROVIDES), name, line()).map(({ terms }) => terms[0]!),
      source: text(SOURCE),
      essential: text(ESSENTIAL) === "yes",
    });
  });
  const binaries = [...newest.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const names = binaries.map(({ name }) => name);
  const ids = new Map(names.map((name, id) => [name, id]));
  const resolver = versions ? resolvingVersions(binaries, file, options.compareVersions) : resolvingNames(binaries);
  const essential = Int32Array.from(binaries.flatMap((binary, id) => (binary.essential ? [id] : [])));

  const firstFrom: number[] = [];
  const firstTo: number[] = [];
  const allFrom: number[] = [];
  const allTo: number[] = [];
  const clauses: (readonly [number, readonly number[]])[] = [];
  const targetsOf = remembered(({ terms }, asker) => allTargets(resolver, terms, asker));
  const unsatisfied = new Set<number>();
  binaries.forEach((binary, id) => {
    for (const clause of termsOf(binary.relation, binary.name, binary.line)) {
      const any = targetsOf(clause, id);
      clauses.push([id, any]);
      // The first alternative that is real, or else provided, wins: an earlier virtual one beats a later real one.
      const [target] = any;
      if (target === undefined) {
        unsatisfied.add(id);
        continue;
      }
      firstFrom.push(id);
      firstTo.push(target);
      for (const one of any) {
        allFrom.push(id);
        allTo.push(one);
      }
    }
    if (options.essential !== true) return;
    for (const one of essential) {
      firstFrom.push(id);
      firstTo.push(one);
      allFrom.push(id);
      allTo.push(one);
      clauses.push([id, [one]]);
    }
  });
  const n = names.length;
  const built = clausesOf(n, clauses);
  return {
    names,
    ids,
    essential,
    first: graphOf(n, firstFrom, firstTo),
    all: graphOf(n, allFrom, allTo),
    clauses: built,
    unsatisfiable: built.unsatisfiable,
    constraints: versions
      ? {
          conflicts: pairsOf(
            binaries.map(({ against, name, line }, id) =>
              termsOf(against, name, line).flatMap(({ terms }) => terms.flatMap((term) => resolver.satisfying(term, id))),
            ),
          ),
          unsatisfied: Int32Array.from(unsatisfied),
          essential,
        }
      : null,
    stanzas,
    badTerms,
    // What builds ask for is read by name in both modes.
    sources: sources === null ? null : readSources(sources, binaries, (versions ? resolvingNames(binaries) : resolver).satisfying, options),
  };
}

/** Most clauses are asked for by many: what they come to is found out once. `asker` is the first of them, for messages. */
function remembered<T>(find: (clause: Alternatives, asker: number) => T): (clause: Alternatives, asker: number) => T {
  const known: (T | undefined)[] = [];
  return (clause, asker) => {
    const held = known[clause.number];
    if (held !== undefined) return held;
    const found = find(clause, asker);
    if (clause.number >= 0) known[clause.number] = found;
    return found;
  };
}

/** All that satisfy one of the alternatives, in the order in which a fresh installation would take them. */
function allTargets(resolver: Resolver, terms: readonly Term[], asker: number): readonly number[] {
  if (terms.length === 1) return resolver.satisfying(terms[0]!, asker);
  return [...new Set(terms.flatMap((term) => resolver.satisfying(term, asker)))];
}

/** Excludes both ways. What a package excludes and is itself (or provides) does not concern it: that is how one says "the only one of its kind". */
function pairsOf(against: readonly (readonly number[])[]): Rows {
  const rows: Set<number>[] = against.map((list, id) => new Set(list.filter((other) => other !== id)));
  against.forEach((list, id) => {
    for (const other of list) if (other !== id) rows[other]!.add(id);
  });
  return rowsOf(rows.map((row) => Int32Array.from(row).toSorted()));
}

interface Source {
  readonly name: string;
  readonly version: string;
  readonly build: readonly Relation[];
  readonly maintainer: string;
  readonly uploaders: string;
}

function readSources(
  bytes: Uint8Array,
  binaries: readonly Binary[],
  satisfying: Resolver["satisfying"],
  options: DebianOptions,
): DebianSources {
  const newest = new Map<string, Source>();
  const fields = [
    "Package",
    "Version",
    "Build-Depends",
    "Build-Depends-Indep",
    "Build-Depends-Arch",
    "Maintainer",
    "Uploaders",
    "Extra-Source-Only",
  ];
  readStanzas(bytes, options.files?.sources ?? "Sources", fields, ({ text, relation }) => {
    const name = text(0);
    if (name === "" || text(7) === "yes") return;
    const version = text(1);
    const held = newest.get(name);
    if (held !== undefined && options.compareVersions(held.version, version) >= 0) return;
    newest.set(name, { name, version, build: [relation(2), relation(3), relation(4)], maintainer: text(5), uploaders: text(6) });
  });
  const sources = [...newest.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const ids = new Map(sources.map(({ name }, id) => [name, id]));
  const names = sources.map(({ name }) => name);
  const of = Int32Array.from(binaries, (binary) => {
    const name = binary.source === "" ? binary.name : /^\S*/.exec(binary.source)![0];
    let id = ids.get(name);
    if (id === undefined) {
      id = names.length;
      names.push(name);
      ids.set(name, id);
    }
    return id;
  });
  const essentials = binaries.findIndex(({ name }) => name === "build-essential");
  const targetOf = remembered(({ terms }): number => {
    const open = terms.filter((term) => holdsOnAmd64(term.architectures) && holdsWithoutProfiles(term.profiles));
    return open.flatMap((term) => satisfying(term, -1).slice(0, 1))[0] ?? -1;
  });
  // By binary: the last source, counted from 1, whose build asks for it.
  const askedBy = new Int32Array(binaries.length);
  const build = sources.map(({ build }, source) => {
    const targets: number[] = essentials === -1 ? [] : [essentials];
    if (essentials !== -1) askedBy[essentials] = source + 1;
    for (const field of build) {
      for (const clause of field.clauses) {
        const target = targetOf(clause, -1);
        if (target === -1 || askedBy[target] === source + 1) continue;
        askedBy[target] = source + 1;
        targets.push(target);
      }
    }
    return Int32Array.from(targets).toSorted();
  });
  const people = new Map<string, number>();
  const isTeam: number[] = [];
  const teams: string[] = [];
  const keys: string[] = [];
  // A team looks after thousands of sources: each field is searched for addresses once.
  const found = new Map<string, readonly string[]>();
  const addressesIn = (field: string): readonly string[] => {
    const held = found.get(field) ?? addresses(field);
    found.set(field, held);
    return held;
  };
  const peopleOf = sources.map((source) => {
    const own = new Set<number>();
    // A Maintainer is one (Debian Policy, 5.6.2); where a field names two, the first is.
    for (const match of [...addressesIn(source.maintainer).slice(0, 1), ...addressesIn(source.uploaders)]) {
      const address = match.toLowerCase();
      let id = people.get(address);
      if (id === undefined) {
        id = people.size;
        people.set(address, id);
        isTeam.push(looksLikeTeam(address) ? 1 : 0);
        teams.push(teamName(address));
        keys.push(accountKey(address));
      }
      own.add(id);
    }
    return Int32Array.from(own).toSorted();
  });
  return { names, build, of, indexed: sources.length, peopleOf, people: people.size, isTeam: Uint8Array.from(isTeam), teams, keys };
}

const addresses = (field: string): readonly string[] => Array.from(field.matchAll(/<([^<>\s]+)>/g), (match) => match[1]!);
