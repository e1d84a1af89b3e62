/**
 * Edge lists as text: `from,to` a line, by comma, semicolon, tab or blanks; read in pieces, byte by byte, because a graph of forty million
 * edges is a file of half a gigabyte that no string can hold. Names are told apart by their bytes and become numbers at once.
 *
 *     from,to,clause        a header is taken where it says so
 *     app,libssl3           app depends on libssl3
 *     app,mta-a,1           with a third column, rows of one `from` and one clause are alternatives:
 *     app,mta-b,1           app needs mta-a or mta-b
 */
import { Fault } from "../model/fault.ts";
import { type Graph, edgeCount, graphOf } from "./csr.ts";
import { type ExposureGraph, clausesOfEdges } from "./exposure-graph.ts";
import { clausesOf } from "./hard.ts";
import type { GraphDescription, GraphInput } from "../model/exposure.ts";

/** Bytes of a name; longer ones are somebody's mistake about the separator. */
const MAX_NAME_BYTES = 4096;
/** Nodes and edges are numbered with 31 bits, and lists of edges are allocated whole. */
const MAX_EDGES = 500_000_000;
/** Complaints that are kept; the others are counted. */
const MAX_PROBLEMS = 20;

interface EdgeProblem {
  readonly line: number;
  readonly message: string;
}

/** What an edge list held. Edges are numbers of `names`. */
export interface RawEdges {
  readonly names: readonly string[];
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** By edge, the number of its clause; null where no line has one. Edges without get 0, which is no clause. */
  readonly clause: Int32Array | null;
  readonly problems: readonly EdgeProblem[];
  readonly problemCount: number;
}

export interface EdgeReader {
  readonly push: (chunk: Uint8Array) => void;
  /** Ends the file and returns what it held. Throws `inventory/syntax` where hardly a line is an edge. */
  readonly end: () => RawEdges;
}

const NEWLINE = 10;
const RETURN = 13;
const SPACE = 32;
const QUOTE = 34;
const HASH = 35;
const HEADERS: readonly (readonly [string, string])[] = [
  ["from", "to"],
  ["source", "target"],
  ["dependent", "dependency"],
];

/** A reader for one file. */
export function edgeReader(file: string): EdgeReader {
  const table = nameTable();
  let from = new Int32Array(1024);
  let to = new Int32Array(1024);
  let clause: Int32Array | null = null;
  let count = 0;
  let line = 0;
  let separator = 0;
  let rest: Uint8Array = new Uint8Array(0);
  const problems: EdgeProblem[] = [];
  let problemCount = 0;
  const complain = (message: string): void => {
    problemCount++;
    if (problems.length < MAX_PROBLEMS) problems.push({ line, message });
  };
  const add = (u: number, v: number, group: number): void => {
    if (count === from.length) {
      if (count >= MAX_EDGES) throw new Fault("input/too-large", `${file} has more than ${MAX_EDGES} edges`, { place: { file } });
      from = larger(from);
      to = larger(to);
      if (clause !== null) clause = larger(clause);
    }
    if (group !== 0) clause ??= new Int32Array(from.length);
    from[count] = u;
    to[count] = v;
    if (clause !== null) clause[count] = group;
    count++;
  };
  /** One line, without its end. */
  const take = (bytes: Uint8Array, begin: number, stop: number): void => {
    line++;
    let end = stop;
    while (end > begin && (bytes[end - 1] === RETURN || bytes[end - 1] === SPACE)) end--;
    let at = begin;
    if (line === 1 && bytes[at] === 0xef && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf) at += 3;
    while (at < end && bytes[at] === SPACE) at++;
    if (at >= end || bytes[at] === HASH) return;
    if (separator === 0) separator = separatorOf(bytes, at, end);
    if (find(bytes, QUOTE, at, end) !== -1) {
      takeFields(splitQuoted(Buffer.from(bytes.subarray(at, end)).toString("utf8"), separator));
      return;
    }
    const split = find(bytes, separator, at, end);
    if (split === -1) return complain("names no target");
    const second = skipSpace(bytes, split + 1, end);
    const more = find(bytes, separator, second, end);
    const secondEnd = more === -1 ? end : more;
    const firstEnd = trimEnd(bytes, at, split);
    if (firstEnd - at > MAX_NAME_BYTES || secondEnd - second > MAX_NAME_BYTES) return complain("has a name that is too long");
    if (firstEnd === at || secondEnd === second) return complain("leaves a name empty");
    if (line === 1 && isHeader(text(bytes, at, firstEnd), text(bytes, second, trimEnd(bytes, second, secondEnd)))) return;
    const group = secondEnd < end ? table.id(bytes, skipSpace(bytes, secondEnd + 1, end), end, true) : 0;
    add(table.id(bytes, at, firstEnd), table.id(bytes, second, trimEnd(bytes, second, secondEnd)), group);
  };
  const takeFields = (fields: readonly string[]): void => {
    const [u = "", v = "", group = ""] = fields.map((field) => field.trim());
    if (u === "" || v === "") return complain("leaves a name empty");
    if (u.length > MAX_NAME_BYTES || v.length > MAX_NAME_BYTES) return complain("has a name that is too long");
    if (line === 1 && isHeader(u, v)) return;
    add(table.idOf(u), table.idOf(v), group === "" ? 0 : table.idOf(group, true));
  };
  return {
    push: (chunk) => {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let at = 0;
      for (;;) {
        const stop = bytes.indexOf(NEWLINE, at);
        if (stop === -1) break;
        take(bytes, at, stop);
        at = stop + 1;
      }
      // A copy: the caller may fill its buffer anew, and `slice` of a Buffer copies nothing.
      rest = new Uint8Array(bytes.subarray(at));
      if (rest.length > 8 * MAX_NAME_BYTES)
        throw new Fault("inventory/syntax", `${file} has a line that is longer than any edge`, { place: { file, line: line + 1 } });
    },
    end: () => {
      if (rest.length > 0) take(rest, 0, rest.length);
      if (count === 0 || problemCount > count) {
        const [first] = problems;
        throw new Fault(
          "inventory/syntax",
          count === 0 ? `${file} holds no edge` : `${file} is no list of edges: ${problemCount} lines are none`,
          {
            place: { file, ...(first === undefined ? {} : { line: first.line }) },
            hint: "a line is FROM,TO (or by tab, semicolon or blank), and says that FROM depends on TO",
          },
        );
      }
      return {
        names: table.names(),
        from: from.subarray(0, count),
        to: to.subarray(0, count),
        clause: clause === null ? null : clause.subarray(0, count),
        problems,
        problemCount,
      };
    },
  };
}

