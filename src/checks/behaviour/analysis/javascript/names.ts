/**
 * Names as small numbers, so that comparing two costs nothing and a name that occurs a thousand times is kept once. Keywords and the names
 * that rules ask about have the same numbers in every table: whether a name is one of them is a look into an array, and no text is made.
 */
import { globalNames, globalRoots, referenceNames } from "./vocabulary.ts";

/** Keywords first, reserved ones up to `with`; then the words that the parser itself asks about. */
export const word = {
  break: 1,
  case: 2,
  catch: 3,
  class: 4,
  const: 5,
  continue: 6,
  debugger: 7,
  default: 8,
  delete: 9,
  do: 10,
  else: 11,
  export: 12,
  extends: 13,
  finally: 14,
  for: 15,
  function: 16,
  if: 17,
  import: 18,
  in: 19,
  instanceof: 20,
  new: 21,
  return: 22,
  super: 23,
  switch: 24,
  this: 25,
  throw: 26,
  try: 27,
  typeof: 28,
  var: 29,
  void: 30,
  while: 31,
  with: 32,
  null: 33,
  true: 34,
  false: 35,
  let: 36,
  static: 37,
  async: 38,
  await: 39,
  yield: 40,
  of: 41,
  get: 42,
  set: 43,
  accessor: 44,
  from: 45,
  as: 46,
  satisfies: 47,
  type: 48,
  interface: 49,
  enum: 50,
  namespace: 51,
  module: 52,
  declare: 53,
  abstract: 54,
  implements: 55,
  public: 56,
  private: 57,
  protected: 58,
  readonly: 59,
  override: 60,
  is: 61,
  asserts: 62,
  keyof: 63,
  unique: 64,
  infer: 65,
  global: 66,
  meta: 67,
  require: 68,
  constructor: 69,
  arguments: 70,
  undefined: 71,
  using: 72,
  defer: 73,
  opaque: 74,
} as const;

/** Members and methods that are asked about by name. */
const members =
  "call apply bind construct then catch finally map flatMap forEach find replace replaceAll reduce filter some every write end send _compile src href action default exports execPath prototype setInterval push shift";

/** Names that every table knows, by their number: the keywords, then what rules ask about. */
export const knownNames: readonly string[] = [
  "",
  ...new Set([...Object.keys(word), ...globalRoots, ...globalNames, ...referenceNames, ...members.split(" ")]),
];
const numbers: ReadonlyMap<string, number> = new Map(knownNames.map((name, number) => [name, number]));

/** The number of a name that every table knows. */
export function knownName(name: string): number {
  const number = numbers.get(name);
  if (number === undefined) throw new Error(`no table knows ${name} from the start`);
  return number;
}

/** So many names with one hash are more than chance: somebody made them so, and the table falls back to one that cannot be slowed. */
const LONGEST_PROBE = 48;
const FIRST_SLOTS = 1 << 12;
const FIRST_CHARACTERS = 1 << 14;
/** A table that became larger than this for a file with many names is let go with it (of slots, 2 MB in all). */
const LARGEST_KEPT = 1 << 17;

export class NameTable {
  /** The characters of all names, one after the other. */
  #characters = new Uint16Array(FIRST_CHARACTERS);
  /** By name: where its characters begin; they end where those of the next one begin. */
  #starts = new Int32Array(FIRST_SLOTS / 2 + 2);
  #hashes = new Int32Array(FIRST_SLOTS / 2 + 2);
  /** By name, as far as anybody asked for it. */
  #texts: (string | undefined)[] = [""];
  #slots = new Int32Array(FIRST_SLOTS);
  readonly #crowded = new Map<string, number>();
  #size = 1;

  constructor() {
    for (const text of knownNames.slice(1)) this.#texts[this.internText(text)] = text;
  }

  get size(): number {
    return this.#size;
  }

