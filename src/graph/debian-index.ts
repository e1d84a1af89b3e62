/**
 * Reads Debian's index files (`Packages`, `Sources`): stanzas of `Field: value` lines, folded by lines that begin with a space
 * (Debian Policy, 5.1). Only the wanted fields are decoded: an index has 50 MB, of which a graph needs a tenth.
 */
import { Fault } from "../model/index.ts";
import { type Relation, readRelation, relationsIn } from "./debian-relations.ts";

/** Bytes of an index file; the whole archive's are below 100 MB. Above this somebody handed us something else. */
const MAX_INDEX_BYTES = 1024 * 1024 * 1024;

const NEWLINE = 10;
const SPACE = 32;
const TAB = 9;
const COLON = 58;
const HASH = 35;

/** The wanted fields of one stanza, by their place in the list that was asked for. Valid while it is being looked at. */
export interface Stanza {
  /** "" where it is not there. Folded lines are joined by a space. */
  readonly text: (field: number) => string;
  /** A relation field's clauses, without making text of what was read before. */
  readonly relation: (field: number) => Relation;
  /** The line on which the stanza begins. */
  readonly line: () => number;
}

/**
 * Calls `each` for every stanza. Field names are matched as they are written in the archive (no other case).
 * @param file for messages
 * @throws Fault `input/too-large`, `inventory/syntax` with the line where a line is neither a field nor a continuation
 */
export function readStanzas(bytes: Uint8Array, file: string, fields: readonly string[], each: (stanza: Stanza) => void): number {
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

  const from = new Int32Array(fields.length);
  const to = new Int32Array(fields.length);
  /** The whole value of a field that goes over several lines; "" for all others. */
  const folded = fields.map(() => "");
  const relationAt = relationsIn(buffer);
  let current = -1;
  let inStanza = false;
  let stanzas = 0;
  let line = 0;
  let begins = 0;
  const text: Stanza["text"] = (field) =>
    folded[field] !== "" ? folded[field]! : from[field] === to[field] ? "" : buffer.toString("latin1", from[field], to[field]).trim();
  const stanza: Stanza = {
    text,
    relation: (field) => (folded[field] !== "" ? readRelation(folded[field]!) : relationAt(from[field]!, to[field]!)),
    line: () => begins,
  };
  const end = (): void => {
    if (!inStanza) return;
    each(stanza);
    from.fill(0);
    to.fill(0);
    folded.fill("");
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
      if (current >= 0) folded[current] = `${text(current)} ${buffer.toString("latin1", at, stop).trim()}`;
    } else if (head !== HASH) {
      if (colon === -1) throw new Fault("inventory/syntax", "a line is no field: it has no colon", { place: { file, line } });
      if (!inStanza) begins = line;
      inStanza = true;
      current = -1;
      for (const field of byLength[colon - at] ?? NONE) {
        if (!isAt(field.bytes, at)) continue;
        current = field.index;
        from[current] = colon + 1;
        to[current] = stop;
        folded[current] = "";
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