function larger(array: Int32Array): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(array.length * 2);
  grown.set(array);
  return grown;
}

const text = (bytes: Uint8Array, from: number, to: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString("utf8");
const isHeader = (u: string, v: string): boolean => HEADERS.some(([a, b]) => a === u.toLowerCase() && b === v.toLowerCase());

function skipSpace(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && bytes[at] === SPACE) at++;
  return at;
}

function trimEnd(bytes: Uint8Array, from: number, end: number): number {
  let at = end;
  while (at > from && bytes[at - 1] === SPACE) at--;
  return at;
}

/** The first of tab, comma, semicolon that the first line has; else a blank. */
function separatorOf(bytes: Uint8Array, from: number, to: number): number {
  const head = bytes.subarray(from, to);
  return [9, 44, 59].find((one) => head.includes(one)) ?? SPACE;
}

/** Where a byte stands next, from `from` to below `to`; -1 where it does not. Never looks beyond the line: that would cost the file's square. */
function find(bytes: Uint8Array, byte: number, from: number, to: number): number {
  for (let at = from; at < to; at++) if (bytes[at] === byte) return at;
  return -1;
}

/** Fields of a line with quotation marks (RFC 4180, section 2; a field does not go on in the next line). */
function splitQuoted(line: string, separator: number): readonly string[] {
  const mark = String.fromCharCode(separator);
  const fields: string[] = [];
  let field = "";
  let inside = false;
  for (let at = 0; at < line.length; at++) {
    const character = line[at]!;
    if (inside) {
      if (character !== '"') field += character;
      else if (line[at + 1] === '"') {
        field += '"';
        at++;
      } else inside = false;
    } else if (character === '"') inside = true;
    else if (character === mark) {
      fields.push(field);
      field = "";
    } else field += character;
  }
  fields.push(field);
  return fields;
}

interface NameTable {
  /** The number of a name; with `group`, of one that is no node. From 1 for groups. */
  readonly id: (bytes: Uint8Array, from: number, to: number, group?: boolean) => number;
  readonly idOf: (name: string, group?: boolean) => number;
  readonly names: () => readonly string[];
}

/** FNV-1a, with its upper bits brought down. */
function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}