  /** Knows only what every table knows, again. */
  clear(): void {
    this.#slots.fill(0);
    this.#crowded.clear();
    this.#texts.length = knownNames.length;
    this.#size = knownNames.length;
    for (let id = 1; id < this.#size; id++) this.#place(id);
  }

  /** Whether it is worth keeping for another file. */
  get small(): boolean {
    return this.#slots.length <= LARGEST_KEPT;
  }

  textOf(id: number): string {
    return (this.#texts[id] ??= textIn(this.#characters, this.#starts[id]!, this.#starts[id + 1]!));
  }

  internText(name: string): number {
    const codes = new Uint16Array(name.length);
    let hash = 0;
    for (let at = 0; at < name.length; at++) {
      const code = name.charCodeAt(at);
      codes[at] = code;
      hash = (Math.imul(hash, 31) + code) | 0;
    }
    return this.intern(codes, 0, name.length, hash);
  }

  /** `hash` is that of the characters from `from` to `to`: times 31, plus the character, in 32 bits. */
  intern(codes: Uint16Array, from: number, to: number, hash: number): number {
    const slots = this.#slots;
    const hashes = this.#hashes;
    const mask = slots.length - 1;
    let slot = firstSlot(hash) & mask;
    for (let probes = 0; probes < LONGEST_PROBE; probes++, slot = (slot + 1) & mask) {
      const id = slots[slot]!;
      if (id === 0) {
        if (this.#crowded.size !== 0) {
          const known = this.#crowded.get(textIn(codes, from, to));
          if (known !== undefined) return known;
        }
        slots[slot] = this.#size;
        return this.#add(codes, from, to, hash);
      }
      if (hashes[id] === hash && this.#same(id, codes, from, to)) return id;
    }
    const name = textIn(codes, from, to);
    const known = this.#crowded.get(name);
    if (known !== undefined) return known;
    this.#crowded.set(name, this.#size);
    return this.#add(codes, from, to, hash);
  }

  #same(id: number, codes: Uint16Array, from: number, to: number): boolean {
    const starts = this.#starts;
    const start = starts[id]!;
    const length = to - from;
    if (starts[id + 1]! - start !== length) return false;
    const characters = this.#characters;
    for (let at = 0; at < length; at++) if (characters[start + at] !== codes[from + at]) return false;
    return true;
  }

  #add(codes: Uint16Array, from: number, to: number, hash: number): number {
    const id = this.#size++;
    const start = this.#starts[id]!;
    const end = start + to - from;
    if (end > this.#characters.length) {
      const characters = new Uint16Array(2 * end);
      characters.set(this.#characters);
      this.#characters = characters;
    }
    for (let at = from; at < to; at++) this.#characters[start + at - from] = codes[at]!;
    this.#starts[id + 1] = end;
    this.#hashes[id] = hash;
    if (id * 2 >= this.#slots.length) this.#grow();
    return id;
  }

  #grow(): void {
    const size = this.#slots.length * 4;
    this.#slots = new Int32Array(size);
    this.#starts = larger(this.#starts, size / 2 + 2);
    this.#hashes = larger(this.#hashes, size / 2 + 2);
    const crowded = new Set(this.#crowded.values());
    for (let id = 1; id < this.#size; id++) if (!crowded.has(id)) this.#place(id);
  }

  /** Puts a name that is in no slot yet into the first one that is free. */
  #place(id: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = firstSlot(this.#hashes[id]!) & mask;
    let probes = 0;
    while (slots[slot] !== 0 && probes++ < LONGEST_PROBE) slot = (slot + 1) & mask;
    if (slots[slot] === 0) slots[slot] = id;
    else this.#crowded.set(this.textOf(id), id);
  }
}

const larger = (column: Int32Array, size: number): Int32Array<ArrayBuffer> => {
  const grown = new Int32Array(size);
  grown.set(column);
  return grown;
};

/** Spread, since the multiplier alone leaves short names side by side. */
const firstSlot = (hash: number): number => Math.imul(hash ^ (hash >>> 15), 0x9e3779b1);

const textIn = (codes: Uint16Array, from: number, to: number): string => {
  let text = "";
  for (let at = from; at < to; at++) text += String.fromCharCode(codes[at]!);
  return text;
};

/** A table that nobody uses. */
let spare: NameTable | null = null;

/** A table that knows only what every table knows; `releaseNames` gives it back. */
export function nameTable(): NameTable {
  const table = spare ?? new NameTable();
  spare = null;
  return table;
}

/** Nobody will ask for a name by these numbers again. */
export function releaseNames(table: NameTable): void {
  if (!table.small) return;
  table.clear();
  spare = table;
}
