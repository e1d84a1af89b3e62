/**
 * A value that remembers where in its source document it stood. Readers wrap what they take, writers put the wrapped values into the
 * target, and `place` unwraps them and notes what came to stand where. Whatever leaf of the source is not among those notes was lost,
 * and is listed: the list of losses is complete by construction, whatever readers and writers do or forget to do.
 */
import type { Json } from "../../model/index.ts";
import { pointerTo } from "../text.ts";

/**
 * `same`: the target holds this very value. `part`: inside a longer text, or only a part of it there. `renamed`: an id, changed
 * everywhere alike. `translated`: the target's own word, date form or address form for the same thing.
 */
export type How = "same" | "part" | "renamed" | "translated";

interface Source {
  readonly pointer: string;
  /** Where a text was taken apart: which piece this is, and of how many. The leaf is kept only if all pieces are. */
  readonly piece: number;
  readonly of: number;
  /** How this one came in, where that differs from the rest of the value. */
  readonly how?: How;
}

export type Scalar = string | number | boolean;

export class Traced<T extends Scalar = string> {
  readonly value: T;
  readonly sources: readonly Source[];
  readonly how: How;

  constructor(value: T, sources: readonly Source[], how: How) {
    this.value = value;
    this.sources = sources;
    this.how = how;
  }

  /** The same leaf as another value. */
  as<U extends Scalar>(value: U, how: How): Traced<U> {
    return new Traced(value, this.sources, how);
  }

  /** The same value, whose place in the target also says what those others said: a class, an id, a reference. */
  with(...others: readonly (Traced<Scalar> | undefined)[]): Traced<T> {
    return this.#and(others, "translated");
  }

  /** The same value, which also holds the text of those others. */
  holding(...others: readonly (Traced<Scalar> | undefined)[]): Traced<T> {
    return this.#and(others, "part");
  }

  #and(others: readonly (Traced<Scalar> | undefined)[], how: How): Traced<T> {
    const more: Source[] = [];
    for (const other of others) for (const source of other?.sources ?? []) more.push({ ...source, how: source.how ?? how });
    return more.length === 0 ? this : new Traced(this.value, [...this.sources, ...more], this.how);
  }

  /** Takes a text apart; each piece is a value of its own. */
  split(pieces: readonly string[]): readonly Traced[] {
    return pieces.map(
      (piece, index) =>
        new Traced(
          piece,
          this.sources.map(({ pointer }) => ({ pointer, piece: index, of: pieces.length })),
          "part",
        ),
    );
  }
}

export type Data = Readonly<Record<string, unknown>>;

/** A scalar member of an object as a traced value; undefined where it is not there or is no scalar. */
export function leaf(object: Data | undefined, key: string | number, pointer: string): Traced | undefined {
  const value = object !== undefined && Object.hasOwn(object, key) ? (object as Record<string | number, unknown>)[key] : undefined;
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") return undefined;
  // What the hub takes is text; a number or boolean comes back as one where the target wants it.
  return new Traced(
    String(value),
    [{ pointer: pointerTo(pointer, key), piece: 0, of: 1 }],
    typeof value === "string" ? "same" : "translated",
  );
}

/** A value that no source said: made by the conversion itself. */
export function made(value: string): Traced {
  return new Traced(value, [], "same");
}

/** Puts texts together: `join(["Organization: ", name, " (", email, ")"])`. */
export function join(parts: readonly (string | Traced | undefined)[]): Traced {
  const traced = parts.filter((part) => part instanceof Traced);
  return new Traced(
    parts.map((part) => (part instanceof Traced ? part.value : (part ?? ""))).join(""),
    // A word that was translated before it was put in here stays a translation.
    traced.flatMap((part) => (part.how === "translated" ? part.sources.map(translated) : part.sources)),
    "part",
  );
}

function translated(source: Source): Source {
  return { pointer: source.pointer, piece: source.piece, of: source.of, how: source.how ?? "translated" };
}

export function objects(value: unknown, pointer: string): readonly { readonly data: Data; readonly pointer: string }[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((one: unknown, index) => (isObject(one) ? [{ data: one, pointer: pointerTo(pointer, index) }] : []));
}

export function texts(value: unknown, pointer: string): readonly Traced[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((_, index) => leaf(value as unknown as Data, index, pointer) ?? []);
}

export function isObject(value: unknown): value is Data {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export interface Kept {
  readonly from: string;
  readonly to: string;
  readonly how: How;
}

export interface Placed {
  readonly data: Readonly<Record<string, Json>>;
  readonly kept: readonly Kept[];
}

/** Unwraps a tree of plain and traced values; members that are undefined and lists that came out empty by `undefined` are left out. */
export function place(tree: unknown): Placed {
  const pieces = new Map<string, { seen: Set<number>; of: number; kept: Kept[] }>();
  const walk = (value: unknown, pointer: string): unknown => {
    if (value instanceof Traced) {
      for (const source of value.sources) {
        const known = pieces.get(source.pointer) ?? { seen: new Set<number>(), of: source.of, kept: [] };
        // A leaf that was used whole once is kept, however its pieces fared.
        if (source.of === 1) known.of = 1;
        known.seen.add(known.of === 1 && source.of > 1 ? -1 : source.piece);
        known.kept.push({ from: source.pointer, to: pointer, how: source.how ?? value.how });
        pieces.set(source.pointer, known);
      }
      return value.value;
    }
    if (Array.isArray(value)) {
      const present = value.filter((one) => one !== undefined);
      return present.map((one, index) => walk(one, pointerTo(pointer, index)));
    }
    if (typeof value === "object" && value !== null) {
      return Object.fromEntries(
        Object.entries(value).flatMap(([key, member]) => (member === undefined ? [] : [[key, walk(member, pointerTo(pointer, key))]])),
      );
    }
    return value;
  };
  const data = walk(tree, "") as Record<string, Json>;
  const kept: Kept[] = [];
  for (const { seen, of, kept: places } of pieces.values()) {
    if (of === 1 ? seen.has(0) : [...seen].filter((piece) => piece >= 0).length === of) kept.push(...places);
  }
  return { data, kept };
}

/** All leaves of a document: scalars, and objects and lists that are empty. */
export function leavesOf(data: unknown): ReadonlyMap<string, unknown> {
  const leaves = new Map<string, unknown>();
  const walk = (value: unknown, pointer: string): void => {
    if (typeof value !== "object" || value === null) leaves.set(pointer, value);
    else {
      const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
      if (entries.length === 0 && pointer !== "") leaves.set(pointer, value);
      for (const [key, member] of entries) walk(member, pointerTo(pointer, key));
    }
  };
  walk(data, "");
  return leaves;
}