/** Names by their bytes: an open-addressed table over one pool, a tenth of what a Map of strings takes. */
function nameTable(): NameTable {
  let pool = new Uint8Array(1 << 16);
  let used = 0;
  let starts = new Int32Array(1 << 12);
  let count = 0;
  let slots = new Int32Array(1 << 13).fill(-1);
  const groups = new Map<string, number>();
  const grow = (): void => {
    starts = larger(starts);
    slots = new Int32Array(slots.length * 2).fill(-1);
    const mask = slots.length - 1;
    for (let id = 0; id < count; id++) {
      let at = hashOf(pool, starts[id]!, starts[id + 1]!) & mask;
      while (slots[at] !== -1) at = (at + 1) & mask;
      slots[at] = id;
    }
  };
  const id = (bytes: Uint8Array, from: number, to: number, group = false): number => {
    if (group) return idOf(text(bytes, from, to), true);
    const length = to - from;
    const mask = slots.length - 1;
    let at = hashOf(bytes, from, to) & mask;
    search: for (; slots[at] !== -1; at = (at + 1) & mask) {
      const known = slots[at]!;
      const start = starts[known]!;
      if (starts[known + 1]! - start !== length) continue;
      for (let index = 0; index < length; index++) if (pool[start + index] !== bytes[from + index]) continue search;
      return known;
    }
    if (used + length > pool.length) {
      const more = new Uint8Array(Math.max(pool.length * 2, used + length));
      more.set(pool);
      pool = more;
    }
    for (let index = 0; index < length; index++) pool[used + index] = bytes[from + index]!;
    slots[at] = count;
    starts[count] = used;
    used += length;
    starts[++count] = used;
    if (count + 1 >= starts.length) grow();
    return count - 1;
  };
  const idOf = (name: string, group = false): number => {
    if (!group) {
      const bytes = Buffer.from(name, "utf8");
      return id(bytes, 0, bytes.length);
    }
    if (name === "") return 0;
    let number = groups.get(name);
    if (number === undefined) {
      number = groups.size + 1;
      groups.set(name, number);
    }
    return number;
  };
  return {
    id,
    idOf,
    names: () => Array.from({ length: count }, (_, index) => text(pool, starts[index]!, starts[index + 1]!)),
  };
}

/** What edges become: graphs in the three readings, with self-loops and repetitions counted. */
export function exposureOfEdges(
  raw: RawEdges,
  about: {
    readonly name: string;
    readonly kind: GraphDescription["kind"];
    readonly inputs: readonly GraphInput[];
    readonly dangling?: number;
  },
  layers: { readonly roots?: Int32Array } & Partial<Pick<ExposureGraph, "accounts" | "builders">> = {},
): ExposureGraph {
  const { names, from, to, clause } = raw;
  const n = names.length;
  let selfLoops = 0;
  for (let edge = 0; edge < from.length; edge++) if (from[edge] === to[edge]) selfLoops++;
  const all = graphOf(n, from, to);
  let first = all;
  let clauses = clause === null ? clausesOfEdges(all) : null;
  let unsatisfiable = 0;
  if (clause !== null) {
    const built = alternatives(n, raw, clause);
    first = built.first;
    clauses = built.clauses;
    unsatisfiable = built.clauses.unsatisfiable;
  }
  const accounts = layers.accounts ?? null;
  const builders = layers.builders ?? null;
  return {
    about: {
      name: about.name,
      kind: about.kind,
      inputs: about.inputs,
      nodes: n,
      edges: { first: edgeCount(first), all: edgeCount(all) },
      clauses: clauses!.owner.length,
      unsatisfiable,
      dropped: { selfLoops, duplicates: from.length - selfLoops - edgeCount(all), dangling: raw.problemCount + (about.dangling ?? 0) },
      essential: { count: 0, asEdges: false },
      layers: { builds: false, accounts: accounts !== null, builders: builders !== null },
      notModelled: [
        ...(clause === null ? ["alternatives: every edge is a must, so hard reach is reach"] : []),
        ...(accounts === null ? ["accounts: the input does not name them"] : []),
        "what builds ask for",
      ],
    },
    names,
    first,
    all,
    clauses: clauses!,
    constraints: null,
    roots: layers.roots ?? new Int32Array(0),
    builds: null,
    accounts,
    builders,
  };
}

/** Edges of one node and one clause are alternatives; the first of them in the file is what a fresh installation takes. */
function alternatives(
  n: number,
  raw: RawEdges,
  clause: Int32Array,
): { readonly first: Graph; readonly clauses: ReturnType<typeof clausesOf> } {
  const { from, to } = raw;
  const groups = new Map<string, number[]>();
  const list: (readonly [number, number[]])[] = [];
  const firstFrom: number[] = [];
  const firstTo: number[] = [];
  for (let edge = 0; edge < from.length; edge++) {
    const u = from[edge]!;
    const v = to[edge]!;
    const group = clause[edge]!;
    const key = `${u} ${group}`;
    const open = group === 0 ? undefined : groups.get(key);
    if (open !== undefined) {
      open.push(v);
      continue;
    }
    const satisfiers = [v];
    if (group !== 0) groups.set(key, satisfiers);
    list.push([u, satisfiers]);
    firstFrom.push(u);
    firstTo.push(v);
  }
  return { first: graphOf(n, firstFrom, firstTo), clauses: clausesOf(n, list) };
}

/**
 * Bytes that a graph takes at most while it is loaded: per edge the list as read (8, and up to as much again while it grows) and three
 * sorted copies; per node some rows and its name.
 */
export const memoryOfGraph = (nodes: number, edges: number): number => nodes * 160 + edges * 40;
