/**
 * Reads Debian's index files (`Packages`, `Sources`): stanzas of `Field: value` lines, folded by lines that begin with a space
 * (Debian Policy, 5.1). Only the wanted fields are decoded: an index has 50 MB, of which a graph needs a tenth.
 */
import { Fault } from "../model/index.ts";

/** Bytes of an index file; the whole archive's are below 100 MB. Above this somebody handed us something else. */
const MAX_INDEX_BYTES = 1024 * 1024 * 1024;

const NEWLINE = 10;
const SPACE = 32;
const TAB = 9;
const COLON = 58;
const HASH = 35;

/** The value of each wanted field of one stanza, in the order in which they were asked for; "" where it is not there. Folded lines are joined by a space. */
export type Stanza = readonly string[];

/**
 * Calls `each` for every stanza, with the line on which it begins. Field names are matched as they are written in the archive (no other case).
 * @param file for messages
 * @throws Fault `input/too-large`, `inventory/syntax` with the line where a line is neither a field nor a continuation
 */
export function readStanzas(
  bytes: Uint8Array,
  file: string,
  fields: readonly string[],
  each: (stanza: Stanza, line: number) => void,
): number {
  if (bytes.length > MAX_INDEX_BYTES) {
    throw new Fault("input/too-large", `${file} has ${bytes.length} bytes; an index of packages has at most ${MAX_INDEX_BYTES}`, {
      place: { file },
    });
  }
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = buffer.length;
  // By length first: most lines are of fields nobody asked for, and their length alone says so. The loops go byte by byte and call nothing:
  // an index has millions of lines of forty bytes, for which every call into the runtime costs more than the bytes.
  const byLength: { readonly index: number; readonly bytes: Buffer }[][] = [];
  fields.forEach((name, index) => (byLength[name.length] ??= []).push({ index, bytes: Buffer.from(name, "latin1") }));
  const isAt = (name: Buffer, at: number): boolean => {
    for (let i = 0; i < name.length; i++) if (name[i] !== buffer[at + i]) return false;
    return true;
  };
  const empty = fields.map(() => "");

  let values = empty.slice();
  let current = -1;
  let inStanza = false;
  let stanzas = 0;
  let line = 0;
  let begins = 0;
  const end = (): void => {
    if (!inStanza) return;
    each(values, begins);
    values = empty.slice();
    current = -1;
    inStanza = false;
    stanzas++;
  };
  for (let at = 0; at < size;) {
    const head = buffer[at]!;
    line++;
    let stop = at;
    let colon = -1;
    if (head !== SPACE && head !== TAB && head !== HASH) {
      while (stop < size && buffer[stop] !== COLON && buffer[stop] !== NEWLINE) stop++;
      if (buffer[stop] === COLON) colon = stop;
    }
    while (stop < size && buffer[stop] !== NEWLINE) stop++;
    if (stop === at || (stop === at + 1 && head === 13)) end();
    else if (head === SPACE || head === TAB) {
      if (!inStanza) throw new Fault("inventory/syntax", `a line continues nothing`, { place: { file, line } });
      if (current >= 0) values[current] += ` ${buffer.toString("latin1", at, stop).trim()}`;
    } else if (head !== HASH) {
      if (colon === -1) throw new Fault("inventory/syntax", "a line is no field: it has no colon", { place: { file, line } });
      if (!inStanza) begins = line;
      inStanza = true;
      current = -1;
      for (const field of byLength[colon - at] ?? NONE) {
        if (!isAt(field.bytes, at)) continue;
        current = field.index;
        values[current] = buffer.toString("latin1", colon + 1, stop).trim();
      }
    }
    at = stop + 1;
  }
  end();
  if (buffer.length > 0 && buffer.at(-1) !== NEWLINE) {
    throw new Fault("inventory/syntax", "the file ends in the middle of a line: it was cut off", {
      place: { file, line },
      hint: "fetch the index again",
    });
  }
  return stanzas;
}

const NONE: readonly never[] = [];

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

const TERM = /^\s*([^\s:(<[]+)(?::([^\s(<[]+))?\s*(?:\(\s*([^)]*?)\s*\))?\s*(?:\[([^\]]*)\])?\s*((?:<[^>]*>\s*)*)$/;

/** A clause: alternatives, of which one has to hold. The same text is the same object, so that what is found out about it can be kept with it. */
export type Alternatives = readonly Term[];

interface Relation {
  readonly clauses: readonly Alternatives[];
  /** Terms that could not be read, and were left out. */
  readonly bad: number;
}

/**
 * Reads relation fields as clauses of alternatives (Debian Policy, 7.1). What is no term is left out and counted. An archive says
 * `libc6 (>= 2.34)` twenty thousand times: each clause is read once.
 */
export function relationReader(): (text: string) => Relation {
  const known = new Map<string, { readonly terms: Alternatives; readonly bad: number }>();
  const clauseOf = (item: string): { readonly terms: Alternatives; readonly bad: number } => {
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
    return { terms, bad };
  };
  return (text) => {
    let bad = 0;
    const clauses: Alternatives[] = [];
    for (const item of text.split(",")) {
      let clause = known.get(item);
      if (clause === undefined) known.set(item, (clause = clauseOf(item)));
      bad += clause.bad;
      if (clause.terms.length > 0) clauses.push(clause.terms);
    }
    return { clauses, bad };
  };
}

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
