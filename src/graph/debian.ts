/**
 * From the indexes of a Debian suite to graphs. Three readings of one relation field, because they answer different questions:
 *
 * - *first*: one target a clause, what a fresh installation would take. "Who is exposed?"
 * - *all*: every alternative and every provider. "Who could be?"
 * - *clauses*: the alternatives kept as such. "What breaks?" (see hard.ts)
 *
 * Versions in relations, conflicts and `:arch` qualifiers are not modelled; `Essential: yes` is no edge unless asked for. Nodes are
 * numbered by their name's rank in bytewise order.
 */
import { accountKey, looksLikeTeam, teamName } from "./accounts.ts";
import { type Clauses, clausesOf } from "./hard.ts";
import { type Graph, graphOf } from "./csr.ts";
import { type Term, holdsOnAmd64, holdsWithoutProfiles, readRelation, readStanzas } from "./debian-index.ts";

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
}

interface Binary {
  readonly name: string;
  readonly version: string;
  readonly relation: string;
  readonly provides: string;
  readonly source: string;
  readonly essential: boolean;
}

/** Builds the graphs of a suite from the text of its `Packages` and, for builds and people, its `Sources`. Throws what `readStanzas` throws. */
export function debianSuite(packages: Uint8Array, sources: Uint8Array | null, options: DebianOptions): DebianSuite {
  const newest = new Map<string, Binary>();
  const fields = ["Package", "Version", "Pre-Depends", "Depends", "Provides", "Source", "Essential"];
  const stanzas = readStanzas(packages, options.files?.packages ?? "Packages", fields, (stanza) => {
    const [name = "", version = "", before = "", depends = "", provides = "", source = "", essential = ""] = stanza;
    if (name === "") return;
    const held = newest.get(name);
    if (held !== undefined && options.compareVersions(held.version, version) >= 0) return;
    const relation = before === "" ? depends : depends === "" ? before : `${before}, ${depends}`;
    newest.set(name, { name, version, relation, provides, source, essential: essential === "yes" });
  });
  const binaries = [...newest.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const names = binaries.map(({ name }) => name);
  const ids = new Map(names.map((name, id) => [name, id]));
  const providers = new Map<string, number[]>();
  let badTerms = 0;
  binaries.forEach((binary, id) => {
    if (binary.provides === "") return;
    const { clauses, bad } = readRelation(binary.provides);
    badTerms += bad;
    for (const [term] of clauses) {
      const list = providers.get(term!.name);
      if (list === undefined) providers.set(term!.name, [id]);
      else if (list.at(-1) !== id) list.push(id);
    }
  });
  const world: World = { ids, providers };
  const essential = Int32Array.from(binaries.flatMap((binary, id) => (binary.essential ? [id] : [])));

  const firstFrom: number[] = [];
  const firstTo: number[] = [];
  const allFrom: number[] = [];
  const allTo: number[] = [];
  const clauses: (readonly [number, readonly number[]])[] = [];
  binaries.forEach((binary, id) => {
    if (binary.relation !== "") {
      const read = readRelation(binary.relation);
      badTerms += read.bad;
      for (const terms of read.clauses) {
        const target = firstTarget(world, terms);
        if (target !== -1) {
          firstFrom.push(id);
          firstTo.push(target);
        }
        const any = allTargets(world, terms);
        for (const one of any) {
          allFrom.push(id);
          allTo.push(one);
        }
        clauses.push([id, any]);
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
    stanzas,
    badTerms,
    sources: sources === null ? null : readSources(sources, binaries, world, options),
  };
}

interface World {
  readonly ids: ReadonlyMap<string, number>;
  /** Providers of a name, by ascending id. */
  readonly providers: ReadonlyMap<string, readonly number[]>;
}

/** The first alternative that is real, or else provided, wins: an earlier virtual one beats a later real one. -1 where nothing fits. */
function firstTarget(world: World, terms: readonly Term[]): number {
  for (const { name } of terms) {
    const target = world.ids.get(name) ?? world.providers.get(name)?.[0];
    if (target !== undefined) return target;
  }
  return -1;
}

function allTargets(world: World, terms: readonly Term[]): readonly number[] {
  if (terms.length === 1) {
    const { name } = terms[0]!;
    const real = world.ids.get(name);
    const provided = world.providers.get(name);
    if (provided === undefined) return real === undefined ? [] : [real];
  }
  const targets = new Set<number>();
  for (const { name } of terms) {
    const real = world.ids.get(name);
    if (real !== undefined) targets.add(real);
    for (const provider of world.providers.get(name) ?? []) targets.add(provider);
  }
  return [...targets];
}

interface Source {
  readonly name: string;
  readonly version: string;
  readonly build: readonly string[];
  readonly maintainer: string;
  readonly uploaders: string;
}

function readSources(bytes: Uint8Array, binaries: readonly Binary[], world: World, options: DebianOptions): DebianSources {
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
  readStanzas(bytes, options.files?.sources ?? "Sources", fields, (stanza) => {
    const [name = "", version = "", depends = "", indep = "", arch = "", maintainer = "", uploaders = "", extra = ""] = stanza;
    if (name === "" || extra === "yes") return;
    const held = newest.get(name);
    if (held !== undefined && options.compareVersions(held.version, version) >= 0) return;
    newest.set(name, { name, version, build: [depends, indep, arch], maintainer, uploaders });
  });
  const sources = [...newest.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const ids = new Map(sources.map(({ name }, id) => [name, id]));
  const names = sources.map(({ name }) => name);
  const of = Int32Array.from(binaries, (binary) => {
    const name = binary.source === "" ? binary.name : (binary.source.split(/\s/, 1)[0] ?? "");
    let id = ids.get(name);
    if (id === undefined) {
      id = names.length;
      names.push(name);
      ids.set(name, id);
    }
    return id;
  });
  const essentials = world.ids.get("build-essential");
  const build = sources.map(({ build }) => {
    const targets = new Set<number>(essentials === undefined ? [] : [essentials]);
    for (const field of build) {
      if (field === "") continue;
      for (const terms of readRelation(field).clauses) {
        const open = terms.filter((term) => holdsOnAmd64(term.architectures) && holdsWithoutProfiles(term.profiles));
        const target = firstTarget(world, open);
        if (target !== -1) targets.add(target);
      }
    }
    return Int32Array.from(targets).toSorted();
  });
  const people = new Map<string, number>();
  const isTeam: number[] = [];
  const teams: string[] = [];
  const keys: string[] = [];
  const peopleOf = sources.map((source) => {
    const own = new Set<number>();
    // A Maintainer is one (Debian Policy, 5.6.2); where a field names two, the first is.
    for (const match of [...addresses(source.maintainer).slice(0, 1), ...addresses(source.uploaders)]) {
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
