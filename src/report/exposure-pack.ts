/**
 * A graph as few bytes, for a page that answers by itself. Everything is written as numbers of seven bits a byte (LEB128), rows as
 * differences, names without what they share with the one before. What a fresh installation takes (*first*) is some of what it could take
 * (*all*), and a clause is some of it as well, so both are written as places in a row of *all*: a bit, or a small number.
 *
 *     version, n │ names │ all: rows │ first: a bit for each edge of all │ clauses of each node: places in its row │ roots
 */
import type { GraphDescription } from "../model/exposure.ts";
import type { Graph } from "../graph/csr.ts";
import type { ExposureGraph } from "../graph/exposure-graph.ts";
import type { Clauses } from "../graph/hard.ts";

const VERSION = 1;

/** Packs names, the three readings and the roots; builds, accounts and builders are left out: a page that is passed on names nobody. */
export function packGraph(graph: ExposureGraph): Uint8Array {
  const out = writer();
  const { all, first, clauses, names } = graph;
  out.number(VERSION);
  out.number(all.n);
  packNames(out, names);
  for (let u = 0; u < all.n; u++) {
    const end = all.offsets[u + 1]!;
    out.number(end - all.offsets[u]!);
    let last = -1;
    for (let at = all.offsets[u]!; at < end; at++) {
      out.number(all.targets[at]! - last - 1);
      last = all.targets[at]!;
    }
  }
  packSubset(out, all, first);
  packClauses(out, all, clauses);
  out.number(graph.roots.length);
  let last = -1;
  for (const root of graph.roots) {
    out.number(root - last - 1);
    last = root;
  }
  return out.bytes();
}

/** The other way round. `about` describes it; what was left out is said there to be absent. */
export function unpackGraph(bytes: Uint8Array, about: GraphDescription): ExposureGraph {
  const read = reader(bytes);
  if (read.number() !== VERSION) throw new RangeError("the graph is packed in a form that this page does not know");
  const n = read.number();
  const names = unpackNames(read, n);
  const offsets = new Int32Array(n + 1);
  const values: number[] = [];
  for (let u = 0; u < n; u++) {
    let last = -1;
    for (let left = read.number(); left > 0; left--) values.push((last += read.number() + 1));
    offsets[u + 1] = values.length;
  }
  const all: Graph = { n, offsets, targets: Int32Array.from(values) };
  const first = unpackSubset(read, all);
  const clauses = unpackClauses(read, all);
  const roots: number[] = [];
  let last = -1;
  for (let left = read.number(); left > 0; left--) roots.push((last += read.number() + 1));
  return {
    about: { ...about, layers: { builds: false, accounts: false, builders: false } },
    names,
    all,
    first,
    clauses,
    constraints: null,
    roots: Int32Array.from(roots),
    builds: null,
    accounts: null,
    builders: null,
  };
}

/** Eight bits a byte, in the order of the edges of `all`; an edge of `some` that is none of `all` cannot be written and is a RangeError. */
function packSubset(out: Writer, all: Graph, some: Graph): void {
  let byte = 0;
  let bit = 0;
  for (let u = 0; u < all.n; u++) {
    let at = some.offsets[u]!;
    const end = some.offsets[u + 1]!;
    for (let edge = all.offsets[u]!; edge < all.offsets[u + 1]!; edge++) {
      if (at < end && some.targets[at] === all.targets[edge]) {
        byte |= 1 << bit;
        at++;
      }
      if (++bit === 8) {
        out.byte(byte);
        byte = bit = 0;
      }
    }
    if (at < end) throw new RangeError("what a fresh installation takes is not among what could be taken");
  }
  if (bit > 0) out.byte(byte);
}

function unpackSubset(read: Reader, all: Graph): Graph {
  const offsets = new Int32Array(all.n + 1);
  const targets: number[] = [];
  let byte = 0;
  let edges = 0;
  for (let u = 0; u < all.n; u++) {
    for (let edge = all.offsets[u]!; edge < all.offsets[u + 1]!; edge++) {
      if ((edges & 7) === 0) byte = read.byte();
      if (((byte >> (edges++ & 7)) & 1) === 1) targets.push(all.targets[edge]!);
    }
    offsets[u + 1] = targets.length;
  }
  return { n: all.n, offsets, targets: Int32Array.from(targets) };
}

