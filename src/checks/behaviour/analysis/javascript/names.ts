/**
 * Names as small numbers, so that comparing two costs nothing and a name that occurs a thousand times is kept once. The keywords have the
 * same numbers in every table.
 */

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

/** So many names with one hash are more than chance: somebody made them so, and the table falls back to one that cannot be slowed. */
const LONGEST_PROBE = 48;
const FIRST_SLOTS = 1 << 12;

export class NameTable {
  readonly #texts: string[];
  #slots: Int32Array;
  readonly #hashes: number[];
  readonly #crowded = new Map<string, number>();

  /** With the keywords in it, copied from a table that has them: there is a table for every file. */
  constructor(from?: NameTable) {
    this.#texts = from === undefined ? [""] : [...from.#texts];
    this.#slots = from === undefined ? new Int32Array(FIRST_SLOTS) : from.#slots.slice();
    this.#hashes = from === undefined ? [0] : [...from.#hashes];
    if (from === undefined) for (const text of Object.keys(word)) this.internText(text);
  }

  get size(): number {
    return this.#texts.length;
  }

  textOf(id: number): string {
    return this.#texts[id]!;
  }

  internText(name: string): number {
    let hash = 0;
    for (let at = 0; at < name.length; at++) hash = (Math.imul(hash, 31) + name.charCodeAt(at)) | 0;
    return this.intern(name, 0, name.length, hash);
  }

  /** `hash` is that of the characters from `from` to `to`: times 31, plus the character, in 32 bits. */
  intern(text: string, from: number, to: number, hash: number): number {
    const mask = this.#slots.length - 1;
    // Spread, since the multiplier alone leaves short names side by side.
    let slot = Math.imul(hash ^ (hash >>> 15), 0x9e3779b1) & mask;
    for (let probes = 0; probes < LONGEST_PROBE; probes++, slot = (slot + 1) & mask) {
      const id = this.#slots[slot]!;
      if (id === 0) {
        const name = text.slice(from, to);
        return (this.#crowded.size === 0 ? undefined : this.#crowded.get(name)) ?? this.#add(name, hash, slot);
      }
      if (this.#hashes[id] === hash && this.#same(id, text, from, to)) return id;
    }
    const name = text.slice(from, to);
    const known = this.#crowded.get(name);
    if (known !== undefined) return known;
    const id = this.#texts.push(name) - 1;
    this.#hashes.push(hash);
    this.#crowded.set(name, id);
    return id;
  }

  #same(id: number, text: string, from: number, to: number): boolean {
    const known = this.#texts[id]!;
    if (known.length !== to - from) return false;
    for (let at = 0; at < known.length; at++) if (known.charCodeAt(at) !== text.charCodeAt(from + at)) return false;
    return true;
  }

  #add(name: string, hash: number, slot: number): number {
    const id = this.#texts.push(name) - 1;
    this.#hashes.push(hash);
    this.#slots[slot] = id;
    if (id * 2 > this.#slots.length) this.#grow();
    return id;
  }

  #grow(): void {
    const slots = new Int32Array(this.#slots.length * 4);
    const mask = slots.length - 1;
    for (let id = 1; id < this.#texts.length; id++) {
      if (this.#crowded.has(this.#texts[id]!)) continue;
      const hash = this.#hashes[id]!;
      let slot = Math.imul(hash ^ (hash >>> 15), 0x9e3779b1) & mask;
      let probes = 0;
      while (slots[slot] !== 0 && probes++ < LONGEST_PROBE) slot = (slot + 1) & mask;
      if (slots[slot] === 0) slots[slot] = id;
      else this.#crowded.set(this.#texts[id]!, id);
    }
    this.#slots = slots;
  }
}

const keywords = new NameTable();

/** A table that knows the keywords only. */
export const nameTable = (): NameTable => new NameTable(keywords);