function packClauses(out: Writer, all: Graph, clauses: Clauses): void {
  const of: number[][] = [];
  clauses.owner.forEach((owner, clause) => (of[owner] ??= []).push(clause));
  for (let u = 0; u < all.n; u++) {
    const own = of[u] ?? [];
    out.number(own.length);
    const places = new Map<number, number>();
    for (let at = all.offsets[u]!; at < all.offsets[u + 1]!; at++) places.set(all.targets[at]!, at - all.offsets[u]!);
    for (const clause of own) {
      const begin = clauses.offsets[clause]!;
      const end = clauses.offsets[clause + 1]!;
      out.number(end - begin);
      for (let at = begin; at < end; at++) {
        const place = places.get(clauses.satisfiers[at]!);
        if (place === undefined) throw new RangeError("a clause names what is not among what could be taken");
        out.number(place);
      }
    }
  }
}

function unpackClauses(read: Reader, all: Graph): Clauses {
  const owner: number[] = [];
  const offsets: number[] = [0];
  const satisfiers: number[] = [];
  for (let u = 0; u < all.n; u++) {
    for (let clauses = read.number(); clauses > 0; clauses--) {
      owner.push(u);
      for (let width = read.number(); width > 0; width--) satisfiers.push(all.targets[all.offsets[u]! + read.number()]!);
      offsets.push(satisfiers.length);
    }
  }
  return { n: all.n, owner: Int32Array.from(owner), offsets: Int32Array.from(offsets), satisfiers: Int32Array.from(satisfiers) };
}

function packNames(out: Writer, names: readonly string[]): void {
  const encoder = new TextEncoder();
  let before: Uint8Array = new Uint8Array(0);
  for (const name of names) {
    const bytes = encoder.encode(name);
    let shared = 0;
    while (shared < bytes.length && shared < before.length && bytes[shared] === before[shared]) shared++;
    out.number(shared);
    out.number(bytes.length - shared);
    for (let at = shared; at < bytes.length; at++) out.byte(bytes[at]!);
    before = bytes;
  }
}

function unpackNames(read: Reader, n: number): readonly string[] {
  const decoder = new TextDecoder();
  const names: string[] = [];
  let before = new Uint8Array(0);
  for (let node = 0; node < n; node++) {
    const shared = read.number();
    const more = read.number();
    const bytes = new Uint8Array(shared + more);
    bytes.set(before.subarray(0, shared));
    for (let at = shared; at < bytes.length; at++) bytes[at] = read.byte();
    names.push(decoder.decode(bytes));
    before = bytes;
  }
  return names;
}

interface Writer {
  readonly byte: (value: number) => void;
  readonly number: (value: number) => void;
  readonly bytes: () => Uint8Array;
}

function writer(): Writer {
  let buffer = new Uint8Array(1 << 16);
  let length = 0;
  const byte = (value: number): void => {
    if (length === buffer.length) {
      const larger = new Uint8Array(buffer.length * 2);
      larger.set(buffer);
      buffer = larger;
    }
    buffer[length++] = value;
  };
  return {
    byte,
    number: (value) => {
      let rest = value;
      while (rest > 127) {
        byte((rest & 127) | 128);
        rest >>>= 7;
      }
      byte(rest);
    },
    bytes: () => buffer.slice(0, length),
  };
}

interface Reader {
  readonly byte: () => number;
  readonly number: () => number;
}

function reader(bytes: Uint8Array): Reader {
  let at = 0;
  const byte = (): number => {
    const value = bytes[at++];
    if (value === undefined) throw new RangeError("the packed graph ends too early");
    return value;
  };
  return {
    byte,
    number: () => {
      let value = 0;
      for (let shift = 0; ; shift += 7) {
        const next = byte();
        value |= (next & 127) << shift;
        if (next < 128) return value;
      }
    },
  };
}
